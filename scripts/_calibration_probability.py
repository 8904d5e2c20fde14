"""Fit conversion_probability: few readable terms, chosen on train rows only.

Terms enter one by one, the one with the largest score statistic first (Rao 1948). How
many is what predicts unseen leads best: cross-validation with whole leads left out.
"""

import math
from collections.abc import Sequence

import numpy as np

from _calibration_evidence import auc_with_interval, stable_bucket
from _calibration_logistic import (
    Z95,
    Fit,
    clustered_covariance,
    fit_logistic,
    lead_codes,
    sigmoid,
    sum_by_lead,
)
from _calibration_panel import (
    Calibration,
    Evidence,
    Features,
    Flags,
    Floats,
    Ints,
    Outcomes,
    ProbabilityResult,
    ProbabilityTerm,
    Progress,
    Split,
    no_progress,
)
from _calibration_terms import Term, possible_terms

MOST_TERMS = 24  # besides the constant
SELECTION_ROWS = 60_000
FOLDS = 5
BLOCKS = 3  # stretches of time
MANY_CONVERSIONS = 2000  # with fewer, no stretch of time can be left out
RIDGE = 1.0  # on standardised terms
SMALLEST_STATISTIC = 4.0  # a term below is noise even alone
DIGITS = 4  # significant, of a coefficient


def fit_probability(
    outcomes: Outcomes,
    features: Features,
    split: Split,
    evidence: Evidence,
    progress: Progress = no_progress,
) -> ProbabilityResult:
    """Choose terms, fit, bring the base rate up to date, and test on later rows."""
    until = _last_label_day(outcomes, split)
    nothing = np.full(outcomes.count, np.nan)
    if not evidence.is_enough:
        return ProbabilityResult((), nothing, None, None, until, False, evidence.reason)
    progress("choose terms", 0.0)
    terms, is_proven = choose_terms(outcomes, features, split.is_train, progress)
    if not terms or not is_proven:
        why = "Nothing predicts conversion better than the base rate does."
        return ProbabilityResult((), nothing, None, None, until, False, why)
    progress("fit the chosen terms", 0.9)
    lead = lead_codes(outcomes.lead[split.is_train])
    y = outcomes.is_converted[split.is_train].astype(np.float64)
    columns = _columns(terms, features, split.is_train)
    fit = fit_logistic(columns, y, _penalty(columns))
    errors = np.sqrt(np.diag(clustered_covariance(columns, y, fit, lead)))
    shift, note = _newest_shift(outcomes, split, fit)
    coefficients = _readable(
        fit.coefficients + shift * (np.arange(len(terms) + 1) == 0)
    )
    log_odds = np.full(outcomes.count, coefficients[0])
    for term, coefficient in zip(terms, coefficients[1:], strict=True):
        log_odds += coefficient * term.values(features)
    probability = sigmoid(log_odds)
    test = split.is_test
    area = auc_with_interval(
        probability[test], outcomes.is_converted[test], outcomes.lead[test]
    )
    progress("done", 1.0)
    why = (
        f"AUC {area.auc:.3f} [{area.low:.3f}, {area.high:.3f}] on the test rows.{note}"
    )
    is_proposed = area.low > 0.5
    return ProbabilityResult(
        tuple(_describe(terms, coefficients, errors)),
        probability,
        calibration_of(probability, outcomes, test),
        area,
        until,
        is_proposed,
        why if is_proposed else f"Not proven on the test rows. {why}",
    )


def _last_label_day(outcomes: Outcomes, split: Split) -> str:
    if not split.is_train.any():
        return ""
    last = outcomes.as_of_date[split.is_train].max() + outcomes.horizon_days
    return str(last.astype("datetime64[D]"))


def _describe(
    terms: Sequence[Term], coefficients: Floats, errors: Floats
) -> list[ProbabilityTerm]:
    named: list[tuple[str, str, str, str, float | None, float | None, str]]
    named = [("constant", "", "constant", "", None, None, "Base rate")]
    named += [
        (t.term_id, t.feature, t.kind, t.operand, t.low, t.high, t.description)
        for t in terms
    ]
    return [
        ProbabilityTerm(
            *each[:6],
            float(coefficient),
            float(coefficient - Z95 * error),
            float(coefficient + Z95 * error),
            each[6],
        )
        for each, coefficient, error in zip(named, coefficients, errors, strict=True)
    ]


def _readable(coefficients: Floats) -> Floats:
    return np.array([float(f"{each:.{DIGITS}g}") for each in coefficients])


# ------------------------------------------------------------------ which terms


def choose_terms(
    outcomes: Outcomes, features: Features, is_train: Flags, progress: Progress
) -> tuple[list[Term], bool]:
    """Choose the terms, and say whether they beat the base rate on unseen leads."""
    rows = np.flatnonzero(is_train)
    share = SELECTION_ROWS / max(len(rows), 1)
    bucket = stable_bucket(outcomes.lead[rows], 10_000, salt=11)
    some = np.zeros(len(is_train), bool)
    some[rows[bucket < share * 10_000]] = True
    terms = possible_terms(features, some)
    if not terms:
        return [], False
    pool = np.stack([term.values(features)[some].astype(np.float32) for term in terms])
    pool -= pool.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.mean(pool**2, axis=1, keepdims=True))
    pool /= np.maximum(spread, 1e-9)
    y = outcomes.is_converted[some].astype(np.float64)
    lead = lead_codes(outcomes.lead[some])
    losses = np.zeros((MOST_TERMS + 1, len(y)))
    folds = _folds(outcomes, some)
    for number, (kept, out) in enumerate(folds, start=1):
        what = f"choose terms, fold {number} of {len(folds)}"
        progress(what, 0.8 * number / len(folds))
        if out.any() and kept.any():
            losses[:, out] = _losses_of_path(
                pool[:, kept], y[kept], pool[:, out], y[out]
            )
    size = _best_size(losses, lead)
    gain, error = _mean_by_lead(losses[0] - losses[size], lead)
    picked = [step[0] for step in walk(pool, y, size)]
    return [terms[place] for place in picked], size > 0 and gain > Z95 * error


def _folds(outcomes: Outcomes, some: Flags) -> list[tuple[Flags, Flags]]:
    """Return pairs of rows to learn from and rows to test; each is tested once.

    Leads are left out whole. So are stretches of time, where that leaves enough to
    learn from: a term that only tells the season apart must not look good.
    """
    dates, date = np.unique(outcomes.as_of_date[some], return_inverse=True)
    lead = outcomes.lead[some]
    if len(dates) < BLOCKS or outcomes.is_converted[some].sum() < MANY_CONVERSIONS:
        fold = stable_bucket(lead, FOLDS, salt=13)
        return [(fold != number, fold == number) for number in range(FOLDS)]
    half = stable_bucket(lead, 2, salt=13)
    block = date * BLOCKS // len(dates)
    return [
        ((half != h) & (block != b), (half == h) & (block == b))
        for h in range(2)
        for b in range(BLOCKS)
    ]


def _losses_of_path(pool: Floats, y: Floats, pool_out: Floats, y_out: Floats) -> Floats:
    """Return the loss of every left-out row after each added term."""
    base = float(np.log((y.sum() + 0.5) / (len(y) - y.sum() + 0.5)))
    losses = [np.logaddexp(0, base) - y_out * base]
    picked: list[int] = []
    for place, fit in walk(pool, y, MOST_TERMS):
        picked.append(place)
        log_odds = fit.coefficients[0] + fit.coefficients[1:] @ pool_out[picked]
        losses.append(np.logaddexp(0, log_odds) - y_out * log_odds)
    losses += [losses[-1]] * (MOST_TERMS + 1 - len(losses))
    return np.stack(losses)


def walk(pool: Floats, y: Floats, most: int) -> list[tuple[int, Fit]]:
    """Add the term with the largest score statistic and refit, again and again."""
    columns = np.ones((len(y), 1))
    fit = fit_logistic(columns, y, np.zeros(1))
    steps: list[tuple[int, Fit]] = []
    picked: list[int] = []
    while len(picked) < most:
        chance = sigmoid(fit.log_odds)
        weight = (chance * (1 - chance)).astype(np.float32)
        score = pool @ (y - chance).astype(np.float32)
        shared = (pool * weight) @ columns.astype(np.float32)
        own = (pool * pool) @ weight
        left = own - np.einsum("ij,jk,ik->i", shared, fit.inverse, shared)
        is_new = left > 0.01 * own  # others are nearly combinations of picked terms
        statistic = np.where(is_new, score**2 / np.where(is_new, left, 1), 0)
        statistic[picked] = 0
        place = int(statistic.argmax())
        if statistic[place] < SMALLEST_STATISTIC:
            break
        picked.append(place)
        columns = np.column_stack([columns, pool[place]])
        start = np.append(fit.coefficients, 0.0)
        penalty = np.append(0.0, np.full(len(picked), RIDGE))
        fit = fit_logistic(columns, y, penalty, start, steps=8)
        steps.append((place, fit))
    return steps


def _best_size(losses: Floats, lead: Ints) -> int:
    """Return the fewest terms that predict about as well as the best number."""
    best = int(losses.mean(axis=1).argmin())
    for size in range(best):
        worse, error = _mean_by_lead(losses[size] - losses[best], lead)
        if worse <= error:
            return size
    return best


def _mean_by_lead(values: Floats, lead: Ints) -> tuple[float, float]:
    """Return the mean over rows and its standard error, clustered by lead."""
    sums = sum_by_lead(values - values.mean(), lead)
    return float(values.mean()), float(np.sqrt(np.dot(sums, sums))) / len(values)


def _columns(terms: Sequence[Term], features: Features, chosen: Flags) -> Floats:
    lines = [np.ones(np.count_nonzero(chosen))]
    return np.column_stack([*lines, *(term.values(features)[chosen] for term in terms)])


def _penalty(columns: Floats) -> Floats:
    penalty = RIDGE * columns.var(axis=0)
    penalty[0] = 0.0
    return np.asarray(penalty)


# ------------------------------------------------------------------ is it calibrated


def _newest_shift(outcomes: Outcomes, split: Split, fit: Fit) -> tuple[float, str]:
    """Return what to add to the constant to fit the newest third of the cut-offs."""
    days = outcomes.as_of_date[split.is_train]
    dates = np.unique(days)
    newest = days >= dates[len(dates) - -(-len(dates) // 3)]
    if len(dates) < 2:
        return 0.0, ""
    codes = np.searchsorted(dates, days)
    y = outcomes.is_converted[split.is_train].astype(np.float64)
    lacks = [_lack(y[codes == i], fit.log_odds[codes == i]) for i in range(len(dates))]
    older = len(dates) - int(np.unique(codes[newest]).size)
    shift = _lack(y[newest], fit.log_odds[newest])
    # Cut-offs always differ somewhat (campaigns): only a larger shift is a drift.
    noise = float(np.std(lacks[:older], ddof=1)) if older > 1 else 0.0
    error = math.hypot(noise, 1 / math.sqrt(max(y[newest].sum(), 1.0)))
    if older < 2 or abs(shift) <= Z95 * error:
        return 0.0, ""
    return shift, (
        " The base rate has drifted: on the newest train cut-offs the log-odds lie"
        f" {shift:+.2f} from what the terms say, and the constant follows them."
    )


def _lack(y: Floats, log_odds: Floats) -> float:
    """What to add to the log-odds so that the mean probability is right."""
    ones = np.ones((len(y), 1))
    return float(fit_logistic(ones, y, np.ones(1), offset=log_odds).coefficients[0])


def calibration_of(
    probability: Floats, outcomes: Outcomes, chosen: Flags
) -> Calibration:
    """Compare the predicted probabilities with what happened."""
    p = np.clip(probability[chosen], 1e-9, 1 - 1e-9)
    y = outcomes.is_converted[chosen].astype(np.float64)
    log_odds = np.log(p / (1 - p))
    ones = np.ones((len(y), 1))
    middle = fit_logistic(ones, y, np.zeros(1), offset=log_odds)
    line = fit_logistic(np.column_stack([ones, log_odds]), y, np.full(2, 1e-6))
    base = float(y.mean())
    # Rows of equal probability share their conversions, whichever bin they fall in.
    _, place = np.unique(p, return_inverse=True)
    shared = (np.bincount(place, weights=y) / np.bincount(place))[place]
    order = np.argsort(p, kind="stable")
    bins = tuple(
        (float(p[part].mean()), float(shared[part].mean()), len(part))
        for part in np.array_split(order, 10)
        if len(part)
    )
    gap = sum(abs(said - happened) * rows for said, happened, rows in bins) / len(y)
    return Calibration(
        len(y),
        base,
        float(p.mean()),
        float(middle.coefficients[0]),
        float(line.coefficients[1]),
        float(np.mean((p - y) ** 2)),
        base * (1 - base),
        float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p))),
        float(gap),
        bins,
    )
