"""The exports folder: one folder a run, which appears at once or not at all.

`exports/<as_of_date>.<n>/` holds a run's files, its `manifest.json` and, in `sent/`,
the rows as they were sent, which the next delta is compared with.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Forgotten:
    """What an erasure took out of the exports folder, and who had been sent it."""

    lines: int = 0  # of exported files
    rows: int = 0  # of snapshots
    files: list[str] = field(default_factory=list)  # rewritten, relative to the folder
    # (destination, segment): systems that hold the person until told otherwise.
    sent_to: set[tuple[str, str]] = field(default_factory=set)


def forget(exports: Path, keys: Mapping[str, Collection[str]]) -> Forgotten:
    """Remove a person's lines from every exported file and snapshot.

    `keys` holds all that is known of the person, as it was landed, by the column of the
    leaves that would hold it: `lead_id`, `email`, `phone`, and `country`, which says
    how to read a phone without country code. The values are normalised and hashed here,
    by the very formats that wrote the files, so none of them need be given twice.

    A line is the person's when a cell of it is its lead_id, an email or a phone, plain
    or hashed. Each run's files take their place with the manifest's rows, bytes and
    sha256 mended; killed at any point, calling it again finishes. Nothing found, or no
    folder, is no error; an export that runs at the same time is (ActionableError).
    """
    raise NotImplementedError
