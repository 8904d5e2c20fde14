"""What each platform wants a value to look like before it is written or hashed.

Pure functions: nothing or a blank in, '' out; a value that cannot be read gives '' and
never a guess. Text is composed (Unicode NFC) first, so that an accent hashes alike
however it was typed. The rules follow what the platforms publish; each function names
the document by its title.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from hashlib import sha256

import phonenumbers

REMEMBERED = 65_536  # distinct values kept per rule: names and places repeat
GMAIL = ("gmail.com", "googlemail.com")


def sha256_hex(value: str) -> str:
    """Return the SHA-256 of a value's UTF-8 bytes in hex, '' for a blank value."""
    return sha256(value.encode()).hexdigest() if value else ""


@lru_cache(REMEMBERED)
def plain_text(value: str | None) -> str:
    """Return the text on one line: composed, spaces single, no control characters."""
    if not value:
        return ""
    composed = unicodedata.normalize("NFC", value)
    shown = (
        " " if character.isspace() else character
        for character in composed
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return " ".join("".join(shown).split())


def e164_phone(phone: str | None, country: str | None) -> str:
    """Return a number as +<country code><number>, '' unless it can exist.

    The row's country says how to read a number without a country code. ITU-T E.164, as
    libphonenumber implements it.
    """
    if not phone:
        return ""
    region = (country or "").strip().upper() or None
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def iso_date(value: date | None) -> str:
    """Return a date as YYYY-MM-DD."""
    return f"{value:%Y-%m-%d}" if value else ""


# --- Meta: "How to format a customer list when creating a custom audience" ------------


def meta_email(email: str | None) -> str:
    """Trim and lower; dots and plus tags stay."""
    return unicodedata.normalize("NFC", email).strip().lower() if email else ""


def meta_phone(phone: str | None, country: str | None) -> str:
    """Digits only with the country code: no plus, no zeros in front."""
    return e164_phone(phone, country).removeprefix("+")


@lru_cache(REMEMBERED)
def meta_name(name: str | None) -> str:
    """Lower, without punctuation; accents stay."""
    if not name:
        return ""
    return " ".join(
        "".join(
            c
            for c in unicodedata.normalize("NFC", plain_text(name).lower())
            if not unicodedata.category(c).startswith(("P", "S"))
        ).split()
    )


@lru_cache(REMEMBERED)
def meta_place(place: str | None) -> str:
    """City or state: lower, without spaces and punctuation."""
    return meta_name(place).replace(" ", "")


@lru_cache(REMEMBERED)
def meta_zip(postal_code: str | None, country: str | None) -> str:
    """Lower, without spaces and dash; in the US the first five digits."""
    code = re.sub(r"[\s\-]", "", plain_text(postal_code)).lower()
    return code[:5] if meta_country(country) == "us" else code


@lru_cache(REMEMBERED)
def meta_country(country: str | None) -> str:
    """Two lower letters, ISO 3166-1 alpha-2."""
    code = plain_text(country).lower()
    return code if re.fullmatch("[a-z]{2}", code) else ""


@lru_cache(REMEMBERED)
def meta_birth_date(value: date | None) -> str:
    """YYYYMMDD."""
    return f"{value:%Y%m%d}" if value else ""


@lru_cache(REMEMBERED)
def meta_gender(gender: str | None) -> str:
    """Return m or f."""
    word = plain_text(gender).lower()
    return {"male": "m", "m": "m", "female": "f", "f": "f"}.get(word, "")
