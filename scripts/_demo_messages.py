"""Events of the demo shop besides visits: money, mail, returns, orders in a store."""

from datetime import UTC, datetime

import numpy as np

import _demo_catalogue as shop
import _demo_names as world
from _demo_arrays import (
    Array,
    Rows,
    chance,
    count_rows,
    make_rows,
    place_in_group,
    take_rows,
)
from _demo_behaviour import (
    NEVER,
    Calendar,
    Visitors,
    Visits,
    draw_products,
    draw_seconds_of_day,
)
from _demo_visits import VERSIONS, Identities, fill_identity

PRICED_TYPES = (
    *("product_added", "product_removed", "checkout_started", "order_completed"),
)
AFTERMATH = {  # event type: (share of the orders, first day after it, last day)
    "order_refunded": (shop.REFUND_SHARE, 3, 21),
    "order_cancelled": (shop.CANCEL_SHARE, 0, 2),
    "product_reviewed": (shop.REVIEW_SHARE, 8, 40),
    "support_ticket_opened": (shop.TICKET_SHARE, 1, 15),
}


def draw_prices(seed: int) -> Array:
    """A price for every product of the shop."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
    medians = np.repeat(shop.CATEGORY_PRICES, shop.PRODUCTS_PER_CATEGORY)
    prices = medians * rng.lognormal(0.0, shop.PRICE_SPREAD, len(medians))
    return np.asarray(np.floor(prices) + 0.95)


def fill_money(
    rng: np.random.Generator, visitors: Visitors, prices: Array, rows: Rows
) -> None:
    """Fill in quantity, amount and currency of the rows that are about money."""
    codes = [shop.TYPE_CODES[name] for name in PRICED_TYPES]
    priced = np.flatnonzero(np.isin(rows["type"], codes) & np.isnan(rows["amount"]))
    visitor = rows["visitor"][priced]
    is_order = rows["type"][priced] >= shop.TYPE_CODES["checkout_started"]
    basket = rng.lognormal(0.2, shop.BASKET_SPREAD, len(priced))
    basket = basket * np.where(visitors.are("whale")[visitor], shop.WHALE_BASKET, 1.0)
    quantity = 1.0 + rng.poisson(0.35, len(priced))
    amount = prices[rows["product"][priced]] * quantity * np.where(is_order, basket, 1)
    currency = np.asarray([country.currency for country in world.COUNTRIES])
    rows["quantity"][priced] = quantity
    rows["amount"][priced] = np.round(amount, 2)
    rows["currency"][priced] = currency[visitors.country[visitor]]


def list_campaigns(calendar: Calendar) -> tuple[list[str], Array]:
    """The weekly newsletters: their names and when they are sent (Tuesdays at 9)."""
    days = [day for day in calendar.dates if day.weekday() == 1]
    sent = [
        int(datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp())
        for day in days
    ]
    return [f"newsletter-{day}" for day in days], np.asarray(sent, dtype=np.int64)


def draw_mail_rows(
    rng: np.random.Generator,
    visits: Visits,
    identities: Identities,
    calendar: Calendar,
) -> tuple[list[Rows], Array]:
    """Everything about newsletters, and when each visitor unsubscribed."""
    sends = draw_sends(rng, identities, calendar)
    count = count_rows(sends)
    interest = measure_interest(visits, sends["visitor"], sends["occurred"])
    bounced = chance(rng, shop.BOUNCE_SHARE, count)
    share = shop.OPEN_BASE + shop.OPEN_INTEREST * interest
    opened = chance(rng, share, count) & ~bounced
    share = shop.CLICK_BASE + shop.CLICK_INTEREST * interest
    clicked = opened & chance(rng, share, count)
    leaves = ~bounced & chance(rng, shop.UNSUBSCRIBE_SHARE, count)
    spam = ~bounced & chance(rng, shop.SPAM_SHARE, count)
    is_heard = find_rows_until(sends["visitor"], leaves | spam)
    delays = (rng.exponential(14_000, count) + 30).astype(np.int64)
    no_delay = np.zeros(count, dtype=np.int64)
    reactions = {
        "email_sent": (~no_delay.astype(bool), no_delay),
        "email_delivered": (~bounced, no_delay + 4),
        "email_bounced": (bounced, no_delay + 9),
        "email_opened": (opened, delays),
        "email_clicked": (clicked, delays + 40),
        "email_unsubscribed": (leaves, delays + 70),
        "email_marked_spam": (spam, delays + 80),
    }
    result = []
    for event_type, (happens, delay) in reactions.items():
        rows = take_rows(sends, is_heard & happens)
        rows["type"][:] = shop.TYPE_CODES[event_type]
        rows["occurred"] += delay[is_heard & happens]
        result.append(rows)
    unsubscribed_at = np.full(len(identities.is_known), NEVER)
    left = take_rows(sends, is_heard & leaves)
    unsubscribed_at[left["visitor"]] = left["occurred"]
    for rows in result[3:5]:
        draw_readers(rng, rows)
    machines = draw_machine_opens(rng, take_rows(sends, is_heard & ~bounced))
    return [*result, machines, draw_print_rows(sends)], unsubscribed_at


def draw_sends(
    rng: np.random.Generator, identities: Identities, calendar: Calendar
) -> Rows:
    """One row per newsletter and reader, as long as nobody leaves."""
    _, sent_at = list_campaigns(calendar)
    mailable = identities.is_known & identities.has_email
    mailable &= chance(rng, shop.MAILABLE_SHARE, len(mailable))
    reader = np.flatnonzero(mailable)
    first = np.searchsorted(sent_at, identities.known_at[reader])
    counts = len(sent_at) - first
    campaign = np.repeat(first, counts) + place_in_group(counts)
    occurred = sent_at[campaign] + rng.integers(900, size=len(campaign))
    rows = make_rows(
        len(campaign),
        visitor=np.repeat(reader, counts),
        occurred=occurred,
        campaign=len(shop.WEB_CAMPAIGNS) + campaign,
        channel=shop.CHANNEL_CODES["email"],
    )
    everyone = np.ones(len(campaign), dtype=bool)
    fill_identity(rng, identities, rows, everyone, everyone)
    return rows


def measure_interest(visits: Visits, visitor: Array, moment: Array) -> Array:
    """The intent of the last visit before the moment, faded by its age."""
    if not len(visits):
        return np.zeros(len(visitor))
    wide = np.int64(1 << 33)
    keys = visits.visitor.astype(np.int64) * wide + visits.start
    last = np.searchsorted(keys, visitor.astype(np.int64) * wide + moment) - 1
    is_own = (last >= 0) & (visits.visitor[last] == visitor)
    days = (moment - visits.start[last]) / shop.DAY
    faded = visits.intent[last] * np.exp(-np.abs(days) / shop.INTEREST_FADES_DAYS)
    return np.where(is_own, faded, 0.0)


def find_rows_until(visitor: Array, ends: Array) -> Array:
    """True for the rows of each visitor up to and including the first that ends it."""
    place = np.arange(len(visitor))
    last = np.full(int(visitor.max(initial=0)) + 1, len(visitor))
    who, first = np.unique(visitor[ends], return_index=True)
    last[who] = np.flatnonzero(ends)[first]
    return place <= last[visitor]


def draw_readers(rng: np.random.Generator, rows: Rows) -> None:
    """Opens and clicks by people: an ordinary browser, not flagged."""
    count = count_rows(rows)
    rows["agent"] = rng.integers(len(shop.BROWSERS), size=count).astype(np.int8)
    rows["machine"][:] = 0


def draw_machine_opens(rng: np.random.Generator, delivered: Rows) -> Rows:
    """Opens by mail proxies and scanners: some flagged, some told by their agent."""
    is_proxied = delivered["email"] // VERSIONS % 10 < shop.PROXY_SHARE * 10
    rows = take_rows(delivered, is_proxied)
    count = count_rows(rows)
    rows["type"][:] = shop.TYPE_CODES["email_opened"]
    rows["occurred"] += rng.integers(5, 120, size=count)
    is_flagged = chance(rng, shop.PROXY_FLAGGED_SHARE, count)
    rows["machine"] = np.where(is_flagged, 1, -1).astype(np.int8)
    agent = np.where(chance(rng, 0.75, count), shop.IMAGE_PROXY, shop.CRAWLER)
    rows["agent"] = np.where(is_flagged, -1, agent).astype(np.int8)
    return rows


def draw_print_rows(sends: Rows) -> Rows:
    """Some campaigns go out on paper, too, to everyone: says nothing about anyone."""
    newsletter = sends["campaign"] - len(shop.WEB_CAMPAIGNS)
    rows = take_rows(sends, newsletter % shop.PRINT_MAILING_EVERY == 4)
    rows["type"][:] = shop.TYPE_CODES["campaign_mailed"]
    rows["channel"][:] = shop.CHANNEL_CODES["crm"]
    return rows


def draw_aftermath_rows(rng: np.random.Generator, orders: Rows) -> list[Rows]:
    """Returns, cancellations, reviews and questions, days after the order."""
    result = []
    for event_type, (share, first_day, last_day) in AFTERMATH.items():
        rows = take_rows(orders, chance(rng, share, count_rows(orders)))
        count = count_rows(rows)
        rows["type"][:] = shop.TYPE_CODES[event_type]
        days = rng.uniform(first_day, last_day, count)
        rows["occurred"] += (days * shop.DAY).astype(np.int64) + 600
        for name in ("session", "page", "dwell", "anonymous", "campaign", "agent"):
            rows[name] = make_rows(count)[name]
        if event_type == "order_refunded":
            part = np.where(chance(rng, 0.3, count), 0.5, 1.0)
            sign = np.where(chance(rng, 0.5, count), -1.0, 1.0)
            rows["amount"] = np.round(rows["amount"] * part * sign, 2)
        elif event_type != "order_cancelled":
            rows["amount"] = rows["quantity"] = np.full(count, np.nan)
            rows["currency"] = np.full(count, -1, dtype=np.int8)
        result.append(rows)
    return result


def draw_store_rows(
    rng: np.random.Generator,
    visitors: Visitors,
    identities: Identities,
    calendar: Calendar,
) -> Rows:
    """Orders of old customers in a store: known by contact only, no browser."""
    may_buy = identities.has_contact & (visitors.known_before < NEVER)
    buyer = np.flatnonzero(may_buy)
    mean = np.where(visitors.are("offline")[buyer], 0.8, 0.25) * calendar.days / 180
    counts = rng.poisson(mean)
    visitor = np.repeat(buyer, counts)
    day = rng.integers(calendar.days, size=len(visitor))
    rows = make_rows(
        len(visitor),
        visitor=visitor,
        type=shop.TYPE_CODES["order_completed"],
        occurred=calendar.start
        + day * shop.DAY
        + draw_seconds_of_day(rng, len(visitor)),
        product=draw_products(rng, visitors.category[visitor]),
        channel=shop.CHANNEL_CODES["store"],
    )
    everyone = np.ones(len(visitor), dtype=bool)
    fill_identity(rng, identities, rows, everyone, everyone & False)
    return rows
