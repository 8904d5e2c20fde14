"""What explain_lead says of seven people, and what it never says."""

import json
import math
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

import explain_lead
import publish_marts
from _lead_probability import factor_text, percent
from _warehouse import TIMES, WIDTH, Column, heading, number, show, table, unbroken
from built_shop import PERSONAL, built_shop

SCRIPT = Path(explain_lead.__file__)
LEADS = ("c-1", "c-3", "c-4", "c-5", "c-6", "anonymous:a-9")
LOSSES = ("cap_loss", "reset_loss", "decay_loss", "group_loss")


class Told:
    """What a call of the script returned and printed."""

    def __init__(
        self,
        capture: pytest.CaptureFixture[str],
        *arguments: str,
        database: Path | None = None,
    ) -> None:
        file = ("--database", str(database or built_shop().database))
        self.code = explain_lead.main([*file, *arguments])
        self.out, self.err = capture.readouterr()
        assert "Traceback" not in self.err

    @property
    def words(self) -> str:
        """The output, however its lines are broken."""
        return " ".join(self.out.split())

    def line(self, pattern: str) -> list[str]:
        """The cells of the one line that matches."""
        (line,) = [line for line in self.out.splitlines() if re.search(pattern, line)]
        return re.split(r"\s{2,}", line.strip())


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda *arguments: Told(capsys, *arguments)


def test_headline_says_where_the_lead_stands_and_what_to_do(tell: Any) -> None:
    told = tell("c-1")
    assert told.code == 0
    assert told.line("^Lead ") == ["Lead c-1", "as of 2026-05-31"]
    assert told.line("lead score .* of ")[1] == "49.75 of 100: warm"
    assert told.line("  rank ")[1] == "2 of 6, percentile 83.3"
    assert told.line("  cell ")[1].startswith("B3-customer: fit B, engagement 3, ")
    assert "because Used the garden planner; Has a garden; Placed orders" in told.words
    assert "a person with 2 contacts" in told.words
    assert "2 orders worth 100.00 EUR" in told.words


def test_score_is_written_out_in_numbers(tell: Any) -> None:
    told = tell("c-1")
    assert told.line("^  fit  ")[1:4] == ["50.00", "0.3", "15.00"]
    assert told.line("^  stage  ")[1:4] == ["80.00", "0.2", "16.00"]
    score, weight, adds, formula = told.line("^  engagement  ")[1:]
    assert (score, weight, adds) == ("37.50", "0.5", "18.75")
    points, half = re.findall(r"2\^\(-([0-9.]+) / ([0-9]+)\)", formula)[0]
    assert 100 * (1 - 2 ** (-float(points) / float(half))) == pytest.approx(
        37.5, abs=0.01
    )
    assert told.line("^  lead score +[0-9.]+$")[1] == "49.75"


def test_a_shop_without_stages_is_told_of_none() -> None:
    composition = {"stage_rank": 0, "highest_stage_rank": None}
    told = {"scores": {"stage": "unknown"}, "composition": composition}
    assert explain_lead.stage_formula(told) == "there are no stages"


def test_rules_show_hits_points_and_each_loss(tell: Any) -> None:
    told = tell("c-1")
    assert told.line("^  rule +hits")[3:] == [
        "raw",
        "- caps",
        "- reset",
        "- decay",
        "= points",
    ]
    orders = ["Placed orders", "2", "1", "20.00", "10.00", "1.94", "8.06"]
    assert told.line("Placed orders  ") == orders
    searches = ["Searched for products", "12", "5", "12.00", "7.00", "0.24", "4.76"]
    assert told.line("Searched for products  +1") == searches
    assert told.line("engagement points  ")[-1] == "13.56"
    assert told.line("fit points  ")[-1] == "55.00"
    assert (
        "No points (not known, or does not fit): budget, home, household." in told.words
    )
    assert "- group" in tell("c-3").out


@pytest.mark.parametrize("lead", LEADS)
def test_json_rows_add_up_to_the_published_numbers(tell: Any, lead: str) -> None:
    told = json.loads(tell(lead, "--json").out)
    for score in ("engagement", "fit"):
        rules = [rule for rule in told["rules"] if rule["score"] == score]
        points = told["scores"][f"{score}_points"]
        assert sum(rule["points"] for rule in rules) == pytest.approx(points, abs=1e-9)
        for rule in rules:
            left = rule["raw_points"] - sum(rule[loss] for loss in LOSSES)
            assert left == pytest.approx(rule["points"], abs=1e-8)
    parts, scores = told["composition"], told["scores"]
    lead_score = (
        parts["fit_weight"] * scores["fit_score"]
        + parts["engagement_weight"] * scores["engagement_score"]
        + parts["stage_weight"] * parts["stage_score"]
    )
    assert scores["lead_score"] == pytest.approx(lead_score, abs=1e-5)
    days = [day["event_date"] for day in told["timeline"]]
    assert days == sorted(days, reverse=True)


def test_timeline_tells_days_amounts_machines_and_browsers(tell: Any) -> None:
    words = tell("c-1").words
    assert f"2026-05-30 Searched for products {TIMES}12" in words
    assert "2026-05-25 Returned an order 20.25 EUR" in words
    machine = f"by machine, earns nothing: Opened an email {TIMES}2"
    assert f"2026-05-15 Was sent an email · {machine} " in words
    recognised = "2026-05-03 Recognised on anonymous:b-1 (its visits since 2026-05-01"
    assert f"{recognised} count too) · Placed an order 80.50 EUR" in words
    assert "Recognised on anonymous:b-2 (somebody else's since 2026-05-20)" in words
    assert "2026-05-12 Viewed a product 20" in words, "b-2 was hers on that day"
    assert "2026-05-20 Recognised on anonymous:b-2 · Signed in" in tell("c-3").words


def test_timeline_names_an_event_type_that_has_no_description(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / built_shop().database.name
    shutil.copy(built_shop().database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("update seeds.event_types set description = null")
    told = Told(capsys, "c-1", database=database)
    assert "2026-05-25 order_refunded 20.25 EUR" in told.words
    assert f"earns nothing: email_opened {TIMES}2" in told.words


def test_timeline_shows_the_newest_dates_and_counts_the_others(tell: Any) -> None:
    told = tell("c-1", "--last", "2")
    assert len(re.findall(r"^  2026-\d\d-\d\d  ", told.out, re.MULTILINE)) == 2
    assert "… and 7 earlier dates, back to 2025-12-01: --last 9 shows all" in told.words
    assert "earlier date" not in tell("c-1", "--last", "9").out


def test_silence_that_voids_is_told_with_its_day(tell: Any) -> None:
    back = tell("c-1").words
    assert "back on 2026-05-01 after 60 days of silence or more" in back
    assert "2026-05-01 ── silence: nothing below this line counts ── 2025-12-01" in back
    silent = tell("c-6").words
    assert "by 2026-04-02 silent for 60 days, and still silent: no hit counts" in silent
    assert "2026-05-15 Was sent an email 2026-04-02 ── silence" in silent


def test_segments_say_who_is_held_out(tell: Any) -> None:
    said = "segments Lookalike seed since 2026-05-31 (held out: gets no campaign)"
    assert said in tell("c-1").words
    assert "held out" not in tell("c-3").out


def test_disqualified_leads_say_why(tell: Any) -> None:
    assert "disqualified competitor" in tell("c-5").words
    staff = tell("c-4").words
    assert "disqualified staff" in staff
    assert "Events of staff and test contacts are set aside." in staff


@pytest.mark.parametrize(
    ("asked", "lead", "because"),
    [
        ("c-2", "c-1", "The contact c-2 is one of this lead's contacts."),
        ("b-1", "c-1", "b-1 belongs to this lead."),
        ("anonymous:b-1", "c-1", "anonymous:b-1 belongs to this lead."),
        ("b-2", "c-3", "b-2 belongs to this lead; before: c-1 until 2026-05-19."),
        ("b-unseen", "c-3", "b-unseen belongs to this lead."),
        ("a-9", "anonymous:a-9", "a-9 belongs to this lead."),
        (" c-1 ", "c-1", "as of"),
    ],
)
def test_lead_is_found_by_its_other_names(
    tell: Any, asked: str, lead: str, because: str
) -> None:
    told = tell(asked)
    assert told.line("^Lead ")[0] == f"Lead {lead}"
    assert because in told.words


@pytest.mark.parametrize("name", ["anna@example.com", "b" * 120])
def test_lead_may_have_any_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    database = tmp_path / built_shop().database.name
    shutil.copy(built_shop().database, database)
    with duckdb.connect(str(database)) as connection:
        for table in (
            "activity.dim_leads",
            "identity.int_leads",
            "scores.int_lead_scores",
        ):
            connection.execute(
                f"update {table} set lead_id = '{name}' where lead_id = 'c-3'"
            )
    told = Told(capsys, name, database=database)
    assert told.code == 0
    assert told.out.splitlines()[0].startswith(f"Lead {name}")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "c-11",
            r"no lead, contact or browser is called 'c-11'; did you mean c-1\?",
        ),
        ("zzz", r"called 'zzz'; scores.fct_lead_scores lists all leads"),
        ("", r"called ''; scores.fct_lead_scores lists all leads"),
        (
            "anna@example.com",
            r"email address cannot be given here.*personal.dim_lead_contacts",
        ),
    ],
)
def test_unknown_lead_is_one_line_with_a_remedy(
    tell: Any, asked: str, said: str
) -> None:
    told = tell(asked)
    assert told.code == 1
    assert re.fullmatch(rf"error: .*{said}.*\n", told.err)
    assert "anna" not in told.err


@pytest.mark.parametrize(
    ("reason", "words"),
    [("erased", "asked to be erased"), ("objected", "objects to profiling")],
)
def test_who_withdrew_is_not_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reason: str, words: str
) -> None:
    database = tmp_path / built_shop().database.name
    shutil.copy(built_shop().database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"""update identity.int_leads set excluded_reason = '{reason}',
            is_listed = false where lead_id = 'c-1'"""
        )
        for table in ("activity.dim_leads", "personal.dim_lead_contacts"):
            connection.execute(f"delete from {table} where lead_id = 'c-1'")
    for asked in ("c-1", "c-2"):  # the lead, and its other contact
        told = Told(capsys, asked, database=database)
        assert told.code == 1
        assert told.err == f"error: {asked} is not scored: the person {words}\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_nobody_is_called_by_name_and_lines_fit(tell: Any, form: str) -> None:
    for lead in LEADS:
        told = tell(lead, *(["--json"] if form == "json" else []))
        assert told.code == 0
        assert not [name for name in PERSONAL if name in told.out.lower()]
        assert form == "json" or max(map(len, told.out.splitlines())) <= WIDTH


def test_wrong_number_of_dates_is_a_usage_error(tell: Any) -> None:
    for dates in ("0", "-1", "some", "1.5"):
        with pytest.raises(SystemExit, match="2"):
            tell("c-1", "--last", dates)


# --- How likely it converts ---------------------------------------------------------

TERMS = """
    ('constant', null, 'constant', null, null, null, -2.34567, 'Base rate'),
    ('points', 'engagement_points', 'log', null, null, 80, 0.41234, 'Engagement'),
    ('purchase', 'points:purchase', 'ramp', null, 0, 20, 0.0777, 'Points of orders'),
    ('known', 'observed_days', 'ramp', null, 0, 400, 0.000333, 'Days since first seen'),
    ('silent', 'days_inactive', 'ramp', null, 0, 90, -0.03131, 'Days of silence'),
    ('visitor', 'days_since_order', 'missing', null, null, null, -1.1, 'No order yet'),
    ('customer', 'stage', 'is', 'customer', null, null, 0.6931, 'Is a customer')"""


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built shop after a calibration: its own models score the terms."""
    folder = tmp_path_factory.mktemp("calibrated")
    file = Path(shutil.copy(built_shop().database, folder / "warehouse.duckdb"))
    names = "term_id, feature, kind, operand, min_value, max_value, coefficient"
    fitted = "30 as horizon_days, date '2026-03-15' as fitted_until, description"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"insert into seeds.probability_terms by name select {names}, {fitted}"
            f" from (values {TERMS}) as terms({names}, description)"
        )
        for model in ("int_lead_probabilities", "fct_lead_probability_terms"):
            (sql,) = (built_shop().target / "compiled").rglob(f"{model}.sql")
            connection.execute(f"insert into scores.{model} {sql.read_text()}")
        connection.execute("""
            update scores.int_lead_scores set conversion_probability = (
                select probabilities.conversion_probability
                from scores.int_lead_probabilities as probabilities
                where probabilities.lead_key = int_lead_scores.lead_key)""")
    return file


def test_uncalibrated_probability_says_how_to_get_it(tell: Any) -> None:
    told = tell("c-1")
    remedy = "not known: scripts/calibrate_rules.py learns it from past conversions"
    assert told.line("will convert") == ["will convert", remedy]
    assert "likely" not in told.out
    assert json.loads(tell("c-1", "--json").out)["probability"] is None


def test_probability_says_how_likely_how_soon_and_learnt_until_when(
    calibrated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Told(capsys, "c-1", database=calibrated)
    chance = told.line("will convert")[1]
    until = "likely within 30 days, learnt from conversions until 2026-03-15"
    assert re.fullmatch(rf"[0-9]+\.[0-9]% {until}", chance)
    assert told.line("^  Base rate ")[-1] == "÷ 10"
    assert told.line("^  Is a customer ")[1] == "customer"
    assert told.line("^  Is a customer ")[3] == f"{TIMES} 2.00"
    assert "No order yet" not in told.out
    assert "which begin at 1 to 1. 1 other term adds nothing." in told.words
    visitor = Told(capsys, "a-9", database=calibrated)
    assert visitor.line("^  No order yet ")[1] == "not known"


@pytest.mark.parametrize("lead", LEADS)
def test_terms_shown_add_up_to_the_probability_shown(
    calibrated: Path, capsys: pytest.CaptureFixture[str], lead: str
) -> None:
    told = Told(capsys, lead, database=calibrated)
    assert max(map(len, told.out.splitlines())) <= WIDTH
    part = told.out.partition("Why it is ")[2].partition("How the lead score")[0]
    line = rf" (-?[0-9]+\.[0-9]+) {{2,}}[{TIMES}÷] [0-9.,]+$"
    shown = re.findall(line, part, re.MULTILINE)
    assert len(shown) >= 4
    *terms, total = map(Decimal, shown)
    assert sum(terms) == total
    probability = round(1 / (1 + math.exp(-total)), 6)
    assert part.startswith(f"{percent(probability)} likely to convert")
    assert f"= {percent(probability)}." in part
    assert told.line("will convert")[1].startswith(percent(probability))


@pytest.mark.parametrize("lead", LEADS)
def test_json_terms_add_up_to_the_published_probability(
    calibrated: Path, capsys: pytest.CaptureFixture[str], lead: str
) -> None:
    told = json.loads(Told(capsys, lead, "--json", database=calibrated).out)
    why = told["probability"]
    assert (why["horizon_days"], why["fitted_until"]) == (30, "2026-03-15")
    log_odds = sum(term["log_odds"] for term in why["terms"])
    assert log_odds == pytest.approx(why["log_odds"], abs=1e-9)
    odds = math.prod(term["odds_factor"] for term in why["terms"])
    published = told["scores"]["conversion_probability"]
    assert why["conversion_probability"] == published
    assert odds / (1 + odds) == pytest.approx(published, abs=1e-6)


def test_probabilities_near_the_ends_keep_their_digits() -> None:
    assert percent(0.1234) == "12.3%"
    assert percent(0.000042) == "0.0042%"
    assert percent(0.999958) == "99.9958%"
    assert factor_text(-math.log(2)) == "÷ 2.00"
    assert factor_text(-900) == "÷ over 1,000,000"


# --- The warehouse that is not there, or not to be had -------------------------------


def refused(database: Path, capture: pytest.CaptureFixture[str]) -> str:
    assert explain_lead.main(["c-1", "--database", str(database)]) == 1
    err = capture.readouterr().err
    assert err.count("\n") == 1
    return err


def test_missing_warehouse_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "run `make build`" in refused(tmp_path / "none.duckdb", capsys)


def test_file_that_is_no_warehouse_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.duckdb").write_text("lead_id\n" * 1000)
    assert "cannot be read" in refused(tmp_path / "text.duckdb", capsys)


def test_locked_and_half_built_warehouses_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "half.duckdb"
    building = f"import duckdb; c = duckdb.connect({str(file)!r}); print(flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", f"{building}; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as build:
        assert build.stdout is not None
        build.stdout.readline()
        assert "a running build holds the warehouse" in refused(file, capsys)
        build.communicate(b"\n")
    assert "run `dbt build` (Catalog Error: Table with name" in refused(file, capsys)


def test_published_copy_is_told_from_a_half_built_warehouse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop, marts = built_shop(), tmp_path / "marts.duckdb"
    argv = ["--database", str(shop.database), "--run-results", str(shop.run_results)]
    assert publish_marts.main([*argv, "--marts", str(marts)]) == 0
    capsys.readouterr()
    said = refused(marts, capsys)
    assert f"{marts}: is the published copy, and this needs the working database" in (
        said
    )
    assert "dbt build`" not in said


# --- The terminal -------------------------------------------------------------------


def test_closed_pipe_and_plain_terminal_are_no_errors() -> None:
    command = [sys.executable, str(SCRIPT), "c-1", "--database"]
    with subprocess.Popen(
        [*command, str(built_shop().database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONIOENCODING": "ascii"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        assert first.startswith(b"Lead c-1")
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_data_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show(["anonymous:\x1b[2J\u00a0x"])
    assert capsys.readouterr().out == "anonymous:�[2J x\n"


def test_numbers_have_separators_and_no_minus_zero() -> None:
    assert number(-0.001) == "0.00"
    assert number(1234.5) == "1,234.50"
    assert number(-6) == "-6.00"


def test_title_and_aside_share_a_line_only_where_both_fit() -> None:
    rule = "─" * WIDTH
    assert heading("Lead c-1") == ["Lead c-1", rule]
    assert heading("x" * 80, "today") == ["x" * 80 + "   today", rule]
    for length in (82, WIDTH, 120):
        title = "x" * length
        assert heading(title, "today") == [title, " " * (WIDTH - 5) + "today", rule]


def test_broken_columns_share_what_the_others_leave() -> None:
    columns = [Column("id"), Column("a", is_broken=True), Column("b", is_broken=True)]
    lines = table(columns, [["x" * 40, "word " * 20, "short"]])
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines).count("word") == 20


def test_words_stay_whole_where_there_is_room() -> None:
    lead = "email:b353698c64739014"
    why = ", ".join(unbroken(f"product_view 0.0 → {n}.5") for n in range(10, 14))
    columns = [Column("lead", is_broken=True), Column(""), Column("", is_broken=True)]
    lines = table(columns, [[lead, "x" * 44, why]])
    assert max(map(len, lines)) <= WIDTH
    assert lead in " ".join(lines)
    assert " ".join(lines).count("product_view") == 4
