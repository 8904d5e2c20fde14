"""Terms that conversion_probability may be made of, with readable knots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from _calibration_panel import Features, Flags, Floats, Texts

KNOT_SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
FEWEST_ROWS = 50  # on which a term must differ from the other rows
UNITS = {
    "engagement_points": "engagement point",
    "fit_points": "fit point",
    "days_inactive": "day of silence",
    "days_since_order": "day since the last order",
    "observed_days": "day since first seen",
    "orders_count": "order",
    "orders_amount": "unit of money ordered",
    "events_count": "event",
}


@dataclass(frozen=True)
class Term:
    """One possible row of probability_terms.csv, without its coefficient."""

    feature: str
    kind: str
    operand: str = ""
    low: float | None = None
    high: float | None = None

    def values(self, features: Features) -> Floats:
        """The term's value on every row, as SQL computes it."""
        if self.kind == "is":
            is_it = texts_of(features)[self.feature] == self.operand
            return np.asarray(is_it, np.float64)
        values = np.asarray(features.numbers[self.feature], np.float64)
        if self.kind == "missing":
            return np.isnan(values).astype(np.float64)
        if self.kind == "log":
            found = np.log1p(np.clip(values, 0, self.high))
        else:
            ends = (self.low or 0.0, self.high)
            found = np.clip(values, *ends) - np.clip(0.0, *ends)
        return np.asarray(np.nan_to_num(found, nan=0.0))

    @property
    def term_id(self) -> str:
        """A name that says what it is."""
        parts = [self.feature, self.kind, self.operand]
        parts += [f"{each:g}" for each in (self.low, self.high) if each is not None]
        return "_".join(part for part in parts if part).replace(":", "_")

    @property
    def description(self) -> str:
        """What one unit of its value is, in plain words."""
        unit = UNITS.get(self.feature, self.feature.replace("points:", "point of "))
        if self.kind == "is":
            return f"{self.feature.capitalize()} is {self.operand}"
        words = self.feature.replace("points:", "points of ").replace("_", " ")
        if self.kind == "missing":
            return f"Not known: {words}"
        if self.kind == "log":
            return f"Logarithm of 1 + {words}, up to {self.high:g}"
        return f"Each {unit} from {self.low:g} to {self.high:g}"


def possible_terms(features: Features, chosen: Flags) -> list[Term]:
    """All terms whose value differs on enough of the chosen rows."""
    terms: list[Term] = []
    for name, values in features.numbers.items():
        terms += _of_number(name, np.asarray(values, np.float64)[chosen])
    for name, texts in texts_of(features).items():
        found, counts = np.unique(texts[chosen].astype(str), return_counts=True)
        enough = (counts >= FEWEST_ROWS) & (counts <= counts.sum() - FEWEST_ROWS)
        enough &= found != ""
        terms += [Term(name, "is", str(text)) for text in found[enough]]
    return terms


def texts_of(features: Features) -> Mapping[str, Texts]:
    """The stage and every other text."""
    stage = {} if features.stage is None else {"stage": features.stage}
    return {**stage, **features.texts}


def _of_number(name: str, values: Floats) -> list[Term]:
    is_null = np.isnan(values)
    known = values[~is_null]
    terms = []
    if min(is_null.sum(), len(known)) >= FEWEST_ROWS:
        terms.append(Term(name, "missing"))
    knots = readable_knots(known)
    if len(knots) < 2:
        return terms
    if knots[0] >= 0 and knots[-1] > 2:
        terms.append(Term(name, "log", high=knots[-1]))
    last = len(knots) - 1
    for i in range(last):
        for j in range(i + 1, last + 1):
            is_wanted = i == 0 or j == last or j == i + 1
            # A rule without hits has no row in SQL: its term must be 0 at 0 points.
            if is_wanted and (knots[i] >= 0 or not name.startswith("points:")):
                terms.append(Term(name, "ramp", "", knots[i], knots[j]))
    return terms


def readable_knots(
    values: Floats, shares: Sequence[float] = KNOT_SHARES
) -> list[float]:
    """Return the smallest value and rounded quantiles of the values above it."""
    if len(values) < FEWEST_ROWS:
        return []
    smallest = float(values.min())
    above = values[values > smallest]
    if len(above) < FEWEST_ROWS:
        return []
    found = [_rounded(float(each)) for each in np.quantile(above, shares)]
    return sorted({_rounded(smallest), *found})


def _rounded(value: float) -> float:
    """Round to two significant digits, from 1 to 99 to a whole number."""
    if abs(value) >= 10:
        return float(f"{value:.2g}")
    if abs(value) >= 1:
        return float(round(value))
    return float(f"{value:.1g}")
