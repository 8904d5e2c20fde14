"""Calibration of the probability: as good as other models, calibrated, readable."""

from typing import Any

import duckdb
import numpy as np
import pytest

from _calibration_evidence import auc, check_evidence, split_rows
from _calibration_panel import Features, Outcomes, ProbabilityResult
from _calibration_probability import calibration_of, fit_probability
from _calibration_reading import NUMBERS, read_features
from _calibration_terms import Term
from calibration_shops import START, outcomes_of


def shop(seed: int, strength: float) -> tuple[Outcomes, Features]:
    """Orders help, silence hurts, but only up to a point."""
    rng = np.random.default_rng(seed)
    leads, cutoffs = 1500, 6
    rows = leads * cutoffs
    orders = rng.poisson(rng.gamma(1, 2, rows)).astype(float)
    silent = np.where(orders > 0, rng.gamma(1, 40, rows).round(), np.nan)
    noise = rng.normal(size=rows)
    hurt = -np.minimum(np.nan_to_num(silent, nan=60.0), 60) / 25
    logit = strength * (hurt + 0.8 * np.log1p(orders) + 1.2) - 1.5
    is_converted = rng.random(rows) < 1 / (1 + np.exp(-logit))
    dates = START + 30 * np.repeat(np.arange(cutoffs), leads)
    outcomes = outcomes_of(np.tile(np.arange(leads), cutoffs), dates, is_converted)
    numbers = {"orders_count": orders, "days_since_order": silent, "noise": noise}
    return outcomes, Features(numbers)


def fit(outcomes: Outcomes, features: Features) -> ProbabilityResult:
    split = split_rows(outcomes)
    return fit_probability(outcomes, features, split, check_evidence(outcomes, split))


def test_a_rule_id_of_fit_and_of_engagement_is_no_feature() -> None:
    """A term names a rule by its id alone."""
    connection = duckdb.connect()
    zeros = ", ".join(f"0.0 as {name}" for name in NUMBERS)
    connection.execute(f"""
        create table tested as select 1 as lead_key, 0 as row;
        create schema scores;
        create table scores.int_lead_features as
            select 1 as lead_key, {zeros}, 'visitor' as stage,
            null::varchar as occasion;
        create table scores.int_rules as
            from (values ('fit', 'push'), ('engagement', 'push'), ('fit', 'garden'))
                as t (score, rule_id);
        create table scores.int_lead_rule_points as
            select 1 as lead_key, score, rule_id, 5.0 as points from scores.int_rules;
        """)
    features = read_features(connection)
    assert features.numbers["points:garden"].tolist() == [5.0]
    assert "points:push" not in features.numbers


def test_rows_of_one_probability_are_one_point_of_the_calibration() -> None:
    """The oldest rows stand first: none of them converted, of the newest a fifth."""
    rows = 1000
    converted = np.arange(rows) % 5 == 0
    converted[: rows // 2] = False
    outcomes = outcomes_of(np.arange(rows), np.full(rows, START), converted)
    found = calibration_of(np.full(rows, 0.1), outcomes, np.ones(rows, bool))
    assert found.expected_error == pytest.approx(0)
    assert {round(share, 9) for _, share, _ in found.bins} == {0.1}
    assert sum(count for _, _, count in found.bins) == rows


def test_the_probability_is_as_good_as_gradient_boosting_and_calibrated() -> None:
    ensemble: Any = pytest.importorskip("sklearn.ensemble")
    outcomes, features = shop(1, 1.0)
    result = fit(outcomes, features)
    split, y = split_rows(outcomes), outcomes.is_converted
    table = np.stack(list(features.numbers.values()), axis=1)
    model = ensemble.HistGradientBoostingClassifier(max_depth=3, max_iter=60)
    model.fit(table[split.is_train], y[split.is_train])
    other = auc(model.decision_function(table[split.is_test]), y[split.is_test])
    assert result.auc is not None
    assert result.auc.auc > other - 0.01
    assert result.test is not None
    assert result.test.slope == pytest.approx(1, abs=0.15)
    assert result.test.intercept == pytest.approx(0, abs=0.15)
    assert result.test.brier < result.test.brier_base
    assert result.test.expected_error < 0.03
    assert len(result.terms) <= 25
    assert result.terms[0].kind == "constant"


def test_noise_has_no_terms() -> None:
    for seed in range(3):
        result = fit(*shop(seed, 0.0))
        assert result.terms == ()
        assert np.isnan(result.probability).all()


def test_terms_add_up_to_the_probability() -> None:
    outcomes, features = shop(2, 1.0)
    result = fit(outcomes, features)
    total = np.full(outcomes.count, result.terms[0].coefficient)
    for each in result.terms[1:]:
        bounds = (each.min_value, each.max_value)
        term = Term(each.feature, each.kind, each.operand, *bounds)
        total += each.coefficient * term.values(features)
    assert result.probability == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-9)


def test_terms_are_what_the_seed_says() -> None:
    features = Features(
        {"x": np.array([np.nan, 0.0, 5.0, 50.0])}, np.array(["a", "b", "a", "a"])
    )
    ramp = Term("x", "ramp", low=2.0, high=10.0)
    log = Term("x", "log", high=10.0)
    assert ramp.values(features).tolist() == [0, 0, 3, 8]
    assert log.values(features) == pytest.approx([0, 0, np.log(6), np.log(11)])
    assert Term("x", "missing").values(features).tolist() == [1, 0, 0, 0]
    assert Term("stage", "is", "a").values(features).tolist() == [1, 0, 1, 1]
