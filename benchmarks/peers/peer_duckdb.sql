-- Engagement points per lead, straight from the landing zone: what an engineer would
-- write by hand. Run by peer_duckdb.py, which sets the variables landing, reference,
-- rules, as_of_date (null: the day of the newest accepted event) and output.
-- Days are UTC days. Identifiers and ids are hashed to 64 bits: text keys take longer.

-- Half away from zero; a few last digits below a half count as a half.
create temp macro rounded(number, decimals) as
    round(number * (1 + 2e-15), decimals) + 0;

create temp macro decay_factor(age, decay, decay_days, decay_rate) as
    case decay
        when 'half_life' then power(2.0::double, -age / decay_days)
        when 'linear' then greatest(0, 1 - age / decay_days)
        when 'expire' then case when age < decay_days then 1 else 0 end
        when 'step' then power(1 - decay_rate, floor(age / decay_days))
        else 1
    end;

create temp macro landing_files(name) as
    getvariable('landing') || '/' || name || '/*/*.parquet';

---------------------------------------------------------------------------- the rules

create temp table settings as
from read_csv(getvariable('rules') || '/settings.csv', all_varchar = true);

create temp macro setting_number(name) as (
    select cast(trim(max(settings.value)) as integer)
    from settings
    where settings.setting = name
);

create temp table event_types as
select cast(row_number() over () as smallint) as type_key, event_type, is_activity
from read_csv(
    getvariable('reference') || '/event_types.csv', types = {'is_activity': 'boolean'}
);

create temp table rules as
select
    row_number() over () as rule_key,
    rule_id, event_type, property, operator, lower(trim(operand)) as operand, mode,
    points, max_hits_per_day, min_hits, max_hits,
    case when mode = 'each' then max_hits end as max_hits_in_total,
    case when mode = 'threshold' then window_days end as window_days,
    decay, decay_days, decay_rate, rule_group, max_points as group_max_points,
    coalesce(valid_from, date '1900-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from read_csv(
    getvariable('rules') || '/engagement_rules.csv',
    types = {
        'property': 'varchar', 'operator': 'varchar', 'operand': 'varchar',
        'points': 'double', 'max_hits_per_day': 'bigint', 'max_hits': 'bigint',
        'min_hits': 'bigint', 'window_days': 'bigint', 'decay_days': 'double',
        'decay_rate': 'double', 'rule_group': 'varchar', 'valid_from': 'date',
        'valid_to': 'date'
    }
) as engagement_rules
left join read_csv(
    getvariable('rules') || '/rule_groups.csv',
    types = {'rule_group': 'varchar', 'max_points': 'double'}
) as rule_groups using (rule_group);

-- Rules that look for the same share a match; every event type is one of its own.
create temp table matches as
select row_number() over () as match_key, *
from (
    select event_type, null as property, null as operator, null as operand
    from event_types
    union
    select event_type, property, operator, operand
    from rules
)
inner join event_types using (event_type);

--------------------------------------------------------------------------- the events

-- Hardly any text has spaces around it: to look first is faster than to trim all.
create temp macro trimmed(text) as
    case
        when text like ' %' or text like '% ' or text = '' then nullif(trim(text), '')
        else text
    end;

create temp view landed as
from read_parquet(
    landing_files('events'), union_by_name = true, hive_partitioning = false
);

create temp table names_of_sources as
select trim(source) as source, lower(trim(event_name)) as event_name, event_type
from read_csv(getvariable('reference') || '/event_names.csv');

create temp table rates as
select upper(trim(currency)) as currency, rate
from read_csv(getvariable('reference') || '/exchange_rates.csv');

create temp table machine_agents as
select user_agent
from (select distinct user_agent from landed) as agents
semi join read_csv(getvariable('reference') || '/machine_user_agents.csv') as machines
    on contains(lower(agents.user_agent), lower(trim(machines.pattern)));

-- The rows of a table like landed that nothing in the row itself speaks against.
create temp macro valid(landed_rows) as table
with cleaned as (
    select
        * replace (
            trimmed(event_id) as event_id,
            trimmed(source) as source,
            trimmed(lower(event_name)) as event_name,
            trimmed(anonymous_id) as anonymous_id,
            trimmed(contact_id) as contact_id,
            case when contains(email, '@') then trimmed(lower(email)) end as email,
            trimmed(upper(currency)) as currency
        )
    from query_table(landed_rows)
)

select
    cleaned.*,
    hash(cleaned.source, event_id) as event_key,
    type_key,
    case
        when contact_id is not null then 'contact_id'
        when email is not null then 'email'
        else 'anonymous_id'
    end as kind,
    coalesce(contact_id, email, anonymous_id) as name,
    hash(kind, name) as identifier_key,
    case
        when kind != 'anonymous_id' and anonymous_id is not null
            then hash('anonymous_id', anonymous_id)
    end as browser_key,
    not coalesce(is_machine, false) and machine_agents.user_agent is null as is_human,
    cast(occurred_at as date) as event_date
from cleaned
left join names_of_sources as own
    on cleaned.source = own.source and cleaned.event_name = own.event_name
left join names_of_sources as shared
    on shared.source = '*' and cleaned.event_name = shared.event_name
inner join event_types
    on coalesce(own.event_type, shared.event_type) = event_types.event_type
left join rates on cleaned.currency = rates.currency
left join machine_agents on cleaned.user_agent = machine_agents.user_agent
where
    event_id is not null
    and cleaned.source is not null
    and coalesce(contact_id, email, anonymous_id) is not null
    and occurred_at <= least(coalesce(received_at, loaded_at), loaded_at)
        + interval 24 hours
    and occurred_at >= timestamp '2000-01-01'
    and (coalesce(amount, 0) >= 0 or event_types.event_type = 'order_refunded')
    and (amount is null or cleaned.currency is null or rates.currency is not null);

create temp table events as
select
    event_key,
    cast(kind as enum ('contact_id', 'email', 'anonymous_id')) as kind,
    name, identifier_key, browser_key, type_key, page_url,
    dwell_seconds, is_human, event_date, occurred_at
from valid('landed');

-- Few ids come twice: only their rows are read whole and sorted, by all that tells
-- them apart. Those within the window of an earlier one are its duplicates.
create temp table repeated_keys as
select event_key
from events
group by event_key
having count(*) > 1;

create temp table landed_repeatedly as
from landed
semi join repeated_keys on hash(trimmed(source), trimmed(event_id)) = event_key;

create temp table repeated as
with placed as (
    select
        *,
        row_number() over (
            partition by event_key
            order by
                loaded_at, occurred_at, received_at nulls last, event_name nulls last,
                contact_id nulls last, email nulls last, anonymous_id nulls last,
                amount nulls last, currency nulls last, quantity nulls last,
                order_id nulls last, product_id nulls last,
                product_category nulls last, campaign_id nulls last,
                channel nulls last, page_url nulls last, session_id nulls last,
                dwell_seconds nulls last, user_agent nulls last,
                properties nulls last, is_machine nulls last
        ) as place
    from valid('landed_repeatedly')
)

select
    event_key, kind, name, identifier_key, browser_key, type_key, page_url,
    dwell_seconds, is_human, event_date, occurred_at
from placed
qualify place = min(place) over (
    partition by event_key
    order by event_date
    range between
        to_days(setting_number('duplicate_window_days')) preceding
        and to_days(setting_number('duplicate_window_days')) following
);

create temp view accepted as
from events
anti join repeated_keys using (event_key)
union all
from repeated;

create temp table identifiers as
select
    identifier_key,
    any_value(kind) as kind,
    any_value(name) as name,
    min(event_date) as first_seen_date,
    max(event_date) as last_seen_date
from accepted
group by identifier_key;

create temp table today as
select coalesce(
    cast(getvariable('as_of_date') as date), max(last_seen_date)
) as as_of_date
from identifiers;

create temp macro as_of_date() as (select today.as_of_date from today);

-- Identifier x day x match, of people alone; browser_key where they said who they are.
create temp table days as
select
    identifier_key,
    browser_key,
    event_date,
    match_key,
    count(*) as hits,
    max(occurred_at) as last_at
from accepted
inner join matches
    on
        accepted.type_key = matches.type_key
        and case
            when matches.property is null then true
            when matches.property = 'page_url' and matches.operator = 'contains'
                then contains(lower(page_url), matches.operand)
            when matches.property = 'dwell_seconds' and matches.operator = 'more_than'
                then dwell_seconds > cast(matches.operand as double)
            else error('this script knows no such condition')
        end
where is_human and event_date <= as_of_date()
group by identifier_key, browser_key, event_date, match_key;

---------------------------------------------------------------------------- who is who

create temp table contact_versions as
select
    *,
    row_number() over (
        partition by contact_id
        order by updated_at desc, loaded_at desc, email nulls last
    ) as place
from (
    select
        * replace (
            nullif(trim(contact_id), '') as contact_id,
            case when email like '%@%' then trim(lower(email)) end as email,
            coalesce(is_test, false) as is_test,
            coalesce(updated_at, created_at, timestamp '1970-01-01') as updated_at
        )
    from read_parquet(
        landing_files('contacts'), union_by_name = true, hive_partitioning = false
    )
)
where contact_id is not null;

-- Contacts with one email are one person, named by the oldest.
create temp table contacts as
with newest as (
    select *
    from contact_versions
    where cast(updated_at as date) <= as_of_date()
    qualify row_number() over (
        partition by contact_id
        order by
            updated_at desc, loaded_at desc, email nulls last, phone nulls last,
            first_name nulls last, last_name nulls last, gender nulls last,
            country nulls last, region nulls last, city nulls last,
            postal_code nulls last, language nulls last, company nulls last,
            job_title nulls last, industry nulls last, is_test nulls last,
            birth_date nulls last, created_at nulls last
    ) = 1
)

select
    contact_id,
    email,
    is_test,
    first_value(contact_id) over (
        partition by coalesce('email:' || email, 'contact_id:' || contact_id)
        order by created_at nulls last, contact_id
    ) as lead_id
from newest;

-- Contacts, addresses of contacts, and those that events name but no contact row does.
create temp table known as
with of_contacts as (
    select hash('contact_id', contact_id) as identifier_key, lead_id, email, is_test
    from contacts
    union all
    select hash('email', email), min(lead_id), email, bool_or(is_test)
    from contacts
    where email is not null
    group by email
)

select *, hash('contact_id', lead_id) as lead_key, true as is_contact
from of_contacts
union all
select
    identifier_key,
    case when kind = 'email' then 'email:' || left(md5(name), 16) else name end,
    case when kind = 'email' then name end,
    false,
    identifier_key,
    false
from identifiers
anti join of_contacts using (identifier_key)
where kind != 'anonymous_id' and first_seen_date <= as_of_date();

-- A request that was carried out holds a hash of what it names.
create temp table erased as
with requests as (
    select
        nullif(trim(contact_id), '') as contact_id,
        case
            when email like 'md5:%' then left(email, 20)
            when email like '%@%' then email
        end as email
    from (
        select contact_id, trim(lower(email)) as email
        from read_parquet(
            landing_files('erasure_requests'),
            union_by_name = true, hive_partitioning = false
        )
    )
),

names as (
    select 'contact_id' as kind, contact_id as name
    from contact_versions
    union
    select 'email', email
    from contact_versions
    where email is not null
    union
    select kind, name
    from identifiers
    where kind != 'anonymous_id'
),

erased_names as (
    select kind, name
    from names
    semi join requests
        on names.kind = 'contact_id' and requests.contact_id = names.name
    union
    select kind, name
    from names
    semi join requests
        on
            names.kind = 'contact_id'
            and requests.contact_id = 'md5:' || md5(names.name)
    union
    select kind, name
    from names
    semi join requests
        on names.kind = 'email' and requests.email = names.name
    union
    select kind, name
    from names
    semi join requests
        on
            names.kind = 'email'
            and requests.email = 'md5:' || left(md5(names.name), 16)
)

select distinct lead_key
from known
semi join erased_names
    on known.identifier_key = hash(erased_names.kind, erased_names.name);

create temp table objected as
with consents as (
    select
        nullif(trim(contact_id), '') as contact_id,
        trim(lower(status)) as status, occurred_at, loaded_at
    from read_parquet(
        landing_files('consents'), union_by_name = true, hive_partitioning = false
    )
    where trim(lower(purpose)) = 'profiling' and occurred_at is not null
),

-- By address, too: on a past date the person may have been an address and no contact.
answers as (
    select hash('contact_id', contact_id) as identifier_key, *
    from consents
    union all
    select hash('email', email) as identifier_key, consents.*
    from consents
    inner join contact_versions using (contact_id)
    where place = 1 and email is not null
)

select lead_key
from answers
inner join known using (identifier_key)
group by lead_key
having
    arg_max(status, (occurred_at, answers.loaded_at, status)) = 'withdrawn';

create temp table staff as
select distinct lead_key
from known
left join read_csv(getvariable('reference') || '/email_domains.csv') as domains
    on split_part(known.email, '@', -1) = lower(trim(domains.email_domain))
where is_test or domains.kind = 'staff';

-- A browser belongs to who last identified on it, by the day; before, to the first.
create temp table owners as
with identified as (
    select
        days.browser_key, days.event_date, known.lead_key, known.lead_id,
        max(last_at) as last_at
    from days
    inner join known using (identifier_key)
    where browser_key is not null
    group by all
),

last_of_day as (
    select *
    from identified
    qualify row_number() over (
        partition by browser_key, event_date
        order by last_at desc, lead_id
    ) = 1
)

select
    browser_key as identifier_key,
    lead_key,
    case
        when row_number() over browser = 1 then date '1900-01-01'
        else event_date
    end as valid_from,
    lead(event_date, 1, date '9999-12-31') over browser as valid_to
from last_of_day
window browser as (partition by browser_key order by event_date);

create temp table links as
select identifier_key, lead_key, valid_from, valid_to
from owners
union all
select identifier_key, lead_key, date '1900-01-01', date '9999-12-31'
from known
union all
select identifier_key, identifier_key, date '1900-01-01', date '9999-12-31'
from identifiers
anti join owners using (identifier_key)
where kind = 'anonymous_id' and first_seen_date <= as_of_date();

create temp table leads as
with people as (
    select lead_key, any_value(lead_id) as lead_id, bool_or(is_contact) as is_contact
    from known
    anti join erased using (lead_key)
    anti join objected using (lead_key)
    group by lead_key
)

select
    lead_key, lead_id, staff.lead_key is null as is_scored
from people
left join staff using (lead_key)
where staff.lead_key is null or is_contact
union all
select identifier_key, 'anonymous:' || name, true
from identifiers
semi join links
    on
        identifiers.identifier_key = links.identifier_key
        and identifiers.identifier_key = links.lead_key
where kind = 'anonymous_id';

---------------------------------------------------------------------------- the points

create temp table lead_days as
select
    lead_key, event_date, match_key, cast(sum(hits) as bigint) as hits
from days
inner join links
    on
        days.identifier_key = links.identifier_key
        and days.event_date >= links.valid_from
        and days.event_date < links.valid_to
semi join (select lead_key from leads where is_scored) as scored using (lead_key)
group by lead_key, event_date, match_key;

-- Whoever was silent for so many days begins anew.
create temp table spells as
with active_days as (
    select distinct lead_key, event_date
    from lead_days
    inner join matches using (match_key)
    where is_activity and property is null
),

silences as (
    select
        lead_key,
        event_date,
        event_date - lag(event_date) over (
            partition by lead_key order by event_date
        ) as silent_days
    from active_days
),

last_spells as (
    select
        lead_key,
        as_of_date() - max(event_date) as days_inactive,
        max(event_date) filter (
            silent_days >= setting_number('inactivity_reset_days')
        ) as begun_on
    from silences
    group by lead_key
)

select
    lead_key,
    days_inactive,
    case
        when days_inactive >= setting_number('inactivity_reset_days')
            then date '9999-12-31'
        else coalesce(begun_on, date '1900-01-01')
    end as counts_from
from last_spells;

create temp table rule_points as
with capped_daily as (
    select
        lead_key,
        rule_key,
        event_date,
        max_hits_in_total,
        least(hits, coalesce(max_hits_per_day, hits)) as hits
    from lead_days
    inner join matches using (match_key)
    inner join rules
        on
            matches.event_type = rules.event_type
            and matches.property is not distinct from rules.property
            and matches.operator is not distinct from rules.operator
            and matches.operand is not distinct from rules.operand
            and event_date >= rules.valid_from
            and event_date < rules.valid_to
            and coalesce(as_of_date() - event_date < rules.window_days, true)
    left join spells using (lead_key)
    where event_date >= coalesce(counts_from, date '1900-01-01')
),

capped as (
    select lead_key, rule_key, event_date, hits
    from capped_daily
    where max_hits_in_total is null
    union all
    select
        lead_key,
        rule_key,
        event_date,
        greatest(0, least(hits, max_hits_in_total - coalesce(
            sum(hits) over (
                partition by lead_key, rule_key
                order by event_date
                rows between unbounded preceding and 1 preceding
            ), 0
        )))
    from capped_daily
    where max_hits_in_total is not null
),

summed as (
    select
        lead_key,
        rule_key,
        sum(hits) as hits,
        sum(hits * decay_factor(
            as_of_date() - event_date, decay, decay_days, decay_rate
        )) as decayed_hits
    from capped
    inner join rules using (rule_key)
    group by lead_key, rule_key
)

select
    lead_key, rule_id, rule_group, group_max_points,
    rounded(
        case
            when mode = 'each' then points * decayed_hits
            when hits between coalesce(min_hits, 1) and coalesce(max_hits, hits)
                then points
            else 0
        end, 9
    ) as points
from summed
inner join rules using (rule_key);

create temp table inactivity_points as
with mails as (
    select
        lead_key, event_type, event_date, hits,
        max(event_date) filter (event_type != 'email_sent')
            over (partition by lead_key) as last_opened
    from lead_days
    inner join matches using (match_key)
    where
        property is null
        and event_type in ('email_sent', 'email_opened', 'email_clicked')
),

signals as (
    select lead_key, 'emails_unopened' as signal, sum(hits) as signal_value
    from mails
    where
        event_type = 'email_sent'
        and event_date > coalesce(last_opened, date '1900-01-01')
    group by lead_key
    union all
    select lead_key, 'days_without_activity', days_inactive
    from spells
)

select lead_key, rounded(points, 9) as points
from signals
inner join read_csv(
    getvariable('rules') || '/inactivity_rules.csv',
    types = {
        'signal': 'varchar', 'min_value': 'double', 'max_value': 'double',
        'points': 'double', 'valid_from': 'date', 'valid_to': 'date'
    }
) as inactivity_rules using (signal)
where
    signal_value >= coalesce(min_value, 0)
    and coalesce(signal_value < max_value, true)
    and coalesce(as_of_date() >= valid_from, true)
    and coalesce(as_of_date() < valid_to, true);

-- What a group has beyond its limit is taken from its earners, in proportion.
create temp table lead_points as
with limits as (
    select
        lead_key, rule_group,
        sum(points) - any_value(group_max_points) as excess,
        sum(greatest(points, 0)) as earned
    from rule_points
    where group_max_points is not null
    group by lead_key, rule_group
    having excess > 0
),

united as (
    select
        lead_key,
        rounded(points - rounded(
            coalesce(excess * greatest(points, 0) / nullif(earned, 0), 0), 9
        ), 9) as points
    from rule_points
    left join limits using (lead_key, rule_group)
    union all
    select lead_key, points
    from inactivity_points
)

select lead_key, rounded(sum(points), 9) as points
from united
group by lead_key;

create temp table result as
select
    lead_id,
    coalesce(points, 0) as engagement_points,
    rounded(
        case scaling
            when 'linear'
                then least(100, greatest(0, 100 * engagement_points / max_points))
            else 100 * (1 - power(
                2.0::double, -greatest(engagement_points, 0) / half_saturation_points
            ))
        end, 6
    ) as engagement_score
from leads
left join lead_points using (lead_key)
cross join read_csv(
    getvariable('rules') || '/score_scales.csv',
    types = {'half_saturation_points': 'double', 'max_points': 'double'}
) as scales
where scales.score = 'engagement';
