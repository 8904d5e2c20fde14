"""Calibration of the probability: as good as other models, calibrated, readable."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from _calibration_evidence import auc, check_evidence, split_rows
from _calibration_panel import Features, Outcomes, ProbabilityResult
from _calibration_probability import calibration_of, fit_probability
from _calibration_reading import NUMBERS, read_features
from _calibration_terms import Term, possible_terms, readable_knots
from _options import ActionableError
from calibrate_rules import TOLERANCE, check_probability
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
        below, above = each.coefficient - each.low, each.high - each.coefficient
        assert below == pytest.approx(above)
        assert 0 < below < 2 * abs(each.coefficient)
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


def test_knots_are_round_and_spread_over_the_values() -> None:
    assert readable_knots(np.arange(1001.0)) == [0, 1, 100, 250, 500, 750, 900, 990]
    small = np.append(np.zeros(900), np.linspace(0.011, 3.4, 100))
    assert readable_knots(small) == [0, 0.01, 0.3, 0.9, 2, 3]
    assert readable_knots(np.linspace(11.4, 1234, 60))[1:3] == [32, 150]
    assert readable_knots(np.arange(49.0)) == []
    assert readable_knots(np.append(np.zeros(900), np.ones(49))) == []


def test_possible_terms_tell_enough_rows_from_the_rest() -> None:
    stages = ["few"] * 49 + ["some"] * 50 + [""] * 60 + ["most"] * 841
    numbers = {
        "points:search": np.append(np.full(100, -15.0), np.linspace(-14, 40, 900)),
        "days_since_order": np.append(np.full(60, np.nan), np.linspace(0, 90, 940)),
        "orders_count": np.append(np.full(49, np.nan), np.linspace(0, 2, 951)),
    }
    features = Features(numbers, np.array(stages, object))
    terms = possible_terms(features, np.ones(1000, bool))
    names = [term.term_id for term in terms]
    assert len(set(names)) == len(names)
    assert {name for name in names if "_is_" in name} == {
        "stage_is_some",
        "stage_is_most",
    }
    assert {name for name in names if "missing" in name} == {"days_since_order_missing"}
    assert {name for name in names if "log" in name} == {"days_since_order_log_89"}
    ends = {(term.low, term.high) for term in terms if term.feature == "points:search"}
    # Without hits there are no points: what such a lead gets must be 0 at 0.
    assert ends == {(13, 26), (13, 39), (26, 35), (26, 39), (35, 39)}
    said = {term.term_id: term.description for term in terms}
    assert said["stage_is_some"] == "Stage is some"
    assert said["days_since_order_missing"] == "Not known: days since order"
    log = "Logarithm of 1 + days since order, up to 89"
    assert said["days_since_order_log_89"] == log
    assert said["points_search_ramp_13_26"] == "Each point of search from 13 to 26"
    assert said["orders_count_ramp_1_2"] == "Each order from 1 to 2"


def dated_shop(odds: list[float], leads: int = 1500) -> tuple[Outcomes, Features]:
    """One feature that matters, and cut-offs with other odds of converting."""
    rng = np.random.default_rng(1)
    date = np.repeat(np.arange(len(odds)), leads)
    interest = rng.normal(size=len(date))
    logit = interest + np.log(odds)[date]
    is_converted = rng.random(len(date)) < 1 / (1 + np.exp(-logit))
    lead = np.tile(np.arange(leads), len(odds))
    outcomes = outcomes_of(lead, START + 30 * date, is_converted)
    return outcomes, Features({"interest": interest, "season": date.astype(float)})


@pytest.mark.parametrize("later", [0.06, 0.13, 0.3])
def test_the_constant_follows_a_base_rate_that_drifts(later: float) -> None:
    outcomes, features = dated_shop([0.13] * 4 + [later] * 5)
    result = fit(outcomes, Features({"interest": features.numbers["interest"]}))
    assert ("The base rate has drifted" in result.reason) == (later != 0.13)
    assert result.test is not None
    assert result.test.intercept == pytest.approx(0, abs=0.1)
    assert result.test.mean_probability == pytest.approx(
        result.test.base_rate, abs=0.01
    )
    assert result.fitted_until == "2024-06-29"  # 30 days after the sixth cut-off


def test_a_term_that_only_tells_the_season_apart_is_not_chosen() -> None:
    result = fit(*dated_shop([0.1, 0.1, 0.3, 0.3, *[0.1] * 5], leads=3000))
    assert result.is_proposed
    assert {term.feature for term in result.terms} == {"", "interest"}


def test_a_probability_that_later_rows_do_not_bear_out_is_not_proposed() -> None:
    outcomes, features = dated_shop([0.13] * 9)
    is_test = split_rows(outcomes).is_test
    interest = features.numbers["interest"].copy()
    interest[is_test] = np.random.default_rng(2).permutation(interest[is_test])
    result = fit(outcomes, Features({"interest": interest}))
    assert not result.is_proposed
    assert result.reason.startswith("Not proven on the test rows. AUC 0.")


def test_what_is_said_about_a_calibration_agrees_with_scikit_learn() -> None:
    metrics: Any = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    chance = rng.random(4000) ** 3
    y = rng.random(4000) < chance
    outcomes = outcomes_of(np.arange(4000), np.full(4000, START), y)
    chosen = np.arange(4000) >= 1000
    found = calibration_of(chance, outcomes, chosen)
    given = (y[chosen], chance[chosen])
    assert found.brier == pytest.approx(metrics.brier_score_loss(*given))
    assert found.log_loss == pytest.approx(metrics.log_loss(*given))
    assert found.base_rate == pytest.approx(y[chosen].mean())
    base = np.full(3000, y[chosen].mean())
    assert found.brier_base == pytest.approx(metrics.brier_score_loss(y[chosen], base))
    assert found.slope == pytest.approx(1, abs=0.1)
    assert len(found.bins) == 10


@pytest.mark.parametrize("off", [TOLERANCE / 2, -2 * TOLERANCE, np.nan])
def test_a_warehouse_that_computes_other_probabilities_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: float
) -> None:
    fitted = np.array([0.5, 0.2])
    result = ProbabilityResult((), fitted, None, None, "", True, "")
    rival: Any = SimpleNamespace(database=tmp_path / "shop.duckdb")
    duckdb.connect(str(rival.database)).close()
    monkeypatch.setattr("calibrate_rules.number_rows", lambda *_: None)
    scored = fitted + np.array([0, off])
    monkeypatch.setattr("calibrate_rules.read_probabilities", lambda _: scored)
    if abs(off) < TOLERANCE:
        check_probability(rival, 30, result)
        return
    with pytest.raises(ActionableError, match="the warehouse computes other"):
        check_probability(rival, 30, result)
