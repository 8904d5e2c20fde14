"""Everything a model may know about a lead on a cut-off, in one wide table.

For each event type the 13 features that any analyst would make: how often, how long
ago, since when, for how much, decayed and recent counts. Beside them the attributes.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import duckdb
import numpy as np

from _calibration_panel import Attribute, Flags, Floats, Ints

HALF_LIVES = (7, 14, 30, 60, 90, 180)
RECENT_DAYS = (7, 30, 90)
RARE_SHARE = 0.01  # levels of fewer train rows are pooled
NUMERIC_SHARE = 0.9  # so many levels are numbers: the attribute is one
NUMERIC_LEVELS = 10  # of fewer different numbers each is a level of its own

HITS = """
    select event_type, cast(row as integer) as row,
        date_diff('day', event_date, tested.as_of_date) as age_days,
        cast(sum(hits) as double) as hits,
        cast(coalesce(sum(amount), 0) as double) as amount
    from tested join activity.int_lead_match_days using (lead_key)
        join staging.int_matches using (match_id)
    where property is null and hits > 0 group by all order by row, age_days"""

Columns = Iterator[tuple[str, Floats]]


@dataclass(frozen=True)
class FeatureTable:
    """One row per row of the outcomes, one named column per feature; NaN = none."""

    names: tuple[str, ...]
    values: Floats

    def standardised(self, is_train: Flags) -> Floats:
        """Return what a regression wants: log1p, no gaps, mean 0 and variance 1."""
        logs = np.sign(self.values) * np.log1p(np.abs(self.values))
        # A gap has a column of its own; what never happened counts as long ago.
        filled = np.where(np.isnan(logs), np.nanmax(logs[is_train], axis=0), logs)
        spread = filled[is_train].std(axis=0)
        centred = filled - filled[is_train].mean(axis=0)
        return np.asarray(centred / np.where(spread > 0, spread, 1))


def read_features(
    connection: duckdb.DuckDBPyConnection,
    attributes: Collection[Attribute],
    is_train: Flags,
    left_out: Collection[str],
) -> FeatureTable:
    """Read the table in the order of the outcomes, which must have been read before."""
    columns = dict(_of_events(connection, len(is_train), left_out))
    for attribute in attributes:
        if attribute.name not in left_out:
            columns.update(_of_attribute(attribute, is_train))
    # What is the same for all who are learnt from cannot be learnt from.
    varying = {name: each for name, each in columns.items() if _differs(each[is_train])}
    values = np.column_stack(list(varying.values())) if varying else np.empty((0, 0))
    return FeatureTable(tuple(varying), values)


def _differs(values: Floats) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and bool(known.min() < known.max())


# ---------------------------------------------------------------- what leads did


def _of_events(
    connection: duckdb.DuckDBPyConnection, rows: int, left_out: Collection[str]
) -> Columns:
    found = connection.execute(HITS).fetchnumpy()
    types, place = np.unique(found["event_type"].astype(str), return_inverse=True)
    for number, event_type in enumerate(types):
        if event_type in left_out:
            continue
        chosen = place == number
        row, age = found["row"][chosen], found["age_days"][chosen]
        hits, amount = found["hits"][chosen], found["amount"][chosen]
        for name, values in _of_hits(row, age, hits, amount, rows):
            yield f"{event_type}: {name}", values


def _of_hits(row: Ints, age: Ints, hits: Floats, amount: Floats, rows: int) -> Columns:
    def summed(weights: Floats) -> Floats:
        return np.bincount(row, weights, rows).astype(np.float64)

    newest, oldest = np.full(rows, np.inf), np.full(rows, -np.inf)
    np.minimum.at(newest, row, age)
    np.maximum.at(oldest, row, age)
    is_never = np.isinf(newest)
    yield "count", summed(hits)
    yield "days since the last", np.where(is_never, np.nan, newest)
    yield "days since the first", np.where(is_never, np.nan, oldest)
    yield "amount", summed(amount)
    for days in HALF_LIVES:
        yield f"count, halved every {days} days", summed(hits * np.exp2(-age / days))
    for days in RECENT_DAYS:
        yield f"count of {days} days", summed(hits * (age < days))
    yield "never", is_never.astype(np.float64)


# ---------------------------------------------------------------- who leads are


def _of_attribute(attribute: Attribute, is_train: Flags) -> Columns:
    name, code = attribute.name, attribute.code
    yield f"{name} is not known", (code < 0).astype(np.float64)
    numbers = np.array([_number(level) for level in attribute.levels])
    if len(numbers) > NUMERIC_LEVELS and np.isfinite(numbers).mean() >= NUMERIC_SHARE:
        yield name, np.append(numbers, np.nan)[code]
        return
    counts = np.bincount(code[is_train & (code >= 0)], minlength=len(numbers))
    is_rare = counts < RARE_SHARE * np.count_nonzero(is_train)
    for number in np.flatnonzero(~is_rare).tolist():
        level = attribute.levels[number]
        yield f"{name} is {level}", (code == number).astype(np.float64)
    yield f"{name} is rare", np.append(is_rare, False)[code].astype(np.float64)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return float("nan")
    return number if np.isfinite(number) else float("nan")
