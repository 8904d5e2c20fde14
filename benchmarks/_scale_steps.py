"""What is measured: the first build, and what happens to a warehouse afterwards.

Every step starts from a copy of the warehouse that the first full build made, so that
none sees another's work. Rules are changed in a copy of the project.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from _options import PROJECT, ActionableError
from _scale_process import Measured, measure
from _scale_shop import (
    Shop,
    branched_landing,
    land_known_leads,
    land_late_rows,
    land_morning,
    script,
)

Result = dict[str, object]
Rows = list[dict[str, str]]

DATABASE = "lead_scoring.duckdb"
UNTESTED = ("--exclude-resource-type", "unit_test")
BUILD = ("build", *UNTESTED)
SCORES_ALONE = (
    *("build", *UNTESTED, "--exclude-resource-type", "test"),
    *("--select", "+fct_lead_scores"),
)
SLOWEST = 12  # nodes that are kept of a step
FAILURES = ("error", "fail", "runtime error", "skipped")
NODE_BEGINS = re.compile(r"\[(Thread.*?)\]: Began running node (\S+)")
STATEMENT_ENDS = re.compile(
    r"(\d\d):(\d\d):([\d.]+) \[debug\] \[(.*?)\]: SQL status: \w+ in ([\d.]+) seconds"
)
DAY_SECONDS = 24 * 60 * 60
KINDS = {"model": "models", "test": "tests", "seed": "seeds"}
FOLDER = 1  # of a model's path below models/, in dbt's manifest


@dataclass(frozen=True)
class Step:
    """One thing that is measured."""

    name: str
    description: str
    command: tuple[str, ...] = BUILD
    change: Callable[[Rows], Rows] | None = None  # of the engagement rules
    land: Callable[[Shop, Path, Path], None] | None = None
    is_first: bool = False  # starts without a warehouse
    is_eventless: bool = False  # no file of events is there


def set_column(rule_id: str, column: str, value: str) -> Callable[[Rows], Rows]:
    """A change of one cell of the engagement rules."""

    def change(rules: Rows) -> Rows:
        (rule,) = (rule for rule in rules if rule["rule_id"] == rule_id)
        if rule[column] == value:
            raise ActionableError(f"rule {rule_id} has {column} {value} already")
        rule[column] = value
        return rules

    return change


def add_rule(rules: Rows) -> Rows:
    """A rule that looks for something no rule looked for before."""
    (example,) = (rule for rule in rules if rule["rule_id"] == "interest_page")
    changed = {"rule_id": "benchmark_rule", "operand": "/benchmark", "points": "3"}
    return [*rules, example | changed]


CHANGED_WEIGHT = set_column("product_view", "points", "2")
CHANGED_HALF_LIFE = set_column("product_view", "decay_days", "10")
FIRST_BUILD = "first full build"
SCORES = "scores alone"
STEPS = (
    Step(FIRST_BUILD, "every model and data test, from nothing", is_first=True),
    Step(SCORES, "fct_lead_scores and what it reads", SCORES_ALONE, is_first=True),
    Step("normal morning", "one more day of events", land=land_morning),
    Step("late rows", "1% more rows, spread over 90 past days", land=land_late_rows),
    Step("changed weight", "points of product_view", change=CHANGED_WEIGHT),
    Step("changed half-life", "decay of product_view", change=CHANGED_HALF_LIFE),
    Step(
        "changed weight without events",
        "the same with the files of events moved away",
        change=CHANGED_WEIGHT,
        is_eventless=True,
    ),
    Step(
        "changed half-life without events",
        "the same with the files of events moved away",
        change=CHANGED_HALF_LIFE,
        is_eventless=True,
    ),
    Step("new rule", "a condition nothing looked for before", change=add_rule),
    Step("known leads", "1% of the anonymous leads sign in", land=land_known_leads),
)
EXPORT = "export"
STEP_NAMES = (*(step.name for step in STEPS), EXPORT)


@dataclass
class Bench:
    """A shop's folder while it is measured."""

    shop: Shop
    memory: str
    threads: int
    runs: int = 1
    project: Path = field(init=False)

    def __post_init__(self) -> None:
        self.project = self.shop.folder / "project"

    @property
    def base(self) -> Path:
        """The warehouse that the first full build made."""
        return self.shop.folder / "base" / DATABASE

    def environment(self, landing: Path, database: Path) -> dict[str, str]:
        return {
            "LEAD_SCORING_LANDING": str(landing),
            "LEAD_SCORING_DATABASE": str(database),
            "LEAD_SCORING_MEMORY": self.memory,
        }

    # --- One step -----------------------------------------------------------------

    def measure_step(self, step: Step) -> list[Result]:
        """Measure a step several times, each on its own copy."""
        landing = self.prepare_landing(step)
        rules = self.prepare_rules(step)
        found = []
        for run in range(self.runs):
            place = self.shop.folder / "steps" / f"{slug(step.name)}.{run}"
            database = self.prepare_database(step, place)
            found.append(self.measure_dbt(step, place, database, landing, rules))
            if step.name == FIRST_BUILD and not self.base.exists():
                self.keep_base(found[-1], database, place / "target")
            shutil.rmtree(place)
        if landing != self.shop.landing:
            shutil.rmtree(landing)
        return found

    def measure_dbt(
        self, step: Step, place: Path, database: Path, landing: Path, rules: str
    ) -> Result:
        """Run dbt as a process of its own and read what each node took."""
        dbt = Path(sys.executable).with_name("dbt")
        command = [str(dbt), *step.command, "--quiet"]
        command += ["--project-dir", str(self.project)]
        command += ["--profiles-dir", str(self.project)]
        command += ["--target-path", str(place / "target")]
        # Only dbt's log has the time of each statement.
        command += ["--log-path", str(place / "logs"), "--log-level-file", "debug"]
        command += ["--log-file-max-bytes", "0"]
        surroundings = self.environment(landing, database)
        measured = measure(
            command,
            self.shop.folder / "logs" / f"{slug(step.name)}.log",
            environment=surroundings | {"LEAD_SCORING_RULES": rules},
            folder=self.project,
            spill=Path(f"{database}.tmp"),
        )
        nodes = read_nodes(place / "target", place / "logs" / "dbt.log")
        return measured.as_dict() | nodes | sizes(database)

    def keep_base(self, result: Result, database: Path, target: Path) -> None:
        if not is_built(result):
            raise ActionableError(f"the first full build failed: {result['message']}")
        self.base.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(database, self.base)
        for name in ("run_results.json", "manifest.json"):  # for who exports it
            shutil.copyfile(target / name, self.base.with_name(name))

    # --- What a step needs --------------------------------------------------------

    def prepare_project(self) -> None:
        """Copy the project, as it is committed or not, so that rules can be changed."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        )
        shutil.rmtree(self.project, ignore_errors=True)
        for name in filter(None, listed.stdout.split("\0")):
            if (PROJECT / name).is_file():
                (self.project / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT / name, self.project / name)

    def prepare_landing(self, step: Step) -> Path:
        if step.land:
            landing = branched_landing(self.shop, slug(step.name))
            step.land(self.shop, landing, self.base)
            return landing
        if step.is_eventless:
            name = slug(step.name)
            return branched_landing(self.shop, name, with_events=False)
        return self.shop.landing

    def prepare_rules(self, step: Step) -> str:
        """The rules of the project, or a changed copy within it."""
        if step.change is None:
            return "seeds/rules"
        changed = f"changed_rules/{slug(step.name)}"
        shutil.copytree(
            self.project / "seeds" / "rules",
            self.project / changed,
            dirs_exist_ok=True,
        )
        change_rules(self.project / changed / "engagement_rules.csv", step.change)
        return changed

    def prepare_database(self, step: Step, place: Path) -> Path:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        if not step.is_first:
            if not self.base.exists():
                raise ActionableError(f"{step.name} needs the step {FIRST_BUILD} first")
            shutil.copyfile(self.base, place / DATABASE)
        return place / DATABASE

    # --- What is not dbt ----------------------------------------------------------

    def measure_export(self) -> list[Result]:
        """Export every segment in full, into a folder of its own."""
        place = self.shop.folder / "steps" / EXPORT
        log = self.shop.folder / "logs" / "export.log"
        found = []
        for _ in range(self.runs):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            command = script("export_segments", "--database", self.base)
            run_results = self.base.with_name("run_results.json")
            command += ["--run-results", str(run_results)]
            command += ["--exports", str(place), "--mode", "full"]
            found.append(measure(command, log).as_dict())
            shutil.rmtree(place)
        return found

    def measure_peer(self, name: str, points: Path) -> list[Measured]:
        """Have a peer score the history."""
        peer = PROJECT / "benchmarks" / "peers" / f"peer_{name}.py"
        command = [sys.executable, str(peer), "--landing", str(self.shop.landing)]
        command += ["--output", str(points), "--memory", self.memory]
        command += ["--threads", str(self.threads)]
        log = self.shop.folder / "logs" / f"peer_{name}.log"
        spill = points.parent
        return [measure(command, log, spill=spill) for _ in range(self.runs)]


def is_built(result: Result) -> bool:
    """Whether dbt came to its end, data tests that failed left aside."""
    failures = result.get("failures")
    assert failures is None or isinstance(failures, list)
    is_tests_alone = bool(failures) and all(
        kind == "test" for kind, _ in failures or []
    )
    return not result["exit_code"] or is_tests_alone


def slug(name: str) -> str:
    return name.replace(" ", "_")


def change_rules(file: Path, change: Callable[[Rows], Rows]) -> None:
    """Rewrite a file of rules, changed."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    columns = list(rows[0])
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


def sizes(database: Path) -> Result:
    """How large the warehouse is afterwards."""
    size = database.stat().st_size if database.exists() else 0
    return {"warehouse_mb": round(size / 1e6, 1)}


def read_nodes(target: Path, log: Path) -> Result:
    """Engine time: what the statements took, by kind and folder, and the slowest nodes.

    What dbt itself needs for a node (its share of execution_time in run_results.json
    beyond its statements) is kept apart: it does not depend on the rows.
    """
    file = target / "run_results.json"
    if not file.exists():
        return {"engine_seconds": {}, "slowest": [], "failures": []}
    results = json.loads(file.read_text(encoding="utf-8"))["results"]
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    statements = read_statements(log)
    shares = shared_seconds(statements)
    seconds = dict.fromkeys(KINDS.values(), 0.0)
    folders: dict[str, float] = {}
    nodes = []
    for result in results:
        taken = shares.get(result["unique_id"], 0.0)
        kind, _, name, *_ = result["unique_id"].split(".")
        nodes.append((name, taken))
        if kind in KINDS:
            seconds[KINDS[kind]] += taken
        if kind == "model":
            folder = manifest["nodes"][result["unique_id"]]["fqn"][FOLDER]
            folders[folder] = folders.get(folder, 0.0) + taken
    slowest = sorted(nodes, key=lambda node: -node[1])[:SLOWEST]
    in_all = sum(float(result["execution_time"]) for result in results)
    in_engine = sum(each.end - each.begin for each in statements)
    return {
        "engine_seconds": {kind: round(taken, 3) for kind, taken in seconds.items()},
        "folder_seconds": {name: round(taken, 3) for name, taken in folders.items()},
        "dbt_seconds": round(in_all - in_engine, 3),
        "slowest": [[name, round(taken, 3)] for name, taken in slowest],
        "failures": [
            result["unique_id"].split(".")[:3:2]
            for result in results
            if result.get("status") in FAILURES
        ],
    }


@dataclass(frozen=True)
class Statement:
    """When a node's statement ran, in seconds of the first day."""

    node: str
    begin: float
    end: float


def read_statements(log: Path) -> list[Statement]:
    """The statements of nodes, of which each thread of dbt runs one after the other."""
    statements: list[Statement] = []
    nodes: dict[str, str] = {}
    now = 0.0
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            if found := NODE_BEGINS.search(line):
                nodes[found[1]] = found[2]
            elif found := STATEMENT_ENDS.search(line):
                end = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
                while end < now - DAY_SECONDS / 2:  # past midnight
                    end += DAY_SECONDS
                now = max(now, end)
                if node := nodes.get(found[4]):
                    statements.append(Statement(node, end - float(found[5]), end))
    return statements


def shared_seconds(statements: Sequence[Statement]) -> dict[str, float]:
    """Seconds by node; those in which several statements ran are divided among them."""
    # At the same moment a statement begins before it ends.
    edges = [(each.begin, 1, each.node) for each in statements]
    edges += [(each.end, 2, each.node) for each in statements]
    seconds = dict.fromkeys((each.node for each in statements), 0.0)
    running: list[str] = []
    last = 0.0
    for moment, edge, node in sorted(edges):
        for shared in running:
            seconds[shared] += (moment - last) / len(running)
        last = moment
        if edge == 1:
            running.append(node)
        else:
            running.remove(node)
    return seconds


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))
