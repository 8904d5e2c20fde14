"""What a test session is given: a folder for all workers, and an order."""

import os
import shutil
from tempfile import mkdtemp

import pytest

from made_once import FOLDER


def pytest_configure(config: pytest.Config) -> None:
    """Make a folder that all workers share; it goes when the session ends."""
    if FOLDER not in os.environ:  # workers have it from who started them
        os.environ[FOLDER] = mkdtemp(prefix="lead_scoring_tests_")
        config.add_cleanup(remove)


def remove() -> None:
    shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files begin first, so that no worker is left alone with one of them."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
