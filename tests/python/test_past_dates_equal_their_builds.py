"""Nothing leaks from the future: a past date is scored as a build of that day does.

A build scores many dates at once. On random shops and rules, every row of a past date D
equals the row that a build with D as its today makes, and is the same when nothing that
happened after D has landed. Whatever the future holds, then, it changes no row of D.
Two things are no part of that, as in a replay: who asked on any day to be erased, or
not to be profiled, is left out by every name they ever have, so that the future is
taken from shops where nobody does; and of rows that repeat an event, the one that was
loaded first counts.
"""

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dbt_runs import PROJECT
from reference_scoring import Rules, Shop, comparable, local_date, trimmed
from strategies import DAYS, FIRST_DAY, examples, rule_sets, shops, write_rules
from warehouse import Row, Warehouse, assert_same_rows, compiled, land

EXAMPLES = examples(10)
NEEDED = ("fct_lead_scores", "fct_lead_rule_points", "int_stage_steps")
TIMEZONE = "Europe/Berlin"
ZONE = ZoneInfo(TIMEZONE)

# A few weeks, and cut-offs on other days of the week; all leads.
DATES_TO_SCORE = {
    "history_weeks": "3",
    "advance_days": "7",
    "history_max_leads": "50000",
    "backtest_horizon_days": "14",
    "backtest_cutoffs": "2",
    "backtest_step_days": "10",
    "backtest_cutoff_dates": "",
    "backtest_occasion": "",
}
HAPPENED_AT: dict[str, Callable[[Row], datetime | None]] = {
    "events": lambda row: row["occurred_at"],
    "contacts": lambda row: row["updated_at"] or row["created_at"],
    "contact_attributes": lambda row: row["updated_at"],
    "consents": lambda row: row["occurred_at"],
}

SCORE_KEY, POINTS_KEY = ("lead_id",), ("lead_id", "score", "rule_id")

picks = st.integers(0, 4)

Score = Callable[[Shop, Rules, date | None], Warehouse]

random_shops = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="LEAD_SCORING_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> Score:
    project = compiled(TIMEZONE).needed_for(*NEEDED)

    def score_shop(shop: Shop, rules: Rules, as_of: date | None) -> Warehouse:
        folder = tmp_path_factory.mktemp("shop")
        write_rules(rules, folder / "seeds")
        land(folder / "landing", vars(shop))
        return project.score(folder / "landing", folder / "seeds", as_of)

    return score_shop


def with_settings(rules: Rules, **values: str) -> Rules:
    """The same rules with some settings changed."""
    kept = [row for row in rules.settings if row["setting"] not in values]
    changed = [
        {"setting": name, "value": value, "description": ""}
        for name, value in values.items()
    ]
    return Rules(**{**vars(rules), "settings": kept + changed})


def days_to_score() -> st.SearchStrategy[date | None]:
    """Today: the newest day, or one on which there is a past to speak of."""
    late_days = st.integers(DAYS // 2, DAYS + 10)
    return st.one_of(st.none(), late_days.map(lambda d: FIRST_DAY + timedelta(days=d)))


def past_dates(warehouse: Warehouse) -> list[date]:
    query = """from warehouse.identity.int_scoring_dates
        select as_of_date where not is_today order by as_of_date"""
    return [row["as_of_date"] for row in warehouse.rows(query)]


def past_date(warehouse: Warehouse, pick: int) -> date | None:
    """One of the past dates on which somebody has a score."""
    dates = [day for day in past_dates(warehouse) if scores_on(warehouse, day)]
    return dates[pick % len(dates)] if dates else None


def today(warehouse: Warehouse) -> date:
    query = "select as_of_date from warehouse.identity.int_as_of_date"
    day: date = warehouse.value(query)
    return day


def scores_on(warehouse: Warehouse, day: date) -> list[Row]:
    return warehouse.rows(
        f"from warehouse.scores.int_lead_scores where as_of_date = '{day}'"
    )


def points_on(warehouse: Warehouse, day: date) -> list[Row]:
    return warehouse.rows(
        f"""select lead_id, points.*
        from warehouse.scores.int_lead_rule_points as points
        inner join warehouse.identity.int_leads using (lead_key)
        where as_of_date = '{day}'"""
    )


def steps_of(warehouse: Warehouse) -> list[Row]:
    return warehouse.rows(
        """select lead_id, steps.* exclude (lead_key, identity_key)
        from warehouse.insights.int_stage_steps as steps
        inner join warehouse.scores.int_lead_scores as leads using (lead_key)"""
    )


def followed(warehouse: Warehouse) -> set[tuple[str, date]]:
    """Who is in the sample of a week end and is scored a week later, too."""
    rows = warehouse.rows(
        """select lead_id, leads.as_of_date
        from warehouse.scores.int_lead_scores as leads
        inner join warehouse.identity.int_scoring_dates as dates using (as_of_date)
        inner join warehouse.identity.int_scoring_dates as later
            on later.as_of_date = leads.as_of_date + 7
        where sample_bucket < dates.sample_percent
            and sample_bucket < later.scored_percent"""
    )
    return {(row["lead_id"], row["as_of_date"]) for row in rows}


def assert_same_steps(sample: Warehouse, whole: Warehouse) -> list[Row]:
    in_both = followed(sample)
    expected = [
        row for row in steps_of(whole) if (row["lead_id"], row["as_of_date"]) in in_both
    ]
    assert_same_rows("step", steps_of(sample), expected, ("lead_id", "as_of_date"))
    return expected


def without(rows: list[Row], *columns: str) -> list[Row]:
    return [{name: row[name] for name in row if name not in columns} for row in rows]


def without_withdrawals(shop: Shop) -> Shop:
    """The shop in which nobody asks to be erased or answers about profiling."""
    consents = [
        row for row in shop.consents if comparable(row["purpose"]) != "profiling"
    ]
    return Shop(**{**vars(shop), "consents": consents, "erasure_requests": []})


def landed_by(shop: Shop, day: date) -> Shop:
    """Only what had happened by a day; rows that repeat what had, too."""

    def had_happened(table: str, row: Row) -> bool:
        moment = HAPPENED_AT[table](row) if table in HAPPENED_AT else None
        return moment is None or local_date(moment, ZONE) <= day

    def name(row: Row) -> tuple[str | None, str | None]:
        return trimmed(row["source"]), trimmed(row["event_id"])

    repeated = {name(row) for row in shop.events if had_happened("events", row)}
    return Shop(
        **{
            table: [
                row
                for row in rows
                if had_happened(table, row)
                or (table == "events" and name(row) in repeated)
            ]
            for table, rows in vars(shop).items()
        }
    )


@random_shops
@given(shop=shops(), rules=rule_sets(), as_of=days_to_score(), pick=picks)
def test_past_dates_equal_their_builds(
    score: Score, shop: Shop, rules: Rules, as_of: date | None, pick: int
) -> None:
    rules = with_settings(rules, **DATES_TO_SCORE)
    now = score(shop, rules, as_of)
    day = past_date(now, pick)
    if day is None:  # too young a shop
        return
    scores, points = scores_on(now, day), points_on(now, day)

    then = score(shop, rules, day)
    fct_scores = then.rows("from warehouse.scores.fct_lead_scores")
    fct_points = then.rows("from warehouse.scores.fct_lead_rule_points")
    assert_same_rows("score", scores, fct_scores, SCORE_KEY)
    assert_same_rows("points", points, fct_points, POINTS_KEY)
    # What is not published, too: only the key of a lead is another on another day.
    private = without(scores_on(then, day), "lead_key")
    assert_same_rows("private score", scores, private, SCORE_KEY)


@random_shops
@given(shop=shops(), rules=rule_sets(), as_of=days_to_score(), pick=picks)
def test_past_dates_know_nothing_of_what_came_later(
    score: Score, shop: Shop, rules: Rules, as_of: date | None, pick: int
) -> None:
    rules = with_settings(rules, **DATES_TO_SCORE)
    shop = without_withdrawals(shop)
    now = score(shop, rules, as_of)
    day = past_date(now, pick)
    if day is None:
        return

    unseen = score(landed_by(shop, day), rules, today(now))
    if day in past_dates(unseen):  # not if even the first event is still to come
        assert_same_rows(
            "score", scores_on(unseen, day), scores_on(now, day), SCORE_KEY
        )
        assert_same_rows(
            "points", points_on(unseen, day), points_on(now, day), POINTS_KEY
        )


@settings(random_shops, max_examples=max(5, EXAMPLES // 5))
@given(shop=shops(), rules=rule_sets(), as_of=days_to_score())
def test_a_sample_of_a_past_date_is_scored_like_the_whole(
    score: Score, shop: Shop, rules: Rules, as_of: date | None
) -> None:
    """A sample grows smaller with the shop's growth: who falls out stays out."""
    whole = score(shop, with_settings(rules, **DATES_TO_SCORE), as_of)
    few = with_settings(rules, **DATES_TO_SCORE | {"history_max_leads": "2"})
    sample = score(shop, few, as_of)

    assert past_dates(sample) == past_dates(whole)
    in_sample: dict[str, bool] = {}
    for day in past_dates(whole):
        sampled = {row["lead_id"] for row in scores_on(sample, day)}
        for row in scores_on(whole, day):
            is_in = row["lead_id"] in sampled
            assert in_sample.get(row["lead_id"], True) or not is_in
            in_sample[row["lead_id"]] = is_in
        for what, rows_on, key in (
            ("score", scores_on, SCORE_KEY),
            ("points", points_on, POINTS_KEY),
        ):
            known = [row for row in rows_on(whole, day) if row["lead_id"] in sampled]
            expected = without(known, "score_rank", "score_percentile")
            assert_same_rows(what, rows_on(sample, day), expected, key)
    assert_same_steps(sample, whole)
    last = today(whole)
    ours, expected = scores_on(sample, last), scores_on(whole, last)
    assert_same_rows("today", ours, expected, SCORE_KEY)


def test_a_sampled_visitor_is_followed_to_whom_they_turn_out_to_be(
    score: Score,
) -> None:
    """Who orders is another lead than the visitor was, and drawn by another lot."""
    rules = Rules.from_folder(PROJECT / "seeds")

    def event(number: int, name: str, day: int, **who: str) -> Row:
        noon = datetime(2026, 5, day, 12)
        what = {"event_id": f"{name}{number}", "source": "web", "event_name": name}
        return {**what, "occurred_at": noon, "loaded_at": noon, **who}

    browsers = [(number, f"browser-{number}") for number in range(60)]
    visits = [event(n, "page_viewed", 1, anonymous_id=name) for n, name in browsers]
    orders = [
        event(n, "order_completed", 7, anonymous_id=name, contact_id=f"c-{n}")
        for n, name in browsers[::2]
    ]
    shop = Shop(events=visits + orders)

    wednesday = date(2026, 5, 13)
    few = DATES_TO_SCORE | {"history_max_leads": "30"}
    whole = score(shop, with_settings(rules, **DATES_TO_SCORE), wednesday)
    sample = score(shop, with_settings(rules, **few), wednesday)
    steps = assert_same_steps(sample, whole)
    assert {step["is_advanced"] for step in steps} == {True, False}
