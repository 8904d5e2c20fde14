"""A model replaces whatever has its name, or leaves it as it was."""

import shutil
from pathlib import Path

import duckdb
import pytest

from built_shop import built_shop
from dbt_runs import copy_project, run_dbt
from warehouse import land

MODELS = {
    "int_small": "{{ config(materialized='table') }} select 2 as number",
    "int_seen": "{{ config(materialized='view') }} select 2 as number",
    "int_refused": "{{ config(post_hook='select nothing') }} select 2 as number",
    "int_twice": "select 2 as number union all select 2 as number",
    "fct_turned": "select 'b' as name, 2 as number",
    "fct_other": "select 'b' as name, 'two' as number",
    "fct_other_seen": (
        "{{ config(materialized='view') }} select 'b' as name, 'two' as number"
    ),
}
BROKEN = {"int_refused", "int_twice", "fct_other", "fct_other_seen"}
CONTRACT = """
    config: {contract: {enforced: true}}
    columns:
      - {name: number, data_type: integer}
      - {name: name, data_type: string}
"""
GRAIN = """
  - name: int_twice
    data_tests: [{grain: {arguments: {columns: [number]}}}]
"""


@pytest.mark.parametrize("kind", ["table", "view"])
def test_what_has_the_name_is_replaced_or_stays(tmp_path: Path, kind: str) -> None:
    land(tmp_path / "landing", {})
    project = copy_project(tmp_path / "project")
    folder = project / "models" / "scores"
    contracts = "".join(
        f"  - name: {name}{CONTRACT}" for name in MODELS if name.startswith("fct")
    )
    (folder / "replaced.yml").write_text(f"models:\n{contracts}{GRAIN}")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema scores")
        for name, text in MODELS.items():
            (folder / f"{name}.sql").write_text(text)
            connection.execute(f"create {kind} scores.{name} as select 1 as number")

    result = run_dbt(tmp_path, "run", "--quiet", "--select", *MODELS, project=project)
    broken = {
        run.node.name: run.message for run in result.result if run.status == "error"
    }
    assert set(broken) == BROKEN
    assert "not one row per number: 1 keys come again" in broken["int_twice"]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        for name in MODELS:
            rows = connection.execute(f"from scores.{name}").fetchall()
            replaced = (2, "b") if name.startswith("fct") else (2,)
            assert rows == [(1,) if name in BROKEN else replaced], name
        kinds = connection.execute(
            """select table_name from information_schema.tables
            where table_schema = 'scores' and table_type = 'VIEW' order by all"""
        ).fetchall()
    views = {"int_seen"} | (BROKEN if kind == "view" else set())
    assert {name for (name,) in kinds} == views


ADDED = """{{ config(
    materialized='incremental', incremental_strategy='append', unique_key='number'
) }} select 2 as number"""


@pytest.mark.parametrize(
    ("stood", "stands"), [([1], [1, 2]), ([1, 2], [1, 2]), ([2], [2])]
)
def test_what_is_added_keeps_the_grain(
    tmp_path: Path, stood: list[int], stands: list[int]
) -> None:
    land(tmp_path / "landing", {})
    project = copy_project(tmp_path / "project")
    folder = project / "models" / "scores"
    (folder / "int_twice.sql").write_text(ADDED)
    (folder / "added.yml").write_text(f"models:{GRAIN}")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("create schema scores")
        connection.execute(
            "create table scores.int_twice as select unnest(?) as number", [stood]
        )

    result = run_dbt(tmp_path, "run", "--quiet", "-s", "int_twice", project=project)
    assert result.success == (2 not in stood)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        rows = connection.execute("from scores.int_twice order by all").fetchall()
    assert [number for (number,) in rows] == stands


NUMBERS = "with numbers as (select unnest([1, 1, null]) as number, 1 as one), "
COUNTED = "select numbers.number, count(*) as rows_count from numbers where number = 1"
SHARED = "1 keys come again"


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (f"last as ( {COUNTED} group by numbers.number )", ""),
        (
            f"grouped as ( {COUNTED} group by number ), "
            "last as ( select number, rows_count from grouped )",
            "",
        ),
        ("last as ( select number from numbers group by number )", "such as null"),
        (f"last as ( {COUNTED} group by number, random() )", SHARED),
        (f"last as ( {COUNTED} group by number, one )", ""),
        (
            "last as ( select 1 as number, 1 as rows_count union all "
            f"{COUNTED} group by number )",
            SHARED,
        ),
        (
            "last as ( select number from numbers where number = 1 except all "
            "select number from numbers where number = 2 group by number )",
            SHARED,
        ),
        (
            "last as ( select one as number, count(*) as rows_count from numbers "
            "group by one, number )",
            SHARED,
        ),
        (
            "last as ( select number, unnest([1, 2]) as item from numbers "
            "where number = 1 group by number )",
            SHARED,
        ),
        (
            f"grouped as ( {COUNTED} group by number ), "
            "last as ( select number from grouped cross join range(2) )",
            SHARED,
        ),
        (
            f"ones as ( select one as number from numbers ), grouped as ( {COUNTED} "
            "group by number ), last as ( select number from ones )",
            SHARED,
        ),
    ],
)
def test_the_grain_is_asked_unless_the_last_step_groups_by_it(
    tmp_path: Path, steps: str, problem: str
) -> None:
    land(tmp_path / "landing", {})
    project = copy_project(tmp_path / "project")
    folder = project / "models" / "scores"
    (folder / "int_twice.sql").write_text(f"{NUMBERS}{steps} select * from last")
    (folder / "grouped.yml").write_text(f"models:{GRAIN}")

    result = run_dbt(tmp_path, "run", "--quiet", "-s", "int_twice", project=project)
    messages = [run.message for run in result.result if run.status == "error"]
    assert bool(messages) == bool(problem), messages
    assert all(problem in message for message in messages)


def test_views_of_a_copy_read_the_copy(tmp_path: Path) -> None:
    copy = shutil.copy(built_shop().database, tmp_path / "copy.duckdb")
    with duckdb.connect(str(copy)) as connection:
        connection.execute("delete from scores.int_lead_scores where lead_id != 'c-1'")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{copy}' as elsewhere (read_only)")
        views = connection.execute(
            """select schema_name || '.' || view_name from duckdb_views()
            where database_name = 'elsewhere' and not internal"""
        ).fetchall()
        # Staging reads the landing zone, which is a folder and not a part of the copy.
        for (view,) in views:
            if not view.startswith("staging."):
                connection.execute(f"select count(*) from elsewhere.{view}")
        leads = connection.execute(
            "select lead_id from elsewhere.scores.fct_lead_scores"
        )
        assert leads.fetchall() == [("c-1",)]
    assert ("scores.fct_lead_scores",) in views


def test_what_an_older_version_kept_is_made_anew(tmp_path: Path) -> None:
    """A column that is called otherwise does not stand in the way of a full refresh."""
    shutil.copy(built_shop().database, tmp_path)
    file = str(tmp_path / "warehouse.duckdb")
    with duckdb.connect(file) as connection:
        connection.execute(
            "alter table activity.int_lead_links_kept rename links_id to links_hash"
        )
    land(tmp_path / "landing", {})
    assert run_dbt(tmp_path, "run", "--quiet", "-s", "int_leads_touched").success
    with duckdb.connect(file) as connection:
        touched, linked = connection.execute(
            """select (select count(*) from activity.int_leads_touched),
                (select count(*) from activity.int_lead_links)"""
        ).fetchone() or (0, 0)
    assert touched == linked > 0
