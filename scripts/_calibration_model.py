"""The engagement model: a weight and a half-life for every rule, fitted together.

log-odds of converting = intercept of the cut-off + g(s),
s = sum over the rules of weight * decayed hits, g(s) = asinh(κ s) / κ: a straight line
for κ → 0, like a logarithm far out, so that a lead with a thousand views does not bend
the line for everyone else.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from _calibration_decay import HALF_LIVES, LAST, DecayedHits
from _calibration_logistic import (
    chi_square_tail,
    invert,
    log_likelihood,
    sandwich,
    sigmoid,
    sum_by_lead,
)
from _calibration_panel import Days, Flags, Floats, Ints

BLOCK = 1 << 15
WEIGHT_PENALTY = 0.1  # on a weight per standard size: only keeps it finite
PLACE_PENALTY = 1 / 64  # towards 30 days, 8 steps of the grid = one sigma
CURVE_PENALTY = 1 / 9
CURVE_MIDDLE = math.log(0.3)
CURVE_RANGE = (math.log(1e-3), math.log(1e2))
MAX_DATES = 24
NEAR = HALF_LIVES.index(14)


@dataclass(frozen=True)
class Theta:
    """The parameters; weights are per standard size of the rule."""

    intercepts: Floats
    weights: Floats
    places: Floats  # of the half-life on the grid; unused where there is none
    curve: float  # log κ

    def pack(self) -> Floats:
        """Return all parameters in one array: intercepts, weights, places, curve."""
        return np.concatenate(
            [self.intercepts, self.weights, self.places, [self.curve]]
        )

    def unpack(self, line: Floats) -> "Theta":
        """Return the parameters in such an array, clipped to their ranges."""
        dates, rules = len(self.intercepts), len(self.weights)
        return Theta(
            line[:dates],
            line[dates : dates + rules],
            np.clip(line[dates + rules : -1], 0, LAST),
            float(np.clip(line[-1], *CURVE_RANGE)),
        )


@dataclass(frozen=True)
class State:
    """The model at some parameters."""

    theta: Theta
    total: Floats  # s of every row
    log_odds: Floats
    likelihood: float
    objective: float  # likelihood less the penalties


@dataclass(frozen=True)
class Engagement:
    """The rows and rules of one fit."""

    rules: Sequence[DecayedHits]
    date: Ints  # code of the cut-off
    y: Floats
    offset: Floats  # part of s that is given, not fitted

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.y)

    def take(self, is_taken: Flags) -> "Engagement":
        """Return the same model with only some of the rows."""
        return Engagement(
            [rule.take(is_taken) for rule in self.rules],
            self.date[is_taken],
            self.y[is_taken],
            self.offset[is_taken],
        )

    def start(self, place: float, curve: float = CURVE_MIDDLE) -> Theta:
        """Return parameters to start from: no rule has an effect."""
        dates = int(self.date.max()) + 1
        yes = np.bincount(self.date, weights=self.y, minlength=dates) + 0.5
        all_ = np.bincount(self.date, minlength=dates) + 1.0
        count = len(self.rules)
        intercepts = np.log(yes / (all_ - yes))
        return Theta(intercepts, np.zeros(count), np.full(count, place), curve)

    def state(self, theta: Theta) -> State:
        """Evaluate the model."""
        total = self.offset.copy()
        for rule, weight, place in zip(
            self.rules, theta.weights, theta.places, strict=True
        ):
            if weight:
                total[rule.row] += rule.at(place) * (weight / rule.size)
        bend = math.exp(theta.curve)
        log_odds = theta.intercepts[self.date] + np.arcsinh(bend * total) / bend
        likelihood = log_likelihood(log_odds, self.y)
        penalty, middle = self._penalty(theta)
        away = theta.pack() - middle
        objective = likelihood - 0.5 * float(penalty @ away**2)
        return State(theta, total, log_odds, likelihood, objective)

    def _penalty(self, theta: Theta) -> tuple[Floats, Floats]:
        dates, rules = len(theta.intercepts), len(theta.weights)
        sizes = (dates, rules, rules, 1)
        penalty = (1e-6, WEIGHT_PENALTY, PLACE_PENALTY, CURVE_PENALTY)
        middle = (0.0, 0.0, 8.0, CURVE_MIDDLE)
        return np.repeat(penalty, sizes), np.repeat(middle, sizes)

    def derivatives(self, state: State) -> Floats:
        """Return the derivative of every row's log-odds by every parameter."""
        theta, dates = state.theta, len(state.theta.intercepts)
        count = len(self.rules)
        bend = math.exp(theta.curve)
        steep = self.steepness(state)
        lines = np.zeros((dates + 2 * count + 1, self.rows), np.float32)
        lines[self.date, np.arange(self.rows)] = 1.0
        for number, rule in enumerate(self.rules):
            weight, place = theta.weights[number], theta.places[number]
            outer = steep[rule.row] * np.float32(1 / rule.size)
            lines[dates + number, rule.row] = rule.at(place) * outer
            if rule.has_half_life and weight:
                sloped = rule.slope(place) * outer * np.float32(weight)
                lines[dates + count + number, rule.row] = sloped
        lines[-1] = state.total * steep - np.arcsinh(bend * state.total) / bend
        return lines

    def steepness(self, state: State) -> Floats:
        """Return the slope of g at each row."""
        bend = math.exp(state.theta.curve)
        steep = 1.0 / np.sqrt(1.0 + (bend * state.total) ** 2)
        return np.asarray(steep, np.float32)

    def residual_and_weight(self, state: State) -> tuple[Floats, Floats]:
        """Return the residual and the variance of each row."""
        chance = sigmoid(state.log_odds)
        residual = (self.y - chance).astype(np.float32)
        return residual, (chance * (1 - chance)).astype(np.float32)

    def pull(self, theta: Theta) -> Floats:
        """The gradient of the penalties."""
        penalty, middle = self._penalty(theta)
        return np.asarray(penalty * (theta.pack() - middle))

    def gradient_and_information(self, state: State) -> tuple[Floats, Floats]:
        """The gradient and the Fisher information of the objective."""
        lines = self.derivatives(state)
        residual, weight = self.residual_and_weight(state)
        gradient = -self.pull(state.theta)
        matrix = np.diag(self._penalty(state.theta)[0])
        for start in range(0, self.rows, BLOCK):
            part = lines[:, start : start + BLOCK]
            gradient = gradient + part @ residual[start : start + BLOCK]
            matrix += (part * weight[start : start + BLOCK]) @ part.T
        return gradient, matrix

    def fit(
        self,
        theta: Theta,
        is_free: Flags | None = None,
        steps: int = 60,
        enough: float = 1e-4,
    ) -> State:
        """Fit by Fisher scoring with the damping of Levenberg and Marquardt."""
        state = self.state(theta)
        damping = 1e-3
        for _ in range(steps):
            gradient, matrix = self.gradient_and_information(state)
            free = self._free(state.theta, gradient, is_free)
            before = state.objective
            while damping < 1e8:
                damped = matrix + np.diag(damping * np.diag(matrix))
                step = np.zeros(len(gradient))
                inner = invert(damped[np.ix_(free, free)])
                step[free] = _bounded(inner @ gradient[free])
                moved = self.state(theta.unpack(state.theta.pack() + step))
                if moved.objective >= before:
                    state, damping = moved, damping / 5
                    break
                damping *= 5
            if state.objective - before < enough:
                break
        return state

    def _free(self, theta: Theta, gradient: Floats, is_free: Flags | None) -> Flags:
        """Say which parameters may move: those not held at an end of their range."""
        line, dates, rules = theta.pack(), len(theta.intercepts), len(theta.weights)
        free = np.ones(len(line), bool) if is_free is None else is_free.copy()
        places = slice(dates + rules, dates + 2 * rules)
        stuck = (line[places] <= 0) & (gradient[places] < 0)
        stuck |= (line[places] >= LAST) & (gradient[places] > 0)
        free[places] &= ~stuck & [rule.has_half_life for rule in self.rules]
        return free

    def p_value_of_nothing(self, lead: Ints) -> float:
        """Test the hypothesis that no rule matters: a robust score test (Boos 1992).

        Each rule enters with its fresh and with all its hits, so that no half-life
        needs to be known; logarithms keep a few busy leads from deciding.
        """
        state = self.state(self.start(0.0))
        residual = self.y - sigmoid(state.log_odds)
        dates = len(state.theta.intercepts)
        scores = []
        for rule in self.rules:
            for line in rule.grid[[NEAR, -1]] if rule.has_half_life else rule.grid:
                values = np.zeros(self.rows)
                values[rule.row] = np.log1p(np.maximum(line, 0))
                sums = np.bincount(self.date, weights=values, minlength=dates)
                counts = np.bincount(self.date, minlength=dates)
                values -= (sums / np.maximum(counts, 1))[self.date]
                scores.append(sum_by_lead(values * residual, lead))
        table = np.stack(scores, axis=1)
        total, spread = table.sum(axis=0), table.T @ table
        scale = np.sqrt(np.maximum(np.diag(spread), 1e-12))
        alike = spread / np.outer(scale, scale)
        inverse = np.linalg.pinv(alike, rcond=1e-6, hermitian=True)
        rank = int(np.linalg.matrix_rank(alike, rtol=1e-6, hermitian=True))
        return chi_square_tail(float((total / scale) @ inverse @ (total / scale)), rank)

    def covariances(self, state: State, lead: Ints) -> tuple[Floats, Floats]:
        """Return the naive covariance and the one clustered by lead."""
        lines = self.derivatives(state)
        matrix = self.gradient_and_information(state)[1]
        residual = self.residual_and_weight(state)[0]
        scores = np.stack([sum_by_lead(line * residual, lead) for line in lines], 1)
        inverse = invert(matrix)
        return inverse, sandwich(inverse, scores)


def _bounded(step: Floats) -> Floats:
    """Shorten a step so that no parameter moves by more than three."""
    largest = float(np.abs(step).max(initial=0.0))
    return step if largest <= 3 else step * (3 / largest)


def date_codes(as_of_date: Days) -> Ints:
    """Number the cut-offs; where there are very many, neighbours share a number."""
    names, code = np.unique(as_of_date, return_inverse=True)
    if len(names) > MAX_DATES:
        code = code * MAX_DATES // len(names)
    return np.asarray(code, np.int64)
