"""Try rules before you switch: what would change for whom, and is it better?

Compares two rule folders on the same warehouse, for the same day; a single folder is
compared with the rules that the warehouse was built with. Scoring runs on temporary
copies next to the warehouse. The warehouse itself is only read, and its events are read
again only if a rule looks for something new. A folder can be anywhere and needs only
the rule files that differ.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from _files import written_beside
from _landing import literal, quoted
from _options import (
    PROJECT,
    ActionableError,
    add_database_option,
    add_project_option,
    add_vars_option,
    positive,
    run_reporting_errors,
)
from _rival_build import (
    RivalBuild,
    current_rules,
    missing_rules,
    rival_warehouse,
)
from _warehouse import (
    Column,
    Row,
    compact,
    fetch,
    fetch_one,
    first_line,
    heading,
    labelled,
    number,
    open_warehouse,
    paragraph,
    plural,
    show,
    table,
    unbroken,
)

EXAMPLES = """\
examples:
  cp -r seeds/rules /tmp/spring     # change some numbers there
  compare_rules.py /tmp/spring
  compare_rules.py /tmp/spring /tmp/summer --output moved.csv"""

TEMPERATURES = ("hot", "warm", "cold", "irrelevant")
PLACES = ("temperature", "fit_grade", "engagement_grade", "stage", "cell", "segments")
SCORES = ("lead_score", "engagement_score", "fit_score")
NUMBERS = (*SCORES, "engagement_points", "fit_points", "conversion_probability")
TOLD_ONLY = ("next_action", "price_tier", "score_rank")
# Sums of floating point numbers differ in their last digits from run to run.
TOLERANCE = 1e-5
FORMATS = {
    ".csv": "format csv, header",
    ".json": "format json, array true",
    ".parquet": "format parquet",
}
# What names a row of a rule file, where its first column does not.
KEYS = {
    "engagement_rules": ("rule_id", "valid_from"),
    "grades": ("score", "grade"),
    "matrix_actions": ("fit_grade", "engagement_grade", "stage"),
}
# Says which events count: rules are compared on the events that were accepted.
READING_SETTINGS = ("duplicate_window_days",)
RULE_LINES = 30
REASONS = 3
BACKTEST = "fct_score_backtest_pooled"
OUTCOMES = "int_lead_outcomes"
MEASURES = "auc, auc_low, auc_high, average_precision, top_decile_lift"


# --- The two warehouses -------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One of the two: its rules and the warehouse that was scored under them."""

    database: Path
    rules: Path | None
    rival: RivalBuild | None = None


@contextmanager
def scored(
    database: Path,
    before: Path | None,
    after: Path,
    variables: Mapping[str, Any],
    project: Path,
) -> Iterator[tuple[Side, Side]]:
    """Score the warehouse under both rule folders."""
    with ExitStack() as stack:

        def build(rules: Path | None) -> Side:
            entered = rival_warehouse(
                database, rules, variables=variables, project=project
            )
            rival = stack.enter_context(entered)
            rival.run()
            return Side(rival.database, rules, rival)

        # The new rules first, so that a mistake in them is reported soonest.
        second = build(after)
        assert second.rival
        if before or second.rival.is_redated:
            yield build(before), second
        else:
            yield Side(database, None), second


@contextmanager
def attached(before: Side, after: Side) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open both warehouses, only to be read, as `before` and `after`."""
    with open_warehouse(before.database):
        pass  # says in words why it cannot be opened
    scratch = TemporaryDirectory(prefix="compare_rules.", dir=after.database.parent)
    with scratch as folder, duckdb.connect() as connection:
        memory = os.environ.get("LEAD_SCORING_MEMORY") or "6GB"
        connection.execute(f"set memory_limit = {literal(memory)}")
        connection.execute(f"set temp_directory = {literal(folder)}")
        for name, side in (("before", before), ("after", after)):
            file = literal(side.database)
            connection.execute(f"attach {file} as {name} (read_only)")
        try:
            yield connection
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise ActionableError(
                f"{before.database}: is not built to its end, or by another version of"
                f" this project; run `dbt build` ({first_line(error)})"
            ) from None


# --- What differs, in SQL -----------------------------------------------------------


def pair_leads(connection: duckdb.DuckDBPyConnection) -> None:
    """Put each lead's two scores side by side, and say what differs: table `pairs`."""
    for side in ("before", "after"):
        connection.execute(f"""
            create temp table {side}_segments as
            select lead_id, string_agg(segment, '|' order by segment) as segments
            from {side}.segments.fct_segment_members group by lead_id""")
    columns = (*PLACES, *NUMBERS, *TOLD_ONLY)
    sides = ", ".join(f"b.{c} as {c}_before, a.{c} as {c}_after" for c in columns)
    connection.execute(f"""
        create temp table pairs as
        with b as (from before.scores.fct_lead_scores left join before_segments
                using (lead_id)),
            a as (from after.scores.fct_lead_scores left join after_segments
                using (lead_id)),
            paired as (select lead_id, {sides} from b inner join a using (lead_id))
        select *,
            concat_ws('|', {", ".join(map(named_if_moved, PLACES))}) as moved,
            {" or ".join(map(differs, NUMBERS))} as is_rescored
        from paired""")


def named_if_moved(column: str) -> str:
    """Return SQL for the column's name where the lead has another value."""
    before, after = f"{column}_before", f"{column}_after"
    return f"case when {before} is distinct from {after} then '{column}' end"


def differs(column: str) -> str:
    """Return SQL that says whether two numbers differ."""
    before, after = f"{column}_before", f"{column}_after"
    return (
        f"(({before} is null) <> ({after} is null)"
        f" or coalesce(abs({before} - {after}) > {TOLERANCE}, false))"
    )


def pair_points(connection: duckdb.DuckDBPyConnection) -> None:
    """Find the rules that give a lead other points: table `reasons`."""
    connection.execute(f"""
        create temp table reasons as
        select lead_id, score, rule_id,
            coalesce(b.points, 0) as points_before,
            coalesce(a.points, 0) as points_after
        from before.scores.fct_lead_rule_points as b
        full join after.scores.fct_lead_rule_points as a using (lead_id, score, rule_id)
        where abs(points_before - points_after) > {TOLERANCE}""")


def read_counts(connection: duckdb.DuckDBPyConnection) -> Row:
    """Return how many leads there are, are moved, and change each of their places."""
    each = ", ".join(
        f"count(*) filter ({c}_before is distinct from {c}_after) as {c}"
        for c in PLACES
    )
    query = f"""
        select count(*) as leads, count(*) filter (moved <> '') as moved,
            count(*) filter (is_rescored) as rescored, {each}
        from pairs"""
    return fetch_one(connection, query)


def read_temperatures(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], int]:
    """Return how many leads went from which temperature to which."""
    query = """
        select temperature_before, temperature_after, count(*) as leads
        from pairs group by all"""
    return {
        (row["temperature_before"], row["temperature_after"]): row["leads"]
        for row in fetch(connection, query)
    }


def read_segments(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return every segment with who entered and who left."""
    query = """
        with listed as (select segment from before.seeds.segments
            union select segment from after.seeds.segments),
        members as (select segment, b.as_of_date is not null as was,
                a.as_of_date is not null as is_now
            from before.segments.fct_segment_members as b
            full join after.segments.fct_segment_members as a using (lead_id, segment))
        select segment, count(*) filter (was) as before,
            count(*) filter (is_now) as after,
            count(*) filter (is_now and not was) as entered,
            count(*) filter (was and not is_now) as left_it
        from listed left join members using (segment)
        group by segment order by segment"""
    return fetch(connection, query)


def read_distribution(connection: duckdb.DuckDBPyConnection, score: str) -> list[Row]:
    """Return how a score is spread over the leads, before and after."""
    shares = "[0.1, 0.5, 0.9, 0.99]"
    query = " union all ".join(
        f"""select '{side}' as side, avg({score}_{side}) as mean,
            quantile_cont({score}_{side}, {shares}) as quantiles from pairs"""
        for side in ("before", "after")
    )
    return fetch(connection, query)


def read_rule_points(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the rules that give other points, those that change most leads first."""
    query = """
        select score, rule_id, count(*) as leads,
            sum(points_before) as before, sum(points_after) as after
        from reasons group by score, rule_id
        order by leads desc, score, rule_id"""
    return fetch(connection, query)


def read_largest(connection: duckdb.DuckDBPyConnection, leads: int) -> list[Row]:
    """Return the leads whose score changes most, each with its reasons."""
    query = """
        select * from pairs where moved <> '' or is_rescored
        order by abs(lead_score_after - lead_score_before) desc, lead_id limit $leads"""
    largest = fetch(connection, query, leads=leads)
    reasons = fetch(
        connection,
        "select * from reasons where list_contains($leads, lead_id)"
        " order by abs(points_after - points_before) desc, score, rule_id",
        leads=[lead["lead_id"] for lead in largest],
    )
    for lead in largest:
        lead["reasons"] = [r for r in reasons if r["lead_id"] == lead["lead_id"]]
    return largest


def read_backtest(connection: duckdb.DuckDBPyConnection, side: str) -> list[Row] | None:
    """Return how well the scores predicted, over all cut-offs; null without a table."""
    query = """
        select table_name from information_schema.tables
        where table_catalog = $side and table_schema = 'insights'
            and table_name = $name"""
    if not fetch(connection, query, side=side, name=BACKTEST):
        return None
    # Cut-offs that a model has not seen are a period of their own, in `all` as well.
    query = f"""
        select horizon_days, score, {MEASURES} from {side}.insights.{BACKTEST}
        where period = 'all' order by horizon_days, score"""
    return fetch(connection, query)


def read_tested(connection: duckdb.DuckDBPyConnection) -> Row:
    """Count leads on past days: back-tested by both sides, or by one alone."""
    tested = "select distinct lead_key from {}.insights.{}"
    before, after = (tested.format(side, OUTCOMES) for side in ("before", "after"))
    query = f"""
        select count(*) filter (a.lead_key is null) as before,
            count(*) filter (b.lead_key is null) as after,
            count(*) filter (a.lead_key = b.lead_key) as both
        from ({before}) as b full join ({after}) as a using (lead_key)"""
    return fetch_one(connection, query)


def read_learnt_until(connection: duckdb.DuckDBPyConnection, side: str) -> date | None:
    """Return until when a probability was learnt, if from cut-offs that are shown."""
    query = f"""
        select max(fitted_until) as day from {side}.seeds.probability_terms
        where fitted_until > (
            select min(first_date) from {side}.insights.{BACKTEST})"""
    day: date | None = fetch_one(connection, query)["day"]
    return day


def export(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    """Write every lead that changes; return how many there are."""
    columns = ", ".join(
        f"{c}_before, {c}_after" for c in (*SCORES, *PLACES, *TOLD_ONLY, *NUMBERS[3:])
    )
    query = f"""
        select lead_id, moved, {columns}, main.rule_id as main_rule,
            main.points_before as main_rule_points_before,
            main.points_after as main_rule_points_after
        from pairs
        left join (
            select lead_id,
                arg_max(reasons, abs(points_after - points_before)) as main
            from reasons group by lead_id) using (lead_id)
        where moved <> '' or is_rescored
        order by abs(lead_score_after - lead_score_before) desc, lead_id"""
    with written_beside(file) as partial:
        kind = FORMATS[file.suffix.lower()]
        done = connection.execute(f"copy ({query}) to {literal(partial)} ({kind})")
        return int((done.fetchone() or (0,))[0])


# --- Rules that differ --------------------------------------------------------------


@dataclass(frozen=True)
class RuleChange:
    """A row of a rule file that one side lacks, or that differs."""

    file: str
    rule: str
    text: str


def read_rule_changes(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> list[RuleChange]:
    """Return the rows by which the rules differ, as the two warehouses hold them."""
    changes: list[RuleChange] = []
    for name in names:
        rows: list[dict[tuple[str, ...], Row]] = []
        for side in ("before", "after"):
            found = fetch(connection, f"from {side}.seeds.{quoted(name)}")
            rows.append({key_of(name, row): row for row in found})
        changes += row_changes(name, *rows)
    return changes


def key_of(name: str, row: Row) -> tuple[str, ...]:
    """Return what names a row: blank parts are left out."""
    columns = KEYS.get(name) or tuple(row)[:1]
    return tuple("" if row[c] is None else str(row[c]) for c in columns)


def row_changes(
    name: str, before: dict[tuple[str, ...], Row], after: dict[tuple[str, ...], Row]
) -> Iterator[RuleChange]:
    """Yield the changes of one file."""
    for key in sorted(before.keys() | after.keys()):
        rule = " ".join(part for part in key if part)
        if key not in before:
            yield RuleChange(name, rule, row_text("added", after[key], key))
        elif key not in after:
            yield RuleChange(name, rule, row_text("removed", before[key], key))
        elif before[key] != after[key]:
            yield RuleChange(name, rule, change_text(before[key], after[key]))


def change_text(before: Row, after: Row) -> str:
    """Return which columns differ, and how."""
    return ", ".join(
        unbroken(f"{c} {value_text(before.get(c))} → {value_text(after.get(c))}")
        for c in after
        if before.get(c) != after[c]
    )


def row_text(what: str, row: Row, key: tuple[str, ...]) -> str:
    """Return what became of a row, and what it says beyond name and description."""
    values = ", ".join(
        unbroken(f"{column} {value_text(value)}")
        for column, value in row.items()
        if value is not None and column != "description" and str(value) not in key
    )
    return f"{what}: {values}" if values else what


def value_text(value: object) -> str:
    """Return a value as it is written in a rule file."""
    if value is None:
        return "blank"
    return compact(value) if isinstance(value, float) else str(value)


# --- Printing ------------------------------------------------------------------------


def report_lines(
    connection: duckdb.DuckDBPyConnection,
    before: Side,
    after: Side,
    names: Sequence[str],
    leads: int,
) -> Iterator[str]:
    """Yield the comparison's lines."""
    query = "select max(as_of_date) as day from after.identity.int_as_of_date"
    yield from heading("Rules compared", f"as of {fetch_one(connection, query)['day']}")
    counts = read_counts(connection)
    changes = read_rule_changes(connection, names)
    yield from labelled(side_lines(before, after, counts))
    yield from warning_lines(changes, counts)
    yield ""
    yield from rule_lines(changes)
    if not counts["moved"] and not counts["rescored"]:
        return
    yield ""
    yield from count_lines(counts)
    yield ""
    yield from temperature_lines(read_temperatures(connection))
    yield ""
    yield from segment_lines(read_segments(connection))
    yield ""
    yield from distribution_lines(connection)
    yield ""
    yield from point_lines(read_rule_points(connection))
    yield ""
    yield from largest_lines(read_largest(connection, leads))
    yield ""
    sides = ("before", "after")
    backtests = [read_backtest(connection, side) for side in sides]
    yield from backtest_lines(*backtests)
    if all(backtests):
        yield from tested_lines(read_tested(connection))
        for side in sides:
            yield from learnt_lines(side, read_learnt_until(connection, side))


def side_lines(before: Side, after: Side, counts: Row) -> Iterator[tuple[str, str]]:
    """Yield which rules are compared, and in one line what comes of it."""
    for name, side in (("before", before), ("after", after)):
        if side.rules is None:
            yield name, "the rules that the warehouse was built with"
            continue
        project = side.rival.project if side.rival else PROJECT
        missing = missing_rules(side.rules, project)
        rest = f"; as built: {', '.join(missing)}" if missing else ""
        yield name, f"{side.rules}{rest}"
    yield (
        "leads",
        f"{counts['leads']:,}: {counts['moved']:,} change their place,"
        f" {counts['rescored']:,} have other points or scores",
    )
    matches = sum(s.rival.new_matches for s in (before, after) if s.rival)
    if matches == 1:
        yield "events", "1 new match: events were read once for it"
    elif matches:
        yield "events", f"{matches:,} new matches: events were read once for them"
    else:
        yield "events", "none was read again"


def warning_lines(changes: Sequence[RuleChange], counts: Row) -> Iterator[str]:
    """Yield what a reader must know before trusting the numbers."""
    for change in changes:
        if change.file == "settings" and change.rule in READING_SETTINGS:
            yield from paragraph(
                f"{change.rule} is not compared: it decides which events are accepted,"
                " and both sides use those of the last build."
            )
    if not changes and (counts["moved"] or counts["rescored"]):
        yield from paragraph(
            "No rule differs, and yet leads change: the warehouse was built with other"
            " rules than its folder has now. Run `dbt build`, or name both folders."
        )


def rule_lines(changes: Sequence[RuleChange]) -> Iterator[str]:
    """Yield the rule rows that differ."""
    if not changes:
        yield from paragraph("No rule differs.")
        return
    yield from table(
        [
            Column("file"),
            Column("rule", is_broken=True),
            Column("what", is_broken=True),
        ],
        [[change.file, change.rule, change.text] for change in changes[:RULE_LINES]],
    )
    if len(changes) > RULE_LINES:
        more = plural(len(changes) - RULE_LINES, "more row")
        yield from paragraph(f"… and {more}")


def count_lines(counts: Row) -> Iterator[str]:
    """Yield how many leads change which of their places."""
    share = 100 / max(counts["leads"], 1)
    yield from table(
        [
            Column("leads that change"),
            Column("leads", is_number=True),
            Column("of all", is_number=True),
        ],
        [
            [c.replace("_", " "), f"{counts[c]:,}", f"{number(counts[c] * share)} %"]
            for c in PLACES
        ],
    )


def temperature_lines(counts: dict[tuple[str, str], int]) -> Iterator[str]:
    """Yield the matrix of temperatures: before downwards, after to the right."""
    yield from table(
        [
            Column("temperature before \\ after"),
            *(Column(name, is_number=True) for name in TEMPERATURES),
            Column("all", is_number=True),
        ],
        [matrix_row(name, (name,), counts) for name in TEMPERATURES],
        total=matrix_row("all", TEMPERATURES, counts),
    )


def matrix_row(
    title: str, rows: Sequence[str], counts: dict[tuple[str, str], int]
) -> list[str]:
    """Return one line of the matrix of temperatures."""
    cells = [
        sum(counts.get((row, column), 0) for row in rows) for column in TEMPERATURES
    ]
    return [title, *(f"{cell:,}" if cell else "" for cell in cells), f"{sum(cells):,}"]


def segment_lines(segments: list[Row]) -> Iterator[str]:
    """Yield who enters and who leaves which segment."""
    yield from table(
        [
            Column("segment"),
            *(
                Column(t, is_number=True)
                for t in ("before", "after", "entered", "left")
            ),
        ],
        [
            [row["segment"]]
            + [f"{row[c]:,}" for c in ("before", "after", "entered", "left_it")]
            for row in segments
        ],
    )


def distribution_lines(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield how the scores are spread, before and after."""
    rows = []
    for score in SCORES:
        for row in read_distribution(connection, score):
            title = score.replace("_", " ") if row["side"] == "before" else ""
            numbers = [row["mean"], *(row["quantiles"] or [])]
            rows.append([title, row["side"], *(number(n or 0, 1) for n in numbers)])
    titles = ("mean", "lowest 10 %", "median", "top 10 %", "top 1 %")
    yield from table(
        [
            Column("score"),
            Column("rules"),
            *(Column(title, is_number=True) for title in titles),
        ],
        rows,
    )


def point_lines(rules: list[Row]) -> Iterator[str]:
    """Yield which rules give other points, over all leads."""
    if not rules:
        yield from paragraph("No rule gives anybody other points.")
        return
    yield from table(
        [
            Column("rules that give other points", is_broken=True),
            Column("leads", is_number=True),
            Column("points before", is_number=True),
            Column("after", is_number=True),
        ],
        [
            [
                f"{rule['rule_id']} ({rule['score']})",
                f"{rule['leads']:,}",
                number(rule["before"]),
                number(rule["after"]),
            ]
            for rule in rules[:RULE_LINES]
        ],
    )


def largest_lines(leads: list[Row]) -> Iterator[str]:
    """Yield the leads whose score changes most, and why."""
    yield from table(
        [
            Column("largest moves", is_broken=True),
            Column("score", is_number=True),
            Column("→", is_number=True),
            Column("cell"),
            Column("→"),
            Column("because of (points)", is_broken=True),
        ],
        [
            [
                lead["lead_id"],
                number(lead["lead_score_before"], 1),
                number(lead["lead_score_after"], 1),
                lead["cell_before"] or "",
                lead["cell_after"] if "cell" in lead["moved"].split("|") else "=",
                reasons_text(lead),
            ]
            for lead in leads
        ],
    )


def reasons_text(lead: Row) -> str:
    """Return the rules that changed a lead's points most."""
    reasons = [
        unbroken(
            f"{r['rule_id']} {number(r['points_before'], 1)}"
            f" → {number(r['points_after'], 1)}"
        )
        for r in lead["reasons"][:REASONS]
    ]
    if "stage" in lead["moved"].split("|"):
        stages = f"stage {lead['stage_before']} → {lead['stage_after']}"
        reasons.insert(0, unbroken(stages))
    return ", ".join(reasons) or "scales, weights, bands or actions"


def backtest_lines(before: list[Row] | None, after: list[Row] | None) -> Iterator[str]:
    """Yield how well either scores predicted conversions."""
    if before is None or after is None:
        yield from paragraph(
            f"No back-test: the warehouse has no table insights.{BACKTEST}."
        )
        return
    if not before and not after:
        yield from paragraph("No back-test yet: no cut-off is old enough.")
        return
    earlier = {(row["horizon_days"], row["score"]): row for row in before}
    later = {(row["horizon_days"], row["score"]): row for row in after}
    rows = []
    for key in sorted(earlier.keys() | later.keys()):
        pair = [measure_texts(side.get(key)) for side in (earlier, later)]
        days, score = key
        if pair[0] == pair[1]:
            rows.append([score, str(days), "both", *pair[0]])
        else:
            rows.append([score, str(days), "before", *pair[0]])
            rows.append(["", "", "after", *pair[1]])
    yield from table(
        [
            Column("back-test of"),
            Column("days", is_number=True),
            Column("rules"),
            Column("AUC", is_number=True),
            Column("95 % interval"),
            Column("avg. precision", is_number=True),
            Column("top-decile lift", is_number=True),
        ],
        rows,
    )


def tested_lines(counts: Row) -> Iterator[str]:
    """Yield that the two are not tested on the same leads, where they are not."""
    if counts["before"] or counts["after"]:
        yield from paragraph(
            "The two are not tested on the same leads, as others are disqualified or"
            f" cut-offs differ: {counts['both']:,} (leads by cut-off) are common,"
            f" {counts['before']:,} only before and {counts['after']:,} only after."
            " Part of the difference may come from them."
        )


def learnt_lines(side: str, day: date | None) -> Iterator[str]:
    """Yield that the back-test flatters what was learnt from its cut-offs."""
    if day:
        yield from paragraph(
            f"{side.capitalize()}: the probability was learnt until {day}, from some of"
            " these cut-offs: what was learnt looks better than it is."
        )


def measure_texts(row: Row | None) -> list[str]:
    """Return the cells of one score's back-test."""
    if row is None:
        return ["", "", "", ""]
    low, high = row["auc_low"], row["auc_high"]
    interval = "" if low is None or high is None else f"{low:.4f} - {high:.4f}"
    return [
        measure_text(row, "auc", 4),
        interval,
        measure_text(row, "average_precision", 4),
        measure_text(row, "top_decile_lift", 2),
    ]


def measure_text(row: Row, name: str, decimals: int) -> str:
    """Return a measure, or nothing where there is none."""
    value = row[name]
    return "" if value is None else number(value, decimals)


# --- The command line ---------------------------------------------------------------


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "rules",
        nargs="+",
        type=Path,
        metavar="RULES",
        help="rule folder to try, or two folders: before and after",
    )
    add_database_option(parser)
    add_vars_option(parser)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help=f"write every lead that changes ({', '.join(FORMATS)})",
    )
    parser.add_argument(
        "--leads",
        type=positive,
        default=10,
        metavar="N",
        help="how many of the largest moves to show (%(default)s)",
    )
    add_project_option(parser)
    return parser


def compare(given: argparse.Namespace) -> int:
    """Score both, compare them, print and export what differs."""
    *before, after = given.rules
    if len(before) > 1:
        raise ActionableError("give one rule folder, or two: before and after")
    if given.output and given.output.suffix.lower() not in FORMATS:
        raise ActionableError(
            f"{given.output}: the ending must be one of {', '.join(FORMATS)}"
        )
    project = given.project_dir
    first = before[0] if before else None
    names = sorted(file.stem for file in current_rules(project).glob("*.csv"))
    with (
        scored(given.database, first, after, given.vars, project) as sides,
        attached(*sides) as connection,
    ):
        pair_leads(connection)
        pair_points(connection)
        lines = list(report_lines(connection, *sides, names, given.leads))
        exported = export(connection, given.output) if given.output else 0
    show(lines)
    if given.output:
        show([f"moved leads written: {exported:,}, {given.output}"])
    return 0


def main(argv: list[str] | None = None) -> int:
    """Compare rules; returns the exit code."""
    given = make_parser().parse_args(argv)
    return run_reporting_errors(lambda: compare(given))


if __name__ == "__main__":
    sys.exit(main())
