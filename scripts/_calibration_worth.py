"""The engagement points of every row under today's rules and under proposed ones."""

from collections.abc import Sequence

from _calibration_decay import hits_with_decay, sum_points
from _calibration_decisions import Support, kept_rule
from _calibration_panel import (
    EngagementRule,
    Floats,
    LimitProposal,
    Panel,
    RuleProposal,
)


def worth(rule: EngagementRule, proposal: RuleProposal, rows: int) -> Floats:
    """The decayed hits of every row, with the proposal's decay."""
    if rule.mode != "each":
        return hits_with_decay(rule.hits, rows, "none", None)
    decay = (proposal.decay, proposal.decay_days, proposal.decay_rate)
    return hits_with_decay(rule.hits, rows, *decay)


def points_of(
    panel: Panel,
    proposals: Sequence[RuleProposal],
    limits: Sequence[LimitProposal] = (),
) -> Floats:
    """The engagement points of every row under these rules."""
    rows = panel.outcomes.count
    raised = {limit.rule_group: limit.max_points for limit in limits}
    parts = [
        (rule.rule_group, worth(rule, proposal, rows) * proposal.points)
        for rule, proposal in zip(panel.rules, proposals, strict=True)
        if proposal.points
    ]
    return sum_points(parts, {**panel.group_limits, **raised}, rows)


def points_today(panel: Panel) -> Floats:
    """Return the engagement points of every row under today's rules."""
    return points_of(panel, todays(panel))


def todays(panel: Panel) -> list[RuleProposal]:
    nothing = Support(0, 0, 0, "")
    return [kept_rule(rule, nothing, None, "") for rule in panel.rules]
