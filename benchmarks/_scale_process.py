"""Measure a whole process: wall time, processor time, peak memory and disk."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread

from _options import ActionableError

# Between us and the process stands a small one: Linux counts what a parent held before
# its child began as the child's own memory.
LAUNCHER = """
import json, os, subprocess, sys, time
begun = time.perf_counter()
process = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(process.pid, 0)
took = {
    "wall_seconds": round(time.perf_counter() - begun, 3),
    "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
    "peak_mb": round(used.ru_maxrss / 1024, 1),
    "exit_code": os.waitstatus_to_exitcode(status),
}
with open(sys.argv[1], "w") as file:
    json.dump(took, file)
"""
POLL_SECONDS = 0.25
SHOWN_LINES = 12


@dataclass(frozen=True)
class Measured:
    """What one process and its child processes used."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float  # of the largest of its processes
    spill_mb: float  # the most that lay in the spill folder at once
    exit_code: int
    message: str  # the end of what it said when it failed

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def measure(
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    spill: Path | None = None,
) -> Measured:
    """Run a command to its end; what it says goes to the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    surroundings = {**os.environ, **(environment or {})}
    measured = log.with_suffix(".json")
    measured.unlink(missing_ok=True)
    launched = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(measured), *command]
    with log.open("wb") as said, Watch(spill) as watch:
        process = subprocess.Popen(
            launched,
            stdout=said,
            stderr=said,
            env=surroundings,
            cwd=folder,
            start_new_session=True,
        )
        try:
            process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    text = log.read_text(encoding="utf-8", errors="replace")
    if not measured.exists():
        raise ActionableError(f"{command[0]}: cannot be measured: {last_lines(text)}")
    took = json.loads(measured.read_text(encoding="utf-8"))
    return Measured(
        **took,
        spill_mb=round(watch.most / 1e6, 1),
        message=last_lines(text) if took["exit_code"] else "",
    )


def last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-SHOWN_LINES:])


class Watch:
    """Looks at a folder now and then and remembers the most bytes seen there."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.most = 0
        self._is_over = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        if self.folder:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        if self.folder:
            self._thread.join()

    def _look(self) -> None:
        assert self.folder is not None
        while not self._is_over.wait(POLL_SECONDS):
            self.most = max(self.most, folder_size(self.folder))


def folder_size(folder: Path) -> int:
    """Bytes of the files below a folder; files and folders may vanish meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).stat().st_size
    return total
