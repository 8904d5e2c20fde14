"""Who lives in the demo shop's world: names, places, numbers. All fictitious."""

from typing import NamedTuple


class Country(NamedTuple):
    """A country, what its people are called and how they write a phone number.

    In `phone`, `#` is any digit; numbers come from ranges kept for fiction where the
    country has one.
    """

    code: str
    weight: float
    is_core: bool
    currency: int  # place in CURRENCIES
    language: str
    dial: str
    phone: str
    postal: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    last_names: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]  # (city, region)


COUNTRIES = (
    Country(
        *("DE", 0.34, True, 0, "de", "49", "0171 39200##", "#####"),
        ("Anna", "Käthe", "Jana", "Süheyla", "Lena", "Birgit"),
        ("Jürgen", "Lukas", "Björn", "Mehmet", "Matthias", "Uwe"),
        ("Müller", "Schäfer", "Weiß", "Öztürk", "Groß", "Vogel", "Böhm", "Lange"),
        (("Köln", "Nordrhein-Westfalen"), ("München", "Bayern"), ("Kiel", "Holstein")),
    ),
    Country(
        *("AT", 0.09, True, 0, "de", "43", "0664 55501##", "####"),
        ("Theresa", "Magdalena", "Zoë", "Sabine"),
        ("Florian", "Jörg", "Andreas", "Gábor"),
        ("Gruber", "Höfer", "Pichler", "Nagy", "Öllinger"),
        (("Wien", "Wien"), ("Graz", "Steiermark"), ("Linz", "Oberösterreich")),
    ),
    Country(
        *("CH", 0.06, True, 0, "de", "41", "079 555 01 ##", "####"),
        ("Chantal", "Ursina", "Noëlle", "Regula"),
        ("Reto", "Urs", "Loïc", "Beat"),
        ("Zürcher", "Bühler", "Favre", "Rossi", "Ammann"),
        (("Zürich", "Zürich"), ("Genève", "Genève"), ("Basel", "Basel-Stadt")),
    ),
    Country(
        *("FR", 0.13, False, 0, "fr", "33", "06 39 98 ## ##", "75###"),
        ("Chloé", "Hélène", "Aïcha", "Margaux", "Zoé"),
        ("François", "Jérôme", "Théo", "Karim", "Benoît"),
        ("Lefèvre", "Garçon", "Benali", "Moreau", "D'Aubigné", "Noël"),
        (("Lyon", "Rhône-Alpes"), ("Orléans", "Centre"), ("Nîmes", "Occitanie")),
    ),
    Country(
        *("GB", 0.10, False, 2, "en", "44", "07700 900###", "SW1A #AA"),
        ("Siân", "Olivia", "Priya", "Zoe", "Heather"),
        ("Oliver", "Rhys", "Imran", "Callum", "George"),
        ("Smith", "O'Connor", "Patel", "Llewellyn", "Brontë-Hughes"),
        (("Leeds", "England"), ("Cardiff", "Wales"), ("Dundee", "Scotland")),
    ),
    Country(
        *("NL", 0.07, True, 0, "nl", "31", "06 555501##", "10## AB"),
        ("Sanne", "Fleur", "Noor", "Renée"),
        ("Daan", "Jeroen", "Sjoerd", "René"),
        ("de Vries", "van den Berg", "Bakker", "El Amrani"),
        (("Utrecht", "Utrecht"), ("Breda", "Noord-Brabant")),
    ),
    Country(
        *("PL", 0.05, False, 0, "pl", "48", "500 550 1##", "00-###"),
        ("Zofia", "Małgorzata", "Agnieszka", "Łucja"),
        ("Łukasz", "Paweł", "Michał", "Stanisław"),
        ("Wójcik", "Kamiński", "Dąbrowska", "Żak"),
        (("Łódź", "Łódzkie"), ("Kraków", "Małopolskie")),
    ),
    Country(
        *("ES", 0.05, False, 0, "es", "34", "600 550 1##", "28###"),
        ("Lucía", "Begoña", "Inés", "María José"),
        ("Íñigo", "Ángel", "Jesús", "Joaquín"),
        ("García", "Muñoz", "Núñez", "Ibáñez"),
        (("Málaga", "Andalucía"), ("A Coruña", "Galicia")),
    ),
    Country(
        *("SE", 0.04, False, 0, "sv", "46", "070 174 06 ##", "1## ##"),
        ("Åsa", "Linnéa", "Elsa", "Frida"),
        ("Björn", "Göran", "Måns", "Axel"),
        ("Åkesson", "Lindström", "Sjöberg", "Öberg"),
        (("Malmö", "Skåne"), ("Umeå", "Västerbotten")),
    ),
    Country(
        *("US", 0.07, False, 1, "en", "1", "(650) 555-01##", "9####"),
        ("Emily", "María", "Thu", "Grace"),
        ("José", "Tyler", "Minh", "William"),
        ("Johnson", "Hernández", "Nguyễn", "McAllister"),
        (("San José", "California"), ("Portland", "Oregon"), ("Austin", "Texas")),
    ),
)

PERSONAL_DOMAINS = ("mail.example", "inbox.example", "post.example")
COMPETITOR_DOMAINS = ("rival-garden.example", "greenthumb-rival.example")
STAFF_DOMAIN = "shop.example"
STUDENT_DOMAIN = "university.example"

COMPANIES = (
    *("Café Grün", "Hotel Seeblick", "Gärtnerei Böhm", "Büro Nord", "Müller & Söhne"),
    *("Atelier Été", "Northwind Estates", "Jardins du Sud", "Villa Service"),
)
COMPANY_DOMAINS = (
    *("cafe-gruen.example", "hotel-seeblick.example", "gaertnerei-boehm.example"),
    *("buero-nord.example", "mueller-soehne.example", "atelier-ete.example"),
    *("northwind-estates.example", "jardins-du-sud.example", "villa-service.example"),
)
INDUSTRIES = (
    *("hospitality", "hospitality", "horticulture", "offices", "construction"),
    *("design", "real estate", "landscaping", "facility management"),
)
JOB_TITLES = ("Owner", "Purchasing manager", "Facility manager", "Geschäftsführer")

OCCUPATIONS = ("employed", "self-employed", "retired", "homemaker")
TOPICS = ("garden", "interior", "offers", "diy")
ORIGINS = ("form", "team", "enrichment")
ORIGIN_WEIGHTS = (0.7, 0.15, 0.15)

WOMEN_SHARE, DIVERSE_SHARE, UNIVERSITY_SHARE = 0.54, 0.02, 0.4
QUESTIONNAIRE_SHARE, ANSWER_SHARE, WRONG_ANSWER_SHARE = 0.6, 0.85, 0.04
UPDATED_ANSWER_SHARE, UPDATED_CONTACT_SHARE = 0.08, 0.15
PHONE_SHARE, BIRTH_DATE_SHARE, GENDER_SHARE, PLACE_SHARE = 0.6, 0.5, 0.7, 0.85
ERASURE_EVERY = 150  # of the contacts
CONSENT_SHARES = {"email": 0.8, "sms": 0.15, "ads": 0.5, "profiling": 0.75}
WITHDRAWN_SHARES = {"email": 0.0, "sms": 0.1, "ads": 0.08, "profiling": 0.05}
OBJECTION_EVERY = 40  # of the contacts: objects to profiling without having agreed
