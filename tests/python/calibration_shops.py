"""Simulated shops with a known truth, as panels: no warehouse is needed."""

from collections.abc import Sequence

import numpy as np

from _calibration_panel import (
    Attribute,
    EngagementRule,
    Flags,
    Floats,
    Ints,
    Outcomes,
    Panel,
    RuleHits,
)

START = np.datetime64("2024-01-01")
NEVER = np.datetime64("NaT", "D")
HORIZON = 30


def planted_shop(
    seed: int,
    weights: Sequence[float],
    half_lives: Sequence[float],
    points: Sequence[float | None],
    leads: int = 1500,
    cutoffs: int = 7,
    rates: Sequence[float] = (0.12, 0.03, 0.01),
) -> Panel:
    """Leads convert by the sum of their decayed hits, everything else being chance."""
    rng = np.random.default_rng(seed)
    first, last = 200, 200 + HORIZON * cutoffs
    busy = rng.gamma(1.5, 1 / 1.5, leads)
    events = []
    for rate in rates[: len(weights)]:
        counts = rng.poisson(rate * last * busy)
        who = np.repeat(np.arange(leads), counts)
        events.append((who, rng.integers(0, last, len(who))))
    parts: list[list[tuple[Ints, Ints]]] = [[] for _ in weights]
    converted = []
    for number in range(cutoffs):
        today = first + HORIZON * number
        total = np.zeros(leads)
        for rule, (who, day) in enumerate(events):
            age, lead = today - day[day <= today], who[day <= today]
            parts[rule].append((lead + leads * number, age))
            worth = weights[rule] * np.exp2(-age / half_lives[rule])
            total += np.bincount(lead, weights=worth, minlength=leads)
        converted.append(rng.random(leads) < 1 / (1 + np.exp(2 - total)))
    rules = []
    for rule, hits in enumerate(parts):
        row, age = (np.concatenate(part) for part in zip(*hits, strict=True))
        found = RuleHits(row, age, np.ones(len(row)))
        rules.append(
            EngagementRule(
                f"rule_{rule}",
                f"event_{rule}",
                found,
                points=points[rule],
                decay="half_life",
                decay_days=14.0,
            )
        )
    dates = START + first + HORIZON * np.repeat(np.arange(cutoffs), leads)
    lead = np.tile(np.arange(leads), cutoffs)
    return Panel(outcomes_of(lead, dates, np.concatenate(converted)), tuple(rules))


def outcomes_of(lead: Ints, dates: object, is_converted: object) -> Outcomes:
    """Outcomes whose conversions come five days after the cut-off."""
    as_of_date = np.asarray(dates, "datetime64[D]")
    converted = np.asarray(is_converted, bool)
    converted_on = np.where(converted, as_of_date + 5, NEVER)
    return Outcomes(lead, as_of_date, converted, converted_on, HORIZON)


def lead_list(seed: int, leads: int = 6000, is_leaky: bool = True) -> Panel:
    """A CRM's list with one cut-off: what tells, what does not, and what leaks."""
    rng = np.random.default_rng(seed)
    job = rng.choice(3, leads, p=[0.6, 0.1, 0.3])
    minutes = np.where(rng.random(leads) < 0.25, 0, rng.gamma(1, 20, leads)).astype(int)
    hump = rng.integers(18, 80, leads)
    logit = np.array([-0.3, 2.0, -1.2])[job] + np.minimum(minutes, 60) / 25
    logit += np.where((hump >= 35) & (hump < 55), 1.0, 0.0) - 1.2
    is_converted = rng.random(leads) < 1 / (1 + np.exp(-logit))
    names = ["no job", "works", None]
    attributes = [
        Attribute.from_texts("job", [names[place] for place in job]),
        Attribute.from_texts("minutes", [str(value) for value in minutes]),
        Attribute.from_texts("age", [str(value) for value in hump]),
    ]
    for number in range(10):
        codes = rng.integers(0, 3 + number, leads)
        texts = [f"value {code}" for code in codes]
        attributes.append(Attribute.from_texts(f"noise_{number}", texts))
    if is_leaky:
        attributes.append(Attribute.from_texts("tags", _tags(rng, is_converted)))
    lead = rng.permutation(leads)
    outcomes = outcomes_of(lead, np.full(leads, START), is_converted)
    return Panel(outcomes, attributes=tuple(attributes))


def _tags(rng: np.random.Generator, is_converted: object) -> list[str]:
    """What sales staff note after the call: it decides most outcomes, not all."""
    chance = rng.random(len(np.asarray(is_converted)))
    yes = np.where(chance < 0.65, "will buy", np.where(chance < 0.75, "busy", ""))
    no = np.where(chance < 0.45, "not interested", np.where(chance < 0.5, "busy", ""))
    return [str(text) for text in np.where(np.asarray(is_converted), yes, no)]


def random_scores(rng: np.random.Generator, rows: int) -> tuple[Floats, Flags]:
    """Scores with ties, and outcomes that depend on them."""
    score = np.round(rng.normal(size=rows), 1)
    return score, np.asarray(rng.random(rows) < 1 / (1 + np.exp(-score)))
