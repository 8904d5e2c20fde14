"""Compute engagement points with Polars, as one would write it by hand.

Events are read lazily and streamed; what is left of them is narrow, with identifiers
hashed to 64 bits. Days are UTC days.
"""

import hashlib
import sys
from datetime import date, timedelta

import polars as pl

from _peer_inputs import (
    CONTACT_ORDER,
    EVENT_ORDER,
    ActionableError,
    Inputs,
    SeedRow,
    day,
    number,
    run_peer,
)

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)
ACCEPTED = (
    *("event_key", "kind", "name", "identifier_key", "browser_key", "event_type"),
    *("page_url", "dwell_seconds", "is_human", "event_date", "occurred_at"),
)
MAILS = ("email_sent", "email_opened", "email_clicked")


RULE_POINTS = {
    "lead_key": pl.UInt64,
    "points": pl.Float64,
    "rule_group": pl.String,
    "group_max_points": pl.Float64,
}


def rounded(value: pl.Expr, decimals: int) -> pl.Expr:
    """Half away from zero; a few last digits below a half count as a half."""
    nudged = value.cast(pl.Float64) * (1 + 2e-15)
    return nudged.round(decimals, mode="half_away_from_zero") + 0.0


def trimmed(text: pl.Expr) -> pl.Expr:
    """Text without spaces around it; null when nothing is left."""
    bare = text.str.strip_chars(" ")
    return pl.when(bare != "").then(bare)


def email_address(text: pl.Expr) -> pl.Expr:
    """An address in lower case; null when it is none."""
    return pl.when(text.str.contains("@", literal=True)).then(
        text.str.to_lowercase().str.strip_chars(" ")
    )


def identifier_key(kind: str, name: pl.Expr) -> pl.Expr:
    """The key of an identifier; null when it has no name."""
    seed = ("contact_id", "email", "anonymous_id").index(kind)
    return pl.when(name.is_not_null()).then(name.hash(seed))


# ------------------------------------------------------------------------- the events


def landed(inputs: Inputs, table: str) -> pl.LazyFrame:
    """The landed rows of a table."""
    return pl.scan_parquet(
        inputs.files(table), hive_partitioning=False, missing_columns="insert"
    )


def cleaned(events: pl.LazyFrame) -> pl.LazyFrame:
    """Ids trimmed, words in one case."""
    return events.with_columns(
        trimmed(pl.col("event_id", "source", "anonymous_id", "contact_id")),
        trimmed(pl.col("event_name").str.to_lowercase()),
        trimmed(pl.col("currency").str.to_uppercase()),
        email_address(pl.col("email")),
    ).with_columns(
        event_key=pl.col("event_id").hash(3) ^ pl.col("source").hash(4),
        is_machine=pl.col("is_machine").fill_null(False),
    )


def valid(events: pl.LazyFrame, machines: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """The rows that nothing in the row itself speaks against."""
    names = pl.LazyFrame(inputs.seed("event_names")).with_columns(
        pl.col("event_name").str.to_lowercase()
    )
    shared = names.filter(pl.col("source") == "*").drop("source")
    own = names.filter(pl.col("source") != "*").rename({"event_type": "own_type"})
    currencies = [text.upper() for text in inputs.column("exchange_rates", "currency")]
    arrived_at = pl.min_horizontal("received_at", "loaded_at")
    kind = (
        pl.when(pl.col("contact_id").is_not_null())
        .then(pl.lit("contact_id"))
        .when(pl.col("email").is_not_null())
        .then(pl.lit("email"))
        .otherwise(pl.lit("anonymous_id"))
    )
    return (
        cleaned(events)
        .filter(
            pl.col("event_id").is_not_null(),
            pl.col("source").is_not_null(),
            pl.any_horizontal(
                pl.col("contact_id", "email", "anonymous_id").is_not_null()
            ),
            pl.col("occurred_at") <= arrived_at + timedelta(hours=24),
            pl.col("occurred_at") >= date(2000, 1, 1),
            pl.col("amount").is_null()
            | pl.col("currency").is_null()
            | pl.col("currency").is_in(currencies),
        )
        .join(own, on=["source", "event_name"], how="left")
        .join(shared, on="event_name", how="left")
        .with_columns(event_type=pl.coalesce("own_type", "event_type"))
        .filter(
            pl.col("event_type").is_not_null(),
            (pl.col("amount").fill_null(0) >= 0)
            | (pl.col("event_type") == "order_refunded"),
        )
        .join(machines, on="user_agent", how="left")
        .with_columns(
            kind=kind.cast(pl.Enum(["contact_id", "email", "anonymous_id"])),
            name=pl.coalesce("contact_id", "email", "anonymous_id"),
            identifier_key=pl.coalesce(
                identifier_key(kind, pl.col(kind))
                for kind in ("contact_id", "email", "anonymous_id")
            ),
            browser_key=pl.when(
                pl.any_horizontal(pl.col("contact_id", "email").is_not_null())
            ).then(identifier_key("anonymous_id", pl.col("anonymous_id"))),
            is_human=~pl.col("is_machine") & pl.col("is_machine_agent").is_null(),
            event_date=pl.col("occurred_at").dt.date(),
        )
    )


def machine_agents(inputs: Inputs) -> pl.LazyFrame:
    """The user agents that are machines."""
    machines = inputs.column("machine_user_agents", "pattern")
    patterns = [text.lower() for text in machines]
    agents = landed(inputs, "events").select(pl.col("user_agent").unique())
    return (
        agents.filter(
            pl.col("user_agent").str.to_lowercase().str.contains_any(patterns)
        )
        .with_columns(is_machine_agent=True)
        .collect(engine="streaming")
        .lazy()
    )


def accept(inputs: Inputs) -> pl.DataFrame:
    """The valid events without duplicates."""
    machines = machine_agents(inputs)
    events = (
        valid(landed(inputs, "events"), machines, inputs)
        .select(
            *ACCEPTED,
        )
        .collect(engine="streaming")
    )
    keys = events.group_by("event_key").len().filter(pl.col("len") > 1)
    # Few ids come twice: only their rows are read whole and sorted.
    again = (
        landed(inputs, "events")
        .join(
            keys.lazy().select("event_key"),
            left_on=trimmed(pl.col("event_id")).hash(3)
            ^ trimmed(pl.col("source")).hash(4),
            right_on="event_key",
            how="semi",
        )
        .collect(engine="streaming")
    )
    placed = (
        valid(again.lazy(), machines, inputs)
        .sort(EVENT_ORDER, nulls_last=True)
        .with_columns(place=pl.int_range(pl.len()).over("event_key"))
        .collect()
    )
    window = inputs.setting_number("duplicate_window_days")
    places = placed.select("event_key", "event_date", "place")
    duplicates = (
        places.join(places, on="event_key", suffix="_before")
        .filter(
            pl.col("place_before") < pl.col("place"),
            (pl.col("event_date") - pl.col("event_date_before")).dt.total_days().abs()
            <= window,
        )
        .select("event_key", "place")
    )
    firsts = placed.join(duplicates, on=["event_key", "place"], how="anti")
    once = events.join(keys, on="event_key", how="anti")
    return pl.concat([once, firsts.select(ACCEPTED)])


def hits_per_day(
    events: pl.DataFrame, rules: list[SeedRow], as_of: date
) -> pl.DataFrame:
    """Hits of people per identifier, day and match; browser_key where one signed in."""
    humans = events.lazy().filter(pl.col("is_human"), pl.col("event_date") <= as_of)
    keys = ["identifier_key", "browser_key", "event_date", "match"]
    counted = {"hits": pl.len(), "last_at": pl.col("occurred_at").max()}
    matches = [humans.with_columns(match=pl.col("event_type"))]
    for match, rule in {match_of(rule): rule for rule in rules}.items():
        if rule["property"]:
            met = humans.filter(pl.col("event_type") == rule["event_type"], holds(rule))
            matches.append(met.with_columns(match=pl.lit(match)))
    grouped = [each.group_by(keys).agg(**counted) for each in matches]
    return pl.concat(grouped).collect(engine="streaming")


def match_of(rule: SeedRow) -> str:
    """What a rule looks for: rules that look for the same share it."""
    if not rule["property"]:
        return str(rule["event_type"])
    parts = ("event_type", "property", "operator", "operand")
    return " ".join(str(rule[part]) for part in parts)


def holds(rule: SeedRow) -> pl.Expr:
    """Whether an event meets a rule's condition."""
    if rule["property"] == "page_url":
        text = pl.col("page_url").str.to_lowercase()
        return text.str.contains(rule["operand"], literal=True)
    return pl.col("dwell_seconds") > number(rule["operand"])


# ---------------------------------------------------------------------------- identity


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def hashed(column: str) -> pl.Expr:
    return pl.col(column).map_elements(md5, return_dtype=pl.String)


def contact_versions(inputs: Inputs) -> pl.DataFrame:
    """Every version of every contact, the newest first."""
    return (
        landed(inputs, "contacts")
        .with_columns(
            trimmed(pl.col("contact_id")),
            email_address(pl.col("email")),
            pl.col("is_test").fill_null(False),
            updated_at=pl.coalesce(
                "updated_at", "created_at", pl.lit(date(1970, 1, 1)).cast(pl.Datetime)
            ),
        )
        .filter(pl.col("contact_id").is_not_null())
        .sort(
            CONTACT_ORDER,
            descending=[True, True] + [False] * (len(CONTACT_ORDER) - 2),
            nulls_last=True,
        )
        .collect()
    )


def known_identifiers(
    versions: pl.DataFrame, identifiers: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Contacts, their addresses, and what events name but no contact row does."""
    # Contacts with one email are one person, named by the oldest.
    person = pl.coalesce(pl.concat_str(pl.lit("email:"), "email"), "contact_id")
    contacts = (
        versions.filter(pl.col("updated_at").dt.date() <= as_of)
        .unique("contact_id", keep="first", maintain_order=True)
        .sort("created_at", "contact_id", nulls_last=True)
        .with_columns(lead_id=pl.col("contact_id").first().over(person))
    )
    ids = contacts.select(
        "lead_id",
        "email",
        "is_test",
        identifier_key=identifier_key("contact_id", pl.col("contact_id")),
    )
    addresses = (
        contacts.filter(pl.col("email").is_not_null())
        .group_by("email")
        .agg(pl.col("lead_id").first(), pl.col("is_test").any())
        .select(
            "lead_id",
            "email",
            "is_test",
            identifier_key=identifier_key("email", pl.col("email")),
        )
    )
    of_contacts = pl.concat([ids, addresses]).with_columns(
        lead_key=identifier_key("contact_id", pl.col("lead_id")), is_contact=True
    )
    strangers = (
        identifiers.filter(
            pl.col("kind") != "anonymous_id", pl.col("first_seen_date") <= as_of
        )
        .join(of_contacts, on="identifier_key", how="anti")
        .select(
            lead_id=pl.when(pl.col("kind") == "email")
            .then(pl.lit("email:") + hashed("name").str.head(16))
            .otherwise("name"),
            email=pl.when(pl.col("kind") == "email").then("name"),
            is_test=False,
            identifier_key="identifier_key",
            lead_key="identifier_key",
            is_contact=False,
        )
    )
    return pl.concat([of_contacts, strangers])


def erased_keys(
    inputs: Inputs, versions: pl.DataFrame, identifiers: pl.DataFrame
) -> pl.Series:
    """The identifiers that erasure requests name, or name by their hash."""
    requests = (
        landed(inputs, "erasure_requests")
        .select(
            trimmed(pl.col("contact_id")),
            pl.col("email").str.to_lowercase().str.strip_chars(" "),
        )
        .collect()
    )
    asked_ids = set(requests["contact_id"].drop_nulls())
    asked_emails = {
        email[:20] if email.startswith("md5:") else email
        for email in requests["email"].drop_nulls()
    }
    contact_ids = pl.concat(
        [
            versions["contact_id"],
            identifiers.filter(pl.col("kind") == "contact_id")["name"],
        ]
    ).unique()
    emails = pl.concat(
        [
            versions["email"].drop_nulls(),
            identifiers.filter(pl.col("kind") == "email")["name"],
        ]
    ).unique()
    erased_ids = [n for n in contact_ids if {n, f"md5:{md5(n)}"} & asked_ids]
    erased_emails = [n for n in emails if {n, f"md5:{md5(n)[:16]}"} & asked_emails]
    return pl.concat(
        pl.select(key=identifier_key(kind, pl.lit(pl.Series(names, dtype=pl.String))))
        for kind, names in (("contact_id", erased_ids), ("email", erased_emails))
    )["key"]


def objected_leads(
    inputs: Inputs, versions: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """The leads whose newest answer about profiling is a no."""
    consents = (
        landed(inputs, "consents")
        .select(
            trimmed(pl.col("contact_id")),
            pl.col("purpose", "status").str.to_lowercase().str.strip_chars(" "),
            "occurred_at",
            "loaded_at",
        )
        .filter(
            pl.col("purpose") == "profiling",
            pl.col("occurred_at").is_not_null(),
            pl.col("contact_id").is_not_null(),
        )
        .collect()
    )
    # By address, too: on a past date the person may have been an address, no contact.
    newest = versions.sort(
        "updated_at",
        "loaded_at",
        "email",
        descending=[True, True, False],
        nulls_last=True,
    ).unique("contact_id", keep="first", maintain_order=True)
    by_address = consents.join(
        newest.select("contact_id", "email"), on="contact_id"
    ).filter(pl.col("email").is_not_null())
    columns = ["status", "occurred_at", "loaded_at"]
    answers = pl.concat(
        [
            consents.select(
                *columns,
                identifier_key=identifier_key("contact_id", pl.col("contact_id")),
            ),
            by_address.select(
                *columns, identifier_key=identifier_key("email", pl.col("email"))
            ),
        ]
    )
    return (
        answers.join(known, on="identifier_key")
        .sort("occurred_at", "loaded_at", "status")
        .group_by("lead_key")
        .agg(pl.col("status").last())
        .filter(pl.col("status") == "withdrawn")
    )


def browser_owners(days: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Who last identified on a browser by a day; before, the first one."""
    return (
        days.filter(pl.col("browser_key").is_not_null())
        .join(known, on="identifier_key")
        .sort("last_at", "lead_id", descending=[True, False])
        .unique(["browser_key", "event_date"], keep="first", maintain_order=True)
        .sort("browser_key", "event_date")
        .select(
            identifier_key="browser_key",
            lead_key="lead_key",
            valid_from=pl.when(pl.col("event_date").cum_count().over("browser_key") > 1)
            .then("event_date")
            .otherwise(FIRST_DAY),
            valid_to=pl.col("event_date").shift(-1).over("browser_key"),
        )
        .with_columns(pl.col("valid_to").fill_null(LAST_DAY))
    )


# ------------------------------------------------------------------------- the points


def decay_factor(rule: SeedRow, age: pl.Expr) -> pl.Expr:
    """What is left of a hit's worth at this age."""
    days, rate = number(rule["decay_days"]) or 1.0, number(rule["decay_rate"]) or 0.0
    match rule["decay"]:
        case "half_life":
            return pl.lit(2.0).pow(-age / days)
        case "linear":
            return pl.max_horizontal(pl.lit(0.0), 1 - age / days)
        case "expire":
            return (age < days).cast(pl.Float64)
        case "step":
            return pl.lit(1 - rate).pow((age / days).floor())
    return pl.lit(1.0)


def points_of_rule(rule: SeedRow, hits: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """What one rule gives each lead."""
    age = (pl.lit(as_of) - pl.col("event_date")).dt.total_days()
    daily, most = number(rule["max_hits_per_day"]), number(rule["max_hits"])
    worth = number(rule["points"])
    met = hits.filter(
        pl.col("match") == match_of(rule),
        pl.col("event_date") >= day(rule["valid_from"], FIRST_DAY),
        pl.col("event_date") < day(rule["valid_to"], LAST_DAY),
        pl.col("event_date") >= pl.col("counts_from"),
    )
    if daily is not None:
        met = met.with_columns(pl.col("hits").clip(upper_bound=int(daily)))
    if rule["mode"] == "threshold":
        window = number(rule["window_days"])
        total = met.filter(age < window) if window else met
        least = number(rule["min_hits"]) or 1
        earned = pl.col("hits").is_between(least, most or float("inf"))
        points = pl.when(earned).then(worth).otherwise(0.0)
        summed = total.group_by("lead_key").agg(pl.col("hits").sum())
    else:
        if most is not None:
            before = pl.col("hits").cum_sum().over("lead_key") - pl.col("hits")
            left = (int(most) - before).clip(lower_bound=0)
            met = met.sort("event_date").with_columns(
                hits=pl.min_horizontal("hits", left)
            )
        summed = met.group_by("lead_key").agg(
            hits=(pl.col("hits") * decay_factor(rule, age)).sum()
        )
        points = pl.col("hits") * worth
    return summed.select(
        "lead_key",
        points=rounded(points, 9),
        rule_group=pl.lit(rule["rule_group"], dtype=pl.String),
        group_max_points=pl.lit(number(rule["group_max_points"]), dtype=pl.Float64),
    )


def inactivity_points(
    inputs: Inputs, hits: pl.LazyFrame, spells: pl.DataFrame, as_of: date
) -> list[pl.LazyFrame]:
    """What silence and unopened emails take."""
    mails = hits.filter(pl.col("match").is_in(MAILS))
    sent = pl.col("match") == "email_sent"
    opened = (
        mails.filter(~sent).group_by("lead_key").agg(opened=pl.col("event_date").max())
    )
    unopened = (
        mails.filter(sent)
        .join(opened, on="lead_key", how="left")
        .filter(pl.col("event_date") > pl.col("opened").fill_null(FIRST_DAY))
        .group_by("lead_key")
        .agg(value=pl.col("hits").sum().cast(pl.Int64))
    )
    silent = spells.lazy().select("lead_key", value="days_inactive")
    signals = {"emails_unopened": unopened, "days_without_activity": silent}
    found = []
    for rule in inputs.seed("inactivity_rules"):
        starts, ends = (
            day(rule["valid_from"], FIRST_DAY),
            day(rule["valid_to"], LAST_DAY),
        )
        if starts <= as_of < ends:
            value = signals[str(rule["signal"])].filter(
                pl.col("value") >= (number(rule["min_value"]) or 0),
                pl.col("value") < (number(rule["max_value"]) or float("inf")),
            )
            worth = pl.lit(number(rule["points"]))
            found.append(value.select("lead_key", points=rounded(worth, 9)))
    return found


def last_spells(inputs: Inputs, hits: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Since when each lead's hits count: a long silence voids what was before."""
    active = [
        row["event_type"]
        for row in inputs.seed("event_types")
        if row["is_activity"] == "true"
    ]
    reset = inputs.setting_number("inactivity_reset_days")
    days_inactive = (pl.lit(as_of) - pl.col("event_date").max()).dt.total_days()
    days = (
        hits.lazy()
        .filter(pl.col("match").is_in(active))
        .select("lead_key", "event_date")
        .unique()
    )
    counts_from = pl.lit(FIRST_DAY)
    if reset is not None:
        silent = pl.col("event_date").diff().over("lead_key").dt.total_days()
        days = days.sort("lead_key", "event_date").with_columns(silent=silent)
        begun = pl.col("event_date").filter(pl.col("silent") >= reset).max()
        counts_from = (
            pl.when(days_inactive >= reset)
            .then(LAST_DAY)
            .otherwise(begun.fill_null(FIRST_DAY))
        )
    return (
        days.group_by("lead_key")
        .agg(days_inactive=days_inactive, counts_from=counts_from.first())
        .collect(engine="streaming")
    )


def limited(points: pl.DataFrame) -> pl.DataFrame:
    """What a group has beyond its limit is taken from its earners, in proportion."""
    group = ["lead_key", "rule_group"]
    earned = pl.col("points").clip(lower_bound=0)
    excess = pl.col("points").sum().over(group) - pl.col("group_max_points")
    share = excess.clip(lower_bound=0) * earned / earned.sum().over(group)
    is_over = pl.col("group_max_points").is_not_null() & (excess > 0)
    loss = pl.when(is_over & (earned > 0)).then(share).otherwise(0.0)
    return points.select(
        "lead_key", points=rounded(pl.col("points") - rounded(loss, 9), 9)
    )


def score_leads(
    inputs: Inputs, hits: pl.DataFrame, leads: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """The points and the score of every lead."""
    spells = last_spells(inputs, hits, as_of)
    counted = (
        hits.join(spells.select("lead_key", "counts_from"), on="lead_key", how="left")
        .with_columns(pl.col("counts_from").fill_null(FIRST_DAY))
        .lazy()
    )
    by_rule = [points_of_rule(r, counted, as_of) for r in inputs.engagement_rules()]
    nothing = pl.DataFrame(schema=RULE_POINTS)
    earned = pl.concat([nothing, *pl.collect_all(by_rule)])
    taken = pl.collect_all(inactivity_points(inputs, hits.lazy(), spells, as_of))
    united = pl.concat([limited(earned), *taken])
    summed = united.group_by("lead_key").agg(
        engagement_points=rounded(pl.col("points").sum(), 9)
    )
    (scale,) = (r for r in inputs.seed("score_scales") if r["score"] == "engagement")
    points = pl.col("engagement_points")
    if scale["scaling"] == "linear":
        score = (100 * points / number(scale["max_points"])).clip(0, 100)
    else:
        halvings = points.clip(lower_bound=0) / number(scale["half_saturation_points"])
        score = 100 * (1 - pl.lit(2.0).pow(-halvings))
    return (
        leads.join(summed, on="lead_key", how="left")
        .with_columns(points.fill_null(0.0))
        .select("lead_id", "engagement_points", engagement_score=rounded(score, 6))
    )


def score(inputs: Inputs) -> None:
    """Score every lead and write the result."""
    events = accept(inputs)
    identifiers = (
        events.lazy()
        .group_by("identifier_key")
        .agg(
            pl.col("kind", "name").first(),
            first_seen_date=pl.col("event_date").min(),
            last_seen_date=pl.col("event_date").max(),
        )
        .collect(engine="streaming")
    )
    as_of = inputs.as_of_date or identifiers["last_seen_date"].max()
    if not isinstance(as_of, date):
        raise ActionableError(f"{inputs.landing}: no event can be accepted")
    days = hits_per_day(events, inputs.engagement_rules(), as_of)
    del events

    versions = contact_versions(inputs)
    known = known_identifiers(versions, identifiers, as_of)
    erased = erased_keys(inputs, versions, identifiers)
    is_erased = pl.col("identifier_key").is_in(erased.implode())
    gone = pl.concat(
        [
            known.filter(is_erased).select("lead_key"),
            objected_leads(inputs, versions, known).select("lead_key"),
        ]
    )
    staff_domains = [
        str(row["email_domain"]).lower()
        for row in inputs.seed("email_domains")
        if row["kind"] == "staff"
    ]
    domain = pl.col("email").str.split("@").list.last()
    staff = known.filter(pl.col("is_test") | domain.is_in(staff_domains))

    owners = browser_owners(days, known)
    strangers = identifiers.filter(
        pl.col("kind") == "anonymous_id", pl.col("first_seen_date") <= as_of
    ).join(owners, on="identifier_key", how="anti")
    always = {"valid_from": pl.lit(FIRST_DAY), "valid_to": pl.lit(LAST_DAY)}
    links = pl.concat(
        [
            owners,
            known.select("identifier_key", "lead_key", **always),
            strangers.select("identifier_key", lead_key="identifier_key", **always),
        ]
    )
    people = (
        known.join(gone, on="lead_key", how="anti")
        .group_by("lead_key")
        .agg(pl.col("lead_id").first(), pl.col("is_contact").any())
        .with_columns(is_staff=pl.col("lead_key").is_in(staff["lead_key"].implode()))
        .filter(~pl.col("is_staff") | pl.col("is_contact"))
        .select("lead_key", "lead_id", is_scored=~pl.col("is_staff"))
    )
    visitors = strangers.select(
        lead_key="identifier_key",
        lead_id=pl.lit("anonymous:") + pl.col("name"),
        is_scored=True,
    )
    leads = pl.concat([people, visitors])
    hits = (
        days.lazy()
        .join(links.lazy(), on="identifier_key")
        .filter(
            pl.col("event_date") >= pl.col("valid_from"),
            pl.col("event_date") < pl.col("valid_to"),
        )
        .join(leads.lazy().filter("is_scored"), on="lead_key", how="semi")
        .group_by("lead_key", "event_date", "match")
        .agg(pl.col("hits").sum().cast(pl.Int64))
        .collect(engine="streaming")
    )
    del days
    score_leads(inputs, hits, leads, as_of).write_parquet(inputs.output)


def main(argv: list[str] | None = None) -> int:
    """Run the peer; returns the exit code."""
    return run_peer(score, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
