"""Score a built warehouse under other rules, on a private copy.

Points, caps, decay, scales and bands bind late: the copy is scored again from its
stored hits, so that both rule sets see the same data on the same day. Events are read
only for a match that no rule looked for before, and then only for that match.
"""

import json
import os
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import yaml
from tqdm import tqdm

from _files import remove_stale_folders
from _options import PROJECT, ActionableError, did_you_mean
from _warehouse import RIVAL, fetch_one, open_warehouse, read_as_of_date

RIVAL_RULES = Path("target", "rival_rules")  # below the project, ignored by git

# What a rival is built for, as far as the project has it.
TARGETS = (
    "fct_lead_scores",
    "fct_lead_rule_points",
    "fct_segment_members",
    "fct_score_backtest_pooled",
)
# Small tables that are built first: more is run only if their rows change.
GATES = {
    "int_as_of_date": "identity",
    "int_backtest_cutoffs": "identity",
    "int_segment_days": "identity",
    "int_scoring_dates": "identity",
    "int_matches": "staging",
}
UNREAD_MATCHES = "int_matches_unread"
EVENT_READER = "int_matches_daily"
MESSAGES = 5


@dataclass
class RivalBuild:
    """A warehouse's scratch copy and the rules that it is scored under.

    Files in `rules` may be changed between two runs; a run does what they change.
    """

    database: Path
    rules: Path
    project: Path
    label: str
    variables: dict[str, Any]
    is_redated: bool
    loaded: dict[str, bytes]
    new_matches: int = field(default=0, init=False)
    stale: set[str] = field(default_factory=set, init=False)
    gates: dict[str, object] = field(default_factory=dict, init=False)

    def run(self, select: Sequence[str] = TARGETS) -> None:
        """Load and check the rules, then run what they change up to the targets."""
        self.gates = self.gates or self._gates()
        self._load_rules()
        gates = self._gates()
        # Noted before anything can fail, so that the next run makes up for it.
        self.stale |= {name for name in GATES if gates[name] != self.gates[name]}
        self.gates = gates
        if unread := self._count(f"staging.{UNREAD_MATCHES}"):
            self.stale.add(EVENT_READER)
            self._dbt("run", EVENT_READER)
            self.new_matches += unread
        flow = Flow.read(self.database.parent / "target" / "manifest.json")
        self.stale |= flow.below(self.stale)
        models = self.stale & flow.above(select) - flow.frozen
        if models:
            self._dbt("run", *sorted(models))
        self.stale -= models | flow.frozen

    def _load_rules(self) -> None:
        """Load the rule files that changed, test the rules, see what they look for."""
        files = {file.stem: file.read_bytes() for file in self.rules.glob("*.csv")}
        changed = [name for name in files if self.loaded.get(name) != files[name]]
        for name in changed:  # whatever becomes of it, its table is another now
            self.loaded.pop(name, None)
        steps = [*changed, *(["path:tests/rules"] if changed else [])]
        steps += [*GATES, UNREAD_MATCHES]
        if not self.is_redated:
            steps.remove("int_as_of_date")  # which looks at landed contacts
        # A file whose columns differ from its table's needs a new table.
        self._dbt("build", *steps, options=["--full-refresh"])
        self.loaded = files
        self.stale |= set(changed)

    def _gates(self) -> dict[str, object]:
        """Return for each gate what changes with its rows."""
        return {name: self._content(f"{GATES[name]}.{name}") for name in GATES}

    def _content(self, table: str) -> object:
        with open_warehouse(self.database) as connection:
            query = f"select count(*), sum(hash(gate)) from {table} as gate"
            return connection.execute(query).fetchone()

    def _count(self, table: str) -> int:
        with open_warehouse(self.database) as connection:
            query = f"select count(*) as rows_count from {table}"
            return int(fetch_one(connection, query)["rows_count"])

    def _dbt(self, command: str, *select: str, options: Sequence[str] = ()) -> None:
        """Run dbt on the copy, in this process; failures keep dbt's own message."""
        arguments = [command, *options, "--select", *select]
        if command == "build":
            # A test that reads more than what is built here would judge half a build.
            arguments += ["--indirect-selection", "cautious"]
            arguments += ["--exclude-resource-type", "unit_test"]
        watched = Watched(self.label)
        with surroundings(self.project, self.database, self.rules), watched.bar:
            result = invoke_dbt(
                [
                    *arguments,
                    *("--vars", json.dumps(self.variables, default=str)),
                    *("--target", duckdb_target(self.project)),
                    *("--project-dir", str(self.project)),
                    *("--profiles-dir", str(self.project)),
                    *("--target-path", str(self.database.parent / "target")),
                    *("--log-path", str(self.database.parent / "logs")),
                    *("--log-level", "none", "--log-level-file", "none", "--quiet"),
                ],
                watched,
            )
        if not result.success:
            messages = watched.messages or failures(result)
            raise ActionableError(f"{self.label}: {'; '.join(shortened(messages))}")


# --- What depends on what -----------------------------------------------------------


@dataclass(frozen=True)
class Flow:
    """The project's seeds and models, each with those that read it."""

    nodes: dict[str, Any]
    children: dict[str, list[str]]

    @classmethod
    def read(cls, manifest: Path) -> "Flow":
        """Read what dbt wrote about the project."""
        found = json.loads(manifest.read_text(encoding="utf-8"))
        nodes = {
            node["name"]: node
            for node in found["nodes"].values()
            if node["resource_type"] in ("seed", "model")
        }
        children: dict[str, list[str]] = {name: [] for name in nodes}
        for name, node in nodes.items():
            for parent in node.get("depends_on", {}).get("nodes", ()):
                children.setdefault(parent.split(".")[2], []).append(name)
        return cls(nodes, children)

    @property
    def frozen(self) -> set[str]:
        """What stays as it is: the data, and what was loaded or made first."""
        return {
            name
            for name, node in self.nodes.items()
            if name in GATES
            or node["config"]["materialized"] == "seed"
            or node["fqn"][1] == "staging"
            or (
                node["config"]["materialized"] == "incremental"
                and node["fqn"][1] == "identity"
            )
        }

    def below(self, changed: set[str]) -> set[str]:
        """Return the models that change with these."""
        frozen, found = self.frozen, set[str]()
        waiting = list(changed)
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in found | frozen:
                    found.add(child)
                    waiting.append(child)
        return found

    def above(self, targets: Sequence[str]) -> set[str]:
        """Return the models that these are made of, and these."""
        found: set[str] = set()
        waiting = [name for name in targets if name in self.nodes]
        while waiting:
            name = waiting.pop()
            if name not in found and self.nodes[name]["resource_type"] == "model":
                found.add(name)
                parents = self.nodes[name]["depends_on"]["nodes"]
                names = (parent.split(".")[2] for parent in parents)
                waiting += [parent for parent in names if parent in self.nodes]
        return found


# --- dbt in this process ------------------------------------------------------------


class Watched:
    """What dbt reports while it runs: the current node, and the messages of tests."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.messages: list[str] = []
        self.bar: tqdm[Any] = tqdm(unit=" nodes", disable=None, leave=False)

    def __call__(self, event: Any) -> None:
        """Take one event of dbt."""
        if event.info.name == "JinjaLogInfo":
            self.messages.append(event.info.msg.strip())
        elif event.info.name == "LogStartLine":
            self.bar.total = event.data.total
            self.bar.set_description(
                f"{self.label}: {event.data.node_info.node_name}", refresh=False
            )
            self.bar.update()


def invoke_dbt(arguments: list[str], watched: Watched) -> Any:
    """Run one dbt command and let go of the warehouse."""
    # Imported late: it takes longer than to report a wrong option.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    try:
        with interrupts_raised():
            return dbtRunner(callbacks=[watched]).invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()


@contextmanager
def interrupts_raised() -> Iterator[None]:
    """Raise an interruption again, which dbt reports as a failed run or a bad file."""
    interrupts: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if interrupts:
            raise KeyboardInterrupt


@contextmanager
def surroundings(project: Path, database: Path, rules: Path) -> Iterator[None]:
    """Point dbt to the copy and the rival rules; restore the environment afterwards."""
    values = {
        "LEAD_SCORING_DATABASE": str(database),
        "LEAD_SCORING_RULES": rules.relative_to(project).as_posix(),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        with chdir(Path.cwd()):  # dbt moves into the project and stays there
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def failures(result: Any) -> list[str]:
    """Return what went wrong in a run that gave no message."""
    if result.exception:
        return [str(result.exception)]
    failed = ("error", "fail", "runtime error")
    return [failure(node) for node in result.result or () if node.status in failed]


def failure(result: Any) -> str:
    """Return in one line what went wrong with a node."""
    if "on-run-start" in result.node.name:
        return str(result.message).rpartition("Error: ")[2]
    lines = [line.strip() for line in str(result.message).splitlines() if line.strip()]
    return f"{result.node.name}: {' '.join(lines[:2])}"


def shortened(messages: list[str]) -> list[str]:
    """Return the first messages, and how many more there are."""
    more = len(messages) - MESSAGES
    return messages[:MESSAGES] + ([f"and {more} more"] if more > 0 else [])


def duckdb_target(project: Path) -> str:
    """Return the target that builds where LEAD_SCORING_DATABASE says."""
    file = project / "profiles.yml"
    for profile in yaml.safe_load(file.read_text(encoding="utf-8")).values():
        for name, output in profile.get("outputs", {}).items():
            if "LEAD_SCORING_DATABASE" in str(output.get("path")):
                return str(name)
    raise ActionableError(
        f"{file}: no target takes its path from env LEAD_SCORING_DATABASE, so rules"
        " cannot be tried on a copy; give it one as the project came with"
    )


# --- The copy and its rules ---------------------------------------------------------


@contextmanager
def rival_warehouse(
    database: Path,
    rules: Path | None,
    *,
    variables: Mapping[str, Any] | None = None,
    project: Path = PROJECT,
) -> Iterator[RivalBuild]:
    """Copy a warehouse, to be scored under the rules of a folder; none: its own.

    The day to score is the warehouse's own unless `variables` say another.
    """
    project = project.resolve()
    given = dict(variables or {})
    with open_warehouse(database) as connection:
        built_for = str(read_as_of_date(connection))
    as_of_date = str(given.get("as_of_date") or built_for)
    # First what is quickly found wrong, then the copy.
    with staged_rules(project, rules) as staged, scratch_copy(database) as copy:
        yield RivalBuild(
            database=copy,
            rules=staged,
            project=project,
            label=str(rules or database),
            variables=given | {"as_of_date": as_of_date},
            is_redated=as_of_date != built_for,
            loaded=loaded_already(staged, rules),
        )


@contextmanager
def scratch_copy(database: Path) -> Iterator[Path]:
    """Copy a warehouse into a folder beside it, under the same name."""
    prefix = f"{database.name}{RIVAL}"
    remove_stale_folders(database.parent, prefix)
    check_space(database)
    prefix += f"{os.getpid()}."
    with TemporaryDirectory(prefix=prefix, dir=database.parent) as folder:
        copy = Path(folder).resolve() / database.name
        with open_warehouse(database):  # no build can begin while the file is read
            shutil.copyfile(database, copy)
            log = database.with_name(f"{database.name}.wal")
            if log.exists():
                shutil.copyfile(log, copy.with_name(log.name))
        yield copy


def check_space(database: Path) -> None:
    """Refuse a copy that would fill the disk."""
    needed = 1.5 * database.stat().st_size
    free = shutil.disk_usage(database.parent).free
    if free < needed:
        raise ActionableError(
            f"{database.parent}: {free / 1e9:,.1f} GB are free, a copy to try rules on"
            f" takes about {needed / 1e9:,.1f} GB; make room"
        )


@contextmanager
def staged_rules(project: Path, rules: Path | None) -> Iterator[Path]:
    """Give dbt the rules inside the project, the missing files with the current ones.

    A file that the folder lacks stands there for dbt to parse; its rows are those that
    the warehouse was built with.
    """
    current = current_rules(project)
    names = {file.name for file in current.glob("*.csv")}
    given = given_rules(rules, names) if rules else []
    place = project / RIVAL_RULES
    place.mkdir(parents=True, exist_ok=True)
    remove_stale_folders(place, "")
    with TemporaryDirectory(prefix=f"{os.getpid()}.", dir=place) as folder:
        for file in [*current.glob("*.csv"), *given]:
            shutil.copyfile(file, Path(folder, file.name))
        yield Path(folder)


def current_rules(project: Path) -> Path:
    """Return the folder of the rules that `dbt build` would take."""
    return project / (os.environ.get("LEAD_SCORING_RULES") or "seeds/rules")


def loaded_already(staged: Path, rules: Path | None) -> dict[str, bytes]:
    """Return the staged files that stand for what the warehouse holds."""
    given = {file.name for file in rules.glob("*.csv")} if rules else set()
    files = (file for file in staged.glob("*.csv") if file.name not in given)
    return {file.stem: file.read_bytes() for file in files}


def given_rules(rules: Path, names: set[str]) -> list[Path]:
    """Return the rule files of a folder; refuse one that no rule is read from."""
    if not rules.is_dir():
        raise ActionableError(
            f"{rules}: is no folder; copy seeds/rules and change the copy"
        )
    given = sorted(rules.glob("*.csv"))
    if not given:
        raise ActionableError(f"{rules}: holds no rule file such as {min(names)}")
    for file in given:
        if file.name not in names:
            hint = did_you_mean(file.name, names)
            raise ActionableError(f"{file}: is no rule file{hint}; rename or remove it")
        try:
            file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = file.read_bytes().count(b"\n", 0, error.start) + 1
            raise ActionableError(
                f"{file}, line {line}: is not UTF-8; save it as such"
                ' (Excel: "CSV UTF-8")'
            ) from None
    return given


def missing_rules(rules: Path, project: Path = PROJECT) -> list[str]:
    """Return the rule files that a folder leaves as they are."""
    have = {file.stem for file in rules.glob("*.csv")}
    known = {file.stem for file in current_rules(project).glob("*.csv")}
    return sorted(known - have)
