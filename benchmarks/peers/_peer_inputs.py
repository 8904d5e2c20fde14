"""The inputs of every peer: the landing zone, the seeds, the day, and the output file.

A peer reads the rules from the same CSV files as the warehouse. It knows the kinds of
conditions of the default rules and refuses others, rather than score them wrongly.
"""

import argparse
import csv
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from _options import PROJECT, ActionableError, run_reporting_errors

__all__ = ["ActionableError", "run_reporting_errors"]  # for the peers, too

SeedRow = dict[str, str | None]  # blank is None

KNOWN_CONDITIONS = {
    (None, None),
    ("page_url", "contains"),
    ("dwell_seconds", "more_than"),
}
# Which of several rows with one event id came first.
EVENT_ORDER = (
    "loaded_at",
    "occurred_at",
    "received_at",
    "event_name",
    "contact_id",
    "email",
    "anonymous_id",
    "amount",
    "currency",
    "quantity",
    "order_id",
    "product_id",
    "product_category",
    "campaign_id",
    "channel",
    "page_url",
    "session_id",
    "dwell_seconds",
    "user_agent",
    "properties",
    "is_machine",
)
# Which of several versions of a contact is the newest; the first two count backwards.
CONTACT_ORDER = (
    "updated_at",
    "loaded_at",
    "email",
    "phone",
    "first_name",
    "last_name",
    "gender",
    "country",
    "region",
    "city",
    "postal_code",
    "language",
    "company",
    "job_title",
    "industry",
    "is_test",
    "birth_date",
    "created_at",
)


@dataclass(frozen=True)
class Inputs:
    """What a peer reads and where it writes."""

    landing: Path
    reference: Path
    rules: Path
    as_of_date: date | None
    output: Path
    threads: int
    memory: str

    def files(self, table: str) -> list[str]:
        """The landed files of a table."""
        return sorted(str(file) for file in self.landing.glob(f"{table}/*/*.parquet"))

    def seed(self, name: str) -> list[SeedRow]:
        """The rows of a seed, text trimmed, blank as None."""
        home = self.rules if (self.rules / f"{name}.csv").exists() else self.reference
        with (home / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return [
                {column: text.strip() or None for column, text in row.items()}
                for row in csv.DictReader(file)
            ]

    def column(self, seed: str, name: str) -> list[str]:
        """The texts of a seed's column, blanks left out."""
        return [text for row in self.seed(seed) if (text := row[name])]

    def setting_number(self, name: str) -> int | None:
        """A setting, None when it is blank."""
        (value,) = (r["value"] for r in self.seed("settings") if r["setting"] == name)
        return int(value) if value else None

    def engagement_rules(self) -> list[SeedRow]:
        """The engagement rules, each with the limit of its group."""
        limits = {
            row["rule_group"]: row["max_points"] for row in self.seed("rule_groups")
        }
        rules = self.seed("engagement_rules")
        for rule in rules:
            rule["group_max_points"] = limits.get(rule["rule_group"])
            if rule["operand"]:
                rule["operand"] = rule["operand"].lower()
            if (rule["property"], rule["operator"]) not in KNOWN_CONDITIONS:
                raise ActionableError(
                    f"rule {rule['rule_id']}: the peers know no condition"
                    f" `{rule['property']} {rule['operator']}`; teach them, or measure"
                    " with other rules"
                )
        return rules


def number(text: str | None) -> float | None:
    """The number in a seed's cell."""
    return float(text) if text is not None else None


def day(text: str | None, default: date) -> date:
    """The date in a seed's cell."""
    return date.fromisoformat(text) if text else default


def run_peer(
    score: Callable[[Inputs], None], description: str | None, argv: Sequence[str] | None
) -> int:
    """Run a peer from the command line; returns the exit code."""
    name = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        description=description,
        epilog=f"example:\n  {name} --landing landing --output points.parquet",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    seeds = PROJECT / "seeds"
    add("--landing", type=Path, required=True, metavar="FOLDER", help="landing zone")
    add("--rules", type=Path, default=seeds / "rules", metavar="FOLDER")
    add("--reference", type=Path, default=seeds / "reference", metavar="FOLDER")
    add("--as-of-date", type=date.fromisoformat, metavar="DATE")
    add("--output", type=Path, required=True, metavar="FILE", help="Parquet")
    add("--threads", type=int, default=os.cpu_count() or 1, metavar="N")
    add("--memory", default=os.environ.get("LEAD_SCORING_MEMORY", "6GB"))
    inputs = Inputs(**vars(parser.parse_args(argv)))

    def body() -> int:
        if not inputs.files("events"):
            raise ActionableError(
                f"{inputs.landing}: no landed events; load some first"
            )
        inputs.engagement_rules()  # refuses what no peer knows
        score(inputs)
        return 0

    return run_reporting_errors(body)
