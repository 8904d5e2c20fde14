"""Types: convert a value of a file to its landing column's type, or say why not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from _landing import WORDS, column_type, literal
from _load_mapping import Load

WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*")
INSTANTS = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}


@dataclass(frozen=True)
class Typed:
    """A landing column's value, and the condition under which it is unreadable."""

    sql: str
    fails: str = ""
    complaint: str = ""


def typed(column: str, sql: str, their_type: str, load: Load) -> Typed:
    """Return how a value of a file is converted to its landing column's type."""
    kind = column_type(column)
    if column == "properties":
        return typed_json(sql, their_type)
    if column in WORDS:
        return typed_word(sql, WORDS[column])
    if kind == "double":
        return typed_number(sql, their_type)
    if kind == "boolean":
        return typed_boolean(sql)
    if kind == "timestamp":
        return typed_timestamp(sql, their_type, load)
    if kind == "date":
        return typed_date(sql, their_type, load)
    if their_type in ("DOUBLE", "FLOAT"):
        # An id that a missing value turned into a float is 12345, not 12345.0.
        sql = without_nan(sql)
        whole = f"case when {sql} = trunc({sql}) then try_cast({sql} as bigint) end"
        sql = f"coalesce(cast({whole} as varchar), cast({sql} as varchar))"
    return Typed(f"nullif(cast({sql} as varchar), '')")


def typed_json(sql: str, their_type: str) -> Typed:
    """Return JSON text; a value that is no text is turned into JSON."""
    if their_type not in ("VARCHAR", "JSON"):
        return Typed(f"cast(to_json({sql}) as varchar)")
    text = f"nullif(nullif(trim({sql}), ''), 'null')"
    return Typed(text, f"not json_valid({text})", "not valid JSON")


def typed_word(sql: str, words: Sequence[str]) -> Typed:
    """Return one of a few words, whatever the case of its letters."""
    text = f"nullif(trim(cast({sql} as varchar)), '')"
    known = ", ".join(map(literal, words))
    return Typed(text, f"lower({text}) not in ({known})", "none of " + ", ".join(words))


def typed_number(sql: str, their_type: str) -> Typed:
    """Return a double; not-a-number is how some tools write a missing one."""
    if WHOLE.fullmatch(their_type):
        return Typed(f"cast({sql} as double)")
    text = f"nullif(trim(cast({sql} as varchar)), '')"
    number = f"try_cast({text} as double)"
    given = text
    if their_type in ("DOUBLE", "FLOAT"):
        number, given = f"cast({sql} as double)", sql
    fails = f"{given} is not null and coalesce(isinf({number}), true)"
    return Typed(without_nan(number), fails, "not a number")


def without_nan(sql: str) -> str:
    """Return a number, null where it is not one.

    Asked by name: the engine answers `= 'nan'` from the least and the greatest value
    that Parquet states, and those leave not-a-number out.
    """
    return f"case when not isnan({sql}) then {sql} end"


def typed_boolean(sql: str) -> Typed:
    """Return a boolean from the usual words and digits."""
    text = f"nullif(lower(trim(cast({sql} as varchar))), '')"
    yes = f"{text} in ('true', 't', 'yes', 'y', '1', '1.0')"
    no = f"{text} in ('false', 'f', 'no', 'n', '0', '0.0')"
    value = f"case when {yes} then true when {no} then false end"
    return Typed(value, f"{text} is not null and ({value}) is null", "not yes or no")


def typed_timestamp(sql: str, their_type: str, load: Load) -> Typed:
    """Return a UTC timestamp; one without an offset is in the load's time zone.

    The connection's TimeZone is the load's, so the engine's own casts do the rest.
    """
    if their_type in INSTANTS:
        value = f"cast({sql} as timestamp)"
        if load.time_zone != "UTC":
            value = f"timezone('UTC', cast({value} as timestamptz))"
        return Typed(value, f"not isfinite({sql})", "not a date and time")
    if their_type == "TIMESTAMP WITH TIME ZONE":
        value = f"timezone('UTC', {sql})"
        return Typed(value, f"not isfinite({sql})", "not a date and time")
    text = f"nullif(trim(cast({sql} as varchar)), '')"
    attempts = [
        f"cast(try_strptime({text}, {literal(each)}) as timestamptz)"
        for each in load.timestamp_formats
    ]
    iso = f"try_cast({text} as timestamptz)"
    # The engine wants seconds before an offset, and a capital Z.
    mended = (
        f"regexp_replace(upper({text}), '([T ]\\d\\d:\\d\\d)(Z|[+-]\\d\\d:?\\d\\d)$',"
        " '\\1:00\\2')"
    )
    attempts += [iso, f"try_cast({mended} as timestamptz)"]
    instant = f"case when {text} < 'A' then coalesce({', '.join(attempts)}) end"
    fails = f"{text} is not null and ({instant}) is null"
    return Typed(f"timezone('UTC', {instant})", fails, "not a date and time")


def typed_date(sql: str, their_type: str, load: Load) -> Typed:
    """Return a date; of a time, its day."""
    if their_type in INSTANTS or their_type == "TIMESTAMP WITH TIME ZONE":
        return Typed(f"cast({sql} as date)", f"not isfinite({sql})", "not a date")
    text = f"nullif(trim(cast({sql} as varchar)), '')"
    attempts = [
        f"cast(try_strptime({text}, {literal(each)}) as date)"
        for each in load.timestamp_formats
    ]
    attempts.append(f"try_cast({text} as date)")
    day = f"case when {text} < 'A' then coalesce({', '.join(attempts)}) end"
    return Typed(day, f"{text} is not null and ({day}) is null", "not a date")
