-- A person who asked to be erased, or whose last answer to profiling is no, is in no
-- published table under any of their names, and neither is a name that a request spells
-- out. Fails when one table does not check for them.
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

identifiers_withdrawn as (
    select * from {{ ref('int_identifiers_withdrawn') }}
),

gone as (
    select
        lead_id,
        reason
    from identifiers_withdrawn
    union
    select
        contact_id as lead_id,
        'erased' as reason
    from erasure_requests
    union
    select
        {{ lead_name("'email'", 'email') }} as lead_id,
        'erased' as reason
    from erasure_requests
    union
    select
        'email:' || left(substr(email, 5), 16) as lead_id,
        'erased' as reason
    from erasure_requests
    where email like 'md5:%'
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
