"""Compute engagement points with one hand-written DuckDB script, peer_duckdb.sql."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from _peer_inputs import Inputs, run_peer

SCRIPT = Path(__file__).with_suffix(".sql")


def score(inputs: Inputs) -> None:
    """Run the script in memory and write its result."""
    with TemporaryDirectory(dir=inputs.output.parent) as spill, duckdb.connect() as run:
        options = {
            "threads": inputs.threads,
            "memory_limit": inputs.memory,
            "temp_directory": spill,
            "preserve_insertion_order": False,
        }
        for name, value in options.items():
            run.execute(f"set {name} = '{value}'")
        variables = {
            "landing": inputs.landing,
            "reference": inputs.reference,
            "rules": inputs.rules,
            "as_of_date": inputs.as_of_date,
        }
        for name, value in variables.items():
            run.execute(
                f"set variable {name} = ?", [None if value is None else str(value)]
            )
        run.execute(SCRIPT.read_text(encoding="utf-8"))
        run.execute(f"copy result to '{inputs.output}' (format parquet)")


def main(argv: list[str] | None = None) -> int:
    """Run the peer; returns the exit code."""
    return run_peer(score, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
