"""Counts of what happened to every row, and the printed summary."""

from dataclasses import dataclass, fields, replace

from _warehouse import show

TOLD_PROBLEMS = 3  # of a file


@dataclass
class Counts:
    """What became of the rows read for one landing table; the rest adds up to read."""

    read: int = 0
    loaded: int = 0
    already_there: int = 0
    unreadable: int = 0
    filtered: int = 0
    combined: int = 0


@dataclass
class Outcome:
    """One file's effect on one landing table."""

    file: str
    table: str
    counts: Counts
    note: str = ""
    attribute: str = ""  # where the entry feeds one only

    @property
    def fed(self) -> str:
        return f"{self.table} {self.attribute}".rstrip()


@dataclass
class Problems:
    """Why rows of one file cannot be read: the first of them, and how many they are.

    A reason never quotes a value of the row, which may be somebody's.
    """

    file: str
    first: list[tuple[int | None, str]]  # line (a group of rows has none) and reason
    count: int


def counts_again(counts: list[int]) -> Counts:
    """Return the counts of a file that was loaded before: nothing is new."""
    before = Counts(*counts)
    there = before.loaded + before.already_there
    return replace(before, loaded=0, already_there=there)


def print_summary(outcomes: list[Outcome]) -> None:
    """Print what became of every row, one line per file and what it feeds."""
    names = [each.name for each in fields(Counts)]
    if not any(outcome.counts.combined for outcome in outcomes):
        names.remove("combined")
    header = ["file", "table", *(name.replace("_", " ") for name in names)]
    lines = [header]
    for outcome in outcomes:
        numbers = [f"{getattr(outcome.counts, name):,}" for name in names]
        lines.append([outcome.file, outcome.fed, *numbers])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = [
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        show(["  ".join(padded).rstrip()])


def print_problems(problems: list[Problems]) -> None:
    """Print of each file the first rows that cannot be read, and why."""
    for each in problems:
        for line, reason in each.first:
            place = "a group" if line is None else f"line {line:,}"
            show([f"{each.file}, {place}: {reason}"])
        if more := each.count - len(each.first):
            show([f"{each.file}: and {more:,} more"])
