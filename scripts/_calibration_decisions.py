"""Decide for every rule whether its evidence is enough to change it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from _calibration_decay import HALF_LIVES
from _calibration_logistic import Z95, chi_square_tail, holm
from _calibration_panel import EngagementRule, RuleProposal
from _calibration_profile import Profiled

MOST_POINTS = 1000  # tests/rules/assert_engagement_rules_are_sound.sql


@dataclass(frozen=True)
class Support:
    """Who a rule hit before the train cut-offs."""

    leads_hit: int
    conversions_with: int
    conversions_without: int
    problem: str  # why it cannot be weighed; blank if it can


@dataclass(frozen=True)
class Estimate:
    """What the model found for one rule."""

    weight: float
    error: float
    half_life: float
    profiled: Profiled | None  # None: the rule has no half-life
    spread: float  # factor of the variance, since rows of one lead are alike
    without: float  # deviance of the model without the rule

    @property
    def p_value(self) -> float:
        """The p-value of the hypothesis that the rule has no effect."""
        return chi_square_tail(self.without, 2 if self.profiled else 1)


Estimates = Mapping[int, Estimate]


def kept_rule(
    rule: EngagementRule, support: Support, estimate: Estimate | None, decision: str
) -> RuleProposal:
    """Describe a rule with its current values and everything found about it."""
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
        nan,
        nan,
        nan,
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


def begin(
    rule: EngagementRule, support: Support, estimate: Estimate | None
) -> RuleProposal:
    """Keep a rule; give a candidate the half-life that explains most."""
    if estimate is None:
        problem = support.problem or "left out: it gives the outcome away"
        word = "not proposed" if rule.is_candidate else "kept"
        return kept_rule(rule, support, None, f"{word}: {problem}")
    kept = kept_rule(rule, support, estimate, "")
    if not rule.is_candidate:
        return kept
    tried = replace(kept, is_points_changed=True)
    return with_new_decay(tried, estimate) if estimate.profiled else tried


def in_points(proposal: RuleProposal, per_weight: float) -> RuleProposal:
    """Return the proposal with its estimate and interval converted to points."""
    return replace(
        proposal,
        points_estimate=proposal.weight * per_weight,
        points_low=proposal.weight_low * per_weight,
        points_high=proposal.weight_high * per_weight,
    )


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
    """`30 days`, or `none` without decay."""
    return (
        "none"
        if math.isinf(half_life)
        else f"{half_life:.3g} day{'s' * (half_life != 1)}"
    )


def drop_unproven_candidates(
    begun: Sequence[RuleProposal], estimates: Estimates
) -> list[RuleProposal]:
    """Drop candidates that are not proven, allowing for several being tested (Holm)."""
    left = list(begun)
    tried = [number for number in estimates if left[number].is_candidate]
    chances = np.array([estimates[number].p_value for number in tried])
    for number, chance in zip(tried, holm(chances) if tried else [], strict=True):
        low, high = left[number].weight_low, left[number].weight_high
        # An unknown half-life makes the interval wide: then the p-value must be tiny.
        if chance > (0.05 if low > 0 or high < 0 else 0.001):
            left[number] = replace(
                left[number],
                points=None,
                is_points_changed=False,
                is_decay_changed=False,
                decision=f"not proven among {len(tried)} candidates (p = {chance:.2f})",
            )
    return left


# ------------------------------------------------------------------ in words


@dataclass(frozen=True)
class Reasons:
    """Why values inside their own intervals are changed."""

    points: str = ""
    decay: str = ""


def explain(proposal: RuleProposal, factor: float, reasons: Reasons) -> str:
    """Say what was found about a rule that was weighed, and what is proposed for it."""
    found = (
        f"{proposal.leads_hit:,} leads hit, {proposal.conversions_with:,} conversions"
        f" with it; worth {proposal.points_estimate:.1f} points"
        f" [{proposal.points_low:.1f}, {proposal.points_high:.1f}]"
    )
    if proposal.profile:
        low, high = in_words(proposal.half_life_low), in_words(proposal.half_life_high)
        found += f"; half-life {in_words(proposal.half_life_estimate)} [{low}, {high}]"
    if proposal.is_candidate and proposal.points is None:
        return f"not proposed: {found}; {proposal.decision}"
    said = [_points_said(proposal, factor, reasons.points)]
    if proposal.is_decay_changed:
        because = reasons.decay or "today's decay explains the conversions worse"
        new = f"half-life {in_words(proposal.decay_days or math.inf)}"
        said.append(new if proposal.is_candidate else f"{new}, as {because}")
    elif proposal.profile:
        said.append("keep the decay, nothing proves it wrong")
    return f"{found}: {'; '.join(said)}"


def _points_said(proposal: RuleProposal, factor: float, reason: str) -> str:
    points = proposal.points or 0.0
    if proposal.points_today is None:
        return f"new, {points:g} points{factor_said(factor)}"
    today = proposal.points_today * factor
    is_inside = proposal.points_low <= today <= proposal.points_high
    where = f"{'inside' if is_inside else 'outside'} the interval"
    shown = f"{proposal.points_today:g} today"
    if factor != 1:
        shown += f", {today:g} in the new points"
    if points == today or (is_inside and not reason):
        return f"keep the points, {shown} ({where}){factor_said(factor)}"
    said = f"change the points to {points:g}, {shown} ({where}"
    if is_inside:
        said += f", but {reason}"
    said += f"){factor_said(factor)}"
    if proposal.points_low <= points <= proposal.points_high:
        return said
    if proposal.mode == "inactivity":
        return f"{said}; silence earns nothing, so 0"
    return f"{said}; points are whole numbers up to {MOST_POINTS:,}"


def factor_said(factor: float) -> str:
    """Return the note to add where all points are multiplied by a factor."""
    if factor == 1:
        return ""
    return f" (all points times {factor:g}, so that whole numbers can say it)"
