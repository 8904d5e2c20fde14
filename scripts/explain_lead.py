"""Explain one lead: its scores, where they come from, what was lost, what it did.

LEAD is a lead_id, the contact_id of any of its contacts, or an anonymous_id, with or
without `anonymous:`. Names, addresses and phone numbers are never printed; they are in
personal.dim_lead_contacts. The warehouse is only read.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

from _lead_probability import probability_lines, probability_text, read_probability
from _options import (
    ActionableError,
    add_database_option,
    positive,
    run_reporting_errors,
)
from _warehouse import (
    TIMES,
    Column,
    Row,
    compact,
    fetch,
    fetch_one,
    heading,
    labelled,
    number,
    open_warehouse,
    paragraph,
    plural,
    show,
    table,
    unbroken,
)

EXAMPLES = """\
examples:
  explain_lead.py c-33615b81bd
  explain_lead.py anonymous:6d9f3c96b9 --last 10
  explain_lead.py c-33615b81bd --json | jq .rules"""

LOSSES = {
    "cap_loss": ("caps", "hits beyond what a rule counts a day or in all"),
    "reset_loss": ("reset", "hits before a silence that voids them"),
    "decay_loss": ("decay", "hits that have grown old"),
    "group_loss": ("group", "points beyond the limit of a group of rules"),
}
WITHDRAWN = {
    "erased": "the person asked to be erased",
    "objected": "the person objects to profiling",
}
LONG_AGO, NEVER = date(1900, 1, 1), date(9999, 12, 31)


# --- Who is meant -------------------------------------------------------------------


def find_lead(connection: duckdb.DuckDBPyConnection, asked: str) -> tuple[str, str]:
    """Return the lead_id, and a sentence if LEAD was another name of the lead."""
    lead = "select lead_id from activity.dim_leads where lead_id = $asked"
    if fetch(connection, lead, asked=asked):
        return asked, ""
    contact = "select lead_id from personal.dim_lead_contacts where contact_id = $asked"
    for row in fetch(connection, contact, asked=asked):
        return row["lead_id"], f"The contact {asked} is one of this lead's contacts."
    owners = find_owners(connection, asked)
    if not owners:
        refuse_withdrawn(connection, asked)
        refuse_address(asked)
        raise ActionableError(unknown_lead(connection, asked))
    earlier = [
        f"{owner['lead_id']} until {owner['valid_to_date'] - timedelta(days=1)}"
        for owner in owners[1:]
    ]
    before = f"; before: {', '.join(earlier)}" if earlier else ""
    return owners[0]["lead_id"], f"{asked} belongs to this lead{before}."


def refuse_withdrawn(connection: duckdb.DuckDBPyConnection, asked: str) -> None:
    """Say so if the lead, or its contact, is one that must not be scored."""
    query = """
        select max(excluded_reason) as reason from identity.int_leads
        join identity.int_as_of_date using (as_of_date)
        where excluded_reason in ('erased', 'objected') and lead_id in (
            select $asked
            union
            select lead_id from personal.int_contacts_known
            where contact_id = $asked)"""
    reason = fetch_one(connection, query, asked=asked)["reason"]
    if reason:
        raise ActionableError(f"{asked} is not scored: {WITHDRAWN[reason]}")


def refuse_address(asked: str) -> None:
    """Say where to look up whom an address belongs to; it may be a contact_id, too."""
    if "@" in asked:
        raise ActionableError(
            "an email address cannot be given here: it would stay in your shell's"
            " history; look up the lead_id in personal.dim_lead_contacts"
        )


def find_owners(connection: duckdb.DuckDBPyConnection, asked: str) -> list[Row]:
    """Return the leads that a browser (or address) belonged to, the newest first."""
    # The hash is macro hash_id's: a browser that never was without a contact has no row
    # in int_identifiers_seen.
    owners = """
        select lead_id, valid_to_date from identity.int_identifiers_linked
        join identity.int_leads using (lead_key, as_of_date)
        join identity.int_as_of_date using (as_of_date)
        where is_listed and (
            identifier_id = cast(hash('anonymous_id', $anonymous_id) >> 1 as bigint)
            or identifier_id in (
                select identifier_id from identity.int_identifiers_seen
                where identifier_name in ($asked, 'anonymous:' || $anonymous_id)))
        order by valid_to_date desc, lead_id"""
    anonymous_id = asked.removeprefix("anonymous:")
    return fetch(connection, owners, asked=asked, anonymous_id=anonymous_id)


def unknown_lead(connection: duckdb.DuckDBPyConnection, asked: str) -> str:
    """Return the sentence for a name that nobody has, with those that look like it."""
    close = """
        select lead_id,
            jaro_winkler_similarity(lower(lead_id), lower($asked)) as likeness
        from activity.dim_leads
        where likeness > 0.85 order by likeness desc, lead_id limit 3"""
    names = [row["lead_id"] for row in fetch(connection, close, asked=asked)]
    remedy = (
        f"did you mean {' or '.join(names)}?"
        if names
        else "scores.fct_lead_scores lists all leads"
    )
    return f"no lead, contact or browser is called {asked!r}; {remedy}"


# --- What the warehouse says --------------------------------------------------------


def read_explanation(connection: duckdb.DuckDBPyConnection, asked: str) -> Row:
    """Return all there is to say about a lead, as `--json` prints it."""
    lead_id, found_by = find_lead(connection, asked)
    scores = read_scores(connection, lead_id)
    key = {"lead_key": scores.pop("lead_key"), "as_of_date": scores["as_of_date"]}
    composition = read_composition(connection, key["lead_key"])
    chance = scores["conversion_probability"]
    return {
        "lead_id": lead_id,
        "found_by": found_by,
        "as_of_date": scores["as_of_date"],
        "scores": scores,
        "composition": composition,
        "probability": read_probability(connection, lead_id, chance),
        "rules": read_rules(connection, lead_id),
        "fit_criteria_without_points": read_missed_criteria(connection, lead_id),
        "segments": read_segments(connection, lead_id),
        "reset": read_reset(connection, key["lead_key"]),
        "timeline": read_timeline(connection, **key),
    }


def read_scores(connection: duckdb.DuckDBPyConnection, lead_id: str) -> Row:
    """Return the published numbers of a lead, and who it is without saying its name."""
    query = """
        select fct_lead_scores.*, lead_key, is_known, excluded_reason, contacts_count,
            stages.description as stage_description,
            (select value from seeds.settings where setting = 'currency') as currency,
            (select count(*) from scores.fct_lead_scores) as leads_count
        from scores.fct_lead_scores
        join identity.int_leads using (lead_id, as_of_date)
        join activity.dim_leads using (lead_id, is_known)
        left join seeds.stages using (stage) where lead_id = $lead_id"""
    found = fetch(connection, query, lead_id=lead_id)
    if not found:
        raise ActionableError(f"{lead_id} is not scored yet; run `dbt build`")
    return found[0]


def read_composition(connection: duckdb.DuckDBPyConnection, lead_key: int) -> Row:
    """Return the weights and scales that turned this lead's points into its score."""
    query = """
        select fit_weight, engagement_weight, stage_weight, stage_score, stage_rank,
            highest_stage_rank, highest_fit_points, scaling, half_saturation_points,
            max_points
        from scores.int_lead_scored cross join scores.int_score_constants
        join seeds.score_scales on score = 'engagement'
        where lead_key = $lead_key"""
    return fetch_one(connection, query, lead_key=lead_key)


def read_rules(connection: duckdb.DuckDBPyConnection, lead_id: str) -> list[Row]:
    """Return what every rule gave the lead and what was lost on the way."""
    query = """
        select score, rule_id, description, hits, counted_hits, raw_points,
            cap_loss, reset_loss, decay_loss, group_loss, points
        from scores.fct_lead_rule_points join scores.int_rules using (score, rule_id)
        where lead_id = $lead_id
        order by score, points desc, raw_points desc, rule_id"""
    return fetch(connection, query, lead_id=lead_id)


def read_missed_criteria(
    connection: duckdb.DuckDBPyConnection, lead_id: str
) -> list[str]:
    """Return the fit criteria of which no rule gave the lead points."""
    query = """
        select criterion from seeds.fit_rules
        left join scores.fct_lead_rule_points as earned on earned.score = 'fit'
            and earned.lead_id = $lead_id and earned.rule_id = trim(fit_rules.rule_id)
        group by criterion
        having max(fit_rules.points) > 0 and coalesce(max(earned.points), 0) <= 0
        order by max(fit_rules.points) desc, criterion"""
    return [row["criterion"] for row in fetch(connection, query, lead_id=lead_id)]


def read_segments(connection: duckdb.DuckDBPyConnection, lead_id: str) -> list[Row]:
    """Return the segments that the lead is in, the most important one first."""
    query = """
        select segment, label, priority, is_holdout, entered_on
        from segments.fct_segment_members where lead_id = $lead_id order by priority"""
    return fetch(connection, query, lead_id=lead_id)


def read_reset(connection: duckdb.DuckDBPyConnection, lead_key: int) -> Row | None:
    """Return from which day on hits count, if a silence voided what was before."""
    query = """
        select counts_from_date, last_activity_date, (
            select value from seeds.settings where setting = 'inactivity_reset_days'
        ) as reset_days
        from activity.int_lead_spells
        where lead_key = $lead_key and counts_from_date > $long_ago"""
    found = fetch(connection, query, lead_key=lead_key, long_ago=LONG_AGO)
    if not found:
        return None
    days = int(float(found[0]["reset_days"]))
    is_silent = found[0]["counts_from_date"] == NEVER
    return {
        "inactivity_reset_days": days,
        "is_still_silent": is_silent,
        "reset_date": found[0]["last_activity_date"] + timedelta(days=days)
        if is_silent
        else found[0]["counts_from_date"],
    }


def read_timeline(
    connection: duckdb.DuckDBPyConnection, lead_key: int, as_of_date: date
) -> list[Row]:
    """Return what happened day by day, the newest first."""
    query = """
        select event_date, event_type,
            coalesce(event_types.description, event_type) as description,
            sum(hits) as hits, sum(machine_hits) as machine_hits, sum(amount) as amount
        from staging.int_matches_daily
        join identity.int_identifiers_linked using (identifier_id)
        join identity.int_leads using (lead_key)
        join staging.int_matches using (match_id)
        join seeds.event_types using (event_type)
        where lead_key = $lead_key and excluded_reason is null and property is null
            and event_date >= valid_from_date and event_date < valid_to_date
            and event_date <= $as_of_date
        group by event_date, event_type, event_types.description, is_conversion,
            is_activity
        order by is_conversion desc, is_activity desc, hits, min(first_at)"""
    key: Row = {"lead_key": lead_key, "as_of_date": as_of_date}
    days: dict[date, Row] = defaultdict(lambda: {"events": [], "browsers": []})
    for event in fetch(connection, query, **key):
        days[event.pop("event_date")]["events"].append(event)
    for link in read_links(connection, **key):
        days[link.pop("linked_date")]["browsers"].append(link)
    return [{"event_date": day, **days[day]} for day in sorted(days, reverse=True)]


def read_links(
    connection: duckdb.DuckDBPyConnection, lead_key: int, as_of_date: date
) -> list[Row]:
    """Return the days on which an anonymous browser was first seen to be the lead's."""
    query = """
        select min(event_date) as linked_date, identifier_name as browser,
            case when first_seen_date < linked_date and valid_from_date = $long_ago
                then first_seen_date end as browsing_since_date,
            nullif(valid_to_date, $never) as passed_on_date
        from staging.int_links_daily
        join identity.int_identifiers_linked
            on anonymous_identifier_id = int_identifiers_linked.identifier_id
        left join identity.int_identifiers_seen using (identifier_id)
        where lead_key = $lead_key and known_identifier_id in (
                select identifier_id from identity.int_known_identifiers
                where lead_key = $lead_key)
            and event_date >= valid_from_date and event_date < valid_to_date
            and event_date <= $as_of_date
        group by identifier_name, first_seen_date, valid_from_date, valid_to_date"""
    bounds = {"long_ago": LONG_AGO, "never": NEVER}
    return fetch(connection, query, lead_key=lead_key, as_of_date=as_of_date, **bounds)


# --- Printing ------------------------------------------------------------------------


def report_lines(explanation: Row, last: int) -> Iterator[str]:
    """Yield the explanation's lines."""
    as_of = f"as of {explanation['as_of_date']}"
    yield from heading(f"Lead {explanation['lead_id']}", as_of)
    yield from paragraph(explanation["found_by"])
    yield from labelled(headline(explanation))
    yield from probability_lines(explanation["probability"])
    for part in (score_lines, engagement_lines, fit_lines):
        yield ""
        yield from part(explanation)
    yield ""
    yield from timeline_lines(explanation, last)


def headline(explanation: Row) -> Iterator[tuple[str, str]]:
    """Yield label and text of what a reader wants to know first."""
    scores = explanation["scores"]
    score, temperature = number(scores["lead_score"]), scores["temperature"]
    yield "lead score", f"{score} of 100: {temperature}"
    yield (
        "rank",
        f"{scores['score_rank']:,} of {scores['leads_count']:,}, percentile"
        f" {number(scores['score_percentile'], 1)}",
    )
    if scores["disqualified_reason"]:
        yield "disqualified", f"{scores['disqualified_reason']}; left out of campaigns"
    stage = scores["stage_description"] or scores["stage"]
    yield (
        "cell",
        f"{scores['cell']}: fit {scores['fit_grade']}, engagement"
        f" {scores['engagement_grade']}, {stage}",
    )
    yield "next action", scores["next_action"] or ""
    yield "price tier", scores["price_tier"] or ""
    yield "will convert", probability_text(explanation["probability"])
    yield "because", "; ".join(filter(None, top_reasons(scores)))
    yield "reset", reset_text(explanation["reset"])
    yield "segments", "; ".join(map(segment_text, explanation["segments"])) or "none"
    yield "who", who_it_is(scores)


def reset_text(reset: Row | None) -> str:
    """Return what a silence did to the points, if there was one."""
    if reset is None:
        return ""
    days, since = reset["inactivity_reset_days"], reset["reset_date"]
    if reset["is_still_silent"]:
        return f"by {since} silent for {days} days, and still silent: no hit counts"
    return (
        f"back on {since} after {days} days of silence or more: no earlier hit counts"
    )


def top_reasons(scores: Row) -> Iterator[str]:
    """Yield the rules that contribute most."""
    return (scores[f"top_reason_{i}"] for i in (1, 2, 3))


def segment_text(segment: Row) -> str:
    """Return a segment's label, since when, and whether the lead is kept out of it."""
    since = f" since {segment['entered_on']}" if segment["entered_on"] else ""
    held_out = " (held out: gets no campaign)" if segment["is_holdout"] else ""
    return f"{segment['label']}{since}{held_out}"


def who_it_is(scores: Row) -> str:
    """Return what kind of lead it is, what it ordered and when it was last active."""
    if scores["contacts_count"]:
        kind = f"a person with {plural(scores['contacts_count'], 'contact')}"
        kind += " (by name: personal.dim_lead_contacts)"
    else:
        kind = "a person without a contact" if scores["is_known"] else "a visitor"
    parts = [kind]
    if scores["observed_days"] is not None:
        parts.append(f"known for {plural(scores['observed_days'], 'day')}")
    if scores["last_activity_date"]:
        parts.append(f"last active {scores['last_activity_date']}")
    if scores["orders_count"]:
        amount = money(scores["orders_amount"], scores["currency"])
        parts.append(f"{plural(scores['orders_count'], 'order')} worth {amount}")
    return ", ".join(parts)


def score_lines(explanation: Row) -> Iterator[str]:
    """Yield how fit, engagement and stage make the lead score."""
    scores, parts = explanation["scores"], explanation["composition"]
    yield from heading("How the lead score comes about")
    each = {
        "fit": (scores["fit_score"], parts["fit_weight"], fit_formula(explanation)),
        "engagement": (
            scores["engagement_score"],
            parts["engagement_weight"],
            engagement_formula(explanation),
        ),
        "stage": (
            parts["stage_score"],
            parts["stage_weight"],
            stage_formula(explanation),
        ),
    }
    yield from table(
        [
            Column("component"),
            Column("score", is_number=True),
            Column(f"{TIMES} weight", is_number=True),
            Column("= adds", is_number=True),
            Column("score from", is_broken=True),
        ],
        [
            [name, number(score), compact(weight), number(score * weight), formula]
            for name, (score, weight, formula) in each.items()
        ],
        total=["lead score", "", "", number(scores["lead_score"]), ""],
    )


def engagement_formula(explanation: Row) -> str:
    """Return the scale of the engagement score, written out in numbers."""
    parts = explanation["composition"]
    points = explanation["scores"]["engagement_points"]
    if points < 0:
        return f"{number(points)} points: below 0 is 0"
    if parts["scaling"] == "linear":
        highest = compact(parts["max_points"])
        return f"100 {TIMES} {number(points)} / {highest}, at most 100"
    half = compact(parts["half_saturation_points"])
    return f"100 {TIMES} (1 - 2^(-{number(points)} / {half})): {half} points make 50"


def fit_formula(explanation: Row) -> str:
    """Return how fit points become the fit score, in numbers."""
    points = explanation["scores"]["fit_points"]
    highest = explanation["composition"]["highest_fit_points"]
    if not highest or highest <= 0:
        return "no fit rule gives points"
    if points < 0:
        return f"{number(points)} points: below 0 is 0"
    return f"100 {TIMES} {number(points)} / {compact(highest)} possible points"


def stage_formula(explanation: Row) -> str:
    """Return how the rank of the stage becomes the stage score, in numbers."""
    parts, stage = explanation["composition"], explanation["scores"]["stage"]
    highest = parts["highest_stage_rank"]
    if highest is None:
        return "there are no stages"
    return f"100 {TIMES} rank {parts['stage_rank']} ({stage}) / {highest}"


def engagement_lines(explanation: Row) -> Iterator[str]:
    """Yield what each engagement rule gave and what was lost."""
    rules = [rule for rule in explanation["rules"] if rule["score"] == "engagement"]
    yield from heading("Engagement points")
    if not rules:
        yield from paragraph("No rule was met.")
        return
    losses = [name for name in LOSSES if any(number(r[name]) != "0.00" for r in rules)]
    sums = {name: sum(rule[name] for rule in rules) for name in ("raw_points", *LOSSES)}
    yield from table(
        [
            Column("rule", is_broken=True),
            Column("hits", is_number=True),
            Column("counted", is_number=True),
            Column("raw", is_number=True),
            *(Column(f"- {LOSSES[name][0]}", is_number=True) for name in losses),
            Column("= points", is_number=True),
        ],
        [
            [
                rule["description"] or rule["rule_id"],
                f"{rule['hits']:,}",
                f"{rule['counted_hits']:,}",
                number(rule["raw_points"]),
                *(loss(rule[name]) for name in losses),
                number(rule["points"]),
            ]
            for rule in rules
        ],
        total=[
            "engagement points",
            "",
            "",
            number(sums["raw_points"]),
            *(loss(sums[name]) for name in losses),
            number(explanation["scores"]["engagement_points"]),
        ],
    )
    reasons = "; ".join(f"{LOSSES[name][0]}: {LOSSES[name][1]}" for name in losses)
    yield from paragraph(f"Lost to {reasons}." if reasons else "Nothing was lost.")


def loss(points: float) -> str:
    """Return a loss, or nothing for none."""
    text = number(points)
    return "" if text == "0.00" else text


def fit_lines(explanation: Row) -> Iterator[str]:
    """Yield what each fit rule gave."""
    rules = [rule for rule in explanation["rules"] if rule["score"] == "fit"]
    yield from heading("Fit points")
    if rules:
        yield from table(
            [
                Column("rule", is_broken=True),
                Column("raw", is_number=True),
                Column("- better rule", is_number=True),
                Column("= points", is_number=True),
            ],
            [
                [
                    rule["description"] or rule["rule_id"],
                    number(rule["raw_points"]),
                    loss(rule["group_loss"]),
                    number(rule["points"]),
                ]
                for rule in rules
            ],
            total=["fit points", "", "", number(explanation["scores"]["fit_points"])],
        )
    missed = ", ".join(explanation["fit_criteria_without_points"])
    if missed:
        yield from paragraph(f"No points (not known, or does not fit): {missed}.")


def timeline_lines(explanation: Row, last: int) -> Iterator[str]:
    """Yield the newest days, a line or two each."""
    currency, reset = explanation["scores"]["currency"], explanation["reset"]
    days = explanation["timeline"]
    yield from heading("Timeline", "newest first")
    if explanation["scores"]["excluded_reason"]:
        yield from paragraph("Events of staff and test contacts are set aside.")
    elif not days:
        yield from paragraph("Nothing happened yet.")
    pending_reset = reset
    for day in days[:last]:
        if pending_reset and day["event_date"] < pending_reset["reset_date"]:
            text = "── silence: nothing below this line counts ──"
            yield from day_lines(pending_reset["reset_date"], text)
            pending_reset = None
        yield from day_lines(day["event_date"], " · ".join(happened(day, currency)))
    left_out = days[last:]
    if left_out:
        yield from paragraph(
            f"… and {plural(len(left_out), 'earlier date')}, back to"
            f" {left_out[-1]['event_date']}: --last {len(days)} shows all"
        )


def day_lines(day: date, text: str) -> list[str]:
    """Return a date and what happened on it."""
    return paragraph(f"{day}  {text}", hanging=12)


def happened(day: Row, currency: str | None) -> Iterator[str]:
    """Yield what happened on a day: links first, machines last."""
    yield from map(link_text, day["browsers"])
    for event in day["events"]:
        if event["hits"]:
            amount = money(event["amount"], currency) if event["amount"] else ""
            text = f"{event['description']}{times(event['hits'])} {amount}".rstrip()
            yield unbroken(text)
    machine = [
        event["description"] + times(event["machine_hits"])
        for event in day["events"]
        if event["machine_hits"]
    ]
    if machine:
        yield f"by machine, earns nothing: {', '.join(machine)}"


def money(amount: float, currency: str | None) -> str:
    """Return an amount in the shop's currency, if it has one."""
    return f"{number(amount)} {currency or ''}".rstrip()


def times(hits: int) -> str:
    """Return how often, if more than once."""
    return f" {TIMES}{hits:,}" if hits > 1 else ""


def link_text(link: Row) -> str:
    """Return what became known about a browser."""
    browser = link["browser"] or "a browser"
    since = link["browsing_since_date"]
    counts = f" (its visits since {since} count too)" if since else ""
    passed_on = link["passed_on_date"]
    until = f" (somebody else's since {passed_on})" if passed_on else ""
    return f"Recognised on {browser}{counts}{until}"


# --- The command line ---------------------------------------------------------------


def make_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("lead", metavar="LEAD", help="the lead to explain")
    add_database_option(parser)
    parser.add_argument(
        "--last",
        type=positive,
        default=30,
        metavar="N",
        help="dates of the timeline to show (%(default)s); --json has all",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def explain(arguments: argparse.Namespace) -> int:
    """Read the lead and print it."""
    with open_warehouse(arguments.database) as connection:
        explanation = read_explanation(connection, arguments.lead.strip())
    if arguments.json:
        show(json.dumps(explanation, default=str, indent=2).splitlines())
    else:
        show(report_lines(explanation, arguments.last))
    return 0


def main(argv: list[str] | None = None) -> int:
    """Explain a lead; returns the exit code."""
    arguments = make_parser().parse_args(argv)
    return run_reporting_errors(lambda: explain(arguments))


if __name__ == "__main__":
    sys.exit(main())
