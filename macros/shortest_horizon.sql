{% macro shortest_horizon() -%}
    (
        select min(cast(horizons.value as integer))
        from {{ list_items(setting('backtest_horizon_days')) }} as horizons
    )
{%- endmacro %}
