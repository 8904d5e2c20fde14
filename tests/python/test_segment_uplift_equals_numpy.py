"""Contacted and held out: the models and a plain computation per lead agree.

Nothing but the lot tells the arms apart, so a message that moves nobody must look
proven by chance alone, and one that moves many must be found.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import md5
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from back_tests import TYPES, Numbers, run_models
from warehouse import CompiledProject, Row, compiled

Z = 1.959963984540054
TODAY = date(2026, 6, 30)
HORIZONS = (7, 30)
PURPOSES = {"mail": "email", "text": "sms", "feed": None, "audience": "ads"}
ORDER, VISIT, LARGE_ORDER = 1, 2, 3  # match_ids

Rows = dict[tuple[str, int], Row]


@pytest.fixture(scope="module")
def project() -> CompiledProject:
    return compiled().needed_for("fct_segment_uplift")


@dataclass
class Shop:
    """Who entered which segment, who agreed to what, who ordered how much."""

    holdout: dict[str, int]  # segment: percent
    destinations: dict[str, str | None]
    persons: dict[str, int] = field(default_factory=dict)  # contact_id: lead_key
    excluded: set[int] = field(default_factory=set)
    changes: list[tuple[str, str, str, date]] = field(default_factory=list)
    consents: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    days: list[tuple[int, int, date, int, float | None]] = field(default_factory=list)

    @cached_property
    def said(self) -> dict[tuple[int, str], list[tuple[datetime, str]]]:
        """What each person said about each purpose, through any of its contacts."""
        found: dict[tuple[int, str], list[tuple[datetime, str]]] = defaultdict(list)
        for contact_id, purpose, status, occurred_at in self.consents:
            if contact_id in self.persons:
                said = (occurred_at, status)
                found[self.persons[contact_id], purpose].append(said)
        return found


def identifiers_of(contact_ids: list[str]) -> list[int]:
    """The identifiers of contacts, as the warehouse makes them."""
    query = "select cast(hash('contact_id', unnest($1)) >> 1 as bigint)"
    return [row[0] for row in duckdb.execute(query, [contact_ids]).fetchall()]


def given(shop: Shop) -> dict[str, pa.Table]:
    """The tables that the models of the uplift read."""
    text, day, number = "string", "date", "bigint"
    leads = sorted(set(shop.persons.values()))
    identifiers = identifiers_of(list(shop.persons))
    settings = [("backtest_horizon_days", "|".join(map(str, HORIZONS)))]
    return {
        "int_as_of_date": rows_of([(TODAY,)], as_of_date=day),
        "settings": rows_of(settings, setting=text, value=text),
        "segments": rows_of(
            [(s, s, p, shop.destinations[s]) for s, p in shop.holdout.items()],
            segment=text,
            label=text,
            holdout_percent="integer",
            destinations=text,
        ),
        "destinations": rows_of(PURPOSES.items(), destination=text, purpose=text),
        "fct_segment_changes": rows_of(
            shop.changes, lead_id=text, segment=text, change=text, as_of_date=day
        ),
        "int_known_identifiers": rows_of(
            [
                (identifier, key + is_past, None if is_past else TODAY)
                for identifier, key in zip(
                    identifiers, shop.persons.values(), strict=True
                )
                for is_past in (0, 1)
            ],
            identifier_id=number,
            lead_key=number,
            as_of_date=day,
        ),
        "int_leads": rows_of(
            [(k, "erased" if k in shop.excluded else None, TODAY) for k in leads],
            lead_key=number,
            excluded_reason=text,
            as_of_date=day,
        ),
        "stg_landing__consents": rows_of(
            [(*consent, datetime(2026, 7, 1)) for consent in shop.consents],
            contact_id=text,
            purpose=text,
            status=text,
            occurred_at="timestamp",
            loaded_at="timestamp",
        ),
        "int_lead_match_days": rows_of(
            [(*happened, TODAY) for happened in shop.days],
            lead_key=number,
            match_id=number,
            event_date=day,
            hits=number,
            amount="double",
            as_of_date=day,
        ),
        "int_matches": rows_of(
            [
                (ORDER, "order_completed", None),
                (VISIT, "page_viewed", None),
                (LARGE_ORDER, "order_completed", "amount"),
            ],
            match_id=number,
            event_type=text,
            property=text,
        ),
        "int_conversion_types": rows_of([("order_completed",)], event_type=text),
    }


def rows_of(rows: Any, **columns: str) -> pa.Table:
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [
        pa.array(column, TYPES[kind])
        for column, kind in zip(values, columns.values(), strict=True)
    ]
    return pa.table(arrays, names=list(columns))


def uplifts(project: CompiledProject, shop: Shop) -> Rows:
    """fct_segment_uplift by segment and horizon."""
    built = run_models(project, given(shop))
    rows = built.rows("from warehouse.insights.fct_segment_uplift")
    assert len(rows) == len(shop.holdout) * len(HORIZONS)
    return {(row["segment"], row["horizon_days"]): row for row in rows}


# --- The same, lead by lead -----------------------------------------------------------


def bucket(segment: str, contact_id: str) -> int:
    drawn = md5(f"{segment}:{contact_id}".encode(), usedforsecurity=False)
    return int(drawn.hexdigest()[:7], 16) % 100


def agreed(shop: Shop, person: int, purpose: str, day: date) -> bool:
    """Whether a consent was granted and not withdrawn by the end of a day."""
    said = [
        (occurred_at, status == "withdrawn")
        for occurred_at, status in shop.said[person, purpose]
        if occurred_at.date() <= day
    ]
    return bool(said) and not max(said)[1]


def first_entries(shop: Shop, segment: str) -> list[tuple[int, str, date]]:
    """Person, name then and day of the first entry that may be compared."""
    purposes = {
        PURPOSES[name]
        for name in map(str.strip, (shop.destinations[segment] or "").split("|"))
        if PURPOSES.get(name)
    }
    first: dict[str, date] = {}
    for contact_id, where, change, day in shop.changes:
        if where == segment and change == "entered":
            first[contact_id] = min(day, first.get(contact_id, day))
    of_person: dict[int, tuple[date, str]] = {}
    for contact_id, day in first.items():
        person = shop.persons.get(contact_id)
        if person is None or person in shop.excluded:
            continue
        if any(agreed(shop, person, str(purpose), day) for purpose in purposes):
            entry = (day, contact_id)
            of_person[person] = min(entry, of_person.get(person, entry))
    return [(person, name, day) for person, (day, name) in of_person.items()]


def arms(shop: Shop, segment: str, horizon: int) -> tuple[Numbers, Numbers]:
    """Of the contacted and the held out: whether each converted, and its amount."""
    orders: dict[int, list[tuple[date, float]]] = defaultdict(list)
    for person, match_id, day, hits, amount in shop.days:
        if match_id == ORDER and hits > 0:
            orders[person].append((day, amount or 0))
    found: tuple[list[Any], list[Any]] = ([], [])
    for person, name, day in first_entries(shop, segment):
        last = day + timedelta(days=horizon)
        if last <= TODAY:
            amounts = [a for on, a in orders[person] if day < on <= last]
            is_held_out = bucket(segment, name) < shop.holdout[segment]
            found[is_held_out].append((len(amounts) > 0, sum(amounts)))
    contacted, held_out = (np.array(arm, float).reshape(-1, 2) for arm in found)
    return contacted, held_out


def wilson(labels: Numbers) -> tuple[float, float, float]:
    """The rate with its interval, as the roots of the score equation."""
    number, rate = len(labels), labels.mean()
    # (rate - p)^2 = z^2 p (1 - p) / number
    low, high = np.sort(
        np.roots([1 + Z**2 / number, -2 * rate - Z**2 / number, rate**2]).real
    )
    return float(rate), float(low), float(high)


def assert_uplift(row: Row, contacted: Numbers, held_out: Numbers) -> None:
    assert row["contacted_count"] == len(contacted)
    assert row["held_out_count"] == len(held_out)
    assert row["contacted_conversions_count"] == contacted[:, 0].sum()
    assert row["held_out_conversions_count"] == held_out[:, 0].sum()
    is_comparable = len(contacted) > 0 and len(held_out) > 0
    if not is_comparable:
        assert row["uplift"] is row["uplift_low"] is row["amount_difference"] is None
        assert row["incremental_conversions_high"] is None
        assert not row["is_proven"]
        return
    assert row["is_comparable"], row
    rate, low, high = wilson(contacted[:, 0])
    other, other_low, other_high = wilson(held_out[:, 0])
    uplift = rate - other
    ends = [
        uplift - np.hypot(rate - low, other_high - other),
        uplift + np.hypot(high - rate, other - other_low),
    ]
    names = ("uplift", "uplift_low", "uplift_high")
    wanted = np.array([uplift, *ends])
    assert np.allclose([row[name] for name in names], wanted, rtol=1e-9, atol=1e-9)
    names = ("", "_low", "_high")
    assert np.allclose(
        [row[f"incremental_conversions{name}"] for name in names],
        wanted * len(contacted),
        rtol=1e-9,
        atol=1e-8,
    )
    assert row["is_proven"] == (ends[0] > 0 or ends[1] < 0)
    assert_amounts(row, contacted[:, 1], held_out[:, 1])


def assert_amounts(row: Row, contacted: Numbers, held_out: Numbers) -> None:
    difference = contacted.mean() - held_out.mean()
    assert row["amount_difference"] == pytest.approx(difference, abs=2e-6)
    if min(len(contacted), len(held_out)) < 30:
        assert row["amount_difference_low"] is row["amount_difference_high"] is None
        return
    both = [contacted - contacted.mean(), held_out - held_out.mean()]
    pooled = (np.concatenate(both) ** 2).sum() / (len(contacted) + len(held_out) - 2)
    margin = Z * np.sqrt(
        sum(max(arm.var(ddof=1), pooled) / len(arm) for arm in (contacted, held_out))
    )
    assert row["amount_difference_low"] == pytest.approx(difference - margin, abs=2e-6)
    assert row["amount_difference_high"] == pytest.approx(difference + margin, abs=2e-6)


# --- Random shops ---------------------------------------------------------------------


def some_of(days: list[date], count: int, random: np.random.Generator) -> list[date]:
    return [days[place] for place in random.choice(len(days), count, replace=False)]


def random_shop(seed: int) -> Shop:
    """A shop in which everything happens that an uplift must not be fooled by."""
    random = np.random.default_rng(seed)
    count = [20, 150, 900][seed % 3]
    names = ["spring", "vip", "everybody", "quiet", "unlinked", "nowhere", "new"]
    shop = Shop(
        dict(zip(names, (10, 5, 50, 0, 20, 20, 30), strict=True)),
        dict(
            zip(
                names,
                ("mail", "mail | audience", "text|mail", "mail", "feed", None, "mail"),
                strict=True,
            )
        ),
    )
    days = [TODAY - timedelta(days=int(n)) for n in range(100)]
    for number in range(count):
        person = 10 * (number if random.random() < 0.9 else number // 2)
        shop.persons[f"c{number}"] = person
        if random.random() < 0.03:
            shop.excluded.add(person)
        shop.days += [
            (person, int(random.choice([ORDER, VISIT, LARGE_ORDER])), day, hits, amount)
            for day in some_of(days, random.poisson(2), random)
            for hits in [int(random.integers(0, 3))]
            for amount in [None if hits == 0 else float(random.integers(1, 9999)) / 100]
        ]
    for number in range(-3, count):
        name = f"c{number}" if number >= 0 else f"anonymous:{number}"
        for segment in names:
            if segment == "new" and number > 5:
                continue
            for day in some_of(days, random.poisson(1.5), random):
                change = str(random.choice(["entered", "exited"]))
                shop.changes.append((name, segment, change, day))
        for _ in range(random.poisson(3)):
            purpose = str(random.choice(["email", "sms", "ads"]))
            midnight = datetime.combine(
                some_of(days, 1, random)[0], datetime.min.time()
            )
            at = midnight + timedelta(hours=int(random.choice([0, 12, 23])))
            for status in random.permutation(["granted", "granted", "withdrawn"]):
                if random.random() < 0.5:  # now and then both in the same moment
                    shop.consents.append((name, purpose, str(status), at))
    return shop


@pytest.mark.parametrize("seed", range(8))
def test_uplift_equals_a_plain_computation(project: CompiledProject, seed: int) -> None:
    shop = random_shop(seed)
    rows = uplifts(project, shop)
    for (segment, horizon), row in rows.items():
        assert_uplift(row, *arms(shop, segment, horizon))
    reasons = {
        segment: row["incomparable_reason"] for (segment, _), row in rows.items()
    }
    assert reasons["quiet"] == "no_holdout"
    assert reasons["unlinked"] == reasons["nowhere"] == "no_destination"
    assert any(row["is_comparable"] for row in rows.values())


# --- Many shops with a known truth ----------------------------------------------------


def many_shops(
    seed: int, count: int, leads: int, percent: int, rate: float, effect: float
) -> Shop:
    """So many shops, each a segment: the contact adds `effect` to the rate."""
    random = np.random.default_rng(seed)
    shop = Shop({}, {})
    entered = TODAY - timedelta(days=40)
    before = datetime(2026, 1, 1)
    for number in range(count):
        segment = f"shop{number}"
        shop.holdout[segment], shop.destinations[segment] = percent, "mail"
        chances = random.random(leads)
        amounts = np.exp(random.normal(4, 1, leads))
        for place in range(leads):
            name = f"{seed}-{number}-{place}"
            person = 10 * (number * leads + place)
            shop.persons[name] = person
            shop.consents.append((name, "email", "granted", before))
            shop.changes.append((name, segment, "entered", entered))
            is_contacted = bucket(segment, name) >= percent
            if chances[place] < rate + effect * is_contacted:
                day = entered + timedelta(days=int(random.integers(1, 31)))
                shop.days.append((person, ORDER, day, 1, float(amounts[place])))
    return shop


def month_of(rows: Rows) -> list[Row]:
    return [row for (_, horizon), row in rows.items() if horizon == 30]


def share_within(rows: list[Row], truth: float, name: str) -> float:
    """How often the interval holds the truth."""
    ends = [(row[f"{name}_low"], row[f"{name}_high"]) for row in rows]
    return float(np.mean([low <= truth <= high for low, high in ends]))


def test_a_message_that_moves_nobody_is_seldom_proven(project: CompiledProject) -> None:
    rows = month_of(uplifts(project, many_shops(1, 100, 300, 20, 0.1, 0.0)))
    assert share_within(rows, 0, "uplift") >= 0.9
    assert share_within(rows, 0, "amount_difference") >= 0.95
    assert np.mean([row["is_proven"] for row in rows]) <= 0.1


def test_a_message_that_moves_many_is_found(project: CompiledProject) -> None:
    rows = month_of(uplifts(project, many_shops(2, 40, 500, 30, 0.05, 0.15)))
    assert np.mean([row["is_proven"] for row in rows]) >= 0.9
    assert share_within(rows, 0.15, "uplift") >= 0.88
    gained = [row["incremental_conversions"] for row in rows]
    told = [0.15 * row["contacted_count"] for row in rows]
    assert np.mean(gained) == pytest.approx(np.mean(told), rel=0.1)
