"""The scoring written a second time, event by event, in plain Python.

This is the executable definition: slow, literal, in the order in which the design
tells the story, and sharing nothing with the SQL that it checks. Read it downwards:

    events   -> refuse, drop duplicates
    identity -> whose event is it, and may we use it
    points   -> what every rule gives and takes, per lead
    scores   -> where every lead stands, and why

Text of rules is what the CSV files hold: always a string, blank meaning "not given".
"""

import csv
import hashlib
import json
import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Name = tuple[str, str]  # an identifier's kind and value
RuleRow = dict[str, str]

# ---------------------------------------------------------------- what goes in and out


@dataclass
class Shop:
    """The landing zone: rows in the order in which they landed, null as None."""

    events: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    contact_attributes: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    erasure_requests: list[Row] = field(default_factory=list)


@dataclass
class Rules:
    """Every seed, row by row, as text."""

    engagement_rules: list[RuleRow] = field(default_factory=list)
    rule_groups: list[RuleRow] = field(default_factory=list)
    inactivity_rules: list[RuleRow] = field(default_factory=list)
    fit_rules: list[RuleRow] = field(default_factory=list)
    stages: list[RuleRow] = field(default_factory=list)
    stage_rules: list[RuleRow] = field(default_factory=list)
    disqualification_rules: list[RuleRow] = field(default_factory=list)
    score_scales: list[RuleRow] = field(default_factory=list)
    score_weights: list[RuleRow] = field(default_factory=list)
    grades: list[RuleRow] = field(default_factory=list)
    matrix_actions: list[RuleRow] = field(default_factory=list)
    settings: list[RuleRow] = field(default_factory=list)
    event_types: list[RuleRow] = field(default_factory=list)
    event_names: list[RuleRow] = field(default_factory=list)
    email_domains: list[RuleRow] = field(default_factory=list)
    exchange_rates: list[RuleRow] = field(default_factory=list)
    machine_user_agents: list[RuleRow] = field(default_factory=list)

    @classmethod
    def from_folder(cls, path: str | Path) -> Self:
        """Read rules/*.csv and reference/*.csv of a seeds folder."""
        tables = {}
        for table in fields(cls):
            home = "reference" if table.name in REFERENCE_SEEDS else "rules"
            file = Path(path) / home / f"{table.name}.csv"
            with file.open(encoding="utf-8-sig", newline="") as lines:
                tables[table.name] = list(csv.DictReader(lines))
        return cls(**tables)

    def setting(self, name: str, default: str = "") -> str:
        for row in self.settings:
            if row["setting"] == name and row["value"].strip():
                return row["value"].strip()
        return default


REFERENCE_SEEDS = {
    "event_types",
    "event_names",
    "email_domains",
    "exchange_rates",
    "machine_user_agents",
}


@dataclass
class Result:
    """What the warehouse must publish, to nine decimals."""

    as_of_date: date
    leads: list[Row]
    rejected: list[tuple[str | None, str | None, str]]  # source, event_id, reason
    duplicates: int
    conflicts: int
    accepted: int
    lead_rule_days: list[Row]
    lead_rule_points: list[Row]
    lead_scores: list[Row]


# ------------------------------------------------------------------------- small words


def trimmed(value: Any) -> str | None:
    """Text without spaces around it; None when nothing is left."""
    return (str(value).strip(" ") or None) if value is not None else None


def comparable(value: Any) -> str:
    """The text that conditions compare: trimmed, lower-cased, '' for null.

    Whole numbers read without decimals, so that `quantity equals 2` means it.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip(" ").lower()


def normalised_email(value: Any) -> str | None:
    email = comparable(value)
    return email if "@" in email else None


def domain(email: str) -> str:
    return email.rsplit("@", 1)[1]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def number(text: str) -> float | None:
    """The number a text stands for, None when it is none."""
    text = text.strip().lower()
    is_number = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text)
    return float(text) if is_number else None


def number_or(text: str, default: float) -> float:
    """The number in a rule's column, or the default when the column is blank."""
    return float(text) if text.strip() else default


def rounded(value: float, decimals: int) -> float:
    """Half away from zero; a few last digits below a half count as a half."""
    nudged = Decimal(value) * (1 + Decimal("2e-15"))
    unit = Decimal(1).scaleb(-decimals)
    return float(nudged.quantize(unit, ROUND_HALF_UP)) + 0.0  # no -0.0


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar date of a naive UTC instant in the shop's time zone."""
    return instant.replace(tzinfo=UTC).astimezone(zone).date()


def is_valid_on(rule: RuleRow, day: date) -> bool:
    """valid_from <= day < valid_to; blank is open."""
    starts, ends = rule["valid_from"].strip(), rule["valid_to"].strip()
    return (not starts or date.fromisoformat(starts) <= day) and (
        not ends or day < date.fromisoformat(ends)
    )


def nulls_last(value: Any) -> tuple[bool, Any]:
    return (value is None, value)


# -------------------------------------------------------------------------- conditions

NUMERIC_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "at_least": lambda value, operand: value >= operand,
    "more_than": lambda value, operand: value > operand,
    "at_most": lambda value, operand: value <= operand,
    "less_than": lambda value, operand: value < operand,
}
TEXT_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda value, operand: value == operand,
    "not_equals": lambda value, operand: value != operand,
    "in": lambda value, operand: value in map(comparable, operand.split("|")),
    "not_in": lambda value, operand: value not in map(comparable, operand.split("|")),
    "contains": lambda value, operand: operand in value,
    "not_contains": lambda value, operand: operand not in value,
    "starts_with": lambda value, operand: value.startswith(operand),
    "ends_with": lambda value, operand: value.endswith(operand),
    "is_set": lambda value, operand: True,
}


def holds(value: Any, operator: str, operand: str) -> bool:
    """Whether a value meets a condition. A blank value only ever `is_not_set`."""
    text = comparable(value)
    if operator == "is_not_set":
        return text == ""
    if text == "":
        return False
    if operator in NUMERIC_OPERATORS:
        left, right = number(text), number(operand)
        if left is None or right is None:
            return False
        return NUMERIC_OPERATORS[operator](left, right)
    return TEXT_OPERATORS[operator](text, comparable(operand))


def property_value(row: Row, name: str) -> Any:
    """A landed column of an event, or a top-level key of its JSON properties."""
    prefix, dot, key = name.partition(".")
    if prefix != "properties" or not dot:
        return row.get(name)
    try:
        # Numbers keep the text they landed with: 2.0 stays "2.0".
        content = json.loads(
            row.get("properties") or "{}", parse_int=str, parse_float=str
        )
    except ValueError:
        return None
    return content.get(key) if isinstance(content, dict) else None


# ------------------------------------------------------------ events: refuse, read once

EVENT_IDS = (
    "event_id",
    "source",
    "event_name",
    "contact_id",
    "anonymous_id",
    "session_id",
    "product_id",
    "campaign_id",
    "order_id",
)
# Which of two rows with one event_id came first.
EVENT_ORDER = (
    "loaded_at",
    "occurred_at",
    "received_at",
    "event_name",
    "contact_id",
    "email",
    "anonymous_id",
    "amount",
    "session_id",
    "channel",
    "page_url",
    "product_id",
    "product_category",
    "campaign_id",
    "order_id",
    "quantity",
    "currency",
    "dwell_seconds",
    "user_agent",
    "is_machine",
    "properties",
)
EVENT_CONTENT = tuple(c for c in EVENT_ORDER if c not in ("loaded_at", "received_at"))


@dataclass(frozen=True)
class Event:
    """A row that nothing in the row itself speaks against."""

    row: Row
    event_type: str
    event_date: date
    amount: float  # in the shop's currency, refunds positive too
    is_machine: bool

    def known_identifier(self) -> Name | None:
        """The contact, else the email; None for an anonymous visitor."""
        for kind in ("contact_id", "email"):
            if self.row[kind]:
                return kind, self.row[kind]
        return None

    def matches(self, rule: RuleRow) -> bool:
        """Whether this event is a hit: the first half of a rule."""
        if self.event_type != rule["event_type"]:
            return False
        if not rule["property"]:
            return True
        value = property_value(self.row, rule["property"])
        if rule["property"] == "amount" and value is not None:
            value = self.amount
        return holds(value, rule["operator"], rule["operand"])


def stage_row(landed: Row, rules: Rules) -> Row:
    """The landed row with ids trimmed, words in one case and machines recognised."""
    row = {column: landed.get(column) for column in (*EVENT_ORDER, *EVENT_IDS)}
    for column in EVENT_IDS:
        row[column] = trimmed(row[column])
    row["email"] = normalised_email(row["email"])
    row["event_name"] = comparable(row["event_name"]) or None
    row["currency"] = comparable(row["currency"]).upper() or None
    row["is_machine"] = is_machine(row, rules)
    return row


def event_type_of(row: Row, rules: Rules) -> str | None:
    """The event type a name maps to; the event's own source beats source `*`."""
    for source in (comparable(row["source"]), "*"):
        for name in rules.event_names:
            if comparable(name["source"]) == source and comparable(
                name["event_name"]
            ) == comparable(row["event_name"]):
                return name["event_type"]
    return None


def is_machine(row: Row, rules: Rules) -> bool:
    agent = comparable(row["user_agent"])
    patterns = [comparable(seed["pattern"]) for seed in rules.machine_user_agents]
    return row["is_machine"] is True or any(p in agent for p in patterns if p)


def read_event(row: Row, rules: Rules, zone: ZoneInfo) -> Event | str:
    """A staged row as an event, or the first reason to refuse it."""
    if not row["event_id"] or not row["source"]:
        return "missing_event_id"
    if not (row["contact_id"] or row["email"] or row["anonymous_id"]):
        return "missing_identifier"
    if row["occurred_at"] is None:
        return "unparseable_timestamp"

    tolerance = timedelta(hours=24)
    seen_at = min(row["received_at"] or row["loaded_at"], row["loaded_at"])
    if row["occurred_at"] > seen_at + tolerance:
        return "future_timestamp"

    event_date = local_date(row["occurred_at"], zone)
    if event_date < date(2000, 1, 1):
        return "implausible_timestamp"

    event_type = event_type_of(row, rules)
    if event_type is None:
        return "unmapped_event_name"

    amount = row["amount"] or 0.0
    if amount < 0 and event_type != "order_refunded":
        return "negative_amount"

    currency = comparable(row["currency"])
    rates = {comparable(r["currency"]): float(r["rate"]) for r in rules.exchange_rates}
    shop_rate = rates[comparable(rules.setting("currency", "EUR"))]
    if row["amount"] is not None and currency and currency not in rates:
        return "unknown_currency"

    amount *= rates.get(currency, shop_rate) / shop_rate
    if event_type == "order_refunded":
        amount = abs(amount)
    return Event(row, event_type, event_date, amount, is_machine(row, rules))


def original_of(event: Event, earlier: Iterable[Event], window: int) -> Event | None:
    """The first earlier row with the same event_id within the window, if any."""
    for other in earlier:
        if abs((event.event_date - other.event_date).days) <= window:
            return other
    return None


def split_duplicates(events: Sequence[Event], window: int) -> tuple[list[Event], int]:
    """The events without their duplicates, and how many of these conflict.

    A row that is itself a duplicate still makes later rows duplicates.
    """
    repeats: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        repeats[event.row["source"], event.row["event_id"]].append(event)

    firsts, conflicts = [], 0
    for same_id in repeats.values():
        same_id.sort(key=lambda e: [nulls_last(e.row[c]) for c in EVENT_ORDER])
        for position, event in enumerate(same_id):
            original = original_of(event, same_id[:position], window)
            if original is None:
                firsts.append(event)
            elif any(event.row[c] != original.row[c] for c in EVENT_CONTENT):
                conflicts += 1
    return firsts, conflicts


# ----------------------------------------------------------------- identity: who is who


def updated_at(row: Row) -> datetime:
    """When a contact or an attribute was last changed, as far as anyone said."""
    return row.get("updated_at") or row.get("created_at") or datetime(1970, 1, 1)


def version(row: Row) -> tuple[datetime, datetime]:
    """The newest of two rows is the greater by this."""
    return updated_at(row), row["loaded_at"]


def known_rows(rows: Iterable[Row], zone: ZoneInfo, as_of: date) -> list[Row]:
    """The rows with a contact_id that were known by the end of as_of."""
    return [
        {**row, "contact_id": trimmed(row["contact_id"])}
        for row in rows
        if trimmed(row["contact_id"]) and local_date(updated_at(row), zone) <= as_of
    ]


def newest_contacts(shop: Shop, zone: ZoneInfo, as_of: date) -> dict[str, Row]:
    """The newest version of every contact known by as_of."""
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in known_rows(shop.contacts, zone, as_of):
        versions[row["contact_id"]].append(row)
    return {contact_id: max(rows, key=version) for contact_id, rows in versions.items()}


class Identity:
    """Which lead an identifier belongs to, as known by as_of."""

    def __init__(
        self, contacts: dict[str, Row], events: Sequence[Event], as_of: date
    ) -> None:
        self.contacts_of: dict[str, list[Row]] = defaultdict(list)
        self.email_of: dict[str, str] = {}  # of leads that are an email and no more
        self._lead_of_contact: dict[str, str] = {}
        self._lead_of_email: dict[str, str] = {}
        self._links = links_by_browser(e for e in events if e.event_date <= as_of)
        self._merge_contacts_by_email(contacts.values())
        self._collect_identifiers(events)

    def _merge_contacts_by_email(self, contacts: Iterable[Row]) -> None:
        """Oldest first, so that the first contact with an email names the lead."""
        for row in sorted(
            contacts, key=lambda r: (nulls_last(r["created_at"]), r["contact_id"])
        ):
            contact_id, email = row["contact_id"], normalised_email(row["email"])
            lead_id = contact_id
            if email:
                lead_id = self._lead_of_email.setdefault(email, contact_id)
            self._lead_of_contact[contact_id] = lead_id
            self.contacts_of[lead_id].append(row)

    def _collect_identifiers(self, events: Iterable[Event]) -> None:
        for event in events:
            known = event.known_identifier()
            if known is None:
                continue
            kind, key = known
            if kind == "email" and key not in self._lead_of_email:
                self.email_of[self.lead_of_email(key)] = key

    def lead_of_contact(self, contact_id: str) -> str:
        return self._lead_of_contact.get(contact_id, contact_id)

    def lead_of_email(self, email: str) -> str:
        return self._lead_of_email.get(email, f"email:{md5(email)[:16]}")

    def lead_of_anonymous(self, anonymous_id: str, day: date) -> str:
        """The lead who last identified by that day, else the first afterwards."""
        links = self._links.get(anonymous_id)
        if not links:
            return f"anonymous:{anonymous_id}"
        before = [link.event_date for link in links if link.event_date <= day]
        linked_on = max(before) if before else min(link.event_date for link in links)
        # Two people in the same instant: the smaller lead_id, for want of a reason.
        return min(self.lead_of(link) for link in last_on(links, linked_on))

    def lead_of(self, event: Event) -> str:
        match event.known_identifier():
            case "contact_id", contact_id:
                return self.lead_of_contact(contact_id)
            case "email", email:
                return self.lead_of_email(email)
            case _:
                anonymous_id = event.row["anonymous_id"]
                return self.lead_of_anonymous(anonymous_id, event.event_date)

    def is_staff_or_test(self, lead_id: str, domain_kinds: dict[str, str]) -> bool:
        contacts = self.contacts_of.get(lead_id, [])
        emails = [normalised_email(row["email"]) for row in contacts]
        emails.append(self.email_of.get(lead_id))
        return any(row["is_test"] is True for row in contacts) or any(
            domain_kinds.get(domain(email)) == "staff" for email in emails if email
        )

    def names_of(self, lead_id: str) -> set[Name]:
        """By its contacts, and by its address only where it is no contact."""
        if contacts := self.contacts_of.get(lead_id):
            return {("contact_id", row["contact_id"]) for row in contacts}
        if email := self.email_of.get(lead_id):
            return {("email", email)}
        if lead_id.startswith("anonymous:"):
            return {("anonymous_id", lead_id.removeprefix("anonymous:"))}
        return {("contact_id", lead_id)}


def links_by_browser(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events on which somebody identified on a browser."""
    links: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        browser = event.row["anonymous_id"]
        if browser and event.known_identifier() and not event.is_machine:
            links[browser].append(event)
    return links


def last_on(links: Iterable[Event], day: date) -> list[Event]:
    """The last links of a day: several in the same instant."""
    that_day = [link for link in links if link.event_date == day]
    last_at = max(link.row["occurred_at"] for link in that_day)
    return [link for link in that_day if link.row["occurred_at"] == last_at]


class Withdrawals:
    """Who must not be scored on any day, by every name of theirs.

    A person is all contacts with the same newest email. An address belongs to who has
    it now; when nobody does, to everybody who had it. A browser on which nobody had
    identified yet is theirs who did so first.
    """

    def __init__(
        self, shop: Shop, zone: ZoneInfo, events: Sequence[Event], as_of: date
    ) -> None:
        newest = newest_contacts(shop, zone, date.max)
        self._emails = {
            contact_id: normalised_email(row["email"])
            for contact_id, row in newest.items()
        }
        self._persons_of: dict[Name, set[Name]] = defaultdict(set)
        for row in known_rows(shop.contacts, zone, date.max):
            contact_id, email = row["contact_id"], normalised_email(row["email"])
            person = self._person_of(contact_id)
            self._persons_of["contact_id", contact_id] = {person}
            is_theirs = email == self._emails[contact_id]
            if email and (is_theirs or email not in self._emails.values()):
                self._persons_of["email", email].add(person)
        seen = {name for event in events if (name := event.known_identifier())}
        names = {*self._persons_of, *seen}
        self._names = {(kind, f"md5:{md5(key)}"): (kind, key) for kind, key in names}
        for browser, links in links_by_browser(events).items():
            for link in last_on(links, min(link.event_date for link in links)):
                if name := link.known_identifier():
                    self._persons_of["anonymous_id", browser] |= self._persons(name)
        self._erased = self._persons_erased(shop.erasure_requests)
        self._objected = self._persons_objecting(shop.consents, zone, as_of)

    def _person_of(self, contact_id: str) -> Name:
        if email := self._emails.get(contact_id):
            return "email", email
        return "contact_id", contact_id

    def _persons(self, name: Name) -> set[Name]:
        return self._persons_of.get(name) or {name}

    def _persons_erased(self, requests: Iterable[Row]) -> set[Name]:
        """A request that was carried out names contact and email by `md5:<hash>`."""
        erased: set[Name] = set()
        for request in requests:
            for kind, key in (
                ("contact_id", trimmed(request["contact_id"])),
                ("email", comparable(request["email"])),
            ):
                name = kind, key or ""
                erased |= self._persons(self._names.get(name, name))
        return erased

    def _persons_objecting(
        self, consents: Iterable[Row], zone: ZoneInfo, as_of: date
    ) -> set[Name]:
        """A withdrawal counts once it has landed, a grant from its day on."""
        answers: dict[Name, list[tuple[datetime, str]]] = defaultdict(list)
        for row in consents:
            contact_id = trimmed(row["contact_id"])
            if contact_id and comparable(row["purpose"]) == "profiling":
                occurred_at, status = row["occurred_at"], comparable(row["status"])
                if status == "withdrawn" or local_date(occurred_at, zone) <= as_of:
                    answers[self._person_of(contact_id)].append((occurred_at, status))
        return {
            person for person, given in answers.items() if max(given)[1] == "withdrawn"
        }

    def reason(self, names: Iterable[Name]) -> str | None:
        """Why a lead of these names must not be scored."""
        persons = {person for name in names for person in self._persons(name)}
        if persons & self._erased:
            return "erased"
        return "objected" if persons & self._objected else None


# ----------------------------------------------- engagement: match, reset, caps, decay


@dataclass
class RuleDay:
    """What one rule saw and counted for one lead on one day."""

    event_date: date
    age: int
    hits: int
    is_void: bool  # before a reset
    counted_hits: int


@dataclass
class RulePoints:
    """What one rule gives one lead: raw - reset - cap - decay - group = points."""

    score: str
    rule_id: str
    description: str
    hits: int
    counted_hits: int
    raw_points: float
    cap_loss: float = 0.0
    reset_loss: float = 0.0
    decay_loss: float = 0.0
    group_loss: float = 0.0
    rule_group: str = ""

    @property
    def points(self) -> float:
        """To nine decimals, of amounts that have nine: the published row adds up."""
        return rounded(
            math.fsum(
                (
                    self.raw_points,
                    -self.cap_loss,
                    -self.reset_loss,
                    -self.decay_loss,
                    -self.group_loss,
                )
            ),
            9,
        )


def spell_start(activity: Iterable[date], reset_days: str, as_of: date) -> date:
    """The first day that counts: date.min for all of them, date.max for none."""
    dates = sorted(set(activity), reverse=True)
    if not reset_days or not dates:
        return date.min
    if (as_of - dates[0]).days >= float(reset_days):
        return date.max
    start = dates[0]
    for day in dates:
        if (start - day).days >= float(reset_days):
            return start
        start = day
    return date.min  # no gap: what was before the first activity counts, too


def decay_factor(rule: RuleRow, age: int) -> float:
    decay = rule["decay"] or "none"
    if decay == "none":
        return 1.0
    days = float(rule["decay_days"])
    match decay:
        case "half_life":
            return math.pow(2, -age / days)
        case "linear":
            return max(0.0, 1 - age / days)
        case "expire":
            return 1.0 if age < days else 0.0
        case "step":
            return math.pow(1 - float(rule["decay_rate"]), math.floor(age / days))
    raise ValueError(f"unknown decay {decay!r} in rule {rule['rule_id']!r}")


def rule_days(
    rule: RuleRow, humans: Iterable[Event], start: date, as_of: date
) -> list[RuleDay]:
    """Hits per day, and what reset, daily cap, and total cap or window leave."""
    hits = Counter(
        event.event_date
        for event in humans
        if is_valid_on(rule, event.event_date) and event.matches(rule)
    )
    daily_cap = number_or(rule["max_hits_per_day"], math.inf)
    window = number_or(rule["window_days"], math.inf)
    room = number_or(rule["max_hits"], math.inf)
    days = []
    for day in sorted(hits):
        age = (as_of - day).days
        counted = 0 if day < start else min(hits[day], daily_cap)
        if rule["mode"] == "threshold":
            counted = counted if age < window else 0
        else:
            counted = min(counted, room)
            room -= counted
        days.append(RuleDay(day, age, hits[day], day < start, int(counted)))
    return days


def points_of_each(rule: RuleRow, days: Sequence[RuleDay]) -> RulePoints:
    """Every counted hit earns, less as it ages."""
    points = float(rule["points"])
    hits = sum(day.hits for day in days)
    void = sum(day.hits for day in days if day.is_void)
    counted = sum(day.counted_hits for day in days)
    kept = math.fsum(
        points * day.counted_hits * decay_factor(rule, day.age) for day in days
    )
    return RulePoints(
        score="engagement",
        rule_id=rule["rule_id"],
        description=rule["description"],
        hits=hits,
        counted_hits=counted,
        raw_points=rounded(points * hits, 9),
        reset_loss=rounded(points * void, 9),
        cap_loss=rounded(points * (hits - void - counted), 9),
        decay_loss=rounded(points * counted - kept, 9),
        rule_group=rule["rule_group"],
    )


def points_of_threshold(rule: RuleRow, days: Sequence[RuleDay]) -> RulePoints:
    """The points are earned once, while enough and not too many hits are recent."""
    at_least = number_or(rule["min_hits"], 1)
    at_most = number_or(rule["max_hits"], math.inf)
    window = number_or(rule["window_days"], math.inf)

    def earned(hits: int) -> float:
        return float(rule["points"]) if at_least <= hits <= at_most else 0.0

    recent = [day for day in days if day.age < window]
    before_reset = earned(sum(day.hits for day in recent))
    before_cap = earned(sum(day.hits for day in recent if not day.is_void))
    counted = sum(day.counted_hits for day in recent)
    return RulePoints(
        score="engagement",
        rule_id=rule["rule_id"],
        description=rule["description"],
        hits=sum(day.hits for day in days),
        counted_hits=counted,
        raw_points=rounded(before_reset, 9),
        reset_loss=rounded(before_reset - before_cap, 9),
        cap_loss=rounded(before_cap - earned(counted), 9),
        rule_group=rule["rule_group"],
    )


def limit_groups(rows: Sequence[RulePoints], groups: Iterable[RuleRow]) -> None:
    """Take what a group has beyond its limit from its earners, in proportion."""
    for group in groups:
        members = [row for row in rows if row.rule_group == group["rule_group"]]
        total = math.fsum(row.points for row in members)
        excess = max(0.0, total - number_or(group["max_points"], math.inf))
        earners = [(row, row.points) for row in members if row.points > 0]
        earned = math.fsum(points for _, points in earners)
        for row, points in earners:
            row.group_loss = rounded(excess * points / earned, 9)


def emails_unopened(humans: Sequence[Event]) -> int:
    """Emails sent since the day of the last open or click."""
    reactions = ("email_opened", "email_clicked")
    last = max(
        (e.event_date for e in humans if e.event_type in reactions), default=date.min
    )
    return sum(e.event_type == "email_sent" and e.event_date > last for e in humans)


def inactivity_points(
    rules: Rules, humans: Sequence[Event], last_activity: date | None, as_of: date
) -> list[RulePoints]:
    """Rules about silence: one hit when the signal lies in their band today."""
    signals = {"emails_unopened": emails_unopened(humans)}
    if last_activity is not None:
        signals["days_without_activity"] = (as_of - last_activity).days
    rows = []
    for rule in rules.inactivity_rules:
        signal = signals.get(rule["signal"])
        if signal is None or not is_valid_on(rule, as_of):
            continue
        lowest = number_or(rule["min_value"], -math.inf)
        highest = number_or(rule["max_value"], math.inf)
        if lowest <= signal < highest:
            points = rounded(float(rule["points"]), 9)
            description = rule["description"]
            rows.append(
                RulePoints("engagement", rule["rule_id"], description, 1, 1, points)
            )
    return rows


# -------------------------------------------------------------------- fit: who they are

CONTACT_ATTRIBUTES = (
    "country",
    "region",
    "city",
    "postal_code",
    "language",
    "company",
    "job_title",
    "industry",
    "gender",
    "birth_date",
    "is_test",
)


def whole_years(born: date, as_of: date) -> int:
    had_birthday = (as_of.month, as_of.day) >= (born.month, born.day)
    return as_of.year - born.year - (not had_birthday)


def email_attributes(email: str, domain_kinds: dict[str, str]) -> dict[str, str]:
    kind = domain_kinds.get(domain(email), "company")
    return {"email_domain": domain(email), "email_domain_kind": kind}


def facts_of_contact(
    contact: Row, domain_kinds: dict[str, str], as_of: date
) -> dict[str, str]:
    """The attributes that stand, or follow from what stands, in a contact's row."""
    facts = {name: contact.get(name) for name in CONTACT_ATTRIBUTES}
    if facts["birth_date"]:
        facts["age_years"] = whole_years(facts["birth_date"], as_of)
    facts["is_test"] = comparable(facts["is_test"] or False)
    if email := normalised_email(contact["email"]):
        facts |= email_attributes(email, domain_kinds)
    return {name: text for name, value in facts.items() if (text := trimmed(value))}


def attributes_of_leads(
    shop: Shop, identity: Identity, rules: Rules, zone: ZoneInfo, as_of: date
) -> dict[str, dict[str, str]]:
    """What is known about each lead: of every attribute the newest value."""
    kinds = domain_kinds(rules)
    claims: dict[tuple[str, str], list[tuple[Row, str | None]]] = defaultdict(list)
    for lead_id, contacts in identity.contacts_of.items():
        for contact in contacts:
            for name, value in facts_of_contact(contact, kinds, as_of).items():
                claims[lead_id, name].append((contact, value))
    for row in known_rows(shop.contact_attributes, zone, as_of):
        lead_id = identity.lead_of_contact(row["contact_id"])
        if name := comparable(row["attribute"]):
            claims[lead_id, name].append((row, trimmed(row["value"])))

    attributes: dict[str, dict[str, str]] = defaultdict(dict)
    for lead_id, email in identity.email_of.items():
        attributes[lead_id] |= email_attributes(email, kinds)
    for (lead_id, name), candidates in claims.items():
        # Least important key first: Python's sort is stable. Only a contact's row has
        # is_test: one test contact makes the lead a test.
        candidates.sort(key=lambda c: (c[0]["contact_id"], nulls_last(c[1])))
        candidates.sort(key=lambda c: version(c[0]), reverse=True)
        candidates.sort(key=lambda c: name == "is_test" and c[0].get(name) is not True)
        newest = candidates[0][1]
        if newest is not None:  # a blank value is a withdrawn one
            attributes[lead_id][name] = newest
    return attributes


def domain_kinds(rules: Rules) -> dict[str, str]:
    seeds = rules.email_domains
    return {comparable(row["email_domain"]): comparable(row["kind"]) for row in seeds}


def fit_points(rules: Rules, attributes: dict[str, str]) -> list[RulePoints]:
    """A row per matching rule; only the best of each criterion keeps its points."""
    rows = []
    for criterion in sorted({rule["criterion"] for rule in rules.fit_rules}):
        matching = [
            rule
            for rule in rules.fit_rules
            if rule["criterion"] == criterion
            and holds(
                attributes.get(comparable(rule["attribute"])),
                rule["operator"],
                rule["operand"],
            )
        ]
        matching.sort(key=lambda rule: (-float(rule["points"]), rule["rule_id"]))
        for position, rule in enumerate(matching):
            points = rounded(float(rule["points"]), 9)
            row = RulePoints("fit", rule["rule_id"], rule["description"], 1, 1, points)
            row.group_loss = points if position > 0 else 0.0
            rows.append(row)
    return rows


def highest_fit_points(rules: Rules) -> float:
    """What a lead would have that met the best rule of every criterion."""
    best: dict[str, float] = {}
    for rule in rules.fit_rules:
        points = float(rule["points"])
        best[rule["criterion"]] = max(best.get(rule["criterion"], points), points)
    return math.fsum(best.values())


# ------------------------------------------------------- stage and disqualification


def recent_hits(
    rule: RuleRow, humans: Iterable[Event], as_of: date, max_age: float
) -> int:
    return sum(
        event.matches(rule) and (as_of - event.event_date).days <= max_age
        for event in humans
    )


def stage_of(rules: Rules, humans: Sequence[Event], as_of: date) -> tuple[str, int]:
    """The highest-ranked stage whose evidence is recent enough, and its rank."""
    ranks = {row["stage"]: int(row["rank"]) for row in rules.stages}
    reached = [("unknown", 0)]
    for rule in rules.stage_rules:
        valid_days = number_or(rule["valid_days"], math.inf)
        hits = recent_hits(rule, humans, as_of, valid_days)
        if hits >= number_or(rule["min_hits"], 1):
            reached.append((rule["stage"], ranks[rule["stage"]]))
    return max(reached, key=lambda stage: stage[1])


def stage_score(rules: Rules, rank: int) -> float:
    highest = max((int(row["rank"]) for row in rules.stages), default=0)
    return 100 * rank / highest if highest > 0 else 0.0


def disqualified_reason(
    rules: Rules, humans: Sequence[Event], attributes: dict[str, str], as_of: date
) -> str | None:
    """The reason of the most important rule that shuts the lead out."""

    def applies(rule: RuleRow) -> bool:
        if attribute := comparable(rule["attribute"]):
            return holds(attributes.get(attribute), rule["operator"], rule["operand"])
        window = number_or(rule["window_days"], math.inf)
        hits = recent_hits(rule, humans, as_of, window - 1)
        return hits >= number_or(rule["min_hits"], 1)

    reasons = [
        (float(rule["priority"]), rule["rule_id"], rule["reason"])
        for rule in rules.disqualification_rules
        if applies(rule)
    ]
    return min(reasons)[2] if reasons else None


# ------------------------------------------------------------------- scores and places


def scaled(rules: Rules, score: str, points: float) -> float:
    """Points on a scale of 0 to 100."""
    scale = next(row for row in rules.score_scales if row["score"] == score)
    if scale["scaling"] == "saturating":
        half = float(scale["half_saturation_points"])
        value = 100 * (1 - 2 ** (-max(points, 0.0) / half))
    else:
        value = min(100.0, 100 * points / float(scale["max_points"]))
    return rounded(min(100.0, max(0.0, value)), 6)


def grade_of(rules: Rules, score: str, value: float) -> str | None:
    """The band [min, max) of a score; the top band holds its upper edge too."""
    bands = [row for row in rules.grades if row["score"] == score]
    top = max((float(row["max_score"]) for row in bands), default=100.0)
    for row in bands:
        lower, upper = float(row["min_score"]), float(row["max_score"])
        if lower <= value and (value < upper or value == upper == top):
            return row["grade"]
    return None


def action_for(
    rules: Rules, fit_grade: str | None, engagement_grade: str | None, stage: str
) -> RuleRow:
    """The matrix row for a cell: fewest `*`, then lowest priority."""
    place = (fit_grade, engagement_grade, stage)
    rows = []
    for row in rules.matrix_actions:
        pattern = (row["fit_grade"], row["engagement_grade"], row["stage"])
        if all(p in ("*", v) for p, v in zip(pattern, place, strict=True)):
            rows.append((pattern.count("*"), float(row["priority"]), row))
    if not rows:
        return {}
    return min(rows, key=lambda candidate: candidate[:2])[2]


def top_reasons(
    rows: Sequence[RulePoints],
    weights: dict[str, float],
    engagement_score: float,
    fit_score: float,
    highest_fit: float,
) -> list[str | None]:
    """Descriptions of the three rows that lift the lead score most, if they do."""
    positive = [row for row in rows if row.points > 0]
    earned = math.fsum(row.points for row in positive if row.score == "engagement")

    def contribution(row: RulePoints) -> float:
        weight, share = weights.get(row.score, 0.0), 0.0
        if row.score == "engagement":
            share = weight * engagement_score * row.points / earned
        elif fit_score > 0:
            share = weight * 100 * row.points / highest_fit
        return rounded(share, 9)  # so that equal shares tie

    positive.sort(key=lambda row: (-contribution(row), row.score, row.rule_id))
    lifting = [row for row in positive if contribution(row) > 0]
    reasons = [row.description or None for row in lifting[:3]]
    return reasons + [None] * (3 - len(reasons))


def rank_leads(lead_scores: list[Row]) -> None:
    """Add rank (1 is best) and percentile (100 is best) to all leads at once."""
    in_order = sorted(
        lead_scores,
        key=lambda r: (-r["lead_score"], -r["engagement_points"], r["lead_id"]),
    )
    ascending = sorted(row["lead_score"] for row in lead_scores)
    for rank, row in enumerate(in_order, start=1):
        not_above = bisect_right(ascending, row["lead_score"])
        row["score_rank"] = rank
        row["score_percentile"] = rounded(100 * (not_above / len(ascending)), 6)


@dataclass
class Lead:
    """One person, with all that happened by as_of, and the rules laid on it."""

    lead_id: str
    contacts: list[Row]
    events: list[Event]  # accepted, on or before as_of
    attributes: dict[str, str]
    rules: Rules
    zone: ZoneInfo
    as_of: date

    def __post_init__(self) -> None:
        rules, as_of = self.rules, self.as_of
        self.humans = [event for event in self.events if not event.is_machine]
        active_types = {
            row["event_type"]
            for row in rules.event_types
            if comparable(row["is_activity"]) == "true"
        }
        self.activity = [e for e in self.humans if e.event_type in active_types]
        self.last_activity_date = max(
            (event.event_date for event in self.activity), default=None
        )
        start = spell_start(
            (event.event_date for event in self.activity),
            rules.setting("inactivity_reset_days"),
            as_of,
        )
        self.days_of_rule: dict[str, list[RuleDay]] = {}
        self.points: list[RulePoints] = []
        for rule in rules.engagement_rules:
            days = rule_days(rule, self.humans, start, as_of)
            if days:
                self.days_of_rule[rule["rule_id"]] = days
                is_threshold = rule["mode"] == "threshold"
                points_of = points_of_threshold if is_threshold else points_of_each
                self.points.append(points_of(rule, days))
        limit_groups(self.points, rules.rule_groups)
        self.points += inactivity_points(
            rules, self.humans, self.last_activity_date, as_of
        )
        self.points += fit_points(rules, self.attributes)

    @property
    def first_seen_at(self) -> datetime | None:
        created = [row["created_at"] for row in self.contacts if row["created_at"]]
        moments = [at for at in created if local_date(at, self.zone) <= self.as_of]
        moments += [event.row["occurred_at"] for event in self.events]
        return min(moments, default=None)

    @property
    def observed_days(self) -> int | None:
        if self.first_seen_at is None:
            return None
        return max(0, (self.as_of - local_date(self.first_seen_at, self.zone)).days)

    def dim_leads_row(self) -> Row:
        last_at = max((e.row["occurred_at"] for e in self.activity), default=None)
        return {
            "lead_id": self.lead_id,
            "is_known": not self.lead_id.startswith("anonymous:"),
            "first_seen_at": self.first_seen_at,
            "last_activity_at": last_at,
            "observed_days": self.observed_days,
        }

    def rule_days_rows(self) -> list[Row]:
        return [
            {
                "lead_id": self.lead_id,
                "event_date": day.event_date,
                "rule_id": rule_id,
                "hits": day.hits,
                "counted_hits": day.counted_hits,
            }
            for rule_id, days in self.days_of_rule.items()
            for day in days
        ]

    def rule_points_rows(self) -> list[Row]:
        return [
            {
                "lead_id": self.lead_id,
                "score": row.score,
                "rule_id": row.rule_id,
                "hits": row.hits,
                "counted_hits": row.counted_hits,
                "raw_points": row.raw_points,
                "cap_loss": row.cap_loss,
                "reset_loss": row.reset_loss,
                "decay_loss": row.decay_loss,
                "group_loss": row.group_loss,
                "points": row.points,
            }
            for row in self.points
        ]

    def sum_of(self, score: str) -> float:
        return rounded(math.fsum(r.points for r in self.points if r.score == score), 9)

    def scores_row(self) -> Row:
        """A row of fct_lead_scores, but for what needs the other leads."""
        rules, as_of = self.rules, self.as_of
        weights = {r["component"]: float(r["weight"]) for r in rules.score_weights}
        highest_fit = highest_fit_points(rules)

        engagement_score = scaled(rules, "engagement", self.sum_of("engagement"))
        fit_score = 0.0
        if highest_fit > 0:
            share = 100 * self.sum_of("fit") / highest_fit
            fit_score = rounded(min(100.0, max(0.0, share)), 6)
        stage, stage_rank = stage_of(rules, self.humans, as_of)
        components = {
            "fit": fit_score,
            "engagement": engagement_score,
            "stage": stage_score(rules, stage_rank),
        }
        weighted = math.fsum(weights.get(c, 0.0) * s for c, s in components.items())
        lead_score = rounded(weighted / math.fsum(weights.values()), 6)

        fit_grade = grade_of(rules, "fit", fit_score)
        engagement_grade = grade_of(rules, "engagement", engagement_score)
        action = action_for(rules, fit_grade, engagement_grade, stage)
        reason = disqualified_reason(rules, self.humans, self.attributes, as_of)
        orders = [e for e in self.humans if e.event_type == "order_completed"]
        reasons = top_reasons(
            self.points, weights, engagement_score, fit_score, highest_fit
        )
        last = self.last_activity_date
        return {
            "lead_id": self.lead_id,
            "as_of_date": as_of,
            "engagement_points": self.sum_of("engagement"),
            "engagement_score": engagement_score,
            "engagement_grade": engagement_grade,
            "fit_points": self.sum_of("fit"),
            "fit_score": fit_score,
            "fit_grade": fit_grade,
            "stage": stage,
            "stage_rank": stage_rank,
            "lead_score": lead_score,
            "temperature": (
                "irrelevant" if reason else grade_of(rules, "lead", lead_score)
            ),
            "cell": f"{fit_grade}{engagement_grade}-{stage}",
            "next_action": action.get("next_action") or None,
            "price_tier": action.get("price_tier") or None,
            "conversion_probability": None,  # until calibrated
            "orders_count": len(orders),
            "orders_amount": math.fsum(order.amount for order in orders),
            "last_activity_date": last,
            "days_inactive": (as_of - last).days if last else None,
            "observed_days": self.observed_days,
            "is_disqualified": reason is not None,
            "disqualified_reason": reason,
            "top_reason_1": reasons[0],
            "top_reason_2": reasons[1],
            "top_reason_3": reasons[2],
        }


# -------------------------------------------------------------------------- everything


def default_as_of(shop: Shop, events: Sequence[Event], zone: ZoneInfo) -> date:
    """The newest event's date, else the newest contact's: never the clock's."""
    dates = [event.event_date for event in events] or [
        local_date(updated_at(row), zone) for row in shop.contacts
    ]
    return max(dates, default=date(1970, 1, 1))


def score(
    shop: Shop,
    rules: Rules,
    as_of_date: date | None = None,
    timezone: str = "UTC",
) -> Result:
    """Score a shop by its rules, as of a day, in the shop's time zone."""
    zone = ZoneInfo(timezone)
    rejected: list[tuple[str | None, str | None, str]] = []

    valid: list[Event] = []
    for landed in shop.events:
        row = stage_row(landed, rules)
        event = read_event(row, rules, zone)
        if isinstance(event, Event):
            valid.append(event)
        else:
            rejected.append((row["source"], row["event_id"], event))
    window = int(rules.setting("duplicate_window_days", "3"))
    firsts, conflicts = split_duplicates(valid, window)
    as_of = default_as_of(shop, firsts, zone) if as_of_date is None else as_of_date

    identity = Identity(newest_contacts(shop, zone, as_of), firsts, as_of)
    kinds = domain_kinds(rules)
    withdrawals = Withdrawals(shop, zone, firsts, as_of)
    events_of: dict[str, list[Event]] = defaultdict(list)
    accepted = 0
    for event in firsts:
        lead_id = identity.lead_of(event)
        row = event.row
        if reason := withdrawals.reason(identity.names_of(lead_id)):
            rejected.append((row["source"], row["event_id"], reason))
        elif identity.is_staff_or_test(lead_id, kinds):
            rejected.append((row["source"], row["event_id"], "staff_or_test"))
        else:
            accepted += 1
            if event.event_date <= as_of:
                events_of[lead_id].append(event)

    attributes = attributes_of_leads(shop, identity, rules, zone, as_of)
    leads = [
        Lead(
            lead_id=lead_id,
            contacts=identity.contacts_of.get(lead_id, []),
            events=events_of.get(lead_id, []),
            attributes=attributes.get(lead_id, {}),
            rules=rules,
            zone=zone,
            as_of=as_of,
        )
        for lead_id in sorted({*identity.contacts_of, *events_of})
        if not withdrawals.reason(identity.names_of(lead_id))
    ]
    lead_scores = [lead.scores_row() for lead in leads]
    rank_leads(lead_scores)
    return Result(
        as_of_date=as_of,
        leads=[lead.dim_leads_row() for lead in leads],
        rejected=rejected,
        duplicates=len(valid) - len(firsts),
        conflicts=conflicts,
        accepted=accepted,
        lead_rule_days=[row for lead in leads for row in lead.rule_days_rows()],
        lead_rule_points=[row for lead in leads for row in lead.rule_points_rows()],
        lead_scores=lead_scores,
    )
