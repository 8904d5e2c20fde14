{% macro added_up(arrived, columns, unless='1 = 0') -%}
    {{ return(adapter.dispatch('added_up', 'lead_scoring')(arrived, columns, unless)) }}
{%- endmacro %}

{% macro default__added_up(arrived, columns, unless) -%}
    {%- set keys = [] -%}
    {%- set results = [] -%}
    {%- for name, aggregate in columns.items() -%}
        {%- do keys.append(name) if not aggregate -%}
        {%- do results.append(aggregate ~ ' as ' ~ name if aggregate else name) -%}
    {%- endfor -%}
    {%- set names = columns | list | join(', ') -%}
    {%- if not is_incremental() -%}
        {{ return('select ' ~ names ~ ' from ' ~ arrived) }}
    {%- endif -%}
    select {{ results | join(', ') }}
    from (
        select {{ names }} from {{ arrived }}
        union all
        select {{ names }}
        from {{ this }}
        where
            ({{ keys | join(', ') }}) in (
                select ({{ keys | join(', ') }}) from {{ arrived }}
            )
            and not ({{ unless }})
    ) as united
    group by {{ keys | join(', ') }}
{%- endmacro %}

{#- On Spark is_arrived chooses whole dates, so there is nothing to add to. -#}
{% macro spark__added_up(arrived, columns, unless) -%}
    select {{ columns | list | join(', ') }} from {{ arrived }}
{%- endmacro %}
