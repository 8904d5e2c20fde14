"""Read a built warehouse, and lay out the results in 88 columns."""

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb

from _options import ActionableError

WIDTH = 88
INDENT = 2
GAP = 2
UNBROKEN_SPACE = "\u00a0"
TIMES = "\u00d7"

RIVAL = ".rival."  # of a copy beside a warehouse, on which rules are tried

# What DuckDB raises where the disk or the memory is full; of a log that is, the last.
NO_ROOM = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
)

Row = dict[str, Any]


@contextmanager
def open_warehouse(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse read-only, or say why it cannot be read."""
    if not file.is_file():
        raise ActionableError(
            f"{file}: there is no warehouse; run `make build` (or `dbt build`),"
            " or name another one with --database"
        )
    try:
        connection = duckdb.connect(str(file), read_only=True)
    except duckdb.Error as error:
        raise ActionableError(f"{file}: {_why_closed(first_line(error))}") from None
    with connection:
        try:
            yield connection
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            if _is_published_copy(connection):
                raise ActionableError(
                    f"{file}: is the published copy, and this needs the working"
                    " database, which dbt builds; name that one with --database (it is"
                    " warehouse/lead_scoring.duckdb, unless you chose another)"
                ) from None
            raise ActionableError(
                f"{file}: is not built to its end, or by another version of this"
                f" project; run `dbt build` ({first_line(error)})"
            ) from None


def _is_published_copy(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        """from duckdb_tables() where database_name = current_database()
        and schema_name = 'main' and table_name = 'published'"""
    ).fetchall()
    return bool(found)


def _why_closed(message: str) -> str:
    if "lock" in message:
        return (
            "a running build holds the warehouse;"
            " run the same command again when it has finished"
        )
    return f"cannot be read; run `dbt build` into a new file ({message})"


def first_line(error: duckdb.Error) -> str:
    """Return what went wrong, without DuckDB's echo of the query."""
    return str(error).splitlines()[0].strip()


def fetch(
    connection: duckdb.DuckDBPyConnection, query: str, **parameters: object
) -> list[Row]:
    """Return a query's rows, each by column name."""
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def fetch_one(
    connection: duckdb.DuckDBPyConnection, query: str, **parameters: object
) -> Row:
    """Return the one row of a query that has one row."""
    (row,) = fetch(connection, query, **parameters)
    return row


def read_file(connection: duckdb.DuckDBPyConnection) -> Path:
    """Return the file of a warehouse."""
    query = """
        select path from duckdb_databases()
        where database_name = current_database()"""
    return Path(fetch_one(connection, query)["path"])


def read_as_of_date(connection: duckdb.DuckDBPyConnection) -> date:
    """Return the day a warehouse was scored for."""
    query = "select max(as_of_date) as as_of_date from identity.int_as_of_date"
    day: date | None = fetch_one(connection, query)["as_of_date"]
    if day is None:
        raise ActionableError(f"{read_file(connection)}: is empty; run `dbt build`")
    return day


def number(value: float, decimals: int = 2) -> str:
    """Return a number as people read it: 1,234.50."""
    rounded = round(value, decimals) or 0  # never minus zero
    return f"{rounded:,.{decimals}f}"


def compact(value: float) -> str:
    """Return a number with no more decimals than it has: 0.3, 20, 1,234.5."""
    text = number(value, 4)
    return text.rstrip("0").rstrip(".")


def plural(count: int, thing: str) -> str:
    """Return `1 lead`, `2 leads`, `1,234 leads`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def unbroken(text: str) -> str:
    """Return a text that stays on one line."""
    return text.replace(" ", UNBROKEN_SPACE)


def heading(title: str, aside: str = "") -> list[str]:
    """Return a title, with an aside at the right margin, and a rule below both."""
    lines = [title.ljust(WIDTH - len(aside)) + aside]
    if aside and len(title) + GAP + len(aside) > WIDTH:
        lines = [title, aside.rjust(WIDTH)]
    return [*map(str.rstrip, lines), "─" * WIDTH]


def paragraph(text: str, hanging: int = 0) -> list[str]:
    """Return a text broken into indented lines, those after the first further in."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * INDENT,
        subsequent_indent=" " * (INDENT + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def labelled(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return lines of `label  text`, the texts below one another."""
    filled = [(label, text) for label, text in pairs if text]
    width = max((len(label) for label, _ in filled), default=0) + GAP
    lines = []
    for label, text in filled:
        wrapped = paragraph(" " * width + text, hanging=width) or [""]
        lines.append(f"{'':{INDENT}}{label:{width}}{wrapped[0].strip()}")
        lines.extend(wrapped[1:])
    return lines


@dataclass(frozen=True)
class Column:
    """A table's column: numbers stand at the right, long texts are broken."""

    title: str
    is_number: bool = False
    is_broken: bool = False


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    total: Sequence[str] | None = None,
) -> list[str]:
    """Return rows below one another, with a rule above and a line below for a total."""
    titles = [column.title for column in columns]
    widths = _widths(columns, [titles, *rows, *filter(None, [total])])
    rule = " " * INDENT + "─" * (sum(widths) + GAP * (len(widths) - 1))
    lines = [*_table_row(columns, widths, titles), rule]
    for row in rows:
        lines += _table_row(columns, widths, row)
    if total:
        lines += [rule, *_table_row(columns, widths, total)]
    return lines


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Give every column the width it needs; wrapped columns share what is left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    broken = [i for i, column in enumerate(columns) if column.is_broken]
    left = WIDTH - INDENT - GAP * (len(columns) - 1)
    left -= sum(width for i, width in enumerate(widths) if i not in broken)
    for place, i in enumerate(sorted(broken, key=lambda i: widths[i])):
        others = len(broken) - place - 1
        longest = max(len(word) for row in rows for word in [*row[i].split(), ""])
        share = max(left // (others + 1), 12)
        share = max(share, min(longest, left - 12 * others))
        widths[i] = min(widths[i], share)
        left -= widths[i]
    return widths


def _broken(text: str, width: int) -> list[str]:
    """Break a text between words; within one, such as a lead_id, only where it must."""
    phrases = [
        phrase if len(phrase) <= width else phrase.replace(UNBROKEN_SPACE, " ")
        for phrase in text.split(" ")
    ]
    return textwrap.wrap(" ".join(phrases), width) or [""]


def _table_row(
    columns: Sequence[Column], widths: Sequence[int], row: Sequence[str]
) -> list[str]:
    cells = [
        _broken(cell, width) if column.is_broken else [cell]
        for column, width, cell in zip(columns, widths, row, strict=True)
    ]
    lines = []
    for texts in zip_longest(*cells, fillvalue=""):
        padded = [
            text.rjust(width) if column.is_number else text.ljust(width)
            for column, width, text in zip(columns, widths, texts, strict=True)
        ]
        lines.append((" " * INDENT + (" " * GAP).join(padded)).rstrip())
    return lines


def show(lines: Iterable[str]) -> None:
    """Print lines without control characters; a closed pipe is no error."""
    plain = (line.replace(UNBROKEN_SPACE, " ") for line in lines)
    safe = ("".join(c if c.isprintable() else "�" for c in line) for line in plain)
    encoding = sys.stdout.encoding or "utf-8"
    text = "\n".join(safe).encode(encoding, "replace").decode(encoding)
    try:
        print(text, flush=True)
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
