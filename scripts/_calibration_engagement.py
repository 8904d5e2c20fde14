"""Propose points and half-lives for the engagement rules, each with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from _calibration_decay import (
    DecayedHits,
    decay_hits,
    half_life_at,
    hits_with_decay,
)
from _calibration_decisions import Estimate, Support
from _calibration_evidence import stable_bucket
from _calibration_logistic import lead_codes
from _calibration_model import Engagement, State, date_codes
from _calibration_panel import (
    EngagementResult,
    EngagementRule,
    Evidence,
    Flags,
    Floats,
    Ints,
    Panel,
    Progress,
    Split,
    no_progress,
)
from _calibration_points import keep_all, propose
from _calibration_profile import Profiled, Profiler
from _warehouse import plural

MIN_LEADS_HIT = 50
MIN_CONVERSIONS = 20
FIT_ROWS = 150_000  # of a sample of leads: more would not change whole points
START_ROWS = 30_000  # each of the starting points is tried on this many rows
PROFILE_ROWS = 50_000
STARTS = ((2.0, -1.0), (6.0, -1.0), (10.0, -1.0), (14.0, -1.0), (8.0, 2.0))


def fit_engagement(
    panel: Panel,
    split: Split,
    evidence: Evidence,
    excluded: frozenset[str] = frozenset(),
    progress: Progress = no_progress,
) -> EngagementResult:
    """Fit on the train rows, decide rule by rule, and test the whole on later rows.

    `excluded` names event types that give the outcome away: their rules keep their
    points and they are no candidates.
    """
    supports = [count_support(rule, panel, split) for rule in panel.rules]
    chosen = [
        number
        for number, (rule, support) in enumerate(
            zip(panel.rules, supports, strict=True)
        )
        if not support.problem and rule.event_type not in excluded
    ]
    if not evidence.is_enough:
        return keep_all(panel, supports, evidence.reason)
    if not chosen:
        return keep_all(panel, supports, "No rule has enough support to be weighed.")
    progress("sum hits at every half-life", 0.0)
    split = replace(split, is_train=_sample(panel, split))
    train = np.flatnonzero(split.is_train)
    decayed = [
        decay_hits(panel.rules[number], panel.outcomes.count).take(split.is_train)
        for number in chosen
    ]
    model = Engagement(
        decayed,
        date_codes(panel.outcomes.as_of_date[train]),
        panel.outcomes.is_converted[train].astype(np.float64),
        np.zeros(len(train)),
    )
    lead = lead_codes(panel.outcomes.lead[train])
    if model.p_value_of_nothing(lead) > 0.05:
        why = "Nothing is proven: no rule tells converters from others."
        return keep_all(panel, supports, why)
    rules = [panel.rules[number] for number in chosen]
    todays = [_worth_today(rule, panel.outcomes.count, train) for rule in rules]
    fitted = _fit(model, lead, rules, todays, progress)
    estimates = dict(zip(chosen, fitted.estimates, strict=True))
    progress("choose points", 0.9)
    result = propose(panel, split, supports, estimates, fitted.state)
    progress("done", 1.0)
    return result


def count_support(rule: EngagementRule, panel: Panel, split: Split) -> Support:
    """Count the leads hit before the train cut-offs, and those that converted."""
    outcomes = panel.outcomes
    is_hit = np.zeros(outcomes.count, bool)
    is_hit[rule.hits.row[rule.hits.hits != 0]] = True
    is_hit &= split.is_train
    leads = len(np.unique(outcomes.lead[is_hit]))
    converted = outcomes.is_converted & split.is_train
    with_hit = int(np.count_nonzero(converted & is_hit))
    without = int(np.count_nonzero(converted & ~is_hit))
    problem = ""
    if leads < MIN_LEADS_HIT:
        hit = plural(leads, "lead")
        problem = f"only {hit} hit (at least {MIN_LEADS_HIT} are needed)"
    elif with_hit < MIN_CONVERSIONS:
        found = plural(with_hit, "conversion")
        problem = f"only {found} with it ({MIN_CONVERSIONS} are needed)"
    elif rule.mode != "each" and without < MIN_CONVERSIONS:
        found = plural(without, "conversion")
        problem = f"only {found} without it ({MIN_CONVERSIONS} needed)"
    return Support(leads, with_hit, without, problem)


@dataclass(frozen=True)
class _Fitted:
    state: State
    estimates: Sequence[Estimate]


def _fit(
    model: Engagement,
    lead: Ints,
    rules: Sequence[EngagementRule],
    todays: Sequence[Floats | None],
    progress: Progress,
) -> _Fitted:
    progress("fit weights and half-lives", 0.1)
    some = _some_leads(lead, START_ROWS)
    small = model.take(some)
    starts = [small.start(place, curve) for place, curve in STARTS]
    tried = [small.fit(start, steps=25) for start in starts]
    best = max(tried, key=lambda state: state.objective)
    state = model.fit(best.theta, enough=1e-2)
    for _ in range(2):
        naive, robust = model.covariances(state, lead)
        profiles, without = _profile(
            model, state, lead, rules, todays, naive, robust, progress
        )
        better = [found.theta for found in profiles if found and found.theta]
        if not better or model.rows > PROFILE_ROWS:
            break
        again = max((model.fit(theta) for theta in better), key=lambda s: s.objective)
        if again.objective < state.objective + 0.1:
            break
        state = again
    dates, count = len(state.theta.intercepts), len(rules)
    sizes = np.array([rule.size for rule in model.rules])
    block = slice(dates, dates + count)
    covariance = robust[block, block] / np.outer(sizes, sizes)
    weights = state.theta.weights / sizes
    spreads = _spreads(naive, robust, dates, count)
    estimates = [
        Estimate(
            float(weights[number]),
            float(np.sqrt(covariance[number, number])),
            half_life_at(float(state.theta.places[number])),
            profiles[number],
            float(spreads[number]),
            without[number],
        )
        for number in range(count)
    ]
    return _Fitted(state, estimates)


def _sample(panel: Panel, split: Split) -> Flags:
    """The train rows, of a fixed sample of leads when there are very many."""
    rows = np.flatnonzero(split.is_train)
    is_taken = np.zeros(panel.outcomes.count, bool)
    is_taken[rows[_some_leads(panel.outcomes.lead[rows], FIT_ROWS)]] = True
    return is_taken


def _some_leads(lead: Ints, rows: int) -> Flags:
    """Choose all rows of a sample of leads, about as many rows as given."""
    share = rows / max(len(lead), 1)
    return stable_bucket(lead, 10_000, salt=7) < share * 10_000


def _profile(
    model: Engagement,
    state: State,
    lead: Ints,
    rules: Sequence[EngagementRule],
    todays: Sequence[Floats | None],
    naive: Floats,
    robust: Floats,
    progress: Progress,
) -> tuple[list[Profiled | None], list[float]]:
    """Profile every half-life; on very many rows, those of some leads stand for all.

    Fewer rows make the interval wider than it could be: never too narrow.
    """
    some = _some_leads(lead, PROFILE_ROWS)
    if not some.all():
        model = model.take(some)
        state = model.fit(state.theta, steps=10)
    profiler = Profiler.at(model, state)
    spreads = _spreads(naive, robust, len(state.theta.intercepts), len(rules))
    found: list[Profiled | None] = []
    without = []
    for number, (rule, today) in enumerate(zip(rules, todays, strict=True)):
        decayed = model.rules[number]
        progress(f"half-life of {rule.rule_id}", 0.4 + 0.5 * number / len(rules))
        without.append(profiler.deviance_without(number, float(spreads[number])))
        if not decayed.has_half_life:
            found.append(None)
            continue
        found.append(
            profiler.profile(
                number,
                None if today is None else _as_today(today[some], decayed),
                float(spreads[number]),
            )
        )
    return found, without


def _worth_today(rule: EngagementRule, rows: int, train: Ints) -> Floats | None:
    """The rule's decayed hits under today's decay, on the train rows."""
    if rule.is_candidate or rule.mode != "each":
        return None
    decay = (rule.decay, rule.decay_days, rule.decay_rate)
    return hits_with_decay(rule.hits, rows, *decay)[train].astype(np.float32)


def _as_today(worth: Floats, decayed: DecayedHits) -> DecayedHits:
    line = worth[decayed.row][None, :].astype(np.float32)
    return DecayedHits(decayed.row, line, decayed.size)


def _spreads(naive: Floats, robust: Floats, dates: int, rules: int) -> Floats:
    """Return how much rows of one lead, being alike, widen the variance; at least 1."""
    ratio = np.maximum(np.diag(robust) / np.maximum(np.diag(naive), 1e-12), 1.0)
    weights = ratio[dates : dates + rules]
    return np.maximum(weights, ratio[dates + rules : dates + 2 * rules])
