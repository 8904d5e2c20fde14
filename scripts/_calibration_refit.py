"""Fit what changes around what is kept, and keep only what stands up together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from _calibration_decay import DecayedHits
from _calibration_decisions import Estimates, with_new_decay
from _calibration_logistic import chi_square_tail
from _calibration_model import Engagement, State, date_codes
from _calibration_panel import Floats, Panel, RuleProposal, Split
from _calibration_worth import worth

# The decayed hits of a rule on the train rows, by its number and decay.
Lines = dict[tuple[int, str, float | None], Floats]


@dataclass(frozen=True)
class _Refit:
    weights: dict[int, float]  # of the rules that change, per fresh hit
    per_point: float  # log-odds of one of today's points; NaN: no rule keeps its own
    likelihood: float


def settle(
    panel: Panel,
    split: Split,
    decided: Sequence[RuleProposal],
    estimates: Estimates,
    state: State,
    per_weight: float,
) -> list[RuleProposal]:
    """Refit; while the kept values are wrong taken together, give up the doubtful half.

    Each value may lie inside its own wide interval although all of them cannot be
    right at once: a likelihood ratio test against the free model tells.
    """
    proposals = list(decided)
    lines: Lines = {}
    while True:
        refit = _refit(panel, split, proposals, estimates, state, lines)
        doubts = _doubts(proposals, estimates)
        lost = 2 * (state.likelihood - refit.likelihood) / _spread(estimates)
        degrees = max(len(doubts) - 1, 0)
        is_standing = chi_square_tail(lost, degrees) > 0.05 and not refit.per_point <= 0
        if is_standing or not degrees:
            break
        doubts.sort(reverse=True)
        for _, number, what in doubts[: -(-len(doubts) // 2)]:
            proposals[number] = _give_up(proposals[number], estimates, number, what)
    if refit.per_point > 0:
        per_weight = 1 / refit.per_point
    for number, weight in refit.weights.items():
        points = weight * per_weight
        proposals[number] = replace(proposals[number], points=points)
    return [_never_reward_silence(proposal) for proposal in proposals]


def _never_reward_silence(proposal: RuleProposal) -> RuleProposal:
    """An inactivity rule that would earn points takes none instead."""
    if proposal.mode != "inactivity" or (proposal.points or 0) <= 0:
        return proposal
    if not proposal.is_points_changed:
        return proposal
    decision = f"{proposal.decision}; silence earns nothing, so 0"
    return replace(proposal, points=0.0, decision=decision)


def _spread(estimates: Estimates) -> float:
    return float(np.median([each.spread for each in estimates.values()]))


def _doubts(
    proposals: Sequence[RuleProposal], estimates: Estimates
) -> list[tuple[float, int, str]]:
    """How far each kept value is from its estimate, as a chi-square."""
    found = []
    for number, estimate in estimates.items():
        proposal = proposals[number]
        if proposal.points_today is None:
            continue
        if not proposal.is_points_changed:
            away = proposal.points_today - proposal.points_estimate
            error = (proposal.points_high - proposal.points_low) / 3.92
            found.append(((away / max(error, 1e-12)) ** 2, number, "points"))
        if estimate.profiled and not proposal.is_decay_changed:
            found.append((estimate.profiled.profile.today, number, "decay"))
    return found


def _give_up(
    proposal: RuleProposal, estimates: Estimates, number: int, what: str
) -> RuleProposal:
    said = f"{proposal.decision}; but not right together with the others, so change"
    if what == "points":
        return replace(proposal, is_points_changed=True, decision=f"{said} the points")
    changed = with_new_decay(proposal, estimates[number])
    return replace(changed, decision=f"{said} the decay")


def _refit(
    panel: Panel,
    split: Split,
    proposals: Sequence[RuleProposal],
    estimates: Estimates,
    state: State,
    known: Lines,
) -> _Refit:
    """Fit one weight for all that is kept, and one for each rule that changes."""
    rows, train = panel.outcomes.count, split.is_train
    kept = np.zeros(np.count_nonzero(train))

    def line_of(number: int) -> Floats:
        proposal = proposals[number]
        key = (number, proposal.decay, proposal.decay_days)
        if key not in known:
            known[key] = worth(panel.rules[number], proposal, rows)[train]
        return known[key]

    lines: list[Floats] = [kept]
    first, numbers = [0.0], []
    for number, estimate in estimates.items():
        proposal = proposals[number]
        if proposal.is_points_changed:
            lines.append(line_of(number))
            first.append(estimate.weight)
            numbers.append(number)
        elif proposal.points:
            kept += line_of(number) * proposal.points
    sizes = [math.sqrt(float(line @ line) / len(line)) or 1.0 for line in lines]
    if not kept.any():
        lines, sizes, first = lines[1:], sizes[1:], first[1:]
    columns = [_column(line, size) for line, size in zip(lines, sizes, strict=True)]
    model = Engagement(
        columns,
        date_codes(panel.outcomes.as_of_date[train]),
        panel.outcomes.is_converted[train].astype(np.float64),
        np.zeros(len(kept)),
    )
    start = model.start(0.0, state.theta.curve)
    start = replace(start, weights=np.array(first) * np.array(sizes))
    fitted = model.fit(start, steps=30, enough=1e-2)
    weights = list(fitted.theta.weights / np.array(sizes))
    per_point = float(weights.pop(0)) if kept.any() else math.nan
    found = dict(zip(numbers, map(float, weights), strict=True))
    return _Refit(found, per_point, fitted.likelihood)


def _column(line: Floats, size: float) -> DecayedHits:
    row = np.flatnonzero(line).astype(np.int32)
    return DecayedHits(row, line[row][None, :].astype(np.float32), size)
