"""Check that a peer's points equal those the warehouse publishes, lead by lead."""

import argparse
import sys
from pathlib import Path

from _peer_inputs import ActionableError, run_reporting_errors
from _warehouse import open_warehouse

EXAMPLE = """\
example:
  check_peers.py --database warehouse/lead_scoring.duckdb points.parquet"""
TOLERANCE = 1.001e-9  # one unit of the ninth decimal, the last one that is published
NAMED = 3  # leads that a message names
COLUMNS = ("engagement_points", "engagement_score")


def check(database: Path, points: Path) -> str:
    """Compare a peer's file with the warehouse; return what was equal."""
    apart = " or ".join(
        f"peer.{name} is null or not abs(peer.{name} - built.{name}) <= {TOLERANCE}"
        for name in COLUMNS
    )
    with open_warehouse(database) as connection:
        found = connection.execute(
            f"""
            with peer as (from read_parquet(?)),
            built as (from scores.fct_lead_scores),
            compared as (
                select
                    coalesce(peer.lead_id, built.lead_id) as lead_id,
                    peer.lead_id is null as is_missing,
                    built.lead_id is null as is_surplus,
                    peer.lead_id = built.lead_id and ({apart}) as is_apart,
                    peer.engagement_points as peer_points,
                    built.engagement_points as built_points
                from peer full join built on peer.lead_id = built.lead_id
            )
            select count_if(is_missing), count_if(is_surplus), count_if(is_apart),
                count(*) - count(distinct lead_id), count(*), sum(built_points),
                list(lead_id order by lead_id) filter (
                    is_missing or is_surplus or is_apart
                )[:{NAMED}],
                sum(peer_points)
            from compared""",
            [str(points)],
        ).fetchone()
    assert found is not None
    missing, surplus, apart_count, repeated, leads, total, named, peer_total = found
    if not leads:
        raise ActionableError(f"{database}: has no lead, so nothing can be compared")
    if missing or surplus or apart_count or repeated:
        first = f"; the first: {', '.join(named)}" if named else ""
        raise ActionableError(
            f"{points.name} is not what {database.name} publishes: {missing} leads"
            f" missing, {surplus} too many, {apart_count} with other points, {repeated}"
            f" twice; sum {peer_total}, not {total}{first}"
        )
    return f"{leads:,} leads, {total:,.6f} points in sum"


def main(argv: list[str] | None = None) -> int:
    """Compare peers' files with a warehouse; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", type=Path, required=True, metavar="FILE")
    parser.add_argument("points", type=Path, nargs="+", metavar="FILE")
    given = parser.parse_args(argv)

    def body() -> int:
        for points in given.points:
            print(f"{points.name}: equal, {check(given.database, points)}")
        return 0

    return run_reporting_errors(body)


if __name__ == "__main__":
    sys.exit(main())
