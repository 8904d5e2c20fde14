{% macro event_property(property) -%}
    case {{ property }}
        when 'source' then source
        when 'channel' then channel
        when 'page_url' then page_url
        when 'product_id' then product_id
        when 'product_category' then product_category
        when 'campaign_id' then campaign_id
        when 'order_id' then order_id
        when 'currency' then currency
        else {{ json_value('properties', "substr(" ~ property ~ ", 12)") }}
    end
{%- endmacro %}
