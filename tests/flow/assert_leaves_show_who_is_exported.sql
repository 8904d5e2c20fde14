-- The leaves show exactly the rows that fct_segment_exports marks as exported, each
-- with the changed_at that is kept. Fails when a leaf loses a lead, shows one that was
-- left out, is not listed here, or has another date than int_export_versions.
{%- set leaves = {
    'meta': ref('exp_meta__audience_members'),
    'meta_lookalike': ref('exp_meta_lookalike__customers'),
    'google': ref('exp_google__customers'),
    'hubspot': ref('exp_hubspot__contacts'),
    'brevo': ref('exp_brevo__contacts'),
    'mailchimp': ref('exp_mailchimp__members'),
    'activecampaign': ref('exp_activecampaign__contacts'),
    'klaviyo': ref('exp_klaviyo__profiles'),
    'connectif': ref('exp_connectif__contacts'),
    'pricing': ref('exp_pricing__leads'),
    'sales': ref('exp_sales__hot_leads'),
} %}
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

export_versions as (
    select * from {{ ref('int_export_versions') }}
),

shown as (
    {% for leaf, relation in leaves.items() %}
        select
            '{{ leaf }}' as destination,
            export_id,
            lead_id,
            segment,
            changed_at
        from {{ relation }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

exported as (
    select
        destination,
        lead_id,
        segment
    from segment_exports
    where is_exported
),

compared as (
    select
        exported.lead_id as exported_lead_id,
        exported.destination as exported_to,
        shown.lead_id as shown_lead_id,
        shown.destination as shown_to,
        coalesce(shown.segment, exported.segment) as segment,
        shown.changed_at,
        export_versions.fingerprint,
        export_versions.changed_at as kept_changed_at
    from exported
    full outer join shown
        on
            exported.destination = shown.destination
            and exported.segment = shown.segment
            and exported.lead_id = shown.lead_id
    left join export_versions
        on
            shown.destination = export_versions.leaf
            and shown.export_id = export_versions.export_id
)

select *
from compared
where
    exported_lead_id is null
    or shown_lead_id is null
    or fingerprint is null
    or changed_at is distinct from kept_changed_at
