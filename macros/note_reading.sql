{#- A post-hook, so that it runs in the transaction that replaced the rows. -#}
{% macro note_reading() -%}
    {%- set notes -%}
        select
            '{{ this.identifier }}' as model_name,
            cast(null as bigint) as match_id,
            acceptance_id,
            read_until
        from {{ ref('int_reading') }}
    {%- endset -%}
    {{ add_notes(notes) }}
{%- endmacro %}
