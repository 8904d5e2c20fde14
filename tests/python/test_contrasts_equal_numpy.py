"""With a rule and without it: the models and a plain computation per lead agree."""

import numpy as np
import pytest

from back_tests import Numbers, Shop, run_models, table
from warehouse import CompiledProject, Row, compiled

Z = 1.959963984540054


@pytest.fixture(scope="module")
def project() -> CompiledProject:
    return compiled()


def performance(
    project: CompiledProject, shop: Shop, hits: dict[str, set[int]]
) -> dict[tuple[str, int], Row]:
    """fct_rule_performance by rule and horizon, where rules hit these lead_keys."""
    points = [
        {"lead_key": key, "score": "fit", "rule_id": rule, "points": 1.0}
        for rule, keys in hits.items()
        for key in keys
    ]
    rules = [{"score": "fit", "rule_id": rule, "description": rule} for rule in hits]
    given = {
        **shop.tables(),
        "int_lead_rule_points": table(
            points, lead_key="bigint", score="string", rule_id="string", points="double"
        ),
        "int_rules": table(
            rules, score="string", rule_id="string", description="string"
        ),
        "int_engagement_rules": table(
            [],
            rule_key="bigint",
            rule_id="string",
            mode="string",
            min_hits="integer",
            max_hits="integer",
        ),
        "int_lead_engagement_points": table(
            [], lead_key="bigint", rule_key="bigint", counted_hits="bigint"
        ),
        "int_stage_steps": table(
            [], identity_key="bigint", stage="string", is_advanced="boolean"
        ),
        "int_stage_signals": table(
            [],
            identity_key="bigint",
            stage="string",
            event_type="string",
            campaign_id="string",
            is_advanced="boolean",
        ),
    }
    built = run_models(project, given)
    rows = built.rows("from warehouse.insights.fct_rule_performance")
    return {(row["rule_id"], row["horizon_days"]): row for row in rows}


def wilson(labels: Numbers, leads: Numbers) -> tuple[float, float, float]:
    """The rate with its interval, rows of one lead counted for what they are worth."""
    rate, names = labels.mean(), sorted(set(leads))
    rows = np.array([(leads == name).sum() for name in names])
    if 0 < rate < 1:
        off = np.array([(labels[leads == name] - rate).sum() for name in names])
        number = rate * (1 - rate) / ((off**2).sum() / len(labels) ** 2)
        number = min(number, len(labels))
    else:
        number = len(labels) ** 2 / (rows**2).sum()
    middle = (rate + Z**2 / (2 * number)) / (1 + Z**2 / number)
    half = np.sqrt(rate * (1 - rate) / number + Z**2 / (4 * number**2))
    half *= Z / (1 + Z**2 / number)
    return float(rate), max(0.0, middle - half), min(1.0, middle + half)


@pytest.mark.parametrize("seed", range(12))
def test_rule_performance_equals_a_plain_computation(
    project: CompiledProject, seed: int
) -> None:
    shop = Shop(seed)
    random = np.random.default_rng(seed)
    keys = [row["lead_key"] for row in shop.scores]
    hits = {
        "never": set(),
        "always": set(keys),
        "often": {key for key in keys if random.random() < 0.6},
        "seldom": {key for key in keys if random.random() < 0.1} | {keys[0]},
        "lasting": {row["lead_key"] for row in shop.scores if row["identity_key"] < 5},
    }
    rows = performance(project, shop, hits)
    for (rule, horizon), row in rows.items():
        outcomes = [o for o in shop.outcomes if o["horizon_days"] == horizon]
        labels = np.array([o["is_converted"] for o in outcomes])
        leads = np.array([o["identity_key"] for o in outcomes])
        is_hit = np.array([o["lead_key"] in hits[rule] for o in outcomes])
        assert row["leads_count"] == is_hit.sum()
        assert row["conversions_count"] == labels[is_hit].sum()
        assert row["other_leads_count"] == (~is_hit).sum()
        assert row["other_conversions_count"] == labels[~is_hit].sum()
        if rule in ("never", "always"):
            assert row["rate_difference"] is None
            assert not row["is_proven"]
            continue
        rate, low, high = wilson(labels[is_hit], leads[is_hit])
        other, other_low, other_high = wilson(labels[~is_hit], leads[~is_hit])
        below = np.hypot(rate - low, other_high - other)
        above = np.hypot(high - rate, other - other_low)
        found = [
            row["conversion_rate"],
            row["other_conversion_rate"],
            row["rate_difference_low"],
            row["rate_difference_high"],
        ]
        difference = rate - other
        wanted = [rate, other, difference - below, difference + above]
        assert np.allclose(found, wanted, rtol=1e-9, atol=1e-9), row
        assert row["is_proven"] == (wanted[2] > 0 or wanted[3] < 0)


def test_a_rule_that_means_nothing_is_seldom_proven(project: CompiledProject) -> None:
    """Neither the rule nor the lead changes from cut-off to cut-off."""
    random = np.random.default_rng(1)
    shop = Shop(2)
    buys = random.random(shop.leads_count) < 0.3
    for outcome in shop.outcomes:
        outcome["is_converted"] = bool(buys[outcome["identity_key"]])
    hits = {}
    for number in range(200):
        chosen = random.random(shop.leads_count) < 0.4
        hits[f"rule {number}"] = {
            row["lead_key"] for row in shop.scores if chosen[row["identity_key"]]
        }
    rows = performance(project, shop, hits)
    assert sum(row["is_proven"] for row in rows.values()) <= 0.1 * len(rows)
