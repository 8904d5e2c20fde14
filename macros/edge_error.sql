{#- Where a share is 0 or 1 nothing varies, so that its error cannot be measured. With this
    one, 1.96 errors reach as far as the score interval of Wilson (1927). -#}
{% macro edge_error(number) -%}
    1.959963984540054 / ({{ number }} + 1.959963984540054 * 1.959963984540054)
{%- endmacro %}
