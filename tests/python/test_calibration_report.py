"""The calibration report: complete, honest, safe to open, the same every time."""

import math
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import calibrate_rules
from _calibration_evidence import auc_with_interval, compare
from _calibration_files import RuleFile, write_evidence
from _calibration_logistic import share_interval
from _calibration_panel import (
    Auc,
    Calibration,
    Comparison,
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
from _report_charts import DASH, Axis, nice_step, rates_by_decile, round_end
from _report_tables import calibration, half_lives, points_table
from _report_words import odds_text, term_effect
from _warehouse import TIMES

HALF_LIVES = (
    *(1.0, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365),
    math.inf,
)
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
        rule_id,
        rule_id,
        "each",
        is_candidate,
        leads_hit=leads,
        conversions_with=leads // 9,
        conversions_without=leads // 3,
        weight=value / 10,
        weight_low=least / 10,
        weight_high=most / 10,
        points_today=today,
        points_estimate=value,
        points_low=least,
        points_high=most,
        points=points,
        decay_today="" if is_candidate else decay_today[0],
        decay_days_today=decay_today[1],
        half_life_estimate=best,
        half_life_low=low,
        half_life_high=high,
        decay=kept[0],
        decay_days=kept[1],
        decay_rate=None,
        is_points_changed=points != today and points is not None,
        is_decay_changed=kept != decay_today,
        decision=decision or f"{leads:,} leads hit; worth {value:.1f} points",
        profile=_profile(best, low, high, decay_today[1]) if half_life else None,
    )


def _profile(
    best: float, low: float, high: float, today: float | None
) -> HalfLifeProfile:
    def place(days: float | None) -> float:
        return math.log(800 if days is None or math.isinf(days) else days)

    def deviance(days: float | None) -> float:
        away = place(days) - place(best)
        end = low if away < 0 else high
        return (away / (abs(place(end) - place(best)) or 0.5)) ** 2 * 3.84

    return HalfLifeProfile(
        HALF_LIVES, tuple(map(deviance, HALF_LIVES)), deviance(today)
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
    proposed = np.round(
        np.exp(noise * 0.8 + rng.normal(size=ROWS) * 0.5 + after * y) * 8
    )
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
        *(today, proposed, compared, 1.0, 1.6, True),
        f"Better on the test rows: a difference of {compared.difference:+.3f}.",
    )
    predicted = 1 / (1 + np.exp(-(truth + rng.normal(size=ROWS) * 0.4)))
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
        probability=_probability(predicted, y, test),
        leaks=(
            Leak(
                *("loyalty_card", "attribute", "recorded_after", False),
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
        features=Features(
            {
                "engagement_points": today,
                "days_inactive": np.where(rng.random(ROWS) < 0.2, np.nan, today * 3),
            }
        ),
    )


def _probability(predicted: Floats, y: Flags, test: Flags) -> ProbabilityResult:
    p, real = predicted[test], y[test]
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
    return ProbabilityResult(terms, predicted, found, auc, "2011-10-11", True, why)


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
            replace(
                rule, profile=None, points=rule.points_today, decision=f"kept: {why}"
            )
            for rule in full.engagement.rules
            if not rule.is_candidate
        ),
        limits=(),
        comparison=None,
        is_proposed=False,
        reason=why,
    )
    return replace(
        full,
        evidence=Evidence(800, 400, 28, 400, 400, 12, False, why),
        engagement=kept,
        fit=FitResult((), 1, *(np.zeros(ROWS),) * 2, None, False, why),
        probability=ProbabilityResult(
            (), np.full(ROWS, np.nan), None, None, "", False, why
        ),
        leaks=(),
        baselines=(),
        changed_files=(),
    )


# ------------------------------------------------------------------ reading the page


class _Page(HTMLParser):
    """The page's texts and tags; every tag that is opened is closed in order."""

    EMPTY = frozenset({"meta", "br", "hr", "link", "img"})

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def count(self, tag: str, kind: str = "") -> int:
        """How many such tags there are, of one class."""
        return sum(
            name == tag and kind in [*(attrs.get("class") or "").split(), ""]
            for name, attrs in self.tags
        )


@cache
def full_page() -> tuple[str, _Page]:
    page = render_report(made_report())
    return page, _Page(page)


def test_the_file_needs_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "not" / "there yet" / "report.html"
    write_report(made_report(), file)
    page = file.read_text(encoding="utf-8")
    tags = _Page(page).tags
    assert not {name for name, _ in tags} & {
        *("script", "link", "img", "iframe", "object", "embed", "use", "image", "base")
    }
    for _, attrs in tags:
        assert not {"src", "srcset", "data", "xlink:href"} & set(attrs)
        assert not any(name.startswith("on") for name in attrs)
        assert (attrs.get("href") or "#").startswith("#")
    assert "://" not in page
    assert "@import" not in page
    assert set(re.findall(r"url\((.)", page)) <= {"#"}


def test_a_probability_worse_than_the_base_rate_says_so() -> None:
    test = made_report().probability.test
    assert test
    for brier, said in ((0.09, "10.0% less than"), (0.12, "20.0% more than")):
        told = calibration(replace(test, brier=brier, brier_base=0.1))
        assert told
        assert f"{said} always saying" in told[2]


def test_the_same_report_gives_the_same_file() -> None:
    assert render_report(made_report()) == full_page()[0]


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    tags = full_page()[1].tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    named = ("aria-labelledby", "aria-describedby", "href", "clip-path")
    for _, attrs in tags:
        for name in named:
            if target := attrs.get(name):
                assert target.removeprefix("url(").strip("#)") in ids


def test_every_chart_says_what_it_shows() -> None:
    page, read = full_page()
    charts = [attrs for tag, attrs in read.tags if tag == "svg"]
    for attrs in charts:
        assert attrs.get("role") == "img" or attrs.get("aria-hidden") == "true"
    assert read.count("svg", "chart") == page.count("<desc") == 3 + 1 + 9
    shown = [attrs for attrs in charts if attrs.get("role") == "img"]
    assert len(shown) == len(re.findall(r"<svg[^>]*><title", page))
    assert read.count("caption") == read.count("table") == 9


def test_every_rule_level_score_and_term_appears() -> None:
    text, report = full_page()[1].text, made_report()
    for rule in report.engagement.rules:
        assert rule.rule_id in text
        assert rule.decision in text
    for criterion in report.fit.criteria:
        assert criterion.attribute in text
        assert all(level.label in text for level in criterion.levels)
    for term in report.probability.terms[1:]:
        assert term.term_id in text
        assert term.description in text
    for leak in report.leaks:
        assert leak.name in text
        assert leak.reason in text
    for file in report.changed_files:
        assert file.name in text
        assert file.change in text
    for name in ("Number of events", "Number of orders", "RFM", "Days since"):
        assert name in text


def test_no_number_is_missing_or_broken() -> None:
    page = full_page()[0]
    assert not re.findall(r"\bnan\b|\binf\b|None|Undefined", page)


def test_first_lines_say_what_an_owner_asks() -> None:
    text, gain = full_page()[1].text, made_report().engagement.comparison
    assert gain
    first = text[text.index("Yes: the proposed") : text.index("\nWhat is not proven\n")]
    assert f"in {100 * gain.today.auc:.1f} of 100 such pairs" in first
    assert f"{100 * gain.difference:.1f} more" in first
    assert "calibrate_rules.py --apply" in first
    assert "loyalty_card (recorded only after the conversion)" in first
    assert "4 rules that stay as they are, 1 event type without a rule" in first
    assert "AUC" not in first


def test_texts_of_users_stay_texts() -> None:
    report = made_report()
    hostile = replace(
        report,
        title=HOSTILE,
        apply_command=HOSTILE,
        population=HOSTILE,
        changed_files=(ChangedFile(HOSTILE, HOSTILE),) * 3,
        engagement=replace(
            report.engagement,
            rules=tuple(
                replace(rule, rule_id=HOSTILE, decision=HOSTILE)
                for rule in report.engagement.rules
            ),
        ),
        fit=replace(
            report.fit,
            criteria=tuple(
                replace(
                    each,
                    attribute=HOSTILE,
                    criterion=HOSTILE,
                    levels=tuple(replace(x, label=HOSTILE) for x in each.levels),
                )
                for each in report.fit.criteria
            ),
        ),
        probability=replace(
            report.probability,
            terms=tuple(
                replace(term, term_id=HOSTILE, description=HOSTILE, operand=HOSTILE)
                for term in report.probability.terms
            ),
        ),
        leaks=tuple(replace(leak, name=HOSTILE, test=HOSTILE) for leak in report.leaks),
        baselines=tuple(replace(each, score=HOSTILE) for each in report.baselines),
    )
    page = render_report(hostile)
    read = _Page(page)
    assert not read.count("script")
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert [tag for tag, _ in read.tags] == [tag for tag, _ in full_page()[1].tags]
    assert "<script>alert('x')</script>&\"]]>" in read.text


def test_too_little_data_makes_a_short_honest_report() -> None:
    page = render_report(without_evidence())
    read = _Page(page)
    assert "the data cannot prove better points yet" in read.text
    assert "28 conversions to learn from (at least 100 are needed)" in read.text
    assert "there is nothing to apply" in read.text
    assert read.count("svg") == 0
    assert "--apply" not in page
    assert len(read.text.split()) < 250


def test_where_nearly_all_convert_no_more_conversions_are_asked_for() -> None:
    evidence = Evidence(800, 400, 790, 400, 400, 395, False, "Not enough data.")
    page = render_report(replace(without_evidence(), evidence=evidence))
    text = " ".join(_Page(page).text.split())
    assert "so few leads that did not convert would repeat chance" in text
    assert "a shorter horizon (backtest_horizon_days)" in text


def test_leaks_are_told_even_without_enough_data() -> None:
    report = replace(without_evidence(), leaks=made_report().leaks)
    assert "loyalty_card" in render_report(report)


# ------------------------------------------------------------------ what was found


def _engagement(**changes: Any) -> CalibrationReport:
    """The report with another outcome of the engagement points, and nothing else."""
    report = made_report()
    fit = replace(report.fit, criteria=(), comparison=None, is_proposed=False)
    probability = replace(without_evidence().probability, reason="Not tried.")
    engagement = replace(report.engagement, **changes)
    return replace(report, engagement=engagement, fit=fit, probability=probability)


def _comparison(difference: float, error: float) -> Comparison:
    low, high = difference - error, difference + error
    today = Auc(0.7, 0.68, 0.72)
    proposed = Auc(0.7 + difference, 0.68 + difference, 0.72 + difference)
    return Comparison(today, proposed, difference, low, high, low > 0, high < 0)


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (0.03, "Yes: the proposed points rank leads better"),
        (0.002, "There is a proposal, but it is not proven to be better."),
        (-0.03, "Careful: the proposed points rank leads worse"),
    ],
)
def test_the_headline_follows_the_proof(difference: float, said: str) -> None:
    report = _engagement(comparison=_comparison(difference, 0.01))
    text = _Page(render_report(report)).text
    assert said in text
    assert ("3.0 fewer (2.0 to 4.0" in text) == (difference == -0.03)


def test_a_proposal_that_failed_its_test_is_not_shown_as_one() -> None:
    report = made_report()
    kept = tuple(
        replace(rule, points=rule.points_today, is_points_changed=False)
        for rule in report.engagement.rules
    )
    failed = _engagement(
        rules=kept,
        comparison=_comparison(0.001, 0.01),
        points_proposed=report.engagement.points_today,
        is_proposed=False,
        reason="Nothing is changed: not proven better.",
    )
    text = _Page(render_report(replace(failed, changed_files=()))).text
    assert "Nothing is proposed: today's points stay." in text
    assert "Engagement points, tried, not proposed" in text
    assert "nothing to apply" in text
    assert "--apply" not in text
    assert "Engagement points, proposed" not in text


def test_a_simple_score_that_ranks_as_well_is_named() -> None:
    report = made_report()
    rival = Baseline("order_count", Auc(0.99, 0.98, 1.0))
    text = _Page(render_report(replace(report, baselines=(rival,)))).text
    assert "A simple score ranks at least as well" in text
    assert "number of orders (99.0 of 100 pairs)" in text


def test_leaks_that_were_forced_are_told_as_such() -> None:
    report = made_report()
    forced = tuple(replace(leak, is_forced=True) for leak in report.leaks)
    text = _Page(render_report(replace(report, leaks=forced))).text
    assert "kept all the same, because it was forced" in text
    assert "What was left out," not in text


def test_leaks_are_labelled_by_what_became_of_them() -> None:
    caught = made_report().leaks[0]
    leaks = (
        replace(caught, reason="caught"),
        replace(caught, test="doubtful", is_forced=True, reason="doubted"),
        replace(caught, is_forced=True, reason="forced"),
        replace(caught, test="doubtful", reason="refused"),
    )
    report = replace(made_report(), leaks=leaks)
    lines = calibrate_rules.summary_lines(report, Path("calibration"))
    told = [re.split("  +", line.strip()) for line in lines]
    assert [line for line in told if line[-1] in {leak.reason for leak in leaks}] == [
        ["left out", "caught"],
        ["used", "doubted"],
        ["used", "forced"],
        ["left out", "refused"],
    ]
    text = _Page(render_report(report)).text
    assert text.count("used all the same") == 1
    assert text.count("kept all the same") == 1


def test_evidence_names_the_file_of_each_rule(tmp_path: Path) -> None:
    report, file = made_report(), tmp_path / "evidence.csv"
    first, *others = report.engagement.rules
    silent = replace(first, rule_id="silent", mode="inactivity")
    rules = (replace(first, mode="threshold"), silent, *others)
    engagement = replace(report.engagement, rules=rules)
    write_evidence(file, engagement, report.fit, report.probability)
    files = {row["rule_id"]: row["file"] for row in RuleFile.read(file).rows}
    assert files["silent"] == "inactivity_rules.csv"
    assert {files[rule.rule_id] for rule in (rules[0], *others)} == {
        "engagement_rules.csv"
    }
    assert files["segment_9"] == "fit_rules.csv"
    assert files["start"] == "probability_terms.csv"


@pytest.mark.parametrize("is_proposed", [True, False])
def test_why_an_attribute_gets_no_points_is_told(
    tmp_path: Path, is_proposed: bool
) -> None:
    report, file = made_report(), tmp_path / "evidence.csv"
    gender = report.fit.criteria[2]
    gender = replace(gender, reason="no proven effect (p = 0.80, Holm)")
    team = replace(gender, attribute="team", reason="adds nothing to the others")
    criteria = (*report.fit.criteria[:2], gender, team)
    fit = replace(report.fit, criteria=criteria, is_proposed=is_proposed)
    text = " ".join(_Page(render_report(replace(report, fit=fit))).text.split())
    assert (
        "No fit points for: gender, no proven effect (p = 0.80, Holm);"
        " team, adds nothing to the others." in text
    )
    write_evidence(file, report.engagement, fit, report.probability)
    said = [row for row in RuleFile.read(file).rows if row["file"] == "fit_rules.csv"]
    levels = sum(len(each.levels) for each in criteria)
    assert [row["decision"] for row in said[levels:]] == [
        "not proposed: gender: no proven effect (p = 0.80, Holm)",
        "not proposed: team: adds nothing to the others",
    ]
    assert not any(row["proposed"] for row in said[levels:])


def test_an_applied_proposal_asks_for_a_build() -> None:
    text = _Page(render_report(replace(made_report(), is_applied=True))).text
    assert "has been applied" in text
    assert "dbt build" in text
    assert "--apply" not in text


def test_parts_that_found_nothing_draw_nothing() -> None:
    report = made_report()
    bare = replace(
        _engagement(rules=(), limits=(), comparison=None, is_proposed=False),
        baselines=(),
        is_converted=np.zeros(ROWS, bool),
    )
    text = _Page(render_report(bare)).text
    assert "rule by rule" not in text
    assert "How long a hit counts" not in text
    assert "How well every score ranks" not in text
    assert report.engagement.reason in text


def test_half_lives_are_told_with_their_unit() -> None:
    result = made_report().engagement
    rule = next(rule for rule in result.rules if rule.profile)
    told = []
    for low, high in ((1.0, math.inf), (1.0, 21.5), (1.0, 1.0)):
        found = replace(rule, half_life_estimate=1.0, decay="half_life", decay_days=1.0)
        found = replace(found, half_life_low=low, half_life_high=high)
        shown = half_lives(replace(result, rules=(found,)))
        assert shown
        told.append(shown[1].rows[0][2:5])
    assert told == [
        ("1 day", interval, "half-life 1 day")
        for interval in ("1 day to no decay", "1 to 21.5 days", "1 day")
    ]


def test_a_decay_that_is_not_proposed_is_a_dash() -> None:
    result = made_report().engagement
    rule = next(rule for rule in result.rules if rule.profile)
    dropped = replace(rule, is_candidate=True, points=None, decay="none")
    shown = half_lives(replace(result, rules=(dropped,)))
    assert shown
    assert shown[1].rows[0][4] == DASH
    assert "proposed no decay" not in shown[0][0].chart


def times_ten() -> EngagementResult:
    """The same proposal, all of its points times ten."""
    result = made_report().engagement
    rules = tuple(
        replace(
            rule,
            points=None if rule.points is None else rule.points * 10,
            points_estimate=rule.points_estimate * 10,
            points_low=rule.points_low * 10,
            points_high=rule.points_high * 10,
            is_points_changed=rule.points is not None,
        )
        for rule in result.rules
    )
    return replace(result, rules=rules, points_factor=10)


def test_points_times_a_factor_are_shown_in_one_currency() -> None:
    table, plain = points_table(times_ten()), points_table(made_report().engagement)
    assert table
    assert plain
    marks = re.compile(r'cx="([^"]*)"')
    for row, same in zip(table.rows, plain.rows, strict=True):
        places, before = (
            [float(place) for place in marks.findall(each.strip)]
            for each in (row, same)
        )
        assert places == pytest.approx(before, abs=0.1)
        assert row.cells[3] == same.cells[3]
    assert table.rows[2].cells[:3] == ("20", "60", "46.0 to 70.0")
    assert plain.rows[2].cells[:3] == ("2", "6", "4.6 to 7.0")


def test_evidence_is_told_in_one_currency(tmp_path: Path) -> None:
    report, file = made_report(), tmp_path / "evidence.csv"
    write_evidence(file, times_ten(), report.fit, report.probability)
    rows = {row["rule_id"]: row for row in RuleFile.read(file).rows}
    cart, family = rows["add_to_cart"], rows["segment_4"]
    columns = ("today", "today_in_new_points", "low", "high", "proposed")
    assert [cart[name] for name in columns] == ["2", "20", "46", "70", "60"]
    told = [family[name] for name in ("estimate", "low", "high", "proposed")]
    assert told == ["4.2", "2.2", "6.2", "4"]
    not_proposed = replace(report.fit, is_proposed=False)
    write_evidence(file, report.engagement, not_proposed, report.probability)
    rows = {row["rule_id"]: row for row in RuleFile.read(file).rows}
    assert rows["segment_4"]["proposed"] == ""
    assert rows["segment_4"]["decision"].startswith("not proposed: segment family")


def test_the_report_says_when_points_change() -> None:
    text = full_page()[1].text
    assert "A rule keeps its points where they lie inside the interval" in text
    assert "changes only where" not in text


# ------------------------------------------------------------------ numbers


def test_ties_share_their_conversions_among_the_tenths() -> None:
    score = np.array([2.0] * 20 + [1.0] * 80)
    is_converted = np.zeros(100, bool)
    is_converted[[0, 1, 2, 3, 99]] = True
    expected = [0.2, 0.2, *[1 / 80] * 8]
    assert rates_by_decile(score, is_converted) == pytest.approx(expected)
    again = np.random.default_rng(1).permutation(100)
    assert rates_by_decile(score[again], is_converted[again]) == pytest.approx(expected)


def test_deciles_hold_all_conversions() -> None:
    rng = np.random.default_rng(2)
    score, is_converted = rng.integers(0, 9, 103) * 1.0, rng.random(103) < 0.3
    rates = rates_by_decile(score, is_converted)
    sizes = [len(part) for part in np.array_split(score, 10)]
    assert np.dot(rates, sizes) == pytest.approx(is_converted.sum())


@pytest.mark.parametrize(
    ("span", "step"), [(1, 0.2), (0.42, 0.1), (37, 10), (0, 1), (math.inf, 1), (6, 1)]
)
def test_axes_have_round_steps(span: float, step: float) -> None:
    assert nice_step(span, 6) == pytest.approx(step)


@pytest.mark.parametrize(
    ("highest", "end"), [(0.51, 0.6), (0.4, 0.4), (0.031, 0.04), (0, 1), (1, 1)]
)
def test_an_axis_ends_on_a_tick_above_all(highest: float, end: float) -> None:
    assert round_end(highest, 5) == pytest.approx(end)
    assert Axis(0, end, 196, 16).ticks(5)[-1] == pytest.approx(end)


def test_wilson_intervals_are_within_nought_and_one() -> None:
    assert share_interval(0.0, 10) == pytest.approx((0.0, 0.2775328), abs=1e-6)
    assert share_interval(1.0, 10) == pytest.approx((0.7224672, 1.0), abs=1e-6)
    assert share_interval(0.0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("kind", "low", "high", "between", "size"),
    [
        ("ramp", 0.0, 30.0, "from 0 to 30", 30.0),
        ("ramp", 7.0, None, "for each 1 more", 1.0),
        ("log", None, 99.0, "from 0 to 99", math.log(100)),
        ("log", None, None, "from 0 to 1", math.log(2)),
        ("missing", None, None, "if there is none", 1.0),
        ("is", None, None, "if cart", 1.0),
    ],
)
def test_terms_are_told_at_their_range(
    kind: str, low: float | None, high: float | None, between: str, size: float
) -> None:
    term = ProbabilityTerm("t", "f", kind, "cart", low, high, 1, 0, 2, "")
    told = term_effect(term, None)
    assert told.between == between
    assert told.size == pytest.approx(size)


def test_terms_are_told_at_the_range_the_shop_has() -> None:
    numbers = {"f": np.array([*range(101), np.nan])}
    term = ProbabilityTerm("t", "f", "log", "", None, None, 1, 0, 2, "")
    told = term_effect(term, Features(numbers))
    assert told.between == "from 10 to 90"
    assert told.size == pytest.approx(math.log(91 / 11))
    ramp = replace(term, kind="ramp", min_value=50.0, max_value=400.0)
    assert term_effect(ramp, Features(numbers)).between == "from 50 to 99"
    beyond = replace(term, kind="ramp", min_value=200.0, max_value=400.0)
    assert term_effect(beyond, Features(numbers)).size > 0


def test_odds_are_factors() -> None:
    assert odds_text(2.4) == f"{TIMES} 2.40"
    assert odds_text(0.5) == "÷ 2.00"
    assert odds_text(0.01) == "÷ 100"


if __name__ == "__main__":  # look at it: python test_calibration_report.py FOLDER
    import sys

    write_report(made_report(), Path(sys.argv[1]) / "report.html")
    write_report(without_evidence(), Path(sys.argv[1]) / "short.html")
