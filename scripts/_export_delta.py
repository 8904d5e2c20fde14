"""What a destination holds, what it should hold, and the difference.

Both are read in the order of the files, side by side, so that a delta of millions of
lines needs no more memory than one of a few.
"""

import csv
import heapq
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from _export_formats import Format
from _export_rows import (
    ROWS_A_PART,
    Digest,
    Line,
    Prepared,
    line_writer,
    read_part,
    write_part,
)
from _options import ActionableError

ADDED, CHANGED, REMOVED, SAME = "added", "changed", "removed", "same"
SNAPSHOT_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("export_id", "lead_id", "key", "line")]
)
ROWS_A_GROUP = 10_000


def merged(parts: Iterable[Path]) -> Iterator[Line]:
    """Read sorted parts as one."""
    return heapq.merge(*map(read_part, parts))


def without_duplicates(prepared: Prepared, is_once: bool) -> Iterator[Line]:
    """Give every record once; what is left out is counted as duplicate_key."""
    seen: set[str] = set()  # of crossings only, which stand in another order
    last = None
    for line in merged(prepared.parts):
        if is_once:
            key = line.key or line.line
            is_duplicate = key in seen
            seen.add(key)
        else:
            is_duplicate = line.place == last
            last = line.place
        if is_duplicate:
            prepared.skipped["duplicate_key"] += 1
        else:
            yield line


def compared(now: Iterator[Line], before: Iterator[Line]) -> Iterator[tuple[str, Line]]:
    """Yield each line with what happened to it. Both inputs are sorted and unique."""
    new, old = next(now, None), next(before, None)
    while new or old:
        if old is None or (new and new.place < old.place):
            assert new is not None
            yield ADDED, new
            new = next(now, None)
        elif new is None or old.place < new.place:
            yield REMOVED, old
            old = next(before, None)
        else:
            yield SAME if new.line == old.line else CHANGED, new
            new, old = next(now, None), next(before, None)


def snapshot_writer(file: Path) -> Any:
    """Open a snapshot to write, without dictionaries: hardly a value repeats."""
    return pq.ParquetWriter(
        file,
        SNAPSHOT_SCHEMA,
        compression="zstd",
        use_dictionary=False,
        write_statistics=False,
    )


class SnapshotWriter:
    """Keeps the lines as they were sent. Of a crossing only its id is kept."""

    def __init__(self, file: Path, is_once: bool) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.writer: Any = snapshot_writer(file)
        # Packing takes long and needs no Python: it goes on beside the merge.
        self.packer = ThreadPoolExecutor(1)
        self.packed: Future[None] | None = None
        self.is_once = is_once
        self.lines: list[tuple[str, str, str, str]] = []
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self.packer.shutdown()
        self.writer.close()
        if self.packed:
            self.packed.result()

    def write(self, line: Line) -> None:
        """Add a line; they must come in order."""
        texts = ("", "") if self.is_once else (line.key, line.line)
        self.lines.append((line.export_id, line.lead_id, *texts))
        self.count += 1
        if len(self.lines) >= ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self.lines:
            columns = zip(*self.lines, strict=True)
            arrays = [pa.array(column, pa.string()) for column in columns]
            batch = pa.record_batch(arrays, schema=SNAPSHOT_SCHEMA)
            self.lines.clear()
            if self.packed:
                self.packed.result()
            self.packed = self.packer.submit(self.writer.write_batch, batch)


def read_batches(file: Path) -> Iterator[Any]:
    """Read a snapshot piece by piece (iter_batches would keep what it has read)."""
    try:
        with pq.ParquetFile(file) as snapshot:
            for group in range(snapshot.num_row_groups):
                rows = snapshot.read_row_group(group, use_threads=False)
                yield from rows.to_batches()
    except (pa.ArrowException, OSError):
        raise ActionableError(
            f"{file}: is damaged; put it back, or remove it and empty this list at the"
            " destination: all members are then exported in full again, but nobody who"
            " has left since will be listed as removed"
        ) from None


def read_snapshot(file: Path, is_once: bool) -> Iterator[Line]:
    """Read what was sent, in order."""
    for batch in read_batches(file):
        columns = [column.to_pylist() for column in batch.columns]
        for export_id, lead_id, key, line in zip(*columns, strict=True):
            place = export_id if is_once else key or line
            yield Line(place, export_id, lead_id, key, line)


def digested(lines: Iterable[Line], digest: Digest) -> Iterator[Line]:
    """Read lines as a dry run compares them: by digests."""
    for line in lines:
        texts = {name: digest(getattr(line, name)) for name in ("place", "key", "line")}
        yield line._replace(**texts)


class Sorter:
    """Takes lines in any order and gives them back in theirs, held on disk between."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.parts: list[Path] = []
        self.some: list[Line] = []

    def add(self, line: Line) -> None:
        """Take a line."""
        self.some.append(line)
        if len(self.some) >= ROWS_A_PART:
            self._flush()

    def sorted(self) -> Iterator[Line]:
        """Give all lines back."""
        self._flush()
        return merged(self.parts)

    def _flush(self) -> None:
        self.parts.append(self.folder / f"{self.name}-{len(self.parts)}.arrow")
        write_part(self.some, self.parts[-1])
        self.some.clear()


def in_order(lines: Iterable[Line], folder: Path) -> Iterator[Line]:
    """Read what was sent in another order: that of its places."""
    sorter = Sorter(folder, "before")
    for line in lines:
        sorter.add(line)
    return sorter.sorted()


def keyed_again(
    before: Iterable[Line], delimiter: str, chosen: Format
) -> Iterator[Line]:
    """Read only the keys of what was sent, written as a format writes cells."""
    to_line = line_writer(chosen)
    for line in before:
        (cells,) = csv.reader([line.key or line.line], delimiter=delimiter)
        key = to_line(cells)
        yield line._replace(place=key, key=key, line="")


def taken_back(
    now: Iterable[Line], before: Iterator[Line], folder: Path
) -> Iterator[tuple[str, Line]]:
    """Yield who is there now, then who left, who was known by another key."""
    sorter = Sorter(folder, "now")
    for line in now:
        yield ADDED, line
        if line.former:
            sorter.add(Line(line.former, line.export_id, line.lead_id, "", ""))
    for kind, line in compared(sorter.sorted(), before):
        if kind == REMOVED:
            yield kind, line
