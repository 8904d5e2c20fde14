"""Join the households mailed in each campaign with its start date, into one file.

The loader reads one file at a time, and the date of a mailing is in another file, that
of the campaigns. If any campaign has no date, no file is written.
"""

import argparse
import sys
from pathlib import Path

import duckdb

EXAMPLE = """\
example:
  prepare_mailings.py data/complete_journey data/mailings.parquet
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="folder with the exported files")
    parser.add_argument("target", type=Path, help="Parquet file to write")
    args = parser.parse_args(argv)
    try:
        campaigns = relation(args.folder, "campaigns")
        descriptions = relation(args.folder, "campaign_descriptions")
        mailings = campaigns.join(descriptions, "campaign_id", how="left")
        undated = mailings.filter("start_date is null").count("*").fetchone()
        if undated != (0,):
            raise ValueError("campaign_descriptions lacks the start_date of a campaign")
        mailings.order("campaign_id, household_id").write_parquet(str(args.target))
    except (OSError, ValueError, duckdb.Error) as error:
        print("error:", str(error).splitlines()[0], file=sys.stderr)
        return 1
    return 0


def relation(folder: Path, name: str) -> duckdb.DuckDBPyRelation:
    """Return an exported table, Parquet or CSV."""
    if (folder / f"{name}.parquet").exists():
        return duckdb.read_parquet(str(folder / f"{name}.parquet"))
    if (folder / f"{name}.csv").exists():
        return duckdb.read_csv(
            str(folder / f"{name}.csv"), dtype={"campaign_id": "varchar"}
        )
    raise ValueError(
        f"{folder}: holds no {name}.parquet or {name}.csv; export it first"
    )


if __name__ == "__main__":
    sys.exit(main())
