"""Random leads, scores and outcomes: the back-test in SQL and scikit-learn agree.

Values are tied, outcomes rare, leads stand in several cut-offs. What scikit-learn does
not compute (lift, intervals) is computed here a second time, pair by pair.
"""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    roc_auc_score,
)

from back_tests import Numbers, Shop, run_models
from warehouse import CompiledProject, Row, compiled

EXACT = 1e-9
SCORES = (  # with the column of int_lead_scores that it is made of
    ("engagement", "engagement_points"),
    ("fit", "fit_points"),
    ("lead", "lead_score"),
    ("probability", "conversion_probability"),
    ("event_count", "events_count"),
    ("order_count", "orders_count"),
)


@pytest.fixture(scope="module")
def project() -> CompiledProject:
    return compiled()


def pairs_won(values: Numbers, labels: Numbers) -> Numbers:
    """1 where a conversion (row) is ranked above another (column), a tie is a half."""
    difference = values[labels][:, None] - values[~labels][None, :]
    won: Numbers = (np.sign(difference) + 1) / 2
    return won


def edge_error(labels: Numbers, leads: Numbers) -> float:
    """Of an AUC of 0 or 1: Wilson's lower end for that many successes in a row."""
    fewer = min(len(set(leads[labels])), len(set(leads[~labels])))
    return (1 - fewer / (fewer + 1.959963984540054**2)) / 1.959963984540054


def delong_error(values: Numbers, labels: Numbers, leads: Numbers) -> float:
    won = pairs_won(values, labels)
    if won.mean() in (0, 1):
        return edge_error(labels, leads)
    of_conversions, of_others = won.mean(axis=1), won.mean(axis=0)
    variance = of_conversions.var(ddof=1) / len(of_conversions)
    return float(np.sqrt(variance + of_others.var(ddof=1) / len(of_others)))


def clustered_error(values: Numbers, labels: Numbers, leads: Numbers) -> float:
    """Obuchowski (1997), section 2: a lead is a cluster of rows."""
    won = pairs_won(values, labels)
    auc = won.mean()
    if auc in (0, 1):
        return edge_error(labels, leads)
    conversions, others = won.shape
    x: defaultdict[int, float] = defaultdict(float)
    y: defaultdict[int, float] = defaultdict(float)
    for lead, placement in zip(leads[labels], won.mean(axis=1), strict=True):
        x[lead] += placement - auc
    for lead, placement in zip(leads[~labels], won.mean(axis=0), strict=True):
        y[lead] += placement - auc
    clusters = len(set(leads))
    s10 = len(x) / ((len(x) - 1) * conversions) * sum(d**2 for d in x.values())
    s01 = len(y) / ((len(y) - 1) * others) * sum(d**2 for d in y.values())
    s11 = clusters / (clusters - 1) * sum(x[lead] * y[lead] for lead in set(leads))
    variance = s10 / conversions + s01 / others + 2 * s11 / (conversions * others)
    return float(np.sqrt(max(variance, 0)))


def top_decile_lift(values: Numbers, labels: Numbers) -> float:
    """Conversions in the best tenth; a tied lead stands for the mean of its tie."""
    shared = np.array([labels[values == value].mean() for value in values])
    sorted_shares = shared[np.argsort(-values, kind="stable")]
    room = np.clip(len(values) / 10 - np.arange(len(values)), 0, 1)
    return float((sorted_shares * room).sum() / (len(values) / 10) / labels.mean())


def close(ours: Any, expected: float | None) -> bool:
    if ours is None or expected is None:
        return ours is expected
    return bool(np.isclose(ours, expected, rtol=EXACT, atol=EXACT))


def expected_metrics(
    score: str, values: Numbers, labels: Numbers, error: float | None
) -> Row:
    mixed = 0 < labels.sum() < len(labels)
    auc = float(roc_auc_score(labels, values)) if mixed else None
    expected = {
        "conversions_count": int(labels.sum()),
        "base_rate": float(labels.mean()),
        "auc": auc,
        "auc_low": None,
        "auc_high": None,
        "average_precision": None,
        "top_decile_lift": None,
        "brier_score": None,
        "log_loss": None,
    }
    if labels.any():
        expected["average_precision"] = float(average_precision_score(labels, values))
        expected["top_decile_lift"] = top_decile_lift(values, labels)
    if error is not None and auc is not None:
        expected["auc_low"] = max(0.0, auc - 1.959963984540054 * error)
        expected["auc_high"] = min(1.0, auc + 1.959963984540054 * error)
    if score == "probability":
        expected["brier_score"] = float(brier_score_loss(labels, values))
        expected["log_loss"] = float(log_loss(labels, values, labels=[False, True]))
    return expected


def assert_metrics(row: Row, expected: Row) -> None:
    for name, value in expected.items():
        assert close(row[name], value), f"{row}: {name} should be {value}"


def has_error(labels: Numbers, leads: Numbers) -> bool:
    """Two conversions and two others, of different leads."""
    return min(len(set(leads[labels])), len(set(leads[~labels]))) > 1


@pytest.mark.parametrize("seed", range(24))
def test_every_cutoff_equals_scikit_learn(project: CompiledProject, seed: int) -> None:
    shop = Shop(seed)
    built = run_models(project, shop.tables())
    rows = {
        (row["score"], row["horizon_days"], row["as_of_date"]): row
        for row in built.rows("from warehouse.insights.fct_score_backtest")
    }
    assert len(rows) == 8 * len(shop.horizons) * len(shop.cutoffs)
    for score, column in SCORES:
        for horizon in shop.horizons:
            for cutoff in shop.cutoffs:
                values, labels, leads = shop.labelled(column, horizon, [cutoff])
                known = has_error(labels, leads)
                error = delong_error(values, labels, leads) if known else None
                row = rows[score, horizon, cutoff]
                assert_metrics(row, expected_metrics(score, values, labels, error))
                fresh = score != "probability" or cutoff >= shop.fitted_until
                assert row["is_out_of_sample"] == fresh


@pytest.mark.parametrize("seed", range(24))
def test_pooled_cutoffs_equal_scikit_learn(project: CompiledProject, seed: int) -> None:
    shop = Shop(seed)
    built = run_models(project, shop.tables())
    rows = {
        (row["period"], row["score"], row["horizon_days"]): row
        for row in built.rows("from warehouse.insights.fct_score_backtest_pooled")
    }
    assert len(rows) == 2 * 8 * len(shop.horizons)
    for (period, score, horizon), row in rows.items():
        if score not in dict(SCORES):
            continue
        first = 0 if period == "all" else 2
        values, labels, leads = shop.labelled(
            dict(SCORES)[score], horizon, shop.cutoffs[first:]
        )
        known = has_error(labels, leads)
        error = clustered_error(values, labels, leads) if known else None
        assert_metrics(row, expected_metrics(score, values, labels, error))
        assert row["leads_count"] == shop.leads_count
        assert row["observations_count"] == len(values)
        assert row["first_date"] == shop.cutoffs[first]


def test_an_auc_of_one_is_not_certain(project: CompiledProject) -> None:
    """In 29 of 29 cases Wilson's interval begins at 0.8830 (Newcombe 1998, table I)."""
    shop = Shop(0)
    for score, outcome in zip(shop.scores, shop.outcomes, strict=True):
        outcome["is_converted"] = score["identity_key"] < 29
        score["lead_score"] = -float(score["identity_key"])
        score["fit_points"] = float(score["identity_key"])
    assert shop.leads_count > 58
    built = run_models(project, shop.tables())
    for table in ("fct_score_backtest", "fct_score_backtest_pooled"):
        rows = built.rows(
            f"""from warehouse.insights.{table} where score in ('lead', 'fit')"""
        )
        for row in rows:
            found = (row["auc_low"], row["auc"], row["auc_high"])
            ends = (0.8830, 1, 1) if row["score"] == "lead" else (0, 0, 0.1170)
            assert found == pytest.approx(ends, abs=5e-5)


@pytest.mark.parametrize("seed", range(24))
def test_deciles_equal_the_calibration_curve(
    project: CompiledProject, seed: int
) -> None:
    """Without ties, and with a number of leads that ten divides."""
    shop = Shop(seed)
    random = np.random.default_rng(seed)
    for row in shop.scores:
        row["conversion_probability"] = random.random()
    built = run_models(project, shop.tables())
    deciles = built.rows(
        """from warehouse.insights.fct_score_backtest_deciles
        where score = 'probability' order by decile desc"""
    )
    for horizon in shop.horizons:
        for cutoff in shop.cutoffs:
            values, labels, _ = shop.labelled(
                "conversion_probability", horizon, [cutoff]
            )
            rates, means = calibration_curve(
                labels, values, n_bins=10, strategy="quantile"
            )
            mine = [
                row
                for row in deciles
                if row["horizon_days"] == horizon and row["as_of_date"] == cutoff
            ]
            assert np.allclose(
                [row["conversion_rate"] for row in mine], rates, rtol=0, atol=EXACT
            )
            assert np.allclose(
                [row["mean_score"] for row in mine], means, rtol=0, atol=EXACT
            )


def test_noise_is_worth_half_in_nineteen_of_twenty_intervals(
    project: CompiledProject,
) -> None:
    """Leads who stay as they are from cut-off to cut-off count once, not four times."""
    random = np.random.default_rng(1)
    rounds, missed = 60, 0
    for _ in range(rounds):
        shop = Shop(0)
        worth, buys = random.normal(size=1000), random.random(1000) < 0.3
        for row in shop.scores:
            row["lead_score"] = float(worth[row["identity_key"]])
        for row in shop.outcomes:
            row["is_converted"] = bool(buys[row["identity_key"]])
        built = run_models(project, shop.tables())
        row = built.rows(
            """from warehouse.insights.fct_score_backtest_pooled
            where score = 'lead' and period = 'all'"""
        )[0]
        missed += not row["auc_low"] <= 0.5 <= row["auc_high"]
    assert missed <= 0.15 * rounds
