"""Calibration from landing files to rules: what was planted is found, and no more."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

import calibrate_rules
from _calibration_evidence import auc, check_evidence
from _calibration_files import RuleFile
from _calibration_reading import number_rows, read_outcomes, read_probabilities
from _calibration_report import CalibrationReport, ChangedFile, write_report
from dbt_runs import PROJECT
from planted_shop import (
    ORDER_HALF_LIFE,
    ORDER_WEIGHT,
    PERSONAL,
    RULES,
    TRUTH,
    Shop,
    build_shop,
    write_settings,
)

pytestmark = pytest.mark.long

PLANTED = {  # rule or event type: worth and half-life
    "view": TRUTH["product_viewed"][1:],
    "add": TRUTH["product_added"][1:],
    "email_clicked": TRUTH["email_clicked"][1:],
    "purchase": (ORDER_WEIGHT, ORDER_HALF_LIFE),
}
LEAKS = ("loyalty_card", "survey_answered")
OUTPUTS = ("evidence.csv", "report.html", "rules")
ALLOWED = [word for leak in LEAKS for word in ("--allow-leak", leak)]


@dataclass(frozen=True)
class Run:
    """One calibration: what it said and where it wrote."""

    code: int
    said: str
    output: Path

    @property
    def words(self) -> str:
        """What it said, on one line."""
        return " ".join(self.said.split())

    def rows(self, name: str) -> list[dict[str, str]]:
        return RuleFile.read(self.output / name).rows

    def evidence(self) -> dict[str, dict[str, str]]:
        return {row["rule_id"]: row for row in self.rows("evidence.csv")}

    def proposed(self, name: str) -> dict[str, dict[str, str]]:
        return {row["rule_id"]: row for row in self.rows(f"rules/{name}.csv")}


@dataclass(frozen=True)
class Applied:
    """A proposal that was applied: as it was fitted, as it was built, and again."""

    shop: Shop
    fitted: CalibrationReport
    run: Run
    unbuilt: Run
    again: Run


@dataclass(frozen=True)
class Bench:
    """The shop, and the calibrations of a copy of it that must not be touched."""

    shop: Shop
    state: tuple[object, ...]
    started: dict[str, Future[Run]]
    applied: Applied

    def run(self, name: str) -> Run:
        return self.started[name].result()


def folder_state(folder: Path) -> dict[str, str]:
    """Every file of a folder, by what is in it."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def shop_state(shop: Shop) -> tuple[object, ...]:
    """What a calibration must leave as it was."""
    seeds = folder_state(shop.project / "seeds")
    staged = list((shop.project / "target").glob("rival_rules/*"))
    warehouse = hashlib.sha256(shop.database.read_bytes()).hexdigest()
    beside = sorted(file.name for file in shop.workspace.iterdir())
    return seeds, staged, warehouse, beside, shop.database.stat().st_mtime_ns


def arguments(shop: Shop, output: Path, *more: object) -> list[str]:
    given = ("--database", shop.database, "--project-dir", shop.project)
    return [str(word) for word in (*given, "--output", output, *more)]


def calibrate(shop: Shop, output: Path, *more: object) -> Run:
    """Calibrate in this process."""
    said = StringIO()
    with redirect_stdout(said):
        code = calibrate_rules.main(arguments(shop, output, *more))
    return Run(code, said.getvalue(), output)


def calibrate_apart(shop: Shop, output: Path, *more: object) -> Run:
    """Calibrate as a person does, in a process of its own."""
    script = PROJECT / "scripts" / "calibrate_rules.py"
    done = subprocess.run(
        [sys.executable, str(script), *arguments(shop, output, *more)],
        capture_output=True,
        text=True,
        env=os.environ | environment(shop),
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr, output)


def environment(shop: Shop) -> dict[str, str]:
    landing = shop.workspace / "landing"
    return {"LEAD_SCORING_LANDING": str(landing), "LEAD_SCORING_RULES": RULES}


def other_outcome(folder: Path, shop: Shop, event_type: str) -> Path:
    """Rules that only say that another event type is foreseen."""
    folder.mkdir()
    shutil.copy(shop.rules / "settings.csv", folder)
    write_settings(folder / "settings.csv", backtest_conversion=event_type)
    return folder


def copy_shop(shop: Shop, folder: Path) -> Shop:
    folder.mkdir()
    shutil.copy(shop.database, folder)
    shutil.copytree(shop.project, folder / "project")
    shutil.copytree(shop.workspace / "landing", folder / "landing")
    return Shop(folder, folder / "project")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Build once; on one core calibrate the shop, on the other apply and build anew."""
    folder = tmp_path_factory.mktemp("planted")
    changing = build_shop(folder / "changing")
    shop = copy_shop(changing, folder / "shop")
    shuffled = other_outcome(folder / "shuffled", shop, "coupon_redeemed")
    state = shop_state(shop)
    asked: dict[str, tuple[object, ...]] = {
        "allowed": tuple(ALLOWED),
        "shuffled": ("--rules", shuffled),
    }
    with ThreadPoolExecutor(1) as apart, pytest.MonkeyPatch.context() as patch:
        started = {
            name: apart.submit(calibrate_apart, shop, folder / f"{name} out", *more)
            for name, more in asked.items()
        }
        for name, value in environment(changing).items():
            patch.setenv(name, value)
        applied = apply_and_build(changing, folder / "applied out", patch)
        for name, value in environment(shop).items():
            patch.setenv(name, value)
        yield Bench(shop, state, started, applied)


def apply_and_build(shop: Shop, output: Path, patch: pytest.MonkeyPatch) -> Applied:
    reports: list[CalibrationReport] = []

    def noted(report: CalibrationReport, file: Path) -> None:
        reports.append(report)
        write_report(report, file)

    with patch.context() as own:
        own.setattr("calibrate_rules.write_report", noted)
        run = calibrate(shop, output, "--apply")
    unbuilt = calibrate(shop, output.with_name("unbuilt out"), "--apply")
    shop.build(
        "--exclude", "test_type:generic", "test_type:unit", "path:models/segments+"
    )
    again = calibrate(shop, output.with_name("again out"), "--apply")
    return Applied(shop, reports[0], run, unbuilt, again)


@pytest.fixture(scope="module")
def applied(bench: Bench) -> Applied:
    return bench.applied


@pytest.fixture(scope="module")
def built(applied: Applied) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse that was built with the proposal."""
    with duckdb.connect(str(applied.shop.database), read_only=True) as connection:
        number_rows(connection, 14)
        yield connection


# --- The truth is found -------------------------------------------------------------


def test_planted_half_lives_lie_in_their_intervals(applied: Applied) -> None:
    evidence = applied.run.evidence()
    for rule_id, (_, half_life) in PLANTED.items():
        low, high = (
            float(evidence[rule_id][f"half_life_{end}"].replace("none", "inf"))
            for end in ("low", "high")
        )
        assert low <= half_life <= high, rule_id


def test_planted_weights_lie_in_their_intervals(applied: Applied) -> None:
    """Points have a currency of their own: one rate must suit all rules."""
    evidence = applied.run.evidence()
    lows = [float(evidence[rule]["low"]) / PLANTED[rule][0] for rule in PLANTED]
    highs = [float(evidence[rule]["high"]) / PLANTED[rule][0] for rule in PLANTED]
    assert max(lows) <= min(highs)
    assert min(lows) > 0


def test_proposed_rules_are_about_those_planted(applied: Applied) -> None:
    rules = applied.run.proposed("engagement_rules")
    points = {rule: float(rules[rule]["points"]) for rule in PLANTED}
    assert all(value == round(value) for value in points.values())
    assert sorted(points, key=lambda rule: points[rule]) == sorted(
        PLANTED, key=lambda rule: PLANTED[rule][0]
    )
    rates = np.array([points[rule] / PLANTED[rule][0] for rule in PLANTED])
    assert rates.max() / rates.min() < 2
    for rule, (_, half_life) in PLANTED.items():
        assert rules[rule]["decay"] == "half_life"
        ratio = float(rules[rule]["decay_days"]) / half_life
        assert 1 / 2.1 < ratio < 2.1, rule


def test_wrong_rules_change_and_history_says_so(applied: Applied) -> None:
    rules, evidence = applied.run.proposed("engagement_rules"), applied.run.evidence()
    for rule, points, half_life in (("view", "8", "120"), ("add", "2", "3")):
        assert evidence[rule]["today"] == points
        assert evidence[rule]["decay_days_today"] == half_life
        for column, today in (("points", points), ("decay_days", half_life)):
            assert rules[rule][column] != today
    assert applied.fitted.engagement.comparison is not None
    assert applied.fitted.engagement.comparison.is_better


def test_event_types_that_tell_nothing_earn_nothing(applied: Applied) -> None:
    rules, evidence = applied.run.proposed("engagement_rules"), applied.run.evidence()
    for nothing in ("file_downloaded", "coupon_redeemed", "chat_started"):
        assert nothing not in rules
        assert evidence[nothing]["proposed"] == ""
        assert evidence[nothing]["decay_days_proposed"] == ""
        assert evidence[nothing]["decision"].startswith("not proposed")


def test_the_attribute_that_matters_earns_fit_points(applied: Applied) -> None:
    rules = applied.run.rows("rules/fit_rules.csv")
    assert [(row["attribute"], row["operand"]) for row in rules] == [("garden", "yes")]
    assert float(rules[0]["points"]) > 0
    found = {each.attribute: each for each in applied.fitted.fit.criteria}
    assert found["garden"].is_proven
    assert not found["pet"].is_proven
    assert not found["second_email"].is_proven


# --- What gives the outcome away ----------------------------------------------------


def test_leaks_are_named_and_left_out(applied: Applied) -> None:
    run = applied.run
    assert {leak.name for leak in applied.fitted.leaks} == set(LEAKS)
    for leak in LEAKS:
        assert f"Left out; to use it: --allow-leak {leak}" in run.words
        assert leak in (run.output / "report.html").read_text(encoding="utf-8")
    survey = run.evidence()["survey"]
    assert (survey["estimate"], survey["proposed"]) == ("", survey["today"])
    assert "gives the outcome away" in survey["decision"]
    attributes = {row["attribute"] for row in run.rows("rules/fit_rules.csv")}
    assert "loyalty_card" not in attributes
    features = {row["feature"] for row in run.rows("rules/probability_terms.csv")}
    assert "points:survey" not in features


def test_leaks_are_kept_when_asked_for(bench: Bench) -> None:
    run = bench.run("allowed")
    assert run.code == 0, run.said
    for leak in LEAKS:
        assert f"Used all the same: --allow-leak {leak}" in run.words
    assert run.evidence()["survey"]["estimate"] != ""
    judged = [row for row in run.rows("evidence.csv") if "loyalty_card" in str(row)]
    assert judged
    assert "left out" not in run.evidence()["survey"]["decision"]


# --- A proposal, and what becomes of it ---------------------------------------------


def test_nothing_is_touched_without_apply(bench: Bench) -> None:
    for name in bench.started:
        assert bench.run(name).code == 0
    assert shop_state(bench.shop) == bench.state


def test_applied_rules_are_those_proposed(applied: Applied) -> None:
    assert applied.run.code == 0
    assert "Applied" in applied.run.said
    proposed = folder_state(applied.run.output / "rules")
    assert folder_state(applied.shop.rules) == proposed
    unread = applied.shop.project / "seeds" / "rules"
    assert folder_state(unread) == folder_state(PROJECT / "seeds" / "rules")


def test_a_build_gives_the_fitted_probabilities(
    applied: Applied, built: duckdb.DuckDBPyConnection
) -> None:
    outcomes = read_outcomes(built)
    scored, fitted = read_probabilities(built), applied.fitted.probability
    assert scored == pytest.approx(fitted.probability, abs=2e-6)
    is_test = applied.fitted.split.is_test
    area = auc(scored[is_test], outcomes.is_converted[is_test])
    assert fitted.auc is not None
    assert area == pytest.approx(fitted.auc.auc, abs=1e-4)  # six digits make ties
    assert f"AUC {area:.3f}"[:-1] in applied.run.said


def test_a_build_gives_the_stated_points(
    applied: Applied, built: duckdb.DuckDBPyConnection
) -> None:
    outcomes, is_test = read_outcomes(built), applied.fitted.split.is_test
    query = """select engagement_points, fit_points
        from tested join scores.int_lead_features using (lead_key) order by row"""
    found = built.execute(query).fetchnumpy()
    for result in (applied.fitted.engagement, applied.fitted.fit):
        name = "fit" if result is applied.fitted.fit else "engagement"
        points = found[f"{name}_points"]
        assert points == pytest.approx(result.points_proposed, abs=1e-5)
        area = auc(points[is_test], outcomes.is_converted[is_test])
        assert result.comparison is not None
        assert area == pytest.approx(result.comparison.proposed.auc, abs=1e-4)


def test_the_backtest_of_a_build_is_that_of_the_fit(
    applied: Applied, built: duckdb.DuckDBPyConnection
) -> None:
    outcomes = read_outcomes(built)
    rows = built.execute(
        """select as_of_date, auc, is_out_of_sample from insights.fct_score_backtest
        where score = 'probability' order by 1"""
    ).fetchall()
    dates = np.array([row[0] for row in rows], "datetime64[D]")
    assert (dates == np.unique(outcomes.as_of_date)).all()
    for date, stated, is_out_of_sample in rows:
        chosen = outcomes.as_of_date == np.datetime64(date)
        probability = applied.fitted.probability.probability[chosen]
        area = auc(probability, outcomes.is_converted[chosen])
        assert stated == pytest.approx(area, abs=1e-4)
        tested = str(date) in applied.fitted.split.test_dates
        assert is_out_of_sample == tested


def test_probability_terms_add_up(built: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), max(abs(conversion_probability - 1 / (1 + exp(-log_odds))))
        from scores.fct_lead_scores join (
            select lead_id, sum(log_odds) as log_odds
            from scores.fct_lead_probability_terms group by lead_id
        ) using (lead_id)"""
    found = built.execute(query).fetchone()
    leads = built.execute("select count(*) from scores.fct_lead_scores").fetchone()
    assert found is not None
    assert leads == (found[0],)
    assert found[1] <= 1e-6


def test_a_second_calibration_proposes_nothing(applied: Applied) -> None:
    again = applied.again
    assert again.code == 0
    assert "Nothing is proposed: the rules stay as they are." in again.words
    assert folder_state(again.output / "rules") == folder_state(applied.shop.rules)
    page = (again.output / "report.html").read_text(encoding="utf-8")
    assert "has been applied" not in page


def test_applying_twice_without_a_build_is_refused(applied: Applied) -> None:
    assert applied.unbuilt.code == 1
    assert not applied.unbuilt.output.exists()


# --- Nothing to learn, or too little ------------------------------------------------


def test_shuffled_outcomes_change_nothing(bench: Bench) -> None:
    run = bench.run("shuffled")
    assert run.code == 0, run.said
    assert "Enough data" in run.said
    assert "Nothing is proposed: the rules stay as they are." in run.words
    for name, before in folder_state(bench.shop.rules).items():
        if name != "settings.csv":  # which said what to foresee
            assert folder_state(run.output / "rules")[name] == before
    assert not run.rows("rules/probability_terms.csv")


def test_forty_orders_are_not_enough(bench: Bench, tmp_path: Path) -> None:
    file = Path(shutil.copy(bench.shop.database, tmp_path))
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """update insights.int_lead_outcomes
            set is_converted = false, converted_on = null
            where lead_key not in (
                select lead_key from insights.int_lead_outcomes
                where is_converted order by lead_key limit 40
            )"""
        )
    before = folder_state(bench.shop.rules)
    output = tmp_path / "calibration"
    run = calibrate(bench.shop, output, "--apply", "--database", file)
    assert run.code == 0
    assert re.search(r"Not enough data: \d\d conversions to learn from", run.words)
    assert "Nothing is proposed: the rules stay as they are." in run.words
    assert "Not enough data" in (output / "report.html").read_text(encoding="utf-8")
    assert folder_state(output / "rules") == before
    assert folder_state(bench.shop.rules) == before


# --- What is written ----------------------------------------------------------------


def test_outputs_name_nobody_and_refer_to_nothing(bench: Bench) -> None:
    runs = [bench.applied.run, bench.applied.again, *map(bench.run, bench.started)]
    for run in runs:
        assert sorted(file.name for file in run.output.iterdir()) == sorted(OUTPUTS)
        page = (run.output / "report.html").read_text(encoding="utf-8")
        assert page.lstrip().lower().startswith("<!doctype html>")
        assert not re.findall(r"(?:src|href)\s*=\s*['\"]?(?!#)[^'\"\s>]+", page)
        assert not re.findall(r"url\((?!#)|@import|<script|<link|<iframe", page)
        files = [file for file in run.output.rglob("*") if file.is_file()]
        texts = [file.read_text(encoding="utf-8") for file in files] + [run.said]
        for text in texts:
            assert not [word for word in PERSONAL if word in text.lower()]
            assert not re.findall(r"[\w.]+@[\w.]+\.\w+", text)


def test_report_says_how_to_apply(bench: Bench) -> None:
    page = (bench.run("allowed").output / "report.html").read_text(encoding="utf-8")
    assert "--allow-leak survey_answered --apply" in page
    assert "&#39;" in page.partition("--output ")[2][:5], "a blank must be quoted"


# --- Runs that fail -----------------------------------------------------------------


def refused(
    shop: Shop,
    output: Path,
    capsys: pytest.CaptureFixture[str],
    *more: object,
    database: Path | None = None,
) -> str:
    """The one line that a run is refused with; it leaves nothing."""
    before = shop_state(shop)
    given = arguments(shop, output, *more)
    given += ["--database", str(database)] if database else []
    assert calibrate_rules.main(given) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert not output.exists()
    assert shop_state(shop) == before
    return said


def test_errors_are_one_line(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in bench.started:
        bench.run(name)
    shop, output = bench.shop, tmp_path / "calibration"
    missing = tmp_path / "missing.duckdb"
    assert "there is no warehouse" in refused(shop, output, capsys, database=missing)
    said = refused(shop, output, capsys, "--horizon-days", 30)
    assert "--horizon-days 30: the warehouse was built for 14" in said
    said = refused(shop, output, capsys, "--apply", "--rules", shop.rules)
    assert "--apply" in said
    assert "cannot go with --rules" in said
    said = refused(shop, output, capsys, "--test-from", "2027-01-01")
    assert "--test-from 2027-01-01: " in said
    assert "the cut-offs are 2026-04-12, " in said
    young = Path(shutil.copy(shop.database, tmp_path))
    with duckdb.connect(str(young)) as connection:
        connection.execute("delete from insights.int_lead_outcomes")
    said = refused(shop, output, capsys, database=young)
    assert "no cut-off" in said
    assert "settings.csv" in said


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--test-from", "next week", "'next week' is not a date like 2026-05-31"),
        ("--train-until", "2026-13-01", "'2026-13-01' is not a date like 2026-05-31"),
        ("--horizon-days", "-30", "'-30' is not a whole number from 1 on"),
        ("--vars", "[broken", "'[broken' is not like 'as_of_date: 2026-03-31'"),
        (
            "--vars",
            "a: 2026-13-31",
            "'a: 2026-13-31' is not like 'as_of_date: 2026-03-31'",
        ),
    ],
)
def test_options_that_cannot_be_read_are_told(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        calibrate_rules.main([option, value])
    assert stopped.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.endswith(f"error: argument {option}: {said}")


def test_rules_that_were_not_built_are_refused(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in bench.started:
        bench.run(name)
    project = tmp_path / "project"
    shutil.copytree(bench.shop.project, project)
    file = project / RULES / "fit_rules.csv"
    changed = file.read_text(encoding="utf-8").replace(",20,", ",21,")
    file.write_text(changed, encoding="utf-8")
    shop = replace(bench.shop, project=project)
    said = refused(shop, tmp_path / "calibration", capsys)
    assert said.startswith("error: fit_rules.csv: has changed since the warehouse was")


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_a_run_that_stops_leaves_the_complete_one(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Any
) -> None:
    output = tmp_path / "calibration"
    shutil.copytree(bench.run("allowed").output, output)
    for name in bench.started:
        bench.run(name)
    before, shop = folder_state(output), bench.shop
    (output / ".unfinished.999999999.x" / "made").mkdir(parents=True)  # was killed

    def too_little(*given: Any) -> Any:
        return replace(check_evidence(*given), is_enough=False)

    def stopped(report: CalibrationReport, file: Path) -> None:
        assert (file.parent / "rules" / "engagement_rules.csv").exists()
        raise trouble

    monkeypatch.setattr("calibrate_rules.check_evidence", too_little)
    monkeypatch.setattr("calibrate_rules.write_report", stopped)
    given = arguments(shop, output, "--apply")
    if isinstance(trouble, KeyboardInterrupt):
        assert calibrate_rules.main(given) == 130
    else:
        with pytest.raises(RuntimeError, match="a bug"):
            calibrate_rules.main(given)
    assert folder_state(output) == before
    assert sorted(file.name for file in output.iterdir()) == sorted(OUTPUTS)
    assert shop_state(shop) == bench.state


def test_a_new_run_replaces_all_of_the_old_one(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "calibration"
    shutil.copytree(bench.run("allowed").output, output)
    (output / "rules" / "old.csv").touch()
    (output / "notes.txt").touch()  # a person's own

    def too_little(*given: Any) -> Any:
        return replace(check_evidence(*given), is_enough=False)

    monkeypatch.setattr("calibrate_rules.check_evidence", too_little)
    assert calibrate(bench.shop, output).code == 0
    assert folder_state(output / "rules") == folder_state(bench.shop.rules)
    assert sorted(file.name for file in output.iterdir()) == sorted(
        [*OUTPUTS, "notes.txt"]
    )


def test_a_proposal_for_a_rival_folder_goes_into_place_with_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD_SCORING_RULES", "rules")
    current, proposed = tmp_path / "rules", tmp_path / "out" / "rules"
    for folder in (current, proposed):
        folder.mkdir(parents=True)
        for name in ("engagement_rules", "settings", "stages"):
            (folder / f"{name}.csv").write_text(f"{name}\n", encoding="utf-8")
    # One file is the calibration's, one is the folder's own that it was learnt with.
    for name in ("engagement_rules", "settings"):
        (proposed / f"{name}.csv").write_text("another\n", encoding="utf-8")
    options = calibrate_rules.parse_arguments(
        [
            *("--rules", "rival", "--project-dir", str(tmp_path)),
            *("--output", str(tmp_path / "out")),
        ]
    )
    command = calibrate_rules.apply_command(options, proposed)
    subprocess.run(command.split(), check=True)
    assert folder_state(current) == folder_state(proposed)
    assert "stages" not in command


def test_files_are_applied_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, current = tmp_path / "rules", tmp_path / "current"
    for folder, text in ((rules, "new"), (current, "old")):
        folder.mkdir()
        for name in ("a.csv", "b.csv"):
            (folder / name).write_text(text, encoding="utf-8")
    changed = [ChangedFile(name, "") for name in ("a.csv", "b.csv")]
    copied = shutil.copyfile

    def full(source: Path, target: Path) -> None:
        if source.name == "b.csv":
            raise OSError("disk full")
        copied(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(OSError, match="disk full"):
            calibrate_rules.apply(rules, current, changed)
    assert {file.name: file.read_text() for file in current.iterdir()} == {
        "a.csv": "old",
        "b.csv": "old",
    }
    calibrate_rules.apply(rules, current, changed)
    assert {file.read_text() for file in current.iterdir()} == {"new"}


def test_a_killed_apply_is_finished_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEAD_SCORING_RULES", raising=False)
    rules, project = tmp_path / "proposed", tmp_path / "project"
    current = project / "seeds" / "rules"
    for folder, text in ((rules, "new"), (current, "old")):
        folder.mkdir(parents=True)
        for name in ("a.csv", "b.csv"):
            (folder / name).write_text(text, encoding="utf-8")
    replaced = Path.replace

    def killed(source: Path, target: Path) -> Path:
        if target.name == "b.csv":
            raise KeyboardInterrupt
        return replaced(source, target)

    changed = [ChangedFile(name, "") for name in ("a.csv", "b.csv")]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            calibrate_rules.apply(rules, current, changed)
    assert (current / "b.csv").read_text() == "old"
    options = ["--project-dir", str(project), "--output", str(tmp_path / "out")]
    no_warehouse = ["--database", str(tmp_path / "none.duckdb")]
    assert calibrate_rules.main([*options, *no_warehouse]) == 1
    assert {file.read_text() for file in current.iterdir()} == {"new"}
