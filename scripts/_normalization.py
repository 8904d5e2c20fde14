"""What each platform wants a value to look like before it is written or hashed.

Pure functions. Nothing or a blank in, '' out; a value that cannot be read gives '' and
never a guess. Text is composed (Unicode NFC) first, so that an accent hashes alike
however it was typed, and loses what cannot be seen (control characters, byte order
marks, soft hyphens). Every function is idempotent.

The rules are those that the platforms publish; the documents are named by their titles.
Where an example there disagrees with its own rule, the function says which it follows.
"""

import math
import re
import unicodedata
from datetime import date
from functools import lru_cache
from hashlib import sha256

from _phone_numbers import REGIONS_ALSO_WRITTEN, e164_phone, international_phone

REMEMBERED = 16_384  # distinct values kept per rule: names and places repeat
JOINERS = "\u200c\u200d"  # invisible, but letters of Persian and Indian names need them
EMOJI = re.compile(
    "[\u200d\u20e3\u2600-\u27bf\u2b00-\u2bff\ufe0e\ufe0f"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)
# A missing value among them makes tools write whole numbers with a decimal.
DECIMAL = re.compile(r"([0-9]+)\.0")
FORMULA_STARTS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
US_STATE_NAMES = """
    alabama al alaska ak arizona az arkansas ar california ca colorado co connecticut ct
    delaware de districtofcolumbia dc florida fl georgia ga hawaii hi idaho id illinois
    il indiana in iowa ia kansas ks kentucky ky louisiana la maine me maryland md
    massachusetts ma michigan mi minnesota mn mississippi ms missouri mo montana mt
    nebraska ne nevada nv newhampshire nh newjersey nj newmexico nm newyork ny
    northcarolina nc northdakota nd ohio oh oklahoma ok oregon or pennsylvania pa
    rhodeisland ri southcarolina sc southdakota sd tennessee tn texas tx utah ut vermont
    vt virginia va washington wa washingtondc dc westvirginia wv wisconsin wi wyoming wy
"""


def _pairs(words: str) -> dict[str, str]:
    first, second = words.split()[::2], words.split()[1::2]
    return dict(zip(first, second, strict=True))


US_STATES = _pairs(US_STATE_NAMES)


# --- What every platform needs --------------------------------------------------------


def sha256_hex(value: str) -> str:
    """Return the SHA-256 of a value's UTF-8 bytes in lower hex, '' for ''."""
    return sha256(value.encode("utf-8", "replace")).hexdigest() if value else ""


@lru_cache(REMEMBERED)
def plain_text(value: str | None) -> str:
    """Return the text on one line: composed, spaces single, nothing invisible."""
    if not value:
        return ""
    if not value.isprintable():
        value = "".join(map(_visible, value))
    return " ".join(_composed(value).split())


@lru_cache(REMEMBERED)
def text_without_emoji(value: str | None) -> str:
    """Return the text on one line without emoji, for importers that stop at one."""
    return plain_text(EMOJI.sub("", plain_text(value)))


def email_address(email: str | None) -> str:
    """Trim and lower an address; dots and plus tags stay. '' unless one is there.

    An address with invisible characters gives '': to the warehouse it differs from the
    one without them, whose owner may have withdrawn consent or been erased.
    """
    address = " ".join((email or "").split())
    local, _, domain = address.rpartition("@")
    is_one = local and domain and " " not in address and address.isprintable()
    return _composed(_composed(address).lower()) if is_one else ""


@lru_cache(REMEMBERED)
def country_code(country: str | None) -> str:
    """Return two upper letters, ISO 3166-1 alpha-2; a country's name gives ''."""
    code = plain_text(country).upper()
    code = REGIONS_ALSO_WRITTEN.get(code, code)
    return code if re.fullmatch("[A-Z]{2}", code) else ""


@lru_cache(REMEMBERED)
def postal_code(value: str | None) -> str:
    """Return the code on one line; 8001.0, a code read as a number, gives 8001."""
    code = text_without_emoji(value)
    decimal = DECIMAL.fullmatch(code)
    return decimal[1] if decimal else code


def iso_date(value: date | None) -> str:
    """Return a date as YYYY-MM-DD."""
    return f"{value.year:04}-{value.month:02}-{value.day:02}" if value else ""


def amount(value: float | None) -> str:
    """Return an amount with two decimals and a point, '' where there is none."""
    return "" if value is None or not math.isfinite(value) else f"{value:z.2f}"


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _lower(value: str | None) -> str:
    """Return the text on one line in lower case, composed before and after."""
    if not value:
        return ""
    if value.isascii() and value.isprintable():
        return value.strip().lower()
    return _composed(plain_text.__wrapped__(value).lower())


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() or character in JOINERS else ""


# --- Meta: "Customer Information Parameters" and "How to format a customer list when
# creating a custom audience" ----------------------------------------------------------


def meta_email(email: str | None) -> str:
    """Trim and lower; dots and plus tags stay, also at gmail.com."""
    return email_address(email)


def meta_phone(phone: str | None, country: str | None) -> str:
    """Digits only with the country code: no plus, no symbols, no zeros in front."""
    return e164_phone(phone, country).removeprefix("+")


@lru_cache(REMEMBERED)
def meta_name(name: str | None) -> str:
    """Lower, without punctuation; accents and other alphabets stay, in UTF-8."""
    lowered = _lower(name)
    if lowered.isalpha():
        return lowered
    letters = (c for c in lowered if unicodedata.category(c)[0] not in "PS")
    return _composed(" ".join(EMOJI.sub("", "".join(letters)).split()))


@lru_cache(REMEMBERED)
def meta_place(place: str | None) -> str:
    """City: lower, without punctuation and spaces; accents stay."""
    return _composed(meta_name(place).replace(" ", ""))


@lru_cache(REMEMBERED)
def meta_state(region: str | None, country: str | None) -> str:
    """As a city; in the US the two letters of the state, also for its full name."""
    state = meta_place(region)
    return US_STATES.get(state, state) if country_code(country) == "US" else state


@lru_cache(REMEMBERED)
def meta_postal_code(code: str | None, country: str | None) -> str:
    """Lower, without spaces and dashes; in the US the first five digits.

    For the UK the document asks for area, district and sector, but its example is a
    whole postcode (m11ae); this follows the example.
    """
    code = "".join(filter(str.isalnum, _lower(postal_code(code))))
    return code[:5] if country_code(country) == "US" else code


@lru_cache(REMEMBERED)
def meta_country(country: str | None) -> str:
    """Two lower letters, ISO 3166-1 alpha-2."""
    return country_code(country).lower()


@lru_cache(REMEMBERED)
def meta_birth_date(value: date | None) -> str:
    """YYYYMMDD; years before 1900 are not accepted there."""
    return iso_date(value).replace("-", "") if value and value.year >= 1900 else ""


@lru_cache(REMEMBERED)
def meta_gender(gender: str | None) -> str:
    """Return m or f; there is no letter for anything else."""
    word = plain_text(gender).lower()
    return word[0] if word in ("m", "f", "male", "female") else ""


def meta_value(value: float | None) -> str:
    """Return LOOKALIKE_VALUE: a number that is not negative (clipped at 0).

    Rule: "Value-Based Lookalikes". Never hashed.
    """
    return amount(None if value is None else max(value, 0.0))


# --- Google: "Format user data" of the Data Manager API and "Format your customer data
# file" of Google Ads Help -------------------------------------------------------------


def google_email(email: str | None) -> str:
    """Trim and lower; dots and plus tag go at gmail.com and googlemail.com.

    The domain stays as it is: googlemail.com does not become gmail.com. The document
    has spaces inside removed, too; here they make it no address, as everywhere: without
    them it is somebody else's to the warehouse, who may have withdrawn or be erased.
    """
    address = email_address(email)
    if not address.endswith(("@gmail.com", "@googlemail.com")):
        return address
    local, _, domain = address.rpartition("@")
    local = local.split("+")[0].replace(".", "")
    return f"{local}@{domain}" if local else ""


def google_phone(phone: str | None, country: str | None) -> str:
    """E.164: a plus, the country code, the number."""
    return e164_phone(phone, country)


@lru_cache(REMEMBERED)
def google_name(name: str | None) -> str:
    """Lower and trimmed; accents and punctuation stay."""
    return _composed(plain_text(name).lower())


@lru_cache(REMEMBERED)
def google_country(country: str | None) -> str:
    """ISO 3166-1 alpha-2, never hashed."""
    return country_code(country)


@lru_cache(REMEMBERED)
def google_postal_code(code: str | None) -> str:
    """Trimmed, never hashed; US codes may have their four digits more."""
    return postal_code(code)


# --- Email and marketing tools --------------------------------------------------------


def mailchimp_birthday(value: date | None) -> str:
    """MM/DD. Rule: "Format Guidelines for Your Import File"."""
    return f"{value.month:02}/{value.day:02}" if value else ""


@lru_cache(REMEMBERED)
def tag(value: str | None) -> str:
    """Return one tag: no commas or quotes (they would make two), no emoji, 100 long.

    Rules: Mailchimp's "Format Guidelines for Your Import File"; ActiveCampaign's "How
    to prepare your CSV file for importing contacts" (tags are separated by commas).
    """
    return plain_text(re.sub('[,"]', " ", text_without_emoji(value)))[:100].strip()


# --- Spreadsheets: OWASP "CSV Injection" ----------------------------------------------


def spreadsheet_text(value: str | None) -> str:
    """Return text that no spreadsheet calculates: an apostrophe goes before = + - @."""
    text = plain_text(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def spreadsheet_words(value: str | None) -> str:
    """Return an id of ours as people read it: email opened, not email_opened."""
    return spreadsheet_text((value or "").replace("_", " "))


def spreadsheet_email(email: str | None) -> str:
    """Return an address that no spreadsheet calculates."""
    return spreadsheet_text(email_address(email))


def spreadsheet_phone(phone: str | None, country: str | None) -> str:
    """Return a number that a spreadsheet leaves alone: (+49) 171 3920054.

    A cell that begins with a plus would be calculated, and lose it.
    """
    code, _, rest = international_phone(e164_phone(phone, country)).partition(" ")
    return f"({code}) {rest}" if code else ""
