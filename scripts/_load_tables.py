"""Load the rows of a file that has been read into one landing table."""

from collections.abc import Iterator
from datetime import datetime

import duckdb

from _landing import (
    FED_TABLES,
    MOST_GROUP_ROWS,
    NUMBERS,
    WHOLE_ROWS,
    Landing,
    Table,
    literal,
    rows_of,
    write_parquet,
)
from _load_counts import Counts
from _load_mapping import Load, Value, missing_columns
from _load_reading import Reader, Source
from _load_sql import DATA_ERRORS, first_sentence, instant, json_object
from _load_times import LandedTimes
from _load_types import typed
from _options import ActionableError, did_you_mean

# Wide rows are recognised by the first of them, and written in groups of this size.
MEASURED_ROWS = 1000
GROUP_BYTES = 128e6
LEAST_GROUP_ROWS = 2048  # the engine's vector


class TableLoad:
    """What one entry of a mapping takes from a file into one landing table.

    `mapped` holds the file's values under the numbers of the landing columns, `typed`
    the converted values and the problem of each row that cannot be read.
    """

    def __init__(
        self,
        landing: Landing,
        times: LandedTimes,
        connection: duckdb.DuckDBPyConnection,
        reader: Reader,
        source: Source,
        load: Load,
    ) -> None:
        self.landing = landing
        self.times = times
        self.connection = connection
        self.reader = reader
        self.source = source
        self.load = load
        self.table = FED_TABLES[load.table]
        self.place = f"{source.name}, {load.label}" if load.label else source.name
        self.values = dict(load.columns)
        self.counts = Counts(read=source.read_count, unreadable=source.damaged_count)

    def run(self, load_id: str, loaded_at: datetime) -> Counts:
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
        uses = list(self.load.columns)
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
        values = [f"{v.sql()} as __v{i}" for i, v in enumerate(self.values.values())]
        if self.load.group_by:
            groups = ", ".join(v.sql() for v in self.load.group_by)
            rows = ["cast(null as bigint) as __row", "count(*) as __rows", *values]
            return f"select {', '.join(rows)} from {self._filtered()} group by {groups}"
        # A line's number among all lines is the same to every entry of a mapping.
        names = ["__row", "1 as __rows", *(f"__v{i}" for i in range(len(values)))]
        lines = self._filtered(f"(select *, {', '.join(values)} from source)")
        return f"select {', '.join(names)} from {lines}"

    def _filtered(self, lines: str = "source") -> str:
        where = f" where ({self.load.where}\n)" if self.load.where else ""
        return f"(select * from {lines}{where})"

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
        cells: dict[str, str] = {}
        numbers = {column: i for i, column in enumerate(self.values)}
        for column, kind in self.table.types.items():
            if column in numbers:
                name = f"__v{numbers[column]}"
                value = typed(column, name, types[name], self.load)
                columns.append(f"{value.sql} as {column}")
                cells[column] = value.sql
                if value.fails:
                    problem = literal(f"{self.table.name}.{column}: {value.complaint}")
                    problems.append(f"when {value.fails} then {problem}")
            elif column in self.table.fed_columns:
                columns.append(f"cast(null as {kind}) as {column}")
        problems += self._blanks(cells)
        problem = f"case {' '.join(problems)} end" if problems else "null"
        columns.append(f"cast({problem} as varchar) as problem")
        theirs = {column: f"__v{i}" for column, i in numbers.items()}
        columns.append(f"{json_object(theirs)} as as_json")
        self.connection.execute(
            f"create or replace temp view typed as select {', '.join(columns)}"
            " from mapped"
        )

    def _blanks(self, cells: dict[str, str]) -> Iterator[str]:
        """Yield when a row lacks what its table needs, where that must be reported."""
        if self.table.name not in WHOLE_ROWS:
            return
        for names in (*((name,) for name in self.table.required), self.table.one_of):
            filled = [
                f"trim({cells[name]}::varchar)" for name in names if name in cells
            ]
            if filled:
                problem = literal(f"{self.table.name}.{' and '.join(names)}: blank")
                yield f"when concat({', '.join(filled)}) = '' then {problem}"

    def _measure(self) -> tuple[str | None, str | None, bool]:
        """Count the rows; return the range of the sorting column's times.

        As text: Python has no year after 9999 and none before Christ.
        """
        time = self.table.sorted_by
        row = self.connection.execute(
            "select count(*), count(problem), coalesce(sum(__rows), 0),"
            f" cast(min({time}) filter (problem is null) as varchar),"
            f" cast(max({time}) filter (problem is null) as varchar),"
            f" count(*) filter (problem is null and {time} is null) from typed"
        ).fetchone()
        assert row is not None
        rows, problems, used, earliest, latest, nulls = row
        if rows and rows == problems:
            raise self._nothing_readable()
        if used > self.source.rows_count:
            raise ActionableError(
                f"{self.place}: an expression makes several rows of one (unnest);"
                " give it a file with those rows"
            )
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
            remedy = (
                "set `timestamp_formats` in a mapping file, or of milliseconds since"
                " 1970 {expression: to_timestamp(cast(… as bigint) / 1000)}"
            )
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
        self, earliest: str | None, latest: str | None, some_null: bool
    ) -> bool:
        """Make the table `known` of landed rows that the file repeats, if any."""
        time = self.table.sorted_by
        within = []
        if earliest and latest:
            least, most = literal(earliest), literal(latest)
            within.append(
                f"{time} between cast({least} as timestamp) and"
                f" cast({most} as timestamp)"
            )
        if some_null:
            within.append(f"{time} is null")
        files = self.times.files(self.table, earliest, latest, some_null)
        if not within or not files:
            return False
        files.append(self.landing.schema_file(self.table))
        landed = f"{rows_of(files)} where {' or '.join(within)}"
        if not self._has_rows(landed):
            return False
        self.connection.execute(
            f"create or replace temp table known as select distinct {self._key()}"
            f" from (select * from {landed}) semi join"
            f" (select {self._key()} from typed where problem is null) as new"
            f" on {self._key_equals('new')}"
        )
        return self._has_rows("known")

    def _key(self) -> str:
        """Return SQL that distinguishes whole rows: the time, and a hash of all."""
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
        loaded = write_parquet(self.connection, query, path, self._group_rows())
        if not loaded:
            path.unlink()
        self.counts.loaded = loaded
        self.counts.already_there -= loaded

    def _group_rows(self) -> int:
        """Return how many rows to write at once: in memory, the wider the fewer."""
        row = self.connection.execute(
            "select avg(strlen(as_json)) from"
            f" (select as_json from typed limit {MEASURED_ROWS})"
        ).fetchone()
        width = row[0] if row and row[0] else 1
        return max(LEAST_GROUP_ROWS, min(MOST_GROUP_ROWS, int(GROUP_BYTES / width)))


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
