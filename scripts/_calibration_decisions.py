"""Decide for every rule whether its evidence is enough to change it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from _calibration_decay import HALF_LIVES
from _calibration_logistic import Z95, chi_square_tail, holm
from _calibration_panel import EngagementRule, RuleProposal
from _calibration_profile import INSIDE, Profiled


@dataclass(frozen=True)
class Support:
    """Who a rule hit before the train cut-offs."""

    leads_hit: int
    conversions_with: int
    conversions_without: int
    problem: str  # why it cannot be weighed; blank: it can


@dataclass(frozen=True)
class Estimate:
    """What the model found for one rule."""

    weight: float
    error: float
    half_life: float
    profiled: Profiled | None  # None: the rule has no half-life
    spread: float  # how much rows of one lead, being alike, widen the variance
    without: float  # deviance of the model without the rule

    @property
    def p_value(self) -> float:
        """Of no effect at all."""
        return chi_square_tail(self.without, 2 if self.profiled else 1)


Estimates = Mapping[int, Estimate]


def kept_rule(
    rule: EngagementRule,
    support: Support,
    estimate: Estimate | None,
    per_weight: float,
    decision: str,
) -> RuleProposal:
    """Describe a rule as it stands today, with whatever was found about it."""
    nan = float("nan")
    weight, low, high = nan, nan, nan
    half_life, shortest, longest, profile = nan, nan, nan, None
    if estimate:
        weight = estimate.weight
        low, high = weight - Z95 * estimate.error, weight + Z95 * estimate.error
        if estimate.profiled:
            half_life, profile = estimate.half_life, estimate.profiled.profile
            shortest, longest = estimate.profiled.low, estimate.profiled.high
    return RuleProposal(
        rule.rule_id,
        rule.event_type,
        rule.mode,
        rule.is_candidate,
        support.leads_hit,
        support.conversions_with,
        support.conversions_without,
        weight,
        low,
        high,
        rule.points,
        weight * per_weight,
        low * per_weight,
        high * per_weight,
        rule.points,
        rule.decay,
        rule.decay_days,
        half_life,
        shortest,
        longest,
        rule.decay,
        rule.decay_days,
        rule.decay_rate,
        False,
        False,
        decision,
        profile,
    )


def decide(
    rule: EngagementRule,
    support: Support,
    estimate: Estimate | None,
    per_weight: float,
) -> RuleProposal:
    """Keep what nothing proves wrong; what to put instead is fitted afterwards."""
    kept = kept_rule(rule, support, estimate, per_weight, "")
    if estimate is None:
        problem = support.problem or "left out: it gives the outcome away"
        word = "not proposed" if rule.is_candidate else "kept"
        return replace(kept, decision=f"{word}: {problem}")
    numbers = (
        f"{support.leads_hit:,} leads hit, {support.conversions_with:,} conversions"
        f" with it; worth {kept.points_estimate:.1f} points"
        f" [{kept.points_low:.1f}, {kept.points_high:.1f}]"
    )
    is_inside = (
        rule.points is not None and kept.points_low <= rule.points <= kept.points_high
    )
    said = []
    if rule.points is not None:
        said.append(
            f"{'keep' if is_inside else 'change'} the points, {rule.points:g} today"
            f" ({'inside' if is_inside else 'outside'} the interval)"
        )
    if estimate.profiled:
        numbers += (
            f"; half-life {in_words(estimate.half_life)}"
            f" [{in_words(kept.half_life_low)}, {in_words(kept.half_life_high)}]"
        )
    decided = replace(kept, is_points_changed=not is_inside, decision=numbers)
    if estimate.profiled and estimate.profiled.profile.today <= INSIDE:
        said.append("keep the decay, nothing proves it wrong")
    elif estimate.profiled:
        decided = with_new_decay(decided, estimate)
        said.append(f"half-life {in_words(decided.decay_days or math.inf)}")
    return replace(decided, decision=f"{numbers}: {'; '.join(said)}")


def with_new_decay(proposal: RuleProposal, estimate: Estimate) -> RuleProposal:
    """The proposal with the readable half-life that explains most."""
    assert estimate.profiled is not None
    best = HALF_LIVES[int(estimate.profiled.best_place)]
    return replace(
        proposal,
        decay="none" if math.isinf(best) else "half_life",
        decay_days=None if math.isinf(best) else float(best),
        decay_rate=None,
        is_decay_changed=True,
    )


def in_words(half_life: float) -> str:
    """`30 days`, or `none` where nothing decays."""
    return "none" if math.isinf(half_life) else f"{half_life:.3g} days"


def drop_unproven_candidates(
    decided: list[RuleProposal], numbers: Sequence[int], estimates: Estimates
) -> list[RuleProposal]:
    """New rules need proof that survives that several were tried (Holm)."""
    tried = [number for number in numbers if decided[number].is_candidate]
    chances = np.array([estimates[number].p_value for number in tried])
    for number, chance in zip(tried, holm(chances) if tried else [], strict=True):
        low, high = decided[number].points_low, decided[number].points_high
        # An interval is wide when the half-life is not known: then chance must be tiny.
        if chance > (0.05 if low > 0 or high < 0 else 0.001):
            decided[number] = replace(
                decided[number],
                points=None,
                is_points_changed=False,
                is_decay_changed=False,
                decision=f"not proposed: {decided[number].decision};"
                f" not proven among {len(tried)} candidates (p = {chance:.2f})",
            )
    return decided
