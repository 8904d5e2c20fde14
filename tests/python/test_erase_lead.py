"""erase_lead: nothing of a person is left in any byte, and nothing else is missing.

A shop of eight people is landed in two loads, built, published and exported. Anna has
two contacts, an address she gave up, an own browser and one that Bob took over. What
she is known by is looked for in the bytes of every file and, since columns are
compressed, in every value of every table: plain, hashed, and as the keys of the models.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import erase_lead
import export_segments
import publish_marts
from _erasure_person import Person
from _landing import UNREADABLE_ROWS, Landing
from dbt_runs import PROJECT, UNTESTED, copy_project, full_disk, run_dbt
from export_shop import Shop as ExportShop
from export_shop import made_up
from warehouse import LANDING_COLUMNS, Row, comparable_columns, write_landing

pytestmark = pytest.mark.long

FIRST_LOAD, SECOND_LOAD = datetime(2026, 5, 20), datetime(2026, 6, 1)
DAY = datetime(2026, 5, 1, 12)
ADDRESS, OLD_ADDRESS = "anna@verysecret.example", "anna.before@verysecret.example"
CONTACTS = ("c-anna-one", "c-anna-two")
BROWSER, SHARED_BROWSER = "b-anna-own", "b-shared"
# Whatever tells of Anna, in lower case.
SECRETS = (
    *(ADDRESS, OLD_ADDRESS, "verysecret", "annabella", *CONTACTS, BROWSER),
    *("+49 170 5550199", "4917055501", "1705550199", "anna's house", "1971-02-03"),
)
# They tell of builds, not of people.
OF_BUILDS = (
    *("int_reading", "int_reading_state", "int_matches_unread"),
    *("int_export_versions", "int_export_moment"),
    *("int_activity_basis", "int_leads_touched"),
)
MOMENTS = (  # where a run is killed, in this order
    "_erasure_landing.LandingEraser._stage_requests",
    "_erasure_warehouse.comments",  # the copy is written, and not yet in its place
    "_files.sync",
    "erase_lead.forget",
    "_landing.Landing.commit",
    "_landing.Landing._move_into_place",
)


# --- The shop -----------------------------------------------------------------------


def event(day: int, name: str, **columns: Any) -> Row:
    """An event, so many days after the first."""
    happened = DAY + timedelta(days=day)
    return {
        "event_id": f"{name}-{day}-{len(columns)}-{columns.get('n', 0)}",
        "source": "shop",
        "event_name": name,
        "occurred_at": happened,
        "loaded_at": FIRST_LOAD if day < 15 else SECOND_LOAD,
        **{column: value for column, value in columns.items() if column != "n"},
    }


def contact(contact_id: str, email: str, day: int = 0, **columns: Any) -> Row:
    created = DAY - timedelta(days=30)
    updated = DAY + timedelta(days=day)
    dates = {"created_at": created, "updated_at": updated, "loaded_at": FIRST_LOAD}
    return {
        "contact_id": contact_id,
        "email": email,
        "country": "DE",
        **dates,
        **columns,
    }


def consent(contact_id: str, purpose: str) -> Row:
    given = {"status": "granted", "occurred_at": DAY, "loaded_at": FIRST_LOAD}
    return {"contact_id": contact_id, "purpose": purpose, **given}


def anna() -> dict[str, list[Row]]:
    """All that lands of Anna."""
    told: Row = {
        "phone": "+49 170 5550199",
        "first_name": "Annabella",
        "last_name": "Verysecret",
        "birth_date": date(1971, 2, 3),
        "company": "Anna's House",
        "postal_code": "79098",
    }
    own: Row = {"contact_id": CONTACTS[0], "anonymous_id": BROWSER}
    shared: Row = {"anonymous_id": SHARED_BROWSER}
    ordered = event(16, "order_completed", amount=90.0, n=1, **own)
    events = [
        event(1, "page_viewed", anonymous_id=BROWSER, user_agent="Anna's House Phone"),
        event(2, "product_viewed", email=OLD_ADDRESS),
        event(3, "order_completed", amount=80.0, **own),
        event(4, "product_added", anonymous_id=BROWSER),
        event(5, "product_viewed", **shared),  # before anybody identified
        event(6, "signed_in", contact_id=CONTACTS[1], **shared),
        event(7, "product_viewed", **shared),
        event(15, "page_viewed", page_url=f"/planner?who={ADDRESS}", **own),
        *(ordered, ordered | {"amount": 91.0}),  # delivered twice, and in conflict
        event(17, "order_completed", amount=-5.0, **own),  # refused
        *(event(18, "products_searched", n=n, **own) for n in range(5)),
        *(event(day, "order_completed", amount=500.0, **own) for day in (20, 24, 28)),
        event(19, "email_clicked", email=f" {ADDRESS.upper()}", campaign_id="may"),
    ]
    attribute = {"attribute": "second address", "value": OLD_ADDRESS}
    dated = {"updated_at": DAY, "loaded_at": FIRST_LOAD}
    return {
        "events": events,
        "contacts": [
            contact(CONTACTS[0], OLD_ADDRESS, **told),
            contact(CONTACTS[0], f"{ADDRESS.title()} ", 2, **told),
            contact(CONTACTS[1], ADDRESS, 1, last_name="Verysecret"),
        ],
        "contact_attributes": [{"contact_id": CONTACTS[0], **attribute, **dated}],
        "consents": [
            consent(CONTACTS[0], purpose) for purpose in ("email", "sms", "ads")
        ],
    }


def others() -> dict[str, list[Row]]:
    """Bob, who took over a browser, and six more who order."""
    shared: Row = {"anonymous_id": SHARED_BROWSER}
    bob: Row = {"contact_id": "c-bob"}
    people = ["c-bob", *(f"c-{n}" for n in range(6))]
    return {
        "events": [
            event(9, "signed_in", **bob, **shared),
            event(10, "product_viewed", **shared),
            event(16, "product_viewed", n=2, **shared),
            event(18, "product_added", **bob, **shared),
            event(3, "page_viewed", anonymous_id="b-nobody"),
            *(
                event(day, "order_completed", contact_id=person, amount=50.0 + n, n=n)
                for n, person in enumerate(people)
                for day in (5, 12, 29)
            ),
        ],
        "contacts": [contact(who, f"{who}@example.org") for who in people],
        "consents": [
            consent(who, purpose) for who in people for purpose in ("email", "ads")
        ],
        "erasure_requests": [
            {"contact_id": "c-5", "requested_at": DAY, "loaded_at": FIRST_LOAD}
        ],
    }


def land(landing: Path, rows: dict[str, list[Row]], load: datetime, name: str) -> None:
    """Land one load's rows."""
    for table in LANDING_COLUMNS:
        loaded = [row for row in rows.get(table, []) if row["loaded_at"] == load]
        write_landing(landing, table, loaded, name)


def united(*shops: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {
        table: [row for shop in shops for row in shop.get(table, [])]
        for table in LANDING_COLUMNS
    }


@dataclass
class Shop:
    """A shop's folder."""

    folder: Path
    said: str = ""
    killed: list[str] = field(default_factory=list)

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        return self.folder / "marts.duckdb"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    def build(self, *options: str, artifacts: bool = False) -> None:
        result = run_dbt(
            self.folder,
            *("build", "--quiet", *options),
            project=self.folder / "project",
            artifacts=artifacts,
        )
        assert result.success, [
            run.node.name for run in result.result if run.status in ("error", "fail")
        ]

    def options(self, who: str) -> list[str]:
        return [
            *(who, "--database", str(self.warehouse), "--landing", str(self.landing)),
            *("--marts", str(self.marts), "--exports", str(self.exports)),
            *("--project-dir", str(self.folder / "project")),
        ]

    def copy(self, folder: Path) -> "Shop":
        shutil.copytree(self.folder, folder)
        return Shop(folder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop as it is before anybody is erased."""
    built = Shop(tmp_path_factory.mktemp("shop"))
    segments = copy_project(built.folder / "project") / "seeds/rules/segments.csv"
    text = segments.read_text(encoding="utf-8")
    segments.write_text(text.replace("hubspot|sales", "hubspot"), encoding="utf-8")
    land(built.landing, united(anna(), others()), FIRST_LOAD, "1")
    built.build(*UNTESTED)
    land(built.landing, united(anna(), others()), SECOND_LOAD, "2")
    # With its tests, to be published.
    built.build("--exclude-resource-type=unit_test", artifacts=True)
    lines = built.landing / UNREADABLE_ROWS.name / "loaded_on=1970-01-01" / "a.parquet"
    with Landing(built.landing).locked(), duckdb.connect() as connection:
        connection.execute(
            f"""copy (select 'a.csv' as file, line, text, 'odd' as error,
                timestamp '2026-06-01' as loaded_at from (values
                (1, 'x;{CONTACTS[0]};y'), (2, 'Mail {ADDRESS.upper()}'), (3, 'Bob'),
                (4, '{CONTACTS[0][:-1]}')) as lines (line, text))
            to '{lines}'"""
        )
    results = str(built.folder / "target" / "run_results.json")
    files = ["--database", str(built.warehouse)]
    marts = ["--marts", str(built.marts), "--run-results", results]
    assert publish_marts.main([*files, *marts]) == 0
    folder = ["--exports", str(built.exports), "--jobs", "1"]
    assert export_segments.main([*files, "--run-results", results, *folder]) == 0
    return built


@pytest.fixture(scope="module")
def erased(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop after Anna was erased, once the run was killed at every moment."""
    after = shop.copy(tmp_path_factory.mktemp("erased") / "shop")
    for moment in MOMENTS:
        if kill_at(after, moment):
            after.killed.append(moment)
        assert value(after.warehouse, "select count(*) from activity.dim_leads")
    done = subprocess.run(
        [sys.executable, erase_lead.__file__, *after.options(CONTACTS[0])],
        capture_output=True,
        text=True,
        check=True,
    )
    after.said = done.stdout
    return after


def kill_at(shop: Shop, moment: str) -> bool:
    """Erase Anna with a kill -9 when a function is about to run."""
    owner, name = moment.rsplit(".", 1)
    module, *inner = owner.split(".")
    path = ".".join((module, *inner))
    program = f"""
import importlib, os, signal, sys
module = importlib.import_module({module!r})
owner = {path}
import erase_lead

def die(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, {name!r}, die)
sys.exit(erase_lead.main({shop.options(CONTACTS[0])!r}))
""".replace(f"module = importlib.import_module({module!r})", f"import {module}")
    scripts = str(Path(erase_lead.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": scripts},
        capture_output=True,
        check=False,
    )
    return done.returncode == -signal.SIGKILL


def value(database: Path, query: str) -> Any:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(query).fetchone()
    return found[0] if found else None


# --- Looking for somebody -----------------------------------------------------------


def hashes() -> set[str]:
    """Hashes of Anna's addresses and ids, as files and models may hold them."""
    values = [*SECRETS, "4917055501" + "99", "+491705550199"]
    kinds: tuple[Callable[[bytes], Any], ...] = (hashlib.md5, hashlib.sha256)
    return {kind(value.encode()).hexdigest() for value in values for kind in kinds}


def keys() -> set[int]:
    """The identifiers that macro hash_id makes of what Anna goes by."""
    kinds = {
        "contact_id": CONTACTS,
        "email": (ADDRESS, OLD_ADDRESS),
        "anonymous_id": (BROWSER,),
    }
    pairs = [(kind, each) for kind, values in kinds.items() for each in values]
    query = "select cast(hash(?, ?) >> 1 as bigint)"
    return {duckdb.execute(query, pair).fetchall()[0][0] for pair in pairs}


def texts_of_database(file: Path) -> Iterator[tuple[str, str]]:
    """Every value of every column as text, by table and column."""
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.execute(
            """select schema_name, table_name, column_name from duckdb_columns()
            semi join duckdb_tables() using (database_name, schema_name, table_name)
            where not internal"""
        ).fetchall()
        for schema, table, column in columns:
            found = connection.execute(
                f"""select distinct cast("{column}" as varchar)
                from "{schema}"."{table}" """
            ).fetchall()
            text = "\n".join(str(value) for (value,) in found)
            yield f"{table}.{column}", text.lower()


def texts_of_folder(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file's bytes, and the values of Parquet files."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(file), file.read_bytes().decode("latin-1").lower()
        yield f"{file} (its name)", file.name.lower()
        if file.suffix == ".parquet":
            rows = duckdb.sql(f"from read_parquet('{file}', hive_partitioning = false)")
            yield f"{file} (its values)", str(rows.fetchall()).lower()


def traces(texts: Iterator[tuple[str, str]], words: set[str]) -> list[str]:
    return sorted(
        {place for place, text in texts if any(word in text for word in words)}
    )


def of_requests(place: str) -> bool:
    return "/erasure_requests/" in place


# --- What is asked of an erasure ----------------------------------------------------


def test_anna_is_found_before_she_is_erased(shop: Shop) -> None:
    """Or else what follows would prove nothing."""
    plain = set(SECRETS)
    tables = traces(texts_of_database(shop.warehouse), plain)
    for place in (
        "dim_lead_contacts.email",
        "int_lead_scores.lead_id",
        "int_events_repeated.contact_id",
        "exp_google__customers.email",
        "int_user_agents.user_agent",
    ):
        assert place in tables
    assert "fct_lead_scores.lead_id" in traces(texts_of_database(shop.marts), plain)
    assert len(traces(texts_of_folder(shop.landing), plain)) > 8
    assert traces(texts_of_folder(shop.exports), hashes())
    assert traces(texts_of_folder(shop.exports), plain)
    ids = {str(key) for key in keys()}
    assert "int_matches_daily.identifier_id" in traces(
        texts_of_database(shop.warehouse), ids
    )


def test_every_moment_was_reached(erased: Shop) -> None:
    assert erased.killed == list(MOMENTS)


@pytest.mark.parametrize("words", [set(SECRETS), hashes(), {str(k) for k in keys()}])
def test_nothing_of_a_person_is_left_anywhere(erased: Shop, words: set[str]) -> None:
    assert traces(texts_of_database(erased.warehouse), words) == []
    assert traces(texts_of_database(erased.marts), words) == []
    assert traces(texts_of_folder(erased.exports), words) == []
    left = traces(texts_of_folder(erased.landing), words)
    assert [place for place in left if not of_requests(place)] == []
    assert bool(left) == (words == hashes())  # the request, so as to refuse them
    everything = [path for path in erased.folder.iterdir() if path.is_file()]
    assert {path.name for path in everything} == {"warehouse.duckdb", "marts.duckdb"}
    for file in everything:
        text = file.read_bytes().decode("latin-1").lower()
        assert not [word for word in words if word in text]


def test_unreadable_lines_of_others_stay(erased: Shop) -> None:
    lines = f"from read_parquet('{erased.landing}/unreadable_rows/*/a.parquet')"
    assert duckdb.sql(f"select line {lines} order by line").fetchall() == [(3,), (4,)]


def test_no_line_of_the_report_says_who_it_was(shop: Shop, erased: Shop) -> None:
    assert not [word for word in SECRETS if word in erased.said.lower()]


def test_others_are_untouched(shop: Shop, erased: Shop) -> None:
    for table in ("fct_lead_rule_points", "fct_lead_rule_days", "dim_leads"):
        rows = "from {} where lead_id = 'c-bob'"
        query = f"select list(t order by t) from ({rows}) as t"
        name = f"{'scores' if 'points' in table else 'activity'}.{table}"
        before = value(shop.warehouse, query.format(name))
        assert before
        assert value(erased.warehouse, query.format(name)) == before


@pytest.fixture(scope="module")
def rebuilt(erased: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The erased shop after a build with its tests."""
    after = erased.copy(tmp_path_factory.mktemp("rebuilt") / "shop")
    after.build("--exclude-resource-type=unit_test")
    return after


def tables_of(shop: Shop) -> dict[str, list[Any]]:
    """Every table's rows, in one order."""
    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        rows = {}
        for (name,) in tables:
            if name.split(".")[1].removesuffix("_kept") in OF_BUILDS:
                continue
            columns = comparable_columns(connection, name)
            columns = ", ".join(
                each
                for each in columns.split(", ")
                if each not in ("changed_at", "read_until")
            )
            # Which weeks earlier builds scored (rows without a lead) tells of them.
            weeks = name == "scores.int_lead_scores_kept"
            condition = "lead_id != ''" if weeks else "true"
            query = f"select {columns} from {name} where {condition} order by all"
            rows[name] = connection.execute(query).fetchall()
    return rows


def test_the_next_build_equals_one_of_the_cleaned_landing_zone(
    rebuilt: Shop, tmp_path: Path
) -> None:
    assert_equals_a_fresh_build(rebuilt, tmp_path / "fresh")


def assert_equals_a_fresh_build(shop: Shop, folder: Path) -> None:
    """Every table is what a build makes that has never known the person.

    What was recorded of others on earlier days no build could make again.
    """
    fresh = Shop(folder)
    shutil.copytree(shop.landing, fresh.landing)
    shutil.copytree(shop.folder / "project", fresh.folder / "project")
    with duckdb.connect(str(fresh.warehouse)) as connection:
        connection.execute("create schema segments")
        connection.execute(f"attach '{shop.warehouse}' as kept (read_only)")
        history = "segments.int_segment_history"
        connection.execute(f"create table {history} as from kept.{history}")
    fresh.build(*UNTESTED)
    ours, expected = tables_of(shop), tables_of(fresh)
    assert ours.keys() == expected.keys()
    for name, rows in expected.items():
        assert ours[name] == rows, name


def test_events_that_others_repeat_are_judged_anew(shop: Shop, tmp_path: Path) -> None:
    """Bob's copy of Anna's event was a duplicate; his other one carries her address."""
    tangled = shop.copy(tmp_path / "tangled")
    third = SECOND_LOAD + timedelta(days=1)
    (ordered,) = (
        row for row in anna()["events"] if row["event_id"].startswith("signed")
    )
    bob: Row = {"contact_id": "c-bob", "loaded_at": third}
    events = [ordered | bob, event(20, "page_viewed") | bob | {"email": ADDRESS}]
    land(tangled.landing, {"events": events}, third, "3")
    tangled.build(*UNTESTED)
    assert erase_lead.main(tangled.options(ADDRESS)) == 0
    assert traces(texts_of_folder(tangled.landing), set(SECRETS)) == []
    assert traces(texts_of_database(tangled.warehouse), set(SECRETS)) == []
    tangled.build(*UNTESTED)
    assert_equals_a_fresh_build(tangled, tmp_path / "fresh")


def test_events_that_identify_nobody_take_no_browser_over(
    shop: Shop, tmp_path: Path
) -> None:
    """A link checker opened Bob's link in it, and an order of his was refused."""
    lent = shop.copy(tmp_path / "lent")
    third = SECOND_LOAD + timedelta(days=1)
    browser: Row = {"anonymous_id": "b-lent", "loaded_at": third}
    checker = {"user_agent": "Googlebot/2.1"}
    events = [
        event(20, "signed_in", contact_id=CONTACTS[0]) | browser,
        event(21, "email_clicked", contact_id="c-bob") | browser | checker,
        event(22, "page_viewed", page_url=f"/planner?who={ADDRESS}") | browser,
        event(23, "order_completed", contact_id="c-bob", amount=-5.0) | browser,
        event(24, "page_viewed", page_url=f"/planner?who={ADDRESS}") | browser,
    ]
    land(lent.landing, {"events": events}, third, "3")
    lent.build(*UNTESTED)
    assert erase_lead.main(lent.options(CONTACTS[1])) == 0
    assert traces(texts_of_folder(lent.landing), set(SECRETS)) == []
    assert traces(texts_of_database(lent.warehouse), set(SECRETS)) == []
    lent.build(*UNTESTED)
    assert_equals_a_fresh_build(lent, tmp_path / "fresh")


def test_a_source_that_delivers_the_person_again_does_not_bring_them_back(
    rebuilt: Shop, shop: Shop, tmp_path: Path
) -> None:
    after = rebuilt.copy(tmp_path / "again")
    again = SECOND_LOAD + timedelta(days=365)
    rows = {
        table: [row | {"loaded_at": again} for row in rows]
        for table, rows in anna().items()
    }
    rows["erasure_requests"] = [
        {"contact_id": f" {CONTACTS[1]}", "email": ADDRESS.upper(), "loaded_at": again}
    ]
    land(after.landing, rows, again, "again")
    after.build("--exclude-resource-type=unit_test")
    published = [
        place
        for place in traces(texts_of_database(after.warehouse), {*SECRETS, *hashes()})
        if place.startswith(("dim_", "fct_", "seg_", "exp_"))
    ]
    assert published == []
    rejected = (
        "select count(*) from activity.fct_events_rejected where reason = 'erased'"
    )
    assert value(after.warehouse, rejected) > value(rebuilt.warehouse, rejected)
    scores = "select list(t order by t) from scores.fct_lead_scores as t"
    assert value(after.warehouse, scores) == value(rebuilt.warehouse, scores)
    # And erased again, nothing is left again.
    assert erase_lead.main(after.options(ADDRESS)) == 0
    assert traces(texts_of_database(after.warehouse), set(SECRETS)) == []
    assert traces(texts_of_folder(after.landing), set(SECRETS)) == []


# --- How it is asked ----------------------------------------------------------------


def test_a_dry_run_tells_and_writes_nothing(
    shop: Shop,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor a copy of what was exported, which would stay if the run were killed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    looked_at = shop.copy(tmp_path / "shop")

    def everything() -> dict[Path, tuple[int, bytes]]:
        files = [path for path in looked_at.folder.rglob("*") if path.is_file()]
        return {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}

    before = everything()
    assert erase_lead.main([*looked_at.options(CONTACTS[1]), "--dry-run"]) == 0
    assert everything() == before
    said = capsys.readouterr().out
    assert said.startswith("Would erase:")
    for words in (
        "landing    events",
        "warehouse  scores.int_lead_scores",
        "meta_lookalike",
    ):
        assert words in said
    assert not [word for word in SECRETS if word in said.lower()]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("c-nobody", "nobody is called 'c-nobody' there"),
        (" ", "WHO is empty"),
        (f"anonymous:{BROWSER}", "somebody identified on this browser"),
    ],
)
def test_a_wrong_name_is_one_line(
    shop: Shop, capsys: pytest.CaptureFixture[str], who: str, words: str
) -> None:
    assert erase_lead.main([*shop.options(who), "--dry-run"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert words in said.err
    assert said.err.count("\n") == 1


def test_what_is_not_there_is_told(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert erase_lead.main([*shop.options("c-bob"), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "warehouse  " in said
    assert "warning" not in said
    for option, place in (
        ("--database", "warehouse"),
        ("--marts", "marts"),
        ("--exports", "exports"),
    ):
        argv = [*shop.options("c-bob"), option, "nope", "--dry-run"]
        assert erase_lead.main(argv) == 0
        said = capsys.readouterr().out
        assert "landing  " in said
        assert f"\n  {place}  " not in said
        assert "warning: nope: is not there, so nothing was searched in it" in said
        assert f"if it lies elsewhere, name it with {option}" in said


@pytest.mark.parametrize("size", [0, 20_000, 400_000])
def test_a_full_disk_is_one_line(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str], size: int
) -> None:
    full = shop.copy(tmp_path / "full")
    with full_disk(size):
        assert erase_lead.main(full.options(CONTACTS[0])) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "No space" in error or "File too large" in error or "CHECKPOINT" in error
    assert error.count("\n") == 1
    assert "nothing is" in error


def test_help_puts_nobody_into_the_history(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        erase_lead.main(["--help"])
    assert "@" not in capsys.readouterr().out


def test_wrong_folders_are_one_line(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, words in (
        (["--landing", str(tmp_path / "none")], "there is no landing zone"),
        (["--project-dir", str(tmp_path)], "dbt_project.yml: is not there"),
    ):
        assert erase_lead.main([*shop.options("c-bob"), *options, "--dry-run"]) == 1
        assert words in capsys.readouterr().err


def test_the_project_is_the_scripts_wherever_it_is_run(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    *options, _, _ = shop.options("c-bob")
    assert erase_lead.main([*options, "--dry-run"]) == 0


def test_days_of_a_shared_browser_begin_where_the_build_says(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared: Row = {"anonymous_id": "b-both"}
    night = {"occurred_at": datetime(2026, 5, 2, 1), **shared}
    events = [
        event(0, "signed_in", contact_id="c-ann", **shared)
        | {"occurred_at": datetime(2026, 5, 1, 22)},
        event(0, "product_viewed", **shared) | night,
        event(0, "signed_in", contact_id="c-bea", n=1, **shared)
        | {"occurred_at": datetime(2026, 5, 2, 12)},
    ]
    land(tmp_path / "landing", {"events": events}, FIRST_LOAD, "1")
    options = [*shop.options("c-ann"), "--landing", str(tmp_path / "landing")]
    options += ["--database", str(tmp_path / "none.duckdb")]
    counts = []
    for zone in (
        "UTC",
        "America/New_York",
    ):  # where the night is still the first of May
        variables = ["--vars", f"timezone: {zone}"]
        assert erase_lead.main([*options, *variables, "--dry-run"]) == 0
        found = re.search(r"landing +events +(\d+)", capsys.readouterr().out)
        assert found
        counts.append(int(found[1]))
    assert counts == [1, 2]


def test_a_visitor_is_erased_by_its_lead_id(shop: Shop, tmp_path: Path) -> None:
    after = shop.copy(tmp_path / "shop")
    assert erase_lead.main(after.options("anonymous:b-nobody")) == 0
    assert traces(texts_of_database(after.warehouse), {"b-nobody"}) == []
    assert traces(texts_of_folder(after.landing), {"b-nobody"}) == []


@pytest.mark.parametrize("who", ["IDA@old.example", "ida@old.example"])
def test_a_contact_id_may_be_an_address(tmp_path: Path, who: str) -> None:
    """One contact goes by it, without an email of its own, and another has it."""
    contacts = [
        contact("Ida@old.example", ""),
        contact("c-ida", "ida@old.example"),
        contact("c-emil", "emil@example.org"),
    ]
    events = [event(1, "Signed In", contact_id="IDA@old.example")]
    land(
        tmp_path / "landing", {"contacts": contacts, "events": events}, FIRST_LOAD, "1"
    )
    options = [*Shop(tmp_path).options(who), "--project-dir", str(PROJECT)]
    assert erase_lead.main(options) == 0
    landed = tmp_path / "landing"
    assert traces(texts_of_folder(landed), {"ida@old.example", "c-ida"}) == []
    assert traces(texts_of_folder(landed), {"emil@example.org"})


def test_a_contact_id_may_read_like_a_visitors(tmp_path: Path) -> None:
    """Their leads have other names, and each is erased by its own."""
    events = [
        event(1, "Signed In", contact_id="anonymous:b-9", page_url="/hers"),
        event(2, "Product Viewed", anonymous_id="b-9", page_url="/his"),
    ]
    land(tmp_path / "landing", {"events": events}, FIRST_LOAD, "1")
    options = [*Shop(tmp_path).options("contact_id:anonymous:b-9")]
    assert erase_lead.main([*options, "--project-dir", str(PROJECT)]) == 0
    landed = tmp_path / "landing"
    assert traces(texts_of_folder(landed), {"/hers"}) == []
    assert traces(texts_of_folder(landed), {"/his"})


def test_an_address_that_nobody_has_now_is_that_of_its_last_owner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With whom she shares the new one goes with her; of several leads one is asked."""
    contacts = [
        contact("c-ann", "ann@old.example"),
        contact("c-ann", "ann@new.example", 1),
        contact("c-ann-too", "ann@new.example"),
        *(contact(who, "both@old.example") for who in ("c-bob", "c-cleo")),
        *(contact(who, f"{who}@new.example", 1) for who in ("c-bob", "c-cleo")),
    ]
    landed = tmp_path / "landing"
    land(landed, {"contacts": contacts}, FIRST_LOAD, "1")

    def erase(who: str) -> int:
        options = [*Shop(tmp_path).options(who), "--project-dir", str(PROJECT)]
        return erase_lead.main(options)

    assert erase("both@old.example") == 1
    told = capsys.readouterr().err
    assert "that of several leads (c-bob, c-cleo); name the one to erase" in told
    assert erase("ann@old.example") == 0
    assert traces(texts_of_folder(landed), {"c-ann", "ann@"}) == []
    rows = f"select count(*) from read_parquet('{landed}/contacts/*/*.parquet')"
    assert duckdb.execute(rows).fetchall() == [(4,)]


def test_a_copy_that_a_killed_comparison_left_goes_too(tmp_path: Path) -> None:
    """All of the warehouse is in it; that of one who still compares stays."""
    land(tmp_path / "landing", {"contacts": [contact("c-ann", "")]}, FIRST_LOAD, "1")
    shop = Shop(tmp_path)
    duckdb.connect(str(shop.warehouse)).close()
    name = f"{shop.warehouse.name}.rival"
    killed = tmp_path / f"{name}.999999999.x"
    alive = tmp_path / f"{name}.{os.getppid()}.x"
    for folder in (killed, alive):
        folder.mkdir()
        shutil.copy(shop.warehouse, folder)
    options = [*shop.options("c-ann"), "--project-dir", str(PROJECT)]
    assert erase_lead.main([*options, "--dry-run"]) == 0
    assert killed.exists()
    assert erase_lead.main(options) == 0
    assert not killed.exists()
    assert alive.exists()


def test_a_copy_of_marts_that_never_stood_goes_too(tmp_path: Path) -> None:
    """The first publish was killed; the copy of one who still writes stays."""
    land(tmp_path / "landing", {"contacts": [contact("c-ann", "")]}, FIRST_LOAD, "1")
    shop = Shop(tmp_path)
    killed = shop.marts.with_name(f"{shop.marts.name}.999999999.partial")
    alive = shop.marts.with_name(f"{shop.marts.name}.{os.getppid()}.partial")
    for copy in (killed, alive):
        duckdb.connect(str(copy)).close()
    options = [*shop.options("c-ann"), "--project-dir", str(PROJECT)]
    assert erase_lead.main([*options, "--dry-run"]) == 0
    assert killed.exists()
    assert erase_lead.main(options) == 0
    assert not killed.exists()
    assert alive.exists()


def test_a_lead_has_every_name_that_a_build_may_have_given_it() -> None:
    """An address that landed no more, and a contact_id that reads like a visitor's."""
    hashed = hashlib.md5(b"ann@example.org").hexdigest()[:16]
    person = Person("email:0123456789abcdef", ["c-1", "anonymous:b-9"])
    person.emails, person.browsers = ["ann@example.org"], ["b-own"]
    person.first_browsers, person.days = ["b-first"], [("b-later", DAY.date())]
    assert person.lead_ids == [
        *("anonymous:b-9", "anonymous:b-first", "anonymous:b-own", "c-1"),
        *("contact_id:anonymous:b-9", "email:0123456789abcdef", f"email:{hashed}"),
    ]


def test_whoever_was_erased_is_known_again_and_nobody_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt id that begins the hash of an erased address asked for an erasure."""
    address = "ann@example.org"
    hashed = hashlib.md5(address.encode()).hexdigest()
    landed = tmp_path / "landing"
    contacts = {"contacts": [contact("c-ann", address)]}
    land(landed, contacts, FIRST_LOAD, "1")

    def erase(who: str) -> int:
        options = [*Shop(tmp_path).options(who), "--project-dir", str(PROJECT)]
        return erase_lead.main(options)

    assert erase("c-ann") == 0
    files = set(landed.rglob("*.parquet"))
    capsys.readouterr()
    for who in ("c-ann", address.upper(), f"email:{hashed[:16]}"):
        assert erase(who) == 0
        assert "Nothing is left of this person." in capsys.readouterr().out
    for who in (hashed[0], hashed, f"email:{hashed[0]}"):
        assert erase(who) == 1
        assert "nobody is called" in capsys.readouterr().err
    assert set(landed.rglob("*.parquet")) == files


def test_unreadable_lines_that_name_nobody_stay(tmp_path: Path) -> None:
    """A dash instead of a phone is in most lines; an address is no visitor's id."""
    eve: Row = {"email": "eve@example.org"}
    contacts = [contact("c(1", "", phone="-"), contact("c-2", "", phone="0151/55502")]
    events = [event(1, "Signed In", **eve)]
    landed = tmp_path / "landing"
    land(landed, {"contacts": contacts, "events": events}, FIRST_LOAD, "1")
    text = "2026-05-01;-;0;other"
    lines = [text, "c(1;x", "Call 0151/55502.", "EVE@example.org"]
    file = landed / UNREADABLE_ROWS.name / "loaded_on=2026-05-20" / "a.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(
        f"""copy (select 'a.csv' as file, 1 as line, unnest(?) as text, 'odd' as error,
            timestamp '2026-05-20' as loaded_at) to '{file}'""",
        [lines],
    )
    for who, gone in zip(("c(1", "c-2", eve["email"]), lines[1:], strict=True):
        options = [*Shop(tmp_path).options(who), "--project-dir", str(PROJECT)]
        assert erase_lead.main(options) == 0
        lines.remove(gone)
        left = duckdb.execute(f"select text from read_parquet('{file}')").fetchall()
        assert [line for (line,) in left] == lines


def test_names_at_an_address_that_is_anothers_now_are_found(tmp_path: Path) -> None:
    """Hannelore shared Emil's address until she told her own, which no build knows."""
    shop = ExportShop(tmp_path)
    hers, his = (
        {"first_name": name, "last_name": "Winter", "city": "Ulm"}
        for name in ("Hannelore", "Emil")
    )
    lead = made_up(1, lead_id="c-emil", email="winter@example.org", phone=None)
    for names in (his, hers):
        shop.build([lead.changed(more=names), made_up(2)])
        assert shop.export() == 0
        assert shop.export("--destination", "meta", "--variant", "plain") == 0
    contacts = [
        contact("c-emil", "winter@example.org") | his,
        contact("c-hanna", "Winter@example.org", 1) | hers,
        contact("c-hanna", "hannelore@example.org", 2) | hers,
    ]
    land(tmp_path / "landing", {"contacts": contacts}, FIRST_LOAD, "1")
    places: list[Callable[[], Iterator[tuple[str, str]]]] = [
        lambda: texts_of_database(shop.database),
        lambda: texts_of_folder(shop.exports),
    ]
    hashed = hashlib.sha256(b"hannelore").hexdigest()
    words = {"hannelore", hashed}
    assert all(traces(place(), words) for place in places)
    options = Shop(tmp_path).options("c-hanna")
    options += ["--database", str(shop.database), "--project-dir", str(PROJECT)]
    assert erase_lead.main(options) == 0
    for place in places:
        assert traces(place(), words) == []
        assert traces(place(), {"zoe.2@example.com"})
    first = shop.runs()[0] / "hubspot" / "hot_leads.full.csv"
    assert "Emil,Winter" in first.read_text(encoding="utf-8")
