"""Weights bind late: once events are read, a build can do without their files.

The event files of a built shop are taken away, but for an empty one; its rules are
changed, and all tests of the build run.
"""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import erase_lead
from built_shop import LOADED_AT, change, event, shop
from dbt_runs import PROJECT, UNTESTED, copy_project, run_dbt
from made_once import made_once
from test_replay import Tables, published
from warehouse import Row, land, write_landing

pytestmark = pytest.mark.long

TODAY = max(row["occurred_at"].date() for row in shop()["events"])
RULES = Path("seeds", "rules", "engagement_rules.csv")
REJECTED = "activity.fct_events_rejected"  # reads the events of excluded leads


def build(workspace: Path, *options: str) -> Any:
    project = workspace / "project"
    return run_dbt(workspace, "build", "--quiet", *options, project=project)


def read_shop(folder: Path) -> None:
    land(folder / "landing", shop())
    copy_project(folder / "project")
    shutil.copytree(PROJECT / "tests/flow", folder / "project/tests/flow")
    assert build(folder, *UNTESTED).success


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The shop after a build, its events moved away."""
    source = made_once("landing_moved_away", read_shop)
    workspace = shutil.copytree(source, tmp_path / "shop")
    write_landing(workspace / "landing", "events", [], "schema")
    (workspace / "landing/events/loaded_on=2026-01-01/0.parquet").rename(
        workspace / "away.parquet"
    )
    return workspace


def put_back(workspace: Path) -> None:
    (workspace / "away.parquet").rename(
        workspace / "landing/events/loaded_on=2026-01-01/0.parquet"
    )


def tables(workspace: Path) -> Tables:
    with duckdb.connect(workspace / "warehouse.duckdb", read_only=True) as connection:
        found = published(connection, "warehouse", TODAY)
    del found[REJECTED]
    return found


def assert_events_are_asked_for(
    workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert not build(workspace, *UNTESTED).success
    assert "put them back" in capfd.readouterr().out


def test_changed_weights_and_half_lives_need_no_event(workspace: Path) -> None:
    before = tables(workspace)
    rules = workspace / "project" / RULES
    change(rules, "order_completed,,,,each,10,", "order_completed,,,,each,12,")
    change(rules, "Viewed products", "Looked at products")
    change(
        rules,
        "product_viewed,,,,each,1,10,,,,half_life,14,",
        "product_viewed,,,,each,1,10,,,,half_life,30,",
    )
    result = build(workspace, "--exclude-resource-type=unit_test")
    assert result.success, result.exception
    ours = tables(workspace)
    assert ours != before
    put_back(workspace)
    assert build(workspace, "--full-refresh", *UNTESTED).success
    assert ours == tables(workspace)


def test_a_new_match_asks_for_its_events(
    workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tables(workspace)
    change(
        workspace / "project" / RULES,
        "search,products_searched,,,,",
        "search,products_searched,page_url,contains,/sale,",
    )
    assert_events_are_asked_for(workspace, capfd)
    assert tables(workspace) == before


def test_other_acceptance_rules_ask_for_all_events(
    workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tables(workspace)
    names = workspace / "project/seeds/reference/event_names.csv"
    names.write_text(names.read_text() + "*,moon_landed,page_viewed\n")
    assert_events_are_asked_for(workspace, capfd)
    assert tables(workspace) == before
    put_back(workspace)
    assert build(workspace, *UNTESTED).success
    with duckdb.connect(workspace / "warehouse.duckdb", read_only=True) as connection:
        unmapped = f"from {REJECTED} where reason = 'unmapped_event_name'"
        assert not connection.execute(f"select * {unmapped}").fetchall()


@pytest.fixture
def next_morning(workspace: Path) -> Path:
    """One more load has come and been read since."""
    arrived = event("page_viewed", "2026-05-31", contact_id="c-6")
    loaded = [{**row, "loaded_at": LOADED_AT + timedelta(days=1)} for row in arrived]
    write_landing(workspace / "landing", "events", loaded, "1")
    assert build(workspace, *UNTESTED).success
    return workspace


def test_newer_files_do_not_hide_that_older_ones_are_away(
    next_morning: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tables(next_morning)
    names = next_morning / "project/seeds/reference/event_names.csv"
    text = names.read_text()
    names.write_text(text + "*,moon_landed,page_viewed\n")
    assert_events_are_asked_for(next_morning, capfd)
    names.write_text(text)
    rules = next_morning / "project" / RULES
    change(
        rules,
        "search,products_searched,,,,",
        "search,products_searched,page_url,contains,/sale,",
    )
    assert_events_are_asked_for(next_morning, capfd)
    assert tables(next_morning) == before


def land_later(workspace: Path, load: str, seconds: int, *rows: Row) -> Path:
    """Another load, so many seconds after the first."""
    loaded_at = LOADED_AT + timedelta(seconds=seconds)
    loaded = [{**row, "loaded_at": loaded_at} for row in rows]
    write_landing(workspace / "landing", "events", loaded, load)
    return workspace / f"landing/events/loaded_on=2026-01-01/{load}.parquet"


def test_a_file_is_missed_beside_others_of_its_minute(
    workspace: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    put_back(workspace)
    arrived = event("page_viewed", "2026-05-31", contact_id="c-6")
    file = land_later(workspace, "1", 1, *arrived)
    assert build(workspace, *UNTESTED).success
    before = tables(workspace)
    file.rename(tmp_path / "1.parquet")
    options = ["--landing", str(workspace / "landing"), "--dry-run"]
    options += ["--database", str(workspace / "warehouse.duckdb")]
    options += ["--project-dir", str(workspace / "project")]
    assert erase_lead.main(["c-3", *options]) == 1
    assert "(1 load, the first of 2026-" in capfd.readouterr().err
    names = workspace / "project/seeds/reference/event_names.csv"
    names.write_text(names.read_text() + "*,moon_landed,page_viewed\n")
    assert_events_are_asked_for(workspace, capfd)
    assert tables(workspace) == before


@pytest.mark.parametrize("seconds", [-86400, 1])
def test_a_load_that_comes_after_later_ones_is_read(
    workspace: Path, seconds: int
) -> None:
    """Copied from elsewhere in another order, or stamped by another clock."""
    put_back(workspace)
    viewed = event("page_viewed", "2026-05-31", contact_id="c-6")
    searched = event("products_searched", "2026-05-31", contact_id="c-6")
    land_later(workspace, "2", 2, *viewed)
    assert build(workspace, *UNTESTED).success
    land_later(workspace, "1", seconds, *searched)
    land_later(workspace, "3", 3, *viewed)
    assert build(workspace, *UNTESTED).success
    ours = tables(workspace)
    assert build(workspace, "--full-refresh", *UNTESTED).success
    assert ours == tables(workspace)


def test_events_are_not_counted_before_their_duplicates_are_known(
    workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put_back(workspace)
    before = tables(workspace)
    again = [row for row in shop()["events"] if row["event_id"]]
    land_later(workspace, "1", 1, *again)
    for model in ("int_matches_daily", "int_links_daily", "int_identifiers_seen"):
        selected = f"--select=+int_reading {model}"
        assert not build(workspace, *UNTESTED, selected).success
        assert f"(dbt build --select +{model})" in capfd.readouterr().out
    assert build(workspace, *UNTESTED).success
    assert tables(workspace) == before


def test_nobody_is_erased_while_events_are_away(
    next_morning: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--landing", str(next_morning / "landing"), "--dry-run"]
    options += ["--database", str(next_morning / "warehouse.duckdb")]
    options += ["--project-dir", str(next_morning / "project")]
    assert erase_lead.main(["c-3", *options]) == 1
    assert "(1 load, the first of 2026-" in capsys.readouterr().err
    put_back(next_morning)
    assert erase_lead.main(["c-3", *options]) == 0


def test_acceptance_rules_that_come_back_find_nothing_read(workspace: Path) -> None:
    put_back(workspace)
    before = tables(workspace)
    names = workspace / "project/seeds/reference/event_names.csv"
    text = names.read_text()
    names.write_text(text.replace(",product_viewed\n", ",page_viewed\n"))
    assert build(workspace, *UNTESTED).success
    assert tables(workspace) != before
    names.write_text(text)
    assert build(workspace, *UNTESTED).success
    after = tables(workspace)
    for name in ("scores.fct_lead_scores", "scores.fct_lead_rule_points"):
        assert after[name] == before[name]
