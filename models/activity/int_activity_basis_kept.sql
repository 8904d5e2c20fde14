-- depends_on: {{ ref('int_lead_links_kept') }}
with

activity_basis as (
    select * from {{ ref('int_activity_basis') }}
),

kept as (
    select
        basis_id,
        read_until
    from activity_basis
)

select * from kept
