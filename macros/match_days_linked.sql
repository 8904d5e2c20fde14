{#- Shared by two views, one for all leads and one for the touched leads: if the second
    filtered the first, an engine would read the days of every lead. -#}
{% macro match_days_linked(identifiers, matches_daily, matches) -%}
    select
        {{ matches_daily }}.identifier_id,
        {{ identifiers }}.lead_key,
        {{ matches_daily }}.match_id,
        {{ matches_daily }}.hits,
        {{ matches_daily }}.amount,
        {{ identifiers }}.as_of_date,
        {{ matches_daily }}.event_date,
        {{ matches_daily }}.first_at,
        {{ matches_daily }}.last_at
    from {{ identifiers }}
    inner join {{ matches_daily }}
        on
            {{ identifiers }}.identifier_id = {{ matches_daily }}.identifier_id
            and {{ identifiers }}.valid_from_date <= {{ matches_daily }}.event_date
            and {{ identifiers }}.valid_to_date > {{ matches_daily }}.event_date
            and {{ identifiers }}.as_of_date >= {{ matches_daily }}.event_date
    -- int_matches_daily may still hold matches that no rule uses any more.
    inner join {{ matches }}
        on {{ matches_daily }}.match_id = {{ matches }}.match_id
{%- endmacro %}
