"""Phone numbers as E.164, judged as by libphonenumber, fast enough for a million rows.

`phonenumbers` needs some 20 microseconds to read a number and to judge it. What people
and shops mostly write (digits, the usual punctuation, perhaps a plus) is read here from
the same published patterns in a fraction of that. The shortcut answers only where each
step of the library has one possible outcome, and leaves everything else to the library.
tests/python/test_normalization.py compares the two.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

REGIONS_ALSO_WRITTEN = {"UK": "GB", "EL": "GR"}
PUNCTUATION = str.maketrans("", "", " -()./")
LONGEST_COUNTRY_CODE = 3
KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
NEVER = re.compile(r"(?!)")
# A missing value among them makes tools write whole numbers with a decimal.
DECIMAL = re.compile(r"\s*(\+?[0-9]{6,})\.0\s*")


def e164_phone(phone: str | None, country: str | None) -> str:
    """Return a number as +<country code><number>, '' unless it can be in service.

    The country (ISO 3166-1 alpha-2) says how to read a number without country code. A
    number that no operator could have assigned, or that cannot be read without a guess,
    gives ''. Rule: ITU-T E.164.
    """
    if not phone:
        return ""
    region = (country or "").strip().upper()
    region = REGIONS_ALSO_WRITTEN.get(region, region)
    if decimal := DECIMAL.fullmatch(phone):
        phone = decimal[1]  # read as a digit, the 0 would make it somebody else's
    number = read_quickly(phone, region)
    return read_by_library(phone, region) if number is None else number


def international_phone(e164: str) -> str:
    """Return an E.164 number spaced as people write it abroad, '' for ''."""
    if not e164:
        return ""
    number = phonenumbers.parse(e164, None)
    international = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, international)


def read_by_library(phone: str, region: str) -> str:
    """Return the number in E.164, '' if the library does not accept it."""
    try:
        number = phonenumbers.parse(phone, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_quickly(phone: str, region: str) -> str | None:
    """Return what the library would say, None where the library must be asked."""
    digits = phone.translate(PUNCTUATION)
    has_plus = digits.startswith("+")
    if has_plus:
        digits = digits[1:]
    if not (7 <= len(digits) <= 17 and digits.isascii() and digits.isdigit()):
        return None
    if has_plus:
        return _read_international(digits)
    plan = _plan_of_region(region)
    if plan is None:
        return None
    abroad = plan.abroad.match(digits)
    if abroad:
        return _read_international(digits[abroad.end() :])
    # With or without country code? The library weighs both.
    return None if digits.startswith(plan.country_code) else plan.read(digits)


def _read_international(digits: str) -> str | None:
    if digits.startswith("0"):
        return None
    for length in range(1, LONGEST_COUNTRY_CODE + 1):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or 0))
        if regions:
            plan = _plan_of_region(regions[0])
            return plan.read(digits[length:]) if plan else None
    return None


class _Plan:
    """The numbering plan of one region, its patterns compiled once."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        self.country_code = str(metadata.country_code)
        self.abroad = _compiled(metadata.international_prefix)
        self.trunk = _compiled(metadata.national_prefix_for_parsing)
        self.rewrites = bool(metadata.national_prefix_transform_rule)
        self.leading = _compiled(metadata.leading_digits)
        general = metadata.general_desc
        assert general is not None
        self.general = _compiled(general.national_number_pattern)
        kinds = [kind for name in KINDS if (kind := getattr(metadata, name))]
        self.assigned = {
            length: _pattern_of_length(length, kinds)
            for length in general.possible_length
        }

    def read(self, digits: str) -> str | None:
        """Return national digits in E.164, '' if unassigned, None if not certain."""
        trunk = self.trunk.match(digits)
        if trunk:
            digits = digits[trunk.end() :]
            possible = len(digits) in self.assigned and self.general.fullmatch(digits)
            if self.rewrites or not possible:
                return None
        if len(digits) < 2:
            return None
        for plan in _plans_of_code(self.country_code):
            if plan.leading is NEVER:
                if plan.has(digits):
                    return f"+{self.country_code}{digits}"
            elif plan.leading.match(digits):
                return f"+{self.country_code}{digits}" if plan.has(digits) else ""
        return ""

    def has(self, digits: str) -> bool:
        """Whether the region could have assigned this number."""
        pattern = self.assigned.get(len(digits), NEVER)
        return bool(pattern.fullmatch(digits) and self.general.fullmatch(digits))


def _compiled(pattern: str | None) -> re.Pattern[str]:
    return re.compile(pattern) if pattern else NEVER


def _pattern_of_length(length: int, kinds: list[PhoneNumberDesc]) -> re.Pattern[str]:
    patterns = [
        f"(?:{kind.national_number_pattern})"
        for kind in kinds
        if kind.national_number_pattern
        and (not kind.possible_length or length in kind.possible_length)
    ]
    return _compiled("|".join(patterns))


@lru_cache(1024)  # a country column may hold anything
def _plan_of_region(region: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region, None) if region else None
    return _Plan(metadata) if metadata else None


@lru_cache(1024)
def _plans_of_code(country_code: str) -> tuple[_Plan, ...]:
    regions = COUNTRY_CODE_TO_REGION_CODE[int(country_code)]
    return tuple(plan for region in regions if (plan := _plan_of_region(region)))
