"""What differs between two engines is found and shown; what need not agree is not.

Both sides are tables of one DuckDB here: `make spark-parity` compares the engines.
"""

import importlib.util
from pathlib import Path

import duckdb
import pytest

import compare_engines
from _engine_comparison import Comparison, Sides, compare_table

ROWS = [
    ("c1", "hot", 81.25, 2, "2026-05-31"),
    ("c2", "cold", 1.5, None, "2026-05-30"),
    ("c3", None, None, 0, None),
]


def compared(
    ours: str, theirs: str, table: str = "scores.fct_lead_scores", key: str = "lead_id"
) -> Comparison:
    """Compare the rows of two queries, which may read `rows`."""
    with duckdb.connect() as connection:
        connection.execute(
            """create table rows (lead_id text, temperature text, lead_score double,
            orders_count integer, last_activity_date date)"""
        )
        connection.executemany("insert into rows values (?, ?, ?, ?, ?)", ROWS)
        sides = Sides(f"({ours})", f"({theirs})")
        return compare_table(connection, table, sides, key.split())


def changed(column: str, value: str, lead: str = "c1") -> str:
    return f"""select * replace (
        case when lead_id = '{lead}' then {value} else {column} end as {column}
    ) from rows"""


@pytest.mark.parametrize(
    "theirs",
    [
        "select * from rows",
        "select * from rows order by lead_id desc",
        "select * replace (cast(orders_count as bigint) as orders_count) from rows",
        changed("lead_score", "lead_score * (1 + 9e-10)"),
        changed("lead_score", "lead_score + 1e-9", "c2"),
    ],
)
def test_equal_rows_are_equal(theirs: str) -> None:
    found = compared("select * from rows", theirs)
    assert found.problems == []
    assert list(found.lines()) == [
        "equal   scores.fct_lead_scores: 3 rows, 5 columns",
    ]


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("temperature", "'Hot'", "lead_id=c1 DuckDB=hot Spark=Hot"),
        ("temperature", "null", "lead_id=c1 DuckDB=hot"),
        ("lead_score", "lead_score * (1 + 3e-9)", "lead_id=c1 DuckDB=81.25 Spark=81.2"),
        ("lead_score", "null", "lead_id=c1 DuckDB=81.25"),
        ("lead_score", "cast('nan' as double)", "lead_id=c1 DuckDB=81.25 Spark=nan"),
        ("lead_score", "cast('inf' as double)", "lead_id=c1 DuckDB=81.25 Spark=inf"),
        ("orders_count", "3", "lead_id=c1 DuckDB=2 Spark=3"),
        ("last_activity_date", "date '2026-06-01'", "lead_id=c1 DuckDB=2026-05-31"),
    ],
)
def test_one_changed_value_is_found(column: str, value: str, shown: str) -> None:
    found = compared("select * from rows", changed(column, value))
    assert found.problems[0] == f"{column} differs in 1 row"
    assert found.problems[1].strip().startswith(shown)
    assert len(found.problems) == 2
    assert next(iter(found.lines())).startswith("differs ")


def test_a_row_that_one_engine_lacks_is_found() -> None:
    few = "select * from rows where lead_id != 'c2'"
    assert compared("select * from rows", few).problems[0] == "1 row only on DuckDB"
    assert compared(few, "select * from rows").problems[0] == "1 row only on Spark"
    twice = "select * from rows union all select * from rows where lead_id = 'c3'"
    assert compared("select * from rows", twice).problems[0] == "1 row only on Spark"


def test_a_column_that_one_engine_lacks_is_found() -> None:
    few = "select * exclude (temperature) from rows"
    found = compared("select * from rows", few)
    assert found.problems == ["Spark lacks column temperature"]
    found = compared(few, "select * from rows")
    assert found.problems == ["DuckDB lacks column temperature"]


def test_rows_without_a_known_grain_meet_by_what_is_no_fraction() -> None:
    found = compared("select * from rows", changed("lead_score", "9"), key="")
    assert found.problems[0] == "lead_score differs in 1 row"
    found = compared("select * from rows", changed("orders_count", "9"), key="")
    assert found.problems[0] == "1 row only on DuckDB"


def test_hashes_of_private_tables_need_not_agree_but_their_rows_are_counted() -> None:
    ours, theirs = (
        f"select cast(hash(lead_id || '{salt}') >> 1 as bigint) as lead_key from rows"
        for salt in ("", "!")
    )
    assert compared(ours, theirs, "identity.int_leads").problems == []
    few = f"{theirs} limit 2"
    found = compared(ours, few, "identity.int_leads")
    assert found.problems[0] == "1 row only on DuckDB"
    found = compared(ours, theirs, "scores.fct_lead_scores", key="")
    assert found.problems


def test_when_a_count_was_made_need_not_agree_but_what_was_read_does() -> None:
    ours, theirs = (
        f"select 'c1' as lead_id, timestamp '2026-06-0{day}' as read_until"
        for day in (1, 2)
    )
    assert compared(ours, theirs, "staging.int_matches_daily").problems == []
    found = compared(ours, theirs, "staging.int_reading")
    assert found.problems[0] == "read_until differs in 1 row"


def test_no_more_than_a_few_rows_are_shown() -> None:
    found = compared(
        "select range as lead_id, 1 as orders_count from range(50)",
        "select range as lead_id, 2 as orders_count from range(50)",
    )
    assert found.problems[0] == "orders_count differs in 50 rows"
    assert len(found.problems) == 4


def test_without_java_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: name == "pyspark" or None
    )
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    workspace = tmp_path / "engines"
    assert compare_engines.main(["demo", "--workspace", str(workspace)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "Java 17" in line
    assert "openjdk-17-jre-headless" in line
    assert not workspace.exists()


def test_only_a_workspace_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--workspace .` used to remove whatever lay there."""
    monkeypatch.setattr(compare_engines, "check_spark", lambda: None)
    diary, workspace = tmp_path / "diary.txt", tmp_path / "engines"
    diary.touch()
    assert compare_engines.main(["demo", "--workspace", str(tmp_path)]) == 1
    assert "no workspace of this script" in capsys.readouterr().err
    assert diary.exists()
    for _ in range(2):
        compare_engines.make_anew(workspace)
        assert [file.name for file in workspace.iterdir()] == [".workspace"]
        (workspace / "shop.duckdb").touch()
