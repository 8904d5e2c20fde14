"""What visitors of the demo shop do in their visits: visits → rows of events."""

from dataclasses import dataclass

import numpy as np

import _demo_catalogue as shop
from _demo_arrays import Array, Rows, chance, choose, count_rows, make_rows, stack_rows
from _demo_behaviour import NEVER, Visitors, Visits, draw_products

# Of a contact or email two versions each: its own, and a twin or an untidy spelling.
VERSIONS = 2


@dataclass(frozen=True)
class Identities:
    """One entry per visitor: what the shop may learn about who it is."""

    known_at: Array
    is_known: Array
    has_contact: Array
    has_email: Array
    has_twin: Array  # a second contact with the same email
    contact: Array  # place among those with a contact
    email: Array  # place among those with an email
    anonymous: Array  # number of the browser


def draw_identities(
    rng: np.random.Generator, visitors: Visitors, visits: Visits, first_number: int
) -> Identities:
    """Who becomes known, as a contact or as an email only, on which browser."""
    count = len(visitors)
    known_at = visitors.known_before.copy()
    first = visits.is_first_identified
    known_at[visits.visitor[first]] = visits.start[first]
    is_known = known_at < NEVER
    place = np.cumsum(is_known) - 1
    is_guest = chance(rng, shop.GUEST_SHARE, count)
    is_guest &= visitors.are("ordinary") | visitors.are("student")
    has_contact = is_known & ~is_guest
    is_ordinary = visitors.are("ordinary") | visitors.are("offline")
    lacks_email = has_contact & is_ordinary & (place % shop.NO_EMAIL_EVERY == 5)
    has_email = is_known & ~lacks_email
    browser = first_number + np.arange(count)
    shares = is_known & (place % shop.SHARED_BROWSER_EVERY == 9)
    lends = is_known & (place % shop.SHARED_BROWSER_EVERY == 8)
    pairs = int(shares.sum())
    browser[shares] = browser[lends][:pairs]
    return Identities(
        known_at=known_at,
        is_known=is_known,
        has_contact=has_contact,
        has_email=has_email,
        has_twin=has_contact & has_email & (place % shop.TWIN_EVERY == 4),
        contact=np.where(has_contact, np.cumsum(has_contact) - 1, -1),
        email=np.where(has_email, np.cumsum(has_email) - 1, -1),
        anonymous=browser,
    )


def draw_visit_rows(
    rng: np.random.Generator,
    visitors: Visitors,
    visits: Visits,
    identities: Identities,
) -> Rows:
    """All rows of all visits."""
    parts = [
        draw_step(rng, visitors, visits, step, counts)
        for step, counts in draw_step_counts(rng, visitors, visits)
    ]
    carts = next(
        part
        for step, part in zip(shop.STEPS, parts, strict=True)
        if step.event_type == "product_added"
    )
    parts += draw_checkout_rows(rng, visits, carts)
    parts += draw_identifying_rows(rng, visits)
    rows = stack_rows(parts)
    fill_visit_columns(rng, visitors, visits, identities, rows)
    return rows


def draw_step_counts(
    rng: np.random.Generator, visitors: Visitors, visits: Visits
) -> list[tuple[shop.Step, Array]]:
    """How often each step happens in each visit."""
    is_bot = visitors.are("bot")[visits.visitor]
    result = []
    for step in shop.STEPS:
        counts = rng.poisson(step.base + step.slope * visits.intent)
        if step.event_type == "page_viewed":
            counts += 1
        elif step.event_type == "product_viewed":
            counts += rng.poisson(shop.BOT_VIEWS, len(visits)) * is_bot
        if step.event_type in ("product_viewed", "product_added"):
            counts = np.maximum(counts, visits.has_order)
        if step.event_type == "product_added":
            counts[is_bot] = 0
        result.append((step, counts))
    return result


def draw_step(
    rng: np.random.Generator,
    visitors: Visitors,
    visits: Visits,
    step: shop.Step,
    counts: Array,
) -> Rows:
    """The rows of one step; what it is about depends on the visitor."""
    visit = np.repeat(np.arange(len(visits)), counts)
    rows = make_visit_rows(rng, visits, visit, step.event_type, step.phase)
    category = visitors.category[visits.visitor[visit]]
    if step.page:
        rows["page"][:] = shop.PAGE_CODES[step.page]
    if step.event_type == "page_viewed":
        rows["page"] = draw_browsed_pages(rng, visitors, visits, visit)
        rows["dwell"] = draw_dwell(rng, visits.intent[visit])
    elif step.event_type == "products_searched":
        queries = len(shop.PROPERTIES["products_searched"]) // len(shop.CATEGORIES)
        query = rng.integers(queries, size=len(visit))
        rows["properties"] = (category * queries + query).astype(np.int16)
    elif step.event_type == "product_list_viewed":
        rows["page"] = (shop.FIRST_CATEGORY_PAGE + category).astype(np.int16)
    elif step.event_type.startswith("product_"):
        draw_viewed_products(rng, visits, visit, category, rows)
    return rows


def make_visit_rows(
    rng: np.random.Generator,
    visits: Visits,
    visit: Array,
    event_type: str,
    phase: float,
) -> Rows:
    """Rows of one event type, at its time of these visits."""
    offset = (phase + rng.random(len(visit))) * shop.PHASE_SECONDS
    return make_rows(
        len(visit),
        type=shop.TYPE_CODES[event_type],
        visitor=visits.visitor[visit],
        session=visit,
        occurred=visits.start[visit] + offset.astype(np.int64),
    )


def draw_browsed_pages(
    rng: np.random.Generator, visitors: Visitors, visits: Visits, visit: Array
) -> Array:
    """A page each; keen visitors plan and ask for prices, job seekers look for jobs."""
    weights = list(shop.BROWSED_PAGES.values())
    calm = choose(rng, [base for base, _ in weights], len(visit))
    keen = choose(rng, [base + slope for base, slope in weights], len(visit))
    pages = np.where(chance(rng, visits.intent[visit], len(visit)), keen, calm)
    seeks = visitors.are("job_seeker")[visits.visitor[visit]]
    seeks &= chance(rng, shop.JOB_SEEKER_CAREERS_SHARE, len(visit))
    return np.where(seeks, shop.PAGE_CODES["/careers"], pages).astype(np.int16)


def draw_dwell(rng: np.random.Generator, intent: Array) -> Array:
    """Seconds on a page: mostly under a minute, sometimes more than 20 minutes."""
    short = rng.lognormal(3.4, 0.9, len(intent)).clip(1, 1100)
    share = shop.LONG_VISIT_BASE + shop.LONG_VISIT_INTENT * intent
    long = rng.uniform(1201, 3600, len(intent))
    return np.round(np.where(chance(rng, share, len(intent)), long, short))


def draw_viewed_products(
    rng: np.random.Generator, visits: Visits, visit: Array, category: Array, rows: Rows
) -> None:
    """Fill in which products: the one in mind, others like it, or any."""
    mood = rng.random(len(visit))
    other = rng.integers(len(shop.CATEGORIES), size=len(visit))
    is_any = mood > shop.FAVOURITE_SHARE + shop.CATEGORY_SHARE
    product = draw_products(rng, np.where(is_any, other, category))
    product = np.where(mood < shop.FAVOURITE_SHARE, visits.product[visit], product)
    rows["product"] = product.astype(np.int16)
    rows["page"] = (shop.FIRST_PRODUCT_PAGE + product).astype(np.int16)


def draw_checkout_rows(
    rng: np.random.Generator, visits: Visits, carts: Rows
) -> list[Rows]:
    """What follows a filled cart: second thoughts, a checkout, an order."""
    rows_removed = chance(rng, shop.REMOVED_SHARE, count_rows(carts))
    has_cart = np.bincount(carts["session"], minlength=len(visits)) > 0
    views_cart = has_cart & chance(rng, shop.CART_VIEWED_SHARE, len(visits))
    leaves = has_cart & chance(rng, shop.CHECKOUT_SHARE, len(visits))
    visited = {
        ("cart_viewed", shop.CART_PHASE, "/cart"): views_cart,
        ("checkout_started", shop.CHECKOUT_PHASE, "/checkout"): (
            leaves | visits.has_order
        ),
        ("order_completed", shop.ORDER_PHASE, "/thank-you"): visits.has_order,
        ("coupon_redeemed", shop.CHECKOUT_PHASE, "/checkout"): (
            visits.has_order & chance(rng, shop.COUPON_SHARE, len(visits))
        ),
    }
    result = []
    for (event_type, phase, page), happens in visited.items():
        visit = np.flatnonzero(happens)
        rows = make_visit_rows(rng, visits, visit, event_type, phase)
        rows["page"][:] = shop.PAGE_CODES[page]
        if event_type in ("checkout_started", "order_completed"):
            rows["product"] = visits.product[visit].astype(np.int16)
        if event_type == "order_completed":
            rows["order"] = np.arange(len(visit), dtype=np.int32)
        result.append(rows)
    removed = {name: values[rows_removed] for name, values in carts.items()}
    removed["type"][:] = shop.TYPE_CODES["product_removed"]
    removed["occurred"] += shop.PHASE_SECONDS
    return [*result, removed]


def draw_identifying_rows(rng: np.random.Generator, visits: Visits) -> list[Rows]:
    """Sign-ups of all kinds, and the sign-in of those who have an account."""
    how = choose(rng, shop.SIGN_UP_WEIGHTS, len(visits))
    signs_up = visits.identifies & ~visits.has_order
    result = []
    for code, event_type in enumerate(shop.SIGN_UPS):
        visit = np.flatnonzero(signs_up & (how == code))
        rows = make_visit_rows(rng, visits, visit, event_type, shop.END_PHASE)
        rows["page"][:] = shop.PAGE_CODES[shop.SIGN_UP_PAGES[code]]
        result.append(rows)
    signed_in = np.flatnonzero(visits.is_signed_in)
    rows = make_visit_rows(rng, visits, signed_in, "signed_in", 0.0)
    rows["page"][:] = shop.PAGE_CODES["/account"]
    by_sms = np.flatnonzero(signs_up & chance(rng, shop.SMS_SHARE, len(visits)))
    sms_rows = make_visit_rows(rng, visits, by_sms, "sms_subscribed", shop.END_PHASE)
    is_told = visits.is_signed_in & (how == len(shop.SIGN_UPS) - 1)
    told = make_visit_rows(rng, visits, np.flatnonzero(is_told), "identified", 0.2)
    return [*result, rows, sms_rows, told]


def fill_visit_columns(
    rng: np.random.Generator,
    visitors: Visitors,
    visits: Visits,
    identities: Identities,
    rows: Rows,
) -> None:
    """Fill in what holds for a whole visit: browser, channel, and who it is."""
    visit, visitor = rows["session"], rows["visitor"]
    device = visits.device[visit]
    rows["anonymous"] = identities.anonymous[visitor] * VERSIONS + device
    rows["agent"] = visitors.agent[visitor].astype(np.int8)
    rows["channel"] = visits.channel[visit].astype(np.int8)
    rows["campaign"] = visits.campaign[visit].astype(np.int16)
    says_who = np.isin(
        rows["type"], [shop.TYPE_CODES[name] for name in shop.IDENTIFYING_TYPES]
    )
    tells = (says_who & visits.identifies[visit]) | visits.is_signed_in[visit]
    tells &= visits.is_signed_in[visit] | (
        rows["occurred"] - visits.start[visit]
        >= shop.CHECKOUT_PHASE * shop.PHASE_SECONDS
    )
    fill_identity(rng, identities, rows, tells, says_who)
    is_newsletter = rows["type"] == shop.TYPE_CODES["newsletter_subscribed"]
    rows["contact"][is_newsletter & (rows["email"] >= 0)] = -1


def fill_identity(
    rng: np.random.Generator,
    identities: Identities,
    rows: Rows,
    tells_contact: Array,
    tells_email: Array,
) -> None:
    """Fill in contact and email of the rows that carry them."""
    count, visitor = count_rows(rows), rows["visitor"]
    twin = identities.has_twin[visitor] & (rows["session"] % 2 == 1)
    contact = identities.contact[visitor] * VERSIONS + twin
    tells_contact = tells_contact & identities.has_contact[visitor]
    rows["contact"] = np.where(tells_contact, contact, -1).astype(np.int32)
    untidy = chance(rng, shop.MESSY_EMAIL_SHARE, count)
    email = identities.email[visitor] * VERSIONS + untidy
    may_tell = tells_contact | ~identities.has_contact[visitor]
    tells_email = tells_email & may_tell & identities.has_email[visitor]
    rows["email"] = np.where(tells_email, email, -1).astype(np.int32)
