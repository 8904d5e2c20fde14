-- A list's items come one by one, without the spaces around them. Fails when an item
-- is lost or comes twice, or a blank list has one.
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
),

expected as (
    select
        'two' as list_name,
        '30' as item
    union all
    select
        'two' as list_name,
        '90' as item
)

select
    expected.item as wanted,
    computed.list_name,
    computed.given,
    count(*) as items_count
from computed
full outer join expected
    on
        computed.list_name = expected.list_name
        and computed.given = expected.item
group by expected.item, computed.list_name, computed.given
having count(*) != 1 or expected.item is null or computed.given is null
