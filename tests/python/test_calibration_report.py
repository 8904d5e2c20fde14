"""The calibration report: complete, honest, safe to open, the same every time."""

import math
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from _calibration_evidence import auc_with_interval, compare
from _calibration_panel import (
    Calibration,
    CriterionProposal,
    EngagementResult,
    Evidence,
    Features,
    FitLevel,
    FitResult,
    Flags,
    Floats,
    HalfLifeProfile,
    Leak,
    LimitProposal,
    ProbabilityResult,
    ProbabilityTerm,
    RuleProposal,
    Split,
)
from _calibration_report import (
    Baseline,
    CalibrationReport,
    ChangedFile,
    render_report,
    write_report,
)
from _report_charts import Scale, nice_step, rates_by_decile
from _report_words import odds_text, term_effect

HALF_LIVES = (*(1.0, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365), math.inf)
ROWS = 24_000
HOSTILE = "<script>alert('x')</script>&\"]]>\x1b[31m\u202e"


# ------------------------------------------------------------------ a shop in arrays


def _rule(
    rule_id: str,
    today: float | None,
    estimate: tuple[float, float, float],
    points: float | None,
    half_life: tuple[float, float, float] | None = None,
    decay_today: tuple[str, float | None] = ("half_life", 14.0),
    decay: tuple[str, float | None] | None = None,
    leads: int = 3_120,
    decision: str = "",
) -> RuleProposal:
    """One rule with a half-life profile around (best, low, high)."""
    best, low, high = half_life or (math.nan,) * 3
    kept = decay or decay_today
    value, least, most = estimate
    is_candidate = today is None
    return RuleProposal(
        *(rule_id, rule_id, "each", is_candidate, leads, leads // 9, leads // 3),
        *(value / 10, least / 10, most / 10, today, value, least, most, points),
        *("" if is_candidate else decay_today[0], decay_today[1]),
        *(best, low, high, kept[0], kept[1], None),
        points != today and points is not None,
        kept != decay_today,
        decision or f"{leads:,} leads hit; worth {value:.1f} points",
        _profile(best, low, high, decay_today[1]) if half_life else None,
    )


def _profile(
    best: float, low: float, high: float, today: float | None
) -> HalfLifeProfile:
    def place(days: float | None) -> float:
        return math.log(800 if days is None or math.isinf(days) else days)

    width = max(place(high) - place(low), 0.4) / 2
    curve = tuple(((place(h) - place(best)) / width) ** 2 * 3.84 for h in HALF_LIVES)
    return HalfLifeProfile(
        HALF_LIVES, curve, ((place(today) - place(best)) / width) ** 2 * 3.84
    )


def _rules() -> tuple[RuleProposal, ...]:
    half = "half_life"
    return (
        _rule("search", 1, (1.4, 0.4, 2.4), 1, (12, 4, 40)),
        _rule("product_view", 1, (1.2, 0.9, 1.6), 1, (21, 15, 30), decay=(half, 21)),
        _rule("add_to_cart", 2, (5.8, 4.6, 7.0), 6, (9, 6, 13), decay=(half, 10)),
        _rule("checkout", 3, (7.4, 5.4, 9.4), 7, (6, 2, 20)),
        _rule("purchase", 10, (22, 19, 25), 22, (90, 70, 120), (half, 14), (half, 90)),
        _rule("return", -15, (-4.2, -8.1, -0.3), -4, (math.inf, 30, math.inf)),
        _rule("email_open", 1, (0.1, -0.3, 0.5), 0, (1, 1, math.inf)),
        _rule("newsletter", 7, (5, 1, 9), 7, (60, 20, 270), ("linear", 365.0)),
        _rule("account_created", 5, (31, -30, 90), 5, None, ("none", None), leads=64),
        _rule("quiz", 10, (math.nan,) * 3, 10, leads=12, decision="kept: 12 leads hit"),
        _rule("wishlist", None, (6, 4, 8), 6, (30, 14, 60), ("", None), (half, 30)),
        _rule("chat_opened", None, (1, -2, 4), None, None, ("", None)),
    )


def _level(
    name: str, level: str, points: int, odds: float, error: float, today: float | None
) -> FitLevel:
    is_reference = odds == 0
    low, high = (0.0, 0.0) if is_reference else (odds - error, odds + error)
    return FitLevel(
        *(f"{name}_{points}", name, name, "in", level, points, f"{name} {level}"),
        *(2_400, 160 + points * 12, 4_800, odds, low, high, today),
    )


def _fit(y: Flags, rng: np.random.Generator, test: Flags) -> FitResult:
    today, proposed = _scores(y, rng, 0.25, 0.6)
    criteria = (
        CriterionProposal(
            *("segment", "segment", 0.61, 0.0004, True),
            (
                _level("segment", "budget", 0, 0, 0, 0),
                _level("segment", "family", 4, 0.42, 0.2, 3),
                _level("segment", "premium", 9, 0.93, 0.22, 5),
            ),
            "ranks leads at AUC 0.610 alone (p < 0.001)",
        ),
        CriterionProposal(
            *("age", "age", 0.56, 0.011, True),
            (
                _level("age", "18 to 29", 0, 0, 0, None),
                _level("age", "30 to 49", 3, 0.31, 0.25, None),
                _level("age", "50 or more", 5, 0.5, 0.3, None),
            ),
            "ranks leads at AUC 0.560 alone (p = 0.011)",
        ),
        CriterionProposal("gender", "gender", 0.5, 0.8, False, (), "proves nothing"),
    )
    lead = np.arange(ROWS)[test] // 3
    compared = compare(today[test], proposed[test], y[test], lead)
    why = f"Better on the test rows: a difference of {compared.difference:+.3f}."
    return FitResult(criteria, 10.0, today, proposed, compared, True, why)


def _scores(
    y: Flags, rng: np.random.Generator, before: float, after: float
) -> tuple[Floats, Floats]:
    noise = rng.normal(size=ROWS)
    today = np.round(np.exp(noise + before * y) * 10)
    proposed = np.round(np.exp(noise * 0.8 + rng.normal(size=ROWS) * 0.5 + after * y) * 8)
    return today, proposed


@cache
def made_report() -> CalibrationReport:
    """A shop of 8,000 leads on three cut-offs, with every part proposed."""
    rng = np.random.default_rng(20111106)
    truth = rng.normal(size=ROWS) - 3
    chance = 1 / (1 + np.exp(-truth))
    y = rng.random(ROWS) < chance
    cut_off = np.arange(ROWS) % 3
    train, test = cut_off < 2, cut_off == 2
    lead = np.arange(ROWS) // 3
    today, proposed = _scores(y, rng, 0.6, 1.1)
    compared = compare(today[test], proposed[test], y[test], lead[test])
    engagement = EngagementResult(
        _rules(),
        (LimitProposal("browsing", 40, 60, "would cut off 12% of the leads"),),
        *(today, proposed, compared, 0.3, 1.0, 1.6, True),
        f"Better on the test rows: a difference of {compared.difference:+.3f}.",
    )
    foretold = 1 / (1 + np.exp(-(truth + rng.normal(size=ROWS) * 0.4)))
    evidence = Evidence(
        *(16_000, 8_000, int(y[train].sum()), 8_000, 8_000, int(y[test].sum())),
        True,
        "Enough data: 1,000 conversions to learn from and 500 to test on.",
    )
    return CalibrationReport(
        title="the demo shop",
        as_of_date="2011-12-09",
        horizon_days=30,
        is_converted=y,
        split=Split(
            *(train, test, "time", ("2011-08-14", "2011-09-11"), ("2011-11-06",)),
            "Learnt on 2 earlier cut-offs, tested on 1 later one.",
        ),
        evidence=evidence,
        engagement=engagement,
        fit=_fit(y, rng, test),
        probability=_probability(foretold, y, test),
        leaks=(
            Leak(
                *("loyalty_card", "attribute", "recorded_after", 0.94, False),
                "94% of its values were recorded on the day of the first order or"
                " later; keep it with --allow-leak loyalty_card.",
            ),
        ),
        baselines=tuple(
            Baseline(name, auc_with_interval(values[test], y[test], lead[test]), values)
            for name, power in (
                *(("event_count", 0.5), ("recency", 0.55)),
                *(("order_count", 0.7), ("rfm", 0.75)),
            )
            for values in [np.round(rng.normal(size=ROWS) + power * y, 1)]
        ),
        changed_files=(
            ChangedFile("engagement_rules.csv", "6 of 11 rules change, 1 is new"),
            ChangedFile("fit_rules.csv", "4 rules in place of 9"),
            ChangedFile("probability_terms.csv", "4 terms"),
        ),
        warnings=("Prices changed on 2011-10-01: the test lies after it.",),
        features=Features(
            {
                "engagement_points": today,
                "days_inactive": np.where(rng.random(ROWS) < 0.2, np.nan, today * 3),
            }
        ),
    )


def _probability(foretold: Floats, y: Flags, test: Flags) -> ProbabilityResult:
    p, real = foretold[test], y[test]
    parts = np.array_split(np.argsort(p, kind="stable"), 10)
    bins = tuple(
        (float(p[part].mean()), float(real[part].mean()), len(part)) for part in parts
    )
    base = float(real.mean())
    brier = float(np.mean((p - real) ** 2))
    found = Calibration(
        *(len(p), base, float(p.mean()), -0.04, 0.93, brier, base * (1 - base), 0.21),
        *(float(np.mean([abs(a - b) for a, b, _ in bins])), bins),
    )
    terms = (
        ProbabilityTerm(
            "start", "", "constant", "", None, None, -3.2, -3.4, -3.0, "Everyone"
        ),
        ProbabilityTerm(
            *("engagement", "engagement_points", "log", "", None, 500.0),
            *(0.62, 0.5, 0.74, "More engaged leads order more often"),
        ),
        ProbabilityTerm(
            *("inactive", "days_inactive", "ramp", "", 0.0, 90.0),
            *(-0.012, -0.016, -0.008, "Every day of silence costs"),
        ),
        ProbabilityTerm(
            *("cart", "stage", "is", "cart", None, None, 0.8, 0.3, 1.3, "In the cart"),
        ),
        ProbabilityTerm(
            *("never", "days_since_order", "missing", "", None, None),
            *(-0.9, -1.2, -0.6, "Never ordered"),
        ),
    )
    lead = np.arange(ROWS)[test] // 3
    auc = auc_with_interval(p, real, lead)
    why = "Calibrated on the test rows."
    return ProbabilityResult(
        terms, foretold, None, found, auc, "2011-10-11", True, why
    )


def without_evidence() -> CalibrationReport:
    """A shop with 40 orders."""
    full = made_report()
    why = (
        "Not enough data: 28 conversions to learn from (at least 100 are needed)"
        " and 12 to test on (at least 50)."
    )
    kept = replace(
        full.engagement,
        rules=tuple(
            replace(rule, profile=None, points=rule.points_today, decision=f"kept: {why}")
            for rule in full.engagement.rules
            if not rule.is_candidate
        ),
        **{"limits": (), "comparison": None, "is_proposed": False, "reason": why},
    )
    return replace(
        full,
        evidence=Evidence(800, 400, 28, 400, 400, 12, False, why),
        engagement=kept,
        fit=FitResult((), 1, *(np.zeros(ROWS),) * 2, None, False, why),
        probability=ProbabilityResult(
            (), np.full(ROWS, np.nan), None, None, None, "", False, why
        ),
        **{"leaks": (), "baselines": (), "changed_files": (), "warnings": ()},
    )


if __name__ == "__main__":  # look at it: python test_calibration_report.py FOLDER
    import sys

    write_report(made_report(), Path(sys.argv[1]) / "report.html")
    write_report(without_evidence(), Path(sys.argv[1]) / "short.html")
