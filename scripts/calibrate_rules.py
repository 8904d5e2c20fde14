"""Learn from past conversions what rules are worth, and propose better ones.

Points and half-lives of engagement rules, fit points and a conversion probability are
fitted on earlier cut-offs of the back-test and tested on later ones. What is proposed
is written as rule files, with the evidence for each number and a report to read;
nothing is applied unless you say so. The proposal is scored by the warehouse itself, on
a copy, so what the report shows is what a build with it would give.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from _calibration_engagement import fit_engagement
from _calibration_evidence import auc_with_interval, check_evidence, split_rows
from _calibration_files import write_evidence, write_probability_terms, write_rules
from _calibration_fit import fit_fit_points
from _calibration_leakage import find_leaks
from _calibration_panel import (
    EngagementResult,
    Evidence,
    Features,
    FitResult,
    Flags,
    Leak,
    Outcomes,
    Panel,
    ProbabilityResult,
    Progress,
    Split,
)
from _calibration_probability import fit_probability
from _calibration_reading import (
    read_baselines,
    read_context,
    read_features,
    read_outcomes,
    read_panel,
    read_probabilities,
)
from _calibration_report import (
    Baseline,
    CalibrationReport,
    ChangedFile,
    write_report,
)
from _options import ActionableError, add_database_option, run_reporting_errors
from _rival_build import PROJECT, RivalBuild, current_rules, rival_warehouse
from _warehouse import heading, labelled, open_warehouse, paragraph, show

EXAMPLES = """\
examples:
  calibrate_rules.py                       # writes calibration/report.html and rules
  calibrate_rules.py --allow-leak tags     # keep what looks as if it knew the outcome
  calibrate_rules.py --apply               # and puts the rules into place"""

SCORED = ("int_lead_features", "int_lead_rule_points", "int_lead_outcomes")
TESTED = (*SCORED, "int_backtest_scores", "fct_score_backtest_pooled")
# SQL and NumPy add up in another order; probabilities are published with 6 digits.
TOLERANCE = 2e-6


@dataclass(frozen=True)
class Learnt:
    """What was learnt from a panel before the probability."""

    panel: Panel
    split: Split
    evidence: Evidence
    leaks: tuple[Leak, ...]
    engagement: EngagementResult
    fit: FitResult


# --- Learning -----------------------------------------------------------------------


def learn(
    panel: Panel,
    allowed: frozenset[str],
    test_from: str | None,
    train_until: str | None,
    progress: Progress,
) -> Learnt:
    """Fit points and half-lives, leaving out what gives the outcome away."""
    split = split_rows(panel.outcomes, test_from, train_until)
    evidence = check_evidence(panel.outcomes, split)
    leaks = tuple(find_leaks(panel, split, allowed)) if evidence.is_enough else ()
    left_out = frozenset(leak.name for leak in leaks if not leak.is_forced)
    engagement = fit_engagement(panel, split, evidence, left_out, progress)
    fit = fit_fit_points(panel, split, evidence, left_out, progress)
    return Learnt(panel, split, evidence, leaks, engagement, fit)


def learn_probability(
    learnt: Learnt, features: Features, progress: Progress
) -> ProbabilityResult:
    """Fit the probability on what the warehouse makes of the proposed rules."""
    left_out = {leak.name for leak in learnt.leaks if not leak.is_forced}
    leaking = {
        f"points:{rule.rule_id}"
        for rule in learnt.panel.rules
        if left_out & {rule.rule_id, rule.event_type}
    }
    numbers = {
        name: values for name, values in features.numbers.items() if name not in leaking
    }
    return fit_probability(
        learnt.panel.outcomes,
        replace(features, numbers=numbers),
        learnt.split,
        learnt.evidence,
        progress,
    )


def check_probability(
    rival: RivalBuild, outcomes: Outcomes, probability: ProbabilityResult
) -> None:
    """Make sure that the warehouse computes what was fitted."""
    with open_warehouse(rival.database) as connection:
        read_outcomes(connection, outcomes.horizon_days)
        scored = read_probabilities(connection)
    worst = float(np.max(np.abs(scored - probability.probability), initial=0.0))
    if not worst <= TOLERANCE:
        raise AssertionError(f"warehouse and fit differ by {worst}")


# --- The proposal -------------------------------------------------------------------


def propose(
    options: argparse.Namespace, progress: Progress
) -> tuple[CalibrationReport, Path]:
    """Learn, write the proposed rules, score them on a copy, and tell about it."""
    variables: dict[str, Any] = options.vars
    with rival_warehouse(options.database, options.rules, variables=variables) as rival:
        progress("score today's rules", 0.0)
        if options.rules or rival.is_redated:
            rival.run(TESTED)
        with open_warehouse(rival.database) as connection:
            panel = read_panel(connection, options.horizon_days)
            context = read_context(connection)
            baselines = _judge_baselines(connection, panel.outcomes)
        allowed = frozenset(options.allow_leak)
        learnt = learn(panel, allowed, options.test_from, options.train_until, progress)
        rules = options.output / "rules"
        shutil.rmtree(rules, ignore_errors=True)
        changed = write_rules(rival.rules, rules, learnt.engagement, learnt.fit)
        features = panel.features
        if changed:
            features = _score_rules(rival, rules, panel.outcomes, progress)
        probability = learn_probability(learnt, features, progress)
        horizon_days = panel.outcomes.horizon_days
        changed += write_probability_terms(rules, probability, horizon_days)
        if probability.is_proposed:
            progress("score the probability", 0.0)
            _take_over(rules, rival.rules)
            rival.run(TESTED)
            check_probability(rival, panel.outcomes, probability)
    write_evidence(
        options.output / "evidence.csv", learnt.engagement, learnt.fit, probability
    )
    report = _report(
        options, learnt, probability, features, context, changed, baselines
    )
    return report, rules


def _score_rules(
    rival: RivalBuild, rules: Path, outcomes: Outcomes, progress: Progress
) -> Features:
    """Score the copy under the proposed rules; read what comes of it."""
    progress("score the proposed rules", 0.0)
    _take_over(rules, rival.rules)
    rival.run(SCORED)
    with open_warehouse(rival.database) as connection:
        read_outcomes(connection, outcomes.horizon_days)
        return read_features(connection)


def _take_over(rules: Path, folder: Path) -> None:
    for file in rules.glob("*.csv"):
        shutil.copyfile(file, folder / file.name)


def _judge_baselines(
    connection: duckdb.DuckDBPyConnection, outcomes: Outcomes
) -> dict[str, Any]:
    return read_baselines(connection, outcomes.count)


def _report(
    options: argparse.Namespace,
    learnt: Learnt,
    probability: ProbabilityResult,
    features: Features,
    context: dict[str, str],
    changed: list[ChangedFile],
    baselines: dict[str, Any],
) -> CalibrationReport:
    outcomes, split = learnt.panel.outcomes, learnt.split
    return CalibrationReport(
        title=str(options.rules or current_rules(PROJECT).relative_to(PROJECT)),
        as_of_date=context["as_of_date"],
        horizon_days=outcomes.horizon_days,
        is_converted=outcomes.is_converted,
        split=split,
        evidence=learnt.evidence,
        engagement=learnt.engagement,
        fit=learnt.fit,
        probability=probability,
        leaks=learnt.leaks,
        baselines=tuple(
            Baseline(name, _auc_of(values, outcomes, split.is_test), values)
            for name, values in baselines.items()
            if learnt.evidence.is_enough
        ),
        changed_files=tuple(changed),
        features=features,
        population=context["population"],
        conversion=context["conversion"],
        apply_command=" ".join(
            ["python scripts/calibrate_rules.py", *options.arguments, "--apply"]
        ),
        is_applied=options.apply,
    )


def _auc_of(values: Any, outcomes: Outcomes, is_test: Flags) -> Any:
    return auc_with_interval(
        values[is_test], outcomes.is_converted[is_test], outcomes.lead[is_test]
    )


def apply(rules: Path, changed: Sequence[ChangedFile]) -> None:
    """Put the changed files in place of the current ones, each in one step."""
    current = current_rules(PROJECT)
    for file in changed:
        beside = current / f".{file.name}.new"
        shutil.copyfile(rules / file.name, beside)
        beside.replace(current / file.name)


# --- How it is told -----------------------------------------------------------------


def tell(report: CalibrationReport, output: Path) -> Iterator[str]:
    """Lay out what a person wants to know before opening the report."""
    yield from heading("Calibration", f"as of {report.as_of_date}")
    yield from paragraph(report.evidence.reason)
    yield from labelled(
        [
            ("split", report.split.note if report.evidence.is_enough else ""),
            ("engagement", report.engagement.reason),
            ("fit", report.fit.reason),
            ("probability", report.probability.reason),
            *(("left out", leak.reason) for leak in report.leaks),
        ]
    )
    yield ""
    told = [(file.name, file.change) for file in report.changed_files]
    if told:
        yield from heading("Applied" if report.is_applied else "Proposed")
        yield from labelled(told)
    else:
        yield from paragraph("Nothing is proposed: the rules stay as they are.")
    yield from labelled(
        [
            ("report", str(output / "report.html")),
            ("rules", str(output / "rules") if told else ""),
            ("evidence", str(output / "evidence.csv")),
        ]
    )


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar per step, its words before it."""
    with tqdm(
        total=1.0,
        bar_format="{desc} {bar} {percentage:3.0f}%",
        leave=False,
        disable=None,
    ) as bar:

        def show_progress(what: str, share: float) -> None:
            bar.set_description_str(what, refresh=False)
            bar.n = share
            bar.refresh()

        yield show_progress


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_database_option(parser)
    parser.add_argument(
        "--rules",
        type=Path,
        metavar="FOLDER",
        help="start from these rule files, such as other backtest settings, instead of"
        " what the warehouse was built with; files it lacks stay as they are",
    )
    parser.add_argument(
        "--horizon-days",
        type=int,
        metavar="DAYS",
        help="learn for this one of backtest_horizon_days (default: the shortest)",
    )
    parser.add_argument(
        "--test-from",
        metavar="DATE",
        help="test on the cut-offs from this date (default: the newest third)",
    )
    parser.add_argument(
        "--train-until",
        metavar="DATE",
        help="learn from cut-offs up to this date, even if their outcomes were not"
        " complete at the first one to test on",
    )
    parser.add_argument(
        "--allow-leak",
        action="append",
        default=[],
        metavar="NAME",
        help="keep this attribute or event type although it gives the outcome away",
    )
    parser.add_argument(
        "--vars",
        type=json.loads,
        default={},
        metavar="JSON",
        help='dbt vars of the build, such as \'{"timezone": "Europe/Paris"}\'',
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("calibration"),
        metavar="FOLDER",
        help="where to write report, rules and evidence (default: %(default)s)",
    )
    parser.add_argument(
        "--apply",
        action="store_true",
        help="put the proposed rule files in place of the current ones",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the calibration; return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    options = parse_arguments(arguments)
    options.arguments = [each for each in arguments if each != "--apply"]

    def body() -> int:
        if options.apply and options.rules:
            raise ActionableError(
                "--apply changes the current rules and cannot go with --rules; copy"
                f" what you want from {options.output / 'rules'}"
            )
        options.output.mkdir(parents=True, exist_ok=True)
        # Many small products: threads that wait for each other cost more than they do.
        with progress_bar() as progress, threadpool_limits(1):
            report, rules = propose(options, progress)
        write_report(report, options.output / "report.html")
        if options.apply:
            apply(rules, report.changed_files)
        show(tell(report, options.output))
        return 0

    return run_reporting_errors(body)


if __name__ == "__main__":
    sys.exit(main())
