"""What is published, what never is, and when nothing is."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

import publish_marts
from _files import written_beside
from built_shop import PERSONAL, built_shop
from dbt_runs import full_disk, run_unread

# Columns of personal.dim_lead_contacts that may stand in a published table.
HARMLESS = {
    *("contact_id", "lead_id", "country", "region", "language", "industry"),
    *("is_test", "created_at", "updated_at"),
}


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def tables(file: Path) -> set[str]:
    names = """
        select table_schema || '.' || table_name from information_schema.tables"""
    return {row[0] for row in rows(file, names)}


# --- The shop, published ------------------------------------------------------------


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built shop's published copy."""
    file = tmp_path_factory.mktemp("published") / "new" / "marts.duckdb"
    shop = built_shop()
    argv = ["--database", str(shop.database), "--run-results", str(shop.run_results)]
    assert publish_marts.main([*argv, "--marts", str(file)]) == 0
    return file


def test_every_published_table_is_there_under_its_own_name(marts: Path) -> None:
    published = tables(marts)
    schemas = ("activity", "scores", "segments", "insights", "exports")
    prefixes = ("dim_", "fct_", "seg_", "exp_")
    expected = {
        name
        for name in tables(built_shop().database)
        if name.split(".")[0] in schemas and name.split(".")[1].startswith(prefixes)
    }
    known = {
        *("activity.dim_leads", "segments.seg_hot_leads"),
        *("scores.fct_lead_probability_terms", "insights.fct_score_backtest"),
        *("insights.fct_score_backtest_pooled", "insights.fct_score_backtest_deciles"),
        *("insights.fct_rule_performance", "insights.fct_stage_advances"),
        *("insights.fct_database_quality_weekly", "exports.fct_segment_exports"),
    }
    assert known <= expected
    assert published == expected | {"main.published"}
    # Leaves hold addresses: syncs read them in the warehouse itself.
    assert "personal.exp_klaviyo__profiles" in tables(built_shop().database)
    assert not [name for name in published if ".exp_" in name]


def test_copies_equal_the_warehouse(marts: Path) -> None:
    for name in tables(marts) - {"main.published"}:
        query = f"select * from {name} order by all"
        assert rows(marts, query) == rows(built_shop().database, query), name


def test_list_of_tables_counts_their_rows(marts: Path) -> None:
    listed = rows(marts, "from published")
    assert len(listed) == len(tables(marts)) - 1
    for schema, table, count, as_of_date in listed:
        assert rows(marts, f"select count(*) from {schema}.{table}") == [(count,)]
        assert str(as_of_date) == "2026-05-31"


def test_descriptions_come_along(marts: Path) -> None:
    undescribed = """
        select table_name, column_name from duckdb_columns()
        where not internal and table_name <> 'published' and comment is null"""
    assert rows(marts, undescribed) == []
    comments = rows(marts, "select table_name, comment from duckdb_tables()")
    without_grain = [
        table for table, comment in comments if not comment.startswith("One row per ")
    ]
    assert without_grain == []
    assert dict(comments)["dim_leads"].startswith("One row per lead")


def test_nobody_can_be_named(marts: Path) -> None:
    for name in tables(marts):
        text = str(rows(marts, f"from {name}")).lower()
        assert not [word for word in PERSONAL if word in text], name


def test_every_column_about_persons_is_known_as_personal_or_harmless() -> None:
    described = rows(built_shop().database, "describe personal.dim_lead_contacts")
    for column in {row[0] for row in described}:
        is_personal = publish_marts.PERSONAL_COLUMN.fullmatch(column) is not None
        assert is_personal != (column in HARMLESS), column


@pytest.mark.parametrize(
    "column", ["Email", "email_sha256", "hashed_email", "phone_number", "name", "zip"]
)
def test_personal_columns_are_seen_in_every_form(column: str) -> None:
    assert publish_marts.PERSONAL_COLUMN.fullmatch(column)


# --- A warehouse of two tables, to go wrong -----------------------------------------


@dataclass
class Desk:
    """A small warehouse with what dbt wrote about it, and its published copy."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        self.database = self.folder / "small.duckdb"
        self.marts = self.folder / "marts.duckdb"
        self.run_results = self.folder / "run_results.json"
        self.build = {
            "metadata": {"invocation_id": "1"},
            "args": {"which": "build", "select": [], "exclude": []},
            "results": [{"unique_id": "test.small.grain", "status": "pass"}],
        }
        self.manifest: dict[str, Any] = {
            "metadata": {"invocation_id": "1"},
            "nodes": {},
        }
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("create schema identity; create schema scores")
            day = "date '2026-05-31' as as_of_date"
            connection.execute(f"create table identity.int_as_of_date as select {day}")
        self.add("scores.fct_one", "select 1 as lead_id")
        self.add("scores.fct_two", "select 2 as lead_id from range(3)")

    def add(self, relation: str, query: str, *, kind: str = "table") -> None:
        """Build a relation and note it as dbt does."""
        schema, name = relation.split(".")
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create {kind} {relation} as {query}")
        self.manifest["nodes"][f"model.small.{name}"] = {
            "resource_type": "model",
            "database": "small",
            "schema": schema,
            "alias": name,
            "description": "One row per it's test.",
            "columns": {"lead_id": {"description": 'The "lead"\'s name.'}},
        }
        self.results.append({"unique_id": f"model.small.{name}", "status": "success"})

    @property
    def results(self) -> list[dict[str, str]]:
        results: list[dict[str, str]] = self.build["results"]  # type: ignore[assignment]
        return results

    @property
    def argv(self) -> list[str]:
        self.run_results.write_text(json.dumps(self.build))
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest))
        files = {
            "--database": self.database,
            "--marts": self.marts,
            "--run-results": self.run_results,
        }
        return [str(word) for pair in files.items() for word in pair]

    def publish(self) -> None:
        assert publish_marts.main(self.argv) == 0, self.capture.readouterr().err
        self.capture.readouterr()

    def refusal(self) -> str:
        """The one line with which publishing is refused; the old copy stays."""
        before = self.marts.read_bytes() if self.marts.exists() else None
        assert publish_marts.main(self.argv) == 1
        err = self.capture.readouterr().err
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert (self.marts.read_bytes() if self.marts.exists() else None) == before
        assert not list(self.folder.glob("*.partial*"))
        return err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_views_become_tables_that_need_no_warehouse(desk: Desk) -> None:
    desk.add("scores.fct_view", "select * from small.scores.fct_two", kind="view")
    desk.publish()
    desk.database.unlink()
    assert rows(desk.marts, "select count(*) from scores.fct_view") == [(3,)]


def test_leftovers_and_private_tables_stay_at_home(desk: Desk) -> None:
    desk.add("personal.dim_people", "select 'anna' as first_name")
    desk.add("scores.int_step", "select 1 as lead_id")
    with duckdb.connect(str(desk.database)) as connection:
        connection.execute("create table scores.dim_leftover as select 'anna' as email")
    desk.publish()
    published = {"main.published", "scores.fct_one", "scores.fct_two"}
    assert tables(desk.marts) == published


@pytest.mark.parametrize("name", ["small.shop.duckdb", ".small.duckdb", "small"])
def test_warehouse_is_known_as_duckdb_calls_its_file(desk: Desk, name: str) -> None:
    desk.database = desk.database.rename(desk.folder / name)
    desk.publish()
    assert rows(desk.marts, "select lead_id from scores.fct_one") == [(1,)]


def test_warehouse_may_be_called_marts(desk: Desk) -> None:
    for node in desk.manifest["nodes"].values():
        node["database"] = "marts"
    desk.database = desk.database.rename(desk.marts)
    desk.marts = desk.folder / "copy.duckdb"
    desk.publish()
    assert rows(desk.marts, "select lead_id from scores.fct_one") == [(1,)]


def test_second_publish_replaces_the_first(desk: Desk) -> None:
    desk.publish()
    with duckdb.connect(str(desk.database)) as connection:
        connection.execute("insert into scores.fct_one values (7)")
    Path(f"{desk.marts}.wal").write_bytes(b"left by a writer")
    desk.publish()
    assert rows(desk.marts, "select lead_id from scores.fct_one") == [(1,), (7,)]
    assert not Path(f"{desk.marts}.wal").exists()


def failed_test(desk: Desk) -> None:
    desk.results.append({"unique_id": "test.small.bad_grain.4f", "status": "fail"})


def skipped_model(desk: Desk) -> None:
    desk.results.append({"unique_id": "model.small.fct_late", "status": "skipped"})


def only_run(desk: Desk) -> None:
    desk.build["args"] = {"which": "run"}


def documented(desk: Desk) -> None:
    desk.build["args"] = {"which": "generate", "select": [], "exclude": []}


def selected(desk: Desk) -> None:
    desk.build["args"] = {"which": "build", "select": ["fct_one"]}


def by_selector(desk: Desk) -> None:
    desk.build["args"] = {"which": "build", "selector": "code"}


def without_tests(desk: Desk) -> None:
    desk.build["args"] = {"which": "build", "exclude_resource_types": ["test"]}


def retried(desk: Desk) -> None:
    desk.results.pop()


def killed_since(desk: Desk) -> None:
    desk.manifest["metadata"]["invocation_id"] = "2"


def other_warehouse(desk: Desk) -> None:
    for node in desk.manifest["nodes"].values():
        node["database"] = "other"


def nothing_built(desk: Desk) -> None:
    desk.manifest["nodes"] = {}


def personal_column(desk: Desk) -> None:
    desk.add("segments.seg_leak", "select 1 as lead_id, 'a@b.c' as email_address")


def unknown_schema(desk: Desk) -> None:
    desk.add("private.fct_notes", "select 1 as lead_id")


def missing_table(desk: Desk) -> None:
    desk.add("scores.fct_gone", "select 1 as lead_id")
    with duckdb.connect(str(desk.database)) as connection:
        connection.execute("drop table scores.fct_gone")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (failed_test, "the last build did not pass (bad_grain)"),
        (skipped_model, "the last build did not pass (fct_late)"),
        (only_run, "the last dbt command was `dbt run`"),
        (documented, "`dbt docs generate`, which does not test everything and wrote"),
        (documented, "run `dbt build`, then this (`dbt docs generate --target-path"),
        (selected, "limited by --select"),
        (by_selector, "limited by --selector"),
        (without_tests, "limited by --exclude-resource-types"),
        (retried, "made 1 of 2 models, as `dbt retry` does"),
        (killed_since, "another dbt command was begun after this build"),
        (other_warehouse, "is about the warehouse other"),
        (nothing_built, "holds no table to publish"),
        (personal_column, "segments.seg_leak: column email_address is personal data"),
        (unknown_schema, "schema private is not one that is published"),
        (missing_table, "is not built to its end"),
    ],
)
def test_nothing_is_published_unless_all_is_well(
    desk: Desk, spoil: Callable[[Desk], None], said: str
) -> None:
    desk.publish()
    spoil(desk)
    assert said in desk.refusal()


def test_nobody_is_not_published_over_leads(desk: Desk) -> None:
    desk.add("scores.fct_lead_scores", "select 'c-1' as lead_id where false")
    desk.publish()  # a first copy may be empty, and so may the next
    desk.publish()
    with duckdb.connect(str(desk.database)) as connection:
        connection.execute("insert into scores.fct_lead_scores values ('c-1')")
    desk.publish()
    with duckdb.connect(str(desk.database)) as connection:
        connection.execute("delete from scores.fct_lead_scores")
        connection.execute(
            "update identity.int_as_of_date set as_of_date = date '2020-01-01'"
        )
    said = desk.refusal()
    assert "has 1 lead, and the last build, of as_of_date 2020-01-01, has none" in said
    desk.marts.rename(desk.folder / "good.duckdb")
    desk.publish()
    assert rows(desk.marts, "from scores.fct_lead_scores") == []
    desk.marts.write_bytes(b"no database")
    desk.publish()
    assert rows(desk.marts, "from scores.fct_lead_scores") == []


def test_build_that_left_no_word_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = desk.argv
    desk.run_results.write_text("{")
    assert publish_marts.main(argv) == 1
    assert "is damaged" in capsys.readouterr().err
    desk.run_results.unlink()
    assert publish_marts.main(argv) == 1
    assert "no build has finished here" in capsys.readouterr().err


def test_warehouse_is_never_overwritten(desk: Desk) -> None:
    desk.marts = desk.database
    assert "is the warehouse itself" in desk.refusal()


@pytest.mark.parametrize("size", [0, 20_000])
def test_full_disk_leaves_the_last_good_copy(desk: Desk, size: int) -> None:
    desk.publish()
    # Comments go through the log, which may be what the disk has no room for.
    desk.manifest["nodes"]["model.small.fct_one"]["description"] *= 2_000
    argv, good = desk.argv, desk.marts.read_bytes()
    with full_disk(size):
        assert publish_marts.main(argv) == 1
    error = desk.capture.readouterr().err
    assert "could not be written, the last good copy is untouched" in error
    assert desk.marts.read_bytes() == good
    desk.publish()


def test_killed_publish_leaves_the_last_good_copy(desk: Desk) -> None:
    desk.publish()
    good = desk.marts.read_bytes()
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(publish_marts.__file__).parent)!r})
import _files, publish_marts
_files.sync = lambda path: os.kill(os.getpid(), signal.SIGKILL)
publish_marts.main({desk.argv!r})"""
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert desk.marts.read_bytes() == good
    assert len(list(desk.folder.glob("marts.duckdb.*.partial"))) == 1
    desk.publish()
    assert not list(desk.folder.glob("*.partial*"))


def test_what_is_left_beside_a_name_with_brackets_is_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    rest = tmp_path / f"marts[1].duckdb.{ended.pid}.partial"
    rest.touch()
    with written_beside(tmp_path / "marts[1].duckdb") as beside:
        beside.touch()
    assert not rest.exists()


def test_nobody_has_to_read_what_is_told(desk: Desk) -> None:
    """As `| head` does, which used to end the copying."""
    assert run_unread(publish_marts.__file__, *desk.argv) == (0, b"")
    assert desk.marts.exists()


def test_partial_file_of_a_running_publish_is_left_alone(desk: Desk) -> None:
    other = desk.folder / f"marts.duckdb.{os.getppid()}.partial"
    other.touch()
    desk.publish()
    assert other.exists()
