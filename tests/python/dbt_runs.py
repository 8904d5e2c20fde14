"""dbt, run in process on a workspace: landing zone, warehouse and target lie there."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from pprint import pformat
from typing import Any
from unittest import mock

import msgpack
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.version import __version__ as dbt_version

from made_once import made_once

PROJECT = Path(__file__).parents[2]
DATABASE = "warehouse.duckdb"
PARSED = Path("target", "partial_parse.msgpack")
LAST_PARSED = Path("target", "last_parsed.msgpack")  # which a killed run leaves whole
# What a build runs that is to be read, not judged.
UNTESTED = ("--exclude-resource-type=test", "--exclude-resource-type=unit_test")


def run_dbt(
    workspace: Path,
    *arguments: str,
    project: Path = PROJECT,
    rules: str = "seeds/rules",
    artifacts: bool = False,
) -> Any:
    """Run dbt in process: landing zone, warehouse and target lie in the workspace.

    Artifacts take a second: who reads them asks for them.
    """
    know_parsed(workspace, rules, arguments)
    if not artifacts:
        arguments = ("--no-write-json", *arguments)
    result = invoke_dbt(workspace, project, rules, *arguments)
    if (workspace / PARSED).exists():
        shutil.copy(workspace / PARSED, workspace / LAST_PARSED)
    return result


def run_unread(script: str, *arguments: str) -> tuple[int, bytes]:
    """Run a script whose reader has seen enough, as `| head`: its status and errors."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, script, *arguments]
    result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    return result.returncode, result.stderr


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as where the disk has no more room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def know_parsed(workspace: Path, rules: str, arguments: tuple[str, ...]) -> None:
    """Give dbt what it parsed before: it takes a tenth of the time to see what changed.

    Another landing zone or other variables would make it parse everything anew. But
    models ask for variables when they are run, so only the names are changed here; if
    dbt disagrees, it just takes longer.
    """
    known = workspace / LAST_PARSED
    if not known.exists() and (PROJECT / rules).exists():
        name = f"parsed-{rules.replace('/', '-')}"
        known = made_once(name, lambda folder: parse(folder, rules)) / PARSED
    if known.exists():
        state = msgpack.unpackb(known.read_bytes(), strict_map_key=False)
        before = state["env_vars"]["LEAD_SCORING_LANDING"]
        state = replaced(state, before, str(workspace / "landing"))
        state["state_check"]["vars_hash"]["checksum"] = vars_hash(arguments)
        (workspace / PARSED).parent.mkdir(parents=True, exist_ok=True)
        (workspace / PARSED).write_bytes(msgpack.packb(state))


def parse(folder: Path, rules: str) -> None:
    found = invoke_dbt(folder, PROJECT, rules, "--quiet", "parse")
    assert found.success, found.exception


def vars_hash(arguments: tuple[str, ...]) -> str:
    """How dbt tells whether it parsed with these variables, profile and target."""
    given = dict(pairwise(arguments)).get("--vars", "{}")
    told = (pformat(yaml.safe_load(given)), "", "", dbt_version)
    return sha256("\x00".join(told).encode()).hexdigest()


def replaced(value: Any, before: str, after: str) -> Any:
    """The value with one text for another wherever it stands in it."""
    if isinstance(value, str):
        return value.replace(before, after)
    if isinstance(value, list):
        return [replaced(each, before, after) for each in value]
    if isinstance(value, dict):
        return {name: replaced(each, before, after) for name, each in value.items()}
    return value


def invoke_dbt(workspace: Path, project: Path, rules: str, *arguments: str) -> Any:
    with (
        mock.patch.dict(os.environ, surroundings(workspace, rules)),
        chdir(workspace),
    ):
        result = dbtRunner().invoke([*arguments, *places(workspace, project)])
        DuckDBConnectionManager.close_all_connections()  # dbt would keep it locked
    return result


def surroundings(workspace: Path, rules: str = "seeds/rules") -> dict[str, str]:
    """What dbt is told by the environment, when it runs in the workspace."""
    return {
        "LEAD_SCORING_LANDING": str(workspace / "landing"),
        "LEAD_SCORING_DATABASE": DATABASE,  # with another path it parses all anew
        "LEAD_SCORING_RULES": rules,  # relative to the project
        # A log takes time for each event, also for those it leaves out.
        "DBT_LOG_LEVEL_FILE": "none",
    }


def places(workspace: Path, project: Path) -> list[str]:
    return [
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(workspace / "target")),
        *("--log-path", str(workspace / "logs")),
    ]


def copy_project(folder: Path) -> Path:
    """A copy of the project whose seeds a test may change."""
    for part in ("macros", "models", "seeds"):
        shutil.copytree(PROJECT / part, folder / part)
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / file, folder / file)
    for part in ("generic", "rules"):
        shutil.copytree(PROJECT / "tests" / part, folder / "tests" / part)
    return folder
