"""From rows of a leaf to lines of a file, in processes of their own.

A batch of rows becomes one part: lines as they will be written, sorted, on disk. What
is held in memory is a batch, however many members a segment has.
"""

import csv
import hashlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from _export_formats import FORMATS, Field, Format, Row
from _options import ActionableError

ROWS_A_PART = 20_000
ROWS_A_READ = 500  # of every part at once, when parts are merged
# Fewer rows are prepared sooner than a process starts.
ROWS_WORTH_A_PROCESS = 5_000
# Each lead that enters is sent once (a crossing), and not removed when it leaves.
ONCE = frozenset({"sales"})


class Line(NamedTuple):
    """One line of a file, in the order of files: by place, then by export_id."""

    place: str  # what the destination knows the record by; of a crossing, its id
    export_id: str
    lead_id: str
    key: str  # the cells of the format's key; '' when the whole line is the key
    line: str
    group: str = ""  # the value within which members are counted
    former: str = ""  # the key of the last run, if that was another


PART_SCHEMA = pa.schema([(name, pa.string()) for name in Line._fields])


@dataclass(frozen=True)
class Digest:
    """Stands in for texts that must not be kept; the secret dies with the run."""

    secret: bytes = field(default_factory=lambda: os.urandom(32))

    def __call__(self, text: str) -> str:
        return hashlib.blake2b(
            text.encode(), key=self.secret, digest_size=16
        ).hexdigest()


@dataclass(frozen=True)
class Task:
    """How a batch becomes a part: names, so that it can travel to another process."""

    destination: str
    variant: str
    region: str
    digest: Digest | None = None
    former: tuple[int, ...] = ()  # the cells of the key of the last run

    @property
    def format(self) -> Format:
        return format_of(self.destination, self.variant)


@dataclass
class Prepared:
    """What became of rows: the parts they are in, and why some are in none."""

    parts: list[Path] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def format_of(destination: str, variant: str) -> Format:
    """Return the format of a name."""
    return next(
        each
        for each in FORMATS
        if (each.destination, each.variant) == (destination, variant)
    )


# --- A row ----------------------------------------------------------------------------


class _Echo:
    """Gives back what csv writes."""

    def write(self, text: str) -> str:
        return text


def line_writer(chosen: Format) -> Callable[[Sequence[str]], str]:
    """Return a function from cells to a line without its end."""
    quoting: Any = chosen.quoting
    writer = csv.writer(
        _Echo(), delimiter=chosen.delimiter, quoting=quoting, lineterminator=""
    )
    return writer.writerow  # which returns what _Echo does


class Preparer:
    """Makes lines of one format."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.format = chosen = task.format
        self.to_line = line_writer(chosen)
        header = chosen.header()
        self.key = [header.index(name) for name in chosen.key]
        self.any_of = [header.index(name) for name in chosen.any_of]
        named = dict.fromkeys(chosen.fields[place].column for place in self.any_of)
        self.unreachable = f"no_usable_{'_or_'.join(named)}"

    def prepare(self, row: Row) -> Line | str:
        """Return a row's line, or why it has none."""
        # The default country reads phones, it does not tell where somebody lives.
        region = self.task.region
        called = row if row.get("country") or not region else {**row, "country": region}
        try:
            cells = [_cell(field, row, called) for field in self.format.fields]
        except Exception:  # its text could hold the person's data
            return self._why_failed(row, called)
        if self.any_of and not any(cells[place] for place in self.any_of):
            return self.unreachable
        key_cells = [cells[place] for place in self.key]
        former_cells = [cells[place] for place in self.task.former]
        if key_cells and not any(key_cells):
            return "no_key"
        line, key = self.to_line(cells), self.to_line(key_cells) if key_cells else ""
        former = self.to_line(former_cells) if any(former_cells) else ""
        group = row.get(self.format.min_members_column) or region
        export_id = str(row["export_id"])
        place = export_id if self.format.destination in ONCE else key or line
        if digest := self.task.digest:
            place, key, line = digest(place), digest(key), digest(line)
            former = digest(former) if former else ""
        lead_id = str(row.get("lead_id") or "")
        return Line(place, export_id, lead_id, key, line, str(group), former)

    def _why_failed(self, row: Row, called: Row) -> str:
        for each in self.format.fields:
            try:
                _cell(each, row, called)
            except Exception:
                return f"failed_{each.column}"
        return "failed"


def _cell(field: Field, row: Row, called: Row) -> str:
    return field.prepare(called if field.column == "phone" else row)


# --- A part ---------------------------------------------------------------------------


def prepare_part(task: Task, batch: bytes, part: Path) -> Counter[str]:
    """Write a batch's lines, sorted, to a part; return why rows are not among them."""
    preparer = Preparer(task)
    skipped: Counter[str] = Counter()
    lines = []
    with pa.ipc.open_stream(batch) as reader:
        for rows in reader:
            for row in rows.to_pylist():
                line = preparer.prepare(row)
                if isinstance(line, str):
                    skipped[line] += 1
                else:
                    lines.append(line)
    write_part(lines, part)
    return skipped


def write_part(lines: list[Line], part: Path) -> None:
    """Sort lines and write them, in batches small enough to read many parts at once."""
    lines.sort()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        pa.OSFile(str(part), "wb") as file,
        pa.ipc.new_stream(file, PART_SCHEMA, options=options) as writer,
    ):
        for start in range(0, len(lines), ROWS_A_READ):
            some = lines[start : start + ROWS_A_READ]
            # Lines are long: a place that is the key or the line is not stored twice.
            places = ["" if x.place == (x.key or x.line) else x.place for x in some]
            _, *others = zip(*some, strict=True)
            arrays = [pa.array(column, pa.string()) for column in (places, *others)]
            writer.write_batch(pa.record_batch(arrays, schema=PART_SCHEMA))


def read_part(part: Path) -> Iterator[Line]:
    """Read a part's lines as they stand."""
    with pa.OSFile(str(part)) as file, pa.ipc.open_stream(file) as reader:
        for batch in reader:
            columns = [column.to_pylist() for column in batch.columns]
            for place, export_id, lead_id, key, line, *more in zip(
                *columns, strict=True
            ):
                yield Line(place or key or line, export_id, lead_id, key, line, *more)


# --- Processes ------------------------------------------------------------------------


def _start_worker() -> None:
    """Die with the parent: kill -9 tells no children."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile is born without it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workers:
    """Prepares batches, in other processes if there is enough to do."""

    def __init__(self, pool: ProcessPoolExecutor | None, jobs: int) -> None:
        self.pool = pool
        self.most_waiting = jobs * 2  # batches read ahead: more would only fill memory
        self.waiting: dict[Future[Counter[str]], tuple[Prepared, int]] = {}
        self.progress: Callable[[int], object] = lambda _: None

    def submit(
        self, prepared: Prepared, task: Task, batch: bytes, rows: int, part: Path
    ) -> None:
        """Have a batch prepared; what became of it is added to `prepared` in time."""
        prepared.parts.append(part)
        if self.pool is None:
            prepared.skipped += prepare_part(task, batch, part)
            self.progress(rows)
            return
        with _without_ctrl_c():  # it may start a process
            future = self.pool.submit(prepare_part, task, batch, part)
        self.waiting[future] = (prepared, rows)
        while len(self.waiting) >= self.most_waiting:
            self._collect()

    def finish(self) -> None:
        """Wait for all that was submitted."""
        while self.waiting:
            self._collect()

    def _collect(self) -> None:
        done, _ = wait(self.waiting, return_when=FIRST_COMPLETED)
        for future in done:
            prepared, rows = self.waiting.pop(future)
            prepared.skipped += future.result()
            self.progress(rows)


@contextmanager
def workers(jobs: int, rows: int) -> Iterator[Workers]:
    """Start as many processes as the rows are worth."""
    if jobs < 2 or rows < ROWS_WORTH_A_PROCESS:
        yield Workers(None, jobs)
        return
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start_worker
    )
    try:
        yield Workers(pool, jobs)
    except BrokenProcessPool:
        raise ActionableError(
            "a process that prepared rows was ended from outside, perhaps for want of"
            " memory; nothing was exported, run again, with --jobs 1 if it persists"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
