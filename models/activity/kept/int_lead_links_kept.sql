-- Written last of the incremental tables with leads. If a build stops before it, the
-- next build recomputes the same leads.
-- depends_on: {{ ref('int_lead_hit_days') }}, {{ ref('int_lead_totals') }}
-- depends_on: {{ ref('int_lead_mails_unopened') }}, {{ ref('int_lead_evidence') }}
with

lead_links as (
    select * from {{ ref('int_lead_links') }}
),

{% if is_incremental() %}
    leads_touched as (
        select * from {{ ref('int_leads_touched') }}
    ),
{% endif %}

kept as (
    select
        lead_key,
        links_id
    from lead_links
    {% if is_incremental() %}
        where lead_key in (select leads_touched.lead_key from leads_touched)
    {% endif %}
)

select * from kept
