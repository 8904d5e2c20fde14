"""What the hits of a rule are worth at each row, for every half-life at once."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from _calibration_panel import EngagementRule, Flags, Floats, Ints, RuleHits

# Values that a person would choose, about evenly spaced on a logarithmic scale.
HALF_LIVES = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, math.inf)
LAST = len(HALF_LIVES) - 1
MIDDLE = HALF_LIVES.index(30)


@dataclass(frozen=True)
class DecayedHits:
    """One rule's decayed hits on the rows that it hits, at every half-life."""

    row: Ints  # in ascending order
    grid: Floats  # half-life by row; a single line when the rule does not decay
    size: float  # root mean square at 30 days: brings all rules to one scale

    @property
    def has_half_life(self) -> bool:
        """Whether there is a half-life to choose."""
        return len(self.grid) > 1

    def at(self, place: float) -> Floats:
        """The decayed hits at a place between two half-lives of the grid."""
        return self._mix(place, 0)

    def slope(self, place: float) -> Floats:
        """How they change with the place."""
        return self._mix(place, 1)

    def _mix(self, place: float, kind: int) -> Floats:
        if not self.has_half_life:
            return np.asarray(self.grid[0] * (1 - kind))
        first, values, slopes = _blend(place)
        weights = (slopes if kind else values).astype(np.float32)
        return np.asarray(weights @ self.grid[first : first + len(weights)])

    def take(self, is_taken: Flags) -> "DecayedHits":
        """Return the hits of some rows only, with the rows renumbered."""
        number = np.cumsum(is_taken) - 1
        kept = is_taken[self.row]
        return DecayedHits(
            number[self.row[kept]].astype(np.int32), self.grid[:, kept], self.size
        )


def _blend(place: float) -> tuple[int, Floats, Floats]:
    """Return the first grid line, the weights and their slopes (Catmull & Rom 1974)."""
    left = min(int(place), LAST - 1)
    t = place - left
    powers = np.array([1.0, t, t * t, t**3])
    slopes = np.array([0.0, 1.0, 2 * t, 3 * t * t])
    basis = 0.5 * np.array(
        [[0, -1, 2, -1], [2, 0, -5, 3], [0, 1, 4, -3], [0, 0, -1, 1]], np.float64
    )
    if left == 0:  # beyond either edge the curve is a straight line
        basis = np.stack([basis[1] + 2 * basis[0], basis[2] - basis[0], basis[3]])
        return 0, basis @ powers, basis @ slopes
    if left == LAST - 1:
        basis = np.stack([basis[0], basis[1] - basis[3], basis[2] + 2 * basis[3]])
    return left - 1, basis @ powers, basis @ slopes


def half_life_at(place: float) -> float:
    """Return the half-life at a place of the grid; halfway past 365 it is infinite."""
    if place > LAST - 0.5:
        return math.inf
    known = np.log(HALF_LIVES[:-1])
    return float(np.exp(np.interp(place, np.arange(LAST), known)))


def decay_hits(rule: EngagementRule, rows: int) -> DecayedHits:
    """Sum a rule's hits per row at every half-life."""
    hits = rule.hits
    is_hit = np.zeros(rows, bool)
    is_hit[hits.row[hits.hits != 0]] = True
    row = np.flatnonzero(is_hit).astype(np.int32)
    ages = np.arange(int(hits.age_days.max(initial=0)) + 1)
    choices = HALF_LIVES if rule.mode == "each" else (math.inf,)
    grid = np.empty((len(choices), len(row)), np.float32)
    for line, half_life in enumerate(choices):
        worth = hits.hits * np.exp2(-ages / half_life)[hits.age_days]
        grid[line] = np.bincount(hits.row, weights=worth, minlength=rows)[row]
    middle = grid[MIDDLE if len(grid) > 1 else 0].astype(np.float64)
    size = math.sqrt(float(middle @ middle) / max(rows, 1)) or 1.0
    return DecayedHits(row, grid, size)


# The factor at age a, as in macros/decay_factor.sql.
Decay = Callable[[Floats, float, float], Floats]
DECAYS: Mapping[str, Decay] = {
    "none": lambda age, _period, _rate: np.ones_like(age),
    "half_life": lambda age, period, _rate: np.exp2(-age / period),
    "linear": lambda age, period, _rate: np.maximum(0, 1 - age / period),
    "expire": lambda age, period, _rate: (age < period).astype(age.dtype),
    "step": lambda age, period, rate: (1 - rate) ** np.floor(age / period),
}


def hits_with_decay(
    hits: RuleHits,
    rows: int,
    decay: str,
    decay_days: float | None,
    decay_rate: float | None = None,
) -> Floats:
    """Sum a rule's hits per row with the decay that its row in the CSV names."""
    ages = np.arange(int(hits.age_days.max(initial=0)) + 1, dtype=np.float64)
    factor = DECAYS[decay or "none"](ages, decay_days or math.inf, decay_rate or 0.0)
    weights = hits.hits * factor[hits.age_days]
    worth = np.bincount(hits.row, weights=weights, minlength=rows)
    return worth.astype(np.float64)


def sum_points(
    parts: Sequence[tuple[str, Floats]], limits: Mapping[str, float], rows: int
) -> Floats:
    """Add the points of all rules; a group of rules earns at most its limit."""
    total = np.zeros(rows)
    groups: dict[str, Floats] = {}
    for group, points in parts:
        if group in limits:
            groups[group] = groups.get(group, np.zeros(rows)) + points
        else:
            total += points
    for group, points in groups.items():
        total += np.minimum(points, limits[group])
    return total
