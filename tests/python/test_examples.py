"""The examples: real shops' files through their mappings and rules, to known totals.

The files are no part of the project. Their folder is $LEAD_SCORING_EXAMPLE_DATA, else
shared/data beside the project; what it lacks is skipped. Every expected number is taken
straight from the files, by SQL that knows nothing of mappings, models and rules.
"""

import csv
import os
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest

import calibrate_rules
import load_landing
from _calibration_panel import no_progress
from _calibration_report import CalibrationReport
from _load_mapping import MappingReader
from dbt_runs import PROJECT, run_dbt
from warehouse import Row, Warehouse

pytestmark = pytest.mark.long

EXAMPLES = PROJECT / "examples"
SHOPS = ("online_retail", "complete_journey")
DATA = Path(
    os.environ.get("LEAD_SCORING_EXAMPLE_DATA") or PROJECT.parent / "shared" / "data"
)


def data_of(shop: str) -> Path:
    """Return the folder of a shop's files, or skip the test."""
    if not (DATA / shop).is_dir():
        pytest.skip(
            f"needs the files of {shop}: see examples/{shop}/README.md and set"
            " LEAD_SCORING_EXAMPLE_DATA to the folder that holds theirs"
        )
    return DATA / shop


def load(shop: str, landing: Path, *files: Path) -> None:
    mapping = EXAMPLES / shop / "mapping.yml"
    arguments = [*map(str, files), "--mapping", str(mapping)]
    assert load_landing.main([*arguments, "--landing", str(landing)]) == 0


@contextmanager
def built(shop: str, workspace: Path, *arguments: str) -> Iterator[Warehouse]:
    """Build a landing zone with the shop's rules and every test; read the result."""
    result = run_dbt(
        workspace, "build", "--quiet", *arguments, rules=f"examples/{shop}/rules"
    )
    assert result.exception is None
    not_passed = ("error", "fail", "runtime error", "warn")
    problems = [
        f"{each.node.name}: {each.message}"
        for each in result.result
        if each.status in not_passed
    ]
    assert not problems, "\n".join(problems)
    # Only to be read, so that calibration may read it too.
    file = workspace / "warehouse.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        for table in ("events", "contacts", "contact_attributes", "loads"):
            landed(connection, workspace / "landing", table)
        yield Warehouse(connection)


def calibrated(
    shop: Warehouse, rules: str, output: Path, *arguments: str
) -> CalibrationReport:
    """Calibrate on a copy; return what the report tells, rows of the test checked."""
    database = Path(
        shop.value("select path from duckdb_databases() where path is not null")
    )
    surroundings = {
        "LEAD_SCORING_LANDING": str(database.parent / "landing"),
        "LEAD_SCORING_RULES": rules,
    }
    given = ["--database", str(database), "--output", str(output), *arguments]
    with mock.patch.dict(os.environ, surroundings):
        options = calibrate_rules.parse_arguments(given)
        options.arguments = given
        report, _ = calibrate_rules.propose(options, no_progress)
    return report


def landed(
    connection: duckdb.DuckDBPyConnection, landing: Path, table: str, name: str = ""
) -> None:
    """Make a view of a landing table."""
    files = f"read_parquet('{landing}/{table}/*/*.parquet')"
    view = name or f"landed_{table}"
    connection.execute(f"create temp view {view} as select * from {files}")


def assert_same_rows(shop: Warehouse, one: str, other: str) -> None:
    """Compare two queries row by row, sums to a millionth."""
    left, right = ([rounded(row) for row in shop.rows(query)] for query in (one, other))
    assert left, "nothing to compare"
    assert len(left) == len(right)
    differences = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    assert differences == []


def rounded(row: Row) -> list[Any]:
    return [round(v, 6) if isinstance(v, float) else v for v in row.values()]


def auc(shop: Warehouse, label: str, score: str, source: str) -> float:
    """Return how often a row with the label scores above one without it."""
    return float(
        shop.value(
            f"""
            with ranked as (
                select ({label}) as is_one, rank() over (order by {score})
                + (count(*) over (partition by {score}) - 1) / 2 as place
                from {source}
            )
            select (sum(place) filter (is_one)
                - count_if(is_one) * (count_if(is_one) + 1) / 2)
                / (count_if(is_one) * count_if(not is_one))
            from ranked
            """
        )
    )


def next_orders(shop: Warehouse, orders: str, first: str, days: range) -> list[Any]:
    """Count customers at the cut-offs, and those who order within 30 days of them."""
    return shop.rows(
        f"""
        with known as (
            select
                customer_id,
                cut_off,
                max(order_date >= cut_off and order_date < cut_off + 30) as ordered
            from {orders}
            cross join (
                select date '{first}' + cast(range as int) as cut_off
                from range({days.start}, {days.stop}, {days.step})
            )
            group by customer_id, cut_off
            having min(order_date) < cut_off
        )
        select count(*) as customers, count_if(ordered) as ordered from known
        """
    )


# --- What needs no data ------------------------------------------------------------


@pytest.mark.parametrize("shop", SHOPS)
def test_mapping_is_sound(shop: str) -> None:
    assert MappingReader(EXAMPLES / shop / "mapping.yml").read()


@pytest.mark.parametrize("shop", SHOPS)
def test_rules_are_the_same_files_with_the_same_columns(shop: str) -> None:
    def headers(folder: Path) -> dict[str, list[str]]:
        return {
            path.name: next(csv.reader(path.read_text("utf-8").splitlines()))
            for path in folder.iterdir()
        }

    assert headers(EXAMPLES / shop / "rules") == headers(PROJECT / "seeds" / "rules")


def prepare_mailings(folder: Path, target: Path) -> int:
    script = EXAMPLES / "complete_journey" / "prepare_mailings.py"
    main = runpy.run_path(str(script))["main"]
    return int(main([str(folder), str(target)]))


def test_a_mailing_without_a_day_is_no_mailing_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "campaigns.csv").write_text("campaign_id,household_id\n1,7\n2,7\n")
    dated = "campaign_id,campaign_type,start_date,end_date\n1,A,2017-01-01,2017-02-01\n"
    (tmp_path / "campaign_descriptions.csv").write_text(dated)
    target = tmp_path / "mailings.parquet"
    assert prepare_mailings(tmp_path, target) == 1
    assert "lacks the start_date" in capsys.readouterr().err
    assert not target.exists()


# --- Online retail -----------------------------------------------------------------

# What was sold to whom: one order per customer and invoice.
SOLD = """create temp view sold as
    select
        cast(cast(CustomerID as bigint) as varchar) as customer_id,
        InvoiceNo as order_id,
        sum(Quantity * UnitPrice) as amount,
        cast(min(InvoiceDate) as date) as order_date
    from lines
    where CustomerID is not null and InvoiceNo not like 'C%'
        and Quantity > 0 and UnitPrice > 0
    group by all"""


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    file = data_of("online_retail") / "online_retail.parquet"
    workspace = tmp_path_factory.mktemp("online_retail")
    load("online_retail", workspace / "landing", file)
    zone = ("--vars", "{timezone: Europe/London}")
    with built("online_retail", workspace, *zone) as shop:
        shop.connection.execute(f"create temp view lines as from '{file}'")
        shop.connection.execute(SOLD)
        yield shop


def test_retail_every_line_goes_into_one_event(retail: Warehouse) -> None:
    lines = retail.value("select count(*) from lines")
    assert lines == 541_909
    of_events = "from landed_loads where table_name = 'events'"
    shared_out = retail.value(f"select sum(read_count - filtered_count) {of_events}")
    in_events = retail.value(
        "select sum(cast(properties ->> 'lines' as bigint)) from landed_events"
    )
    assert shared_out == in_events == lines
    assert retail.value("select sum(unreadable_count) from landed_loads") == 0
    assert retail.value(f"select sum(loaded_count) {of_events}") == retail.value(
        "select count(*) from landed_events"
    )


def test_retail_every_event_is_accepted_or_rejected_for_its_reason(
    retail: Warehouse,
) -> None:
    without_value = "not (Quantity > 0 and UnitPrice > 0) and InvoiceNo not like 'C%'"
    expected = retail.rows(
        f"""
        with events as (
            select distinct InvoiceNo, CustomerID, {without_value} as is_rest from lines
        )
        select
            count(*) as landed,
            count_if(CustomerID is null) as missing_identifier,
            count_if(CustomerID is not null and is_rest) as unmapped_event_name,
            count_if(CustomerID is not null and not is_rest) as accepted
        from events
        """
    )
    rejected = "select count(*) from activity.fct_events_rejected where reason ="
    assert expected == [
        {
            "landed": retail.value("select count(*) from landed_events"),
            "missing_identifier": retail.value(f"{rejected} 'missing_identifier'"),
            "unmapped_event_name": retail.value(f"{rejected} 'unmapped_event_name'"),
            "accepted": retail.value(
                "select count(*) from staging.int_events_accepted"
            ),
        }
    ]
    assert expected[0]["missing_identifier"] == 3_733
    assert (
        retail.value("select count(*) from activity.fct_events_rejected")
        + retail.value("select count(*) from staging.int_events_accepted")
        == (expected[0]["landed"])
    )


def test_retail_orders_of_every_customer(retail: Warehouse) -> None:
    ours = """
        select contact_id, order_id, amount, event_date from staging.int_events_accepted
        where event_type = 'order_completed' order by all"""
    assert_same_rows(retail, ours, "select * from sold order by all")
    assert retail.value("select count(*) from sold") == 18_532
    totals = "count(*) as n, sum(amount) as amount"
    assert_same_rows(
        retail,
        """
        select lead_id, orders_count, orders_amount from scores.fct_lead_scores
        where orders_count > 0 order by lead_id""",
        f"select customer_id, {totals} from sold group by all order by customer_id",
    )


def test_retail_returns_of_every_customer(retail: Warehouse) -> None:
    assert_same_rows(
        retail,
        """
        select contact_id, count(*) as n, sum(shop_amount) as amount
        from staging.int_events_accepted where event_type = 'order_refunded'
        group by all order by contact_id""",
        """
        select cast(cast(CustomerID as bigint) as varchar) as customer_id,
            count(distinct InvoiceNo) as n, -sum(Quantity * UnitPrice) as amount
        from lines where InvoiceNo like 'C%' and CustomerID is not null
        group by all order by customer_id""",
    )


def test_retail_every_customer_is_a_lead(retail: Warehouse) -> None:
    scored = retail.value("select count(*) from scores.fct_lead_scores")
    assert scored == retail.value("select count(distinct CustomerID) from lines")
    assert_same_rows(
        retail,
        "select lead_id, country, first_seen_at from activity.dim_leads order by all",
        """
        select cast(cast(CustomerID as bigint) as varchar) as lead_id,
            min_by(Country, (InvoiceDate, Country)) as country,
            timezone('UTC', timezone('Europe/London', min(InvoiceDate))) as seen_at
        from lines where CustomerID is not null group by CustomerID order by all""",
    )


def test_retail_points_of_orders_are_those_of_the_rule(retail: Warehouse) -> None:
    # 10 points each, three a day at most, half as much after 120 days.
    assert_same_rows(
        retail,
        """
        select lead_id, points from scores.fct_lead_rule_points
        where rule_id = 'order' order by lead_id""",
        """
        with days as (
            select customer_id, order_date, least(count(*), 3) as orders
            from sold group by customer_id, order_date
        )
        select customer_id, round(
            sum(10 * orders * pow(2, -(date '2011-12-09' - order_date) / 120)), 9
        ) as points
        from days group by customer_id order by customer_id""",
    )


def test_retail_frequent_recent_buyers_are_on_top(retail: Warehouse) -> None:
    frequent_and_recent = "orders_count >= 5 and days_inactive <= 60"
    scores = "scores.fct_lead_scores"
    assert auc(retail, frequent_and_recent, "engagement_score", scores) > 0.97
    assert auc(retail, "orders_count >= 5", "engagement_score", scores) > 0.9
    top = retail.rows(f"select * from {scores} order by score_rank limit 20")
    assert all(row["temperature"] == "hot" for row in top)
    assert all(row["orders_count"] >= 10 for row in top)


def test_retail_next_orders_are_those_of_the_protocol(retail: Warehouse) -> None:
    orders = """(
        select contact_id as customer_id, event_date as order_date
        from staging.int_events_accepted where event_type = 'order_completed')"""
    found = next_orders(retail, orders, "2010-12-01", range(271, 342, 14))
    assert found == next_orders(retail, "sold", "2010-12-01", range(271, 342, 14))
    assert found[0]["customers"] == 21_894


def test_retail_the_fitted_probability_ranks_next_months_buyers(
    retail: Warehouse, tmp_path: Path
) -> None:
    report = calibrated(
        retail,
        "examples/online_retail/rules",
        tmp_path,
        *("--test-from", "2011-08-28"),
        *("--vars", '{"timezone": "Europe/London"}'),
    )
    assert report.evidence.test_rows == 21_894
    assert round(report.is_converted[report.split.is_test].mean(), 3) == 0.305
    assert max(report.split.train_dates) == "2011-07-19"
    assert report.probability.auc is not None
    assert report.probability.auc.auc >= 0.729
    assert not report.leaks


def test_retail_as_csv_lands_the_same(tmp_path: Path) -> None:
    # As the UCI repository has it: 12/1/2010 8:26, and numbers as text.
    file = data_of("online_retail") / "online_retail.parquet"
    some = f"from '{file}' where file_row_number % 97 = 0 or InvoiceNo like '5363%'"
    columns = "InvoiceNo, StockCode, Description, Quantity"
    to_csv, to_parquet = tmp_path / "retail.csv", tmp_path / "retail.parquet"
    rest = "UnitPrice, cast(CustomerID as bigint) as CustomerID, Country"
    written = "strftime(InvoiceDate, '%-m/%-d/%Y %-H:%M') as InvoiceDate"
    with duckdb.connect() as connection:
        reader = f"read_parquet('{file}', file_row_number = true)"
        some = some.replace(f"'{file}'", reader)
        for query in (
            f"copy (select {columns}, InvoiceDate, {rest} {some}) to '{to_parquet}'",
            f"copy (select {columns}, {written}, {rest} {some}) to '{to_csv}'",
        ):
            connection.execute(query)
        for name, path in (("one", to_parquet), ("other", to_csv)):
            load("online_retail", tmp_path / name, path)
            landed(connection, tmp_path / name, "events", f"{name}_events")
            landed(connection, tmp_path / name, "contacts", f"{name}_contacts")
        for table in ("events", "contacts"):
            assert_same_rows(
                Warehouse(connection),
                f"select * exclude (loaded_at) from one_{table} order by all",
                f"select * exclude (loaded_at) from other_{table} order by all",
            )


def test_retail_loaded_again_adds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data_of("online_retail") / "online_retail.parquet"
    part = tmp_path / "part.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (from '{file}' limit 20000) to '{part}'")
    load("online_retail", tmp_path / "landing", part)
    before = sorted(tmp_path.rglob("*.parquet"))
    load("online_retail", tmp_path / "landing", part)
    assert sorted(tmp_path.rglob("*.parquet")) == before


# --- Complete journey --------------------------------------------------------------


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = data_of("complete_journey")
    workspace = tmp_path_factory.mktemp("complete_journey")
    mailings = workspace / "mailings.parquet"
    assert prepare_mailings(folder, mailings) == 0
    load("complete_journey", workspace / "landing", folder, mailings)
    # Unit tests read no shop's data; the other example has run them.
    untested = ("--exclude-resource-type", "unit_test")
    with built("complete_journey", workspace, *untested) as shop:
        for file in folder.glob("*.parquet"):
            view = f"create temp view their_{file.stem} as from '{file}'"
            shop.connection.execute(view)
        shop.connection.execute(
            """create temp view baskets as
            select household_id as customer_id, basket_id as order_id,
                sum(sales_value) as amount,
                cast(min(transaction_timestamp) as date) as order_date
            from their_transactions_sample group by all"""
        )
        yield shop


def test_grocer_every_event_is_accepted(grocer: Warehouse) -> None:
    theirs = """
        select (select count(distinct (household_id, basket_id))
                from their_transactions_sample)
            + (select count(*) from their_campaigns)
            + (select count(*) from their_coupon_redemptions)"""
    assert grocer.value(theirs) == 47_243 + 6_589 + 2_102
    for table in ("landed_events", "staging.int_events_accepted"):
        assert grocer.value(f"select count(*) from {table}") == grocer.value(theirs)
    assert grocer.value("select count(*) from activity.fct_events_rejected") == 0
    read = "select sum(read_count), sum(filtered_count), sum(unreadable_count)"
    events = f"{read} from landed_loads where table_name = 'events'"
    assert grocer.connection.execute(events).fetchone() == (
        75_000 + 6_589 + 2_102,
        0,
        0,
    )


def test_grocer_baskets_of_every_household(grocer: Warehouse) -> None:
    ours = """
        select contact_id, order_id, amount, event_date from staging.int_events_accepted
        where event_type = 'order_completed' order by all"""
    assert_same_rows(grocer, ours, "select * from baskets order by all")
    assert_same_rows(
        grocer,
        """
        select lead_id, orders_count, orders_amount from scores.fct_lead_scores
        where orders_count > 0 order by lead_id""",
        """
        select customer_id, count(*) as n, sum(amount) as amount from baskets
        group by all order by customer_id""",
    )


def test_grocer_mailings_and_redemptions_of_every_household(grocer: Warehouse) -> None:
    ours = """
        select contact_id, campaign_id, event_date from staging.int_events_accepted
        where event_type = '{}' order by all"""
    mailed = """
        select household_id, campaign_id, start_date from their_campaigns
        inner join their_campaign_descriptions using (campaign_id) order by all"""
    assert_same_rows(grocer, ours.format("campaign_mailed"), mailed)
    redeemed = """
        select household_id, campaign_id, redemption_date from their_coupon_redemptions
        order by all"""
    assert_same_rows(grocer, ours.format("coupon_redeemed"), redeemed)


def test_grocer_answers_are_attributes(grocer: Warehouse) -> None:
    assert_same_rows(
        grocer,
        "select contact_id, attribute, value from landed_contact_attributes"
        " order by all",
        """
        select household_id, if(attribute = 'age', 'age_band', attribute), value
        from (unpivot their_demographics on columns(* exclude household_id)
            into name attribute value value)
        order by all""",
    )


@pytest.mark.parametrize(
    ("household", "fit"),
    [
        ("1", 10 + 15 + 15),  # 35-49K, a household of two, home owner, 65+
        ("1001", 20 + 15 + 10),  # 50-74K, lives alone, home owner, 45-54
        ("1003", 10 + 10),  # 25-34K, lives alone, home unknown, 35-44
    ],
)
def test_grocer_fit_of_some_households(
    grocer: Warehouse, household: str, fit: float
) -> None:
    scores = "select fit_score from scores.fct_lead_scores"
    assert grocer.value(f"{scores} where lead_id = '{household}'") == fit


def test_grocer_households_without_answers_are_leads_too(grocer: Warehouse) -> None:
    # Two households were mailed and are in no basket of the sample.
    leads = """
        select count(*), count_if(orders_count = 0) from scores.fct_lead_scores"""
    assert grocer.connection.execute(leads).fetchone() == (2_379, 2)
    unknown = """
        select max(fit_score) from scores.fct_lead_scores
        where lead_id not in (select household_id from their_demographics)"""
    assert grocer.value(unknown) == 0


def test_grocer_frequent_recent_shoppers_are_on_top(grocer: Warehouse) -> None:
    frequent_and_recent = "orders_count >= 30 and days_inactive <= 14"
    scores = "scores.fct_lead_scores"
    assert auc(grocer, frequent_and_recent, "engagement_score", scores) > 0.95
    assert auc(grocer, "orders_count >= 30", "engagement_score", scores) > 0.9


def test_grocer_next_baskets_are_those_of_the_protocol(grocer: Warehouse) -> None:
    orders = """(
        select contact_id as customer_id, event_date as order_date
        from staging.int_events_accepted where event_type = 'order_completed')"""
    found = next_orders(grocer, orders, "2017-01-01", range(240, 325, 21))
    assert found == next_orders(grocer, "baskets", "2017-01-01", range(240, 325, 21))
    assert found[0]["customers"] == 11_656


def test_grocer_fitted_scores_rank_next_months_buyers(
    grocer: Warehouse, tmp_path: Path
) -> None:
    report = calibrated(
        grocer,
        "examples/complete_journey/rules",
        tmp_path,
        *("--test-from", "2017-08-27"),
    )
    assert report.evidence.test_rows == 11_656
    assert round(report.is_converted[report.split.is_test].mean(), 3) == 0.646
    assert report.engagement.comparison is not None
    assert report.engagement.comparison.proposed.auc >= 0.819
    assert report.probability.auc is not None
    assert report.probability.auc.auc >= 0.819
    assert not report.leaks


def test_grocer_the_fitted_probability_knows_who_will_redeem_a_mailing(
    grocer: Warehouse, tmp_path: Path
) -> None:
    report = calibrated(
        grocer,
        "examples/complete_journey/rules",
        tmp_path,
        *("--rules", "examples/complete_journey/mailing"),
        *("--test-from", "2017-07-31", "--train-until", "2017-07-30"),
        # Nothing is known to have come after the last event: every outcome counts.
        *("--vars", '{"as_of_date": "2018-03-31"}'),
    )
    assert report.evidence.test_rows == 3_739
    assert round(report.is_converted[report.split.is_test].mean(), 3) == 0.137
    assert report.probability.auc is not None
    assert report.probability.auc.auc >= 0.77
