"""What a newcomer runs: the demo shop through the loader and every test dbt knows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generate_demo_shop
import load_landing
from dbt_runs import run_dbt
from warehouse import land

RUNNABLE = ("seed", "model", "test", "unit_test")


def test_demo_shop_builds_with_all_tests_and_docs(tmp_path: Path) -> None:
    demo, landing = tmp_path / "demo", tmp_path / "landing"
    shop = ["--output", str(demo), "--events", "6000"]
    assert generate_demo_shop.main(shop) == 0
    assert load_landing.main([str(demo), "--landing", str(landing)]) == 0

    built = run_dbt(tmp_path, "build", "--quiet")
    assert list(failures(built)) == []
    # What a build leaves out is asked here.
    tested = [
        run_dbt(tmp_path, "test", "--quiet", "--selector", selector)
        for selector in ("code", "grains")
    ]
    assert [fault for found in tested for fault in failures(found)] == []

    nodes = [run.node for found in (built, *tested) for run in found.result]
    ran = [node.unique_id for node in nodes if node.resource_type in RUNNABLE]
    assert sorted(ran) == sorted(everything(tmp_path))
    assert {name.split(".")[0] for name in ran} == set(RUNNABLE)

    assert run_dbt(tmp_path, "docs", "generate", "--quiet", artifacts=True).success
    catalog = (tmp_path / "target" / "catalog.json").read_text(encoding="utf-8")
    assert "fct_lead_scores" in catalog


def test_some_models_build_before_the_others_do(tmp_path: Path) -> None:
    land(tmp_path / "landing", {})
    selected = ("--exclude-resource-type", "unit_test", "--select", "+dim_leads")
    assert list(failures(run_dbt(tmp_path, "build", "--quiet", *selected))) == []


def failures(found: Any) -> Iterator[str]:
    assert found.result, found.exception
    for run in found.result:
        if run.status not in ("success", "pass"):
            yield f"{run.node.name}: {run.message}"


def everything(workspace: Path) -> list[str]:
    """The id of whatever dbt could run."""
    kinds = [word for kind in RUNNABLE for word in ("--resource-type", kind)]
    told = ("--output", "json", "--output-keys", "unique_id")
    listed = run_dbt(workspace, "list", "--quiet", "--select", "fqn:*", *kinds, *told)
    return [json.loads(line)["unique_id"] for line in listed.result]
