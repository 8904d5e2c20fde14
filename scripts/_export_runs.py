"""The exports folder: one folder a run, which appears at once or not at all.

`exports/<as_of_date>.<n>/` holds a run's files, its `manifest.json` and, in `sent/`,
the rows as they were sent, which the next delta is compared with. A run is written to
`.writing-…` and renamed once complete. Only the newest snapshot of each destination,
segment and variant is kept.
"""

import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from _export_delta import read_batches, snapshot_writer
from _export_formats import FORMATS, Format
from _files import sync
from _normalization import sha256_hex
from _options import ActionableError

MANIFEST = "manifest.json"
WRITING = ".writing-"
MENDED = ".mended"  # a file that takes its place when its run's manifest is mended
RUN = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d+)")
KINDS = ("full", "added", "changed", "removed")


class Triple(NamedTuple):
    """What deltas are computed for: a destination, a segment and a variant."""

    destination: str
    segment: str
    variant: str

    @property
    def stem(self) -> Path:
        """The path of its files, as far as all have it in common."""
        variant = f".{self.variant}" if self.variant else ""
        return Path(self.destination, f"{self.segment}{variant}")


Entry = dict[str, Any]  # what a manifest says of one triple


@dataclass(frozen=True)
class Run:
    """A run that is there."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def sequence(self) -> int:
        """Runs in the order in which they were made, whatever day they are of."""
        return int(self.manifest["sequence"])

    @property
    def entries(self) -> dict[Triple, Entry]:
        return {triple_of(entry): entry for entry in self.manifest["exports"]}

    def snapshot(self, triple: Triple) -> Path:
        return snapshot_path(self.folder, triple)


@dataclass(frozen=True)
class Sent:
    """What was sent last of a triple."""

    snapshot: Path
    entry: Entry

    @property
    def rows(self) -> int:
        return int(self.entry["members"])


def triple_of(entry: Entry) -> Triple:
    """Return what an entry of a manifest is about."""
    return Triple(entry["destination"], entry["segment"], entry["variant"])


def snapshot_path(folder: Path, triple: Triple) -> Path:
    """Return where a run keeps what it sent."""
    stem = triple.stem
    return folder / "sent" / stem.with_name(f"{stem.name}.parquet")


def layout_of(chosen: Format) -> Entry:
    """Return what a manifest says of a format: enough to read its files again."""
    return {
        "header": chosen.header(),
        "columns": [each.column for each in chosen.fields],
        "hashed": [each.is_hashed for each in chosen.fields],
        "key": list(chosen.key),
        "delimiter": chosen.delimiter,
        "quoting": int(chosen.quoting),
        "encoding": chosen.encoding,
        "newline": chosen.newline,
    }


def write_json(file: Path, document: object) -> None:
    """Write a document that survives a power cut."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    sync(file)


class Exports:
    """The exports folder. `locked()` guards every write, `shared()` every other use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder and clear up what a killed run left in it.

        The kernel drops the lock when its process dies, so what is found half written
        belongs to nobody.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise ActionableError(
                f"{self.folder}: is a file; give --exports a folder"
            ) from None
        with open(self.folder / ".lock", "a", encoding="utf-8") as lock:
            self._lock(lock.fileno(), fcntl.LOCK_EX)
            self._tidy()
            yield

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Keep the runs from changing; change nothing."""
        if self.folder.exists() and not self.folder.is_dir():
            raise ActionableError(f"{self.folder}: is a file; give --exports a folder")
        try:
            lock = os.open(self.folder / ".lock", os.O_RDONLY)
        except FileNotFoundError:  # nothing was ever exported here
            yield
            return
        try:
            self._lock(lock, fcntl.LOCK_SH)
            yield
        finally:
            os.close(lock)

    def _lock(self, descriptor: int, how: int) -> None:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ActionableError(
                f"{self.folder}: another export is writing here;"
                " run again when it has finished"
            ) from None

    def runs(self) -> list[Run]:
        """Return the runs that are there, the newest last."""
        folders = [
            path
            for path in (self.folder.iterdir() if self.folder.is_dir() else ())
            if RUN.fullmatch(path.name) and path.is_dir()
        ]
        return sorted(map(_read_run, folders), key=lambda run: run.sequence)

    def check_day(self, day: str) -> None:
        """Refuse a day before the last exported one: it would undo later changes."""
        latest = max(
            (str(run.manifest["as_of_date"]) for run in self.runs()), default=""
        )
        if day < latest:
            raise ActionableError(
                f"{self.folder}: holds an export as of {latest}, and the warehouse is"
                f" as of {day}, a past day; run `dbt build` for today again, or look at"
                " the past in a folder of its own: --exports FOLDER"
            )

    def sent(self) -> dict[Triple, Sent]:
        """Return what was sent last of every triple."""
        return {
            triple: Sent(run.snapshot(triple), entry)
            for run in self.runs()
            for triple, entry in run.entries.items()
            if run.snapshot(triple).is_file()
        }

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """Give a folder to write a run in; it is gone afterwards, unless committed."""
        folder = Path(tempfile.mkdtemp(prefix=WRITING, dir=self.folder))
        try:
            yield folder
        finally:
            _remove(folder)

    def commit(self, writing: Path, manifest: dict[str, Any]) -> Path:
        """Make a written run visible; return its folder."""
        runs, day = self.runs(), manifest["as_of_date"]
        sequence = max((run.sequence for run in runs), default=0) + 1
        write_json(writing / MANIFEST, {"sequence": sequence, **manifest})
        for folder, _, names in os.walk(writing):
            for name in names:
                sync(Path(folder, name))
            sync(Path(folder))
        writing.chmod(0o777 & ~_umask())
        final = self.folder / f"{day}.{self._next_number(day)}"
        os.rename(writing, final)
        sync(self.folder)
        self._prune()
        return final

    def _next_number(self, day: str) -> int:
        names = (RUN.fullmatch(path.name) for path in self.folder.iterdir())
        numbers = [int(name[2]) for name in names if name and name[1] == day]
        return max(numbers, default=0) + 1

    def _tidy(self) -> None:
        """Finish or remove what a killed process left."""
        for rest in self.folder.glob(f"{WRITING}*"):
            _remove(rest)
        for run in self.folder.iterdir():
            if RUN.fullmatch(run.name) and run.is_dir():
                _finish_mending(run)
        self._prune()

    def _prune(self) -> None:
        """Remove snapshots of which there is a newer one."""
        newest = {sent.snapshot for sent in self.sent().values()}
        for run in self.runs():
            for triple in run.entries:
                if (snapshot := run.snapshot(triple)) not in newest:
                    snapshot.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _read_run(folder: Path) -> Run:
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        run = Run(folder, manifest)
        if run.sequence and all(triple.segment for triple in run.entries):
            return run
    except FileNotFoundError:
        raise ActionableError(
            f"{file}: is missing; put it back, or move the folder {folder.name} away"
        ) from None
    except (ValueError, LookupError, TypeError):
        pass
    raise ActionableError(
        f"{file}: is damaged; put it back, or move the folder {folder.name} away"
    )


def _remove(folder: Path) -> None:
    """Remove a folder, even if a process that is about to die still writes in it."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    raise ActionableError(f"{folder}: cannot be removed; remove it, then run again")


# --- Forgetting a person --------------------------------------------------------------


@dataclass
class Forgotten:
    """What an erasure took out of the exports folder, and who had been sent it."""

    lines: int = 0  # of exported files
    rows: int = 0  # of snapshots
    files: list[str] = field(default_factory=list)  # rewritten, relative to the folder
    # (destination, segment): systems that hold the person until they are notified.
    sent_to: set[tuple[str, str]] = field(default_factory=set)
    # Files that no export wrote, relative to the folder: nobody looked into them.
    unknown: list[str] = field(default_factory=list)


def forget(
    exports: Path,
    keys: Mapping[str, Collection[str]],
    rows: Collection[Mapping[str, str]] = (),
    *,
    is_dry: bool = False,
) -> Forgotten:
    """Remove a person's lines from every exported file and snapshot.

    Dry, only say what would be removed: what is written beside files is dropped again.

    `keys` holds all that is known of the person, as it was landed, by the column of the
    leaves that would hold it: `lead_id`, `email`, `phone`, and `country`, which says
    how to read a phone without country code. The values are normalised and hashed here,
    by the very formats that wrote the files, so none of them need be given twice.

    A line is the person's when a cell of it is its lead_id, an email or a phone, plain
    or hashed, or when it shows all that one of `rows` holds: an email that is somebody
    else's now, with the names of the person. Each run's files take their place with the
    manifest's rows, bytes and sha256 mended; killed at any point, calling it again
    finishes. Nothing found, or no folder, is no error; an export that runs at the same
    time is (ActionableError).
    """
    forgotten = Forgotten()
    folder = Exports(exports)
    if not exports.is_dir():
        return forgotten
    with folder.locked():
        runs = folder.runs()
        regions = {str(run.manifest.get("region") or "") for run in runs}
        person = _Person(keys, regions, rows)
        # Snapshots hold lead_ids: their lines show what older files hold of a person.
        for run in runs:
            for triple, entry in run.entries.items():
                person.learn(run.snapshot(triple), entry)
        for run in runs:
            _forget_in(run, person, forgotten, exports, is_dry)
        known = {exports / ".lock"}
        known.update(path for run in runs for path in _own_files(run))
        forgotten.unknown = sorted(
            str(path.relative_to(exports))
            for path in exports.rglob("*")
            if path.is_file() and path not in known
        )
    return forgotten


def _own_files(run: Run) -> Iterator[Path]:
    yield run.folder / MANIFEST
    for triple, entry in run.entries.items():
        yield run.snapshot(triple)
        yield from (run.folder / file["name"] for file in entry["files"])


Places = list[tuple[int, set[str]]]  # cells of a line, and what they may hold


class _Person:
    """Recognises a person in cells, by all the forms its values may have taken."""

    def __init__(
        self,
        keys: Mapping[str, Collection[str]],
        regions: Collection[str],
        rows: Collection[Mapping[str, str]],
    ) -> None:
        self.lead_ids = {str(value) for value in keys.get("lead_id", ())}
        countries = {*keys.get("country", ()), *regions, ""}
        self.forms: dict[str, set[str]] = {}  # by the leaf's column
        for column, values in keys.items():
            if column == "country":
                continue
            forms = (_forms(column, str(value), countries) for value in values)
            self.forms[column] = set().union(*forms) - {""}
        self.rows = [
            {column: _forms(column, value, countries) for column, value in row.items()}
            for row in rows
        ]

    def learn(self, snapshot: Path, entry: Entry) -> None:
        """Take over what a snapshot holds under one of the person's lead_ids."""
        if not (self.lead_ids and snapshot.is_file()):
            return
        layout = entry["format"]
        for batch in read_batches(snapshot):
            rows = batch.to_pylist()
            own = [row for row in rows if row["lead_id"] in self.lead_ids]
            for cells in _cells((row["line"] for row in own), layout):
                for column, cell in zip(layout["columns"], cells, strict=False):
                    if column in ("email", "phone") and cell:
                        self.forms.setdefault(column, set()).add(cell)

    def places(self, layout: Entry, header: list[str]) -> list[Places]:
        """Return which cells of a line to look at together, and for what."""
        column_of = dict(zip(layout["header"], layout["columns"], strict=True))
        columns = [column_of.get(name, "") for name in header]
        alone = [
            [(place, self.forms[column])]
            for place, column in enumerate(columns)
            if column in self.forms
        ]
        together = [
            [(columns.index(column), forms) for column, forms in row.items()]
            for row in self.rows
            if row.keys() <= set(columns)
        ]
        return alone + together

    def is_in(self, cells: list[str], places: list[Places]) -> bool:
        """Return whether a line is about the person."""
        return any(
            all(place < len(cells) and cells[place] in forms for place, forms in each)
            for each in places
        )


def _forms(column: str, value: str, countries: Collection[str]) -> set[str]:
    """Return all that a value may have become in a file."""
    forms = _plain_forms(column, value)
    for country in countries:
        forms.update(_prepared_forms(column, value, country))
    return forms


def _plain_forms(column: str, value: str) -> set[str]:
    plain = {value}
    if column != "lead_id":  # c-1 and C-1 may be two
        plain |= {value.strip(), value.strip().lower()}
    return plain | {sha256_hex(each) for each in plain}


def _prepared_forms(column: str, value: str, country: str) -> Iterator[str]:
    row = {column: value, "country": country or None}
    for chosen in FORMATS:
        for each in chosen.fields:
            if each.column == column:
                try:
                    yield each.prepare(row)
                except Exception:  # a value that no format could write is in no file
                    continue


def _cells(lines: Iterator[str], layout: Entry) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=layout["delimiter"], strict=False)


def _forget_in(
    run: Run, person: _Person, forgotten: Forgotten, exports: Path, is_dry: bool
) -> None:
    """Write what is left of a run's files beside them, then put it all in place."""
    manifest = json.loads(json.dumps(run.manifest))
    is_changed = False
    for entry in manifest["exports"]:
        triple, lost = triple_of(entry), 0
        for file in entry["files"]:
            path = run.folder / file["name"]
            if dropped := _forget_in_file(path, file, entry["format"], person):
                entry["counts"][file["kind"]] -= dropped
                forgotten.files.append(str(path.relative_to(exports)))
                lost += dropped
        forgotten.lines += lost
        snapshot = run.snapshot(triple)
        if dropped := _forget_in_snapshot(snapshot, entry["format"], person):
            entry["members"] -= dropped
            forgotten.rows += dropped
            forgotten.files.append(str(snapshot.relative_to(exports)))
            lost += dropped
        if lost:
            entry["erased"] = entry.get("erased", 0) + lost
            forgotten.sent_to.add((triple.destination, triple.segment))
            is_changed = True
    if is_changed and not is_dry:
        # From here on a killed erasure is finished by whoever comes next.
        beside = run.folder / f"{MANIFEST}.new"
        write_json(beside, manifest)
        os.replace(beside, run.folder / f"{MANIFEST}{MENDED}")
        sync(run.folder)
    _finish_mending(run.folder)


def _finish_mending(run: Path) -> None:
    """Put mended files in place, the manifest last; without it they are not whole."""
    decided = run / f"{MANIFEST}{MENDED}"
    (run / f"{MANIFEST}.new").unlink(missing_ok=True)
    for mended in run.rglob(f"*{MENDED}"):
        if mended == decided:
            continue
        if decided.exists():
            os.replace(mended, mended.with_name(mended.name.removesuffix(MENDED)))
            sync(mended.parent)
        else:
            mended.unlink()
    if decided.exists():
        os.replace(decided, run / MANIFEST)
        sync(run)


def _forget_in_file(path: Path, file: Entry, layout: Entry, person: _Person) -> int:
    """Write a file's other lines beside it, update the manifest; count the rest."""
    if not path.is_file():
        return 0
    mended = path.with_name(f"{path.name}{MENDED}")
    layout = layout | file.get("read_by", {})
    reading = {"encoding": layout["encoding"], "newline": ""}
    kept = dropped = 0
    with (
        open(path, **reading) as source,
        open(mended, "w", **reading, errors="replace") as target,
    ):
        reader = csv.reader(source, delimiter=layout["delimiter"])
        writer = csv.writer(
            target,
            delimiter=layout["delimiter"],
            quoting=layout["quoting"],
            lineterminator=layout["newline"],
        )
        header = next(reader)
        writer.writerow(header)
        places = person.places(layout, header)
        for cells in reader:
            if person.is_in(cells, places):
                dropped += 1
            else:
                writer.writerow(cells)
                kept += 1
    if not dropped:
        mended.unlink()
        return 0
    sync(mended)
    with open(mended, "rb") as data:
        sha256 = hashlib.file_digest(data, "sha256").hexdigest()
    file.update(rows=kept, bytes=mended.stat().st_size, sha256=sha256)
    return dropped


def _forget_in_snapshot(snapshot: Path, layout: Entry, person: _Person) -> int:
    """Write a snapshot's other rows beside it; count what is left out."""
    if not snapshot.is_file():
        return 0
    mended = snapshot.with_name(f"{snapshot.name}{MENDED}")
    places = person.places(layout, layout["header"])
    dropped = 0
    with snapshot_writer(mended) as writer:
        for batch in read_batches(snapshot):
            rows = batch.to_pylist()
            # A row without a line (a crossing) still is one line to csv: ''.
            lines = _cells((row["line"] for row in rows), layout)
            is_kept = [
                row["lead_id"] not in person.lead_ids
                and not person.is_in(cells, places)
                for row, cells in zip(rows, lines, strict=True)
            ]
            dropped += is_kept.count(False)
            writer.write_batch(batch.filter(pa.array(is_kept, pa.bool_())))
    if not dropped:
        mended.unlink()
        return 0
    sync(mended)
    return dropped
