{#- Hooks of the models that read events: in the transaction that replaced the rows. -#}
{% macro note_reading() -%}
    insert into {{ ref('int_reading_state') }}
    select
        '{{ this.identifier }}' as model_name,
        cast(null as bigint) as match_id,
        acceptance_id,
        read_until
    from {{ ref('int_reading') }}
{%- endmacro %}
