"""What make build says at its end."""

import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import publish_marts
import summarize_build
from _warehouse import WIDTH
from built_shop import PERSONAL, built_shop, shop


@pytest.fixture
def summarize(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """Call the script; give back what it printed."""

    def call(database: Path | None = None, marts: Path | None = None) -> str:
        database = database or built_shop().database
        marts = marts or tmp_path / "marts.duckdb"
        argv = ["--database", str(database), "--marts", str(marts)]
        capsys.readouterr()
        assert summarize_build.main(argv) == 0
        out = capsys.readouterr().out
        report = out.partition("  published ")[0]  # a path may be long
        assert max(map(len, report.splitlines())) <= WIDTH
        assert not [name for name in PERSONAL if name in out.lower()]
        return out

    return call


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_landed_row_is_accounted_for(summarize: Any) -> None:
    out = words(summarize())
    landed = len(shop()["events"])
    assert f"{landed} landed = {landed - 3} accepted + 1 duplicate + 2 rejected" in out
    assert "rejected 1 staff_or_test, 1 unmapped_event_name" in out
    assert "by machine 2: kept, but earn nothing" in out


def test_leads_segments_and_the_best_are_told(summarize: Any) -> None:
    out = summarize()
    assert "as of 2026-05-31" in out
    assert "6 = 5 known + 1 anonymous" in out
    assert "0 hot, 2 warm, 2 cold, 2 irrelevant" in out
    segments = dict(re.findall(r"^  ([a-z_]+)  .*?  +(\d+  +\d+)$", out, re.MULTILINE))
    assert len(segments) == 11
    assert segments["lookalike_seed"].split() == ["1", "1"]
    assert segments["irrelevant"].split() == ["2", "0"]
    assert re.search(
        r"^  c-3 +50.2  D1-engaged +Viewed products  +Show in ret", out, re.M
    )
    best = re.findall(r"^  (c-\d|anonymous:\S+)  ", out, re.MULTILINE)
    assert best == ["c-3", "c-1", "c-6", "anonymous:a-9"], "no disqualified lead"
    assert "scripts/explain_lead.py c-3" in out


def test_published_copy_is_named_with_its_day(summarize: Any, tmp_path: Path) -> None:
    assert "not yet: scripts/publish_marts.py" in summarize()
    database, marts = built_shop().database, tmp_path / "marts.duckdb"
    argv = ["--database", str(database), "--marts", str(marts), "--run-results"]
    assert publish_marts.main([*argv, str(built_shop().run_results)]) == 0
    assert "tables as of 2026-05-31)" in words(summarize())
    with duckdb.connect(str(marts)) as connection:
        connection.execute("update published set as_of_date = date '2026-05-30'")
    assert "as of 2026-05-30, not this build: " in words(summarize())
    marts.write_text("no database\n" * 1000)
    assert "cannot be read" in words(summarize())


def test_shop_without_leads_is_no_error(summarize: Any, tmp_path: Path) -> None:
    database = Path(shutil.copy(built_shop().database, tmp_path / "warehouse.duckdb"))
    emptied = (
        *("activity.int_matches_daily", "personal.int_events_repeated"),
        # fct_events_rejected is a view over these two.
        *("staging.int_events_refused", "identity.int_leads", "activity.dim_leads"),
        *("scores.fct_lead_scores", "segments.fct_segment_members"),
    )
    with duckdb.connect(str(database)) as connection:
        for name in emptied:
            connection.execute(f"delete from {name}")
    out = summarize(database)
    assert "0 landed = 0 accepted + 0 duplicates + 0 rejected" in out
    assert "There is no lead yet" in out
    assert "explain one" not in out
