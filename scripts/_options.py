"""Options and error handling that every script shares."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]


class ActionableError(Exception):
    """An error with a one-sentence message that says how to fix it."""


def add_landing_option(parser: argparse.ArgumentParser) -> None:
    """Add --landing, the folder that holds the landing zone."""
    parser.add_argument(
        "--landing",
        type=Path,
        default=Path(os.environ.get("LEAD_SCORING_LANDING") or "landing"),
        metavar="FOLDER",
        help="landing zone (default: $LEAD_SCORING_LANDING, else %(default)s)",
    )


def add_database_option(parser: argparse.ArgumentParser) -> None:
    """Add --database, the DuckDB file that dbt builds."""
    default = os.environ.get("LEAD_SCORING_DATABASE")
    parser.add_argument(
        "--database",
        type=Path,
        default=Path(default or "warehouse/lead_scoring.duckdb"),
        metavar="FILE",
        help="warehouse (default: $LEAD_SCORING_DATABASE, else %(default)s)",
    )


def add_marts_option(parser: argparse.ArgumentParser) -> None:
    """Add --marts, the published copy that dashboards and syncs read."""
    default = os.environ.get("LEAD_SCORING_MARTS")
    parser.add_argument(
        "--marts",
        type=Path,
        default=Path(default or "warehouse/marts.duckdb"),
        metavar="FILE",
        help="published copy (default: $LEAD_SCORING_MARTS, else %(default)s)",
    )


def add_exports_option(parser: argparse.ArgumentParser) -> None:
    """Add --exports, the folder of what was handed to destinations."""
    parser.add_argument(
        "--exports",
        type=Path,
        default=Path("exports"),
        metavar="FOLDER",
        help="runs of export_segments.py (default: %(default)s)",
    )


def add_vars_option(parser: argparse.ArgumentParser) -> None:
    """Add --vars, the vars of a build of the warehouse."""
    parser.add_argument(
        "--vars",
        type=variables,
        default={},
        metavar="YAML",
        help="vars as given to dbt build, such as 'timezone: Europe/Paris'; as_of_date"
        " is the warehouse's own by default",
    )


def variables(text: str) -> dict[str, Any]:
    """The vars of dbt: a YAML mapping."""
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):  # of 2026-13-31, too
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not like 'as_of_date: 2026-03-31'"
        )
    return found


def add_project_option(parser: argparse.ArgumentParser) -> None:
    """Add --project-dir, the dbt project that scores."""
    parser.add_argument(
        "--project-dir",
        type=lambda folder: Path(folder).resolve(),
        default=PROJECT,
        metavar="FOLDER",
        help="dbt project (default: the one of this script)",
    )


def positive(text: str) -> int:
    """Read an option that counts something."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ' (did you mean ...?)' for the closest known word, else nothing."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f" (did you mean {by_lower[close[0]]}?)" if close else ""


def print_error(message: object) -> None:
    """Print what went wrong on stderr, on one line."""
    print("error:", *str(message).split(), file=sys.stderr)


def run_reporting_errors(body: Callable[[], int]) -> int:
    """Run a script's body and turn errors that a person can fix into exit code 1."""
    try:
        return body()
    except ActionableError as error:
        print_error(error)
    except (KeyboardInterrupt, RuntimeError) as error:
        # DuckDB raises a different error for an interrupted query.
        if KeyboardInterrupt not in (type(error), type(error.__cause__)):
            raise
        print_error("interrupted; run the same command again to finish")
        return 130
    except OSError as error:
        print_error(f"{error.filename or 'file system'}: {error.strerror or error}")
    return 1
