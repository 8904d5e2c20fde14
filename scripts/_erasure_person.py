"""Who is to be erased: all identifiers of one person in the landing zone.

A person is a lead of the warehouse: the contacts whose newest version has the same
email, that address, and the earlier addresses of these contacts unless they belong to
somebody else by now. A browser on which nobody else ever identified is the person's. On
a browser that others used too, the person owns the events with their contact_id or
email, and the anonymous events of the days on which the browser belonged to them
(int_browser_owners); if they stayed, they would become somebody else's. Events of
others that the warehouse rejected, or that a machine sent, do not take over a browser.
"""

import hashlib
import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from _landing import FED_TABLES, Landing, Table, literal
from _options import ActionableError

CONTACT_ID = "nullif(trim(contact_id), '')"
ANONYMOUS_ID = "nullif(trim(anonymous_id), '')"
EMAIL = "case when contains(email, '@') then trim(lower(email)) end"
# What macro lead_name puts before a contact_id that reads like another lead_id.
LED_IN = re.compile("^contact_id:(?=(anonymous|email|contact_id):)")


def own_event(contact_id: str = "contact_id", email: str = "email") -> str:
    """Return SQL: whether an event carries the person's contact_id, or else email."""
    return (
        f"coalesce({contact_id} in (select * from person_contacts), {email} in"
        " (select * from person_emails), false)"
    )


def doomed_event(
    contact_id: str = "contact_id",
    email: str = "email",
    anonymous_id: str = "anonymous_id",
    event_date: str = "event_date",
) -> str:
    """Return SQL: whether an event goes with the person."""
    return f"""({own_event(contact_id, email)} or coalesce(
        {contact_id} is null and {email} is null and (
            {anonymous_id} in (select * from person_browsers)
            or coalesce(({anonymous_id}, {event_date}) in (
                select (anonymous_id, event_date) from person_days), false)), false))"""


IS_OWN = own_event()
IS_DOOMED = doomed_event()
# Of what others did: whether the warehouse knows better than that it identified them.
IS_UNCOUNTED = """(
    (source, event_id, coalesce(occurred_at, timestamp '1970-01-01'), loaded_at) in (
        select (source, event_id, occurred_at, loaded_at) from refused_events)
    or exists (select 1 from machine_patterns where contains(
        lower(user_agent), lower(machine_patterns.pattern))))"""


@dataclass
class Person:
    """All identifiers of one person, as the landing zone spells them, trimmed."""

    asked: str
    contact_ids: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    # Emails that are somebody else's now, with the first and last name given there.
    names_elsewhere: list[dict[str, str]] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    browsers: list[str] = field(default_factory=list)  # nobody else's
    days: list[tuple[str, date]] = field(default_factory=list)  # on shared browsers
    first_browsers: list[str] = field(
        default_factory=list
    )  # shared, first the person's
    events: list[tuple[str, str]] = field(default_factory=list)  # source, event_id
    user_agents: list[str] = field(default_factory=list)  # nobody else's
    loads: list[datetime] = field(default_factory=list)  # of nobody else, by the minute
    # How many loads of a minute others are in, and the last of them.
    loads_left: list[tuple[datetime, int, datetime]] = field(default_factory=list)
    is_tangled: bool = False  # events share an id, or an address, with those of others

    @property
    def lead_ids(self) -> list[str]:
        """The names that any build of whatever day may have given the lead."""
        hashes = [
            hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()[:16]
            for email in self.emails
        ]
        browsers = (*self.browsers, *self.first_browsers)
        names = {*self.contact_ids, *(f"email:{name}" for name in hashes)}
        names |= {f"contact_id:{name}" for name in self.contact_ids if ":" in name}
        names |= {f"anonymous:{browser}" for browser in browsers}
        if self.asked.startswith("email:"):
            names.add(self.asked)
        return sorted(names)


class Finder:
    """Finds one person in the landing zone."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        landing: Landing,
        database: Path,
        time_zone: str,
    ) -> None:
        self.connection = connection
        self._note_uncounted(database)
        day = event_date(time_zone)
        self._view(landing, "contacts", f"{CONTACT_ID} as contact_id, {EMAIL} as email,"
            " nullif(trim(phone), '') as phone, country,"
            " coalesce(trim(first_name), '') as first_name,"
            " coalesce(trim(last_name), '') as last_name,"
            " coalesce(updated_at, created_at, timestamp '1970-01-01') as updated_at,"
            " loaded_at")  # fmt: skip
        self._view(landing, "events", f"{CONTACT_ID} as contact_id, {EMAIL} as email,"
            f" {ANONYMOUS_ID} as anonymous_id, {day} as event_date, occurred_at,"
            " coalesce(is_machine, false) as is_machine, user_agent, loaded_at,"
            " coalesce(trim(source), '') as source,"
            " coalesce(trim(event_id), '') as event_id")  # fmt: skip
        for table in ("consents", "contact_attributes"):
            self._view(landing, table, f"{CONTACT_ID} as contact_id")
        self.connection.execute(
            "create temp table newest as select contact_id, email from (select *,"
            " row_number() over (partition by contact_id order by updated_at desc,"
            " loaded_at desc, email nulls last) as place from landed_contacts)"
            " where place = 1 and contact_id is not null"
        )

    def find(self, asked: str) -> Person:
        """Return the person; leave tables of their identifiers in the connection."""
        person = Person(asked.strip())
        if person.asked.startswith("anonymous:"):
            person.browsers = [self._stranger(person.asked)]
        else:
            self._find_contacts(person)
        self._keep("person_contacts", person.contact_ids)
        self._keep("person_emails", person.emails)
        if person.contact_ids or person.emails:
            self._find_browsers(person)
        self._keep("person_browsers", person.browsers)
        self._keep_days(person.days)
        self._find_events(person)
        return person

    def _note_uncounted(self, database: Path) -> None:
        """Make tables of rejected events and of the warehouse's machine patterns."""
        self.connection.execute(
            "create temp table refused_events (source varchar, event_id varchar,"
            " occurred_at timestamp, loaded_at timestamp);"
            " create temp table machine_patterns (pattern varchar)"
        )
        if not database.is_file():
            return
        self.connection.execute(f"attach {literal(database)} as warehouse (read_only)")
        tables = self._column(
            "select table_name from duckdb_tables() where database_name = 'warehouse'"
        )
        if {"int_events_refused", "machine_user_agents"} <= set(tables):
            self.connection.execute(
                "insert into refused_events select coalesce(source, ''),"
                " coalesce(event_id, ''),"
                " coalesce(occurred_at, timestamp '1970-01-01'), loaded_at"
                " from warehouse.staging.int_events_refused;"
                " insert into machine_patterns select pattern"
                " from warehouse.seeds.machine_user_agents"
            )
        self.connection.execute("detach warehouse")

    def _view(self, landing: Landing, table: str, columns: str) -> None:
        rows = landed(landing, FED_TABLES[table])
        self.connection.execute(
            f"create temp view landed_{table} as select {columns} from {rows}"
        )

    def _keep(self, table: str, values: list[str]) -> None:
        self.connection.execute(
            f"create temp table {table} as select unnest($values::varchar[]) as value",
            {"values": values},
        )

    def _keep_days(self, days: list[tuple[str, date]]) -> None:
        self.connection.execute(
            "create temp table person_days as select unnest($browsers::varchar[])"
            " as anonymous_id, unnest($days::date[]) as event_date",
            {"browsers": [day[0] for day in days], "days": [day[1] for day in days]},
        )

    def _column(self, query: str, **parameters: object) -> list[str]:
        rows = self.connection.execute(query, parameters).fetchall()
        return sorted({str(row[0]) for row in rows if row[0] is not None})

    # Contacts and addresses.

    def _find_contacts(self, person: Person) -> None:
        emails: list[str] = []
        named: list[str] = []
        if "@" in person.asked:
            emails = [person.asked.lower()]
        elif person.asked.startswith("email:"):
            emails = self._column(
                "select email from landed_contacts where left(md5(email), 16) = $hash"
                " union select email from landed_events"
                " where left(md5(email), 16) = $hash",
                hash=person.asked.removeprefix("email:"),
            )
        else:
            named = [LED_IN.sub("", person.asked)]
        named += self._named_by(emails)
        person.contact_ids = named + self._column(
            "select contact_id from newest where contact_id not in $named and (email in"
            " (select email from newest where contact_id in $named)"
            " or email in $emails)",
            named=named,
            emails=emails,
        )
        if emails and not person.contact_ids:
            person.contact_ids = self._former_owners(emails)
        person.emails = sorted({*emails, *self._emails_of(person.contact_ids)})
        person.names_elsewhere = self._names_elsewhere(person)
        known = "from landed_contacts where contact_id in $contact_ids"
        ids = {"contact_ids": person.contact_ids}
        person.phones = self._column(f"select phone {known}", **ids)
        person.countries = self._column(f"select country {known}", **ids)

    def _named_by(self, emails: list[str]) -> list[str]:
        """Return the contacts whose contact_id is an address of these."""
        tables = ("contacts", "events", "consents", "contact_attributes")
        named = " union all ".join(
            f"select contact_id from landed_{table}" for table in tables
        )
        return self._column(
            f"select contact_id from ({named}) where lower(contact_id) in $emails",
            emails=emails,
        )

    def _former_owners(self, emails: list[str]) -> list[str]:
        """Return the contacts of the one lead that had an address nobody has now."""
        owners = self._column(
            "select contact_id from landed_contacts where email in $emails",
            emails=emails,
        )
        everybody = self._column(
            "select contact_id from newest where contact_id in $owners or email in"
            " (select email from newest where contact_id in $owners)",
            owners=owners,
        )
        leads = self.connection.execute(
            "select count(distinct coalesce(email, contact_id)) from newest"
            " where contact_id in $owners",
            {"owners": owners},
        ).fetchone()
        if leads and leads[0] > 1:
            raise ActionableError(
                f"this address was that of several leads ({', '.join(owners)}); name"
                " the one to erase by its contact_id"
            )
        return everybody

    def _emails_of(self, contact_ids: list[str]) -> list[str]:
        return self._column(
            "select email from landed_contacts where contact_id in $ids"
            " and email not in (select email from newest where contact_id not in $ids"
            " and email is not null)",
            ids=contact_ids,
        )

    def _names_elsewhere(self, person: Person) -> list[dict[str, str]]:
        """Return what another's lead showed while the person was part of it."""
        rows = self.connection.execute(
            """select distinct email, first_name, last_name from landed_contacts
            where contact_id in $ids and email not in $emails
                and first_name || last_name <> '' order by all""",
            {"ids": person.contact_ids, "emails": person.emails},
        ).fetchall()
        columns = ("email", "first_name", "last_name")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    # Browsers.

    def _stranger(self, asked: str) -> str:
        browser = asked.removeprefix("anonymous:")
        known = self._column(
            "select 1 from landed_events where anonymous_id = $browser"
            " and coalesce(contact_id, email) is not null limit 1",
            browser=browser,
        )
        if known:
            raise ActionableError(
                f"{asked}: somebody identified on this browser; ask explain_lead.py"
                " whose it is, and erase that lead"
            )
        return browser

    def _find_browsers(self, person: Person) -> None:
        """Tell the person's own browsers from shared ones, and whose those are when."""
        self.connection.execute(
            f"""create temp table links as
            select anonymous_id, event_date, {IS_OWN} as is_own,
                not is_machine and ({IS_OWN} or not coalesce({IS_UNCOUNTED}, false))
                    as is_link,
                max(occurred_at) as last_at,
                min(coalesce(contact_id, 'email:' || left(md5(email), 16))) as name
            from landed_events
            where coalesce(contact_id, email) is not null and anonymous_id in (
                select anonymous_id from landed_events where {IS_OWN})
            group by all"""
        )
        person.browsers = self._column(
            "select anonymous_id from links group by 1 having bool_and(is_own)"
        )
        owners: dict[str, list[tuple[date, bool]]] = defaultdict(list)
        for browser, day, is_own in self.connection.execute(
            """select anonymous_id, event_date, arg_min(is_own, name) from links
            semi join (select anonymous_id, event_date, max(last_at) as last_at
                from links where is_link group by all)
                using (anonymous_id, event_date, last_at)
            where is_link and event_date is not null
                and anonymous_id not in $browsers
            group by all order by all""",
            {"browsers": person.browsers},
        ).fetchall():
            owners[browser].append((day, is_own))
        person.first_browsers = [name for name in owners if owners[name][0][1]]
        for browser, day in self.connection.execute(
            """select distinct anonymous_id, event_date from landed_events
            where contact_id is null and email is null and event_date is not null
                and anonymous_id in $browsers order by all""",
            {"browsers": list(owners)},
        ).fetchall():
            changes = owners[browser]
            place = bisect_right(changes, day, key=lambda change: change[0])
            if changes[max(place - 1, 0)][1]:
                person.days.append((browser, day))

    # Events.

    def _find_events(self, person: Person) -> None:
        keys = self.connection.execute(
            "create temp table person_events as select distinct source, event_id"
            f" from landed_events where {IS_DOOMED}; from person_events"
        ).fetchall()
        person.events = [(source, event_id) for source, event_id in keys]
        person.user_agents = self._column(
            "select user_agent from landed_events group by 1"
            f" having bool_and({IS_DOOMED})"
        )
        loads = self.connection.execute(
            f"""select date_trunc('minute', loaded_at) from landed_events
            group by all having bool_and({IS_DOOMED}) order by all"""
        ).fetchall()
        person.loads = [minute for (minute,) in loads]
        person.loads_left = self.connection.execute(
            f"""select date_trunc('minute', loaded_at), count(distinct loaded_at),
                max(loaded_at)
            from landed_events where not {IS_DOOMED} group by 1 order by 1"""
        ).fetchall()
        tangled = self.connection.execute(
            f"""select count(*) from landed_events where not {IS_DOOMED} and (
                (source, event_id) in (select (source, event_id) from person_events)
                or email in (select * from person_emails))"""
        ).fetchone()
        person.is_tangled = bool(tangled and tangled[0])


def event_date(time_zone: str) -> str:
    """Return SQL of an event's date in the shop's zone."""
    if time_zone == "UTC":
        return "cast(occurred_at as date)"
    zone = literal(time_zone)
    return f"cast(timezone({zone}, timezone('UTC', occurred_at)) as date)"


def landed(landing: Landing, table: Table) -> str:
    """Return SQL of a table's landed rows; none, if nothing ever landed there."""
    if any((landing.folder / table.name).glob("*/*.parquet")):
        return landing.files(table)
    nulls = [f"cast(null as {kind}) as {name}" for name, kind in table.types.items()]
    return f"(select {', '.join(nulls)} where false)"
