"""The loader: what lands, what is kept aside, what it says when it cannot."""

import csv
import gzip
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import _landing  # noqa: E402
import _load_tables  # noqa: E402
import load_landing  # noqa: E402
from dbt_runs import full_disk, run_unread  # noqa: E402

HEADER = "event_id,source,event_name,occurred_at,email,amount"
ROW = "1,shop,Order Completed,2026-01-02T03:04:05,a@example.com,2.5"
# Without a time of its own: every worker must name the test alike.
HALF_ZIPPED = gzip.compress(b"x" * 9999, mtime=0)[:20]


class Zone:
    """A landing zone in a test's folder, with the files that a test writes."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.landing = folder / "landing"
        self.capture = capture
        self.out = self.err = ""

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file beside the landing zone."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def csv(self, *lines: str, name: str = "events.csv") -> Path:
        """Write a CSV of events with the usual header."""
        return self.write(name, "\n".join((HEADER, *lines)) + "\n")

    def parquet(self, name: str, query: str) -> Path:
        """Write a query's rows as Parquet."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(query).write_parquet(str(path))
        return path

    def load(self, *arguments: object) -> int:
        """Run the loader; keep what it printed."""
        argv = [*map(str, arguments), "--landing", str(self.landing)]
        code = load_landing.main(argv)
        self.out, self.err = self.capture.readouterr()
        assert "Traceback" not in self.err
        return code

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Return a landing table's rows, in the order of the columns asked for."""
        source = f"read_parquet('{self.landing}/{table}/**/*.parquet')"
        return duckdb.sql(f"select {columns} from {source} order by all").fetchall()

    def counts(self) -> dict[str, int]:
        """Return the ledger's counts, summed, and check that they add up."""
        names = [c for c in _landing.LOADS.columns if c.endswith("_count")]
        counts = [
            dict(zip(names, row, strict=True))
            for row in self.rows("loads", ", ".join(names))
        ]
        for each in counts:
            read = each["read_count"]
            assert read == sum(each.values()) - read
        total = {name: sum(each[name] for each in counts) for name in names}
        return {name.removesuffix("_count"): n for name, n in total.items()}

    def refuses(self, *arguments: object) -> str:
        """Load what must fail; return the one sentence and see that nothing landed."""
        before = sorted(self.landing.rglob("*.parquet"))
        assert self.load(*arguments) == 1
        after = sorted(self.landing.rglob("*.parquet"))
        assert [p for p in after if "schema" not in p.name] == [
            p for p in before if "schema" not in p.name
        ]
        lines = self.err.strip().splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("error: ")
        return lines[0].removeprefix("error: ")


@pytest.fixture
def zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Zone:
    """Return an empty place to load into."""
    return Zone(tmp_path, capsys)


# --- The zone ----------------------------------------------------------------------


def test_init_makes_every_table_with_its_schema(zone: Zone) -> None:
    assert zone.load("--init") == 0
    for table in _landing.TABLES.values():
        source = f"read_parquet('{zone.landing}/{table.name}/*/*.parquet')"
        described = duckdb.sql(f"describe from {source}").fetchall()
        types = {row[0]: row[1].lower() for row in described if row[0] != "loaded_on"}
        assert types == table.types
        assert zone.rows(table.name, "loaded_at") == []


def test_columns_are_those_of_the_design() -> None:
    types = _landing.FED_TABLES["events"].types
    assert len(types) == 23
    assert types["occurred_at"] == types["loaded_at"] == "timestamp"
    assert types["quantity"] == types["dwell_seconds"] == "double"
    assert types["is_machine"] == "boolean"
    assert _landing.FED_TABLES["contacts"].types["birth_date"] == "date"


def test_events_land_sorted_by_time_under_their_day(zone: Zone) -> None:
    zone.csv(ROW.replace("1,", "2,", 1).replace("2026", "2027"), ROW)
    assert zone.load(zone.folder / "events.csv", "--loaded-at", "2026-05-02") == 0
    (path,) = (zone.landing / "events" / "loaded_on=2026-05-02").iterdir()
    rows = duckdb.sql(f"select event_id, loaded_at from '{path}'").fetchall()
    assert rows == [("1", datetime(2026, 5, 2)), ("2", datetime(2026, 5, 2))]
    assert not (zone.landing / ".staging").exists()


def test_wide_rows_are_written_a_few_at_a_time(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_load_tables, "GROUP_BYTES", 1e6)
    groups = {}
    for width in (1, 900):
        query = f"""select {width} * range as event_id, 'web' as source, 'x' as
            event_name, 'a' as anonymous_id, date '2026-01-01' as occurred_at,
            repeat('a', {width}) as page_url from range(5000)"""
        before = set(zone.landing.glob("events/*/*.parquet"))
        assert zone.load(zone.parquet("events.parquet", query)) == 0
        (path,) = set(zone.landing.glob("events/*/[!s]*.parquet")) - before
        landed = pq.read_metadata(path)
        assert landed.num_rows == 5000
        groups[width] = landed.num_row_groups
    assert groups[1] == 1 < groups[900]


def test_usage_errors_exit_with_2(zone: Zone) -> None:
    before = "0001-01-01T00:00+14:00"  # a year 0 in UTC
    times = [["x.csv", "--loaded-at", time] for time in ("soon", before)]
    for argv in ([], ["x.csv", "--table", "nope"], *times):
        with pytest.raises(SystemExit) as stop:
            zone.load(*argv)
        assert stop.value.code == 2


def test_a_time_that_cannot_be_read_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        load_landing.main(["x.csv", "--loaded-at", "gestern"])
    last = capsys.readouterr().err.splitlines()[-1]
    told = "argument --loaded-at: 'gestern' is not a time like 2026-05-31T06:00"
    assert last.endswith(told)
    moment = told.split()[-1]
    assert load_landing.instant_option(moment) == datetime(2026, 5, 31, 6)


def test_a_landing_that_is_a_file_is_refused(zone: Zone) -> None:
    zone.landing.write_text("")
    assert zone.load("--init") == 1
    assert "is a file" in zone.err


# --- Formats -----------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_delimiters_are_read_off_the_header(zone: Zone, delimiter: str) -> None:
    path = zone.write("events.csv", f"{HEADER}\n{ROW}\n".replace(",", delimiter))
    assert zone.load(path) == 0
    assert zone.rows("events", "event_id, email, amount") == [
        ("1", "a@example.com", 2.5)
    ]


def test_any_other_delimiter_stands_in_the_mapping(zone: Zone) -> None:
    path = zone.write("x.csv", f"{HEADER}\n{ROW}\n".replace(",", "^"))
    mapping = event_mapping(zone, 'delimiter: "^"')
    assert zone.load(path, "--mapping", mapping) == 0
    assert zone.rows("events", "event_id") == [("1",)]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Zoë"),
        ("utf-8-sig", "Zoë"),
        ("cp1252", "Zoë \u2013 5 €"),
        ("utf-16", "Zoë"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_encodings(zone: Zone, encoding: str, text: str, zipped: bool) -> None:
    content = f"contact_id,first_name\r\n1,{text}\r\n".encode(encoding)
    name = "contacts.csv.gz" if zipped else "contacts.csv"
    path = zone.write(name, gzip.compress(content) if zipped else content)
    assert zone.load(path) == 0
    assert zone.rows("contacts", "contact_id, first_name") == [("1", text)]


def test_json_lines_with_nesting_missing_keys_and_bom(zone: Zone) -> None:
    base = {"event_id": 7, "source": "app", "event_name": "x", "occurred_at": None}
    lines = [
        "\ufeff" + json.dumps({**base, "email": "a@b", "properties": {"k": [1, "ü"]}}),
        "",
        json.dumps({**base, "event_id": "8", "anonymous_id": "v", "is_machine": True}),
    ]
    text = "\r\n".join(lines)
    for name in ("events.jsonl", "events.jsonl.gz"):
        content = text.encode()
        path = zone.write(name, gzip.compress(content) if "gz" in name else content)
        assert zone.load(path) == 0
    expected = [
        ("7", "a@b", None, '{"k":[1,"ü"]}', None),
        ("8", None, "v", None, True),
    ]
    columns = "event_id, email, anonymous_id, properties, is_machine"
    assert zone.rows("events", columns) == expected
    assert zone.counts()["already_there"] == 2


def test_a_bare_nan_of_json_lines_is_missing(zone: Zone) -> None:
    """What json.dumps writes of a number that pandas knows to be missing."""
    people = [
        {"contact_id": math.nan, "email": "a@b"},
        {"contact_id": "NaN", "email": "NaN"},
        {"contact_id": 7, "email": math.nan},
    ]
    lines = "\n".join(map(json.dumps, people))
    assert zone.load(zone.write("erasure_requests.jsonl", lines)) == 0
    rows = zone.rows("erasure_requests", "contact_id, email")
    assert rows == [("7", None), ("NaN", "NaN"), (None, "a@b")]


def test_parquet_keeps_its_types(zone: Zone) -> None:
    query = """select 12345::double as contact_id, date '1990-02-03' as birth_date,
        timestamptz '2026-01-01 00:00:00+02' as updated_at, 1 as is_test,
        'NaN'::double as phone"""
    path = zone.parquet("contacts.parquet", query)
    zipped = zone.write("contacts_2.parquet.gz", gzip.compress(path.read_bytes()))
    assert zone.load(path, zipped) == 0
    columns = "contact_id, phone, birth_date::text, updated_at, is_test"
    rows = zone.rows("contacts", columns)
    assert rows == [("12345", None, "1990-02-03", datetime(2025, 12, 31, 22), True)]
    assert zone.counts()["already_there"] == 1


def test_not_a_number_is_missing_whatever_parquet_states_of_it(zone: Zone) -> None:
    # Arrow states the least and the greatest value without it, as Spark and Polars do.
    numbers = pa.array([1.0, math.nan, 2.0])
    texts = {name: pa.array(["x"] * 3) for name in ("event_id", "source", "event_name")}
    times = pa.array(["2026-01-02"] * 3)
    table = {**texts, "occurred_at": times, "contact_id": numbers, "amount": numbers}
    path = zone.folder / "events.parquet"
    pq.write_table(pa.table(table), path)
    assert zone.load(path) == 0
    rows = zone.rows("events", "contact_id, amount")
    assert rows == [("1", 1.0), ("2", 2.0), (None, None)]


@pytest.mark.parametrize("digits", [38, 39, 50, 76])
def test_a_decimal_lands_as_it_is_or_not_at_all(zone: Zone, digits: int) -> None:
    """The engine makes 7.9e16 of a 1.10 with 39 digits."""
    amounts = pa.array([Decimal("1.10")], pa.decimal256(digits, 2))
    names, values = HEADER.split(","), ROW.split(",")
    columns = {name: [value] for name, value in zip(names, values, strict=True)}
    path = zone.folder / "events.parquet"
    pq.write_table(pa.table({**columns, "amount": amounts}), path)
    if digits in (38, 76):
        assert zone.load(path) == 0
        assert zone.rows("events", "amount") == [(1.1,)]
    else:
        assert f"amount is a decimal of {digits} digits" in zone.refuses(path)


def test_a_folder_feeds_each_table_by_name(zone: Zone) -> None:
    zone.csv(ROW, name="export/events_2026.csv")
    zone.csv(ROW.replace("1,", "2,", 1), name="export/events/part-0.csv")
    zone.write(
        "export/consents.csv",
        "contact_id,purpose,status,occurred_at\n1,email,granted,2026-01-01\n",
    )
    zone.write(
        "export/Contact_Attributes.csv", "contact_id,attribute,value\n1,size,M\n"
    )
    zone.write("export/erasure_requests.csv", "email\na@b\n")
    zone.write("export/README.md", "not data")
    zone.write("export/_SUCCESS.csv", "not data")
    assert zone.load(zone.folder / "export") == 0
    assert zone.rows("events", "event_id") == [("1",), ("2",)]
    assert zone.rows("consents", "purpose") == [("email",)]
    assert zone.rows("contact_attributes", "value") == [("M",)]
    assert zone.rows("erasure_requests", "email") == [("a@b",)]


def test_a_folder_names_what_it_holds_in_other_formats(zone: Zone) -> None:
    zone.csv(ROW, name="export/events.csv")
    assert zone.load(zone.folder / "export") == 0
    assert "Passed over" not in zone.out
    for name in ("orders.xlsx", "old/contacts.zip", ".DS_Store", "_SUCCESS"):
        zone.write(f"export/{name}", "x")
    assert zone.load(zone.folder / "export") == 0
    told = "Passed over, as no CSV, JSON Lines or Parquet: contacts.zip, orders.xlsx.\n"
    assert told in zone.out
    for number in range(5):
        zone.write(f"export/{number}.pdf", "x")
    assert zone.load(zone.folder / "export") == 0
    assert "0.pdf, 1.pdf, 2.pdf, 3.pdf, 4.pdf and 2 more." in zone.out


def test_file_names_may_hold_quotes_and_wildcards(zone: Zone) -> None:
    path = zone.csv(ROW, name="o'hara [1]*.csv")
    assert zone.load(path, "--table", "events") == 0
    assert zone.rows("loads", "file") == [("o'hara [1]*.csv",)]


# Values that survive: any text but the null byte, which no format of lines can hold.
CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)


def as_csv(rows: list[tuple[str, str]]) -> bytes:
    """Return rows as a CSV that quotes every cell."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(("contact_id", "attribute", "value"))
    writer.writerows((i, *row) for i, row in enumerate(rows))
    return out.getvalue().encode()


def as_json_lines(rows: list[tuple[str, str]]) -> bytes:
    """Return rows as JSON Lines."""
    keys = ("contact_id", "attribute", "value")
    objects = (dict(zip(keys, (i, *row), strict=True)) for i, row in enumerate(rows))
    return "\n".join(json.dumps(each) for each in objects).encode()


def as_parquet(rows: list[tuple[str, str]]) -> bytes:
    """Return rows as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    names = ("contact_id", "attribute", "value")
    columns = zip(*((str(i), *row) for i, row in enumerate(rows)), strict=True)
    pq.write_table(pa.table(dict(zip(names, map(list, columns), strict=True))), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("suffix", "written"),
    [("csv", as_csv), ("jsonl", as_json_lines), ("parquet", as_parquet)],
)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30))
def test_any_text_survives(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    suffix: str,
    written: Callable[[list[tuple[str, str]]], bytes],
    rows: list[tuple[str, str]],
) -> None:
    zone = Zone(tmp_path_factory.mktemp("zone"), capsys)
    path = zone.write(f"contact_attributes.{suffix}", written(rows))
    assert zone.load(path) == 0
    landed = zone.rows("contact_attributes", "contact_id::int, attribute, value")
    assert landed == [(i, a or None, b or None) for i, (a, b) in enumerate(rows)]


# --- Rows that cannot be read ------------------------------------------------------


def test_unreadable_rows_are_kept_with_line_text_and_reason(zone: Zone) -> None:
    path = zone.csv(
        ROW,
        "2,shop,x,2026-01-01,a@b,abc",
        "3,shop,x",
        '4,shop,"two\nlines",01/02/2026,a@b,1',
        "5,shop,x,,a@b,",
        "",
        "6,shop,x,2026-01-01,a@b,1,extra",
        "7,shop,x,2026-01-01,a@b,1",
        '8,shop,"never closed,2026-01-01,a@b,1',
        "9,shop,x,2026-01-01,a@b,1",
    )
    assert zone.load(path) == 0
    assert zone.rows("events", "event_id, occurred_at::date::text") == [
        ("1", "2026-01-02"),
        ("5", None),
        ("7", "2026-01-01"),
        ("9", "2026-01-01"),
    ]
    assert zone.rows("unreadable_rows", "line, text, error, file") == [
        (3, "2,shop,x,2026-01-01,a@b,abc", "events.amount: not a number", path.name),
        (4, "3,shop,x", "expected 6 fields, found 3", path.name),
        (
            5,
            '4,shop,"two\nlines",01/02/2026,a@b,1',
            "events.occurred_at: not a date and time",
            path.name,
        ),
        (
            9,
            "6,shop,x,2026-01-01,a@b,1,extra",
            "expected 6 fields, found 7",
            path.name,
        ),
        (
            11,
            '8,shop,"never closed,2026-01-01,a@b,1',
            "expected 6 fields, or quotes that do not match",
            path.name,
        ),
    ]
    assert zone.counts() == {
        "read": 9,
        "loaded": 4,
        "already_there": 0,
        "unreadable": 5,
        "filtered": 0,
        "combined": 0,
    }
    assert zone.out.splitlines()[2:] == [
        "events.csv, line 3: events.amount: not a number",
        "events.csv, line 4: expected 6 fields, found 3",
        "events.csv, line 5: events.occurred_at: not a date and time",
        "events.csv: and 2 more",
        f"Unreadable rows are kept in {zone.landing / 'unreadable_rows'}.",
    ]
    # No value of a row is told, and what was told before is not told again.
    assert not [word for word in ("a@b", "abc", "two", "extra") if word in zone.out]
    assert zone.load(path) == 0
    assert "line 3" not in zone.out
    assert "Unreadable rows are kept" in zone.out


def test_mixed_line_ends_do_not_shift_line_numbers(zone: Zone) -> None:
    text = f"{HEADER}\r\n{ROW}\n{ROW},\r\n{ROW}\r\n"
    assert zone.load(zone.write("events.csv", text)) == 0
    assert zone.rows("unreadable_rows", "line") == [(3,)]
    assert len(zone.rows("events", "event_id")) == 2


def test_unreadable_json_lines(zone: Zone) -> None:
    good = dict(zip(HEADER.split(","), ROW.split(","), strict=True))
    lines = [
        json.dumps(good),
        '{"event_id": 1',
        "[1]",
        json.dumps(good | {"amount": "x"}),
    ]
    assert zone.load(zone.write("events.jsonl", "\n".join(lines))) == 0
    assert zone.rows("unreadable_rows", "line, text, error") == [
        (2, lines[1], "not valid JSON"),
        (3, lines[2], "not a JSON object"),
        (4, lines[3], "events.amount: not a number"),
    ]
    assert zone.counts()["loaded"] == 1


def test_unreadable_parquet_rows_keep_number_and_content(zone: Zone) -> None:
    path = zone.parquet(
        "contacts.parquet",
        "select i as contact_id, ['yes', 'maybe'][i] as is_test from range(1, 3) t(i)",
    )
    assert zone.load(path) == 0
    assert zone.rows("unreadable_rows", "line, text, error") == [
        (2, '{"contact_id":2,"is_test":"maybe"}', "contacts.is_test: not yes or no")
    ]


def test_a_consent_in_other_words_is_kept_apart(zone: Zone) -> None:
    """Staged, it would be none, and `denied` would be no objection to profiling."""
    path = zone.write(
        "consents.csv",
        """contact_id,purpose,status,occurred_at
c-1,Email,GRANTED ,2026-01-01
c-1,profiling,denied,2026-01-01
c-2,e-mail,granted,2026-01-01
""",
    )
    assert zone.load(path) == 0
    assert zone.rows("consents", "purpose, status") == [("Email", "GRANTED")]
    assert zone.rows("unreadable_rows", "line, error") == [
        (3, "consents.status: none of granted, withdrawn"),
        (4, "consents.purpose: none of email, sms, ads, profiling"),
    ]


def test_who_says_no_in_a_row_that_lacks_something_is_kept_apart(zone: Zone) -> None:
    """No model reads such a row: who withdrew in it would be written to again."""
    path = zone.write(
        "consents.csv",
        """contact_id,purpose,status,occurred_at
c-1,email,withdrawn,2026-01-01
c-1,email,withdrawn,
c-1,,withdrawn,2026-01-01
c-1,email,,2026-01-01
 ,email,withdrawn,2026-01-01
""",
    )
    requests = "contact_id,email,requested_at\nc-1,,\n,a@x.example,\n,,2026-01-01\n"
    assert zone.load(path, zone.write("erasure_requests.csv", requests)) == 0
    assert zone.rows("consents", "contact_id") == [("c-1",)]
    assert zone.rows("erasure_requests", "contact_id") == [("c-1",), (None,)]
    assert zone.rows("unreadable_rows", "line, error") == [
        (3, "consents.occurred_at: blank"),
        (4, "consents.purpose: blank"),
        (4, "erasure_requests.contact_id and email: blank"),
        (5, "consents.status: blank"),
        (6, "consents.contact_id: blank"),
    ]


@pytest.mark.parametrize(
    ("column", "text", "error"),
    [
        ("amount", "1,5", "events.amount: not a number"),
        ("amount", "infinity", "events.amount: not a number"),
        ("is_machine", "maybe", "events.is_machine: not yes or no"),
        ("occurred_at", "2026-02-30", "events.occurred_at: not a date and time"),
        ("occurred_at", "infinity", "events.occurred_at: not a date and time"),
        ("occurred_at", "1767225600", "events.occurred_at: not a date and time"),
        ("properties", "{oops", "events.properties: not valid JSON"),
    ],
)
def test_values_that_cannot_be_read(
    zone: Zone, column: str, text: str, error: str
) -> None:
    base = {"event_id": 1, "source": "s", "event_name": "x", "occurred_at": ""}
    base |= {"email": "a@b"}
    lines = [json.dumps(base), json.dumps(base | {column: text})]
    assert zone.load(zone.write("events.jsonl", "\n".join(lines))) == 0
    assert zone.rows("unreadable_rows", "error") == [(error,)]


def test_one_unreadable_row_of_two_tables_is_counted_in_both(zone: Zone) -> None:
    path = zone.write("x.csv", "id,at,n\n1,2026-01-01,2\n2\n3,bad,1\n")
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: events
    columns: {event_id: id, source: {constant: s}, event_name: {constant: x},
      occurred_at: at, contact_id: id, amount: n}
  - table: contacts
    columns: {contact_id: id}
""",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    assert zone.counts()["unreadable"] == 3
    assert zone.rows("contacts", "contact_id") == [("1",), ("3",)]
    assert zone.rows("unreadable_rows", "line") == [(3,), (4,)]


def test_a_file_of_only_unreadable_rows_fails(zone: Zone) -> None:
    path = zone.csv("1,2,3", "4,5")
    assert "none of its 2 lines can be read" in zone.refuses(path)
    path = zone.csv(ROW.replace("2026-01-02T03:04:05", "02.01.2026"))
    message = zone.refuses(path)
    assert "events.occurred_at: not a date and time" in message
    assert "timestamp_formats" in message


def test_milliseconds_since_1970_are_read_as_the_refusal_says(zone: Zone) -> None:
    path = zone.csv(ROW.replace("2026-01-02T03:04:05", "1433221332117"))
    (said,) = re.findall(r"\{expression: to_timestamp.*\}", zone.refuses(path))
    columns = {name: name for name in HEADER.split(",")}
    columns["occurred_at"] = said.replace("…", "occurred_at")
    lines = "".join(f"\n      {name}: {theirs}" for name, theirs in columns.items())
    mapping = zone.write(
        "mapping.yml",
        f"loads:\n  - table: events\n    time_zone: Asia/Tokyo\n    columns:{lines}\n",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    (landed,) = zone.rows("events", "cast(occurred_at as varchar)")
    assert landed == ("2015-06-02 05:02:12.117",)


# --- Times -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zone_name", "utc"),
    [
        ("2026-07-01 10:00", "UTC", "2026-07-01 10:00:00"),
        ("2026-07-01T10:00:00+02:00", "UTC", "2026-07-01 08:00:00"),
        ("2026-07-01T10:00+0200", "Asia/Tokyo", "2026-07-01 08:00:00"),
        ("2026-07-01T10:00:00.5z", "Europe/London", "2026-07-01 10:00:00.5"),
        ("2026-07-01T10:00:00", "Europe/London", "2026-07-01 09:00:00"),
        ("01/07/2026 10:00", "Europe/London", "2026-07-01 09:00:00"),
        ("7.1.26", "Europe/London", "2026-06-30 23:00:00"),
        ("2026-03-29 01:30:00", "Europe/London", "2026-03-29 01:30:00"),
        ("2026-10-25 01:30:00", "Europe/London", None),
    ],
)
def test_times_become_utc(
    zone: Zone, text: str, zone_name: str, utc: str | None
) -> None:
    formats = 'timestamp_formats: ["%d/%m/%Y %H:%M", "%m.%d.%y"]'
    mapping = event_mapping(zone, f"time_zone: {zone_name}\n    {formats}")
    path = zone.csv(ROW.replace("2026-01-02T03:04:05", text))
    assert zone.load(path, "--mapping", mapping) == 0
    ((landed,),) = zone.rows("events", "occurred_at")
    if utc:
        assert landed == datetime.fromisoformat(utc)
    else:  # an hour that comes twice: either is right
        assert landed in (datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 30))


def test_years_that_python_does_not_know_are_landed(zone: Zone) -> None:
    # A year with a digit too many is for the build to refuse, by name.
    times = ("12026-01-02T03:04:05", "2026-01-02 (BC)", "2026-01-02T03:04:05")
    path = zone.csv(*(ROW.replace(times[2], time) for time in times))
    assert zone.load(path) == 0
    grown = zone.csv(*(ROW.replace(times[2], time) for time in (*times, "12026-01-03")))
    assert zone.load(grown) == 0
    assert zone.rows("events", "year(occurred_at)") == [
        (-2025,),
        (2026,),
        (12026,),
        (12026,),
    ]
    assert zone.counts()["already_there"] == 3


def test_typed_times_follow_the_zone(zone: Zone) -> None:
    path = zone.parquet(
        "contacts.parquet",
        "select 1 as contact_id, timestamp '2026-07-01 10:00' as created_at,"
        " date '2026-07-01' as updated_at, "
        " timestamp_ns '1990-05-06 07:08' as birth_date",
    )
    mapping = zone.write(
        "mapping.yml",
        "loads:\n  - table: contacts\n    time_zone: Europe/London\n    columns:"
        " {contact_id: contact_id, created_at: created_at, updated_at: updated_at,"
        " birth_date: birth_date}\n",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    rows = zone.rows("contacts", "created_at, updated_at, birth_date::text")
    expected = (datetime(2026, 7, 1, 9), datetime(2026, 6, 30, 23), "1990-05-06")
    assert rows == [expected]


# --- Mapping -----------------------------------------------------------------------


def event_mapping(zone: Zone, extra: str = "") -> Path:
    """Write a mapping of the usual CSV, with a line more."""
    columns = "".join(f"      {name}: {name}\n" for name in HEADER.split(","))
    text = f"loads:\n  - table: events\n    {extra}\n    columns:\n{columns}"
    return zone.write("mapping.yml", text)


def test_mapping_filters_groups_and_computes(zone: Zone) -> None:
    path = zone.parquet(
        "lines.parquet",
        "from (values (1, 7.0::double, 'A', 2, 1.5), (1, 7.0, 'B', 1, 2.0),"
        " (2, null, 'A', -1, 4.0), (3, 8.0, 'C', 0, 9.0))"
        ' t("Invoice", "Customer", "Article", "Quantity", "Price")',
    )
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: events
    file: "lines.*"
    where: Quantity <> 0
    group_by: [Invoice, Customer]
    columns:
      event_id: Invoice
      source: {constant: shop}
      event_name: {expression: "if(sum(Quantity) < 0, 'refund', 'order')"}
      occurred_at: {constant: 2026-01-01}
      contact_id: Customer
      amount: {expression: "sum(Quantity * Price) -- of the invoice"}
      properties: {expression: "{'articles': list(Article order by Article)}"}
  - table: contacts
    file: "lines.*"
    columns: {contact_id: Customer, is_test: {constant: false}}
  - table: contacts
    file: "others*"
    columns: {contact_id: nonsense}
""",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    columns = "event_id, event_name, contact_id, amount, properties"
    assert zone.rows("events", columns) == [
        ("1", "order", "7", 5.0, '{"articles":["A","B"]}'),
        ("2", "refund", None, -4.0, '{"articles":["A"]}'),
    ]
    assert zone.counts() == {
        "read": 8,
        "loaded": 6,
        "already_there": 0,
        "unreadable": 0,
        "filtered": 1,
        "combined": 1,
    }


def test_mapping_collects_columns_in_properties(zone: Zone) -> None:
    path = zone.write("x.csv", 'id,Land,Größe\n1,"D ""x""",\n')
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: events
    columns: {event_id: ID, source: {constant: s}, event_name: {constant: x},
      occurred_at: {constant: ""}, contact_id: id, properties: {columns: [Land, Größe]}}
""",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    ((text,),) = zone.rows("events", "properties")
    assert json.loads(text) == {"Land": 'D "x"', "Größe": None}


def test_mapping_makes_an_attribute_of_each_column_listed(zone: Zone) -> None:
    path = zone.write("x.csv", "id,Lead Source,City\n1,Web,Select\n2,,Graz\n")
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: contact_attributes
    where: id <> '3'
    columns: {contact_id: id, attribute: {columns: [Lead Source, City],
      blanks: [Select]}, updated_at: {constant: 2026-01-01}}
""",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    assert sorted(zone.rows("contact_attributes", "contact_id, attribute, value")) == [
        ("1", "lead_source", "Web"),
        ("2", "city", "Graz"),
    ]
    # The same table, but not the same line twice: each says what it is about.
    for loaded in (1, 0):
        told = [re.split("  +", line)[1:5] for line in zone.out.splitlines()]
        assert told[0] == ["table", "read", "loaded", "already there"]
        assert [(line[0], line[2]) for line in told[1:]] == [
            ("contact_attributes lead_source", str(loaded)),
            ("contact_attributes city", str(loaded)),
        ]
        assert zone.load(path, "--mapping", mapping) == 0
    assert set(zone.rows("loads", "table_name")) == {("contact_attributes",)}


def test_a_line_has_one_number_whatever_an_entry_leaves_out(zone: Zone) -> None:
    path = zone.write("leads.csv", "age,won\nunknown,no\n41,yes\n52,no\nunknown,yes\n")
    mapping = zone.write(
        "mapping.yml",
        """
loads:
  - table: contact_attributes
    columns:
      contact_id: &line {expression: row_number() over ()}
      attribute: {columns: [age], blanks: [unknown]}
      updated_at: {constant: 2026-01-01}
  - table: events
    where: won = 'yes'
    columns: {event_id: *line, source: {constant: crm}, contact_id: *line,
      event_name: {constant: Order Completed}, occurred_at: {constant: 2026-01-09}}
""",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    assert zone.rows("events", "event_id, contact_id") == [("2", "2"), ("4", "4")]
    attributes = zone.rows("contact_attributes", "contact_id, value")
    assert sorted(attributes) == [("2", "41"), ("3", "52")]


def test_a_mapping_says_what_is_written(zone: Zone) -> None:
    """YAML alone reads NO as false, 0123 as 83 and 2:30 as 150."""
    path = zone.write("x.csv", "id,Newsletter,on\n1,No,x\n2,Maybe,y\n")
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: contacts
    columns: {contact_id: id, country: {constant: NO}, postal_code: {constant: 0123},
      city: {constant: 1.50}, company: {constant: 2:30}, is_test: {constant: no},
      region: on}
  - table: contact_attributes
    columns: {contact_id: id, attribute: {columns: [Newsletter], blanks: [No]},
      updated_at: {constant: 2026-01-01}}
""",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    columns = "country, postal_code, city, company, is_test, region"
    expected = ("NO", "0123", "1.50", "2:30", False)
    assert zone.rows("contacts", columns) == [(*expected, "x"), (*expected, "y")]
    assert zone.rows("contact_attributes", "value") == [("Maybe",)]


def test_group_values_that_cannot_be_read_are_kept(zone: Zone) -> None:
    path = zone.write("x.csv", "id,n\n1,2\n1,3\n2,x\n2,y\n")
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: events
    group_by: id
    columns: {event_id: id, source: {constant: s}, event_name: {constant: x},
      occurred_at: {constant: ""}, contact_id: id, amount: {expression: max(n)}}
""",
    )
    assert zone.load(path, "--mapping", mapping) == 0
    ((line, text, error),) = zone.rows("unreadable_rows", "line, text, error")
    assert (line, json.loads(text)["amount"]) == (None, "y")
    assert error == "events.amount: not a number"
    counts = zone.counts()
    assert (counts["loaded"], counts["unreadable"], counts["combined"]) == (1, 1, 2)


MISTAKES = {
    "    tabel: x": "unknown key tabel (did you mean table?)",
    "    time_zone: Europe/Londn": "unknown time_zone Europe/Londn (did you mean",
    "    format: xml": "unknown format xml",
    "    encoding: klingon": "unknown encoding klingon",
    "    encoding: rot13": "unknown encoding rot13",
    '    delimiter: "::"': "`delimiter` must be one character",
    '    timestamp_formats: ["%Q"]': "timestamp format %Q is not valid",
    "      loaded_at: {constant: x}": "loaded_at is set by the loader",
    "      emial: email": "events has no column emial (did you mean email?)",
    "      channel: chanel": "channel: the file has no column chanel",
    "      channel: {expression: nope(email)}": "channel: is not valid SQL",
    "      channel: {expression: emial || 'x'}": 'column "emial" not found',
    "      channel: {expression: sum(email}": "channel: is not valid SQL",
    "      channel: {exprssion: email}": "unknown key exprssion (did you mean expre",
    "      channel: [email]": "channel: give a column's name",
    "      channel: {columns: [email]}": "only properties takes a list",
    "      received_at: {constant: 2026-02-30}": "received_at: not a date and time",
    "      email: email": "the key email appears twice",
    "      channel: {expression: cast(email as int)}": "use try_cast",
    "      channel: {expression: 'unnest([1, 2])'}": "makes several rows of one",
    "    where: Quantity > 0": "where: is not valid SQL",
    "    group_by: [source]": "must appear in the GROUP BY clause",
    "    group_by: [{expression: nope(source)}]": "group_by: is not valid SQL over the",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_wrong_mapping_gets_one_sentence(zone: Zone, line: str) -> None:
    columns = "".join(f"      {name}: {name}\n" for name in HEADER.split(","))
    below = line.startswith("      ")
    text = "loads:\n  - table: events\n" + ("" if below else line + "\n")
    text += f"    columns:\n{columns}" + (line + "\n" if below else "")
    mapping = zone.write("mapping.yml", text)
    message = zone.refuses(zone.csv(ROW), "--mapping", mapping)
    assert MISTAKES[line] in message
    assert "mapping.yml" in message or "events.csv" in message
    assert "example.com" not in message  # nothing out of the data


def test_other_wrong_mappings(zone: Zone) -> None:
    path = zone.csv(ROW)
    cases = {
        "loads: [": "is not valid YAML",
        "- x": "must hold a list named `loads`",
        "load: []": "unknown key load (did you mean loads?)",
        "loads: []": "at least one entry",
        "loads: [{table: event, columns: {}}]": "unknown table event (did you mean",
        "loads: [{table: events}]": "`columns` is missing",
        "loads: [{table: contacts, columns: {email: email}}]": "lacks contact_id",
        "loads: [{table: erasure_requests, columns: {requested_at: occurred_at}}]": (
            "lacks one of contact_id, email"
        ),
        "loads: [{table: contact_attributes, columns: {attribute: {columns: x}}}]": (
            "attribute: give a list of their `columns`"
        ),
        "loads: [{table: contact_attributes, columns: {attribute: {columns: [a b, A_B]}"
        ", contact_id: email}}]": "a b and A_B would be the attribute a_b",
        "loads: [{table: contact_attributes, columns: {attribute: {columns: ['%']}"
        ", contact_id: email}}]": "% would be the attribute without a name",
        "loads: [{table: contacts, file: x*, columns: {contact_id: email}}]": (
            "no entry of mapping.yml is for this file"
        ),
    }
    for text, expected in cases.items():
        mapping = zone.write("mapping.yml", text)
        assert expected in zone.refuses(path, "--mapping", mapping)
    assert "no such mapping" in zone.refuses(path, "--mapping", zone.folder / "no.yml")


# --- Files that cannot be loaded ---------------------------------------------------


def test_a_failing_file_stops_no_other(zone: Zone) -> None:
    good, missing = zone.csv(ROW), zone.folder / "missing.csv"
    bad = zone.write("contacts.csv", "nme\nx,y\n")
    assert zone.load(missing, bad, good) == 1
    assert len(zone.err.splitlines()) == 2
    assert "missing.csv: no such file or folder" in zone.err
    assert zone.rows("events", "event_id") == [("1",)]


def test_a_misspelt_path_makes_no_landing_zone(zone: Zone) -> None:
    """`make build` would take it for a loaded one and leave out the demo shop."""
    assert zone.load(zone.folder / "evnts.csv") == 1
    assert "evnts.csv: no such file or folder" in zone.err
    assert not zone.landing.exists()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("events.csv", "", "is empty, without even a header line"),
        ("events.csv", HEADER.replace(",", "^") + "\n1\n", "set `delimiter`"),
        ("events.csv", HEADER.replace("source,", ""), "needs the column source"),
        ("events.csv", HEADER.replace(",email", ""), "one of contact_id, email"),
        ("events.csv", HEADER + ",emial", "emial (did you mean email?)"),
        ("events.csv", HEADER + ",colour", "takes no column colour; rename"),
        ("events.csv", HEADER + ",loaded_at", "the loader sets it"),
        ("events.csv", HEADER + ',"a\nb"', "takes no column a b;"),
        ("events.csv", "\n" + HEADER, "its first line is no header"),
        ("events.csv", HEADER + ",Email", "the same name"),
        ("events.csv", HEADER + ",__row", "a column may not be called __row"),
        ("events.parquet", "PAR1 not", "is not a Parquet file"),
        ("events.csv.gz", HALF_ZIPPED, "cut off or damaged"),
        ("orders.csv", HEADER, "does not tell the landing table"),
        ("events.odd", "x", "does not tell the format"),
        ("events.xlsx", "PK", "events.xlsx: is a spreadsheet; save it as CSV"),
        ("data.XLS", "x", "data.XLS: is a spreadsheet; save it as CSV"),
        ("events.jsonl", "[\n1\n]", "write one JSON object on each line"),
        ("events.jsonl", '{"a~b/c d\\"e": NaN}', "takes no column"),
        ("events.jsonl", "{}\n{}\n", "its JSON objects are empty"),
    ],
)
def test_a_wrong_file_gets_one_sentence(
    zone: Zone, name: str, content: str | bytes, expected: str
) -> None:
    message = zone.refuses(zone.write(name, content))
    assert message.startswith(name)
    assert expected in message


def test_files_without_rows_are_fine(zone: Zone) -> None:
    assert zone.load(zone.csv(), zone.write("contacts.jsonl", "")) == 0
    assert zone.counts()["read"] == 0
    assert zone.rows("events", "event_id") == []


def test_blank_lines_are_no_rows(zone: Zone) -> None:
    path = zone.write("erasure_requests.csv", "email\n\na@b\n\n")
    assert zone.load(path) == 0
    assert zone.rows("erasure_requests", "email") == [("a@b",)]


def test_null_bytes_and_stray_quotes_lose_nothing(zone: Zone) -> None:
    lines = ("contact_id,first_name", "1,a\0b", '2,5" pipe', "3,\0,x")
    assert zone.load(zone.write("contacts.csv", "\n".join(lines))) == 0
    names = [("1", "a\ufffdb"), ("2", '5" pipe')]
    assert zone.rows("contacts", "contact_id, first_name") == names
    assert zone.rows("unreadable_rows", "line, text") == [(4, "3,\ufffd,x")]


def test_an_encoding_that_is_guessed_is_said(zone: Zone) -> None:
    path = zone.write("contacts.csv", "contact_id,first_name\n1,Zoë\n".encode("cp1252"))
    assert zone.load(path) == 0
    assert "contacts.csv is not UTF-8; it was read as Windows-1252." in zone.out
    mapping = zone.write(
        "mapping.yml",
        "loads:\n  - table: contacts\n    encoding: utf-8\n"
        "    columns: {contact_id: contact_id}\n",
    )
    assert "is not utf-8 text" in zone.refuses(path, "--mapping", mapping)


def test_an_empty_folder_is_an_error(zone: Zone) -> None:
    (zone.folder / "none").mkdir()
    assert "holds no CSV" in zone.refuses(zone.folder / "none")


def test_a_damaged_file_of_the_zone_is_told_by_name(zone: Zone) -> None:
    assert zone.load(zone.csv(ROW)) == 0
    for table in ("loads", "events"):
        (landed,) = zone.landing.glob(f"{table}/loaded_on=2*/*.parquet")
        whole = landed.read_bytes()
        landed.write_bytes(whole[:40])
        message = zone.refuses(zone.csv(ROW.replace("1,", "2,", 1)))
        assert f"{landed}: cannot be read, it may be damaged" in message
        landed.write_bytes(whole)
    message = zone.refuses(zone.csv(ROW), "--memory-limit", "1KB")
    assert message.startswith("--memory-limit 1KB: is too little")


def test_a_full_disk_is_told_before_there_is_a_zone(zone: Zone) -> None:
    path = zone.csv(ROW)
    with full_disk(0):
        message = zone.refuses(path)
    assert f"{zone.landing}: cannot be written" in message
    assert zone.load(path) == 0


# --- Again -------------------------------------------------------------------------


def test_loading_a_file_again_adds_nothing(zone: Zone) -> None:
    path = zone.csv(ROW, ROW, "bad")
    for _ in range(2):
        assert zone.load(path, "--loaded-at", "2026-02-01") == 0
    assert len(zone.rows("events", "event_id")) == 2
    assert len(zone.rows("unreadable_rows", "line")) == 1
    assert zone.counts()["read"] == 3
    assert re.search(r"events.csv +events +3 +0 +2 +1 +0", zone.out)


def test_a_grown_file_adds_only_what_is_new(zone: Zone) -> None:
    old = [ROW, ROW, ROW.replace("2026-01-02T03:04:05", "").replace("1,", "2,", 1)]
    new = [ROW.replace("1,", "3,", 1), ROW.replace("2.5", "2.6")]
    assert zone.load(zone.csv(*old), "--loaded-at", "2026-02-01T00:00:00") == 0
    assert zone.load(zone.csv(*old, *new), "--loaded-at", "2026-03-01T00:00Z") == 0
    assert zone.rows("events", "event_id, amount, loaded_at") == [
        ("1", 2.5, datetime(2026, 2, 1)),
        ("1", 2.5, datetime(2026, 2, 1)),
        ("1", 2.6, datetime(2026, 3, 1)),
        ("2", 2.5, datetime(2026, 2, 1)),
        ("3", 2.5, datetime(2026, 3, 1)),
    ]
    counts = zone.counts()
    assert (counts["loaded"], counts["already_there"]) == (5, 3)
    files = list((zone.landing / "events").rglob("*.parquet"))
    assert len(files) == 3


def test_only_landed_files_of_the_same_times_are_opened(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def rows_of(files: list[Path]) -> str:
        opened.append(len(files) - 1)  # the file without rows is always one
        return _landing.rows_of(files)

    monkeypatch.setattr(_load_tables, "rows_of", rows_of)

    def month(number: int, *more: str) -> Path:
        row = ROW.replace("2026-01", f"2026-0{number}")
        return zone.csv(row, *more, name=f"events{number}{len(more)}.csv")

    timeless = ROW.replace("2026-01-02T03:04:05", "")
    assert zone.load(month(1), month(2), month(3, timeless)) == 0
    assert opened == []
    assert (
        zone.load(month(4), month(1, "bad"), month(4, "bad"), month(5, timeless)) == 0
    )
    assert opened == [1, 1, 1]
    assert zone.counts()["already_there"] == 3
    assert len(zone.rows("events", "event_id")) == 6


def test_a_grown_group_is_compared_without_its_last_digits(zone: Zone) -> None:
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: events
    group_by: [id]
    columns: {event_id: id, source: {constant: s}, event_name: {constant: x},
      occurred_at: {constant: "2026-01-01"}, contact_id: id,
      amount: {expression: "sum(cast(n as double))"}}
""",
    )
    lines = ["1,0.1", "1,0.2", "1,0.3"]  # backwards they add up to a little less
    for name, some in (("a.csv", lines), ("b.csv", [*lines[::-1], "2,5"])):
        path = zone.write(name, "\n".join(["id,n", *some]))
        assert zone.load(path, "--mapping", mapping) == 0
    assert zone.rows("events", "event_id, round(amount, 6)") == [("1", 0.6), ("2", 5.0)]


def test_the_same_content_through_another_mapping_is_another_load(zone: Zone) -> None:
    path = zone.csv(ROW)
    assert zone.load(path) == 0
    assert zone.load(path, "--mapping", event_mapping(zone)) == 0
    assert zone.counts()["already_there"] == 1
    assert len(zone.rows("events", "event_id")) == 1


def test_every_load_is_later_than_all_before(zone: Zone) -> None:
    paths = [
        zone.csv(ROW.replace("1,", f"{i},", 1), name=f"events{i}.csv") for i in "ab"
    ]
    assert zone.load(*paths, "--loaded-at", "2030-01-01") == 0
    first = datetime(2030, 1, 1)
    expected = [(first,), (first + timedelta(microseconds=1),)]
    assert zone.rows("events", "loaded_at") == expected
    third = zone.csv(ROW)
    assert "--loaded-at" in zone.refuses(third, "--loaded-at", "2030-01-01")
    assert zone.load(third) == 0
    assert zone.rows("events", "max(loaded_at)") == [
        (first + timedelta(microseconds=2),)
    ]


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    loads=st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "1", "x"]))),
        min_size=1,
        max_size=3,
    )
)
def test_rows_add_up_over_any_sequence_of_loads(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    loads: list[list[tuple[int, str]]],
) -> None:
    zone = Zone(tmp_path_factory.mktemp("zone"), capsys)
    zone.load("--init")
    landed: list[tuple[str, str]] = []
    for rows in loads:
        good = [(str(i), n) for i, n in rows if n != "x"]
        if rows and not good:
            continue
        path = zone.csv(*(f"{i},s,x,2026-01-0{i + 1},a@b,{n}" for i, n in rows))
        assert zone.load(path) == 0
        landed += [row for row in good if row not in set(landed)]
    rows_there = zone.rows("events", "event_id, coalesce(amount, 0)")
    assert rows_there == sorted((i, float(n or 0)) for i, n in landed)
    zone.counts()


# --- Killed, and two at once -------------------------------------------------------

# Run the loader and die, as by kill -9, at the nth call of a step that matters.
DYING = """
import os, sys
sys.path.insert(0, {scripts!r})
import _landing, _load_tables, load_landing
step, nth = {step!r}, {nth}
owner, name = (os, "replace") if step == "replace" else (_landing, step)
wrapped, calls = getattr(owner, name), 0
def dying(*args, **kwargs):
    global calls
    calls += 1
    if calls == nth:
        os._exit(9)
    return wrapped(*args, **kwargs)
setattr(owner, name, dying)
if name == "write_parquet":
    _load_tables.write_parquet = load_landing.write_parquet = dying
sys.exit(load_landing.main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("step", "nth"),
    [("write_parquet", n) for n in (1, 2, 3, 4)]
    + [("replace", n) for n in (1, 2, 3, 4, 5)],
)
def test_a_load_killed_at_any_step_is_finished_or_undone(
    zone: Zone, step: str, nth: int
) -> None:
    zone.load("--init")
    path = zone.write("x.csv", "id,at\n1,2026-01-01\n1,2026-01-01\n2,bad\n")
    mapping = zone.write(
        "mapping.yml",
        """loads:
  - table: events
    columns: {event_id: id, source: {constant: s}, event_name: {constant: x},
      occurred_at: at, contact_id: id}
  - table: contacts
    columns: {contact_id: id}
""",
    )
    program = DYING.format(scripts=str(SCRIPTS), step=step, nth=nth)
    arguments = [str(path), "--mapping", str(mapping), "--landing", str(zone.landing)]
    killed = subprocess.run([sys.executable, "-c", program, *arguments], check=False)
    assert killed.returncode == 9
    assert zone.load(path, "--mapping", mapping) == 0
    assert zone.rows("events", "event_id") == [("1",), ("1",)]
    assert zone.rows("contacts", "contact_id") == [("1",), ("1",), ("2",)]
    assert zone.rows("unreadable_rows", "line") == [(4,)]
    assert zone.counts()["loaded"] == 5
    assert len(zone.rows("loads", "load_id")) == 2


def test_a_build_between_two_files_of_a_load_misses_none(zone: Zone) -> None:
    """What it read it knows by the time of the load."""
    path = zone.write("x.csv", "id,at\n1,2026-01-01\n")
    entry = """
  - table: events
    columns: {event_id: id, source: {constant: %s}, event_name: {constant: x},
      occurred_at: at, contact_id: id}"""
    mapping = zone.write("mapping.yml", "loads:" + entry % "a" + entry % "b")
    assert zone.load(path, "--mapping", mapping) == 0
    assert zone.rows("events", "count(distinct loaded_at)") == [(2,)]


def test_a_load_killed_for_real_leaves_nothing_half(zone: Zone) -> None:
    rows = "select i as event_id, 's' as source, 'x' as event_name,"
    rows += " timestamp '2026-01-01' as occurred_at, i as contact_id"
    path = zone.parquet("events.parquet", f"{rows} from range(400000) t(i)")
    command = [sys.executable, str(SCRIPTS / "load_landing.py"), str(path)]
    command += ["--landing", str(zone.landing)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        work = zone.landing / ".staging" / "batch"
        while process.poll() is None and not work.exists():
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert zone.load(path) == 0
    total = [(400000, 400000)]
    assert zone.rows("events", "count(*), count(distinct event_id)") == total
    assert zone.counts()["loaded"] == 400000


def test_nobody_has_to_read_what_is_told(zone: Zone) -> None:
    arguments = (str(zone.csv(ROW)), "--landing", str(zone.landing))
    assert run_unread(load_landing.__file__, *arguments) == (0, b"")


def test_two_loaders_at_once_are_refused(zone: Zone) -> None:
    path = zone.csv(ROW)
    with _landing.Landing(zone.landing).locked():
        assert zone.load(path) == 1
        assert "another load is writing" in zone.err
    assert zone.load(path) == 0


def test_no_temporary_table_keeps_personal_data(zone: Zone) -> None:
    assert zone.load(zone.csv(ROW)) == 0
    left = [
        p for p in zone.landing.rglob("*") if p.is_file() and p.suffix != ".parquet"
    ]
    assert left == [zone.landing / ".lock"]


def test_an_interrupted_query_is_told_in_a_sentence(
    zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:  # as DuckDB raises it
        raise RuntimeError("Query interrupted") from KeyboardInterrupt()

    monkeypatch.setattr(load_landing, "load_files", interrupted)
    assert zone.load(zone.folder) == 130
    assert zone.err == "error: interrupted; run the same command again to finish\n"
