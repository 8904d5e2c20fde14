{% macro list_items(list) -%}
    {{ return(adapter.dispatch('list_items', 'lead_scoring')(list)) }}
{%- endmacro %}

{% macro default__list_items(list) -%}
    (
        select nullif({{ stripped('items.item') }}, '') as value
        from (select unnest(string_split({{ list }}, '|')) as item) as items
        where nullif({{ stripped('items.item') }}, '') is not null
    )
{%- endmacro %}

{% macro spark__list_items(list) -%}
    (
        select nullif({{ stripped('items.item') }}, '') as value
        from (select explode(split({{ list }}, '[|]')) as item) as items
        where nullif({{ stripped('items.item') }}, '') is not null
    )
{%- endmacro %}
