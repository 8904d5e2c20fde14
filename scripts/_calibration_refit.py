"""Keep every value of today that the data does not contradict; refit the others.

All points share one currency: what a point is worth in log-odds is fitted on the rules
that keep their points, and every interval is given in it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from _calibration_decay import DecayedHits
from _calibration_decisions import Estimates, Reasons, in_points, with_new_decay
from _calibration_logistic import chi_square_tail, invert
from _calibration_model import Engagement, State, date_codes
from _calibration_panel import Floats, Panel, RuleProposal, Split
from _calibration_profile import INSIDE
from _calibration_worth import worth

CANDIDATE_POINTS = 20  # of the strongest, when there is no rule to compare with
SURE = 3.0  # standard errors from 0: then the rules that stay say what a point is worth
SIGNIFICANT = 0.05
OTHER_LEVEL = 3.0  # times as many points in total: as unlikely as one standard error

# One value of today: its rule's number, and which of the two.
Value = tuple[int, Literal["points", "decay"]]
Kept = frozenset[Value]
# The decayed hits of a rule on the train rows, by its number and decay.
Lines = dict[tuple[int, str, float | None], Floats]


@dataclass(frozen=True)
class Settled:
    """What stays, what changes to which points, and why."""

    proposals: list[RuleProposal]
    reasons: dict[int, Reasons]


@dataclass(frozen=True)
class _Refit:
    """What is fitted around the values that stay."""

    weights: dict[int, float]  # of the rules whose points change, per fresh hit
    per_point: float  # log-odds of one point: the currency
    likelihood: float
    degrees: int  # how many values are held


def settle(
    panel: Panel,
    split: Split,
    begun: Sequence[RuleProposal],
    estimates: Estimates,
    state: State,
) -> Settled:
    """Change as few values as needed, those first that the data contradicts most.

    A value is contradicted when it lies outside its own interval. Values may also lie
    inside their wide intervals, each for itself, and yet not be right at once: a
    likelihood ratio test against the model without any of them tells.
    """
    search = _Search(panel, split, begun, estimates, state)
    kept = search.give_up(search.agreeing())
    kept, chances = search.take_back(kept)
    refit = search.refit(kept)
    proposals = [
        in_points(proposal, 1 / refit.per_point) for proposal in search.proposals(kept)
    ]
    for number, weight in refit.weights.items():
        low, high = proposals[number].points_low, proposals[number].points_high
        points = float(np.clip(weight / refit.per_point, low, high))
        if _is_silence(proposals[number]):
            points = min(points, 0.0)
        proposals[number] = replace(proposals[number], points=points)
    whys = {value: _because(chance) for value, chance in chances.items()}
    reasons = {
        number: Reasons(
            whys.get((number, "points"), ""), whys.get((number, "decay"), "")
        )
        for number in estimates
    }
    return Settled(proposals, reasons)


def _because(chance: float) -> str:
    if chance <= SIGNIFICANT:
        return f"contradicted together with what else stays, p = {chance:.1g}"
    return "with it the points of another rule would lie outside their interval"


def _is_silence(proposal: RuleProposal) -> bool:
    """Whether a rule is about inactivity: such a rule never earns points."""
    return proposal.mode == "inactivity"


@dataclass
class _Search:
    panel: Panel
    split: Split
    begun: Sequence[RuleProposal]
    estimates: Estimates
    state: State
    lines: Lines = field(default_factory=dict)
    fitted: dict[Kept, _Refit] = field(default_factory=dict)

    def todays(self) -> Kept:
        """All points of today, and each decay that its own profile does not refute."""
        kept: set[Value] = set()
        for number, estimate in self.estimates.items():
            if self.begun[number].is_candidate:
                continue
            kept.add((number, "points"))
            if estimate.profiled and estimate.profiled.profile.today <= INSIDE:
                kept.add((number, "decay"))
        return frozenset(kept)

    def agreeing(self) -> Kept:
        """Return today's values without points outside their interval in usual units.

        One wrong rule must not set the currency that all others are judged by: the
        usual unit is the one in which most rules agree with today's points.
        """
        todays = self.todays()
        return todays - self._outside_at(todays, self.usual_unit())

    def usual_unit(self) -> float:
        """Log-odds of one point: the least sum of squared errors, none above INSIDE.

        Where rules disagree, a unit that keeps the total points similar is preferred.
        """
        rules = [
            (each.weight, each.error, self.begun[number].points_today or 0.0)
            for number, each in self.estimates.items()
        ]
        weight, error, points = np.array(rules).T
        used = points != 0
        ends = [weight[used] + side * error[used] for side in (-2, 0, 2)]
        units = np.concatenate([end / points[used] for end in ends])
        units = units[units > 0]
        if not len(units):
            return float(np.abs(weight).max()) / CANDIDATE_POINTS or 1.0
        units = np.geomspace(units.min(), units.max(), 2000)
        away = (units[:, None] * points[used] - weight[used]) / error[used]
        level = np.abs(weight[used]).sum() / np.abs(points[used]).sum()
        loss = np.minimum(away**2, INSIDE).sum(axis=1)
        loss += (np.log(units / level) / math.log(OTHER_LEVEL)) ** 2
        return float(units[np.argmin(loss)])

    def give_up(self, kept: Kept) -> Kept:
        """Drop one value after another until the data does not contradict the rest."""
        while kept:
            outside = self.outside(kept)
            if not outside and self.chance(kept) > SIGNIFICANT:
                break
            tried = [kept - {value} for value in sorted(outside or kept)]
            kept = max(tried, key=lambda each: self.refit(each).likelihood)
        return kept

    def take_back(self, kept: Kept) -> tuple[Kept, dict[Value, float]]:
        """Keep dropped values after all if they fit the data with the others.

        What is left inside its interval and cannot be taken back is returned with the
        chance of the values that stay, would it stay with them.
        """
        todays = self.todays()
        while True:
            inside = sorted(todays - kept - self.outside(todays, kept))
            chances = {value: self.chance(kept | {value}) for value in inside}
            fitting = [
                value
                for value, chance in chances.items()
                if chance > SIGNIFICANT and not self.outside(kept | {value})
            ]
            if not fitting:
                return kept, chances
            kept |= {max(fitting, key=lambda value: chances[value])}

    def outside(self, values: Iterable[Value], kept: Kept | None = None) -> set[Value]:
        """Which points of today lie outside their interval, in the currency of kept."""
        held = frozenset(values)
        unit = self.refit(held if kept is None else kept).per_point
        return self._outside_at(held, unit)

    def _outside_at(self, values: Kept, unit: float) -> set[Value]:
        found: set[Value] = set()
        for number, what in values:
            rule = self.begun[number]
            weight = (rule.points_today or 0.0) * unit
            if what == "points" and not rule.weight_low <= weight <= rule.weight_high:
                found.add((number, what))
        return found

    def chance(self, kept: Kept) -> float:
        """The chance of data as unlikely as these if all kept values were right.

        Candidates that are not proven are in neither model: what they explain by
        chance says nothing against today's values.
        """
        refit, free = self.refit(kept), self.refit(frozenset())
        lost = 2 * (free.likelihood - refit.likelihood) / self._spread()
        return chi_square_tail(lost, refit.degrees)

    def proposals(self, kept: Kept) -> list[RuleProposal]:
        """Return the rules, marking every value that does not stay as changed."""
        found = list(self.begun)
        for number, estimate in self.estimates.items():
            if found[number].is_candidate:
                continue
            if (number, "points") not in kept:
                found[number] = replace(found[number], is_points_changed=True)
            if estimate.profiled and (number, "decay") not in kept:
                found[number] = with_new_decay(found[number], estimate)
        return found

    def refit(self, kept: Kept) -> _Refit:
        """Fit one weight for all points that stay, and one for each rule that changes.

        Where what stays does not tell what a point is worth, it is the usual unit.
        """
        if kept not in self.fitted:
            self.fitted[kept] = self._refitted(kept)
        return self.fitted[kept]

    def _refitted(self, kept: Kept) -> _Refit:
        proposals = self.proposals(kept)
        refit, is_sure = self._fit(proposals, None)
        if not is_sure:
            refit, _ = self._fit(proposals, self.usual_unit())
        return replace(refit, degrees=max(len(kept) - is_sure, 0))

    def _fit(
        self, proposals: Sequence[RuleProposal], unit: float | None
    ) -> tuple[_Refit, bool]:
        """Fit, and if no unit is given fit that too; say whether it is sure enough."""
        kept = np.zeros(np.count_nonzero(self.split.is_train))
        weights: dict[int, float] = {}
        for number, estimate in self.estimates.items():
            if proposals[number].is_points_changed:
                weights[number] = estimate.weight
            else:
                points = proposals[number].points or 0.0
                kept += self._line(number, proposals[number]) * points
        is_fitted = unit is None and bool(kept.any())
        while True:
            lines = [self._line(number, proposals[number]) for number in weights]
            first = list(weights.values())
            if is_fitted:
                lines, first = [*lines, kept], [*first, 0.0]
            model, sizes = self._model(lines, kept * (unit or 0.0))
            start = model.start(0.0, self.state.theta.curve)
            start = replace(start, weights=np.array(first) * sizes)
            state = model.fit(start, steps=30, enough=1e-2)
            found = state.theta.weights / sizes
            weights = dict(zip(weights, map(float, found), strict=False))
            silent = {
                number
                for number, weight in weights.items()
                if _is_silence(proposals[number]) and weight > 0
            }
            if not silent:
                break
            weights = {n: weight for n, weight in weights.items() if n not in silent}
        changed = (n for n in self.estimates if proposals[n].is_points_changed)
        weights = {number: weights.get(number, 0.0) for number in changed}
        per_point, is_sure = unit or 0.0, unit is not None
        if is_fitted:
            per_point = float(found[-1])
            error = self._error(model, state) / float(sizes[-1])
            is_sure = per_point > SURE * error
        return _Refit(weights, per_point, state.likelihood, 0), is_sure

    def _model(
        self, lines: Sequence[Floats], offset: Floats
    ) -> tuple[Engagement, Floats]:
        sizes = np.array([math.sqrt(float(np.mean(line**2))) or 1.0 for line in lines])
        columns = [_column(line, size) for line, size in zip(lines, sizes, strict=True)]
        train, outcomes = self.split.is_train, self.panel.outcomes
        model = Engagement(
            columns,
            date_codes(outcomes.as_of_date[train]),
            outcomes.is_converted[train].astype(np.float64),
            offset,
        )
        return model, sizes

    def _error(self, model: Engagement, state: State) -> float:
        """The standard error of the last weight; rows of one lead are alike."""
        matrix = model.gradient_and_information(state)[1]
        last, rules = len(state.theta.intercepts) + len(model.rules) - 1, model.rules
        free = np.ones(len(matrix), bool)
        free[last + 1 : last + 1 + len(rules)] = (
            False  # places: there are no half-lives
        )
        variance = np.diag(invert(matrix[np.ix_(free, free)]))[last]
        return math.sqrt(float(variance) * self._spread())

    def _spread(self) -> float:
        return float(np.median([each.spread for each in self.estimates.values()]))

    def _line(self, number: int, proposal: RuleProposal) -> Floats:
        key = (number, proposal.decay, proposal.decay_days)
        if key not in self.lines:
            line = worth(self.panel.rules[number], proposal, self.panel.outcomes.count)
            self.lines[key] = line[self.split.is_train]
        return self.lines[key]


def _column(line: Floats, size: float) -> DecayedHits:
    row = np.flatnonzero(line).astype(np.int32)
    return DecayedHits(row, line[row][None, :].astype(np.float32), size)
