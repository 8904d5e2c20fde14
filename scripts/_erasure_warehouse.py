"""Erasing a person from a database file: a fresh file without them takes its place.

Rows that are only deleted stay in the file's free blocks. So every table is copied into
a new file without the person's rows, which are found by the columns that name a lead,
an identifier or an event, in any table. The result equals a build of the cleaned
landing zone, except for ranks and counts, which the next build updates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from tqdm import tqdm

from _erasure_person import Person, landed
from _files import remove_stale_folders, written_beside
from _landing import FED_TABLES, Landing, literal, quoted
from _options import ActionableError
from _warehouse import NO_ROOM, RIVAL, first_line, open_warehouse, plural

READING_STATE = "int_reading_state"
# The expression of macro hash_id.
HASHED = "cast(hash({kind}, value) >> 1 as bigint)"
# Column: the table with the person's values of that column.
NAMED_BY = {
    "lead_id": "erased_leads",
    "contact_id": "person_contacts",
    "anonymous_id": "person_browsers",
    "lead_key": "erased_keys",
    "identity_key": "erased_keys",
    "identifier_id": "erased_identifiers",
    "anonymous_identifier_id": "erased_identifiers",
    "known_identifier_id": "erased_identifiers",
    "user_agent": "erased_user_agents",
    "loaded_minute": "erased_loads",
}


def require_events_read(file: Path, landing: Landing) -> None:
    """Refuse while event files that the warehouse has read are not in the landing zone.

    They may hold a browser of the person that nothing else links to them, whose events
    would stay.
    """
    with open_warehouse(file) as connection:
        made = connection.execute(
            "from duckdb_tables() where table_name = 'int_loads_read'"
        ).fetchall()
        if not made:  # built to the end by no build yet, so nothing was read
            return
        missing = connection.execute(
            f"""select cast(sum(loads_count - coalesce(there.loads, 0)) as bigint),
                strftime(min(loaded_minute), '%Y-%m-%d %H:%M')
            from staging.int_loads_read left join (
                select date_trunc('minute', loaded_at) as loaded_minute,
                    count(distinct loaded_at) as loads
                from {landed(landing, FED_TABLES["events"])} group by all
            ) as there using (loaded_minute)
            where loads_count > coalesce(there.loads, 0)"""
        ).fetchall()[0]
    if missing[0]:
        raise ActionableError(
            f"{landing.folder}: events that the warehouse has read are not there"
            f" ({plural(missing[0], 'load')}, the first of {missing[1]}): put the"
            " files back, or go on without them after dbt build --full-refresh"
        )


@dataclass(frozen=True)
class StoredTable:
    """A table of the database, and which of its rows are the person's."""

    name: str
    sql: str
    is_doomed: str


class DatabaseEraser:
    """Erases one person from one database file."""

    def __init__(self, file: Path, person: Person) -> None:
        self.file = file
        self.person = person

    def count(self) -> dict[str, int]:
        """Return how many rows of which table are the person's."""
        with open_warehouse(self.file) as connection:
            return dict(self._counts(connection, list(self._tables(connection))))

    def erase(self) -> dict[str, int]:
        """Put a file without the person, and without old blocks, into place."""
        self._write_down()
        remove_stale_folders(self.file.parent, f"{self.file.name}{RIVAL}")
        with open_warehouse(self.file) as connection:
            tables = list(self._tables(connection))
            counts = dict(self._counts(connection, tables))
            with written_beside(self.file) as partial:
                try:
                    self._copy(connection, partial, tables)
                except NO_ROOM as error:
                    raise ActionableError(
                        f"{self.file}: could not be rewritten, nothing is changed"
                        f" ({first_line(error)})"
                    ) from None
        return counts

    def _write_down(self) -> None:
        """Write the log that a killed build left beside the file into the file."""
        if not self.file.with_name(f"{self.file.name}.wal").exists():
            return  # nothing to do, and a reader of the file would be in the way
        try:
            with duckdb.connect(str(self.file)) as connection:
                connection.execute("checkpoint")
        except duckdb.Error as error:
            why = "somebody is using it" if "lock" in str(error) else first_line(error)
            raise ActionableError(
                f"{self.file}: cannot be rewritten ({why}); run the same command again"
                " when it is free"
            ) from None

    def _copy(
        self,
        connection: duckdb.DuckDBPyConnection,
        partial: Path,
        tables: list[StoredTable],
    ) -> None:
        name, version = connection.execute(
            """select database_name, rtrim(tags['storage_version'], '+')
            from duckdb_databases() where database_name = current_database()"""
        ).fetchall()[0]
        connection.execute(
            f"attach {literal(partial)} as fresh"
            f" (read_write, storage_version {literal(version)})"
        )
        connection.execute(f"copy from database {quoted(name)} to fresh (schema)")
        with tqdm(tables, unit=" tables", disable=None, leave=False) as progress:
            for table in progress:
                progress.set_description(table.name)
                connection.execute(f"insert into fresh.{table.sql} {self._kept(table)}")
        for comment in comments(connection, name):
            connection.execute(comment)
        connection.execute("detach fresh")

    def _kept(self, table: StoredTable) -> str:
        """Return the query of a table's rows that stay."""
        columns = "*"
        if table.name == "staging.int_loads_read":
            # Loads of others in the same minute stay.
            columns = """* replace (
                least(loads_count, (select count from loads_left as loads
                    where loads.minute = t.loaded_minute)) as loads_count,
                least(loaded_until, (select until from loads_left as loads
                    where loads.minute = t.loaded_minute)) as loaded_until)"""
        if table.name == "identity.int_identifiers_seen":
            # A shared browser was seen on fewer days now.
            columns = """* replace (
                coalesce((select first_date from shared_seen as seen
                    where seen.identifier_id = t.identifier_id), first_seen_date)
                    as first_seen_date,
                coalesce((select last_date from shared_seen as seen
                    where seen.identifier_id = t.identifier_id), last_seen_date)
                    as last_seen_date)"""
        return f"select {columns} from {table.sql} as t where not ({table.is_doomed})"

    def _counts(
        self, connection: duckdb.DuckDBPyConnection, tables: list[StoredTable]
    ) -> Iterator[tuple[str, int]]:
        for table in tables:
            if table.is_doomed == "false" or table.name.endswith(READING_STATE):
                continue
            row = connection.execute(
                f"select count(*) from {table.sql} as t where {table.is_doomed}"
            ).fetchone()
            if row and row[0]:
                yield table.name, int(row[0])

    def _tables(self, connection: duckdb.DuckDBPyConnection) -> Iterator[StoredTable]:
        """Yield every table with the condition for the person's rows in it."""
        found = connection.execute(
            """select schema_name, table_name, list(column_name)
            from duckdb_columns()
            semi join duckdb_tables() using (database_name, schema_name, table_name)
            where database_name = current_database() group by all order by all"""
        ).fetchall()
        self._name_person(connection, {f"{row[0]}.{row[1]}" for row in found})
        for schema, name, columns in found:
            yield StoredTable(
                f"{schema}.{name}",
                f"{quoted(schema)}.{quoted(name)}",
                self._is_doomed(name, set(columns)),
            )

    def _is_doomed(self, table: str, columns: set[str]) -> str:
        if table == READING_STATE:
            # Then the next build reads every event again.
            return str(self.person.is_tangled).lower()
        conditions = [
            f"t.{column} in (select * from {names})"
            for column, names in NAMED_BY.items()
            if column in columns
        ]
        if "email" in columns:
            conditions.append("trim(lower(t.email)) in (select * from person_emails)")
        if {"email", "first_name", "last_name"} <= columns and (
            "contact_id" not in columns
        ):
            # What the lead of another shows: the next build shows the other again.
            conditions.append(
                "(trim(lower(t.email)), coalesce(t.first_name, ''),"
                " coalesce(t.last_name, '')) in (select"
                " (email, first_name, last_name) from names_elsewhere)"
            )
        if "export_id" in columns:  # segment:lead_id, and more
            conditions.append(
                "exists (select 1 from erased_leads where contains("
                "':' || t.export_id || ':', ':' || erased_leads.value || ':'))"
            )
        if {"identifier_id", "event_date"} <= columns:
            conditions.append(
                "(t.identifier_id, t.event_date) in"
                " (select (identifier_id, event_date) from shared_days)"
            )
        if {"source", "event_id"} <= columns:
            conditions.append(
                "(coalesce(t.source, ''), coalesce(t.event_id, '')) in"
                " (select (source, event_id) from erased_events)"
            )
        if table == "int_identifiers_seen":
            conditions.append("t.identifier_id in (select * from shared_unseen)")
        each = " or ".join(f"coalesce({condition}, false)" for condition in conditions)
        return each or "false"

    def _name_person(
        self, connection: duckdb.DuckDBPyConnection, tables: set[str]
    ) -> None:
        """Make tables of all identifiers of the person in this database."""
        person = self.person
        for table, values in (
            ("person_contacts", person.contact_ids),
            ("person_emails", person.emails),
            ("person_browsers", person.browsers),
            ("first_browsers", person.first_browsers),
            ("erased_user_agents", person.user_agents),
            ("erased_leads", person.lead_ids),
        ):
            connection.execute(
                f"create temp table {table} as"
                " select unnest($values::varchar[]) as value",
                {"values": values},
            )
        connection.execute(
            """create temp table names_elsewhere as select
                unnest($emails::varchar[]) as email,
                unnest($first_names::varchar[]) as first_name,
                unnest($last_names::varchar[]) as last_name""",
            {
                "emails": [names["email"] for names in person.names_elsewhere],
                "first_names": [
                    names["first_name"] for names in person.names_elsewhere
                ],
                "last_names": [names["last_name"] for names in person.names_elsewhere],
            },
        )
        connection.execute(
            "create temp table erased_loads as"
            " select unnest($values::timestamp[]) as value",
            {"values": person.loads},
        )
        connection.execute(
            """create temp table loads_left as select
                unnest($minutes::timestamp[]) as minute,
                unnest($counts::bigint[]) as count,
                unnest($untils::timestamp[]) as until""",
            {
                "minutes": [load[0] for load in person.loads_left],
                "counts": [load[1] for load in person.loads_left],
                "untils": [load[2] for load in person.loads_left],
            },
        )
        kinds = {
            "contact_id": "contacts",
            "email": "emails",
            "anonymous_id": "browsers",
        }
        hashes = [
            f"select {HASHED.format(kind=literal(kind))} as value from person_{name}"
            for kind, name in kinds.items()
        ]
        browser = HASHED.format(kind="'anonymous_id'")
        connection.execute(
            f"""create temp table erased_identifiers as {" union all ".join(hashes)};
            create temp table erased_keys as select * from erased_identifiers union
                select {browser} from first_browsers"""
        )
        if "identity.int_leads" in tables:  # keys of past dates
            connection.execute(
                """insert into erased_keys select lead_key from identity.int_leads
                where identity_key in (select * from erased_keys)
                    or lead_id in (select * from erased_leads)"""
            )
        connection.execute(
            f"""create temp table shared_days as
            select {browser} as identifier_id, event_date from (
                select unnest($browsers::varchar[]) as value,
                    unnest($days::date[]) as event_date)""",
            {
                "browsers": [day[0] for day in person.days],
                "days": [day[1] for day in person.days],
            },
        )
        connection.execute(
            """create temp table erased_events as select unnest($sources::varchar[])
            as source, unnest($ids::varchar[]) as event_id""",
            {
                "sources": [event[0] for event in person.events],
                "ids": [event[1] for event in person.events],
            },
        )
        # When shared browsers were seen without the person, if they were.
        matches = "staging.int_matches_daily"
        connection.execute(
            f"""create temp table shared_seen as
            select identifier_id, min(event_date) as first_date,
                max(event_date) as last_date
            from {matches if matches in tables else "shared_days"}
            where identifier_id in (select identifier_id from shared_days)
                and (identifier_id, event_date) not in (
                    select (identifier_id, event_date) from shared_days)
            group by identifier_id;
            create temp table shared_unseen as
            select distinct identifier_id from shared_days
            where identifier_id not in (select identifier_id from shared_seen)"""
        )


def comments(connection: duckdb.DuckDBPyConnection, database: str) -> Iterator[str]:
    """Yield the statements that copy a database's comments into the fresh one."""
    for schema, table, comment in connection.execute(
        """select schema_name, table_name, comment from duckdb_tables()
        where database_name = $database and comment is not null""",
        {"database": database},
    ).fetchall():
        name = f"fresh.{quoted(schema)}.{quoted(table)}"
        yield f"comment on table {name} is {literal(comment)}"
    for schema, table, column, comment in connection.execute(
        """select schema_name, table_name, column_name, comment from duckdb_columns()
        semi join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = $database and comment is not null""",
        {"database": database},
    ).fetchall():
        name = f"fresh.{quoted(schema)}.{quoted(table)}.{quoted(column)}"
        yield f"comment on column {name} is {literal(comment)}"
