"""Reading CSV: a sound file as it is, a damaged one record by record."""

import csv
import io
import re
from pathlib import Path

import duckdb

from _landing import literal, quoted
from _load_files import open_bytes
from _load_reading import LONGEST_LINE_BYTES, Reader, Source, compression
from _options import ActionableError

DELIMITERS = (",", ";", "\t", "|")


class CsvReader(Reader):
    """Reads CSV, whose columns are all text.

    The engine's strict reader takes a sound file as it is. Only when it refuses, the
    lines are sorted into records that fit the header and damaged ones.
    """

    format = "csv"
    _names: list[str]
    _header_lines: int
    _separator: str
    _has_records = False

    def _read(self) -> Source:
        path = self._plain(one_newline=False)
        self._read_header(path)
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

    def _read_header(self, path: Path) -> None:
        """Learn the column names, the lines they take and the delimiter."""
        with open_bytes(path, is_gzipped=path.suffix == ".gz") as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            start = "".join(text.read(1_000_000).splitlines(keepends=True)[:100])
        if not start.strip():
            raise ActionableError(
                f"{self.name}: is empty, without even a header line; export it again"
            )
        found: list[str] = []
        for delimiter in [self.delimiter] if self.delimiter else DELIMITERS:
            reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
            try:
                names = next(reader)
            except csv.Error:
                names = []
            if len(names) > len(found):
                found = names
                self._header_lines, self._separator = reader.line_num, delimiter
        if not found:
            raise ActionableError(
                f"{self.name}: its first line is no header; check that it is a CSV file"
            )
        if any(re.search(r"\w@\w+\.\w", name) for name in found):
            raise ActionableError(
                f"{self.name}: its first line holds an address, so it is a row; add a"
                " header line with the columns' names"
            )
        self._names = [
            name.strip() or f"column_{i}" for i, name in enumerate(found, start=1)
        ]

    def _parse_csv(self, path: Path, header: bool) -> None:
        columns = ", ".join(f"{literal(name)}: 'varchar'" for name in self._names)
        options = (
            f"delim = {literal(self._separator)}, quote = '\"', escape = '\"',"
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
        found = f"len(text) - len(replace(text, {literal(self._separator)}, '')) + 1"
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

    def _located(self, source: Source, line: str = "cast(null as bigint)") -> str:
        if not self._has_records:
            self._split_records()
        if self._count("records where fits") != source.rows_count:
            return super()._located(source, line)
        return (
            "select row_number() over (order by line) - 1 as __row, line, text"
            " from records where fits"
        )

    def _split_records(self) -> None:
        """Make the table `records`: line, text, and whether it fits the header.

        A line that fits is a record. Lines between them are joined while a quote
        is open, so that one stray quote spoils nothing beyond the next sound line.
        """
        self._has_records = True
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
            f"create table records as {run}"
            f" select line, text, true as fits from numbered"
            f" where text <> '' and {fits} union all"
            f" select line, text, {fits} as fits from joined where text <> ''"
        )

    def _pattern(self) -> str:
        """Return the regular expression of a record with the header's fields."""
        delimiter = re.escape(self._separator)
        field = f'(?:"(?:[^"]|"")*" *|[^"{delimiter}\\n][^{delimiter}\\n]*|)'
        return f"{field}(?:{delimiter}{field}){{{len(self._names) - 1}}}"
