"""Generate a believable home-and-garden shop: events, contacts, consents."""

import argparse
import os
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import _demo_catalogue as shop
from _demo_block import Plan
from _demo_files import write_shop
from _files import remove_stale_folders
from _options import ActionableError, print_error, run_reporting_errors
from _warehouse import show

EXAMPLES = """examples:
  generate_demo_shop.py
  generate_demo_shop.py --events 20000000 --output big --before-day 2026-05-31
  generate_demo_shop.py --events 20000000 --output morning --only-day 2026-05-31

The last two together are the shop of --events 20000000: a history, and the morning
that follows. The same arguments always give the same bytes."""

SMALLEST_SHOP, LONGEST_SHOP = 1_000, 3_650


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--output", type=Path, default=Path("demo"), help="folder to write (demo)")
    add("--events", type=int, default=50_000, help="rows of events (50000)")
    add("--days", type=int, default=180, help="days of history (180)")
    add(
        "--end-date",
        type=parse_date,
        default=date(2026, 5, 31),
        help="the last day (2026-05-31)",
    )
    add(
        "--seed",
        type=int,
        default=7,
        help="random seed; another one gives another shop (7)",
    )
    arrival = parser.add_mutually_exclusive_group()
    arrival.add_argument(
        "--only-day", type=parse_date, help="write only what arrived on this day"
    )
    arrival.add_argument(
        "--before-day", type=parse_date, help="write only what arrived before this day"
    )
    add(
        "--replace",
        action="store_true",
        help="replace a shop that an earlier run wrote into the folder",
    )
    return parser


def parse_date(text: str) -> date:
    """A date as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a date like 2026-05-31"
        raise argparse.ArgumentTypeError(message) from None


def make_plan(arguments: argparse.Namespace) -> Plan:
    """The shop that was asked for."""
    if arguments.events < SMALLEST_SHOP:
        raise ActionableError(f"--events must be at least {SMALLEST_SHOP}.")
    if not 7 <= arguments.days <= LONGEST_SHOP:
        raise ActionableError(f"--days must lie between 7 and {LONGEST_SHOP}.")
    if arguments.seed < 0:
        raise ActionableError("--seed must not be negative.")
    if not 1980 <= arguments.end_date.year <= 2030:
        raise ActionableError("--end-date must lie between 1980 and 2030.")
    first_day = arguments.end_date - timedelta(days=arguments.days - 1)
    for option in ("only_day", "before_day"):
        day = getattr(arguments, option)
        if day is not None and not first_day <= day <= arguments.end_date:
            name = option.replace("_", "-")
            raise ActionableError(
                f"--{name} must lie between {first_day} and {arguments.end_date}."
            )
    return Plan(
        seed=arguments.seed,
        events=arguments.events,
        first_day=first_day,
        days=arguments.days,
        arrived_from=arguments.only_day,
        arrived_before=arguments.before_day
        or (arguments.only_day and arguments.only_day + timedelta(days=1)),
    )


def check_folder(output: Path, may_replace: bool) -> None:
    """Refuse a folder whose content is not to be replaced."""
    if output.exists() and not output.is_dir():
        raise ActionableError(f"{output} is a file; choose another --output.")
    if output.exists() and any(output.iterdir()):
        is_ours = all(is_ours_to_replace(entry) for entry in output.iterdir())
        if not (may_replace and is_ours):
            remedy = "add --replace" if is_ours else "choose another --output"
            raise ActionableError(f"{output} is not empty; {remedy}.")


def is_ours_to_replace(entry: Path) -> bool:
    """True for what this script writes."""
    return entry.name.split(".")[0] in shop.TABLES


def generate(plan: Plan, output: Path, may_replace: bool) -> int:
    """Write the shop beside the output, put it in place, and say what is in it."""
    check_folder(output, may_replace)
    output.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{output.name}.partial."
    remove_stale_folders(output.parent, prefix)
    prefix += f"{os.getpid()}."
    with TemporaryDirectory(prefix=prefix, dir=output.parent) as folder:
        beside = Path(folder, output.name)
        beside.mkdir()
        counts = write_shop(plan, beside)
        check_folder(output, may_replace)  # another run may have ended meanwhile
        shutil.rmtree(output, ignore_errors=True)
        beside.rename(output)
    lines = [f"{table:20} {count:>13,} rows" for table, count in counts.items()]
    show([*lines, f"written to {output}"])
    return 0


def main(argv: list[str] | None = None) -> int:
    """Generate the shop; returns the exit code."""
    arguments = make_parser().parse_args(argv)
    try:
        plan = make_plan(arguments)
    except ActionableError as error:
        print_error(error)
        return 2
    return run_reporting_errors(
        lambda: generate(plan, arguments.output, arguments.replace)
    )


if __name__ == "__main__":
    sys.exit(main())
