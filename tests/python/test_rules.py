"""Rule files: every rule set that we ship is sound, and a bad row is named."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from dbt_runs import PROJECT, copy_project, run_dbt
from warehouse import land

RULE_SETS = sorted(
    str(file.parent.relative_to(PROJECT))
    for place in ("seeds", "examples")  # builds leave copies in others
    for file in PROJECT.glob(f"{place}/**/settings.csv")
    if "calibration" not in file.parts
)
ANOTHER_FOLDER = "examples/newsletter_shop/rules"


def problems(workspace: Path, **options: Any) -> str:
    """What dbt says about the rules: the log of its seeds and their tests."""
    land(workspace / "landing", {})
    result = run_dbt(
        workspace,
        *("build", "--indirect-selection", "empty", "--select", "resource_type:seed"),
        *("path:tests/rules", "test_name:has_its_columns"),
        *("--log-level-file", "info"),
        **options,
    )
    unread = [run for run in result.result if run.node.resource_type == "seed"]
    errors = [run.message for run in unread if run.status == "error"]
    if errors:
        return str(errors)
    return (workspace / "logs" / "dbt.log").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "project")


def test_rules_of_another_folder_are_sound(tmp_path: Path) -> None:
    """Where they lie, as LEAD_SCORING_RULES tells dbt."""
    said = problems(tmp_path, rules=ANOTHER_FOLDER)
    assert "Completed successfully" in said, said
    assert (PROJECT / ANOTHER_FOLDER / "stages.csv").exists()


@pytest.mark.parametrize("rules", RULE_SETS)
def test_shipped_rule_sets_are_sound(project: Path, rules: str) -> None:
    """Partial ones beside those that they change."""
    place = project / "seeds" / "rules"
    shutil.rmtree(place)
    if not (PROJECT / rules / "stages.csv").exists():
        shutil.copytree(PROJECT / Path(rules).parent / "rules", place)
    shutil.copytree(PROJECT / rules, place, dirs_exist_ok=True)
    said = problems(project.parent, project=project)
    assert "Completed successfully" in said, said


def test_partial_and_full_sets_are_there() -> None:
    full = {rules for rules in RULE_SETS if (PROJECT / rules / "stages.csv").exists()}
    assert full > {"seeds/rules"}
    assert set(RULE_SETS) > full


def change_row(file: Path, key: str, **values: str) -> None:
    """Change the first row whose first column is the key; a new key adds a row."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        columns = list(reader.fieldnames or ())
        rows = list(reader)
    found = [row for row in rows if row[columns[0]] == key]
    if not found:
        found = [{columns[0]: key}]
        rows += found
    found[0].update(values)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


ENGAGEMENT, FIT = "rules/engagement_rules.csv", "rules/fit_rules.csv"
SETTINGS = "rules/settings.csv"
SEGMENTS, DESTINATIONS = "rules/segments.csv", "rules/destinations.csv"
GROUPS = "rules/rule_groups.csv"  # written with a wrong column
# A test tells of ten problems: no file has more bad rows.
BAD_ROWS: dict[str, tuple[str, str, dict[str, str]]] = {
    "rule `search`: unknown event_type `serched`": (
        ENGAGEMENT,
        "search",
        {"event_type": "serched"},
    ),
    "rule `checkout`: decay `half_life` needs decay_days above 0": (
        ENGAGEMENT,
        "checkout",
        {"decay_days": ""},
    ),
    "rule `interest_page`: unknown operator `has`": (
        ENGAGEMENT,
        "interest_page",
        {"operator": "has"},
    ),
    "rule `long_visit`: unknown property `dwell`": (
        ENGAGEMENT,
        "long_visit",
        {"property": "dwell"},
    ),
    "rule `download`: points must be a number from -1000 to 1000": (
        ENGAGEMENT,
        "download",
        {"points": "5000"},
    ),
    "rule `email_open`: unknown rule_group `mails`": (
        ENGAGEMENT,
        "email_open",
        {"rule_group": "mails"},
    ),
    "rule `push`: mode must be each or threshold": (
        ENGAGEMENT,
        "push",
        {"mode": "once"},
    ),
    "fit_rules.csv, rule `household_family`: operand `three` is not a number": (
        FIT,
        "household_family",
        {"operand": "three"},
    ),
    "inactivity_rules.csv, rule `inactive_30`: max_value must be above min_value": (
        "rules/inactivity_rules.csv",
        "inactive_30",
        {"max_value": "30"},
    ),
    "stage_rules.csv, rule `carted`: unknown stage `thinking`": (
        "rules/stage_rules.csv",
        "carted",
        {"stage": "thinking"},
    ),
    "disqualification_rules.csv, rule `student`: give either an attribute": (
        "rules/disqualification_rules.csv",
        "student",
        {"attribute": ""},
    ),
    "score_weights.csv: the weights add up to 1.3": (
        "rules/score_weights.csv",
        "fit",
        {"weight": "0.6"},
    ),
    "`fit`, `A`: gap before 80": ("rules/grades.csv", "fit", {"min_score": "80"}),
    "unknown`: is not covered: add a row": (
        "rules/matrix_actions.csv",
        "*",
        {"stage": "visitor"},
    ),
    "exchange_rates.csv, `JPY`: is the shop's currency (settings.csv): add a row": (
        SETTINGS,
        "currency",
        {"value": "JPY"},
    ),
    "cell `B1-loyal`: is ambiguous between `Invite to the loyalty club` and": (
        "rules/matrix_actions.csv",
        "B",
        {"priority": "3"},
    ),
    "settings.csv, setting `hot_min_score`: `high` is not a whole number": (
        SETTINGS,
        "hot_min_score",
        {"value": "high"},
    ),
    "setting `high_score_exit`: must not be higher than high_score_min": (
        SETTINGS,
        "high_score_exit",
        {"value": "46"},
    ),
    "setting `inactivity_reset_days`: must be at least 1": (
        SETTINGS,
        "inactivity_reset_days",
        {"value": "0"},
    ),
    "setting `history_max_leads`: has no value: give one": (
        SETTINGS,
        "history_max_leads",
        {"value": ""},
    ),
    "setting `backtest_horizon_days`: `soon` is not a number of days": (
        SETTINGS,
        "backtest_horizon_days",
        {"value": "30|soon"},
    ),
    "setting `backtest_cutoff_dates`: `2026-02-30` is not a date": (
        SETTINGS,
        "backtest_cutoff_dates",
        {"value": "2026-02-01 | 2026-02-30"},
    ),
    "setting `backtest_occasion`: `mailed` is no event type of event_types.csv": (
        SETTINGS,
        "backtest_occasion",
        {"value": "mailed"},
    ),
    "setting `champion_score`: `points` is no score": (
        SETTINGS,
        "champion_score",
        {"value": "points"},
    ),
    "setting `champion_must_beat`: `luck` is no baseline": (
        SETTINGS,
        "champion_must_beat",
        {"value": "rfm|luck"},
    ),
    "setting `champion_min_auc`: `60` is not a number between 0 and 1": (
        SETTINGS,
        "champion_min_auc",
        {"value": "60"},
    ),
    "setting `advance_days`: must be whole weeks": (
        SETTINGS,
        "advance_days",
        {"value": "10"},
    ),
    "segments.csv, segment `vip`: has no condition": (SEGMENTS, "vip", {}),
    "segment `at_risk`: unknown destination `brevvo`": (
        SEGMENTS,
        "at_risk",
        {"destinations": "meta|brevvo"},
    ),
    "segment `new_leads`: names destination `brevo` twice": (
        SEGMENTS,
        "new_leads",
        {"destinations": "brevo| brevo"},
    ),
    "segment `low_engagement`: goes to a destination, so it needs an audience": (
        SEGMENTS,
        "low_engagement",
        {"audience": ""},
    ),
    "segment `product_viewers`: shares its audience with another segment": (
        SEGMENTS,
        "product_viewers",
        {"audience": "open carts"},
    ),
    "segment `vip_customers`: audience `Rich-customers` says `rich` (wealth)": (
        SEGMENTS,
        "vip_customers",
        {"audience": "Rich-customers"},
    ),
    "segment `high_score_few_orders`: audience `Für Diabetiker` says `diabet*`": (
        SEGMENTS,
        "high_score_few_orders",
        {"audience": "Für Diabetiker"},
    ),
    "destination `brevo`: unknown purpose `mail`": (
        DESTINATIONS,
        "brevo",
        {"purpose": "mail"},
    ),
    "destination `mailchimp`: unknown address `phone|email`": (
        DESTINATIONS,
        "mailchimp",
        {"address": "phone|email"},
    ),
    "destination `sales`: is given addresses, so it needs a purpose": (
        DESTINATIONS,
        "sales",
        {"purpose": ""},
    ),
    "destination `klaviyo`: one_segment_per_lead must be true or false": (
        DESTINATIONS,
        "klaviyo",
        {"one_segment_per_lead": ""},
    ),
    "destination `HubSpot`: must be written in small letters": (
        DESTINATIONS,
        "HubSpot",
        {"label": "HubSpot"},
    ),
    "destination `acme`: has no leaf: add models/exports/exp_<destination>__": (
        DESTINATIONS,
        "acme",
        {"label": "Acme", "one_segment_per_lead": "true"},
    ),
    "rule `search`: two rows are valid from 1900-01-01": (ENGAGEMENT, "search ", {}),
    "rule_groups.csv: column max_points is missing": (GROUPS, "", {}),
    "rule_groups.csv: unknown column points": (GROUPS, "", {}),
    "event_names.csv, `order placed` of `*`: unknown event_type `ordered`": (
        "reference/event_names.csv",
        "shop",
        {"source": "*", "event_name": "order placed", "event_type": "ordered"},
    ),
}


@pytest.fixture(scope="module")
def said_of_bad_rows(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One run over a copy of the project in which every file has a bad row."""
    workspace = tmp_path_factory.mktemp("bad_rows")
    project = copy_project(workspace / "project")
    for file, key, values in BAD_ROWS.values():
        if key:
            change_row(project / "seeds" / file, key, **values)
    (project / "seeds" / GROUPS).write_text("rule_group,points\n", encoding="utf-8")
    return problems(workspace, project=project)


@pytest.mark.parametrize("message", BAD_ROWS)
def test_bad_row_is_named(said_of_bad_rows: str, message: str) -> None:
    assert message in said_of_bad_rows


def test_text_in_a_number_names_file_and_line(project: Path, tmp_path: Path) -> None:
    change_row(project / "seeds" / ENGAGEMENT, "search", points="one")
    said = problems(tmp_path, project=project)
    assert "engagement_rules.csv" in said
    assert "one" in said
    assert "points" in said
