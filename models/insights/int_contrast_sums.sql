-- The rows of one lead are not independent: the squares and products of its sums show
-- how much they depend on each other.
with

contrast_totals as (
    select * from {{ ref('int_contrast_totals') }}
),

contrast_signals as (
    select * from {{ ref('int_contrast_signals') }}
),

parted as (
    select
        contrast_signals.topic,
        contrast_signals.signal,
        cast(contrast_signals.rows_count as double) as rows_with,
        cast(contrast_signals.successes_count as double) as successes_with,
        cast(contrast_totals.rows_count as double) as rows_of_lead,
        cast(contrast_totals.successes_count as double) as successes_of_lead
    from contrast_signals
    inner join contrast_totals
        on
            contrast_signals.topic = contrast_totals.topic
            and contrast_signals.identity_key = contrast_totals.identity_key
),

everyone as (
    select
        topic,
        cast(sum(rows_count) as double) as row_sum,
        cast(sum(successes_count) as double) as success_sum,
        cast(sum(rows_count * rows_count) as double) as row_squares,
        cast(sum(rows_count * successes_count) as double) as products,
        cast(sum(successes_count * successes_count) as double) as success_squares
    from contrast_totals
    group by topic
),

summed as (
    select
        topic,
        signal,
        sum(rows_with) as row_sum,
        sum(successes_with) as success_sum,
        sum(rows_with * rows_with) as row_squares,
        sum(rows_with * successes_with) as products,
        sum(successes_with * successes_with) as success_squares,
        sum(power(rows_of_lead, 2) - power(rows_of_lead - rows_with, 2))
            as less_row_squares,
        sum(
            rows_of_lead * successes_of_lead
            - (rows_of_lead - rows_with) * (successes_of_lead - successes_with)
        ) as less_products,
        sum(power(successes_of_lead, 2) - power(successes_of_lead - successes_with, 2))
            as less_success_squares
    from parted
    group by topic, signal
),

-- Leads that never had the signal need no rows of their own: they are all leads minus
-- those with the signal.
subtracted as (
    select
        summed.topic,
        summed.signal,
        true as is_with,
        summed.row_sum,
        summed.success_sum,
        summed.row_squares,
        summed.products,
        summed.success_squares
    from summed
    union all
    select
        summed.topic,
        summed.signal,
        false as is_with,
        everyone.row_sum - summed.row_sum as row_sum,
        everyone.success_sum - summed.success_sum as success_sum,
        everyone.row_squares - summed.less_row_squares as row_squares,
        everyone.products - summed.less_products as products,
        everyone.success_squares - summed.less_success_squares as success_squares
    from summed
    inner join everyone
        on summed.topic = everyone.topic
)

select * from subtracted
