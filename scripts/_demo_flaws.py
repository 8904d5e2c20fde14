"""What goes wrong on the way from the demo shop to the landing zone."""

from collections.abc import Callable

import numpy as np

import _demo_catalogue as shop
from _demo_arrays import Array, Rows, chance, count_rows, stack_rows, take_rows
from _demo_behaviour import Calendar

YEAR = 365 * shop.DAY
Spoiler = Callable[[np.random.Generator, Rows, Array], None]
NO_TIME = np.iinfo(np.int64).min


def add_transport(rng: np.random.Generator, rows: Rows, calendar: Calendar) -> None:
    """Add when rows are received and delivered, and their name, id and blanks."""
    count = count_rows(rows)
    is_web = find_source(rows) == shop.SOURCE_CODES["web"]
    rows["name"] = (rows["type"] * 2 + is_web).astype(np.int16)
    rows["event"] = np.arange(count, dtype=np.int64)
    rows["source"] = find_source(rows)
    rows["is_blank"] = np.zeros(count, dtype=bool)
    seconds = rng.exponential(20, count).astype(np.int64) + 1
    is_late = chance(rng, shop.LATE_SHARE, count)
    days = rng.integers(1, shop.LATE_DAYS + 1, size=count)
    late = seconds + days * shop.DAY
    is_late &= rows["occurred"] + late < calendar.end
    received = rows["occurred"] + np.where(is_late, late, seconds)
    rows["received"] = np.minimum(received, calendar.end - 1)
    rows["delivered"] = rows["received"].copy()


def find_source(rows: Rows) -> Array:
    """The system that reports each row."""
    codes = [
        shop.SOURCE_CODES[shop.TYPE_SOURCES.get(name, "web")]
        for name in shop.EVENT_TYPES
    ]
    source = np.asarray(codes, dtype=np.int8)[rows["type"]]
    in_store = rows["channel"] == shop.CHANNEL_CODES["store"]
    in_store &= rows["type"] == shop.TYPE_CODES["order_completed"]
    return np.where(in_store, shop.SOURCE_CODES["shop"], source).astype(np.int8)


def spoil_rows(rng: np.random.Generator, rows: Rows) -> None:
    """Break a few rows in every way in which real feeds are broken."""
    everywhere: tuple[tuple[float, Spoiler], ...] = (
        (shop.CLOCK_ERROR_SHARE, set_wrong_clock),
        (shop.NO_TIME_SHARE, drop_time),
        (shop.BLANK_IDENTIFIER_SHARE, blank_identifiers),
        (shop.BLANK_EVENT_ID_SHARE, blank_event_id),
    )
    for share, spoil in everywhere:
        spoil(rng, rows, pick(rng, np.arange(count_rows(rows)), share))
    on_web = np.flatnonzero(rows["source"] == shop.SOURCE_CODES["web"])
    rename_event(rng, rows, pick(rng, on_web, shop.UNMAPPED_SHARE))
    money = np.flatnonzero(rows["amount"] > 0)
    negate_amount(rng, rows, pick(rng, money, shop.NEGATIVE_AMOUNT_SHARE))
    set_unknown_currency(rng, rows, pick(rng, money, shop.UNKNOWN_CURRENCY_SHARE))
    has_currency = np.flatnonzero(rows["currency"] == 0)
    blank = pick(rng, has_currency, shop.BLANK_CURRENCY_SHARE)
    rows["currency"][blank] = shop.BLANK_CURRENCY


def pick(rng: np.random.Generator, places: Array, share: float) -> Array:
    """This share of the places, two at least."""
    count = min(len(places), max(2, round(share * len(places))))
    return rng.choice(places, size=count, replace=False, shuffle=False)


def set_wrong_clock(rng: np.random.Generator, rows: Rows, chosen: Array) -> None:
    """A browser whose clock is in 1970 or 2035."""
    years_off = np.where(np.arange(len(chosen)) % 2 == 0, 65 * YEAR + 17 * shop.DAY, 0)
    seconds = rng.integers(shop.DAY, size=len(chosen))
    rows["occurred"][chosen] = years_off + seconds


def drop_time(rng: np.random.Generator, rows: Rows, chosen: Array) -> None:
    """A time that the collector could not read."""
    del rng
    rows["occurred"][chosen] = NO_TIME


def blank_identifiers(rng: np.random.Generator, rows: Rows, chosen: Array) -> None:
    """Rows of nobody: identifiers are missing, or only spaces."""
    for name in ("anonymous", "contact", "email"):
        rows[name][chosen] = -1
    rows["is_blank"][chosen] = chance(rng, 0.5, len(chosen))


def blank_event_id(rng: np.random.Generator, rows: Rows, chosen: Array) -> None:
    """A row without id."""
    del rng
    rows["event"][chosen] = -1


def rename_event(rng: np.random.Generator, rows: Rows, chosen: Array) -> None:
    """Names that nobody has mapped yet."""
    first = 2 * len(shop.EVENT_TYPES)
    extra = rng.integers(len(shop.UNMAPPED_NAMES), size=len(chosen))
    rows["name"][chosen] = (first + extra).astype(np.int16)


def negate_amount(rng: np.random.Generator, rows: Rows, chosen: Array) -> None:
    """A correction booked as a negative order or cart."""
    del rng
    rows["amount"][chosen] *= -1.0


def set_unknown_currency(rng: np.random.Generator, rows: Rows, chosen: Array) -> None:
    """A test currency that has no rate."""
    del rng
    rows["currency"][chosen] = shop.UNKNOWN_CURRENCY


def add_duplicates(
    rng: np.random.Generator, rows: Rows, count: int, calendar: Calendar
) -> Rows:
    """Deliver that many rows again, some of them later, a few with other content."""
    has_id = np.flatnonzero(rows["event"] >= 0)
    again = take_rows(rows, rng.choice(has_id, size=count, shuffle=False))
    hours = rng.exponential(4.0, count)
    hours[chance(rng, shop.LATER_FILE_SHARE, count)] += 24 * 32
    delivered = again["delivered"] + (hours * 3600).astype(np.int64)
    again["delivered"] = np.minimum(delivered, calendar.end - 1)
    differs = np.flatnonzero(chance(rng, shop.CONFLICT_SHARE, count))
    again["amount"][differs] = np.round(again["amount"][differs] * 1.1, 2)
    again["page"][differs] = shop.PAGE_CODES["/"]
    return stack_rows([rows, again])
