"""The benchmark: features say what they are, models are fair, the verdict is plain."""

import runpy
import sys
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

import _calibration_panel as panels
from _calibration_evidence import auc, split_rows
from built_shop import built_shop
from calibration_shops import planted_shop
from dbt_runs import PROJECT

BENCHMARKS = PROJECT / "benchmarks"
CUTOFF = date(2026, 3, 1)


@pytest.fixture(scope="module")
def benchmark() -> Iterator[Any]:
    """What the benchmark's modules define."""
    before = list(sys.path)
    sys.path.insert(0, str(BENCHMARKS))
    parts = ("_benchmark_features", "_benchmark_models", "benchmark_scores")
    names: dict[str, Any] = {}
    for part in parts:
        names |= runpy.run_path(str(BENCHMARKS / f"{part}.py"))
    yield SimpleNamespace(**names)
    sys.path[:] = before


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three leads on a cut-off: one viewed and ordered, one viewed, one did nothing."""
    with duckdb.connect() as connection:
        connection.execute(
            """create schema staging; create schema activity;
            create table tested (row bigint, lead_key bigint, as_of_date date);
            create table staging.int_matches
                (match_id bigint, event_type text, property text);
            create table activity.int_lead_match_days
                (lead_key bigint, match_id bigint, hits bigint, amount double,
                as_of_date date, event_date date);
            insert into tested values (0, 10, '2026-03-01'), (1, 11, '2026-03-01'),
                (2, 12, '2026-03-01');
            insert into staging.int_matches values
                (1, 'viewed', null), (2, 'ordered', null), (3, 'viewed', 'page_url');
            insert into activity.int_lead_match_days values
                (10, 1, 4, null, '2026-03-01', '2026-03-01'),
                (10, 1, 2, null, '2026-03-01', '2026-02-22'),
                (10, 2, 1, 30.5, '2026-03-01', '2026-01-30'),
                (10, 3, 9, null, '2026-03-01', '2026-02-27'),
                (11, 1, 1, null, '2026-03-01', '2026-02-01');"""
        )
        yield connection


def of_texts(name: str, texts: list[str | None]) -> panels.Attribute:
    return panels.Attribute.from_texts(name, texts)


def test_features_of_events_are_what_they_say(
    benchmark: Any, connection: duckdb.DuckDBPyConnection
) -> None:
    table = benchmark.read_features(connection, [], np.ones(3, bool), [])
    found = dict(zip(table.names, table.values.T.tolist(), strict=True))
    assert found["viewed: count"] == [6, 1, 0]
    assert found["viewed: days since the last"][:2] == [0, 28]
    assert found["viewed: count of 7 days"] == [4, 0, 0]
    assert found["viewed: count of 30 days"] == [6, 1, 0]
    assert found["viewed: count, halved every 7 days"] == [5, 2**-4, 0]
    assert found["viewed: days since the first"][0] == 7
    assert np.isnan(found["viewed: days since the first"][2])
    assert found["ordered: amount"] == [30.5, 0, 0]
    assert "ordered: count of 30 days" not in found, "the same for all"
    assert np.isfinite(table.standardised(np.ones(3, bool))).all()


def test_a_leak_is_no_feature(
    benchmark: Any, connection: duckdb.DuckDBPyConnection
) -> None:
    tags = of_texts("tags", ["will buy", None, None])
    everybody = np.ones(3, bool)
    told = benchmark.read_features(connection, [tags], everybody, [])
    left = benchmark.read_features(connection, [tags], everybody, ["tags", "ordered"])
    assert {"tags is will buy", "ordered: count"} <= set(told.names)
    assert {name.split(":")[0] for name in left.names} == {"viewed"}


def test_attributes_are_levels_or_numbers(benchmark: Any) -> None:
    rows = 1000
    city = ["rome" if n % 2 else "oslo" for n in range(rows - 3)] + ["bari"] * 3
    income = [str(100 * n) if n else None for n in range(rows)]
    everybody = np.ones(rows, bool)
    city_columns = dict(benchmark._of_attribute(of_texts("city", [*city]), everybody))
    income_columns = dict(
        benchmark._of_attribute(of_texts("income", income), everybody)
    )
    assert city_columns["city is rare"].sum() == 3
    assert "city is bari" not in city_columns
    assert city_columns["city is rome"].sum() == 498
    assert np.isnan(income_columns["income"][0])
    assert income_columns["income"][7] == 700


def test_models_learn_from_train_rows_alone(benchmark: Any) -> None:
    """Outcomes of the test rows may say what they want."""
    shop = planted_shop(3, (0.4,), (14.0,), (5.0,), leads=400)
    outcomes, split = shop.outcomes, split_rows(shop.outcomes)
    hits = shop.rules[0].hits
    recent = np.bincount(hits.row, np.exp2(-hits.age_days / 14), outcomes.count)
    noise = np.random.default_rng(3).normal(size=outcomes.count)
    table = benchmark.FeatureTable(
        ("recent", "noise"), np.column_stack([recent, noise])
    )
    flipped = panels.Outcomes(
        outcomes.lead,
        outcomes.as_of_date,
        outcomes.is_converted ^ split.is_test,
        outcomes.converted_on,
        outcomes.horizon_days,
    )
    for fit in (benchmark.fit_regression, benchmark.fit_boosting):
        probability = fit(table, outcomes, split.is_train)
        assert (probability == fit(table, flipped, split.is_train)).all()
        test = split.is_test
        assert auc(probability[test], outcomes.is_converted[test]) > 0.65


def test_ties_share_the_best_tenth(benchmark: Any) -> None:
    is_converted = np.arange(100) % 4 == 0
    assert benchmark.top_lift(np.zeros(100), is_converted) == pytest.approx(1)
    assert benchmark.top_lift(is_converted * 1.0, is_converted) == pytest.approx(4)
    ranks = -np.arange(100.0)
    assert benchmark.top_lift(ranks, is_converted) == pytest.approx(0.3 / 0.25)


@pytest.mark.parametrize(("blur", "is_good"), [(0.0, True), (0.05, True), (3.0, False)])
def test_the_verdict_is_plain(benchmark: Any, blur: float, is_good: bool) -> None:
    rng = np.random.default_rng(5)
    truth = rng.normal(size=3000)
    is_converted = rng.random(3000) < 1 / (1 + np.exp(-2 * truth))
    dates = np.full(3000, CUTOFF, "datetime64[D]")
    outcomes = panels.Outcomes(np.arange(3000), dates, is_converted, dates, 30)
    contest = SimpleNamespace(
        outcomes=outcomes,
        report=SimpleNamespace(split=SimpleNamespace(is_test=np.ones(3000, bool))),
        proposal="probability proposed",
        probabilities={},
        all_scores={
            "probability proposed": truth + blur * rng.normal(size=3000),
            "logistic regression": truth,
            "gradient boosting": rng.normal(size=3000),
        },
    )
    judged = benchmark.judge_all(contest)
    found, told = benchmark.give_verdict(contest, judged)
    assert found == is_good
    assert "(logistic regression)" in told
    assert told.startswith("As good as" if is_good else "Falls short")


def test_too_few_orders_are_told_so(
    benchmark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = built_shop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEAD_SCORING_LANDING", str(shop.database.parent / "landing"))
        assert benchmark.main(["--database", str(shop.database)]) == 1
    assert "Not enough data" in capsys.readouterr().err


def test_missing_scikit_learn_is_told(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    required = benchmark.require_scikit_learn
    monkeypatch.setitem(required.__globals__, "HistGradientBoostingClassifier", None)
    with pytest.raises(Exception, match="pip install"):
        required()
