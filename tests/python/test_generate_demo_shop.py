"""The demo shop: from a seed, believable, and never larger in memory than a block."""

import hashlib
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import _demo_catalogue as catalogue  # noqa: E402
import _demo_files as files  # noqa: E402
import generate_demo_shop as script  # noqa: E402
from _demo_block import Plan  # noqa: E402
from dbt_runs import run_unread  # noqa: E402

EVENTS = 20_000
LANDING = {  # what the landing zone takes, without loaded_at
    "events": "event_id, source, event_name, occurred_at, received_at, anonymous_id, "
    "contact_id, email, session_id, channel, page_url, product_id, product_category, "
    "campaign_id, order_id, quantity, amount, currency, dwell_seconds, user_agent, "
    "is_machine, properties",
    "contacts": "contact_id, email, phone, first_name, last_name, birth_date, gender, "
    "country, region, city, postal_code, language, company, job_title, industry, "
    "created_at, updated_at, is_test",
    "contact_attributes": "contact_id, attribute, value, origin, updated_at",
    "consents": "contact_id, purpose, status, occurred_at",
    "erasure_requests": "contact_id, email, requested_at",
}
NOT_TEXT = {
    **dict.fromkeys(("occurred_at", "received_at"), "TIMESTAMP"),
    **dict.fromkeys(("quantity", "amount", "dwell_seconds"), "DOUBLE"),
    "is_machine": "BOOLEAN",
}
PRESENT = {  # what a newcomer should meet: (table, condition, rows at least)
    "anonymous browsing": (
        "events",
        "anonymous_id is not null and email is null",
        9000,
    ),
    "searches": ("events", "properties like '{\"query\": %'", 500),
    "orders": ("events", "event_name = 'Order Completed' and amount > 0", 30),
    "orders in a store": ("events", "channel = 'store' and amount > 0", 5),
    "returns": ("events", "event_name = 'order_refunded'", 2),
    "carts": ("events", "event_name = 'Product Added' and quantity >= 1", 300),
    "newsletter": ("events", "event_name = 'Newsletter Subscribed'", 10),
    "push": ("events", "source = 'push'", 5),
    "forms": ("events", "event_name = 'Form Submitted'", 10),
    "downloads": ("events", "event_name = 'File Downloaded'", 20),
    "follows": ("events", "event_name = 'Social Followed'", 3),
    "unsubscribed": ("events", "event_name = 'email_unsubscribed'", 3),
    "flagged opens": ("events", "is_machine", 100),
    "unflagged opens": (
        "events",
        "is_machine is null and event_name = 'email_opened' "
        "and (user_agent ilike '%bot%' or user_agent ilike '%imageproxy%')",
        50,
    ),
    "long visits": ("events", "dwell_seconds > 1200", 10),
    "careers": ("events", "page_url = '/careers'", 10),
    "late rows": ("events", "received_at > occurred_at + interval 1 day", 100),
    "clocks ahead": ("events", "year(occurred_at) = 2035", 1),
    "clocks at zero": ("events", "year(occurred_at) = 1970", 1),
    "no time": ("events", "occurred_at is null", 1),
    "no identifier": (
        "events",
        "coalesce(anonymous_id, contact_id, nullif(trim(email), '')) is null",
        5,
    ),
    "spaces as identifier": ("events", "email = '  '", 2),
    "no event_id": ("events", "event_id is null", 1),
    "unmapped names": ("events", "event_name = 'Experiment Viewed'", 5),
    "negative amounts": ("events", "amount < 0 and event_name <> 'order_refunded'", 1),
    "untidy emails": ("events", "email <> lower(trim(email))", 20),
    "dollars": ("events", "currency = 'USD'", 3),
    "pounds": ("events", "currency = 'GBP'", 3),
    "unknown currency": ("events", "currency = 'XTS'", 1),
    "competitors": ("contacts", "email like '%rival%'", 1),
    "staff": ("contacts", "email like '%@shop.example' and not is_test", 1),
    "test contacts": ("contacts", "is_test", 1),
    "contacts without email": ("contacts", "email is null", 1),
    "companies": ("contacts", "company is not null and industry is not null", 2),
    "accents": ("contacts", "first_name <> strip_accents(first_name)", 10),
    "national phones": ("contacts", "phone like '0%' and phone not like '00%'", 10),
    "international phones": ("contacts", "phone like '+%'", 5),
    "old customers": ("contacts", "created_at < '2025-12-01'", 20),
    "students": ("contact_attributes", "value = 'student'", 3),
    "gardens": ("contact_attributes", "attribute = 'garden' and value = 'yes'", 10),
    "enrichment": ("contact_attributes", "origin = 'enrichment'", 5),
    "withdrawn": ("consents", "purpose = 'email' and status = 'withdrawn'", 2),
    "objections": ("consents", "purpose = 'profiling' and status = 'withdrawn'", 2),
    "erasure requests": ("erasure_requests", "true", 1),
}


def generate(folder: Path, *options: str) -> Path:
    """A shop in the folder."""
    arguments = ["--events", str(EVENTS), "--output", str(folder), *options]
    assert script.main(arguments) == 0
    return folder


def digest(folder: Path) -> dict[str, str]:
    """What is in each file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.*"))
    }


def open_shop(folder: Path) -> duckdb.DuckDBPyConnection:
    """The shop's files as tables."""
    connection = duckdb.connect()
    for table in LANDING:
        if table == "events":
            reader = f"read_parquet('{folder}/events/*.parquet', filename = true)"
        elif table == "contact_attributes":
            reader = f"read_json('{folder}/{table}.jsonl')"
        else:
            reader = f"read_csv('{folder}/{table}.csv', header = true)"
        connection.execute(f"create view {table} as select * from {reader}")
    return connection


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("shop") / "demo")


@pytest.fixture
def shop(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_shop(folder) as connection:
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The only value of the only row."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = generate(tmp_path / "again")
    assert digest(again) == digest(folder)


def test_another_seed_is_another_shop(folder: Path, tmp_path: Path) -> None:
    other = digest(generate(tmp_path / "other", "--seed", "8"))
    assert not set(other.values()) & set(digest(folder).values())


@pytest.mark.parametrize("table", LANDING)
def test_columns_are_those_of_the_landing_zone(
    shop: duckdb.DuckDBPyConnection, table: str
) -> None:
    columns = shop.execute(f"describe {table}").fetchall()
    names = [name for name, *_ in columns if name != "filename"]
    assert names == LANDING[table].split(", ")
    if table == "events":
        for name, kind, *_ in columns:
            assert kind == NOT_TEXT.get(name, "VARCHAR"), name


def test_large_shops_have_the_same_columns() -> None:
    """Their records are written by a schema; events are written alike at any size."""
    records = {
        table: ", ".join(schema.names)
        for table, (schema, *_) in files.RECORD_TABLES.items()
    }
    assert {"events": LANDING["events"], **records} == LANDING


@pytest.mark.parametrize("thing", PRESENT)
def test_the_shop_has(shop: duckdb.DuckDBPyConnection, thing: str) -> None:
    table, condition, least = PRESENT[thing]
    assert ask(shop, f"select count(*) from {table} where {condition}") >= least


def test_the_shop_has_exactly_the_events_asked_for(
    shop: duckdb.DuckDBPyConnection,
) -> None:
    assert ask(shop, "select count(*) from events") == EVENTS


def test_some_become_known_and_some_of_them_buy(
    shop: duckdb.DuckDBPyConnection,
) -> None:
    visitors = (
        "select max(coalesce(contact_id, email) is not null) as is_known, "
        "max(event_name = 'Order Completed') as buys "
        "from events where anonymous_id is not null group by anonymous_id"
    )
    known = ask(shop, f"select avg(is_known::int) from ({visitors})")
    buyers = ask(shop, f"select avg(buys::int) from ({visitors})")
    assert 0.05 < known < 0.10
    assert 0.02 < buyers < 0.05


def test_duplicates_arrive_again_also_in_a_later_file(
    shop: duckdb.DuckDBPyConnection,
) -> None:
    repeated = (
        "select count(distinct filename) as files, count(*) as copies, "
        "count(distinct (coalesce(amount, 0), page_url)) as contents "
        "from events where event_id is not null group by source, event_id "
        "having count(*) > 1"
    )
    copies = ask(shop, f"select sum(copies - 1) from ({repeated})")
    assert copies == round(EVENTS * catalogue.DUPLICATE_SHARE)
    assert ask(shop, f"select count(*) from ({repeated}) where files > 1") > 5
    assert ask(shop, f"select count(*) from ({repeated}) where contents > 1") > 2


def test_two_people_share_a_browser(shop: duckdb.DuckDBPyConnection) -> None:
    shared = (
        "select anonymous_id from events where anonymous_id is not null "
        "group by 1 having count(distinct nullif(lower(trim(email)), '')) > 1"
    )
    assert ask(shop, f"select count(*) from ({shared})") >= 1


def test_contacts_share_emails_and_have_versions(
    shop: duckdb.DuckDBPyConnection,
) -> None:
    shared = "select 1 from contacts group by lower(trim(email)) having "
    same_email = "count(distinct contact_id) > 1 and max(email) is not null"
    assert ask(shop, f"select count(*) from ({shared} {same_email})") >= 1
    versions = "select 1 from contacts group by contact_id having count(*) > 1"
    assert ask(shop, f"select count(*) from ({versions})") >= 5
    updated = (
        "select 1 from contact_attributes group by contact_id, attribute "
        "having count(distinct value) > 1"
    )
    assert ask(shop, f"select count(*) from ({updated})") >= 3


def test_nothing_happens_after_the_last_day(shop: duckdb.DuckDBPyConnection) -> None:
    last = "select max(occurred_at)::date from events where year(occurred_at) < 2035"
    assert ask(shop, last) == date(2026, 5, 31)
    for table, (_, _, arrival) in files.RECORD_TABLES.items():
        assert ask(shop, f"select max({arrival})::date from {table}") <= date(
            2026, 5, 31
        )
    assert ask(shop, "select max(received_at)::date from events") == date(2026, 5, 31)


def test_interest_shows_before_the_order(tmp_path: Path) -> None:
    """What people did in April tells who orders in May."""
    shop = open_shop(generate(tmp_path / "demo", "--events", "100000"))
    means = shop.execute(
        """
        with visitors as (
            select
                anonymous_id,
                count(*) filter (event_name = 'Products Searched' and is_past) as s,
                count(*) filter (event_name = 'Product Viewed' and is_past) as v,
                count(*) filter (event_name = 'Product Added' and is_past) as c,
                count(*) filter (event_name = 'Order Completed' and not is_past) > 0
                    as buys
            from (select *, occurred_at < '2026-05-01' as is_past from events)
            where occurred_at >= '2026-04-01' and occurred_at < '2026-06-01'
                and user_agent not ilike '%bot%'
            group by 1
            having bool_or(is_past)
        )
        select avg(s), avg(v), avg(c) from visitors group by buys order by buys
        """
    ).fetchall()
    others, buyers = means
    assert all(buyer > 1.5 * other for buyer, other in zip(buyers, others, strict=True))


def test_history_and_morning_are_the_whole_shop(
    shop: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    day = date(2026, 5, 31)
    history = generate(tmp_path / "history", "--before-day", str(day))
    morning = generate(tmp_path / "morning", "--only-day", str(day))
    with open_shop(history) as before, open_shop(morning) as after:
        for table in LANDING:
            count = f"select count(*) from {table}"
            assert ask(before, count) + ask(after, count) == ask(shop, count), table
        first = ask(after, "select min(received_at) from events where event_id is null")
        assert first is None or first.date() >= day - timedelta(days=40)
        assert ask(after, "select count(*) from events") > 100


def count_events(folder: Path, blocks: int, size: int = 3_000) -> tuple[int, int]:
    """Rows and distinct ids of a shop made in so many blocks."""
    folder.mkdir()
    plan = Plan(7, blocks * size, date(2026, 3, 1), 92, events_per_block=size)
    rows = files.write_shop(plan, folder)["events"]
    with duckdb.connect() as connection:
        ids = "select count(distinct (source, event_id)) from "
        return rows, ask(connection, f"{ids} '{folder}/events/*.parquet'")


def test_blocks_give_the_same_totals(tmp_path: Path) -> None:
    one = count_events(tmp_path / "one", 1, 12_000)
    four = count_events(tmp_path / "four", 4)
    assert one[0] == four[0] == 12_000
    # Ids are unique across blocks; blank ones differ by a few.
    assert four[1] == pytest.approx(one[1], abs=10)


def test_memory_is_bounded_by_a_block(tmp_path: Path) -> None:
    peaks = []
    for blocks in (1, 2, 6):
        tracemalloc.start()
        count_events(tmp_path / str(blocks), blocks)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1]


def test_every_event_name_is_mapped() -> None:
    mapped = (SCRIPTS.parent / "seeds/reference/event_names.csv").read_text("utf-8")
    names = {line.split(",")[1] for line in mapped.splitlines()}
    wanted = {name.lower() for name in files.EVENT_NAMES}
    unmapped = {name.lower() for name in catalogue.UNMAPPED_NAMES}
    assert wanted - names == unmapped


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--events", "10"], "--events must be at least 1000."),
        (["--days", "1"], "--days must lie between 7 and 3650."),
        (["--seed", "-1"], "--seed must not be negative."),
        (["--only-day", "2027-01-01"], "--only-day must lie between 2025-12-03 and"),
        (["--end-date", "2050-01-01"], "--end-date must lie between 1980 and 2030."),
    ],
)
def test_unusable_arguments_get_one_sentence(
    options: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert script.main(["--output", str(tmp_path / "demo"), *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_word_is_not_a_date(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        script.main(["--end-date", "tomorrow"])
    assert stopped.value.code == 2
    assert "'tomorrow' is not a date like 2026-05-31" in capsys.readouterr().err


def test_other_files_are_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diary.txt").write_text("dear diary", "utf-8")
    assert script.main(["--output", str(tmp_path), "--replace"]) == 1
    assert "is not empty; choose another --output" in capsys.readouterr().err
    assert (tmp_path / "diary.txt").exists()


def test_a_shop_is_replaced_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = tmp_path / "demo"
    small = ["--events", "1000", "--output", str(demo)]
    assert script.main(small) == 0
    assert script.main(small) == 1
    assert "is not empty; add --replace" in capsys.readouterr().err
    assert script.main([*small, "--replace"]) == 0


def test_a_shop_of_another_run_stays(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = ["--events", "1000", "--output", str(tmp_path / "demo")]
    write = files.write_shop

    def overtaken(plan: Plan, folder: Path) -> dict[str, int]:
        monkeypatch.setattr(script, "write_shop", write)
        assert script.main([*small, "--seed", "3"]) == 0
        return write(plan, folder)

    monkeypatch.setattr(script, "write_shop", overtaken)
    assert script.main(small) == 1
    assert "is not empty; add --replace" in capsys.readouterr().err
    assert (tmp_path / "demo" / "contacts.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_nobody_has_to_read_what_is_told(tmp_path: Path) -> None:
    small = ("--events", "1000", "--output", str(tmp_path / "demo"))
    assert run_unread(script.__file__, *small) == (0, b"")
