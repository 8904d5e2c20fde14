"""Learn from past conversions what rules are worth, and propose better ones.

Points and half-lives of engagement rules, fit points and a conversion probability are
fitted on earlier cut-offs of the back-test and tested on later ones. The proposal is
written as rule files, with the evidence for each number and a report; nothing is
applied without --apply. The warehouse itself scores the proposal, on a copy, so that
the report shows what a build with the proposed rules would give.
"""

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from _calibration_engagement import fit_engagement
from _calibration_evidence import auc_with_interval, check_evidence, split_rows
from _calibration_files import (
    PROPOSED_FILES,
    with_kept_terms,
    write_evidence,
    write_probability_terms,
    write_rules,
)
from _calibration_fit import fit_fit_points
from _calibration_leakage import find_leaks
from _calibration_panel import (
    Auc,
    EngagementResult,
    Evidence,
    Features,
    FitResult,
    Flags,
    Floats,
    Leak,
    Outcomes,
    Panel,
    ProbabilityResult,
    Progress,
    Split,
)
from _calibration_probability import fit_probability
from _calibration_reading import (
    check_rules_are_built,
    number_rows,
    read_baselines,
    read_context,
    read_features,
    read_panel,
    read_probabilities,
)
from _calibration_report import (
    Baseline,
    CalibrationReport,
    ChangedFile,
    write_report,
)
from _files import remove_stale_folders, sync
from _options import (
    ActionableError,
    add_database_option,
    add_project_option,
    add_vars_option,
    did_you_mean,
    positive,
    run_reporting_errors,
)
from _report_words import leak_verdict
from _rival_build import RivalBuild, current_rules, rival_warehouse
from _warehouse import heading, labelled, open_warehouse, paragraph, show

EXAMPLES = """\
examples:
  calibrate_rules.py                       # writes calibration/report.html and rules
  calibrate_rules.py --allow-leak tags     # keep what looks as if it knew the outcome
  calibrate_rules.py --apply               # and puts the rules into place"""

# In the folder of the current rules: files that will replace them in any case, even
# after a killed run.
DECIDED = ".applying"
SCORED = ("int_lead_features", "int_lead_rule_points", "int_lead_outcomes")
TESTED = (*SCORED, "int_backtest_scores", "fct_score_backtest_pooled")
# SQL and NumPy add up in different orders; probabilities are published with 6 digits.
TOLERANCE = 2e-6


@dataclass(frozen=True)
class Learnt:
    """What was learnt from a panel before the probability is fitted."""

    panel: Panel
    split: Split
    evidence: Evidence
    leaks: tuple[Leak, ...]
    left_out: frozenset[str]
    engagement: EngagementResult
    fit: FitResult


# --- Learning -----------------------------------------------------------------------


def learn(panel: Panel, options: argparse.Namespace, progress: Progress) -> Learnt:
    """Fit points and half-lives without the data that gives the outcome away."""
    test_from = options.test_from
    split = split_rows(panel.outcomes, test_from, options.train_until)
    if test_from and split.kind != "time":
        dates = ", ".join(map(str, np.unique(panel.outcomes.as_of_date)))
        raise ActionableError(
            f"--test-from {test_from}: there must be a cut-off from then on, and one"
            f" whose outcomes are complete by then; the cut-offs are {dates}"
        )
    evidence = check_evidence(panel.outcomes, split)
    check_names(panel, [*options.allow_leak, *options.leave_out])
    allowed, refused = frozenset(options.allow_leak), frozenset(options.leave_out)
    leaks = find_leaks(panel, split, allowed, refused) if evidence.is_enough else ()
    left_out = refused | {leak.name for leak in leaks if not leak.is_forced}
    engagement = fit_engagement(panel, split, evidence, left_out, progress)
    fit = fit_fit_points(panel, split, evidence, left_out, progress)
    return Learnt(panel, split, evidence, leaks, left_out, engagement, fit)


def check_names(panel: Panel, names: Sequence[str]) -> None:
    """Refuse a name that is neither an attribute nor an event type."""
    known = {attribute.name for attribute in panel.attributes}
    known |= {rule.event_type for rule in panel.rules}
    for name in names:
        if name not in known:
            raise ActionableError(
                f"{name}: is neither an attribute nor an event type here"
                f"{did_you_mean(name, known)}"
            )


def learn_probability(
    learnt: Learnt, features: Features, progress: Progress
) -> ProbabilityResult:
    """Fit the probability on the scores that the proposed rules give."""
    left_out = learnt.left_out
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
    rival: RivalBuild, horizon_days: int, probability: ProbabilityResult
) -> None:
    """Make sure that the warehouse computes the fitted probabilities."""
    with open_warehouse(rival.database) as connection:
        number_rows(connection, horizon_days)
        scored = read_probabilities(connection)
    worst = float(np.max(np.abs(scored - probability.probability), initial=0.0))
    if not worst <= TOLERANCE:
        raise ActionableError(
            "the warehouse computes other probabilities than were fitted, by"
            f" {worst:.2g}: a fault of this project; nothing was written"
        )


# --- The proposal -------------------------------------------------------------------


def propose(
    options: argparse.Namespace, progress: Progress, folder: Path | None = None
) -> tuple[CalibrationReport, Path]:
    """Learn, write the proposed rules, score them on a copy, and report the result.

    What is written goes to `folder`, if the output is not to be touched yet.
    """
    folder = folder or options.output
    with rival_warehouse(
        options.database,
        options.rules,
        variables=options.vars,
        project=options.project_dir,
    ) as rival:
        progress("score today's rules", 0.0)
        if options.rules or rival.is_redated:
            rival.run(TESTED)
        with open_warehouse(rival.database) as connection:
            files = [rival.rules / name for name in PROPOSED_FILES]
            check_rules_are_built(connection, files)
            panel = read_panel(connection, options.horizon_days)
            context = read_context(connection)
            baselines = read_baselines(connection, panel.outcomes.count)
        horizon_days = panel.outcomes.horizon_days
        learnt = learn(panel, options, progress)
        rules = folder / "rules"
        changed = write_rules(
            rival.rules, rules, learnt.engagement, learnt.fit, context["as_of_date"]
        )
        features = panel.features
        if changed:
            features = _score_rules(rival, rules, horizon_days, progress)
        probability = learn_probability(learnt, features, progress)
        probability = with_kept_terms(rules, probability, bool(changed))
        changed += write_probability_terms(rules, probability, horizon_days)
        if probability.is_proposed:
            progress("score the probability", 0.0)
            if changed:
                _take_over(rules, rival.rules)
                rival.run(TESTED)
            check_probability(rival, horizon_days, probability)
    write_evidence(folder / "evidence.csv", learnt.engagement, learnt.fit, probability)
    report = _report(
        options, learnt, probability, features, context, rules, changed, baselines
    )
    return report, rules


def _score_rules(
    rival: RivalBuild, rules: Path, horizon_days: int, progress: Progress
) -> Features:
    """Score the copy under the proposed rules, and read the resulting features."""
    progress("score the proposed rules", 0.0)
    _take_over(rules, rival.rules)
    rival.run(SCORED)
    with open_warehouse(rival.database) as connection:
        number_rows(connection, horizon_days)
        return read_features(connection)


def _take_over(rules: Path, folder: Path) -> None:
    for file in rules.glob("*.csv"):
        shutil.copyfile(file, folder / file.name)


def _report(
    options: argparse.Namespace,
    learnt: Learnt,
    probability: ProbabilityResult,
    features: Features,
    context: dict[str, str],
    rules: Path,
    changed: list[ChangedFile],
    baselines: dict[str, Floats],
) -> CalibrationReport:
    outcomes, split = learnt.panel.outcomes, learnt.split
    current = current_rules(options.project_dir)
    return CalibrationReport(
        title=str(options.rules or current.relative_to(options.project_dir)),
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
        apply_command=apply_command(options, rules),
        is_applied=options.apply and bool(changed),
    )


def apply_command(options: argparse.Namespace, rules: Path) -> str:
    """Return the command that applies every part of the proposal not yet in place."""
    if options.rules:  # --apply cannot be combined with --rules
        current = current_rules(options.project_dir)
        files = [
            str(options.output / "rules" / file.name)
            for file in sorted(rules.glob("*.csv"))
            if file.read_bytes() != (current / file.name).read_bytes()
        ]
        return shlex.join(["cp", *files, str(current)])
    words = ["python", "scripts/calibrate_rules.py", *options.arguments, "--apply"]
    return shlex.join(words)


def _auc_of(values: Floats, outcomes: Outcomes, is_test: Flags) -> Auc:
    return auc_with_interval(
        values[is_test], outcomes.is_converted[is_test], outcomes.lead[is_test]
    )


def apply(rules: Path, current: Path, changed: Sequence[ChangedFile]) -> None:
    """Replace the current files once all changed ones are copied next to them."""
    beside = current / f"{DECIDED}.partial"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        for file in changed:
            copy = beside / f"{file.name}.new"  # dbt would read any *.csv as a seed
            shutil.copyfile(rules / file.name, copy)
            sync(copy)
        beside.rename(current / DECIDED)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    finish_applying(current)


def finish_applying(current: Path) -> None:
    """Move the files into place that this run, or a killed run before it, prepared."""
    decided = current / DECIDED
    if decided.is_dir():
        for copy in sorted(decided.iterdir()):
            copy.replace(current / copy.name.removesuffix(".new"))
        decided.rmdir()


@contextmanager
def all_or_nothing(output: Path) -> Iterator[Path]:
    """Give a folder to write to; its files replace those of the output at the end."""
    output.mkdir(parents=True, exist_ok=True)
    prefix = ".unfinished."
    remove_stale_folders(output, prefix)
    try:
        with TemporaryDirectory(prefix=f"{prefix}{os.getpid()}.", dir=output) as name:
            folder, before = Path(name, "made"), Path(name, "before")
            folder.mkdir()
            before.mkdir()
            yield folder
            for made in sorted(folder.iterdir()):
                place = output / made.name
                if place.exists():
                    place.rename(before / made.name)
                made.rename(place)
    finally:
        with suppress(OSError):  # removes the output folder if it is still empty
            output.rmdir()


# --- Messages -----------------------------------------------------------------------


def summary_lines(report: CalibrationReport, output: Path) -> Iterator[str]:
    """Yield the lines that a person needs before opening the report."""
    yield from heading("Calibration", f"as of {report.as_of_date}")
    yield from paragraph(report.evidence.reason)
    yield from labelled(
        [
            ("split", report.split.note if report.evidence.is_enough else ""),
            ("engagement", report.engagement.reason),
            ("fit", report.fit.reason),
            ("probability", report.probability.reason),
            *((leak_verdict(leak), leak.reason) for leak in report.leaks),
        ]
    )
    yield ""
    changes = [(file.name, file.change) for file in report.changed_files]
    if changes:
        yield from heading("Applied" if report.is_applied else "Proposed")
        yield from labelled(changes)
    else:
        yield from paragraph("Nothing is proposed: the rules stay as they are.")
    yield from labelled(
        [
            ("report", str(output / "report.html")),
            ("rules", str(output / "rules") if changes else ""),
            ("evidence", str(output / "evidence.csv")),
        ]
    )


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a progress bar for each step, after the name of the step."""
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


def day(text: str) -> str:
    """Check a date and return it as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        message = f"{text!r} is not a date like 2026-05-31"
        raise argparse.ArgumentTypeError(message) from None


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
        type=positive,
        metavar="DAYS",
        help="learn for this one of backtest_horizon_days (default: the shortest)",
    )
    parser.add_argument(
        "--test-from",
        type=day,
        metavar="DATE",
        help="test on the cut-offs from this date (default: the newest third)",
    )
    parser.add_argument(
        "--train-until",
        type=day,
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
        "--leave-out",
        action="append",
        default=[],
        metavar="NAME",
        help="do not learn from this attribute or event type",
    )
    add_vars_option(parser)
    add_project_option(parser)
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
        finish_applying(current_rules(options.project_dir))
        # The matrix products are small: threads would wait longer than they work.
        with all_or_nothing(options.output) as folder, threadpool_limits(1):
            with progress_bar() as progress:
                report, rules = propose(options, progress, folder)
            write_report(report, folder / "report.html")
            if options.apply:
                current = current_rules(options.project_dir)
                apply(rules, current, report.changed_files)
        show(summary_lines(report, options.output))
        return 0

    return run_reporting_errors(body)


if __name__ == "__main__":
    sys.exit(main())
