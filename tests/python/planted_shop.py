"""A shop with a known truth, in landing files: what leads do makes them order or not.

Every fortnight each lead orders by chance; the log-odds are the sum of its decayed hits
and of one attribute. The rules that the shop uses say something else.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dbt_runs import UNTESTED, copy_project, run_dbt
from warehouse import landing_schema, write_landing

SEED = 11
LEADS = 3500
FORTNIGHTS = 9
SETTLED = 56  # days in which leads appear and nobody orders yet
START = np.datetime64("2026-01-05")  # after a Sunday that is a cut-off
LAST = START + SETTLED + 14 * FORTNIGHTS
RULES = "seeds/planted"  # below the project

# Of an event type: hits a day, worth of a fresh hit in log-odds, half-life in days.
TRUTH = {
    "product_viewed": (0.08, 0.40, 5.0),
    "product_added": (0.03, 0.60, 30.0),
    "email_clicked": (0.015, 0.30, 90.0),
    "file_downloaded": (0.02, 0.0, 30.0),
}
ORDER_WEIGHT, ORDER_HALF_LIFE = 0.7, 45.0
BASE = -4.9
GARDEN = 1.0  # what a garden adds to the log-odds
PERSONAL = ("verysecret", "555-0199", "planta", ".example")  # must be in no output

ENGAGEMENT_RULES = """\
rule_id,event_type,property,operator,operand,mode,points,max_hits_per_day,max_hits,\
min_hits,window_days,decay,decay_days,decay_rate,rule_group,valid_from,valid_to,\
description
view,product_viewed,,,,each,8,,,,,half_life,120,,,,,Viewed products
add,product_added,,,,each,2,,,,,half_life,3,,,,,Put products in the cart
purchase,order_completed,,,,each,10,,,,,half_life,45,,,,,Placed orders
survey,survey_answered,,,,each,5,,,,,half_life,30,,,,,Answered a survey
"""
FIT_RULES = """\
rule_id,criterion,attribute,operator,operand,points,description
garden_no,garden,garden,equals,no,20,Has no garden
"""
SETTINGS = {
    "history_weeks": "1",
    "backtest_horizon_days": "14",
    "backtest_cutoffs": "6",
    "backtest_step_days": "14",
}


@dataclass(frozen=True)
class Shop:
    """Where the shop was built, and with which project."""

    workspace: Path
    project: Path

    @property
    def database(self) -> Path:
        return self.workspace / "warehouse.duckdb"

    @property
    def rules(self) -> Path:
        return self.project / RULES

    def build(self, *arguments: str) -> None:
        """Build, the rules' tests included; tests of models have their own place."""
        result = run_dbt(
            self.workspace,
            *("build", "--quiet", *arguments),
            project=self.project,
            rules=RULES,
        )
        assert result.success, result.exception or result.result


# --- What happens -------------------------------------------------------------------


@dataclass(frozen=True)
class Happening:
    """Events of one type: who, and when in days after the start."""

    event_name: str
    lead: Any
    day: Any  # with a fraction: the time of day


def simulate() -> tuple[list[Happening], Any, Any]:
    """Let it happen: events, who has a garden, and on which day each first ordered."""
    rng = np.random.default_rng(SEED)
    days = SETTLED + 14 * FORTNIGHTS
    busy = rng.gamma(2.0, 0.5, LEADS)
    has_garden = rng.random(LEADS) < 0.4
    events = []
    for name, (rate, _, _) in TRUTH.items():
        lead = np.repeat(np.arange(LEADS), rng.poisson(rate * days * busy))
        day = np.floor(rng.uniform(20, days, len(lead)))
        events.append(Happening(name, lead, day + rng.uniform(0, 0.9, len(lead))))
    orders = _orders(rng, events, has_garden)
    first_order = np.full(LEADS, np.inf)
    np.minimum.at(first_order, orders.lead, orders.day)
    some = rng.random(len(orders.lead)) < 0.7
    survey = orders.day + rng.uniform(0.02, 0.9, len(orders.day))
    events += [orders, Happening("survey_answered", orders.lead[some], survey[some])]
    events += _outcomes_of_nothing(rng, orders)
    return events, has_garden, first_order


def _orders(
    rng: np.random.Generator, events: list[Happening], garden: Any
) -> Happening:
    who: list[Any] = [np.empty(0, int)]
    when: list[Any] = [np.empty(0)]
    for fortnight in range(FORTNIGHTS):
        today = SETTLED + 14 * fortnight
        log_odds = BASE + GARDEN * garden
        for event in events:
            _, weight, half_life = TRUTH[event.event_name]
            log_odds = log_odds + _worth(event, today, weight, half_life)
        before = Happening("", np.concatenate(who), np.concatenate(when))
        log_odds = log_odds + _worth(before, today, ORDER_WEIGHT, ORDER_HALF_LIFE)
        lead = np.flatnonzero(rng.random(LEADS) < 1 / (1 + np.exp(-log_odds)))
        who.append(lead)
        # The cut-off is the day before: what comes on `today` is not known on it.
        when.append(today + rng.integers(0, 14, len(lead)) + rng.random(len(lead)) / 2)
    return Happening("order_completed", np.concatenate(who), np.concatenate(when))


def _worth(event: Happening, today: int, weight: float, half_life: float) -> Any:
    """What hits before today are worth on the evening before."""
    known = event.day < today
    age = today - 1 - np.floor(event.day[known])
    hits = weight * np.exp2(-age / half_life)
    return np.bincount(event.lead[known], weights=hits, minlength=LEADS)


def _outcomes_of_nothing(
    rng: np.random.Generator, orders: Happening
) -> list[Happening]:
    """As many outcomes on the same days, but anybody's; and forty of another kind."""
    shuffled = rng.integers(0, LEADS, len(orders.lead))
    few = rng.permutation(np.flatnonzero(orders.day > SETTLED + 14 * FORTNIGHTS - 84))
    return [
        Happening("coupon_redeemed", shuffled, orders.day),
        Happening("chat_started", orders.lead[few[:40]], orders.day[few[:40]]),
    ]


# --- How it is landed ---------------------------------------------------------------


def land(landing: Path) -> None:
    """Write what happened as landing files."""
    events, has_garden, first_order = simulate()
    for table in ("consents", "erasure_requests"):
        write_landing(landing, table, [])
    names = np.repeat([e.event_name for e in events], [len(e.lead) for e in events])
    lead = np.concatenate([event.lead for event in events])
    occurred_at = _at(np.concatenate([event.day for event in events]))
    _write(
        landing,
        "events",
        {
            "event_id": [f"e-{place}" for place in range(len(lead))],
            "source": ["shop"] * len(lead),
            "event_name": names.tolist(),
            "contact_id": [f"c-{each}" for each in lead],
            "amount": np.where(names == "order_completed", 50.0, np.nan),
            "occurred_at": occurred_at,
        },
    )
    rng = np.random.default_rng(SEED + 1)
    created_at = _at(np.floor(rng.uniform(0, 20, LEADS)))
    ids = [f"c-{each}" for each in range(LEADS)]
    _write(
        landing,
        "contacts",
        {
            "contact_id": ids,
            "email": [f"planta.verysecret.{each}@home.example" for each in ids],
            "first_name": ["Planta"] * LEADS,
            "last_name": ["Verysecret"] * LEADS,
            "phone": ["555-0199"] * LEADS,
            "created_at": created_at,
            "updated_at": created_at,
        },
    )
    pets = rng.choice(["cat", "dog", "none"], LEADS)
    # A card is given with the first order; a few have theirs from elsewhere.
    has_card = np.isfinite(first_order) & (rng.random(LEADS) < 0.8)
    card_at = np.where(has_card, np.minimum(first_order, 9999) + 0.1, 30)
    has_card |= rng.random(LEADS) < 0.02
    _write_attributes(
        landing,
        [
            ("garden", np.where(has_garden, "yes", "no"), created_at, None),
            ("pet", pets, created_at, None),
            (
                "second_email",
                [f"verysecret@{i}.example" for i in ids],
                created_at,
                None,
            ),
            ("loyalty_card", ["yes"] * LEADS, _at(card_at), has_card),
        ],
    )


def _at(day: Any) -> Any:
    seconds = np.round(day * 86400).astype("timedelta64[s]")
    return (START.astype("datetime64[s]") + seconds).astype("datetime64[us]")


def _write_attributes(landing: Path, attributes: list[tuple[Any, ...]]) -> None:
    columns: dict[str, list[Any]] = {"contact_id": [], "attribute": [], "value": []}
    times = []
    for name, values, updated_at, chosen in attributes:
        some = np.arange(LEADS) if chosen is None else np.flatnonzero(chosen)
        columns["contact_id"] += [f"c-{each}" for each in some]
        columns["attribute"] += [name] * len(some)
        columns["value"] += np.asarray(values)[some].tolist()
        times.append(updated_at[some])
    updated = {"updated_at": np.concatenate(times)}
    _write(landing, "contact_attributes", columns | updated)


def _write(landing: Path, table: str, columns: dict[str, Any]) -> None:
    schema = landing_schema(table)
    count = len(next(iter(columns.values())))
    loaded_at = np.full(count, LAST.astype("datetime64[us]"))
    filled = columns | {"loaded_at": loaded_at}
    arrays = [
        pa.array(filled[field.name], field.type, from_pandas=True)
        if field.name in filled
        else pa.nulls(count, field.type)
        for field in schema
    ]
    folder = landing / table / "loaded_on=2026-01-01"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays, schema=schema), folder / "0.parquet")


# --- How it is built ----------------------------------------------------------------


def planted_project(folder: Path) -> Path:
    """A copy of the project with the shop's own rules, which are wrong."""
    project = copy_project(folder)
    for file in project.rglob("*unit_tests.yml"):
        file.unlink()  # calibration parses anew, and they are half of it
    rules = project / RULES
    shutil.copytree(project / "seeds" / "rules", rules)
    (rules / "engagement_rules.csv").write_text(ENGAGEMENT_RULES, encoding="utf-8")
    (rules / "fit_rules.csv").write_text(FIT_RULES, encoding="utf-8")
    (rules / "inactivity_rules.csv").write_text(
        "rule_id,signal,min_value,max_value,points,valid_from,valid_to,description\n",
        encoding="utf-8",
    )
    write_settings(rules / "settings.csv", **SETTINGS)
    return project


def write_settings(file: Path, **values: str) -> None:
    """Change settings in a settings.csv."""
    lines = file.read_text(encoding="utf-8").splitlines()
    for place, line in enumerate(lines):
        setting, _, rest = line.split(",", 2)
        if setting in values:
            lines[place] = f"{setting},{values.pop(setting)},{rest}"
    assert not values
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def build_shop(folder: Path) -> Shop:
    """Land the shop and build it."""
    shop = Shop(folder, planted_project(folder / "project"))
    land(folder / "landing")
    shop.build(*UNTESTED, "--exclude", "path:models/segments+")
    return shop
