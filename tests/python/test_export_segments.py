"""What leaves, in which files; what a delta is; and that half a run is never seen."""

import csv
import fcntl
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import _export_plan
import _export_rows
import _export_runs
import benchmark_exports
import export_segments
from _export_delta import compared, merged
from _export_files import SplitFile
from _export_formats import FORMATS, Field, Format
from _export_rows import Line, write_part
from _export_runs import forget
from export_shop import (
    Person,
    Shop,
    assert_whole,
    csv_files,
    entry,
    files,
    made_up,
    manifest,
    read_csv,
    record_build,
    text_of,
)

pytestmark = pytest.mark.long

SCRIPT = Path(export_segments.__file__)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.build([made_up(number) for number in range(5)])
    return shop


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def patch_formats(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Format], Format]
) -> None:
    formats = tuple(change(each) for each in FORMATS)
    for module in (_export_rows, _export_plan, _export_runs):
        monkeypatch.setattr(module, "FORMATS", formats)


# --- What is written ------------------------------------------------------------------


def test_a_hashed_file_holds_the_hashes_of_normalised_values(shop: Shop) -> None:
    assert shop.export("--destination", "meta") == 0
    (run,) = shop.runs()
    assert run.name == "2026-05-31.1"
    rows = read_csv(run / "meta" / "hot_leads.hashed.full.csv")
    assert {row["email"] for row in rows} == {
        hashed(f"zoe.{number}@example.com") for number in range(5)
    }
    by_email = {row["email"]: row for row in rows}
    row = by_email[hashed("zoe.3@example.com")]
    assert row["phone"] == hashed("34612000003")
    assert row["fn"] == hashed("zoë3")
    assert row["country"] == hashed("es")
    assert row["dob"] == ""


def test_every_destination_has_its_file(shop: Shop) -> None:
    assert shop.export() == 0
    (run,) = shop.runs()
    assert_whole(run)
    meta = "meta/hot_leads.hashed.full.csv"
    others = {
        f"{name}/hot_leads.full.csv"
        for name in (
            *("meta_lookalike", "google", "hubspot", "brevo", "mailchimp"),
            *("activecampaign", "klaviyo", "connectif", "sales"),
        )
    }
    pricing = {f"pricing/hot_leads.{name}.full.csv" for name in ("leads", "segments")}
    assert set(csv_files(run)) == {meta, *others, *pricing}
    rows = read_csv(run / "hubspot" / "hot_leads.full.csv")
    assert [row["Email"] for row in rows] == [f"zoe.{n}@example.com" for n in range(5)]
    assert rows[2]["Last Name"] == "Brandt, 2"
    assert rows[2]["City"] == "Ávila"
    (tier,) = read_csv(run / "pricing" / "hot_leads.segments.full.csv")
    assert tier == {
        "segment": "hot_leads",
        "audience": "group_h",
        "price_tier": "full",
        "leads_count": "5",
    }


def test_a_variant_is_written_when_it_is_asked_for(shop: Shop) -> None:
    assert shop.export("--destination", "meta", "--variant", "plain") == 0
    rows = read_csv(shop.newest / "meta" / "hot_leads.plain.full.csv")
    assert rows[0]["email"] == "zoe.0@example.com"
    # Its delta is another than that of the hashed file.
    assert shop.export("--destination", "meta") == 0
    assert entry(shop.newest, "meta")["counts"]["full"] == 5


def test_the_same_state_gives_the_same_bytes(shop: Shop, tmp_path: Path) -> None:
    people = [made_up(number) for number in range(200)]
    shop.build(people)
    assert shop.export() == 0
    other = Shop(tmp_path / "other")
    other.folder.mkdir()
    random.Random(1).shuffle(people)
    other.build(people)
    assert other.export() == 0
    assert csv_files(shop.newest) == csv_files(other.newest)


def test_processes_write_what_one_process_writes(shop: Shop, tmp_path: Path) -> None:
    shop.segments = {"hot_leads": "meta|hubspot"}
    shop.build([made_up(number) for number in range(6_000)])
    assert shop.export() == 0
    other = Shop(tmp_path / "other", shop.segments)
    shop.database.rename(shop.database)  # the same warehouse
    argv = [*shop.argv_but_exports, "--exports", str(other.exports)]
    assert export_segments.main([*argv, "--jobs", "1"]) == 0
    assert csv_files(shop.newest) == csv_files(other.newest)


def test_a_phone_is_read_by_its_country_then_by_the_region(shop: Shop) -> None:
    shop.build(
        [
            made_up(1, phone="612 00 00 01", country=None),
            made_up(2, phone="020 7946 0002", country="GB"),
        ]
    )
    assert shop.export("--destination", "hubspot", "--region", "es") == 0
    rows = read_csv(shop.newest / "hubspot" / "hot_leads.full.csv")
    assert [row["Phone Number"] for row in rows] == ["+34612000001", "+442079460002"]
    # Where phones are from is not where people are from.
    assert [row["Country/Region"] for row in rows] == ["", "GB"]


def test_who_is_left_out_is_counted_by_reason(shop: Shop, capsys: Capture) -> None:
    people = [made_up(number) for number in range(3)]
    people += [made_up(number, left_out={"meta": "no_consent"}) for number in (3, 4)]
    people += [made_up(5, left_out={"meta": "holdout", "hubspot": "holdout"})]
    people += [made_up(6, email="not an address", phone="12")]
    shop.build(people)
    assert shop.export("--destination", "meta", "--destination", "hubspot") == 0
    told = entry(shop.newest, "meta")
    assert told["left_out"] == {"holdout": 1, "no_consent": 2}
    assert told["skipped"] == {"no_usable_email_or_phone": 1}
    assert told["counts"]["full"] == told["members"] == 3
    assert entry(shop.newest, "hubspot")["skipped"] == {"no_usable_email": 1}
    told_too = " ".join(capsys.readouterr().out.split())
    assert "2 no consent, 1 holdout, 1 no usable email" in told_too


def test_one_address_is_written_once(shop: Shop) -> None:
    shop.build([made_up(1), made_up(2, email=" zoe.1@EXAMPLE.com"), made_up(3)])
    assert shop.export("--destination", "hubspot") == 0
    told = entry(shop.newest, "hubspot")
    assert told["counts"]["full"] == 2
    assert told["left_out"] == {"duplicate_key": 1}
    # The first goes, the second takes its place: the destination knows one record.
    shop.build([made_up(2, email=" zoe.1@EXAMPLE.com"), made_up(3)])
    assert shop.export("--destination", "hubspot") == 0
    counts = entry(shop.newest, "hubspot")["counts"]
    assert counts == {"full": 0, "added": 0, "changed": 1, "removed": 0}


def test_the_manifest_tells_of_a_run(shop: Shop) -> None:
    assert shop.export("--destination", "google") == 0
    told = manifest(shop.newest)
    assert (told["as_of_date"], told["mode"]) == ("2026-05-31", "delta")
    (google,) = told["exports"]
    assert (google["audience"], google["variant"]) == ("group_h", "")
    (file,) = google["files"]
    data = (shop.newest / file["name"]).read_bytes()
    assert file == {
        "name": "google/hot_leads.full.csv",
        "kind": "full",
        "rows": 5,
        "bytes": len(data),
        "sha256": sha256(data).hexdigest(),
    }


# --- Too large, too small -------------------------------------------------------------


def test_files_are_split_at_the_limit_of_rows(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch_formats(monkeypatch, lambda each: replace(each, max_rows=2))
    assert shop.export("--destination", "hubspot") == 0
    assert_whole(shop.newest)
    names = [f"hot_leads.full.{part}.csv" for part in (1, 2, 3)]
    assert [Path(name).name for name in csv_files(shop.newest)] == names
    rows = [read_csv(shop.newest / "hubspot" / name) for name in names]
    assert [len(part) for part in rows] == [2, 2, 1]
    assert rows[2][0]["Email"] == "zoe.4@example.com"


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")))


@settings(deadline=None)
@given(
    lines=LINES,
    max_rows=st.none() | st.integers(1, 4),
    max_bytes=st.none() | st.integers(20, 60),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_no_part_is_larger_than_it_may_be_and_none_loses_a_line(
    lines: list[str],
    max_rows: int | None,
    max_bytes: int | None,
    encoding: str,
    newline: str,
) -> None:
    chosen = replace(
        FORMATS[0],
        max_rows=max_rows,
        max_bytes=max_bytes,
        encoding=encoding,
        newline=newline,
    )
    with tempfile.TemporaryDirectory() as folder:
        with SplitFile(Path(folder, "x.full"), ["a", "b"], chosen) as file:
            for line in lines:
                file.write(line)
        parts = [
            each.path.read_bytes().decode(encoding).split(newline)
            for each in file.written
        ]
        for each in file.written:
            assert each.size == each.path.stat().st_size
            assert max_rows is None or each.rows <= max_rows
            # A line that is longer than a file may be stands alone.
            assert max_bytes is None or each.size <= max_bytes or each.rows == 1
        names = sorted(path.name for path in Path(folder).iterdir())
    assert {part[0] for part in parts} <= {"a,b"}
    assert {part[-1] for part in parts} <= {""}
    assert [line for part in parts for line in part[1:-1]] == lines
    numbers = [f".{part}" for part in range(1, len(parts) + 1)]
    wanted = [f"x.full{n}.csv" for n in (numbers if len(parts) > 1 else [""])]
    assert names == (sorted(wanted) if parts else [])


def test_too_few_members_are_a_warning(shop: Shop, capsys: Capture) -> None:
    people = [made_up(number) for number in range(99)]
    people += [made_up(number, country="FR") for number in range(99, 150)]
    shop.build(people)
    argv = ["--destination", "meta"]
    assert shop.export(*argv, "--dry-run") == 0
    assert (
        "warning: meta hot_leads (hashed): only 99 members" in capsys.readouterr().out
    )
    assert shop.export(*argv) == 0
    (warning,) = entry(shop.newest, "meta")["warnings"]
    assert warning.startswith("only 99 members of one country: Meta wants at least 100")
    assert warning in capsys.readouterr().out
    shop.build([*people, made_up(150)])
    assert shop.export(*argv) == 0
    assert entry(shop.newest, "meta")["warnings"] == []


# --- Deltas ---------------------------------------------------------------------------


def test_a_second_run_is_empty(shop: Shop, capsys: Capture) -> None:
    assert shop.export() == 0
    before = files(shop.exports)
    capsys.readouterr()
    assert shop.export() == 0
    assert files(shop.exports) == before
    assert "nothing to export" in capsys.readouterr().out


def test_who_may_not_leave_is_told_of_a_first_run_without_anybody(
    shop: Shop, capsys: Capture
) -> None:
    shop.build([made_up(1, left_out={"hubspot": "no_consent"})])
    assert shop.export("--destination", "hubspot") == 0
    said = capsys.readouterr().out
    assert "nothing to export, nobody may leave" in said
    assert "1 no consent" in said
    assert shop.runs() == []


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_segment_that_goes_elsewhere_is_told(
    shop: Shop, capsys: Capture, options: list[str]
) -> None:
    argv = ["--destination", "sales", "--segment", "cold"]
    assert shop.export(*argv, *options) == 0
    assert "None of these segments goes to these" in capsys.readouterr().out
    assert shop.runs() == []


def test_a_delta_tells_who_is_added_changed_and_removed(shop: Shop) -> None:
    argv = ["--destination", "hubspot", "--destination", "meta"]
    assert shop.export(*argv) == 0
    higher = made_up(1).changed(more={"first_name": "Zoë1", "lead_score": 99})
    shop.build([higher, *(made_up(number) for number in (2, 3, 4, 7))], "2026-06-01")
    assert shop.export(*argv) == 0
    run = shop.newest
    assert run.name == "2026-06-01.1"
    assert_whole(run)
    rows = {
        kind: read_csv(run / "hubspot" / f"hot_leads.{kind}.csv")
        for kind in ("added", "changed", "removed")
    }
    assert [row["Email"] for row in rows["added"]] == ["zoe.7@example.com"]
    (changed,) = rows["changed"]
    assert (changed["Email"], changed["Lead Score"]) == ("zoe.1@example.com", "99")
    # Enough to find the record, and nothing besides.
    assert rows["removed"] == [{"Email": "zoe.0@example.com"}]
    # To Meta a person is the whole row: the changed one goes and comes.
    counts = entry(run, "meta")["counts"]
    assert counts == {"full": 0, "added": 2, "changed": 0, "removed": 2}
    removed = read_csv(run / "meta" / "hot_leads.hashed.removed.csv")
    assert hashed("zoe.0@example.com") in {row["email"] for row in removed}


def test_snapshots_are_kept_of_the_newest_run_only(shop: Shop) -> None:
    assert shop.export("--destination", "hubspot", "--destination", "google") == 0
    shop.build([made_up(1)])
    assert shop.export("--destination", "hubspot") == 0
    first, second = shop.runs()
    assert [path.name for path in (first / "sent").rglob("*.parquet")] == [
        "hot_leads.parquet"
    ]
    assert (first / "sent" / "google" / "hot_leads.parquet").exists()
    assert (second / "sent" / "hubspot" / "hot_leads.parquet").exists()
    assert (first / "hubspot" / "hot_leads.full.csv").exists()


def test_runs_of_a_day_are_numbered_and_the_newest_is_the_last(shop: Shop) -> None:
    argv = ["--destination", "hubspot"]
    for number in range(11):
        shop.build([made_up(number)])
        assert shop.export(*argv) == 0
    assert [run.name for run in shop.runs()] == [
        f"2026-05-31.{number}" for number in range(1, 12)
    ]
    assert shop.export(*argv) == 0
    assert len(shop.runs()) == 11


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--mode", "full"]])
def test_a_past_day_is_not_exported_over_what_came_since(
    shop: Shop, capsys: Capture, options: list[str]
) -> None:
    argv = ["--destination", "hubspot"]
    assert shop.export(*argv) == 0
    before = files(shop.exports)
    shop.build([made_up(1)], "2026-03-31")
    # Whatever is asked for: another destination's file would be of the past, too.
    said = refused(shop, capsys, "--destination", "google", *options)
    assert (
        "holds an export as of 2026-05-31, and the warehouse is as of 2026-03-31"
        in (said)
    )
    assert "run `dbt build` for today again" in said
    assert files(shop.exports) == before
    past = Shop(shop.folder / "past")
    argv += [*shop.argv_but_exports, "--exports", str(past.exports), *options]
    assert export_segments.main(argv) == 0
    assert [run.name for run in past.runs()] == (
        [] if "--dry-run" in options else ["2026-03-31.1"]
    )
    shop.build([made_up(1)])
    assert shop.export("--destination", "hubspot", *options) == 0


@pytest.mark.parametrize("mode", ["delta", "full"])
@pytest.mark.parametrize("segments", [{}, {"hot_leads": "google"}])
def test_members_of_a_segment_that_went_are_removed(
    shop: Shop, segments: dict[str, str], mode: str
) -> None:
    argv = ["--destination", "hubspot", "--mode", mode]
    assert shop.export("--destination", "hubspot") == 0
    shop.segments = segments
    shop.build([made_up(number) for number in range(5)])
    assert shop.export(*argv) == 0
    (file,) = entry(shop.newest, "hubspot")["files"]
    assert (file["kind"], file["rows"]) == ("removed", 5)
    assert shop.export(*argv) == 0
    assert len(shop.runs()) == 2


def test_a_changed_format_is_written_in_full_and_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    argv = ["--destination", "hubspot"]
    assert shop.export(*argv) == 0
    patch_formats(monkeypatch, lambda each: replace(each, delimiter="|"))
    assert shop.export(*argv) == 0
    told = entry(shop.newest, "hubspot")
    assert told["counts"]["full"] == 5
    assert "format of its file has changed" in told["warnings"][0]
    assert "format of its file has changed" in capsys.readouterr().out
    assert shop.export(*argv) == 0
    assert len(shop.runs()) == 2


def renamed(each: Format) -> Format:
    """Return a format of which the address is called otherwise, if it is the key."""
    if each.key != ("Email",):
        return each
    email, *others = each.fields
    fields = (replace(email, header="Mail"), *others)
    return replace(each, fields=fields, key=("Mail",), any_of=("Mail",))


def test_a_file_has_the_header_of_its_lines(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["--destination", "hubspot"]
    shop.build(made_up(number, segments=("hot_leads", "cold")) for number in range(3))
    assert shop.export(*argv) == 0
    patch_formats(monkeypatch, renamed)
    del shop.segments["cold"]
    shop.build([made_up(1), made_up(2)])
    assert shop.export(*argv) == 0
    run = shop.newest / "hubspot"
    rows = read_csv(run / "hot_leads.full.csv")
    assert [row["Mail"] for row in rows] == ["zoe.1@example.com", "zoe.2@example.com"]
    assert read_csv(run / "hot_leads.removed.csv") == [{"Mail": "zoe.0@example.com"}]
    # The segment is gone: its members go under the name by which they came.
    removed = [{"Email": f"zoe.{number}@example.com"} for number in range(3)]
    assert read_csv(run / "cold.removed.csv") == removed
    # So the manifest tells of that name, by which an erasure finds a person.
    assert entry(shop.newest, "hubspot", "cold")["format"]["key"] == ["Email"]
    forget(shop.exports, {"email": {"zoe.1@example.com"}})
    assert "zoe.1@" not in all_text(shop.exports)
    assert read_csv(run / "cold.removed.csv") == [removed[0], removed[2]]


def piped(each: Format) -> Format:
    return replace(each, delimiter="|")


def keyed_by_more(each: Format) -> Format:
    return replace(each, key=(each.header()[0], each.header()[-1]))


def keyed_by_phone(each: Format) -> Format:
    """Return a format without the address, if that is the key."""
    if each.key != ("Email",):
        return each
    phone = ("Phone Number",)
    return replace(each, fields=each.fields[1:], key=phone, any_of=phone)


@pytest.mark.parametrize(
    ("destination", "change", "header", "removed"),
    [
        ("pricing", piped, "lead_id|segment", {"c-0|hot_leads"}),
        ("pricing", keyed_by_more, "lead_id,segment", {"c-0,hot_leads"}),
        ("hubspot", piped, "Email", {"zoe.0@example.com"}),
        ("hubspot", keyed_by_more, "Email", {"zoe.0@example.com"}),
        # Nothing tells whose phone is whose address: all go, and come by phone.
        (
            *("hubspot", keyed_by_phone, "Email"),
            {f"zoe.{number}@example.com" for number in range(5)},
        ),
    ],
)
@pytest.mark.parametrize("mode", ["delta", "full"])
def test_who_left_before_a_changed_format_is_told_by_the_former_key(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    mode: str,
    destination: str,
    change: Callable[[Format], Format],
    header: str,
    removed: set[str],
) -> None:
    argv = ["--destination", destination, "--mode", mode]
    if destination == "pricing":
        argv += ["--variant", "leads"]
    assert shop.export(*argv) == 0
    patch_formats(monkeypatch, change)
    shop.build([made_up(number) for number in range(1, 6)])
    capsys.readouterr()
    assert shop.export(*argv, "--dry-run") == 0
    (dry,) = re.findall(r"hot_leads +(5) +(\d+)", capsys.readouterr().out)
    assert dry == ("5", str(len(removed)))
    assert shop.export(*argv) == 0
    told = entry(shop.newest, destination)
    assert told["counts"]["full"] == 5
    assert_whole(shop.newest)
    (file,) = (each for each in told["files"] if each["kind"] == "removed")
    first, *others = (shop.newest / file["name"]).read_text().splitlines()
    assert first == header
    assert set(others) == removed
    if destination == "hubspot":  # an erasure knows which column it is
        forget(shop.exports, {"email": {"Zoe.0@example.com"}})
        assert "zoe.0@" not in all_text(shop.exports)
    assert shop.export(*argv[:2], *argv[4:]) == 0
    assert len(shop.runs()) == 2


def test_a_changed_format_tells_sales_of_no_crossing_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.export("--destination", "sales") == 0
    patch_formats(monkeypatch, piped)
    assert shop.export("--destination", "sales") == 0
    assert len(shop.runs()) == 1


def test_what_vanished_is_taken_back_in_the_lines_by_which_it_came(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["--destination", "meta", "--variant", "plain"]
    assert shop.export(*argv) == 0
    sent = read_csv(shop.newest / "meta" / "hot_leads.plain.full.csv")
    patch_formats(monkeypatch, lambda each: replace(each, delimiter="|"))
    shop.segments = {}
    shop.build([])
    assert shop.export(*argv) == 0
    assert_whole(shop.newest)
    assert read_csv(shop.newest / "meta" / "hot_leads.plain.removed.csv") == sent
    forget(shop.exports, {"email": {"zoe.1@example.com"}})
    assert "zoe.1@" not in all_text(shop.exports)


def test_a_full_export_of_nobody_any_more_is_a_file_without_rows(shop: Shop) -> None:
    argv = ["--destination", "hubspot", "--destination", "meta", "--mode", "full"]
    assert shop.export(*argv) == 0
    shop.build([])
    assert shop.export(*argv) == 0
    assert read_csv(shop.newest / "hubspot" / "hot_leads.full.csv") == []
    assert read_csv(shop.newest / "meta" / "hot_leads.hashed.full.csv") == []
    names = {Path(name).name for name in csv_files(shop.newest)}
    assert names == {"hot_leads.full.csv", "hot_leads.removed.csv"} | {
        "hot_leads.hashed.full.csv"
    }


def test_a_full_export_tells_whom_no_import_takes_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import adds and updates; only an audience is replaced by its new list."""
    argv = [f"--destination={name}" for name in ("hubspot", "meta")]
    assert shop.export(*argv) == 0
    shop.build(made_up(number) for number in range(4))
    assert shop.export(*argv, "--mode", "full") == 0
    counts = {"full": 4, "added": 0, "changed": 0}
    assert entry(shop.newest, "hubspot")["counts"] == {**counts, "removed": 1}
    assert entry(shop.newest, "meta")["counts"] == {**counts, "removed": 0}
    removed = read_csv(shop.newest / "hubspot" / "hot_leads.removed.csv")
    assert removed == [{"Email": "zoe.4@example.com"}]
    shop.build(made_up(number) for number in range(3))
    patch_formats(monkeypatch, lambda each: replace(each, delimiter="|"))
    assert shop.export(*argv) == 0
    assert entry(shop.newest, "hubspot")["counts"]["removed"] == 1


def sold(shop: Shop) -> dict[str, list[str]]:
    """Whom the newest run tells the sales team of, by kind."""
    return {
        kind: [row["Lead ID"] for row in read_csv(file, ";")]
        for kind in ("full", "added", "changed", "removed")
        if (file := shop.newest / "sales" / f"hot_leads.{kind}.csv").exists()
    }


def test_sales_hears_of_a_crossing_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["--destination", "sales"]
    assert shop.export(*argv) == 0
    assert sold(shop) == {"full": [f"c-{number}" for number in range(5)]}
    # One left, one has another score, one is new.
    warmer = made_up(1).changed(more={"lead_score": 100})
    shop.build([warmer, made_up(2), made_up(9)])
    assert shop.export(*argv) == 0
    assert sold(shop) == {"added": ["c-9"]}
    # Back on the list without a new crossing (a consent came back): known already.
    shop.build([made_up(number) for number in (0, 1, 2, 9)])
    assert shop.export(*argv) == 0
    assert len(shop.runs()) == 2
    shop.build([made_up(0, entered_on="2026-06-02"), made_up(9)])
    assert shop.export(*argv) == 0
    assert sold(shop) == {"added": ["c-0"]}
    # The ledger of crossings is no second address book.
    sent = pq.read_table(shop.newest / "sent" / "sales" / "hot_leads.parquet")
    assert set(sent["line"].to_pylist()) | set(sent["key"].to_pylist()) == {""}
    assert sent.num_rows == 7
    # Nor is anybody told again because the columns are others.
    patch_formats(monkeypatch, lambda each: replace(each, fields=each.fields[:-1]))
    shop.build([made_up(0, entered_on="2026-06-02"), made_up(9), made_up(10)])
    assert shop.export(*argv) == 0
    assert sold(shop) == {"added": ["c-10"]}


# --- The sum of deltas ----------------------------------------------------------------


class Audience:
    """What a destination holds that carries out every file it is given."""

    def __init__(self, delimiter: str = ",", key: tuple[str, ...] = ()) -> None:
        self.delimiter = delimiter
        self.key = key
        self.rows: dict[tuple[str, ...], dict[str, str]] = {}

    def known_by(self, row: dict[str, str]) -> tuple[str, ...]:
        return tuple(row[name] for name in self.key or row)

    def take(self, run: Path, stem: str) -> None:
        for kind in ("full", "removed", "added", "changed"):
            for file in sorted(run.glob(f"{stem}.{kind}*.csv")):
                for row in read_csv(file, self.delimiter):
                    known = self.known_by(row)
                    assert (known in self.rows) == (kind in ("removed", "changed"))
                    if kind == "removed":
                        del self.rows[known]
                    else:
                        self.rows[known] = row


def live(people: dict[int, Person], chance: random.Random) -> None:
    """A day: people enter, leave, change their address or score, and come back."""
    for number in range(25):
        here, dice = people.get(number), chance.random()
        if here is None and dice < 0.2:
            segments = chance.choice([("hot_leads",), ("cold",), ("hot_leads", "cold")])
            people[number] = made_up(number, segments=segments)
        elif here and dice < 0.1:
            del people[number]
        elif here and dice < 0.2:
            # Now and then somebody else's address, or one that is none.
            shared = chance.choice([f"new{number}@example.org", "shared@x.org", "none"])
            people[number] = here.changed(email=shared)
        elif here and dice < 0.4:
            more = dict(here.more) | {"lead_score": chance.randrange(101)}
            people[number] = here.changed(more=more)
        elif here and dice < 0.5:
            left_out = chance.choice([{}, {"hubspot": "no_consent", "meta": "holdout"}])
            people[number] = here.changed(left_out=left_out)


@pytest.mark.parametrize("seed", range(2))
def test_the_sum_of_deltas_is_the_difference_of_the_full_exports(
    tmp_path: Path, seed: int
) -> None:
    chance, people = random.Random(seed), {n: made_up(n) for n in range(0, 20, 2)}
    shop, fresh = Shop(tmp_path), Shop(tmp_path)
    kept = {
        "hubspot/hot_leads": Audience(key=("Email",)),
        "hubspot/cold": Audience(key=("Email",)),
        "meta/hot_leads.hashed": Audience(),
        "meta/cold.hashed": Audience(),
        "brevo/hot_leads": Audience(";", key=("EMAIL",)),
    }
    argv = [f"--destination={name}" for name in ("hubspot", "meta", "brevo")]
    for day in range(1, 31):
        live(people, chance)
        shop.segments["cold"] = "" if 10 <= day < 13 else "meta|hubspot"
        shop.build(people.values(), f"2026-06-{day:02}")
        known = set(shop.runs())
        assert shop.export(*argv) == 0
        for run in set(shop.runs()) - known:
            assert_whole(run)
            for stem, audience in kept.items():
                audience.take(run, stem)
        if day % 5 and day != 11:
            continue
        # What a destination holds is what a full export would give it today.
        fresh.folder = tmp_path / f"fresh{day}"
        paths = [*shop.argv_but_exports, "--exports", str(fresh.exports)]
        assert export_segments.main([*paths, *argv, "--mode", "full"]) == 0
        for stem, audience in kept.items():
            full = Audience(audience.delimiter, audience.key)
            full.take(fresh.newest, stem)
            assert audience.rows == full.rows, (day, stem)


TEXTS = st.dictionaries(
    st.text("abé😀", min_size=1, max_size=3), st.text("xy", max_size=1)
)


@settings(deadline=None)
@given(now=TEXTS, before=TEXTS, size=st.integers(1, 4))
def test_what_is_compared_side_by_side_is_compared_rightly(
    now: dict[str, str], before: dict[str, str], size: int
) -> None:
    def lines(texts: dict[str, str]) -> list[Line]:
        return [Line(key, key, key, key, text) for key, text in texts.items()]

    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for start in range(0, len(now), size):
            parts.append(Path(folder, f"{start}.arrow"))
            write_part(lines(now)[start : start + size], parts[-1])
        found = {
            line.place: kind
            for kind, line in compared(merged(parts), iter(sorted(lines(before))))
        }
    assert found == {
        key: "removed"
        if key not in now
        else "added"
        if key not in before
        else "same"
        if now[key] == before[key]
        else "changed"
        for key in now | before
    }


# --- Dry run --------------------------------------------------------------------------


def test_a_dry_run_tells_and_writes_nothing(
    shop: Shop, tmp_path: Path, capsys: Capture
) -> None:
    assert shop.export("--dry-run") == 0
    assert not shop.exports.exists()
    argv = ["--destination", "hubspot", "--destination", "meta"]
    assert shop.export(*argv) == 0
    before = files(tmp_path)
    higher = made_up(1).changed(more={"lead_score": 99})
    people = [
        higher,
        made_up(3, left_out={"hubspot": "holdout"}),
        made_up(4),
        made_up(8),
    ]
    shop.build(people)
    capsys.readouterr()
    before = files(tmp_path)
    assert shop.export(*argv, "--dry-run") == 0
    assert files(tmp_path) == before
    told = capsys.readouterr().out
    assert re.search(r"hubspot +hot_leads +1 +1 +3 +1 holdout", told)
    # The run writes what the dry run announced.
    assert shop.export(*argv) == 0
    announced = [line for line in told.splitlines() if "hot_leads " in line]
    assert set(announced) <= set(capsys.readouterr().out.splitlines())


def test_a_dry_run_leaves_nobody_in_temporary_files(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.export("--destination", "hubspot") == 0
    seen: list[str] = []
    write = _export_rows.write_part

    def spy(lines: list[Line], part: Path) -> None:
        write(lines, part)
        seen.append(str(list(_export_rows.read_part(part))))

    monkeypatch.setattr(_export_rows, "write_part", spy)
    monkeypatch.setattr("_export_delta.write_part", spy)
    assert shop.export("--destination", "hubspot", "--dry-run") == 0
    assert len(seen) == 2
    assert "c-1" in str(seen)
    assert "example.com" not in str(seen)
    assert "612000001" not in str(seen)


# --- Privacy --------------------------------------------------------------------------


def personal_words(people: list[Person]) -> list[str]:
    words = []
    for each in people:
        name = str(each.email).strip().lower().split("@")[0]
        words += [name, str(each.phone).lstrip("+"), f"zoë{each.lead_id[2:]}"]
    return words


def test_a_hashed_run_names_nobody(shop: Shop, capsys: Capture) -> None:
    people = [made_up(number) for number in range(100, 140)]
    for number in range(5):
        changed = made_up(100 + number).changed(more={"first_name": f"Zoë{number}"})
        people[number] = changed
        shop.build(people)
        assert shop.export("--destination", "meta", "--destination", "google") == 0
    words = personal_words(people)
    texts = [text_of(path) for path in shop.exports.rglob("*") if path.is_file()]
    names = [str(path) for path in shop.exports.rglob("*")]
    output = "".join(capsys.readouterr())
    said = "\n".join([*texts, *names, output]).lower()
    assert not [word for word in words if word in said]
    assert len(texts) > 10
    # The words are such as would be found.
    assert shop.export("--destination", "hubspot") == 0
    (file,) = (shop.newest / "hubspot").iterdir()
    assert words[0] in text_of(file)


def test_a_row_that_cannot_be_prepared_is_told_without_its_values(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def fail(row: Any) -> str:
        if row["lead_id"] == "c-3":
            raise ValueError(row["email"])
        return "x"

    def broken(each: Format) -> Format:
        return replace(each, fields=(*each.fields, Field("Odd", "city", fail)))

    patch_formats(monkeypatch, broken)
    assert shop.export("--destination", "hubspot") == 0
    told = entry(shop.newest, "hubspot")
    assert told["skipped"] == {"failed_city": 1}
    assert told["warnings"] == ["1 row left out: city could not be prepared"]
    output = "".join(capsys.readouterr())
    assert "1 row left out: city could not be prepared" in output
    assert "zoe" not in output.lower()


# --- What a person can mend -----------------------------------------------------------


def refused(shop: Shop, capsys: Capture, *options: str) -> str:
    """The one line that an export is refused with."""
    capsys.readouterr()
    assert shop.export(*options) == 1
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.startswith("error: ")
    return line


def test_unknown_names_are_one_sentence(shop: Shop, capsys: Capture) -> None:
    said = refused(shop, capsys, "--destination", "hubspt")
    assert "did you mean hubspot?" in said
    assert "did you mean hot_leads?" in refused(shop, capsys, "--segment", "hot_lead")
    said = refused(shop, capsys, "--destination", "meta", "--variant", "plane")
    assert "did you mean plain?" in said
    assert "leave it out" in refused(
        shop, capsys, "--destination", "hubspot", "--variant", "plain"
    )


def test_variants_are_told_by_their_destination(shop: Shop, capsys: Capture) -> None:
    there = "meta has hashed, plain; pricing has leads, segments"
    assert refused(shop, capsys, "--variant", "foo").endswith(f"is unknown; {there}")
    said = refused(shop, capsys, "--destination", "pricing", "--variant", "plain")
    assert said.endswith("is unknown; pricing has leads, segments")
    with pytest.raises(SystemExit):
        export_segments.main(["--help"])
    assert there in " ".join(capsys.readouterr().out.split())


def test_a_destination_without_a_format_is_told_where_to_add_one(
    shop: Shop, capsys: Capture
) -> None:
    run_sql(shop.database, "create table personal.exp_tiktok__audience as select 1")
    told = (
        "tiktok gets no files: its leaf personal.exp_tiktok__audience is there for"
        " reverse-ETL; for files add a Format to FORMATS in scripts/_export_formats.py"
    )
    assert refused(shop, capsys, "--destination", "tiktok").endswith(f": {told}")
    assert shop.export("--dry-run") == 0
    assert capsys.readouterr().out.count("gets no files") == 1
    assert shop.export("--dry-run") == 0
    assert told in " ".join(capsys.readouterr().out.split())
    # Who asks for another is not told, nor is everybody every morning.
    assert shop.export("--dry-run", "--destination", "hubspot") == 0
    assert shop.export() == 0
    assert "gets no files" not in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--region=Spain", "--jobs=0", "--mode=some"])
def test_options_that_cannot_be_read_are_the_parsers_matter(
    shop: Shop, capsys: Capture, option: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        shop.export(option)
    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_warehouse_that_is_not_built_is_one_sentence(
    shop: Shop, capsys: Capture
) -> None:
    def without(statement: str) -> str:
        shop.build([made_up(1)])
        run_sql(shop.database, statement)
        return refused(shop, capsys, "--destination", "hubspot")

    assert "dbt build" in without("drop table personal.exp_hubspot__contacts")
    assert "dbt build" in without("drop table exports.fct_segment_exports")
    assert "dbt build" in without("drop table seeds.segments")
    said = without("alter table personal.exp_hubspot__contacts drop column stage")
    assert "has no column stage" in said
    assert "is empty" in without("delete from identity.int_as_of_date")
    shop.database.write_bytes(b"not a database, zoe.1@example.com" * 1000)
    assert "zoe" not in refused(shop, capsys)
    shop.database.unlink()
    assert "there is no warehouse" in refused(shop, capsys)
    assert not any(shop.exports.glob("[!.]*"))


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_build_that_did_not_pass_is_not_exported(
    shop: Shop, capsys: Capture, options: list[str]
) -> None:
    shop.record_build(bad_grain="fail", odd_name="warn")
    said = refused(shop, capsys, *options)
    assert "the last build did not pass (bad_grain); nothing is handed on" in said
    record_build(shop.run_results, "other")
    assert "is about the warehouse other, not of" in refused(shop, capsys, *options)
    shop.run_results.unlink()
    assert "no build has finished here" in refused(shop, capsys, *options)
    assert shop.runs() == []
    shop.record_build(odd_name="warn")
    assert shop.export(*options) == 0


def test_what_dbt_tells_lies_where_publish_marts_looks_for_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ["--database", str(shop.database), "--exports", str(shop.exports)]
    monkeypatch.chdir(shop.folder)
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    assert export_segments.main([*files, "--dry-run"]) == 0
    shop.run_results.parent.rename(shop.folder / "elsewhere")
    assert export_segments.main([*files, "--dry-run"]) == 1
    monkeypatch.setenv("DBT_TARGET_PATH", "elsewhere")
    assert export_segments.main([*files, "--dry-run"]) == 0


def run_sql(database: Path, statement: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(statement)


def test_who_withdrew_is_not_exported_from_an_older_leaf(
    shop: Shop, capsys: Capture
) -> None:
    run_sql(
        shop.database,
        "update exports.fct_segment_exports set is_exported = false,"
        " left_out_reason = 'no_consent' where lead_id = 'c-1'",
    )
    said = refused(shop, capsys, "--destination", "hubspot")
    assert "holds 1 lead that fct_segment_exports leaves out" in said


def test_who_withdrew_does_not_leave_by_the_misspelt_address_of_another(
    shop: Shop,
) -> None:
    """To the warehouse an address with a space inside is another than without."""
    withdrawn = dict.fromkeys(("google", "meta", "hubspot"), "no_consent")
    people = [made_up(1, left_out=withdrawn), made_up(2, email="zoe. 1@example.com")]
    shop.build(people)
    argv = [f"--destination={name}" for name in withdrawn]
    assert shop.export(*argv) == 0
    for told in csv_files(shop.newest).values():
        assert hashed("zoe.1@example.com") not in told.decode()
        assert "zoe.1@example.com" not in told.decode()
    (row,) = read_csv(shop.newest / "google" / "hot_leads.full.csv")
    assert (row["Email"], row["Phone"]) == ("", hashed("+34612000002"))


def test_a_warehouse_in_use_is_one_sentence(shop: Shop, capsys: Capture) -> None:
    hold = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]);"
        " print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(shop.database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        said = refused(shop, capsys)
        holder.kill()
    assert "a running build holds the warehouse" in said


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_two_exports_at_once_are_one_too_many(
    shop: Shop, capsys: Capture, options: list[str]
) -> None:
    assert shop.export("--destination", "hubspot") == 0
    left = shop.exports / ".writing-another"
    left.mkdir()
    with open(shop.exports / ".lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another export" in refused(shop, capsys, *options)
        assert left.exists()
    assert shop.export(*options) == 0
    assert left.exists() == bool(options)


def test_a_file_in_place_of_the_folder_is_one_sentence(
    shop: Shop, capsys: Capture
) -> None:
    shop.exports.write_text("")
    assert "is a file" in refused(shop, capsys)
    assert "is a file" in refused(shop, capsys, "--dry-run")


def test_a_damaged_snapshot_is_one_sentence(shop: Shop, capsys: Capture) -> None:
    assert shop.export() == 0
    snapshot = shop.newest / "sent" / "hubspot" / "hot_leads.parquet"
    whole = snapshot.read_bytes()
    for damaged in (b"", whole[:-20], b"x" * 50 + whole[50:]):
        snapshot.write_bytes(damaged)
        for options in ([], ["--dry-run"]):
            said = refused(shop, capsys, *options)
            assert f"{snapshot}: is damaged; put it back, or remove it" in said
            assert "empty this list at the destination" in said
            assert "nobody who has left since will be listed as removed" in said
    snapshot.unlink()
    assert shop.export() == 0
    assert entry(shop.newest, "hubspot")["counts"]["full"] > 0


@pytest.mark.parametrize("damage", ["", "{}", '{"sequence": "x"}', None])
def test_a_damaged_manifest_is_one_sentence(
    shop: Shop, capsys: Capture, damage: str | None
) -> None:
    assert shop.export("--destination", "hubspot") == 0
    file = shop.newest / "manifest.json"
    if damage is None:
        file.unlink()
    else:
        file.write_text(damage)
    said = refused(shop, capsys)
    assert "manifest.json: is " in said
    assert "move the folder 2026-05-31.1 away" in said


# --- Killed ---------------------------------------------------------------------------

FILE_EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod"}
WRITING = os.O_WRONLY | os.O_RDWR


def killed_after(
    events: int, folder: str, call: Callable[..., object], *args: Any
) -> None:
    """Do something; die of kill -9 before it changes a file for the nth time."""
    left = events

    def watch(event: str, details: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in FILE_EVENTS or not str(details[0]).startswith(folder):
            return
        if event != "open" or details[2] & WRITING:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    call(*args)


def die(events: int, shop: Shop, call: Callable[..., object], *args: Any) -> bool:
    """Do something in a process that is killed; tell whether it was done before."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["export_segments", "test_export_segments"])
    target = (events, str(shop.exports), call, *args)
    process = context.Process(target=killed_after, args=target)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == 0


def assert_only_whole_runs(shop: Shop) -> None:
    for path in shop.exports.iterdir() if shop.exports.exists() else ():
        if path.is_dir() and not path.name.startswith("."):
            assert re.fullmatch(r"\d{4}-\d\d-\d\d\.\d+", path.name)
            assert_whole(path)


def put_back(shop: Shop, exports: Path) -> None:
    """Have the exports folder as it was."""
    shutil.rmtree(shop.exports)
    shutil.copytree(exports, shop.exports)


def test_a_run_killed_at_any_point_is_never_seen(tmp_path: Path) -> None:
    people = [made_up(number) for number in range(40)]
    argv = ["--destination", "hubspot", "--destination", "meta"]
    shop, before = Shop(tmp_path), tmp_path / "before"
    shop.build(people)
    assert shop.export(*argv) == 0
    shutil.copytree(shop.exports, before)
    shop.build([*people[5:], made_up(50)], "2026-06-01")
    # What there is when nobody is killed.
    assert shop.export(*argv) == 0
    straight = files(shop.exports)
    assert any(name.startswith("2026-06-01.1/") for name in straight)

    is_done, events = False, 0
    while not is_done:
        put_back(shop, before)
        is_done = die(events, shop, export_segments.main, shop.argv(*argv))
        assert_only_whole_runs(shop)
        assert csv_files(shop.runs()[0]) == csv_files(before / "2026-05-31.1")
        assert shop.export(*argv) == 0
        assert files(shop.exports) == straight
        events += 1
    assert events > 15


def test_a_run_killed_at_a_random_moment_is_never_seen(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"hot_leads": "meta"})
    shop.build([made_up(number) for number in range(12_000)])
    command = [sys.executable, str(SCRIPT), *shop.argv()]
    chance = random.Random(4)
    for _ in range(4):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # From the moment at which there is something to be half done.
        while process.poll() is None and not list(
            shop.exports.glob(".writing-*/parts")
        ):
            time.sleep(0.01)
        time.sleep(chance.random() * 2)
        workers = children(process.pid)
        process.kill()
        process.wait()
        assert_only_whole_runs(shop)
        await_end(workers)
    assert shop.export() == 0
    (run,) = shop.runs()
    assert entry(run, "meta")["counts"]["full"] == 12_000
    assert_whole(run)


def test_ctrl_c_while_processes_start_is_one_sentence(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"hot_leads": "meta"})
    shop.build([made_up(number) for number in range(6_000)])
    command = [sys.executable, str(SCRIPT), *shop.argv()]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    while not any(map(is_worker, children(process.pid))):
        assert process.poll() is None
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=120)
    assert said == "error: interrupted; run the same command again to finish\n"
    assert process.returncode == 130
    assert shop.runs() == []
    await_end(workers)


def heed_ctrl_c() -> None:
    """As in a terminal: jobs in the background, such as these tests, may ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def is_worker(process: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:  # is over
        return False


def children(process: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True
    )
    return [int(word) for word in listed.stdout.split()]


def await_end(processes: list[int]) -> None:
    """A killed run's processes end by themselves, and soon."""
    deadline = time.monotonic() + 20
    while left := [each for each in processes if Path(f"/proc/{each}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


# --- Forgetting a person --------------------------------------------------------------


def all_text(folder: Path) -> str:
    return "\n".join(text_of(path) for path in folder.rglob("*") if path.is_file())


def history(shop: Shop) -> dict[str, set[str]]:
    """Months of a shop in which one person was known by two addresses."""
    people = [made_up(number) for number in range(20)]
    own = Person("7", "Mara+shop@Example.com", "612 34 56 78", more={"lead_score": 7})
    argv = ["--variant", "plain"]
    shop.build([*people, own])
    assert shop.export() == 0
    assert shop.export(*argv) == 0
    moved = own.changed(email="mara@moved.example", phone="+34 699 99 99 99")
    shop.build([*people[1:], moved], "2026-06-01")
    assert shop.export() == 0
    assert shop.export(*argv) == 0
    shop.build(people[1:], "2026-06-02")
    assert shop.export() == 0
    return {
        "lead_id": {"7"},
        "email": {"Mara+shop@Example.com", "mara@moved.example"},
        "phone": {"612 34 56 78", "+34 699 99 99 99"},
        "country": {"ES"},
    }


MARKS = [
    *("mara", "612345678", "699999999"),
    *map(hashed, ("mara+shop@example.com", "mara@moved.example")),
    *map(hashed, ("34612345678", "+34612345678", "34699999999", "+34699999999")),
    *("'lead_id': '7'", "hot_leads:7"),
]


def test_a_person_is_forgotten_in_every_file(shop: Shop) -> None:
    keys = history(shop)
    said = all_text(shop.exports).lower()
    assert [mark for mark in MARKS if mark in said] == MARKS
    before = {run.name: csv_files(run) for run in shop.runs()}
    forgotten = forget(shop.exports, keys)
    said = all_text(shop.exports).lower()
    assert not [mark for mark in MARKS if mark in said]
    for run in shop.runs():
        assert_whole(run)
        # The others stand as they stood: lines were taken out, none was changed.
        for name, data in csv_files(run).items():
            lines = Counter(before[run.name][name].splitlines())
            assert not Counter(data.splitlines()) - lines
            assert lines.total() - len(data.splitlines()) <= 2
    assert ("hubspot", "hot_leads") in forgotten.sent_to
    assert ("sales", "hot_leads") in forgotten.sent_to
    assert forgotten.lines > 20
    assert forgotten.rows > 0
    assert forgotten.unknown == []
    # Lead 7 is not everybody with a 7.
    emails = {row["Email"] for row in read_csv(hubspot_full(shop))}
    assert emails == {f"zoe.{number}@example.com" for number in range(20)}
    assert forget(shop.exports, keys).files == []


def hubspot_full(shop: Shop) -> Path:
    return shop.runs()[0] / "hubspot" / "hot_leads.full.csv"


def test_after_an_erasure_the_others_go_on(shop: Shop) -> None:
    keys = history(shop)
    forget(shop.exports, keys)
    runs = shop.runs()
    assert shop.export() == 0
    assert shop.runs() == runs


def test_an_address_that_only_a_snapshot_knows_is_found_in_older_files(
    shop: Shop,
) -> None:
    own = made_up(77, email="known@only.example", phone=None)
    shop.build([made_up(1), own])
    assert shop.export("--destination", "hubspot") == 0
    forgotten = forget(shop.exports, {"lead_id": {"c-77"}})
    assert (forgotten.lines, forgotten.rows) == (1, 1)
    assert "known@only" not in all_text(shop.exports)


def test_files_that_nobody_looked_into_are_told(shop: Shop) -> None:
    assert forget(shop.exports, {"lead_id": {"c-1"}}).unknown == []
    assert shop.export("--destination", "hubspot") == 0
    (shop.newest / "hubspot" / "copy.csv").write_text("Email\nzoe.1@example.com\n")
    (shop.exports / ".writing-killed").mkdir()
    (shop.exports / ".writing-killed" / "part").write_text("zoe.1@example.com")
    forgotten = forget(shop.exports, {"lead_id": {"c-1"}})
    assert forgotten.unknown == [f"{shop.newest.name}/hubspot/copy.csv"]
    assert not (shop.exports / ".writing-killed").exists()


def test_an_erasure_killed_at_any_point_can_be_run_again(shop: Shop) -> None:
    shop.segments = {"hot_leads": "hubspot"}
    people = [made_up(number) for number in range(6)]
    keys = {"lead_id": {"c-3"}, "email": {"zoe.3@example.com"}}
    shop.build(people)
    assert shop.export() == 0
    shop.build([*people[:3], people[4]], "2026-06-01")
    assert shop.export() == 0
    before = shop.folder / "before"
    shutil.copytree(shop.exports, before)
    runs = shop.runs()
    forget(shop.exports, keys)
    straight = files(shop.exports)

    is_done, events = False, 0
    while not is_done:
        put_back(shop, before)
        is_done = die(events, shop, forget, shop.exports, keys)
        # Whoever comes next, erasure or export, finds or makes the runs whole.
        if events % 2:
            assert shop.export() == 0
            assert shop.runs() == runs
            for run in runs:
                assert_whole(run)
        forget(shop.exports, keys)
        assert files(shop.exports) == straight
        events += 1
    assert events > 10


def test_the_files_are_plain_csv(shop: Shop) -> None:
    """Python's reader agrees with the other one."""
    assert shop.export("--destination", "sales") == 0
    file = shop.newest / "sales" / "hot_leads.full.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with open(file, encoding="utf-8-sig", newline="") as text:
        assert list(csv.DictReader(text, delimiter=";")) == read_csv(file, ";")


def test_the_benchmark_measures_a_full_export_and_a_delta(capsys: Capture) -> None:
    assert benchmark_exports.main(["--members", "1000", "--seconds", "0"]) == 1
    full, delta = capsys.readouterr().out.splitlines()
    assert full.endswith("in a process: 1,000 full")
    assert delta.endswith("in a process: 100 added, 100 removed")
