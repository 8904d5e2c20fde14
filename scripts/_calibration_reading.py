"""Read from a built warehouse what calibration is fitted on.

Everything comes from the tables that score: hits after caps and resets, attributes and
identity as known on each cut-off. Nothing is computed here a second time.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from _calibration_files import RuleFile
from _calibration_panel import (
    Attribute,
    AttributeTiming,
    EngagementRule,
    EventTiming,
    Features,
    FitRule,
    Floats,
    Ints,
    Outcomes,
    Panel,
    RuleHits,
)
from _landing import quoted
from _options import ActionableError
from _warehouse import fetch

# They follow from another attribute, or name a person rather than describe one.
LEFT_OUT = ("birth_date", "email_domain", "postal_code", "is_test")
NUMBERS = (
    "engagement_points",
    "fit_points",
    "days_inactive",
    "days_since_order",
    "observed_days",
    "orders_count",
    "orders_amount",
    "events_count",
)


def check_rules_are_built(
    connection: duckdb.DuckDBPyConnection, files: Iterable[Path]
) -> None:
    """Refuse rule files that changed since the build, which scored the old ones."""
    for file in files:
        if not _is_built(connection, file):
            raise ActionableError(
                f"{file.name}: has changed since the warehouse was built; run"
                " `dbt build`, then calibrate what it scored"
            )


def _is_built(connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
    table = f"seeds.{file.stem}"
    connection.execute(
        f"create or replace temp table of_file as from {table} where false"
    )
    try:
        rules = RuleFile.read(file)
        columns = ", ".join(map(quoted, rules.columns))
        values = ", ".join("?" for _ in rules.columns)
        for row in rules.rows:
            connection.execute(
                f"insert into of_file ({columns}) values ({values})",
                [cell or None for cell in row.values()],
            )
    except (duckdb.Error, ValueError):  # ValueError: not UTF-8, or without a line
        return False
    differing = fetch(
        connection,
        f"""(from of_file except all from {table})
        union all (from {table} except all from of_file) limit 1""",
    )
    return not differing


def read_panel(
    connection: duckdb.DuckDBPyConnection, horizon_days: int | None = None
) -> Panel:
    """Read everything, of the shortest horizon unless another one is asked for."""
    number_rows(connection, horizon_days)
    outcomes = read_outcomes(connection)
    return Panel(
        outcomes=outcomes,
        rules=read_rules(connection),
        group_limits=read_group_limits(connection),
        attributes=read_attributes(connection, outcomes.count),
        fit_rules=read_fit_rules(connection),
        features=read_features(connection),
        event_timings=read_event_timings(connection),
        attribute_timings=read_attribute_timings(connection),
    )


def number_rows(
    connection: duckdb.DuckDBPyConnection, horizon_days: int | None
) -> None:
    """Make table `tested`: the leads at each cut-off, in the order of all arrays."""
    horizon = _choose_horizon(connection, horizon_days)
    connection.execute(
        f"""create or replace temp table tested as
        select *,
            row_number() over (order by as_of_date, campaign_id, lead_key) - 1 as row
        from insights.int_lead_outcomes where horizon_days = {horizon}"""
    )


def read_outcomes(connection: duckdb.DuckDBPyConnection) -> Outcomes:
    """Read who was there and who converted."""
    found = _arrays(
        connection,
        """select identity_key as lead, as_of_date, is_converted, converted_on,
            horizon_days
        from tested order by row""",
    )
    converted_on = np.ma.filled(found["converted_on"], np.datetime64("NaT"))
    query = """
        select min(sample_percent) as percent from identity.int_scoring_dates
        where as_of_date in (select as_of_date from tested)"""
    return Outcomes(
        lead=found["lead"],
        as_of_date=found["as_of_date"].astype("datetime64[D]"),
        is_converted=found["is_converted"].astype(bool),
        converted_on=converted_on.astype("datetime64[D]"),
        horizon_days=int(found["horizon_days"][0]),
        sample_percent=fetch(connection, query)[0]["percent"],
    )


def _choose_horizon(connection: duckdb.DuckDBPyConnection, asked: int | None) -> int:
    query = "select distinct horizon_days from insights.int_lead_outcomes order by 1"
    known: list[int] = [row["horizon_days"] for row in fetch(connection, query)]
    if not known:
        raise ActionableError(
            "there is no cut-off to learn from: nobody was known on a day that lies"
            " backtest_horizon_days or more before as_of_date (by default the day of"
            " the newest event); name fewer days or other cut-offs in settings.csv, or"
            " a later day with --vars, and build again"
        )
    if asked is not None and asked not in known:
        days = ", ".join(map(str, known))
        raise ActionableError(
            f"--horizon-days {asked}: the warehouse was built for {days}; name it in"
            " backtest_horizon_days of settings.csv and build again"
        )
    return asked if asked is not None else known[0]


def _arrays(
    connection: duckdb.DuckDBPyConnection, query: str, **parameters: object
) -> Mapping[str, Any]:
    return connection.execute(query, parameters).fetchnumpy()


# ---------------------------------------------------------------- engagement


def read_rules(connection: duckdb.DuckDBPyConnection) -> tuple[EngagementRule, ...]:
    """Read today's rules, and as candidates the event types that earn nothing."""
    connection.execute(
        """create or replace temp table found_hits as
        select hit_name, kind, cast(row as integer) as row,
            cast(age_days as integer) as age_days, cast(sum(hits) as float) as hits
        from tested join insights.int_calibration_hits using (lead_key) group by all"""
    )
    query = """
        select rule_id, event_type, hit_mode as mode, points, decay, decay_days,
            decay_rate, rule_group
        from insights.int_calibration_rules order by rule_id"""
    rules = [
        EngagementRule(
            **rule, hits=_read_hits(connection, rule["rule_id"], is_candidate=False)
        )
        for rule in fetch(connection, query)
    ]
    query = (
        "select distinct hit_name from found_hits where kind = 'candidate' order by 1"
    )
    names = [row["hit_name"] for row in fetch(connection, query)]
    query = """
        select trim(rule_id) as rule_id from seeds.engagement_rules
        union select trim(rule_id) from seeds.inactivity_rules"""
    taken = {row["rule_id"] for row in fetch(connection, query)}
    candidates = [
        EngagementRule(
            _free_id(name, taken), name, _read_hits(connection, name, is_candidate=True)
        )
        for name in names
    ]
    return (*rules, *candidates)


def _free_id(event_type: str, taken: set[str]) -> str:
    """Return the event type as id, or another id if a rule already has that one."""
    return _free_id(f"{event_type}_new", taken) if event_type in taken else event_type


def _read_hits(
    connection: duckdb.DuckDBPyConnection, name: str, *, is_candidate: bool
) -> RuleHits:
    found = _arrays(
        connection,
        """select row, age_days, hits from found_hits
        where hit_name = $name and (kind = 'candidate') = $is_candidate
        order by row, age_days""",
        name=name,
        is_candidate=is_candidate,
    )
    return RuleHits(found["row"], found["age_days"], found["hits"])


def read_group_limits(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Read the points limit of each rule group that has one."""
    query = """
        select rule_group, max_points from seeds.rule_groups
        where max_points is not null"""
    rows = fetch(connection, query)
    return {row["rule_group"]: row["max_points"] for row in rows}


# ---------------------------------------------------------------- fit


def read_attributes(
    connection: duckdb.DuckDBPyConnection, rows: int
) -> tuple[Attribute, ...]:
    """Read what was known of each lead at each cut-off."""
    connection.execute(
        """create or replace temp table found_values as
        select row, attribute, trim(lower(value)) as value
        from tested join personal.int_lead_attributes using (lead_key)
        where not list_contains($left_out, attribute) and trim(value) != ''""",
        {"left_out": list(LEFT_OUT)},
    )
    query = "select distinct attribute from found_values order by 1"
    names = [row["attribute"] for row in fetch(connection, query)]
    return tuple(_read_attribute(connection, name, rows) for name in names)


def _read_attribute(
    connection: duckdb.DuckDBPyConnection, name: str, rows: int
) -> Attribute:
    found = _arrays(
        connection,
        """select row, dense_rank() over (order by value) - 1 as code
        from found_values where attribute = $name""",
        name=name,
    )
    levels = fetch(
        connection,
        "select distinct value from found_values where attribute = $name order by 1",
        name=name,
    )
    code: Ints = np.full(rows, -1, np.int32)
    code[found["row"]] = found["code"]
    return Attribute(name, code, [row["value"] for row in levels])


def read_fit_rules(connection: duckdb.DuckDBPyConnection) -> tuple[FitRule, ...]:
    """Read today's fit rules."""
    query = """
        select trim(rule_id) as rule_id, criterion, trim(lower(attribute)) as attribute,
            operator, coalesce(operand, '') as operand, points
        from seeds.fit_rules"""
    return tuple(FitRule(**row) for row in fetch(connection, query))


# ---------------------------------------------------------------- probability


def read_features(connection: duckdb.DuckDBPyConnection) -> Features:
    """Read what conversion_probability may look at.

    A term names a rule by its id alone: one that fit and engagement share is left out.
    """
    found = _arrays(
        connection,
        f"""select {", ".join(NUMBERS)}, stage, coalesce(occasion, '') as occasion
        from tested join scores.int_lead_features using (lead_key) order by row""",
    )
    numbers = {name: _filled(found[name]) for name in NUMBERS}
    earned = """
        from tested join scores.int_lead_rule_points using (lead_key)
        where points != 0 and rule_id in (
            select rule_id from scores.int_rules
            group by rule_id having count(*) = 1)"""
    points = _arrays(
        connection,
        f"""select dense_rank() over (order by rule_id) - 1 as rule, row, points
        {earned}""",
    )
    query = f"select distinct rule_id {earned} order by 1"
    for rule, row in enumerate(fetch(connection, query)):
        column = np.zeros(len(found["stage"]))
        is_of_rule = points["rule"] == rule
        column[points["row"][is_of_rule]] = points["points"][is_of_rule]
        numbers[f"points:{row['rule_id']}"] = column
    texts = {"occasion": found["occasion"].astype(object)}
    return Features(numbers, found["stage"].astype(object), texts)


def _filled(values: Any) -> Floats:
    filled: Floats = np.ma.filled(values.astype(float), np.nan)
    return filled


# ---------------------------------------------------------------- leakage


def read_event_timings(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[EventTiming, ...]:
    """Read how often each event type comes right after a conversion."""
    query = """
        select event_type, lead_days_count, after_count, control_count, is_conversion
        from insights.int_event_timings order by event_type"""
    return tuple(EventTiming(**row) for row in fetch(connection, query))


def read_attribute_timings(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[AttributeTiming, ...]:
    """Read which attributes came to be known with the first conversion or later.

    More is known of who has converted before, and rightly so: nothing is told where
    only such leads are looked at.
    """
    query = """
        select count(*) as count from seeds.settings
        join insights.int_conversion_types on value = event_type
        where setting = 'backtest_population'"""
    if fetch(connection, query)[0]["count"]:
        return ()
    query = """
        select attribute, leads_count, converted_leads_count, after_count,
            busiest_day_count
        from insights.int_attribute_timings order by attribute"""
    return tuple(AttributeTiming(**row) for row in fetch(connection, query))


# ---------------------------------------------------------------- for the report


def read_baselines(
    connection: duckdb.DuckDBPyConnection, rows: int
) -> dict[str, Floats]:
    """Read the scores that any shop could make by itself, row by row."""
    found = _arrays(
        connection,
        """select score, row, value
        from tested join insights.int_backtest_scores
            using (lead_key, campaign_id, horizon_days)
        where score in ('event_count', 'recency', 'order_count', 'rfm')""",
    )
    baselines: dict[str, Floats] = {}
    for name in np.unique(found["score"].astype(str)):
        is_of_score = found["score"] == name
        baselines[str(name)] = np.zeros(rows)
        baselines[str(name)][found["row"][is_of_score]] = found["value"][is_of_score]
    return baselines


def read_probabilities(connection: duckdb.DuckDBPyConnection) -> Floats:
    """Read conversion_probability as the warehouse computes it, row by row."""
    found = _arrays(
        connection,
        """select conversion_probability
        from tested join scores.int_lead_probabilities using (lead_key) order by row""",
    )
    return _filled(found["conversion_probability"])


def read_context(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Read, in words, the date, the population and the predicted outcome."""
    query = "select setting, value from seeds.settings where setting like 'backtest_%'"
    settings = {row["setting"]: row["value"] for row in fetch(connection, query)}
    query = (
        "select cast(max(as_of_date) as varchar) as day from identity.int_as_of_date"
    )
    did, mailed = (
        (settings.get(f"backtest_{name}") or "").replace("_", " ")
        for name in ("population", "occasion")
    )
    population = f"leads with {did}" if did else "every lead"
    types = fetch(connection, "from insights.int_conversion_types order by 1")
    return {
        "as_of_date": fetch(connection, query)[0]["day"],
        "population": f"leads reached by {mailed}" if mailed else population,
        "conversion": " or ".join(row["event_type"].replace("_", " ") for row in types),
    }
