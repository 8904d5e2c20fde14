"""Erasing a person from the landing zone: files are rewritten under their own names.

All files are replaced in one commit of the landing zone; if the run is killed, nothing
has changed or the next run finishes it. Only the request itself stays, with hashes in
place of names (`md5:…`), so that the warehouse rejects the person if a source delivers
them again. md5, because every engine has it and the lead_id of email leads uses it; no
hash keeps an address from being guessed, and this one only has to be recognised.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import duckdb

from _erasure_person import (
    ANONYMOUS_ID,
    CONTACT_ID,
    EMAIL,
    Person,
    doomed_event,
    landed,
)
from _landing import (
    FED_TABLES,
    UNREADABLE_ROWS,
    Landing,
    Table,
    literal,
    write_parquet,
)
from _load_sql import instant

REQUESTS = FED_TABLES["erasure_requests"]
IS_OURS = f"coalesce({CONTACT_ID} in (select * from person_contacts), false)"
IS_OUR_EMAIL = f"coalesce({EMAIL} in (select * from person_emails), false)"
# Matches whole words of a line: `c-1` does not match `c-12`.
WORD = r"(^|[^0-9a-z_-])({words})($|[^0-9a-z_-])"
SHORTEST_PHONE = 5  # digits: a phone of fewer stands for none (-, 0) in many lines


@dataclass(frozen=True)
class Rewriting:
    """Which rows of a table go, and what becomes of others that name the person."""

    table: Table
    is_doomed: str = "false"
    is_changed: str = "false"
    changes: str = ""  # `value as column` of the changed rows


class LandingEraser:
    """Erases one person, whose tables `Finder` left in the connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        landing: Landing,
        person: Person,
        event_date: str,
    ) -> None:
        self.connection = connection
        self.landing = landing
        self.person = person
        self.rewritings = list(self._rewritings(event_date))

    def count(self) -> dict[str, int]:
        """Return how many rows of which table will go or be changed."""
        counts = {}
        for rewriting in self.rewritings:
            if rows := sum(self._files(rewriting).values()):
                counts[rewriting.table.name] = rows
        return counts

    def stage(self) -> None:
        """Write the cleaned files beside, for `Landing.commit` to put into place."""
        for rewriting in self.rewritings:
            changes = f" replace ({rewriting.changes})" if rewriting.changes else ""
            for file in self._files(rewriting):
                query = (
                    f"select *{changes} from read_parquet({literal(file)},"
                    f" hive_partitioning = false) where not ({rewriting.is_doomed})"
                )
                name = file.removeprefix(f"{self.landing.folder}/")
                path = self.landing.staging / "batch" / name
                write_parquet(self.connection, query, path)
        self._stage_requests()

    def has_request(self) -> bool:
        """Tell whether the person was erased before."""
        row = self.connection.execute(
            f"select count(*) from {landed(self.landing, REQUESTS)} where contact_id in"
            " (select 'md5:' || md5(value) from person_contacts) or email in"
            " (select 'md5:' || md5(value) from person_emails)"
            " or 'email:' || substr(email, 5, 16) = $asked",
            {"asked": self.person.asked},
        ).fetchone()
        return bool(row and row[0])

    def _rewritings(self, event_date: str) -> Iterator[Rewriting]:
        doomed = doomed_event(CONTACT_ID, EMAIL, ANONYMOUS_ID, event_date)
        blank = f"case when not {IS_OUR_EMAIL} then email end as email"
        # The event of another contact that carries this address, which decides nothing.
        yield Rewriting(FED_TABLES["events"], doomed, IS_OUR_EMAIL, blank)
        yield Rewriting(FED_TABLES["contacts"], IS_OURS, IS_OUR_EMAIL, blank)
        for name in ("contact_attributes", "consents"):
            yield Rewriting(FED_TABLES[name], IS_OURS)
        yield Rewriting(
            REQUESTS,
            is_changed=f"({IS_OURS} or {IS_OUR_EMAIL})",
            changes=", ".join(
                f"case when {IS_OURS} or {IS_OUR_EMAIL} then"
                f" 'md5:' || md5({value}) else {name} end as {name}"
                for name, value in (("contact_id", CONTACT_ID), ("email", EMAIL))
            ),
        )
        yield Rewriting(UNREADABLE_ROWS, self._is_mentioned())

    def _is_mentioned(self) -> str:
        """Return SQL: whether a line that could not be read mentions the person."""
        words = [*self.person.contact_ids, *self.person.browsers]
        phones = [
            phone
            for phone in self.person.phones
            if sum(map(str.isdigit, phone)) >= SHORTEST_PHONE
        ]
        mentions = [
            f"contains(lower(text), {literal(value.lower())})"
            for value in (*self.person.emails, *phones)
        ]
        if words:
            escaped = "|".join(regular(word.lower()) for word in words)
            pattern = WORD.replace("{words}", escaped)
            mentions.append(f"regexp_matches(lower(text), {literal(pattern)})")
        return f"coalesce({' or '.join(mentions) or 'false'}, false)"

    def _files(self, rewriting: Rewriting) -> dict[str, int]:
        """Return the files that name the person, and in how many rows."""
        folder = self.landing.folder / rewriting.table.name
        if not any(folder.glob("*/*.parquet")):
            return {}
        pattern = literal(folder / "*" / "*.parquet")
        options = "union_by_name = true, hive_partitioning = false, filename = true"
        rows = self.connection.execute(
            f"select filename, count(*) from read_parquet({pattern}, {options})"
            f" where {rewriting.is_doomed} or {rewriting.is_changed}"
            " group by filename order by filename"
        ).fetchall()
        return {str(file): int(count) for file, count in rows}

    def _stage_requests(self) -> None:
        """Land the request, unless it was: one row for each contact and address."""
        hashes = (
            "select 'md5:' || md5(value) as contact_id, null as email from"
            " person_contacts union all"
            " select null, 'md5:' || md5(value) from person_emails"
        )
        kept = landed(self.landing, REQUESTS)
        new = (
            f"select hashes.* from ({hashes}) as hashes anti join"
            f" (select {CONTACT_ID} as contact_id, trim(lower(email)) as email from"
            f" {kept}) as kept on hashes.contact_id in"
            " (kept.contact_id, 'md5:' || md5(kept.contact_id))"
            " or hashes.email in (kept.email, 'md5:' || md5(kept.email))"
        )
        if not self.connection.execute(f"{new} limit 1").fetchall():
            return
        newest = self.landing.newest_load(self.connection)
        now = datetime.now(UTC).replace(tzinfo=None)
        loaded_at = max(now, newest + timedelta(microseconds=1))
        path = self.landing.staged_file(REQUESTS, uuid4().hex, loaded_at)
        moment = instant(loaded_at)
        query = (
            f"select *, {moment} as requested_at, {moment} as loaded_at from ({new})"
        )
        write_parquet(self.connection, query, path)


def regular(text: str) -> str:
    """Return a text as a regular expression of DuckDB's that matches it alone."""
    return "".join(c if c.isalnum() else f"\\x{{{ord(c):x}}}" for c in text)
