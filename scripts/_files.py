"""Files that survive a power cut and are complete whenever somebody reads them."""

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sync(path: Path) -> None:
    """Make a file or folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def written_beside(file: Path) -> Iterator[Path]:
    """Give a file to write; put it in place at once when all went well."""
    file.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(file)
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    try:
        yield partial
        sync(partial)
        # Left by somebody who wrote into the old copy; it would damage the new one.
        file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
        os.replace(partial, file)
        sync(file.parent)
    finally:
        for rest in (partial, partial.with_name(f"{partial.name}.wal")):
            rest.unlink(missing_ok=True)


def remove_stale(file: Path) -> None:
    """Remove what killed processes left beside the file."""
    for rest in file.parent.glob(f"{glob.escape(file.name)}.*.partial*"):
        owner = rest.name.removeprefix(f"{file.name}.").split(".")[0]
        is_ours = owner == str(os.getpid())  # of a process that had this number before
        if owner.isdecimal() and (is_ours or not is_running(int(owner))):
            rest.unlink(missing_ok=True)


def remove_stale_folders(place: Path, prefix: str) -> None:
    """Remove the folders `<prefix><process>.…` that killed processes left."""
    for rest in place.glob(f"{glob.escape(prefix)}*"):
        owner = rest.name.removeprefix(prefix).split(".")[0]
        if owner.isdecimal() and not is_running(int(owner)):
            shutil.rmtree(rest, ignore_errors=True)


def is_running(process: int) -> bool:
    """Tell whether a process is alive."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
