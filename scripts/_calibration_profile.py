"""Intervals of half-lives: each one is tried, and everything else refitted."""

import math
from dataclasses import dataclass, replace

import numpy as np

from _calibration_decay import HALF_LIVES, LAST, DecayedHits, half_life_at
from _calibration_logistic import invert
from _calibration_model import WEIGHT_PENALTY, Engagement, State, Theta
from _calibration_panel import Floats, HalfLifeProfile

INSIDE = 3.841458820694124  # 95% of χ² with one degree of freedom
STEPS = 5  # of a refit
ENOUGH = 0.02  # gain in log-likelihood below which a refit stops


@dataclass(frozen=True)
class Profiled:
    """One rule's profile, and the best parameters found while making it."""

    profile: HalfLifeProfile
    low: float
    high: float
    best_place: float  # the readable half-life that explains most
    theta: Theta | None  # of a better optimum than the one started from


@dataclass(frozen=True)
class Profiler:
    """Refits everything but one half-life.

    How the log-odds depend on the other parameters is taken from the optimum, how they
    depend on the rule's own weight is computed anew: steps are quick, and every
    likelihood is exact for the parameters reached.
    """

    model: Engagement
    state: State
    lines: Floats  # derivatives at the optimum
    information: Floats

    @classmethod
    def at(cls, model: Engagement, state: State) -> "Profiler":
        """Prepare for profiles around an optimum."""
        information = model.gradient_and_information(state)[1]
        return cls(model, state, model.derivatives(state), information)

    def profile(
        self, number: int, today: DecayedHits | None, spread: float
    ) -> Profiled:
        """Try every half-life of one rule; `spread` is the factor of the variance."""
        place = float(self.state.theta.places[number])
        tried: dict[int, State] = {}
        near, rule = round(place), self.model.rules[number]
        for nodes in (range(near, -1, -1), range(near, LAST + 1)):
            state = self.state
            for node in nodes:
                theta = _moved(rule, state.theta, number, node)
                state = self._refit(self.model, theta, number)
                tried[node] = state
        found = np.array([tried[node].likelihood for node in range(LAST + 1)])
        best = max(float(found.max()), self.state.likelihood)
        deviance = 2 * (best - found) / spread
        now = float("nan")
        if today is not None:
            rules = list(self.model.rules)
            rules[number] = today
            model = replace(self.model, rules=rules)
            kept = self._refit(model, self.state.theta, number)
            now = max(2 * (best - kept.likelihood) / spread, 0.0)
        low, high = _inside(deviance, place)
        top = tried[int(found.argmax())]
        is_better = top.likelihood > self.state.likelihood + 0.5
        return Profiled(
            HalfLifeProfile(HALF_LIVES, tuple(map(float, deviance)), now),
            low,
            high,
            float(found.argmax()),
            top.theta if is_better else None,
        )

    def deviance_without(self, number: int, spread: float) -> float:
        """How much worse the model is without the rule."""
        model, theta = self.model, self.state.theta
        rules, weights = list(model.rules), theta.weights.copy()
        empty = np.zeros((1, 0), np.float32)
        rules[number] = DecayedHits(np.zeros(0, np.int32), empty, 1.0)
        weights[number] = 0.0
        model = replace(model, rules=rules)
        lost = self._refit(model, replace(theta, weights=weights), number)
        return max(2 * (self.state.likelihood - lost.likelihood) / spread, 0.0)

    def _refit(self, model: Engagement, theta: Theta, number: int) -> State:
        """Improve all parameters except the one half-life."""
        dates, own = len(theta.intercepts), len(theta.intercepts) + number
        free = np.ones(len(self.information), bool)
        for other, rule in enumerate(model.rules):
            is_inside = rule.has_half_life and 0 < theta.places[other] < LAST
            place = dates + len(model.rules) + other
            free[place] = is_inside and other != number
        rule, state = model.rules[number], model.state(theta)
        hits = rule.at(theta.places[number]) / np.float32(rule.size)
        for _ in range(STEPS):
            line = np.zeros(model.rows, np.float32)
            line[rule.row] = hits
            line *= model.steepness(state)
            residual, weight = model.residual_and_weight(state)
            gradient = self.lines @ residual - model.pull(state.theta)
            gradient[own] += float((line - self.lines[own]) @ residual)
            matrix = self.information.copy()
            matrix[own] = matrix[:, own] = self.lines @ (line * weight)
            matrix[own, own] = float(line @ (line * weight)) + WEIGHT_PENALTY
            step = np.zeros(len(free))
            step[free] = invert(matrix[np.ix_(free, free)]) @ gradient[free]
            before = state.objective
            for size in (1.0, 0.4, 0.1):
                moved = model.state(theta.unpack(state.theta.pack() + size * step))
                if moved.objective > before:
                    state = moved
                    break
            if state.objective - before < ENOUGH:
                break
        return state


def _moved(rule: DecayedHits, theta: Theta, number: int, place: float) -> Theta:
    """Change a half-life, and its weight so that points stay as similar as possible."""
    old, new = rule.at(theta.places[number]), rule.at(place)
    places, weights = theta.places.copy(), theta.weights.copy()
    places[number] = place
    new_centred = new - new.mean()
    size = float(new_centred @ new_centred)
    if size > 1e-6 * float(new @ new):
        weights[number] *= float(new_centred @ old) / size
    return replace(theta, places=places, weights=weights)


def _inside(deviance: Floats, place: float) -> tuple[float, float]:
    """Where the deviance crosses the bound on either side of the estimate.

    Its signed root is almost a straight line: that is what lies between two nodes.
    """
    nodes = np.arange(LAST + 1, dtype=np.float64)
    root = np.sqrt(np.maximum(deviance, 0))
    below, above = nodes < place, nodes > place
    left = np.append(root[below], 0.0)[::-1], np.append(nodes[below], place)[::-1]
    right = np.append(0.0, root[above]), np.append(place, nodes[above])
    return (
        half_life_at(_crossing(*left)),
        half_life_at(_crossing(*right)),
    )


def _crossing(root: Floats, nodes: Floats) -> float:
    """Return the last place inside the bound, going away from the estimate."""
    bound = math.sqrt(INSIDE)
    inside = np.flatnonzero(root <= bound)
    last = int(inside[-1])
    if last == len(nodes) - 1:
        return float(nodes[last])
    pair = slice(last, last + 2)
    return float(np.interp(bound, root[pair], nodes[pair]))
