"""What a newcomer runs: the demo shop through the loader and every test dbt knows."""

from pathlib import Path

import pytest

import generate_demo_shop
import load_landing
from dbt_runs import run_dbt

pytestmark = pytest.mark.long


def test_demo_shop_builds_with_all_tests_and_docs(tmp_path: Path) -> None:
    demo, landing = tmp_path / "demo", tmp_path / "landing"
    shop = ["--output", str(demo), "--events", "6000"]
    assert generate_demo_shop.main(shop) == 0
    assert load_landing.main([str(demo), "--landing", str(landing)]) == 0

    built = run_dbt(tmp_path, "build", "--quiet")
    assert built.success, [
        f"{run.node.name}: {run.message}"
        for run in built.result
        if run.status not in ("success", "pass")
    ]
    kinds = {run.node.resource_type for run in built.result}
    assert {"seed", "model", "test", "unit_test"} <= kinds

    assert run_dbt(tmp_path, "docs", "generate", "--quiet", artifacts=True).success
    catalog = (tmp_path / "target" / "catalog.json").read_text(encoding="utf-8")
    assert "fct_lead_scores" in catalog
