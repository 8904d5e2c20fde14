"""Is there enough to learn from, and is the proposal better: splits, AUC, gates."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from _calibration_logistic import Z95, lead_codes, share_interval, sum_by_lead
from _calibration_panel import (
    Auc,
    Comparison,
    Days,
    Evidence,
    Flags,
    Floats,
    Ints,
    Outcomes,
    Split,
)
from _warehouse import plural

MIN_TRAIN_CONVERSIONS = 100
MIN_TEST_CONVERSIONS = 50
TEST_SHARE_OF_DATES = 3  # one in three cut-offs is kept for the test
TEST_PERCENT_OF_LEADS = 30


# ------------------------------------------------------------------ who learns


def split_rows(
    outcomes: Outcomes, test_from: str | None = None, train_until: str | None = None
) -> Split:
    """Keep the newest cut-offs for the test; without later ones, some leads.

    A cut-off trains only if its labels were complete at the first test cut-off, unless
    `train_until` asks for those up to that date all the same.
    """
    dates = np.unique(outcomes.as_of_date.astype("datetime64[D]"))
    first = (
        np.datetime64(test_from, "D")
        if test_from
        else _first_test_date(dates, outcomes.horizon_days)
    )
    if first is None or not (dates >= first).any():
        return _split_by_lead(outcomes, dates)
    is_complete = dates + outcomes.horizon_days <= first
    is_asked = dates <= np.datetime64(train_until or "NaT", "D")
    train = dates[(is_complete | is_asked) & (dates < first)]
    if not len(train):
        return _split_by_lead(outcomes, dates)
    test = dates[dates >= first]
    between = len(dates) - len(train) - len(test)
    note = (
        f"Learnt on {plural(len(train), 'earlier cut-off')}, tested on"
        f" {plural(len(test), 'later one')}."
    )
    overlapping = int(np.count_nonzero((~is_complete & is_asked) & (dates < first)))
    if overlapping:
        note += (
            f" {overlapping} of the earlier ones had outcomes that were not yet known"
            " at the first test cut-off, as asked for: in daily use they could not be"
            " learnt from."
        )
    if between:
        note += (
            f" Used by neither: {plural(between, 'cut-off')} between, with outcomes"
            " that were not known at the first test cut-off."
        )
    return Split(
        np.isin(outcomes.as_of_date, train),
        np.isin(outcomes.as_of_date, test),
        "time",
        tuple(str(day) for day in train),
        tuple(str(day) for day in test),
        note,
    )


def _first_test_date(dates: Days, horizon_days: int) -> Any:
    """The cut-off that leaves a third for the test and something to learn from."""
    most = -(-len(dates) // TEST_SHARE_OF_DATES)
    for count in range(most, 0, -1):
        first = dates[len(dates) - count]
        if (dates + horizon_days <= first).any():
            return first
    return None


def _split_by_lead(outcomes: Outcomes, dates: Days) -> Split:
    is_test = stable_bucket(outcomes.lead, 100) < TEST_PERCENT_OF_LEADS
    names = tuple(str(day) for day in dates)
    note = (
        "No cut-off lies late enough to test on, so"
        f" {TEST_PERCENT_OF_LEADS}% of the leads are tested on and never learnt from:"
        " this does not prove that the scores hold for later dates."
    )
    return Split(~is_test, is_test, "lead", names, names, note)


def stable_bucket(lead: Ints, buckets: int, salt: int = 0) -> Ints:
    """Give each lead a bucket that never changes (SplitMix64 finaliser)."""
    x = lead.astype(np.int64).view(np.uint64).copy()
    x += np.uint64((0x9E3779B97F4A7C15 * (salt + 1)) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    x ^= x >> np.uint64(31)
    return np.asarray(x % np.uint64(buckets)).astype(np.int64)


def check_evidence(outcomes: Outcomes, split: Split) -> Evidence:
    """Count conversions, and say whether they are enough to fit and test a model."""
    counts = []
    for chosen in (split.is_train, split.is_test):
        lead = outcomes.lead[chosen]
        converted = count_conversions(outcomes, chosen)
        others = int(np.count_nonzero(~outcomes.is_converted[chosen]))
        counts.append((len(lead), len(np.unique(lead)), converted, others))
    train, test = counts
    is_enough = (
        min(train[2], train[3]) >= MIN_TRAIN_CONVERSIONS
        and min(test[2], test[3]) >= MIN_TEST_CONVERSIONS
    )
    said = (
        f"{plural(train[2], 'conversion')} to learn from (at least"
        f" {MIN_TRAIN_CONVERSIONS} are needed) and {test[2]:,} to test on (at least"
        f" {MIN_TEST_CONVERSIONS})"
    )
    missing = max(
        MIN_TRAIN_CONVERSIONS / max(train[2], 1), MIN_TEST_CONVERSIONS / max(test[2], 1)
    )
    if not is_enough and missing <= 1:
        said += ", but too few leads that did not convert"
    reason = f"Enough data: {said}." if is_enough else f"Not enough data: {said}."
    if missing > 1 and min(train[2], test[2]):
        reason += f" That takes about {_rounded_up(missing)} times as many conversions."
    if missing > 1 and outcomes.sample_percent < 100:
        reason += (
            f" Past dates hold a sample, at least {outcomes.sample_percent:g}% of the"
            " leads: raise history_max_leads in settings.csv and build again."
        )
    return Evidence(*train[:3], *test[:3], is_enough, reason)


def _rounded_up(factor: float) -> str:
    """Round a factor up to a readable number: 1.3, 4, 25."""
    return f"{math.ceil(10 * factor) / 10 if factor < 2 else math.ceil(factor):g}"


def count_conversions(outcomes: Outcomes, chosen: Flags) -> int:
    """Count different conversions: overlapping windows contain the same one."""
    rows = chosen & outcomes.is_converted
    if not rows.any():
        return 0
    pairs = np.stack(
        [
            outcomes.lead[rows].astype(np.int64),
            outcomes.converted_on[rows].astype("datetime64[D]").astype(np.int64),
        ]
    )
    return int(np.unique(pairs, axis=1).shape[1])


# ------------------------------------------------------------------ the AUC


@dataclass(frozen=True)
class _Placed:
    """An AUC with the influence of every row on it."""

    auc: float
    influence: Floats


def auc(score: Floats, is_converted: Flags) -> float:
    """P(a converter scores higher than another), ties half: Mann & Whitney."""
    return _place(score, is_converted).auc


def _place(score: Floats, is_converted: Flags) -> _Placed:
    """Place every row among the rows of the other kind (DeLong et al. 1988).

    Over all rows the influences sum to 0; their squares sum to the variance.
    """
    values, place = np.unique(score, return_inverse=True)
    yes = np.bincount(place[is_converted], minlength=len(values)).astype(np.float64)
    no = np.bincount(place[~is_converted], minlength=len(values)).astype(np.float64)
    m, n = yes.sum(), no.sum()
    if not m or not n:
        return _Placed(float("nan"), np.full(len(score), np.nan))
    beaten = (np.cumsum(no) - no / 2) / n
    beaten_by = (m - np.cumsum(yes) + yes / 2) / m
    area = float(np.dot(yes, beaten) / m)
    influence = np.where(
        is_converted, (beaten[place] - area) / m, (beaten_by[place] - area) / n
    )
    return _Placed(area, influence)


def _standard_error(influence: Floats, lead: Ints) -> float:
    """Rows of one lead count as one (Obuchowski 1997)."""
    sums = sum_by_lead(influence, lead)
    leads = len(sums)
    return float(np.sqrt(np.dot(sums, sums) * leads / max(leads - 1, 1)))


def auc_with_interval(score: Floats, is_converted: Flags, lead: Ints) -> Auc:
    """The AUC and its 95% interval, made on the logit scale to stay within 0 and 1.

    An AUC of 0 or 1 has no variance to measure. At most it is that of a share among the
    fewer of the leads that converted and those that did not (Birnbaum & Klose 1957).
    """
    placed = _place(score, is_converted)
    area = placed.auc
    if math.isnan(area):
        return Auc(area, area, area)
    if not 0 < area < 1:
        kinds = (lead[is_converted], lead[~is_converted])
        fewer = min(len(np.unique(kind)) for kind in kinds)
        return Auc(area, *share_interval(area, fewer))
    error = _standard_error(placed.influence, lead_codes(lead))
    middle = np.log(area / (1 - area))
    half = Z95 * error / (area * (1 - area))
    low, high = 1 / (1 + np.exp(-(middle + np.array([-half, half]))))
    return Auc(area, float(low), float(high))


def compare(
    today: Floats, proposed: Floats, is_converted: Flags, lead: Ints
) -> Comparison:
    """Compare two scores on the same rows: the difference of two AUCs is paired."""
    before, after = _place(today, is_converted), _place(proposed, is_converted)
    difference = after.auc - before.auc
    error = _standard_error(after.influence - before.influence, lead_codes(lead))
    low, high = difference - Z95 * error, difference + Z95 * error
    return Comparison(
        auc_with_interval(today, is_converted, lead),
        auc_with_interval(proposed, is_converted, lead),
        difference,
        low,
        high,
        bool(low > 0),
        bool(high < 0),
    )


def gain_in_words(gain: Comparison) -> str:
    """Both AUCs and their difference, with enough digits that no end looks like 0."""
    found = (gain.difference_low, gain.difference_high)
    ends = [abs(end) for end in found if end]
    digits = next((n for n in (3, 4, 5) if all(round(end, n) for end in ends)), 6)
    low, high = (f"{end:+.{digits}f}" for end in found)
    return (
        f"AUC {gain.proposed.auc:.3f} instead of {gain.today.auc:.3f}, a difference of"
        f" {gain.difference:+.{digits}f} [{low}, {high}]"
    )
