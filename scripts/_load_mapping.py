"""The mapping file: which column of a file fills which landing column."""

import codecs
import fnmatch
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from _landing import FED_TABLES, Table, literal, quoted
from _load_files import FORMATS
from _load_sql import json_object
from _options import ActionableError, did_you_mean

IMPLICIT = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")


@dataclass(frozen=True)
class Value:
    """What fills a landing column: a column of the file, an expression, a constant."""

    kind: str  # column, expression, constant or columns
    operands: tuple[str, ...]

    def sql(self) -> str:
        """Return the value as SQL over the file's columns."""
        if self.kind == "column":
            return quoted(self.operands[0])
        if self.kind == "constant":
            return literal(self.operands[0])
        if self.kind == "columns":
            return json_object({name: quoted(name) for name in self.operands})
        return f"({self.operands[0]}\n)"

    def named_columns(self) -> tuple[str, ...]:
        """Return the columns of the file that the value names."""
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

    @property
    def attribute(self) -> str:
        """The one attribute that the entry feeds, '' if there is none or any."""
        value = dict(self.columns).get("attribute")
        return value.operands[0] if value and value.kind == "constant" else ""

    def identity(self, content_hash: str) -> str:
        """Name this way of loading this content: the same again adds nothing."""
        what = {k: v for k, v in asdict(self).items() if k not in ("label", "file")}
        text = json.dumps([content_hash, what], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class MappingLoader(yaml.SafeLoader):
    """YAML in which NO is a country, 0123 a postal code and 2026-02-30 just text.

    Everything but null is text, as it is written. A repeated key is an error; plain
    YAML would take the last one.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} appears twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


MappingLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in IMPLICIT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


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
        loads = [
            self._load(i, each)
            for i, entry in enumerate(entries, start=1)
            for each in self._each_attribute(i, entry)
        ]
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
            content = yaml.load(self.path.read_text("utf-8-sig"), MappingLoader)
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

    def _each_attribute(self, number: int, entry: Any) -> list[Any]:
        """Make of an entry that lists attribute columns one entry for each."""
        columns = entry.get("columns") if isinstance(entry, dict) else None
        listed = columns.get("attribute") if isinstance(columns, dict) else None
        if not isinstance(columns, dict) or not isinstance(listed, dict):
            return [entry]
        if "columns" not in listed:
            return [entry]
        place = f"loads[{number}]"
        self._known_keys(f"{place}, attribute", listed, ["columns", "blanks"])
        names, blanks = listed["columns"], listed.get("blanks", [])
        is_listed = isinstance(names, list) and isinstance(blanks, list)
        if "value" in columns or not is_listed or not names or not all_text(names):
            raise self._error(
                place,
                "attribute: give a list of their `columns`, and no `value` beside it",
            )
        attributes: dict[str, str] = {}
        for name in names:
            same = attributes.setdefault(snake_case(name), name)
            if not snake_case(name) or same != name:
                raise self._error(
                    place,
                    f"attribute: {' and '.join(dict.fromkeys([same, name]))} would be"
                    f" the attribute {snake_case(name) or 'without a name'}; give each"
                    " column a load of its own, with {constant: ...}",
                )
        given = f"({entry['where']}\n) and " if entry.get("where") else ""
        nothing = ", ".join(literal(str(blank)) for blank in ["", *blanks])
        return [
            {
                **entry,
                "where": f"{given}trim({quoted(name)}::varchar) not in ({nothing})",
                "columns": {
                    **columns,
                    "attribute": {"constant": snake_case(name)},
                    "value": name,
                },
            }
            for name in names
        ]

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
        if not isinstance(operand, str):
            raise self._error(place, f"{column}: a constant is text or a number")
        return Value(kind, (operand,))

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
            if name is None:
                return None
            "x".encode(name)  # of rot13 it says that it encodes no text
            return codecs.lookup(name).name
        except (LookupError, UnicodeError):
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


def snake_case(name: str) -> str:
    """Return a column's name as an attribute's: `Lead Source` is lead_source."""
    return re.sub(r"\W+", "_", name.lower()).strip("_")


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
