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


@pytest.mark.parametrize(
    ("seed", "weights", "half_lives", "points"),
    [
        (0, WEIGHTS, TRUTH, (1, 5, -15)),
        (1, WEIGHTS, TRUTH, (1, 5, -15)),
        (0, (0.3, 0.5, 0.4), (5.0, 60.0, 60.0), (1, 10, -3)),
        (1, (0.02, 0.9, 1.5), (30.0, 30.0, 30.0), (1, 1, 1)),
        (2, (0.15, 0.5, 0.0), TRUTH, (3, None, None)),
    ],
)
def test_points_and_their_interval_are_in_one_currency(
    seed: int,
    weights: tuple[float, ...],
    half_lives: tuple[float, ...],
    points: tuple[float | None, ...],
) -> None:
    """No proposal lies outside its interval; what changes inside has a reason."""
    result = fit(planted_shop(seed, weights, half_lives, points))
    assert result.is_proposed
    for rule in result.rules:
        if rule.points is None:
            continue
        assert rule.points_low <= rule.points <= rule.points_high, rule.decision
        assert f"[{rule.points_low:.1f}, {rule.points_high:.1f}]" in rule.decision
        if rule.points_today is None:
            continue
        today = rule.points_today * result.points_factor
        if rule.points == today:
            said = "(inside the interval)"
        elif rule.points_low <= today <= rule.points_high:
            said = "inside the interval, but contradicted together with what else stays"
        else:
            said = "(outside the interval)"
        assert said in rule.decision


def test_a_factor_of_all_points_is_one_of_the_intervals_too() -> None:
    weights = (0.02, 0.9, 1.5)
    result = fit(planted_shop(1, weights, (30.0, 30.0, 30.0), (1, 1, 1)))
    factor = result.points_factor
    assert factor > 1
    units = {rule.points_low / rule.weight_low for rule in result.rules}
    assert max(units) == pytest.approx(min(units))
    stayed = result.rules[1]
    assert stayed.points == factor * 1
    assert f"keep the points, 1 today, {factor:g} in the new points" in stayed.decision


def test_one_wrong_rule_does_not_unsettle_the_others() -> None:
    """Ten event types that tell nothing must not speak against what is right."""
    weights, points = (0.1, 0.5, 0.3), (2.0, 10.0, 6.0)
    for seed in (1, 2, 3):
        panel = planted_shop(
            seed,
            (*weights, 0.6, *[0.0] * 9),
            [14.0] * 13,
            (*points, 1, *[None] * 9),
            leads=600,
            rates=(0.12, 0.03, 0.01, *[0.02] * 10),
        )
        result = fit(panel)
        right, wrong = result.rules[:3], result.rules[3]
        assert result.is_proposed
        assert tuple(rule.points for rule in right) == points
        assert wrong.points is not None
        assert wrong.points_today == 1
        assert 8 <= wrong.points <= 16  # 12 in truth


def test_a_rule_of_silence_never_earns_points() -> None:
    panel = planted_shop(2, (0.15, 0.5), (7.0, 30.0), (3, -2))
    silent = replace(panel.rules[1], mode="inactivity")
    result = fit(replace(panel, rules=(panel.rules[0], silent)))
    tried = result.rules[1]
    assert tried.points_low > 0
    assert "silence earns nothing, so 0" in tried.decision
    assert tried.points in (-2, 0)


def test_no_rule_gets_more_points_than_the_build_allows() -> None:
    """In truth the second rule is worth 1500, and 1000 is the most."""
    result = fit(planted_shop(1, (0.3, 0.5), (14.0, 14.0), (900, 5)))
    assert result.is_proposed
    assert [rule.points for rule in result.rules] == [900, 1000]
    assert result.points_factor == 1
    assert "keep the points, 900 today (inside" in result.rules[0].decision
    assert "; points are whole numbers up to 1,000" in result.rules[1].decision


def test_a_limit_is_raised_where_it_would_cut_off_far_more_leads() -> None:
    panel = planted_shop(1, (0.1, 0.5), (14.0, 14.0), (2, 1))
    kept, raised = panel.rules[0], replace(panel.rules[1], rule_group="orders")
    for limit, is_raised in ((6, True), (12, False)):
        limits = {"orders": float(limit), "other": 0.0}
        shop = replace(panel, rules=(kept, raised), group_limits=limits)
        result = fit(shop)
        (points,) = {rule.points for rule in result.rules[1:]}
        assert points == 5
        group = hits_with_decay(raised.hits, panel.outcomes.count, "half_life", 14) * 5
        earned = group[(group > 0) & split_rows(panel.outcomes).is_train]
        assert (np.mean(earned > limit) > 0.05) == is_raised
        found = [(each.rule_group, each.max_points) for each in result.limits]
        most = float(np.ceil(np.quantile(earned, 0.99)))
        assert found == ([("orders", most)] if is_raised else [])
        assert result.points_proposed.max() > (most - 1 if is_raised else limit)


def test_the_scale_follows_the_points_of_the_leads() -> None:
    panel = planted_shop(1, (0.3, 0.5), (14.0, 14.0), (10, 1))
    result, chosen = fit(panel), split_rows(panel.outcomes)
    before, after = (
        np.median(points[chosen.is_train & (points > 0)])
        for points in (result.points_today, result.points_proposed)
    )
    assert result.scale_factor == pytest.approx(after / before, rel=0.05)
    assert result.scale_factor > 1.2


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
    one = replace(hits, row=rare.hits.row[:1], age_days=rare.hits.age_days[:1])
    one = replace(one, hits=rare.hits.hits[:1])
    result = fit(replace(panel, rules=(replace(rare, hits=one), *panel.rules[::2])))
    assert "only 1 lead hit" in result.rules[0].decision


def test_candidates_are_proposed_when_proven() -> None:
    panel = planted_shop(2, (0.15, 0.5, 0.0), TRUTH, (3, None, None))
    result = fit(panel)
    assert result.rules[1].points is not None
    assert result.rules[1].points > 0
    assert result.rules[2].points is None


def test_a_candidate_that_later_leads_do_not_bear_out_is_not_proposed() -> None:
    panel = planted_shop(1, (0.4, 0.6), (30.0, 30.0), (4.0, None))
    chosen = split_rows(panel.outcomes).is_test
    shuffled = panel.outcomes.is_converted.copy()
    shuffled[chosen] = np.random.default_rng(1).permutation(shuffled[chosen])
    outcomes = replace(panel.outcomes, is_converted=shuffled)
    result = fit(replace(panel, outcomes=outcomes))
    assert not result.is_proposed
    said = "not proposed: the whole is not proven better (else: "
    assert result.rules[1].decision.startswith(said)


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
