"""Whatever is loaded in whatever order, an incremental run ends where a full one does.

Each random shop arrives in three loads (late rows and duplicates among them), while its
rules and the window of duplicates change; after the last load every
table is compared with the one that a single full run makes. What is kept of days that
are over (who entered a segment when, weeks that are out of reach) one run cannot know:
test_segment_history compares that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reference_scoring import Rules, Shop
from strategies import rule_sets, shops, write_rules
from warehouse import (
    LANDING_COLUMNS,
    Row,
    comparable_columns,
    copy_project,
    run_dbt,
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


def run(workspace: Path, project: Path, database: str, *more: str) -> None:
    for command in (["seed"], ["run"]):
        arguments = [*command, "--quiet", *more]
        result = run_dbt(workspace, *arguments, project=project, database=database)
        assert result.success, result.exception or [
            found.message for found in result.result if found.status == "error"
        ]


def tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    found = connection.execute(
        """select table_schema || '.' || table_name from information_schema.tables
        where table_catalog = ? and table_name not in
            ('int_reading_state', 'int_matches_daily', 'int_matches_unread',
            'int_segment_history', 'int_segment_days_compared', 'int_segment_turns',
            'fct_segment_changes',
            'int_export_versions', 'int_export_versions_kept', 'int_export_moment')
        order by 1""",
        [database],
    )
    return [row[0] for row in found.fetchall()]


def differences(connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> int:
    columns = comparable_columns(connection, f"once.{table}", *KEPT)
    ours, theirs = (f"select {columns} from {db}.{table} {rows}" for db in DATABASES)
    found = connection.execute(
        f"""select count(*) from (
            (({ours}) except all ({theirs})) union all
            (({theirs}) except all ({ours})))"""
    ).fetchone()
    assert found is not None
    return int(found[0])


DATABASES = ("stepwise", "once")
# What a row tells of earlier builds (a crossing is named by its day).
KEPT = ("entered_on", "export_id")
WEEKS = ("scores.int_lead_scores_kept", "scores.fct_lead_scores_weekly")


@settings(
    max_examples=2,
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
    workspace = tmp_path_factory.mktemp("incremental")
    project = copy_project(tmp_path_factory.mktemp("project"))
    for load in range(LOADS):
        land(workspace, shop, load, arrivals)
        write_rules(first_rules if load == 0 else last_rules, project / "seeds")
        run(workspace, project, "stepwise.duckdb", *([] if load == LAST else KEEPING))
    run(workspace, project, "once.duckdb", "--full-refresh")

    connection = duckdb.connect()
    for database in DATABASES:
        connection.execute(f"attach '{workspace}/{database}.duckdb' (read_only)")
    assert tables(connection, "stepwise") == tables(connection, "once")
    for table in set(tables(connection, "once")) - set(WEEKS):
        assert not differences(connection, table, ""), table
    for table in WEEKS:
        weeks = f"where as_of_date in (select distinct as_of_date from once.{table})"
        assert not differences(connection, table, weeks), table
    # Matches that no rule looks for any more may stay: nothing reads them.
    still_asked = "where match_id in (select match_id from once.staging.int_matches)"
    assert not differences(connection, "staging.int_matches_daily", still_asked)
