"""From weights in log-odds to readable points, rule by rule, tested as a whole."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from _calibration_decay import sum_points
from _calibration_decisions import (
    Estimates,
    Support,
    decide,
    drop_unproven_candidates,
    kept_rule,
)
from _calibration_evidence import auc, compare
from _calibration_model import State
from _calibration_panel import (
    EngagementResult,
    Floats,
    LimitProposal,
    Panel,
    RuleProposal,
    Split,
)
from _calibration_refit import settle
from _calibration_worth import points_of, points_today, todays, worth

MOST_POINTS = 1000  # tests/rules/assert_engagement_rules_are_sound.sql
FACTORS = (1, 2, 5, 10, 20, 50, 100)
LOST_BY_ROUNDING = 0.001  # of the AUC, at most
CANDIDATE_POINTS = 20  # of the strongest, when there is no rule to compare with


def keep_all(panel: Panel, supports: Sequence[Support], why: str) -> EngagementResult:
    """Change nothing, and say why."""
    rules = tuple(
        kept_rule(rule, support, None, 1.0, f"kept: {support.problem or why}")
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
    covariance: Floats,
) -> EngagementResult:
    """Decide every rule, then hold the whole against today's on the test rows."""
    per_weight = _points_per_weight(panel, estimates, covariance)
    decided = [
        decide(rule, support, estimates.get(number), per_weight)
        for number, (rule, support) in enumerate(
            zip(panel.rules, supports, strict=True)
        )
    ]
    decided = drop_unproven_candidates(decided, list(estimates), estimates)
    decided = settle(panel, split, decided, estimates, state, per_weight)
    decided, factor = _rounded(panel, split, decided)
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
    scale = _scale_factor(today[split.is_train], proposed[split.is_train])
    result = EngagementResult(
        tuple(decided),
        limits,
        today,
        proposed,
        comparison,
        factor,
        scale,
        comparison.is_better,
        "",
    )
    return _conclude(panel, result)


def _conclude(panel: Panel, result: EngagementResult) -> EngagementResult:
    """Accept all of it or nothing: what counts is proven on the test rows only."""
    is_changed = any(r.is_points_changed or r.is_decay_changed for r in result.rules)
    if not is_changed:
        why = "Nothing to change: no rule of today is proven wrong."
    elif result.comparison and result.comparison.is_better:
        gain = result.comparison
        why = (
            f"Better on the test rows: AUC {gain.proposed.auc:.3f} instead of"
            f" {gain.today.auc:.3f}, a difference of {gain.difference:+.3f}"
            f" [{gain.difference_low:+.3f}, {gain.difference_high:+.3f}]."
        )
        return replace(result, reason=why)
    elif result.comparison:
        gain = result.comparison
        why = (
            "Nothing is changed: the proposal is not proven better on the test rows"
            f" (AUC difference {gain.difference:+.3f}"
            f" [{gain.difference_low:+.3f}, {gain.difference_high:+.3f}])."
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
                f"kept: the whole is not proven better (else: {proposal.decision})"
                if proposal.is_points_changed or proposal.is_decay_changed
                else proposal.decision
            ),
        )
        for rule, proposal in zip(panel.rules, result.rules, strict=True)
    )
    return replace(
        result,
        rules=rules,
        limits=(),
        points_proposed=result.points_today,
        points_factor=1,
        scale_factor=1.0,
        is_proposed=False,
        reason=why,
    )


def _points_per_weight(panel: Panel, estimates: Estimates, covariance: Floats) -> float:
    """Today's currency: the scale on which today's points need least correction.

    Generalised least squares of the weights on today's points. Where that makes no
    sense (today's signs are wrong), leads earn the same points in total as today.
    """
    rules = [panel.rules[number] for number in estimates]
    weights = np.array([each.weight for each in estimates.values()])
    now = np.array([rule.points or 0.0 for rule in rules])
    known = np.array([not rule.is_candidate and bool(rule.points) for rule in rules])
    if not known.any():
        return CANDIDATE_POINTS / float(np.abs(weights).max())
    inverse = np.linalg.pinv(covariance[np.ix_(known, known)])
    now, weights = now[known], weights[known]
    per_point = float(now @ inverse @ weights) / float(now @ inverse @ now)
    size = float(np.abs(now).sum()) / float(np.abs(weights).sum())
    if per_point > 0 and 0.1 < 1 / (per_point * size) < 10:
        return 1 / per_point
    return size


def _rounded(
    panel: Panel, split: Split, decided: list[RuleProposal]
) -> tuple[list[RuleProposal], int]:
    """Whole numbers; all points times a factor where these would lose too much."""
    train, y = split.is_train, panel.outcomes.is_converted[split.is_train]
    rows = panel.outcomes.count
    lines = [
        worth(rule, proposal, rows)[train]
        for rule, proposal in zip(panel.rules, decided, strict=True)
    ]

    def auc_of(proposals: Sequence[RuleProposal]) -> float:
        total = np.zeros(len(y))
        for line, proposal in zip(lines, proposals, strict=True):
            total += line * (proposal.points or 0.0)
        return auc(total, y)

    exact = auc_of(decided)
    for factor in FACTORS:
        whole = [_times(proposal, factor) for proposal in decided]
        lost = exact - auc_of(whole)
        if lost <= LOST_BY_ROUNDING:
            break
    return whole, factor


def _times(proposal: RuleProposal, factor: int) -> RuleProposal:
    """The proposal in whole points; rules that are kept keep what they are worth."""
    if proposal.points is None or (factor == 1 and not proposal.is_points_changed):
        return proposal
    points = float(np.clip(proposal.points * factor, -MOST_POINTS, MOST_POINTS))
    points = float(round(points)) + 0.0
    is_changed = points != proposal.points_today
    said = proposal.decision
    if proposal.is_points_changed:
        said += f"; {points:g} points"
    if factor > 1:
        said += f" (all points times {factor}, so that whole numbers can say it)"
    if proposal.is_candidate and not points:
        said = f"not proposed: {said}"
    return replace(
        proposal,
        points=None if proposal.is_candidate and not points else points,
        is_points_changed=is_changed and not (proposal.is_candidate and not points),
        decision=said,
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
    """How much more points a lead with points has: scales and grades want to know."""
    before, after = today[today > 0], proposed[proposed > 0]
    if not len(before) or not len(after):
        return 1.0
    return float(f"{np.median(after) / np.median(before):.2g}")
