-- Whoever asked to be erased, by contact_id or email, is in no published table, and
-- neither are the contacts merged with theirs. Fails when one table forgets to ask.
with

erasure_requests as (
    select * from {{ ref('stg_landing__erasure_requests') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

erased as (
    select contact_id as lead_id
    from erasure_requests
    union
    select {{ lead_name("'email'", 'email') }} as lead_id
    from erasure_requests
    where email is not null
    union
    select contacts_known.lead_id
    from contacts_known
    inner join erasure_requests
        on
            contacts_known.contact_id = erasure_requests.contact_id
            or contacts_known.email = erasure_requests.email
),

published as (
    select
        'dim_leads' as table_name,
        lead_id
    from {{ ref('dim_leads') }}
    union all
    select
        'dim_lead_contacts' as table_name,
        lead_id
    from {{ ref('dim_lead_contacts') }}
    union all
    select
        'fct_lead_rule_days' as table_name,
        lead_id
    from {{ ref('fct_lead_rule_days') }}
    union all
    select
        'fct_lead_rule_points' as table_name,
        lead_id
    from {{ ref('fct_lead_rule_points') }}
    union all
    select
        'fct_lead_scores' as table_name,
        lead_id
    from {{ ref('fct_lead_scores') }}
    union all
    select
        'fct_segment_members' as table_name,
        lead_id
    from {{ ref('fct_segment_members') }}
)

select
    published.table_name,
    published.lead_id,
    count(*) as rows_count
from published
inner join erased
    on published.lead_id = erased.lead_id
group by published.table_name, published.lead_id
