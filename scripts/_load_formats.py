"""The formats a file may have, and which reader takes one."""

import gzip
import json
import shutil

import duckdb

from _landing import literal, quoted
from _load_csv import CsvReader
from _load_files import SourceFile
from _load_mapping import Load
from _load_reading import Reader, Source
from _options import ActionableError


class ParquetReader(Reader):
    """Reads Parquet, whose columns keep their types."""

    format = "parquet"

    def _read(self) -> Source:
        link = self.work / "source.parquet"
        if self.content.is_gzipped:
            with gzip.open(self.path) as zipped, open(link, "wb") as plain:
                shutil.copyfileobj(zipped, plain)
        else:
            link.symlink_to(self.path.resolve())
        columns = f"select * from read_parquet({literal(link)}"
        misread = (
            f"select name, precision from parquet_schema({literal(link)})"
            " where precision > 38 and cast(type_length as integer) % 8 > 0"
        )
        try:
            wide = self.connection.execute(misread).fetchall()
            described = self.connection.execute(f"describe {columns})").fetchall()
            self.connection.execute(
                "create temp view source as select file_row_number as __row, *"
                f" exclude (file_row_number) from ({columns},"
                " file_row_number = true, hive_partitioning = false))"
            )
        except duckdb.Error:
            raise ActionableError(
                f"{self.name}: is not a Parquet file; fetch it again or set `format`"
            ) from None
        for column, precision in wide:
            raise ActionableError(
                f"{self.name}: {column} is a decimal of {precision} digits, which the"
                " engine reads wrongly; write it with 38 or fewer, or as double"
            )
        types = {str(row[0]): str(row[1]) for row in described}
        return Source(self.name, self.format, types, self._count("source"), 0)


class JsonLinesReader(Reader):
    """Reads JSON Lines; each top-level key is a column of text."""

    format = "jsonl"

    def _read(self) -> Source:
        path = self._plain(one_newline=self.content.has_mixed_newlines)
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
        if not names and self._count(f"lines where {is_object}"):
            raise ActionableError(
                f"{self.name}: its JSON objects are empty; check that it is the right"
                " file"
            )
        columns = dict.fromkeys(names, "VARCHAR")
        structure = literal(json.dumps(columns))
        fields = f"from_json(text, {structure})" if names else "text"
        self.connection.execute(
            f"create table source as select {', '.join(['__row', *map(_field, names)])}"
            f" from (select rowid as __row, text, {fields} as fields from lines"
            f" where {is_object})"
        )
        return self._text_source(columns, "write one JSON object on each line")

    def _located(self, source: Source, line: str = "rowid + 1") -> str:
        return f"select rowid as __row, {line} as line, text from lines"


def _field(name: str) -> str:
    """Return SQL for a key: a NaN without quotes is how Python writes nothing."""
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    text = f"fields.{quoted(name)}"
    is_nan = f"{text} = 'NaN' and json_type(text, {literal(pointer)}) = 'DOUBLE'"
    return f"case when {is_nan} then null else {text} end as {quoted(name)}"


READERS: dict[str, type[Reader]] = {
    reader.format: reader for reader in (CsvReader, JsonLinesReader, ParquetReader)
}


def reader_of(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, loads: list[Load]
) -> Reader:
    """Return the reader for a file, by its name and its mapping's options."""
    name = file.path.name
    file_format = agreed(name, "format", loads) or file.format
    if file_format is None:
        raise ActionableError(
            f"{name}: the name does not tell the format; rename it to .csv,"
            " .jsonl or .parquet, or set `format` in a mapping file (--mapping)"
        )
    return READERS[file_format](
        connection,
        file.path,
        encoding=agreed(name, "encoding", loads),
        delimiter=agreed(name, "delimiter", loads),
    )


def agreed(name: str, option: str, loads: list[Load]) -> str | None:
    """Return an option that entries for one file may set only to one value."""
    values = {getattr(load, option) for load in loads} - {None}
    if len(values) > 1:
        raise ActionableError(
            f"{name}: entries of the mapping give it different `{option}`;"
            " a file has one"
        )
    return values.pop() if values else None
