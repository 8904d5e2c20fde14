{{ config(materialized='view') }}
with

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

scored as (
    select
        identifier_id,
        lead_key,
        as_of_date,
        valid_from_date,
        valid_to_date
    from identifiers_linked
    where
        lead_key not in (
            select leads.lead_key
            from leads
            where leads.excluded_reason is not null
        )
)

select * from scored
