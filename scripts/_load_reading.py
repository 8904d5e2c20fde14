"""Reading a file: what all formats share.

A file becomes the relation `source`: `__row`, the row's number from 0, then the file's
own columns. Lines that are no rows at all stand in the table `damaged`. `locate` makes
the relation `located`: __row, line and text of every row, which only unreadable rows
need.
"""

import gzip
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import duckdb

from _landing import literal, quoted
from _load_files import Content, examine, transcode
from _load_sql import json_object
from _options import ActionableError

LONGEST_LINE_BYTES = 16_000_000


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


class Reader(ABC):
    """Reads one file into a DuckDB connection; big things go to its work folder."""

    format: ClassVar[str]

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        encoding: str | None,
        delimiter: str | None,
    ) -> None:
        self.connection = connection
        self.path = path
        self.name = path.name
        self.encoding = encoding
        self.delimiter = delimiter
        self.content = Content("", False)
        self.work = Path()

    def examine(self) -> str:
        """Read the bytes once and return the hash of the content."""
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
        source = self._read()
        if source.column("__row"):
            raise ActionableError(
                f"{self.name}: a column may not be called __row; rename it"
            )
        return source

    @abstractmethod
    def _read(self) -> Source:
        """Make the relation `source` and fill `damaged`."""

    def locate(self, source: Source) -> None:
        """Make the relation `located`."""
        query = self._located(source)
        self.connection.execute(f"create or replace temp view located as {query}")

    def _located(self, source: Source, line: str = "__row + 1") -> str:
        """Return the query of `located`; here the text is made of the row's values."""
        row = json_object({column: quoted(column) for column in source.columns})
        return f"select __row, {line} as line, {row} as text from source"

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
        return Source(self.name, self.format, columns, *counts)

    def _count(self, relation: str) -> int:
        row = self.connection.execute(f"select count(*) from {relation}").fetchone()
        return int(row[0]) if row else 0


def compression(path: Path) -> str:
    """Return the reader option for a file that is gzipped, or is not."""
    return f"compression = '{'gzip' if path.suffix == '.gz' else 'none'}'"
