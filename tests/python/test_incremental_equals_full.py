"""Whatever is loaded in whatever order, an incremental run ends where a full one does.

Each random shop arrives in three loads (late rows and duplicates among them), while its
rules and the window of duplicates change; after the last load every table is compared
with the one that a full run makes: the compiled SQL, run once (test_replay shows that
dbt makes the same of it). What is kept of days that are over (who entered a segment
when, weeks that are out of reach) one run cannot know: test_segment_history has that.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from dbt_runs import UNTESTED, copy_project, run_dbt
from reference_scoring import Rules, Shop
from strategies import examples, rule_sets, shops, write_rules
from warehouse import (
    LANDING_COLUMNS,
    Row,
    Warehouse,
    comparable_columns,
    compiled,
    write_landing,
)

LOADS = 3
LAST = LOADS - 1
# What keeps nothing from one load to the next is needed after the last one only.
KEEPING = ("--exclude", "path:models/insights", "path:models/exports")
FIRST_LOAD = datetime(2026, 7, 1)


def land(workspace: Path, shop: Shop, load: int, arrivals: Sequence[int]) -> None:
    """Write what arrives with one load; a load is later than the one before."""
    loaded_at = FIRST_LOAD + timedelta(days=load)
    for table in LANDING_COLUMNS:
        rows: list[Row] = [
            row | {"loaded_at": loaded_at}
            for place, row in enumerate(vars(shop)[table])
            if arrivals[place % len(arrivals)] == load
        ]
        write_landing(workspace / "landing", table, rows, str(load))


def build(workspace: Path, *options: str) -> None:
    project = workspace / "project"
    result = run_dbt(workspace, "build", *UNTESTED, *options, project=project)
    assert result.success, result.exception or [
        found.message for found in result.result if found.status == "error"
    ]


# What keeps something of each build before, or of what was read when.
OF_BUILDS = (
    *("int_reading", "int_reading_state", "int_matches_daily"),
    "int_matches_unread",
    *("int_activity_basis", "int_activity_basis_kept", "int_leads_touched"),
    "int_lead_match_days_touched",
    *("int_segment_history", "int_segment_days_compared", "int_segment_turns"),
    *("fct_segment_changes", "int_export_versions", "int_export_versions_kept"),
    "int_export_moment",
)
# What a row tells of earlier builds (a crossing is named by its day).
KEPT = ("entered_on", "export_id", "read_until")
WEEKS = ("scores.int_lead_scores_kept", "scores.fct_lead_scores_weekly")


def tables(warehouse: Warehouse) -> list[str]:
    found = warehouse.rows(
        """select table_schema || '.' || table_name as name, table_name
        from information_schema.tables
        where table_catalog = 'warehouse' order by name"""
    )
    return [str(row["name"]) for row in found if row["table_name"] not in OF_BUILDS]


def rows_of(warehouse: Warehouse, table: str, condition: str = "true") -> list[Row]:
    relation = f"warehouse.{table}"
    columns = comparable_columns(warehouse.connection, relation, *KEPT)
    query = f"select {columns} from {relation} where {condition} order by all"
    return warehouse.rows(query)


def one_of(values: Iterable[Row]) -> str:
    """A condition that some column has one of these values."""
    texts = [f"'{value}'" for row in values for value in row.values()]
    return f"in ({', '.join(texts) or 'null'})"


@settings(
    max_examples=examples(1),
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    shop=shops(max_events=120),
    first_rules=rule_sets(),
    last_rules=rule_sets(),
    arrivals=st.lists(st.integers(0, LOADS - 1), min_size=7, max_size=30),
)
def test_incremental_equals_full(
    tmp_path_factory: pytest.TempPathFactory,
    shop: Shop,
    first_rules: Rules,
    last_rules: Rules,
    arrivals: list[int],
) -> None:
    assume(shop.events)  # hypothesis begins with a shop of nothing
    workspace = tmp_path_factory.mktemp("incremental")
    seeds = copy_project(workspace / "project") / "seeds"
    for load in range(LOADS):
        land(workspace, shop, load, arrivals)
        write_rules(first_rules if load == 0 else last_rules, seeds)
        build(workspace, *([] if load == LAST else KEEPING))
    once = compiled().score(workspace / "landing", seeds, None)

    with duckdb.connect(str(workspace / "warehouse.duckdb")) as connection:
        stepwise = Warehouse(connection)
        assert tables(stepwise) == tables(once)
        compared = dict.fromkeys(tables(once), "true")
        for table in WEEKS:
            weeks = once.rows(f"select distinct as_of_date from warehouse.{table}")
            compared[table] = f"as_of_date {one_of(weeks)}"
        # Matches that no rule looks for any more may stay: nothing reads them.
        asked = once.rows("select match_id from warehouse.staging.int_matches")
        compared["staging.int_matches_daily"] = f"match_id {one_of(asked)}"
        for table, condition in compared.items():
            ours, expected = (
                rows_of(each, table, condition) for each in (stepwise, once)
            )
            assert ours == expected, table
