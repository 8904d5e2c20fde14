"""Publish the marts: copy the published tables of a passed build into their own file.

Dashboards and syncs read the copy, which has the schemas and names of the warehouse, so
that no reader ever blocks a build or sees half of one. Only dim_, fct_, seg_ and exp_
tables are copied, never the schema `personal`. The table `published` lists what is
there. A new copy replaces the old one in one step.

The last dbt command must be a `dbt build` of the whole project in which every test
passed: a build of selected models proves nothing about the rest. A build without any
scored lead does not replace a copy that has leads.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from tqdm import tqdm

from _build_results import add_run_results_option, read_passed_build
from _files import written_beside
from _landing import literal, quoted
from _options import (
    ActionableError,
    add_database_option,
    add_marts_option,
    run_reporting_errors,
)
from _warehouse import (
    NO_ROOM,
    fetch_one,
    first_line,
    open_warehouse,
    plural,
    read_as_of_date,
    show,
)

EXAMPLES = """\
examples:
  dbt build && publish_marts.py
  publish_marts.py --marts /srv/dashboards/marts.duckdb"""

PUBLISHED_PREFIXES = ("dim_", "fct_", "seg_", "exp_")
PUBLISHED_SCHEMAS = ("activity", "scores", "segments", "insights", "exports")
PERSONAL_SCHEMA = "personal"
LEADS = "scores.fct_lead_scores"
COPY = "copy_being_written"  # beside a warehouse that may be called marts
# Columns that name, reach or describe a person; has_email_consent and its like are not.
PERSONAL_COLUMN = re.compile(
    r"(hashed_)?(email|phone|((first|last|full|middle|maiden|given|family)_)?name"
    r"|user_name|birth_date|birthday|gender|street|address|city|postal_code|zip|company"
    r"|job_title|ip|user_agent|properties)(_address|_number|_hash|_sha256|_md5)*",
    re.IGNORECASE,
)


# --- What the last build made -------------------------------------------------------


@dataclass(frozen=True)
class Relation:
    """A published table or view: where it stands and what its columns mean."""

    schema: str
    name: str
    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """The relation as SQL names it, whatever the database is called."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


def read_build(run_results: Path, database: Path) -> list[Relation]:
    """Return the relations to publish, if the build that made them passed whole."""
    build = read_passed_build(run_results)
    relations = [as_relation(node) for node in build.nodes if is_published(node)]
    if not relations:
        raise ActionableError(f"{run_results}: the build holds no table to publish")
    build.check_warehouse(database)
    return sorted(relations, key=str)


def is_published(node: Any) -> bool:
    """Tell whether a node is for readers outside the project."""
    return (
        node["resource_type"] == "model"
        and str(node["alias"]).startswith(PUBLISHED_PREFIXES)
        and node["schema"] != PERSONAL_SCHEMA
    )


def as_relation(node: Any) -> Relation:
    """Return a node's relation; refuse one in an unexpected schema."""
    relation = Relation(
        schema=node["schema"],
        name=node["alias"],
        description=node["description"].strip(),
        columns={
            name: column["description"].strip()
            for name, column in node["columns"].items()
        },
    )
    if relation.schema not in PUBLISHED_SCHEMAS:
        raise ActionableError(
            f"{relation}: schema {relation.schema} is not one that is published"
            f" ({', '.join(PUBLISHED_SCHEMAS)}); move the model, or add its schema to"
            " PUBLISHED_SCHEMAS in scripts/publish_marts.py"
        )
    return relation


# --- The copy -----------------------------------------------------------------------


def check_columns(connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    """Refuse a relation with a column that identifies a person."""
    described = connection.execute(f"describe {relation.sql}").fetchall()
    personal = [row[0] for row in described if PERSONAL_COLUMN.fullmatch(row[0])]
    if personal:
        raise ActionableError(
            f"{relation}: column {personal[0]} is personal data and is not published;"
            f" leave it out, or give the model the schema {PERSONAL_SCHEMA}"
        )


def copy_relation(connection: duckdb.DuckDBPyConnection, relation: Relation) -> int:
    """Copy one relation with its comments; return how many rows it has."""
    copy = f"{COPY}.{relation.sql}"
    connection.execute(f"create schema if not exists {COPY}.{quoted(relation.schema)}")
    rows = connection.execute(
        f"create table {copy} as select * from {relation.sql}"
    ).fetchone()
    connection.execute(f"comment on table {copy} is {literal(relation.description)}")
    for name, description in relation.columns.items():
        column = f"{copy}.{quoted(name)}"
        connection.execute(f"comment on column {column} is {literal(description)}")
    return int(rows[0]) if rows else 0


def check_leads(connection: duckdb.DuckDBPyConnection, marts: Path) -> None:
    """Refuse a build without scored leads when the current copy has some."""
    count = f"select count(*) as leads_count from {LEADS}"
    if fetch_one(connection, count)["leads_count"]:
        return
    try:
        with duckdb.connect(str(marts), read_only=True) as published:
            leads = fetch_one(published, count)["leads_count"]
    except duckdb.Error:  # there is no copy, or nobody can read it
        return
    if leads:
        raise ActionableError(
            f"{marts}: has {plural(leads, 'lead')}, and the last build, of as_of_date"
            f" {read_as_of_date(connection)}, has none; nothing is published, readers"
            " keep the last good copy; run `dbt build` for a day with leads (without a"
            " var as_of_date: today), or, if there is nobody any more, move the copy"
            " away first"
        )


def copy_relations(
    connection: duckdb.DuckDBPyConnection, relations: list[Relation]
) -> list[str]:
    """Copy all relations, list them in the table `published` and in the lines given."""
    day = read_as_of_date(connection)
    connection.execute(
        f"create table {COPY}.main.published (schema_name varchar, table_name varchar,"
        " rows_count bigint, as_of_date date)"
    )
    connection.execute(
        f"comment on table {COPY}.main.published is 'One row per published table.'"
    )
    width = max(len(str(relation)) for relation in relations)
    lines = []
    with tqdm(relations, unit=" tables", disable=None, leave=False) as progress:
        for relation in progress:
            progress.set_description(str(relation))
            check_columns(connection, relation)
            rows = copy_relation(connection, relation)
            connection.execute(
                f"insert into {COPY}.main.published values (?, ?, ?, ?)",
                [relation.schema, relation.name, rows, day],
            )
            lines.append(f"  {relation!s:{width}}  {rows:>12,} rows")
    return lines


def publish(database: Path, marts: Path, run_results: Path) -> int:
    """Check the build, copy it, put the copy in place and say so."""
    if marts.resolve() == database.resolve():
        raise ActionableError(
            f"{marts}: is the warehouse itself; publish to another file with --marts"
        )
    relations = read_build(run_results, database)
    with open_warehouse(database) as connection, written_beside(marts) as partial:
        if any(str(relation) == LEADS for relation in relations):
            check_leads(connection, marts)
        try:
            connection.execute(f"attach {literal(partial)} as {COPY} (read_write)")
            lines = copy_relations(connection, relations)
            connection.execute(f"detach {COPY}")
        except NO_ROOM as error:
            raise ActionableError(
                f"{marts}: could not be written, the last good copy is untouched"
                f" ({first_line(error)})"
            ) from None
    size = marts.stat().st_size / 1e6
    summary = f"published {plural(len(relations), 'table')}, {size:,.1f} MB: {marts}"
    show([*lines, summary])
    return 0


# --- The command line ---------------------------------------------------------------


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_database_option(parser)
    add_marts_option(parser)
    add_run_results_option(parser)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Publish the marts; returns the exit code."""
    given = make_parser().parse_args(argv)
    return run_reporting_errors(
        lambda: publish(given.database, given.marts, given.run_results)
    )


if __name__ == "__main__":
    sys.exit(main())
