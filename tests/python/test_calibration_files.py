"""Proposed rule files: what is improved is the row that counts today."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from _calibration_engagement import fit_engagement
from _calibration_evidence import check_evidence, split_rows
from _calibration_files import RuleFile, with_kept_terms, write_rules
from _calibration_panel import (
    CriterionProposal,
    EngagementResult,
    FitLevel,
    FitResult,
    LimitProposal,
    ProbabilityResult,
)
from _calibration_reading import (
    check_rules_are_built,
    read_group_limits,
    read_rules,
)
from _calibration_worth import todays
from _options import ActionableError
from calibration_shops import planted_shop
from dbt_runs import PROJECT

TODAY = "2026-06-30"
RULES = PROJECT / "seeds" / "rules"
NO_FIT = FitResult(
    criteria=(),
    points_per_log_odds=1.0,
    points_today=np.zeros(0),
    points_proposed=np.zeros(0),
    comparison=None,
    is_proposed=False,
    reason="",
)

NO_ENGAGEMENT = EngagementResult(
    *((), (), np.zeros(0), np.zeros(0), None, 1.0, 1.0, False, "")
)


def test_a_rule_file_is_read_as_dbt_loads_it(tmp_path: Path) -> None:
    plain, spaced = RULES / "fit_rules.csv", tmp_path / "fit_rules.csv"
    with plain.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    blank = [" "] * len(header)
    cells = [[f"\t{cell}\u00a0 " for cell in row] for row in rows]
    with spaced.open("w", encoding="utf-8-sig", newline="") as lines:
        csv.writer(lines).writerows([header, blank, *cells, []])
    assert RuleFile.read(spaced) == RuleFile.read(plain)
    with duckdb.connect() as connection:
        connection.execute(
            "create schema seeds; create table seeds.fit_rules as"
            f" from read_csv('{plain}', types = {{'points': 'double'}})"
        )
        check_rules_are_built(connection, [plain, spaced])
        for changed in ("points = points + 1", "operand = null"):
            connection.execute(f"update seeds.fit_rules set {changed}")
            with pytest.raises(ActionableError, match="has changed since"):
                check_rules_are_built(connection, [spaced])
        spaced.write_bytes("rule_id,criterion\nä,b\n".encode("latin-1"))
        with pytest.raises(ActionableError, match="has changed since"):
            check_rules_are_built(connection, [spaced])


def test_a_group_without_a_limit_has_none() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            """create schema seeds; create table seeds.rule_groups as
            from (values ('email', 20.0), ('browsing', null))
            as groups (rule_group, max_points)"""
        )
        assert read_group_limits(connection) == {"email": 20.0}


def test_a_candidate_has_an_id_that_no_rule_has() -> None:
    with duckdb.connect() as connection:
        connection.execute("""
            create schema insights; create schema seeds;
            create table tested as select 1 as lead_key, 0 as row;
            create table seeds.engagement_rules as
                from (values ('page_viewed'), ('page_viewed_new')) as t (rule_id);
            create table seeds.inactivity_rules as select 'silence' as rule_id;
            create table insights.int_calibration_rules as
                select 'page_viewed' as rule_id, 'page_viewed' as event_type,
                    'each' as hit_mode, 3.0 as points, 'none' as decay,
                    null as decay_days, null as decay_rate, '' as rule_group;
            create table insights.int_calibration_hits as
                from (values (1, 'page_viewed', 'each'), (1, 'page_viewed',
                    'candidate'), (1, 'search', 'candidate')) as t
                    (lead_key, hit_name, kind), (select 1 as hits, 0 as age_days)""")
        _, *candidates = read_rules(connection)
    assert [(each.rule_id, each.event_type) for each in candidates] == [
        ("page_viewed_new_new", "page_viewed"),
        ("search", "search"),
    ]


def test_fit_rules_are_replaced_however_their_attribute_is_written(
    tmp_path: Path,
) -> None:
    current = tmp_path / "current"
    shutil.copytree(RULES, current)
    file = RuleFile.read(current / "fit_rules.csv")
    for row in file.rows:
        row["attribute"] = row["attribute"].title()
    file.write(current / "fit_rules.csv")
    level = FitLevel(
        *("garden_1", "garden", "garden", "equals", "yes", 40, "garden yes"),
        *(100, 50, 100, 1.0, 0.5, 1.5, 30.0),
    )
    criterion = CriterionProposal("garden", "garden", 0.7, 0.01, True, (level,), "")
    fit = replace(NO_FIT, criteria=(criterion,), is_proposed=True)
    write_rules(current, tmp_path / "proposed", NO_ENGAGEMENT, fit, TODAY)
    proposed = RuleFile.read(tmp_path / "proposed" / "fit_rules.csv").rows
    points = [row["points"] for row in proposed if row["attribute"].lower() == "garden"]
    assert points == ["40"]


@pytest.mark.parametrize("factor", [1.0, 2.5])
def test_decay_limits_and_scales_are_written(tmp_path: Path, factor: float) -> None:
    first, second = RuleFile.read(RULES / "engagement_rules.csv").rows[:2]
    group, *_ = RuleFile.read(RULES / "rule_groups.csv").rows
    panel = planted_shop(0, (0.5,), (30.0,), (1,), leads=50)
    shown = replace(todays(panel)[0], rule_id=first["rule_id"], points=3.0)
    shown = replace(shown, decay="half_life", decay_days=45.0, is_decay_changed=True)
    other = replace(shown, rule_id=second["rule_id"], decay_days=9.0, points=8.0)
    other = replace(other, is_decay_changed=False, is_points_changed=True)
    limit = LimitProposal(group["rule_group"], 1.0, 77.0, "")
    learnt = EngagementResult(
        *((shown, other), (limit,), np.zeros(0), np.zeros(0), None, 1.0, factor),
        *(True, ""),
    )
    changed = write_rules(RULES, tmp_path, learnt, NO_FIT, TODAY)
    told = {file.name: file.change for file in changed}
    assert told.get("rule_groups.csv") == "1 limit changed"
    assert ("score_scales.csv" in told) == (factor != 1)
    rules = {row["rule_id"]: row for row in _rows(tmp_path, "engagement_rules")}
    decayed = rules[first["rule_id"]]
    assert (decayed["points"], decayed["decay_days"]) == ("3", "45")
    kept = rules[second["rule_id"]]
    assert (kept["points"], kept["decay_days"]) == ("8", second["decay_days"])
    groups = {row["rule_group"]: row for row in _rows(tmp_path, "rule_groups")}
    assert groups[group["rule_group"]]["max_points"] == "77"
    for before, after in zip(
        _rows(RULES, "score_scales"), _rows(tmp_path, "score_scales"), strict=True
    ):
        for column, value in before.items():
            is_scaled = column in ("half_saturation_points", "max_points") and value
            if is_scaled and before["score"] == "engagement":
                assert float(after[column]) == float(value) * factor
            else:
                assert after[column] == value


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    return RuleFile.read(folder / f"{name}.csv").rows


def test_a_new_fit_rule_has_an_id_that_no_other_has(tmp_path: Path) -> None:
    taken, *_ = _rows(RULES, "fit_rules")
    level = FitLevel(
        *(taken["rule_id"], "pet", "pet", "equals", "cat", 40, "pet cat"),
        *(100, 50, 100, 1.0, 0.5, 1.5, None),
    )
    criterion = CriterionProposal("pet", "pet", 0.7, 0.01, True, (level,), "")
    fit = replace(NO_FIT, criteria=(criterion,), is_proposed=True)
    write_rules(RULES, tmp_path, NO_ENGAGEMENT, fit, TODAY)
    *before, added = _rows(tmp_path, "fit_rules")
    assert before == _rows(RULES, "fit_rules")
    assert added["rule_id"] == f"{taken['rule_id']}_new"


def test_terms_that_nothing_replaces_are_told(tmp_path: Path) -> None:
    file = tmp_path / "probability_terms.csv"
    header = (RULES / file.name).read_text(encoding="utf-8").splitlines()[0]
    terms = f"{header}\nconstant,constant,constant,,,,-2,30,2026-05-01,\n"
    nothing = ProbabilityResult((), np.zeros(0), None, None, "", False, "Too few.")
    file.write_text(header, encoding="utf-8")
    assert with_kept_terms(tmp_path, nothing, True) == nothing
    file.write_text(terms, encoding="utf-8")
    said = with_kept_terms(tmp_path, nothing, False).reason
    assert said == "Too few. Today's probability stays (1 term)."
    said = with_kept_terms(tmp_path, nothing, True).reason
    assert "(1 term), though it was fitted on other points; to have none" in said
    proposed = replace(nothing, is_proposed=True)
    assert with_kept_terms(tmp_path, proposed, True) == proposed


@pytest.mark.parametrize(
    ("name", "mode"),
    [("engagement_rules", "each"), ("inactivity_rules", "inactivity")],
)
def test_what_is_over_or_still_to_come_stays(
    tmp_path: Path, name: str, mode: str
) -> None:
    current = tmp_path / "current"
    shutil.copytree(RULES, current)
    file = RuleFile.read(current / f"{name}.csv")
    first = file.rows[0]
    worths = {"": "1", TODAY: "2", "2026-07-01": "3"}
    file.rows[:] = [
        {**first, "valid_from": valid_from, "points": points}
        for valid_from, points in worths.items()
    ]
    file.write(current / f"{name}.csv")

    panel = planted_shop(0, (0.5,), (30.0,), (1,))
    split = split_rows(panel.outcomes)
    evidence = check_evidence(panel.outcomes, split)
    learnt = fit_engagement(panel, split, evidence, frozenset())
    proposal = replace(
        learnt.rules[0],
        rule_id=first["rule_id"],
        mode=mode,
        points=7.0,
        is_points_changed=True,
        is_decay_changed=False,
    )
    learnt = replace(learnt, rules=(proposal,), is_proposed=True)
    write_rules(current, tmp_path / "proposed", learnt, NO_FIT, TODAY)

    proposed = RuleFile.read(tmp_path / "proposed" / f"{name}.csv").rows
    assert [row["points"] for row in proposed] == ["1", "7", "3"]
