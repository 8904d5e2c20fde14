"""A shop of seven people, built once: enough of everything that the scripts print.

The rules are the project's own, but that a silence of 60 days voids what was before and
that the whole lookalike seed is held out.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dbt_runs import UNTESTED, copy_project, run_dbt
from made_once import made_once
from warehouse import Row, land

LOADED_AT = datetime(2026, 6, 1)
PERSONAL = ("anna", "bob", "verysecret", "555-0199")  # what must never be printed


@dataclass
class BuiltShop:
    """Where the shop was built: to be read, or copied."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def target(self) -> Path:
        return self.folder / "target"

    @property
    def run_results(self) -> Path:
        return self.target / "run_results.json"


def at(day: str, time: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day} {time}")


def event(name: str, day: str, count: int = 1, **columns: Any) -> list[Row]:
    """So many events of a day, a minute apart."""
    return [
        {
            "event_id": f"{name}-{day}-{minute}-{sorted(columns.items())}",
            "source": "shop",
            "event_name": name,
            "occurred_at": at(day, f"12:{minute:02}"),
            "loaded_at": LOADED_AT,
            **columns,
        }
        for minute in range(count)
    ]


def contact(contact_id: str, email: str, created: str, **columns: Any) -> Row:
    dates = {"created_at": at(created), "updated_at": at(created)}
    names = {"last_name": "Verysecret", "phone": "555-0199"}
    loaded = {"loaded_at": LOADED_AT}
    return {
        "contact_id": contact_id,
        "email": email,
        **dates,
        **names,
        **loaded,
        **columns,
    }


def shop() -> dict[str, list[Row]]:
    """What the landing zone holds."""
    contacts = [
        contact("c-1", " Anna@Example.com", "2025-11-01", country="DE"),
        contact("c-2", "anna@example.com", "2026-02-01"),
        contact("c-3", "bob@example.org", "2026-02-02"),
        contact("c-4", "carl@shop.example", "2026-02-03"),
        contact("c-5", "dora@rival-garden.example", "2026-02-04"),
        contact("c-6", "emil@example.net", "2026-01-05"),
    ]
    anna: Row = {"contact_id": "c-2"}
    bob: Row = {"contact_id": "c-3"}
    ordered = event(
        "order_completed", "2026-05-03", amount=80.5, anonymous_id="b-1", **anna
    )
    events = [
        # Anna: an order, a silence of five months, then two browsers and a return.
        *event("order_completed", "2025-12-01", amount=19.5, **anna),
        *event("product_viewed", "2026-05-01", 3, anonymous_id="b-1"),
        *ordered,
        *ordered,  # delivered twice
        *event("signed_in", "2026-05-10", anonymous_id="b-2", **anna),
        *event("product_viewed", "2026-05-12", anonymous_id="b-2"),
        *event("email_sent", "2026-05-15", **anna),
        *event("email_opened", "2026-05-15", 2, is_machine=True, **anna),
        *event("order_refunded", "2026-05-25", amount=-20.25, **anna),
        *event("page_viewed", "2026-05-28", page_url="/garden-planner", **anna),
        *event("products_searched", "2026-05-30", 12, **anna),
        # Bob: takes over the second browser and views more than its group may earn.
        *event("signed_in", "2026-05-20", anonymous_id="b-2", **bob),
        *event("signed_in", "2026-05-21", anonymous_id="b-unseen", **bob),
        *(
            viewed
            for day in range(27, 32)
            for viewed in event("product_viewed", f"2026-05-{day}", 12, **bob)
        ),
        # Staff, a competitor, a silent customer, a visitor, and one nobody can read.
        *event("page_viewed", "2026-05-05", contact_id="c-4"),
        *event("page_viewed", "2026-05-05", contact_id="c-5"),
        *event("order_completed", "2026-02-01", amount=1234.5, contact_id="c-6"),
        *event("email_sent", "2026-05-15", contact_id="c-6"),
        *event("page_viewed", "2026-05-06", anonymous_id="a-9"),
        *event("moon_landed", "2026-05-06", anonymous_id="a-9"),
    ]
    garden = {"contact_id": "c-1", "attribute": "garden", "value": "yes"}
    garden_known = {"updated_at": at("2026-02-01"), "loaded_at": LOADED_AT}
    return {
        "events": events,
        "contacts": contacts,
        "contact_attributes": [garden | garden_known],
    }


def changed_project(folder: Path) -> Path:
    """A copy of the project with two rules changed."""
    project = copy_project(folder)
    rules = project / "seeds" / "rules"
    change(rules / "settings.csv", "reset_days,,", "reset_days,60,")
    change(rules / "segments.csv", "to resemble,8,0,", "to resemble,8,100,")
    return project


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


def built_shop() -> BuiltShop:
    """The shop, built once for all tests; data tests have their own place."""
    return BuiltShop(made_once("built_shop", build))


def build(folder: Path) -> None:
    land(folder / "landing", shop())
    project = changed_project(folder / "project")
    options = ("--quiet", *UNTESTED)
    result = run_dbt(folder, "build", *options, project=project, artifacts=True)
    assert result.success, result.exception or result.result
    results = BuiltShop(folder).run_results
    build = json.loads(results.read_text(encoding="utf-8"))
    build["args"]["exclude_resource_types"] = []  # as if the tests had passed
    results.write_text(json.dumps(build), encoding="utf-8")
