"""Two warehouses of one project, table by table and row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import duckdb

from _landing import quoted
from _warehouse import plural

TOLERANCE = 1e-9  # of a number's size, and of 1 where it is smaller
MOST_EXAMPLES = 3
FRACTIONS = ("DOUBLE", "FLOAT", "DECIMAL")
# When a count was made: with a late row, Spark counts the whole date again.
COLUMNS_OF_ENGINES = {("int_matches_daily", "read_until")}


@dataclass(frozen=True)
class Sides:
    """A table's two relations, as SQL names them, and the names of their engines."""

    ours: str
    theirs: str
    our_engine: str = "DuckDB"
    their_engine: str = "Spark"


@dataclass
class Comparison:
    """What two engines made of one table."""

    table: str
    rows_count: int = 0
    columns: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The result, one line a table, and below it what differs."""
        verdict = "differs" if self.problems else "equal"
        size = f"{plural(self.rows_count, 'row')}, {len(self.columns)} columns"
        yield f"{verdict:8}{self.table}: {size}"
        for problem in self.problems:
            yield f"          {problem}"


def is_private(table: str, column: str, kind: str) -> bool:
    """Return whether a column differs by design between engines; none is published."""
    if (table, column) in COLUMNS_OF_ENGINES:
        return True
    is_number = kind in ("BIGINT", "HUGEINT")
    is_step = table.startswith(("int_", "stg_"))
    return is_step and (
        column == "fingerprint" or (is_number and column.endswith(("_id", "_key")))
    )


def compare_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    sides: Sides,
    key: Sequence[str] = (),
) -> Comparison:
    """Compare a table of two engines row by row.

    Rows meet by the columns of their grain; where those are hashes, or not known, by
    every column that is no fraction.
    """
    found = Comparison(table)
    ours = columns_of(connection, sides.ours)
    theirs = columns_of(connection, sides.theirs)
    for engine, lacking in (
        (sides.their_engine, ours.keys() - theirs.keys()),
        (sides.our_engine, theirs.keys() - ours.keys()),
    ):
        found.problems += [f"{engine} lacks column {name}" for name in sorted(lacking)]
    columns = {
        name: kind.startswith(FRACTIONS) or theirs[name].startswith(FRACTIONS)
        for name, kind in ours.items()
        if name in theirs and not is_private(table.split(".")[-1], name, kind)
    }
    found.columns = list(columns)
    exact = [name for name, is_fraction in columns.items() if not is_fraction]
    key = key if key and set(key) <= set(exact) else exact
    compare_rows(connection, found, sides, columns, key)
    return found


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return {row[0]: row[1] for row in rows}


def compare_rows(
    connection: duckdb.DuckDBPyConnection,
    found: Comparison,
    sides: Sides,
    columns: dict[str, bool],
    key: Sequence[str],
) -> None:
    """Count the rows that one side lacks and the values that differ; show the first."""
    rest = [name for name in columns if name not in key]
    connection.execute(
        f"""create or replace temporary table compared as
        select {"".join(beside(name) + ", " for name in columns)}
            ours.place is null as is_surplus,
            theirs.place is null as is_missing
        from ({placed(sides.ours, columns, key)}) as ours
        full outer join ({placed(sides.theirs, columns, key)}) as theirs
            on ours.place = theirs.place
            {"".join(f" and {same_key(name)}" for name in key)}"""
    )
    counts = [
        "count(*) filter (where not is_surplus)",
        "count(*) filter (where is_missing)",
        "count(*) filter (where is_surplus)",
        *(f"count(*) filter (where {differs(n, columns[n])})" for n in rest),
    ]
    row = connection.execute(f"select {', '.join(counts)} from compared").fetchone()
    assert row is not None
    found.rows_count, missing, surplus, *different = row
    for count, flag, said in (
        (missing, "is_missing", f"only on {sides.our_engine}"),
        (surplus, "is_surplus", f"only on {sides.their_engine}"),
    ):
        if count:
            found.problems.append(f"{plural(count, 'row')} {said}")
            side = "ours" if flag == "is_missing" else "theirs"
            shown = [f"{side}_{name}" for name in columns]
            found.problems += examples(connection, shown, flag, list(columns))
    for name, count in zip(rest, different, strict=True):
        if count:
            found.problems.append(f"{name} differs in {plural(count, 'row')}")
            shown = [*(f"ours_{k}" for k in key), f"ours_{name}", f"theirs_{name}"]
            labels = [*key, sides.our_engine, sides.their_engine]
            condition = differs(name, columns[name])
            found.problems += examples(connection, shown, condition, labels)


def placed(relation: str, columns: dict[str, bool], key: Sequence[str]) -> str:
    """The rows of a relation, those of one key numbered in their order."""
    values = ", ".join(
        f"cast({quoted(name)} as double) as {quoted(name)}"
        if is_fraction
        else quoted(name)
        for name, is_fraction in columns.items()
    )
    names = ", ".join(quoted(name) for name in columns)
    partition = f"partition by {', '.join(map(quoted, key))}" if key else ""
    order = f"order by {names}" if names else ""
    return f"""select *, row_number() over ({partition} {order}) as place
        from (select {values or "0 as nothing"} from {relation})"""


def same_key(name: str) -> str:
    return f"ours.{quoted(name)} is not distinct from theirs.{quoted(name)}"


def beside(name: str) -> str:
    both = (f"{side}.{quoted(name)} as {side}_{name}" for side in ("ours", "theirs"))
    return ", ".join(both)


def differs(name: str, is_fraction: bool) -> str:
    """Return SQL: whether two joined rows differ in this value."""
    ours, theirs = f"ours_{name}", f"theirs_{name}"
    same = f"{ours} is not distinct from {theirs}"
    if is_fraction:
        size = f"greatest(1, abs({ours}), abs({theirs}))"
        near = f"abs({ours} - {theirs}) <= {TOLERANCE} * {size}"
        # An infinity is near to everything, and DuckDB's nan is near to itself.
        finite = f"isfinite({ours}) and isfinite({theirs})"
        same += f" or coalesce({finite} and {near}, false)"
    return f"not (is_missing or is_surplus or {same})"


def examples(
    connection: duckdb.DuckDBPyConnection,
    shown: Sequence[str],
    condition: str,
    labels: Sequence[str],
) -> Iterator[str]:
    rows = connection.execute(
        f"""select {", ".join(map(quoted, shown)) or "0"} from compared
        where {condition} order by all limit {MOST_EXAMPLES}"""
    ).fetchall()
    for row in rows:
        named = zip(labels, row, strict=bool(labels))
        yield "  " + " ".join(f"{k}={v}" for k, v in named if v is not None)
