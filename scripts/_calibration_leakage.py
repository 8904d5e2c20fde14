"""Find attributes and event types that give the outcome away."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from _calibration_decay import hits_with_decay
from _calibration_fit import auc_alone
from _calibration_levels import first_levels
from _calibration_logistic import lead_codes, share_interval
from _calibration_panel import (
    AttributeTiming,
    EngagementRule,
    EventTiming,
    Floats,
    Ints,
    Leak,
    Panel,
    Split,
)

MIN_LEADS = 50
MOST_AUC = 0.95  # alone: nothing that is known beforehand is that good
HIGH_AUC = 0.80  # alone, and far above all others
GAP_TO_NEXT = 0.05
NOTABLE_AUC = 0.75  # alone, and twice as far above all others
CERTAIN_RATE = 0.90  # of a level: nearly all convert
NEVER_RATE = 0.02  # of a level: almost none convert
AFTER_SHARE = 0.90
FOLLOWS_SHARE = 0.95
IMPORTED_SHARE = 0.90  # of values recorded on one day: dates prove nothing
UNDATED_AUC = 0.75  # alone, of an attribute whose dates say nothing
DOUBTFUL_AUC = 0.70  # the same, but reported only, not left out


def find_leaks(
    panel: Panel,
    split: Split,
    allowed: frozenset[str] = frozenset(),
    refused: frozenset[str] = frozenset(),
) -> tuple[Leak, ...]:
    """Name everything suspicious once, with its clearest sign.

    Names in `allowed` are still used; names in `refused` are always left out.
    """
    found: dict[str, Leak] = {}
    for leak in (
        *_recorded_after(panel.attribute_timings),
        *_following(panel.event_timings),
        *_alone(panel, split),
    ):
        found.setdefault(leak.name, leak)
    return tuple(_with_advice(leak, allowed, refused) for leak in found.values())


def _with_advice(leak: Leak, allowed: frozenset[str], refused: frozenset[str]) -> Leak:
    is_used = leak.test == "doubtful" or leak.name in allowed
    if leak.name in refused:
        is_used, said = False, f"Left out: --leave-out {leak.name}"
    elif leak.test == "doubtful":
        said = f"Used; if it was not known before, --leave-out {leak.name}"
    elif leak.name in allowed:
        said = f"Used all the same: --allow-leak {leak.name}"
    else:
        said = f"Left out; to use it: --allow-leak {leak.name}"
    return replace(leak, is_forced=is_used, reason=f"{leak.reason}. {said}")


# ------------------------------------------------------------------ by time


def _recorded_after(timings: tuple[AttributeTiming, ...]) -> Iterator[Leak]:
    for timing in timings:
        leads = timing.converted_leads_count
        if leads < MIN_LEADS:
            continue
        share = timing.after_count / leads
        if not _is_undated(timing) and _surely_above(
            timing.after_count, leads, AFTER_SHARE
        ):
            yield Leak(
                timing.attribute,
                "attribute",
                "recorded_after",
                False,
                f"{share:.0%} of the {leads:,} converters that have it got it on the"
                " day they converted or later",
            )


def _is_undated(timing: AttributeTiming) -> bool:
    """Whether nearly all values have the same date, that of an import."""
    return timing.busiest_day_count >= IMPORTED_SHARE * timing.leads_count


def _following(timings: tuple[EventTiming, ...]) -> Iterator[Leak]:
    for timing in timings:
        days = timing.lead_days_count
        if timing.is_conversion or days < MIN_LEADS:
            continue
        share, chance = timing.after_count / days, timing.control_count / days
        is_sure = _surely_above(timing.after_count, days, FOLLOWS_SHARE)
        if is_sure and share - chance > 0.3:
            yield Leak(
                timing.event_type,
                "event",
                "follows",
                False,
                f"{share:.0%} of its {days:,} lead-days come with a conversion or"
                f" within a day after one (by chance {chance:.0%}): it is its trace",
            )


def _surely_above(count: int, total: int, share: float) -> bool:
    """Whether the lower end of Wilson's (1927) 95% interval lies above the share."""
    return share_interval(count / total, total)[0] > share


# ------------------------------------------------------------------ by strength


def _alone(panel: Panel, split: Split) -> Iterator[Leak]:
    """Judge each attribute and each event type by itself, on train rows."""
    train, outcomes = split.is_train, panel.outcomes
    y = outcomes.is_converted[train].astype(np.float64)
    lead = lead_codes(outcomes.lead[train])
    if y.sum() < MIN_LEADS or (1 - y).sum() < MIN_LEADS:
        return
    groups = {
        attribute.name: first_levels(attribute, train).of_rows()[train] + 1
        for attribute in panel.attributes
    }
    events: dict[str, float] = {}
    for rule in panel.rules:  # several rules may use one event type
        area = auc_alone(_group_of_hits(rule, outcomes.count)[train], y, lead)
        events[rule.event_type] = max(area, events.get(rule.event_type, 0.0))
    conversions = {t.event_type for t in panel.event_timings if t.is_conversion}
    strength = {name: auc_alone(group, y, lead) for name, group in groups.items()}
    undated = {t.attribute for t in panel.attribute_timings if _is_undated(t)}
    left = events | strength
    for name in sorted(groups, key=lambda each: -strength[each]):
        others = [each for other, each in left.items() if other != name]
        leaks = list(
            _judge(name, "attribute", groups[name], y, lead, strength[name], others)
        )
        if not leaks and name in undated:
            leaks = list(_judge_undated(name, strength[name]))
        if leaks:
            left.pop(name)  # a leak must not make the next one look normal
        yield from leaks
    for name, area in events.items():
        if name not in conversions and area >= MOST_AUC:
            yield _perfect(name, "event", area)


def _group_of_hits(rule: EngagementRule, rows: int) -> Ints:
    hits = hits_with_decay(rule.hits, rows, "none", None)
    return np.asarray(np.minimum(np.ceil(np.abs(hits)), 5), np.int64)


def _judge(
    name: str,
    what: str,
    group: Ints,
    y: Floats,
    lead: Ints,
    area: float,
    others: list[float],
) -> Iterator[Leak]:
    if area >= MOST_AUC:
        yield _perfect(name, what, area)
        return
    base = float(y.mean())
    certain, never = _share_decided(group, y, lead, base)
    is_known = group > 0
    if is_known.sum() >= MIN_LEADS and (~is_known).sum() >= MIN_LEADS:
        rate, rest = float(y[is_known].mean()), float(y[~is_known].mean())
        is_sure = _surely_above(int(y[is_known].sum()), int(is_known.sum()), 0.9)
        if is_sure and rest < base / 2:
            yield Leak(
                name,
                what,
                "presence",
                False,
                f"{rate:.0%} of those that have it convert, {rest:.0%} of the others:"
                " it seems to be set because of the conversion",
            )
            return
    next_best = max(others, default=0.5)
    gap = area - next_best
    if (area >= HIGH_AUC and gap >= GAP_TO_NEXT) or (
        area >= NOTABLE_AUC and gap >= 2 * GAP_TO_NEXT
    ):
        yield Leak(
            name,
            what,
            "perfect_alone",
            False,
            f"alone it reaches AUC {area:.2f}, the next best {next_best:.2f}",
        )
        return
    if area >= HIGH_AUC and certain + never >= 0.25 and certain > 0:
        yield Leak(
            name,
            what,
            "certain_level",
            False,
            f"{certain + never:.0%} of the leads have a value that decides the outcome"
            f" (at least {CERTAIN_RATE:.0%} or at most {NEVER_RATE:.0%} convert);"
            f" alone it reaches AUC {area:.2f}",
        )


def _judge_undated(name: str, area: float) -> Iterator[Leak]:
    """Judge by strength alone where dates do not show what was known before."""
    if area >= DOUBTFUL_AUC:
        said = (
            f"alone it reaches AUC {area:.2f}, and nearly all its values bear one date:"
            " nothing shows that they were known before the outcome"
        )
        test = "undated" if area >= UNDATED_AUC else "doubtful"
        yield Leak(name, "attribute", test, False, said)


def _share_decided(
    group: Ints, y: Floats, lead: Ints, base: float
) -> tuple[float, float]:
    """The share of rows in groups where nearly all convert, or almost none."""
    certain = never = 0.0
    for number in np.unique(group):
        is_in = group == number
        rows, yes = int(is_in.sum()), int(y[is_in].sum())
        if len(np.unique(lead[is_in])) < MIN_LEADS:
            continue
        if base < 0.7 and _surely_above(yes, rows, CERTAIN_RATE):
            certain += rows / len(y)
        elif base > 0.2 and _surely_above(rows - yes, rows, 1 - 2 * NEVER_RATE):
            never += rows / len(y)
    return certain, never


def _perfect(name: str, what: str, area: float) -> Leak:
    said = f"alone it reaches AUC {area:.3f}: too good to be known beforehand"
    return Leak(name, what, "perfect_alone", False, said)
