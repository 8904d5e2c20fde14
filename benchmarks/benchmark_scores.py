"""Compare the scores and their calibration with logistic regression and boosting.

All are fitted on the same earlier cut-offs, with the same leads, events and attributes,
and tested on the same later cut-offs. The models may use everything at once and need
not be explainable; the proposal of calibrate_rules.py should be as good as the better
model, at most 0.01 of AUC below. Nothing is changed. The exit code is 1 when the
proposal falls short.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import calibrate_rules
from _benchmark_features import FeatureTable, read_features
from _benchmark_models import (
    Judgement,
    fit_boosting,
    fit_regression,
    judge,
    require_scikit_learn,
)
from _calibration_evidence import compare
from _calibration_panel import Attribute, Floats, Outcomes, Progress
from _calibration_reading import (
    number_rows,
    read_attributes,
    read_baselines,
    read_outcomes,
)
from _calibration_reading import read_features as read_calibration_features
from _calibration_report import CalibrationReport
from _options import (
    PROJECT,
    ActionableError,
    add_database_option,
    add_vars_option,
    run_reporting_errors,
)
from _report_words import leak_verdict
from _rival_build import rival_warehouse, surroundings
from _warehouse import (
    TIMES,
    Column,
    heading,
    labelled,
    number,
    open_warehouse,
    paragraph,
    show,
    table,
)

EXAMPLES = """\
examples:
  benchmark_scores.py                                # the warehouse that was built
  benchmark_scores.py --test-from 2026-03-01         # learn before, test from then on
  benchmark_scores.py --rules my_rules --horizon-days 90"""

SLACK = 0.01  # of AUC: the proposal may be so far below a model nobody can read
BASELINES = {"order_count": "order count", "recency": "recency", "rfm": "RFM"}
REGRESSION, BOOSTING = "logistic regression", "gradient boosting"


@dataclass(frozen=True)
class Contest:
    """Every score on every row, who was tested, and what was proposed."""

    outcomes: Outcomes
    report: CalibrationReport
    features: FeatureTable
    scores: dict[str, Floats]
    probabilities: dict[str, Floats]
    proposal: str  # the score that a shop would use

    @property
    def all_scores(self) -> dict[str, Floats]:
        """Scores and probabilities, in the order of the report."""
        return self.scores | self.probabilities


# --- Making the scores --------------------------------------------------------------


def hold_contest(options: argparse.Namespace, progress: Progress) -> Contest:
    """Score everybody in every way, on a copy."""
    days, rules = options.horizon_days, options.rules
    with rival_warehouse(options.database, rules, variables=options.vars) as rival:
        progress("score today's rules", 0.0)
        if rules or rival.is_redated:
            rival.run(calibrate_rules.TESTED)
        with open_warehouse(rival.database) as connection:
            number_rows(connection, days)
            outcomes = read_outcomes(connection)
            scores = read_scores(connection, outcomes)
        with (
            surroundings(PROJECT, rival.database, rival.rules),
            TemporaryDirectory() as folder,
        ):
            report = propose(options, rival.database, rival.variables, folder, progress)
        if not report.evidence.is_enough:
            raise ActionableError(
                f"{report.evidence.reason} Neither a proposal nor a model can be judged"
            )
        progress("read features", 0.0)
        with open_warehouse(rival.database) as connection:
            number_rows(connection, days)
            # The kind of campaign is known to all, as it is to the probability.
            texts = read_calibration_features(connection).texts.items()
            attributes = [
                *read_attributes(connection, outcomes.count),
                *(Attribute.from_texts(name, each.tolist()) for name, each in texts),
            ]
            left_out = [leak.name for leak in report.leaks if not leak.is_forced]
            features = read_features(
                connection, attributes, report.split.is_train, left_out
            )
    return _contest(outcomes, report, features, scores, progress)


def propose(
    options: argparse.Namespace,
    database: Path,
    variables: dict[str, object],
    folder: str,
    progress: Progress,
) -> CalibrationReport:
    """Run the calibration itself; its files are thrown away."""
    asked = {
        "--horizon-days": options.horizon_days,
        "--test-from": options.test_from,
        "--train-until": options.train_until,
    }
    arguments = ["--database", str(database), "--output", folder]
    arguments += ["--vars", json.dumps(variables, default=str)]
    for name in options.allow_leak:
        arguments += ["--allow-leak", name]
    for option, value in asked.items():
        arguments += [option, str(value)] if value is not None else []
    given = calibrate_rules.parse_arguments(arguments)
    given.arguments = arguments
    report, _ = calibrate_rules.propose(given, progress)
    return report


def read_scores(
    connection: duckdb.DuckDBPyConnection, outcomes: Outcomes
) -> dict[str, Floats]:
    """Read the scores as they are today, and those any shop could make by itself."""
    found = connection.execute(
        """select engagement_points, lead_score
        from tested join scores.int_lead_scores using (lead_key) order by row"""
    ).fetchnumpy()
    baselines = read_baselines(connection, outcomes.count)
    return {
        "engagement today": found["engagement_points"].astype(float),
        "lead score today": found["lead_score"].astype(float),
        **{label: baselines[name] for name, label in BASELINES.items()},
    }


def _contest(
    outcomes: Outcomes,
    report: CalibrationReport,
    features: FeatureTable,
    scores: dict[str, Floats],
    progress: Progress,
) -> Contest:
    proposal = "engagement today"
    probabilities: dict[str, Floats] = {}
    if report.engagement.is_proposed:
        proposal = "engagement proposed"
        scores = scores | {proposal: report.engagement.points_proposed}
    if report.probability.is_proposed:
        proposal = "probability proposed"
        probabilities[proposal] = report.probability.probability
    if features.names:
        is_train = report.split.is_train
        progress(f"fit {REGRESSION}", 0.0)
        probabilities[REGRESSION] = fit_regression(features, outcomes, is_train)
        progress(f"fit {BOOSTING}", 0.5)
        probabilities[BOOSTING] = fit_boosting(features, outcomes, is_train)
    return Contest(outcomes, report, features, scores, probabilities, proposal)


# --- Printing ------------------------------------------------------------------------


def judge_all(contest: Contest) -> list[Judgement]:
    """Judge every score on the test rows."""
    test, outcomes = contest.report.split.is_test, contest.outcomes
    return [
        judge(
            name,
            values[test],
            outcomes.is_converted[test],
            outcomes.lead[test],
            name in contest.probabilities,
        )
        for name, values in contest.all_scores.items()
    ]


def give_verdict(contest: Contest, judged: list[Judgement]) -> tuple[bool, str]:
    """Say whether the proposal is as good as the better model."""
    models = [each for each in judged if each.name in (REGRESSION, BOOSTING)]
    if not models:
        return True, "No lead has an event or an attribute that a model could use."
    better = max(models, key=lambda each: each.auc.auc)
    test, outcomes, scores = (
        contest.report.split.is_test,
        contest.outcomes,
        contest.all_scores,
    )
    compared = compare(
        scores[better.name][test],
        scores[contest.proposal][test],
        outcomes.is_converted[test],
        outcomes.lead[test],
    )
    is_good = compared.difference >= -SLACK
    numbers = (
        f"{contest.proposal} reaches AUC {compared.proposed.auc:.3f}, the better model"
        f" ({better.name}) {compared.today.auc:.3f}: a difference of"
        f" {compared.difference:+.3f} [{compared.difference_low:+.3f},"
        f" {compared.difference_high:+.3f}]."
    )
    if better.auc.low <= 0.5:
        return (
            True,
            f"No model is proven better than chance, so none is missed: {numbers}",
        )
    if is_good:
        return True, f"As good as the better model: {numbers}"
    return False, f"Falls short by more than {SLACK}: {numbers}"


def report_lines(
    contest: Contest, judged: list[Judgement], verdict: str
) -> Iterator[str]:
    """Lay out who foresees best."""
    report, test = contest.report, contest.report.split.is_test
    converted = contest.outcomes.is_converted[test]
    rows = (
        f"{len(converted):,} leads {TIMES} cut-offs, {converted.mean():.1%} converted"
        f" within {report.horizon_days} days"
    )
    yield from heading("Benchmark", f"as of {report.as_of_date}")
    yield from paragraph(report.split.note)
    yield from labelled(
        [
            ("tested on", rows),
            ("features", f"{len(contest.features.names)} for the models"),
            *((leak_verdict(leak), leak.reason) for leak in report.leaks),
        ]
    )
    yield ""
    titles = ("AUC", "95% interval", "avg. precision", "top 10% lift", "Brier")
    yield from table(
        [Column("score"), *(Column(title, is_number=True) for title in titles)],
        [_cells(each) for each in judged],
    )
    yield ""
    yield from paragraph(verdict)


def _cells(judged: Judgement) -> list[str]:
    auc = judged.auc
    return [
        judged.name,
        f"{auc.auc:.3f}",
        f"{auc.low:.3f} to {auc.high:.3f}",
        number(judged.average_precision, 3),
        number(judged.lift),
        "" if judged.brier is None else number(judged.brier, 4),
    ]


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_database_option(parser)
    parser.add_argument("--rules", type=Path, metavar="FOLDER")
    parser.add_argument("--horizon-days", type=int, metavar="DAYS")
    for name in ("--test-from", "--train-until"):
        parser.add_argument(name, metavar="DATE")
    parser.add_argument("--allow-leak", action="append", default=[], metavar="NAME")
    add_vars_option(parser)
    for action in parser._actions[2:]:
        action.help = action.help or "as calibrate_rules.py takes it"
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    options = parse_arguments(argv)

    def body() -> int:
        require_scikit_learn()
        with calibrate_rules.progress_bar() as progress:
            contest = hold_contest(options, progress)
        judged = judge_all(contest)
        is_good, verdict = give_verdict(contest, judged)
        show(report_lines(contest, judged, verdict))
        return 0 if is_good else 1

    return run_reporting_errors(body)


if __name__ == "__main__":
    sys.exit(main())
