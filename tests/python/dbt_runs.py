"""dbt, run in process on a workspace: landing zone, warehouse and target lie there."""

import os
import shutil
from contextlib import chdir
from hashlib import md5
from pathlib import Path
from typing import Any
from unittest import mock

import msgpack
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from made_once import made_once

PROJECT = Path(__file__).parents[2]
DATABASE = "warehouse.duckdb"
PARSED = Path("target", "partial_parse.msgpack")
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

    Parsing a project takes dbt ten times as long as looking for what has changed in it:
    it is done once for all tests. Artifacts take a second, whoever reads them asks.
    """
    place = arguments.index("--vars") if "--vars" in arguments else len(arguments)
    variables = arguments[place : place + 2]
    name = f"parsed-{md5(repr((rules, variables)).encode()).hexdigest()}"
    own = workspace / "target" / f"{name}.msgpack"
    own.parent.mkdir(parents=True, exist_ok=True)
    if not own.exists() and (PROJECT / rules).exists():
        parsed = made_once(name, lambda folder: parse(folder, rules, *variables))
        shutil.copy(parsed / PARSED, own)
    if own.exists():
        state = msgpack.unpackb(own.read_bytes(), strict_map_key=False)
        # With another landing zone dbt would parse anew whatever reads of it.
        before = state["env_vars"]["LEAD_SCORING_LANDING"]
        state = replaced(state, before, str(workspace / "landing"))
        (workspace / PARSED).write_bytes(msgpack.packb(state))
    if not artifacts:
        arguments = ("--no-write-json", *arguments)
    result = invoke_dbt(workspace, project, rules, *arguments)
    shutil.copy(workspace / PARSED, own)
    return result


def parse(folder: Path, rules: str, *variables: str) -> None:
    found = invoke_dbt(folder, PROJECT, rules, "--quiet", "parse", *variables)
    assert found.success, found.exception


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
