"""Each destination's file is, byte for byte, the golden file that was made by hand."""

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from _export_formats import FORMATS, META_FIELDS, Format
from _normalization import sha256_hex

GOLDEN = Path(__file__).parent / "golden"
SCRIPT = Path(__file__).parents[2] / "scripts" / "_export_formats.py"
Row = dict[str, object]

PEOPLE: tuple[Row, ...] = (
    {  # German, everything is known
        "export_id": "spring:c-1",
        "lead_id": "c-1",
        "segment": "spring",
        "audience": 'Spring, "new"',
        "email": " Zoe.OConnor+Shop@Gmail.com ",
        "phone": "0171 3920054",
        "first_name": "Zoë",
        "last_name": "O'Connor-Łuż",
        "gender": "female",
        "country": "DE",
        "region": "Baden-Württemberg",
        "city": "Villingen-Schwenningen",
        "postal_code": "78048",
        "language": "de",
        "company": 'Kraut &\nRüben "Bio"; Söhne, GmbH',
        "job_title": 'Head of "Garden", R&D',
        "stage": "loyal",
        "temperature": "hot",
        "cell": "A1-loyal",
        "next_action": "Invite to the loyalty club",
        "price_tier": "premium",
        "top_reason_1": "Placed orders",
        "top_reason_2": "Has a garden",
        "top_reason_3": None,
        "last_action": "order_completed",
        "lead_score": 90,
        "engagement_score": 88,
        "fit_score": 70,
        "orders_count": 4,
        "orders_amount": 512.5,
        "value": 512.5,
        "birth_date": date(1980, 2, 9),
        "last_activity_date": date(2026, 5, 29),
        "last_action_date": date(2026, 5, 29),
        "entered_on": date(2026, 5, 30),
    },
    {  # American, no phone and no dates, an accent typed apart, formulas
        "export_id": "spring:c-2",
        "lead_id": "c-2",
        "segment": "spring",
        "audience": 'Spring, "new"',
        "email": "valery@firm.example",
        "phone": None,
        "first_name": "Vale\u0301ry",
        "last_name": "D\u2019Arcy 🌻",
        "gender": "male",
        "country": "US",
        "region": "California",
        "city": "San Jose\u0301",
        "postal_code": "94035-1234",
        "language": "en",
        "company": "=cmd()",
        "job_title": "@boss",
        "stage": "visitor",
        "temperature": "cold",
        "cell": "D4-visitor",
        "next_action": "Leave in the newsletter",
        "price_tier": "standard",
        "top_reason_1": None,
        "top_reason_2": None,
        "top_reason_3": None,
        "last_action": None,
        "lead_score": 0,
        "engagement_score": 0,
        "fit_score": 0,
        "orders_count": 0,
        "orders_amount": 0.0,
        "value": -3.0,
        "birth_date": None,
        "last_activity_date": None,
        "last_action_date": None,
        "entered_on": date(2026, 5, 30),
    },
    {  # British, another alphabet, quotes and a delimiter, no value
        "export_id": "spring:c-3",
        "lead_id": "c-3",
        "segment": "spring",
        "audience": 'Spring, "new"',
        "email": "KIM@firm.example",
        "phone": "0044 (0)20 7946 0018",
        "first_name": "정",
        "last_name": 'Kim "Smith"',
        "gender": "diverse",
        "country": "GB",
        "region": "England",
        "city": "St. John's",
        "postal_code": "M1 1AE",
        "language": "en",
        "company": None,
        "job_title": "Gardener; freelance",
        "stage": "considering",
        "temperature": "warm",
        "cell": "C3-considering",
        "next_action": "Remind of the cart",
        "price_tier": "standard",
        "top_reason_1": "Viewed products, often",
        "top_reason_2": None,
        "top_reason_3": None,
        "last_action": "product_viewed",
        "lead_score": 7,
        "engagement_score": 5,
        "fit_score": 9,
        "orders_count": 1,
        "orders_amount": 20.0,
        "value": None,
        "birth_date": date(1955, 12, 31),
        "last_activity_date": date(2026, 5, 1),
        "last_action_date": date(2026, 5, 1),
        "entered_on": date(2026, 5, 30),
    },
)
TIERS: tuple[Row, ...] = tuple(
    {
        "segment": "spring",
        "audience": 'Spring, "new"',
        "price_tier": price_tier,
        "leads_count": leads_count,
    }
    for price_tier, leads_count in (("premium", 1), ("standard", 2))
)
DEFAULTS = {next(f for f in FORMATS if f.destination == d.destination) for d in FORMATS}


def name(chosen: Format) -> str:
    """The destination, and the variant unless it is the default."""
    default = chosen in DEFAULTS
    return chosen.destination if default else f"{chosen.destination}_{chosen.variant}"


def golden(chosen: Format) -> Path:
    return GOLDEN / f"{name(chosen)}.csv"


def rows(chosen: Format) -> tuple[Row, ...]:
    return TIERS if chosen.leaf == "exp_pricing__segments" else PEOPLE


def lines(chosen: Format) -> list[list[str]]:
    return [chosen.header(), *map(chosen.line, rows(chosen))]


every_format = pytest.mark.parametrize("chosen", FORMATS, ids=name)


# -------------------------------------------------------------------------- the files


@every_format
def test_file_is_the_golden_file(chosen: Format) -> None:
    written = io.StringIO(newline="")
    csv.writer(
        written,
        delimiter=chosen.delimiter,
        quoting=chosen.quoting,  # type: ignore[arg-type]
        lineterminator=chosen.newline,
    ).writerows(lines(chosen))
    assert written.getvalue().encode(chosen.encoding) == golden(chosen).read_bytes()


@every_format
def test_python_reads_the_golden_file_back(chosen: Format) -> None:
    with golden(chosen).open(encoding=chosen.encoding, newline="") as file:
        read = list(csv.reader(file, delimiter=chosen.delimiter, strict=True))
    assert read == lines(chosen)


@every_format
def test_duckdb_reads_the_golden_file_back(chosen: Format) -> None:
    relation = duckdb.read_csv(
        str(golden(chosen)),
        header=True,
        all_varchar=True,
        delimiter=chosen.delimiter,
        quotechar='"',
        escapechar='"',
    )
    read = [
        ["" if cell is None else cell for cell in row] for row in relation.fetchall()
    ]
    assert [relation.columns, *read] == lines(chosen)


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {
        golden(chosen).name for chosen in FORMATS
    }


# ------------------------------------------------------------------------ the formats


def test_formats_are_told_apart_by_destination_and_variant() -> None:
    count = Counter((chosen.destination, chosen.variant) for chosen in FORMATS)
    assert set(count.values()) == {1}
    assert {chosen.destination for chosen in FORMATS} == {
        "meta",
        "meta_lookalike",
        "google",
        "hubspot",
        "brevo",
        "mailchimp",
        "activecampaign",
        "klaviyo",
        "connectif",
        "pricing",
        "sales",
    }


@every_format
def test_headers_are_unique_and_keys_are_among_them(chosen: Format) -> None:
    header = chosen.header()
    assert len(set(header)) == len(header)
    assert {*chosen.key, *chosen.any_of} <= set(header)
    assert chosen.leaf.startswith(f"exp_{chosen.destination}__")


@every_format
def test_key_tells_the_records_apart(chosen: Format) -> None:
    keys = {
        tuple(
            cell
            for header, cell in zip(chosen.header(), line, strict=True)
            if header in (chosen.key or chosen.header())
        )
        for line in lines(chosen)[1:]
    }
    assert len(keys) == len(rows(chosen))


@every_format
def test_a_lead_of_whom_nothing_is_known_makes_a_line(chosen: Format) -> None:
    nothing = dict.fromkeys({**PEOPLE[0], **TIERS[0]})
    assert set(chosen.line(nothing)) == {""}


@every_format
def test_no_line_is_broken(chosen: Format) -> None:
    broken = {
        column: f"a\r\nb\u2028{value}" if isinstance(value, str) else value
        for column, value in {**PEOPLE[0], **TIERS[0]}.items()
    }
    assert not any("".join(cell.splitlines()) != cell for cell in chosen.line(broken))


@every_format
def test_only_addresses_and_people_are_hashed(chosen: Format) -> None:
    hashed = {field.header for field in chosen.fields if field.is_hashed}
    expected: set[str] = set()
    if chosen.destination == "google":
        expected = {"Email", "Phone", "First Name", "Last Name"}
    elif chosen.destination.startswith("meta") and chosen.variant != "plain":
        expected = {header for header, *_ in META_FIELDS}
    assert hashed == expected


def test_hashed_is_the_hash_of_plain() -> None:
    hashed, plain, lookalike = FORMATS[:3]
    for row in PEOPLE:
        digests = [sha256_hex(cell) for cell in plain.line(row)]
        assert hashed.line(row) == digests
        assert lookalike.line(row)[:-1] == digests


def test_prices_know_no_addresses() -> None:
    for chosen in FORMATS:
        if chosen.destination == "pricing":
            columns = {field.column for field in chosen.fields}
            assert not columns & {"email", "phone", "first_name", "last_name"}


def test_connectif_leaves_out_what_may_be_blank_in_some_rows() -> None:
    """Its importer takes a phone, date or number in every row of a file or in none."""
    (connectif,) = (each for each in FORMATS if each.destination == "connectif")
    may_be_blank = {"phone", "birth_date", "last_activity_date"}
    assert not may_be_blank & {field.column for field in connectif.fields}


def test_too_few_members_are_counted_where_the_destination_counts_them() -> None:
    by_name = {name(chosen): chosen for chosen in FORMATS}
    for meta in (by_name["meta"], by_name["meta_lookalike"]):
        assert "100 people from one country" in meta.too_few({"DE": 99, "FR": 99})
        assert meta.too_few({}) != ""
        assert meta.too_few({"DE": 100, "FR": 1}) == ""
    google = by_name["google"]
    assert "1,000" in google.too_few({"DE": 500, "FR": 499})
    assert google.too_few({"DE": 500, "FR": 500}) == ""
    assert by_name["hubspot"].too_few({}) == ""


def test_sources_are_named_without_addresses_on_the_web() -> None:
    assert "://" not in SCRIPT.read_text()
