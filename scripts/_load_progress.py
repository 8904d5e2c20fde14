"""The progress bar of a load."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import duckdb
from tqdm import tqdm

from _load_files import SourceFile


class Progress:
    """A bar over the bytes of all files: soon on a terminal, seldom in a log."""

    def __init__(self, files: list[SourceFile]) -> None:
        self.sizes = {file.path: max(file.path.stat().st_size, 1) for file in files}
        pause = 0.2 if sys.stderr.isatty() else 30.0
        self.bar: tqdm[Any] = tqdm(
            total=sum(self.sizes[file.path] for file in files),
            unit="B",
            unit_scale=True,
            delay=max(pause, 1),
            mininterval=pause,
            leave=False,
        )
        self.done = self.finished = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    @contextmanager
    def phase(
        self,
        file: SourceFile,
        what: str,
        share: float,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> Iterator[None]:
        """Move the bar by a share of a file while the body runs."""
        size = self.sizes[file.path] * share
        self.bar.set_description(f"{file.path.name}: {what}", refresh=False)
        over = threading.Event()

        def follow() -> None:
            while connection is not None and not over.wait(0.2):
                part = min(max(connection.query_progress(), 0), 100) / 100
                self._show(self.done + size * part)

        watcher = threading.Thread(target=follow, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
        self.done += size
        self._show(self.done)

    def finish(self, file: SourceFile) -> None:
        """Count a file as done, whatever became of it."""
        self.finished += self.sizes[file.path]
        self.done = self.finished
        self._show(self.done)

    def _show(self, done: float) -> None:
        self.bar.update(max(int(done) - self.bar.n, 0))
