"""The file each destination reads: headers, order, date and phone formats, limits.

A leaf (`exp_<destination>__<things>`) has our names and types; a format says how its
rows become lines that the destination's importer accepts. Where no limit is documented
the one here is a choice and says so: smaller files are always accepted. Sizes count
in decimal megabytes, the smaller reading of "MB".
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import _normalization as normal
from _phone_numbers import e164_phone

Row = Mapping[str, object]
Prepare = Callable[[Row], str]
Rule = Callable[..., str]

MEGABYTE = 1_000_000
UNDOCUMENTED_BYTES = 10 * MEGABYTE  # no limit found: small enough for any form


@dataclass(frozen=True)
class Field:
    """One column of a file: its header, the leaf's column, and how a cell is made.

    `prepare` receives the whole row, because a phone needs the country.
    """

    header: str
    column: str
    prepare: Prepare
    is_hashed: bool = False


@dataclass(frozen=True)
class Format:
    """One kind of file. A limit that is None is not one."""

    destination: str
    variant: str  # '' where a destination has one format; its first is the default
    leaf: str
    fields: tuple[Field, ...]
    # Headers by which the destination knows a record; () is the whole row.
    key: tuple[str, ...] = ()
    # Headers of which one at least must be filled, else the line can reach nobody.
    any_of: tuple[str, ...] = ()
    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    encoding: str = "utf-8"
    newline: str = "\n"
    max_rows: int | None = None  # of one file, its header line not counted
    max_bytes: int | None = None  # of one file, its header line counted
    # Fewer members than this are of no use there, and why.
    min_members: int = 0
    min_members_column: str = ""  # counted within each value of this leaf column
    min_members_reason: str = ""

    def header(self) -> list[str]:
        """Return the cells of the header line."""
        return [field.header for field in self.fields]

    def line(self, row: Row) -> list[str]:
        """Return the cells that a row of the leaf becomes."""
        return [field.prepare(row) for field in self.fields]

    def too_few(self, members: Mapping[str, int]) -> str:
        """Return why so few members are of no use there, '' where they are enough.

        `members` counts them by the value of `min_members_column`, or all under ''.
        """
        counts = members.values()
        most = max(counts, default=0) if self.min_members_column else sum(counts)
        return self.min_members_reason if most < self.min_members else ""


# --- How a field is made --------------------------------------------------------------


def _field(header: str, columns: str, rule: Rule) -> Field:
    """Return a field whose cell is the rule of one leaf column, or of two."""
    column, *others = columns.split()
    if not others:
        return Field(header, column, lambda row: rule(row[column]))
    (other,) = others
    return Field(header, column, lambda row: rule(row[column], row[other]))


def _hashed(header: str, columns: str, rule: Rule) -> Field:
    """Return a field as above, hashed; rules that remember then remember the hash."""
    plain: Rule = getattr(rule, "__wrapped__", rule)

    def digest(*values: object) -> str:
        return normal.sha256_hex(plain(*values))

    remembers = plain is not rule
    made = _field(
        header, columns, lru_cache(normal.REMEMBERED)(digest) if remembers else digest
    )
    return Field(made.header, made.column, made.prepare, is_hashed=True)


def _text(header: str, column: str) -> Field:
    return _field(header, column, normal.plain_text)


def _number(header: str, column: str) -> Field:
    return _field(header, column, _whole)


def _whole(value: Any) -> str:
    return "" if value is None else str(value)


# --- Meta: "How to format a customer list when creating a custom audience" ------------
# CSV or TXT with these headers, plain or SHA-256. It names no limit of rows or bytes
# (the 10,000 records at a time of "Customer File Custom Audiences" are the API's), so
# the size is a choice. Consent, audience and terms are checked on upload.

META_FIELDS = (
    ("email", "email", normal.meta_email),
    ("phone", "phone country", normal.meta_phone),
    ("fn", "first_name", normal.meta_name),
    ("ln", "last_name", normal.meta_name),
    ("gen", "gender", normal.meta_gender),
    ("dob", "birth_date", normal.meta_birth_date),
    ("ct", "city", normal.meta_place),
    ("st", "region country", normal.meta_state),
    ("zip", "postal_code country", normal.meta_postal_code),
    ("country", "country", normal.meta_country),
)
META_PLAIN = tuple(_field(*field) for field in META_FIELDS)
META_HASHED = tuple(_hashed(*field) for field in META_FIELDS)
META_BYTES = 100 * MEGABYTE


def _meta(
    destination: str, variant: str, leaf: str, fields: tuple[Field, ...], reason: str
) -> Format:
    return Format(
        destination,
        variant,
        leaf,
        fields,
        any_of=("email", "phone"),
        max_bytes=META_BYTES,
        min_members=100,
        min_members_column="country",
        min_members_reason=reason,
    )


META = (
    # "Avoid lists of fewer than 100 people"; "About lookalike audiences": at least 100
    # people from a single country to use it as the basis for a lookalike audience.
    *(
        _meta(
            "meta",
            variant,
            "exp_meta__audience_members",
            fields,
            "Meta wants at least 100 people from one country in an audience",
        )
        for variant, fields in (("hashed", META_HASHED), ("plain", META_PLAIN))
    ),
    # "Value-Based Lookalikes": LOOKALIKE_VALUE is a number that is not negative.
    _meta(
        "meta_lookalike",
        "",
        "exp_meta_lookalike__customers",
        (*META_HASHED, _field("LOOKALIKE_VALUE", "value", normal.meta_value)),
        "Meta needs at least 100 people from one country to find others like them",
    ),
)

# --- Google Ads: "Format your customer data file" -------------------------------------
# Comma-separated, UTF-8 or ASCII, exactly these English headers; Country and Zip are
# never hashed. "Upload data files and manage your Customer Match audiences" named 5 GB;
# today's edition names no limit. "Lookalike audience segments" asks for 1,000 active
# matched people (one edition for 100: the larger number is safe).

GOOGLE = Format(
    "google",
    "",
    "exp_google__customers",
    (
        _hashed("Email", "email", normal.google_email),
        _hashed("Phone", "phone country", normal.google_phone),
        _hashed("First Name", "first_name", normal.google_name),
        _hashed("Last Name", "last_name", normal.google_name),
        _field("Country", "country", normal.google_country),
        _field("Zip", "postal_code", normal.google_postal_code),
    ),
    any_of=("Email", "Phone"),
    max_bytes=5_000 * MEGABYTE,
    min_members=1_000,
    min_members_reason="Google needs at least 1,000 matched people to find others like"
    " them",
)

# --- Tools that know a person by email ------------------------------------------------
# Each importer maps headers to fields. What a tool has no field of its own for (score,
# stage, next action, segment) goes to custom fields of one name everywhere, spelled as
# the tool spells its fields. Only the segment's audience is a tag: an import adds tags
# and never takes one away, so that a temperature among them would go stale.

CUSTOM_FIELDS = (
    ("Lead Audience", "audience"),
    ("Lead Score", "lead_score"),
    ("Engagement Score", "engagement_score"),
    ("Fit Score", "fit_score"),
    ("Lead Stage", "stage"),
    ("Lead Temperature", "temperature"),
    ("Lead Cell", "cell"),
    ("Next Action", "next_action"),
    ("Price Tier", "price_tier"),
    ("Top Reason", "top_reason_1"),
    ("Orders Count", "orders_count"),
    ("Orders Amount", "orders_amount"),
    ("Last Activity Date", "last_activity_date"),
)
CELLS: dict[str, Rule] = {
    "lead_score": _whole,
    "engagement_score": _whole,
    "fit_score": _whole,
    "orders_count": _whole,
    "orders_amount": normal.amount,
    "last_activity_date": normal.iso_date,
}


def _custom_fields(
    spelled: Callable[[str], str] = str, text: Rule = normal.plain_text
) -> tuple[Field, ...]:
    return tuple(
        _field(spelled(header), column, CELLS.get(column, text))
        for header, column in CUSTOM_FIELDS
    )


def _upper(header: str) -> str:
    return header.upper().replace(" ", "_")


def _hyphened(header: str) -> str:
    return header.lower().replace(" ", "-")


# "Set up import files": UTF-8; 20 MB on the free tools (512 MB and 1,048,576 rows on
# paid subscriptions): the smaller holds for everyone. Headers are the default labels of
# contact properties; dates YYYY-MM-DD, phones with country code.
HUBSPOT = Format(
    "hubspot",
    "",
    "exp_hubspot__contacts",
    (
        _field("Email", "email", normal.email_address),
        _text("First Name", "first_name"),
        _text("Last Name", "last_name"),
        _field("Phone Number", "phone country", e164_phone),
        _text("Company Name", "company"),
        _text("Job Title", "job_title"),
        _text("City", "city"),
        _text("State/Region", "region"),
        _field("Postal Code", "postal_code", normal.postal_code),
        _field("Country/Region", "country", normal.country_code),
        _text("Gender", "gender"),
        _field("Date of Birth", "birth_date", normal.iso_date),
        _text("Preferred Language", "language"),
        *_custom_fields(),
    ),
    key=("Email",),
    any_of=("Email",),
    max_rows=500_000,
    max_bytes=20 * MEGABYTE,
)

# "Create a file to import your contacts": UTF-8, comma, semicolon or tab, at most
# 250 MB, no limit of rows. The default attributes are EMAIL, FIRSTNAME, LASTNAME and
# SMS (names follow the account's language); a phone needs its country code.
BREVO = Format(
    "brevo",
    "",
    "exp_brevo__contacts",
    (
        _field("EMAIL", "email", normal.email_address),
        _field("SMS", "phone country", e164_phone),
        _text("FIRSTNAME", "first_name"),
        _text("LASTNAME", "last_name"),
        _text("GENDER", "gender"),
        _field("BIRTH_DATE", "birth_date", normal.iso_date),
        _text("CITY", "city"),
        _text("REGION", "region"),
        _field("POSTAL_CODE", "postal_code", normal.postal_code),
        _field("COUNTRY", "country", normal.country_code),
        _text("LANGUAGE", "language"),
        _text("COMPANY", "company"),
        _text("JOB_TITLE", "job_title"),
        *_custom_fields(_upper),
    ),
    key=("EMAIL",),
    any_of=("EMAIL",),
    delimiter=";",
    max_bytes=250 * MEGABYTE,
)

# "Format Guidelines for Your Import File": birthdays MM/DD, other dates YYYY-MM-DD,
# phones for SMS in E.164, tags separated by commas and without emoji. Zip fields hold
# US codes only: the postal code is a text field. No limit of bytes found.
MAILCHIMP = Format(
    "mailchimp",
    "",
    "exp_mailchimp__members",
    (
        _field("Email Address", "email", normal.email_address),
        _text("First Name", "first_name"),
        _text("Last Name", "last_name"),
        _field("Phone Number", "phone country", e164_phone),
        _field("Birthday", "birth_date", normal.mailchimp_birthday),
        _field("Tags", "audience", normal.tag),
        _text("Company", "company"),
        _text("Job Title", "job_title"),
        _text("City", "city"),
        _text("Region", "region"),
        _field("Postal Code", "postal_code", normal.postal_code),
        _field("Country", "country", normal.country_code),
        _text("Language", "language"),
        _text("Gender", "gender"),
        *_custom_fields(),
    ),
    key=("Email Address",),
    any_of=("Email Address",),
    max_bytes=UNDOCUMENTED_BYTES,
)

# "How to prepare your CSV file for importing contacts in ActiveCampaign": dates
# YYYY-MM-DD (anything else becomes 1899), special characters in double quotes, no line
# breaks, no emoji (one may stop the import), tags separated by commas, rows without a
# unique email are skipped. It says to break up large files and not how large.
ACTIVECAMPAIGN = Format(
    "activecampaign",
    "",
    "exp_activecampaign__contacts",
    (
        _field("Email", "email", normal.email_address),
        _field("First Name", "first_name", normal.text_without_emoji),
        _field("Last Name", "last_name", normal.text_without_emoji),
        _field("Phone", "phone country", e164_phone),
        _field("Account", "company", normal.text_without_emoji),
        _field("Job Title", "job_title", normal.text_without_emoji),
        _field("Tags", "audience", normal.tag),
        _field("City", "city", normal.text_without_emoji),
        _field("Region", "region", normal.text_without_emoji),
        _field("Postal Code", "postal_code", normal.postal_code),
        _field("Country", "country", normal.country_code),
        _field("Language", "language", normal.text_without_emoji),
        _field("Gender", "gender", normal.text_without_emoji),
        _field("Birth Date", "birth_date", normal.iso_date),
        *_custom_fields(text=normal.text_without_emoji),
    ),
    key=("Email",),
    any_of=("Email",),
    quoting=csv.QUOTE_ALL,
    max_bytes=UNDOCUMENTED_BYTES,
)

# "How to create and add subscribers to a new list": at most 50 MB, the first header is
# Email, dates YYYY-MM-DD, phones in E.164. "Troubleshooting list imports": no email and
# no phone number twice in a file.
KLAVIYO = Format(
    "klaviyo",
    "",
    "exp_klaviyo__profiles",
    (
        _field("Email", "email", normal.email_address),
        _field("Phone Number", "phone country", e164_phone),
        _text("First Name", "first_name"),
        _text("Last Name", "last_name"),
        _text("Organization", "company"),
        _text("Title", "job_title"),
        _text("City", "city"),
        _text("Region", "region"),
        _field("Zip Code", "postal_code", normal.postal_code),
        _field("Country", "country", normal.country_code),
        _text("Language", "language"),
        _text("Gender", "gender"),
        _field("Birthday", "birth_date", normal.iso_date),
        *_custom_fields(),
    ),
    key=("Email",),
    any_of=("Email",),
    max_bytes=50 * MEGABYTE,
)

# "Importing contacts": comma-separated, headers are the ids of contact fields, which
# exist before (the system's begin with an underscore); a phone, date or number must be
# filled in every row of a file or in none. So there is no phone and no birth date here,
# and the last activity (which may be none) stays out. Whole numbers must not begin with
# 0: lead-score, engagement-score, fit-score and orders-count are fields of the type
# Decimal. No limit of rows or bytes found.
CONNECTIF = Format(
    "connectif",
    "",
    "exp_connectif__contacts",
    (
        _field("_email", "email", normal.email_address),
        _text("_name", "first_name"),
        _text("_surname", "last_name"),
        *(
            field
            for field in _custom_fields(_hyphened)
            if field.column != "last_activity_date"
        ),
    ),
    key=("_email",),
    any_of=("_email",),
    max_bytes=UNDOCUMENTED_BYTES,
)

# --- A repricing tool and the sales team: our own headers -----------------------------

PRICING = (
    Format(
        "pricing",
        "leads",
        "exp_pricing__leads",
        (
            _text("lead_id", "lead_id"),
            _text("segment", "segment"),
            _text("price_tier", "price_tier"),
            _text("cell", "cell"),
        ),
        key=("lead_id", "segment"),
    ),
    Format(
        "pricing",
        "segments",
        "exp_pricing__segments",
        (
            _text("segment", "segment"),
            _text("audience", "audience"),
            _text("price_tier", "price_tier"),
            _number("leads_count", "leads_count"),
        ),
        key=("segment", "price_tier"),
    ),
)

# People open this one by a double click: a byte order mark tells Excel that it is
# UTF-8, semicolons are what it expects where a comma is the decimal sign, and no cell
# may be a formula. "Excel specifications and limits": 1,048,576 rows of a worksheet.
SALES = Format(
    "sales",
    "",
    "exp_sales__hot_leads",
    (
        _field("Lead ID", "lead_id", normal.spreadsheet_text),
        _field("Entered On", "entered_on", normal.iso_date),
        _number("Lead Score", "lead_score"),
        _field("First Name", "first_name", normal.spreadsheet_text),
        _field("Last Name", "last_name", normal.spreadsheet_text),
        _field("Email", "email", normal.spreadsheet_email),
        _field("Phone", "phone country", normal.spreadsheet_phone),
        _field("Country", "country", normal.country_code),
        _field("Company", "company", normal.spreadsheet_text),
        _field("Job Title", "job_title", normal.spreadsheet_text),
        _field("Lead Stage", "stage", normal.spreadsheet_text),
        _field("Lead Cell", "cell", normal.spreadsheet_text),
        _field("Next Action", "next_action", normal.spreadsheet_text),
        _field("Top Reason", "top_reason_1", normal.spreadsheet_text),
        _field("Second Reason", "top_reason_2", normal.spreadsheet_text),
        _field("Third Reason", "top_reason_3", normal.spreadsheet_text),
        _field("Last Action", "last_action", normal.spreadsheet_words),
        _field("Last Action Date", "last_action_date", normal.iso_date),
    ),
    key=("Lead ID", "Entered On"),
    any_of=("Email", "Phone"),
    delimiter=";",
    encoding="utf-8-sig",
    newline="\r\n",
    max_rows=1_048_575,
)

FORMATS: tuple[Format, ...] = (
    *META,
    GOOGLE,
    HUBSPOT,
    BREVO,
    MAILCHIMP,
    ACTIVECAMPAIGN,
    KLAVIYO,
    CONNECTIF,
    *PRICING,
    SALES,
)
