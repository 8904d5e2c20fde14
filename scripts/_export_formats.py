"""The file each destination reads: headers, order, encoding and limits.

A leaf (`exp_<destination>__<things>`) has our names and types; a format says how its
rows become the lines that the destination's importer accepts.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import _normalization as normal

Row = Mapping[str, object]
Prepare = Callable[[Row], str]

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Field:
    """One column of a file: its header, the leaf's column, and how a cell is made."""

    header: str
    column: str
    prepare: Prepare
    is_hashed: bool = False


@dataclass(frozen=True)
class Format:
    """One kind of file. A limit that is None is not known to exist."""

    destination: str
    variant: str  # '' is the only or default one
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


def _text(column: str, rule: Callable[[str | None], str]) -> Prepare:
    def prepare(row: Row) -> str:
        value = row.get(column)
        return rule(None if value is None else str(value))

    return prepare


def _plain(header: str, column: str) -> Field:
    return Field(header, column, _text(column, normal.plain_text))


def _hashed(field: Field) -> Field:
    def prepare(row: Row) -> str:
        return normal.sha256_hex(field.prepare(row))

    return Field(field.header, field.column, prepare, is_hashed=True)


def _with_country(
    column: str, rule: Callable[[str | None, str | None], str]
) -> Prepare:
    def prepare(row: Row) -> str:
        value, country = row.get(column), row.get("country")
        return rule(
            None if value is None else str(value),
            None if country is None else str(country),
        )

    return prepare


def _birth_date(rule: Callable[[date | None], str]) -> Prepare:
    def prepare(row: Row) -> str:
        value = row.get("birth_date")
        return rule(value if isinstance(value, date) else None)

    return prepare


META_PLAIN = (
    Field("email", "email", _text("email", normal.meta_email)),
    Field("phone", "phone", _with_country("phone", normal.meta_phone)),
    Field("fn", "first_name", _text("first_name", normal.meta_name)),
    Field("ln", "last_name", _text("last_name", normal.meta_name)),
    Field("gen", "gender", _text("gender", normal.meta_gender)),
    Field("country", "country", _text("country", normal.meta_country)),
    Field("st", "region", _text("region", normal.meta_place)),
    Field("ct", "city", _text("city", normal.meta_place)),
    Field("zip", "postal_code", _with_country("postal_code", normal.meta_zip)),
    Field("dob", "birth_date", _birth_date(normal.meta_birth_date)),
)
META_REASON = "Meta needs 100 people from one country"

FORMATS: tuple[Format, ...] = (
    Format(
        "meta",
        "hashed",
        "exp_meta__audience_members",
        tuple(_hashed(field) for field in META_PLAIN),
        any_of=("email", "phone"),
        min_members=100,
        min_members_column="country",
        min_members_reason=META_REASON,
    ),
    Format(
        "meta",
        "plain",
        "exp_meta__audience_members",
        META_PLAIN,
        any_of=("email", "phone"),
        min_members=100,
        min_members_column="country",
        min_members_reason=META_REASON,
    ),
    Format(
        "hubspot",
        "",
        "exp_hubspot__contacts",
        (
            Field("Email", "email", _text("email", normal.meta_email)),
            Field("Phone Number", "phone", _with_country("phone", normal.e164_phone)),
            _plain("First Name", "first_name"),
            _plain("Last Name", "last_name"),
            _plain("Lead Score", "lead_score"),
        ),
        key=("Email",),
        any_of=("Email",),
        max_rows=1_048_575,
        max_bytes=512 * MEGABYTE,
    ),
)
