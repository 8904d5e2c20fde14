{#- Runs before a build, because dbt ignores a var that no model reads. -#}
{% macro check_vars() -%}
    {%- set known = [
        'as_of_date', 'earliest_event_date', 'future_tolerance_hours', 'landing_path',
        'segments_from', 'timezone',
    ] -%}
    {%- for name in invocation_args_dict.get('vars') or {} if name not in known -%}
        {{ exceptions.raise_compiler_error(
            'var `' ~ name ~ '` does not exist in this project; its vars are '
            ~ known | join(', ') ~ ' (macros/check_vars.sql)'
        ) }}
    {%- endfor -%}
    {%- for name in known if var(name) | string -%}
        {%- set value = var(name) | string -%}
        {%- set kind, example = ('date', '2026-05-31') if name.endswith(('_date', '_from'))
            else ('whole number', '24, at most ' ~ 24 * most_days())
            if name.endswith('_hours') else ('text', '') -%}
        {%- if kind == 'date' and cell_problem(value, 'date')
            or kind == 'whole number' and (not modules.re.match('\\d+$', value)
                or value | int > 24 * most_days()) -%}
            {{ exceptions.raise_compiler_error('var `' ~ name ~ '`: `' ~ value
                ~ '` is not a ' ~ kind ~ ': write it as ' ~ example) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
