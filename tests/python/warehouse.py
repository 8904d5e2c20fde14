"""The project's models, run in memory on a shop and a rule set.

dbt compiles once per time zone; each scoring then replays the compiled SQL, in an order
in which every model finds what it reads, so that random shops are scored in a fraction
of a second. What dbt adds (incremental runs, contracts, tests) has tests of its own.
"""

import math
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from _landing import FED_TABLES

PROJECT = Path(__file__).parents[2]
ANY_DAY = "1234-05-06"  # stands in the compiled SQL for the day to score

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


def run_dbt(
    workspace: Path,
    *arguments: str,
    project: Path = PROJECT,
    rules: str = "seeds/rules",
    database: str = "warehouse.duckdb",
) -> Any:
    """Run dbt in process: landing zone, warehouse and target lie in the workspace."""
    surroundings = {
        "LEAD_SCORING_LANDING": str(workspace / "landing"),
        "LEAD_SCORING_DATABASE": str(workspace / database),
        "LEAD_SCORING_RULES": rules,  # relative to the project
    }
    with mock.patch.dict(os.environ, surroundings):
        result = dbtRunner().invoke(
            [
                *arguments,
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", str(workspace / "target")),
                *("--log-path", str(workspace / "logs")),
            ]
        )
    DuckDBConnectionManager.close_all_connections()  # dbt would keep the file locked
    return result


def copy_project(folder: Path) -> Path:
    """A copy of the project whose seeds a test may change."""
    for part in ("macros", "models", "seeds"):
        shutil.copytree(PROJECT / part, folder / part)
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / file, folder / file)
    for part in ("generic", "rules"):
        shutil.copytree(PROJECT / "tests" / part, folder / "tests" / part)
    return folder


def comparable_columns(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Every column that tells of the landed rows; changed_at tells of earlier builds.

    Sums of doubles may differ in the last digits.
    """
    columns = connection.execute(f"describe {table}").fetchall()
    return ", ".join(
        f"round({name}, 6)" if kind == "DOUBLE" else name
        for name, kind, *_ in columns
        if name != "changed_at"
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


class CompiledProject:
    """Seeds and models as dbt compiled them for a full refresh in one time zone.

    All of them, or those alone that some models need.
    """

    def __init__(self, workspace: Path, timezone: str, *wanted: str) -> None:
        self.workspace = workspace
        day_and_zone = f"{{as_of_date: '{ANY_DAY}', timezone: '{timezone}'}}"
        arguments = ["compile", "--full-refresh", "--quiet", "--vars", day_and_zone]
        for name in wanted:
            arguments += ["--select", f"+{name}"]
        compiled = run_dbt(workspace, *arguments)
        assert compiled.success, compiled.exception
        nodes = {result.node.unique_id: result.node for result in compiled.result}
        graph = {
            name: set(node.depends_on_nodes) & nodes.keys()
            for name, node in nodes.items()
            if node.resource_type in ("model", "seed")
        }
        self.nodes = [nodes[name] for name in TopologicalSorter(graph).static_order()]

    def score(
        self, shop: dict[str, list[Row]], seeds: Path, as_of: date | None
    ) -> Warehouse:
        """Land the shop, load the rules and run every model on them."""
        for table in LANDING_COLUMNS:
            write_landing(self.workspace / "landing", table, shop[table])
        connection = duckdb.connect()
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("set TimeZone = 'UTC'; set threads = 1")
        for schema in sorted({node.schema for node in self.nodes}):
            connection.execute(f"create schema warehouse.{schema}")
        for node in self.nodes:
            if node.resource_type == "seed":
                load_seed(connection, node, seeds)
            else:
                day = as_of.isoformat() if as_of else ""
                kind = "view" if node.config.materialized == "view" else "table"
                sql = node.compiled_code.replace(ANY_DAY, day)
                connection.execute(f"create {kind} {node.relation_name} as {sql}")
        return Warehouse(connection)


def load_seed(connection: duckdb.DuckDBPyConnection, node: Any, seeds: Path) -> None:
    """Load one seed as dbt does; a seed the rule set lacks is the project's own."""
    columns = ", ".join(f"{k} {v}" for k, v in node.config.column_types.items())
    connection.execute(f"create table {node.relation_name} ({columns})")
    own = list(seeds.rglob(f"{node.name}.csv"))
    file = own[0] if own else Path(node.root_path) / node.original_file_path
    connection.execute(f"copy {node.relation_name} from '{file}' (format csv, header)")
