"""A small warehouse of made-up persons, with the tables that an export reads."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

import export_segments

PERSON = "email phone first_name last_name gender country region city postal_code"
CONTACT = (
    f"{PERSON} language company job_title stage temperature cell next_action price_tier"
    " top_reason_1 lead_score engagement_score fit_score orders_count orders_amount"
    " birth_date last_activity_date"
)
LEAVES = {
    "exp_meta__audience_members": f"{PERSON} birth_date",
    "exp_meta_lookalike__customers": f"{PERSON} birth_date value",
    "exp_google__customers": "email phone first_name last_name country postal_code",
    **{
        f"exp_{leaf}": CONTACT
        for leaf in (
            *("hubspot__contacts", "brevo__contacts", "mailchimp__members"),
            *("activecampaign__contacts", "klaviyo__profiles", "connectif__contacts"),
        )
    },
    "exp_pricing__leads": "price_tier cell",
    "exp_sales__hot_leads": (
        "email phone first_name last_name country company job_title stage cell"
        " next_action top_reason_1 top_reason_2 top_reason_3 last_action lead_score"
        " last_action_date"
    ),
}
NUMBERS = {
    **dict.fromkeys(("lead_score", "engagement_score", "fit_score"), "integer"),
    "orders_count": "bigint",
    "leads_count": "bigint",
    **dict.fromkeys(("orders_amount", "value"), "double"),
}

Files = dict[str, bytes]


@dataclass(frozen=True)
class Person:
    """A lead, as all leaves know it."""

    lead_id: str
    email: str | None = None
    phone: str | None = None
    country: str | None = "ES"
    segments: tuple[str, ...] = ("hot_leads",)
    left_out: Mapping[str, str] = field(default_factory=dict)  # destination to reason
    entered_on: str = "2026-05-01"
    more: Mapping[str, object] = field(default_factory=dict)

    def value(self, column: str) -> object:
        own = {"email": self.email, "phone": self.phone, "country": self.country}
        return (own | dict(self.more)).get(column)

    def changed(self, **values: Any) -> "Person":
        return replace(self, **values)


def made_up(number: int, **values: Any) -> Person:
    """A person of a number."""
    more = {
        "first_name": f"Zoë{number}",
        "last_name": f"Brandt, {number}",
        "city": "Ávila",
        "lead_score": number % 101,
        "value": number / 4,
        "price_tier": "full",
        "cell": "A1",
    }
    given = {
        "lead_id": f"c-{number}",
        "email": f"Zoe.{number}@Example.com",
        "phone": f"+34612{number:06}",
        "more": more,
    }
    return Person(**(given | values))


def column_type(column: str) -> str:
    if column.endswith("_at"):
        return "timestamp"
    if column.endswith(("_date", "_on")):
        return "date"
    return NUMBERS.get(column, "varchar")


def record_build(run_results: Path, database: str, **failed: str) -> None:
    """Write what dbt would have written about a build of one model and some tests."""
    invocation = {"metadata": {"invocation_id": "1"}}
    leads = "model.shop.dim_leads"
    results = [{"unique_id": leads, "status": "success"}]
    results += [
        {"unique_id": f"test.shop.{name}.4f", "status": status}
        for name, status in failed.items()
    ]
    build = invocation | {"args": {"which": "build"}, "results": results}
    node = {"resource_type": "model", "database": database}
    run_results.parent.mkdir(exist_ok=True)
    run_results.write_text(json.dumps(build))
    manifest = run_results.with_name("manifest.json")
    manifest.write_text(json.dumps(invocation | {"nodes": {leads: node}}))


SEGMENTS = {
    "hot_leads": "meta|meta_lookalike|google|hubspot|brevo|mailchimp|activecampaign"
    "|klaviyo|connectif|pricing|sales",
    "cold": "meta|hubspot",
    "irrelevant": "",
}


@dataclass
class Shop:
    """A warehouse, and the exports folder that is filled from it."""

    folder: Path
    segments: dict[str, str] = field(default_factory=lambda: dict(SEGMENTS))

    @property
    def database(self) -> Path:
        return self.folder / "shop.duckdb"

    @property
    def run_results(self) -> Path:
        return self.folder / "target" / "run_results.json"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    # --- the warehouse

    def build(self, people: Iterable[Person], day: str = "2026-05-31") -> None:
        """Build the tables anew, from nothing."""
        members = [(each, name) for each in people for name in each.segments]
        file = self.database.with_suffix(".new")
        file.unlink(missing_ok=True)
        with duckdb.connect(str(file)) as connection:
            connection.begin()  # written to disk once
            for schema in ("identity", "seeds", "exports", "personal"):
                connection.execute(f"create schema {schema}")
            self._create(connection, "identity.int_as_of_date", "as_of_date", [(day,)])
            self._create(
                connection,
                "seeds.segments",
                "segment audience destinations priority",
                [(n, f"group_{n[0]}", d or None, n) for n, d in self.segments.items()],
            )
            self._create(
                connection,
                "exports.fct_segment_exports",
                "lead_id segment destination left_out_reason is_exported",
                [
                    (each.lead_id, name, to, why := each.left_out.get(to), why is None)
                    for each, name in members
                    for to in self._destinations(name)
                ],
            )
            for leaf, columns in LEAVES.items():
                to = leaf.removeprefix("exp_").split("__")[0]
                there = [
                    (each, name)
                    for each, name in members
                    if to in self._destinations(name) and to not in each.left_out
                ]
                self._create_leaf(connection, leaf, columns.split(), there)
            self._create_tiers(connection, members)
            connection.commit()
        os.replace(file, self.database)
        self.record_build()

    def record_build(self, **failed: str) -> None:
        """Have what dbt writes about the build: it passed, but for the tests given."""
        record_build(self.run_results, self.database.stem, **failed)

    def _destinations(self, segment: str) -> list[str]:
        return [name for name in self.segments.get(segment, "").split("|") if name]

    def _create_leaf(
        self,
        connection: duckdb.DuckDBPyConnection,
        leaf: str,
        columns: Sequence[str],
        members: Sequence[tuple[Person, str]],
    ) -> None:
        once = leaf == "exp_sales__hot_leads"
        rows = [
            (
                f"{name}:{each.lead_id}" + (f":{each.entered_on}" if once else ""),
                *(each.lead_id, name, f"group_{name[0]}"),
                *(each.value(column) for column in columns),
                *(each.entered_on, "2026-05-31"),
            )
            for each, name in members
        ]
        common = "export_id lead_id segment audience"
        names = f"{common} {' '.join(columns)} entered_on changed_at"
        self._create(connection, f"personal.{leaf}", names, rows)

    def _create_tiers(
        self,
        connection: duckdb.DuckDBPyConnection,
        members: Sequence[tuple[Person, str]],
    ) -> None:
        segments = [
            name for _, name in members if "pricing" in self._destinations(name)
        ]
        self._create(
            connection,
            "exports.exp_pricing__segments",
            "export_id segment audience price_tier leads_count changed_at",
            [
                (
                    f"{n}:full",
                    n,
                    f"group_{n[0]}",
                    "full",
                    segments.count(n),
                    "2026-05-31",
                )
                for n in dict.fromkeys(segments)
            ],
        )

    @staticmethod
    def _create(
        connection: duckdb.DuckDBPyConnection,
        table: str,
        names: str,
        rows: Sequence[tuple[Any, ...]],
    ) -> None:
        columns = names.split()
        given = pa.table(
            {
                name: pa.array(
                    [None if row[i] is None else str(row[i]) for row in rows],
                    pa.string(),
                )
                for i, name in enumerate(columns)
            }
        )
        connection.register("given", given)
        types = {"is_exported": "boolean", "priority": "varchar"}
        casts = ", ".join(
            f"cast({name} as {types.get(name) or column_type(name)}) as {name}"
            for name in columns
        )
        connection.execute(f"create table {table} as select {casts} from given")
        connection.unregister("given")

    # --- the exports

    def argv(self, *options: str) -> list[str]:
        return [*self.argv_but_exports, "--exports", str(self.exports), *options]

    @property
    def argv_but_exports(self) -> list[str]:
        files = ["--database", str(self.database)]
        return [*files, "--run-results", str(self.run_results)]

    def export(self, *options: str) -> int:
        return export_segments.main(self.argv(*options))

    def runs(self) -> list[Path]:
        """The runs that are there, the newest last."""
        found = self.exports.glob("*/manifest.json")
        return sorted(
            (f.parent for f in found), key=lambda run: manifest(run)["sequence"]
        )

    @property
    def newest(self) -> Path:
        return self.runs()[-1]


# --- Reading what was exported, without what wrote it ---------------------------------


def manifest(run: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((run / "manifest.json").read_text())
    return document


def entry(run: Path, destination: str, segment: str = "hot_leads") -> dict[str, Any]:
    """What the manifest says of one destination and segment."""
    (entry,) = (
        each
        for each in manifest(run)["exports"]
        if (each["destination"], each["segment"]) == (destination, segment)
        and each["variant"] != "segments"
    )
    return dict(entry)


def files(folder: Path) -> Files:
    """Every file below a folder, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def csv_files(folder: Path) -> Files:
    return {name: data for name, data in files(folder).items() if name.endswith(".csv")}


def read_csv(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Read a file as another program would: every cell is a text."""
    with file.open("rb") as data:
        first = data.readline().decode("utf-8-sig").strip()
    names = [name.strip('"') for name in first.split(delimiter)]
    table = pa_csv.read_csv(
        file,
        parse_options=pa_csv.ParseOptions(delimiter=delimiter),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    assert table.schema.names == names
    rows: list[dict[str, str]] = table.to_pylist()
    return rows


def text_of(file: Path) -> str:
    """All that a file says, Parquet unpacked."""
    if file.suffix == ".parquet":
        return str(pq.read_table(file).to_pylist())
    return file.read_bytes().decode("utf-8")


def assert_whole(run: Path) -> None:
    """The manifest describes every file as it is, and there are no others."""
    described = manifest(run)
    known = {"manifest.json"}
    for each in described["exports"]:
        for file in each["files"]:
            data = (run / file["name"]).read_bytes()
            assert len(data) == file["bytes"], file["name"]
            assert hashlib.sha256(data).hexdigest() == file["sha256"], file["name"]
            delimiter = each["format"]["delimiter"]
            assert len(read_csv(run / file["name"], delimiter)) == file["rows"]
            known.add(file["name"])
        for kind, count in each["counts"].items():
            written = (f["rows"] for f in each["files"] if f["kind"] == kind)
            assert sum(written) == count
        variant = f".{each['variant']}" if each["variant"] else ""
        known.add(f"sent/{each['destination']}/{each['segment']}{variant}.parquet")
    assert set(files(run)) <= known
