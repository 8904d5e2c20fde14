"""Load CSV, JSON Lines and Parquet files into the landing zone, each file once.

A file with the column names of a landing table needs no mapping; the table is given by
--table or by the name of the file or its folder. Any other file needs a mapping. A file
is loaded completely or not at all, rows that are already landed are skipped, and lines
that cannot be read are kept in the table unreadable_rows.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from _landing import (
    FED_TABLES,
    LOADS,
    UNREADABLE_ROWS,
    Landing,
    literal,
    write_parquet,
)
from _load_counts import (
    TOLD_PROBLEMS,
    Counts,
    Outcome,
    Problems,
    counts_again,
    print_problems,
    print_summary,
)
from _load_files import SourceFile, find_files, passed_over
from _load_formats import reader_of
from _load_mapping import Load, MappingReader
from _load_progress import Progress
from _load_reading import Reader, Source
from _load_sql import first_sentence, instant
from _load_tables import TableLoad, plain_load
from _load_times import LandedTimes
from _options import (
    ActionableError,
    add_landing_option,
    print_error,
    run_reporting_errors,
)
from _warehouse import show

EXAMPLES = """\
examples:
  load_landing.py data/events.csv data/contacts.parquet
  load_landing.py exports/ --mapping mapping.yml
  load_landing.py --init

mapping.yml, one entry for each landing table that a file feeds:
  loads:
    - table: events
      file: "orders*.csv"                   # default: every file
      format: csv                           # csv, jsonl, parquet; default: by name
      delimiter: ";"                        # default: found from the header
      encoding: windows-1252                # default: UTF-8, else Windows-1252
      time_zone: Europe/London              # of times without an offset; default UTC
      timestamp_formats: ["%d/%m/%Y %H:%M"] # tried before ISO 8601
      where: "try_cast(Quantity as double) <> 0"
      group_by: [InvoiceNo, CustomerID]     # then expressions may aggregate
      columns:
        event_id: InvoiceNo                 # a column of the file
        source: {constant: shop}
        amount: {expression: "sum(cast(Quantity as double) * UnitPrice)"}
        properties: {columns: [Country]}    # a JSON object of these columns
    - table: contact_attributes             # one attribute for each column listed
      columns:
        contact_id: Lead
        attribute: {columns: [Lead Source, City], blanks: [Select]}
        updated_at: {constant: 2026-01-01}
  In CSV and JSON Lines every column is text; in Parquet it keeps its type.
"""


LISTED_NAMES = 5


class Loader:
    """Loads files into a locked landing zone, one at a time."""

    def __init__(
        self, landing: Landing, args: argparse.Namespace, loads: list[Load] | None
    ) -> None:
        self.landing = landing
        self.loads = loads
        self.table: str | None = args.table
        self.mapping_name = args.mapping.name if args.mapping else ""
        self.wished: datetime | None = args.loaded_at
        self.memory_limit: str = args.memory_limit
        self.ledger, self.newest = self._read_loads()
        self.times = LandedTimes(landing)
        self.has_stamped = False
        self.problems: list[Problems] = []

    def load(self, file: SourceFile, progress: Progress) -> list[Outcome]:
        """Load one file whole, or raise and change nothing."""
        name = file.path.name
        work = self.landing.staging / "file"
        work.mkdir()
        try:
            with self._engine() as connection:
                return FileLoad(self, connection, file, progress).run(work)
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except duckdb.OutOfMemoryException:
            raise ActionableError(
                f"{name}: does not fit in {self.memory_limit} of memory; raise"
                " --memory-limit"
            ) from None
        except duckdb.Error as error:
            raise ActionableError(
                f"{name}: {first_sentence(error)}; check that the file is complete and"
                " that the disk has room"
            ) from None
        except OSError as error:
            if self.landing.is_committing:
                raise  # the next run finishes it; another file must not come between
            raise ActionableError(
                f"{name}: {error.strerror or error}; fix that and run again"
            ) from None
        finally:
            shutil.rmtree(work, ignore_errors=True)
            self.landing.discard(self.landing.staging / "batch")

    def stamp(self) -> datetime:
        """Return the next load's instant, strictly later than every one before."""
        if self.wished and not self.has_stamped and self.wished <= self.newest:
            raise ActionableError(
                f"--loaded-at {self.wished.isoformat()}: a load of that time or later"
                f" is there already; give a time after {self.newest.isoformat()}"
            )
        self.has_stamped = True
        wished = self.wished or datetime.now(UTC).replace(tzinfo=None)
        self.newest = max(wished, self.newest + timedelta(microseconds=1))
        return self.newest

    def _read_loads(self) -> tuple[dict[str, list[int]], datetime]:
        """Return the ledger of the zone, and the newest load's instant."""
        try:
            with self._engine() as connection:
                ledger = self.landing.ledger(connection)
                return ledger, self.landing.newest_load(connection)
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except duckdb.OutOfMemoryException:
            raise ActionableError(
                f"--memory-limit {self.memory_limit}: is too little to read the landing"
                " zone; raise it"
            ) from None
        except duckdb.Error as error:
            named = re.search(r"'([^']+\.parquet)'", str(error))
            raise ActionableError(
                f"{named[1] if named else self.landing.folder}: cannot be read, it may"
                " be damaged; put it back from a backup, or move it away and load what"
                " it came from again"
            ) from None

    @contextmanager
    def _engine(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a DuckDB whose tables and overflow lie in the staging folder."""
        path = self.landing.staging / "work.duckdb"
        connection = duckdb.connect(path)
        try:
            try:
                connection.execute(f"set memory_limit = {literal(self.memory_limit)}")
            except duckdb.Error:
                raise ActionableError(
                    f"--memory-limit {self.memory_limit}: is not a size; write it such"
                    " as 4GB"
                ) from None
            spill = self.landing.staging / "spill"
            connection.execute(f"set temp_directory = {literal(spill)}")
            # The database is thrown away, so an error on closing does not matter.
            connection.execute("pragma disable_checkpoint_on_shutdown")
            connection.execute("set enable_progress_bar = true")
            connection.execute("set enable_progress_bar_print = false")
            yield connection
        finally:
            connection.close()
            for left in path.parent.glob("work.duckdb*"):
                left.unlink()


class FileLoad:
    """The load of one file."""

    def __init__(
        self,
        loader: Loader,
        connection: duckdb.DuckDBPyConnection,
        file: SourceFile,
        progress: Progress,
    ) -> None:
        self.loader = loader
        self.landing = loader.landing
        self.connection = connection
        self.file = file
        self.name = file.path.name
        self.progress = progress

    def run(self, work: Path) -> list[Outcome]:
        """Read the file, land its rows and commit; return the counts."""
        loads = self._chosen_loads()
        if not loads:
            return []
        reader = reader_of(self.connection, self.file, loads)
        with self.progress.phase(self.file, "checking", 0.1):
            content_hash = reader.examine()
        by_id = {load.identity(content_hash): load for load in loads}
        before = {i: self.loader.ledger[i] for i in by_id if i in self.loader.ledger}
        new = {i: load for i, load in by_id.items() if i not in before}
        outcomes = {}
        if new:
            with self.progress.phase(self.file, "reading", 0.4, self.connection):
                source = reader.read(work)
            outcomes = self._land(reader, source, new)
        for load_id, counts in before.items():
            outcomes[load_id] = self._outcome(by_id[load_id], counts_again(counts))
        return [outcomes[load_id] for load_id in by_id]

    def _outcome(self, load: Load, counts: Counts, note: str = "") -> Outcome:
        return Outcome(self.name, load.table, counts, note, load.attribute)

    def _chosen_loads(self) -> list[Load]:
        """Return the mapping's entries for the file; without mapping, its table's."""
        if self.loader.loads is None:
            name = self.loader.table or self.file.table_name()
            if name is None:
                raise ActionableError(
                    f"{self.name}: the name does not tell the landing table; give it"
                    f" with --table ({', '.join(FED_TABLES)}) or write a mapping file"
                )
            return [Load(name, ())]
        loads = [load for load in self.loader.loads if load.matches(self.file.path)]
        if not loads and self.file.folder is None:
            raise ActionableError(
                f"{self.name}: no entry of {self.loader.mapping_name} is for this"
                " file; check its `file` patterns"
            )
        return loads

    def _land(
        self, reader: Reader, source: Source, loads: dict[str, Load]
    ) -> dict[str, Outcome]:
        """Stage what each entry lands and commit it all."""
        # From here on a column holds the row order, so the engine need not keep it.
        self.connection.execute("set preserve_insertion_order = false")
        self.connection.execute("create table unreadable as from damaged")
        outcomes = {}
        for load_id, chosen in loads.items():
            load = chosen
            if not chosen.columns:
                load = plain_load(source, FED_TABLES[chosen.table])
            # Files are renamed one by one: a build may see one without the next.
            loaded_at = self.loader.stamp()
            with self.progress.phase(
                self.file, f"landing {load.table}", 0.5 / len(loads), self.connection
            ):
                table = TableLoad(
                    self.landing,
                    self.loader.times,
                    self.connection,
                    reader,
                    source,
                    load,
                )
                counts = table.run(load_id, loaded_at)
            outcomes[load_id] = self._outcome(load, counts, reader.note)
        problems = self._stage_unreadable(next(iter(loads)), loaded_at)
        self._stage_ledger(outcomes, loaded_at)
        self.loader.times.add(self.landing.commit())
        self.loader.problems += problems
        for load_id, outcome in outcomes.items():
            self.loader.ledger[load_id] = list(astuple(outcome.counts))
        return outcomes

    def _stage_unreadable(self, batch: str, loaded_at: datetime) -> list[Problems]:
        """Stage the rows that cannot be read; return why, if there are some."""
        query = (
            f"select {literal(self.name)} as file, line, text, error,"
            f" {instant(loaded_at)} as loaded_at from unreadable order by line"
        )
        first = self.connection.execute(
            "select line, error from unreadable order by line, error"
            f" limit {TOLD_PROBLEMS}"
        ).fetchall()
        if not first:
            return []
        path = self.landing.staged_file(UNREADABLE_ROWS, batch, loaded_at)
        count = write_parquet(self.connection, query, path)
        return [Problems(self.name, first, count)]

    def _stage_ledger(self, outcomes: dict[str, Outcome], loaded_at: datetime) -> None:
        queries = []
        for load_id, outcome in outcomes.items():
            texts = (load_id, outcome.file, outcome.table)
            values = [literal(text) for text in texts]
            values += [f"cast({n} as bigint)" for n in astuple(outcome.counts)]
            values.append(instant(loaded_at))
            named = zip(LOADS.columns, values, strict=True)
            queries.append("select " + ", ".join(f"{sql} as {c}" for c, sql in named))
        path = self.landing.staged_file(LOADS, next(iter(outcomes)), loaded_at)
        write_parquet(self.connection, " union all ".join(queries), path)


def instant_option(text: str) -> datetime:
    """Read --loaded-at."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time like 2026-05-31T06:00"
        ) from None


def usual_memory_gigabytes() -> float:
    """Return 4, or half of a smaller machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(4.0, memory / 2e9)


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files, or folders of them"
    )
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="which file columns fill which table",
    )
    parser.add_argument(
        "--table", choices=FED_TABLES, help="landing table of files without mapping"
    )
    parser.add_argument(
        "--init", action="store_true", help="only create an empty landing zone"
    )
    parser.add_argument(
        "--loaded-at",
        type=instant_option,
        metavar="TIME",
        help="the load's time, ISO 8601 in UTC (default: now)",
    )
    parser.add_argument(
        "--memory-limit",
        default=f"{usual_memory_gigabytes():.1f}GB",
        metavar="SIZE",
        help="memory that DuckDB may use before it spills to disk (%(default)s)",
    )
    add_landing_option(parser)
    args = parser.parse_args(argv)
    if not args.paths and not args.init:
        parser.error("give the files to load, or --init for an empty landing zone")
    if args.mapping and args.table:
        parser.error("--table is for files without --mapping, which names the tables")
    return args


def load_files(args: argparse.Namespace) -> int:
    """Load every file and print the summary; return the exit code."""
    loads = MappingReader(args.mapping).read() if args.mapping else None
    found = list(find_files(args.paths))
    files = [file for file in found if isinstance(file, SourceFile)]
    failures = [error for error in found if isinstance(error, ActionableError)]
    if failures and not files:  # `make build` would take an empty zone for a loaded one
        for failure in failures:
            print_error(failure)
        return 1
    outcomes: list[Outcome] = []
    landing = Landing(args.landing)
    with landing.locked(), Progress(files) as progress:
        loader = Loader(landing, args, loads)
        for file in files:
            try:
                outcomes += loader.load(file, progress)
            except ActionableError as error:
                failures.append(error)
            progress.finish(file)
    for failure in failures:
        print_error(failure)
    if outcomes:
        print_summary(outcomes)
    elif files and not failures:
        print_error(f"{args.mapping.name}: no entry's `file` matches a file found")
        return 1
    for note in dict.fromkeys(outcome.note for outcome in outcomes if outcome.note):
        show([note])
    if names := passed_over(args.paths):
        rest = f" and {len(names) - LISTED_NAMES} more" * (len(names) > LISTED_NAMES)
        listed = ", ".join(names[:LISTED_NAMES])
        show([f"Passed over, as no CSV, JSON Lines or Parquet: {listed}{rest}."])
    if any(outcome.counts.unreadable for outcome in outcomes):
        print_problems(loader.problems)
        show([f"Unreadable rows are kept in {args.landing / UNREADABLE_ROWS.name}."])
    return 1 if failures else 0


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    args = parse_arguments(argv)
    return run_reporting_errors(lambda: load_files(args))


if __name__ == "__main__":
    sys.exit(main())
