"""Export the segments as files in the format that each destination imports.

The warehouse decides who may be exported (fct_segment_exports says why others may not);
this script writes their rows in the format of each destination. By default it writes
only what changed since the last export: leads added, changed and removed. A segment
that was never exported before is written in full.

Each run writes a folder, exports/<as_of_date>.<n>/, with a manifest.json; the folder
appears only when it is complete. A killed run leaves nothing; run it again. The
warehouse is only read.

The last dbt command must be a `dbt build` of the whole project in which every test
passed; its tables are exported.
"""

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import phonenumbers
import pyarrow as pa
from tqdm import tqdm

from _build_results import add_run_results_option, read_passed_build
from _export_delta import (
    CHANGED,
    REMOVED,
    SAME,
    SnapshotWriter,
    compared,
    digested,
    in_order,
    keyed_again,
    read_snapshot,
    taken_back,
    without_duplicates,
)
from _export_files import SplitFile
from _export_formats import FORMATS
from _export_plan import (
    DELTA,
    FULL,
    Export,
    plan,
    read_members,
    read_unformatted,
    unformatted_text,
    variants_of,
    variants_text,
)
from _export_rows import ROWS_A_PART, Digest, Line, Task, Workers, workers
from _export_runs import KINDS, Exports, snapshot_path
from _options import (
    ActionableError,
    add_database_option,
    add_exports_option,
    did_you_mean,
    positive,
    run_reporting_errors,
)
from _warehouse import Column, open_warehouse, plural, read_as_of_date, show, table

EXAMPLES = """\
examples:
  export_segments.py --dry-run                       # who would be exported, who not
  export_segments.py                                 # what changed, all destinations
  export_segments.py --destination meta --segment hot_leads --mode full
  export_segments.py --destination meta --variant plain --region ES"""

ENGINE_MEMORY = "1GB"

# --- Reading, preparing --------------------------------------------------------------


def prepare(
    connection: duckdb.DuckDBPyConnection,
    exports: Sequence[Export],
    given: argparse.Namespace,
    folder: Path,
    digest: Digest | None,
) -> None:
    """Turn the members of every segment into lines, in sorted parts."""
    total = sum(export.rows for export in exports)
    with (
        workers(given.jobs, total) as crew,
        tqdm(
            total=total, unit=" rows", unit_scale=True, disable=None, leave=False
        ) as bar,
    ):
        crew.progress = bar.update
        for place, export in enumerate(exports):
            if export.rows:
                bar.set_description(export.name)
                prepare_one(
                    connection, export, given, folder / str(place), crew, digest
                )
        crew.finish()


def prepare_one(
    connection: duckdb.DuckDBPyConnection,
    export: Export,
    given: argparse.Namespace,
    folder: Path,
    crew: Workers,
    digest: Digest | None,
) -> None:
    """Have the members of one segment prepared, batch by batch."""
    folder.mkdir()
    destination, segment, variant = export.triple
    task = Task(destination, variant, given.region or "", digest, export.former or ())
    reader = connection.execute(export.query, [segment]).to_arrow_reader(ROWS_A_PART)
    for number, batch in enumerate(reader):
        part = folder / f"{number}.arrow"
        crew.submit(export.prepared, task, as_bytes(batch), batch.num_rows, part)


def as_bytes(batch: Any) -> bytes:
    """Return a batch as it travels between processes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


# --- Comparing, writing --------------------------------------------------------------


def differences(
    export: Export, folder: Path, digest: Digest | None
) -> Iterator[tuple[str, Line]]:
    """Yield every line of this run and the last one with what happened to it."""
    before: Iterator[Line] = iter(())
    is_rekeyed = export.former is not None
    if export.sent:
        before = read_snapshot(export.sent.snapshot, export.is_once)
        if is_rekeyed:
            delimiter = export.sent.entry["format"]["delimiter"]
            before = keyed_again(before, delimiter, export.format)
        if digest:
            before = digested(before, digest)
        if is_rekeyed or digest:
            before = in_order(before, folder)
    now = without_duplicates(export.prepared, export.is_once)
    if is_rekeyed:
        yield from taken_back(now, before, folder)
        return
    for kind, line in compared(now, before):
        # An entry that was sent once is neither sent again nor removed.
        was_sent = export.is_once and kind == CHANGED
        yield SAME if was_sent else kind, line


def write_export(
    export: Export, run: Path | None, parts: Path, mode: str, digest: Digest | None
) -> None:
    """Write one triple's files and its snapshot; without a run only count."""
    is_full = export.choose_mode(mode)
    chosen, stem = export.format, export.triple.stem
    # Without a key the whole row identifies a record: then only full files remove one.
    hides_removals = export.is_once or (is_full and not chosen.key)
    files: dict[str, SplitFile] = {}
    parts.mkdir(exist_ok=True)
    with ExitStack() as stack:
        if run:
            stems = {
                kind: run / stem.with_name(f"{stem.name}.{kind}") for kind in KINDS
            }
            # The list must be replaced by an empty one.
            is_wanted = is_full and bool(export.sent and export.sent.rows)
            for kind, path in stems.items():
                header = export.header(is_removed=kind == REMOVED)
                files[kind] = stack.enter_context(
                    SplitFile(
                        path, header, chosen, is_wanted=is_wanted and kind == FULL
                    )
                )
            file = snapshot_path(run, export.triple)
            snapshot = stack.enter_context(SnapshotWriter(file, export.is_once))
        for difference, line in differences(export, parts, digest):
            is_member = difference != REMOVED
            if is_member:
                export.groups[line.group] += 1
            if run and (is_member or export.is_once):
                snapshot.write(line)
            kind = FULL if is_full and is_member else difference
            if kind == SAME or (kind == REMOVED and hides_removals):
                continue
            export.counts[kind] += 1
            if run:
                text = line.key or line.line if kind == REMOVED else line.line
                files[kind].write(text)
    if run:
        finish(export, run, files, snapshot.count)
    export.is_written = bool(export.counts) or any(
        file.written for file in files.values()
    )
    warn(export)


def finish(
    export: Export, run: Path, files: dict[str, SplitFile], members: int
) -> None:
    """Note what was written."""
    export.members = members
    export.files = [
        {
            "name": written.path.relative_to(run).as_posix(),
            "kind": kind,
            "rows": written.rows,
            "bytes": written.size,
            "sha256": written.sha256,
            **export.read_by(kind),
        }
        for kind, file in files.items()
        for written in file.written
    ]
    if not export.sent and not members:
        # What was never sent and is not sent now need not be recorded.
        snapshot_path(run, export.triple).unlink()


def warn(export: Export) -> None:
    """Warn when a segment is too small for its destination, or rows are unreadable."""
    chosen, members = export.format, export.groups
    if not chosen.min_members_column:
        members = Counter({"": members.total()})
    reason = chosen.too_few(members) if members.total() else ""
    if reason:
        most = plural(max(members.values()), "member")
        column = chosen.min_members_column
        of_one = f" of one {column}" if column else ""
        export.warnings.append(f"only {most}{of_one}: {reason}")
    for why, count in sorted(export.prepared.skipped.items()):
        if why.startswith("failed"):
            export.warnings.append(
                f"{plural(count, 'row')} left out: {why.removeprefix('failed_')} could"
                " not be prepared"
            )


# --- Printing ------------------------------------------------------------------------


def summary_lines(exports: Sequence[Export]) -> list[str]:
    """Return a table of what is exported and why others are not, and the warnings."""
    if not exports:
        return ["None of these segments goes to these destinations (segments.csv)."]
    kinds = [kind for kind in KINDS if any(each.counts[kind] for each in exports)]
    columns = [
        Column("destination"),
        Column("segment"),
        *(Column(kind, is_number=True) for kind in kinds),
        Column("left out", is_broken=True),
    ]
    rows = []
    for export in exports:
        destination, segment, variant = export.triple
        counts = (export.counts[kind] for kind in kinds)
        numbers = [f"{count:,}" if count else "" for count in counts]
        out = (export.left_out + export.prepared.skipped).most_common()
        why = ", ".join(f"{n:,} {reason.replace('_', ' ')}" for reason, n in out)
        rows.append([f"{destination} {variant}".strip(), segment, *numbers, why])
    warnings = [
        f"warning: {each.name}: {text}" for each in exports for text in each.warnings
    ]
    return [*table(columns, rows), *warnings]


def nothing_lines(day: str, exports: Sequence[Export]) -> list[str]:
    """Return why there is no run."""
    if not exports:
        return [f"{day}: nothing to export", *summary_lines(exports)]
    if not any(export.sent or export.members for export in exports):
        return [f"{day}: nothing to export, nobody may leave", *summary_lines(exports)]
    return [f"{day}: nothing to export, nothing changed since the last run"]


# --- The run -------------------------------------------------------------------------


def read_and_prepare(
    given: argparse.Namespace,
    runs: Exports,
    folder: Path,
    digest: Digest | None,
) -> tuple[str, list[Export]]:
    """Read all that is needed from the warehouse, then release it."""
    folder.mkdir()
    with open_warehouse(given.database) as connection:
        # While the warehouse is open, no build can change it or its run results.
        read_passed_build(given.run_results).check_warehouse(given.database)
        connection.execute(f"set memory_limit = '{ENGINE_MEMORY}'")
        as_of_date = str(read_as_of_date(connection))
        runs.check_day(as_of_date)
        exports = plan(connection, given, runs.sent())
        read_members(connection, exports)
        prepare(connection, exports, given, folder, digest)
    return as_of_date, exports


def compare_and_write(
    exports: Sequence[Export],
    run: Path | None,
    parts: Path,
    mode: str,
    digest: Digest | None,
) -> None:
    """Write every export, or count what it would write."""
    with tqdm(exports, unit=" files", disable=None, leave=False) as bar:
        for place, export in enumerate(bar):
            bar.set_description(export.name)
            write_export(export, run, parts / str(place), mode, digest)


def unformatted_lines(given: argparse.Namespace) -> list[str]:
    """Return messages about destinations that get no files."""
    if given.destination:
        return []
    with open_warehouse(given.database) as connection:
        unformatted = read_unformatted(connection)
    return [f"note: {unformatted_text(*each)}" for each in unformatted.items()]


def dry_run(given: argparse.Namespace) -> int:
    """Print what an export would write; write nothing."""
    folder = Exports(given.exports)
    # Compares digests, so that no personal data goes into a temporary file.
    digest = Digest()
    with folder.shared(), TemporaryDirectory() as temporary:
        parts = Path(temporary, "parts")
        day, exports = read_and_prepare(given, folder, parts, digest)
        compare_and_write(exports, None, parts, given.mode, digest)
    lines = [*summary_lines(exports), *unformatted_lines(given)]
    show([f"{day}: a dry run, nothing is written", *lines])
    return 0


def export_segments(given: argparse.Namespace) -> int:
    """Write a run, unless there is nothing to write."""
    folder = Exports(given.exports)
    with folder.locked(), folder.writing() as run:
        parts = run / "parts"
        day, exports = read_and_prepare(given, folder, parts, None)
        compare_and_write(exports, run, parts, given.mode, None)
        shutil.rmtree(parts)
        if not any(export.is_written for export in exports):
            show(nothing_lines(day, exports))
            return 0
        manifest = {
            "as_of_date": day,
            "mode": given.mode,
            "region": given.region or "",
            "exports": [e.entry() for e in exports if e.sent or e.members],
        }
        final = folder.commit(run, manifest)
    files = [file for export in exports for file in export.files]
    size = sum(file["bytes"] for file in files) / 1e6
    written = [export for export in exports if export.is_written]
    show(
        [
            *summary_lines(written),
            f"exported {plural(len(files), 'file')}, {size:,.1f} MB: {final}",
        ]
    )
    return 0


def run(given: argparse.Namespace) -> int:
    """Export, or print what would be exported."""
    try:
        return dry_run(given) if given.dry_run else export_segments(given)
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        # DuckDB's message could quote a person's name.
        raise ActionableError(
            f"{given.database}: could not be read to the end ({type(error).__name__});"
            " nothing was exported, run `dbt build`, then export"
        ) from None


# --- The command line ----------------------------------------------------------------


def country(text: str) -> str:
    """Read --region."""
    code = text.strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        known = did_you_mean(code, phonenumbers.SUPPORTED_REGIONS)
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a country{known}; give two letters, such as ES"
        )
    return code


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_database_option(parser)
    add_run_results_option(parser)
    add_exports_option(parser)
    parser.add_argument(
        "--destination", action="append", help="only this one; may be repeated"
    )
    parser.add_argument(
        "--segment", action="append", help="only this one; may be repeated"
    )
    parser.add_argument(
        "--mode",
        choices=(DELTA, FULL),
        default=DELTA,
        help="changes since the last run, or all members (default: %(default)s)",
    )
    parser.add_argument(
        "--variant",
        default="",
        help="format to write instead of the default, which is the first:"
        f" {variants_text(variants_of({each.destination for each in FORMATS}))}",
    )
    parser.add_argument(
        "--region",
        type=country,
        metavar="ES",
        help="country to read phone numbers of leads without a country; otherwise such"
        " numbers are left out",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show who would be exported and why others would not; write nothing",
    )
    parser.add_argument(
        "--jobs",
        type=positive,
        default=2,
        metavar="N",
        help="processes that prepare rows (default: %(default)s)",
    )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Export the segments; returns the exit code."""
    given = make_parser().parse_args(argv)
    return run_reporting_errors(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
