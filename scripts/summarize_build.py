"""Summarise a build: rows, leads, segments, whom to look at first, what works.

Leads are shown by lead_id; names, addresses and numbers of people are never printed.
The warehouse and the published copy are only read.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shlex import quote

import duckdb

from _backtest_summary import backtest_lines
from _options import (
    ActionableError,
    add_database_option,
    add_marts_option,
    run_reporting_errors,
)
from _warehouse import (
    Column,
    Row,
    fetch,
    fetch_one,
    heading,
    labelled,
    number,
    open_warehouse,
    paragraph,
    plural,
    read_as_of_date,
    read_file,
    show,
    table,
    unbroken,
)

EXAMPLES = """\
examples:
  dbt build && publish_marts.py && summarize_build.py
  summarize_build.py --database /tmp/rival.duckdb"""

TEMPERATURES = ("hot", "warm", "cold", "irrelevant")
TOP_LEADS = 5


# --- What the warehouse says --------------------------------------------------------


def read_event_counts(connection: duckdb.DuckDBPyConnection) -> Row:
    """Return how many landed event rows were accepted, duplicates or rejected.

    Every event type is a match of its own, so the hits of those matches count the
    accepted events without opening the landing zone.
    """
    query = """
        select cast(coalesce(sum(hits + machine_hits), 0) as bigint) as read_count,
            cast(coalesce(sum(machine_hits), 0) as bigint) as machine_count,
            (select count(*) from personal.int_events_repeated where is_duplicate)
                as duplicate_count
        from staging.int_matches_daily join staging.int_matches using (match_id)
        where property is null"""
    return fetch_one(connection, query)


def read_rejections(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return how many event rows were rejected for which reason."""
    # Events of excluded leads were read before somebody knew whose they are.
    query = """
        select reason, count(*) as rows_count,
            reason in ('erased', 'objected', 'staff_or_test') as is_read
        from activity.fct_events_rejected
        group by reason order by rows_count desc, reason"""
    return fetch(connection, query)


def read_lead_counts(connection: duckdb.DuckDBPyConnection) -> Row:
    """Return how many leads there are, known ones and visitors."""
    query = """
        select count(*) as leads_count,
            count(*) filter (where is_known) as known_count,
            count(*) filter (where not is_known) as anonymous_count
        from activity.dim_leads"""
    return fetch_one(connection, query)


def read_contacts_to_come(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many contacts have no row yet on the day that is scored."""
    query = """
        select count(*) as contacts_count
        from (
            select contact_id from personal.int_contact_versions group by contact_id
            having min(valid_from_date)
                > (select max(as_of_date) from identity.int_as_of_date)
        )"""
    return int(fetch_one(connection, query)["contacts_count"])


def read_temperatures(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return how many leads there are of each temperature."""
    query = """
        select temperature, count(*) as leads_count
        from scores.fct_lead_scores group by temperature"""
    return {row["temperature"]: row["leads_count"] for row in fetch(connection, query)}


def read_segments(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return every segment, empty ones too, with how many leads entered and exited."""
    query = """
        with changes as (
            select segment,
                count(*) filter (where change = 'entered') as entered_count,
                count(*) filter (where change = 'exited') as exited_count
            from segments.fct_segment_changes
            where as_of_date = (from identity.int_as_of_date)
            group by segment)
        select segments.segment, segments.label, segments.priority,
            count(lead_id) as members_count,
            count(lead_id) filter (where is_holdout) as holdout_count,
            coalesce(any_value(changes.entered_count), 0) as entered_count,
            coalesce(any_value(changes.exited_count), 0) as exited_count
        from seeds.segments
        left join segments.fct_segment_members as members using (segment)
        left join changes using (segment)
        group by segments.segment, segments.label, segments.priority
        order by segments.priority, segments.segment"""
    return fetch(connection, query)


def is_first_day(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether this is the first recorded day, on which everybody entered."""
    query = """
        select coalesce(min(as_of_date) = (from identity.int_as_of_date), false)
            as is_first
        from segments.fct_segment_changes"""
    return bool(fetch_one(connection, query)["is_first"])


def read_exports(connection: duckdb.DuckDBPyConnection) -> Row:
    """Return how much of the segments goes to how many destinations."""
    query = """
        select count(*) filter (where is_exported) as rows_count,
            count(distinct lead_id) filter (where is_exported) as leads_count,
            count(distinct destination) filter (where is_exported)
                as destinations_count
        from exports.fct_segment_exports"""
    return fetch_one(connection, query)


def read_left_out(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return how many rows are left out for which reason."""
    query = """
        select left_out_reason as reason, count(*) as rows_count
        from exports.fct_segment_exports where not is_exported
        group by reason order by rows_count desc, reason"""
    return fetch(connection, query)


def read_uplifts(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return segments with a proven uplift, each at its shortest horizon."""
    query = """
        select distinct on (segment) uplift.*
        from insights.fct_segment_uplift as uplift where is_proven
        order by segment, horizon_days"""
    return fetch(connection, query)


def read_top_leads(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the best leads that are worth attention."""
    query = """
        select lead_id, lead_score, cell, top_reason_1, next_action
        from scores.fct_lead_scores
        where not is_disqualified order by score_rank limit $leads"""
    return fetch(connection, query, leads=TOP_LEADS)


def read_published(marts: Path) -> tuple[int, date] | None:
    """Return how many tables are published and for which day, if there is a copy."""
    if not marts.exists():
        return None
    query = """
        select count(*) as tables_count, max(as_of_date) as as_of_date
        from main.published"""
    with open_warehouse(marts) as connection:
        row = fetch_one(connection, query)
    return row["tables_count"], row["as_of_date"]


# --- The printed summary ------------------------------------------------------------


def report_lines(connection: duckdb.DuckDBPyConnection, marts: Path) -> Iterator[str]:
    """Yield the summary's lines."""
    day, rejections = read_as_of_date(connection), read_rejections(connection)
    yield from heading("Lead scores", f"as of {day}")
    yield from labelled([*event_lines(connection, rejections), *lead_lines(connection)])
    yield ""
    yield from segment_lines(read_segments(connection))
    if is_first_day(connection):
        yield from paragraph("On the first recorded day everybody enters.")
    yield from labelled(uplift_lines(read_uplifts(connection)))
    yield ""
    yield from labelled(export_lines(connection))
    yield ""
    yield from top_lead_lines(read_top_leads(connection), rejections)
    yield ""
    yield from backtest_lines(connection)
    yield ""
    yield from labelled(next_step_lines(connection, marts, day))


def event_lines(
    connection: duckdb.DuckDBPyConnection, rejections: list[Row]
) -> Iterator[tuple[str, str]]:
    """Yield what happened to the landed rows: accepted + duplicates + rejected."""
    counts = read_event_counts(connection)
    rejected = sum(row["rows_count"] for row in rejections)
    accepted = counts["read_count"] - sum(
        row["rows_count"] for row in rejections if row["is_read"]
    )
    duplicates = counts["duplicate_count"]
    yield (
        "events",
        f"{accepted + duplicates + rejected:,} landed = {accepted:,} accepted"
        f" + {plural(duplicates, 'duplicate')} + {rejected:,} rejected",
    )
    if rejections:
        reasons = (f"{row['rows_count']:,} {row['reason']}" for row in rejections)
        yield "rejected", ", ".join(map(unbroken, reasons))
    yield "by machine", f"{counts['machine_count']:,}: kept, but earn nothing"


def lead_lines(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Yield how many leads there are and how warm they are."""
    leads, temperatures = read_lead_counts(connection), read_temperatures(connection)
    yield (
        "leads",
        f"{leads['leads_count']:,} = {leads['known_count']:,} known"
        f" + {leads['anonymous_count']:,} anonymous",
    )
    to_come = read_contacts_to_come(connection)
    if to_come:
        yield (
            "unknown yet",
            f"{plural(to_come, 'contact')} with updated_at after the day that is"
            " scored: they are known once events reach their day",
        )
    counts = (f"{temperatures.get(name, 0):,} {name}" for name in TEMPERATURES)
    yield "temperature", ", ".join(counts)


def segment_lines(segments: list[Row]) -> Iterator[str]:
    """Yield the table of segments."""
    yield from table(
        [
            Column("segment"),
            Column("for people", is_broken=True),
            Column("members", is_number=True),
            Column("entered", is_number=True),
            Column("exited", is_number=True),
            Column("held out", is_number=True),
        ],
        [
            [
                segment["segment"],
                segment["label"],
                f"{segment['members_count']:,}",
                f"{segment['entered_count']:,}",
                f"{segment['exited_count']:,}",
                f"{segment['holdout_count']:,}",
            ]
            for segment in segments
        ],
    )


def export_lines(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Yield who may be exported to destinations, and why the others may not."""
    exports, left_out = read_exports(connection), read_left_out(connection)
    yield (
        "handed over",
        f"{plural(exports['rows_count'], 'row')} of"
        f" {plural(exports['leads_count'], 'lead')} to"
        f" {plural(exports['destinations_count'], 'destination')}",
    )
    if left_out:
        reasons = (f"{row['rows_count']:,} {row['reason']}" for row in left_out)
        yield "left out", ", ".join(map(unbroken, reasons))


def uplift_lines(uplifts: list[Row]) -> Iterator[tuple[str, str]]:
    """Yield the uplift of contacting leads, where it is proven."""
    for row in uplifts:
        low, high = sorted(abs(100 * row[f"uplift_{end}"]) for end in ("low", "high"))
        change = "more" if row["uplift"] > 0 else "fewer"
        yield (
            "proven",
            f"{row['label']}: of 100 contacted"
            f" {number(100 * row['contacted_rate'], 1)} convert within"
            f" {plural(row['horizon_days'], 'day')}, of 100 held out"
            f" {number(100 * row['held_out_rate'], 1)}; the contact makes it"
            f" {number(low, 1)} to {number(high, 1)} {change}",
        )


def top_lead_lines(leads: list[Row], rejections: list[Row]) -> Iterator[str]:
    """Yield the table of the leads to look at first."""
    if not leads:
        why = "land some events or contacts, or build a later day"
        if rejections:
            why = (
                "activity.fct_events_rejected has the events that were landed, and why"
            )
        if any(row["reason"] == "implausible_timestamp" for row in rejections):
            why += " (implausible_timestamp: before the var earliest_event_date)"
        yield from paragraph(f"There is no lead yet: {why}.")
        return
    yield from table(
        [
            Column("top lead"),
            Column("score", is_number=True),
            Column("cell"),
            Column("because", is_broken=True),
            Column("next action", is_broken=True),
        ],
        [
            [
                lead["lead_id"],
                number(lead["lead_score"], 1),
                lead["cell"],
                lead["top_reason_1"] or "",
                lead["next_action"] or "",
            ]
            for lead in leads
        ],
    )


def next_step_lines(
    connection: duckdb.DuckDBPyConnection, marts: Path, day: date
) -> Iterator[tuple[str, str]]:
    """Yield what to do next."""
    for lead in read_top_leads(connection)[:1]:
        yield "explain one", f"scripts/explain_lead.py {quote(lead['lead_id'])}"
    try:
        published = read_published(marts)
    except ActionableError as error:
        yield "published", str(error)
        return
    if published is None:
        yield "published", "not yet: scripts/publish_marts.py"
        return
    tables, published_day = published
    built_at = read_file(connection).stat().st_mtime_ns
    is_current = published_day == day and marts.stat().st_mtime_ns >= built_at
    late = "" if is_current else ", not this build: scripts/publish_marts.py"
    yield (
        "published",
        f"{marts} ({plural(tables, 'table')} as of {published_day}{late})",
    )


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
    return parser


def summarize(database: Path, marts: Path) -> int:
    """Read the warehouse and print the summary."""
    with open_warehouse(database) as connection:
        lines = list(report_lines(connection, marts))
    show(lines)
    return 0


def main(argv: list[str] | None = None) -> int:
    """Summarise a build; returns the exit code."""
    given = make_parser().parse_args(argv)
    return run_reporting_errors(lambda: summarize(given.database, given.marts))


if __name__ == "__main__":
    sys.exit(main())
