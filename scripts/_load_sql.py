"""Pieces of SQL, and of the engine's errors, that the loader's parts share."""

import re
from datetime import datetime

import duckdb

from _landing import literal

# What an expression of a mapping may raise over the data.
DATA_ERRORS = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
)


def json_object(values: dict[str, str]) -> str:
    """Return SQL for the JSON text of an object."""
    pairs = ", ".join(f"{literal(name)}: {sql}" for name, sql in values.items())
    return f"cast(to_json({{{pairs}}}) as varchar)"


def instant(moment: datetime) -> str:
    """Return a moment as an SQL timestamp."""
    return f"cast({literal(moment.isoformat(sep=' '))} as timestamp)"


def first_sentence(error: duckdb.Error) -> str:
    """Return what an engine's error says, without any value out of the data."""
    text = str(error)
    if isinstance(error, DATA_ERRORS):
        # A value may hold quotes, full stops and line ends of its own.
        text = re.split(r"\n+LINE \d+:", text)[0]
        for quote in ("'", '"'):
            text = re.sub(f"(?s){quote}.*{quote}", f"{quote}…{quote}", text)
            text = text.split(quote)[0] if text.count(quote) == 1 else text
    text = text.split("\n")[0].split(". ")[0]
    return re.sub(r"^[A-Za-z ]+ Error: ", "", text).rstrip("!. ")
