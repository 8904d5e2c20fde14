"""What takes long is made once for all tests, by the worker that needs it first."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

FOLDER = "LEAD_SCORING_TEST_FOLDER"  # set by conftest


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name: filled by one worker while the others wait for it.

    It is to be read, or copied: who changes it changes it for every test.
    """
    folder = Path(os.environ[FOLDER], name)
    done = folder.with_name(f"{name}.done")
    with open(folder.with_name(f"{name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
