"""What is kept of days that are over: segment changes and weekly scores.

The compiled SQL is run day after day on one warehouse; what is incremental replaces the
dates that it brings, as dbt does with delete+insert (test_incremental_equals_full runs
dbt itself).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pytest

import generate_demo_shop
import load_landing
from dbt_runs import PROJECT
from warehouse import (
    CompiledProject,
    Row,
    Warehouse,
    assert_same_rows,
    land,
    load_seed,
)

RULES = PROJECT / "seeds" / "rules"
LAST_DAY = date(2026, 5, 31)
DAYS = [LAST_DAY - timedelta(days=back) for back in range(7, -1, -1)]
SETTINGS = {
    "hot_min_score": "30",
    "hot_exit_score": "26",
    "high_score_min": "20",
    "high_score_exit": "18",
    "vip_min_amount": "150",
    "history_weeks": "0",
    "backtest_cutoffs": "0",
}
KEPT = {
    "int_segment_history": "segments.int_segment_history",
    "int_lead_scores_kept": "scores.int_lead_scores_kept",
}
COLUMNS = "lead_id varchar, segment varchar, standing varchar, as_of_date date"

Standings = dict[tuple[str, str], str]
NewShop = Callable[..., "Shop"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """The project, compiled for a warehouse that was built before."""
    folder = tmp_path_factory.mktemp("compiled")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create schema segments")
        connection.execute(f"create table segments.int_segment_history ({COLUMNS})")
    compiled = CompiledProject.compile(folder)
    segments = [node.name for node in compiled.nodes if node.schema == "segments"]
    return compiled.needed_for(*segments, "fct_lead_scores", "fct_lead_scores_weekly")


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What has landed in a small demo shop."""
    folder = tmp_path_factory.mktemp("history")
    files = ["--output", str(folder / "shop")]
    assert generate_demo_shop.main(["--events=4000", "--days=60", *files]) == 0
    landing = folder / "landing"
    assert load_landing.main([str(folder / "shop"), "--landing", str(landing)]) == 0
    return landing


@pytest.fixture(scope="module")
def new_shop(project: CompiledProject, landing: Path) -> NewShop:
    """Makes a shop whose warehouse no day was built in."""
    return partial(Shop, project, landing)


class Shop:
    """One warehouse that is built on one day after another."""

    def __init__(
        self,
        project: CompiledProject,
        landing: Path,
        segments_from: date | None = None,
        **settings: str,
    ) -> None:
        self.project, self.landing = project, landing
        self.segments_from = segments_from.isoformat() if segments_from else ""
        self.connection = project.new_warehouse()
        history = f"warehouse.{KEPT['int_segment_history']}"
        self.connection.execute(f"create table {history} ({COLUMNS})")
        for node in project.nodes:
            if node.is_seed:
                load_seed(self.connection, node, RULES)
        for setting, value in {**SETTINGS, **settings}.items():
            self.connection.execute(
                "update warehouse.seeds.settings set value = ? where setting = ?",
                [value, setting],
            )

    def build(self, day: date) -> None:
        """Run every model as of a day."""
        for node in self.project.nodes:
            if node.is_seed:
                continue
            sql = self.project.sql(node, self.landing, day, self.segments_from)
            if node.name in KEPT:
                self.keep(node.relation_name, sql)
            else:
                kind = "view" if node.is_view else "table"
                self.connection.execute(
                    f"create or replace {kind} {node.relation_name} as {sql}"
                )

    def keep(self, table: str, sql: str) -> None:
        """Replace the dates that the query brings, and leave all others."""
        self.connection.execute(f"create or replace temp table new as {sql}")
        self.connection.execute(f"create table if not exists {table} as from new")
        self.connection.execute(
            f"delete from {table} where as_of_date in (select as_of_date from new)"
        )
        self.connection.execute(f"insert into {table} from new")

    def rows(self, table: str) -> list[Row]:
        return Warehouse(self.connection).rows(f"from warehouse.{table} order by all")


@pytest.fixture(scope="module")
def straight(new_shop: NewShop) -> tuple[Shop, list[Standings]]:
    """A shop that was built on every day, and what stood on each."""
    shop, days = new_shop(), []
    for day in DAYS:
        shop.build(day)
        days.append(
            {
                (row["lead_id"], row["segment"]): row["standing"]
                for row in shop.rows("segments.int_segment_standings")
            }
        )
    return shop, days


# --- Segments -----------------------------------------------------------------------


def test_changes_are_those_of_a_plain_computation(
    straight: tuple[Shop, list[Standings]],
) -> None:
    shop, days = straight
    members: set[tuple[str, str]] = set()
    expected = []
    entered_on: dict[tuple[str, str], date] = {}
    for day, standings in zip(DAYS, days, strict=True):
        stay = {each for each in members if each in standings}
        now = stay | {each for each, standing in standings.items() if standing == "in"}
        expected += [(*each, "entered", day) for each in now - members]
        expected += [(*each, "exited", day) for each in members - now]
        entered_on |= dict.fromkeys(now - members, day)
        members = now
    changes = shop.rows("segments.fct_segment_changes")
    assert sorted(tuple(row.values()) for row in changes) == sorted(expected)
    found = shop.rows("segments.fct_segment_members")
    assert {(row["lead_id"], row["segment"]): row["entered_on"] for row in found} == {
        each: entered_on[each] for each in members
    }
    for segment in {row["segment"] for row in found}:
        table = {row["lead_id"] for row in shop.rows(f"segments.seg_{segment}")}
        assert table == {lead_id for lead_id, name in members if name == segment}


def test_the_shop_is_one_in_which_leads_come_hover_and_go(
    straight: tuple[Shop, list[Standings]],
) -> None:
    """Otherwise the other tests would prove little."""
    shop, days = straight
    changes = shop.rows("segments.fct_segment_changes")
    later = [row for row in changes if row["as_of_date"] > DAYS[0]]
    assert len({row["segment"] for row in later if row["change"] == "entered"}) >= 6
    assert len({row["segment"] for row in later if row["change"] == "exited"}) >= 6
    held = {
        (row["lead_id"], row["segment"])
        for row in shop.rows("segments.fct_segment_members")
        if days[-1][row["lead_id"], row["segment"]] == "between"
    }
    assert held
    between = {each for each, standing in days[-1].items() if standing == "between"}
    assert between - held


ORDERS = {
    "skipped and repeated": [DAYS[0], DAYS[2], DAYS[2], DAYS[6], DAYS[6], DAYS[7]],
    "backwards": [DAYS[0], DAYS[5], DAYS[4], DAYS[2], DAYS[1], DAYS[7]],
    "replays in between": [DAYS[0], DAYS[4], DAYS[2], DAYS[7], DAYS[5]],
}


@pytest.mark.parametrize("order", ORDERS)
def test_days_in_any_order_give_the_history_of_a_straight_run(
    new_shop: NewShop, straight: tuple[Shop, list[Standings]], order: str
) -> None:
    shop = new_shop()
    for day in ORDERS[order]:
        shop.build(day)
    history = "segments.int_segment_history"
    assert shop.rows(history) == straight[0].rows(history)
    if ORDERS[order][-1] == DAYS[-1]:
        for table in ("fct_segment_changes", "fct_segment_members", "seg_hot_leads"):
            ours = shop.rows(f"segments.{table}")
            assert ours == straight[0].rows(f"segments.{table}"), table


def test_a_past_is_recorded_in_one_build(
    new_shop: NewShop, straight: tuple[Shop, list[Standings]]
) -> None:
    shop = new_shop(segments_from=DAYS[0])
    shop.build(DAYS[-1])
    history = "segments.int_segment_history"
    assert shop.rows(history) == straight[0].rows(history)


def test_replaying_a_day_shows_the_members_of_that_day(
    new_shop: NewShop, straight: tuple[Shop, list[Standings]]
) -> None:
    shop = new_shop()
    for day in (DAYS[0], DAYS[3], DAYS[7], DAYS[3]):
        shop.build(day)
    then = new_shop()
    for day in (DAYS[0], DAYS[3]):
        then.build(day)
    for table in ("fct_segment_changes", "fct_segment_members"):
        assert shop.rows(f"segments.{table}") == then.rows(f"segments.{table}")
    history = "segments.int_segment_history"
    assert shop.rows(history) == straight[0].rows(history)


def test_a_recorded_day_after_days_that_are_not_is_recorded_as_it_was(
    new_shop: NewShop,
) -> None:
    shop = new_shop(segment_catch_up_days="2")
    shop.build(DAYS[0])
    shop.build(DAYS[6])  # and with it the two days before
    tables = ("int_segment_history", "fct_segment_changes", "fct_segment_members")
    before = [shop.rows(f"segments.{table}") for table in tables]
    shop.build(DAYS[4])
    shop.build(DAYS[6])
    assert [shop.rows(f"segments.{table}") for table in tables] == before


def test_a_look_at_a_day_before_all_that_is_recorded_leaves_no_trace(
    new_shop: NewShop,
) -> None:
    shop, alone = new_shop(), new_shop()
    alone.build(DAYS[0])
    for day in (DAYS[4], DAYS[7]):
        shop.build(day)
    tables = ("int_segment_history", "fct_segment_changes", "fct_segment_members")
    before = [shop.rows(f"segments.{table}") for table in tables]
    shop.build(DAYS[0])
    for table in tables[1:]:
        assert shop.rows(f"segments.{table}") == alone.rows(f"segments.{table}")
    shop.build(DAYS[7])
    assert [shop.rows(f"segments.{table}") for table in tables] == before


# --- Weeks --------------------------------------------------------------------------


def test_a_week_equals_a_build_of_its_last_day(new_shop: NewShop) -> None:
    shop = new_shop(history_weeks="6")
    for day in (DAYS[2], DAYS[-1]):
        shop.build(day)
    weekly = shop.rows("scores.fct_lead_scores_weekly")
    weeks = sorted({row["as_of_date"] for row in weekly})
    assert len(weeks) >= 6
    for week in (weeks[0], weeks[-3], weeks[-1]):
        assert week.isoweekday() == 7
        then = new_shop()
        then.build(week)
        rows = [row for row in weekly if row["as_of_date"] == week]
        assert rows
        assert_same_rows(
            str(week), rows, then.rows("scores.fct_lead_scores"), ("lead_id",)
        )


def test_weeks_out_of_reach_stay_as_they_stood(new_shop: NewShop) -> None:
    shop = new_shop(history_weeks="2")
    shop.build(LAST_DAY - timedelta(weeks=3))
    first = shop.rows("scores.fct_lead_scores_weekly")
    shop.build(DAYS[-1])
    weekly = shop.rows("scores.fct_lead_scores_weekly")
    assert len({row["as_of_date"] for row in weekly}) == 4
    earlier = {row["as_of_date"] for row in first}
    assert [row for row in weekly if row["as_of_date"] in earlier] == first


def test_a_week_that_nobody_is_known_in_any_more_is_empty(
    project: CompiledProject, tmp_path: Path
) -> None:
    """The only visit in it was taken for one by a wrong row of event_names."""
    happened = {"a1": ("page_viewed", 14), "a2": ("product_viewed", 0)}
    events = [
        {
            "event_id": browser,
            "source": "web",
            "event_name": name,
            "anonymous_id": browser,
            "occurred_at": datetime(2026, 5, 31, 12) - timedelta(days=ago),
            "loaded_at": datetime(2026, 6, 1),
        }
        for browser, (name, ago) in happened.items()
    ]
    land(tmp_path, {"events": events})
    shop = Shop(project, tmp_path, history_weeks="6")
    weekly = []
    for _ in range(2):
        shop.build(LAST_DAY)
        rows = shop.rows("scores.fct_lead_scores_weekly")
        weekly.append({(row["lead_id"], row["as_of_date"]) for row in rows})
        shop.connection.execute(
            "delete from warehouse.seeds.event_names where event_type = 'page_viewed'"
        )
    weeks = [LAST_DAY - timedelta(weeks=back) for back in range(3)]
    assert weekly[0] == {
        *(("anonymous:a1", week) for week in weeks),
        ("anonymous:a2", LAST_DAY),
    }
    assert weekly[1] == {("anonymous:a2", LAST_DAY)}
