"""The calibration report: what was learnt, in words and charts, as one HTML file.

Only `write_report` and the dataclasses are meant for other modules.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from _calibration_evidence import MIN_TEST_CONVERSIONS, MIN_TRAIN_CONVERSIONS
from _calibration_panel import (
    Auc,
    EngagementResult,
    Evidence,
    Features,
    FitResult,
    Flags,
    Floats,
    Leak,
    ProbabilityResult,
    Split,
)
from _report_charts import (
    Line,
    lift_chart,
    percent,
    printable,
    rates_by_decile,
)
from _report_tables import (
    Drawing,
    Table,
    auc_table,
    calibration,
    fit_table,
    half_lives,
    points_table,
    terms_table,
)
from _report_words import (
    Badge,
    badge,
    days_list,
    headline,
    leak_title,
    left_out,
    not_proven,
    not_proven_in_short,
    pairs_sentence,
    short_name,
    today_sentence,
)
from _warehouse import number, plural

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Baseline:
    """A simple score that any shop could make by itself."""

    score: str  # event_count, recency, order_count, rfm, …
    auc: Auc  # on the test rows
    values: Floats | None = None  # per row of the panel, for the lift chart


@dataclass(frozen=True)
class ChangedFile:
    """One file of the proposal that differs from today's."""

    name: str  # engagement_rules.csv
    change: str  # in plain words: `7 of 12 rules get other points`


@dataclass(frozen=True)
class CalibrationReport:
    """Everything the report shows. Arrays have one place per row of the panel."""

    title: str  # the shop, or the folder of its rules
    as_of_date: str
    horizon_days: int
    is_converted: Flags  # outcomes.is_converted; the test rows are split.is_test
    split: Split
    evidence: Evidence
    engagement: EngagementResult
    fit: FitResult
    probability: ProbabilityResult
    leaks: tuple[Leak, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    changed_files: tuple[ChangedFile, ...] = ()  # empty: nothing to apply
    features: Features | None = None  # shows each probability term at its real range
    population: str = "every lead"  # who is asked about: `leads that were mailed`
    conversion: str = "an order"  # what is foreseen, with its article
    apply_command: str = "python scripts/calibrate_rules.py --apply"
    is_applied: bool = False  # whether this run has already applied the proposal


def write_report(report: CalibrationReport, file: Path) -> None:
    """Write the report as one HTML file that needs nothing else."""
    file.parent.mkdir(parents=True, exist_ok=True)
    page = render_report(report)
    with file.open("w", encoding="utf-8", errors="replace", newline="\n") as written:
        written.write(page)


def render_report(report: CalibrationReport) -> str:
    """Return the whole page: the same report, the same text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = environment.get_template("calibration_report.html.j2")
    is_enough = report.evidence.is_enough
    fitted = report.engagement, report.fit, report.probability
    baselines = [(each.score, each.auc) for each in report.baselines]
    return template.render(
        report=report,
        answer=_answer(report),
        doing=_doing(report),
        parts=_parts(report) if is_enough else (),
        not_proven=not_proven(*fitted, report.split, baselines) if is_enough else (),
        leaks=[(leak, leak_title(leak)) for leak in report.leaks],
        measured=_measured(report),
        unproven=not_proven_in_short(*fitted) if is_enough else "",
        left_out=left_out(report.leaks),
        lift=_lift(report) if is_enough else None,
        aucs=auc_table(*fitted, baselines) if is_enough else None,
        points=points_table(report.engagement) if is_enough else None,
        profiles=half_lives(report.engagement) if is_enough else None,
        fit=fit_table(report.fit) if is_enough else None,
        calibration=calibration(report.probability.test) if is_enough else None,
        terms=terms_table(report.probability, report.features) if is_enough else None,
    )


def _printable(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value


# ------------------------------------------------------------------ words


@dataclass(frozen=True)
class _Answer:
    badge: Badge
    paragraphs: list[str]


def _answer(report: CalibrationReport) -> _Answer:
    """The first paragraph: is the proposal better, and by how much?"""
    evidence = report.evidence
    if not evidence.is_enough:
        word = Badge(
            "plain", "Nothing is changed: the data cannot prove better points yet."
        )
        few, horizon = "conversions", "longer"
        if (
            evidence.train_conversions >= MIN_TRAIN_CONVERSIONS
            and evidence.test_conversions >= MIN_TEST_CONVERSIONS
        ):
            few, horizon = "leads that did not convert", "shorter"
        kept = (
            "Every rule keeps the points that people gave it. A model fitted on so few"
            f" {few} would repeat chance, so none was fitted. More cut-offs"
            f" (backtest_cutoffs) or a {horizon} horizon (backtest_horizon_days) in"
            f" settings.csv, or simply a few more months, bring more {few}."
        )
        return _Answer(word, [evidence.reason, kept])
    word = headline(report.engagement, report.fit, report.probability)
    asked = report.conversion, report.horizon_days
    score, part = "engagement", report.engagement.comparison
    if report.fit.is_proposed and not report.engagement.is_proposed:
        score, part = "fit", report.fit.comparison
    is_proposed = report.engagement.is_proposed or report.fit.is_proposed
    paragraphs = []
    if part and is_proposed:
        paragraphs.append(
            f"{pairs_sentence(score, part, *asked)} {_best_tenth(report, score)}"
        )
    elif part:
        paragraphs.append(
            f"{today_sentence(score, part.today, *asked)} {report.engagement.reason}"
        )
    else:
        paragraphs.append(report.engagement.reason)
    if report.probability.is_proposed and report.probability.test:
        test = report.probability.test
        paragraphs.append(
            f"New is the probability of {report.conversion} for every lead: on average"
            f" it said {percent(test.mean_probability)} where"
            f" {percent(test.base_rate)} converted."
        )
    when = "on later dates" if report.split.kind == "time" else "on leads"
    paragraphs.append(
        f"All of this was measured {when} that the fitting never saw:"
        f" {plural(evidence.test_leads, 'lead')} with"
        f" {plural(evidence.test_conversions, 'conversion')}"
        f" ({days_list(report.split.test_dates)})."
    )
    return _Answer(word, paragraphs)


def _best_tenth(report: CalibrationReport, score: str) -> str:
    part = report.engagement if score == "engagement" else report.fit
    today = _rates(report, part.points_today)
    proposed = _rates(report, part.points_proposed)
    if not today or not proposed:
        return ""
    return (
        f"Of the tenth of leads with the most points {percent(proposed[0])} converted,"
        f" with today's points {percent(today[0])}; of all leads"
        f" {percent(_base_rate(report))}."
    )


def _doing(report: CalibrationReport) -> str:
    """What to do, before the command (if there is one to give)."""
    if report.is_applied:
        return "The proposal has been applied. Build again to score with it:"
    if report.changed_files and report.evidence.is_enough:
        return (
            "Look through the changed files below, then put them in place with this"
            " command; until then nothing changes:"
        )
    return "Nothing: there is nothing to apply, and no rule has been touched."


@dataclass(frozen=True)
class _Part:
    title: str
    badge: Badge
    text: str


def _parts(report: CalibrationReport) -> list[_Part]:
    engagement, fit, probability = report.engagement, report.fit, report.probability
    is_better = probability.is_proposed
    word = Badge("good", "proposed") if is_better else Badge("plain", "none")
    return [
        _Part(
            "Engagement points",
            badge(engagement.is_proposed, engagement.comparison),
            engagement.reason,
        ),
        _Part("Fit points", badge(fit.is_proposed, fit.comparison), fit.reason),
        _Part("Probability", word, probability.reason),
    ]


def _measured(report: CalibrationReport) -> list[tuple[str, str, str]]:
    """What was learnt from and what was tested on, side by side."""
    split, evidence = report.split, report.evidence
    return [
        ("Cut-offs", days_list(split.train_dates), days_list(split.test_dates)),
        ("Rows", number(evidence.train_rows, 0), number(evidence.test_rows, 0)),
        ("Leads", number(evidence.train_leads, 0), number(evidence.test_leads, 0)),
        (
            "Conversions",
            number(evidence.train_conversions, 0),
            number(evidence.test_conversions, 0),
        ),
    ]


# ------------------------------------------------------------------ lift


def _base_rate(report: CalibrationReport) -> float:
    tested = report.is_converted[report.split.is_test]
    return float(np.mean(tested)) if len(tested) else 0.0


def _rates(report: CalibrationReport, values: Floats | None) -> list[float]:
    """Rates by decile on the test rows; none where the score is not known."""
    is_test = report.split.is_test
    if values is None or len(values) != len(is_test):
        return []
    tested = np.asarray(values, np.float64)[is_test]
    if len(tested) < 10 or not np.isfinite(tested).all():
        return []
    return rates_by_decile(tested, report.is_converted[is_test])


def _lift(report: CalibrationReport) -> tuple[list[Drawing], Table] | None:
    """Conversion by decile: a panel for each score, one table for all."""
    known = [each for each in report.baselines if each.values is not None]
    best = max(known, key=lambda each: each.auc.auc, default=None)
    drawn: list[tuple[str, list[Line]]] = []
    for title, part in (
        ("Engagement points", report.engagement),
        ("Fit points", report.fit),
    ):
        if not np.ptp(part.points_today) and not part.is_proposed:
            continue
        lines = [Line("today", "today", _rates(report, part.points_today))]
        if part.is_proposed:
            rates = _rates(report, part.points_proposed)
            lines.append(Line("proposed", "proposed", rates))
        if best and part is report.engagement:
            label = f"best simple score, {short_name(best.score)}"
            lines.insert(0, Line(label, "baseline", _rates(report, best.values)))
        drawn.append((title, lines))
    if report.probability.is_proposed:
        rates = _rates(report, report.probability.probability)
        drawn.append(("Probability", [Line("proposed", "proposed", rates)]))
    drawn = [(title, [line for line in lines if line.rates]) for title, lines in drawn]
    drawn = [(title, lines) for title, lines in drawn if lines]
    if not drawn:
        return None
    base = _base_rate(report)
    highest = max(max(line.rates) for _, lines in drawn for line in lines)
    panels, columns, numbers = [], ["Tenth"], [["1 (best)", *map(str, range(2, 11))]]
    for place, (title, lines) in enumerate(drawn, 1):
        chart = lift_chart(f"lift-{place}", title, lines, base, max(highest, base))
        keys = tuple((line.kind, line.label) for line in lines)
        lifts = ", ".join(
            f"{number(line.rates[0] / base, 1)} {line.label}"
            for line in lines
            if line.kind != "baseline" and base
        )
        panels.append(Drawing(title, f"lift of the best tenth: {lifts}", chart, keys))
        for line in lines:
            is_other = line.kind == "baseline"
            label = line.label.replace("best", "Best", 1)
            columns.append(label if is_other else f"{title}, {line.label}")
            numbers.append([percent(rate) for rate in line.rates])
    return panels, Table(tuple(columns), tuple(zip(*numbers, strict=True)))
