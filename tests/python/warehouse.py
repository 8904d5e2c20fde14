"""The project's models, run in memory on a landing zone and a rule set.

dbt compiles once for all tests; each scoring then replays the compiled SQL, in an order
in which every model finds what it reads, so that random shops are scored in a fraction
of a second. What dbt adds (incremental runs, contracts, tests) has tests of its own.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from _landing import FED_TABLES
from dbt_runs import PROJECT, run_dbt
from made_once import made_once

# What stands in the compiled SQL for the day to score, and so on.
ANY_DAY, FROM_ANY_DAY, ANY_TIMEZONE = "1234-05-06", "2345-06-07", "Any/Where"
ANY_LANDING = "/any/landing"

Row = dict[str, Any]
Key = tuple[Any, ...]

LANDING_COLUMNS = {name: table.columns for name, table in FED_TABLES.items()}
COLUMN_TYPES = {
    **dict.fromkeys(("quantity", "amount", "dwell_seconds"), pa.float64()),
    **dict.fromkeys(("is_machine", "is_test"), pa.bool_()),
    "birth_date": pa.date32(),
}


def landing_schema(table: str) -> pa.Schema:
    def type_of(column: str) -> pa.DataType:
        default = pa.timestamp("us") if column.endswith("_at") else pa.string()
        return COLUMN_TYPES.get(column, default)

    return pa.schema([(c, type_of(c)) for c in LANDING_COLUMNS[table]])


def write_landing(landing: Path, table: str, rows: list[Row], load: str = "0") -> None:
    """Write rows as one load of a landing zone; no rows make an empty file."""
    folder = landing / table / "loaded_on=2026-01-01"
    folder.mkdir(parents=True, exist_ok=True)
    schema = landing_schema(table)
    filled = [{name: row.get(name) for name in schema.names} for row in rows]
    pq.write_table(pa.Table.from_pylist(filled, schema), folder / f"{load}.parquet")


def land(landing: Path, shop: dict[str, list[Row]], load: str = "0") -> None:
    """Write every table's rows as one load."""
    for table in LANDING_COLUMNS:
        write_landing(landing, table, shop.get(table, []), load)


def comparable_columns(
    connection: duckdb.DuckDBPyConnection, table: str, *left_out: str
) -> str:
    """Every other column that tells of landed rows; changed_at tells of earlier builds.

    Sums of doubles may differ in the last digits.
    """
    columns = connection.execute(f"describe {table}").fetchall()
    return ", ".join(
        f"round({name}, 6)" if kind == "DOUBLE" else name
        for name, kind, *_ in columns
        if name not in (*left_out, "changed_at")
    )


@dataclass
class Warehouse:
    """A built warehouse, to be read."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[Row]:
        result = self.connection.execute(query)
        columns = [column[0] for column in result.description]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def value(self, query: str) -> Any:
        found = self.connection.execute(query).fetchone()
        assert found is not None
        return found[0]


def agree(ours: Any, expected: Any) -> bool:
    """Equal, numbers to 1e-9 of their size."""
    if isinstance(ours, float) and isinstance(expected, int | float):
        return math.isclose(ours, expected, rel_tol=1e-9, abs_tol=1.001e-9)
    return bool(ours == expected)


def keyed(rows: Iterable[Row], key: tuple[str, ...]) -> dict[Key, Row]:
    return {tuple(row[column] for column in key): row for row in rows}


def assert_same_rows(
    what: str, ours: list[Row], expected: list[Row], key: tuple[str, ...]
) -> None:
    """Same rows by key, and the same values in every column that both have."""
    found, wanted = keyed(ours, key), keyed(expected, key)
    assert len(found) == len(ours), f"{what}: keys repeat"
    surplus = found.keys() - wanted.keys()
    assert not surplus, f"{what}: {surplus=}"
    missing = wanted.keys() - found.keys()
    assert not missing, f"{what}: {missing=}"
    for place, row in wanted.items():
        for column, value in row.items():
            if column in found[place]:
                mine = found[place][column]
                assert agree(mine, value), f"{what} {place} {column}: {mine} != {value}"


@dataclass(frozen=True)
class Node:
    """A seed or a model, as dbt compiled it."""

    name: str
    schema: str
    relation_name: str
    is_seed: bool
    is_view: bool
    file: str
    grain: list[str]
    column_types: dict[str, str]
    parents: list[str]
    sql: str

    @classmethod
    def of(cls, node: Any) -> "Node":
        return cls(
            name=node.name,
            schema=node.schema,
            relation_name=node.relation_name,
            is_seed=node.resource_type == "seed",
            is_view=node.config.materialized == "view",
            file=node.original_file_path,
            grain=node.config.meta.get("grain", []),
            column_types=getattr(node.config, "column_types", {}),
            parents=[parent.split(".")[2] for parent in node.depends_on_nodes],
            sql=node.compiled_code or "",
        )


@dataclass(frozen=True)
class CompiledProject:
    """Seeds and models, each after what it reads, for any landing zone and day."""

    nodes: list[Node]
    timezone: str = "UTC"

    @classmethod
    def compile(cls, workspace: Path, timezone: str = "UTC") -> "CompiledProject":
        """Compile for a full refresh of the warehouse that may be in the workspace."""
        given = {"as_of_date": ANY_DAY, "segments_from": FROM_ANY_DAY}
        given["timezone"] = timezone
        compiled = run_dbt(
            workspace,
            *("compile", "--full-refresh", "--quiet", "--vars", json.dumps(given)),
            *("--select", "resource_type:seed", "resource_type:model"),
            *("--indirect-selection", "empty"),  # no tests
        )
        assert compiled.success, compiled.exception
        landing = str(workspace / "landing")
        found = {each.node.name: Node.of(each.node) for each in compiled.result}
        graph = {node.name: found.keys() & node.parents for node in found.values()}
        nodes = [found[name] for name in TopologicalSorter(graph).static_order()]
        nodes = [replace(n, sql=n.sql.replace(landing, ANY_LANDING)) for n in nodes]
        return cls(nodes, timezone)

    def needed_for(self, *wanted: str) -> "CompiledProject":
        """The part of the project that makes some models."""
        needed = set(wanted)
        for node in reversed(self.nodes):
            if node.name in needed:
                needed.update(node.parents)
        return replace(self, nodes=[n for n in self.nodes if n.name in needed])

    def sql(
        self, node: Node, landing: Path, as_of: date | None, segments_from: str = ""
    ) -> str:
        return (
            node.sql.replace(ANY_DAY, as_of.isoformat() if as_of else "")
            .replace(FROM_ANY_DAY, segments_from)
            .replace(ANY_TIMEZONE, self.timezone)
            .replace(ANY_LANDING, str(landing))
        )

    def new_warehouse(self) -> duckdb.DuckDBPyConnection:
        """A warehouse in memory that has schemas, and nothing in them."""
        connection = duckdb.connect()
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("set TimeZone = 'UTC'; set threads = 1")
        for schema in sorted({node.schema for node in self.nodes}):
            connection.execute(f"create schema warehouse.{schema}")
        return connection

    def score(self, landing: Path, seeds: Path, as_of: date | None) -> Warehouse:
        """Load the rules and run every model on what has landed."""
        connection = self.new_warehouse()
        for node in self.nodes:
            if node.is_seed:
                load_seed(connection, node, seeds)
            else:
                kind = "view" if node.is_view else "table"
                sql = self.sql(node, landing, as_of)
                connection.execute(f"create {kind} {node.relation_name} as {sql}")
        return Warehouse(connection)


@cache
def compiled(timezone: str = "UTC") -> CompiledProject:
    """The project for a new warehouse, compiled once for all tests.

    Only whether days are those of UTC makes the SQL another.
    """
    compiled_for = "UTC" if timezone == "UTC" else ANY_TIMEZONE

    def write_nodes(folder: Path) -> None:
        nodes = CompiledProject.compile(folder, compiled_for).nodes
        (folder / "nodes.json").write_text(json.dumps([asdict(n) for n in nodes]))

    folder = made_once(f"compiled-{compiled_for.replace('/', '-')}", write_nodes)
    nodes = json.loads((folder / "nodes.json").read_text())
    return CompiledProject([Node(**node) for node in nodes], timezone)


def load_seed(connection: duckdb.DuckDBPyConnection, node: Node, seeds: Path) -> None:
    """Load one seed as dbt does; a seed the rule set lacks is the project's own."""
    columns = ", ".join(f"{k} {v}" for k, v in node.column_types.items())
    connection.execute(f"create table {node.relation_name} ({columns})")
    own = list(seeds.rglob(f"{node.name}.csv"))
    file = own[0] if own else PROJECT / node.file
    connection.execute(
        f"insert into {node.relation_name} by name"
        f" from read_csv('{file}', header = true, all_varchar = true)"
    )
