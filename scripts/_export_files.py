"""Files as their readers accept them: a header each, split where a limit is reached."""

import codecs
import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from _export_formats import Format
from _export_rows import line_writer

BUFFERED_BYTES = 1 << 20


@dataclass(frozen=True)
class WrittenFile:
    """A file as the manifest describes it."""

    path: Path
    rows: int
    size: int
    sha256: str


class SplitFile:
    """One kind of lines of one segment, in as many files as the limits ask for.

    There is no file before there is a line. `<stem>.csv` becomes `<stem>.1.csv` when
    there is a second.
    """

    def __init__(
        self,
        stem: Path,
        header: Sequence[str],
        chosen: Format,
        *,
        is_wanted: bool = False,
    ) -> None:
        self.stem = stem
        self.format = chosen
        self.header = line_writer(chosen)(header)
        self.is_wanted = is_wanted  # even without a line
        self.written: list[WrittenFile] = []
        self.rows = 0  # of all parts
        self._file: io.BufferedWriter | None = None
        self._encoder: Any = None

    def __enter__(self) -> Self:
        if self.is_wanted:
            self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, line: str) -> None:
        """Write a line, to the next part if it would be too much for this one."""
        if self._file is None:
            self._open()
        data = self._encode(line)
        if self._part_rows and self._is_too_much(data):
            self._close()
            self._open()
            data = self._encode(line)
        self._put(data)
        self._part_rows += 1
        self.rows += 1

    def _is_too_much(self, data: bytes) -> bool:
        rows, size = self.format.max_rows, self.format.max_bytes
        return (rows is not None and self._part_rows >= rows) or (
            size is not None and self._size + len(data) > size
        )

    def _encode(self, line: str) -> bytes:
        encoded: bytes = self._encoder.encode(line + self.format.newline)
        return encoded

    def _put(self, data: bytes) -> None:
        self._buffer.append(data)
        self._size += len(data)
        self._buffered += len(data)
        if self._buffered >= BUFFERED_BYTES:
            self._flush()

    def _flush(self) -> None:
        data = b"".join(self._buffer)
        self._hash.update(data)
        assert self._file is not None
        self._file.write(data)
        self._buffer.clear()
        self._buffered = 0

    def _path(self, part: int) -> Path:
        number = f".{part}" if part else ""
        return self.stem.with_name(f"{self.stem.name}{number}.csv")

    def _open(self) -> None:
        part = len(self.written)
        if part == 1:
            first = self.written[0]
            self.written[0] = WrittenFile(
                first.path.rename(self._path(1)), first.rows, first.size, first.sha256
            )
        self.stem.parent.mkdir(parents=True, exist_ok=True)
        self._current = self._path(part + 1 if part else 0)
        self._file = io.BufferedWriter(io.FileIO(self._current, "x"))
        # A mark of the byte order stands once in a file. '?' stands for what an old
        # encoding does not know.
        encoder = codecs.getincrementalencoder(self.format.encoding)
        self._encoder = encoder("replace")
        self._hash = hashlib.sha256()
        self._buffer: list[bytes] = []
        self._size = self._buffered = self._part_rows = 0
        self._put(self._encode(self.header))

    def _close(self) -> None:
        if self._file is None:
            return
        self._flush()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        self.written.append(
            WrittenFile(
                self._current, self._part_rows, self._size, self._hash.hexdigest()
            )
        )
