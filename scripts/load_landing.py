"""Bring CSV, JSON Lines and Parquet files into the landing zone, each file once.

A file whose columns are named as the landing table's needs nothing more; the table
comes from --table or from the file's or folder's name. Any other file needs a mapping.
A file is loaded whole or not at all, rows that are landed already are left out, and
lines that cannot be read are kept in the table unreadable_rows.
"""

import argparse
import codecs
import csv
import fnmatch
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import sys
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self, cast

import duckdb
import yaml
from tqdm import tqdm

from _landing import (
    FED_TABLES,
    LOADS,
    NUMBERS,
    UNREADABLE_ROWS,
    Landing,
    Table,
    column_type,
    literal,
    quoted,
    write_parquet,
)
from _options import (
    ActionableError,
    add_landing_option,
    did_you_mean,
    print_error,
    run_reporting_errors,
)

EXAMPLES = """\
examples:
  load_landing.py data/events.csv data/contacts.parquet
  load_landing.py exports/ --mapping mapping.yml
  load_landing.py --init

mapping.yml, one entry for each landing table that a file feeds:
  loads:
    - table: events
      file: "orders*.csv"                   # default: every file
      format: csv                           # csv, jsonl, parquet; default: by name
      delimiter: ";"                        # default: read off the header
      encoding: windows-1252                # default: UTF-8, else Windows-1252
      time_zone: Europe/London              # of times without an offset; default UTC
      timestamp_formats: ["%d/%m/%Y %H:%M"] # tried before ISO 8601
      where: "try_cast(Quantity as double) <> 0"
      group_by: [InvoiceNo, CustomerID]     # then expressions may aggregate
      columns:
        event_id: InvoiceNo                 # their column
        source: {constant: shop}
        amount: {expression: "sum(cast(Quantity as double) * UnitPrice)"}
        properties: {columns: [Country]}    # a JSON object of their columns
  In CSV and JSON Lines every column is text; in Parquet it keeps its type.
"""
FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE_BYTES = 16_000_000
CHUNK_BYTES = 1 << 22


# --- Mapping: which of their columns feeds which of ours ---------------------------


@dataclass(frozen=True)
class Value:
    """What fills a landing column: a column of theirs, an expression or a constant."""

    kind: str  # column, expression, constant or columns
    operands: tuple[str, ...]

    def sql(self) -> str:
        """Return the value as SQL over their columns."""
        if self.kind == "column":
            return quoted(self.operands[0])
        if self.kind == "constant":
            return literal(self.operands[0])
        if self.kind == "columns":
            return json_object({name: quoted(name) for name in self.operands})
        return f"({self.operands[0]}\n)"

    def named_columns(self) -> tuple[str, ...]:
        """Return the columns of theirs that are named outright."""
        return self.operands if self.kind in ("column", "columns") else ()


@dataclass(frozen=True)
class Load:
    """One entry of a mapping: how a file feeds one landing table."""

    table: str
    columns: tuple[tuple[str, Value], ...]
    label: str = "the file's own columns"
    file: str = "*"
    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    time_zone: str = "UTC"
    timestamp_formats: tuple[str, ...] = ()
    where: str | None = None
    group_by: tuple[Value, ...] = ()

    def matches(self, path: Path) -> bool:
        """Tell whether the entry is meant for a file, gzipped or not."""
        names = (path.name, path.name.removesuffix(".gz"))
        return any(fnmatch.fnmatchcase(name, self.file) for name in names)

    def identity(self, content_hash: str) -> str:
        """Name this way of loading this content: the same again adds nothing."""
        what = {k: v for k, v in asdict(self).items() if k not in ("label", "file")}
        text = json.dumps([content_hash, what], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class UniqueKeyLoader(yaml.SafeLoader):
    """YAML in which a key given twice is a mistake, not the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} stands twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


class MappingReader:
    """Reads a mapping file; each mistake becomes one sentence with its place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Load]:
        """Return the entries of the mapping, checked."""
        content = self._content()
        self._known_keys("", content, ["loads"])
        entries = content.get("loads")
        if not isinstance(entries, list) or not entries:
            raise self._error("", "`loads` must be a list of at least one entry")
        loads = [self._load(i, entry) for i, entry in enumerate(entries, start=1)]
        plain = [replace(load, label="") for load in loads]
        for i, load in enumerate(plain):
            if load in plain[:i]:
                raise self._error(loads[i].label, "repeats an earlier entry; remove it")
        return loads

    def _error(self, place: str, message: str) -> ActionableError:
        where = f", {place}" if place else ""
        return ActionableError(f"{self.path.name}{where}: {message}")

    def _content(self) -> dict[str, Any]:
        try:
            content = yaml.load(self.path.read_text("utf-8-sig"), UniqueKeyLoader)
        except FileNotFoundError:
            raise ActionableError(f"{self.path}: no such mapping file") from None
        except UnicodeDecodeError:
            raise self._error("", "is not UTF-8; save it as UTF-8") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"line {mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or "cannot be read"
            raise self._error(place, f"is not valid YAML: {problem}") from None
        if not isinstance(content, dict):
            raise self._error("", "must hold a list named `loads`")
        return content

    def _known_keys(
        self, place: str, content: dict[str, Any], known: list[str]
    ) -> None:
        for key in content:
            if key not in known:
                hint = did_you_mean(str(key), known)
                raise self._error(
                    place, f"unknown key {key}{hint}; known are {', '.join(known)}"
                )

    def _load(self, number: int, entry: Any) -> Load:
        place = f"loads[{number}]"
        if not isinstance(entry, dict):
            raise self._error(place, "must have keys, `table` and `columns` at least")
        known = [key for key in Load.__dataclass_fields__ if key != "label"]
        self._known_keys(place, entry, known)
        for key in ("table", "columns"):
            if key not in entry:
                raise self._error(place, f"`{key}` is missing; add it")
        given = {key: value for key, value in entry.items() if value is not None}
        for key in ("table", "file", "format", "delimiter", "encoding", "where"):
            if not isinstance(given.get(key, ""), str):
                raise self._error(place, f"`{key}` must be text; put it in quotes")
        table = self._table(place, entry["table"])
        place = f"{place} ({table.name})"
        return Load(
            table=table.name,
            columns=self._columns(place, table, entry["columns"]),
            label=place,
            file=given.get("file", "*"),
            format=self._format(place, given.get("format")),
            delimiter=self._delimiter(place, given.get("delimiter")),
            encoding=self._encoding(place, given.get("encoding")),
            time_zone=self._time_zone(place, given.get("time_zone", "UTC")),
            timestamp_formats=self._formats(place, given.get("timestamp_formats", [])),
            where=given.get("where"),
            group_by=self._group_by(place, given.get("group_by", [])),
        )

    def _table(self, place: str, name: str) -> Table:
        if name not in FED_TABLES:
            hint = did_you_mean(name, FED_TABLES)
            raise self._error(
                place, f"unknown table {name}{hint}; known are {', '.join(FED_TABLES)}"
            )
        return FED_TABLES[name]

    def _columns(
        self, place: str, table: Table, entry: Any
    ) -> tuple[tuple[str, Value], ...]:
        if not isinstance(entry, dict) or not entry:
            raise self._error(place, "`columns` must name landing columns")
        for column in entry:
            if column == "loaded_at":
                raise self._error(place, "loaded_at is set by the loader; remove it")
            if column not in table.fed_columns:
                hint = did_you_mean(str(column), table.fed_columns)
                raise self._error(
                    place, f"{table.name} has no column {column}{hint}; rename it"
                )
        given = {c: v for c, v in entry.items() if v is not None}
        missing = missing_columns(table, given)
        if missing:
            raise self._error(place, f"`columns` lacks {missing}; map it")
        return tuple((c, self._value(place, c, v)) for c, v in given.items())

    def _value(self, place: str, column: str, entry: Any) -> Value:
        if isinstance(entry, str):
            return Value("column", (entry,))
        if not isinstance(entry, dict) or len(entry) != 1:
            raise self._error(
                place,
                f"{column}: give a column's name, {{expression: ...}} or"
                " {constant: ...}",
            )
        kind, operand = next(iter(entry.items()))
        self._known_keys(
            f"{place}, {column}", entry, ["expression", "constant", "columns"]
        )
        if kind == "columns":
            names = operand if isinstance(operand, list) else []
            if column != "properties" or not names or not all_text(names):
                raise self._error(
                    place, f"{column}: only properties takes a list of `columns`"
                )
            return Value(kind, tuple(names))
        if kind == "expression" and not isinstance(operand, str):
            raise self._error(place, f"{column}: put the expression in quotes")
        if isinstance(operand, bool):
            return Value(kind, (str(operand).lower(),))
        if not isinstance(operand, str | int | float | date):
            raise self._error(place, f"{column}: a constant is text or a number")
        return Value(kind, (str(operand),))

    def _format(self, place: str, name: str | None) -> str | None:
        known = list(dict.fromkeys(FORMATS.values()))
        if name is not None and name not in known:
            raise self._error(
                place, f"unknown format {name}; known are {', '.join(known)}"
            )
        return name

    def _delimiter(self, place: str, text: str | None) -> str | None:
        text = "\t" if text in ("\\t", "tab") else text
        if text is not None and (len(text) != 1 or text in '"\r\n\0'):
            raise self._error(
                place, "`delimiter` must be one character, such as ';' or tab"
            )
        return text

    def _encoding(self, place: str, name: str | None) -> str | None:
        try:
            return None if name is None else codecs.lookup(name).name
        except LookupError:
            raise self._error(
                place, f"unknown encoding {name}; try utf-8 or windows-1252"
            ) from None

    def _time_zone(self, place: str, name: Any) -> str:
        with duckdb.connect() as connection:
            rows = connection.execute("select name from pg_timezone_names()").fetchall()
        zones = [str(row[0]) for row in rows]
        if name not in zones:
            hint = did_you_mean(str(name), zones)
            raise self._error(
                place,
                f"unknown time_zone {name}{hint}; use a name such as Europe/London",
            )
        return str(name)

    def _formats(self, place: str, formats: Any) -> tuple[str, ...]:
        formats = [formats] if isinstance(formats, str) else formats
        if not isinstance(formats, list) or not all_text(formats):
            raise self._error(place, "`timestamp_formats` must be a list of text")
        with duckdb.connect() as connection:
            for text in formats:
                try:
                    connection.execute(f"select try_strptime('', {literal(text)})")
                except duckdb.Error:
                    raise self._error(
                        place,
                        f"timestamp format {text} is not valid; write it with % codes,"
                        " such as %d/%m/%Y %H:%M",
                    ) from None
        return tuple(formats)

    def _group_by(self, place: str, entry: Any) -> tuple[Value, ...]:
        entry = [entry] if isinstance(entry, str | dict) else entry
        if not isinstance(entry, list):
            raise self._error(place, "`group_by` must be a list of their columns")
        return tuple(self._value(place, "group_by", value) for value in entry)


def all_text(values: list[Any]) -> bool:
    """Tell whether every item is text."""
    return all(isinstance(value, str) for value in values)


def missing_columns(table: Table, given: Iterable[str]) -> str:
    """Name the required columns of a table that nothing feeds, or ''."""
    given = set(given)
    missing = [column for column in table.required if column not in given]
    if table.one_of and not given & set(table.one_of):
        missing.append("one of " + ", ".join(table.one_of))
    return " and ".join(missing)


# --- Files: which ones, what is in them as bytes -----------------------------------


@dataclass(frozen=True)
class SourceFile:
    """A file to load, and the folder it was found in, if it was not named itself."""

    path: Path
    folder: Path | None = None

    @property
    def format(self) -> str | None:
        """The format its name tells."""
        return FORMATS.get(Path(self.path.name.lower().removesuffix(".gz")).suffix)

    def table_name(self) -> str | None:
        """Return the landing table whose name starts the file's or its folder's."""
        path = self.path.resolve()
        top = (self.folder or path.parent).resolve()
        within = len(path.relative_to(top).parts)
        names = [path.name, *(parent.name for parent in list(path.parents)[:within])]
        tables = sorted(FED_TABLES, key=len, reverse=True)
        starts = (t for n in names for t in tables if n.lower().startswith(t))
        return next(starts, None)


def find_files(paths: Iterable[Path]) -> Iterator[SourceFile | ActionableError]:
    """Yield the files to load; a path that leads to none becomes its error."""
    for path in paths:
        if path.is_file():
            yield SourceFile(path)
        elif path.is_dir():
            inside = [
                SourceFile(found, path)
                for found in sorted(path.rglob("*"))
                if found.is_file()
                and not found.name.startswith((".", "_"))
                and SourceFile(found).format
            ]
            yield from inside
            if not inside:
                yield ActionableError(
                    f"{path}: holds no CSV, JSON Lines or Parquet file; check the path"
                )
        else:
            yield ActionableError(
                f"{path}: no such file or folder; check the path for a typing error"
            )


@dataclass(frozen=True)
class Content:
    """What a pass over a file's bytes tells."""

    content_hash: str
    is_gzipped: bool
    encoding: str | None = None  # None: not text
    has_mixed_newlines: bool = False
    has_nulls: bool = False


def open_bytes(path: Path, is_gzipped: bool) -> IO[bytes]:
    """Open a file for its bytes, gunzipped."""
    if is_gzipped:
        return cast(IO[bytes], gzip.open(path, "rb"))
    return open(path, "rb")


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream piece by piece."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def examine(path: Path, is_text: bool) -> Content:
    """Hash a file and, if it is text, learn its encoding and line ends."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        is_gzipped = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        for chunk in chunks(stream):
            digest.update(chunk)
    if not is_text:
        return Content(digest.hexdigest(), is_gzipped)
    decoder, encoding = codecs.getincrementaldecoder("utf-8")(), "utf-8"
    feeds = returns = pairs = nulls = 0
    last = b""
    with open_bytes(path, is_gzipped) as stream:
        for position, chunk in enumerate(chunks(stream)):
            if position == 0 and chunk[:2] in (
                codecs.BOM_UTF16_LE,
                codecs.BOM_UTF16_BE,
            ):
                encoding = "utf-16"
            if encoding == "utf-8":
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    encoding = "cp1252"
            feeds, returns = feeds + chunk.count(b"\n"), returns + chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            nulls += chunk.count(b"\0")
            last = chunk[-1:]
    if encoding == "utf-8" and decoder.getstate()[0]:
        encoding = "cp1252"
    is_mixed = feeds > 0 and returns > 0 and not feeds == returns == pairs
    return Content(digest.hexdigest(), is_gzipped, encoding, is_mixed, nulls > 0)


def _keep_undefined_bytes(error: UnicodeError) -> tuple[str, int]:
    # Windows-1252 leaves five bytes undefined; browsers read them as Latin-1 does.
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("latin-1", _keep_undefined_bytes)


def transcode(path: Path, content: Content, to: Path, one_newline: bool) -> None:
    """Write a text file again as plain UTF-8, optionally with line feeds alone.

    A null byte becomes U+FFFD, because the engine takes it for the end of a line.
    """
    encoding = content.encoding or "utf-8"
    errors = "latin-1" if encoding == "cp1252" else "strict"
    sig = "utf-8-sig" if encoding == "utf-8" else encoding
    decoder = codecs.getincrementaldecoder(sig)(errors)
    newlines = io.IncrementalNewlineDecoder(None, translate=one_newline)
    with (
        open_bytes(path, content.is_gzipped) as stream,
        open(to, "w", encoding="utf-8", newline="") as out,
    ):
        if stream.read(3) != codecs.BOM_UTF8 or encoding.startswith("utf-16"):
            stream.seek(0)
        for chunk in chunks(stream):
            text = newlines.decode(decoder.decode(chunk))
            out.write(text.replace("\0", "\ufffd"))
        out.write(newlines.decode(decoder.decode(b"", True), True))


# --- Reading: a file becomes the relation `source` ---------------------------------
# `source` has `__row`, the row's number from 0, then the file's own columns. Lines
# that are no rows at all stand in the table `damaged`. `locate` makes the relation
# `located`: __row, line and text of every row, which only unreadable rows need.


@dataclass
class Source:
    """A file that has been read."""

    name: str
    format: str
    columns: dict[str, str]
    rows_count: int
    damaged_count: int

    @property
    def read_count(self) -> int:
        """Rows and unreadable lines together."""
        return self.rows_count + self.damaged_count

    def column(self, name: str) -> str | None:
        """Return the file's spelling of a column, or None."""
        if name in self.columns:
            return name
        same = (column for column in self.columns if column.lower() == name.lower())
        return next(same, None)


class Reader:
    """Reads one file into a DuckDB connection; big things go to its work folder."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, file: SourceFile, loads: list[Load]
    ) -> None:
        self.connection = connection
        self.path = file.path
        self.name = file.path.name
        self.format = self._agreed("format", loads) or file.format
        self.delimiter = self._agreed("delimiter", loads)
        self.encoding = self._agreed("encoding", loads)
        self.content = Content("", False)
        self.work = Path()
        self._names: list[str] = []
        self._header_lines = 0

    def _agreed(self, option: str, loads: list[Load]) -> str | None:
        """Return an option that entries for one file may set only to one value."""
        values = {getattr(load, option) for load in loads} - {None}
        if len(values) > 1:
            raise ActionableError(
                f"{self.name}: entries of the mapping give it different `{option}`;"
                " a file has one"
            )
        return values.pop() if values else None

    def examine(self) -> str:
        """Read the bytes once and return the hash of the content."""
        if self.format is None:
            raise ActionableError(
                f"{self.name}: the name does not tell the format; rename it to .csv,"
                " .jsonl or .parquet, or set `format` in a mapping file (--mapping)"
            )
        try:
            self.content = examine(self.path, is_text=self.format != "parquet")
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise ActionableError(
                f"{self.name}: the gzip file is cut off or damaged; fetch it again"
            ) from None
        if self.encoding == "utf-8" and self.content.encoding != "utf-8":
            raise self._wrong_encoding()
        if self.encoding:
            self.content = replace(self.content, encoding=self.encoding)
        return self.content.content_hash

    @property
    def note(self) -> str:
        """Say what was guessed about the file, if anything was."""
        if self.encoding or self.content.encoding != "cp1252":
            return ""
        return f"{self.name} is not UTF-8; it was read as Windows-1252."

    def read(self, work: Path) -> Source:
        """Make the relations `source` and `damaged`."""
        self.work = work
        self.connection.execute(
            "create table damaged (line bigint, text varchar, error varchar)"
        )
        if self.format == "parquet":
            return self._read_parquet()
        path = self._plain(one_newline=False)
        if self.format == "jsonl":
            return self._read_json_lines(path)
        return self._read_csv(path)

    def locate(self, source: Source) -> None:
        """Make the relation `located`."""
        row = json_object({column: quoted(column) for column in source.columns})
        query = f"select __row, __row + 1 as line, {row} as text from source"
        if self.format == "jsonl":
            query = "select rowid as __row, rowid + 1 as line, text from lines"
        elif self.format == "csv" and self._records(source) == source.rows_count:
            query = (
                "select row_number() over (order by line) - 1 as __row, line, text"
                " from records where fits"
            )
        elif self.format == "csv":
            query = query.replace("__row + 1", "cast(null as bigint)")
        self.connection.execute(f"create or replace temp view located as {query}")

    # Text: plain UTF-8 under a name without surprises.

    def _plain(self, one_newline: bool) -> Path:
        """Return a UTF-8 file with the same text, the file itself if it is one."""
        suffix = ".gz" if self.content.is_gzipped else ""
        link = self.work / f"source{suffix}"
        link.unlink(missing_ok=True)
        if (
            self.content.encoding == "utf-8"
            and not self.content.has_nulls
            and not (one_newline and self.content.has_mixed_newlines)
        ):
            link.symlink_to(self.path.resolve())
            return link
        link = self.work / "source"
        try:
            transcode(self.path, self.content, link, one_newline)
        except UnicodeError:
            raise self._wrong_encoding() from None
        return link

    def _wrong_encoding(self) -> ActionableError:
        return ActionableError(
            f"{self.name}: is not {self.encoding or self.content.encoding} text; set"
            " `encoding` in the mapping to what it is"
        )

    def _read_lines(self, path: Path) -> None:
        """Make the table `lines`: text of each physical line, in order."""
        # The null byte, which `_plain` removed, is the one character no line holds.
        options = (
            "delim = '', quote = '', escape = '', header = false, auto_detect = false,"
            f" columns = {{'text': 'varchar'}}, max_line_size = {LONGEST_LINE_BYTES},"
            f" strict_mode = false, {compression(path)}"
        )
        try:
            self.connection.execute(
                "create or replace table lines as"
                f" select text from read_csv({literal(path)}, {options})"
            )
        except duckdb.InvalidInputException:
            raise ActionableError(
                f"{self.name}: a line is longer than {LONGEST_LINE_BYTES:,} bytes;"
                " check that this is the right file"
            ) from None

    # Parquet.

    def _read_parquet(self) -> Source:
        link = self.work / "source.parquet"
        if self.content.is_gzipped:
            with gzip.open(self.path) as zipped, open(link, "wb") as plain:
                shutil.copyfileobj(zipped, plain)
        else:
            link.symlink_to(self.path.resolve())
        columns = f"select * from read_parquet({literal(link)}"
        try:
            types = self._describe(f"{columns})")
            self.connection.execute(
                "create temp view source as select file_row_number as __row, *"
                f" exclude (file_row_number) from ({columns},"
                " file_row_number = true, hive_partitioning = false))"
            )
        except duckdb.Error:
            raise ActionableError(
                f"{self.name}: is not a Parquet file; fetch it again or set `format`"
            ) from None
        return Source(self.name, "parquet", types, self._count("source"), 0)

    # JSON Lines.

    def _read_json_lines(self, path: Path) -> Source:
        if self.content.has_mixed_newlines:
            path = self._plain(one_newline=True)
        self._read_lines(path)
        is_object = "case when json_valid(text) then json_type(text) = 'OBJECT' end"
        self.connection.execute(
            "insert into damaged select rowid + 1, text, case when json_valid(text)"
            " then 'not a JSON object' else 'not valid JSON' end from lines"
            f" where trim(text, ' \t\r') <> '' and coalesce({is_object}, false) = false"
        )
        rows = self.connection.execute(
            "select distinct unnest(json_keys(text)) as name from lines"
            f" where {is_object} order by name"
        ).fetchall()
        names = [str(row[0]) for row in rows if row[0]]
        self._check_names(names)
        structure = json.dumps(dict.fromkeys(names, "VARCHAR"))
        fields = f"unnest(from_json(text, {literal(structure)}))" if names else "text"
        self.connection.execute(
            f"create table source as select rowid as __row, {fields} from lines"
            f" where {is_object}"
        )
        columns = dict.fromkeys(names, "VARCHAR")
        return self._text_source(columns, "write one JSON object on each line")

    # CSV: the strict reader takes a sound file as it is. Only when it refuses, the
    # lines are sorted into records that fit the header and damaged ones.

    def _read_csv(self, path: Path) -> Source:
        self._names, self._header_lines = self._header(path)
        self._check_names(self._names)
        try:
            self._parse_csv(path, header=True)
        except duckdb.InvalidInputException:
            self._quarantine()
        columns = dict.fromkeys(self._names, "VARCHAR")
        remedy = "check that each has as many fields as the header"
        if len(columns) == 1:
            remedy = "set `delimiter` in a mapping file (--mapping)"
        return self._text_source(columns, remedy)

    def _header(self, path: Path) -> tuple[list[str], int]:
        """Return the column names and how many lines they take."""
        zipped = path.suffix == ".gz"
        with open_bytes(path, zipped) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            start = "".join(text.read(1_000_000).splitlines(keepends=True)[:100])
        if not start.strip():
            raise ActionableError(
                f"{self.name}: is empty, without even a header line; export it again"
            )
        candidates = [self.delimiter] if self.delimiter else list(DELIMITERS)
        best: tuple[list[str], int, str] = ([], 0, "")
        for delimiter in candidates:
            reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
            try:
                names = next(reader)
            except csv.Error:
                names = []
            if len(names) > len(best[0]):
                best = names, reader.line_num, delimiter
        names, lines, self.delimiter = best
        if not names:
            raise ActionableError(
                f"{self.name}: its first line is no header; check that it is a CSV file"
            )
        return [
            name.strip() or f"column_{i}" for i, name in enumerate(names, start=1)
        ], lines

    def _parse_csv(self, path: Path, header: bool) -> None:
        columns = ", ".join(f"{literal(name)}: 'varchar'" for name in self._names)
        options = (
            f"delim = {literal(self.delimiter)}, quote = '\"', escape = '\"',"
            f" auto_detect = false, header = {header}, columns = {{{columns}}},"
            f" max_line_size = {LONGEST_LINE_BYTES}, {compression(path)}"
        )
        # In a file of one column the engine takes a blank line for a row.
        one = len(self._names) == 1
        given = f" where {quoted(self._names[0])} is not null" if one else ""
        self.connection.execute(
            "create or replace table parsed as select * from"
            f" read_csv({literal(path)}, {options}){given}"
        )
        self.connection.execute(
            "create or replace temp view source as select rowid as __row, * from parsed"
        )

    def _quarantine(self) -> None:
        """Parse the records that fit the header; keep the others in `damaged`."""
        self._split_records()
        expected = f"expected {len(self._names)} fields"
        found = f"len(text) - len(replace(text, {literal(self.delimiter)}, '')) + 1"
        self.connection.execute(
            f"insert into damaged select line, text, case when contains(text, '\"')"
            f" then '{expected}, or quotes that do not match'"
            f" else format('{expected}, found {{}}', {found}) end"
            " from records where not fits"
        )
        clean = self.work / "clean.csv"
        self.connection.execute(
            "copy (select text from records where fits order by line)"
            f" to {literal(clean)} (format csv, delimiter '', quote '', escape '',"
            " header false)"
        )
        try:
            self._parse_csv(clean, header=False)
        except duckdb.InvalidInputException:
            raise ActionableError(
                f"{self.name}: cannot be read as CSV; check delimiter and quotes"
            ) from None

    def _records(self, source: Source) -> int:
        """Make the table `records` unless it is there; count those that fit."""
        made = self.connection.execute(
            "select count(*) from duckdb_tables() where table_name = 'records'"
        ).fetchone()
        if made == (0,):
            self._split_records()
        return self._count("records where fits")

    def _split_records(self) -> None:
        """Make the table `records`: line, text, and whether it fits the header.

        A line that fits is a record. Lines between them are joined while a quote
        is open, so that one stray quote spoils nothing beyond the next sound line.
        """
        self._read_lines(self._plain(one_newline=True))
        fits = f"regexp_full_match(text, {literal(self._pattern())})"
        run = f"""
            with numbered as (
                select
                    rowid + 1 as line,
                    coalesce(text, '') as text,
                    len(text) - len(replace(text, '"', '')) as quotes
                from lines where rowid >= {self._header_lines}
            ),
            misfits as (
                select *, line - row_number() over (order by line) as run
                from numbered where text = '' or not {fits}
            ),
            opened as (
                select *, coalesce(sum(quotes) over (
                    partition by run order by line
                    rows between unbounded preceding and 1 preceding
                ), 0) % 2 = 0 as starts
                from misfits
            ),
            grouped as (
                select *, count_if(starts) over (partition by run order by line) as nth
                from opened
            ),
            joined as (
                select
                    min(line) as line,
                    string_agg(text, chr(10) order by line) as text
                from grouped group by run, nth
            )
        """
        self.connection.execute(
            f"create or replace table records as {run}"
            f" select line, text, true as fits from numbered"
            f" where text <> '' and {fits} union all"
            f" select line, text, {fits} as fits from joined where text <> ''"
        )

    def _pattern(self) -> str:
        """Return the regular expression of a record with the header's fields."""
        delimiter = re.escape(self.delimiter or ",")
        field = f'(?:"(?:[^"]|"")*" *|[^"{delimiter}\\n][^{delimiter}\\n]*|)'
        return f"{field}(?:{delimiter}{field}){{{len(self._names) - 1}}}"

    def _check_names(self, names: list[str]) -> None:
        seen: dict[str, str] = {}
        for name in names:
            if name.lower() in seen:
                raise ActionableError(
                    f"{self.name}: the columns {seen[name.lower()]} and {name} have the"
                    " same name; rename one"
                )
            seen[name.lower()] = name

    def _text_source(self, columns: dict[str, str], remedy: str) -> Source:
        counts = self._count("source"), self._count("damaged")
        if counts[1] and not counts[0]:
            row = self.connection.execute("select mode(error) from damaged").fetchone()
            reason = row[0] if row else ""
            raise ActionableError(
                f"{self.name}: none of its {counts[1]:,} lines can be read"
                f" ({reason}); {remedy}"
            )
        return Source(self.name, str(self.format), columns, *counts)

    def _count(self, relation: str) -> int:
        row = self.connection.execute(f"select count(*) from {relation}").fetchone()
        return int(row[0]) if row else 0

    def _describe(self, query: str) -> dict[str, str]:
        rows = self.connection.execute(f"describe {query}").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}


def json_object(values: dict[str, str]) -> str:
    """Return SQL for the JSON text of an object."""
    pairs = ", ".join(f"{literal(name)}: {sql}" for name, sql in values.items())
    return f"cast(to_json({{{pairs}}}) as varchar)"


def compression(path: Path) -> str:
    """Return the reader option for a file that is gzipped, or is not."""
    return f"compression = '{'gzip' if path.suffix == '.gz' else 'none'}'"


# --- Types: their values become ours, or say why not -------------------------------

WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*")
INSTANTS = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}


@dataclass(frozen=True)
class Typed:
    """A landing column's value, and the condition under which it is unreadable."""

    sql: str
    fails: str = ""
    complaint: str = ""


def typed(column: str, sql: str, their_type: str, load: Load) -> Typed:
    """Return how a value of theirs becomes a landing column's."""
    kind = column_type(column)
    if column == "properties":
        return typed_json(sql, their_type)
    if kind == "double":
        return typed_number(sql, their_type)
    if kind == "boolean":
        return typed_boolean(sql)
    if kind == "timestamp":
        return typed_timestamp(sql, their_type, load)
    if kind == "date":
        return typed_date(sql, their_type, load)
    if their_type in ("DOUBLE", "FLOAT"):
        # An id that a missing value turned into a float is 12345, not 12345.0.
        sql = f"nullif({sql}, cast('nan' as double))"
        whole = f"case when {sql} = trunc({sql}) then try_cast({sql} as bigint) end"
        sql = f"coalesce(cast({whole} as varchar), cast({sql} as varchar))"
    return Typed(f"nullif(cast({sql} as varchar), '')")


def typed_json(sql: str, their_type: str) -> Typed:
    """Return JSON text; a value that is no text is turned into JSON."""
    if their_type not in ("VARCHAR", "JSON"):
        return Typed(f"cast(to_json({sql}) as varchar)")
    text = f"nullif(nullif(trim({sql}), ''), 'null')"
    return Typed(text, f"not json_valid({text})", "not valid JSON")


def typed_number(sql: str, their_type: str) -> Typed:
    """Return a double; not-a-number is how some tools write a missing one."""
    if WHOLE.fullmatch(their_type):
        return Typed(f"cast({sql} as double)")
    text = f"nullif(trim(cast({sql} as varchar)), '')"
    number = f"try_cast({text} as double)"
    given = text
    if their_type in ("DOUBLE", "FLOAT"):
        number, given = f"cast({sql} as double)", sql
    fails = f"{given} is not null and coalesce(isinf({number}), true)"
    return Typed(f"nullif({number}, cast('nan' as double))", fails, "not a number")


def typed_boolean(sql: str) -> Typed:
    """Return a boolean from the usual words and digits."""
    text = f"nullif(lower(trim(cast({sql} as varchar))), '')"
    yes = f"{text} in ('true', 't', 'yes', 'y', '1', '1.0')"
    no = f"{text} in ('false', 'f', 'no', 'n', '0', '0.0')"
    value = f"case when {yes} then true when {no} then false end"
    return Typed(value, f"{text} is not null and ({value}) is null", "not yes or no")


def typed_timestamp(sql: str, their_type: str, load: Load) -> Typed:
    """Return a UTC timestamp; one without an offset is in the load's time zone.

    The connection's TimeZone is the load's, so the engine's own casts do the rest.
    """
    if their_type in INSTANTS:
        value = f"cast({sql} as timestamp)"
        if load.time_zone != "UTC":
            value = f"timezone('UTC', cast({value} as timestamptz))"
        return Typed(value, f"not isfinite({sql})", "not a date and time")
    if their_type == "TIMESTAMP WITH TIME ZONE":
        value = f"timezone('UTC', {sql})"
        return Typed(value, f"not isfinite({sql})", "not a date and time")
    text = f"nullif(trim(cast({sql} as varchar)), '')"
    attempts = [
        f"cast(try_strptime({text}, {literal(each)}) as timestamptz)"
        for each in load.timestamp_formats
    ]
    iso = f"try_cast({text} as timestamptz)"
    # The engine wants seconds before an offset, and a capital Z.
    mended = (
        f"regexp_replace(upper({text}), '([T ]\\d\\d:\\d\\d)(Z|[+-]\\d\\d:?\\d\\d)$',"
        " '\\1:00\\2')"
    )
    attempts += [iso, f"try_cast({mended} as timestamptz)"]
    instant = f"case when {text} < 'A' then coalesce({', '.join(attempts)}) end"
    fails = f"{text} is not null and ({instant}) is null"
    return Typed(f"timezone('UTC', {instant})", fails, "not a date and time")


def typed_date(sql: str, their_type: str, load: Load) -> Typed:
    """Return a date; of a time, its day."""
    if their_type in INSTANTS or their_type == "TIMESTAMP WITH TIME ZONE":
        return Typed(f"cast({sql} as date)", f"not isfinite({sql})", "not a date")
    text = f"nullif(trim(cast({sql} as varchar)), '')"
    attempts = [
        f"cast(try_strptime({text}, {literal(each)}) as date)"
        for each in load.timestamp_formats
    ]
    attempts.append(f"try_cast({text} as date)")
    day = f"case when {text} < 'A' then coalesce({', '.join(attempts)}) end"
    return Typed(day, f"{text} is not null and ({day}) is null", "not a date")


# --- Loading: `source` through a mapping into a batch ------------------------------


@dataclass
class Counts:
    """What became of the rows read for one landing table; the rest adds up to read."""

    read: int = 0
    loaded: int = 0
    already_there: int = 0
    unreadable: int = 0
    filtered: int = 0
    combined: int = 0


@dataclass
class Outcome:
    """One file's effect on one landing table."""

    file: str
    table: str
    counts: Counts
    note: str = ""


class Progress:
    """A bar over the bytes of all files: soon on a terminal, seldom in a log."""

    def __init__(self, files: list[SourceFile]) -> None:
        self.sizes = {file.path: max(file.path.stat().st_size, 1) for file in files}
        pause = 0.2 if sys.stderr.isatty() else 30.0
        self.bar: tqdm[Any] = tqdm(
            total=sum(self.sizes[file.path] for file in files),
            unit="B",
            unit_scale=True,
            delay=max(pause, 1),
            mininterval=pause,
            leave=False,
        )
        self.done = self.finished = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    @contextmanager
    def phase(
        self,
        file: SourceFile,
        what: str,
        share: float,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> Iterator[None]:
        """Move the bar by a share of a file while the body runs."""
        size = self.sizes[file.path] * share
        self.bar.set_description(f"{file.path.name}: {what}", refresh=False)
        over = threading.Event()

        def follow() -> None:
            while connection is not None and not over.wait(0.2):
                part = min(max(connection.query_progress(), 0), 100) / 100
                self._show(self.done + size * part)

        watcher = threading.Thread(target=follow, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
        self.done += size
        self._show(self.done)

    def finish(self, file: SourceFile) -> None:
        """Count a file as done, whatever became of it."""
        self.finished += self.sizes[file.path]
        self.done = self.finished
        self._show(self.done)

    def _show(self, done: float) -> None:
        self.bar.update(max(int(done) - self.bar.n, 0))


class Loader:
    """Loads files into a locked landing zone, one at a time."""

    def __init__(
        self, landing: Landing, args: argparse.Namespace, loads: list[Load] | None
    ) -> None:
        self.landing = landing
        self.loads = loads
        self.table: str | None = args.table
        self.mapping_name = args.mapping.name if args.mapping else ""
        self.wished: datetime | None = args.loaded_at
        self.memory_limit: str = args.memory_limit
        with self._engine() as connection:
            self.ledger = landing.ledger(connection)
            self.newest = landing.newest_load(connection)
        self.has_stamped = False

    def load(self, file: SourceFile, progress: Progress) -> list[Outcome]:
        """Load one file whole, or raise and change nothing."""
        name = file.path.name
        work = self.landing.staging / "file"
        work.mkdir()
        try:
            with self._engine() as connection:
                return FileLoad(self, connection, file, progress).run(work)
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except duckdb.OutOfMemoryException:
            raise ActionableError(
                f"{name}: does not fit in {self.memory_limit} of memory; raise"
                " --memory-limit"
            ) from None
        except duckdb.Error as error:
            raise ActionableError(
                f"{name}: {first_sentence(error)}; check that the file is complete and"
                " that the disk has room"
            ) from None
        except OSError as error:
            if self.landing.is_committing:
                raise  # the next run finishes it; another file must not come between
            raise ActionableError(
                f"{name}: {error.strerror or error}; mend that and run again"
            ) from None
        finally:
            shutil.rmtree(work, ignore_errors=True)
            self.landing.discard(self.landing.staging / "batch")

    def stamp(self) -> datetime:
        """Return the next load's instant, strictly later than every one before."""
        if self.wished and not self.has_stamped and self.wished <= self.newest:
            raise ActionableError(
                f"--loaded-at {self.wished.isoformat()}: a load of that time or later"
                f" is there already; give a time after {self.newest.isoformat()}"
            )
        self.has_stamped = True
        wished = self.wished or datetime.now(UTC).replace(tzinfo=None)
        self.newest = max(wished, self.newest + timedelta(microseconds=1))
        return self.newest

    @contextmanager
    def _engine(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a DuckDB whose tables and overflow lie in the staging folder."""
        path = self.landing.staging / "work.duckdb"
        connection = duckdb.connect(path)
        try:
            try:
                connection.execute(f"set memory_limit = {literal(self.memory_limit)}")
            except duckdb.Error:
                raise ActionableError(
                    f"--memory-limit {self.memory_limit}: is not a size; write it such"
                    " as 4GB"
                ) from None
            spill = self.landing.staging / "spill"
            connection.execute(f"set temp_directory = {literal(spill)}")
            # The database is thrown away: to close it well is no use.
            connection.execute("pragma disable_checkpoint_on_shutdown")
            connection.execute("set enable_progress_bar = true")
            connection.execute("set enable_progress_bar_print = false")
            yield connection
        finally:
            connection.close()
            for left in path.parent.glob("work.duckdb*"):
                left.unlink()


class FileLoad:
    """The load of one file."""

    def __init__(
        self,
        loader: Loader,
        connection: duckdb.DuckDBPyConnection,
        file: SourceFile,
        progress: Progress,
    ) -> None:
        self.loader = loader
        self.landing = loader.landing
        self.connection = connection
        self.file = file
        self.name = file.path.name
        self.progress = progress

    def run(self, work: Path) -> list[Outcome]:
        """Read the file, land its rows, commit; return what became of them."""
        loads = self._chosen_loads()
        if not loads:
            return []
        reader = Reader(self.connection, self.file, loads)
        with self.progress.phase(self.file, "checking", 0.1):
            content_hash = reader.examine()
        by_id = {load.identity(content_hash): load for load in loads}
        before = {i: self.loader.ledger[i] for i in by_id if i in self.loader.ledger}
        new = {i: load for i, load in by_id.items() if i not in before}
        outcomes = {}
        if new:
            with self.progress.phase(self.file, "reading", 0.4, self.connection):
                source = reader.read(work)
            outcomes = self._land(reader, source, new)
        for load_id, counts in before.items():
            table = by_id[load_id].table
            outcomes[load_id] = Outcome(self.name, table, counts_again(counts))
        return [outcomes[load_id] for load_id in by_id]

    def _chosen_loads(self) -> list[Load]:
        """Return the mapping's entries for the file; without mapping, its table's."""
        if self.loader.loads is None:
            name = self.loader.table or self.file.table_name()
            if name is None:
                raise ActionableError(
                    f"{self.name}: the name does not tell the landing table; give it"
                    f" with --table ({', '.join(FED_TABLES)}) or write a mapping file"
                )
            return [Load(name, ())]
        loads = [load for load in self.loader.loads if load.matches(self.file.path)]
        if not loads and self.file.folder is None:
            raise ActionableError(
                f"{self.name}: no entry of {self.loader.mapping_name} is for this"
                " file; check its `file` patterns"
            )
        return loads

    def _land(
        self, reader: Reader, source: Source, loads: dict[str, Load]
    ) -> dict[str, Outcome]:
        """Stage what each entry lands and commit it all."""
        loaded_at = self.loader.stamp()
        # From here on the rows' order is a column, so the engine need not keep it.
        self.connection.execute("set preserve_insertion_order = false")
        self.connection.execute("create table unreadable as from damaged")
        outcomes = {}
        for load_id, chosen in loads.items():
            load = chosen
            if not chosen.columns:
                load = plain_load(source, FED_TABLES[chosen.table])
            with self.progress.phase(
                self.file, f"landing {load.table}", 0.5 / len(loads), self.connection
            ):
                counts = TableLoad(self.landing, self.connection, reader, source, load)(
                    load_id, loaded_at
                )
            outcomes[load_id] = Outcome(self.name, load.table, counts, reader.note)
        self._stage_unreadable(next(iter(loads)), loaded_at)
        self._stage_ledger(outcomes, loaded_at)
        self.landing.commit()
        for load_id, outcome in outcomes.items():
            self.loader.ledger[load_id] = list(astuple(outcome.counts))
        return outcomes

    def _stage_unreadable(self, batch: str, loaded_at: datetime) -> None:
        query = (
            f"select {literal(self.name)} as file, line, text, error,"
            f" {instant(loaded_at)} as loaded_at from unreadable order by line"
        )
        if self.connection.execute("select 1 from unreadable limit 1").fetchone():
            path = self.landing.staged_file(UNREADABLE_ROWS, batch, loaded_at)
            write_parquet(self.connection, query, path)

    def _stage_ledger(self, outcomes: dict[str, Outcome], loaded_at: datetime) -> None:
        queries = []
        for load_id, outcome in outcomes.items():
            texts = (load_id, outcome.file, outcome.table)
            values = [literal(text) for text in texts]
            values += [f"cast({n} as bigint)" for n in astuple(outcome.counts)]
            values.append(instant(loaded_at))
            named = zip(LOADS.columns, values, strict=True)
            queries.append("select " + ", ".join(f"{sql} as {c}" for c, sql in named))
        path = self.landing.staged_file(LOADS, next(iter(outcomes)), loaded_at)
        write_parquet(self.connection, " union all ".join(queries), path)


# What an expression of a mapping may raise over the data.
DATA_ERRORS = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
)


class TableLoad:
    """What one entry of a mapping takes from a file into one landing table.

    `mapped` holds their values under our columns' numbers, `typed` our values and the
    problem of the rows that cannot be read.
    """

    def __init__(
        self,
        landing: Landing,
        connection: duckdb.DuckDBPyConnection,
        reader: Reader,
        source: Source,
        load: Load,
    ) -> None:
        self.landing = landing
        self.connection = connection
        self.reader = reader
        self.source = source
        self.load = load
        self.table = FED_TABLES[load.table]
        self.place = f"{source.name}, {load.label}" if load.label else source.name
        self.values = dict(load.columns)
        self.counts = Counts(read=source.read_count, unreadable=source.damaged_count)

    def __call__(self, load_id: str, loaded_at: datetime) -> Counts:
        """Stage the batch and return its counts."""
        if not self.source.columns:
            return self.counts
        self.connection.execute(f"set TimeZone = {literal(self.load.time_zone)}")
        self._check_columns()
        try:
            self._map()
            self._type()
            earliest, latest, some_null = self._measure()
            self._keep_unreadable()
            known = self._find_known(earliest, latest, some_null)
            self._write(load_id, loaded_at, known)
        except DATA_ERRORS as error:
            raise ActionableError(
                f"{self.place}: an expression fails on some rows"
                f" ({first_sentence(error)}); use try_cast where a value may not fit"
            ) from None
        return self.counts

    def _check_columns(self) -> None:
        uses = [(column, value) for column, value in self.load.columns]
        uses += [("group_by", value) for value in self.load.group_by]
        for column, value in uses:
            for name in value.named_columns():
                if self.source.column(name) is None:
                    raise ActionableError(
                        f"{self.place}, {column}: the file has no column"
                        f" {name}{self._column_remedy(name)}"
                    )

    def _column_remedy(self, name: str) -> str:
        if is_one_csv_column(self.source):
            return (
                ", its whole header is one column; set `delimiter` in the mapping to"
                " the character between its fields"
            )
        hint = did_you_mean(name, self.source.columns)
        known = ", ".join(list(self.source.columns)[:30])
        return f"{hint}; it has {known}"

    # Their values under our columns' numbers.

    def _map(self) -> None:
        query = self._mapped()
        try:
            if self.load.group_by:
                # Computed once: grouped again, sums might differ in their last digits.
                self.connection.execute(
                    f"create or replace temp table grouped as {query}"
                )
                query = "from grouped"
            self.connection.execute(f"create or replace temp view mapped as {query}")
        except (
            duckdb.BinderException,
            duckdb.ParserException,
            duckdb.CatalogException,
        ):
            raise self._culprit() from None

    def _mapped(self) -> str:
        row, rows, groups = "__row", "1", ""
        if self.load.group_by:
            row, rows = "cast(null as bigint)", "count(*)"
            groups = " group by " + ", ".join(v.sql() for v in self.load.group_by)
        values = [f"{v.sql()} as __v{i}" for i, v in enumerate(self.values.values())]
        columns = ", ".join([f"{row} as __row", f"{rows} as __rows", *values])
        return f"select {columns} from {self._filtered()}{groups}"

    def _filtered(self) -> str:
        where = f" where ({self.load.where}\n)" if self.load.where else ""
        return f"(select * from source{where})"

    def _culprit(self) -> ActionableError:
        """Find which part of the mapping the engine refuses."""
        groups = self.load.group_by
        grouped = " group by " + ", ".join(v.sql() for v in groups) if groups else ""
        parts = [("where", f"select * from {self._filtered()}")]
        parts += [
            ("group_by", f"select count(*) from source group by {value.sql()}")
            for value in groups
        ]
        parts += [
            (column, f"select {value.sql()} from source{grouped}")
            for column, value in self.load.columns
        ]
        for column, query in parts:
            try:
                self.connection.execute(f"explain {query}")
            except duckdb.Error as error:
                return ActionableError(
                    f"{self.place}, {column}: is not valid SQL over the file's columns:"
                    f" {first_sentence(error)}; it has"
                    f" {', '.join(list(self.source.columns)[:30])}"
                )
        return ActionableError(f"{self.place}: is not valid SQL; check its expressions")

    # Our values.

    def _type(self) -> None:
        rows = self.connection.execute("describe mapped").fetchall()
        types = {str(row[0]): str(row[1]) for row in rows}
        columns, problems = ["__row", "__rows"], []
        numbers = {column: i for i, column in enumerate(self.values)}
        for column, kind in self.table.types.items():
            if column in numbers:
                name = f"__v{numbers[column]}"
                value = typed(column, name, types[name], self.load)
                columns.append(f"{value.sql} as {column}")
                if value.fails:
                    problem = literal(f"{self.table.name}.{column}: {value.complaint}")
                    problems.append(f"when {value.fails} then {problem}")
            elif column in self.table.fed_columns:
                columns.append(f"cast(null as {kind}) as {column}")
        problem = f"case {' '.join(problems)} end" if problems else "null"
        columns.append(f"cast({problem} as varchar) as problem")
        theirs = {column: f"__v{i}" for column, i in numbers.items()}
        columns.append(f"{json_object(theirs)} as as_json")
        self.connection.execute(
            f"create or replace temp view typed as select {', '.join(columns)}"
            " from mapped"
        )

    def _measure(self) -> tuple[datetime | None, datetime | None, bool]:
        """Count the rows; return the range of the sorting column's times."""
        time = self.table.sorted_by
        row = self.connection.execute(
            "select count(*), count(problem), coalesce(sum(__rows), 0),"
            f" min({time}) filter (problem is null),"
            f" max({time}) filter (problem is null),"
            f" count(*) filter (problem is null and {time} is null) from typed"
        ).fetchone()
        assert row is not None
        rows, problems, used, earliest, latest, nulls = row
        if rows and rows == problems:
            raise self._nothing_readable()
        self.counts.filtered = self.source.rows_count - int(used)
        self.counts.combined = int(used) - rows
        self.counts.unreadable += problems
        self.counts.already_there = rows - problems
        return earliest, latest, nulls > 0

    def _nothing_readable(self) -> ActionableError:
        row = self.connection.execute("select mode(problem) from typed").fetchone()
        problem = row[0] if row else ""
        remedy = "convert it with an expression in a mapping file"
        if "date" in problem:
            remedy = "set `timestamp_formats` in a mapping file"
        return ActionableError(
            f"{self.place}: none of its rows can be read ({problem}); {remedy}"
        )

    def _keep_unreadable(self) -> None:
        if self.counts.unreadable == self.source.damaged_count:
            return
        if self.load.group_by:
            # A group has no line; its values stand for it.
            lines = "select null, as_json, problem from typed where problem is not null"
        else:
            self.reader.locate(self.source)
            self.connection.execute(
                "create or replace temp table problems as"
                " select __row, problem from typed where problem is not null"
            )
            lines = (
                "select line, text, problem from problems"
                " left join located using (__row)"
            )
        self.connection.execute(f"insert into unreadable {lines}")

    # Rows that are landed already.

    def _find_known(
        self, earliest: datetime | None, latest: datetime | None, some_null: bool
    ) -> bool:
        """Make the table `known` of landed rows that the file repeats, if any."""
        time = self.table.sorted_by
        within = []
        if earliest and latest:
            within.append(f"{time} between {instant(earliest)} and {instant(latest)}")
        if some_null:
            within.append(f"{time} is null")
        landed = f"{self.landing.files(self.table)} where {' or '.join(within)}"
        if not within or not self._has_rows(landed):
            return False
        self.connection.execute(
            f"create or replace temp table known as select distinct {self._key()}"
            f" from (select * from {landed}) semi join"
            f" (select {self._key()} from typed where problem is null) as new"
            f" on {self._key_equals('new')}"
        )
        return self._has_rows("known")

    def _key(self) -> str:
        """Return SQL that tells whole rows apart: the time, and a hash of all."""
        time, hashed = self._key_parts()
        return f"{time} as __time, {hashed} as __hash"

    def _key_parts(self) -> tuple[str, str]:
        time = f"coalesce({self.table.sorted_by}, cast('1970-01-01' as timestamp))"
        columns = list(self.table.fed_columns)
        if self.load.group_by:
            # Summed in another order, the same numbers differ in their last digits.
            columns = [f"round({c}, 6)" if c in NUMBERS else c for c in columns]
        return time, f"hash({', '.join(columns)})"

    def _key_equals(self, relation: str) -> str:
        time, hashed = self._key_parts()
        return f"{relation}.__time = {time} and {relation}.__hash = {hashed}"

    def _has_rows(self, relation: str) -> bool:
        row = self.connection.execute(f"select 1 from {relation} limit 1").fetchone()
        return row is not None

    def _write(self, load_id: str, loaded_at: datetime, known: bool) -> None:
        """Stage the batch, sorted by time."""
        if not self.counts.already_there:
            return
        columns = ", ".join(self.table.fed_columns)
        new = f"anti join known on {self._key_equals('known')}" if known else ""
        query = (
            f"select {columns}, {instant(loaded_at)} as loaded_at from typed {new}"
            f" where problem is null order by {self.table.sorted_by}"
        )
        path = self.landing.staged_file(self.table, load_id, loaded_at)
        loaded = write_parquet(self.connection, query, path)
        if not loaded:
            path.unlink()
        self.counts.loaded = loaded
        self.counts.already_there -= loaded


def plain_load(source: Source, table: Table) -> Load:
    """Return the load of a file whose columns are named as the landing's."""
    theirs = {column.lower(): column for column in source.columns}
    missing = missing_columns(table, theirs)
    unknown = [c for lower, c in theirs.items() if lower not in table.fed_columns]
    if (missing or unknown) and is_one_csv_column(source):
        raise ActionableError(
            f"{source.name}: its whole header is one column; set `delimiter` in a"
            " mapping file (--mapping) to the character between its fields"
        )
    for column in unknown if source.columns else ():
        hint = did_you_mean(column, table.fed_columns)
        remedy = "rename or remove it, or say what it feeds in a mapping file"
        if table.name == "events":
            remedy = f"{remedy}, such as properties"
        if column.lower() == "loaded_at":
            remedy = "the loader sets it; remove it, or use a mapping file"
        raise ActionableError(
            f"{source.name}: {table.name} takes no column {column}{hint}; {remedy}"
            " (--mapping)"
        )
    if missing and source.columns:
        raise ActionableError(
            f"{source.name}: {table.name} needs the column {missing}; add it, or say"
            " what feeds it in a mapping file (--mapping)"
        )
    values = [(c, Value("column", (theirs[c],))) for c in table.columns if c in theirs]
    return Load(table.name, tuple(values))


def is_one_csv_column(source: Source) -> bool:
    """Tell whether a CSV looks as if read with the wrong delimiter."""
    return source.format == "csv" and len(source.columns) == 1


def counts_again(counts: list[int]) -> Counts:
    """Return the counts of a file that was loaded before: nothing is new."""
    before = Counts(*counts)
    there = before.loaded + before.already_there
    return replace(before, loaded=0, already_there=there)


def instant(moment: datetime) -> str:
    """Return a moment as an SQL timestamp."""
    return f"cast({literal(moment.isoformat(sep=' '))} as timestamp)"


def first_sentence(error: duckdb.Error) -> str:
    """Return what an engine's error says, without any value out of the data."""
    text = str(error).split("\n")[0].split(". ")[0]
    text = re.sub(r"^[A-Za-z ]+ Error: ", "", text).rstrip("!.")
    text = re.sub(r"'[^']*'", "'…'", text)
    return re.sub(r'"[^"]*"', '"…"', text) if isinstance(error, DATA_ERRORS) else text


# --- Summary and command line ------------------------------------------------------


def print_summary(outcomes: list[Outcome]) -> None:
    """Print what became of every row, one line per file and table."""
    names = [each.name for each in fields(Counts)]
    if not any(outcome.counts.combined for outcome in outcomes):
        names.remove("combined")
    header = ["file", "table", *(name.replace("_", " ") for name in names)]
    lines = [header]
    for outcome in outcomes:
        numbers = [f"{getattr(outcome.counts, name):,}" for name in names]
        lines.append([outcome.file, outcome.table, *numbers])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = [
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(padded).rstrip())


def instant_option(text: str) -> datetime:
    """Read --loaded-at."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def usual_memory_gigabytes() -> float:
    """Return 4, or half of a smaller machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(4.0, memory / 2e9)


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files, or folders of them"
    )
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE", help="which of their columns feed ours"
    )
    parser.add_argument(
        "--table", choices=FED_TABLES, help="the table files without mapping feed"
    )
    parser.add_argument(
        "--init", action="store_true", help="only make an empty landing zone"
    )
    parser.add_argument(
        "--loaded-at",
        type=instant_option,
        metavar="TIME",
        help="the load's time, ISO 8601 in UTC (default: now)",
    )
    parser.add_argument(
        "--memory-limit",
        default=f"{usual_memory_gigabytes():.1f}GB",
        metavar="SIZE",
        help="memory the engine may take before it uses disk (default: %(default)s)",
    )
    add_landing_option(parser)
    args = parser.parse_args(argv)
    if not args.paths and not args.init:
        parser.error("give the files to load, or --init for an empty landing zone")
    if args.mapping and args.table:
        parser.error("--table is for files without --mapping, which names the tables")
    return args


def load_files(args: argparse.Namespace) -> int:
    """Load every file and print the summary; return the exit code."""
    loads = MappingReader(args.mapping).read() if args.mapping else None
    found = list(find_files(args.paths))
    files = [file for file in found if isinstance(file, SourceFile)]
    failures = [error for error in found if isinstance(error, ActionableError)]
    outcomes: list[Outcome] = []
    landing = Landing(args.landing)
    with landing.locked(), Progress(files) as progress:
        loader = Loader(landing, args, loads)
        for file in files:
            try:
                outcomes += loader.load(file, progress)
            except ActionableError as error:
                failures.append(error)
            progress.finish(file)
    for failure in failures:
        print_error(failure)
    if outcomes:
        print_summary(outcomes)
    elif files and not failures:
        print_error(f"{args.mapping.name}: no entry's `file` matches a file found")
        return 1
    for note in dict.fromkeys(outcome.note for outcome in outcomes if outcome.note):
        print(note)
    if any(outcome.counts.unreadable for outcome in outcomes):
        print(f"Unreadable rows are kept in {args.landing / UNREADABLE_ROWS.name}.")
    return 1 if failures else 0


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    args = parse_arguments(argv)
    return run_reporting_errors(lambda: load_files(args))


if __name__ == "__main__":
    sys.exit(main())
