"""Fit points as rows of fit_rules.csv, with the existing operators.

For each criterion the best matching rule counts. Points that rise with a number are
`at_least` rows, points that fall are `less_than` rows; where they rise and fall, two
criteria add up to them. Words that stand among the numbers have rows of their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from _calibration_levels import Levels, matching
from _calibration_logistic import Z95
from _calibration_panel import FitLevel


@dataclass(frozen=True)
class Slice:
    """The numbers of one level."""

    points: int
    leads_count: int
    conversions: int
    rows: int
    log_odds: float
    error: float
    points_today: float | None


@dataclass(frozen=True)
class _Rule:
    criterion: str
    operator: str
    operand: str
    points: int
    label: str
    described_by: int  # the place of the slice that its numbers come from


@dataclass(frozen=True)
class _About:
    """The attribute that rules are written about."""

    criterion: str
    levels: Levels
    slices: Sequence[Slice]

    @property
    def name(self) -> str:
        """The name of the attribute."""
        return self.levels.attribute.name

    @property
    def has_missing(self) -> bool:
        """Whether the attribute is not known of some leads."""
        return bool(self.slices[0].rows)

    @cached_property
    def parts(self) -> tuple[list[int], list[int]]:
        """Points of the bins: what only rises, and what only falls."""
        bins = [piece.points for piece in self.slices[1 : 1 + self.levels.bins]]
        return _parts(bins) if bins else ([], [])

    @property
    def lift(self) -> int:
        """How much more all get than their own points."""
        rising, falling = self.parts
        return rising[0] + falling[0] - self.slices[1].points if rising else 0

    @cached_property
    def named(self) -> dict[str, int]:
        """Every text that has a rule of its own, with the points it should get."""
        return {
            text: self.slices[place].points + self.lift
            for place, group in enumerate(self.levels.groups, 1 + self.levels.bins)
            for text in group
        }


def rules_of(criterion: str, levels: Levels, slices: Sequence[Slice]) -> list[FitLevel]:
    """The rules of one attribute; slices are of missing, then of every group."""
    found = []
    for number, rule in enumerate(_write(_About(criterion, levels, slices))):
        piece = slices[rule.described_by]
        found.append(
            FitLevel(
                f"{criterion}_{number + 1}",
                rule.criterion,
                levels.attribute.name,
                rule.operator,
                rule.operand,
                rule.points,
                rule.label,
                piece.leads_count,
                piece.conversions,
                piece.rows,
                piece.log_odds,
                piece.log_odds - Z95 * piece.error,
                piece.log_odds + Z95 * piece.error,
                piece.points_today,
                rule.points - piece.points,
            )
        )
    return found


def _write(about: _About) -> Iterator[_Rule]:
    levels, slices, name = about.levels, about.slices, about.name
    if about.has_missing:
        said = f"{name} not known{' or rare' if levels.has_rare else ''}"
        points = slices[0].points + about.lift
        yield _Rule(about.criterion, "is_not_set", "", points, said, 0)
    if levels.bins:
        yield from _write_number(about)
    yield from _write_texts(about)


def _parts(points: Sequence[int]) -> tuple[list[int], list[int]]:
    """Split points into a rising and a falling part, which add a constant to them."""
    steps = [after - before for before, after in pairwise(points)]
    falling = [sum(-step for step in steps[i:] if step < 0) for i in range(len(points))]
    rising = [max(points[0] - falling[0], 0)]
    for step in steps:
        rising.append(rising[-1] + max(step, 0))
    return rising, falling


def _write_texts(about: _About) -> Iterator[_Rule]:
    criterion, name = about.criterion, about.name
    points = about.slices[0].points
    if about.levels.has_rare and points and not about.levels.is_number:
        yield from _write_any_other(about, points, f"{name} not known or rare", 0)
    for place, group in enumerate(about.levels.groups, 1 + about.levels.bins):
        points = about.slices[place].points + about.lift
        if not about.slices[place].rows:
            continue
        if not group:
            said = f"{name} any other" if about.named else f"{name} known"
            yield from _write_any_other(about, points, said, place)
            continue
        listed = _in_one_list(about.levels, group)
        if len(listed) > 1:
            said = f"{name} {' or '.join(listed)}"
            yield _Rule(criterion, "in", "|".join(listed), points, said, place)
        for text in group:
            if len(listed) < 2 or text not in listed:
                yield _Rule(criterion, "equals", text, points, f"{name} {text}", place)


def _in_one_list(levels: Levels, texts: Sequence[str]) -> list[str]:
    """Return those of the texts that one list can hold without matching any other text.

    A list with `a` and `b` also matches the text `a|b`, and the other way round. The
    build refuses a list with two spaces in a row.
    """
    known, found = levels.attribute.levels, list[str]()
    for text in texts:
        matched = matching(known, "in", "|".join([*found, text]))[:-1]
        met = {each for each, is_met in zip(known, matched, strict=True) if is_met}
        if "  " not in text and text in met and met.issubset(texts):
            found.append(text)
    return found


def _write_any_other(
    about: _About, points: int, label: str, described_by: int
) -> Iterator[_Rule]:
    """Give points to every known text but those named in a rule of their own.

    Named texts that no list can hold get these points, too. Where that is more than
    their own, everybody else gets the difference on top, in another criterion.
    """
    named = about.named
    fewest_first = sorted(named, key=lambda text: named[text])
    listed = _in_one_list(about.levels, list(named)) or fewest_first[:1]
    operator = ("is_set", "not_equals", "not_in")[min(len(listed), 2)]
    operand = "|".join(listed)
    yield _Rule(about.criterion, operator, operand, points, label, described_by)
    for number, text in enumerate(named, 1):
        more = points - named[text]
        if text in listed or more <= 0:
            continue
        criterion, said = f"{about.criterion}_but_{number}", f"{about.name} not {text}"
        yield _Rule(criterion, "not_equals", text, more, said, described_by)
        if about.has_missing:
            said = f"{about.name} not known"
            yield _Rule(criterion, "is_not_set", "", more, said, 0)


def _write_number(about: _About) -> Iterator[_Rule]:
    criterion, name, edges = about.criterion, about.name, about.levels.edges
    rising, falling = about.parts
    lowest = rising[0]
    if about.levels.has_rare:
        lowest = min(lowest, about.slices[0].points + about.lift)
    if lowest:
        said = f"{name} a number" if about.levels.groups else f"{name} known"
        yield from _write_any_other(about, lowest, said, 1)
    if lowest < rising[0]:  # a rare word gets no points of a number
        edge = edges[0] if edges else 0.0
        for operator in ("less_than", "at_least"):
            said = f"{name} {operator.replace('_', ' ')} {edge:g}"
            yield _Rule(criterion, operator, _text(edge), rising[0], said, 1)
    for place, edge in enumerate(edges, 1):
        if rising[place] > rising[place - 1]:
            said, points = f"{name} at least {edge:g}", rising[place]
            yield _Rule(criterion, "at_least", _text(edge), points, said, place + 1)
    below = f"{criterion}_below" if rising[-1] else criterion
    for place, edge in enumerate(edges, 1):
        if falling[place - 1] > falling[place]:
            said, points = f"{name} less than {edge:g}", falling[place - 1]
            yield _Rule(below, "less_than", _text(edge), points, said, place)


def _text(edge: float) -> str:
    return f"{edge:.12g}"
