{#- Runs in the transaction that makes the model, so that a table with a broken grain is
    never committed; a separate test node would take ten times as long as the query.
    Rows that come from grouping by their keys are unique: only nulls are looked for.
    -#}
{% macro check_grain() -%}
    {%- set tests = graph.nodes.values()
        | selectattr('attached_node', 'equalto', model.unique_id)
        | selectattr('test_metadata.name', 'equalto', 'grain') | list if execute else [] -%}
    {%- for test in tests -%}
        {%- set columns = test.test_metadata.kwargs.columns -%}
        {%- set keys = [] -%}
        {%- for column in columns -%}
            {%- do keys.append("coalesce(cast(" ~ column ~ " as string), 'null')") -%}
        {%- endfor -%}
        select case when count(*) > 0 then {{ raised(
            "'not one row per " ~ columns | join(' × ') ~ ": ' || count(*)"
            ~ " || ' keys come again or are null, such as ' || "
            ~ "min(" ~ keys | join(" || ' × ' || ") ~ ")"
        ) }} end
        {% if not is_incremental() and is_grouped_by(columns) -%}
            from {{ this }} where {{ columns | join(' is null or ') }} is null
        {%- else -%}
            from ({{ test_grain(rows_made(columns), columns) }}) as broken
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
