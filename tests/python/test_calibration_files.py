"""Proposed rule files: what is improved is the row that counts today."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from _calibration_engagement import fit_engagement
from _calibration_evidence import check_evidence, split_rows
from _calibration_files import RuleFile, write_rules
from _calibration_panel import FitResult
from calibration_shops import planted_shop
from dbt_runs import PROJECT

TODAY = "2026-06-30"


@pytest.mark.parametrize(
    ("name", "mode"),
    [("engagement_rules", "each"), ("inactivity_rules", "inactivity")],
)
def test_what_is_over_or_still_to_come_stays(
    tmp_path: Path, name: str, mode: str
) -> None:
    current = tmp_path / "current"
    shutil.copytree(PROJECT / "seeds" / "rules", current)
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
    nothing = FitResult(
        criteria=(),
        points_per_log_odds=1.0,
        points_today=np.zeros(0),
        points_proposed=np.zeros(0),
        comparison=None,
        is_proposed=False,
        reason="",
    )
    write_rules(current, tmp_path / "proposed", learnt, nothing, TODAY)

    proposed = RuleFile.read(tmp_path / "proposed" / f"{name}.csv").rows
    assert [row["points"] for row in proposed] == ["1", "7", "3"]
