"""Write what calibration proposes: rule files that could replace today's."""

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from _calibration_panel import (
    CriterionProposal,
    EngagementResult,
    FitLevel,
    FitResult,
    ProbabilityResult,
    RuleProposal,
)
from _calibration_report import ChangedFile
from _warehouse import plural

CsvRow = dict[str, str]
PROPOSED_FILES = (  # the others stay as they are
    "engagement_rules.csv",
    "inactivity_rules.csv",
    "rule_groups.csv",
    "score_scales.csv",
    "fit_rules.csv",
    "probability_terms.csv",
)


@dataclass(frozen=True)
class RuleFile:
    """A rule file: its columns in order, its rows."""

    columns: list[str]
    rows: list[CsvRow]

    @classmethod
    def read(cls, file: Path) -> "RuleFile":
        """Read a file as dbt loads it.

        Spaces around cells, blank rows and Excel's byte order mark are ignored.
        """
        with file.open(encoding="utf-8-sig", newline="") as text:
            columns, *lines = (
                [cell.strip() for cell in cells] for cells in csv.reader(text)
            )
        rows = [
            dict(zip(columns, cells, strict=False)) for cells in lines if any(cells)
        ]
        return cls(columns, rows)

    def write(self, file: Path) -> None:
        """Write the rows; a column that a row does not have stays blank."""
        with file.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)


def write_rules(
    current: Path,
    folder: Path,
    engagement: EngagementResult,
    fit: FitResult,
    as_of_date: str,
) -> list[ChangedFile]:
    """Copy the current rules into a folder, and change there what is proposed."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(current.glob("*.csv")):
        shutil.copyfile(file, folder / file.name)
    changed = []
    if engagement.is_proposed:
        changed += [
            _change(
                folder / "engagement_rules.csv",
                partial(_propose_rules, as_of_date),
                engagement,
            ),
            _change(
                folder / "inactivity_rules.csv",
                partial(_propose_inactivity, as_of_date),
                engagement,
            ),
            _change(folder / "rule_groups.csv", _propose_limits, engagement),
            _change(folder / "score_scales.csv", _propose_scale, engagement),
        ]
    if fit.is_proposed:
        changed.append(_change(folder / "fit_rules.csv", _propose_fit_rules, fit))
    return [file for file in changed if file.change]


def _change(
    file: Path, propose: Callable[[RuleFile, Any], str], result: object
) -> ChangedFile:
    rules = RuleFile.read(file)
    what = propose(rules, result)
    if what:
        rules.write(file)
    return ChangedFile(file.name, what)


# ---------------------------------------------------------------- engagement


def _propose_rules(as_of_date: str, file: RuleFile, result: EngagementResult) -> str:
    begun = _rows_begun(file.rows, as_of_date)
    changed, added = 0, 0
    for rule in result.rules:
        if rule.points is None:
            continue
        if rule.is_candidate:
            file.rows.append(_new_rule(rule))
            added += 1
        elif rule.rule_id in begun and (
            rule.is_points_changed or rule.is_decay_changed
        ):
            begun[rule.rule_id].update(_worth(rule))
            changed += 1
    return _counted(("changed", changed), ("added", added), thing="rule")


def _propose_inactivity(
    as_of_date: str, file: RuleFile, result: EngagementResult
) -> str:
    points = {
        rule.rule_id: number(rule.points)
        for rule in result.rules
        if rule.mode == "inactivity" and rule.is_points_changed
    }
    changed = 0
    for rule_id, row in _rows_begun(file.rows, as_of_date).items():
        if rule_id in points:
            row["points"] = points[rule_id]
            changed += 1
    return _counted(("changed", changed), thing="rule")


def _rows_begun(rows: list[CsvRow], as_of_date: str) -> dict[str, CsvRow]:
    """Return the row of every rule that is valid today (int_calibration_rules).

    Earlier worths are history, and later ones what somebody has decided already.
    """
    ordered = sorted(rows, key=lambda row: row["valid_from"])
    return {row["rule_id"]: row for row in ordered if row["valid_from"] <= as_of_date}


def _worth(rule: RuleProposal) -> CsvRow:
    worth = {"points": number(rule.points)}
    if rule.is_decay_changed:
        worth |= {
            "decay": rule.decay,
            "decay_days": number(rule.decay_days),
            "decay_rate": number(rule.decay_rate),
        }
    return worth


def _new_rule(rule: RuleProposal) -> CsvRow:
    words = rule.event_type.replace("_", " ")
    return {
        "rule_id": rule.rule_id,
        "event_type": rule.event_type,
        "mode": "each",
        "points": number(rule.points),
        "decay": rule.decay,
        "decay_days": number(rule.decay_days),
        "decay_rate": number(rule.decay_rate),
        "description": f"Did this: {words}",
    }


def _propose_limits(file: RuleFile, result: EngagementResult) -> str:
    limits = {limit.rule_group: number(limit.max_points) for limit in result.limits}
    changed = 0
    for row in file.rows:
        if row["rule_group"] in limits:
            row["max_points"] = limits[row["rule_group"]]
            changed += 1
    return _counted(("changed", changed), thing="limit")


def _propose_scale(file: RuleFile, result: EngagementResult) -> str:
    """Adjust the scale so that scores stay about the same under the new points."""
    if result.scale_factor == 1:
        return ""
    changed = 0
    for row in file.rows:
        for column in ("half_saturation_points", "max_points"):
            if row["score"] == "engagement" and row[column]:
                scaled = float(row[column]) * result.scale_factor
                row[column] = number(float(f"{scaled:.2g}"))
                changed += 1
    return _counted(("changed", changed), thing="scale")


# ---------------------------------------------------------------- fit


def _propose_fit_rules(file: RuleFile, result: FitResult) -> str:
    proven = [criterion for criterion in result.criteria if criterion.is_proven]
    attributes = {level.attribute for item in proven for level in item.levels}
    kept = [row for row in file.rows if row["attribute"].lower() not in attributes]
    removed = len(file.rows) - len(kept)
    taken = {row["rule_id"] for row in kept}
    levels = [level for item in proven for level in item.levels if level.points]
    file.rows[:] = kept + [_fit_rule(level, taken) for level in levels]
    return _counted(("removed", removed), ("added", len(levels)), thing="rule")


def _fit_rule(level: FitLevel, taken: set[str]) -> CsvRow:
    rule_id = level.rule_id
    while rule_id in taken:
        rule_id += "_new"
    taken.add(rule_id)
    return {
        "rule_id": rule_id,
        "criterion": level.criterion,
        "attribute": level.attribute,
        "operator": level.operator,
        "operand": level.operand,
        "points": str(level.points),
        "description": level.label[:1].upper() + level.label[1:],
    }


# ---------------------------------------------------------------- probability


def write_probability_terms(
    folder: Path, result: ProbabilityResult, horizon_days: int
) -> list[ChangedFile]:
    """Replace the terms in the file; equal terms are no change."""
    if not result.is_proposed:
        return []
    name = "probability_terms.csv"
    current = RuleFile.read(folder / name)
    rows = [
        {
            "term_id": term.term_id,
            "feature": term.feature,
            "kind": term.kind,
            "operand": term.operand,
            "min_value": number(term.min_value),
            "max_value": number(term.max_value),
            "coefficient": repr(float(term.coefficient)),
            "horizon_days": str(horizon_days),
            "fitted_until": result.fitted_until,
            "description": term.description,
        }
        for term in result.terms
    ]
    if rows == current.rows:
        return []
    RuleFile(current.columns, rows).write(folder / name)
    return [ChangedFile(name, _counted(("written", len(rows)), thing="term"))]


def with_kept_terms(
    folder: Path, result: ProbabilityResult, is_rescored: bool
) -> ProbabilityResult:
    """Say that unreplaced terms stay, and how new points affect them."""
    kept = len(RuleFile.read(folder / "probability_terms.csv").rows)
    if result.is_proposed or not kept:
        return result
    said = f" Today's probability stays ({plural(kept, 'term')})"
    if is_rescored:
        said += (
            ", though it was fitted on other points; to have none, keep the first line"
            " of probability_terms.csv alone"
        )
    return replace(result, reason=f"{result.reason}{said}.")


# ---------------------------------------------------------------- evidence


def write_evidence(
    file: Path,
    engagement: EngagementResult,
    fit: FitResult,
    probability: ProbabilityResult,
) -> None:
    """Write the evidence for each proposed number, next to today's value.

    Estimate and interval are in the currency of the proposed points, and so is
    `today_in_new_points`, which differs from `today` where all points are multiplied.
    """
    rows = [
        *(_rule_evidence(rule, engagement) for rule in engagement.rules),
        *(
            row
            for criterion in fit.criteria
            for row in _criterion_evidence(criterion, fit)
        ),
        *(
            {
                "file": "probability_terms.csv",
                "rule_id": term.term_id,
                "proposed": repr(float(term.coefficient)),
                "low": f"{term.low:.3f}",
                "high": f"{term.high:.3f}",
                "decision": term.description,
            }
            for term in probability.terms
        ),
    ]
    columns = [
        *("file", "rule_id", "leads_hit", "conversions_with", "conversions_without"),
        *("today", "today_in_new_points", "estimate", "low", "high", "proposed"),
        "decay_days_today",
        *("half_life_estimate", "half_life_low", "half_life_high"),
        *("decay_days_proposed", "decision"),
    ]
    RuleFile(columns, rows).write(file)


def _rule_evidence(rule: RuleProposal, result: EngagementResult) -> CsvRow:
    today = rule.points_today
    kind = "inactivity" if rule.mode == "inactivity" else "engagement"
    return {
        "file": f"{kind}_rules.csv",
        "rule_id": rule.rule_id,
        "leads_hit": str(rule.leads_hit),
        "conversions_with": str(rule.conversions_with),
        "conversions_without": str(rule.conversions_without),
        "today": number(today),
        "today_in_new_points": number(today and today * result.points_factor),
        "estimate": _estimate(rule.points_estimate),
        "low": _estimate(rule.points_low),
        "high": _estimate(rule.points_high),
        "proposed": number(rule.points),
        "decay_days_today": number(rule.decay_days_today),
        "half_life_estimate": _estimate(rule.half_life_estimate),
        "half_life_low": _estimate(rule.half_life_low),
        "half_life_high": _estimate(rule.half_life_high),
        "decay_days_proposed": "" if rule.points is None else number(rule.decay_days),
        "decision": rule.decision,
    }


def _criterion_evidence(
    criterion: CriterionProposal, result: FitResult
) -> Iterator[CsvRow]:
    """Give a row for each level, and one with the reason if there are no points."""
    for level in criterion.levels:
        yield _level_evidence(level, criterion.reason, result)
    if not criterion.is_proven:
        yield {
            "file": "fit_rules.csv",
            "rule_id": criterion.criterion,
            "decision": f"not proposed: {criterion.attribute}: {criterion.reason}",
        }


def _level_evidence(level: FitLevel, reason: str, result: FitResult) -> CsvRow:
    estimate, low, high = level.in_points(result.points_per_log_odds)
    said = "" if result.is_proposed else "not proposed: "
    return {
        "file": "fit_rules.csv",
        "rule_id": level.rule_id,
        "leads_hit": str(level.leads_count),
        "conversions_with": str(level.conversions),
        "today": number(level.points_today),
        "estimate": _estimate(estimate),
        "low": _estimate(low),
        "high": _estimate(high),
        "proposed": str(level.points) if result.is_proposed else "",
        "decision": f"{said}{level.label}: {reason}",
    }


def number(value: float | None) -> str:
    """Return a number as a rule file has it: 10, 0.25, blank for none."""
    return "" if value is None else f"{value:.10g}"


def _estimate(value: float) -> str:
    """Return an estimate with three figures; blank where nothing was estimated."""
    if value != value:
        return ""
    return "none" if value == float("inf") else f"{value:.3g}"


def _counted(*counts: tuple[str, int], thing: str) -> str:
    """Return `2 rules changed, 1 rule added`; nothing when all counts are 0."""
    parts = [
        f"{count} {thing if count == 1 else thing + 's'} {verb}"
        for verb, count in counts
        if count
    ]
    return ", ".join(parts)
