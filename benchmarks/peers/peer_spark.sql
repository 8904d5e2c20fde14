-- Engagement points per lead in Spark SQL. Run by peer_spark.py, which reads the landing
-- tables and the seeds as views of their names (all seed columns are text) and writes
-- the values in braces. What is read more than once is a table: Spark would compute it
-- again each time. Days are UTC days.

create table rules using parquet as
select
    row_number() over (order by rule_id, valid_from) as rule_key,
    rule_id, event_type, property, operator, lower(trim(operand)) as operand, mode,
    cast(points as double) as points,
    cast(engagement_rules.max_hits_per_day as bigint) as max_hits_per_day,
    cast(min_hits as bigint) as min_hits,
    cast(max_hits as bigint) as max_hits,
    case when mode = 'each' then cast(max_hits as bigint) end as max_hits_in_total,
    case when mode = 'threshold' then cast(window_days as int) end as window_days,
    decay,
    cast(decay_days as double) as decay_days,
    cast(decay_rate as double) as decay_rate,
    engagement_rules.rule_group,
    cast(max_points as double) as group_max_points,
    coalesce(cast(valid_from as date), date '1900-01-01') as valid_from,
    coalesce(cast(valid_to as date), date '9999-12-31') as valid_to
from engagement_rules
left join rule_groups on engagement_rules.rule_group = rule_groups.rule_group;

-- Rules that look for the same share a match; every event type is one of its own.
create table matches using parquet as
select
    row_number() over (order by event_type, property, operator, operand) as match_key,
    found.*,
    is_activity
from (
    select event_type, cast(null as string) as property,
        cast(null as string) as operator, cast(null as string) as operand
    from event_types
    union
    select event_type, property, operator, operand
    from rules
) as found
inner join (
    select event_type as type_name, cast(is_activity as boolean) as is_activity
    from event_types
) as types on found.event_type = types.type_name;

create table machine_agents using parquet as
select distinct user_agent as machine_agent
from (select distinct user_agent from landed_events) as agents
left semi join machine_user_agents
    on contains(lower(user_agent), lower(trim(pattern)));

create temporary view cleaned as
select
    nullif(trim(event_id), '') as event_id,
    nullif(trim(source), '') as source,
    nullif(trim(lower(event_name)), '') as event_name,
    nullif(trim(anonymous_id), '') as anonymous_id,
    nullif(trim(contact_id), '') as contact_id,
    case when contains(email, '@') then trim(lower(email)) end as email,
    nullif(trim(upper(currency)), '') as currency,
    session_id, channel, page_url, product_id, product_category, campaign_id, order_id,
    quantity, amount, dwell_seconds, user_agent, properties,
    coalesce(is_machine, false) as is_machine,
    occurred_at, received_at, loaded_at
from landed_events;

-- Rows that nothing in the row itself speaks against.
create temporary view valid as
select
    /*+ broadcast(own), broadcast(shared), broadcast(exchange_rates),
        broadcast(machine_agents) */
    cleaned.*,
    coalesce(own.event_type, shared.event_type) as event_type,
    xxhash64(cleaned.source, event_id) as event_key,
    case
        when contact_id is not null then 'contact_id'
        when email is not null then 'email'
        else 'anonymous_id'
    end as kind,
    coalesce(contact_id, email, anonymous_id) as name,
    case
        when contact_id is not null then xxhash64('contact_id', contact_id)
        when email is not null then xxhash64('email', email)
        else xxhash64('anonymous_id', anonymous_id)
    end as identifier_key,
    case
        when coalesce(contact_id, email) is not null and anonymous_id is not null
            then xxhash64('anonymous_id', anonymous_id)
    end as browser_key,
    not is_machine and machine_agent is null as is_human,
    cast(occurred_at as date) as event_date
from cleaned
left join (
    select trim(source) as own_source, lower(trim(event_name)) as own_name, event_type
    from event_names
    where source != '*'
) as own on source = own_source and event_name = own_name
left join (
    select lower(trim(event_name)) as shared_name, event_type
    from event_names
    where source = '*'
) as shared on event_name = shared_name
left join exchange_rates on cleaned.currency = upper(trim(exchange_rates.currency))
left join machine_agents on user_agent = machine_agent
where
    event_id is not null
    and cleaned.source is not null
    and coalesce(contact_id, email, anonymous_id) is not null
    and occurred_at <= least(coalesce(received_at, loaded_at), loaded_at)
        + interval 24 hours
    and occurred_at >= timestamp_ntz '2000-01-01 00:00:00'
    and coalesce(own.event_type, shared.event_type) is not null
    and (
        coalesce(amount, 0) >= 0
        or coalesce(own.event_type, shared.event_type) = 'order_refunded'
    )
    and (amount is null or cleaned.currency is null or exchange_rates.rate is not null);

create table events using parquet as
select
    event_key, kind, name, identifier_key, browser_key, event_type, page_url,
    dwell_seconds, is_human, event_date, occurred_at
from valid;

-- Few ids come twice: only their rows are read whole and sorted, by all that tells
-- them apart. Those within the window of an earlier one are its duplicates.
create table repeated_keys using parquet as
select event_key as repeated_key
from events
group by event_key
having count(*) > 1;

create temporary view placed as
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
from valid
left semi join repeated_keys on event_key = repeated_key;

create table repeated using parquet as
select *
from (
    select
        *,
        min(place) over (
            partition by event_key
            order by unix_date(event_date)
            range between {window_days} preceding and {window_days} following
        ) as first_place
    from placed
)
where place = first_place;

create temporary view accepted as
select
    kind, name, identifier_key, browser_key, event_type, page_url, dwell_seconds,
    is_human, event_date, occurred_at
from events
left anti join repeated_keys on event_key = repeated_key
union all
select
    kind, name, identifier_key, browser_key, event_type, page_url, dwell_seconds,
    is_human, event_date, occurred_at
from repeated;

create table identifiers using parquet as
select
    identifier_key,
    first(kind) as kind,
    first(name) as name,
    min(event_date) as first_seen_date,
    max(event_date) as last_seen_date
from accepted
group by identifier_key;

-- Identifier x day x match, of people alone; browser_key where they said who they are.
create table days using parquet as
select
    /*+ broadcast(matches) */
    identifier_key,
    browser_key,
    event_date,
    match_key,
    count(*) as hits,
    max(occurred_at) as last_at
from accepted
inner join matches
    on
        accepted.event_type = matches.event_type
        and case
            when property is null then true
            when property = 'page_url' and operator = 'contains'
                then contains(lower(page_url), operand)
            when property = 'dwell_seconds' and operator = 'more_than'
                then dwell_seconds > cast(operand as double)
        end
where is_human and event_date <= {as_of_date}
group by identifier_key, browser_key, event_date, match_key;

create table contact_versions using parquet as
select
    nullif(trim(contact_id), '') as contact_id,
    case when email like '%@%' then trim(lower(email)) end as email,
    phone, first_name, last_name, gender, country, region, city, postal_code, language,
    company, job_title, industry, coalesce(is_test, false) as is_test, birth_date,
    created_at,
    coalesce(updated_at, created_at, timestamp_ntz '1970-01-01 00:00:00') as updated_at,
    loaded_at
from landed_contacts
where nullif(trim(contact_id), '') is not null;

-- Contacts with one email are one person, named by the oldest.
create temporary view contacts as
select
    contact_id,
    email,
    is_test,
    first_value(contact_id) over (
        partition by coalesce('email:' || email, 'contact_id:' || contact_id)
        order by created_at nulls last, contact_id
    ) as lead_id
from (
    select
        *,
        row_number() over (
            partition by contact_id
            order by
                updated_at desc, loaded_at desc, email nulls last, phone nulls last,
                first_name nulls last, last_name nulls last, gender nulls last,
                country nulls last, region nulls last, city nulls last,
                postal_code nulls last, language nulls last, company nulls last,
                job_title nulls last, industry nulls last, is_test nulls last,
                birth_date nulls last, created_at nulls last
        ) as place
    from contact_versions
    where cast(updated_at as date) <= {as_of_date}
)
where place = 1;

create temporary view of_contacts as
select
    xxhash64('contact_id', contact_id) as identifier_key,
    xxhash64('contact_id', lead_id) as lead_key,
    lead_id, email, is_test
from contacts
union all
select
    xxhash64('email', email), xxhash64('contact_id', min(lead_id)), min(lead_id), email,
    bool_or(is_test)
from contacts
where email is not null
group by email;

-- Contacts, addresses of contacts, and those that events name but no contact row does.
create table known using parquet as
select identifier_key, lead_key, lead_id, email, is_test, true as is_contact
from of_contacts
union all
select
    identifier_key,
    identifier_key,
    case when kind = 'email' then 'email:' || left(md5(name), 16) else name end,
    case when kind = 'email' then name end,
    false,
    false
from identifiers
left anti join of_contacts using (identifier_key)
where kind != 'anonymous_id' and first_seen_date <= {as_of_date};

-- A request that was carried out holds a hash of what it names.
create temporary view erased as
with requests as (
    select 'contact_id' as kind, nullif(trim(contact_id), '') as name
    from landed_erasure_requests
    union
    select
        'email',
        case
            when trim(lower(email)) like 'md5:%' then left(trim(lower(email)), 20)
            when email like '%@%' then trim(lower(email))
        end
    from landed_erasure_requests
),

names as (
    select 'contact_id' as kind, contact_id as name, contact_id as token
    from contact_versions
    union
    select 'contact_id', contact_id, 'md5:' || md5(contact_id)
    from contact_versions
    union
    select 'email', email, email
    from contact_versions
    union
    select 'email', email, 'md5:' || left(md5(email), 16)
    from contact_versions
    union
    select kind, name, name
    from identifiers
    where kind != 'anonymous_id'
    union
    select
        kind, name,
        'md5:' || case when kind = 'email' then left(md5(name), 16) else md5(name) end
    from identifiers
    where kind != 'anonymous_id'
)

select distinct lead_key
from names
inner join requests on names.kind = requests.kind and names.token = requests.name
inner join known on identifier_key = xxhash64(names.kind, names.name);

create temporary view objected as
with consents as (
    select
        nullif(trim(contact_id), '') as contact_id, trim(lower(status)) as status,
        occurred_at, loaded_at
    from landed_consents
    where trim(lower(purpose)) = 'profiling' and occurred_at is not null
),

newest as (
    select contact_id, email
    from (
        select
            contact_id,
            email,
            row_number() over (
                partition by contact_id
                order by updated_at desc, loaded_at desc, email nulls last
            ) as place
        from contact_versions
    )
    where place = 1 and email is not null
),

-- By address, too: on a past date the person may have been an address and no contact.
answers as (
    select xxhash64('contact_id', contact_id) as identifier_key,
        struct(occurred_at, loaded_at, status) as answer
    from consents
    where contact_id is not null
    union all
    select xxhash64('email', email), struct(occurred_at, loaded_at, status)
    from consents
    inner join newest using (contact_id)
)

select lead_key
from answers
inner join known using (identifier_key)
group by lead_key
having max(answer).status = 'withdrawn';

create temporary view staff as
select distinct lead_key
from known
left join email_domains
    on element_at(split(email, '@'), -1) = lower(trim(email_domain))
where is_test or kind = 'staff';

-- A browser belongs to who last identified on it, by the day; before, to the first.
create table owners using parquet as
with identified as (
    select
        browser_key, event_date, lead_key, lead_id, max(last_at) as last_at
    from days
    inner join known using (identifier_key)
    where browser_key is not null
    group by browser_key, event_date, lead_key, lead_id
),

last_of_day as (
    select
        *,
        row_number() over (
            partition by browser_key, event_date
            order by last_at desc, lead_id
        ) as place
    from identified
)

select
    browser_key as identifier_key,
    lead_key,
    case
        when row_number() over (partition by browser_key order by event_date) = 1
            then date '1900-01-01'
        else event_date
    end as valid_from,
    lead(event_date, 1, date '9999-12-31') over (
        partition by browser_key
        order by event_date
    ) as valid_to
from last_of_day
where place = 1;

create table visitors using parquet as
select identifier_key, name
from identifiers
left anti join owners using (identifier_key)
where kind = 'anonymous_id' and first_seen_date <= {as_of_date};

create temporary view links as
select identifier_key, lead_key, valid_from, valid_to
from owners
union all
select identifier_key, lead_key, date '1900-01-01', date '9999-12-31'
from known
union all
select identifier_key, identifier_key, date '1900-01-01', date '9999-12-31'
from visitors;

create table leads using parquet as
with people as (
    select lead_key, first(lead_id) as lead_id, bool_or(is_contact) as is_contact
    from known
    left anti join erased using (lead_key)
    left anti join objected using (lead_key)
    group by lead_key
)

select
    people.lead_key, lead_id, staff.lead_key is null as is_scored
from people
left join staff on people.lead_key = staff.lead_key
where staff.lead_key is null or is_contact
union all
select identifier_key, 'anonymous:' || name, true
from visitors;

create table lead_days using parquet as
select lead_key, event_date, match_key, sum(hits) as hits
from days
inner join links
    on
        days.identifier_key = links.identifier_key
        and event_date >= valid_from
        and event_date < valid_to
left semi join (select lead_key from leads where is_scored) as scored using (lead_key)
group by lead_key, event_date, match_key;

-- Whoever was silent for so many days begins anew.
create table spells using parquet as
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
        datediff(event_date, lag(event_date) over (
            partition by lead_key order by event_date
        )) as silent_days
    from active_days
),

last_spells as (
    select
        lead_key,
        datediff({as_of_date}, max(event_date)) as days_inactive,
        max(event_date) filter (where silent_days >= {reset_days}) as begun_on
    from silences
    group by lead_key
)

select
    lead_key,
    days_inactive,
    case
        when days_inactive >= {reset_days} then date '9999-12-31'
        else coalesce(begun_on, date '1900-01-01')
    end as counts_from
from last_spells;

create table rule_points using parquet as
with wanted as (
    select rules.*, match_key
    from rules
    inner join matches
        on
            rules.event_type = matches.event_type
            and rules.property <=> matches.property
            and rules.operator <=> matches.operator
            and rules.operand <=> matches.operand
),

capped_daily as (
    select
        /*+ broadcast(wanted) */
        lead_days.lead_key,
        rule_key,
        event_date,
        max_hits_in_total,
        least(hits, coalesce(max_hits_per_day, hits)) as hits
    from lead_days
    inner join wanted
        on
            lead_days.match_key = wanted.match_key
            and event_date >= valid_from
            and event_date < valid_to
            and coalesce(datediff({as_of_date}, event_date) < window_days, true)
    left join spells on lead_days.lead_key = spells.lead_key
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

aged as (
    select
        /*+ broadcast(rules) */
        lead_key, rule_key, hits, decay, decay_days, decay_rate,
        datediff({as_of_date}, event_date) as age
    from capped
    inner join rules using (rule_key)
),

summed as (
    select
        lead_key,
        rule_key,
        sum(hits) as hits,
        sum(hits * case decay
            when 'half_life' then power(2, -age / decay_days)
            when 'linear' then greatest(0, 1 - age / decay_days)
            when 'expire' then case when age < decay_days then 1 else 0 end
            when 'step' then power(1 - decay_rate, floor(age / decay_days))
            else 1
        end) as decayed_hits
    from aged
    group by lead_key, rule_key
)

select
    /*+ broadcast(rules) */
    lead_key, rule_id, rule_group, group_max_points,
    round((1 + 2e-15D) * case
        when mode = 'each' then points * decayed_hits
        when hits between coalesce(min_hits, 1) and coalesce(max_hits, hits) then points
        else 0
    end, 9) as points
from summed
inner join rules using (rule_key);

create temporary view inactivity_points as
with mails as (
    select
        lead_key, event_type, event_date, hits,
        max(case when event_type != 'email_sent' then event_date end)
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

select lead_key, round(cast(points as double) * (1 + 2e-15D), 9) as points
from signals
inner join inactivity_rules using (signal)
where
    signal_value >= coalesce(cast(min_value as double), 0)
    and coalesce(signal_value < cast(max_value as double), true)
    and coalesce({as_of_date} >= cast(valid_from as date), true)
    and coalesce({as_of_date} < cast(valid_to as date), true);

-- What a group has beyond its limit is taken from its earners, in proportion.
create temporary view lead_points as
with limits as (
    select
        lead_key, rule_group,
        sum(points) - first(group_max_points) as excess,
        sum(greatest(points, 0)) as earned
    from rule_points
    where group_max_points is not null
    group by lead_key, rule_group
    having sum(points) > first(group_max_points)
),

united as (
    select
        rule_points.lead_key,
        round((1 + 2e-15D) * (points - round((1 + 2e-15D) * coalesce(
            excess * greatest(points, 0) / nullif(earned, 0), 0
        ), 9)), 9) as points
    from rule_points
    left join limits
        on
            rule_points.lead_key = limits.lead_key
            and rule_points.rule_group = limits.rule_group
    union all
    select lead_key, points
    from inactivity_points
)

select lead_key, round(sum(points) * (1 + 2e-15D), 9) as points
from united
group by lead_key;

create temporary view result as
select
    lead_id,
    coalesce(points, 0) as engagement_points,
    round((1 + 2e-15D) * case scaling
        when 'linear'
            then least(100, greatest(0, 100 * coalesce(points, 0) / max_points))
        else 100 * (
            1 - power(2, -greatest(coalesce(points, 0), 0) / half_saturation_points)
        )
    end, 6) as engagement_score
from leads
left join lead_points on leads.lead_key = lead_points.lead_key
cross join (
    select
        scaling, cast(half_saturation_points as double) as half_saturation_points,
        cast(max_points as double) as max_points
    from score_scales
    where score = 'engagement'
) as scales;
