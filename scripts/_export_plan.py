"""What is to be exported: which segments, to whom, in which format, and who may not."""

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from _export_delta import REMOVED
from _export_formats import FORMATS, Format
from _export_rows import ONCE, Prepared
from _export_runs import KINDS, Entry, Sent, Triple, layout_of
from _landing import quoted
from _options import ActionableError, did_you_mean
from _warehouse import fetch, fetch_one, plural

FULL, DELTA = "full", "delta"


@dataclass
class Export:
    """One destination, segment and variant: what it holds, and what it is to hold."""

    triple: Triple
    format: Format
    audience: str
    sent: Sent | None
    is_vanished: bool = False  # the segment is gone, or no longer goes there
    query: str = ""  # for its rows
    rows: int = 0  # of the leaf
    left_out: Counter[str] = field(default_factory=Counter)
    prepared: Prepared = field(default_factory=Prepared)
    warnings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    files: list[Entry] = field(default_factory=list)
    members: int = 0  # rows of the snapshot
    groups: Counter[str] = field(default_factory=Counter)
    is_written: bool = False

    @property
    def is_once(self) -> bool:
        return self.triple.destination in ONCE

    @property
    def name(self) -> str:
        variant = f" ({self.triple.variant})" if self.triple.variant else ""
        return f"{self.triple.destination} {self.triple.segment}{variant}"

    def choose_mode(self, mode: str) -> bool:
        """Return whether to write it in full; warn if that was not asked for."""
        if self.is_vanished:
            return False
        if mode == FULL or self.sent is None:
            return True
        # A crossing is sent once, in whatever columns.
        if self.is_once or self.sent.entry["format"] == layout_of(self.format):
            return False
        self.warnings.append(
            "the format of its file has changed since the last export: written in full"
        )
        return True

    @property
    def former(self) -> tuple[int, ...] | None:
        """Return the cells by which the last run knew a record; None: as this one does.

        () if some of these are no longer written: all who were sent are taken back.
        """
        if not self.sent or self.is_vanished or self.is_once or not self.format.key:
            return None
        old, new = self.sent.entry["format"], layout_of(self.format)
        wanted, looks = key_fields(old), ("delimiter", "quoting")
        if wanted == key_fields(new) and all(old[each] == new[each] for each in looks):
            return None
        names = zip(new["columns"], new["hashed"], strict=True)
        places = {name: place for place, name in enumerate(names)}
        is_known = all(name in places for name in wanted)
        return tuple(places[name] for name in wanted) if is_known else ()

    @property
    def layout(self) -> Entry:
        """Return the layout of its files; what vanished goes as it was sent."""
        if self.is_vanished and self.sent:
            layout: Entry = self.sent.entry["format"]
            return layout
        return layout_of(self.format)

    def header(self, *, is_removed: bool) -> list[str]:
        """Return the header of its files; what is taken back is named by its key."""
        layout, former = self.layout, self.former
        if is_removed and former:
            return [layout["header"][place] for place in former]
        if is_removed and former is not None and self.sent:
            layout = self.sent.entry["format"]
        header: list[str] = (is_removed and layout["key"]) or layout["header"]
        return header

    def read_by(self, kind: str) -> Entry:
        """Return what the manifest says of a file with headers of an older format."""
        if kind != REMOVED or self.former != () or not self.sent:
            return {}
        layout = self.sent.entry["format"]
        return {"read_by": {name: layout[name] for name in ("header", "columns")}}

    def entry(self) -> Entry:
        """Return what the manifest records of it."""
        skipped, duplicates = Counter(self.prepared.skipped), Counter[str]()
        if count := skipped.pop("duplicate_key", 0):
            duplicates["duplicate_key"] = count
        return {
            **self.triple._asdict(),
            "audience": self.audience,
            "members": self.members,
            "counts": {kind: self.counts[kind] for kind in KINDS},
            "left_out": dict(sorted((self.left_out + duplicates).items())),
            "skipped": dict(sorted(skipped.items())),
            "files": self.files,
            "format": self.layout,
            "warnings": self.warnings,
        }


def key_fields(layout: Entry) -> list[tuple[str, bool]]:
    """Return the leaf's columns that identify a record, and whether they are hashed."""
    names = zip(layout["columns"], layout["hashed"], strict=True)
    fields = dict(zip(layout["header"], names, strict=True))
    return [fields[name] for name in layout["key"] or layout["header"]]


@dataclass(frozen=True)
class Segment:
    """A segment as segments.csv describes it."""

    name: str
    audience: str
    destinations: tuple[str, ...]


def read_segments(connection: duckdb.DuckDBPyConnection) -> list[Segment]:
    """Return the segments by priority."""
    query = """
        select segment, coalesce(audience, segment) as audience,
            coalesce(destinations, '') as destinations
        from seeds.segments order by priority, segment"""
    segments = []
    for row in fetch(connection, query):
        if not re.fullmatch(r"\w[\w-]*", row["segment"]):
            raise ActionableError(
                "segments.csv: a segment's name may hold letters, digits, _ and - only;"
                " it is the name of files"
            )
        names = (name.strip() for name in row["destinations"].split("|"))
        segments.append(
            Segment(row["segment"], row["audience"], tuple(filter(None, names)))
        )
    return segments


def read_unformatted(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the leaves that no format makes files of, by their destination."""
    query = r"""
        select regexp_extract(table_name, '^exp_(.+?)__', 1) as destination,
            min(table_schema || '.' || table_name) as leaf
        from information_schema.tables where regexp_matches(table_name, '^exp_.+?__')
        group by destination order by destination"""
    known = {each.destination for each in FORMATS}
    leaves = {row["destination"]: row["leaf"] for row in fetch(connection, query)}
    return {name: leaf for name, leaf in leaves.items() if name not in known}


def unformatted_text(destination: str, leaf: str) -> str:
    """Return what a destination without files has, and what files of it need."""
    return (
        f"{destination} gets no files: its leaf {leaf} is there for reverse-ETL; for"
        " files add a Format to FORMATS in scripts/_export_formats.py"
    )


def variants_of(destinations: Iterable[str]) -> dict[str, list[str]]:
    """Return the variants of those destinations that have some."""
    variants: dict[str, list[str]] = {}
    for each in FORMATS:
        if each.variant and each.destination in destinations:
            variants.setdefault(each.destination, []).append(each.variant)
    return variants


def variants_text(variants: Mapping[str, Sequence[str]]) -> str:
    """Return which variants there are: meta has hashed, plain; …"""
    return "; ".join(f"{name} has {', '.join(each)}" for name, each in variants.items())


def chosen_formats(destination: str, variant: str) -> list[Format]:
    """Return the formats of a destination: of each leaf the variant, or the default."""
    known = [each for each in FORMATS if each.destination == destination]
    named = [each for each in known if variant and each.variant == variant]
    by_leaf = {each.leaf: each for each in reversed(known)}
    return named or [each for each in known if by_leaf[each.leaf] is each]


def as_sent(chosen: Format, last: Sent) -> Format:
    """Return a format that writes lines as those that were sent."""
    layout = last.entry["format"]
    names = ("delimiter", "quoting", "encoding", "newline")
    return replace(chosen, **{name: layout[name] for name in names})


def check_names(
    given: argparse.Namespace,
    segments: Sequence[Segment],
    sent: dict[Triple, Sent],
    unformatted: dict[str, str],
) -> None:
    """Refuse unknown names of destinations, segments and variants."""
    destinations = list(dict.fromkeys(each.destination for each in FORMATS))
    for name in given.destination or ():
        if name in unformatted:
            text = unformatted_text(name, unformatted[name])
            raise ActionableError(f"--destination {name}: {text}")
        if name not in destinations:
            raise ActionableError(
                f"--destination {name}: is unknown{did_you_mean(name, destinations)};"
                f" there are {', '.join(destinations)}"
            )
    known = {segment.name for segment in segments} | {each.segment for each in sent}
    for name in given.segment or ():
        if name not in known:
            raise ActionableError(
                f"--segment {name}: is unknown{did_you_mean(name, known)};"
                f" there are {', '.join(sorted(known))}"
            )
    variants = variants_of(given.destination or destinations)
    names = [name for each in variants.values() for name in each]
    if given.variant and not names:
        raise ActionableError(
            f"--variant {given.variant}: {' and '.join(given.destination)} has no"
            " variants; leave it out"
        )
    if given.variant and given.variant not in names:
        raise ActionableError(
            f"--variant {given.variant}: is unknown"
            f"{did_you_mean(given.variant, names)}; {variants_text(variants)}"
        )


def plan(
    connection: duckdb.DuckDBPyConnection,
    given: argparse.Namespace,
    sent: dict[Triple, Sent],
) -> list[Export]:
    """Return what is to be exported, and what is to be taken back."""
    segments = read_segments(connection)
    check_names(given, segments, sent, read_unformatted(connection))
    exports: dict[Triple, Export] = {}
    for destination in given.destination or dict.fromkeys(
        f.destination for f in FORMATS
    ):
        for chosen in chosen_formats(destination, given.variant):
            for segment in segments:
                if destination in segment.destinations:
                    triple = Triple(destination, segment.name, chosen.variant)
                    exports[triple] = Export(
                        triple, chosen, segment.audience, sent.get(triple)
                    )
            for triple, last in sent.items():
                is_of = triple.destination, triple.variant
                is_vanished = triple not in exports and last.rows > 0
                if is_vanished and is_of == (destination, chosen.variant):
                    exports[triple] = Export(
                        triple,
                        as_sent(chosen, last),
                        last.entry["audience"],
                        last,
                        is_vanished=True,
                    )
    names = set(given.segment or ())
    return [
        each for triple, each in exports.items() if triple.segment in names or not names
    ]


# --- Who is in it ---------------------------------------------------------------------

# Columns of every leaf; a format that writes one of them has a field for it.
COMMON_COLUMNS = ("segment", "audience", "entered_on", "changed_at")


def read_members(
    connection: duckdb.DuckDBPyConnection, exports: Sequence[Export]
) -> None:
    """Find each leaf, count its members, and those who are left out by reason."""
    query = """
        select destination, segment, left_out_reason, count(*) as leads_count
        from exports.fct_segment_exports where left_out_reason is not null
        group by all"""
    left_out: dict[tuple[str, str], Counter[str]] = {}
    for row in fetch(connection, query):
        reasons = left_out.setdefault((row["destination"], row["segment"]), Counter())
        reasons[row["left_out_reason"]] = row["leads_count"]
    leaves: dict[str, Leaf] = {}
    for export in exports:
        if not export.is_vanished:
            chosen, segment = export.format, export.triple.segment
            if chosen.leaf not in leaves:
                leaves[chosen.leaf] = read_leaf(connection, chosen)
            leaf = leaves[chosen.leaf]
            export.rows = leaf.counts.get(segment, 0)
            export.query = leaf.query(chosen)
            if leaf.has_leads:
                key = export.triple.destination, segment
                export.left_out = left_out.get(key, Counter())


@dataclass(frozen=True)
class Leaf:
    """A table shaped for one destination."""

    relation: str  # as SQL names it
    columns: tuple[str, ...]
    counts: dict[str, int]  # rows by segment

    @property
    def has_leads(self) -> bool:
        return "lead_id" in self.columns

    def query(self, chosen: Format) -> str:
        """Return the query for the rows of one segment, as a format needs them."""
        wanted = {field.column for field in chosen.fields}
        unread = {name for name in COMMON_COLUMNS if name not in wanted}
        columns = ", ".join(quoted(name) for name in self.columns if name not in unread)
        return f"select {columns} from {self.relation} where segment = ?"


def read_leaf(connection: duckdb.DuckDBPyConnection, chosen: Format) -> Leaf:
    """Return a leaf if it is complete and everyone in it may be exported."""
    query = """
        select table_schema, list(column_name order by ordinal_position) as columns
        from information_schema.columns where table_name = $leaf
        group by table_schema"""
    found = fetch(connection, query, leaf=chosen.leaf)
    if len(found) != 1:
        raise ActionableError(f"{chosen.leaf}: is not built; run `dbt build`")
    relation = f"{quoted(found[0]['table_schema'])}.{quoted(chosen.leaf)}"
    columns = found[0]["columns"]
    needed = {"export_id", "segment", *(field.column for field in chosen.fields)}
    if missing := sorted(needed - set(columns)):
        raise ActionableError(
            f"{chosen.leaf}: has no column {missing[0]}; it is of another version of"
            " this project, run `dbt build`"
        )
    query = f"select segment, count(*) as leads_count from {relation} group by segment"
    rows = fetch(connection, query)
    counts = {row["segment"]: row["leads_count"] for row in rows}
    leaf = Leaf(relation, tuple(columns), counts)
    if leaf.has_leads:
        check_permitted(connection, leaf, chosen)
    return leaf


def check_permitted(
    connection: duckdb.DuckDBPyConnection, leaf: Leaf, chosen: Format
) -> None:
    """Refuse a leaf of an older build: somebody may have withdrawn a consent since."""
    query = f"""
        select count(*) as leads_count from {leaf.relation} anti join (
            select lead_id, segment from exports.fct_segment_exports
            where destination = $destination and is_exported
        ) using (lead_id, segment)"""
    rows = fetch_one(connection, query, destination=chosen.destination)
    if count := rows["leads_count"]:
        raise ActionableError(
            f"{chosen.leaf}: holds {plural(count, 'lead')} that fct_segment_exports"
            " leaves out, so they are of two builds; run `dbt build`"
        )
