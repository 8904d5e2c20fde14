"""The benchmark's peers: the points of the models, or their times would mean nothing.

Polars and pandas are installed by `make test-engines`; what is missing is skipped.
Spark is too slow for this suite: `make bench` checks it before it counts its time.
"""

import importlib
import importlib.util
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import generate_demo_shop
import load_landing
from _options import ActionableError
from _peer_inputs import Inputs
from built_shop import change
from check_peers import check
from dbt_runs import PROJECT, copy_project
from reference_scoring import Rules, Shop
from strategies import as_of_dates, examples, rule_sets, shops, write_rules
from warehouse import Row, Warehouse, assert_same_rows, compiled, land

PEERS = {"peer_duckdb": "duckdb", "peer_polars": "polars", "peer_pandas": "pandas"}
EVENTS = 3_000
EXAMPLES = examples(6)


def load_peer(name: str) -> Callable[[Inputs], None]:
    """A peer's own scoring."""
    score: Callable[[Inputs], None] = importlib.import_module(name).score
    return score


@pytest.fixture(params=PEERS)
def peer(request: pytest.FixtureRequest) -> Callable[[Inputs], None]:
    package = PEERS[request.param]
    pytest.importorskip(package, reason=f"{package} comes with the extra bench")
    return load_peer(request.param)


def models_score(landing: Path, seeds: Path, as_of: date | None) -> Warehouse:
    """The shop as the models score it."""
    return compiled().needed_for("fct_lead_scores").score(landing, seeds, as_of)


def inputs_in(landing: Path, seeds: Path, output: Path, as_of: date | None) -> Inputs:
    return Inputs(
        landing=landing,
        reference=seeds / "reference",
        rules=seeds / "rules",
        as_of_date=as_of,
        output=output,
        threads=1,
        memory="1GB",
    )


def assert_equal(
    peer: Callable[[Inputs], None], inputs: Inputs, ours: Warehouse
) -> list[Row]:
    """The peer's rows, which are those of the models."""
    peer(inputs)
    found: list[Row] = pq.read_table(inputs.output).to_pylist()
    built = ours.rows(
        """select lead_id, engagement_points, engagement_score
        from warehouse.scores.fct_lead_scores"""
    )
    assert_same_rows("lead", found, built, ("lead_id",))
    return found


# ---------------------------------------------------------------- the shop of the demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop, small: with duplicates, staff, erasures and machines."""
    folder = tmp_path_factory.mktemp("demo")
    shop, landing = str(folder / "shop"), folder / "landing"
    size = ["--events", str(EVENTS), "--days", "60"]
    assert generate_demo_shop.main([*size, "--output", shop]) == 0
    assert load_landing.main([shop, "--landing", str(landing)]) == 0
    return landing


@pytest.mark.engines
def test_the_peers_score_the_demo_shop_as_the_models_do(
    peer: Callable[[Inputs], None], demo: Path, tmp_path: Path
) -> None:
    """And again under a changed weight and a changed half-life: both are read."""
    before: list[Row] = []
    seeds = copy_project(tmp_path / "project") / "seeds"
    for old, new in (
        ("", ""),
        ("product_viewed,,,,each,1,", "product_viewed,,,,each,2.5,"),
        ("half_life,14,,browsing,,,Viewed", "half_life,10,,browsing,,,Viewed"),
    ):
        if old:
            change(seeds / "rules" / "engagement_rules.csv", old, new)
        inputs = inputs_in(demo, seeds, tmp_path / "points.parquet", None)
        found = assert_equal(peer, inputs, models_score(demo, seeds, None))
        assert any(row["engagement_points"] > 0 for row in found)
        assert sorted(found, key=str) != sorted(before, key=str)
        before = found


# -------------------------------------------------------------------------- any shop


@st.composite
def unconditional_rules(draw: Any) -> Rules:
    """Rules of every kind but those with conditions, few of which the peers know."""
    rules: Rules = draw(rule_sets())
    for rule in rules.engagement_rules:
        rule |= {"property": "", "operator": "", "operand": ""}
    return rules


@pytest.mark.engines
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(shop=shops(), rules=unconditional_rules(), as_of=as_of_dates())
def test_the_peers_score_any_shop_as_the_models_do(
    tmp_path_factory: pytest.TempPathFactory,
    shop: Shop,
    rules: Rules,
    as_of: date | None,
) -> None:
    folder = tmp_path_factory.mktemp("any_shop")
    landing = folder / "landing"
    write_rules(rules, folder)
    land(landing, vars(shop))
    ours = models_score(landing, folder, as_of)
    seen = "select count(*) from warehouse.identity.int_identifiers_seen"
    assume(ours.value(seen) > 0)  # the peers refuse a shop without events
    inputs = inputs_in(landing, folder, folder / "points.parquet", as_of)
    for name, package in PEERS.items():
        if importlib.util.find_spec(package):
            assert_equal(load_peer(name), inputs, ours)


# ---------------------------------------------------------------- what must not pass


def test_a_condition_that_no_peer_knows_is_refused(tmp_path: Path) -> None:
    seeds = copy_project(tmp_path / "project") / "seeds"
    rules = seeds / "rules" / "engagement_rules.csv"
    change(rules, "page_url,contains", "page_url,ends_with")
    inputs = inputs_in(tmp_path, seeds, tmp_path / "points.parquet", None)
    with pytest.raises(ActionableError, match=r"interest_page.*page_url ends_with"):
        inputs.engagement_rules()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a", 1.0, 50.0)], "1 leads missing"),
        ([("a", 1.0, 50.0), ("b", 2.0, 60.0), ("c", 0.0, 0.0)], "1 too many"),
        ([("a", 1.0, 50.0), ("b", 2.000000003, 60.0)], "1 with other points"),
        ([("a", 1.0, 50.0), ("b", 2.0, 60.00001)], "1 with other points"),
        ([("a", 1.0, 50.0), ("b", None, 60.0)], "1 with other points"),
        ([("a", 1.0, 50.0), ("b", 2.0, 60.0), ("b", 2.0, 60.0)], "1 twice"),
    ],
)
def test_other_points_than_ours_fail(
    tmp_path: Path, rows: list[tuple[Any, ...]], said: str
) -> None:
    database, points = tmp_path / "warehouse.duckdb", tmp_path / "points.parquet"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """create schema scores; create table scores.int_leads as
            from (values ('a', 1.0::double, 50.0::double), ('b', 2.0, 60.0))
                as leads (lead_id, engagement_points, engagement_score);
            create view scores.fct_lead_scores as from warehouse.scores.int_leads"""
        )
    names = ("lead_id", "engagement_points", "engagement_score")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    pq.write_table(table, points)
    with pytest.raises(ActionableError, match=said):
        check(database, points)


def test_the_script_of_duckdb_reads_no_path_of_its_own() -> None:
    """Every path comes from a variable, or it would measure another shop."""
    script = (PROJECT / "benchmarks" / "peers" / "peer_duckdb.sql").read_text()
    for place in ("read_parquet('", "read_csv('"):
        assert place not in script
