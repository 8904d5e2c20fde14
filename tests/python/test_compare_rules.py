"""Rules tried on a copy: what moves is what a build would move, and nothing is left."""

import csv
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import _rival_build
import compare_rules
from _options import ActionableError
from built_shop import PERSONAL, built_shop, change
from dbt_runs import PROJECT, UNTESTED, run_dbt
from warehouse import Row

pytestmark = pytest.mark.long

Lead = dict[str, Any]
PURCHASE = "purchase,order_completed,,,,each,10,"
DOUBLED = "purchase,order_completed,,,,each,20,"


@dataclass
class Bench:
    """The built shop, with places for rules and for what comes out."""

    folder: Path

    def __post_init__(self) -> None:
        shop = built_shop()
        self.workspace = self.folder / "workspace"
        # Its own: the events of it will be unreadable for a while.
        self.landing = shutil.copytree(
            shop.folder / "landing", self.workspace / "landing"
        )
        self.project = self.workspace / "project"
        unread = shutil.ignore_patterns("*unit_tests.yml")  # half of dbt's parsing
        shutil.copytree(shop.folder / "project", self.project, ignore=unread)
        self.database = Path(shutil.copy(shop.database, self.workspace))
        # The shop holds everybody out, which the rules' tests would not let pass.
        held_out = "to resemble,8,100,"
        segments = self.project / "seeds" / "rules" / "segments.csv"
        change(segments, held_out, held_out.replace("100", "99"))
        with duckdb.connect(str(self.database)) as connection:
            most = "set holdout_percent = 99 where holdout_percent = 100"
            connection.execute(f"update seeds.segments {most}")

    def rules(self, name: str, *files: str) -> Path:
        """A copy of the shop's rule files, all or some, outside the project."""
        folder = self.folder / name
        folder.mkdir()
        current = self.project / "seeds" / "rules"
        for file in current.iterdir():
            if not files or file.name in files:
                shutil.copy(file, folder)
        return folder

    def doubled(self, name: str) -> Path:
        """Rules that give twice the points for an order, and say nothing else."""
        folder = self.rules(name, "engagement_rules.csv")
        change(folder / "engagement_rules.csv", PURCHASE, DOUBLED)
        return folder

    def compare(self, *arguments: object) -> int:
        """Run the script on the shop's warehouse."""
        options = ("--database", self.database, "--project-dir", self.project)
        return compare_rules.main([str(word) for word in (*arguments, *options)])

    def state(self) -> tuple[object, ...]:
        """What must stay as it is: the warehouse, its folder, the project, the env."""
        content = hashlib.sha256(self.database.read_bytes()).hexdigest()
        files = sorted(file.name for file in self.workspace.iterdir())
        staged = list((self.project / "target").glob("rival_rules/*"))
        changed = self.database.stat().st_mtime_ns
        variables = {k: v for k, v in os.environ.items() if k.startswith("LEAD_")}
        return content, changed, files, staged, variables, Path.cwd()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("bench"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEAD_SCORING_LANDING", str(bench.landing))
        before = bench.state()
        yield bench
        assert bench.state() == before


@contextmanager
def unreadable_events(landing: Path) -> Iterator[None]:
    """Make every event file one that nobody can read."""
    files = list((landing / "events").rglob("*.parquet"))
    assert files
    for file in files:
        file.rename(file.with_suffix(".away"))
        file.write_text("not for reading", encoding="utf-8")
    try:
        yield
    finally:
        for file in files:
            file.with_suffix(".away").replace(file)


def leads(database: Path, table: str = "scores.fct_lead_scores") -> dict[str, Lead]:
    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(f"from {table}")
        names = [column[0] for column in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {row["lead_id"]: row for row in rows}


def members(database: Path) -> set[tuple[str, str]]:
    query = "select lead_id, segment from segments.fct_segment_members"
    with duckdb.connect(str(database), read_only=True) as connection:
        return set(connection.execute(query).fetchall())


# --- Twice the points for an order --------------------------------------------------


@dataclass
class Comparison:
    """What the script said, and what a build under the same rules makes."""

    said: str
    exported: dict[str, dict[str, str]]
    built: Path


@pytest.fixture(scope="module")
def doubled(bench: Bench) -> Comparison:
    """Compare under doubled points, and build the shop anew under them."""
    rules, output = bench.doubled("doubled"), bench.folder / "moved.csv"
    said = StringIO()
    with redirect_stdout(said), unreadable_events(bench.landing):
        assert bench.compare(rules, "--output", output) == 0
    with output.open(encoding="utf-8", newline="") as file:
        exported = {row["lead_id"]: row for row in csv.DictReader(file)}
    # The rules must lie inside the project for a build.
    inside = bench.folder / "project"
    shutil.copytree(bench.project, inside)
    shutil.copy(rules / "engagement_rules.csv", inside / "seeds" / "rules")
    shutil.copytree(bench.landing, bench.folder / "landing")
    result = run_dbt(bench.folder, "build", "--quiet", *UNTESTED, project=inside)
    assert result.success
    return Comparison(said.getvalue(), exported, bench.folder / "warehouse.duckdb")


def test_leads_that_change_are_those_that_a_build_changes(
    bench: Bench, doubled: Comparison
) -> None:
    before, after = leads(bench.database), leads(doubled.built)
    assert before.keys() == after.keys()
    # A rank changes with the scores of others; it is told, but is no change.
    others = {"score_rank", "score_percentile"}
    was_in, is_in = members(bench.database), members(doubled.built)
    changed = {
        lead
        for lead in before
        if any(before[lead][c] != after[lead][c] for c in before[lead].keys() - others)
        or {s for who, s in was_in if who == lead}
        != {s for who, s in is_in if who == lead}
    }
    assert "c-1" in changed  # Anna ordered
    assert "c-3" not in changed  # Bob did not
    assert doubled.exported.keys() == changed


def test_exported_numbers_are_those_of_a_build(
    bench: Bench, doubled: Comparison
) -> None:
    before, after = leads(bench.database), leads(doubled.built)
    for lead_id, row in doubled.exported.items():
        for column in (*compare_rules.PLACES[:-1], *compare_rules.TOLD_ONLY):
            assert row[f"{column}_before"] == str(before[lead_id][column]), column
            assert row[f"{column}_after"] == str(after[lead_id][column]), column
        for column in (*compare_rules.SCORES, "engagement_points", "fit_points"):
            number = float(row[f"{column}_after"])
            assert number == pytest.approx(after[lead_id][column], abs=1e-6), column
        for side, database in (("before", bench.database), ("after", doubled.built)):
            segments = sorted(s for who, s in members(database) if who == lead_id)
            assert row[f"segments_{side}"] == "|".join(segments)


def test_reasons_name_the_rule(doubled: Comparison) -> None:
    anna = doubled.exported["c-1"]
    assert anna["main_rule"] == "purchase"
    ratio = float(anna["main_rule_points_after"]) / float(
        anna["main_rule_points_before"]
    )
    assert ratio == pytest.approx(2, abs=1e-6)
    said = " ".join(doubled.said.split())
    assert "engagement_rules purchase points 10 → 20" in said
    assert "as built: destinations, disqualification_rules, fit_rules, " in said


def test_no_event_was_read(doubled: Comparison) -> None:
    assert "none was read again" in doubled.said  # and the files held nothing to read


def test_lines_are_no_wider_than_a_terminal(doubled: Comparison) -> None:
    *told, written = doubled.said.splitlines()
    assert written.startswith("moved leads written")  # a path is as long as it is
    assert [line for line in told if len(line) > 88] == []


def test_nobody_is_named(doubled: Comparison) -> None:
    text = (doubled.said + str(doubled.exported)).lower()
    assert not [word for word in PERSONAL if word in text]


# --- Rules that change nothing, or cannot be ----------------------------------------


def test_same_rules_move_nobody(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.compare(bench.rules("same")) == 0
    said = capsys.readouterr().out
    assert "0 change their place, 0 have other points" in said
    assert "No rule differs." in said


def test_bad_row_is_named_and_leaves_no_trace(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    before, rules = bench.state(), bench.doubled("bad")
    change(rules / "engagement_rules.csv", DOUBLED, DOUBLED.replace("20", "2000"))
    assert bench.compare(rules) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: {rules}: engagement_rules.csv, rule `purchase`: ")
    assert "points must be a number from -1000 to 1000" in said
    assert said.count("\n") == 1
    assert bench.state() == before


def test_rules_may_change_between_two_runs(bench: Bench) -> None:
    """A mistake is told, mended, and a rule that looks for something new is read."""
    rules = bench.rules("changing", "engagement_rules.csv")
    with _rival_build.rival_warehouse(
        bench.database, rules, project=bench.project
    ) as rival:
        file = rival.rules / "engagement_rules.csv"
        sound = file.read_text(encoding="utf-8")
        change(file, PURCHASE, PURCHASE.replace("10", "ten"))
        with pytest.raises(
            ActionableError, match=r"engagement_rules\.csv, line 6: .*\"ten\""
        ):
            rival.run()
        file.write_text(sound, encoding="utf-8")
        change(file, PURCHASE, "small,order_completed,amount,at_most,100,each,10,")
        rival.run(["fct_lead_rule_points"])
        assert rival.new_matches == 1
        query = (
            "select lead_id from scores.fct_lead_rule_points where rule_id = 'small'"
        )
        with duckdb.connect(str(rival.database), read_only=True) as connection:
            assert connection.execute(query).fetchall() == [("c-1",)]
        assert leads(rival.database) == leads(bench.database)  # not asked for yet
        file.write_text(sound, encoding="utf-8")
        rival.run(["fct_lead_scores"])
        assert leads(rival.database) == leads(bench.database)
        assert "fct_lead_scores" not in rival.stale
        assert "seg_vip_customers" in rival.stale  # changed, and not asked for


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_interrupted_run_leaves_no_copy(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    before = bench.state()

    def interrupted(arguments: list[str], watched: object) -> None:
        assert len(list(bench.workspace.glob("*.rival.*/*.duckdb"))) == 1
        raise trouble

    monkeypatch.setattr(_rival_build, "invoke_dbt", interrupted)
    same = bench.folder / "doubled_once"
    rules = same if same.exists() else bench.doubled(same.name)
    if isinstance(trouble, KeyboardInterrupt):
        assert bench.compare(rules) == 130
    else:
        with pytest.raises(RuntimeError, match="a bug"):
            bench.compare(rules)
    assert bench.state() == before


def test_copies_of_killed_runs_are_removed(bench: Bench, tmp_path: Path) -> None:
    database = Path(shutil.copy(bench.database, tmp_path))
    killed = tmp_path / f"{database.name}.rival.999999999.x"
    alive = tmp_path / f"{database.name}.rival.{os.getppid()}.x"
    killed.mkdir()
    alive.mkdir()
    with _rival_build.scratch_copy(database):
        assert not killed.exists()
    assert alive.exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (shutil.rmtree, "is no folder; copy seeds/rules"),
        (lambda rules: (rules / "grades.csv").unlink(), "holds no rule file"),
        (
            lambda rules: (rules / "grades.csv").rename(rules / "grade.csv"),
            "grade.csv: is no rule file (did you mean grades.csv?)",
        ),
        (
            lambda rules: (rules / "grades.csv").write_bytes(b"score\nfit\ngr\xfcn\n"),
            'grades.csv, line 3: is not UTF-8; save it as such (Excel: "CSV UTF-8")',
        ),
    ],
)
def test_wrong_folders_are_refused(
    bench: Bench,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Any,
    said: str,
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    shutil.copy(bench.project / "seeds" / "rules" / "grades.csv", rules)
    spoil(rules)
    assert bench.compare(rules) == 1
    assert said in capsys.readouterr().err


def test_wrong_ending_is_told_before_the_work(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.compare("rules", "--output", "moved.xlsx") == 1
    assert "must be one of .csv, .json, .parquet" in capsys.readouterr().err


def test_wrong_number_of_leads_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        compare_rules.main(["rules", "--leads", "-1"])
    said = capsys.readouterr().err
    assert "argument --leads: '-1' is not a whole number from 1 on" in said


def test_help_copies_the_rules_to_where_readme_does() -> None:
    (copied,) = re.findall(r"cp -r \S+ \S+", compare_rules.EXAMPLES)
    assert copied in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_profile_that_names_a_file_is_refused(tmp_path: Path) -> None:
    profile = "shop: {outputs: {dev: {type: duckdb, path: fixed.duckdb}}}"
    (tmp_path / "profiles.yml").write_text(profile, encoding="utf-8")
    with pytest.raises(ActionableError, match="cannot be tried on a copy"):
        _rival_build.duckdb_target(tmp_path)


# --- The back-test, side by side ----------------------------------------------------


def pooled(auc: float, **changes: object) -> Row:
    """A row of fct_score_backtest_pooled."""
    measures = {"average_precision": 0.125, "top_decile_lift": 3.5}
    interval = {"auc_low": auc - 0.05, "auc_high": auc + 0.05}
    names = {"period": "all", "score": "engagement", "horizon_days": 30}
    return {**names, "auc": auc, **interval, **measures, **changes}


def backtest(*sides: list[Row]) -> str:
    """What is said of these back-tests, before and after; no row: no such table."""
    with duckdb.connect() as connection:
        read = []
        for side, rows in zip(("before", "after"), sides, strict=True):
            connection.execute(f"attach ':memory:' as {side}")
            connection.execute(f"create schema {side}.insights")
            if rows:
                connection.register("given", pa.Table.from_pylist(rows))
                name = f"{side}.insights.fct_score_backtest_pooled"
                connection.execute(f"create table {name} as from given")
            read.append(compare_rules.read_backtest(connection, side))
    return "\n".join(compare_rules.backtest_lines(*read))


def test_backtests_stand_below_one_another() -> None:
    said = backtest([pooled(0.75)], [pooled(0.7625)])
    assert "before  0.7500  0.7000 - 0.8000" in said
    assert "after   0.7625  0.7125 - 0.8125" in said


def test_equal_backtests_are_told_once() -> None:
    said = backtest([pooled(0.75)], [pooled(0.75)])
    assert "both   0.7500  0.7000 - 0.8000" in said
    assert "before" not in said


def test_each_score_and_horizon_stands_for_itself() -> None:
    rows = [
        pooled(0.75),
        pooled(0.625, score="fit"),
        pooled(0.5, horizon_days=90, auc_low=None, auc_high=None),
    ]
    told = [line.split() for line in backtest(rows, rows).splitlines()]
    assert [line[:4] for line in told if "both" in line] == [
        ["engagement", "30", "both", "0.7500"],
        ["fit", "30", "both", "0.6250"],
        ["engagement", "90", "both", "0.5000"],
    ]


def test_only_the_period_of_all_cutoffs_is_told() -> None:
    """A calibrated shop has a row for the cut-offs after the fit, which all contain."""
    both = [pooled(0.75), pooled(0.875, period="after_fit")]
    said = backtest(both, both)
    assert "both   0.7500  0.7000 - 0.8000" in said
    # A side that was never calibrated is compared on the same cut-offs.
    said = backtest([pooled(0.7625)], both)
    assert "before  0.7625" in said
    assert "after   0.7500" in said


def test_backtests_of_different_leads_are_told() -> None:
    with duckdb.connect() as connection:
        for side, leads in (("before", "1, 2, 2, 3"), ("after", "2, 3, 4, 5")):
            connection.execute(f"""
                attach ':memory:' as {side};
                create schema {side}.insights;
                create table {side}.insights.int_lead_outcomes as
                    select unnest([{leads}]) as lead_key""")
        counts = compare_rules.read_tested(connection)
    said = " ".join("".join(compare_rules.tested_lines(counts)).split())
    assert counts == {"before": 1, "after": 2, "both": 2}
    assert "2 (leads by cut-off) are common, 1 only before and 2 only after" in said
    assert not list(compare_rules.tested_lines({"before": 0, "after": 0, "both": 2}))


@pytest.mark.parametrize("day", [29, 28])
def test_what_was_learnt_from_the_cutoffs_is_told(day: int) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"""
            attach ':memory:' as after;
            create schema after.insights; create schema after.seeds;
            create table after.insights.fct_score_backtest_pooled as
                select date '2026-03-28' as first_date;
            create table after.seeds.probability_terms as
                select date '2026-03-{day}' as fitted_until""")
        until = compare_rules.read_learnt_until(connection, "after")
    said = " ".join("".join(compare_rules.learnt_lines("after", until)).split())
    assert ("After: the probability was learnt until 2026-03-29" in said) == (day == 29)
    assert bool(said) == (day == 29)


def test_missing_backtest_is_told() -> None:
    assert "No back-test" in backtest([], [])
    assert "No back-test" in backtest([pooled(0.75)], [])
    assert "old enough" in "".join(compare_rules.backtest_lines([], []))
