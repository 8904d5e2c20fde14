"""Measure the warehouse at size: first build, mornings, changed rules, and its peers.

For each size the script generates a demo shop and loads it without its last day. The
peers score it and the warehouse is built; unless their points are equal for every lead,
nothing is reported. Then each later step is measured on a copy of that build.

Raw measurements are kept in benchmarks/results/, one file per shop; RESULTS.md is
written from all of them. With --grow history larger sizes are longer histories with
days of the same size: they show whether a morning's time grows with the stored history.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
sys.path.insert(0, str(Path(__file__).parent / "peers"))

from _options import PROJECT, ActionableError, did_you_mean, run_reporting_errors
from _scale_report import morning_chart, of_growing_history, report_lines
from _scale_shop import Shop, described, land_history
from _scale_steps import FIRST_BUILD, STEP_NAMES, STEPS, Bench, cores
from check_peers import check

EXAMPLES = """\
examples:
  benchmark_scale.py --events 1000000
  benchmark_scale.py --events 20000000,100000000 --memory 4GB --folder /data/bench
  benchmark_scale.py --events 1000000,2000000,4000000,8000000 --grow history \\
      --steps 'first full build,normal morning' --peers ''
  benchmark_scale.py --report-only"""

BENCHMARKS = PROJECT / "benchmarks"
PEERS = ("duckdb", "polars", "pandas", "spark")
PACKAGES = (
    *("dbt-core", "dbt-duckdb", "duckdb", "polars", "pandas", "pyarrow", "numpy"),
    "pyspark",
)
HISTORY_DAYS = 180


def describe_machine() -> dict[str, object]:
    """The versions, the machine, and which state of the project was measured."""
    found: dict[str, object] = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            found["processor"] = line.partition(":")[2].strip()
            break
    found["cores"] = cores()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    found["memory_mb"] = round(pages / 1e6)
    described_by = ["git", "describe", "--always", "--dirty"]
    described = subprocess.run(
        described_by, cwd=PROJECT, capture_output=True, text=True
    )
    found["commit"] = described.stdout.strip() or "unknown"
    return found


def measure_shop(bench: Bench, options: argparse.Namespace) -> None:
    """Measure one shop, step by step; what was measured is written at once."""
    shop = bench.shop
    file = options.results / f"{shop.events}_{shop.days}_{bench.memory}.json"
    say(f"{shop.events:,} events over {shop.days:,} days: generate and load")
    loaded = land_history(shop)
    bench.prepare_project()
    if FIRST_BUILD in options.steps:
        shutil.rmtree(bench.base.parent, ignore_errors=True)
    steps: dict[str, object] = {}
    run: dict[str, object] = {
        "events": shop.events,
        "days": shop.days,
        "memory": bench.memory,
        "machine": describe_machine(),
        "peers": {},
        "steps": steps,
    }
    if FIRST_BUILD not in options.steps and file.exists():
        # The same warehouse, measured further.
        run = json.loads(file.read_text(encoding="utf-8"))
        steps = run["steps"]  # type: ignore[assignment]
    if loaded:
        steps["loading the history"] = [loaded.as_dict()]
    for name in options.steps:
        step = next((step for step in STEPS if step.name == name), None)
        say(name)
        steps[name] = bench.measure_step(step) if step else bench.measure_export()
        if name == FIRST_BUILD:
            run["peers"] = measure_peers(bench, options.peers)
        run["shop"] = described(shop, bench.base)
        options.results.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def measure_peers(bench: Bench, names: Sequence[str]) -> dict[str, object]:
    """Have each peer score the shop; other points than ours end the benchmark."""
    found: dict[str, object] = {}
    for name in names:
        say(f"peer: {name}")
        place = bench.shop.folder / "peers" / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        points = place / "points.parquet"
        runs = bench.measure_peer(name, points)
        equal = ""
        if not any(run.exit_code for run in runs):
            equal = check(bench.base, points)
        found[name] = {"runs": [run.as_dict() for run in runs], "equal": equal}
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write_results(results: Path) -> None:
    """Write RESULTS.md, and the chart beside it, from every measured shop."""
    files = sorted(results.glob("*.json"))
    if not files:
        raise ActionableError(f"{results}: nothing has been measured yet")
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    chart = results / "mornings.svg"
    if histories := of_growing_history(runs):
        chart.write_text(morning_chart(histories), encoding="utf-8")
    report = results.parent / "RESULTS.md"
    lines = report_lines(runs, chart.relative_to(report.parent).as_posix())
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written: {report}")


def measure_all(options: argparse.Namespace) -> int:
    """Measure every size, and write what came out after each."""
    if options.report_only:
        write_results(options.results)
        return 0
    for events in options.events:
        days = options.days
        if options.grow == "history":
            days = options.days * events // min(options.events)
        folder = options.folder.resolve() / f"{events}_{days}"
        bench = Bench(
            Shop(events, days, folder),
            options.memory,
            cores(),
            options.runs,
        )
        measure_shop(bench, options)
        write_results(options.results)
        if not options.keep:
            shutil.rmtree(folder)
    return 0


def counts(text: str) -> list[int]:
    """Sizes such as 1000000,2000000."""
    try:
        return [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        message = f"{text!r} is not a number of events, or several as 1000000,2000000"
        raise argparse.ArgumentTypeError(message) from None


def names(text: str, known: Sequence[str]) -> list[str]:
    """Some of the known names, in their order; none when the text is empty."""
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            message = f"unknown: {name}{did_you_mean(name, known)}"
            raise argparse.ArgumentTypeError(f"{message}; known are {', '.join(known)}")
    return [name for name in known if name in wanted]


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--events",
        type=counts,
        default=[1_000_000],
        metavar="N[,N]",
        help="sizes of the shop (1000000)",
    )
    add("--days", type=int, default=HISTORY_DAYS, help=f"of history ({HISTORY_DAYS})")
    add(
        "--grow",
        choices=("volume", "history"),
        default="volume",
        help="larger shops have more events a day, or with history more days (volume)",
    )
    add(
        "--steps",
        type=lambda text: names(text, STEP_NAMES),
        default=list(STEP_NAMES),
        metavar="NAME[,NAME]",
        help="only these steps (all)",
    )
    add(
        "--peers",
        type=lambda text: names(text, PEERS),
        default=list(PEERS),
        metavar="NAME[,NAME]",
        help=f"only these peers: {', '.join(PEERS)}; '' for none",
    )
    add("--runs", type=int, default=1, help="times that each step is measured (1)")
    add(
        "--memory",
        default=os.environ.get("LEAD_SCORING_MEMORY", "6GB"),
        help="memory_limit of the engines ($LEAD_SCORING_MEMORY, else 6GB)",
    )
    add(
        "--folder",
        type=Path,
        default=PROJECT / "target" / "bench",
        help="folder for the shops and warehouses (target/bench)",
    )
    add("--keep", action="store_true", help="keep that folder for the next run")
    add(
        "--results",
        type=Path,
        default=BENCHMARKS / "results",
        metavar="FOLDER",
        help="raw measurements; RESULTS.md is written beside it (benchmarks/results)",
    )
    add("--report-only", action="store_true", help="only write RESULTS.md again")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    options = make_parser().parse_args(argv)
    return run_reporting_errors(lambda: measure_all(options))


if __name__ == "__main__":
    sys.exit(main())
