{#- A rule file has exactly the columns that its properties file gives types to. -#}
{% test has_its_columns(model) %}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set seeds = graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') -%}
    {%- set seed = (seeds | selectattr('name', 'equalto', model.identifier) | list)[0] -%}
    {%- set expected = seed.config.column_types.keys() | list -%}
    {%- set found = adapter.get_columns_in_relation(model) | map(attribute='name') | list -%}
    {%- set file = model.identifier ~ '.csv' -%}
    {%- set messages = [] -%}
    {%- for column in expected if column not in found -%}
        {%- do messages.append(file ~ ': column ' ~ column ~ ' is missing: add it, blank if unused') -%}
    {%- endfor -%}
    {%- for column in found if column not in expected -%}
        {%- do messages.append(file ~ ': unknown column ' ~ column ~ ': remove it') -%}
    {%- endfor -%}
    {%- for message in messages %}
        select '{{ message }}' as message
        union all
    {%- endfor %}
    select cast(null as {{ dbt.type_string() }}) as message where 1 = 0
{% endtest %}
