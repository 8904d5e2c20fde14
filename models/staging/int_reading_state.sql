{{ config(
    materialized='incremental',
    incremental_strategy='append',
    unique_key='model_name',
) }}
-- This model only creates the table. The models that read events add their own row, in
-- the transaction that replaces their rows (macro note_reading).
with

reading as (
    select * from {{ ref('int_reading') }}
),

noted as (
    select
        cast(null as string) as model_name,
        cast(null as bigint) as match_id,
        acceptance_id,
        read_until
    from reading
    where 1 = 0
)

select * from noted
