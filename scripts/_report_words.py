"""What the calibration report says about each part, for an owner to read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from _calibration_panel import (
    Auc,
    Comparison,
    EngagementResult,
    Features,
    FitResult,
    Floats,
    Leak,
    ProbabilityResult,
    ProbabilityTerm,
    RuleProposal,
    Split,
)
from _report_charts import DASH
from _warehouse import TIMES, compact, number, plural

SCORE_NAMES = {
    "event_count": "Number of events",
    "recency": "Days since the last activity",
    "order_count": "Number of orders",
    "rfm": "RFM (how recent, frequent, large)",
    "lead": "Lead score",
    "engagement": "Engagement points",
    "fit": "Fit points",
    "probability": "Probability",
}
CATCHES = {
    "recorded_after": "recorded only after the conversion",
    "perfect_alone": "nearly perfect all by itself",
    "presence": "known only for those who convert",
    "certain_level": "one value that makes conversion certain",
    "follows": "follows the conversion instead of coming before it",
    "undated": "strong, and its dates do not show that it came before",
    "doubtful": "rather strong, and its dates do not show that it came before",
}


@dataclass(frozen=True)
class Badge:
    """A verdict in two or three words."""

    tone: str  # good, plain, bad
    text: str


def score_name(score: str) -> str:
    """The name of a score that people read."""
    return SCORE_NAMES.get(score, score.replace("_", " ").capitalize())


def short_name(score: str) -> str:
    """The same name inside a sentence: `number of orders`, `RFM`."""
    name = score_name(score).partition(" (")[0]
    return name if name.isupper() else name.lower()


def in_hundred(auc: float) -> str:
    """An AUC as pairs in a hundred: 72.9."""
    return number(100 * auc, 1)


def span(low: float, high: float, decimals: int = 1) -> str:
    """An interval, or a dash where there is none."""
    if math.isnan(low) or math.isnan(high):
        return DASH
    return f"{number(low, decimals)} to {number(high, decimals)}"


def auc_text(auc: Auc) -> str:
    """An AUC with its interval."""
    return f"{number(auc.auc, 3)} [{number(auc.low, 3)}, {number(auc.high, 3)}]"


def maybe(value: float | None) -> str:
    """A number, or a dash where there is none."""
    return DASH if value is None or math.isnan(value) else compact(value)


def days_list(dates: Sequence[str]) -> str:
    """List the cut-off dates: all if few, otherwise the first and the last."""
    if len(dates) <= 3:
        return ", ".join(dates) or DASH
    return f"{dates[0]} to {dates[-1]} ({len(dates)} cut-offs)"


def listed(names: Sequence[str], most: int = 12, between: str = ", ") -> str:
    """List names; where there are very many, only the first."""
    shown = between.join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


# ------------------------------------------------------------------ verdicts


def badge(is_proposed: bool, comparison: Comparison | None) -> Badge:
    """What became of one part of the proposal."""
    if not is_proposed:
        return Badge("plain", "kept as it is")
    if comparison is None:
        return Badge("plain", "proposed, not tested")
    if comparison.is_better:
        return Badge("good", "proposed, proven better")
    if comparison.is_worse:
        return Badge("bad", "proposed, but worse")
    return Badge("plain", "proposed, not proven better")


def headline(
    engagement: EngagementResult, fit: FitResult, probability: ProbabilityResult
) -> Badge:
    """The answer in one line: better, not proven, or nothing at all."""
    proposed = [part for part in (engagement, fit) if part.is_proposed]
    compared = [part.comparison for part in proposed if part.comparison]
    if any(comparison.is_worse for comparison in compared):
        return Badge(
            "bad", "Careful: the proposed points rank leads worse than today's."
        )
    if any(comparison.is_better for comparison in compared):
        return Badge("good", "Yes: the proposed points rank leads better than today's.")
    if proposed:
        return Badge("plain", "There is a proposal, but it is not proven to be better.")
    if probability.is_proposed:
        return Badge("good", "The points stay as they are; a probability is new.")
    return Badge("plain", "Nothing is proposed: today's points stay.")


def pairs_sentence(
    score: str, comparison: Comparison, conversion: str, horizon_days: int
) -> str:
    """How much better, without the word AUC."""
    change = 100 * comparison.difference
    more = "more" if change >= 0 else "fewer"
    ends = 100 * comparison.difference_low, 100 * comparison.difference_high
    if change < 0:
        ends = -ends[1], -ends[0]
    return (
        f"Take one lead with {conversion} in the next {plural(horizon_days, 'day')} and"
        f" one without: today's {score} points put the right one first in"
        f" {in_hundred(comparison.today.auc)} of 100 such pairs, the proposed points in"
        f" {in_hundred(comparison.proposed.auc)}. That is {number(abs(change), 1)}"
        f" {more} ({_confidence(*ends)} with 95% confidence); tossing a coin gets 50."
    )


def _confidence(low: float, high: float) -> str:
    """An interval with enough digits that neither end looks like 0."""
    ends = [abs(end) for end in (low, high) if end]
    digits = next((n for n in (1, 2, 3) if all(round(end, n) for end in ends)), 4)
    return span(low, high, digits)


def today_sentence(score: str, auc: Auc, conversion: str, horizon_days: int) -> str:
    """How good today's points are, where nothing is proposed."""
    return (
        f"Take one lead with {conversion} in the next {plural(horizon_days, 'day')} and"
        f" one without: today's {score} points put the right one first in"
        f" {in_hundred(auc.auc)} of 100 such pairs; tossing a coin gets 50."
    )


def not_proven(
    engagement: EngagementResult,
    fit: FitResult,
    probability: ProbabilityResult,
    split: Split,
    baselines: Sequence[tuple[str, Auc]],
) -> list[str]:
    """What the report does not prove."""
    said = [
        f"{name}: {part.reason}"
        for name, part in (
            ("Engagement points", engagement),
            ("Fit points", fit),
            ("Probability", probability),
        )
        if not part.is_proposed
    ]
    factor = engagement.points_factor
    kept = [rule for rule in engagement.rules if rule_change(rule, factor) == "kept"]
    if kept and engagement.is_proposed:
        names = listed([rule.rule_id for rule in kept])
        said.append(
            f"{plural(len(kept), 'rule')} without proof against today's points, or with"
            f" too little evidence, stay as they are: {names}."
        )
    dropped = [
        r.event_type for r in engagement.rules if r.is_candidate and r.points is None
    ]
    if dropped:
        said.append(f"No rule is proposed for these event types: {listed(dropped)}.")
    unproven = [
        f"{each.attribute}, {each.reason}"
        for each in fit.criteria
        if not each.is_proven
    ]
    if unproven:
        said.append(f"No fit points for: {listed(unproven, between='; ')}.")
    best = max(baselines, key=lambda each: each[1].auc, default=None)
    proposed = engagement.comparison.proposed if engagement.comparison else None
    if best and proposed and engagement.is_proposed and best[1].auc >= proposed.auc:
        said.append(
            f"A simple score ranks at least as well as the proposed engagement points:"
            f" {short_name(best[0])} ({in_hundred(best[1].auc)} of 100 pairs)."
        )
    if split.kind == "lead":
        said.append("That the result holds for later dates: see how it was measured.")
    test = probability.test
    if probability.is_proposed and test and not 0.8 <= test.slope <= 1.25:
        way = "too far from" if test.slope < 1 else "too close to"
        said.append(
            f"The size of the probabilities: they lie {way} the average on the test"
            f" rows (slope {number(test.slope)}, 1 is perfect). Their order holds."
        )
    return said


def not_proven_in_short(
    engagement: EngagementResult, fit: FitResult, probability: ProbabilityResult
) -> str:
    """The same in a sentence or two, for the first lines of the report."""
    said = []
    if engagement.is_proposed:
        changes = [rule_change(r, engagement.points_factor) for r in engagement.rules]
        kept = changes.count("kept")
        said += [f"{plural(kept, 'rule')} that stay as they are"] if kept else []
        new = changes.count("not proposed")
        said += [f"{plural(new, 'event type')} without a rule"] if new else []
    if fit.is_proposed:
        unproven = sum(not each.is_proven for each in fit.criteria)
        said += [f"{plural(unproven, 'attribute')} without points"] if unproven else []
    parts = (
        ("other engagement points", engagement),
        ("other fit points", fit),
        ("a probability", probability),
    )
    said += [name for name, part in parts if not part.is_proposed]
    return ", ".join(said)


def left_out(leaks: Sequence[Leak]) -> str:
    """What was left out, each with its reason in a few words."""
    return "; ".join(
        f"{leak.name} ({CATCHES.get(leak.test, leak.test.replace('_', ' '))})"
        for leak in leaks
        if not leak.is_forced
    )


def leak_title(leak: Leak) -> str:
    """Which attribute or event, and what gave it away."""
    catch = CATCHES.get(leak.test, leak.test.replace("_", " "))
    forced = "; kept all the same, because it was forced"
    if leak.test == "doubtful":
        forced = "; used all the same"
    return f"{leak.what}, {catch}{forced if leak.is_forced else ''}"


def leak_verdict(leak: Leak) -> str:
    """Say whether it was left out, or reported but used."""
    return "used" if leak.is_forced else "left out"


def rule_change(rule: RuleProposal, factor: float) -> str:
    """Say in a word or two what changes; a factor of all points is no change."""
    if rule.is_candidate:
        return "new" if rule.points is not None else "not proposed"
    today = (rule.points_today or 0.0) * factor
    is_other = rule.is_points_changed and rule.points != today
    if is_other and rule.is_decay_changed:
        return "points and decay"
    if is_other:
        return "points"
    return "decay" if rule.is_decay_changed else "kept"


# ------------------------------------------------------------------ probability terms


@dataclass(frozen=True)
class TermEffect:
    """What one term does to the odds between two leads that differ in it alone."""

    between: str  # in plain words: `from 2 to 90`
    size: float  # the coefficient is multiplied by it


def term_effect(term: ProbabilityTerm, features: Features | None) -> TermEffect:
    """Compare a low with a high lead, at the range the shop really has."""
    if term.kind == "is":
        return TermEffect(f"if {term.operand}", 1.0)
    if term.kind == "missing":
        return TermEffect("if there is none", 1.0)
    values = features.numbers.get(term.feature) if features else None
    known = _known(values)
    if term.kind == "ramp":
        low = -math.inf if term.min_value is None else term.min_value
        high = math.inf if term.max_value is None else term.max_value
        if len(known):
            ends = np.quantile(known, (0.01, 0.99)).tolist()
            low, high = max(low, min(ends[0], high)), min(high, max(ends[1], low))
        if math.isfinite(low) and math.isfinite(high) and low < high:
            return TermEffect(f"from {compact(low)} to {compact(high)}", high - low)
        return TermEffect("for each 1 more", 1.0)
    highest = math.inf if term.max_value is None else term.max_value
    if len(known):
        low, high = np.clip(np.quantile(known, (0.1, 0.9)), 0, highest).tolist()
        if low == high:
            low, high = np.clip([known.min(), known.max()], 0, highest).tolist()
        if low < high:
            size = math.log1p(high) - math.log1p(low)
            return TermEffect(f"from {compact(low)} to {compact(high)}", size)
    if math.isfinite(highest) and highest > 0:
        return TermEffect(f"from 0 to {compact(highest)}", math.log1p(highest))
    return TermEffect("from 0 to 1", math.log(2))


def _known(values: Floats | None) -> Floats:
    if values is None:
        return np.zeros(0)
    return np.asarray(values)[np.isfinite(values)]


def odds_text(factor: float) -> str:
    """Write a factor of the odds: times 2.4, or divided by 3.1 if it is below 1."""
    if factor >= 1:
        return f"{TIMES} {number(factor, 2 if factor < 10 else 0)}"
    return f"÷ {number(1 / factor, 2 if factor > 0.1 else 0)}"
