"""Bad input, from the file to the score: each case with its test.

The rest of what may be bad is tested elsewhere; this is the whole list.

test_load_landing:
    missing file                    test_a_failing_file_stops_no_other
    wrong delimiter                 test_a_wrong_file_gets_one_sentence
    missing column                  test_a_wrong_file_gets_one_sentence
    unknown mapping key             test_a_wrong_mapping_gets_one_sentence
    text in a number, loading       test_values_that_cannot_be_read
    dates in three formats, loading test_times_become_utc
    invalid time zone, mapping      test_a_wrong_mapping_gets_one_sentence

test_rules:
    text in a number, rules         test_text_in_a_number_names_file_and_line
    rule file, extra column         test_bad_file_is_named_with_what_to_do
    rule file, missing column       test_bad_file_is_named_with_what_to_do

test_killed_build:
    killed build                    test_good_build_mends_what_killed_ones_left

test_bad_input:
    text in a number, building      test_text_in_a_number_costs_its_row_alone
    dates in three formats, without test_dates_nobody_can_read_are_kept_aside
    dates in three formats, with    test_dates_in_three_formats_are_one_moment
    invalid time zone, loading      test_file_in_no_time_zone_changes_nothing
    invalid time zone, building     test_shop_in_no_time_zone_is_not_built
    event id null                   test_events_without_id_are_rejected
    event id repeated               test_first_of_two_different_events_counts
    future timestamps               test_future_moves_neither_scores_nor_today
    negative amounts                test_negative_amount_is_only_for_refunds
    emails in mixed case, spaces    test_email_is_one_lead_however_it_is_written
    one email on two contacts       test_older_of_two_contacts_names_their_lead
    10,000 events in a day          test_ten_thousand_events_of_a_day_are_capped
    only negative points            test_lead_with_only_negative_points_is_cold
    no events at all                test_contacts_without_events_are_scored
    no contacts at all              test_events_without_contacts_are_scored
    contact_id like a visitor's     test_contact_id_like_a_visitors_is_another_lead
    neither                         test_nothing_at_all_builds_and_publishes
    variable set to nothing         test_an_empty_variable_is_one_not_set
    misspelt var, wrong date        test_vars_that_mean_nothing_end_the_build
    warehouse with a taken name     test_warehouse_may_not_bear_every_name
    no landing zone                 test_missing_landing_zone_is_said_in_words
    no landing zone, on Spark       test_missing_landing_zone_is_said_on_spark_too
    one model first, on Spark       test_first_build_on_spark_may_be_of_one_model
    landing zone with apostrophe    test_landing_zone_may_be_called_as_it_is
    landing zone with *, loading    test_landing_zone_may_not_be_a_pattern
    landing zone with *, building   test_landing_zone_that_is_a_pattern_is_not_built
    no rows (--empty)               test_a_build_without_rows_is_refused_in_words
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import md5
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
import pytest

import dbt_runs
import load_landing
import publish_marts
import summarize_build
from dbt_runs import PROJECT, invoke_dbt, places, run_dbt, surroundings
from warehouse import Row, Warehouse, compiled

RULES = PROJECT / "seeds" / "rules"
ANNA = "email:" + md5(b"anna@example.com").hexdigest()[:16]
CSV_HEADER = "event_id,source,event_name,occurred_at,email,amount"


@dataclass
class Shop:
    """A shop whose files arrive one by one, and what the models make of them."""

    inbox: Path
    landing: Path
    arrivals: int = 0

    def load(self, file: Path, *options: object) -> int:
        """Load one file; a load is later than the one before."""
        self.arrivals += 1
        loaded_at = f"2026-06-01T00:{self.arrivals:02}:00"
        argv = [file, "--landing", self.landing, "--loaded-at", loaded_at, *options]
        return load_landing.main([str(word) for word in argv])

    def arrive(self, table: str, *rows: Row) -> None:
        """Load rows as JSON Lines."""
        file = self.inbox / f"{table}_{self.arrivals}.jsonl"
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        assert self.load(file, "--table", table) == 0

    def file(self, name: str, *lines: str) -> Path:
        """Write a file of lines."""
        file = self.inbox / name
        file.write_text("\n".join((*lines, "")), encoding="utf-8")
        return file

    def unreadable(self) -> list[tuple[Any, ...]]:
        """What the loader kept aside: line, text and reason."""
        files = f"'{self.landing}/unreadable_rows/*/*.parquet'"
        query = f"select line, text, error from read_parquet({files}) order by line"
        return duckdb.sql(query).fetchall()

    def score(self) -> "Scored":
        scored = compiled().score(self.landing, RULES, None)
        return Scored(scored.connection)


class Scored(Warehouse):
    """A scored shop."""

    @property
    def today(self) -> date:
        today = self.value("select as_of_date from warehouse.identity.int_as_of_date")
        assert isinstance(today, date)
        return today

    @property
    def leads(self) -> dict[str, Row]:
        """The scores by lead."""
        scores = self.rows("from warehouse.scores.fct_lead_scores order by lead_id")
        return {row["lead_id"]: row for row in scores}

    @property
    def lead(self) -> Row:
        """The scores of the only lead."""
        (lead,) = self.leads.values()
        return lead

    def points(self, rule: str) -> Row:
        """The only row that tells what a rule earned."""
        points = "from warehouse.scores.fct_lead_rule_points"
        (row,) = self.rows(f"{points} where rule_id = '{rule}'")
        return row

    @property
    def rejected(self) -> list[tuple[str | None, str]]:
        """Event and reason of every rejected row."""
        rows = self.rows(
            """select event_id, reason from warehouse.activity.fct_events_rejected
            order by event_id nulls first"""
        )
        return [(row["event_id"], row["reason"]) for row in rows]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that nothing has been loaded into, with every table there."""
    shop = Shop(tmp_path, tmp_path / "landing")
    assert load_landing.main(["--init", "--landing", str(shop.landing)]) == 0
    return shop


def event(event_id: str | None, name: str = "page_viewed", **columns: Any) -> Row:
    """An event of 2 May by anna@example.com."""
    common = {"source": "shop", "event_name": name, "email": "anna@example.com"}
    day = {"occurred_at": "2026-05-02T12:00:00"}
    return {"event_id": event_id, **common, **day, **columns}


def contact(contact_id: str, email: str, **columns: Any) -> Row:
    created = {"created_at": "2026-01-01", "updated_at": "2026-01-01"}
    return {"contact_id": contact_id, "email": email, **created, **columns}


# --- Values that cannot be read -----------------------------------------------------


def test_text_in_a_number_costs_its_row_alone(shop: Shop) -> None:
    bad = "2,shop,order_completed,2026-05-02,anna@example.com,ten euros"
    good = "1,shop,order_completed,2026-05-02,anna@example.com,10"
    assert shop.load(shop.file("events.csv", CSV_HEADER, good, bad)) == 0
    assert shop.unreadable() == [(3, bad, "events.amount: not a number")]
    scored = shop.score()
    assert (scored.lead["orders_count"], scored.lead["orders_amount"]) == (1, 10)
    assert scored.rejected == []


THREE_FORMATS = [
    "1,shop,products_searched,2026-05-02 10:00,anna@example.com,",
    "2,shop,products_searched,02/05/2026 10:00,anna@example.com,",
    "3,shop,products_searched,2 May 2026 10:00,anna@example.com,",
]


def test_dates_nobody_can_read_are_kept_aside(shop: Shop) -> None:
    assert shop.load(shop.file("events.csv", CSV_HEADER, *THREE_FORMATS)) == 0
    reason = "events.occurred_at: not a date and time"
    assert shop.unreadable() == [(n, THREE_FORMATS[n - 2], reason) for n in (3, 4)]
    assert shop.score().points("search")["hits"] == 1


def test_dates_in_three_formats_are_one_moment(shop: Shop) -> None:
    mapping = shop.file(
        "mapping.yml",
        "loads:",
        "  - table: events",
        '    timestamp_formats: ["%d/%m/%Y %H:%M", "%d %b %Y %H:%M"]',
        "    columns:",
        *(f"      {name}: {name}" for name in CSV_HEADER.split(",")),
    )
    file = shop.file("events.csv", CSV_HEADER, *THREE_FORMATS)
    assert shop.load(file, "--mapping", mapping) == 0
    assert shop.unreadable() == []
    scored = shop.score()
    assert scored.points("search")["hits"] == 3
    seen = scored.rows("select * from warehouse.activity.dim_leads")[0]
    ten = datetime(2026, 5, 2, 10)
    assert (seen["first_seen_at"], seen["last_activity_at"]) == (ten, ten)


def test_file_in_no_time_zone_changes_nothing(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.arrive("events", event("1"))
    mapping = shop.file(
        "mapping.yml",
        "loads:",
        "  - table: events",
        "    time_zone: Europe/Atlantis",
        "    columns:",
        *(f"      {name}: {name}" for name in CSV_HEADER.split(",")),
    )
    file = shop.file("events.csv", CSV_HEADER, *THREE_FORMATS)
    assert shop.load(file, "--mapping", mapping) == 1
    assert "unknown time_zone Europe/Atlantis" in capsys.readouterr().err
    assert shop.score().lead["last_activity_date"] == date(2026, 5, 2)


def test_shop_in_no_time_zone_is_not_built(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    assert load_landing.main(["--init", "--landing", str(landing)]) == 0
    wrong = "{timezone: Europe/Atlantis}"
    result = run_dbt(tmp_path, "build", "--quiet", "--fail-fast", "--vars", wrong)
    assert not result.success
    # Two nodes are made at a time: both may have begun.
    said = [run.message for run in result.result if run.status == "error"]
    assert said
    assert all("Unknown TimeZone 'Europe/Atlantis'" in each for each in said)
    outcomes = {run.node.name: run.status for run in result.result}
    assert outcomes["fct_lead_scores"] == "skipped"


# --- Events that contradict themselves ----------------------------------------------


def test_events_without_id_are_rejected(shop: Shop) -> None:
    searched = [event(n, "products_searched") for n in (None, "  ", "1")]
    shop.arrive("events", *searched)
    scored = shop.score()
    assert scored.rejected == [(None, "missing_event_id")] * 2
    assert scored.points("search")["hits"] == 1


def test_first_of_two_different_events_counts(shop: Shop) -> None:
    """Within a load the earlier one, over loads the one that was loaded first."""
    ordered = event("1", "order_completed", amount=10)
    an_hour_later = {"occurred_at": "2026-05-02T13:00:00", "amount": 20}
    an_hour_earlier = {"occurred_at": "2026-05-02T11:00:00", "amount": 40}
    shop.arrive("events", ordered | an_hour_later, ordered)
    shop.arrive("events", ordered | an_hour_earlier)
    scored = shop.score()
    assert (scored.lead["orders_count"], scored.lead["orders_amount"]) == (1, 10)
    repeated = scored.rows(
        """select amount, is_duplicate, is_conflict
        from warehouse.personal.int_events_repeated order by amount"""
    )
    assert [tuple(row.values()) for row in repeated] == [
        (10, False, False),
        (20, True, True),
        (40, True, True),
    ]


def test_future_moves_neither_scores_nor_today(shop: Shop) -> None:
    shop.arrive("events", event("1"), event("2", occurred_at="2031-05-02T12:00:00"))
    scored = shop.score()
    assert scored.rejected == [("2", "future_timestamp")]
    assert scored.today == scored.lead["last_activity_date"] == date(2026, 5, 2)


def test_negative_amount_is_only_for_refunds(shop: Shop) -> None:
    shop.arrive(
        "events",
        event("1", "order_completed", amount=100),
        event("2", "order_completed", amount=-30),
        event("3", "order_refunded", amount=-20),
        event("4", "order_refunded", amount=20),
    )
    scored = shop.score()
    assert scored.rejected == [("2", "negative_amount")]
    assert (scored.lead["orders_count"], scored.lead["orders_amount"]) == (1, 100)
    assert scored.points("return")["hits"] == 2
    refunded = scored.value(
        """select sum(amount) from warehouse.activity.int_lead_match_days
        inner join warehouse.staging.int_matches using (match_id)
        where event_type = 'order_refunded' and property is null"""
    )
    assert refunded == 40


# --- People ------------------------------------------------------------------------


@pytest.mark.parametrize("has_contact", [True, False])
def test_email_is_one_lead_however_it_is_written(shop: Shop, has_contact: bool) -> None:
    writings = ("anna@example.com", " Anna@Example.com", "ANNA@EXAMPLE.COM  ")
    shop.arrive(
        "events",
        *(
            event(str(n), "products_searched", email=email)
            for n, email in enumerate(writings)
        ),
    )
    if has_contact:
        shop.arrive("contacts", contact("c-1", "  ANNA@example.COM "))
    scored = shop.score()
    name = "c-1" if has_contact else ANNA
    assert list(scored.leads) == [name]
    assert scored.points("search")["hits"] == 3


def test_older_of_two_contacts_names_their_lead(shop: Shop) -> None:
    shop.arrive(
        "contacts",
        contact("c-1", "anna@example.com", created_at="2026-03-01"),
        contact("c-2", "ANNA@example.com", created_at="2026-02-01"),
    )
    shop.arrive(
        "events",
        event("1", "products_searched", email=None, contact_id="c-1"),
        event("2", "products_searched", email=None, contact_id="c-2"),
        event("3", "products_searched"),
    )
    scored = shop.score()
    assert list(scored.leads) == ["c-2"]
    assert scored.points("search")["hits"] == 3
    assert scored.rows("from warehouse.activity.dim_leads")[0]["contacts_count"] == 2


def test_ten_thousand_events_of_a_day_are_capped(shop: Shop) -> None:
    """A crawler that calls itself a person, say."""
    file = shop.inbox / "events.csv"
    with open(file, "w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(CSV_HEADER.split(","))
        for n in range(10_000):
            at = f"2026-05-02T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}"
            rows.writerow((n, "shop", "products_searched", at, "anna@example.com", ""))
    begun = monotonic()
    assert shop.load(file) == 0
    scored = shop.score()
    assert monotonic() - begun < 20  # a second or two; a loop over pairs takes hours
    search = scored.points("search")
    assert (search["hits"], search["counted_hits"]) == (10_000, 5)
    assert (search["raw_points"], search["cap_loss"]) == (10_000, 9_995)
    assert scored.lead["engagement_points"] == search["points"] == 5


def test_lead_with_only_negative_points_is_cold(shop: Shop) -> None:
    browser = {"email": None, "anonymous_id": "b-1"}  # nothing known that could fit
    shop.arrive("events", event("1", "order_refunded", amount=20, **browser))
    lead = shop.score().lead
    assert lead["engagement_points"] == -15
    assert (lead["engagement_score"], lead["lead_score"]) == (0, 0)
    assert lead["temperature"] == "cold"
    assert [lead[f"top_reason_{n}"] for n in (1, 2, 3)] == [None] * 3


# --- Nothing -----------------------------------------------------------------------


def test_contacts_without_events_are_scored(shop: Shop) -> None:
    shop.arrive("contacts", contact("c-1", "anna@office.example", country="DE"))
    scored = shop.score()
    assert scored.today == date(2026, 1, 1)  # the contact's last change
    lead = scored.lead
    assert (lead["lead_id"], lead["stage"]) == ("c-1", "unknown")
    assert (lead["engagement_score"], lead["fit_points"]) == (0, 25)
    assert (lead["last_activity_date"], lead["days_inactive"]) == (None, None)


def test_events_without_contacts_are_scored(shop: Shop) -> None:
    browsed = {"email": None, "anonymous_id": "b-1"}
    shop.arrive(
        "events",
        event("1", "products_searched", **browsed),
        event("2", "products_searched", contact_id="c-1"),
        event("3", "products_searched"),
    )
    leads = shop.score().leads
    assert list(leads) == ["anonymous:b-1", "c-1", ANNA]
    assert {lead["engagement_points"] for lead in leads.values()} == {1}


def test_contact_id_like_a_visitors_is_another_lead(shop: Shop) -> None:
    """It may come from anybody's browser, and ended every build."""
    shop.arrive(
        "events",
        event("1", "products_searched", email=None, anonymous_id="b-1"),
        event("2", "products_searched", contact_id="anonymous:b-1"),
        event("3", "products_searched", contact_id=ANNA),
        event("4", "products_searched"),
    )
    names = ["anonymous:b-1", "contact_id:anonymous:b-1", f"contact_id:{ANNA}", ANNA]
    assert list(shop.score().leads) == names
    shop.arrive("contacts", contact("anonymous:b-1", "ben@example.com"))
    assert list(shop.score().leads) == names


def test_nothing_at_all_builds_and_publishes(tmp_path: Path) -> None:
    """With dbt itself, data tests included: an empty landing zone is a beginning."""
    landing = tmp_path / "landing"
    assert load_landing.main(["--init", "--landing", str(landing)]) == 0
    options = ("--quiet", "--exclude-resource-type=unit_test")
    result = run_dbt(tmp_path, "build", *options, artifacts=True)
    assert result.success, [run.message for run in result.result if run.message]

    database, marts = tmp_path / "warehouse.duckdb", tmp_path / "marts.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        empty = Scored(connection)
        assert empty.today == date(1970, 1, 1)
        assert empty.leads == {}
        assert empty.rejected == []
    files = ["--database", str(database), "--marts", str(marts)]
    run_results = str(tmp_path / "target" / "run_results.json")
    assert publish_marts.main([*files, "--run-results", run_results]) == 0
    assert summarize_build.main(files) == 0
    with duckdb.connect(str(marts), read_only=True) as connection:
        # There is no comparison for any segment, and that is told.
        published = connection.execute(
            """select sum(rows_count) from published
            where table_name not like '%fct_segment_uplift'"""
        )
        assert published.fetchone() == (0,)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Scores", "like one of its schemas"),
        ("main", "a name that DuckDB keeps for itself"),
        ("Temp", "a name that DuckDB keeps for itself"),
        ("system", "a name that DuckDB keeps for itself"),
        ('shop "b"', "breaks statements"),
        ("shop's", "breaks statements"),
        ("shop;b", "breaks statements"),
        ("shop #2", "breaks statements"),
        ("shop?", "breaks statements"),
        ("shops #2/shop", "breaks statements"),
    ],
)
def test_warehouse_may_not_bear_every_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    monkeypatch.setattr(dbt_runs, "DATABASE", f"{name}.duckdb")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    assert load_landing.main(["--init", "--landing", str(tmp_path / "landing")]) == 0
    run = ("run", "--quiet", "--select", "int_as_of_date")
    result = invoke_dbt(tmp_path, PROJECT, "seeds/rules", *run)
    assert not result.success
    said = str(result.exception)
    assert "the warehouse file is called `" in said
    assert name in said
    assert why in said


def test_missing_landing_zone_is_said_in_words(tmp_path: Path) -> None:
    result = run_dbt(tmp_path, "run", "--quiet", "--select", "int_reading")
    assert not result.success
    (said,) = (run.message for run in result.result if run.status == "error")
    assert "landing is empty: load files with scripts/load_landing.py" in str(said)


def test_an_empty_variable_is_one_not_set(tmp_path: Path) -> None:
    """As scripts read it: compose files and .env files leave what is not said blank."""
    assert load_landing.main(["--init", "--landing", str(tmp_path / "landing")]) == 0
    (tmp_path / "warehouse").mkdir()
    unsaid = ("LANDING", "DATABASE", "RULES", "MEMORY", "SPARK", "SPARK_MEMORY")
    dbt = str(Path(sys.executable).with_name("dbt"))
    subprocess.run(
        [dbt, "run", "--select", "stg_landing__events", *places(tmp_path, PROJECT)],
        env={**os.environ, **{f"LEAD_SCORING_{name}": "" for name in unsaid}},
        cwd=tmp_path,
        check=True,
    )
    assert (tmp_path / "warehouse" / "lead_scoring.duckdb").exists()


def run_on_spark(workspace: Path, *options: str) -> str:
    """What dbt prints: in a process of its own, as Spark's session outlives a run."""
    pytest.importorskip("pyspark")
    if not shutil.which("java"):
        pytest.skip("needs Java 17")
    dbt = str(Path(sys.executable).with_name("dbt"))
    result = subprocess.run(
        [dbt, "run", "--target", "spark", *options, *places(workspace, PROJECT)],
        env={
            **os.environ,
            **surroundings(workspace),
            "LEAD_SCORING_SPARK": str(workspace / "spark"),
        },
        cwd=workspace,
        stdout=subprocess.PIPE,
        check=False,
    )
    return result.stdout.decode()


@pytest.mark.long
@pytest.mark.engines
def test_missing_landing_zone_is_said_on_spark_too(tmp_path: Path) -> None:
    said = run_on_spark(tmp_path)
    assert "landing is empty: load files with scripts/load_landing.py" in said


@pytest.mark.long
@pytest.mark.engines
def test_first_build_on_spark_may_be_of_one_model(tmp_path: Path) -> None:
    """When no schema is there yet."""
    landing = tmp_path / "landing"
    assert load_landing.main(["--init", "--landing", str(landing)]) == 0
    said = run_on_spark(tmp_path, "--select", "stg_landing__events")
    assert "Completed successfully" in said


@pytest.mark.parametrize("name", ["a*", "a?", "[a]", "{a,b}", "a\\b"])
def test_landing_zone_may_not_be_a_pattern(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Files would be written there, and read elsewhere."""
    landing = tmp_path / name / "landing"
    assert load_landing.main(["--init", "--landing", str(landing)]) == 1
    error = capsys.readouterr().err
    assert "may hold none of * ? [ ] { }" in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a*", "[a]", "{a,b}"])
def test_landing_zone_that_is_a_pattern_is_not_built(tmp_path: Path, name: str) -> None:
    workspace = tmp_path / name
    workspace.mkdir()
    options = ("--quiet", "--select", "stg_landing__events")
    result = invoke_dbt(workspace, PROJECT, "seeds/rules", "run", *options)
    assert "may hold none of * ? [ ] { }" in str(result.exception)


def test_landing_zone_may_be_called_as_it_is(tmp_path: Path) -> None:
    workspace = tmp_path / "it's ours"
    landing = workspace / "landing"
    assert load_landing.main(["--init", "--landing", str(landing)]) == 0
    options = ("--quiet", "--select", "stg_landing__events")
    result = invoke_dbt(workspace, PROJECT, "seeds/rules", "run", *options)
    assert result.success, [run.message for run in result.result if run.message]


def test_a_build_without_rows_is_refused_in_words(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    assert load_landing.main(["--init", "--landing", str(landing)]) == 0
    result = run_dbt(tmp_path, "build", "--quiet", "--empty")
    assert not result.success
    assert "--empty reads no settings" in str(result.exception)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ("as_of_dat: 2026-05-01", "var `as_of_dat` does not exist in this project"),
        (
            "as_of_date: 01.05.2026",
            "`01.05.2026` is not a date: write it as 2026-05-31",
        ),
        (
            "as_of_date: '2026-02-29'",
            "`2026-02-29` is not a date: write it as 2026-05-31",
        ),
        ("future_tolerance_hours: -1", "`-1` is not a whole number: write it as 24"),
        ("future_tolerance_hours: 9999999", "write it as 24, at most 876000"),
    ],
)
def test_vars_that_mean_nothing_end_the_build(
    tmp_path: Path, variables: str, words: str
) -> None:
    landing = tmp_path / "landing"
    assert load_landing.main(["--init", "--landing", str(landing)]) == 0
    options = ["--select", "int_as_of_date", "--vars", variables]
    result = run_dbt(tmp_path, "run", "--quiet", *options)
    assert not result.success
    assert words in str(result.exception)


# --- The list itself ---------------------------------------------------------------


def test_every_test_listed_above_is_there() -> None:
    text, found = "", []
    for line in str(__doc__).splitlines()[4:]:
        if line.endswith(":"):
            module = Path(__file__).with_name(f"{line[:-1]}.py")
            text = module.read_text(encoding="utf-8")
        elif line:
            test = line.split()[-1]
            assert f"\ndef {test}(" in text, test
            found.append(test)
    here = {name for name in globals() if name.startswith("test_")}
    assert here - set(found) == {"test_every_test_listed_above_is_there"}
