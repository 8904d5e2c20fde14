"""Measure how long an export takes, and how much memory, with made-up members.

The script makes a warehouse with one segment of the given size and exports it in Meta's
hashed format: in full, then as a delta in which a tenth has changed. The exit code is 1
when the full export takes longer than --seconds.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from _options import run_reporting_errors

SCRIPTS = Path(__file__).parents[1] / "scripts"

EXAMPLES = """\
examples:
  benchmark_exports.py
  benchmark_exports.py --members 100000 --seconds 10"""

# Names, places and birthdays repeat as they do among people; addresses do not.
MEMBERS = """
    create or replace table personal.exp_meta__audience_members as
    select 'vip_customers:c-' || member as export_id, 'c-' || member as lead_id,
        'vip_customers' as segment, 'group_b' as audience,
        'somebody.' || member || '@example.com' as email,
        '+346' || lpad(cast(member % 100000000 as varchar), 8, '0') as phone,
        'Name' || member % 700 as first_name, 'Surname' || member % 9000 as last_name,
        case member % 2 when 0 then 'female' else 'male' end as gender,
        'ES' as country, 'Region' || member % 17 as region,
        'City' || member % 2000 as city,
        lpad(cast(member % 52000 as varchar), 5, '0') as postal_code,
        date '1950-01-01' + cast(member * 7919 % 20000 as integer) as birth_date,
        date '2026-05-31' as entered_on, timestamp '2026-05-31' as changed_at
    from range(?, ?) as members (member)"""
EXPORTED = """
    create or replace table exports.fct_segment_exports as
    select lead_id, segment, 'meta' as destination,
        cast(null as varchar) as left_out_reason, true as is_exported
    from personal.exp_meta__audience_members"""
SURROUNDINGS = """
    create schema personal; create schema exports; create schema identity;
    create schema seeds;
    create table identity.int_as_of_date as select date '2026-05-31' as as_of_date;
    create table seeds.segments as select 'vip_customers' as segment,
        'group_b' as audience, 'meta' as destinations, 1 as priority"""

MADE = {"unique_id": "model.made_up.members", "status": "success"}


@dataclass(frozen=True)
class Measured:
    """What one export took."""

    seconds: float
    megabytes: float  # the most the largest of its processes held at once
    counts: dict[str, int]


def make_members(database: Path, first: int, count: int) -> None:
    """Make a warehouse whose one segment has `count` members, from a number on."""
    is_new = not database.exists()
    with duckdb.connect(str(database)) as connection:
        if is_new:
            connection.execute(SURROUNDINGS)
        connection.execute(MEMBERS, [first, first + count])
        connection.execute(EXPORTED)


def record_build(run_results: Path, database: str) -> None:
    """Write what dbt writes about a build that passed, for the made-up warehouse."""
    invocation = {"metadata": {"invocation_id": "made up"}}
    build = {"args": {"which": "build"}, "results": [MADE]}
    node = {"resource_type": "model", "database": database}
    run_results.write_text(json.dumps(invocation | build), encoding="utf-8")
    manifest = run_results.with_name("manifest.json")
    nodes = {"nodes": {MADE["unique_id"]: node}}
    manifest.write_text(json.dumps(invocation | nodes), encoding="utf-8")


def measure(database: Path, exports: Path, *options: str) -> Measured:
    """Export in a process of its own and measure what it took."""
    argv = [sys.executable, str(SCRIPTS / "export_segments.py"), *options]
    argv += ["--database", str(database), "--exports", str(exports)]
    argv += ["--run-results", str(database.with_name("run_results.json"))]
    begun = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    newest = max(exports.glob("*/manifest.json"), key=lambda file: file.stat().st_mtime)
    (entry,) = json.loads(newest.read_text(encoding="utf-8"))["exports"]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return Measured(seconds, peak, entry["counts"])


def hold(members: int, seconds: float, jobs: int) -> int:
    """Export, print what it took, and judge it."""
    with TemporaryDirectory() as folder:
        database, exports = Path(folder, "warehouse.duckdb"), Path(folder, "exports")
        record_build(database.with_name("run_results.json"), database.stem)
        make_members(database, 0, members)
        options = ("--jobs", str(jobs))
        full = measure(database, exports, *options)
        make_members(database, members // 10, members)
        delta = measure(database, exports, *options)
    for name, each in (("full", full), ("delta", delta)):
        rows = ", ".join(f"{n:,} {kind}" for kind, n in each.counts.items() if n)
        print(
            f"{name:6} {each.seconds:6.1f} s, at most {each.megabytes:,.0f} MB in a"
            f" process: {rows}"
        )
    return 0 if full.seconds <= seconds else 1


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--members", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="the most the full export may take"
    )
    given = parser.parse_args(argv)
    return run_reporting_errors(lambda: hold(given.members, given.seconds, given.jobs))


if __name__ == "__main__":
    sys.exit(main())
