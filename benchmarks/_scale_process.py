"""A whole process, measured: wall, processor, the most memory and disk it took."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread

POLL_SECONDS = 0.25
SHOWN_LINES = 12


@dataclass(frozen=True)
class Measured:
    """What one process took, those that it started included."""

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
    with log.open("wb") as said, Watch(spill) as watch:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=said, stderr=said, env=surroundings, cwd=folder
        )
        try:
            # Not process.wait(): only wait4 tells what this one child took.
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(encoding="utf-8", errors="replace")
    return Measured(
        wall_seconds=round(seconds, 3),
        cpu_seconds=round(used.ru_utime + used.ru_stime, 3),
        peak_mb=round(used.ru_maxrss / 1024, 1),
        spill_mb=round(watch.most / 1e6, 1),
        exit_code=process.returncode,
        message=last_lines(text) if process.returncode else "",
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
    """Bytes of the files below a folder; files may vanish meanwhile."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total
