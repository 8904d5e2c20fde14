"""Whether the last build may be published or exported, from the files dbt wrote.

dbt leaves run_results.json and manifest.json in its target folder. Tables are published
and exported only after a `dbt build` of the whole project in which every test passed: a
build of selected models proves nothing about the rest.
"""

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _options import ActionableError

PASSED = {"success", "pass", "warn", "no-op"}
LIMITS = (
    *("select", "selector", "exclude"),
    *("resource_types", "exclude_resource_types", "empty"),
)
# Commands of two words, of which dbt notes the second.
TWO_WORDS = {"generate": "docs generate", "serve": "docs serve"}


@dataclass(frozen=True)
class PassedBuild:
    """A build of the whole project whose tests passed."""

    run_results: Path
    nodes: list[Any]  # of the manifest, that it built

    def check_warehouse(self, database: Path) -> None:
        """Refuse if the build was of a different warehouse."""
        catalogue = database.name.lstrip(".").split(".")[0]  # as DuckDB calls it
        for node in self.nodes:
            if node["resource_type"] == "model" and node["database"] != catalogue:
                raise ActionableError(
                    f"{self.run_results}: is about the warehouse {node['database']},"
                    f" not of {database}; name the right ones with --database and"
                    " --run-results"
                )


def add_run_results_option(parser: argparse.ArgumentParser) -> None:
    """Add --run-results, what dbt wrote about the build."""
    target = Path(os.environ.get("DBT_TARGET_PATH") or "target")
    parser.add_argument(
        "--run-results",
        type=Path,
        default=target / "run_results.json",
        metavar="FILE",
        help="what dbt wrote about the build, manifest.json beside it (%(default)s)",
    )


def read_passed_build(run_results: Path) -> PassedBuild:
    """Return the last build, if it passed whole."""
    build = _read_json(run_results)
    _check_passed(build, run_results)
    manifest = _read_json(run_results.with_name("manifest.json"))
    # dbt writes the manifest when it starts and the results when it ends.
    if _invocation(manifest) != _invocation(build):
        raise ActionableError(
            f"{run_results}: another dbt command was begun after this build, and may"
            " have been killed; run `dbt build` again, then this"
        )
    built = {result["unique_id"] for result in build["results"]}
    nodes = [node for name, node in manifest["nodes"].items() if name in built]
    _check_models(nodes, manifest, run_results)
    return PassedBuild(run_results, nodes)


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ActionableError(
            f"{file}: no build has finished here; run `dbt build`, or name the"
            " run_results.json of another target folder with --run-results"
        ) from None
    except ValueError:
        raise ActionableError(f"{file}: is damaged; run `dbt build`") from None


def _invocation(document: Any) -> str:
    """Return the run of dbt that wrote a document."""
    return str(document["metadata"]["invocation_id"])


def _check_models(nodes: list[Any], manifest: Any, file: Path) -> None:
    """Refuse a partial build that dbt also calls a build, such as `dbt retry`."""
    made, known = (
        sum(node["resource_type"] == "model" for node in each)
        for each in (nodes, manifest["nodes"].values())
    )
    if made < known:
        raise ActionableError(
            f"{file}: the last build made {made} of {known} models, as `dbt retry` does"
            " after one that failed; run `dbt build`, then this"
        )


def _check_passed(build: Any, file: Path) -> None:
    """Refuse anything but a build of the whole project that passed."""
    options = build["args"]
    if options.get("which") != "build":
        word = str(options.get("which"))
        command = f"dbt {TWO_WORDS.get(word, word)}"
        raise ActionableError(
            f"{file}: the last dbt command was `{command}`, which does not test"
            " everything and wrote over the results of the build; run `dbt build`, then"
            f" this (`{command} --target-path FOLDER` writes elsewhere)"
        )
    # Unit tests are about the project, not about what was built.
    if options.get("exclude_resource_types") == ["unit_test"]:
        options = options | {"exclude_resource_types": []}
    limits = ", ".join(f"--{name}" for name in LIMITS if options.get(name))
    if limits:
        raise ActionableError(
            f"{file}: the last build was limited by {limits.replace('_', '-')};"
            " run `dbt build` without it, then this"
        )
    failed = [
        result["unique_id"].split(".")[2]
        for result in build["results"]
        if result["status"] not in PASSED
    ]
    if failed or not build["results"]:
        named = f" ({', '.join(failed[:3])}{', …' if failed[3:] else ''})"
        raise ActionableError(
            f"{file}: the last build did not pass{named if failed else ''}; nothing is"
            " handed on, readers keep the last good copy; mend it and run `dbt build`"
        )
