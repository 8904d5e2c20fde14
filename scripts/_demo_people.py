"""The demo shop's address book: contacts, questionnaires, consents, erasure requests.

People are few beside events, so this is plain Python, one person at a time.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

import _demo_catalogue as shop
import _demo_names as world
from _demo_arrays import choose, scramble
from _demo_behaviour import Calendar, Visitors
from _demo_visits import VERSIONS, Identities

Record = dict[str, Any]
TRANSLITERATED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l"})


@dataclass
class People:
    """The records of one block, and the pools that its events point into."""

    contacts: list[Record] = field(default_factory=list)
    contact_attributes: list[Record] = field(default_factory=list)
    consents: list[Record] = field(default_factory=list)
    erasure_requests: list[Record] = field(default_factory=list)
    contact_ids: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Person:
    """What the records of one person have in common."""

    place: int  # among the contacts of the block
    kind: str
    country: world.Country
    first_name: str
    last_name: str
    gender: str
    email: str
    company: int | None
    created_at: int


def draw_people(
    rng: np.random.Generator,
    visitors: Visitors,
    identities: Identities,
    unsubscribed_at: Any,
    first_number: int,
    calendar: Calendar,
) -> People:
    """Everything the shop knows about the people who became known."""
    people = People(
        contact_ids=list_contact_ids(first_number, int(identities.has_contact.sum()))
    )
    for visitor in np.flatnonzero(identities.is_known).tolist():
        person = draw_person(rng, visitors, identities, visitor, first_number, calendar)
        if identities.has_email[visitor]:
            people.emails += [person.email, f" {person.email.title()} "]
        if identities.has_contact[visitor]:
            left_at = int(unsubscribed_at[visitor])
            draw_records(rng, people, visitors, visitor, person, left_at, calendar)
            if identities.has_twin[visitor]:
                people.contacts.append(make_twin(people, person, calendar))
    return people


def draw_person(
    rng: np.random.Generator,
    visitors: Visitors,
    identities: Identities,
    visitor: int,
    first_number: int,
    calendar: Calendar,
) -> Person:
    """A name, an address, an employer."""
    kind = shop.KINDS[int(visitors.kind[visitor])].name
    country = world.COUNTRIES[int(visitors.country[visitor])]
    is_woman = rng.random() < world.WOMEN_SHARE
    first_name = pick_one(rng, country.women if is_woman else country.men)
    last_name = pick_one(rng, country.last_names)
    has_company = kind == "business"
    company = int(rng.integers(len(world.COMPANIES))) if has_company else None
    number = first_number + visitor
    local = f"{plain(first_name)}.{plain(last_name)}{number}"
    gender = "female" if is_woman else "male"
    if rng.random() < world.DIVERSE_SHARE:
        gender = "diverse"
    has_email = bool(identities.has_email[visitor])
    return Person(
        place=int(identities.contact[visitor]),
        kind=kind,
        country=country,
        first_name=first_name,
        last_name=last_name,
        gender=gender if rng.random() < world.GENDER_SHARE else "",
        email=f"{local}@{pick_domain(rng, kind, company)}" if has_email else "",
        company=company,
        created_at=min(int(identities.known_at[visitor]) + 600, calendar.end - 1),
    )


def pick_one(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    """One of them, all equally likely."""
    return choices[int(rng.integers(len(choices)))]


def plain(name: str) -> str:
    """A name as it is written in an email address."""
    text = unicodedata.normalize("NFKD", name.lower().translate(TRANSLITERATED))
    return "".join(letter for letter in text if letter.isascii() and letter.isalpha())


def pick_domain(rng: np.random.Generator, kind: str, company: int | None) -> str:
    """Whose mail server it is."""
    if company is not None:
        return world.COMPANY_DOMAINS[company]
    if kind == "competitor":
        return pick_one(rng, world.COMPETITOR_DOMAINS)
    if kind in ("staff", "tester"):
        return world.STAFF_DOMAIN
    if kind == "student" and rng.random() < world.UNIVERSITY_SHARE:
        return world.STUDENT_DOMAIN
    return pick_one(rng, world.PERSONAL_DOMAINS)


def list_contact_ids(first_number: int, count: int) -> list[str]:
    """Ids that tell nothing: for each contact its own and that of its twin."""
    numbers = first_number * VERSIONS + np.arange(count * VERSIONS)
    return [f"c-{code:010x}" for code in scramble(numbers, 40).tolist()]


def draw_records(
    rng: np.random.Generator,
    people: People,
    visitors: Visitors,
    visitor: int,
    person: Person,
    unsubscribed_at: int,
    calendar: Calendar,
) -> None:
    """All records of one contact."""
    contact_id = people.contact_ids[person.place * VERSIONS]
    contact = draw_contact(rng, person, contact_id)
    people.contacts.append(contact)
    updated_at = person.created_at + int(rng.integers(5, 60)) * shop.DAY
    if rng.random() < world.UPDATED_CONTACT_SHARE and updated_at < calendar.end:
        people.contacts.append(update_contact(rng, person, contact, updated_at))
    answers = draw_answers(rng, visitors, visitor, person, calendar)
    people.contact_attributes += [
        {"contact_id": contact_id, **each} for each in answers
    ]
    consents = draw_consents(rng, person, unsubscribed_at, calendar)
    people.consents += [{"contact_id": contact_id, **each} for each in consents]
    if person.place % world.ERASURE_EVERY == world.ERASURE_EVERY // 8:
        people.erasure_requests.append(draw_erasure(rng, contact, person, calendar))


def draw_contact(rng: np.random.Generator, person: Person, contact_id: str) -> Record:
    """The contact as it was first entered."""
    country = person.country
    city, region = country.cities[int(rng.integers(len(country.cities)))]
    has_place = rng.random() < world.PLACE_SHARE
    has_company = person.company is not None
    company = person.company or 0
    return {
        "contact_id": contact_id,
        "email": person.email,
        "phone": draw_phone(rng, country),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "birth_date": draw_birth_date(rng, person.kind),
        "gender": person.gender,
        "country": country.code,
        "region": region if has_place else "",
        "city": city if has_place else "",
        "postal_code": fill_digits(rng, country.postal) if has_place else "",
        "language": country.language,
        "company": world.COMPANIES[company] if has_company else "",
        "job_title": pick_one(rng, world.JOB_TITLES) if has_company else "",
        "industry": world.INDUSTRIES[company] if has_company else "",
        "created_at": as_time(person.created_at),
        "updated_at": as_time(person.created_at),
        "is_test": person.kind == "tester",
    }


def update_contact(
    rng: np.random.Generator, person: Person, contact: Record, updated_at: int
) -> Record:
    """A later version: someone moved, or told us a phone number."""
    country = person.country
    city, region = country.cities[int(rng.integers(len(country.cities)))]
    return {
        **contact,
        "phone": contact["phone"] or draw_phone(rng, country, 1.0),
        "city": city,
        "region": region,
        "postal_code": fill_digits(rng, country.postal),
        "updated_at": as_time(updated_at),
    }


def make_twin(people: People, person: Person, calendar: Calendar) -> Record:
    """A second contact with the same email, typed in by somebody else."""
    created_at = min(person.created_at + 9 * shop.DAY, calendar.end - 60)
    return {
        **people.contacts[-1],
        "contact_id": people.contact_ids[person.place * VERSIONS + 1],
        "email": f" {person.email.upper()}",
        "phone": "",
        "first_name": person.first_name.upper(),
        "created_at": as_time(created_at),
        "updated_at": as_time(created_at),
    }


def draw_phone(
    rng: np.random.Generator, country: world.Country, share: float = world.PHONE_SHARE
) -> str:
    """A number as people write it: national, or international in two ways."""
    number = fill_digits(rng, country.phone)
    style, has_phone = int(rng.integers(4)), rng.random() < share
    if not has_phone:
        return ""
    if style < 2:
        return number
    international = number if country.code == "ES" else number.removeprefix("0")
    prefix = "+" if style == 2 or country.code == "US" else "00"
    return f"{prefix}{country.dial} {international}"


def fill_digits(rng: np.random.Generator, pattern: str) -> str:
    """The pattern with a digit for each `#`."""
    digits = iter(rng.integers(10, size=pattern.count("#")).tolist())
    return "".join(str(next(digits)) if letter == "#" else letter for letter in pattern)


def draw_birth_date(rng: np.random.Generator, kind: str) -> date | None:
    """Students are young; half of the people do not say."""
    year = int(rng.integers(1999, 2008) if kind == "student" else rng.normal(1978, 14))
    day = date(min(max(year, 1935), 2007), 1, 1) + timedelta(int(rng.integers(365)))
    return day if rng.random() < world.BIRTH_DATE_SHARE else None


def draw_answers(
    rng: np.random.Generator,
    visitors: Visitors,
    visitor: int,
    person: Person,
    calendar: Calendar,
) -> Iterator[Record]:
    """Answers to the questionnaire: mostly true, some left out, some updated."""
    answers = {
        "household_size": str(1 + min(int(rng.poisson(1.3)), 6)),
        "home_ownership": "owner" if visitors.is_owner[visitor] else "tenant",
        "garden": "yes" if visitors.has_garden[visitor] else "no",
        "budget_band": shop.BUDGETS[int(visitors.budget[visitor])],
        "occupation": pick_one(rng, world.OCCUPATIONS),
        "newsletter_topic": pick_one(rng, world.TOPICS),
    }
    wrong = {"home_ownership": "tenant", "garden": "no", "household_size": "many"}
    if person.kind == "student":
        answers["occupation"] = "student"
    if person.kind != "student" and rng.random() > world.QUESTIONNAIRE_SHARE:
        return
    asked_at = person.created_at + int(rng.integers(0, 6 * shop.DAY))
    for attribute, value in answers.items():
        is_answered, is_wrong, is_updated = rng.random(3) < (
            world.ANSWER_SHARE,
            world.WRONG_ANSWER_SHARE,
            world.UPDATED_ANSWER_SHARE,
        )
        if not is_answered and value != "student":
            continue
        origin = world.ORIGINS[int(choose(rng, world.ORIGIN_WEIGHTS, 1)[0])]
        first = wrong.get(attribute, value) if is_wrong or is_updated else value
        versions = [(first, asked_at)]
        if is_updated:
            versions.append((value, asked_at + int(rng.integers(10, 80)) * shop.DAY))
        for text, moment in versions:
            if moment < calendar.end:
                yield {
                    "attribute": attribute,
                    "value": text,
                    "origin": origin,
                    "updated_at": as_time(moment),
                }


def draw_consents(
    rng: np.random.Generator,
    person: Person,
    unsubscribed_at: int,
    calendar: Calendar,
) -> Iterator[Record]:
    """What the contact agreed to, took back, or objected to."""
    for purpose, share in world.CONSENT_SHARES.items():
        grants, withdraws = rng.random(2) < (share, world.WITHDRAWN_SHARES[purpose])
        later = person.created_at + int(rng.integers(3, 90)) * shop.DAY
        is_left = purpose == "email" and unsubscribed_at < calendar.end
        objects = purpose == "profiling" and person.place % world.OBJECTION_EVERY == 6
        if (grants or is_left) and not objects:
            yield make_consent(purpose, "granted", person.created_at)
        if is_left:
            yield make_consent(purpose, "withdrawn", unsubscribed_at)
        elif objects:
            yield make_consent(purpose, "withdrawn", person.created_at)
        elif grants and withdraws and later < calendar.end:
            yield make_consent(purpose, "withdrawn", later)


def make_consent(purpose: str, status: str, moment: int) -> Record:
    """One change of a consent."""
    return {"purpose": purpose, "status": status, "occurred_at": as_time(moment)}


def draw_erasure(
    rng: np.random.Generator, contact: Record, person: Person, calendar: Calendar
) -> Record:
    """Somebody asks to be forgotten, by contact, by email, or both."""
    earliest = max(person.created_at, calendar.start)
    left = max(calendar.end - earliest, 1)
    names_email = rng.random() < 0.7 and contact["email"] != ""
    names_contact = not names_email or rng.random() < 0.6
    return {
        "contact_id": contact["contact_id"] if names_contact else "",
        "email": contact["email"] if names_email else "",
        "requested_at": as_time(earliest + int(rng.integers(left))),
    }


def as_time(seconds: int) -> datetime:
    """A moment in UTC, without zone."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
