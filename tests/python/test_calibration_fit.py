"""Calibration of fit points: levels, rules, noise, and what gives the outcome away."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import duckdb
import numpy as np
import pytest
from jinja2 import Environment

from _calibration_evidence import auc, check_evidence, split_rows
from _calibration_fit import fit_fit_points, is_protected
from _calibration_leakage import find_leaks
from _calibration_levels import Levels, first_levels, matching
from _calibration_panel import (
    Attribute,
    AttributeTiming,
    EventTiming,
    FitLevel,
    FitResult,
    FitRule,
    Panel,
    RuleHits,
)
from _calibration_rules import Slice, rules_of
from _options import ActionableError
from calibrate_rules import check_names
from calibration_shops import lead_list, planted_shop
from dbt_runs import PROJECT


def fit(panel: Panel) -> FitResult:
    split = split_rows(panel.outcomes)
    leaks = frozenset(leak.name for leak in find_leaks(panel, split))
    evidence = check_evidence(panel.outcomes, split)
    return fit_fit_points(panel, split, evidence, leaks)


def test_what_tells_is_found_and_noise_is_not() -> None:
    result = fit(lead_list(2, is_leaky=False))
    proven = {each.attribute for each in result.criteria if each.is_proven}
    assert proven == {"job", "minutes", "age"}
    assert result.is_proposed
    assert result.points_proposed.min() >= 0


def test_of_noise_alone_nothing_is_proposed() -> None:
    panel = lead_list(2, is_leaky=False)
    result = fit(replace(panel, attributes=panel.attributes[3:]))
    assert not result.is_proposed
    assert not any(each.levels for each in result.criteria)
    assert result.reason == "No attribute is proven to tell converters from others."


def test_todays_points_are_those_of_the_rules_of_the_attribute() -> None:
    panel = lead_list(2, is_leaky=False)
    today = (
        FitRule("works", "job", "Job", "equals", "works", 7.0),
        FitRule("other", "age", "age", "is_set", "", 3.0),
    )
    result = fit(replace(panel, fit_rules=today))
    points = {
        level.operand: level.points_today
        for each in result.criteria
        if each.attribute == "job"
        for level in each.levels
    }
    assert points["works"] == 7
    assert points["no job"] == 0
    assert {each.criterion for each in result.criteria} >= {"job", "minutes", "age"}


def test_a_number_is_one_where_a_tenth_of_the_cells_are_a_word() -> None:
    shop = lead_list(2, is_leaky=False)
    minutes = next(each for each in shop.attributes if each.name == "minutes")
    texts = [minutes.levels[code] for code in minutes.code]
    texts[::10] = ["unknown"] * len(texts[::10])
    result = fit(replace(shop, attributes=(Attribute.from_texts("minutes", texts),)))
    (minutes_proposed,) = result.criteria
    operators = {level.operator for level in minutes_proposed.levels}
    assert operators & {"at_least", "less_than"}

    counted = [str(pages) for pages in range(1, 10) for _ in range(100)]
    levels = first_levels(
        Attribute.from_texts("pages", [*counted, *["10 or more"] * 100]),
        np.ones(1000, np.bool_),
    )
    assert not levels.is_number
    assert ("10 or more",) in levels.groups


def rendered(macro: str, *arguments: str) -> str:
    """The SQL of a macro about conditions, for DuckDB."""
    files = ("portability/lowered", "portability/stripped", "as_number", macro)
    environment = Environment(autoescape=False)
    environment.globals["adapter"] = {
        "dispatch": lambda name, _: getattr(module, f"default__{name}")
    }
    environment.globals["return"] = str
    macros = [PROJECT / "macros" / f"{name}.sql" for name in files]
    template = "".join(file.read_text(encoding="utf-8") for file in macros)
    module: Any = environment.from_string(template).module
    return str(getattr(module, macro)(*arguments))


def test_conditions_are_met_as_in_sql() -> None:
    sql = rendered("meets_condition", "value", "operator", "lower(operand)")
    operators = set(re.findall(r"when '(\w+)' then", sql))
    assert len(operators) == 14
    texts = ["a", "b", "a|b", "b|c", "a b", "ab", "abc", "5", "5.0", "-1", "1e3", "+.5"]
    texts += ["5.", "\u0663", "\uff15", "5f", "0x1f", "1,5", "1_0", "inf", "nan", "|"]
    operands = [*texts, "A|b|5", "a | b", "c|a", "B", "0"]
    with duckdb.connect() as connection:
        for operator, operand in product(sorted(operators), operands):
            found = connection.execute(
                f"select {sql} from (select unnest($texts) as value,"
                " $operator as operator, $operand as operand)",
                {"texts": texts, "operator": operator, "operand": operand},
            ).fetchall()
            met = matching(texts, operator, operand)[:-1].tolist()
            expected = [meets for (meets,) in found]
            assert met == expected, (operator, operand)


def met_points(rules: Sequence[FitLevel], text: str) -> int:
    """What a text (blank: not known) gets by these rules."""
    best: dict[str, int] = {}
    for rule in rules:
        if matching([text] if text else [], rule.operator, rule.operand)[0]:
            points = best.get(rule.criterion, rule.points)
            best[rule.criterion] = max(points, rule.points)
    return sum(best.values())


@pytest.mark.parametrize(
    "points",
    [
        [0, 1, 2, 3, 4, 5],
        [2, 9, 3, 0, 0, 5],
        [9, 3, 0, 9, 5, 0],
        [0, 7, 8, 3, 0, 2],
        [4, 6, 6, 6, 0, 0],
        [0, 0, 5, 5, 9, 1],
    ],
)
@pytest.mark.parametrize("edges", [(), (10.0,), (10.0, 20.0)])
@pytest.mark.parametrize("words", [("many",), ("many", "unknown")])
def test_words_among_numbers_get_points_of_their_own(
    points: list[int], edges: tuple[float, ...], words: tuple[str, ...]
) -> None:
    texts = ["5", "15", "25"][: len(edges) + 1]
    attribute = Attribute.from_texts("pages", ["", *texts, *words])
    groups = tuple((word,) for word in words)
    group = np.zeros(len(attribute.levels) + 1, np.int64)
    levels = Levels(attribute, group, groups, edges, True)
    points = [*points[: levels.bins + 1], *points[4:]][: levels.count + 1]
    slices = [Slice(each, 9, 9, 9, each / 10, 0.1, None) for each in points]
    rules = rules_of("pages", levels, slices)
    found = [met_points(rules, text) for text in ("", *texts, *words)]
    lift = found[1] - points[1]
    assert lift >= 0
    assert [each - lift for each in found] == points
    for rule in rules:
        assert rule.in_points(10)[0] == pytest.approx(rule.points)


@pytest.mark.parametrize(
    "points", [[0, 4, 6, 9, 2], [0, 5, 3, 4, 0], [0, 3, 3, 3, 7], [1, 4, 6, 3, 1]]
)
@pytest.mark.parametrize("edges", [(), (10.0,), (10.0, 20.0)])
def test_a_rare_word_among_numbers_gets_the_points_of_not_known(
    points: list[int], edges: tuple[float, ...]
) -> None:
    texts = ["-5", "15", "25"][: len(edges) + 1]
    attribute = Attribute.from_texts("pages", [*texts, "many", "n/a"])
    group = [-1 if text == "n/a" else 0 for text in attribute.levels]
    levels = Levels(attribute, np.array([*group, -1]), (("many",),), edges, True)
    points = [*points[: levels.bins + 1], points[-1]]
    slices = [Slice(each, 9, 9, 9, each / 10, 0.1, None) for each in points]
    rules = rules_of("pages", levels, slices)
    found = [met_points(rules, text) for text in ("", *texts, "many", "n/a")]
    lift = found[0] - points[0]
    assert [each - lift for each in found] == [*points, points[0]]
    for rule in rules:
        assert rule.in_points(10)[0] == pytest.approx(rule.points)


def test_frequent_words_among_numbers_are_weighed_each() -> None:
    """Nobody says how many, but `60 or more` are many and `unknown` says nothing."""
    shop = lead_list(2, is_leaky=False)
    minutes = next(each for each in shop.attributes if each.name == "minutes")
    texts = [minutes.levels[code] for code in minutes.code]
    texts = ["60 or more" if float(text) >= 60 else text for text in texts]
    texts[::10] = ["unknown"] * len(texts[::10])
    texts[5::20] = ["a|b"] * len(texts[5::20])
    result = fit(replace(shop, attributes=(Attribute.from_texts("minutes", texts),)))
    (proposed,) = result.criteria
    points = {
        text: met_points(proposed.levels, text)
        for text in ("0", "30", "50", "60 or more", "unknown", "a|b")
    }
    assert points["60 or more"] >= points["50"] > points["30"] > points["0"]
    assert points["0"] < points["unknown"] < points["50"]
    assert points["0"] < points["a|b"] < points["50"]
    said = {rule.label for rule in proposed.levels}
    assert "minutes 60 or more" in said


@pytest.mark.parametrize("shift", [0.0, -7000.0])
def test_bins_have_round_edges_and_enough_rows_each(shift: float) -> None:
    amounts = np.random.default_rng(4).gamma(0.7, 900, 700).round(2) + shift
    texts = [f"{each:.2f}" for each in amounts]
    levels = first_levels(Attribute.from_texts("spent", texts), np.ones(700, np.bool_))
    edges = levels.edges
    assert levels.count > 5
    assert list(edges) == sorted(set(edges))
    assert all(edge == round(edge, 1) for edge in edges)
    place = np.searchsorted(edges, amounts, side="right")
    assert (levels.of_rows() == place).all()
    assert np.bincount(place).min() >= 50


def test_points_by_age_are_proposed_with_caution() -> None:
    result = fit(lead_list(2, is_leaky=False))
    assert "Careful, age:" in result.reason
    assert "--leave-out age" in result.reason
    for each in result.criteria:
        is_warned = "which the law may forbid" in each.reason
        assert is_warned == (each.attribute == "age")
    for name in ("age_years", "age_band", "birth_date", "gender", "Sex"):
        assert is_protected(name)
    assert not any(map(is_protected, ("pages", "language", "garden")))


def test_fit_points_and_their_interval_are_in_one_currency() -> None:
    result = fit(lead_list(2, is_leaky=False))
    levels = [level for each in result.criteria for level in each.levels]
    assert levels
    for level in levels:
        estimate, low, high = level.in_points(result.points_per_log_odds)
        assert low <= estimate <= high
        assert level.points == pytest.approx(estimate, abs=0.5)


def test_fit_points_are_as_good_as_gradient_boosting() -> None:
    ensemble: Any = pytest.importorskip("sklearn.ensemble")
    panel = lead_list(2, is_leaky=False)
    split, y = split_rows(panel.outcomes), panel.outcomes.is_converted
    result = fit(panel)
    columns = [each.code for each in panel.attributes[3:]]
    columns += [panel.attributes[0].code == code for code in (-1, 0, 1)]
    for numeric in panel.attributes[1:3]:
        numbers = np.array([float(text) for text in numeric.levels])
        columns.append(numbers[numeric.code])
    table = np.stack(columns, axis=1).astype(float)
    model = ensemble.GradientBoostingClassifier(random_state=0)
    model.fit(table[split.is_train], y[split.is_train])
    other = auc(model.decision_function(table[split.is_test]), y[split.is_test])
    assert auc(result.points_proposed[split.is_test], y[split.is_test]) > other - 0.01


def test_rules_that_add_up_are_told_with_what_the_others_give() -> None:
    attribute = Attribute.from_texts("age", ["5", "15", "25", "35"])
    group = np.array([0, 1, 2, 3, -1])
    levels = Levels(attribute, group, (), (10.0, 20.0, 30.0), True)
    slices = [Slice(each, 9, 9, 9, each / 10, 0.1, None) for each in (0, 7, 8, 3, 5)]
    rules = rules_of("age", levels, slices)
    assert any(rule.lift for rule in rules)
    for rule in rules:
        assert rule.in_points(10)[0] == pytest.approx(rule.points)


@pytest.mark.parametrize("points", [7, 0])
def test_a_text_too_rare_to_judge_gets_the_points_of_not_known(points: int) -> None:
    counted = {"low": 500, "high": 300, "top": 5, "": 200}
    texts = [text for text, count in counted.items() for _ in range(count)]
    attribute = Attribute.from_texts("income", texts)
    levels = first_levels(attribute, np.ones(len(texts), np.bool_))
    slices = [Slice(each, 9, 9, 9, 0.0, 0.1, None) for each in (points, 0, 54)]
    rules = rules_of("income", levels, slices)
    met = {
        text: [
            rule.points
            for rule in rules
            if matching([text] if text else [], rule.operator, rule.operand)[0]
        ]
        for text in counted
    }
    assert max(met["top"], default=0) == points
    assert (met["low"], met["high"], met[""]) == ([0], [54], [points])
    told = [rule.label for rule in rules if rule.operator in ("is_not_set", "not_in")]
    assert set(told) == {"income not known or rare"}


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ((("clerk", "tailor"), ("owner",), ()), ("in", "equals", "not_in")),
        ((("clerk",), ()), ("equals", "not_equals")),
        ((("clerk", "tailor"), ("owner", "smith")), ("in", "in")),
    ],
)
def test_merged_texts_share_a_rule_and_the_rest_has_its_own(
    groups: tuple[tuple[str, ...], ...], told: tuple[str, ...]
) -> None:
    attribute = Attribute.from_texts("job", ["clerk", "owner", "smith", "tailor"])
    places = {text: place for place, group in enumerate(groups) for text in group}
    rest = groups.index(()) if () in groups else -1
    group = [places.get(text, rest) for text in attribute.levels]
    levels = Levels(attribute, np.array([*group, -1]), groups, (), False)
    points = [40, 20, 10, 30][: len(groups) + 1]  # not known earns most
    slices = [Slice(each, 9, 9, 9, 0.0, 0.1, None) for each in points]
    rules = rules_of("job", levels, slices)
    assert tuple(rule.operator for rule in rules) == ("is_not_set", *told)
    for text, place in [*zip(attribute.levels, group, strict=True), ("", -1)]:
        assert met_points(rules, text) == points[place + 1], text


def test_what_differs_from_no_other_text_is_told_as_known() -> None:
    attribute = Attribute.from_texts("gender", ["female", "male", ""])
    levels = Levels(attribute, np.array([0, 0, -1]), ((),), (), False)
    slices = [Slice(each, 9, 9, 9, 0.0, 0.1, None) for each in (0, 12)]
    rules = rules_of("gender", levels, slices)
    assert [(rule.operator, rule.label) for rule in rules] == [
        ("is_not_set", "gender not known"),
        ("is_set", "gender known"),
    ]


def rows_points(points: Sequence[int]) -> list[int]:
    """The points that the rules of a number with these bins give, bin by bin."""
    texts = ["5", "15", "25", "35"]
    attribute = Attribute.from_texts("age", texts)
    group = np.array([0, 1, 2, 3, -1])
    levels = Levels(attribute, group, (), (10.0, 20.0, 30.0), True)
    slices = [Slice(each, 9, 9, 9, 0.0, 0.1, None) for each in points]
    best: dict[str, Any] = {}
    for rule in rules_of("age", levels, slices):
        meets = matching(attribute.levels, rule.operator, rule.operand)
        value = np.where(meets, rule.points, -99)
        best[rule.criterion] = np.maximum(best.get(rule.criterion, -99), value)
    order = [*attribute.code.tolist(), -1]
    found = sum(np.where(each == -99, 0, each) for each in best.values())
    return [int(np.asarray(found)[place]) for place in order]


@pytest.mark.parametrize(
    "points",
    [
        [0, 1, 2, 3, 4],
        [2, 4, 3, 2, 0],
        [0, 0, 10, 10, 0],
        [3, 5, 0, 2, 9],
        [0, 7, 8, 3, 5],
    ],
)
def test_rules_of_a_number_add_up_to_its_points(points: list[int]) -> None:
    missing, *bins = points
    *found, found_missing = rows_points(points)
    lift = found[0] - bins[0]
    assert [each - lift for each in found] == bins
    assert found_missing - lift == missing


@pytest.mark.parametrize("points", [[1, 2, 3], [1, 3, 2], [3, 1, 2], [2, 0, 5]])
@pytest.mark.parametrize(
    ("groups", "rare"),
    [
        ((("big  shop", "corner"), ("mall",)), ("kiosk",)),
        ((("big  shop",), ("corner  shop",)), ("kiosk",)),
        ((("big  shop", "corner  shop"), ("mall", "market")), ("kiosk", "stand")),
        ((("a|b", "c"), ("d",)), ("a", "b")),
        ((("a|b",), ("c",)), ("a", "b", "b|c")),
        ((("a", "b"), ("c",)), ("a|b", "b|c")),
        ((("a", "b"), ("a|b",)), ("c",)),
        ((("a | b", "c"), ("d |e",)), ("a|b", "f")),
    ],
)
@pytest.mark.parametrize("rest", [True, False])
@pytest.mark.parametrize("edges", [None, (10.0,)])
def test_texts_that_no_list_can_hold_get_their_own_points(
    points: list[int],
    groups: tuple[tuple[str, ...], ...],
    rare: tuple[str, ...],
    rest: bool,
    edges: tuple[float, ...] | None,
) -> None:
    """The build accepts every rule, and each text gets the points it was fitted."""
    numbers = {"5": 4, "15": 6} if edges else {}
    rare = () if edges else rare
    attribute = Attribute.from_texts("kind", [*numbers, *sum(groups, ()), *rare])
    groups = (*groups, ()) if rest and not edges else groups
    first, given = len(numbers), [*numbers.values(), *points]
    wanted = {"": 1} | numbers
    for number, group in enumerate(groups, first):
        wanted |= dict.fromkeys(group or rare, given[number])
    if not (rest or edges):
        wanted |= dict.fromkeys(rare, wanted[""])
    place = [-1 if text in rare and not rest else 0 for text in attribute.levels]
    levels = Levels(
        attribute, np.array([*place, -1]), groups, edges or (), edges is not None
    )
    slices = [
        Slice(each, 9, 9, 9, each / 10, 0.1, None)
        for each in (1, *given[: levels.count])
    ]
    rules = rules_of("kind", levels, slices)
    found = {text: met_points(rules, text) - wanted[text] for text in wanted}
    assert len(set(found.values())) == 1, found
    sql = rendered("condition_problem", "'kind'", "operator", "nullif(operand, '')")
    for rule in rules:
        assert rule.in_points(10)[0] == pytest.approx(rule.points)
        (problem,) = duckdb.execute(
            f"select {sql} from (select $operator as operator, $operand as operand)",
            {"operator": rule.operator, "operand": rule.operand},
        ).fetchall()[0]
        assert problem is None, rule


@pytest.mark.parametrize("odd", ["null", "\tkiosk", "kiosk\n2", "kiosk\r2"])
def test_a_text_that_no_cell_holds_is_not_named(odd: str) -> None:
    counted = {"shop": 500, "mall": 300, odd: 200}
    texts = [text for text, count in counted.items() for _ in range(count)]
    levels = sorted(counted)
    code = np.array([levels.index(text) for text in texts])
    found = first_levels(Attribute("kind", code, levels), np.ones(1000, np.bool_))
    assert found.groups == (("shop",), ("mall",), ())


@pytest.mark.parametrize("text", ["owner, retired", "clerk|tailor"])
@pytest.mark.parametrize("other", [1, -1])
def test_all_but_one_text_is_no_list(text: str, other: int) -> None:
    """A comma in a list of one is refused, as where commas stand between items."""
    attribute = Attribute.from_texts("job", ["clerk", text, "tailor"])
    group = [0 if each == text else other for each in attribute.levels]
    groups = ((text,), ()) if other == 1 else ((text,),)
    levels = Levels(attribute, np.array([*group, -1]), groups, (), False)
    slices = [Slice(each, 9, 9, 9, 0.0, 0.1, None) for each in (3, 5, 2)]
    rules = rules_of("job", levels, slices[: levels.count + 1])
    found = {(rule.operator, rule.operand) for rule in rules}
    assert found == {("is_not_set", ""), ("equals", text), ("not_equals", text)}
    points = slices[other + 1].points
    assert [met_points(rules, each) for each in ("clerk", text)] == [points, 5]


def test_tags_that_staff_wrote_afterwards_are_named() -> None:
    panel = lead_list(3)
    leaks = find_leaks(panel, split_rows(panel.outcomes))
    assert [leak.name for leak in leaks] == ["tags"]
    assert "--allow-leak tags" in leaks[0].reason
    forced = find_leaks(panel, split_rows(panel.outcomes), frozenset({"tags"}))
    assert forced[0].is_forced
    assert "Used all the same: --allow-leak tags" in forced[0].reason


def test_a_name_to_leave_out_or_allow_must_be_known() -> None:
    panel = planted_shop(1, (0.5,), (30.0,), (5,), leads=50)
    tags = Attribute.from_texts("tags", [""] * panel.outcomes.count)
    panel = replace(panel, attributes=(tags,))
    check_names(panel, ["tags", "event_0"])
    said = "tag: is neither an attribute nor an event type here (did you mean tags?)"
    with pytest.raises(ActionableError, match=re.escape(said)):
        check_names(panel, ["tags", "tag"])


def test_what_is_only_doubtful_is_used_unless_left_out() -> None:
    panel = lead_list(3, is_leaky=False)
    is_right = np.random.default_rng(3).random(panel.outcomes.count) < 0.72
    guess = np.where(
        is_right, panel.outcomes.is_converted, ~panel.outcomes.is_converted
    )
    shown = replace(
        panel,
        attributes=(Attribute.from_texts("guess", guess.astype(str).tolist()),),
        attribute_timings=(AttributeTiming("guess", 6000, 0, 0, 6000),),
    )
    split = split_rows(panel.outcomes)
    (doubtful,) = find_leaks(shown, split)
    assert doubtful.test == "doubtful"
    assert doubtful.is_forced
    assert "Used; if it was not known before, --leave-out guess" in doubtful.reason
    (refused,) = find_leaks(shown, split, refused=frozenset({"guess"}))
    assert not refused.is_forced
    assert refused.reason.endswith("Left out: --leave-out guess")


@pytest.mark.parametrize(
    ("right", "named"),
    [
        ((0.82, 0.75), ["guess_0"]),  # high, and above the next
        ((0.82, 0.79), []),
        ((0.82, 0.79, 0.60), []),
        ((0.78, 0.71), []),
        ((0.77, 0.64), ["guess_0"]),  # less high, and far above the next
        ((0.77, 0.69), []),
        ((0.73, 0.60), []),
        ((0.98, 0.85, 0.60), ["guess_0", "guess_1"]),  # not excused by a leak
        ((0.85, 0.77, 0.60), ["guess_0", "guess_1"]),
        ((0.85, 0.77, 0.74), ["guess_0"]),
    ],
)
def test_what_is_far_better_than_all_honest_attributes_is_named(
    right: tuple[float, ...], named: list[str]
) -> None:
    """Each attribute guesses the outcome; its AUC is how often it is right."""
    outcomes = lead_list(3, is_leaky=False).outcomes
    split, y = split_rows(outcomes), outcomes.is_converted
    rng, attributes = np.random.default_rng(3), []
    for number, share in enumerate(right):
        guess = y.copy()
        for kind in (y, ~y):
            judged = rng.permutation(np.flatnonzero(kind & split.is_train))
            guess[judged[: round((1 - share) * len(judged))]] ^= True
        texts = guess.astype(str).tolist()
        attributes.append(Attribute.from_texts(f"guess_{number}", texts))
    leaks = find_leaks(Panel(outcomes, attributes=tuple(attributes)), split)
    assert [leak.name for leak in leaks] == named
    assert {leak.test for leak in leaks} <= {"perfect_alone"}


@pytest.mark.parametrize(
    ("converters", "others", "test"),
    [(0.75, 0.0, "presence"), (0.75, 0.02, "presence"), (0.75, 0.2, ""), (0.45, 0, "")],
)
def test_what_is_set_because_of_the_conversion_is_named(
    converters: float, others: float, test: str
) -> None:
    """A text for this share of the converters and this one of the others."""
    outcomes = lead_list(3, is_leaky=False).outcomes
    split, y = split_rows(outcomes), outcomes.is_converted
    rng = np.random.default_rng(4)
    is_set = rng.random(len(y)) < np.where(y, converters, others)
    texts = ["card" if each else "" for each in is_set]
    strong = np.where(rng.random(len(y)) < 0.8, y, ~y).astype(str).tolist()
    attributes = (
        Attribute.from_texts("card", texts),
        Attribute.from_texts("strong", strong),
    )
    leaks = find_leaks(Panel(outcomes, attributes=attributes), split)
    assert [leak.test for leak in leaks if leak.name == "card"] == [test] * bool(test)


@pytest.mark.parametrize(("wrong", "named"), [(0.0, ["status"]), (0.1, [])])
def test_a_level_that_decides_the_outcome_is_named(
    wrong: float, named: list[str]
) -> None:
    """It alone ranks hardly better than an honest attribute."""
    outcomes = lead_list(3, is_leaky=False).outcomes
    split, y = split_rows(outcomes), outcomes.is_converted
    rng = np.random.default_rng(4)
    is_sure = rng.random(len(y)) < np.where(y, 0.75 + wrong, wrong)
    attributes = [
        Attribute.from_texts("status", np.where(is_sure, "won", "open").tolist())
    ]
    for share in (0.86, 0.84):  # honest ones, nearly as good
        guess = np.where(rng.random(len(y)) < share, y, ~y).astype(str).tolist()
        attributes.append(Attribute.from_texts(f"guess {share}", guess))
    leaks = find_leaks(Panel(outcomes, attributes=tuple(attributes)), split)
    assert [leak.name for leak in leaks] == named
    assert {leak.test for leak in leaks} <= {"certain_level"}


def test_strong_but_honest_attributes_are_not_flagged() -> None:
    for seed in range(3):
        panel = lead_list(seed, is_leaky=False)
        assert not find_leaks(panel, split_rows(panel.outcomes))
    panel = planted_shop(1, (0.5,), (30.0,), (5,), leads=500)
    assert not find_leaks(panel, split_rows(panel.outcomes))


def test_of_several_rules_on_one_event_type_any_gives_the_outcome_away() -> None:
    panel = planted_shop(1, (0.5,), (30.0,), (5,), leads=500)
    (rule,), y = panel.rules, panel.outcomes.is_converted
    row = np.flatnonzero(y)
    traces = RuleHits(row, np.zeros(len(row), int), np.ones(len(row)))
    trace = replace(rule, rule_id="trace", hits=traces)
    for rules in ((trace, rule), (rule, trace)):
        leaks = find_leaks(replace(panel, rules=rules), split_rows(panel.outcomes))
        assert [leak.name for leak in leaks] == [rule.event_type]


def test_times_give_leaks_away() -> None:
    panel = lead_list(1, is_leaky=False)
    events = (
        EventTiming("invoice_sent", 400, 396, 20),
        EventTiming("product_added", 400, 220, 40),
        EventTiming("order_completed", 400, 400, 20, is_conversion=True),
        EventTiming("email_opened", 400, 390, 380),
    )
    attributes = (
        AttributeTiming("contract", 500, 300, 298, 20),
        AttributeTiming("import", 500, 300, 298, 490),
        AttributeTiming("country", 500, 300, 30, 20),
    )
    timed = Panel(panel.outcomes, event_timings=events, attribute_timings=attributes)
    leaks = find_leaks(timed, split_rows(panel.outcomes))
    assert {leak.name for leak in leaks} == {"invoice_sent", "contract"}
