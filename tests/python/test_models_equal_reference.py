"""Random shops, rules and days: the models and the plain-Python reference agree."""

import os
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from reference_scoring import Rules, Shop, score
from strategies import as_of_dates, rule_sets, shops, timezones, write_rules
from warehouse import CompiledProject, Warehouse, assert_same_rows

EXAMPLES = int(os.environ.get("LEAD_SCORING_EXAMPLES", "40"))
# Shrinking a failing shop takes minutes: ask for it when it is needed.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate] + (
    [Phase.shrink] if "LEAD_SCORING_SHRINK" in os.environ else []
)


@pytest.fixture(scope="session")
def project_in(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], CompiledProject]:
    compiled: dict[str, CompiledProject] = {}

    def in_zone(timezone: str) -> CompiledProject:
        if timezone not in compiled:
            workspace = tmp_path_factory.mktemp("compiled")
            compiled[timezone] = CompiledProject(workspace, timezone)
        return compiled[timezone]

    return in_zone


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
    project_in: Callable[[str], CompiledProject],
    tmp_path_factory: pytest.TempPathFactory,
    shop: Shop,
    rules: Rules,
    as_of: date | None,
    timezone: str,
) -> None:
    seeds = tmp_path_factory.mktemp("seeds")
    write_rules(rules, seeds)
    expected = score(shop, rules, as_of, timezone)
    project = project_in(timezone)
    ours = project.score(vars(shop), seeds, as_of)

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
        if "grain" in node.config.meta:
            assert_grain(ours, node.relation_name, node.config.meta["grain"])


def assert_grain(ours: Warehouse, relation: str, columns: list[str]) -> None:
    """No combination of the columns stands in two rows, and none of them is null."""
    key = ", ".join(columns)
    repeated = f"select {key} from {relation} group by all having count(*) > 1"
    assert not ours.rows(repeated), relation
    blank = " or ".join(f"{column} is null" for column in columns)
    assert not ours.rows(f"select {key} from {relation} where {blank}"), relation
