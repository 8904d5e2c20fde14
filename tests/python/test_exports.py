"""What syncs are told: a row's changed_at moves when what its leaf shows does.

One shop, a build after each of some loads; each test reads what stood there after one.
"""

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from built_shop import LOADED_AT, built_shop, contact
from dbt_runs import run_dbt
from warehouse import Row, write_landing

# From the changed landing tables to the leaves.
BUILT = (
    "stg_landing__contacts",
    "stg_landing__consents",
    "stg_landing__erasure_requests",
    "int_identifiers_erased",
    "int_person_identifiers",
    "int_identifiers_withdrawn",
    "int_leads",
    "int_contact_versions",
    "int_contacts_known",
    "dim_lead_contacts",
    "int_lead_consents",
    "path:models/exports",
)
LEAVES = {
    "meta": "exp_meta__audience_members",
    "google": "exp_google__customers",
    "klaviyo": "exp_klaviyo__profiles",
    "pricing": "exp_pricing__leads",
}
BOB = "high_score_few_orders:c-3"  # goes to all four
BOB_AS_VIEWER = "product_viewers:c-3"  # goes to google too, which takes both

Moments = dict[str, dict[str, datetime]]


def consent(purpose: str, status: str, load: int) -> Row:
    """What Bob answered in a load; the answers' order is that of the loads."""
    return {
        "contact_id": "c-3",
        "purpose": purpose,
        "status": status,
        "occurred_at": datetime(2026, 5, 1) + timedelta(hours=load),
        "loaded_at": loaded_at(load),
    }


def loaded_at(load: int) -> datetime:
    return LOADED_AT + timedelta(days=load)


def bob(load: int, **columns: Any) -> Row:
    updated_at = datetime(2026, 5, 1) + timedelta(hours=load)
    changed = {"updated_at": updated_at, "loaded_at": loaded_at(load)}
    return contact("c-3", "bob@example.org", "2026-02-02", **changed, **columns)


@dataclass
class Syncs:
    """The shop, and the leaves as they stood after each build."""

    folder: Path
    seen: dict[str, Moments] = field(default_factory=dict)

    def build(self, name: str, *select: str) -> None:
        """Build, and keep each row's changed_at under a name."""
        project = self.folder / "project"
        arguments = ("run", "--quiet", "--select", *(select or BUILT))
        result = run_dbt(self.folder, *arguments, project=project)
        assert result.success, result.exception or result.result
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
            self.seen[name] = {
                destination: dict(
                    connection.execute(
                        f"select export_id, changed_at from personal.{leaf}"
                    ).fetchall()
                )
                for destination, leaf in LEAVES.items()
            }

    def land(self, load: int, table: str, *rows: Row) -> None:
        write_landing(self.folder / "landing", table, list(rows), str(load))

    def moment(self, name: str, destination: str, row: str = BOB) -> datetime | None:
        return self.seen[name][destination].get(row)


@pytest.fixture(scope="module")
def syncs(tmp_path_factory: pytest.TempPathFactory) -> Syncs:
    folder = tmp_path_factory.mktemp("exports") / "shop"
    shutil.copytree(built_shop().folder, folder)
    shop = Syncs(folder)
    granted = [consent(name, "granted", 1) for name in ("ads", "email", "profiling")]
    shop.land(1, "consents", *granted)
    shop.build("first")
    shop.build("again")

    shop.land(2, "contacts", bob(2, city="Ulm"))
    shop.build("moved")

    shop.land(3, "consents", consent("ads", "withdrawn", 3))
    shop.build("withdrawn")
    shop.land(4, "consents", consent("ads", "granted", 4))
    shop.build("granted")

    # A build that fails before its leaves, and the one that mends it.
    shop.land(5, "contacts", bob(5, city="Ulm", postal_code="89073"))
    not_the_leaves = [
        *BUILT[:-1],
        "int_export_versions",
        "+int_export_versions,exports",
    ]
    shop.build("failed", *not_the_leaves)
    shop.build("mended")

    # Other names, and nothing landed.
    segments = folder / "project" / "seeds" / "rules" / "segments.csv"
    text = segments.read_text(encoding="utf-8")
    segments.write_text(
        text.replace("Product viewers,6", "Lookers,6"), encoding="utf-8"
    )
    assert run_dbt(folder, "seed", "--quiet", project=folder / "project").success
    shop.build("renamed")

    request = {"contact_id": "c-3", "requested_at": datetime(2026, 5, 30)}
    shop.land(6, "erasure_requests", {**request, "loaded_at": loaded_at(6)})
    shop.build("erased")
    return shop


def test_a_first_build_has_the_moment_of_the_newest_load(syncs: Syncs) -> None:
    assert all(syncs.moment("first", name) == loaded_at(1) for name in LEAVES)


def test_building_twice_changes_nothing(syncs: Syncs) -> None:
    assert syncs.seen["again"] == syncs.seen["first"]


def test_only_leaves_that_show_the_change_have_changed(syncs: Syncs) -> None:
    assert syncs.moment("moved", "meta") == loaded_at(2)
    assert syncs.moment("moved", "klaviyo") == loaded_at(2)
    assert syncs.moment("moved", "google") == loaded_at(1), "shows no city"
    assert syncs.moment("moved", "pricing") == loaded_at(1)


def test_who_withdraws_leaves_the_destinations_of_that_purpose(syncs: Syncs) -> None:
    assert syncs.moment("withdrawn", "meta") is None
    assert syncs.moment("withdrawn", "google") is None
    assert syncs.moment("withdrawn", "klaviyo") == loaded_at(2)


def test_a_row_that_comes_back_has_changed(syncs: Syncs) -> None:
    assert syncs.moment("granted", "meta") == loaded_at(4)
    assert syncs.moment("granted", "google") == loaded_at(4)
    assert syncs.moment("granted", "klaviyo") == loaded_at(2)


def test_leaves_after_a_failed_build_show_what_was_kept(syncs: Syncs) -> None:
    assert syncs.seen["failed"] == syncs.seen["granted"]
    assert syncs.moment("mended", "google") == loaded_at(5)
    assert syncs.moment("mended", "pricing") == loaded_at(1)


def test_a_change_of_rules_is_later_than_all_loads(syncs: Syncs) -> None:
    later = loaded_at(5) + timedelta(seconds=1)
    assert syncs.moment("renamed", "google", BOB_AS_VIEWER) == later
    assert syncs.moment("renamed", "google") == loaded_at(5)


def test_nothing_is_kept_of_an_erased_person(syncs: Syncs) -> None:
    assert syncs.moment("renamed", "klaviyo") is not None
    with duckdb.connect(str(syncs.folder / "warehouse.duckdb")) as connection:
        for table in ("int_export_versions", "int_export_versions_kept"):
            rows = connection.execute(f"from exports.{table}").fetchall()
            assert rows
            assert "c-3" not in str(rows), table
