"""Rule files: every rule set that we ship is sound, and a bad row is named."""

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dbt_runs import DATABASE, PROJECT, copy_project, run_dbt
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
        "path:tests/rules",
        *("--log-level-file", "info"),
        **options,
    )
    read = [run for run in result.result if run.node.resource_type == "seed"]
    errors = [run.message for run in read if run.status == "error"]
    if errors:
        return "\n".join(errors)
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


def test_newsletter_shop_is_the_default_but_for_what_its_readme_says() -> None:
    files = (PROJECT / "seeds" / "rules").glob("*.csv")
    others = {
        file.name
        for file in files
        if file.read_bytes() != (PROJECT / ANOTHER_FOLDER / file.name).read_bytes()
    }
    said = {"engagement_rules.csv", "rule_groups.csv", "score_scales.csv"}
    assert others == said


def test_partial_and_full_sets_are_there() -> None:
    full = {rules for rules in RULE_SETS if (PROJECT / rules / "stages.csv").exists()}
    assert full > {"seeds/rules"}
    assert set(RULE_SETS) > full


def test_every_column_of_a_rule_file_is_described() -> None:
    """In the order of the file; what has a type has a description."""

    def told(seed: dict[str, Any]) -> list[str]:
        columns = seed.get("columns", [])
        return [c["name"] for c in columns if c.get("description", "").strip()]

    files = (PROJECT / "seeds").rglob("_*.yml")
    texts = [file.read_text(encoding="utf-8") for file in files]
    seeds = [seed for text in texts for seed in yaml.safe_load(text)["seeds"]]
    assert len(seeds) == len(list((PROJECT / "seeds").rglob("*.csv")))
    for seed in seeds:
        assert told(seed) == list(seed["config"]["column_types"]), seed["name"]


def test_a_setting_is_described_alike_in_every_rule_set() -> None:
    told: dict[str, set[str]] = {}
    for rules in RULE_SETS:
        with (PROJECT / rules / "settings.csv").open(encoding="utf-8") as text:
            for row in csv.DictReader(text):
                told.setdefault(row["setting"], set()).add(row["description"])
    assert {setting: words for setting, words in told.items() if len(words) > 1} == {}


SETTING_IS_READ = r"\bsetting(?:_number)?\('(\w+)'\)|\bsetting = '(\w+)'"


def test_settings_that_are_listed_are_those_that_are_read() -> None:
    """By models, macros, scripts and the tests that judge the data."""
    test = PROJECT / "tests" / "rules" / "assert_settings_are_sound.sql"
    listed = re.findall(r"^ +\('(\w+)', '", test.read_text(), re.MULTILINE)
    files = [
        *(PROJECT / "models").rglob("*.sql"),
        *(PROJECT / "macros").rglob("*.sql"),
        *(PROJECT / "tests" / "flow").glob("*.sql"),
        *(PROJECT / "scripts").glob("*.py"),
    ]
    found = (re.findall(SETTING_IS_READ, file.read_text("utf-8")) for file in files)
    read = {name for names in found for pair in names for name in pair if name}
    assert len(read) > 30
    assert sorted(listed) == sorted(read)


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
# A test tells of twenty problems: no file has more bad rows.
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
    "rule `email_click`: decay_days and decay_rate need a decay: give one, or": (
        ENGAGEMENT,
        "email_click",
        {"decay": ""},
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
    "rule `many_views`: max_hits_per_day on each of window_days never make min_hits": (
        ENGAGEMENT,
        "many_views",
        {"max_hits_per_day": "1", "window_days": "4"},
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
    "stages.csv, stage `partner`: nobody can reach it: add a row to stage_rules": (
        "rules/stages.csv",
        "partner",
        {"rank": "6", "description": "Sells for us"},
    ),
    "disqualification_rules.csv, rule `student`: give either an attribute": (
        "rules/disqualification_rules.csv",
        "student",
        {"attribute": ""},
    ),
    "rule_groups.csv, rule_group `email`: max_points must be 0 or more, or blank": (
        "rules/rule_groups.csv",
        "email",
        {"max_points": "-20"},
    ),
    "score_weights.csv: the weights add up to 1.1: make it 1": (
        "rules/score_weights.csv",
        "engagement",
        {"weight": "0.6"},
    ),
    "`fit`, `A`: gap before 80": ("rules/grades.csv", "fit", {"min_score": "80"}),
    "unknown`: is not covered: add a row": (
        "rules/matrix_actions.csv",
        "*",
        {"stage": "visitor"},
    ),
    "matrix_actions.csv, cell `A1-*`: priority is blank: give a number": (
        "rules/matrix_actions.csv",
        "A",
        {"priority": ""},
    ),
    "matrix_actions.csv, cell `**-visitor`: next_action is blank: say what": (
        "rules/matrix_actions.csv",
        "*",
        {"next_action": ""},
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
    "setting `history_max_leads`: must be at least 1": (
        SETTINGS,
        "history_max_leads",
        {"value": "0"},
    ),
    "setting `history_weeks`: has no value: give one": (
        SETTINGS,
        "history_weeks",
        {"value": ""},
    ),
    "setting `backtest_horizon_days`: `soon` is not a number of days": (
        SETTINGS,
        "backtest_horizon_days",
        {"value": "30|soon"},
    ),
    "setting `backtest_horizon_days`: `30.5` is not a number of days": (
        SETTINGS,
        "backtest_horizon_days",
        {"value": "30.5|soon"},
    ),
    "setting `backtest_cutoff_dates`: `2026-02-30` is not a date": (
        SETTINGS,
        "backtest_cutoff_dates",
        {"value": "2026-02-01 | 2026-02-30"},
    ),
    "setting `backtest_cutoff_dates`: `26-02-01` is not a date": (
        SETTINGS,
        "backtest_cutoff_dates",
        {"value": "2026-02-01 | 2026-02-30|26-02-01"},
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
    "setting `duplicate_window_days`: must be at least 0": (
        SETTINGS,
        "duplicate_window_days",
        {"value": "-1"},
    ),
    "setting `lookalike_top_percent`: must be at most 100": (
        SETTINGS,
        "lookalike_top_percent",
        {"value": "1000"},
    ),
    "setting `vip_min_order`: is read by nothing: remove it (did you mean `vip_min_": (
        SETTINGS,
        "vip_min_orders",
        {"setting": "vip_min_order"},
    ),
    "setting `vip_min_orders`: has no row: add it with its value": (
        SETTINGS,
        "vip_min_order",
        {"setting": "vip_min_order"},
    ),
    "setting `hot_exit_score`: has no row: add it, blank if unused": (
        SETTINGS,
        "hot_exit_score",
        {"setting": "colour"},
    ),
    "setting `colour`: is read by nothing: remove it": (
        SETTINGS,
        "colour",
        {"setting": "colour"},
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
    "destination `activecampaign`: is for messages to phones: address must be phone": (
        DESTINATIONS,
        "activecampaign",
        {"purpose": "sms"},
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
    "term `push`: `points:push` is a rule of fit and one of engagement: rename": (
        "rules/probability_terms.csv",
        "push",
        {
            "feature": "points:push",
            "kind": "log",
            "coefficient": "0.5",
            "horizon_days": "30",
        },
    ),
    "term `was_vip`: `vip` is no stage any more: calibrate again": (
        "rules/probability_terms.csv",
        "was_vip",
        {
            "feature": "stage",
            "kind": "is",
            "operand": "vip",
            "coefficient": "1",
            "horizon_days": "30",
        },
    ),
    "term `of_nothing`: feature is blank: only the constant looks at nothing": (
        "rules/probability_terms.csv",
        "of_nothing",
        {"kind": "ramp", "coefficient": "1", "min_value": "0", "horizon_days": "30"},
    ),
    "email_domains.csv, `@rival.com`: is a domain: leave out the @": (
        "reference/email_domains.csv",
        "@rival.com",
        {"kind": "competitor"},
    ),
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
        change_row(project / "seeds" / file, key, **values)
    push = {"criterion": "push", "attribute": "push", "operator": "is_set"}
    change_row(project / "seeds" / FIT, "push", **push, points="1")
    return problems(workspace, project=project)


@pytest.mark.parametrize("message", BAD_ROWS)
def test_bad_row_is_named(said_of_bad_rows: str, message: str) -> None:
    assert message in said_of_bad_rows


def test_days_that_overflow_dates_are_refused(project: Path) -> None:
    most = {"duplicate_window_days": 366, "backtest_step_days": 36500}
    for setting in most:
        change_row(project / "seeds" / SETTINGS, setting, value="999999999")
    said = problems(project.parent, project=project)
    for setting, days in most.items():
        assert f"setting `{setting}`: must be at most {days}" in said


# ------------------------------------------------------------- files that are not read

TEXT_IN_A_NUMBER = (
    'engagement_rules.csv, line 3: points "one" is not a number: write it'
)
# What is said, of which file, and what stands there instead of what.
BAD_FILES: dict[str, tuple[str, str, str]] = {
    "rule_groups.csv: column max_points is missing: add it, blank if unused": (
        "rules/rule_groups.csv",
        "max_points",
        "points",
    ),
    "rule_groups.csv: unknown column points: remove it": (
        "rules/rule_groups.csv",
        "max_points",
        "points",
    ),
    "score_scales.csv: column scaling appears twice: remove one": (
        "rules/score_scales.csv",
        "max_points",
        "scaling",
    ),
    "score_weights.csv: line 1 does not name the columns: put this above it: "
    "component,weight": ("rules/score_weights.csv", "component,weight\n", ""),
    "grades.csv: columns are separated by semicolons or tabs: save it with commas": (
        "rules/grades.csv",
        ",",
        ";",
    ),
    "stage_rules.csv, line 3: has too few cells (8 instead of 9): quote a cell": (
        "rules/stage_rules.csv",
        "product_viewed,,",
        "product_viewed,",
    ),
    "event_types.csv, line 2: has too many cells (6 instead of 5): quote a": (
        "reference/event_types.csv",
        "Viewed a page",
        "Viewed a page, any",
    ),
    "disqualification_rules.csv, line 3: a quotation mark opens a cell": (
        "rules/disqualification_rules.csv",
        "Works here",
        '"Works here',
    ),
    TEXT_IN_A_NUMBER: (
        "rules/engagement_rules.csv",
        "product_view,product_viewed,,,,each,1,",
        "product_view,product_viewed,,,,each,one,",
    ),
    'exchange_rates.csv, line 3: rate "0,92" is not a number: write it as 2 or 2.5': (
        "reference/exchange_rates.csv",
        "0.92",
        '"0,92"',
    ),
    'engagement_rules.csv, line 2: max_hits_per_day "5.5" is not a whole number': (
        "rules/engagement_rules.csv",
        "each,1,5,",
        "each,1,5.5,",
    ),
    'inactivity_rules.csv, line 2: valid_from "03/04/2026" is not a date: write it': (
        "rules/inactivity_rules.csv",
        "-5,,",
        "-5,03/04/2026,",
    ),
    'inactivity_rules.csv, line 3: valid_to "2026-02-29" is not a date': (
        "rules/inactivity_rules.csv",
        "-10,,,",
        "-10,,2026-02-29,",
    ),
    'engagement_rules.csv, line 3: decay_days "999999999" is more than 36500 days': (
        "rules/engagement_rules.csv",
        "half_life,14,,browsing,,,Viewed products",
        "half_life,999999999,,browsing,,,Viewed products",
    ),
    'destinations.csv, line 2: one_segment_per_lead "maybe" is neither true nor': (
        "rules/destinations.csv",
        "phone,true,Show ads to them on",
        "phone,maybe,Show ads to them on",
    ),
    "fit_rules.csv, line 3: `garden_yes` is in line 2, too: remove one": (
        "rules/fit_rules.csv",
        "home_owner,",
        "garden_yes ,",
    ),
    "email_domains.csv, line 5: email_domain is blank: give it a value": (
        "reference/email_domains.csv",
        "outlook.com",
        "",
    ),
    "machine_user_agents.csv: a column has no name in line 1: remove it": (
        "reference/machine_user_agents.csv",
        "pattern,kind",
        "pattern,kind,",
    ),
    "segments.csv: spaces around a column name in line 1: remove them": (
        "rules/segments.csv",
        "priority,holdout_percent",
        "priority , holdout_percent",
    ),
    # Behind a blank row, and a cell of two lines with a comma in each.
    'matrix_actions.csv, line 5: priority "first" is not a whole number': (
        "rules/matrix_actions.csv",
        "*,*,*,Leave in the newsletter,standard,90\nA,1,*,Call",
        '*,*,*,"Leave, please,\nin the, letter",standard,90\n,,,,,\n'
        "A,1,*,Ring,premium,first\nA,1,*,Call",
    ),
}


@pytest.fixture(scope="module")
def said_of_bad_files(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One run over a copy of the project with these files, an empty and an old one."""
    workspace = tmp_path_factory.mktemp("bad_files")
    seeds = copy_project(workspace / "project") / "seeds"
    for name, before, after in BAD_FILES.values():
        file = seeds / name
        text = file.read_text(encoding="utf-8")
        assert before in text or after in text, name
        file.write_text(text.replace(before, after), encoding="utf-8")
    rules = seeds / "rules"
    shutil.copy(rules / "stages.csv", rules / "old_stages.csv")
    (rules / "stages.csv").write_text("", encoding="utf-8")
    return problems(workspace, project=workspace / "project")


@pytest.mark.parametrize(
    "message",
    [
        *BAD_FILES,
        "stages.csv: line 1 is blank: name the columns there: stage,rank,",
        "old_stages.csv: nothing reads such a file: remove it",
    ],
)
def test_bad_file_is_named_with_what_to_do(
    said_of_bad_files: str, message: str
) -> None:
    assert message in said_of_bad_files


def test_text_in_a_number_names_file_and_line(said_of_bad_files: str) -> None:
    assert TEXT_IN_A_NUMBER in said_of_bad_files


def test_rules_without_a_rule_are_refused(project: Path) -> None:
    file = project / "seeds" / "rules" / "engagement_rules.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    said = problems(project.parent, project=project)
    assert "engagement_rules.csv: there is no rule" in said


def seed_rows(workspace: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(workspace / DATABASE), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'seeds'"
        ).fetchall()
        return {
            table: connection.execute(f"from seeds.{table} order by all").fetchall()
            for (table,) in tables
        }


def test_columns_are_read_by_name_in_every_build(project: Path) -> None:
    """Turned around, behind a byte order mark, blank rows, spaces: the same rows.

    The first tables have other columns: they are made anew without a full refresh.
    """
    workspace, place = project.parent, project / "seeds" / "rules"
    change_row(place / "stages.csv", "visitor", description='a \\ "b", it\'s\nc')
    said = problems(workspace, project=project)
    assert "Completed successfully" in said, said
    expected = seed_rows(workspace)
    assert ("visitor", 1, 'a \\ "b", it\'s\nc') in expected["stages"]
    with duckdb.connect(str(workspace / DATABASE)) as connection:
        connection.execute("alter table seeds.grades rename min_score to lowest")
        connection.execute("alter table seeds.stages drop description")
    for file in place.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            rows = [row[::-1] for row in csv.reader(lines)]
        blank = [""] * len(rows[0])
        with file.open("w", encoding="utf-8-sig", newline="") as lines:
            spaced = [[f"\t{cell}\u00a0 " for cell in row] for row in rows[1:]]
            csv.writer(lines).writerows([rows[0], blank, *spaced, [], blank])
    said = problems(workspace, project=project)
    assert "Completed successfully" in said, said
    assert seed_rows(workspace) == expected


@pytest.mark.parametrize(
    ("file", "key", "values", "model"),
    [
        ("exchange_rates.csv", "USD", {"rate": "-0.92"}, "int_events_accepted"),
        ("event_names.csv", "*", {"event_type": "viewed"}, "int_matches_daily"),
    ],
)
def test_a_wrong_row_ends_the_build_before_events_are_read(
    project: Path, file: str, key: str, values: dict[str, str], model: str
) -> None:
    """All of them would be read by it, and again when it is mended."""
    change_row(project / "seeds" / "reference" / file, key, **values)
    land(project.parent / "landing", {})
    result = run_dbt(
        project.parent,
        *("build", "--indirect-selection", "cautious", "--select", f"+{model}"),
        "--exclude-resource-type=unit_test",
        project=project,
    )
    status = {run.node.name: run.status for run in result.result}
    assert status[model] == "skipped"
    assert status["stg_landing__events"] == "success"
