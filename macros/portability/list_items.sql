{% macro list_items(list) -%}
    {{ return(adapter.dispatch('list_items', 'lead_scoring')(list)) }}
{%- endmacro %}

{% macro default__list_items(list) -%}
    (
        select {{ stripped('items.item') }} as value
        from (select unnest(string_split({{ list }}, '|')) as item) as items
        where {{ stripped('items.item') }} != ''
    )
{%- endmacro %}

{% macro spark__list_items(list) -%}
    (
        select {{ stripped('items.item') }} as value
        from (select explode(split({{ list }}, '[|]')) as item) as items
        where {{ stripped('items.item') }} != ''
    )
{%- endmacro %}
