"""The landing zone: its tables, its folders, and how a load becomes visible at once.

A load is written to `.staging` inside the zone, then renamed file by file into the
table folders, its ledger row last. The list of renames is written first, so that a
load killed between two renames is finished by the next loader, never half there.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from _files import sync
from _options import ActionableError
from _warehouse import NO_ROOM, first_line

NUMBERS = {"quantity", "amount", "dwell_seconds"}
# Of a consent, which with any other word would silently not count.
WORDS = {
    "purpose": ("email", "sms", "ads", "profiling"),
    "status": ("granted", "withdrawn"),
}
# Tables of objections: a row in which something is missing would silently not count.
WHOLE_ROWS = ("consents", "erasure_requests")


def column_type(column: str) -> str:
    """Return a column's DuckDB type, given its name."""
    if column.endswith("_at"):
        return "timestamp"
    if column.endswith("_date"):
        return "date"
    if column.startswith(("is_", "has_")):
        return "boolean"
    if column.endswith("_count") or column == "line":
        return "bigint"
    return "double" if column in NUMBERS else "varchar"


@dataclass(frozen=True)
class Table:
    """One landing table: its columns in order, and which of them a file must fill."""

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    sorted_by: str = "loaded_at"

    @property
    def types(self) -> dict[str, str]:
        """Column name to DuckDB type, loaded_at included."""
        return {column: column_type(column) for column in self.columns}

    @property
    def fed_columns(self) -> tuple[str, ...]:
        """The columns that a file can fill: all but loaded_at, the loader's own."""
        return tuple(column for column in self.columns if column != "loaded_at")


def _table(name: str, columns: str, **rules: str) -> Table:
    return Table(
        name,
        (*columns.split(), "loaded_at"),
        required=tuple(rules.get("required", "").split()),
        one_of=tuple(rules.get("one_of", "").split()),
        sorted_by=rules.get("sorted_by", "loaded_at"),
    )


# The engine's own number of rows that it writes at once.
MOST_GROUP_ROWS = 122_880

# What files feed: the tables of the source `landing` that models read.
FED_TABLES = {
    table.name: table
    for table in (
        _table(
            "events",
            "event_id source event_name occurred_at received_at anonymous_id contact_id"
            " email session_id channel page_url product_id product_category campaign_id"
            " order_id quantity amount currency dwell_seconds user_agent is_machine"
            " properties",
            required="event_id source event_name occurred_at",
            one_of="contact_id email anonymous_id",
            sorted_by="occurred_at",
        ),
        _table(
            "contacts",
            "contact_id email phone first_name last_name birth_date gender country"
            " region city postal_code language company job_title industry created_at"
            " updated_at is_test",
            required="contact_id",
            sorted_by="updated_at",
        ),
        _table(
            "contact_attributes",
            "contact_id attribute value origin updated_at",
            required="contact_id attribute value",
            sorted_by="updated_at",
        ),
        _table(
            "consents",
            "contact_id purpose status occurred_at",
            required="contact_id purpose status occurred_at",
            sorted_by="occurred_at",
        ),
        _table(
            "erasure_requests",
            "contact_id email requested_at",
            one_of="contact_id email",
            sorted_by="requested_at",
        ),
    )
}
UNREADABLE_ROWS = _table("unreadable_rows", "file line text error")
# The ledger: one row per loaded file and table it fed. The counts after the first
# add up to the first.
LOADS = _table(
    "loads",
    "load_id file table_name read_count loaded_count already_there_count"
    " unreadable_count filtered_count combined_count",
)
TABLES = {**FED_TABLES, UNREADABLE_ROWS.name: UNREADABLE_ROWS, LOADS.name: LOADS}


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """Return a value as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def rows_of(files: list[Path]) -> str:
    """Return the SQL source of the rows of Parquet files, or of patterns of them."""
    paths = ", ".join(literal(file) for file in files)
    return f"read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    path: Path,
    group_rows: int = MOST_GROUP_ROWS,
) -> int:
    """Write a query's rows to a Parquet file that survives a power cut; count them."""
    options = f"(format parquet, compression zstd, row_group_size {group_rows})"
    path.parent.mkdir(parents=True, exist_ok=True)
    row = connection.execute(f"copy ({query}) to {literal(path)} {options}").fetchone()
    sync(path)
    return int(row[0]) if row else 0


class Landing:
    """The landing zone in one folder. `locked()` guards every write."""

    def __init__(self, folder: Path) -> None:
        # Engines read files by a pattern, in which these characters are special.
        if set(str(folder)) & set("*?[]{}\\"):
            raise ActionableError(
                f"{folder}: the path of a landing zone may hold none of * ? [ ] {{ }}"
                " \\; name another folder with --landing"
            )
        self.folder = folder
        self.staging = folder / ".staging"
        self._journal = self.staging / "commit.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the zone, create missing tables and finish a commit that was killed.

        The kernel drops the lock when its process dies, so none is ever stale.
        """
        self._make_folder()
        with open(self.folder / ".lock", "a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ActionableError(
                    f"{self.folder}: another load is writing to this landing zone;"
                    " run again when it has finished"
                ) from None
            self._finish_killed_load()
            self._create_missing_tables()
            try:
                yield
            finally:
                self.discard(self.staging)

    def files(self, table: Table) -> str:
        """Return the SQL source of a table's landed rows."""
        return rows_of([self.pattern(table)])

    def pattern(self, table: Table) -> Path:
        """Return the pattern of a table's files."""
        return self.folder / table.name / "**" / "*.parquet"

    def schema_file(self, table: Table) -> Path:
        """Return the file without rows that has all columns of a table."""
        return self.folder / table.name / "loaded_on=1970-01-01" / "schema.parquet"

    def ledger(self, connection: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
        """Return the counts of every load so far, by load_id."""
        counts = ", ".join(c for c in LOADS.columns if c.endswith("_count"))
        query = f"select load_id, {counts} from {self.files(LOADS)}"
        return {row[0]: list(row[1:]) for row in connection.execute(query).fetchall()}

    def newest_load(self, connection: duckdb.DuckDBPyConnection) -> datetime:
        """Return the latest loaded_at of the whole zone."""
        each = [f"select max(loaded_at) from {self.files(t)}" for t in TABLES.values()]
        rows = connection.execute(" union all ".join(each)).fetchall()
        instants: list[datetime] = [row[0] for row in rows if row[0]]
        return max(instants, default=datetime(1970, 1, 1))

    def staged_file(self, table: Table, batch: str, loaded_at: datetime) -> Path:
        """Return where a batch is written before `commit` moves it into place."""
        day = f"loaded_on={loaded_at.date().isoformat()}"
        return self.staging / "batch" / table.name / day / f"{batch}.parquet"

    @property
    def is_committing(self) -> bool:
        """Tell whether a commit has begun and not ended."""
        return self._journal.exists()

    def discard(self, folder: Path) -> None:
        """Remove staged files, unless a commit that failed still needs them."""
        if not self.is_committing:
            shutil.rmtree(folder, ignore_errors=True)

    def commit(self) -> list[Path]:
        """Move the staged batch into the table folders, the ledger last; return it."""
        batch = self.staging / "batch"
        staged = sorted(
            batch.glob("*/*/*.parquet"),
            key=lambda path: (LOADS.name in path.parts, path),
        )
        names = [str(path.relative_to(batch)) for path in staged]
        beside = self._journal.with_suffix(".new")
        beside.write_text(json.dumps(names), encoding="utf-8")
        sync(beside)
        os.replace(beside, self._journal)
        sync(self.staging)
        self._move_into_place()
        return [self.folder / name for name in names]

    def _move_into_place(self) -> None:
        for name in json.loads(self._journal.read_text(encoding="utf-8")):
            staged, final = self.staging / "batch" / name, self.folder / name
            if staged.exists():
                final.parent.mkdir(parents=True, exist_ok=True)
                os.replace(staged, final)
                sync(final.parent)
        self._journal.unlink()

    def _finish_killed_load(self) -> None:
        if self.is_committing:
            self._move_into_place()
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.mkdir()

    def _create_missing_tables(self) -> None:
        """Give each table a file without rows, so that an empty zone can be built."""
        with duckdb.connect() as connection:
            for table in TABLES.values():
                final = self.schema_file(table)
                if final.exists():
                    continue
                nulls = [f"cast(null as {t}) as {c}" for c, t in table.types.items()]
                staged = self.staging / final.relative_to(self.folder)
                query = f"select {', '.join(nulls)} where false"
                try:
                    write_parquet(connection, query, staged)
                except NO_ROOM as error:
                    raise ActionableError(
                        f"{self.folder}: cannot be written ({first_line(error)});"
                        " make room, then run the same command again"
                    ) from None
                final.parent.mkdir(parents=True, exist_ok=True)
                os.replace(staged, final)

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise ActionableError(
                f"{self.folder}: is a file; give --landing a folder"
            ) from None
