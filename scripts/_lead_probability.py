"""Why a lead has its conversion probability: the terms of its log-odds, explained."""

import math
from collections.abc import Iterator, Sequence

import duckdb

from _report_words import odds_text
from _warehouse import (
    TIMES,
    Column,
    Row,
    compact,
    fetch,
    fetch_one,
    heading,
    number,
    paragraph,
    plural,
    table,
)

HOW_TO_LEARN = "not known: scripts/calibrate_rules.py learns it from past conversions"
FEWEST_DECIMALS, MOST_DECIMALS = 2, 9  # of log-odds, which are published with nine
LARGEST_FACTOR = 1e6  # of the odds, that is still worth its digits


# --- What the warehouse says --------------------------------------------------------


def read_probability(
    connection: duckdb.DuckDBPyConnection, lead_id: str, probability: float | None
) -> Row | None:
    """Return why the lead converts with its probability; none: not calibrated."""
    query = """
        select terms.term_id, coalesce(terms.description, terms.term_id) as description,
            kind, feature, operand, feature_value, log_odds
        from scores.fct_lead_probability_terms as terms
        join seeds.probability_terms using (term_id)
        where lead_id = $lead_id
        order by kind = 'constant' desc, abs(log_odds) desc, term_id"""
    terms = fetch(connection, query, lead_id=lead_id)
    if not terms or probability is None:
        return None
    for term in terms:
        term["odds_factor"] = odds_factor(term["log_odds"])
    model = """
        select max(horizon_days) as horizon_days, max(fitted_until) as fitted_until,
            count(*) as terms_count
        from seeds.probability_terms"""
    return {
        "conversion_probability": probability,
        **fetch_one(connection, model),
        "log_odds": round(math.fsum(term["log_odds"] for term in terms), 9),
        "terms": terms,
    }


def odds_factor(log_odds: float) -> float:
    """Return what a term multiplies the odds by, within what a number can hold."""
    return math.exp(max(-700.0, min(log_odds, 700.0)))


def probability_of(log_odds: float) -> float:
    """Return the probability as it is published."""
    return round(1 / (1 + odds_factor(-log_odds)), 6)


# --- Printing ------------------------------------------------------------------------


def probability_text(why: Row | None) -> str:
    """Return how likely the lead converts, and within how many days."""
    if why is None:
        return HOW_TO_LEARN
    chance = percent(why["conversion_probability"])
    return (
        f"{chance} likely within {plural(why['horizon_days'], 'day')},"
        f" learnt from conversions until {why['fitted_until']}"
    )


def percent(probability: float) -> str:
    """Return a probability in percent; near 0 and 1 with all digits it has."""
    decimals = 1 if 0.01 <= probability <= 0.99 else 4
    return f"{number(100 * probability, decimals)}%"


def probability_lines(why: Row | None) -> Iterator[str]:
    """Yield how the terms add up to the probability; nothing when not calibrated."""
    if why is None:
        return
    terms = why["terms"]
    chance = percent(why["conversion_probability"])
    decimals = decimals_that_add_up([term["log_odds"] for term in terms], chance)
    total = added([term["log_odds"] for term in terms], decimals)
    yield ""
    yield from heading(f"Why it is {chance} likely to convert")
    yield from table(
        [
            Column("term", is_broken=True),
            Column("its value", is_number=True),
            Column("log-odds", is_number=True),
            Column("odds", is_number=True),
        ],
        [
            [
                term["description"],
                value_text(term),
                number(term["log_odds"], decimals),
                factor_text(term["log_odds"]),
            ]
            for term in terms
        ],
        total=["all together", "", number(total, decimals), factor_text(total)],
    )
    yield from paragraph(
        f"Probability: 1 / (1 + e^{number(-total, decimals)}) = {chance}. {TIMES} and ÷"
        " are what a term does to the odds, which begin at 1 to 1."
        f"{terms_left_out(why)}"
    )


def decimals_that_add_up(log_odds: Sequence[float], chance: str) -> int:
    """Return the fewest decimals with which the terms still give the probability."""
    for decimals in range(FEWEST_DECIMALS, MOST_DECIMALS):
        if percent(probability_of(added(log_odds, decimals))) == chance:
            return decimals
    return MOST_DECIMALS


def added(log_odds: Sequence[float], decimals: int) -> float:
    """Return the sum of the terms as they are shown."""
    return round(math.fsum(round(each, decimals) for each in log_odds), decimals)


def value_text(term: Row) -> str:
    """Return what the lead has that the term looks at."""
    if term["kind"] == "constant":
        return ""
    if term["kind"] == "is":
        return str(term["operand"])
    value = term["feature_value"]
    return "not known" if value is None else compact(round(value, 2))


def factor_text(log_odds: float) -> str:
    """Return what log-odds do to the odds: multiply them, or divide them."""
    if abs(log_odds) > math.log(LARGEST_FACTOR):
        sign = TIMES if log_odds > 0 else "÷"
        return f"{sign} over {number(LARGEST_FACTOR, 0)}"
    return odds_text(odds_factor(log_odds))


def terms_left_out(why: Row) -> str:
    """Return how many terms of the model do nothing for this lead."""
    count = why["terms_count"] - len(why["terms"])
    if count == 0:
        return ""
    verb = "adds" if count == 1 else "add"
    return f" {plural(count, 'other term')} {verb} nothing."
