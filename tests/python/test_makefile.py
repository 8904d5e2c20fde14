"""What `make build` does where paths, or the number of jobs, are not the usual ones."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dbt_runs import PROJECT


def make(folder: Path, *arguments: str, **named: str) -> str:
    """Run make as a shell would, not as a part of the make that runs the tests."""
    shutil.copy(PROJECT / "Makefile", folder)
    given = ("MAKE", "VENV", "PYTHON")
    outside = {k: v for k, v in os.environ.items() if not k.startswith(given)}
    lock = folder / "requirements.lock"
    lock.touch()
    os.utime(lock, (0, 0))  # older than the environment
    result = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=outside | named,
        stdout=subprocess.PIPE,
        check=True,
    )
    return result.stdout.decode()


@pytest.mark.parametrize("name", ["landing", "a shop's $landing zone"])
def test_only_a_landing_zone_without_loads_gets_the_demo_shop(
    tmp_path: Path, name: str
) -> None:
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    for tool in ("python", "dbt"):
        (tools / tool).write_text('#!/bin/sh\necho asked: "$@"\n')
        (tools / tool).chmod(0o755)
    (tmp_path / ".venv" / "installed").touch()
    landing = {"LEAD_SCORING_LANDING": str(tmp_path / name)}

    assert "asked: scripts/load_landing.py demo\n" in make(tmp_path, "build", **landing)
    (tmp_path / name / "loads").mkdir(parents=True)
    told = make(tmp_path, "build", **landing)
    assert "asked: build" in told
    assert "demo" not in told


def test_side_by_side_the_environment_is_made_once(tmp_path: Path) -> None:
    told = make(tmp_path, "--dry-run", "--jobs=4", "build")
    assert told.count("-m venv") == 1


def test_an_environment_with_a_space_in_its_name_is_refused(tmp_path: Path) -> None:
    result = subprocess.run(
        ["make", "-n", "-f", PROJECT / "Makefile", "build", "VENV=my env"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 2
    assert 'VENV is "my env": make needs a folder without spaces' in result.stderr
