"""The build can be told to fail when the trusted score no longer earns the trust."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_runs import run_dbt
from warehouse import Row

CUTOFFS = (date(2026, 5, 3), date(2026, 5, 31))


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The test as dbt compiled it, reading tables by their bare names."""
    workspace: Path = tmp_path_factory.mktemp("compiled")
    compiled = run_dbt(
        workspace,
        "compile",
        "--quiet",
        *("--select", "assert_score_beats_its_baseline"),
    )
    assert compiled.success, compiled.exception
    sql: str = compiled.result.results[0].node.compiled_code
    for schema in ("insights", "seeds"):
        sql = sql.replace(f'"warehouse"."{schema}".', "")
    return sql


def messages(
    query: str, settings: dict[str, str], pooled: list[Row], newest: list[Row]
) -> list[str]:
    """What the test says about AUCs: rows of score, auc, auc_high."""
    connection = duckdb.connect()
    connection.execute("create table settings (setting text, value text)")
    for setting, value in settings.items():
        connection.execute("insert into settings values (?, ?)", [setting, value])
    connection.execute(
        """create table fct_score_backtest_pooled (period text, score text,
        horizon_days int, auc double, auc_high double, first_date date, last_date date);
        create table fct_score_backtest (score text, horizon_days int, auc double,
        auc_high double, as_of_date date)"""
    )
    for row in pooled:
        connection.execute(
            "insert into fct_score_backtest_pooled values (?, ?, 30, ?, ?, ?, ?)",
            [row.get("period", "all"), *figures(row), *CUTOFFS],
        )
    for row in newest:
        connection.execute(
            "insert into fct_score_backtest values (?, ?, ?, ?, ?)",
            [
                row["score"],
                row.get("horizon_days", 30),
                *figures(row)[1:],
                row.get("as_of_date", CUTOFFS[1]),
            ],
        )
    return [str(row[0]) for row in connection.execute(query).fetchall()]


def figures(row: Row) -> list[Any]:
    return [row["score"], row["auc"], row["auc_high"]]


LEAD = {"score": "lead", "auc": 0.7, "auc_high": 0.72}
RECENCY = {"score": "recency", "auc": 0.65, "auc_high": 0.67}
CHAMPION = {"champion_score": "lead"}


def test_blank_settings_ask_nothing(query: str) -> None:
    bad = {**LEAD, "auc": 0.1, "auc_high": 0.2}
    assert messages(query, CHAMPION, [bad, RECENCY], [bad, RECENCY]) == []


def test_a_score_that_beats_its_baselines_passes(query: str) -> None:
    asked = {**CHAMPION, "champion_must_beat": "recency", "champion_min_auc": "0.71"}
    assert messages(query, asked, [LEAD, RECENCY], [LEAD, RECENCY]) == []


def test_a_score_no_better_than_a_baseline_fails(query: str) -> None:
    asked = {**CHAMPION, "champion_must_beat": "rfm | recency"}
    equal = {**RECENCY, "auc": 0.7}
    found = messages(query, asked, [LEAD, equal], [LEAD, equal])
    assert len(found) == 1
    assert "2026-05-03 to 2026-05-31, 30 days: lead has AUC 0.7" in found[0]
    assert "recency has 0.7" in found[0]
    assert "settings" in found[0]


def test_a_newest_cutoff_that_is_worse_by_more_than_chance_fails(query: str) -> None:
    asked = {**CHAMPION, "champion_must_beat": "recency"}
    within = {**RECENCY, "auc": 0.71}
    assert messages(query, asked, [LEAD, RECENCY], [LEAD, within]) == []
    beyond = {**RECENCY, "auc": 0.73}
    found = messages(query, asked, [LEAD, RECENCY], [LEAD, beyond])
    assert len(found) == 1
    assert found[0].startswith("2026-05-31, 30 days: lead has AUC 0.7 (at most 0.72)")


def test_each_horizon_has_a_newest_cutoff_of_its_own(query: str) -> None:
    """A longer horizon has passed for earlier cut-offs alone."""
    asked = {**CHAMPION, "champion_must_beat": "recency"}
    longer = {"horizon_days": 90, "as_of_date": CUTOFFS[0]}
    beyond = {**RECENCY, "auc": 0.73, **longer}
    newest = [LEAD, RECENCY, {**LEAD, **longer}, beyond]
    found = messages(query, asked, [LEAD, RECENCY], newest)
    assert len(found) == 1
    assert found[0].startswith("2026-05-03, 90 days: lead has AUC 0.7 (at most 0.72)")


def test_an_auc_below_that_of_the_last_champion_fails(query: str) -> None:
    asked = {**CHAMPION, "champion_min_auc": "0.73"}
    found = messages(query, asked, [LEAD, RECENCY], [LEAD, RECENCY])
    assert len(found) == 1
    assert "champion_min_auc is 0.73" in found[0]


def test_a_probability_is_judged_on_cutoffs_it_has_not_seen(query: str) -> None:
    asked = {"champion_score": "probability", "champion_min_auc": "0.7"}
    learned = {"score": "probability", "auc": 0.9, "auc_high": 0.95}
    fresh = {**learned, "period": "after_fit", "auc": 0.6, "auc_high": 0.65}
    assert len(messages(query, asked, [learned, fresh], [])) == 1
    found = messages(query, asked, [learned], [])
    assert len(found) == 1
    assert "no back-test of probability" in found[0]


def test_a_shop_too_young_for_a_back_test_passes(query: str) -> None:
    asked = {**CHAMPION, "champion_must_beat": "recency", "champion_min_auc": "0.7"}
    assert messages(query, asked, [], []) == []


def test_an_unknown_baseline_fails(query: str) -> None:
    asked = {**CHAMPION, "champion_must_beat": "recencey"}
    found = messages(query, asked, [LEAD, RECENCY], [LEAD, RECENCY])
    assert len(found) == 1
    assert "no baseline called recencey" in found[0]
