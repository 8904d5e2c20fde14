"""What the demo shop is made of: every word and every number, in one place."""

from typing import NamedTuple

TABLES = ("events", "contacts", "contact_attributes", "consents", "erasure_requests")

# ---------------------------------------------------------------------------------
# Size and time
# ---------------------------------------------------------------------------------
EVENTS_PER_BLOCK = 1_000_000  # made at a time: bounds the memory
PILOT_VISITORS = 4_000  # measure how many events a visitor makes
PARQUET_CONTACTS = 1_000_000  # more contact rows than this are written as Parquet
CONTACTS_PER_EVENT = 0.008  # about; decides between the two before the first row
DAY = 86_400
MONTH_WEIGHTS = (0.7, 0.8, 1.2, 1.5, 1.6, 1.3, 1.0, 0.9, 0.9, 0.8, 0.9, 1.0)
WEEKDAY_WEIGHTS = (1.0, 0.95, 0.95, 1.0, 0.9, 1.2, 1.4)  # Monday first
HOUR_WEIGHTS = (
    *(1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10),
    *(11, 10, 9, 9, 10, 12, 15, 18, 20, 18, 11, 4),
)
GROWTH = 0.9  # the last day brings this much more new visitors than the first


# ---------------------------------------------------------------------------------
# Visitors: every `every`-th one is of the kind, so that no shop lacks one
# ---------------------------------------------------------------------------------
class Kind(NamedTuple):
    """A kind of visitor beside the ordinary one."""

    name: str
    every: int
    first: int
    known: float  # chance to say who they are on their first visit
    can_order: bool
    intent: float  # added to the log-odds of their interest


KINDS = (
    Kind("ordinary", 1, 0, 0.0, True, 0.0),
    Kind("business", 40, 3, 0.05, True, 0.5),
    Kind("student", 70, 13, 0.30, True, -0.8),
    Kind("existing", 75, 19, 0.0, True, 0.8),
    Kind("offline", 90, 31, 0.0, True, 0.0),
    Kind("job_seeker", 110, 41, 0.20, False, -1.0),
    Kind("bot", 150, 29, 0.0, False, -9.0),
    Kind("whale", 200, 7, 0.5, True, 2.0),
    Kind("competitor", 400, 37, 0.9, False, 0.8),
    Kind("staff", 400, 11, 1.0, False, 0.5),
    Kind("tester", 900, 23, 1.0, True, 1.0),
)
KIND_CODES = {kind.name: code for code, kind in enumerate(KINDS)}

GARDEN_SHARE, OWNER_SHARE = 0.5, 0.5
BUDGETS = ("low", "medium", "high")
BUDGET_WEIGHTS = (0.35, 0.45, 0.20)
FIT_GARDEN, FIT_OWNER, FIT_CORE_COUNTRY = 0.5, 0.4, 0.25
FIT_BUDGET = (-0.5, 0.0, 0.6)
INTENT_BASE, INTENT_FIT, INTENT_PERSON, INTENT_MOOD = -2.4, 0.5, 0.8, 1.0
ORDER_BASE, ORDER_INTENT, ORDER_FIT, ORDER_PERSON = -6.1, 5.2, 0.5, 1.2
EPISODES_MEAN, EPISODE_GAP_DAYS, SESSION_GAP_DAYS = 0.4, 28.0, 1.8
EPISODES_PERSON = 1.0  # the keener somebody is by nature, the more often
WHALE_EPISODES, WHALE_AFFINITY = 2.0, 1.8
WHALE_HEAD_START = 3  # whales came early
SESSIONS_BASE, SESSIONS_INTENT = 0.35, 5.0
IDENTIFY_BASE, IDENTIFY_INTENT = 0.0015, 0.022
SIGNED_IN_SHARE, SECOND_DEVICE_SHARE, GUEST_SHARE = 0.6, 0.15, 0.12
SHARED_BROWSER_EVERY = 40  # of the known visitors: two of them on one browser
NO_EMAIL_EVERY, TWIN_EVERY = 35, 30
FAVOURITE_SHARE, CATEGORY_SHARE = 0.45, 0.3  # of the products looked at
BOT_VIEWS = 9.0
LONG_VISIT_BASE, LONG_VISIT_INTENT = 0.003, 0.03


# ---------------------------------------------------------------------------------
# What happens in a visit: Poisson(base + slope * intent), in this order of time
# ---------------------------------------------------------------------------------
class Step(NamedTuple):
    """An event type of a visit, how often it happens, when and on which page."""

    event_type: str
    phase: float
    base: float
    slope: float
    page: str = ""


STEPS = (
    Step("page_viewed", 0.0, 0.55, 0.3),  # and one more: nobody comes for nothing
    Step("video_watched", 0.5, 0.09, 0.0, "/blog/plant-tomatoes"),  # a decoy
    Step("products_searched", 1.0, 0.05, 1.7, "/search"),
    Step("product_list_viewed", 1.5, 0.45, 0.9),
    Step("product_viewed", 2.0, 0.35, 4.2),
    Step("product_added_to_wishlist", 3.5, 0.005, 0.22),
    Step("product_added", 4.0, 0.02, 0.85),
    Step("chat_started", 5.0, 0.004, 0.06),
    Step("file_downloaded", 5.0, 0.008, 0.16, "/garden-planner"),
    Step("survey_answered", 8.0, 0.004, 0.0, "/"),  # a decoy
    Step("social_followed", 8.0, 0.002, 0.02, "/"),
    Step("push_subscribed", 8.0, 0.003, 0.02, "/"),
    Step("form_submitted", 8.0, 0.004, 0.04, "/garden-planner"),
)
PHASE_SECONDS = 95
CART_PHASE, CHECKOUT_PHASE, ORDER_PHASE, END_PHASE = 5.5, 6.0, 7.0, 8.0
REMOVED_SHARE, CART_VIEWED_SHARE, CHECKOUT_SHARE, COUPON_SHARE = 0.1, 0.6, 0.35, 0.12

# How a visitor becomes known when it is not by an order
SIGN_UPS = ("newsletter_subscribed", "signed_up", "contact_form_submitted")
SIGN_UP_WEIGHTS = (0.5, 0.36, 0.14)
SIGN_UP_PAGES = ("/newsletter", "/account", "/contact")

REFUND_SHARE, CANCEL_SHARE, REVIEW_SHARE, TICKET_SHARE = 0.08, 0.02, 0.12, 0.05
SMS_SHARE = 0.05

EVENT_TYPES = (
    *(step.event_type for step in STEPS),
    *("product_removed", "cart_viewed", "checkout_started", "order_completed"),
    *("coupon_redeemed", "signed_up", "signed_in", "newsletter_subscribed"),
    *("contact_form_submitted", "sms_subscribed", "order_refunded"),
    *("order_cancelled", "product_reviewed", "support_ticket_opened"),
    *("email_sent", "email_delivered", "email_opened", "email_clicked"),
    *("email_unsubscribed", "email_bounced", "email_marked_spam", "campaign_mailed"),
    "identified",
)
TYPE_CODES = {name: code for code, name in enumerate(EVENT_TYPES)}


def display_name(event_type: str) -> str:
    """The name that a website tracker gives to an event type."""
    return event_type.replace("_", " ").title().replace(" To ", " to ")


UNMAPPED_NAMES = ("Experiment Viewed", "Cookie Banner Shown")
IDENTIFYING_TYPES = (
    *("signed_up", "signed_in", "newsletter_subscribed", "contact_form_submitted"),
    *("checkout_started", "order_completed", "identified"),
)

SOURCES = ("web", "email", "push", "crm", "shop")
SOURCE_CODES = {name: code for code, name in enumerate(SOURCES)}
TYPE_SOURCES = {
    **dict.fromkeys(("push_subscribed",), "push"),
    **dict.fromkeys(("survey_answered", "sms_subscribed", "campaign_mailed"), "crm"),
    **dict.fromkeys(("support_ticket_opened",), "crm"),
    **dict.fromkeys(("order_refunded", "order_cancelled", "product_reviewed"), "shop"),
    **dict.fromkeys(("coupon_redeemed",), "shop"),
    **{name: "email" for name in EVENT_TYPES if name.startswith("email_")},
}

# ---------------------------------------------------------------------------------
# Messages: chances per sent email; interest is the intent of a recent visit
# ---------------------------------------------------------------------------------
OPEN_BASE, OPEN_INTEREST = 0.13, 0.6
CLICK_BASE, CLICK_INTEREST = 0.12, 0.5
INTEREST_FADES_DAYS = 20.0
PROXY_SHARE, PROXY_FLAGGED_SHARE = 0.4, 0.6
BOUNCE_SHARE, UNSUBSCRIBE_SHARE, SPAM_SHARE = 0.006, 0.008, 0.0008
MAILABLE_SHARE = 0.82
PRINT_MAILING_EVERY = 8  # every 8th campaign goes out on paper, too: a decoy

# ---------------------------------------------------------------------------------
# Flaws that real feeds have: share of the rows, two at least
# ---------------------------------------------------------------------------------
DUPLICATE_SHARE, CONFLICT_SHARE, LATER_FILE_SHARE = 0.008, 0.1, 0.25
LATE_SHARE, LATE_DAYS = 0.01, 20
CLOCK_ERROR_SHARE = 0.0002
NO_TIME_SHARE = 0.0001
BLANK_IDENTIFIER_SHARE = 0.001
BLANK_EVENT_ID_SHARE = 0.0002
UNMAPPED_SHARE = 0.002
NEGATIVE_AMOUNT_SHARE = 0.004  # of the rows with an amount
UNKNOWN_CURRENCY_SHARE = 0.001  # of those, too
BLANK_CURRENCY_SHARE = 0.03
MESSY_EMAIL_SHARE = 0.06

# ---------------------------------------------------------------------------------
# The goods
# ---------------------------------------------------------------------------------
PRODUCTS_PER_CATEGORY = 50
CATEGORY_QUERIES = {
    "garden-furniture": ("garden table", "lounge set", "parasol", "bench teak"),
    "plants": ("lavender", "olive tree", "tomato seedlings", "hydrangea blue"),
    "tools": ("spade", "pruning shears", "cordless drill", "wheelbarrow"),
    "lawn": ("lawn mower", "robot mower", "grass seed", "scarifier"),
    "grills": ("gas grill", "charcoal", "pizza oven", "grill cover"),
    "lighting": ("solar lights", "pendant lamp", "outdoor lamp", "fairy lights"),
    "storage": ("garden shed", "shelf", "storage box", "bike shelter"),
    "living": ("sofa", "rug", "cushion", "dining chair"),
}
CATEGORIES = tuple(CATEGORY_QUERIES)
CATEGORY_PRICES = (180.0, 14.0, 35.0, 160.0, 150.0, 32.0, 110.0, 90.0)  # medians
PRICE_SPREAD, BASKET_SPREAD, WHALE_BASKET = 0.7, 0.5, 2.5
CURRENCIES = ("EUR", "USD", "GBP", "XTS", "")
UNKNOWN_CURRENCY, BLANK_CURRENCY = 3, 4

BROWSED_PAGES = {  # page: (weight, weight added by intent)
    "/": (5.0, 0.0),
    "/blog/plant-tomatoes": (1.0, 0.0),
    "/blog/balcony-ideas": (1.0, 0.0),
    "/blog/lawn-in-spring": (1.0, 0.0),
    "/stores": (0.5, 0.5),
    "/about": (0.4, 0.0),
    "/sale": (1.2, 0.5),
    "/garden-planner": (0.2, 2.0),
    "/financing": (0.1, 1.2),
    "/careers": (0.03, 0.0),
}
OTHER_PAGES = ("/search", "/cart", "/checkout", "/thank-you", *SIGN_UP_PAGES)
PAGES = (
    *BROWSED_PAGES,
    *OTHER_PAGES,
    *(f"/c/{category}" for category in CATEGORIES),
    *(
        f"/p/{category}-{number:02}"
        for category in CATEGORIES
        for number in range(PRODUCTS_PER_CATEGORY)
    ),
)
PAGE_CODES = {page: code for code, page in enumerate(PAGES)}
FIRST_CATEGORY_PAGE = PAGE_CODES[f"/c/{CATEGORIES[0]}"]
FIRST_PRODUCT_PAGE = FIRST_CATEGORY_PAGE + len(CATEGORIES)
JOB_SEEKER_CAREERS_SHARE = 0.6

PROPERTIES = {  # event type: the JSON texts that it may carry
    "products_searched": tuple(
        f'{{"query": "{query}"}}'
        for queries in CATEGORY_QUERIES.values()
        for query in queries
    ),
    "file_downloaded": tuple(
        f'{{"file": "{file}"}}'
        for file in ("garden-planner.pdf", "catalogue.pdf", "assembly-guide.pdf")
    ),
    "video_watched": ('{"seconds": 40}', '{"seconds": 95}', '{"seconds": 240}'),
    "social_followed": ('{"network": "instagram"}', '{"network": "pinterest"}'),
    "survey_answered": ('{"rating": 3}', '{"rating": 4}', '{"rating": 5}'),
    "product_reviewed": ('{"rating": 1}', '{"rating": 4}', '{"rating": 5}'),
    "form_submitted": ('{"form": "garden-quiz"}', '{"form": "callback"}'),
    "contact_form_submitted": ('{"form": "contact"}', '{"form": "quote"}'),
    "coupon_redeemed": ('{"coupon": "SPRING10"}', '{"coupon": "WELCOME5"}'),
    "order_completed": ('{"payment": "card"}', '{"payment": "invoice"}'),
    "product_list_viewed": ('{"sort": "price"}', '{"sort": "popular"}'),
    "order_refunded": ('{"cause": "damaged"}', '{"cause": "not as expected"}'),
    "campaign_mailed": ('{"medium": "print"}',),
}
PROPERTY_TEXTS = tuple(text for texts in PROPERTIES.values() for text in texts)

CHANNELS = (
    *("direct", "organic_search", "paid_search", "social", "referral", "email"),
    *("push", "crm", "store"),
)
CHANNEL_CODES = {name: code for code, name in enumerate(CHANNELS)}
VISIT_CHANNEL_WEIGHTS = (0.3, 0.34, 0.16, 0.1, 0.05, 0.05)
WEB_CAMPAIGNS = ("brand-search", "spring-sale", "retargeting", "garden-inspiration")

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.3 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/124.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
)
BROWSER_WEIGHTS = (0.32, 0.27, 0.14, 0.22, 0.05)
MACHINES = (
    "Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://crawler.example/bot.html)",
)
AGENTS = (*BROWSERS, *MACHINES)
IMAGE_PROXY, CRAWLER = len(BROWSERS), len(BROWSERS) + 1
