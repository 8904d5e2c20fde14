"""Whether the scores predict what leads do next, in sentences for a shop owner."""

from collections.abc import Iterator
from datetime import date

import duckdb

from _report_words import listed, short_name
from _warehouse import Row, fetch, fetch_one, heading, labelled, number, plural

BASELINES = ("event_count", "recency", "order_count", "rfm")
FEWEST_CONVERSIONS = 20  # below, an interval of the AUC says little
RULES_NAMED = 3


# --- What the warehouse says --------------------------------------------------------


def read_backtest(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the back-test of each score over the cut-offs that say most.

    Those that the calibrated model has not seen, where there are some, and its horizon,
    else the shortest.
    """
    query = """
        select fct_score_backtest_pooled.*, coalesce(horizon_days = (
            select max(horizon_days) from seeds.probability_terms), false) as is_fitted
        from insights.fct_score_backtest_pooled"""
    rows = fetch(connection, query)
    order = [
        (not row["is_fitted"], row["horizon_days"], row["period"] != "after_fit")
        for row in rows
    ]
    return [row for row, place in zip(rows, order, strict=True) if place == min(order)]


def read_asked(connection: duckdb.DuckDBPyConnection) -> Row:
    """Return whether orders are what is predicted, and until when was learnt."""
    query = """
        select (select max(fitted_until) from seeds.probability_terms) as fitted_until,
            (select bool_and(event_type = 'order_completed')
                from insights.int_conversion_types) as is_orders"""
    return fetch_one(connection, query)


def read_rules(
    connection: duckdb.DuckDBPyConnection, horizon_days: int
) -> dict[str, list[str]]:
    """Return the rules by what the back-test makes of them, the largest share first."""
    query = """
        with points as (
            select 'engagement' as score, rule_id, points from seeds.engagement_rules
            union all
            select 'engagement', rule_id, points from seeds.inactivity_rules
            union all
            select 'fit', rule_id, points from seeds.fit_rules),
        signed as (
            select score, trim(rule_id) as rule_id, max(points) as points
            from points group by all)
        select coalesce(description, rule_id) as rule, case
                when not is_proven then 'unproven'
                when points * rate_difference < 0 then 'opposed' else 'proven'
            end as verdict
        from insights.fct_rule_performance join signed using (score, rule_id)
        where horizon_days = $horizon_days and points != 0
        order by share_of_points desc, score, rule_id"""
    rules: dict[str, list[str]] = {"proven": [], "opposed": [], "unproven": []}
    for row in fetch(connection, query, horizon_days=horizon_days):
        rules[row["verdict"]].append(row["rule"])
    return rules


# --- Printing ------------------------------------------------------------------------


def backtest_lines(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield whether the scores predict conversions, or that it is too early to say."""
    rows, asked = read_backtest(connection), read_asked(connection)
    thing = "order" if asked["is_orders"] else "conversion"
    yield from heading(f"Do the scores predict {thing}s?")
    yield from labelled(finding_lines(connection, rows, asked, thing))


def finding_lines(
    connection: duckdb.DuckDBPyConnection, rows: list[Row], asked: Row, thing: str
) -> Iterator[tuple[str, str]]:
    """Yield label and text of what the back-test found."""
    if not rows:
        yield (
            "too early",
            "no past day is old enough to know what leads did afterwards",
        )
        return
    by_score = {row["score"]: row for row in rows}
    lead = by_score["lead"]
    yield "tested", tested_text(lead, asked["fitted_until"], thing)
    rules = read_rules(connection, lead["horizon_days"])
    if lead["conversions_count"] < FEWEST_CONVERSIONS or lead["auc_low"] is None:
        takes = f"{FEWEST_CONVERSIONS} {thing}s or more"
        if lead["conversions_count"] >= FEWEST_CONVERSIONS:
            takes = f"several leads with {article(thing)} and several without"
        yield "too little", f"to say how well the scores rank: that takes {takes}"
        # Rules are judged over all cut-offs, of which these may be the newest.
        if rules["proven"] or rules["opposed"]:
            yield from rule_lines(rules, thing)
        return
    baselines = [row for row in rows if row["score"] in BASELINES]
    best = max(baselines, key=lambda row: (row["auc"], row["score"]))
    yield "lead score", f"{pairs_text(lead, thing)}; {lift_text(lead, thing)}"
    yield "without it", compared_text(lead, best)
    if "probability" in by_score:
        chance = by_score["probability"]
        yield "probability", f"{ranked_text(chance)}; {lift_text(chance, thing)}"
    yield from rule_lines(rules, thing)


def tested_text(row: Row, fitted_until: date | None, thing: str) -> str:
    """Return what the test rests on, and whether it is fair."""
    fairness = ""
    if row["period"] == "after_fit":
        fairness = f"; all after what the probability was learnt from ({fitted_until})"
    elif fitted_until is not None:
        fairness = (
            f"; the probability was learnt until {fitted_until}, from some of them:"
            " what was learnt looks better than it is"
        )
    first, last = row["first_date"], row["last_date"]
    days = str(first) if first == last else f"{first} to {last}"
    followed = "was" if row["conversions_count"] == 1 else "were"
    return (
        f"{plural(row['observations_count'], 'case')} of a lead on a past day, {days};"
        f" {row['conversions_count']:,} {followed} followed by {article(thing)} within"
        f" {plural(row['horizon_days'], 'day')}{fairness}"
    )


def article(thing: str) -> str:
    """Return `an order`, `a conversion`."""
    return f"an {thing}" if thing[0] in "aeiou" else f"a {thing}"


def pairs_text(row: Row, thing: str) -> str:
    """Return how well a score ranks, and what that means."""
    pair = "a buyer and a non-buyer"
    if thing != "order":
        pair = "a lead that converts and one that does not"
    return f"of 100 pairs of {pair} {ranked_text(row)}"


def ranked_text(row: Row) -> str:
    """Return an AUC and its interval as pairs ranked right."""
    interval = f"[{number(row['auc_low'], 3)}, {number(row['auc_high'], 3)}]"
    chance = ", which may be chance" if row["auc_low"] <= 0.5 <= row["auc_high"] else ""
    return (
        f"it ranks {in_hundred(row)} right (AUC {number(row['auc'], 3)}"
        f" {interval}{chance})"
    )


def in_hundred(row: Row) -> str:
    """Return an AUC as a number of pairs."""
    return number(100 * row["auc"], 0)


def compared_text(row: Row, best: Row) -> str:
    """Return how the best simple rule does beside a score."""
    if best["auc"] < row["auc_low"]:
        verdict = "clearly worse"
    elif best["auc"] > row["auc_high"]:
        verdict = "clearly better; try scripts/calibrate_rules.py"
    else:
        verdict = "no clear difference"
    return (
        f"the best simple rule, {short_name(best['score'])} alone, ranks"
        f" {in_hundred(best)} right: {verdict}"
    )


def lift_text(row: Row, thing: str) -> str:
    """Return how much more often the best tenth converts than all do."""
    verb = "buys" if thing == "order" else "converts"
    lift = number(row["top_decile_lift"], 1)
    return f"its best tenth {verb} {lift} times as often as the average lead"


def rule_lines(rules: dict[str, list[str]], thing: str) -> Iterator[tuple[str, str]]:
    """Yield how many rules are proven to work, which do the opposite, which neither."""
    count = sum(map(len, rules.values()))
    if count == 0:
        return
    yield (
        "rules proven",
        f"{len(rules['proven'])} of {count}: on all past days, whom they give points"
        f" has more {thing}s than others, whom they take points from has fewer, by more"
        " than chance",
    )
    if rules["opposed"]:
        yield (
            "opposite",
            f"{len(rules['opposed'])}, where it is the other way round:"
            f" {listed(rules['opposed'], RULES_NAMED)}",
        )
    if rules["unproven"]:
        yield (
            "not proven",
            f"{len(rules['unproven'])}: {listed(rules['unproven'], RULES_NAMED)}",
        )
