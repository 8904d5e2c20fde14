"""Calibration of engagement rules: planted truth, noise, too little, readable."""

from dataclasses import replace

import numpy as np
import pytest

from _calibration_decay import HALF_LIVES, decay_hits, hits_with_decay
from _calibration_engagement import fit_engagement
from _calibration_evidence import check_evidence, split_rows
from _calibration_panel import EngagementResult, Panel, RuleHits
from calibration_shops import planted_shop

WEIGHTS = (0.15, 0.5, -0.6)
TRUTH = (7.0, 30.0, 120.0)


def fit(panel: Panel, excluded: frozenset[str] = frozenset()) -> EngagementResult:
    split = split_rows(panel.outcomes)
    evidence = check_evidence(panel.outcomes, split)
    return fit_engagement(panel, split, evidence, excluded)


def test_planted_weights_and_half_lives_are_recovered() -> None:
    inside = []
    for seed in range(3):
        result = fit(planted_shop(seed, WEIGHTS, TRUTH, (1, 5, -15)))
        for rule, weight, half_life in zip(result.rules, WEIGHTS, TRUTH, strict=True):
            inside.append(rule.weight_low <= weight <= rule.weight_high)
            inside.append(rule.half_life_low <= half_life <= rule.half_life_high)
            assert rule.decay_days in {None, *HALF_LIVES}
            assert rule.points is not None
            assert rule.points == round(rule.points)
    assert np.mean(inside) >= 0.8
    assert result.is_proposed
    assert result.comparison is not None
    assert result.comparison.difference_low > 0


def test_right_points_are_kept() -> None:
    panel = planted_shop(5, (0.1, 0.5), (14.0, 14.0), (2, 10))
    result = fit(panel)
    assert [rule.points for rule in result.rules] == [2, 10]
    assert not any(rule.is_points_changed for rule in result.rules)


def test_noise_changes_nothing() -> None:
    for seed in range(3):
        panel = planted_shop(seed, (0.0, 0.0), (7.0, 7.0), (1, None), leads=600)
        result = fit(panel)
        assert not result.is_proposed
        assert [rule.points for rule in result.rules] == [1, None]
        assert (result.points_proposed == result.points_today).all()


def test_a_rule_that_hits_few_keeps_its_points() -> None:
    panel = planted_shop(1, WEIGHTS, TRUTH, (1, 5, -15))
    rare = panel.rules[1]
    few = rare.hits.row % 1500 < 20
    hits = RuleHits(rare.hits.row[few], rare.hits.age_days[few], rare.hits.hits[few])
    rules = (panel.rules[0], replace(rare, hits=hits), panel.rules[2])
    result = fit(replace(panel, rules=rules))
    assert result.rules[1].points == 5
    assert "leads hit" in result.rules[1].decision


def test_candidates_are_proposed_when_proven() -> None:
    panel = planted_shop(2, (0.15, 0.5, 0.0), TRUTH, (3, None, None))
    result = fit(panel)
    assert result.rules[1].points is not None
    assert result.rules[1].points > 0
    assert result.rules[2].points is None


def test_what_leaks_is_neither_weighed_nor_proposed() -> None:
    panel = planted_shop(2, (0.15, 0.5), (7.0, 30.0), (3, None))
    result = fit(panel, frozenset({"event_1"}))
    assert result.rules[1].points is None
    assert "gives the outcome away" in result.rules[1].decision


def test_the_future_of_a_row_changes_nothing() -> None:
    panel = planted_shop(3, WEIGHTS, TRUTH, (1, 5, -15), leads=600)
    split = split_rows(panel.outcomes)
    evidence = check_evidence(panel.outcomes, split)
    y = panel.outcomes.is_converted.copy()
    y[split.is_test] = ~y[split.is_test]
    turned = replace(panel, outcomes=replace(panel.outcomes, is_converted=y))
    before = fit_engagement(panel, split, evidence)
    after = fit_engagement(turned, split, evidence)
    for one, other in zip(before.rules, after.rules, strict=True):
        assert one.weight == other.weight
        assert one.half_life_estimate == other.half_life_estimate


def test_the_grid_agrees_with_the_decay_of_the_rules() -> None:
    rule = planted_shop(3, WEIGHTS, TRUTH, (1, 5, -15), leads=200).rules[0]
    decayed = decay_hits(rule, 1400)
    for place, half_life in enumerate(HALF_LIVES):
        expected = hits_with_decay(rule.hits, 1400, "half_life", half_life)
        assert decayed.at(place) == pytest.approx(expected[decayed.row], rel=1e-5)
