"""Erase a person: from the landing zone, the warehouse, the marts and the exports.

WHO is a contact_id, a lead_id, or an email address. The script erases all contacts that
share the email, their events, attributes and consents, and the browsers that nobody
else used. On a shared browser it erases the events with the person's contact_id or
email, and the anonymous events of the days on which the browser belonged to them.

Only the request stays, as hashes: if a source delivers the person again, the warehouse
rejects the rows (`erased` in fct_events_rejected). If the script is killed or
interrupted, run the same command again. Afterwards run `dbt build` and publish_marts.py
to update ranks and counts, and delete the person in the systems listed at the end.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import yaml

from _erasure_landing import LandingEraser
from _erasure_person import Finder, Person, event_date
from _erasure_warehouse import DatabaseEraser, require_events_read
from _export_runs import Forgotten, forget
from _files import remove_stale
from _landing import Landing, literal
from _options import (
    ActionableError,
    add_database_option,
    add_exports_option,
    add_landing_option,
    add_marts_option,
    add_project_option,
    add_vars_option,
    run_reporting_errors,
)
from _warehouse import NO_ROOM, Column, first_line, plural, show, table

EXAMPLES = """\
examples:
  erase_lead.py c-33615b81bd --dry-run
  erase_lead.py c-33615b81bd && dbt build && publish_marts.py
An email address would stay in your shell's history: its contact_id finds the same
person (personal.dim_lead_contacts has it)."""


@dataclass
class Found:
    """What was found of a person: place, what, how many rows."""

    person: Person
    rows: list[tuple[str, str, int]] = field(default_factory=list)
    forgotten: Forgotten = field(default_factory=Forgotten)
    missing: list[str] = field(default_factory=list)  # what could not be searched

    def add(self, place: str, counts: dict[str, int]) -> None:
        """Add the counts of one place."""
        self.rows += [(place, what, count) for what, count in counts.items()]

    def add_exports(self, forgotten: Forgotten) -> None:
        """Add what the exports folder held."""
        self.forgotten = forgotten
        counts = {"lines of files": forgotten.lines, "snapshot rows": forgotten.rows}
        self.add("exports", {what: count for what, count in counts.items() if count})


# --- Erasing ------------------------------------------------------------------------


def read_time_zone(given: argparse.Namespace) -> str:
    """Return the zone in which the shop's days begin: a var, as of a build."""
    file = given.project_dir / "dbt_project.yml"
    if not file.is_file():
        raise ActionableError(f"{file}: is not there; name its folder: --project-dir")
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    variables = {**content.get("vars", {}), **given.vars}
    return str(variables.get("timezone", "UTC"))


@contextmanager
def locked(landing: Landing, is_dry: bool) -> Iterator[None]:
    """Lock the landing zone, unless it is only read."""
    if not landing.folder.is_dir():
        raise ActionableError(
            f"{landing.folder}: there is no landing zone; name another with --landing"
        )
    if is_dry:
        yield
    else:
        with landing.locked():
            yield


def find(
    connection: duckdb.DuckDBPyConnection, landing: Landing, given: argparse.Namespace
) -> tuple[Found, LandingEraser]:
    """Find the person in the landing zone, or say that WHO is unknown there."""
    if given.database.is_file():
        require_events_read(given.database, landing)
    time_zone = read_time_zone(given)
    try:
        finder = Finder(connection, landing, given.database, time_zone)
        person = finder.find(given.who)
        zone = LandingEraser(connection, landing, person, event_date(time_zone))
        counts = zone.count()
        if not counts and not zone.has_request():
            raise ActionableError(
                f"{landing.folder}: nobody is called {given.who!r} there; WHO is a"
                " contact_id, an email address or a lead_id"
            )
    except duckdb.Error as error:
        problem = str(error).splitlines()[0]
        raise ActionableError(f"{landing.folder}: cannot be read ({problem})") from None
    found = Found(person, missing=list(not_there(given)))
    found.add("landing", counts)
    return found, zone


def export_keys(person: Person) -> dict[str, list[str]]:
    """Return the values by which exported files identify the person."""
    return {
        "lead_id": person.lead_ids,
        "email": person.emails,
        "phone": person.phones,
        "country": person.countries,
    }


def forget_person(exports: Path, person: Person, is_dry: bool) -> Forgotten:
    """Remove the person from exported files, or count the lines to remove."""
    keys = export_keys(person)
    return forget(exports, keys, person.names_elsewhere, is_dry=is_dry)


def look(given: argparse.Namespace) -> Found:
    """Count what would be erased; change nothing."""
    landing = Landing(given.landing)
    with locked(landing, is_dry=True), duckdb.connect() as connection:
        connection.execute("set temp_directory = ''")
        found, _ = find(connection, landing, given)
    for place, file in databases(given):
        found.add(place, DatabaseEraser(file, found.person).count())
    found.add_exports(forget_person(given.exports, found.person, is_dry=True))
    return found


def erase(given: argparse.Namespace) -> Found:
    """Erase the person everywhere, and from the landing zone last.

    Until then a repeated run can still find all identifiers of the person there.
    """
    landing = Landing(given.landing)
    with locked(landing, is_dry=False), duckdb.connect() as connection:
        # What DuckDB spills to disk is personal data too: it is deleted with the rest.
        spill = landing.staging / "spill"
        connection.execute(f"set temp_directory = {literal(spill)}")
        found, zone = find(connection, landing, given)
        try:
            zone.stage()
        except NO_ROOM as error:
            raise ActionableError(
                f"{landing.folder}: cannot be written, nothing is erased"
                f" ({first_line(error)}); make room, then run the same command again"
            ) from None
        # A copy that a killed command left may lie there without the file itself.
        for file in (given.database, given.marts):
            remove_stale(file)
        for place, file in databases(given):
            found.add(place, DatabaseEraser(file, found.person).erase())
        found.add_exports(forget_person(given.exports, found.person, is_dry=False))
        landing.commit()
    return found


def databases(given: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """Yield the database files that exist."""
    for place, file in (("warehouse", given.database), ("marts", given.marts)):
        if file.is_file():
            yield place, file


def not_there(given: argparse.Namespace) -> Iterator[str]:
    """Yield places that cannot be searched: a misspelt path must not look clean."""
    for option, path, is_there in (
        ("database", given.database, given.database.is_file()),
        ("marts", given.marts, given.marts.is_file()),
        ("exports", given.exports, given.exports.is_dir()),
    ):
        if not is_there:
            yield (
                f"warning: {path}: is not there, so nothing was searched in it; if it"
                f" lies elsewhere, name it with --{option}"
            )


# --- The printed result -------------------------------------------------------------


def report_lines(found: Found, is_dry: bool) -> Iterator[str]:
    """Yield the lines that say what was erased where, but never who."""
    if found.rows:
        yield "Would erase:" if is_dry else "Erased:"
        rows = [[place, what, f"{count:,}"] for place, what, count in found.rows]
        yield from table(
            [Column("from"), Column("what"), Column("rows", is_number=True)], rows
        )
    else:
        yield "Nothing is left of this person."
    yield from found.missing
    if found.person.is_tangled:
        yield (
            "Events of others share an id or the address with theirs: the next build"
            " reads all events again."
        )
    if found.forgotten.unknown:
        files = plural(len(found.forgotten.unknown), "file")
        yield f"In the exports folder {files} of others: search them yourself."
    sent = sorted(found.forgotten.sent_to)
    if sent:
        yield "Sent to, so erase the person there, too:"
        yield from table(
            [Column("destination"), Column("segment")], [list(pair) for pair in sent]
        )
    if not is_dry:
        yield "Next: dbt build && publish_marts.py"


# --- The command line ---------------------------------------------------------------


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("who", metavar="WHO", help="contact_id, lead_id or email")
    add_database_option(parser)
    add_landing_option(parser)
    add_marts_option(parser)
    add_exports_option(parser)
    add_vars_option(parser)
    add_project_option(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be erased"
    )
    return parser


def run(given: argparse.Namespace) -> int:
    """Erase, or only look, and say what was found."""
    if not given.who.strip():
        raise ActionableError("WHO is empty; give a contact_id, an email or a lead_id")
    found = look(given) if given.dry_run else erase(given)
    show(report_lines(found, given.dry_run))
    return 0


def main(argv: list[str] | None = None) -> int:
    """Erase a person; returns the exit code."""
    given = make_parser().parse_args(argv)
    return run_reporting_errors(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
