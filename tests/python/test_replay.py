"""A replay of a past day: it knows what was known by then, and it disturbs nothing.

What came later is left out by the time it happened, not by the time it was loaded: rows
that arrive late belong to their day. Two things are no part of a replay: who asked on
any day to be erased, or not to be profiled, is left out, with the browsers on which
they identified later, and fct_events_rejected tells of every landed row. The demo shop
repeats events without changes only: of two that differ, the one that was loaded first
counts, even if it lies after the day that is replayed.
"""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import generate_demo_shop
import load_landing
from dbt_runs import PROJECT, UNTESTED, copy_project, run_dbt
from warehouse import (
    Warehouse,
    comparable_columns,
    compiled,
    write_landing,
)

pytestmark = pytest.mark.long

RULES = PROJECT / "seeds" / "rules"
TODAY = date(2026, 5, 31)
PAST_DAYS = [date(2026, 5, 30), date(2026, 5, 17), date(2026, 4, 12)]

# When what a row tells happened. Requests to be left out have no such day.
HAPPENED_AT = {
    "events": "occurred_at",
    "contacts": "coalesce(updated_at, created_at)",
    "contact_attributes": "updated_at",
    "consents": "case when status = 'granted' then occurred_at end",
}

REJECTED = "activity.fct_events_rejected"
SCORES = "scores.fct_lead_scores"
WEEKLY = "scores.fct_lead_scores_weekly"

Tables = dict[str, list[tuple[Any, ...]]]


def published(
    connection: duckdb.DuckDBPyConnection, database: str, until: date
) -> Tables:
    """Every published table in one order; rejected events up to a day."""
    found = connection.execute(
        """select schema_name || '.' || table_name from (
            select database_name, schema_name, table_name from duckdb_tables()
            union all
            select database_name, schema_name, view_name from duckdb_views())
        where database_name = ? and regexp_matches(table_name, '^(dim|fct|seg|exp)_')
        order by all""",
        [database],
    )
    tables: Tables = {}
    for (name,) in found.fetchall():
        relation = f"{database}.{name}"
        columns = comparable_columns(connection, relation)
        days = f"where event_date <= '{until}'" if name == REJECTED else ""
        if name == WEEKLY:  # weeks further back stay as they stood
            days = f"where as_of_date > '{until - timedelta(weeks=12)}'"
        query = f"select {columns} from {relation} {days} order by all"
        tables[name] = connection.execute(query).fetchall()
    return tables


def assert_same(ours: Tables, expected: Tables) -> None:
    assert ours.keys() == expected.keys()
    for name, rows in expected.items():
        assert ours[name] == rows, name


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A landing zone that a demo shop has arrived in."""
    folder = tmp_path_factory.mktemp("demo")
    files = ["--output", str(folder / "shop")]
    assert generate_demo_shop.main(["--events=6000", "--days=60", *files]) == 0
    landing = folder / "landing"
    assert load_landing.main([str(folder / "shop"), "--landing", str(landing)]) == 0
    return landing


def score(landing: Path, day: date | None, rules: Path = RULES) -> Warehouse:
    """Score a landing zone as of a day, from the start; None is its newest day."""
    return compiled().score(landing, rules, day)


def tables_of(warehouse: Warehouse, until: date) -> Tables:
    return published(warehouse.connection, "warehouse", until)


def landed_by(landing: Path, day: date, folder: Path, withdrawn: list[str]) -> Path:
    """A copy of a landing zone in which only what had happened by a day has landed.

    That, and on which browsers those who withdrew identified.
    """
    shutil.copytree(landing, folder)
    for table, happened_at in HAPPENED_AT.items():
        for file in (folder / table).rglob("*.parquet"):
            rows = duckdb.sql(f"from read_parquet('{file}', hive_partitioning = false)")
            # A row without a time is rejected, on whatever day.
            condition = f"coalesce(({happened_at})::date <= '{day}', true)"
            if table == "events":
                condition += f" or coalesce(contact_id in {withdrawn}, false)"
            known = rows.filter(condition)
            known.write_parquet(f"{file}.known")
            Path(f"{file}.known").replace(file)
    return folder


# --- What a replay knows ------------------------------------------------------------


@pytest.mark.parametrize("day", PAST_DAYS, ids=str)
def test_replay_equals_a_build_of_that_day(
    demo: Path, tmp_path: Path, day: date
) -> None:
    replay = score(demo, day)
    replayed = tables_of(replay, day)
    withdrawn = replay.connection.execute(
        """select lead_id from warehouse.identity.int_identifiers_withdrawn
        where identifier_type = 'contact_id' order by all"""
    ).fetchall()
    names = [name for (name,) in withdrawn]
    then = score(landed_by(demo, day, tmp_path / "landing", names), day)
    assert_same(replayed, tables_of(then, day))
    assert replayed[SCORES]


# --- What a replay leaves behind ----------------------------------------------------


def dbt(workspace: Path, *arguments: str) -> Tables:
    """Run dbt on what is there already; return what is published then."""
    project = workspace / "project"
    result = run_dbt(workspace, *arguments, "--quiet", project=project)
    assert result.success, [run.message for run in result.result if run.message]
    with duckdb.connect(str(workspace / "warehouse.duckdb")) as connection:
        return published(connection, "warehouse", TODAY)


@pytest.fixture(scope="module")
def built(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a project of its own, built as of today."""
    workspace = tmp_path_factory.mktemp("built")
    shutil.copytree(demo, workspace / "landing")
    copy_project(workspace / "project")
    today = dbt(workspace, "build", *UNTESTED)
    assert_same(today, tables_of(score(demo, None), TODAY))
    return workspace


@pytest.fixture(scope="module")
def replayed(built: Path) -> tuple[Path, Tables]:
    """The same workspace after a replay, and what the replay published."""
    day = f"{{as_of_date: '{PAST_DAYS[1]}'}}"
    return built, dbt(built, "run", "--vars", day)


def test_replay_after_a_build_equals_a_replay_alone(
    replayed: tuple[Path, Tables], demo: Path
) -> None:
    alone = tables_of(score(demo, PAST_DAYS[1]), TODAY)
    assert_same(replayed[1], alone)
    assert alone[SCORES] != tables_of(score(demo, None), TODAY)[SCORES]


def test_build_after_a_replay_with_new_weights_reads_no_event(
    replayed: tuple[Path, Tables], demo: Path
) -> None:
    """It equals a build of everything from the start, though no event is left.

    All but who is in a segment: that depends on who was in it before, too.
    """
    workspace, _ = replayed
    rules = workspace / "project" / "seeds" / "rules"
    change_weights(rules / "engagement_rules.csv")
    shutil.rmtree(workspace / "landing" / "events")
    write_landing(workspace / "landing", "events", [])  # the columns are needed

    weighed = dbt(workspace, "build", *UNTESTED)
    expected = tables_of(score(demo, None, rules), TODAY)
    # A view that looks into the landing zone whenever somebody reads it.
    assert weighed.pop(REJECTED) != expected.pop(REJECTED)
    assert_same(stateless(weighed), stateless(expected))
    assert weighed[SCORES] != tables_of(score(demo, None), TODAY)[SCORES]


def stateless(tables: Tables) -> Tables:
    """Tables that tell nothing of the days before."""
    schemas = ("activity.", "scores.", "insights.")
    return {name: rows for name, rows in tables.items() if name.startswith(schemas)}


def change_weights(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for worth, changed in (
        ("each,10,,,,,half_life,90,", "each,20,,,,,half_life,30,"),  # purchase
        ("each,1,5,,,,half_life,14,", "each,3,2,,,,half_life,14,"),  # search
    ):
        assert text.count(worth) == 1
        text = text.replace(worth, changed)
    file.write_text(text, encoding="utf-8")
