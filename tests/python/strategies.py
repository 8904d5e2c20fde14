"""Random small and nasty shops, rules and dates for property-based tests.

Vocabularies are tiny on purpose: ids, emails, names and days must collide. Rules obey
what the seed tests demand (bands without gaps, weights that add up, a decay with its
days), and shops stay where the design says what happens: two versions of a contact
never share both updated_at and loaded_at.
"""

import csv
import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st

from reference_scoring import REFERENCE_SEEDS, Row, RuleRow, Rules, Shop, md5

T = TypeVar("T")
Draw = st.DrawFn

FIRST_DAY = date(2026, 2, 20)  # over the end of February and a change of clocks
DAYS = 120
BUSY_DAYS = (1, 30, 33, 34, 60, 90, 97, 112, 118, 118, 119, 119)
MIDNIGHT = datetime.combine(FIRST_DAY, datetime.min.time())


def examples(count: int) -> int:
    """How many random shops a test takes: more of the same in .ci/run, or as asked."""
    asked = os.environ.get("LEAD_SCORING_EXAMPLES")
    return int(asked or count * int(os.environ.get("LEAD_SCORING_THOROUGH", "1")))


# ------------------------------------------------------------------------ vocabularies

CONTACT_IDS = ("c1", "c2", "c3", "c4", " c1 ")
EMAILS = (
    "ann@firm.example",
    " Ann@Firm.example ",
    "bob@mail.example",
    "BOB@mail.example",
    "cy@rival.example",
    "not an address",
)
# As requests name them that have been carried out.
ERASED_IDS = (f"md5:{md5('c2')}", f"md5:{md5('c9')}")
ERASED_EMAILS = (f"md5:{md5('ann@firm.example')}", f" md5:{md5('eve@firm.example')}")
PEOPLE = (  # contact_id, email, anonymous_id as an event carries them
    *[("c1", None, None)] * 6,
    *[("c1", None, "a1")] * 3,
    (" c2 ", "", "a1"),
    ("c2", "bob@mail.example", "a2"),
    ("c3", " ", None),
    ("c9", "dora@shop.example", "a2"),  # no such contact; the email decides nothing
    (None, "Ann@firm.example ", None),
    (None, "ann@firm.example", "a1"),
    (None, "bob@mail.example", "a3"),
    ("  ", "eve@firm.example", "a2"),
    (None, "dora@shop.example", "a3"),
    (None, "not an address", "a1"),
    (None, None, "a1"),
    (None, None, "a1"),
    (None, None, " a2"),
    (None, None, "a2"),
    ("", None, "a3"),
)
EVENT_TYPES = {  # event type: is it activity
    "page_viewed": True,
    "product_viewed": True,
    "product_added": True,
    "order_completed": True,
    "order_refunded": True,
    "email_sent": False,
    "email_opened": True,
    "email_clicked": True,
    "email_unsubscribed": False,
}
USUAL_TYPES = (
    "product_viewed",
    "product_viewed",
    "order_completed",
    "page_viewed",
    "email_opened",
)
EVENT_NAMES = (  # source, event name, event type
    *(("*", name, name) for name in EVENT_TYPES),
    ("*", "Order Completed", "order_completed"),
    ("*", "viewed", "page_viewed"),
    ("mailer", "viewed", "email_opened"),
)
LANDED_NAMES = (
    *EVENT_TYPES,
    *["product_viewed"] * 8,
    "order_completed",
    " ORDER completed ",
    "email_sent",
    "Viewed",
)
VISITS = (  # page_url, channel, dwell_seconds
    (None, None, None),
    ("", "web", 59.5),
    ("/home", "web", 60.0),
    ("/Careers/jobs", " Web", 1200.0),
    (" /planner ", "app", 1201.0),
    ("/planner?id=7", "Email", None),
)
PURCHASES = (  # product_id, product_category, quantity, amount, currency
    (None, None, None, None, None),
    ("p1", "tools", 1.0, 20.0, "EUR"),
    ("p1", "Plants", 2.5, 99.95, None),
    ("P2 ", " plants", 3.0, 0.1, "USD"),
    ("p3", None, 0.0, 0.0, ""),
    (None, "tools", 2.0, 33.33, "GBP"),
)
RATES = {"EUR": "1", "USD": "0.5", "GBP": "1.25"}
DOMAINS = {
    "mail.example": "personal",
    "rival.example": "competitor",
    "shop.example": "staff",
}
MACHINE_PATTERNS = ("bot", "ImageProxy")
USER_AGENTS = (None, "", "Mozilla/5.0", "Firefox", "SuperBOT/1.0", "imageproxy 2")
FAULTS: tuple[Row, ...] = (  # what goes wrong, mostly one at a time
    {"event_id": None},
    {"event_id": " "},
    {"source": ""},
    {"contact_id": "", "email": None, "anonymous_id": None},
    {"contact_id": None, "email": "nobody", "anonymous_id": " "},
    {"occurred_at": None},
    {"occurred_at": datetime(1999, 12, 31, 23)},
    {"seen_after": timedelta(hours=-24)},
    {"seen_after": timedelta(hours=-25)},
    {"event_name": "Mystery"},
    {"event_name": None},
    {"amount": -5.0},
    {"amount": -0.3, "event_name": "order_refunded"},
    {"currency": "XXX"},
    {"is_machine": True},
    {"is_machine": True, "event_name": "email_opened"},
)
PROPERTIES = (
    None,
    None,
    "{}",
    '{"size": 2}',
    '{"size": 10, "plan": "Pro "}',
    '{"plan": "free", "size": "many"}',
    '{"plan": null, "size": 2.5}',
    '{"plan": true}',
)
TEXT_PROPERTIES = {  # property: operands that sometimes hold
    "page_url": ("/planner", "/careers", "7", "/home|/planner"),
    "product_category": ("plants", "Tools", "tools|plants", "p"),
    "channel": ("web", "email|app"),
    "source": ("web", "MAILER"),
    "currency": ("eur", "USD|GBP"),
    "properties.plan": ("pro", "free|pro", "true"),
    "product_id": ("p1", "p1|p2"),
}
NUMERIC_PROPERTIES = {
    "amount": ("0", "20", "99.95", "-5"),
    "quantity": ("1", "2.5"),
    "dwell_seconds": ("60", "1200"),
    "properties.size": ("2", "2.5", "9"),
    "page_url": ("7",),  # text that is no number never holds
}
TEXT_OPERATORS = (
    "equals",
    "not_equals",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
)
NUMERIC_OPERATORS = ("at_least", "more_than", "at_most", "less_than")
ATTRIBUTES = {  # attribute: values that people have
    "country": ("DE", " de", "AT", None, ""),
    "garden": ("yes", "no", "Yes ", None),
    "budget": ("10", "9.5", "high", None),
    "occupation": ("student", "nurse", " "),
}
FIT_OPERANDS = {  # attribute: operands that sometimes hold
    "country": ("de", "DE|AT"),
    "garden": ("yes", "yes|no"),
    "budget": ("9.5", "10"),
    "occupation": ("student", "nurse|clerk"),
    "email_domain": ("firm.example", "mail.example|shop.example"),
    "email_domain_kind": ("company", "personal", "staff|competitor"),
    "age_years": ("30", "18"),
    "birth_date": ("1996-02-29",),
    "is_test": ("true", "false"),
}
STAGES = ("visitor", "engaged", "customer")
POINTS = ("1", "2", "5", "10", "0.5", "0.1", "3.25", "-3", "-15", "0")
SMALL_COUNTS = ("1", "2", "3", "5")
SOME_DAYS = ("1", "2", "7", "14", "30", "90")

# -------------------------------------------------------------------------------- shops


def mostly(usual: Sequence[Any], rare: Sequence[Any]) -> st.SearchStrategy[Any]:
    """A usual value, and one time in twelve a rare one."""
    often, seldom = st.sampled_from(usual), st.sampled_from(rare)
    return st.integers(0, 11).flatmap(lambda i: seldom if i == 11 else often)


def few_or_many(one: st.SearchStrategy[T], most: int) -> st.SearchStrategy[list[T]]:
    """Lists that are short enough to read, or long enough to matter."""
    many = st.lists(one, min_size=most // 2, max_size=most)
    few = st.lists(one, max_size=3)
    return st.sampled_from((few, many, many, many)).flatmap(lambda size: size)


def moments() -> st.SearchStrategy[datetime]:
    """Instants that crowd around few days and around midnight."""
    days = st.one_of(st.integers(0, DAYS), *[st.sampled_from(BUSY_DAYS)] * 3)
    seconds = st.sampled_from((0, 1, 4 * 3600, 43_200, 82_800, 86_399))
    return st.builds(
        lambda d, s: MIDNIGHT + timedelta(days=d, seconds=s), days, seconds
    )


@st.composite
def load_instants(draw: Draw) -> list[datetime]:
    """When the one to four loads of a shop took place, strictly in order."""
    days = draw(st.sets(st.sampled_from((45, 90, 125, 126)), max_size=3))
    return [MIDNIGHT + timedelta(days=day, hours=5) for day in sorted({*days, 130})]


@st.composite
def events(draw: Draw, loads: Sequence[datetime]) -> Row:
    """One landed event: mostly sound, sometimes with anything wrong."""
    occurred_at: datetime = draw(moments())
    contact_id, email, anonymous_id = draw(st.sampled_from(PEOPLE))
    page_url, channel, dwell_seconds = draw(st.sampled_from(VISITS))
    product_id, category, quantity, amount, currency = draw(st.sampled_from(PURCHASES))
    row: Row = {
        "event_id": f"e{draw(st.integers(0, 60))}",
        "source": draw(st.sampled_from(("web", "web", "mailer", " web "))),
        "event_name": draw(st.sampled_from(LANDED_NAMES)),
        "occurred_at": occurred_at,
        "received_at": None,
        "anonymous_id": anonymous_id,
        "contact_id": contact_id,
        "email": email,
        "session_id": "s1",
        "channel": channel,
        "page_url": page_url,
        "product_id": product_id,
        "product_category": category,
        "campaign_id": draw(st.sampled_from((None, "spring", "may"))),
        "order_id": None,
        "quantity": quantity,
        "amount": amount,
        "currency": currency,
        "dwell_seconds": dwell_seconds,
        "user_agent": draw(mostly(USER_AGENTS[:4], USER_AGENTS[4:])),
        "is_machine": draw(st.sampled_from((None, False))),
        "properties": draw(st.sampled_from(PROPERTIES)),
        "loaded_at": next((load for load in loads if load >= occurred_at), loads[-1]),
        "seen_after": None,
    }
    for _ in range(2):
        row |= draw(mostly(({},), FAULTS))
    if draw(st.booleans()):
        row["loaded_at"] = draw(st.sampled_from(loads))  # late, or early by the clock
    delay = row.pop("seen_after") or draw(st.sampled_from((None, timedelta(hours=1))))
    if delay is not None and row["occurred_at"] is not None:
        row["received_at"] = row["occurred_at"] + delay
    return row


@st.composite
def repeats(draw: Draw, event: Row, loads: Sequence[datetime]) -> Row:
    """The same event landing again: alike, shifted by days, or with other content."""
    changes: Row = draw(
        st.fixed_dictionaries(
            {
                "loaded_at": st.sampled_from(
                    [x for x in loads if x >= event["loaded_at"]]
                )
            },
            optional={
                "event_name": st.sampled_from(LANDED_NAMES),
                "amount": st.sampled_from((None, 20.0, 21.0)),
                "email": st.sampled_from(EMAILS),
                "received_at": st.none(),
                "contact_id": st.sampled_from(CONTACT_IDS),
                "is_machine": st.sampled_from((True, False)),
            },
        )
    )
    shift = draw(st.sampled_from((0, 0, 1, 3, 4, -2, -3, -4)))
    if event["occurred_at"] is not None:
        changes["occurred_at"] = event["occurred_at"] + timedelta(days=shift)
    return event | changes


@st.composite
def bursts(draw: Draw, loads: Sequence[datetime]) -> list[Row]:
    """The same thing done again and again: what caps and thresholds are for."""
    event = draw(events(loads)) | {"loaded_at": loads[-1], "received_at": None}
    gap = timedelta(days=draw(st.sampled_from((0, 0, 1, 7))))
    if event["event_id"] is None or event["occurred_at"] is None:
        return [event]
    return [
        event
        | {
            "event_id": f"{event['event_id']}/{i}",
            "occurred_at": event["occurred_at"] - gap * i,
        }
        for i in range(draw(st.integers(2, 4)))
    ]


@st.composite
def contacts(draw: Draw, loads: Sequence[datetime]) -> Row:
    """One version of a contact."""
    created_at = draw(st.one_of(st.none(), moments()))
    return {
        "contact_id": draw(mostly(CONTACT_IDS, ("c5", None, " "))),
        "email": draw(mostly((*EMAILS, None, ""), ("dora@shop.example",))),
        "phone": None,
        "first_name": draw(st.sampled_from((None, "Ann"))),
        "last_name": None,
        "birth_date": draw(
            st.sampled_from((None, None, date(1996, 2, 29), date(2008, 6, 1)))
        ),
        "gender": None,
        "country": draw(st.sampled_from(ATTRIBUTES["country"])),
        "region": None,
        "city": draw(st.sampled_from((None, "Ulm"))),
        "postal_code": None,
        "language": None,
        "company": None,
        "job_title": None,
        "industry": None,
        "created_at": created_at,
        "updated_at": draw(st.one_of(st.just(created_at), moments())),
        "is_test": draw(mostly((None, False), (True,))),
        "loaded_at": draw(st.sampled_from(loads)),
    }


def contact_attributes(loads: Sequence[datetime]) -> st.SearchStrategy[Row]:
    return st.sampled_from(sorted(ATTRIBUTES)).flatmap(
        lambda attribute: st.fixed_dictionaries(
            {
                "contact_id": st.sampled_from((*CONTACT_IDS, None)),
                "attribute": st.sampled_from((attribute, f" {attribute.title()}")),
                "value": st.sampled_from(ATTRIBUTES[attribute]),
                "origin": st.sampled_from((None, "form", "team")),
                "updated_at": st.one_of(st.none(), moments()),
                "loaded_at": st.sampled_from(loads),
            }
        )
    )


def consents(loads: Sequence[datetime]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "contact_id": st.sampled_from(CONTACT_IDS),
            "purpose": st.sampled_from(("email", "ads", "profiling", " Profiling")),
            "status": st.sampled_from(("granted", "withdrawn", "Withdrawn ")),
            "occurred_at": moments(),
            "loaded_at": st.sampled_from(loads),
        }
    )


def erasure_requests(loads: Sequence[datetime]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "contact_id": st.sampled_from((*CONTACT_IDS, *ERASED_IDS, None, None)),
            "email": st.sampled_from((*EMAILS, *ERASED_EMAILS, None, None, None)),
            "requested_at": moments(),
            "loaded_at": st.sampled_from(loads),
        }
    )


def contact_version(row: Row) -> tuple[Any, ...]:
    changed_at = row["updated_at"] or row["created_at"]
    return (row["contact_id"] or "").strip(), changed_at, row["loaded_at"]


@st.composite
def shops(draw: Draw, max_events: int = 40) -> Shop:
    """A whole landing zone, in the order in which it landed."""
    loads = draw(load_instants())
    landed = draw(few_or_many(events(loads), max_events // 2))
    for burst in draw(st.lists(bursts(loads), max_size=max_events // 16)):
        landed += burst
    if landed:
        again = st.sampled_from(landed).flatmap(lambda event: repeats(event, loads))
        landed += draw(st.lists(again, max_size=max_events // 4))
    versions = st.lists(contacts(loads), max_size=6, unique_by=contact_version)
    shop = Shop(
        events=landed,
        contacts=draw(versions),
        contact_attributes=draw(st.lists(contact_attributes(loads), max_size=6)),
        consents=draw(st.lists(consents(loads), max_size=4)),
        erasure_requests=draw(
            st.one_of(st.just([]), st.lists(erasure_requests(loads), max_size=2))
        ),
    )
    for rows in vars(shop).values():
        rows.sort(key=lambda row: row["loaded_at"])
    return shop


# -------------------------------------------------------------------------------- rules


def blank_or(values: Sequence[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), st.sampled_from(values))


def conditions(
    texts: dict[str, tuple[str, ...]], numbers: dict[str, tuple[str, ...]]
) -> st.SearchStrategy[tuple[str, str, str]]:
    """A named value, an operator that suits it, and an operand."""

    def one(
        names: dict[str, tuple[str, ...]], operators: Sequence[str]
    ) -> st.SearchStrategy[tuple[str, str, str]]:
        return st.sampled_from(sorted(names)).flatmap(
            lambda name: st.tuples(
                st.just(name),
                st.sampled_from(operators),
                st.sampled_from(names[name]),
            )
        )

    presence = st.tuples(
        st.sampled_from(sorted({*texts, *numbers})),
        st.sampled_from(("is_set", "is_not_set")),
        st.just(""),
    )
    text = one(texts, TEXT_OPERATORS).map(single_operand)
    return st.one_of(text, one(numbers, NUMERIC_OPERATORS), presence)


def single_operand(condition: tuple[str, str, str]) -> tuple[str, str, str]:
    """Lists of operands are for `in` and `not_in` alone."""
    name, operator, operand = condition
    if operator not in ("in", "not_in"):
        operand = operand.split("|")[0]
    return name, operator, operand


@st.composite
def matches(draw: Draw) -> RuleRow:
    """The first half of a rule: what it matches."""
    condition = ("", "", "")
    if draw(st.integers(0, 2)) == 2:
        condition = draw(conditions(TEXT_PROPERTIES, NUMERIC_PROPERTIES))
    return {
        "event_type": draw(st.sampled_from(USUAL_TYPES * 4 + tuple(EVENT_TYPES))),
        "property": condition[0],
        "operator": condition[1],
        "operand": condition[2],
    }


@st.composite
def validities(draw: Draw) -> RuleRow:
    """A window that is mostly open."""
    starts = draw(mostly((None,), (0, 20, 33)))
    ends = draw(mostly((None,), (34, 60, 119)))
    return {
        "valid_from": "" if starts is None else iso_day(starts),
        "valid_to": "" if ends is None else iso_day(ends),
    }


def iso_day(offset: int) -> str:
    return (FIRST_DAY + timedelta(days=offset)).isoformat()


@st.composite
def engagement_rules(draw: Draw) -> RuleRow:
    mode = draw(st.sampled_from(("each", "each", "threshold")))
    rule = draw(matches()) | draw(validities())
    rule |= {
        "mode": mode,
        "points": draw(st.sampled_from(POINTS)),
        "max_hits_per_day": draw(st.sampled_from(("", "1", "1", "2"))),
        "max_hits": draw(st.sampled_from(("", "", "1", "2", "3"))),
        "min_hits": "",
        "window_days": "",
        "decay": "",
        "decay_days": "",
        "decay_rate": "",
        "rule_group": draw(blank_or(("browsing", "mail", "unlimited"))),
    }
    if mode == "threshold":
        fewest = draw(blank_or(SMALL_COUNTS[:3]))
        rule["min_hits"] = fewest
        rule["window_days"] = draw(blank_or(SOME_DAYS))
        if rule["max_hits"] and int(rule["max_hits"]) < int(fewest or 1):
            rule["max_hits"] = fewest
        return rule
    rule["decay"] = draw(
        st.sampled_from(("", "none", "half_life", "linear", "expire", "step"))
    )
    if rule["decay"] not in ("", "none"):
        rule["decay_days"] = draw(st.sampled_from(SOME_DAYS))
    if rule["decay"] == "step":
        rule["decay_rate"] = draw(st.sampled_from(("0.25", "0.5", "1")))
    return rule


@st.composite
def inactivity_rules(draw: Draw) -> RuleRow:
    lowest = draw(blank_or(("0", "1", "2", "30")))
    highest = draw(blank_or(("3", "10", "60")))
    if lowest and highest and int(highest) <= int(lowest):
        highest = ""
    signal = draw(st.sampled_from(("days_without_activity", "emails_unopened")))
    if signal == "emails_unopened" and lowest in ("", "0"):
        lowest = "1"
    return draw(validities()) | {
        "signal": signal,
        "min_value": lowest,
        "max_value": highest,
        "points": draw(st.sampled_from(("-5", "-0.5", "2"))),
    }


@st.composite
def attribute_conditions(draw: Draw) -> RuleRow:
    numbers = {"age_years": ("18", "29", "30"), "budget": ("9.5", "10")}
    name, operator, operand = draw(conditions(FIT_OPERANDS, numbers))
    return {"attribute": name, "operator": operator, "operand": operand}


@st.composite
def fit_rules(draw: Draw) -> RuleRow:
    return draw(attribute_conditions()) | {
        "criterion": draw(st.sampled_from(("home", "budget", "business"))),
        "points": draw(st.sampled_from(POINTS)),
    }


@st.composite
def stage_rules(draw: Draw) -> RuleRow:
    return draw(matches()) | {
        "stage": draw(st.sampled_from(STAGES)),
        "min_hits": draw(blank_or(("1", "2"))),
        "valid_days": draw(blank_or(SOME_DAYS)),
    }


@st.composite
def disqualification_rules(draw: Draw) -> RuleRow:
    rule: RuleRow = dict.fromkeys(
        ("attribute", "event_type", "property", "min_hits", "window_days"), ""
    )
    if draw(st.booleans()):
        unset = "is_not_set"  # nobody is shut out by what is not known
        told = attribute_conditions().filter(lambda rule: rule["operator"] != unset)
        rule |= draw(told)
    else:
        rule |= draw(matches())
        rule["min_hits"] = draw(blank_or(("1", "2")))
        rule["window_days"] = draw(blank_or(SOME_DAYS))
    return rule | {
        "reason": draw(st.sampled_from(("student", "competitor", "job seeker"))),
        "priority": draw(st.sampled_from(("1", "2", "3"))),
    }


@st.composite
def score_scales(draw: Draw) -> RuleRow:
    if draw(st.booleans()):
        scaling, half, top = "saturating", draw(st.sampled_from(("1", "5", "40.5"))), ""
    else:
        scaling, half, top = "linear", "", draw(st.sampled_from(("3", "10", "50")))
    return {
        "score": "engagement",
        "scaling": scaling,
        "half_saturation_points": half,
        "max_points": top,
    }


@st.composite
def score_weights(draw: Draw) -> list[RuleRow]:
    """Three weights of whole twentieths that add up to 1."""
    cuts = sorted(draw(st.tuples(st.integers(0, 20), st.integers(1, 20))))
    shares = {"fit": cuts[0], "engagement": cuts[1] - cuts[0], "stage": 20 - cuts[1]}
    return [
        {"component": component, "weight": f"{share / 20:g}"}
        for component, share in shares.items()
    ]


@st.composite
def grades(draw: Draw) -> list[RuleRow]:
    """Bands from 100 down to 0 that neither gap nor overlap."""
    names = {"fit": "ABCD", "engagement": "1234", "lead": ("hot", "warm", "cold")}
    rows = []
    for score, bands in names.items():
        inner = st.sets(
            st.integers(1, 99), min_size=len(bands) - 1, max_size=len(bands) - 1
        )
        edges = [100, *sorted(draw(inner), reverse=True), 0]
        for grade, upper, lower in zip(bands, edges, edges[1:], strict=False):
            rows.append(
                {
                    "score": score,
                    "grade": grade,
                    "min_score": str(lower),
                    "max_score": str(upper),
                }
            )
    return rows


@st.composite
def matrix_actions(draw: Draw) -> list[RuleRow]:
    """A row for every cell, and a few that are more specific."""
    places = st.tuples(
        st.sampled_from("ABCD*"),
        st.sampled_from("1234*"),
        st.sampled_from((*STAGES, "*")),
    )
    specific = draw(st.sets(places, max_size=5)) - {("*", "*", "*")}
    priorities = draw(st.permutations(range(1, len(specific) + 2)))
    rows = []
    for place, priority in zip(
        (("*", "*", "*"), *sorted(specific)), priorities, strict=True
    ):
        fit_grade, engagement_grade, stage = place
        rows.append(
            {
                "fit_grade": fit_grade,
                "engagement_grade": engagement_grade,
                "stage": stage,
                "next_action": f"Action {priority}",
                "price_tier": draw(st.sampled_from(("standard", "premium"))),
                "priority": str(priority),
            }
        )
    return rows


def dates_to_score() -> st.SearchStrategy[dict[str, str]]:
    """A few weeks and cut-offs besides today, mostly of all leads."""
    return st.fixed_dictionaries(
        {
            "history_weeks": st.sampled_from(("0", "2", "2")),
            "history_max_leads": mostly(("50000",), ("2",)),
            "backtest_horizon_days": st.sampled_from(("14", "30 | 7")),
            "backtest_cutoffs": st.sampled_from(("0", "2", "2")),
            "backtest_step_days": st.sampled_from(("7", "10")),
            "backtest_cutoff_dates": mostly(("",), (f"{FIRST_DAY}|2026-05-03",)),
            "backtest_population": mostly(("",), ("page_viewed",)),
            "backtest_conversion": mostly(("",), ("order_completed",)),
            "backtest_occasion": mostly(("",), ("email_sent",)),
            "champion_score": st.just("lead"),
            "champion_must_beat": st.just(""),
            "champion_min_auc": st.just(""),
            "advance_days": st.sampled_from(("7", "14")),
        }
    )


@st.composite
def shop_settings(draw: Draw) -> list[RuleRow]:
    values = {
        "inactivity_reset_days": draw(blank_or(("1", "7", "30", "30", "60"))),
        "duplicate_window_days": draw(mostly(("3",), ("0", "1"))),
        "currency": draw(mostly(("EUR",), ("USD", "GBP"))),
        "segment_catch_up_days": "0",
        **draw(dates_to_score()),
    }
    return [
        {"setting": name, "value": value, "description": ""}
        for name, value in values.items()
    ]


def named(rows: list[RuleRow], prefix: str, start: int = 1) -> list[RuleRow]:
    """Rules with an id and a description of their own."""
    return [
        {"rule_id": f"{prefix}{i}", **row, "description": f"Reason {prefix}{i}"}
        for i, row in enumerate(rows, start)
    ]


@st.composite
def rule_sets(draw: Draw) -> Rules:
    """A whole set of seeds that the seed tests would let pass."""
    limits = {"browsing": draw(st.sampled_from(("0", "3", "10"))), "mail": "1.5"}
    return Rules(
        engagement_rules=named(draw(few_or_many(engagement_rules(), 8)), "e"),
        rule_groups=[
            {"rule_group": group, "max_points": limit}
            for group, limit in (*limits.items(), ("unlimited", "100000"))
        ],
        inactivity_rules=named(draw(st.lists(inactivity_rules(), max_size=2)), "i"),
        fit_rules=named(draw(few_or_many(fit_rules(), 6)), "f"),
        stages=[
            {"stage": stage, "rank": str(rank), "description": ""}
            for rank, stage in enumerate(STAGES, start=1)
        ],
        stage_rules=named(draw(few_or_many(stage_rules(), 6)), "s"),
        disqualification_rules=named(
            draw(st.lists(disqualification_rules(), max_size=3)), "d"
        ),
        score_scales=[draw(score_scales())],
        score_weights=draw(score_weights()),
        grades=draw(grades()),
        matrix_actions=draw(matrix_actions()),
        settings=draw(shop_settings()),
        event_types=[
            {
                "event_type": name,
                "channel": "web",
                "is_activity": "true" if is_activity else "false",
                "is_conversion": "true" if name == "order_completed" else "false",
                "description": "",
            }
            for name, is_activity in EVENT_TYPES.items()
        ],
        event_names=[
            {"source": source, "event_name": name, "event_type": event_type}
            for source, name, event_type in EVENT_NAMES
        ],
        email_domains=[
            {"email_domain": domain, "kind": kind} for domain, kind in DOMAINS.items()
        ],
        exchange_rates=[
            {"currency": currency, "rate": rate} for currency, rate in RATES.items()
        ],
        machine_user_agents=[
            {"pattern": pattern, "kind": "machine"} for pattern in MACHINE_PATTERNS
        ],
    )


# --------------------------------------------------------------------- dates and places


def as_of_dates() -> st.SearchStrategy[date | None]:
    """None, a day of the shop's life, before all of it, after all of it."""
    offsets = st.one_of(
        st.integers(0, DAYS), st.sampled_from((-400, 33, 34, DAYS + 30))
    )
    return st.one_of(st.none(), offsets.map(lambda d: FIRST_DAY + timedelta(days=d)))


def timezones() -> st.SearchStrategy[str]:
    return st.sampled_from(("UTC", "UTC", "Europe/Berlin", "America/New_York"))


# ------------------------------------------------------------------------ rules on disk

SEED_COLUMNS = {
    "engagement_rules": (
        "rule_id event_type property operator operand mode points max_hits_per_day"
        " max_hits min_hits window_days decay decay_days decay_rate rule_group"
        " valid_from valid_to description"
    ),
    "rule_groups": "rule_group max_points",
    "inactivity_rules": (
        "rule_id signal min_value max_value points valid_from valid_to description"
    ),
    "fit_rules": "rule_id criterion attribute operator operand points description",
    "stages": "stage rank description",
    "stage_rules": (
        "rule_id stage event_type property operator operand min_hits valid_days"
        " description"
    ),
    "disqualification_rules": (
        "rule_id reason attribute event_type property operator operand min_hits"
        " window_days priority description"
    ),
    "score_scales": "score scaling half_saturation_points max_points",
    "score_weights": "component weight",
    "grades": "score grade min_score max_score",
    "matrix_actions": (
        "fit_grade engagement_grade stage next_action price_tier priority"
    ),
    "settings": "setting value description",
    "event_types": "event_type channel is_activity is_conversion description",
    "event_names": "source event_name event_type",
    "email_domains": "email_domain kind",
    "exchange_rates": "currency rate",
    "machine_user_agents": "pattern kind",
}


def write_rules(rules: Rules, folder: Path) -> None:
    """Write a rule set as a seeds folder; Rules.from_folder reads it back."""
    for seed, rows in vars(rules).items():
        home = "reference" if seed in REFERENCE_SEEDS else "rules"
        file = folder / home / f"{seed}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, SEED_COLUMNS[seed].split())
            writer.writeheader()
            writer.writerows(rows)
