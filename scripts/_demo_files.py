"""Files of the demo shop, in the formats that shops deliver."""

import csv
import json
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

import _demo_catalogue as shop
from _demo_arrays import (
    Array,
    Rows,
    count_rows,
    hex_strings,
    numbers_or_null,
    plain_strings,
    pooled_strings,
    scramble,
    timestamps,
)
from _demo_behaviour import midnight
from _demo_block import NUMBERS_PER_BLOCK, Block, Plan, make_block, measure_visitors
from _demo_flaws import NO_TIME
from _demo_messages import list_campaigns
from _demo_people import People, Record

CONTACT_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("contact_id", "email", "phone")),
        *((name, pa.string()) for name in ("first_name", "last_name")),
        ("birth_date", pa.date32()),
        *((name, pa.string()) for name in ("gender", "country", "region", "city")),
        *((name, pa.string()) for name in ("postal_code", "language", "company")),
        *((name, pa.string()) for name in ("job_title", "industry")),
        *((name, pa.timestamp("us")) for name in ("created_at", "updated_at")),
        ("is_test", pa.bool_()),
    ]
)
ATTRIBUTE_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("contact_id", "attribute", "value")),
        ("origin", pa.string()),
        ("updated_at", pa.timestamp("us")),
    ]
)
CONSENT_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("contact_id", "purpose", "status")),
        ("occurred_at", pa.timestamp("us")),
    ]
)
ERASURE_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("contact_id", "email")),
        ("requested_at", pa.timestamp("us")),
    ]
)
RECORD_TABLES = {  # table: (schema, format of a small shop, time of arrival)
    "contacts": (CONTACT_SCHEMA, "csv", "updated_at"),
    "contact_attributes": (ATTRIBUTE_SCHEMA, "jsonl", "updated_at"),
    "consents": (CONSENT_SCHEMA, "csv", "occurred_at"),
    "erasure_requests": (ERASURE_SCHEMA, "csv", "requested_at"),
}
EVENT_NAMES = (
    *(name for each in shop.EVENT_TYPES for name in (each, shop.display_name(each))),
    *shop.UNMAPPED_NAMES,
)
PRODUCT_IDS = tuple(
    f"{category[:3].upper()}-{number:03}"
    for category in shop.CATEGORIES
    for number in range(shop.PRODUCTS_PER_CATEGORY)
)
DISTINCT_COLUMNS = ("event_id", "occurred_at", "received_at")


def write_shop(plan: Plan, folder: Path) -> dict[str, int]:
    """Write the whole shop; returns the rows of each table."""
    rate = measure_visitors(plan)
    suffix = None
    if plan.events * shop.CONTACTS_PER_EVENT > shop.PARQUET_CONTACTS:
        suffix = "parquet"
    counts = dict.fromkeys(shop.TABLES, 0)
    blocks = range(len(plan.block_sizes))
    with ShopWriter(folder, suffix) as writer:
        for number in tqdm(blocks, desc="million events", unit="", disable=None):
            block = make_block(plan, number, rate)
            counts["events"] += writer.write_events(plan, block)
            for table in RECORD_TABLES:
                records = select_records(plan, table, block.people)
                counts[table] += writer.write_records(table, records)
    return counts


def select_records(plan: Plan, table: str, people: People) -> list[Record]:
    """The records of a table that arrived in the time that was asked for."""
    records: list[Record] = getattr(people, table)
    arrival = RECORD_TABLES[table][2]
    low, high = plan.arrived_from or date.min, plan.arrived_before or date.max
    return [each for each in records if low <= each[arrival].date() < high]


class ShopWriter:
    """Keeps the files open while blocks arrive: one of events for each month."""

    def __init__(self, folder: Path, suffix: str | None) -> None:
        self.folder = folder
        self.months: dict[str, pq.ParquetWriter] = {}
        self.records = {
            table: open_records(folder, table, schema, suffix or usual)
            for table, (schema, usual, _) in RECORD_TABLES.items()
        }
        (folder / "events").mkdir()

    def __enter__(self) -> "ShopWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in (*self.months.values(), *self.records.values()):
            writer.close()

    def write_records(self, table: str, records: list[Record]) -> int:
        """Append records; returns how many."""
        self.records[table].write(records)
        return len(records)

    def write_events(self, plan: Plan, block: Block) -> int:
        """Append the rows of a block to the months in which they were delivered."""
        rows = select_arrived(plan, block.rows)
        table = make_event_table(plan, block, rows)
        starts = list_months(plan)
        moments = [midnight(month) for month in starts]
        bounds = [*np.searchsorted(rows["delivered"], moments), table.num_rows]
        bounds[0] = 0
        for month, start, end in zip(starts, bounds, bounds[1:], strict=False):
            if end > start:
                writer = self.open_month(f"{month:%Y-%m}", table.schema)
                writer.write_table(table.slice(start, end - start))
        return int(table.num_rows)

    def open_month(self, month: str, schema: pa.Schema) -> pq.ParquetWriter:
        """The file of a month; pooled texts come out of it as plain ones."""
        if month not in self.months:
            path = self.folder / "events" / f"{month}.parquet"
            self.months[month] = open_parquet(path, schema)
        return self.months[month]


def select_arrived(plan: Plan, rows: Rows) -> Rows:
    """The rows delivered in the requested time; rows are sorted by delivery."""
    start, end = 0, count_rows(rows)
    if plan.arrived_from:
        start = int(np.searchsorted(rows["delivered"], midnight(plan.arrived_from)))
    if plan.arrived_before:
        end = int(np.searchsorted(rows["delivered"], midnight(plan.arrived_before)))
    return {name: values[start:end] for name, values in rows.items()}


def list_months(plan: Plan) -> list[date]:
    """The first day of each month of the shop."""
    first, last = plan.first_day, plan.last_day
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def make_event_table(plan: Plan, block: Block, rows: Rows) -> pa.Table:
    """The columns of landing.events, as the shop delivers them."""
    first = block.number * NUMBERS_PER_BLOCK
    campaigns = (*shop.WEB_CAMPAIGNS, *list_campaigns(plan.calendar)[0])
    orders = int(rows["order"].max(initial=-1)) + 1
    order_ids = [f"O{first + place:09}" for place in range(orders)]
    product = rows["product"]
    machine = rows["machine"]
    columns: dict[str, Any] = {
        "event_id": make_ids(rows["event"] + first, 64, rows["event"] < 0),
        "source": pooled_strings(rows["source"], shop.SOURCES),
        "event_name": pooled_strings(rows["name"], EVENT_NAMES),
        "occurred_at": timestamps(rows["occurred"], rows["occurred"] == NO_TIME),
        "received_at": timestamps(rows["received"]),
        "anonymous_id": make_ids(rows["anonymous"], 40, rows["anonymous"] < 0),
        "contact_id": plain_strings(rows["contact"], block.people.contact_ids),
        "email": make_emails(rows, block.people.emails),
        "session_id": make_ids(rows["session"] + first, 48, rows["session"] < 0),
        "channel": pooled_strings(rows["channel"], shop.CHANNELS),
        "page_url": pooled_strings(rows["page"], shop.PAGES),
        "product_id": pooled_strings(product, PRODUCT_IDS),
        "product_category": pooled_strings(
            np.where(product < 0, -1, product // shop.PRODUCTS_PER_CATEGORY),
            shop.CATEGORIES,
        ),
        "campaign_id": pooled_strings(rows["campaign"], campaigns),
        "order_id": plain_strings(rows["order"], order_ids),
        "quantity": numbers_or_null(rows["quantity"]),
        "amount": numbers_or_null(rows["amount"]),
        "currency": pooled_strings(rows["currency"], shop.CURRENCIES),
        "dwell_seconds": numbers_or_null(rows["dwell"]),
        "user_agent": pooled_strings(rows["agent"], shop.AGENTS),
        "is_machine": pa.array(machine > 0, pa.bool_(), mask=machine < 0),
        "properties": pooled_strings(rows["properties"], shop.PROPERTY_TEXTS),
    }
    return pa.table(columns)


def make_ids(numbers: Array, bits: int, is_null: Array) -> pa.Array:
    """Hexadecimal ids that tell nothing about their order."""
    return hex_strings(scramble(numbers, bits), bits // 4, is_null)


def make_emails(rows: Rows, emails: list[str]) -> pa.Array:
    """Emails; spaces only where a form was sent with a blank field."""
    codes = np.where(rows["is_blank"], len(emails), rows["email"])
    return plain_strings(codes, [*emails, "  "])


def open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet file whose bytes depend on its rows only."""
    names = [name for name in schema.names if name not in DISTINCT_COLUMNS]
    return pq.ParquetWriter(
        path,
        schema,
        version="2.6",
        compression="zstd",
        compression_level=1,
        use_dictionary=names,
        store_schema=False,
    )


class RecordWriter:
    """Appends records to a text file: CSV with a header, or JSON Lines."""

    def __init__(self, path: Path, names: list[str]) -> None:
        self.file: TextIO = path.open("w", encoding="utf-8", newline="")
        self.names = names
        self.is_csv = path.suffix == ".csv"
        if self.is_csv:
            csv.writer(self.file, lineterminator="\n").writerow(names)

    def write(self, records: list[Record]) -> None:
        """Append records."""
        if self.is_csv:
            rows = ([as_text(each[name]) for name in self.names] for each in records)
            csv.writer(self.file, lineterminator="\n").writerows(rows)
            return
        for each in records:
            texts = {name: as_text(each[name]) for name in self.names}
            self.file.write(json.dumps(texts, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Finish the file."""
        self.file.close()


class ParquetRecordWriter:
    """The same for a large shop."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.writer = open_parquet(path, schema)

    def write(self, records: list[Record]) -> None:
        """Append records; a blank text is null."""
        rows = [
            {name: None if value == "" else value for name, value in each.items()}
            for each in records
        ]
        self.writer.write_table(pa.Table.from_pylist(rows, schema=self.schema))

    def close(self) -> None:
        """Finish the file."""
        self.writer.close()


def open_records(
    folder: Path, table: str, schema: pa.Schema, suffix: str
) -> RecordWriter | ParquetRecordWriter:
    """The file of a table in this format."""
    path = folder / f"{table}.{suffix}"
    if suffix == "parquet":
        return ParquetRecordWriter(path, schema)
    return RecordWriter(path, schema.names)


def as_text(value: Any) -> str:
    """A value as it is written in a text file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)
