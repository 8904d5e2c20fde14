"""Charts of the calibration report, with the tables next to them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from _calibration_logistic import share_interval
from _calibration_panel import (
    Auc,
    Calibration,
    EngagementResult,
    Features,
    FitResult,
    ProbabilityResult,
    RuleProposal,
)
from _report_charts import (
    DASH,
    Scale,
    calibration_chart,
    days_in_words,
    decay_in_words,
    decay_proposed,
    decay_today,
    percent,
    profile_chart,
    without_days,
)
from _report_words import (
    auc_text,
    maybe,
    odds_text,
    rule_change,
    score_name,
    span,
    term_effect,
)
from _warehouse import TIMES, compact, number


@dataclass(frozen=True)
class StripRow:
    label: str
    note: str
    strip: Markup
    cells: tuple[str, ...]
    is_quiet: bool = False
    group: str = ""  # a heading above the row


@dataclass(frozen=True)
class StripTable:
    caption: str
    first: str
    columns: tuple[str, ...]
    axis: Markup
    rows: tuple[StripRow, ...]


@dataclass(frozen=True)
class Drawing:
    title: str
    note: str
    chart: Markup
    keys: tuple[tuple[str, str], ...] = ()  # kind, label


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def auc_table(
    engagement: EngagementResult,
    fit: FitResult,
    probability: ProbabilityResult,
    baselines: Sequence[tuple[str, Auc]],
) -> StripTable | None:
    """Compare all scores with the simple ones, each with its interval."""
    rows: list[tuple[str, str, str, Auc]] = []
    for title, part in (
        ("Engagement points", engagement),
        ("Fit points", fit),
    ):
        if part.comparison:
            word = "proposed" if part.is_proposed else "tried, not proposed"
            rows.append(("Scores", f"{title}, today", "today", part.comparison.today))
            if part.is_proposed or part.comparison.difference:
                label, kind = f"{title}, {word}", "proposed"
                rows.append(("Scores", label, kind, part.comparison.proposed))
    if probability.auc:
        rows.append(("Scores", "Probability", "proposed", probability.auc))
    for each in sorted(baselines, key=lambda each: (-each[1].auc, each[0])):
        group = "Simple scores, for comparison"
        rows.append((group, score_name(each[0]), "baseline", each[1]))
    rows = [row for row in rows if not math.isnan(row[3].auc)]
    if not rows:
        return None
    values = [value for row in rows for value in (row[3].low, row[3].high)]
    scale = Scale.over(values, 0.5, lambda value: number(value, 2), (0.0, 1.0))
    made, last = [], ""
    for group, label, kind, auc in rows:
        mark = {"today": auc.auc} if kind == "today" else {"proposed": auc.auc}
        strip = scale.strip(
            f"{label}: AUC {auc_text(auc)}",
            (auc.low, auc.high),
            kind=kind,
            today=mark.get("today"),
            proposed=mark.get("proposed"),
        )
        cells = (number(auc.auc, 3), span(auc.low, auc.high, 3))
        made.append(
            StripRow(label, "", strip, cells, group=group if group != last else "")
        )
        last = group
    return StripTable(
        "AUC of every score on the test rows",
        "Score",
        ("AUC", "95% interval"),
        scale.header(),
        tuple(made),
    )


def points_table(result: EngagementResult) -> StripTable | None:
    """Compare today's points with the proposed ones, on the scale of the latter."""
    if not result.rules:
        return None
    factor = result.points_factor
    todays = [
        None if rule.points_today is None else rule.points_today * factor
        for rule in result.rules
    ]
    points = [*todays, *(rule.points for rule in result.rules)]
    shown = [value for value in points if value is not None]
    ends = [v for r in result.rules for v in (r.points_low, r.points_high)]
    reach = max((abs(value) for value in shown), default=1.0) or 1.0
    limit = (min([0.0, *shown]) - 0.25 * reach, max([0.0, *shown]) + 0.25 * reach)
    scale = Scale.over([*shown, *ends], 0.0, compact, limit)
    made = []
    for rule, today in zip(result.rules, todays, strict=True):
        interval = span(rule.points_low, rule.points_high)
        strip = scale.strip(
            f"{rule.rule_id}: {maybe(today)} points today,"
            f" {maybe(rule.points)} proposed, 95% interval {interval}",
            (rule.points_low, rule.points_high),
            today,
            rule.points,
        )
        change = rule_change(rule, factor)
        cells = (maybe(today), maybe(rule.points), interval, change)
        made.append(
            StripRow(
                rule.rule_id,
                rule.decision,
                strip,
                cells,
                is_quiet=change in ("kept", "not proposed"),
            )
        )
    return StripTable(
        "Points of each engagement rule, today and proposed",
        "Rule",
        ("Today", "Proposed", "95% interval", "Change"),
        scale.header(),
        tuple(made),
    )


def half_lives(result: EngagementResult) -> tuple[list[Drawing], Table] | None:
    """How well each half-life explains conversions, a panel for each rule."""
    rules = [rule for rule in result.rules if rule.profile]
    if not rules:
        return None
    panels = [
        Drawing(
            rule.rule_id,
            _decay_change(rule),
            profile_chart(f"half-life-{place}", rule),
        )
        for place, rule in enumerate(rules, 1)
    ]
    rows = tuple(
        (
            rule.rule_id,
            decay_today(rule),
            days_in_words(rule.half_life_estimate),
            _days_span(rule.half_life_low, rule.half_life_high),
            decay_proposed(rule),
            f"{rule.leads_hit:,}",
            f"{rule.conversions_with:,}",
        )
        for rule in rules
    )
    columns = (
        *("Rule", "Today", "Best half-life", "95% interval", "Proposed"),
        *("Leads hit", "Conversions with it"),
    )
    return panels, Table(columns, rows)


def _decay_change(rule: RuleProposal) -> str:
    """`half-life 14 → 21 days`, `linear 365 days, kept`."""
    proposed = decay_in_words(rule.decay, rule.decay_days)
    if rule.is_candidate:
        return proposed if rule.points is not None else "not proposed"
    if not rule.is_decay_changed:
        return f"{proposed}, kept"
    today = decay_in_words(rule.decay_today, rule.decay_days_today)
    if rule.decay == rule.decay_today:
        today = without_days(today)
        proposed = proposed.removeprefix("half-life ")
    return f"{today} → {proposed}"


def _days_span(low: float, high: float) -> str:
    if math.isnan(low) or math.isnan(high):
        return DASH
    first = days_in_words(low)
    if low == high:
        return first
    if not math.isinf(high):
        first = without_days(first)
    return f"{first} to {days_in_words(high)}"


def fit_table(result: FitResult) -> StripTable | None:
    """The points of each level of each proven criterion."""
    proven = [each for each in result.criteria if each.is_proven and each.levels]
    if not proven:
        return None
    per = result.points_per_log_odds
    levels = [level for each in proven for level in each.levels]
    shown = [float(level.points) for level in levels]
    shown += [level.points_today for level in levels if level.points_today is not None]
    ends = [end for level in levels for end in level.in_points(per)[1:]]
    reach = max((abs(value) for value in shown), default=1.0) or 1.0
    limit = (min([0.0, *shown]) - 0.25 * reach, max([0.0, *shown]) + 0.25 * reach)
    scale = Scale.over([*shown, *ends], 0.0, compact, limit)
    made = []
    for criterion in proven:
        group = f"{criterion.criterion} · {criterion.reason}"
        for level in criterion.levels:
            _, low, high = level.in_points(per)
            is_reference = low == high
            rate = percent(level.conversions / level.rows) if level.rows else DASH
            strip = scale.strip(
                f"{level.label}: {level.points} points, 95% interval {span(low, high)};"
                f" {rate} converted",
                None if is_reference else (low, high),
                level.points_today,
                float(level.points),
                is_bar=True,
            )
            interval = "reference" if is_reference else span(low, high)
            today, points = maybe(level.points_today), str(level.points)
            cells = (today, points, interval, f"{level.leads_count:,}", rate)
            made.append(StripRow(level.label, "", strip, cells, group=group))
            group = ""
    word = "Proposed" if result.is_proposed else "Found"
    return StripTable(
        "Fit points of each level",
        "Level",
        ("Today", word, "95% interval", "Leads", "Converted"),
        scale.header(),
        tuple(made),
    )


def calibration(found: Calibration | None) -> tuple[Drawing, Table, str] | None:
    """Compare the predicted probabilities with what happened."""
    if found is None or not found.bins:
        return None
    rows = tuple(
        (
            percent(p),
            percent(share),
            " to ".join(percent(end) for end in share_interval(share, count)),
            f"{count:,}",
        )
        for p, share, count in found.bins
    )
    columns = ("Predicted", "Converted", "95% interval", "Rows")
    gain = 1 - found.brier / found.brier_base if found.brier_base else 0.0
    way = "less" if gain >= 0 else "more"
    words = (
        f"Average error {percent(found.expected_error)}; slope {number(found.slope)}"
        f" (1 is perfect); intercept {number(found.intercept)} (0 is perfect); squared"
        f" error (Brier score) {number(found.brier, 4)}, {percent(abs(gain))} {way}"
        f" than always saying {percent(found.base_rate)}; log loss"
        f" {number(found.log_loss, 4)}."
    )
    panel = Drawing("Predicted against observed", "", calibration_chart(found))
    return panel, Table(columns, rows), words


def terms_table(
    result: ProbabilityResult, features: Features | None
) -> StripTable | None:
    """What moves the probability, the strongest first."""
    terms = [each for each in result.terms if each.kind != "constant"]
    if not terms:
        return None
    effects = [(each, term_effect(each, features)) for each in terms]
    effects.sort(key=lambda pair: -abs(pair[0].coefficient * pair[1].size))
    reach = max(abs(each.coefficient * effect.size) for each, effect in effects) or 1.0
    limit = (-1.6 * reach, 1.6 * reach)
    ends = [end * x.size for each, x in effects for end in (each.low, each.high)]
    scale = _odds_scale([*ends, reach, -reach], limit)
    made = []
    for term, effect in effects:
        low, high = sorted((term.low * effect.size, term.high * effect.size))
        middle = term.coefficient * effect.size
        between = f"{_safe_odds(low)} to {_safe_odds(high)}"
        strip = scale.strip(
            f"{term.term_id}: odds {_safe_odds(middle)}, 95% interval {between}",
            (low, high),
            proposed=middle,
        )
        cells = (effect.between, _safe_odds(middle), between, f"{term.coefficient:.4g}")
        made.append(StripRow(term.term_id, term.description, strip, cells))
    return StripTable(
        "What each term does to the odds",
        "Term",
        ("Compared", "Odds", "95% interval", "Coefficient"),
        scale.header(),
        tuple(made),
    )


def _safe_odds(log_odds: float) -> str:
    if math.isnan(log_odds):
        return DASH
    return odds_text(math.exp(min(max(log_odds, -20.0), 20.0)))


def _odds_scale(values: list[float], limit: tuple[float, float]) -> Scale:
    """An axis in log-odds whose labels are factors a person can read."""
    scale = Scale.over(values, 0.0, compact, limit)
    factors = (2, 3, 5, 10, 30, 100, 1000)
    reach = max(scale.axis.high, -scale.axis.low)
    inside = [f for f in factors if math.log(f) <= reach]
    kept = inside if len(inside) <= 2 else inside[:: math.ceil(len(inside) / 2)]
    ticks = [(0.0, f"{TIMES} 1")]
    for factor in kept or [1]:
        ticks += [
            (math.log(factor), f"{TIMES} {factor}"),
            (-math.log(factor), f"÷ {factor}"),
        ]
    held = tuple(sorted(tick for tick in ticks if scale.axis.holds(tick[0])))
    return Scale(scale.axis, held, 0.0)
