"""Propose fit points: which attributes tell converters from others, and how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from _calibration_evidence import auc, compare, gain_in_words, stable_bucket
from _calibration_levels import Levels, first_levels, matching, merge_alike
from _calibration_logistic import (
    Fit,
    chi_square_tail,
    clustered_covariance,
    fit_logistic,
    holm,
    lead_codes,
    sum_by_lead,
)
from _calibration_panel import (
    CriterionProposal,
    Evidence,
    FitResult,
    FitRule,
    Flags,
    Floats,
    Ints,
    Panel,
    Progress,
    Split,
    no_progress,
)
from _calibration_rules import Slice, rules_of

MOST_CRITERIA = 20
RIDGE = 1.0  # on the log-odds of a level
ALL_POINTS = 100  # of a lead that has the best level everywhere
LEAST_PER_LOG_ODDS = 5.0  # with fewer points, rounding would make levels equal
SIGNIFICANT = 0.05
PROTECTED = frozenset(("age", "birth", "birthday", "gender", "sex"))
CAUTION = (
    "Points by age or gender treat people differently for it, which the law may forbid."
)


def fit_fit_points(
    panel: Panel,
    split: Split,
    evidence: Evidence,
    excluded: frozenset[str] = frozenset(),
    progress: Progress = no_progress,
) -> FitResult:
    """Bin, test, fit together, round to points, and compare on the test rows."""
    today = fit_points_today(panel, panel.fit_rules)
    if not evidence.is_enough or not panel.attributes:
        why = "There are no attributes." if evidence.is_enough else evidence.reason
        return FitResult((), 0.0, today, today, None, False, why)
    train = split.is_train
    y = panel.outcomes.is_converted[train].astype(np.float64)
    lead = lead_codes(panel.outcomes.lead[train])
    tested = [
        _test(first_levels(attribute, train), train, y, lead)
        for attribute in panel.attributes
        if attribute.name not in excluded
    ]
    progress("fit points of attributes", 0.3)
    adjusted = holm(np.array([each.p_value for each in tested]))
    is_proven = adjusted <= SIGNIFICANT
    merged = [
        merge_alike(each.levels, train, y, each.spread)
        for each, proven in zip(tested, is_proven, strict=True)
        if proven
    ]
    merged = [each for each in merged if _columns_of(each, train).shape[1]]
    joint = _fit_joint(merged, train, y, lead)
    progress("fit points of attributes", 0.8)
    span = sum(float(np.ptp(each.log_odds)) for each in joint.values())
    per = max(ALL_POINTS / max(span, 1e-9), LEAST_PER_LOG_ODDS)
    criteria = []
    for each, p_value in zip(tested, adjusted, strict=True):
        name = each.levels.attribute.name
        criteria.append(_criterion(panel, split, each, p_value, joint.get(name), per))
    return _conclude(panel, split, tuple(criteria), per, today)


# ------------------------------------------------------------------ one attribute


@dataclass(frozen=True)
class _Tested:
    levels: Levels  # before any merging: outcomes were not looked at
    p_value: float
    spread: float
    auc_alone: float


def is_protected(attribute: str) -> bool:
    """Whether the law may forbid to treat people differently by this attribute."""
    return not PROTECTED.isdisjoint(attribute.lower().replace(" ", "_").split("_"))


def _test(levels: Levels, train: Flags, y: Floats, lead: Ints) -> _Tested:
    """Test all levels at once with a score test, with one cluster for each lead."""
    group = levels.of_rows()[train]
    residual = y - y.mean()
    scores = []
    for number in range(-1, levels.count):
        is_in = group == number
        if is_in.sum() and not is_in.all():
            values = is_in - is_in.mean()
            scores.append(sum_by_lead(values * residual, lead))
    if len(scores) < 2:
        return _Tested(levels, 1.0, 1.0, 0.5)
    table = np.stack(scores, axis=1)
    total, spread = table.sum(axis=0), table.T @ table
    inverse = np.linalg.pinv(spread, rcond=1e-9, hermitian=True)
    p_value = chi_square_tail(float(total @ inverse @ total), len(scores) - 1)
    naive = y.var() * sum(np.mean(group == n) for n in range(-1, levels.count))
    naive *= len(y)
    wide = float(sum_by_lead(residual, lead) @ sum_by_lead(residual, lead)) / naive
    return _Tested(levels, p_value, max(wide, 1.0), auc_alone(group, y, lead))


def auc_alone(group: Ints, y: Floats, lead: Ints) -> float:
    """The AUC of the groups' conversion rates, each lead judged by the others.

    In group -1 are the rows whose value is not known.
    """
    fold, score = stable_bucket(lead, 5, salt=3), np.zeros(len(y))
    count = int(group.max()) + 2
    for number in range(5):
        out = fold == number
        rows = np.bincount(group[~out] + 1, minlength=count)
        yes = np.bincount(group[~out] + 1, y[~out], minlength=count)
        score[out] = ((yes + y.mean()) / (rows + 1))[group[out] + 1]
    return auc(score, y > 0)


# ------------------------------------------------------------------ all together


@dataclass(frozen=True)
class _Joint:
    levels: Levels
    log_odds: Floats  # of missing, then of each group; lowest 0
    errors: Floats


def _columns_of(levels: Levels, chosen: Flags) -> Floats:
    """One column per group, and for missing where it is frequent enough."""
    group = levels.of_rows()[chosen]
    found = [group == number for number in range(-1, levels.count)]
    if len(found) < 2:
        return np.zeros((len(group), 0))
    return np.stack(found, axis=1).astype(np.float64)


def _fit_joint(
    merged: Sequence[Levels], train: Flags, y: Floats, lead: Ints
) -> dict[str, _Joint]:
    """Fit all levels together; drop attributes that add nothing, then the weakest."""
    kept = list(merged)
    while kept:
        parts = [_columns_of(levels, train) for levels in kept]
        columns = np.column_stack([np.ones(len(y)), *parts])
        penalty = np.full(columns.shape[1], RIDGE)
        penalty[0] = 0.0
        fit = fit_logistic(columns, y, penalty)
        covariance = clustered_covariance(columns, y, fit, lead)
        chances = _chances(parts, fit, covariance)
        weak = int(np.argmax(chances))
        if chances[weak] <= SIGNIFICANT and len(kept) <= MOST_CRITERIA:
            return _joints(kept, parts, fit, covariance)
        kept.pop(weak)
    return {}


def _chances(parts: Sequence[Floats], fit: Fit, covariance: Floats) -> list[float]:
    """Return for each attribute the p-value that its levels do not differ."""
    found, start = [], 1
    for part in parts:
        used = np.flatnonzero(part.any(axis=0)) + start
        start += part.shape[1]
        gaps = np.eye(len(used))[1:] - np.eye(len(used))[0]
        value = gaps @ fit.coefficients[used]
        spread = gaps @ covariance[np.ix_(used, used)] @ gaps.T
        statistic = float(value @ np.linalg.pinv(spread, hermitian=True) @ value)
        # Far beyond proof all p-values are 0: the statistic then keeps the order.
        found.append(chi_square_tail(statistic, len(gaps)) - 1e-9 * statistic)
    return found


def _joints(
    kept: Sequence[Levels], parts: Sequence[Floats], fit: Fit, covariance: Floats
) -> dict[str, _Joint]:
    found, start = {}, 1
    for levels, part in zip(kept, parts, strict=True):
        places = np.arange(start, start + part.shape[1])
        start += part.shape[1]
        value = fit.coefficients[places]
        used = part.any(axis=0)
        lowest = int(places[used][np.argmin(value[used])])
        gap = np.where(used, value - fit.coefficients[lowest], 0.0)
        variance = np.diag(covariance)[places] + covariance[lowest, lowest]
        variance = variance - 2 * covariance[lowest, places]
        errors = np.sqrt(np.maximum(variance, 0))
        found[levels.attribute.name] = _Joint(levels, gap, errors)
    return found


# ------------------------------------------------------------------ the proposal


def _criterion(
    panel: Panel,
    split: Split,
    tested: _Tested,
    p_value: float,
    joint: _Joint | None,
    per: float,
) -> CriterionProposal:
    name = tested.levels.attribute.name
    taken = {r.criterion for r in panel.fit_rules if r.attribute.lower() != name}
    criterion = f"{name}_fitted" if name in taken else name
    if joint is None:
        said = (
            "adds nothing to the others"
            if p_value <= SIGNIFICANT
            else f"no proven effect (p = {p_value:.2f}, Holm)"
        )
        return CriterionProposal(
            criterion, name, tested.auc_alone, p_value, False, (), said
        )
    ruled = [rule for rule in panel.fit_rules if rule.attribute.lower() == name]
    today = fit_points_today(panel, ruled) if ruled else None
    slices = _slices(panel, split, joint, per, today)
    levels = rules_of(criterion, joint.levels, slices)
    said = f"proven (p = {p_value:.1g}, Holm); alone AUC {tested.auc_alone:.3f}"
    if is_protected(name):
        said += f". {CAUTION}"
    return CriterionProposal(
        criterion, name, tested.auc_alone, p_value, True, tuple(levels), said
    )


def _slices(
    panel: Panel, split: Split, joint: _Joint, per: float, today: Floats | None
) -> list[Slice]:
    """Return the numbers of the unknown values, then those of every group."""
    group, outcomes = joint.levels.of_rows(), panel.outcomes
    found = []
    for number in range(-1, joint.levels.count):
        chosen = split.is_train & (group == number)
        found.append(
            Slice(
                round(float(joint.log_odds[number + 1]) * per),
                len(np.unique(outcomes.lead[chosen])),
                int(outcomes.is_converted[chosen].sum()),
                int(chosen.sum()),
                float(joint.log_odds[number + 1]),
                float(joint.errors[number + 1]),
                None if today is None or not chosen.any() else today[chosen].mean(),
            )
        )
    return found


def _conclude(
    panel: Panel,
    split: Split,
    criteria: tuple[CriterionProposal, ...],
    per: float,
    today: Floats,
) -> FitResult:
    proven = {each.attribute for each in criteria if each.is_proven}
    if not proven:
        why = "No attribute is proven to tell converters from others."
        return FitResult(criteria, 0.0, today, today, None, False, why)
    rules = [rule for rule in panel.fit_rules if rule.attribute.lower() not in proven]
    rules += [
        FitRule(
            level.rule_id,
            level.criterion,
            level.attribute,
            level.operator,
            level.operand,
            level.points,
        )
        for each in criteria
        for level in each.levels
    ]
    proposed = fit_points_today(panel, rules)
    test, outcomes = split.is_test, panel.outcomes
    gain = compare(
        today[test], proposed[test], outcomes.is_converted[test], outcomes.lead[test]
    )
    said = gain_in_words(gain)
    why = f"Better on the test rows: {said}."
    if protected := sorted(filter(is_protected, proven)):
        left_out = " ".join(f"--leave-out {name}" for name in protected)
        why += (
            f" Careful, {' and '.join(protected)}: {CAUTION} Ask before you apply them,"
            f" or leave them out: {left_out}."
        )
    if not gain.is_better:
        why = f"Nothing is changed: not proven better on the test rows ({said})."
        proposed = today
    return FitResult(criteria, per, today, proposed, gain, gain.is_better, why)


def fit_points_today(panel: Panel, rules: Sequence[FitRule]) -> Floats:
    """The fit points of every row: per criterion those of the best matching rule."""
    attributes = {attribute.name.lower(): attribute for attribute in panel.attributes}
    best: Mapping[str, Floats] = {
        rule.criterion: np.full(panel.outcomes.count, -np.inf) for rule in rules
    }
    for rule in rules:
        attribute = attributes.get(rule.attribute.lower())
        if attribute is None:
            continue
        meets = matching(attribute.levels, rule.operator, rule.operand)
        rows = meets[attribute.code]
        values = best[rule.criterion]
        values[rows] = np.maximum(values[rows], rule.points)
    total = np.zeros(panel.outcomes.count)
    for values in best.values():
        total += np.where(np.isinf(values), 0.0, values)
    return total
