"""Visitors of the demo shop and when they come: visitors → episodes → visits.

An episode is a burst of interest: it rises over some visits, peaks, and fades. At the
peak there may be an order: the higher the interest, the likelier. The interest also
drives what visitors do in the visits before, so that rules can see orders coming.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

import _demo_catalogue as shop
import _demo_names as world
from _demo_arrays import (
    Array,
    chance,
    choose,
    cumulate_in_group,
    place_in_group,
    sigmoid,
)


@dataclass(frozen=True)
class Calendar:
    """The days of the shop, as seconds since 1970; `end` is the midnight after."""

    first_day: date
    days: int

    @property
    def start(self) -> int:
        """The first second."""
        return midnight(self.first_day)

    @property
    def end(self) -> int:
        """The first second after the calendar."""
        return self.start + self.days * shop.DAY

    @property
    def dates(self) -> list[date]:
        """Every day."""
        return [self.first_day + timedelta(days=day) for day in range(self.days)]

    @property
    def day_weights(self) -> list[float]:
        """How many new visitors a day brings: season, day of the week, growth."""
        return [
            shop.MONTH_WEIGHTS[day.month - 1]
            * shop.WEEKDAY_WEIGHTS[day.weekday()]
            * (1.0 + shop.GROWTH * place / self.days)
            for place, day in enumerate(self.dates)
        ]


def midnight(day: date) -> int:
    """The first second of a date."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Visitors:
    """One entry per visitor."""

    kind: Array
    country: Array
    has_garden: Array
    is_owner: Array
    budget: Array
    fit: Array
    affinity: Array  # how keen they are by nature
    category: Array  # the favourite
    agent: Array
    first_day: Array
    known_before: Array  # seconds; a customer since then, or the far future

    def __len__(self) -> int:
        return len(self.kind)

    def are(self, name: str) -> Array:
        """True for the visitors of a kind."""
        return np.asarray(self.kind == shop.KIND_CODES[name])

    def get_trait(self, name: str) -> Array:
        """What their kind says about each visitor."""
        return np.asarray([getattr(kind, name) for kind in shop.KINDS])[self.kind]


@dataclass(frozen=True)
class Visits:
    """One entry per visit, by visitor and time."""

    visitor: Array
    start: Array
    intent: Array
    product: Array
    channel: Array
    campaign: Array
    has_order: Array
    identifies: Array  # by an order or a sign-up, whether already known or not
    is_first_identified: Array
    is_known: Array
    is_signed_in: Array
    device: Array

    def __len__(self) -> int:
        return len(self.visitor)


NEVER = np.int64(1 << 40)


def draw_visitors(rng: np.random.Generator, count: int, calendar: Calendar) -> Visitors:
    """Visitors with the traits that make some of them likelier to buy."""
    kind = draw_kinds(count)
    country = choose(rng, [each.weight for each in world.COUNTRIES], count)
    is_core = np.asarray([each.is_core for each in world.COUNTRIES])[country]
    has_garden = chance(rng, shop.GARDEN_SHARE, count)
    is_owner = chance(rng, shop.OWNER_SHARE, count)
    budget = choose(rng, shop.BUDGET_WEIGHTS, count)
    fit = (
        shop.FIT_GARDEN * np.where(has_garden, 1, -1)
        + shop.FIT_OWNER * np.where(is_owner, 1, -1)
        + shop.FIT_CORE_COUNTRY * np.where(is_core, 1, -1)
        + np.asarray(shop.FIT_BUDGET)[budget]
    )
    was_known = np.isin(kind, [shop.KIND_CODES["existing"], shop.KIND_CODES["offline"]])
    before = calendar.start - (rng.random(count) * 900 * shop.DAY).astype(np.int64)
    agent = choose(rng, shop.BROWSER_WEIGHTS, count)
    first_day = choose(rng, calendar.day_weights, count)
    is_whale = kind == shop.KIND_CODES["whale"]
    return Visitors(
        kind=kind,
        country=country,
        has_garden=has_garden,
        is_owner=is_owner,
        budget=budget,
        fit=fit,
        affinity=rng.normal(0.0, 1.0, count) + shop.WHALE_AFFINITY * is_whale,
        category=rng.integers(len(shop.CATEGORIES), size=count),
        agent=np.where(kind == shop.KIND_CODES["bot"], shop.CRAWLER, agent),
        first_day=np.where(is_whale, first_day // shop.WHALE_HEAD_START, first_day),
        known_before=np.where(was_known, before, NEVER),
    )


def draw_kinds(count: int) -> Array:
    """Every n-th visitor is special; a later kind of the table wins."""
    places = np.arange(count)
    kinds = np.zeros(count, dtype=np.int8)
    for code, kind in enumerate(shop.KINDS):
        kinds[places % kind.every == kind.first % kind.every] = code
    return kinds


def draw_visits(
    rng: np.random.Generator, visitors: Visitors, calendar: Calendar
) -> Visits:
    """All visits of all visitors within the calendar."""
    episode_visitor, episode_start = draw_episodes(rng, visitors, calendar)
    interest = draw_interest(rng, visitors, episode_visitor)
    product = draw_products(rng, visitors.category[episode_visitor])
    counts = 1 + rng.poisson(shop.SESSIONS_BASE + shop.SESSIONS_INTENT * interest**2)
    episode = np.repeat(np.arange(len(counts)), counts)
    place, turn = place_in_group(counts), (counts * 3 // 4)[episode]
    odds = shop.ORDER_BASE + shop.ORDER_INTENT * interest
    odds = odds + shop.ORDER_FIT * visitors.fit[episode_visitor]
    odds = odds + shop.ORDER_PERSON * visitors.affinity[episode_visitor]
    converts = chance(rng, sigmoid(odds), len(counts))
    converts &= visitors.get_trait("can_order")[episode_visitor]
    gaps = rng.exponential(shop.SESSION_GAP_DAYS, len(episode)) * (place > 0)
    day = episode_start[episode] + cumulate_in_group(gaps, counts).astype(np.int64)
    second = draw_seconds_of_day(rng, len(episode))
    start = calendar.start + day * shop.DAY + second
    order = np.lexsort((place, start, episode_visitor[episode]))
    order = order[start[order] < calendar.end]
    return identify_visits(
        rng,
        visitors,
        visitor=episode_visitor[episode][order],
        start=start[order],
        intent=(interest[episode] * shape_interest(place, turn))[order],
        product=product[episode][order],
        has_order=(converts[episode] & (place == turn))[order],
    )


def draw_episodes(
    rng: np.random.Generator, visitors: Visitors, calendar: Calendar
) -> tuple[Array, Array]:
    """Visitor and first day of each burst of interest."""
    share_left = 1.0 - visitors.first_day / calendar.days
    mean = shop.EPISODES_MEAN * rng.gamma(0.6, 1.0 / 0.6, len(visitors))
    mean = mean * np.exp(shop.EPISODES_PERSON * visitors.affinity)
    mean = mean + shop.WHALE_EPISODES * visitors.are("whale")
    counts = 1 + rng.poisson(mean * share_left * calendar.days / 180)
    counts[visitors.are("offline")] = 0
    visitor = np.repeat(np.arange(len(visitors)), counts)
    gaps = rng.exponential(shop.EPISODE_GAP_DAYS, len(visitor))
    gaps[place_in_group(counts) == 0] = 0.0
    days = visitors.first_day[visitor] + cumulate_in_group(gaps, counts)
    return visitor, days.astype(np.int64)


def draw_interest(
    rng: np.random.Generator, visitors: Visitors, visitor: Array
) -> Array:
    """How keen each episode is at its peak, between 0 and 1."""
    person = shop.INTENT_PERSON * visitors.affinity + shop.INTENT_FIT * visitors.fit
    person = person + visitors.get_trait("intent")
    mood = rng.normal(shop.INTENT_BASE, shop.INTENT_MOOD, len(visitor))
    return sigmoid(person[visitor] + mood)


def shape_interest(place: Array, turn: Array) -> Array:
    """The share of an episode's interest: rising to its peak, low afterwards."""
    rising = 0.4 + 0.6 * (place + 1) / (turn + 1)
    return np.where(place <= turn, rising, 0.35)


def draw_seconds_of_day(rng: np.random.Generator, count: int) -> Array:
    """When people come: evenings more than nights."""
    hour = choose(rng, shop.HOUR_WEIGHTS, count)
    return np.asarray(hour * 3600 + rng.integers(3600, size=count))


def draw_products(rng: np.random.Generator, category: Array) -> Array:
    """A product of each category; some are popular, most are not."""
    rank = shop.PRODUCTS_PER_CATEGORY * rng.random(len(category)) ** 2.2
    return category * shop.PRODUCTS_PER_CATEGORY + rank.astype(np.int64)


def identify_visits(
    rng: np.random.Generator,
    visitors: Visitors,
    visitor: Array,
    start: Array,
    intent: Array,
    product: Array,
    has_order: Array,
) -> Visits:
    """Mark the visits in which the shop learns, or already knows, who the person is."""
    count = len(visitor)
    is_first = np.diff(visitor, prepend=-1) != 0
    share = shop.IDENTIFY_BASE + shop.IDENTIFY_INTENT * intent
    share = np.where(is_first, share + visitors.get_trait("known")[visitor], share)
    share = np.where(visitors.are("bot")[visitor], 0.0, share)
    identifies = has_order | chance(rng, share, count)
    learned = np.full(len(visitors), count)
    who, first = np.unique(visitor[identifies], return_index=True)
    learned[who] = np.flatnonzero(identifies)[first]
    place = np.arange(count)
    was_known = visitors.known_before[visitor] < NEVER
    is_known = was_known | (place > learned[visitor])
    channel = choose(rng, shop.VISIT_CHANNEL_WEIGHTS, count)
    has_campaign = np.isin(channel, (2, 3)) & chance(rng, 0.7, count)
    campaign = rng.integers(len(shop.WEB_CAMPAIGNS), size=count)
    return Visits(
        visitor=visitor,
        start=start,
        intent=intent,
        product=product,
        channel=channel,
        campaign=np.where(has_campaign, campaign, -1),
        has_order=has_order,
        identifies=identifies,
        is_first_identified=(place == learned[visitor]) & ~was_known,
        is_known=is_known,
        is_signed_in=is_known & chance(rng, shop.SIGNED_IN_SHARE, count),
        device=(is_known & chance(rng, shop.SECOND_DEVICE_SHARE, count)).astype(
            np.int64
        ),
    )
