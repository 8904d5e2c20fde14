"""Calibration: who learns and who tests, the AUC and its interval, the gates."""

from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pytest

from _calibration_evidence import (
    auc,
    auc_with_interval,
    check_evidence,
    compare,
    gain_in_words,
    split_rows,
    stable_bucket,
)
from _calibration_logistic import chi_square_tail, holm
from _calibration_panel import Auc, Comparison
from _calibration_reading import number_rows, read_outcomes
from calibration_shops import START, outcomes_of, random_scores


def test_the_auc_agrees_with_scikit_learn() -> None:
    metrics: Any = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(1)
    for rows in (20, 300, 5000):
        score, y = random_scores(rng, rows)
        assert auc(score, y) == pytest.approx(metrics.roc_auc_score(y, score), abs=1e-9)


def test_the_interval_agrees_with_a_bootstrap_over_leads() -> None:
    rng = np.random.default_rng(2)
    leads, rows = 300, 4
    habit = rng.normal(size=leads)
    lead = np.repeat(np.arange(leads), rows)
    score = habit[lead] + rng.normal(size=len(lead)) / 2
    other = score + rng.normal(size=len(lead))
    y = rng.random(len(lead)) < 1 / (1 + np.exp(-habit[lead]))
    areas, gaps = [], []
    for _ in range(1000):
        drawn = rng.integers(0, leads, leads)
        chosen = (drawn[:, None] * rows + np.arange(rows)).ravel()
        areas.append(auc(score[chosen], y[chosen]))
        gaps.append(areas[-1] - auc(other[chosen], y[chosen]))
    found = auc_with_interval(score, y, lead)
    gain = compare(other, score, y, lead)
    assert np.quantile(areas, [0.025, 0.975]) == pytest.approx(
        [found.low, found.high], abs=0.006
    )
    assert np.quantile(gaps, [0.025, 0.975]) == pytest.approx(
        [gain.difference_low, gain.difference_high], abs=0.006
    )


@pytest.mark.parametrize("conversions", [29, 40])
def test_an_auc_of_one_is_not_certain(conversions: int) -> None:
    """In 29 of 29 cases Wilson's interval begins at 0.8830 (Newcombe 1998, table I)."""
    lead = np.arange(69).repeat(2)
    y = lead < conversions
    found = auc_with_interval(y.astype(float), y, lead)
    ends = (found.low, found.auc, found.high)
    assert ends == pytest.approx((0.8830, 1, 1), abs=5e-5)
    turned = auc_with_interval(-y.astype(float), y, lead)
    ends = (turned.low, turned.auc, turned.high)
    assert ends == pytest.approx((0, 0, 0.1170), abs=5e-5)


def test_equal_scores_do_not_differ() -> None:
    score, y = random_scores(np.random.default_rng(3), 200)
    gain = compare(score, score, y, np.arange(200))
    assert gain.difference == 0
    assert not gain.is_better
    assert not gain.is_worse


def test_an_end_that_is_not_zero_does_not_look_like_it() -> None:
    found = Auc(0.7671, 0.73, 0.7996)
    today = Auc(0.7560, 0.7187, 0.7889)
    proven = Comparison(today, found, 0.0111, 0.00024, 0.0220, True, False)
    said = "AUC 0.767 instead of 0.756, a difference of "
    assert gain_in_words(proven) == f"{said}+0.0111 [+0.0002, +0.0220]"
    plain = replace(proven, difference_low=0.0012)
    assert gain_in_words(plain) == f"{said}+0.011 [+0.001, +0.022]"


def test_no_train_label_reaches_into_the_test() -> None:
    dates = START + 28 * np.repeat(np.arange(6), 10)
    outcomes = outcomes_of(np.tile(np.arange(10), 6), dates, np.zeros(60, bool))
    split = split_rows(outcomes)
    first_test = outcomes.as_of_date[split.is_test].min()
    assert split.kind == "time"
    assert (outcomes.as_of_date[split.is_train] + 30 <= first_test).all()
    assert not (split.is_train & split.is_test).any()
    assert len(split.test_dates) == 2
    assert len(split.train_dates) == 3
    assert split.note == (
        "Learnt on 3 earlier cut-offs, tested on 2 later ones. Used by neither: 1"
        " cut-off between, with outcomes that were not known at the first test cut-off."
    )


def test_the_dates_asked_for_divide_who_learns_from_who_tests() -> None:
    """Of cut-offs every 10 days, three lie within the horizon before the test."""
    days = np.arange(8)
    outcomes = outcomes_of(np.arange(8), START + 10 * days, np.zeros(8, bool))

    def parts(
        first: int, until: int | None = None
    ) -> tuple[str, list[int], list[int], str]:
        last = None if until is None else str(START + 10 * until)
        split = split_rows(outcomes, str(START + 10 * first), last)
        train, test = days[split.is_train].tolist(), days[split.is_test].tolist()
        return split.kind, train, test, split.note

    kind, train, test, note = parts(5)
    assert (kind, train, test) == ("time", [0, 1, 2], [5, 6, 7])
    assert "2 cut-offs between" in note
    assert "not yet known" not in note
    kind, train, test, note = parts(5, until=3)
    assert (kind, train, test) == ("time", [0, 1, 2, 3], [5, 6, 7])
    assert " 1 of the earlier ones had outcomes that were not yet known" in note
    assert "1 cut-off between" in note
    assert parts(5, until=7)[1:3] == ([0, 1, 2, 3, 4], [5, 6, 7])
    assert parts(2)[0] == "lead"
    assert parts(2, until=1)[:3] == ("time", [0, 1], [2, 3, 4, 5, 6, 7])
    assert parts(8)[0] == "lead"


def test_without_later_cutoffs_other_leads_are_tested() -> None:
    lead = np.arange(1000)
    outcomes = outcomes_of(lead, np.full(1000, START), np.zeros(1000, bool))
    split = split_rows(outcomes)
    again = split_rows(outcomes_of(lead[::-1], np.full(1000, START), lead > 1000))
    assert split.kind == "lead"
    assert (split.is_train ^ split.is_test).all()
    assert split.is_test.mean() == pytest.approx(0.3, abs=0.05)
    assert (again.is_test[::-1] == split.is_test).all()
    assert stable_bucket(np.array([1, 2]), 100).tolist() == [65, 10]


def test_forty_orders_are_not_enough() -> None:
    dates = START + 28 * np.repeat(np.arange(6), 100)
    converted = np.zeros(600, bool)
    converted[::15] = True
    outcomes = outcomes_of(np.tile(np.arange(100), 6), dates, converted)
    evidence = check_evidence(outcomes, split_rows(outcomes))
    assert not evidence.is_enough
    assert evidence.reason.startswith("Not enough data: 20 conversions to learn from")
    assert evidence.reason.endswith("That takes about 5 times as many conversions.")
    sampled = replace(outcomes, sample_percent=20.0)
    reason = check_evidence(sampled, split_rows(sampled)).reason
    assert "a sample, at least 20% of the leads: raise history_max_leads" in reason


def test_outcomes_tell_the_smallest_sample_that_they_are_of() -> None:
    connection = duckdb.connect()
    connection.execute(
        """create schema insights;
        create schema identity;
        create table insights.int_lead_outcomes as
        select date '2026-03-01' + n::int as as_of_date, '' as campaign_id,
            n as lead_key, n as identity_key, false as is_converted,
            null::date as converted_on, 30 as horizon_days from range(2) as r(n);
        create table identity.int_scoring_dates as
        from (values (date '2026-03-01', 50.0), (date '2026-03-02', 20.0),
            (date '2026-05-31', 10.0)) as d(as_of_date, sample_percent)"""
    )
    number_rows(connection, None)
    assert read_outcomes(connection).sample_percent == 20


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (1.0, 1.0, ", but too few leads that did not convert."),
        (0.5, 0.8, ", but too few leads that did not convert."),
        (0.5, 0.0, "and 0 to test on (at least 50)."),
    ],
)
def test_what_is_missing_is_told(train: float, test: float, said: str) -> None:
    """No multiple of no conversions is enough; others must be enough, too."""
    dates = START + 60 * np.repeat(np.arange(3), (100, 100, 100))
    share = np.repeat((train, train, test), 100)
    converted = np.tile(np.arange(100), 3) < 100 * share
    outcomes = outcomes_of(np.tile(np.arange(100), 3), dates, converted)
    evidence = check_evidence(outcomes, split_rows(outcomes))
    assert not evidence.is_enough
    assert evidence.reason.endswith(said)


def test_p_values_agree_with_scipy() -> None:
    stats: Any = pytest.importorskip("scipy.stats")
    for degrees in (1, 2, 7, 30):
        for value in (0.1, 1.0, 8.0, 60.0):
            expected = stats.chi2.sf(value, degrees)
            found = chi_square_tail(value, degrees)
            assert found == pytest.approx(expected, rel=1e-9)
    assert holm(np.array([0.01, 0.04, 0.03])).tolist() == [0.03, 0.06, 0.06]
