"""Write RESULTS.md from the raw measurements; nothing in it is typed by hand."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import yaml

from _options import PROJECT
from _scale_chart import Line, draw_chart
from _scale_steps import is_built

Run = dict[str, Any]  # one shop, with what was measured on it

YARDSTICK = "duckdb"
FIRST_BUILD = "first full build"
MORNING = "normal morning"
BILLION = 1_000_000_000
DRAWN_SIZES = 3  # the largest: of a small one start-up is the most
TOLD_NODES = 8
BIGGER_THAN = 1.15  # an exponent above it grows faster than the rows
INTRODUCTION = """\
# Results

Written by `benchmark_scale.py` from `results/*.json`: do not edit, run `make bench`.
Ratios and growth are what these figures are for; absolute times depend on the machine
and are an illustration. Every process was measured as a whole, start-up included
(wall, processor time of all its processes, memory of the largest of them); engine time
is what dbt's log says that the statements took (time in which several ran counts once),
without what dbt itself needs for each node, whatever the size. Where a step was run
several times the median is shown."""


def middle(results: Sequence[Run], key: str) -> float:
    """The median of a measure over the runs of a step."""
    return float(median(float(result[key]) for result in results))


def engine_seconds(results: Sequence[Run], *kinds: str) -> float:
    """The median of the engine time, of all kinds of nodes or of some."""
    each = []
    for result in results:
        taken = result["engine_seconds"]
        each.append(sum(taken[kind] for kind in kinds or taken))
    return float(median(each))


def has_failed(results: Sequence[Run]) -> bool:
    return not all(is_built(result) for result in results)


def failed_tests(results: Sequence[Run]) -> list[str]:
    """Data tests that failed in a build that came to its end."""
    failures = (each for result in results for each in result.get("failures", []))
    return sorted({name for kind, name in failures if kind == "test"})


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table: words at the left, numbers at the right."""
    yield "| " + " | ".join(titles) + " |"
    yield "|---" + "|---:" * (len(titles) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def seconds(value: float) -> str:
    return f"{value:,.1f}"


def ratio(value: float, whole: float) -> str:
    return f"{value / whole:,.2f}" if whole else ""


def percent(value: float, whole: float) -> str:
    return f"{value / whole:.1%}" if whole else ""


# --- One size -----------------------------------------------------------------------


def run_lines(run: Run) -> Iterator[str]:
    """What was measured on one shop."""
    shop = run["shop"]
    yield (
        f"\n## {run['events']:,} events over {run['days']:,} days,"
        f" memory_limit {run['memory']}"
    )
    yield (
        f"\n{shop['landed_rows']:,} rows landed as history,"
        f" {shop['last_day_rows']:,} of them on its last day;"
        f" {shop['leads']:,} leads as of {shop['as_of_date']};"
        f" landing zone {shop['landing_mb']:,} MB, warehouse"
        f" {shop['warehouse_mb']:,} MB"
        f" ({ratio(shop['warehouse_mb'], shop['landing_mb'])} times as much).\n"
    )
    if run["peers"]:
        yield from peers_lines(run)
    yield from steps_lines(run)
    yield from folders_lines(run)
    for name in (FIRST_BUILD, MORNING):
        if name in run["steps"] and run["steps"][name][-1].get("slowest"):
            yield from slowest_lines(name, run["steps"][name])


def peers_lines(run: Run) -> Iterator[str]:
    """Everybody to the same points, and what it took them."""
    peers = {
        name: peer
        for name, peer in run["peers"].items()
        if not has_failed(peer["runs"])
    }
    yield "Engagement points alone, to the same numbers:\n"
    yardstick = peers.get(YARDSTICK, {}).get("runs")
    entries = [(f"peer: {name}", peer["runs"]) for name, peer in peers.items()]
    entries += [
        (name, run["steps"][name])
        for name in ("scores alone", FIRST_BUILD)
        if name in run["steps"] and not has_failed(run["steps"][name])
    ]
    rows = []
    for name, results in entries:
        wall, cpu = middle(results, "wall_seconds"), middle(results, "cpu_seconds")
        base_wall = middle(yardstick, "wall_seconds") if yardstick else 0.0
        base_cpu = middle(yardstick, "cpu_seconds") if yardstick else 0.0
        rows.append(
            (
                name,
                ratio(wall, base_wall),
                ratio(cpu, base_cpu),
                seconds(wall),
                seconds(cpu),
                f"{middle(results, 'peak_mb'):,.0f}",
            )
        )
    titles = ("", "wall / DuckDB script", "CPU / DuckDB script")
    yield from table((*titles, "wall s", "CPU s", "peak MB"), rows)
    equal = {peer["equal"] for peer in peers.values()}
    yield f"\nChecked lead by lead before any time counted: {'; '.join(sorted(equal))}."
    for name, peer in run["peers"].items():
        if has_failed(peer["runs"]):
            yield f"\nPeer {name} failed: `{what_failed(peer['runs'])}`"


def steps_lines(run: Run) -> Iterator[str]:
    """Every step, held against the first full build."""
    yield "\nStep by step; the fastest peer starts over, whatever has changed:\n"
    first = run["steps"].get(FIRST_BUILD)
    whole = engine_seconds(first) if first and not has_failed(first) else 0.0
    walls = [
        middle(peer["runs"], "wall_seconds")
        for peer in run["peers"].values()
        if not has_failed(peer["runs"])
    ]
    rows = []
    for name, results in run["steps"].items():
        if has_failed(results):
            rows.append((name, "failed", *[""] * 10))
            continue
        wall = middle(results, "wall_seconds")
        engine = [""] * 7
        if results[0].get("engine_seconds"):
            total = engine_seconds(results)
            parts = [engine_seconds(results, k) for k in ("models", "tests", "seeds")]
            parts.append(middle(results, "dbt_seconds"))
            rerun = ratio(min(walls), wall) if walls else ""
            engine = [percent(total, whole), rerun, *map(seconds, (total, *parts))]
        rows.append(
            (
                name,
                *engine,
                seconds(wall),
                seconds(middle(results, "cpu_seconds")),
                f"{middle(results, 'peak_mb'):,.0f}",
                f"{middle(results, 'spill_mb'):,.0f}",
            )
        )
    yield from table(
        (
            *("step", "engine / first build", "fastest peer / wall", "engine s"),
            *("models s", "tests s"),
            *("seeds s", "dbt s", "wall s", "CPU s", "peak MB", "spilled MB"),
        ),
        rows,
    )
    for name, results in run["steps"].items():
        if has_failed(results):
            yield f"\n{name} failed: `{what_failed(results)}`"
        elif failed := failed_tests(results):
            yield f"\n**{name}: data tests failed: {', '.join(failed)}.**"


def folders_lines(run: Run) -> Iterator[str]:
    """Which part of the pipeline a step spends its engine time on."""
    by_step = {
        name: results[-1]["folder_seconds"]
        for name, results in run["steps"].items()
        if results[-1].get("folder_seconds") and not has_failed(results)
    }
    folders = [
        name for name in flow() if any(name in taken for taken in by_step.values())
    ]
    if by_step:
        yield "\nEngine seconds by folder of models/; staging reads what arrived:\n"
        yield from table(
            ("step", *folders),
            [
                (name, *(seconds(taken.get(folder, 0.0)) for folder in folders))
                for name, taken in by_step.items()
            ],
        )


def flow() -> list[str]:
    """The folders of models/ in the pipeline's order, as dbt_project.yml has it."""
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["models"]["lead_scoring"])


def what_failed(results: Sequence[Run]) -> str:
    """The line that says what went wrong, as far as one does."""
    lines = [line for result in results for line in result["message"].splitlines()]
    errors = [line for line in lines if "error" in line.lower()]
    return str((errors or lines or ["no message"])[-1]).strip()


def slowest_lines(name: str, results: Sequence[Run]) -> Iterator[str]:
    """The nodes on which a step spends most."""
    whole = engine_seconds(results[-1:])
    yield f"\nWhere the {name} spends its engine time:\n"
    slowest = results[-1]["slowest"][:TOLD_NODES]
    yield from table(
        ("node", "share", "s"),
        [(node, percent(taken, whole), seconds(taken)) for node, taken in slowest],
    )


# --- Several sizes ------------------------------------------------------------------


@dataclass(frozen=True)
class Growth:
    """measure ~ scale x rows^power, fitted on logarithms."""

    scale: float
    power: float

    @classmethod
    def fit(cls, points: Sequence[tuple[float, float]]) -> "Growth | None":
        """Fit by least squares; None for one size, or where a measure is nothing."""
        if len({x for x, _ in points}) < 2 or any(y <= 0 for _, y in points):
            return None
        logs = [(math.log(x), math.log(y)) for x, y in points]
        mean_x = sum(x for x, _ in logs) / len(logs)
        mean_y = sum(y for _, y in logs) / len(logs)
        spread = sum((x - mean_x) ** 2 for x, _ in logs)
        power = sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread
        return cls(math.exp(mean_y - power * mean_x), power)

    def at(self, rows: float) -> float:
        return float(self.scale * rows**self.power)


def measured_on(runs: Sequence[Run], step: str, key: str) -> list[tuple[float, float]]:
    """Rows and a measure of a step, for every size on which it succeeded.

    A size measured under several memory limits counts once, by their median.
    """
    found: dict[float, list[float]] = {}
    for run in runs:
        results = run["steps"].get(step)
        if results and not has_failed(results) and key in results[0]:
            value = (
                engine_seconds(results)
                if key == "engine_seconds"
                else middle(results, key)
            )
            found.setdefault(float(run["shop"]["landed_rows"]), []).append(value)
    return [(rows, median(values)) for rows, values in found.items()]


def growth_lines(runs: Sequence[Run], machine_mb: float) -> Iterator[str]:
    """What a billion events would take, by the growth over the sizes measured."""
    steps = list(dict.fromkeys(name for run in runs for name in run["steps"]))
    rows, breaking, failed = [], [], []
    for step in steps:
        measures = [
            measured_on(runs, step, key)
            for key in ("wall_seconds", "peak_mb", "warehouse_mb", "spill_mb")
        ]
        failed += [
            (run["events"], step)
            for run in runs
            if step in run["steps"] and has_failed(run["steps"][step])
        ]
        if len(measures[0]) < DRAWN_SIZES:
            continue
        time, peak, size, spill = (Growth.fit(each[-DRAWN_SIZES:]) for each in measures)
        if not time or not peak:
            continue
        if peak.power > 0:
            breaking.append(((machine_mb / peak.scale) ** (1 / peak.power), step))
        rows.append(
            (
                step,
                f"{time.power:.2f}",
                f"{peak.power:.2f}",
                f"{time.at(BILLION) / 3600:,.1f}",
                f"{peak.at(BILLION) / 1000:,.1f}",
                f"{size.at(BILLION) / 1000:,.0f}" if size else "",
                f"{spill.at(BILLION) / 1000:,.0f}" if spill else "",
            )
        )
    if not rows:
        return
    measured = sorted({run["events"] for run in runs})
    yield "\n## A billion events"
    yield (
        f"\nOf the sizes measured ({', '.join(f'{n:,}' for n in measured)} events) the"
        f" largest {DRAWN_SIZES} on which a step succeeded are drawn out, time, memory"
        " and disk each as scale * rows ^ power. Memory that ends at memory_limit is"
        " disk beyond it.\n"
    )
    yield from table(
        (
            *("step", "power of time", "power of memory", "hours", "peak GB"),
            *("warehouse GB", "spilled GB"),
        ),
        rows,
    )
    if failed:
        events, step = min(failed)
        yield f"\nThe first to break was measured: {step}, at {events:,} events."
    elif breaking:
        events_at, step = min(breaking)
        yield (
            f"\nThe first to break is {step}: its memory reaches the"
            f" {machine_mb / 1000:,.0f} GB of this machine at about"
            f" {events_at / 1e6:,.0f} million rows."
        )
    hot = growing_nodes(runs)
    if hot:
        yield "\nNodes whose time grows faster than the rows (first full build): " + (
            ", ".join(f"{node} (power {power:.2f})" for node, power in hot) + "."
        )


def growing_nodes(runs: Sequence[Run]) -> list[tuple[str, float]]:
    """The slowest nodes of the first build that grow faster than the rows."""
    points: dict[str, list[tuple[float, float]]] = {}
    for run in runs:
        for node, taken in run["steps"].get(FIRST_BUILD, [{}])[-1].get("slowest", []):
            points.setdefault(node, []).append((run["shop"]["landed_rows"], taken))
    fits = {
        node: Growth.fit(found)
        for node, found in points.items()
        if len(found) >= DRAWN_SIZES
    }
    steep = [
        (n, fit.power) for n, fit in fits.items() if fit and fit.power > BIGGER_THAN
    ]
    return sorted(steep, key=lambda item: -item[1])


def mornings_lines(runs: Sequence[Run], chart: str) -> Iterator[str]:
    """Whether a history twice as long doubles a morning."""
    yield "\n## Does a longer history make a longer morning?"
    yield (
        "\nThe same events a day, over more days. A power of 0 means that a morning"
        " costs what arrived, 1 that it costs what is stored.\n"
    )
    rows = []
    for run in runs:
        morning, first = run["steps"][MORNING], run["steps"].get(FIRST_BUILD)
        rows.append(
            (
                f"{run['days']:,} days",
                f"{run['shop']['landed_rows']:,}",
                f"{run['shop']['leads']:,}",
                seconds(engine_seconds(first)) if first else "",
                seconds(engine_seconds(morning)),
                percent(engine_seconds(morning), engine_seconds(first))
                if first
                else "",
                seconds(middle(morning, "wall_seconds")),
            )
        )
    yield from table(
        (
            *("history", "rows", "leads", "first build, engine s"),
            *("morning, engine s", "morning / first build", "morning, wall s"),
        ),
        rows,
    )
    power = Growth.fit(measured_on(runs, MORNING, "engine_seconds"))
    if power:
        yield (
            f"\nA morning's engine time grows with the rows stored to the power of"
            f" {power.power:.2f}: a history twice as long makes it"
            f" {2**power.power:.2f} times as long."
        )
    yield f"\n![A morning against the history]({chart})"


# --- Everything ---------------------------------------------------------------------


def morning_chart(runs: Sequence[Run]) -> str:
    """The engine time of mornings and first builds against the rows, as an SVG."""
    lines = [
        Line(step, measured_on(runs, step, "engine_seconds"))
        for step in (MORNING, FIRST_BUILD)
    ]
    return draw_chart([line for line in lines if line.points], "rows", "engine seconds")


def of_growing_history(runs: Sequence[Run]) -> list[Run]:
    """Runs of one kind of day over histories of different lengths."""
    by_rate: dict[float, list[Run]] = {}
    for run in runs:
        if MORNING in run["steps"] and not has_failed(run["steps"][MORNING]):
            by_rate.setdefault(run["events"] / run["days"], []).append(run)
    longest = max(by_rate.values(), key=len, default=[])
    return longest if len({run["days"] for run in longest}) > 1 else []


def of_growing_volume(runs: Sequence[Run]) -> list[Run]:
    """Runs of one length of history with more and more events."""
    by_days: dict[int, list[Run]] = {}
    for run in runs:
        by_days.setdefault(run["days"], []).append(run)
    return max(by_days.values(), key=len, default=[])


def report_lines(runs: Sequence[Run], chart: str) -> Iterator[str]:
    """The whole report; the chart is named when there is one to show."""
    runs = sorted(runs, key=lambda run: (run["events"], run["days"]))
    yield INTRODUCTION
    yield "\n## Measured with\n"
    machines = [run["machine"] for run in runs]
    names = list(dict.fromkeys(name for machine in machines for name in machine))
    for name in names:
        values = dict.fromkeys(str(m[name]) for m in machines if name in m)
        yield f"* {name}: {', '.join(values)}"
    for run in runs:
        yield from run_lines(run)
    yield from growth_lines(
        of_growing_volume(runs), min(m["memory_mb"] for m in machines)
    )
    histories = of_growing_history(runs)
    if histories:
        yield from mornings_lines(histories, chart)
