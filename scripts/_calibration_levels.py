"""Readable levels of attributes, and what a row of fit_rules.csv matches."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from _calibration_panel import Attribute, Flags, Floats, Ints

MIN_ROWS = 50  # of a level, and at least one row in a hundred
MIN_SHARE = 0.01
NUMERIC_SHARE = 0.95  # of the rows with a known value have a number
MOST_LEVELS = 8
MERGED_BELOW = 3.84  # chi-square at which neighbours count as different


@dataclass(frozen=True)
class Levels:
    """An attribute in few groups: -1 is missing, then come the bins, then the texts."""

    attribute: Attribute
    group: Ints  # of each level of the attribute, and at the end of missing
    groups: tuple[tuple[str, ...], ...]  # the texts of each group; empty: the rest
    edges: tuple[float, ...]  # between bins of a number
    is_number: bool

    @property
    def count(self) -> int:
        """How many groups there are, missing not counted."""
        return self.bins + len(self.groups)

    @property
    def bins(self) -> int:
        """How many groups are bins of a number: they come first."""
        return len(self.edges) + 1 if self.is_number else 0

    @property
    def has_rare(self) -> bool:
        """Whether texts too rare to judge are counted among the missing."""
        return bool((self.group[:-1] < 0).any())

    def of_rows(self) -> Ints:
        """The group of every row; -1 = missing."""
        return np.asarray(self.group[self.attribute.code])


def as_number(text: str) -> float:
    """Return the number that a text contains; NaN if it is not a number."""
    if "n" in text or "_" in text or not text.isascii():
        return math.nan  # the same as in macros/as_number.sql
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def first_levels(attribute: Attribute, chosen: Flags) -> Levels:
    """Group without looking at outcomes: rounded tenths of numbers, frequent texts.

    Where some cells are numbers and some are not, it is what can judge more rows.
    """
    code = attribute.code[chosen]
    rows = np.bincount(code[code >= 0], minlength=len(attribute.levels))
    numbers = np.array([as_number(text) for text in attribute.levels], np.float64)
    is_number = ~np.isnan(numbers)
    can_be_named = np.array([_fits_a_cell(text) for text in attribute.levels], bool)
    fewest = max(MIN_ROWS, MIN_SHARE * len(code))
    enough = np.flatnonzero((rows >= fewest) & can_be_named)
    enough = enough[np.argsort(-rows[enough], kind="stable")][:30]
    counted = rows[is_number].sum()
    are_numbers = counted >= NUMERIC_SHARE * rows.sum() or counted > rows[enough].sum()
    if are_numbers and is_number.sum() > 2:
        return _bins(attribute, numbers, rows, enough[~is_number[enough]])
    group = np.full(len(attribute.levels) + 1, len(enough), np.int64)
    group[enough] = np.arange(len(enough))
    group[-1] = -1
    texts = tuple((attribute.levels[int(place)],) for place in enough)
    if rows[group[:-1] == len(enough)].sum() >= MIN_ROWS:
        return Levels(attribute, group, (*texts, ()), (), False)
    group[group == len(enough)] = -1  # too rare to judge: treated as not known
    return Levels(attribute, group, texts, (), False)


def _fits_a_cell(text: str) -> bool:
    """Whether a rule file can name the text: dbt reads the cell `null` as blank."""
    return text != "null" and text.strip().splitlines() == [text]


def _bins(attribute: Attribute, numbers: Floats, rows: Ints, words: Ints) -> Levels:
    """Bins of the numbers; each frequent word among them is a group of its own."""
    known = np.flatnonzero(~np.isnan(numbers) & (rows > 0))
    order = known[np.argsort(numbers[known])]
    share = np.cumsum(rows[order]) / rows[order].sum()
    found = set()
    for part in np.arange(0.05, 1.0, 0.05):
        place = min(int(np.searchsorted(share, part)) + 1, len(order) - 1)
        found.add(_round_edge(numbers[order[place - 1]], numbers[order[place]]))
    kept: list[float] = []
    fewest = max(MIN_ROWS, MIN_SHARE * rows.sum())
    for edge in sorted(found):
        below = numbers[order] < edge
        if kept:
            below &= numbers[order] >= kept[-1]
        rest = rows[order][numbers[order] >= edge].sum()
        if rows[order][below].sum() >= fewest and rest >= fewest:
            kept.append(edge)
    group = np.searchsorted(np.array(kept), numbers, side="right")
    group = np.append(np.where(np.isnan(numbers), -1, group), -1).astype(np.int64)
    group[words] = len(kept) + 1 + np.arange(len(words))
    groups = tuple((attribute.levels[int(place)],) for place in words)
    return Levels(attribute, group, groups, tuple(kept), True)


def _round_edge(below: float, above: float) -> float:
    """The shortest number that is more than `below` and at most `above`."""
    for digits in range(1, 16):
        step = 10.0 ** (math.floor(math.log10(max(abs(above), 1e-9))) - digits + 1)
        edge = float(f"{math.floor(above / step) * step:.12g}")
        if below < edge <= above:
            return edge
    return above


def merge_alike(levels: Levels, chosen: Flags, y: Floats, spread: float) -> Levels:
    """Merge neighbours with similar conversion rates (ChiMerge, Kerber 1992).

    Bins of a number have neighbours by value, texts by their conversion rate.
    """
    while max(levels.bins, len(levels.groups)) > 1:
        group = levels.of_rows()[chosen]
        is_known = group >= 0
        rows = np.bincount(group[is_known], minlength=levels.count).astype(float)
        yes = np.bincount(group[is_known], y[is_known], minlength=levels.count)
        rate = (yes + 0.5) / (rows + 1)
        bins = levels.bins
        texts = bins + np.argsort(rate[bins:])
        pairs = [*pairwise(range(bins)), *pairwise(texts.tolist())]
        differ = [_chi_square(rows, yes, a, b) / spread for a, b in pairs]
        least = int(np.argmin(differ))
        if differ[least] >= MERGED_BELOW and levels.count <= MOST_LEVELS:
            break
        levels = _merged(levels, *sorted((int(pairs[least][0]), int(pairs[least][1]))))
    return levels


def _chi_square(rows: Any, yes: Any, a: int, b: int) -> float:
    total = rows[a] + rows[b]
    rate = (yes[a] + yes[b]) / max(total, 1)
    if not 0 < rate < 1 or not rows[a] or not rows[b]:
        return 0.0
    gap = yes[a] / rows[a] - yes[b] / rows[b]
    return float(gap**2 / (rate * (1 - rate) * (1 / rows[a] + 1 / rows[b])))


def _merged(levels: Levels, first: int, second: int) -> Levels:
    group = levels.group.copy()
    group[group == second] = first
    group[group > second] -= 1
    if second < levels.bins:
        edges = levels.edges[:first] + levels.edges[second:]
        return replace(levels, group=group, edges=edges)
    groups, first = list(levels.groups), first - levels.bins
    moved = groups.pop(second - levels.bins)
    # The rest names no texts, and neither does a group that is merged with it.
    groups[first] = () if not moved or not groups[first] else groups[first] + moved
    return replace(levels, group=group, groups=tuple(groups))


# ------------------------------------------------------------------ conditions


def matching(levels: Sequence[str], operator: str, operand: str) -> Flags:
    """Which levels meet a condition, and at the end whether missing does.

    The same as macros/meets_condition.sql.
    """
    wanted = operand.strip().lower()
    limit = as_number(wanted)
    # Compared like this, an item may contain a |: `a|b` is in `a|b|c`.
    listed = f"|{wanted}|".replace("  ", " ").replace(" |", "|").replace("| ", "|")
    tests: dict[str, Callable[[str], bool]] = {
        "equals": lambda text: text == wanted,
        "not_equals": lambda text: text != wanted,
        "in": lambda text: f"|{text}|" in listed,
        "not_in": lambda text: f"|{text}|" not in listed,
        "contains": lambda text: wanted in text,
        "not_contains": lambda text: wanted not in text,
        "starts_with": lambda text: text.startswith(wanted),
        "ends_with": lambda text: text.endswith(wanted),
        "at_least": lambda text: as_number(text) >= limit,
        "more_than": lambda text: as_number(text) > limit,
        "at_most": lambda text: as_number(text) <= limit,
        "less_than": lambda text: as_number(text) < limit,
        "is_set": lambda _text: True,
        "is_not_set": lambda _text: False,
    }
    test = tests.get(operator)
    found = [test is not None and test(text) for text in levels]
    return np.array([*found, operator == "is_not_set"])
