"""The benchmark of sizes: shops arrive as said, processes are measured whole."""

import argparse
import copy
import csv
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import benchmark_scale
from _options import ActionableError
from _scale_process import measure
from _scale_report import Growth, growing_nodes, of_growing_history, report_lines
from _scale_shop import (
    LAST_DAY,
    LATE_DAYS,
    Shop,
    branched_landing,
    land_history,
    land_known_leads,
    land_late_rows,
    land_morning,
)
from _scale_steps import (
    CHANGED_WEIGHT,
    STEP_NAMES,
    STEPS,
    add_rule,
    change_rules,
    read_nodes,
    set_column,
)
from dbt_runs import PROJECT

EVENTS, DAYS = 2_000, 120
RULES = PROJECT / "seeds" / "rules" / "engagement_rules.csv"


# ------------------------------------------------------------------------------- shops


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(EVENTS, DAYS, tmp_path_factory.mktemp("scale"))
    assert land_history(shop) is not None
    assert land_history(shop) is None  # an earlier run has done it
    return shop


def landed(landing: Path, what: str, where: str = "true") -> Any:
    source = f"read_parquet('{landing}/events/*/*.parquet', hive_partitioning = false)"
    found = duckdb.sql(f"select {what} from {source} where {where}").fetchone()
    assert found is not None
    return found[0]


def added(shop: Shop, name: str, *database: Path) -> tuple[Path, int]:
    """What a step lands beside the history, which stays as it was."""
    before = landed(shop.landing, "count(*)")
    landing = branched_landing(shop, name)
    land = {"morning": land_morning, "late": land_late_rows, "known": land_known_leads}
    land[name](shop, landing, *(database or (Path(),)))
    assert landed(shop.landing, "count(*)") == before
    return landing, landed(landing, "count(*)") - before


def test_a_morning_is_the_day_that_the_history_lacks(shop: Shop) -> None:
    day = f"received_at >= date '{LAST_DAY}'"
    assert landed(shop.landing, "count(*)", day) == 0
    landing, count = added(shop, "morning")
    assert count > 0
    assert landed(landing, "count(*)", day) == count
    # The loader leaves out what is there already, such as a row delivered twice.
    assert 0.99 * EVENTS < landed(landing, "count(*)") <= EVENTS


def test_a_landing_zone_without_events_has_the_other_tables(shop: Shop) -> None:
    landing = branched_landing(shop, "eventless", with_events=False)
    assert landed(landing, "count(*)") == 0
    contacts = "select count(*) from read_parquet('{}/contacts/*/*.parquet')"
    found = [
        duckdb.sql(contacts.format(each)).fetchone() for each in (landing, shop.landing)
    ]
    assert found[0] == found[1] != (0,)


def test_late_rows_are_new_and_of_past_days(shop: Shop) -> None:
    landing, count = added(shop, "late")
    assert count == EVENTS // 100
    late = "event_id like 'late-%'"
    assert landed(landing, "count(*)", late) == count
    first = landed(landing, "min(cast(occurred_at as date))", late)
    assert LAST_DAY - timedelta(days=LATE_DAYS) <= first
    assert landed(landing, "max(cast(occurred_at as date))", late) < LAST_DAY
    assert landed(landing, "count(distinct cast(occurred_at as date))", late) > 5
    assert landed(landing, "min(loaded_at)", late) > landed(
        shop.landing, "max(loaded_at)"
    )


def test_leads_that_become_known_are_anonymous_ones(shop: Shop, tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """create schema scores; create table scores.fct_lead_scores as
            select 'anonymous:' || number as lead_id from range(1000) as _ (number)
            union all select 'c-' || number from range(1000) as _ (number)"""
        )
    landing, count = added(shop, "known", database)
    assert 1 <= count <= 40
    signed_in = "contact_id like 'k-%' and try_cast(anonymous_id as integer) < 1000"
    assert landed(landing, "count(*)", signed_in) == count
    contacts = f"read_parquet('{landing}/contacts/*/*.parquet')"
    known = f"select count(*) from {contacts} where contact_id like 'k-%'"
    assert duckdb.sql(known).fetchone() == (count,)


# ------------------------------------------------------------------------------- rules


def rules_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_changed_rule_is_one_cell(tmp_path: Path) -> None:
    file = tmp_path / "engagement_rules.csv"
    for step in (step for step in STEPS if step.change):
        file.write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
        assert step.change is not None
        before = rules_of(file)
        change_rules(file, step.change)
        after = rules_of(file)
        if step.change is add_rule:
            assert after[:-1] == before
            assert (after[-1]["property"], after[-1]["operand"]) not in {
                (rule["property"], rule["operand"]) for rule in before
            }
        else:
            cells = [
                (column, old[column], new[column])
                for old, new in zip(before, after, strict=True)
                for column in old
                if old[column] != new[column]
            ]
            assert len(cells) == 1, step.name


def test_a_change_that_changes_nothing_is_refused() -> None:
    rules = rules_of(RULES)
    CHANGED_WEIGHT(rules)
    with pytest.raises(ActionableError, match="product_view has points 2 already"):
        set_column("product_view", "points", "2")(rules)


# --------------------------------------------------------------------------- processes

BUSY = """
import sys, time, pathlib
held = b"x" * 200_000_000
pathlib.Path(sys.argv[1], "spilled").write_bytes(held[:5_000_000])
until = time.process_time() + 0.8
while time.process_time() < until: pass
pathlib.Path(sys.argv[1], "spilled").unlink()
"""


def test_a_process_is_measured_whole(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    command = [sys.executable, "-c", BUSY, str(spill)]
    held = b"x" * 600_000_000  # ours, which must not be counted as the other's
    took = measure(command, tmp_path / "busy.log", spill=spill)
    del held
    assert took.exit_code == 0
    assert 0.8 <= took.cpu_seconds <= took.wall_seconds + 0.5
    assert 190 < took.peak_mb < 400
    assert took.spill_mb == 5.0


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('error: no disk')"]
    took = measure(command, tmp_path / "busy.log")
    assert (took.exit_code, took.message) == (1, "error: no disk")


def test_engine_time_is_told_by_kind(tmp_path: Path) -> None:
    results = [
        {"unique_id": "model.shop.int_a", "execution_time": 2.5},
        {"unique_id": "model.shop.int_b", "execution_time": 1.0},
        {"unique_id": "seed.shop.rules", "execution_time": 0.25},
        {"unique_id": "test.shop.d.1a", "execution_time": 4.0, "status": "fail"},
    ]
    file = tmp_path / "run_results.json"
    file.write_text(json.dumps({"results": results}), encoding="utf-8")
    paths = {"int_a": "staging", "int_b": "scores"}
    nodes = {
        f"model.shop.{name}": {"fqn": ["shop", paths[name], name]} for name in paths
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    log = tmp_path / "dbt.log"
    log.write_text(
        """\
23:59:51.0 [debug] [MainThread]: SQL status: OK in 9.000 seconds
23:59:51.1 [debug] [Thread-1 (]: Began running node model.shop.int_a
23:59:52.1 [debug] [Thread-2 (]: Began running node model.shop.int_b
23:59:54.0 [debug] [Thread-1 (]: SQL status: OK in 1.500 seconds
23:59:54.5 [debug] [Thread-2 (]: SQL status: OK in 1.000 seconds
23:59:54.5 [debug] [Thread-2 (]: Began running node seed.shop.rules
23:59:56.0 [debug] [Thread-1 (]: SQL status: OK in 0.500 seconds
23:59:56.5 [debug] [Thread-2 (]: SQL status: OK in 0.250 seconds
23:59:56.6 [debug] [Thread-1 (]: Began running node test.shop.d.1a
00:00:01.0 [debug] [Thread-1 (]: SQL status: OK in 4.000 seconds
00:00:01.1 [debug] [Thread-1 (]: SQL status: OK in 0.000 seconds
""",
        encoding="utf-8",
    )
    found = read_nodes(tmp_path, log)
    assert found["dbt_seconds"] == 0.5
    # For half a second both models had a statement running.
    assert found["engine_seconds"] == {"models": 2.5, "tests": 4.0, "seeds": 0.25}
    assert found["folder_seconds"] == {"staging": 1.75, "scores": 0.75}
    assert found["slowest"] == [
        ["d", 4.0],
        ["int_a", 1.75],
        ["int_b", 0.75],
        ["rules", 0.25],
    ]
    assert found["failures"] == [["test", "d"]]


# ------------------------------------------------------------------------------ report


def took(wall: float, engine: float, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "wall_seconds": wall,
            "cpu_seconds": 2 * wall,
            "peak_mb": 1000.0,
            "spill_mb": 0.0,
            "exit_code": 0,
            "message": "",
            "engine_seconds": {"models": engine, "tests": 0.0, "seeds": 0.0},
            "dbt_seconds": 10.0,
            "slowest": [["int_slow", engine / 2]],
            "warehouse_mb": 100.0,
            **more,
        }
    ]


def run_of(events: int, days: int = 180, scale: float = 1.0) -> dict[str, Any]:
    """A run whose first build takes as long as it has rows, a morning a tenth."""
    size = events / 1_000_000 * scale
    return {
        "events": events,
        "days": days,
        "memory": "6GB",
        "machine": {"duckdb": "1", "memory_mb": 16_000},
        "shop": {
            "landed_rows": events,
            "last_day_rows": 10,
            "leads": 5,
            "as_of_date": "2026-05-30",
            "landing_mb": 50.0,
            "warehouse_mb": 100.0,
        },
        "peers": {
            "duckdb": {"runs": took(4 * size, 0), "equal": "5 leads, 7 points in sum"},
            "polars": {"runs": took(6 * size, 0), "equal": "5 leads, 7 points in sum"},
        },
        "steps": {
            "first full build": took(8 * size, 6 * size, peak_mb=1000 * size),
            "normal morning": took(2 * size, 0.6 * size),
        },
    }


def report(*runs: dict[str, Any]) -> str:
    return "\n".join(report_lines(runs, "results/mornings.svg"))


def test_ratios_are_to_the_script_and_to_the_first_build() -> None:
    told = report(run_of(1_000_000))
    assert "| peer: polars | 1.50 | 1.50 | 6.0 | 12.0 | 1,000 |" in told
    assert "| first full build | 2.00 | 2.00 | 8.0 | 16.0 | 1,000 |" in told
    assert "| normal morning | 10.0% | 2.00 | 0.6 |" in told
    assert "5 leads, 7 points in sum" in told
    assert "A billion" not in told


def test_seconds_are_told_by_folder_in_the_order_of_the_flow() -> None:
    run = run_of(1_000_000)
    assert "by folder" not in report(run)
    taken = {"first full build": {"scores": 2.0, "staging": 4.0}}
    taken["normal morning"] = {"staging": 0.2}
    for step, seconds in taken.items():
        run["steps"][step][0]["folder_seconds"] = seconds
    told = report(run)
    assert "| step | staging | scores |" in told
    assert "| first full build | 4.0 | 2.0 |" in told
    assert "| normal morning | 0.2 | 0.0 |" in told


def test_the_middle_of_several_runs_is_told() -> None:
    run = run_of(1_000_000)
    run["steps"]["normal morning"] = [*took(9, 1), *took(1, 3), *took(2, 2)]
    assert "| normal morning | 33.3% | 2.00 | 2.0 |" in report(run)


def test_a_size_under_several_memory_limits_counts_once() -> None:
    runs = [run_of(events) for events in (1_000_000, 2_000_000, 4_000_000)]
    scarce = run_of(4_000_000) | {"memory": "1GB"}
    once, both = (
        report(*some).partition("A billion")[2] for some in (runs, [*runs, scarce])
    )
    assert "| first full build |" in once
    assert both == once


def test_a_step_that_fails_is_told_and_not_counted() -> None:
    runs = [run_of(events) for events in (1_000_000, 2_000_000, 4_000_000)]
    message = "22:10 start\nOut of Memory Error: could not allocate\n^"
    runs[2]["steps"]["normal morning"] = took(1, 1, exit_code=1, message=message)
    told = report(*runs)
    assert "| normal morning | failed |" in told
    assert "normal morning failed: `Out of Memory Error: could not allocate`" in told
    assert "first to break was measured: normal morning, at 4,000,000 events" in told


def test_a_build_whose_data_tests_fail_counts_and_says_so() -> None:
    run = run_of(1_000_000)
    failing = {"exit_code": 1, "failures": [["test", "assert_c"]]}
    run["steps"]["normal morning"] = took(2, 0.6, **failing)
    told = report(run)
    assert "| normal morning | 10.0% |" in told
    assert "normal morning: data tests failed: assert_c" in told
    failing["failures"].append(["model", "int_a"])  # type: ignore[attr-defined]
    run["steps"]["normal morning"] = took(2, 0.6, **failing)
    assert "| normal morning | failed |" in report(run)


def test_a_billion_is_told_from_three_sizes_on() -> None:
    runs = [run_of(events) for events in (1_000_000, 2_000_000, 4_000_000)]
    assert "A billion" not in report(*runs[:2])
    told = report(*runs)
    assert "| first full build | 1.00 | 1.00 | 2.2 | 1,000.0 |" in told
    # 1 MB for every thousand rows: 16 GB are reached at 16 million.
    assert "first to break is first full build" in told
    assert "16 GB of this machine at about 16 million rows" in told


def test_start_up_at_a_small_size_does_not_make_a_billion_cheap() -> None:
    sizes = (1_000_000, 2_000_000, 4_000_000, 8_000_000)
    runs = [run_of(events) for events in sizes]
    runs[0]["steps"]["first full build"][0]["wall_seconds"] *= 2
    assert "| first full build | 1.00 | 1.00 | 2.2 | 1,000.0 |" in report(*runs)


def test_what_began_at_the_largest_size_is_not_drawn_out() -> None:
    runs = [run_of(events) for events in (1_000_000, 2_000_000, 4_000_000)]
    for run, spilled in zip(runs, (1, 2, 4), strict=True):
        run["steps"]["first full build"][0]["spill_mb"] = spilled * 1000
    drawn = "| first full build | 1.00 | 1.00 | 2.2 | 1,000.0 |"
    assert f"{drawn} 0 | 1,000 |" in report(*runs)
    runs[0]["steps"]["first full build"][0]["spill_mb"] = 0
    assert f"{drawn} 0 |  |" in report(*runs)


def test_nodes_that_grow_faster_than_the_rows_are_named() -> None:
    runs = [run_of(events) for events in (1_000_000, 2_000_000, 4_000_000)]
    assert growing_nodes(runs) == []
    for run in runs:
        rows = run["events"] / 1_000_000
        run["steps"]["first full build"][0]["slowest"] = [["int_square", rows**2]]
    ((node, power),) = growing_nodes(runs)
    assert (node, round(power, 6)) == ("int_square", 2.0)


def test_a_history_twice_as_long_is_told_apart_from_larger_days() -> None:
    runs = [run_of(1_000_000, 180), run_of(2_000_000, 360), run_of(2_000_000, 180)]
    longer = of_growing_history(runs)
    assert [run["days"] for run in longer] == [180, 360]
    assert "makes it 2.00 times as long" in report(*runs)
    flat = copy.deepcopy(runs[:2])
    for run in flat:
        run["steps"]["normal morning"] = took(2, 0.6)
    assert "makes it 1.00 times as long" in report(*flat)
    assert of_growing_history([runs[0], runs[2]]) == []


def test_growth_is_fitted_on_logarithms() -> None:
    fit = Growth.fit([(10.0, 30.0), (100.0, 3000.0), (1000.0, 300000.0)])
    assert fit is not None
    assert fit.power == pytest.approx(2.0)
    assert fit.at(20.0) == pytest.approx(120.0)
    assert Growth.fit([(10.0, 30.0), (10.0, 31.0)]) is None
    assert Growth.fit([(10.0, 0.0), (100.0, 0.0)]) is None


# ----------------------------------------------------------------------- command line


def test_unknown_steps_are_named_with_the_nearest_known() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="did you mean late rows"):
        benchmark_scale.names("late row", STEP_NAMES)
    found = benchmark_scale.names("export, late rows", STEP_NAMES)
    assert found == ["late rows", "export"]
    assert benchmark_scale.names("", benchmark_scale.PEERS) == []


def test_nothing_measured_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["--report-only", "--results", str(tmp_path)]
    assert benchmark_scale.main(argv) == 1
    assert "nothing has been measured yet" in capsys.readouterr().err


def test_the_report_is_written_from_the_raw_measurements(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    for run in (run_of(1_000_000, 180), run_of(2_000_000, 360)):
        name = f"{run['events']}_{run['days']}_6GB.json"
        (results / name).write_text(json.dumps(run), encoding="utf-8")
    argv = ["--report-only", "--results", str(results)]
    assert benchmark_scale.main(argv) == 0
    report = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert "(results/mornings.svg)" in report
    chart = (results / "mornings.svg").read_text(encoding="utf-8")
    assert chart.count("<circle") == 4
