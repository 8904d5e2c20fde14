"""Fit points as rows of fit_rules.csv, with the existing operators.

For each criterion the best matching rule counts. Points that rise with a number are
`at_least` rows, points that fall are `less_than` rows; where they rise and fall, two
criteria add up to them. Words that stand among the numbers have rows of their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from _calibration_levels import Levels
from _calibration_logistic import Z95
from _calibration_panel import FitLevel


@dataclass(frozen=True)
class Slice:
    """What is known of one level."""

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
    described_by: int  # the place of the slice whose numbers it shows


def rules_of(criterion: str, levels: Levels, slices: Sequence[Slice]) -> list[FitLevel]:
    """The rules of one attribute; slices are of missing, then of every group."""
    found = []
    for number, rule in enumerate(_write(criterion, levels, slices)):
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


def _write(criterion: str, levels: Levels, slices: Sequence[Slice]) -> Iterator[_Rule]:
    name = levels.attribute.name
    bins = [piece.points for piece in slices[1 : 1 + levels.bins]]
    rising, falling = _parts(bins) if bins else ([], [])
    lift = rising[0] + falling[0] - bins[0] if bins else 0
    if slices[0].rows:
        points = slices[0].points + lift
        said = f"{name} not known{' or rare' if levels.has_rare else ''}"
        yield _Rule(criterion, "is_not_set", "", points, said, 0)
    if bins:
        yield from _write_number(criterion, name, levels, rising, falling)
    yield from _write_texts(criterion, name, levels, slices, lift)


def _parts(points: Sequence[int]) -> tuple[list[int], list[int]]:
    """What only rises and what only falls, adding up to the points and a constant."""
    steps = [after - before for before, after in pairwise(points)]
    falling = [sum(-step for step in steps[i:] if step < 0) for i in range(len(points))]
    rising = [max(points[0] - falling[0], 0)]
    for step in steps:
        rising.append(rising[-1] + max(step, 0))
    return rising, falling


def _write_texts(
    criterion: str, name: str, levels: Levels, slices: Sequence[Slice], lift: int
) -> Iterator[_Rule]:
    operator, named = _any_other(levels)
    if levels.has_rare and (points := slices[0].points):
        said = f"{name} not known or rare"
        yield _Rule(criterion, operator, named, points, said, 0)
    for place, group in enumerate(levels.groups, 1 + levels.bins):
        points = slices[place].points + lift
        if not slices[place].rows:
            continue
        if not group:
            said = f"{name} any other" if named else f"{name} known"
            yield _Rule(criterion, operator, named, points, said, place)
            continue
        plain = [text for text in group if "|" not in text]
        odd = [text for text in group if "|" in text]
        if len(plain) > 1:
            said = f"{name} {' or '.join(plain)}"
            yield _Rule(criterion, "in", "|".join(plain), points, said, place)
        for text in [*odd, *(plain if len(plain) == 1 else [])]:
            yield _Rule(criterion, "equals", text, points, f"{name} {text}", place)


def _any_other(levels: Levels) -> tuple[str, str]:
    """The condition that a text is known and none of those named."""
    named = [text for group in levels.groups for text in group]
    if not named:
        return "is_set", ""
    return "not_in" if len(named) > 1 else "not_equals", "|".join(named)


def _write_number(
    criterion: str,
    name: str,
    levels: Levels,
    rising: Sequence[int],
    falling: Sequence[int],
) -> Iterator[_Rule]:
    edges = levels.edges
    if rising[0]:
        said = f"{name} a number" if levels.groups else f"{name} known"
        yield _Rule(criterion, *_any_other(levels), rising[0], said, 1)
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
