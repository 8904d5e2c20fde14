{% macro property_problem(property, operator) -%}
    case
        when
            {{ property }} not in (
                'source', 'channel', 'page_url', 'product_id', 'product_category',
                'campaign_id', 'order_id', 'currency', 'quantity', 'amount',
                'dwell_seconds'
            )
            and {{ property }} not like 'properties._%'
            then concat(
                'unknown property `', {{ property }},
                '`: an event column, or properties.<key>'
            )
        when
            {{ property }} in ('quantity', 'amount', 'dwell_seconds')
            and {{ operator }} not in (
                'at_least', 'more_than', 'at_most', 'less_than', 'is_set', 'is_not_set'
            )
            then concat(
                'property `', {{ property }},
                '` is a number: use at_least, more_than, at_most or less_than'
            )
    end
{%- endmacro %}
