"""Turn weights in log-odds into whole points, and test the proposal as a whole."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from _calibration_decay import sum_points
from _calibration_decisions import (
    MOST_POINTS,
    Estimates,
    Support,
    begin,
    drop_unproven_candidates,
    explain,
    factor_said,
    kept_rule,
)
from _calibration_evidence import auc, compare, gain_in_words
from _calibration_model import State
from _calibration_panel import (
    Comparison,
    EngagementResult,
    Floats,
    LimitProposal,
    Panel,
    RuleProposal,
    Split,
)
from _calibration_refit import Settled, settle
from _calibration_worth import points_of, points_today, todays, worth

FACTORS = (1, 2, 5, 10, 20, 50, 100)
LOST_BY_ROUNDING = 0.001  # of the AUC, at most


def keep_all(panel: Panel, supports: Sequence[Support], why: str) -> EngagementResult:
    """Change nothing, and say why."""
    rules = tuple(
        kept_rule(rule, support, None, f"kept: {support.problem or why}")
        for rule, support in zip(panel.rules, supports, strict=True)
    )
    today = points_today(panel)
    return EngagementResult(rules, (), today, today, None, 1, 1, False, why)


def propose(
    panel: Panel,
    split: Split,
    supports: Sequence[Support],
    estimates: Estimates,
    state: State,
) -> EngagementResult:
    """Decide every rule, then compare the proposal with today's on the test rows."""
    begun = [
        begin(rule, support, estimates.get(number))
        for number, (rule, support) in enumerate(
            zip(panel.rules, supports, strict=True)
        )
    ]
    begun = drop_unproven_candidates(begun, estimates)
    settled = settle(panel, split, begun, estimates, state)
    decided, factor = _rounded(panel, split, settled.proposals)
    limits = _limits(panel, split, decided)
    today = points_today(panel)
    proposed = points_of(panel, decided, limits)
    chosen, outcomes = split.is_test, panel.outcomes
    comparison = compare(
        today[chosen],
        proposed[chosen],
        outcomes.is_converted[chosen],
        outcomes.lead[chosen],
    )
    if not comparison.is_better:
        tried = [_times_back(proposal, factor) for proposal in decided]
        explained = _explained(tried, 1, estimates, settled)
        return _kept(panel, explained, today, comparison)
    return EngagementResult(
        tuple(_explained(decided, factor, estimates, settled)),
        limits,
        today,
        proposed,
        comparison,
        factor,
        _scale_factor(today[split.is_train], proposed[split.is_train]),
        True,
        f"Better on the test rows: {gain_in_words(comparison)}.",
    )


def _explained(
    decided: Sequence[RuleProposal],
    factor: int,
    estimates: Estimates,
    settled: Settled,
) -> list[RuleProposal]:
    return [
        replace(
            proposal,
            decision=explain(proposal, factor, settled.reasons[number])
            if number in estimates
            else _unweighed(proposal, factor),
        )
        for number, proposal in enumerate(decided)
    ]


def _kept(
    panel: Panel,
    tried: Sequence[RuleProposal],
    today: Floats,
    comparison: Comparison,
) -> EngagementResult:
    """Reject the whole proposal, which is not proven better on the test rows."""
    is_changed = any(rule.is_points_changed or rule.is_decay_changed for rule in tried)
    why = "Nothing to change: no rule of today is proven wrong."
    if is_changed:
        why = (
            "Nothing is changed: the proposal is not proven better on the test rows"
            f" ({gain_in_words(comparison)})."
        )
    rules = tuple(
        replace(
            proposal,
            points=rule.points,
            decay=rule.decay,
            decay_days=rule.decay_days,
            decay_rate=rule.decay_rate,
            is_points_changed=False,
            is_decay_changed=False,
            decision=(
                f"{'not proposed' if rule.is_candidate else 'kept'}: the whole is not"
                f" proven better (else: {proposal.decision})"
                if proposal.is_points_changed or proposal.is_decay_changed
                else proposal.decision
            ),
        )
        for rule, proposal in zip(panel.rules, tried, strict=True)
    )
    return EngagementResult(rules, (), today, today, comparison, 1, 1.0, False, why)


def _unweighed(proposal: RuleProposal, factor: float) -> str:
    """The explanation for a rule that was not weighed."""
    if factor == 1 or proposal.points is None:
        return proposal.decision
    return f"{proposal.decision}{factor_said(factor)}"


def _rounded(
    panel: Panel, split: Split, settled: list[RuleProposal]
) -> tuple[list[RuleProposal], int]:
    """Round the points; multiply all by a factor where rounding would lose too much.

    Too much is lost where leads are ranked worse, and where no whole number lies in
    the interval of a rule that changes. No factor may give a rule more points than the
    build allows: cut off there, it would be worth less among rules that are not.
    """
    train, y = split.is_train, panel.outcomes.is_converted[split.is_train]
    rows = panel.outcomes.count
    lines = [
        worth(rule, proposal, rows)[train]
        for rule, proposal in zip(panel.rules, settled, strict=True)
    ]

    def auc_of(proposals: Sequence[RuleProposal]) -> float:
        total = np.zeros(len(y))
        for line, proposal in zip(lines, proposals, strict=True):
            total += line * (proposal.points or 0.0)
        return auc(total, y)

    exact = auc_of(settled)
    most = max((abs(proposal.points or 0.0) for proposal in settled), default=0.0)
    allowed = [each for each in FACTORS if each == 1 or most * each <= MOST_POINTS]
    for factor in allowed:
        whole = [_times(proposal, factor) for proposal in settled]
        is_inside = all(map(_is_sound, whole))
        if is_inside and exact - auc_of(whole) <= LOST_BY_ROUNDING:
            break
    return whole, factor


def _is_sound(proposal: RuleProposal) -> bool:
    """Whether new points lie in their interval."""
    if not proposal.is_points_changed or proposal.points is None:
        return True
    if proposal.mode == "inactivity" and not proposal.points:
        return True
    return math.isnan(proposal.weight) or (
        proposal.points_low <= proposal.points <= proposal.points_high
    )


def _times(proposal: RuleProposal, factor: int) -> RuleProposal:
    """Return the proposal in whole points; kept rules keep their relative worth.

    Estimate and interval are multiplied by the same factor.
    """
    low, high = proposal.points_low * factor, proposal.points_high * factor
    scaled = replace(
        proposal,
        points_estimate=proposal.points_estimate * factor,
        points_low=low,
        points_high=high,
    )
    if proposal.points is None or (factor == 1 and not proposal.is_points_changed):
        return scaled
    is_inside = low <= proposal.points * factor <= high
    points = float(round(proposal.points * factor))
    if is_inside and math.ceil(low) <= math.floor(high):
        points = float(np.clip(points, math.ceil(low), math.floor(high)))
    points = float(np.clip(points, -MOST_POINTS, MOST_POINTS)) + 0.0
    if proposal.is_candidate and not points:
        too_little = "less than a point"
        return replace(
            scaled, points=None, is_points_changed=False, decision=too_little
        )
    is_changed = points != proposal.points_today
    return replace(scaled, points=points, is_points_changed=is_changed)


def _times_back(proposal: RuleProposal, factor: int) -> RuleProposal:
    """Return the proposal in today's points, for a proposal that is rejected."""
    points = None if proposal.points is None else proposal.points / factor
    return replace(
        proposal,
        points=points,
        points_estimate=proposal.points_estimate / factor,
        points_low=proposal.points_low / factor,
        points_high=proposal.points_high / factor,
        is_points_changed=points != proposal.points_today,
    )


def _limits(
    panel: Panel, split: Split, decided: Sequence[RuleProposal]
) -> tuple[LimitProposal, ...]:
    """Raise limits that would cut off far more leads than today."""
    found = []
    for group, limit in panel.group_limits.items():
        shares, most = [], limit
        for values in (todays(panel), decided):
            total = _group_total(panel, values, group)[split.is_train]
            total = total[total > 0]
            shares.append(float(np.mean(total > limit)) if len(total) else 0.0)
            most = float(np.quantile(total, 0.99)) if len(total) else limit
        if shares[1] > max(0.05, 1.5 * shares[0]):
            why = (
                f"would cut off {shares[1]:.0%} of the leads with points in it"
                f" ({shares[0]:.0%} today)"
            )
            found.append(LimitProposal(group, limit, float(math.ceil(most)), why))
    return tuple(found)


def _group_total(panel: Panel, values: Sequence[RuleProposal], group: str) -> Floats:
    rows = panel.outcomes.count
    return sum_points(
        [
            ("", worth(rule, value, rows) * (value.points or 0.0))
            for rule, value in zip(panel.rules, values, strict=True)
            if rule.rule_group == group
        ],
        {},
        rows,
    )


def _scale_factor(today: Floats, proposed: Floats) -> float:
    """The factor by which points of leads grow, for scales and grades."""
    before, after = today[today > 0], proposed[proposed > 0]
    if not len(before) or not len(after):
        return 1.0
    return float(f"{np.median(after) / np.median(before):.2g}")
