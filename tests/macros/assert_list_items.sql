-- A list's items come one by one, without the spaces around them. Fails when a blank
-- list has an item.
with

computed as (
    select
        'two' as list_name,
        items.value as given
    from {{ list_items("' 30| 90 '") }} as items
    union all
    select
        'blank' as list_name,
        items.value as given
    from {{ list_items("' '") }} as items
    union all
    select
        'null' as list_name,
        items.value as given
    from {{ list_items("cast(null as string)") }} as items
)

select
    list_name,
    count(*) as items_count,
    min(given) as first_item,
    max(given) as last_item
from computed
group by list_name
having list_name != 'two' or count(*) != 2 or min(given) != '30' or max(given) != '90'
