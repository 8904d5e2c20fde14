"""One block of the demo shop: some visitors, all their events, all their records.

A block draws from its own random stream, so that it depends on the seed and its number
only; blocks are made one after the other to bound the memory.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

import _demo_catalogue as shop
from _demo_arrays import Array, Rows, count_rows, stack_rows, take_rows
from _demo_behaviour import (
    Calendar,
    Visitors,
    draw_visitors,
    draw_visits,
)
from _demo_flaws import add_duplicates, add_transport, spoil_rows
from _demo_messages import (
    draw_aftermath_rows,
    draw_mail_rows,
    draw_prices,
    draw_store_rows,
    fill_money,
)
from _demo_people import People, draw_people
from _demo_visits import Identities, draw_identities, draw_visit_rows

NUMBERS_PER_BLOCK = 1 << 20  # visitors, contacts, orders and visits of a block
PILOT_STREAM, BLOCK_STREAM = 2, 3


@dataclass(frozen=True)
class Plan:
    """The shop to make."""

    seed: int
    events: int
    first_day: date
    days: int
    arrived_from: date | None = None
    arrived_before: date | None = None
    events_per_block: int = shop.EVENTS_PER_BLOCK

    @property
    def calendar(self) -> Calendar:
        """Its days."""
        return Calendar(self.first_day, self.days)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.first_day + timedelta(days=self.days - 1)

    @property
    def block_sizes(self) -> list[int]:
        """How many events each block makes: about the same."""
        blocks = -(-self.events // self.events_per_block)
        bounds = [self.events * block // blocks for block in range(blocks + 1)]
        return [end - start for start, end in pairwise(bounds)]

    def start_stream(self, *path: int) -> np.random.Generator:
        """The random numbers of one part of the shop."""
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, *path]))
        )


@dataclass(frozen=True)
class Draft:
    """Visitors and their rows, before they are cut to size."""

    visitors: Visitors
    identities: Identities
    unsubscribed_at: Array
    rows: Rows


@dataclass(frozen=True)
class Block:
    """A finished block; its rows are sorted by delivery."""

    number: int
    rows: Rows
    people: People


def measure_visitors(plan: Plan) -> float:
    """How many events a visitor makes, by a pilot: it depends on the calendar."""
    draft = draft_block(plan, plan.start_stream(PILOT_STREAM), shop.PILOT_VISITORS, 0)
    return count_rows(draft.rows) / shop.PILOT_VISITORS


def make_block(plan: Plan, number: int, events_per_visitor: float) -> Block:
    """A block of exactly the size that the plan gives it."""
    size = plan.block_sizes[number]
    duplicates = round(size * shop.DUPLICATE_SHARE)
    originals = size - duplicates
    draft = draft_enough(plan, number, originals, events_per_visitor)
    rng = plan.start_stream(BLOCK_STREAM, number, 1)
    rows, visitors = cut_rows(draft.rows, originals)
    add_transport(rng, rows, plan.calendar)
    spoil_rows(rng, rows)
    rows = add_duplicates(rng, rows, duplicates, plan.calendar)
    people = draw_people(
        rng,
        draft.visitors,
        keep_first(draft.identities, visitors),
        draft.unsubscribed_at,
        number * NUMBERS_PER_BLOCK,
        plan.calendar,
    )
    order = np.argsort(rows["delivered"], kind="stable")
    return Block(number, take_rows(rows, order), people)


def draft_enough(
    plan: Plan, number: int, size: int, events_per_visitor: float
) -> Draft:
    """A few more visitors than likely needed; more again where chance falls short."""
    likely = size / events_per_visitor
    visitors = int(1.08 * likely + 9.0 * np.sqrt(likely)) + 10
    while True:
        rng = plan.start_stream(BLOCK_STREAM, number)
        draft = draft_block(plan, rng, visitors, number)
        if count_rows(draft.rows) >= size:
            return draft
        visitors = visitors * 4 // 3


def draft_block(plan: Plan, rng: np.random.Generator, count: int, number: int) -> Draft:
    """That many visitors and everything they do."""
    calendar = plan.calendar
    first_number = number * NUMBERS_PER_BLOCK
    visitors = draw_visitors(rng, count, calendar)
    visits = draw_visits(rng, visitors, calendar)
    identities = draw_identities(rng, visitors, visits, first_number)
    in_visits = draw_visit_rows(rng, visitors, visits, identities)
    in_store = draw_store_rows(rng, visitors, identities, calendar)
    rows = stack_rows([in_visits, in_store])
    fill_money(rng, visitors, draw_prices(plan.seed), rows)
    places = np.flatnonzero(rows["type"] == shop.TYPE_CODES["order_completed"])
    rows["order"][places] = np.arange(len(places), dtype=np.int32)
    aftermath = draw_aftermath_rows(rng, take_rows(rows, places))
    mails, unsubscribed_at = draw_mail_rows(rng, visits, identities, calendar)
    rows = stack_rows([rows, *aftermath, *mails])
    rows = take_rows(rows, rows["occurred"] < calendar.end)
    fill_properties(rng, rows)
    return Draft(visitors, identities, unsubscribed_at, rows)


def fill_properties(rng: np.random.Generator, rows: Rows) -> None:
    """The JSON properties of events; searches already have theirs."""
    counts = np.zeros(len(shop.EVENT_TYPES), dtype=np.int64)
    firsts = np.zeros(len(shop.EVENT_TYPES), dtype=np.int64)
    first = 0
    for event_type, texts in shop.PROPERTIES.items():
        counts[shop.TYPE_CODES[event_type]] = len(texts)
        firsts[shop.TYPE_CODES[event_type]] = first
        first += len(texts)
    lacking = np.flatnonzero((counts[rows["type"]] > 0) & (rows["properties"] < 0))
    types = rows["type"][lacking]
    drawn = firsts[types] + (rng.random(len(lacking)) * counts[types]).astype(np.int64)
    rows["properties"][lacking] = drawn.astype(np.int16)


def cut_rows(rows: Rows, size: int) -> tuple[Rows, int]:
    """Exactly the given number of rows, of the first visitors, and how many these are.

    Of the last visitor only the earliest rows stay.
    """
    totals = np.cumsum(np.bincount(rows["visitor"]))
    last = int(np.searchsorted(totals, size))
    missing = size - (int(totals[last - 1]) if last else 0)
    before = np.flatnonzero(rows["visitor"] < last)
    own = np.flatnonzero(rows["visitor"] == last)
    own = own[np.argsort(rows["occurred"][own], kind="stable")][:missing]
    return take_rows(rows, np.concatenate([before, own])), last + 1


def keep_first(identities: Identities, visitors: int) -> Identities:
    """The identities of the first visitors only."""
    return Identities(
        **{name: values[:visitors] for name, values in vars(identities).items()}
    )
