"""Compute engagement points with pandas, as one would write it by hand.

Files are read with pyarrow; texts that repeat stay dictionaries, identifiers become
whole numbers at once, days are counted from 1970. Days are UTC days.
"""

import hashlib
import sys
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

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

DICTIONARIES = ["source", "event_name", "currency", "user_agent", "page_url"]
READ = [
    *("event_id", "source", "event_name", "occurred_at", "received_at"),
    *("anonymous_id", "contact_id", "email", "page_url", "amount", "currency"),
    *("dwell_seconds", "user_agent", "is_machine", "loaded_at"),
]
KEPT = [
    *("identifier", "browser", "event_type", "page_url", "dwell_seconds", "is_human"),
    *("day", "occurred_at"),
]
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)
KINDS = ("contact_id", "email", "anonymous_id")


def days_since_epoch(calendar_day: date) -> int:
    return (calendar_day - date(1970, 1, 1)).days


def rounded(values: pd.Series, decimals: int) -> pd.Series:
    """Half away from zero; a few last digits below a half count as a half."""
    scale = 10.0**decimals
    units = np.floor(np.abs(values * (1 + 2e-15)) * scale + 0.5)
    return np.sign(values) * units / scale + 0.0


def trimmed(texts: pd.Series) -> pd.Series:
    """Texts without spaces around them; null when nothing is left."""
    bare = texts.str.strip(" ")
    return bare.mask(bare == "")


def email_addresses(texts: pd.Series) -> pd.Series:
    """Addresses in lower case; null when they are none."""
    is_address = texts.str.contains("@", regex=False, na=False)
    return texts.str.lower().str.strip(" ").where(is_address)


# ------------------------------------------------------------------------- the events


def landed(inputs: Inputs, table: str) -> ds.Dataset:
    """The landed rows of a table."""
    options = {"dictionary_columns": DICTIONARIES} if table == "events" else {}
    reading = ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(**options))
    return ds.dataset(inputs.files(table), format=reading)


def as_frame(table: pa.Table) -> pd.DataFrame:
    """A table as a data frame, flags without nulls."""
    for flag in {"is_machine", "is_test"} & set(table.column_names):
        place = table.column_names.index(flag)
        table = table.set_column(place, flag, pc.fill_null(table[flag], False))
    return table.to_pandas(self_destruct=True, split_blocks=True)


def categories(column: pd.Series) -> list[str]:
    """The texts of a dictionary, trimmed and in lower case, and one for null."""
    return [*(text.strip(" ").lower() for text in column.cat.categories), ""]


def event_types_of(events: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """The event types, -1 where a name is not mapped."""
    types = inputs.column("event_types", "event_type")
    place = {name: code for code, name in enumerate(types)}
    shared, own = {}, {}
    for row in inputs.seed("event_names"):
        name, code = str(row["event_name"]).lower(), place[str(row["event_type"])]
        if row["source"] == "*":
            shared[name] = code
        else:
            own[row["source"], name] = code
    sources = [text.strip(" ") for text in events["source"].cat.categories] + [""]
    names = categories(events["event_name"])
    table = np.array(
        [[own.get((s, n), shared.get(n, -1)) for n in names] for s in sources]
    )
    return table[events["source"].cat.codes, events["event_name"].cat.codes]


def cleaned(events: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Ids trimmed, types, machines and currencies looked up by dictionary."""
    for name in ("event_id", "anonymous_id", "contact_id"):
        events[name] = trimmed(events[name])
    events["email"] = email_addresses(events["email"])
    events["event_type"] = event_types_of(events, inputs)
    machines = inputs.column("machine_user_agents", "pattern")
    agents = [
        any(pattern.lower() in agent for pattern in machines)
        for agent in categories(events["user_agent"])
    ]
    is_machine_agent = np.array(agents)[events["user_agent"].cat.codes]
    events["is_human"] = ~(events["is_machine"].to_numpy(bool) | is_machine_agent)
    known = [
        "",
        *(text.lower() for text in inputs.column("exchange_rates", "currency")),
    ]
    currencies = [text in known for text in categories(events["currency"])]
    events["has_rate"] = np.array(currencies)[events["currency"].cat.codes]
    blank = [not text.strip(" ") for text in events["source"].cat.categories]
    events["has_source"] = ~np.array([*blank, True])[events["source"].cat.codes]
    return events


def is_valid(events: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """The rows that nothing in the row itself speaks against."""
    refund = inputs.column("event_types", "event_type").index("order_refunded")
    received_at = events["received_at"].fillna(events["loaded_at"])
    arrived_at = received_at.where(
        received_at < events["loaded_at"], events["loaded_at"]
    )
    ahead = events["occurred_at"] - arrived_at
    has_name = (
        events["contact_id"].notna()
        | events["email"].notna()
        | events["anonymous_id"].notna()
    )
    return (
        events["event_id"].notna()
        & events["has_source"]
        & has_name
        & (ahead <= pd.Timedelta(hours=24))
        & (events["occurred_at"] >= pd.Timestamp(2000, 1, 1))
        & (events["event_type"] >= 0)
        & (~(events["amount"] < 0) | (events["event_type"] == refund))
        & (events["amount"].isna() | events["has_rate"])
    )


def repeated_rows(events: pd.DataFrame, inputs: Inputs) -> pd.Index:
    """The rows of `events` that are duplicates of an earlier one within the window."""
    source = events["source"].cat.codes.to_numpy("int64")
    ids, _ = pd.factorize(events["event_id"])
    key = pd.Series(ids * len(events["source"].cat.categories) + source, events.index)
    key = key[key.duplicated(keep=False)]
    # Few ids come twice: only their rows are read whole and sorted.
    columns = [name for name in EVENT_ORDER if name not in events.columns]
    positions = pa.array(key.index)
    rows = as_frame(landed(inputs, "events").take(positions, columns=columns))
    rows.index = key.index
    rows = rows.join(events.loc[key.index]).assign(key=key)
    for name in rows.select_dtypes("category"):
        rows[name] = rows[name].astype("str")
    for name in ("event_name", "currency"):  # texts are compared in one case
        rows[name] = trimmed(rows[name].str.lower())
    placed = rows.sort_values(list(EVENT_ORDER), na_position="last", kind="stable")
    placed["place"] = placed.groupby("key").cumcount()
    placed["row"] = placed.index
    places = placed[["key", "row", "place", "day"]]
    pairs = places.merge(places, on="key", suffixes=("", "_before"))
    window = inputs.setting_number("duplicate_window_days")
    is_duplicate = (pairs["place_before"] < pairs["place"]) & (
        (pairs["day"] - pairs["day_before"]).abs() <= window
    )
    return pd.Index(pairs.loc[is_duplicate, "row"].unique())


@dataclass
class Accepted:
    """Accepted events, and the identifiers that their numbers stand for."""

    events: pd.DataFrame
    identifiers: pd.DataFrame  # kind, name; its index is the number


def accept(inputs: Inputs) -> Accepted:
    """The valid events without duplicates, identifiers numbered."""
    landed_events = as_frame(landed(inputs, "events").to_table(columns=READ))
    events = cleaned(landed_events, inputs)
    events = events[is_valid(events, inputs)]
    events["day"] = (
        events["occurred_at"].to_numpy().astype("datetime64[D]").astype("int32")
    )
    events = events.drop(index=repeated_rows(events, inputs))

    names, first = [], 0
    events["identifier"] = np.int64(-1)
    for kind in KINDS:
        codes, texts = pd.factorize(events[kind])
        is_named = codes >= 0
        numbers = np.where(is_named, codes + first, -1)
        if kind == "anonymous_id":
            is_known = events["identifier"].to_numpy() >= 0
            events["browser"] = np.where(is_known, numbers, -1)
        unnamed = events["identifier"].to_numpy() < 0
        events["identifier"] = np.where(unnamed, numbers, events["identifier"])
        names.append(pd.DataFrame({"kind": kind, "name": texts}))
        first += len(texts)
    return Accepted(events[KEPT], pd.concat(names, ignore_index=True))


# ---------------------------------------------------------------------------- identity


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Numbers:
    """The numbers of identifiers, those that no event names included."""

    def __init__(self, identifiers: pd.DataFrame) -> None:
        self.by_name = {
            kind: dict(zip(rows["name"], rows.index, strict=True))
            for kind, rows in identifiers.groupby("kind")
            if kind != "anonymous_id"
        }
        self.count = len(identifiers)

    def of(self, kind: str, names: pd.Series) -> pd.Series:
        """The number of each name; a new one gets the next."""
        known = self.by_name.setdefault(kind, {})
        for name in names:
            if name not in known:
                known[name] = self.count
                self.count += 1
        return names.map(known).astype("int64")


def contact_versions(inputs: Inputs) -> pd.DataFrame:
    """Every version of every contact, the newest first."""
    rows = as_frame(landed(inputs, "contacts").to_table())
    rows["contact_id"] = trimmed(rows["contact_id"])
    rows["email"] = email_addresses(rows["email"])
    rows["updated_at"] = (
        rows["updated_at"].fillna(rows["created_at"]).fillna(pd.Timestamp(0))
    )
    rows = rows[rows["contact_id"].notna()]
    backwards = [False, False] + [True] * (len(CONTACT_ORDER) - 2)
    return rows.sort_values(list(CONTACT_ORDER), ascending=backwards)


def known_identifiers(
    versions: pd.DataFrame, strangers: pd.DataFrame, numbers: Numbers, as_of: int
) -> pd.DataFrame:
    """Contacts, their addresses, and what events name but no contact row does."""
    is_past = versions["updated_at"].to_numpy().astype("datetime64[D]").astype(int)
    contacts = (
        versions[is_past <= as_of]
        .drop_duplicates("contact_id")
        .sort_values(["created_at", "contact_id"])
    )
    # Contacts with one email are one person, named by the oldest.
    person = ("email:" + contacts["email"]).fillna(
        "contact_id:" + contacts["contact_id"]
    )
    contacts["lead_id"] = contacts.groupby(person)["contact_id"].transform("first")
    ids = contacts[["lead_id", "email", "is_test"]].assign(
        identifier=numbers.of("contact_id", contacts["contact_id"])
    )
    addresses = (
        contacts.dropna(subset="email")
        .groupby("email", as_index=False)
        .agg(lead_id=("lead_id", "first"), is_test=("is_test", "any"))
    )
    addresses["identifier"] = numbers.of("email", addresses["email"])
    of_contacts = pd.concat([ids, addresses], ignore_index=True)
    of_contacts["lead"] = numbers.of("contact_id", of_contacts["lead_id"])
    of_contacts["is_contact"] = True

    others = strangers[~strangers.index.isin(of_contacts["identifier"])]
    is_email = others["kind"] == "email"
    hashed = "email:" + others["name"].map(lambda name: md5(name)[:16])
    unmet = pd.DataFrame(
        {
            "lead_id": others["name"].mask(is_email, hashed),
            "email": others["name"].where(is_email),
            "is_test": False,
            "identifier": others.index,
            "lead": others.index,
            "is_contact": False,
        }
    )
    known = pd.concat([of_contacts, unmet], ignore_index=True)
    texts = dict.fromkeys(("lead_id", "email"), "str")  # even where there is none
    return known.astype(texts | {"lead": "int64", "identifier": "int64"})


def erased_identifiers(
    inputs: Inputs, numbers: Numbers, versions: pd.DataFrame
) -> set[int]:
    """The identifiers that erasure requests name, or name by their hash."""
    requests = as_frame(landed(inputs, "erasure_requests").to_table())
    numbers.of("contact_id", versions["contact_id"])
    numbers.of("email", versions["email"].dropna())
    asked_ids = set(trimmed(requests["contact_id"].astype("str")).dropna())
    emails = requests["email"].astype("str").str.lower().str.strip(" ").dropna()
    asked_emails = {e[:20] if e.startswith("md5:") else e for e in emails}
    found = set()
    for kind, asked, length in (
        ("contact_id", asked_ids, 32),
        ("email", asked_emails, 16),
    ):
        for name, identifier in numbers.by_name.get(kind, {}).items():
            if name in asked or f"md5:{md5(name)[:length]}" in asked:
                found.add(identifier)
    return found


def objected_leads(
    inputs: Inputs, numbers: Numbers, versions: pd.DataFrame, known: pd.DataFrame
) -> set[int]:
    """The leads whose newest answer about profiling is a no."""
    consents = as_frame(landed(inputs, "consents").to_table())
    consents["contact_id"] = trimmed(consents["contact_id"])
    for name in ("purpose", "status"):
        consents[name] = consents[name].str.lower().str.strip(" ")
    consents = consents[
        (consents["purpose"] == "profiling")
        & consents["occurred_at"].notna()
        & consents["contact_id"].notna()
    ]
    # By address, too: on a past date the person may have been an address, no contact.
    newest = versions.sort_values(
        ["updated_at", "loaded_at", "email"], ascending=[False, False, True]
    ).drop_duplicates("contact_id")
    by_address = consents.merge(newest[["contact_id", "email"]].dropna())
    answers = pd.concat(
        [
            consents.assign(
                identifier=numbers.of("contact_id", consents["contact_id"])
            ),
            by_address.assign(identifier=numbers.of("email", by_address["email"])),
        ]
    )
    last = (
        answers.merge(known[["identifier", "lead"]])
        .sort_values(["occurred_at", "loaded_at", "status"])
        .drop_duplicates("lead", keep="last")
    )
    return set(last.loc[last["status"] == "withdrawn", "lead"])


def browser_owners(
    events: pd.DataFrame, known: pd.DataFrame, as_of: int
) -> pd.DataFrame:
    """Who last identified on a browser by a day; before, the first one."""
    identified = events[
        (events["browser"] >= 0) & events["is_human"] & (events["day"] <= as_of)
    ]
    owners = (
        identified[["identifier", "browser", "day", "occurred_at"]]
        .merge(known[["identifier", "lead", "lead_id"]])
        .sort_values(["occurred_at", "lead_id"], ascending=[False, True])
        .drop_duplicates(["browser", "day"])
        .sort_values(["browser", "day"])
    )
    is_first = ~owners["browser"].duplicated()
    is_last = ~owners["browser"].duplicated(keep="last")
    next_day = owners["day"].shift(-1)
    return pd.DataFrame(
        {
            "identifier": owners["browser"],
            "lead": owners["lead"],
            "valid_from": owners["day"].mask(is_first, days_since_epoch(FIRST_DAY)),
            "valid_to": next_day.mask(is_last, days_since_epoch(LAST_DAY)),
        }
    )


# ------------------------------------------------------------------------- the points


def count_hits(
    events: pd.DataFrame, types: list[str], rules: list[SeedRow], as_of: int
) -> tuple[pd.DataFrame, list[str]]:
    """Hits of people per identifier, day and match; and what the matches look for."""
    humans = events[events["is_human"] & (events["day"] <= as_of)]
    matches, met = list(types), [(humans, humans["event_type"])]
    for match, rule in {match_of(rule): rule for rule in rules}.items():
        if rule["property"]:
            is_type = humans["event_type"] == types.index(str(rule["event_type"]))
            candidates = humans[is_type]
            chosen = candidates[holds(rule, candidates)]
            met.append((chosen, pd.Series(len(matches), chosen.index)))
            matches.append(match)
    # One number for identifier, day and match: far faster to group by than three.
    width, span = len(matches), as_of + 1
    keys = [
        (rows["identifier"].to_numpy("int64") * span + rows["day"]) * width + codes
        for rows, codes in met
    ]
    counts = pd.concat(keys, ignore_index=True).value_counts(sort=False)
    key = counts.index.to_numpy()
    hits = pd.DataFrame(
        {
            "identifier": key // width // span,
            "day": key // width % span,
            "match": key % width,
            "hits": counts.to_numpy(),
        }
    )
    return hits, matches


def match_of(rule: SeedRow) -> str:
    """What a rule looks for: rules that look for the same share it."""
    if not rule["property"]:
        return str(rule["event_type"])
    parts = ("event_type", "property", "operator", "operand")
    return " ".join(str(rule[part]) for part in parts)


def holds(rule: SeedRow, events: pd.DataFrame) -> pd.Series:
    """Whether events meet a rule's condition."""
    if rule["property"] == "page_url":
        pages = events["page_url"].cat
        found = [str(rule["operand"]) in page.lower() for page in pages.categories]
        return np.array([*found, False])[pages.codes]
    return events["dwell_seconds"] > number(rule["operand"])


def hits_of_leads(
    hits: pd.DataFrame, lead_of: np.ndarray, owners: pd.DataFrame
) -> pd.DataFrame:
    """Hits per lead, day and match; a negative lead is left out."""
    is_owned = np.zeros(len(lead_of), dtype=bool)
    is_owned[owners["identifier"]] = True
    on_owned = is_owned[hits["identifier"]]
    owned = hits[on_owned].merge(owners)
    owned = owned[
        (owned["day"] >= owned["valid_from"]) & (owned["day"] < owned["valid_to"])
    ]
    others = hits[~on_owned]
    others = others.assign(lead=lead_of[others["identifier"]])
    columns = ["lead", "day", "match", "hits"]
    united = pd.concat([owned[columns], others[columns]], ignore_index=True)
    return united.groupby(["lead", "day", "match"], as_index=False, sort=False).sum()


def last_spells(
    hits: pd.DataFrame, active: list[int], reset: int | None, as_of: int
) -> pd.DataFrame:
    """Since when each lead's hits count: a long silence voids what was before."""
    days = hits.loc[hits["match"].isin(active), ["lead", "day"]]
    spells = days.groupby("lead").agg(last=("day", "max"))
    spells["days_inactive"] = as_of - spells["last"]
    spells["counts_from"] = days_since_epoch(FIRST_DAY)
    if reset is not None:
        days = days.drop_duplicates().sort_values(["lead", "day"])
        silent = days.groupby("lead")["day"].diff()
        begun = days[silent >= reset].groupby("lead")["day"].max()
        spells["counts_from"] = begun.reindex(spells.index).fillna(
            days_since_epoch(FIRST_DAY)
        )
        is_over = spells["days_inactive"] >= reset
        spells.loc[is_over, "counts_from"] = days_since_epoch(LAST_DAY)
    return spells


def decay_factor(rule: SeedRow, age: pd.Series) -> pd.Series | float:
    """What is left of a hit's worth at this age."""
    days, rate = number(rule["decay_days"]) or 1.0, number(rule["decay_rate"]) or 0.0
    match rule["decay"]:
        case "half_life":
            return np.exp2(-age / days)
        case "linear":
            return (1 - age / days).clip(lower=0)
        case "expire":
            return (age < days).astype(float)
        case "step":
            return (1 - rate) ** np.floor(age / days)
    return 1.0


def points_of_rule(rule: SeedRow, hits: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """What one rule gives each lead; `hits` are those of what it looks for."""
    daily, most = number(rule["max_hits_per_day"]), number(rule["max_hits"])
    worth = number(rule["points"])
    starts = days_since_epoch(day(rule["valid_from"], FIRST_DAY))
    ends = days_since_epoch(day(rule["valid_to"], LAST_DAY))
    met = hits[
        (hits["day"] >= starts)
        & (hits["day"] < ends)
        & (hits["day"] >= hits["counts_from"])
    ]
    if daily is not None:
        met = met.assign(hits=met["hits"].clip(upper=int(daily)))
    age = as_of - met["day"]
    if rule["mode"] == "threshold":
        if rule["window_days"]:
            met = met[age < int(rule["window_days"])]
        summed = met.groupby("lead")["hits"].sum()
        least = number(rule["min_hits"]) or 1
        points = worth * summed.between(least, most or np.inf)
    else:
        if most is not None:
            met = met.sort_values("day")
            before = met.groupby("lead")["hits"].cumsum() - met["hits"]
            left = (int(most) - before).clip(lower=0)
            met = met.assign(hits=met["hits"].clip(upper=left))
            age = as_of - met["day"]
        decayed = met["hits"] * decay_factor(rule, age)
        points = worth * decayed.groupby(met["lead"]).sum()
    return pd.DataFrame(
        {
            "lead": points.index,
            "points": rounded(points, 9).to_numpy(),
            "rule_group": rule["rule_group"],
            "limit": number(rule["group_max_points"]) or np.nan,
        }
    ).astype({"rule_group": "str"})


def limited(points: pd.DataFrame) -> pd.DataFrame:
    """What a group has beyond its limit is taken from its earners, in proportion."""
    earned = points["points"].clip(lower=0)
    group = [points["lead"], points["rule_group"]]
    excess = points["points"].groupby(group).transform("sum") - points["limit"]
    share = excess * earned / earned.groupby(group).transform("sum")
    loss = share.where((excess > 0) & (earned > 0), 0.0)
    points["points"] = rounded(points["points"] - rounded(loss, 9), 9)
    return points[["lead", "points"]]


def inactivity_points(
    inputs: Inputs,
    hits: pd.DataFrame,
    matches: list[str],
    spells: pd.DataFrame,
    as_of: date,
) -> pd.DataFrame:
    """What silence and unopened emails take."""
    sent = hits[hits["match"] == matches.index("email_sent")]
    reactions = [matches.index(name) for name in ("email_opened", "email_clicked")]
    opened = hits[hits["match"].isin(reactions)].groupby("lead")["day"].max()
    last = sent["lead"].map(opened).fillna(days_since_epoch(FIRST_DAY))
    signals = {
        "emails_unopened": sent[sent["day"] > last].groupby("lead")["hits"].sum(),
        "days_without_activity": spells["days_inactive"],
    }
    found = [pd.DataFrame({"lead": [], "points": []})]
    for rule in inputs.seed("inactivity_rules"):
        starts, ends = (
            day(rule["valid_from"], FIRST_DAY),
            day(rule["valid_to"], LAST_DAY),
        )
        if starts <= as_of < ends:
            signal = signals[str(rule["signal"])]
            lowest, highest = number(rule["min_value"]), number(rule["max_value"])
            is_met = (signal >= (lowest or 0)) & (signal < (highest or np.inf))
            worth = rounded(pd.Series(number(rule["points"]), signal.index[is_met]), 9)
            found.append(pd.DataFrame({"lead": worth.index, "points": worth}))
    return pd.concat(found, ignore_index=True)


def score_leads(
    inputs: Inputs, hits: pd.DataFrame, matches: list[str], as_of: date
) -> pd.DataFrame:
    """The points and the score of every lead that has any."""
    today = days_since_epoch(as_of)
    active = [
        matches.index(str(row["event_type"]))
        for row in inputs.seed("event_types")
        if row["is_activity"] == "true"
    ]
    reset = inputs.setting_number("inactivity_reset_days")
    spells = last_spells(hits, active, reset, today)
    counts_from = hits["lead"].map(spells["counts_from"])
    hits["counts_from"] = counts_from.fillna(days_since_epoch(FIRST_DAY))
    rules = inputs.engagement_rules()
    wanted = {matches.index(match_of(rule)) for rule in rules}
    by_match = dict(iter(hits[hits["match"].isin(wanted)].groupby("match")))
    nothing = hits.head(0)
    none = pd.DataFrame({"lead": [], "points": [], "rule_group": [], "limit": []})
    earned = [none] + [
        points_of_rule(r, by_match.get(matches.index(match_of(r)), nothing), today)
        for r in rules
    ]
    points = pd.concat(
        [
            limited(pd.concat(earned, ignore_index=True)),
            inactivity_points(inputs, hits, matches, spells, as_of),
        ]
    )
    return rounded(points.groupby("lead")["points"].sum(), 9)


def scaled(inputs: Inputs, points: pd.Series) -> pd.Series:
    """Points on the scale of 0 to 100."""
    (scale,) = (r for r in inputs.seed("score_scales") if r["score"] == "engagement")
    if scale["scaling"] == "linear":
        score = (100 * points / number(scale["max_points"])).clip(0, 100)
    else:
        halvings = points.clip(lower=0) / number(scale["half_saturation_points"])
        score = 100 * (1 - np.exp2(-halvings))
    return rounded(score, 6)


def score(inputs: Inputs) -> None:
    """Score every lead and write the result."""
    pa.set_cpu_count(inputs.threads)
    accepted = accept(inputs)
    events, identifiers = accepted.events, accepted.identifiers
    if events.empty:
        raise ActionableError(f"{inputs.landing}: no event can be accepted")
    last_day = int(events["day"].max())
    as_of = inputs.as_of_date or date.fromordinal(
        date(1970, 1, 1).toordinal() + last_day
    )
    today = days_since_epoch(as_of)
    types = inputs.column("event_types", "event_type")
    hits, matches = count_hits(events, types, inputs.engagement_rules(), today)
    seen = np.unique(events.loc[events["day"] <= today, "identifier"])
    seen_identifiers = identifiers.loc[seen]

    versions = contact_versions(inputs)
    numbers = Numbers(identifiers)
    is_visitor = seen_identifiers["kind"] == "anonymous_id"
    known = known_identifiers(versions, seen_identifiers[~is_visitor], numbers, today)
    erased = erased_identifiers(inputs, numbers, versions)
    gone = set(known.loc[known["identifier"].isin(erased), "lead"])
    gone |= objected_leads(inputs, numbers, versions, known)
    staff_domains = [
        str(row["email_domain"]).lower()
        for row in inputs.seed("email_domains")
        if row["kind"] == "staff"
    ]
    domain = known["email"].str.replace(r".*@", "", regex=True)
    is_staff = known["is_test"] | domain.isin(staff_domains)
    staff = set(known.loc[is_staff.astype(bool), "lead"])
    owners = browser_owners(events, known, today)
    del events, accepted

    visitors = seen_identifiers[is_visitor]
    visitors = visitors[~visitors.index.isin(owners["identifier"])]
    people = known[~known["lead"].isin(gone)]
    is_listed = people.groupby("lead")["is_contact"].transform("any")
    people = people[is_listed | ~people["lead"].isin(staff)]
    leads = pd.concat(
        [
            people.drop_duplicates("lead")[["lead", "lead_id"]],
            pd.DataFrame(
                {"lead": visitors.index, "lead_id": "anonymous:" + visitors["name"]}
            ),
        ],
        ignore_index=True,
    )
    lead_of = np.full(numbers.count, -1)
    lead_of[visitors.index] = visitors.index
    lead_of[known["identifier"]] = known["lead"]
    of_leads = hits_of_leads(hits, lead_of, owners)
    is_scored = leads.loc[~leads["lead"].isin(staff), "lead"]
    of_leads = of_leads[of_leads["lead"].isin(is_scored)]
    points = score_leads(inputs, of_leads, matches, as_of)
    result = leads.assign(engagement_points=leads["lead"].map(points).fillna(0.0))
    result["engagement_score"] = scaled(inputs, result["engagement_points"])
    result.drop(columns="lead").to_parquet(inputs.output, index=False)


def main(argv: list[str] | None = None) -> int:
    """Run the peer; returns the exit code."""
    return run_peer(score, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
