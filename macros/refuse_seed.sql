{% macro refuse_seed(problems) -%}
    {%- set messages = [] -%}
    {%- for problem in problems[:10] -%}
        {%- do messages.append(model.name ~ '.csv' ~ problem) -%}
        {%- do log('  ' ~ messages[-1], info=true) -%}
    {%- endfor -%}
    {%- if messages -%}
        {%- do exceptions.raise_compiler_error(messages | join('\n')) -%}
    {%- endif -%}
{%- endmacro %}
