-- Whoever asked to be erased, by contact_id or email, or said no to profiling last, is
-- in no published table, and neither are the contacts merged with theirs. Fails when
-- one table forgets to ask.
{%- set tables = [
    'dim_leads', 'dim_lead_contacts', 'fct_lead_rule_days', 'fct_lead_rule_points',
    'fct_lead_scores', 'fct_lead_scores_weekly', 'fct_lead_probability_terms',
    'fct_segment_changes', 'fct_segment_members', 'seg_at_risk',
    'seg_cart_abandoners', 'seg_cold', 'seg_high_score_few_orders', 'seg_hot_leads',
    'seg_irrelevant', 'seg_lookalike_seed', 'seg_low_engagement', 'seg_new_leads',
    'seg_product_viewers', 'seg_vip_customers', 'fct_segment_exports',
    'exp_activecampaign__contacts', 'exp_brevo__contacts', 'exp_connectif__contacts',
    'exp_google__customers', 'exp_hubspot__contacts', 'exp_klaviyo__profiles',
    'exp_mailchimp__members', 'exp_meta__audience_members',
    'exp_meta_lookalike__customers', 'exp_pricing__leads', 'exp_sales__hot_leads',
] %}
with

erasure_requests as (
    select * from {{ ref('stg_landing__erasure_requests') }}
),

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

contacts_today as (
    select
        contact_id,
        email,
        lead_id
    from contacts_known
    where is_today
),

asked as (
    select contact_id as identifier_value
    from erasure_requests
    union
    select email as identifier_value
    from erasure_requests
),

erased as (
    select contact_id as lead_id
    from erasure_requests
    union
    select {{ lead_name("'email'", 'email') }} as lead_id
    from erasure_requests
    where email is not null
    union
    select 'email:' || left(substr(email, 5), 16) as lead_id
    from erasure_requests
    where email like 'md5:%'
    union
    select contacts_today.lead_id
    from contacts_today
    inner join asked
        on contacts_today.contact_id = asked.identifier_value
    union
    select contacts_today.lead_id
    from contacts_today
    inner join asked
        on 'md5:' || md5(contacts_today.contact_id) = asked.identifier_value
    union
    select contacts_today.lead_id
    from contacts_today
    inner join asked
        on contacts_today.email = asked.identifier_value
    union
    select contacts_today.lead_id
    from contacts_today
    inner join asked
        on 'md5:' || md5(contacts_today.email) = asked.identifier_value
),

answers as (
    select
        coalesce(contacts_today.lead_id, consents.contact_id) as lead_id,
        consents.status,
        consents.occurred_at
    from consents
    left join contacts_today
        on consents.contact_id = contacts_today.contact_id
    where consents.purpose = 'profiling'
),

-- Who withdrew and granted in one moment may be in either place.
objected as (
    select lead_id
    from answers
    group by lead_id
    having
        max(case when status = 'withdrawn' then occurred_at end)
        > coalesce(
            max(case when status != 'withdrawn' then occurred_at end),
            timestamp '1900-01-01 00:00:00'
        )
),

gone as (
    select
        lead_id,
        'erased' as reason
    from erased
    union all
    select
        lead_id,
        'objected' as reason
    from objected
),

published as (
    {%- for name in tables %}
        select
            '{{ name }}' as table_name,
            lead_id
        from {{ ref(name) }}
        where lead_id in (select gone.lead_id from gone)
        {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    published.table_name,
    gone.reason,
    published.lead_id,
    count(*) as rows_count
from published
inner join gone
    on published.lead_id = gone.lead_id
group by published.table_name, gone.reason, published.lead_id
