"""Small functions for columns: rows as plain arrays, ids as strings, grouped sums."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Array = NDArray[Any]
Rows = dict[str, Array]

# Numbers are codes or places in a pool; -1 (or nan) means that there is none.
ROW_COLUMNS: dict[str, tuple[type, float]] = {
    "visitor": (np.int32, -1),
    "type": (np.int16, 0),
    "occurred": (np.int64, 0),
    "session": (np.int32, -1),
    "anonymous": (np.int64, -1),
    "contact": (np.int32, -1),
    "email": (np.int32, -1),
    "channel": (np.int8, -1),
    "page": (np.int16, -1),
    "product": (np.int16, -1),
    "campaign": (np.int16, -1),
    "order": (np.int32, -1),
    "currency": (np.int8, -1),
    "agent": (np.int8, -1),
    "machine": (np.int8, -1),
    "properties": (np.int16, -1),
    "quantity": (np.float64, np.nan),
    "amount": (np.float64, np.nan),
    "dwell": (np.float64, np.nan),
}


def make_rows(count: int, **given: Any) -> Rows:
    """`count` rows with the given columns (arrays or one value), the others empty."""
    return {
        name: np.full(count, given.get(name, empty)).astype(dtype)
        if np.ndim(given.get(name, empty)) == 0
        else np.asarray(given[name]).astype(dtype)
        for name, (dtype, empty) in ROW_COLUMNS.items()
    }


def stack_rows(parts: Sequence[Rows]) -> Rows:
    """All rows of all parts."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def take_rows(rows: Rows, chosen: Array) -> Rows:
    """The rows at these places, or where the mask is true."""
    return {name: values[chosen] for name, values in rows.items()}


def count_rows(rows: Rows) -> int:
    """The number of rows."""
    return len(next(iter(rows.values())))


def chance(rng: np.random.Generator, share: float | Array, count: int) -> Array:
    """True with the given probability, one or one for each."""
    return np.asarray(rng.random(count) < share)


def choose(rng: np.random.Generator, weights: Sequence[float], count: int) -> Array:
    """Codes 0, 1, … drawn with these weights."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = rng.random(count)
    return np.asarray(np.searchsorted(bounds[:-1] / bounds[-1], drawn, side="right"))


def sigmoid(log_odds: Array) -> Array:
    """The probability with these log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def place_in_group(counts: Array) -> Array:
    """0, 1, … restarting in each group; groups of these sizes follow each other."""
    ends = np.cumsum(counts)
    places = np.arange(int(counts.sum()), dtype=np.int64)
    return np.asarray(places - np.repeat(ends - counts, counts))


def cumulate_in_group(values: Array, counts: Array) -> Array:
    """The running sum of the values, restarting in each group."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    starts = np.cumsum(counts) - counts
    return np.asarray(total[1:] - np.repeat(total[starts], counts))


def scramble(numbers: Array, bits: int) -> Array:
    """Numbers of this many bits without visible order; distinct ones stay distinct.

    Odd multipliers and shifted xors can be undone, so no two results are equal.
    """
    mask = np.uint64((1 << bits) - 1)
    half = np.uint64(bits // 2)
    mixed = (np.asarray(numbers).astype(np.uint64) + np.uint64(1)) & mask
    for factor in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9):
        mixed = (mixed * np.uint64(factor)) & mask
        mixed ^= mixed >> half
    return mixed


HEX_PAIRS = np.frombuffer(
    "".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint16
)


def hex_strings(numbers: Array, digits: int, is_null: Array) -> pa.Array:
    """Each number as that many hexadecimal digits; null where asked."""
    count = len(numbers)
    octets = np.asarray(numbers).astype(">u8").view(np.uint8).reshape(count, 8)
    text = HEX_PAIRS[octets[:, 8 - digits // 2 :]]
    offsets = np.arange(0, (count + 1) * digits, digits, dtype=np.int32)
    valid = np.packbits(~is_null, bitorder="little")
    return pa.Array.from_buffers(
        pa.string(),
        count,
        [pa.py_buffer(valid), pa.py_buffer(offsets), pa.py_buffer(text.tobytes())],
    )


def pooled_strings(codes: Array, pool: Sequence[str]) -> pa.Array:
    """The texts at these places of a small pool; null for -1."""
    # With a repeated text in a dictionary the Parquet writer leaks bytes of its memory.
    texts = {text: place for place, text in enumerate(dict.fromkeys(pool))}
    unique = np.asarray([texts[text] for text in pool], dtype=np.int32)[codes]
    indices = pa.array(unique, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(texts, pa.string()))


def plain_strings(codes: Array, pool: Sequence[str]) -> pa.Array:
    """The same for a large pool, which is better not written as a dictionary."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.array(pool, pa.string()).take(indices)


def timestamps(seconds: Array, is_null: Array | None = None) -> pa.Array:
    """Seconds since 1970 as timestamps without zone."""
    micros = seconds.astype(np.int64) * 1_000_000
    return pa.array(micros, pa.int64(), mask=is_null).cast(pa.timestamp("us"))


def numbers_or_null(values: Array) -> pa.Array:
    """Doubles; null for nan."""
    return pa.array(values, pa.float64(), mask=np.isnan(values))
