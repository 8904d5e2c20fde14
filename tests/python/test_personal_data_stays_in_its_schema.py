"""Who a person is stands in schema personal alone: every stored value is looked at.

A small demo shop is landed and scored, and with it a person whose address stands where
none belongs. Then each text of each table is compared with all that names or reaches a
person. Errors of the loader name files and columns, never what stands there.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import generate_demo_shop
import load_landing
from dbt_runs import PROJECT
from warehouse import LANDING_COLUMNS, Row, Warehouse, compiled, land

PERSONAL = "personal"
# Found in any text; everything else of a contact only as a whole value.
REACHES = ("email", "phone")
NAMES = ("first_name", "last_name", "birth_date", "postal_code", "company")
ODD_ADDRESS = "odd.one+tag@nowhere.example"
AT: Row = {
    "occurred_at": datetime(2026, 5, 30, 12),
    "updated_at": datetime(2026, 5, 30, 12),
    "created_at": datetime(2026, 5, 30, 12),
    "loaded_at": datetime(2026, 6, 2),
}


def odd_shop() -> dict[str, list[Row]]:
    """An address as a name, in a page's address, in properties, as an attribute."""
    viewed = {"source": "shop", "event_name": "page_viewed", **AT}
    page = {"page_url": f"/planner?who={ODD_ADDRESS}"}
    properties = {"properties": f'{{"who": "{ODD_ADDRESS}"}}'}
    return {
        **{table: [] for table in LANDING_COLUMNS},
        "events": [
            {**viewed, **page, **properties, "event_id": "odd-1", "contact_id": "odd"},
            {**viewed, "event_id": "odd-2", "email": ODD_ADDRESS, "amount": -5.0},
            {**viewed, "event_id": "odd-3", "email": f"2.{ODD_ADDRESS}"},
            {**viewed, "event_id": "odd-3", "email": f"2.{ODD_ADDRESS}"},
        ],
        "contacts": [
            {
                "contact_id": "odd",
                "email": f" {ODD_ADDRESS.upper()}",
                "first_name": ODD_ADDRESS,
                "company": "Oddities of Nowhere",
                "postal_code": "ODD 1PC",
                "birth_date": date(1971, 2, 3),
                **AT,
            }
        ],
        "contact_attributes": [
            {"contact_id": "odd", "attribute": "second", "value": ODD_ADDRESS, **AT}
        ],
    }


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Every table of a build of a small demo shop, in memory."""
    workspace = tmp_path_factory.mktemp("personal")
    files = ["--output", str(workspace / "shop")]
    assert generate_demo_shop.main(["--events=6000", "--days=60", *files]) == 0
    landing = workspace / "landing"
    assert load_landing.main([str(workspace / "shop"), "--landing", str(landing)]) == 0
    land(landing, odd_shop())
    return compiled().score(landing, PROJECT / "seeds" / "rules", None)


def stored_texts(warehouse: Warehouse) -> Iterator[tuple[str, str, set[str]]]:
    """Schema, column and the distinct values of every stored text or date."""
    columns = warehouse.connection.execute(
        """select schema_name, table_name, column_name from duckdb_columns()
        semi join duckdb_tables() using (database_name, schema_name, table_name)
        where data_type in ('VARCHAR', 'JSON', 'DATE') and not internal"""
    ).fetchall()
    for schema, table, column in columns:
        place = f"{schema}.{table}"
        found = warehouse.connection.execute(
            f"""select distinct lower(cast("{column}" as varchar))
            from warehouse.{place} where "{column}" is not null"""
        ).fetchall()
        yield schema, f"{place}.{column}", {value for (value,) in found}


def personal_values(warehouse: Warehouse, *columns: str) -> set[str]:
    """What contacts and events hold in some columns, as it landed."""

    def values(table: str, column: str) -> set[str]:
        found = warehouse.rows(
            f"""select distinct lower(trim(cast({column} as varchar))) as value
            from warehouse.staging.stg_landing__{table} where {column} is not null"""
        )
        return {row["value"] for row in found}

    held = [values("contacts", column) for column in columns]
    if "email" in columns:
        held.append(values("events", "email"))
    return set().union(*held)


def test_no_table_elsewhere_holds_what_reaches_a_person(scored: Warehouse) -> None:
    reaching = personal_values(scored, *REACHES)
    assert ODD_ADDRESS in reaching
    assert len(reaching) > 50
    seen = 0
    for schema, place, values in stored_texts(scored):
        everything = "\n".join(values)
        held = sum(value in everything for value in reaching)
        seen += held if schema == PERSONAL else 0
        assert schema == PERSONAL or not held, place
    assert seen >= len(reaching)  # they are found where they belong


def test_no_table_elsewhere_holds_names_and_birthdays(scored: Warehouse) -> None:
    names = personal_values(scored, *NAMES)
    assert "oddities of nowhere" in names
    seen: set[str] = set()
    for schema, place, values in stored_texts(scored):
        if schema == PERSONAL:
            seen |= names & values
        else:
            # Shops make rules for companies, and days are no birthdays.
            assert schema == "seeds" or not held_in(place, names & values), place
    assert len(seen) > len(names) / 2  # they are found where they belong


def held_in(place: str, values: set[str]) -> set[str]:
    """The values found, but for days in a column of dates."""
    is_date = place.endswith(("_date", "_on"))
    return set() if is_date and not place.endswith("birth_date") else values


# --- What is said when something is wrong -------------------------------------------


def load(folder: Path, name: str, *rows: list[Any], mapping: str = "") -> int:
    """Load one CSV file, with a mapping if there is one."""
    file = folder / name
    with file.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows(rows)
    options = ["--landing", str(folder / "landing")]
    if mapping:
        (folder / "mapping.yml").write_text(mapping, encoding="utf-8")
        options += ["--mapping", str(folder / "mapping.yml")]
    return load_landing.main([str(file), *options])


@pytest.mark.parametrize(
    "name", ["Anna", "O'Anna", "Mrs. Anna", 'Mrs "A" Anna', "A\nAnna", "'Anna", 'Anna"']
)
@pytest.mark.parametrize("cast", ["integer", "timestamp", "date", "boolean"])
def test_an_expression_that_fails_on_a_name_does_not_say_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, cast: str
) -> None:
    mapping = f"""
        loads:
          - table: contacts
            columns:
              contact_id: id
              first_name: {{expression: "cast(cast(name as {cast}) as varchar)"}}
    """
    rows = [["id", "name"], ["c-1", name]]
    assert load(tmp_path, "contacts.csv", *rows, mapping=mapping) == 1
    said = capsys.readouterr()
    assert "an expression fails on some rows" in said.err
    assert "Anna" not in said.err + said.out


def test_a_file_without_header_does_not_give_its_first_row_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["c-1", "anna@example.com", "Anna"], ["c-2", "bob@example.com", "Bob"]]
    assert load(tmp_path, "contacts.csv", *rows) == 1
    said = capsys.readouterr()
    assert "its first line holds an address, so it is a row" in said.err
    assert "anna" not in (said.err + said.out).lower()


def test_a_birthday_that_cannot_be_read_is_not_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = ["contact_id", "birth_date", "email"]
    rows = [["c-1", "31.31.1971", "anna@example.com"], ["c-2", "", "bob@example.com"]]
    assert load(tmp_path, "contacts.csv", header, *rows) == 0
    assert load(tmp_path, "contacts.csv", header, rows[0]) == 1
    said = capsys.readouterr()
    assert "contacts.birth_date: not a date" in said.err
    assert "1971" not in said.err + said.out
    assert "anna" not in said.err + said.out
