"""A build that is killed, or fails, costs nothing but its time.

One night in a shop: history is built and published; the morning's load arrives; builds
are killed with kill -9, each further on than the one before; a marketer's mistake in
the rules fails one more; then a build goes well.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest

import generate_demo_shop
import load_landing
import publish_marts
from built_shop import LOADED_AT, shop
from dbt_runs import UNTESTED, copy_project, places, run_dbt, surroundings
from test_replay import (
    SCORES,
    Tables,
    assert_same,
    published,
    score,
    stateless,
    tables_of,
)
from warehouse import land, write_landing

pytestmark = pytest.mark.long

DEMO = ["--events=6000", "--days=60"]
LAST_DAY = date(2026, 5, 31)

# One test is enough to fail a build; the others take their time.
TESTED = """
data_tests:
  lead_scoring:
    +enabled: false
    rules:
      assert_engagement_rules_are_sound:
        +enabled: true
unit_tests:
  lead_scoring:
    +enabled: false
"""

# What dbt is about to do when it is killed, in the words of its debug log.
MOMENTS = [
    # The matches of the touched days are gone, the new ones not yet there.
    'insert into "warehouse"."staging"."int_matches_daily"',
    # The new scores have taken the place of the old ones, and nobody was told.
    "On model.lead_scoring.int_lead_scores: COMMIT",
]


@dataclass
class Shop:
    """A shop's folder: what arrives, what is built, what is published."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def arrive(self, *which_days: str) -> None:
        """A part of the demo shop is delivered and loaded."""
        delivered, landing = self.folder / "delivered", self.folder / "landing"
        argv = [*DEMO, *which_days, "--output", str(delivered), "--replace"]
        assert generate_demo_shop.main(argv) == 0
        assert load_landing.main([str(delivered), "--landing", str(landing)]) == 0

    def build(self) -> bool:
        """Build to the end; tell whether all went well."""
        result = run_dbt(
            self.folder, "build", "--quiet", project=self.project, artifacts=True
        )
        return bool(result.success)

    def build_until(self, words: str, meanwhile: Callable[[], None]) -> None:
        """Build, stop when dbt is about to do something, look around, kill -9."""
        arguments = ["--debug", "build", *places(self.folder, self.project)]
        with subprocess.Popen(
            [sys.executable, "-m", "dbt.cli.main", *arguments],
            env=os.environ | surroundings(self.folder),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            if any(words in line for line in process.stdout):
                process.send_signal(signal.SIGSTOP)
                meanwhile()
                process.kill()
        assert process.returncode == -signal.SIGKILL, words

    def publish(self) -> bool:
        """Publish the last build; tell whether it was fit for that."""
        files = {
            "--database": self.folder / "warehouse.duckdb",
            "--marts": self.folder / "marts.duckdb",
            "--run-results": self.folder / "target" / "run_results.json",
        }
        argv = [str(word) for pair in files.items() for word in pair]
        return publish_marts.main(argv) == 0

    def tables(self, name: str) -> Tables:
        """What a reader finds in one of the databases."""
        with duckdb.connect(str(self.folder / f"{name}.duckdb"), read_only=True) as db:
            return published(db, name, LAST_DAY)


@dataclass
class Night:
    """What was seen."""

    shop: Shop
    before: Tables
    copy_during_kills: list[Tables] = field(default_factory=list)
    copy_after_kills: list[Tables] = field(default_factory=list)
    killed_was_published: list[bool] = field(default_factory=list)
    mistaken_was_built: bool = False
    mistaken_was_published: bool = False
    copy_after_mistake: Tables = field(default_factory=dict)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night, up to and with the build that goes well and is published."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    with open(copy_project(shop.project) / "dbt_project.yml", "a") as settings:
        settings.write(TESTED)
    shop.arrive("--before-day", str(LAST_DAY))
    assert shop.build()
    assert shop.publish()

    night = Night(shop, before=shop.tables("marts"))
    shop.arrive("--only-day", str(LAST_DAY))
    for moment in MOMENTS:
        shop.build_until(
            moment, lambda: night.copy_during_kills.append(shop.tables("marts"))
        )
        night.killed_was_published.append(shop.publish())
        night.copy_after_kills.append(shop.tables("marts"))

    rules = shop.project / "seeds" / "rules" / "engagement_rules.csv"
    right = rules.read_text(encoding="utf-8")
    rules.write_text(right.replace(",each,10,", ",once,10,"), encoding="utf-8")
    night.mistaken_was_built = shop.build()
    night.mistaken_was_published = shop.publish()
    night.copy_after_mistake = shop.tables("marts")

    rules.write_text(right, encoding="utf-8")
    assert shop.build()
    assert shop.publish()
    return night


def test_copy_stays_as_it_was_while_builds_are_killed(night: Night) -> None:
    assert night.before[SCORES]
    assert len(night.copy_during_kills) == len(MOMENTS)
    for copy in (*night.copy_during_kills, *night.copy_after_kills):
        assert_same(copy, night.before)


def test_killed_build_is_not_published(night: Night) -> None:
    assert night.killed_was_published == [False] * len(MOMENTS)


def test_build_whose_test_fails_is_not_published(night: Night) -> None:
    assert not night.mistaken_was_built
    assert not night.mistaken_was_published
    assert_same(night.copy_after_mistake, night.before)


def test_good_build_mends_what_killed_ones_left(night: Night) -> None:
    """It ends where one does that begins from the start and is never killed."""
    unharmed = tables_of(score(night.shop.folder / "landing", None), LAST_DAY)
    mended = stateless(night.shop.tables("warehouse"))
    assert_same(mended, stateless(unharmed))
    copy = night.shop.tables("marts")
    assert_same(stateless(copy), {name: mended[name] for name in stateless(copy)})
    assert copy[SCORES] != night.before[SCORES]


def test_nothing_is_kept_of_who_left_before_a_build_was_killed(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    land(tmp_path / "landing", shop())
    assert run_dbt(tmp_path, "build", *UNTESTED, project=project).success
    request = {"contact_id": "c-3", "requested_at": LOADED_AT, "loaded_at": LOADED_AT}
    write_landing(tmp_path / "landing", "erasure_requests", [request], "1")
    upto = ("run", "--select", "+int_leads_touched")
    assert run_dbt(tmp_path, *upto, project=project).success
    assert run_dbt(tmp_path, "build", *UNTESTED, project=project).success
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        for table in ("activity", "hit_days", "totals", "evidence", "links_kept"):
            query = f"""select count(*) from activity.int_lead_{table}
                where lead_key not in (select lead_key from activity.int_lead_links)"""
            assert connection.execute(query).fetchall() == [(0,)], table
