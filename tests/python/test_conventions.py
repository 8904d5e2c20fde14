"""The conventions of this warehouse, checked over everything dbt reads.

A convention that is not a test is a wish. Each test here is one convention: its name
says it, and when it fails it lists every place that breaks it.
"""

import ast
import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dbt_runs import PROJECT, run_dbt

Node = dict[str, Any]

# The import of a large model may say that it is inlined.
CTE_OPENS = r"^(?: {4})?(\w+) as (?:\{\{ inlined\(\) \}\} )?\($"
FOLDERS = (
    "staging",
    "identity",
    "activity",
    "scores",
    "segments",
    "insights",
    "exports",
)
PREFIXES = ("stg_", "int_", "dim_", "fct_", "seg_", "exp_")
PREFIXES_AT_HOME = {"stg_": "staging", "seg_": "segments", "exp_": "exports"}
PUBLISHED = ("dim_", "fct_", "seg_", "exp_")
PORTABLE_TYPES = (
    r"string|integer|bigint|double|decimal\(\d+, ?\d+\)|boolean|date|timestamp"
)
NAMED_AFTER_TYPE = (  # what the name of a column promises
    (r"(is|has)_\w+", "boolean"),
    (r"\w+_at", "timestamp"),
    (r"\w+_(date|on)", "date"),
    (r"\w+_id", "string"),
    (r"\w+_(count|days|rank)", "integer|bigint"),
)
NOT_PORTABLE = {
    r"\bqualify\b": "qualify",
    r"\bexclude\b": "exclude",
    r"\bgroup by all\b": "group by all",
    r"::": "::",
    r"(?<![.\w])trim\(": "trim(): say stripped()",
    r"(?<![.\w])lower\(": "lower(): say lowered()",
}
PERSONAL_COLUMNS = {
    "email",
    "phone",
    "first_name",
    "last_name",
    "birth_date",
    "gender",
    "city",
    "postal_code",
    "company",
    "job_title",
    "properties",
}
CLOCK = r"\b(current_date|current_time|current_timestamp|now|today|getdate)\b\s*\(?"
MOST_LINES_OF_A_MODEL = 120
MOST_LINES_OF_A_MACRO = 25

# A macro whose arguments do not match its description only warns: here it fails.
STRICT = json.dumps({"error": ["InvalidMacroAnnotation", "MacroNotFoundForPatch"]})


def none_of(problems: Iterable[str]) -> None:
    """Fail with every problem on a line of its own."""
    found = sorted(set(problems))
    assert not found, "\n" + "\n".join(found)


# -------------------------------------------------------- what dbt knows of the project


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The project as dbt understands it, compiled against an empty database."""
    workspace = tmp_path_factory.mktemp("conventions")
    compiled = run_dbt(
        workspace,
        "compile",
        "--quiet",
        "--warn-error-options",
        STRICT,
        "--full-refresh",
        "--no-partial-parse",  # which warns of nothing that was parsed before
        artifacts=True,
    )
    assert compiled.success, compiled.exception
    content: Node = json.loads((workspace / "target" / "manifest.json").read_text())
    return content


@pytest.fixture(scope="session")
def models(manifest: Node) -> list[Node]:
    return of_type(manifest, "model")


@pytest.fixture(scope="session")
def macros(manifest: Node) -> list[Node]:
    """The project's own macros, engine bodies and generic tests left out."""
    return [
        macro
        for macro in manifest["macros"].values()
        if macro["package_name"] == "lead_scoring"
        and macro["original_file_path"].startswith("macros/")
        and "__" not in macro["name"]
    ]


def of_type(manifest: Node, resource_type: str) -> list[Node]:
    nodes = manifest["nodes"].values()
    return [node for node in nodes if node["resource_type"] == resource_type]


def folder(model: Node) -> str:
    return str(Path(model["path"]).parts[0])


def refs(model: Node) -> list[str]:
    """The models and seeds that a model reads, also through macros."""
    nodes = [name.split(".") for name in model["depends_on"]["nodes"]]
    return [parts[2] for parts in nodes if parts[0] in ("model", "seed")]


def is_published(model: Node) -> bool:
    return str(model["name"]).startswith(PUBLISHED)


def sql(node: Node) -> str:
    """The SQL of a model or test as written, without comments and config."""
    text = node.get("raw_code") or node["macro_sql"]
    text = re.sub(r"\{\{ config\((?:[^{}]|\{\{.*?\}\})*\) \}\}", "", text)
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    return re.sub(r"--.*", "", text)


def ctes(model: Node) -> dict[str, str]:
    """The named queries of a model, in order, each with its text."""
    parts = re.split(CTE_OPENS, sql(model), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def imports(model: Node) -> dict[str, str]:
    """The named queries that only read a ref or source, with what they read."""
    found = {}
    for name, text in ctes(model).items():
        read = re.match(
            r"\s*select \* from \{\{ (?:ref|source)\((.*?)\) \}\}\s*\)", text
        )
        if read:
            found[name] = read[1].split(",")[-1].strip(" '")
    return found


# ----------------------------------------------------------------------------- the flow


def test_a_model_reads_its_own_folder_or_an_earlier_one(models: list[Node]) -> None:
    folder_of = {model["name"]: folder(model) for model in models}
    none_of(
        f"{model['name']} ({folder(model)}) reads {ref} ({folder_of[ref]})"
        for model in models
        for ref in refs(model)
        if ref in folder_of
        and FOLDERS.index(folder_of[ref]) > FOLDERS.index(folder(model))
    )


def test_the_prefix_of_a_model_says_who_may_read_it(models: list[Node]) -> None:
    none_of(
        f"{model['name']} in models/{folder(model)}"
        for model in models
        if not model["name"].startswith(PREFIXES)
        or folder(model) not in FOLDERS
        or PREFIXES_AT_HOME.get(model["name"][:4], folder(model)) != folder(model)
        or (model["name"][:4] in ("stg_", "exp_") and "__" not in model["name"])
    )


def test_only_staging_models_read_sources_and_they_read_one_thing(
    models: list[Node],
) -> None:
    def problem(model: Node) -> str | None:
        parents = model["depends_on"]["nodes"]
        sources = [name for name in parents if name.startswith("source.")]
        if not model["name"].startswith("stg_"):
            return "reads a source" if sources else None
        if len(sources) != 1 or len(parents) != 1:
            return "must read one source and nothing else"
        return "joins" if " join " in sql(model) else None

    none_of(f"{m['name']} {said}" for m in models if (said := problem(m)))


def test_a_schema_is_named_after_its_folder(models: list[Node]) -> None:
    none_of(
        f"{model['name']}: schema {model['schema']}"
        for model in models
        if model["schema"] not in (folder(model), "personal")
    )


# ---------------------------------------------------------------------------- the grain


def test_every_model_says_its_grain(models: list[Node]) -> None:
    none_of(
        f"{model['name']}: {model['description'][:40]!r}"
        for model in models
        if not model["description"].startswith("One row per ")
    )


def test_every_grain_is_proven(manifest: Node, models: list[Node]) -> None:
    """By a test of the build or, where meta.grain lists columns, by random shops."""
    tests = of_type(manifest, "test")
    names = {test["name"] for test in tests}
    in_random_shops = "test_models_equal_reference"
    with_grain_test = {
        test["attached_node"]
        for test in tests
        if test.get("test_metadata") and test["test_metadata"]["name"] == "grain"
    }
    none_of(
        f"{model['name']}: {proof or 'no grain test and no meta.grain_proven_by'}"
        for model in models
        if model["unique_id"] not in with_grain_test
        and (proof := model["config"]["meta"].get("grain_proven_by")) not in names
        and not (proof == in_random_shops and model["config"]["meta"].get("grain"))
    )


# ------------------------------------------------------------------- how SQL is written


def test_models_are_short(models: list[Node]) -> None:
    none_of(
        f"{model['name']}: {lines} lines"
        for model in models
        if (lines := len(model["raw_code"].splitlines())) > MOST_LINES_OF_A_MODEL
    )


def test_sql_means_the_same_on_every_engine(
    manifest: Node, models: list[Node], macros: list[Node]
) -> None:
    tests = [test for test in of_type(manifest, "test") if "test_metadata" not in test]
    elsewhere = [m for m in macros if "/portability/" not in m["original_file_path"]]
    none_of(
        f"{node['original_file_path']}: {word}"
        for node in (*models, *tests, *elsewhere)
        for pattern, word in NOT_PORTABLE.items()
        if re.search(pattern, sql(node))
    )


def test_nothing_reads_the_clock(
    manifest: Node, models: list[Node], macros: list[Node]
) -> None:
    none_of(
        f"{node['original_file_path']}: {found[1]}"
        for node in (*models, *macros, *of_type(manifest, "test"))
        if (found := re.search(CLOCK, sql(node)))
    )


def test_models_use_jinja_for_names_and_macros_only(models: list[Node]) -> None:
    def problems(model: Node) -> Iterator[str]:
        for tag in re.findall(r"\{%-?\s*(.*?)\s*-?%\}", sql(model)):
            if tag not in ("if is_incremental()", "else", "endif"):
                yield tag
        yield from re.findall(r"target\.\w+|run_query|env_var", sql(model))

    none_of(f"{model['name']}: {said}" for model in models for said in problems(model))


def test_no_alias_is_reused_in_its_own_select(models: list[Node]) -> None:
    """Engines disagree about whether an alias is known beside where it is made.

    `trim(name) as name` is no alias to reuse: the column it is made of has its name.
    """

    def reused(select: Node) -> Iterator[str]:
        made = {
            item["alias"]: column_refs(item)
            for item in select["select_list"]
            if item["alias"]
        }
        elsewhere = [*select["select_list"], select["where_clause"]]
        for alias, parts in made.items():
            if alias in {part[-1] for part in parts}:
                continue
            if any([alias] in column_refs(item) for item in elsewhere):
                yield alias

    none_of(
        f"{model['name']}: {alias}"
        for model in models
        for select in selects(syntax_tree(model["compiled_code"]))
        for alias in reused(select)
    )


def syntax_tree(query: str) -> Any:
    """A query as DuckDB parses it."""
    row = duckdb.execute("select json_serialize_sql(?)", [query]).fetchone()
    assert row is not None
    tree = json.loads(row[0])
    assert not tree["error"], tree
    return tree


def selects(tree: Any) -> Iterator[Node]:
    """Every select of a query, however deep."""
    if isinstance(tree, dict):
        if tree.get("type") == "SELECT_NODE":
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from selects(part)


def column_refs(tree: Any) -> list[list[str]]:
    """The columns that an expression reads, those of subqueries left out."""
    if isinstance(tree, dict):
        if tree.get("type") == "SELECT_NODE":
            return []
        if tree.get("class") == "COLUMN_REF":
            return [tree["column_names"]]
        tree = list(tree.values())
    if isinstance(tree, list):
        return [name for part in tree for name in column_refs(part)]
    return []


# ----------------------------------------------------------------- how a model is built


def test_a_model_is_with_alone_and_ends_with_its_last_query(models: list[Node]) -> None:
    def problem(model: Node) -> str | None:
        text = sql(model).strip()
        if not text.startswith("with\n\n"):
            return "does not begin with `with` alone"
        if not text.endswith(f"\n)\n\nselect * from {list(ctes(model))[-1]}"):
            return "does not end with `select * from <last>`"
        return None

    none_of(f"{m['name']} {said}" for m in models if (said := problem(m)))


def test_every_ref_is_imported_once_under_its_name(models: list[Node]) -> None:
    """`int_leads` is imported as `leads`; of two that would share it, one is free."""

    def plain(ref: str) -> str:
        return re.sub(
            r"^(stg_[a-z0-9]+__|exp_[a-z0-9]+__|int_|dim_|fct_|seg_)", "", ref
        )

    def problems(model: Node) -> Iterator[str]:
        imported = imports(model)
        read = re.findall(r"\b(?:ref|source)\((.*?)\)", sql(model))
        if len(read) != len(imported):
            yield "reads a ref outside an import, or twice"
        taken = Counter(plain(ref) for ref in imported.values())
        for name, ref in imported.items():
            if name != plain(ref) and taken[plain(ref)] == 1:
                yield f"imports {ref} as {name}, not as {plain(ref)}"

    none_of(f"{model['name']} {said}" for model in models for said in problems(model))


def test_every_import_is_used(models: list[Node]) -> None:
    def unused(model: Node) -> Iterator[str]:
        imported = imports(model)
        steps = [text for name, text in ctes(model).items() if name not in imported]
        for name in imported:
            if not re.search(rf"\b{name}\b", "".join(steps)):
                yield name

    none_of(f"{model['name']}: {name}" for model in models for name in unused(model))


def test_columns_are_listed(models: list[Node]) -> None:
    """`select *` is for imports and unions, of one relation and nothing besides."""
    bare = r"\s+from\s+(\{\{.*?\}\}|\w+)\s*(\)|union\b|\Z)"

    def problems(model: Node) -> Iterator[str]:
        for name, text in ctes(model).items():
            if re.search(r"\w\.\*|,\s*\*", text):
                yield f"{name}: a star among columns"
            if re.search(rf"select\s+\*(?!{bare})", text):
                yield f"{name}: select * with something besides"
        last = list(ctes(model))[-1]
        if re.search(r"select\s+\*", ctes(model)[last].rpartition(")")[0]):
            yield f"{last}: the last query must list its columns"

    none_of(f"{model['name']}, {said}" for model in models for said in problems(model))


# ---------------------------------------------------------- what is promised to readers


def test_published_models_have_a_contract(models: list[Node]) -> None:
    none_of(
        model["name"]
        for model in models
        if is_published(model) and not model["config"]["contract"]["enforced"]
    )


def test_published_columns_are_described_and_typed(models: list[Node]) -> None:
    none_of(
        f"{model['name']}.{column['name']}: {column['data_type']}"
        for model in models
        if is_published(model)
        for column in model["columns"].values()
        if not column["description"].strip()
        or not re.fullmatch(PORTABLE_TYPES, column["data_type"] or "")
    )


def test_the_name_of_a_column_tells_its_type(models: list[Node]) -> None:
    none_of(
        f"{model['name']}.{name}: {column['data_type']}"
        for model in models
        if is_published(model)
        for name, column in model["columns"].items()
        for pattern, types in NAMED_AFTER_TYPE
        if re.fullmatch(pattern, name) and not re.fullmatch(types, column["data_type"])
    )


def test_a_column_is_described_once() -> None:
    """dbt keeps the last of two entries and says nothing."""

    def repeated(file: Path) -> Iterator[str]:
        content = yaml.safe_load(file.read_text())
        for node in (*content.get("models", []), *content.get("seeds", [])):
            names = Counter(column["name"] for column in node.get("columns", []))
            for name in (name for name, count in names.items() if count > 1):
                yield f"{file.name}: {node['name']}.{name}"

    files = [
        file for home in ("models", "seeds") for file in (PROJECT / home).rglob("*.yml")
    ]
    none_of(said for file in files for said in repeated(file))


def test_personal_columns_stand_in_schema_personal(models: list[Node]) -> None:
    """Views hold nothing; what a stored table holds, an erasure must find in one place.

    Read off the SQL: most columns of private models stand in no yml.
    """
    none_of(
        f"{model['name']}, schema {model['schema']}: {name}"
        for model in models
        if model["schema"] != "personal" and model["config"]["materialized"] != "view"
        for name in columns_made(model)
        if name in PERSONAL_COLUMNS
    )


def columns_made(model: Node) -> set[str]:
    """The columns of a model's last query."""
    tree = syntax_tree(model["compiled_code"])["statements"][0]["node"]
    named = {part["key"]: part["value"] for part in tree["cte_map"]["map"]}
    (last,) = re.findall(r"select \* from (\w+)\s*$", model["compiled_code"])
    return {
        item["alias"] or item["column_names"][-1]
        for select in selects(named[last]["query"])
        for item in select["select_list"]
        if item["alias"] or item.get("column_names")
    }


def not_listed_in(name: str, manifest: Node, models: Iterable[Node]) -> Iterator[str]:
    """The models that a data test, which lists its tables, does not read."""
    (test,) = (test for test in of_type(manifest, "test") if test["name"] == name)
    for model in models:
        if model["unique_id"] not in test["depends_on"]["nodes"]:
            yield f"{model['name']}: list it in {name}"


def test_whoever_withdrew_is_looked_for_in_every_published_table(
    manifest: Node, models: list[Node]
) -> None:
    none_of(
        not_listed_in(
            "assert_withdrawn_persons_are_gone",
            manifest,
            (
                model
                for model in models
                if is_published(model) and "lead_id" in model["columns"]
            ),
        )
    )


def test_every_leaf_is_compared_with_who_is_exported(
    manifest: Node, models: list[Node]
) -> None:
    none_of(
        not_listed_in(
            "assert_leaves_show_who_is_exported",
            manifest,
            (
                model
                for model in models
                if model["name"].startswith("exp_")
                and {"lead_id", "changed_at"} <= set(model["columns"])
            ),
        )
    )


def test_columns_stand_in_the_order_of_their_types(models: list[Node]) -> None:
    """Ids, strings, numbers, booleans, dates, timestamps."""

    def place(column: Node) -> int:
        kinds = (r"string", r"integer|bigint|double|decimal.*", r"boolean", r"date")
        is_of = [bool(re.fullmatch(kind, column["data_type"])) for kind in kinds]
        if column["name"].endswith("_id"):
            return 0
        return is_of.index(True) + 1 if any(is_of) else len(kinds) + 1

    def problems(model: Node) -> Iterator[str]:
        columns = list(model["columns"].values())
        for before, after in pairwise(columns):
            if place(before) > place(after):
                yield f"{model['name']}: {before['name']} before {after['name']}"

    published = [model for model in models if is_published(model)]
    none_of(said for model in published for said in problems(model))


# --------------------------------------------------------------------- where it is told


def test_models_are_described_in_the_file_of_their_folder(models: list[Node]) -> None:
    none_of(
        f"{model['name']}: {model['patch_path']}"
        for model in models
        if not str(model["patch_path"]).endswith(
            f"models/{folder(model)}/_{folder(model)}__models.yml"
        )
    )


def test_models_are_described_in_the_order_of_the_flow(models: list[Node]) -> None:
    def order(name: str) -> dict[str, int]:
        path = PROJECT / "models" / name / f"_{name}__models.yml"
        told = yaml.safe_load(path.read_text())["models"]
        return {model["name"]: place for place, model in enumerate(told)}

    place = {
        model: at
        for name in {folder(model) for model in models}
        for model, at in order(name).items()
    }
    folder_of = {model["name"]: folder(model) for model in models}
    none_of(
        f"{folder(model)}: {ref} must stand before {model['name']}, which reads it"
        for model in models
        for ref in refs(model)
        if folder_of.get(ref) == folder(model)
        and place.get(ref, 0) > place.get(model["name"], len(models))
    )


def test_unit_tests_stand_in_the_file_of_their_folder(
    manifest: Node, models: list[Node]
) -> None:
    folder_of = {model["name"]: folder(model) for model in models}
    none_of(
        f"{test['name']}: {test['original_file_path']}"
        for test in manifest["unit_tests"].values()
        if test["original_file_path"]
        != f"models/{(home := folder_of[test['model']])}/_{home}__unit_tests.yml"
    )


# ------------------------------------------------------------------------------- macros


def test_a_file_holds_one_public_macro_of_its_name(macros: list[Node]) -> None:
    def file_name(macro: Node) -> str:
        # dbt calls a materialization so, by its name and its engine.
        return re.sub(r"^(materialization_\w+)_[a-z]+$", r"\1", macro["name"])

    none_of(
        f"{macro['original_file_path']}: {macro['name']}"
        for macro in macros
        if Path(macro["original_file_path"]).stem != file_name(macro)
    )


def test_macros_are_short(macros: list[Node]) -> None:
    none_of(
        f"{macro['name']}: {lines} lines"
        for macro in macros
        if (lines := len(macro["macro_sql"].splitlines())) > MOST_LINES_OF_A_MACRO
    )


def test_engines_differ_in_portability_only(macros: list[Node]) -> None:
    def is_home(macro: Node) -> bool:
        return bool(macro["original_file_path"].startswith("macros/portability/"))

    def asks(macro: Node) -> bool:
        if re.match(r"materialization_\w+_(?!default)", macro["name"]):
            return True  # of one engine: dbt dispatches it
        return bool(re.search(r"adapter\.dispatch|target\.type", macro["macro_sql"]))

    none_of(
        f"{macro['original_file_path']} "
        + ("need not stand here" if is_home(macro) else "asks for the engine")
        for macro in macros
        if is_home(macro) != asks(macro)
    )


def test_macros_and_their_arguments_are_described(macros: list[Node]) -> None:
    def problems(macro: Node) -> Iterator[str]:
        if not macro["description"].strip():
            yield macro["name"]
        if macro["name"].startswith("materialization_"):
            return  # its arguments are dbt's
        for argument in macro["arguments"]:
            if not argument["type"] or not argument["description"].strip():
                yield f"{macro['name']}, argument {argument['name']}"

    none_of(said for macro in macros for said in problems(macro))


def test_every_macro_has_cases_or_says_what_proves_it(
    manifest: Node, macros: list[Node]
) -> None:
    asserted = {test["name"] for test in of_type(manifest, "test")}
    none_of(
        f"{macro['name']}: add tests/macros/assert_{macro['name']}.sql"
        for macro in macros
        if f"assert_{macro['name']}" not in asserted
        and not macro["meta"].get("proven_by")
    )


def test_macro_tests_test_a_macro(macros: list[Node]) -> None:
    names = {macro["name"] for macro in macros}
    none_of(
        path.name
        for path in (PROJECT / "tests" / "macros").glob("*.sql")
        if path.stem.removeprefix("assert_") not in names
    )


# -------------------------------------------------------------------------------- seeds


def test_every_seed_column_has_a_portable_type(manifest: Node) -> None:
    def problem(seed: Node) -> str | None:
        types = seed["config"]["column_types"]
        with (PROJECT / seed["original_file_path"]).open(newline="") as file:
            header = next(csv.reader(file))
        if header != list(types):
            return f"columns {header}, types for {list(types)}"
        odd = [t for t in types.values() if not re.fullmatch(PORTABLE_TYPES, t)]
        return f"types {odd}" if odd else None

    seeds = of_type(manifest, "seed")
    none_of(f"{seed['name']}: {said}" for seed in seeds if (said := problem(seed)))


def test_every_seed_says_its_grain(manifest: Node) -> None:
    none_of(
        seed["name"]
        for seed in of_type(manifest, "seed")
        if not seed["description"].startswith("One row per ")
    )


# -------------------------------------------------------------------------------- tests


def test_every_test_that_is_written_runs(manifest: Node) -> None:
    known = {node["original_file_path"] for node in of_type(manifest, "test")}
    known |= {macro["original_file_path"] for macro in manifest["macros"].values()}
    written = {
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "tests").rglob("*.sql")
    }
    none_of(written - known)


def test_nothing_is_switched_off(manifest: Node) -> None:
    none_of(manifest["disabled"])
    none_of(
        f"{test['name']} only warns"
        for test in of_type(manifest, "test")
        if test["config"]["severity"].lower() != "error"
    )


def test_tests_that_span_models_open_with_their_claim(manifest: Node) -> None:
    """`-- The claim. Fails when ...` stands above the SQL."""
    none_of(
        test["original_file_path"]
        for test in of_type(manifest, "test")
        if test["original_file_path"].startswith(("tests/flow/", "tests/macros/"))
        and not re.match(r"(-- .*\n)*-- .*\b[Ff]ails\b.*\n", test["raw_code"])
    )


def test_every_segment_table_has_its_segment(models: list[Node]) -> None:
    tables = {m["name"] for m in models if m["name"].startswith("seg_")}
    with (PROJECT / "seeds" / "rules" / "segments.csv").open(encoding="utf-8") as file:
        segments = {f"seg_{row['segment']}" for row in csv.DictReader(file)}
    none_of(tables ^ segments)


def test_every_segment_table_lists_the_members_of_its_segment(
    models: list[Node],
) -> None:
    none_of(
        m["name"]
        for m in models
        if m["name"].startswith("seg_")
        and f"segment = '{m['name'].removeprefix('seg_')}'" not in m["raw_code"]
    )


def test_documents_that_are_named_are_there() -> None:
    """Whoever reads on where a comment points finds something."""
    folders = ("benchmarks", "macros", "models", "scripts", "seeds", "tests")
    files = [path for name in folders for path in (PROJECT / name).rglob("*.*")]
    known = {path.name for path in [*files, *PROJECT.glob("*.md")]}
    none_of(
        f"{path.relative_to(PROJECT)}: {name}"
        for path in files
        if path.suffix in (".py", ".sql", ".yml", ".md", ".j2")
        for name in re.findall(r"\b[A-Z]+[.]md\b", path.read_text(encoding="utf-8"))
        if name not in known
    )


# ------------------------------------------------------------------------------ scripts


def scripts() -> list[Path]:
    return sorted((PROJECT / "scripts").glob("[!_]*.py"))


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.stem)
def test_a_script_is_a_command_with_help_and_an_example(script: Path) -> None:
    source = script.read_text()
    tree = ast.parse(source)
    mains = {
        node.name: ast.unparse(node).splitlines()[0]
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    assert re.fullmatch(r"[a-z]+_[a-z_]+", script.stem), "name it <verb>_<noun>.py"
    assert (ast.get_docstring(tree) or "").splitlines(), "its first line is the help"
    assert mains.get("main") == "def main(argv: list[str] | None=None) -> int:"
    assert re.search(r"\bepilog=", source), "show an example in the epilog"


def test_every_var_may_be_given() -> None:
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    checked = (PROJECT / "macros" / "check_vars.sql").read_text()
    known = checked[checked.index("[") : checked.index("]")]
    assert re.findall(r"'(\w+)'", known) == sorted(declared)
