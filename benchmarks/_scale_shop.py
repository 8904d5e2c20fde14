"""The shops that the benchmark measures, and what happens to them in the morning."""

import os
import shutil
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from _options import PROJECT, ActionableError
from _scale_process import Measured, folder_size, measure

SCRIPTS = PROJECT / "scripts"
LAST_DAY = date(2026, 5, 31)
LATE_DAYS = 90
SHARE = 100  # one row in 100 is late, one lead in 100 becomes known


@dataclass(frozen=True)
class Shop:
    """A shop with a number of events over a number of days, in its own folder."""

    events: int
    days: int
    folder: Path

    @property
    def landing(self) -> Path:
        """The history, without the last day."""
        return self.folder / "landing"

    @property
    def events_landed(self) -> str:
        """The landed events as an SQL source."""
        files = self.landing / "events" / "*" / "*.parquet"
        return f"read_parquet('{files}', hive_partitioning = false)"


def script(name: str, *arguments: object) -> list[str]:
    """The command of one of the project's scripts."""
    return [sys.executable, str(SCRIPTS / f"{name}.py"), *map(str, arguments)]


def required(measured: Measured, what: str) -> Measured:
    """What was measured; nothing can go on when it failed."""
    if measured.exit_code:
        raise ActionableError(f"{what} failed: {measured.message}")
    return measured


def generate(shop: Shop, part: str) -> Path:
    """Generate what arrived before the last day (history) or on it (morning)."""
    output = shop.folder / part
    if output.exists():
        return output
    span = {"history": "--before-day", "morning": "--only-day"}[part]
    command = script("generate_demo_shop", "--events", shop.events)
    command += ["--days", str(shop.days), "--end-date", str(LAST_DAY)]
    command += [span, str(LAST_DAY), "--output", str(output)]
    required(measure(command, shop.folder / "logs" / f"generate_{part}.log"), part)
    return output


def load(source: Path, landing: Path, logs: Path) -> Measured:
    """Load files into a landing zone."""
    command = script("load_landing", source, "--landing", landing)
    log = logs / f"load_{source.name}.log"
    return required(measure(command, log), f"loading {source}")


def land_history(shop: Shop) -> Measured | None:
    """Generate and load the history; None when an earlier run has done it."""
    if (shop.folder / "landed").exists():
        return None
    shutil.rmtree(shop.landing, ignore_errors=True)
    loaded = load(generate(shop, "history"), shop.landing, shop.folder / "logs")
    shutil.rmtree(shop.folder / "history")
    (shop.folder / "landed").touch()
    return loaded


def branched_landing(shop: Shop, name: str, *, with_events: bool = True) -> Path:
    """A landing zone that begins with the history's files, none of them copied."""
    branch = shop.folder / "landings" / name
    shutil.rmtree(branch, ignore_errors=True)
    for file in shop.landing.rglob("*.parquet"):
        place = file.relative_to(shop.landing)
        # The loader's file without rows stays: a landing zone has every table.
        if with_events or place.parts[0] != "events" or file.stem == "schema":
            (branch / place).parent.mkdir(parents=True, exist_ok=True)
            os.link(file, branch / place)
    return branch


def land_morning(shop: Shop, landing: Path, database: Path) -> None:
    """One more day: what the generator held back."""
    del database
    load(generate(shop, "morning"), landing, shop.folder / "logs")


def land_late_rows(shop: Shop, landing: Path, database: Path) -> None:
    """One row in a hundred, spread over the last days, arrives only now."""
    del database
    since = LAST_DAY - timedelta(days=LATE_DAYS)
    write(
        shop,
        "late/events.parquet",
        f"""
        select * exclude (loaded_at)
            replace ('late-' || event_id as event_id, null as received_at)
        from {shop.events_landed}
        where occurred_at >= '{since}' and occurred_at < '{LAST_DAY}'
            and event_id is not null
        order by hash(event_id)
        limit {shop.events // SHARE}""",
    )
    load(shop.folder / "late", landing, shop.folder / "logs")


def land_known_leads(shop: Shop, landing: Path, database: Path) -> None:
    """One anonymous lead in a hundred signs in and becomes a contact."""
    evening = f"timestamp '{LAST_DAY - timedelta(days=1)} 23:30:00'"
    chosen = f"""
        select substr(lead_id, 11) as anonymous_id, 'k-' || md5(lead_id)[:10] as contact
        from scores.fct_lead_scores
        where lead_id like 'anonymous:%' and hash(lead_id) % {SHARE} = 0"""
    write(
        shop,
        "known/events.parquet",
        f"""
        select contact || '-in' as event_id, 'web' as source,
            'signed_in' as event_name, {evening} as occurred_at, anonymous_id,
            contact as contact_id
        from ({chosen})""",
        database,
    )
    write(
        shop,
        "known/contacts.parquet",
        f"""
        select contact as contact_id, contact || '@inbox.example' as email,
            'ES' as country, {evening} as created_at, {evening} as updated_at
        from ({chosen})""",
        database,
    )
    load(shop.folder / "known", landing, shop.folder / "logs")


def write(shop: Shop, name: str, query: str, database: Path | None = None) -> None:
    """Write a query's rows where the loader finds them."""
    file = shop.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(
        str(database or ":memory:"), read_only=bool(database)
    ) as connection:
        connection.execute(f"copy ({query}) to '{file}' (format parquet)")


def described(shop: Shop, database: Path) -> dict[str, object]:
    """How large the shop is, landed and built."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            f"""
            select count(*), count_if(received_at >= date '{LAST_DAY}' - 1),
                (select count(*) from scores.fct_lead_scores),
                (select max(as_of_date) from scores.fct_lead_scores)
            from {shop.events_landed}"""
        ).fetchone()
    assert found is not None
    return {
        "landed_rows": found[0],
        "last_day_rows": found[1],
        "leads": found[2],
        "as_of_date": str(found[3]),
        "landing_mb": round(folder_size(shop.landing) / 1e6, 1),
        "warehouse_mb": round(database.stat().st_size / 1e6, 1),
    }
