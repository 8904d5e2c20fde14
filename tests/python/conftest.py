"""A folder that all workers of a test session share; it goes when the session ends."""

import os
import shutil
from tempfile import mkdtemp

import pytest

from made_once import FOLDER


def pytest_configure(config: pytest.Config) -> None:
    if FOLDER not in os.environ:  # workers have it from who started them
        os.environ[FOLDER] = mkdtemp(prefix="lead_scoring_tests_")
        config.add_cleanup(remove)


def remove() -> None:
    shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)
