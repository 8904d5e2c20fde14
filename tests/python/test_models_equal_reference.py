"""Random shops, rules and days: the models and the plain-Python reference agree."""

import os
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reference_scoring import Rules, Shop, score
from strategies import as_of_dates, examples, rule_sets, shops, timezones, write_rules
from warehouse import Warehouse, assert_same_rows, compiled, land

EXAMPLES = examples(20)
# Shrinking a failing shop takes minutes: ask for it when it is needed.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate] + (
    [Phase.shrink] if "LEAD_SCORING_SHRINK" in os.environ else []
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="LEAD_SCORING_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    report_multiple_bugs=False,
    phases=PHASES,
)
@given(shop=shops(), rules=rule_sets(), as_of=as_of_dates(), timezone=timezones())
def test_models_equal_reference(
    tmp_path_factory: pytest.TempPathFactory,
    shop: Shop,
    rules: Rules,
    as_of: date | None,
    timezone: str,
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    write_rules(rules, folder / "seeds")
    land(folder / "landing", vars(shop))
    expected = score(shop, rules, as_of, timezone)
    project = compiled(timezone)
    ours = project.score(folder / "landing", folder / "seeds", as_of)

    days, points = "activity.fct_lead_rule_days", "scores.fct_lead_rule_points"
    for what, relation, wanted, key in (
        ("lead", "activity.dim_leads", expected.leads, ("lead_id",)),
        ("days", days, expected.lead_rule_days, ("lead_id", "event_date", "rule_id")),
        ("points", points, expected.lead_rule_points, ("lead_id", "score", "rule_id")),
        ("score", "scores.fct_lead_scores", expected.lead_scores, ("lead_id",)),
    ):
        assert_same_rows(what, ours.rows(f"from warehouse.{relation}"), wanted, key)

    repeated = "from warehouse.personal.int_events_repeated"
    duplicates = ours.value(f"select count(*) {repeated} where is_duplicate")
    assert duplicates == expected.duplicates
    conflicts = ours.value(f"select count(*) {repeated} where is_conflict")
    assert conflicts == expected.conflicts
    if as_of is None:
        rejected = ours.rows(
            """select source, event_id, reason
            from warehouse.activity.fct_events_rejected"""
        )
        found = sorted(repr(tuple(row.values())) for row in rejected)
        assert found == sorted(map(repr, expected.rejected))

    # Views that calibration alone reads: a build would compute them for nothing else.
    for node in project.nodes:
        if node.grain:
            assert_grain(ours, node.relation_name, node.grain)


def assert_grain(ours: Warehouse, relation: str, columns: list[str]) -> None:
    """No combination of the columns stands in two rows, and none of them is null."""
    key = ", ".join(columns)
    repeated = f"select {key} from {relation} group by all having count(*) > 1"
    assert not ours.rows(repeated), relation
    blank = " or ".join(f"{column} is null" for column in columns)
    assert not ours.rows(f"select {key} from {relation} where {blank}"), relation
