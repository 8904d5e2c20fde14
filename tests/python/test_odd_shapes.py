"""Shapes that real shops have: no model handles the rows that arrived many times over.

Counted are the rows that each step of the engine's plan hands on, whatever the machine.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dbt_runs import PROJECT
from warehouse import Row, compiled, land

COUNT = 2000
MOST_TIMES = 100  # a plan has some dozen steps, and each may hand on every row
NOON = datetime(2026, 5, 1, 12)
LOADED = {"loaded_at": datetime(2026, 6, 1)}


def seconds(count: int = COUNT) -> list[datetime]:
    return [NOON + timedelta(seconds=second) for second in range(count)]


def webhook_that_retries() -> dict[str, list[Row]]:
    """One event, delivered again and again."""
    event = {"event_id": "e-1", "source": "web", "event_name": "page_viewed"}
    told = {"occurred_at": NOON, "anonymous_id": "a-1", **event, **LOADED}
    return {"events": [{"received_at": moment, **told} for moment in seconds()]}


def contacts_of_one_address() -> dict[str, list[Row]]:
    """A placeholder that many contacts share, and all of them ask to be erased."""
    names = {f"c-{moment.timestamp()}": moment for moment in seconds()}
    shared = {"email": "none@shop.example", **LOADED}
    return {
        "contacts": [
            {"contact_id": name, "created_at": at, "updated_at": at, **shared}
            for name, at in names.items()
        ],
        "erasure_requests": [
            {"contact_id": name, "requested_at": at, **LOADED}
            for name, at in names.items()
        ],
    }


def rows_handed_on(step: dict[str, Any]) -> Iterator[int]:
    yield step.get("operator_cardinality", 0)
    for child in step["children"]:
        yield from rows_handed_on(child)


@pytest.mark.parametrize(
    ("shop", "model"),
    [
        (webhook_that_retries, "int_events_repeated"),
        (webhook_that_retries, "int_matches_daily"),
        (contacts_of_one_address, "int_identifiers_withdrawn"),
        (contacts_of_one_address, "int_known_identifiers"),
    ],
)
def test_work_grows_with_the_rows_and_not_with_their_square(
    shop: Any, model: str, tmp_path: Path
) -> None:
    land(tmp_path / "landing", shop())
    project = compiled().needed_for(model)
    warehouse = project.score(tmp_path / "landing", PROJECT / "seeds", None)
    (node,) = (node for node in project.nodes if node.name == model)
    sql = project.sql(node, tmp_path / "landing", None)
    [plan] = warehouse.rows(f"explain (analyze, format json) {sql}")
    steps = json.loads(plan["explain_value"])
    assert COUNT < sum(rows_handed_on(steps)) < COUNT * MOST_TIMES
