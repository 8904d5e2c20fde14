-- The interval of each rate follows Wilson (1927), that of their difference Newcombe
-- (1998, method 10): both also hold where no lead, or every lead, converted.
with

contrast_sums as (
    select * from {{ ref('int_contrast_sums') }}
),

rated as (
    select
        topic,
        signal,
        is_with,
        row_sum,
        success_sum,
        success_sum / nullif(row_sum, 0) as rate,
        row_squares,
        products,
        success_squares
    from contrast_sums
),

weighed as (
    select
        topic,
        signal,
        is_with,
        row_sum,
        success_sum,
        rate,
        {{ effective_count(
            'rate', 'row_sum', 'row_squares', 'products', 'success_squares'
        ) }} as effective_sum
    from rated
),

bounded as (
    select
        topic,
        signal,
        is_with,
        cast(row_sum as bigint) as rows_count,
        cast(success_sum as bigint) as successes_count,
        rate,
        {{ wilson_low('rate', 'effective_sum') }} as rate_low,
        {{ wilson_high('rate', 'effective_sum') }} as rate_high
    from weighed
),

opposed as (
    select
        bounded.topic,
        bounded.signal,
        bounded.rows_count,
        bounded.successes_count,
        without_it.rows_count as other_rows_count,
        without_it.successes_count as other_successes_count,
        bounded.rate,
        without_it.rate as other_rate,
        bounded.rate - without_it.rate as difference,
        {{ difference_margin(
            'bounded.rate', 'bounded.rate_low', 'without_it.rate', 'without_it.rate_high'
        ) }} as margin_below,
        {{ difference_margin(
            'bounded.rate', 'bounded.rate_high', 'without_it.rate', 'without_it.rate_low'
        ) }} as margin_above
    from bounded
    inner join bounded as without_it
        on
            bounded.topic = without_it.topic
            and bounded.signal = without_it.signal
    where bounded.is_with and not without_it.is_with
),

compared as (
    select
        topic,
        signal,
        rows_count,
        successes_count,
        other_rows_count,
        other_successes_count,
        {{ rounded('rate', 12) }} as rate,
        {{ rounded('other_rate', 12) }} as other_rate,
        {{ rounded('rate / nullif(other_rate, 0)', 9) }} as lift,
        {{ rounded('difference', 12) }} as rate_difference,
        {{ rounded('difference - margin_below', 12) }} as rate_difference_low,
        {{ rounded('difference + margin_above', 12) }} as rate_difference_high,
        coalesce(
            difference - margin_below > 0 or difference + margin_above < 0, false
        ) as is_proven
    from opposed
)

select * from compared
