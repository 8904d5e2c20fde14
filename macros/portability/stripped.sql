{% macro stripped(text) -%}
    {{ return(adapter.dispatch('stripped', 'lead_scoring')(text)) }}
{%- endmacro %}

{% macro default__stripped(text) -%}
    trim({{ text }})
{%- endmacro %}

{#- Spark's trim() alone leaves non-breaking and typographic spaces. -#}
{% macro spark__stripped(text) -%}
    trim(both '{{ ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008'
        ~ '\u2009\u200a\u202f\u205f\u3000' }}' from {{ text }})
{%- endmacro %}
