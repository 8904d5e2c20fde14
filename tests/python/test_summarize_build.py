"""What make build says at its end."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

import publish_marts
import summarize_build
from _backtest_summary import read_backtest
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


@dataclass
class Proof:
    """A copy of the built shop whose back-test says what a test wants."""

    database: Path

    def change(self, *statements: str) -> None:
        with duckdb.connect(str(self.database)) as connection:
            for statement in statements:
                connection.execute(statement)

    def judge(
        self, conversions: int, *, period: str = "all", days: int = 30, **aucs: float
    ) -> None:
        """Put an AUC, five points either way, for each score."""
        for score, auc in aucs.items():
            self.change(f"""
                insert into insights.fct_score_backtest_pooled by name
                select '{period}' as period, '{score}' as score,
                    {days} as horizon_days, 900 as leads_count,
                    1200 as observations_count, {conversions} as conversions_count,
                    {auc} as auc, {auc} - 0.05 as auc_low, {auc} + 0.05 as auc_high,
                    3.14 as top_decile_lift, date '2026-02-08' as first_date,
                    date '2026-04-05' as last_date""")

    def learn(self, until: str, days: int = 30) -> None:
        """Calibrate a probability."""
        self.change(f"""
            insert into seeds.probability_terms by name
            select 'constant' as term_id, 'constant' as kind, -2 as coefficient,
                {days} as horizon_days, date '{until}' as fitted_until""")


@pytest.fixture
def proof(tmp_path: Path) -> Proof:
    file = shutil.copy(built_shop().database, tmp_path / "warehouse.duckdb")
    empty = Proof(Path(file))
    empty.change(
        "delete from insights.fct_score_backtest_pooled",
        "delete from insights.fct_rule_performance",
    )
    return empty


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
    segments = told_segments(out)
    assert len(segments) == 11
    # As fct_segment_changes has it.
    assert segments["lookalike_seed"] == ["1", "1", "0", "1"]
    assert segments["irrelevant"] == ["2", "2", "0", "0"]
    assert "On the first recorded day everybody enters." in out
    assert re.search(
        r"^  c-3 +50.2  D1-engaged +Viewed products  +Show in ret", out, re.M
    )
    best = re.findall(r"^  (c-\d|anonymous:\S+)  ", out, re.MULTILINE)
    assert best == ["c-3", "c-1", "c-6", "anonymous:a-9"], "no disqualified lead"
    assert "scripts/explain_lead.py c-3" in out


def test_contacts_of_later_days_are_told(summarize: Any, proof: Proof) -> None:
    """A table of contacts is often newer than the newest event."""
    assert "unknown yet" not in summarize(proof.database)
    proof.change("""
        update personal.int_contact_versions set valid_from_date = date '2026-06-07'
        where contact_id in (select min(contact_id) from personal.int_contact_versions)
    """)
    told = words(summarize(proof.database))
    assert "unknown yet 1 contact with updated_at after the day that is scored" in told


def told_segments(out: str) -> dict[str, list[str]]:
    """Each segment's members, who entered, who exited, who is held out."""
    rows = re.findall(r"^  ([a-z_]+)  .*?  +((?:\d+ +){3}\d+)$", out, re.MULTILINE)
    return {segment: counts.split() for segment, counts in rows}


def test_who_came_and_who_went_is_told_of_the_day(summarize: Any, proof: Proof) -> None:
    proof.change(
        """update segments.fct_segment_changes set as_of_date = date '2026-05-30'
        where segment = 'irrelevant'""",
        """insert into segments.fct_segment_changes values
        ('c-9', 'irrelevant', 'exited', date '2026-05-31')""",
    )
    out = summarize(proof.database)
    assert "first recorded day" not in out
    segments = told_segments(out)
    assert segments["irrelevant"] == ["2", "0", "1", "0"]
    assert segments["lookalike_seed"] == ["1", "1", "0", "1"]


def test_those_left_out_of_exports_are_told_with_the_reason(
    summarize: Any, proof: Proof
) -> None:
    assert "handed over 0 rows of 0 leads to 0 destinations" in words(summarize())
    proof.change(
        """update exports.fct_segment_exports
        set is_exported = true, left_out_reason = null
        where lead_id = 'c-3' and destination in ('meta', 'google')""",
        """update exports.fct_segment_exports
        set left_out_reason = 'holdout' where lead_id = 'c-1'""",
    )
    out = words(summarize(proof.database))
    assert "handed over 4 rows of 1 lead to 2 destinations" in out
    assert "left out 11 no_consent, 2 holdout" in out


def test_published_copy_is_named_with_its_day(summarize: Any, tmp_path: Path) -> None:
    assert "not yet: scripts/publish_marts.py" in summarize()
    database, marts = built_shop().database, tmp_path / "marts.duckdb"
    argv = ["--database", str(database), "--marts", str(marts), "--run-results"]
    assert publish_marts.main([*argv, str(built_shop().run_results)]) == 0
    assert "tables as of 2026-05-31)" in words(summarize())
    os.utime(marts, ns=(0, database.stat().st_mtime_ns - 1))
    assert "as of 2026-05-31, not this build: " in words(summarize())
    with duckdb.connect(str(marts)) as connection:
        connection.execute("update published set as_of_date = date '2026-05-30'")
    assert "as of 2026-05-30, not this build: " in words(summarize())
    marts.write_text("no database\n" * 1000)
    assert "cannot be read" in words(summarize())


def test_a_lead_is_named_as_a_shell_takes_it(summarize: Any, proof: Proof) -> None:
    proof.change("""update scores.int_lead_scores set lead_id = 'the o''hara' where
        lead_id = 'c-3'""")
    assert "scripts/explain_lead.py 'the o'\"'\"'hara'" in summarize(proof.database)


def without_leads(proof: Proof, refused: str) -> None:
    """Empty the warehouse of leads, and do this to the events that were refused."""
    emptied = (
        *("staging.int_matches_daily", "personal.int_events_repeated"),
        *("identity.int_leads", "activity.dim_leads"),
        *("scores.int_lead_scores", "segments.fct_segment_members"),
    )
    # fct_events_rejected is a view over these: one of the leads, one of the refused.
    proof.change(*(f"delete from {name}" for name in emptied), refused)


def test_shop_without_leads_is_no_error(summarize: Any, proof: Proof) -> None:
    without_leads(proof, "delete from staging.int_events_refused")
    out = summarize(proof.database)
    assert "0 landed = 0 accepted + 0 duplicates + 0 rejected" in out
    assert "There is no lead yet: land some events or contacts, or build a" in out
    assert "explain one" not in out


def test_a_shop_all_of_whose_events_are_too_old_is_told_so(
    summarize: Any, proof: Proof
) -> None:
    without_leads(
        proof, "update staging.int_events_refused set reason = 'implausible_timestamp'"
    )
    out = words(summarize(proof.database))
    assert "no lead yet: activity.fct_events_rejected has the events" in out
    assert "before the var earliest_event_date" in out


# --- Do the scores predict orders? --------------------------------------------------


def test_scores_are_told_as_pairs_beside_the_best_simple_rule(
    summarize: Any, proof: Proof
) -> None:
    proof.judge(149, lead=0.82, engagement=0.9, recency=0.66, rfm=0.6)
    proof.judge(300, days=90, lead=0.7, recency=0.7)
    out = words(summarize(proof.database))
    assert "Do the scores predict orders?" in out
    assert (
        "1,200 cases of a lead on a past day, 2026-02-08 to 2026-04-05; 149 were"
        " followed by an order within 30 days lead score"
    ) in out
    assert (
        "of 100 pairs of a buyer and a non-buyer it ranks 82 right (AUC 0.820 [0.770,"
        " 0.870]); its best tenth buys 3.1 times as often as the average lead"
    ) in out
    simple = "the best simple rule, days since the last activity alone, ranks 66 right"
    assert f"{simple}: clearly worse" in out
    assert "probability" not in out


@pytest.mark.parametrize(
    ("recency", "verdict"),
    [
        (0.76, "clearly worse"),
        (0.80, "no clear difference"),
        (0.84, "no clear difference"),
        (0.88, "clearly better; try scripts/calibrate_rules.py"),
    ],
)
def test_simple_rule_is_clearly_better_or_worse_outside_the_interval(
    summarize: Any, proof: Proof, recency: float, verdict: str
) -> None:
    proof.judge(149, lead=0.82, recency=recency)
    assert f"right: {verdict} " in words(summarize(proof.database))


@pytest.mark.parametrize(
    ("lead", "told"),
    [
        (0.53, "(AUC 0.530 [0.480, 0.580], which may be chance)"),
        (0.40, "(AUC 0.400 [0.350, 0.450])"),
        (0.60, "(AUC 0.600 [0.550, 0.650])"),
    ],
)
def test_score_that_may_be_chance_says_so(
    summarize: Any, proof: Proof, lead: float, told: str
) -> None:
    """One that ranks the wrong way round is none."""
    proof.judge(30, lead=lead, recency=0.51)
    assert told in words(summarize(proof.database))


def test_too_few_conversions_are_not_made_a_number_of(
    summarize: Any, proof: Proof
) -> None:
    early = words(summarize(proof.database))
    assert "too early no past day is old enough" in early
    proof.judge(1, lead=0.99, recency=0.2)
    out = words(summarize(proof.database))
    assert "1 was followed by an order within 30 days too little to say" in out
    assert "takes 20 orders or more" in out
    assert "AUC" not in out
    assert "rules proven" not in out
    assert "too " in words(summarize()), "the shop of seven people"


def test_where_everybody_orders_no_more_orders_are_asked_for(
    summarize: Any, proof: Proof
) -> None:
    proof.judge(1200, lead=0.5, recency=0.5)
    proof.change("""update insights.fct_score_backtest_pooled
        set auc = null, auc_low = null, auc_high = null""")
    out = words(summarize(proof.database))
    assert "rank: that takes several leads with an order and several without" in out
    assert "20 orders" not in out


def test_calibrated_shop_is_judged_on_days_it_has_not_learnt_from(
    summarize: Any, proof: Proof
) -> None:
    proof.learn("2026-03-15", days=90)
    proof.judge(500, lead=0.61, recency=0.5)
    proof.judge(200, days=90, lead=0.92, probability=0.95, recency=0.5)
    out = words(summarize(proof.database))
    assert (
        "within 90 days; the probability was learnt until 2026-03-15, from some" in out
    )
    assert "probability it ranks 95 right (AUC 0.950" in out
    proof.judge(
        60, period="after_fit", days=90, lead=0.75, probability=0.78, recency=0.5
    )
    out = words(summarize(proof.database))
    assert "; all after what the probability was learnt from (2026-03-15) lead" in out
    assert "it ranks 75 right" in out
    assert "probability it ranks 78 right" in out


@pytest.mark.parametrize(
    ("learnt", "told"),
    [(None, 30), (30, 30), (60, 60), (90, 90), (45, 30), (7, 30), (365, 30)],
)
def test_of_several_horizons_that_of_the_probability_or_the_shortest_is_told(
    learnt: int | None, told: int
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"""
            create schema seeds; create schema insights;
            create table seeds.probability_terms as
                select {learnt or 0} as horizon_days where {learnt is not None};
            create table insights.fct_score_backtest_pooled as
                select horizon_days, period, score
                from (values (60), (90), (30)) as h(horizon_days),
                    (values ('all'), ('after_fit')) as p(period),
                    (values ('lead'), ('rfm')) as s(score)
                where period = 'all' or horizon_days = {learnt or 0}""")
        rows = read_backtest(connection)
    period = "after_fit" if learnt == told else "all"
    assert {(row["horizon_days"], row["period"]) for row in rows} == {(told, period)}
    assert sorted(row["score"] for row in rows) == ["lead", "rfm"]


def test_other_conversions_than_orders_are_not_called_buying(
    summarize: Any, proof: Proof
) -> None:
    proof.change("""
        update seeds.settings set value = 'newsletter_subscribed'
        where setting = 'backtest_conversion'""")
    proof.judge(149, lead=0.82, recency=0.66)
    out = words(summarize(proof.database)).partition("Do the scores ")[2]
    assert "149 were followed by a conversion within 30 days" in out
    assert "a lead that converts and one that does not" in out
    assert "buy" not in out


def test_rules_are_proven_opposite_or_not_proven(summarize: Any, proof: Proof) -> None:
    proof.judge(149, lead=0.82, recency=0.66)
    proof.judge(149, days=90, lead=0.82, recency=0.66)
    judged = """
        ('purchase', 'engagement', 'Placed orders', 30, 0.2, true),
        ('purchase', 'engagement', 'Placed orders', 90, 0.2, true),
        ('inactive_60', 'engagement', 'Was silent', 30, -0.1, true),
        ('inactive_30', 'engagement', 'Worth nothing', 30, 0.1, true),
        ('unopened_5', 'engagement', 'Opened nothing', 30, 0.1, true),
        ('search', 'engagement', 'Searched', 30, 0.1, false),
        ('push', 'engagement', 'Allowed push', 30, null, false)"""
    names = "rule_id, score, description, horizon_days, rate_difference, is_proven"
    proof.change(f"""
        insert into insights.fct_rule_performance by name
        from (values {judged}) as judged({names})""")
    proof.change("""update seeds.inactivity_rules set points = 0
        where rule_id = 'inactive_30'""")
    out = words(summarize(proof.database))
    assert "rules proven 2 of 5: on all past days" in out
    assert "opposite 1, where it is the other way round: Opened nothing not" in out
    assert "not proven 2: Allowed push, Searched explain" in out


@pytest.mark.parametrize(
    ("held_out", "low", "high", "told"),
    [
        (
            0.08,
            0.011,
            0.064,
            "of 100 held out 8.0; the contact makes it 1.1 to 6.4 more",
        ),
        (
            0.2,
            -0.12,
            -0.03,
            "of 100 held out 20.0; the contact makes it 3.0 to 12.0 fewer",
        ),
    ],
)
def test_a_proven_effect_of_the_contact_is_told(
    summarize: Any, proof: Proof, held_out: float, low: float, high: float, told: str
) -> None:
    assert "contacted" not in summarize(proof.database)
    proof.change(f"""
        update insights.fct_segment_uplift
        set is_proven = true, contacted_rate = 0.12, held_out_rate = {held_out},
            uplift = 0.12 - {held_out}, uplift_low = {low}, uplift_high = {high}
        where segment = 'at_risk'""")
    out = words(summarize(proof.database))
    assert f"At risk: of 100 contacted 12.0 convert within 30 days, {told}" in out
    assert out.count("of 100 contacted") == 1
