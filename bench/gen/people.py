"""Invented people, drawn from one seeded stream, and the small values that all shapes share.

Names are combinations of common given and family names in several scripts; addresses are of example.com and
example.org, telephone numbers of the range kept for fiction.
"""

import random

# Eight digits that stand in every id, login and link of a record, and nowhere else on purpose. The mock provider
# writes the number of the round over the six in the middle, to serve more people than were generated: all distinct.
ROUND_MARK = "90000009"

GIVEN = (
    "Aiko Amara Anders Beatriz Bjørn Carlos Chloé Dmitri Elif Émile Fatima Giorgos Hana Hugo Ingrid Ivan Jiří João "
    "Kenji Lars Leïla Małgorzata Mei Nadia Noor Olga Omar Paulo Priya Quentin Ravi Rosa Sakura Søren Tariq Uma "
    "Václav Wei Ximena Yara Zoë 明 太郎 Наталья محمد"
).split()
FAMILY = (
    "Ōe Okafor Svensson Ferreira Ødegård Lefèvre Yılmaz Dupont Haddad Papadopoulos Suzuki Müller Nilsen Novák Silva "
    "Tanaka Larsen Benali Kowalska Zhang Hassan Farouk Costa Sharma Delgado Yamamoto Kjær Aziz Rao Horák Chen "
    "Morales Mensah O'Brien Van-der-Berg 田中 Петрова العلي"
).split()
TITLES = (
    "Software Engineer",
    "Senior Software Engineer",
    "Account Executive",
    "VP, Sales & Marketing",
    'Director "Special Projects"',
    "Support Engineer II",
    "Data Analyst",
    "Product Manager",
    "People Partner",
    "Chef d’équipe",
)
DEPARTMENTS = (
    "Engineering",
    "Sales",
    "People & Culture",
    "Finance",
    "Legal",
    "IT\\Operations",
    "Customer Success",
    "R&D",
)
# city, region, country, postal code, time zone, locale
PLACES = (
    ("San Francisco", "CA", "US", "94107", "America/Los_Angeles", "en_US"),
    ("New York", "NY", "US", "10013", "America/New_York", "en_US"),
    ("Zürich", "ZH", "CH", "8005", "Europe/Zurich", "de_CH"),
    ("Berlin", "BE", "DE", "10117", "Europe/Berlin", "de_DE"),
    ("São Paulo", "SP", "BR", "01310-100", "America/Sao_Paulo", "pt_BR"),
    ("東京", "13", "JP", "100-0005", "Asia/Tokyo", "ja_JP"),
    ("London", "", "GB", "EC2A 4NE", "Europe/London", "en_GB"),
    ("Bengaluru", "KA", "IN", "560001", "Asia/Kolkata", "en_IN"),
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Draw(random.Random):
    """A seeded stream with the draws the shapes need."""

    def chance(self, share):
        return self.random() < share

    def token(self, length, alphabet=LETTERS):
        return "".join(self.choices(alphabet, k=length))

    def phone(self):
        return f"+1-{self.randint(200, 989)}-555-01{self.randint(0, 99):02d}"

    def time(self, first_year, last_year):
        return (
            f"{self.randint(first_year, last_year)}-{self.randint(1, 12):02d}-{self.randint(1, 28):02d}"
            f"T{self.randint(0, 23):02d}:{self.randint(0, 59):02d}:{self.randint(0, 59):02d}.000Z"
        )

    def person(self, number):
        given, family = self.choice(GIVEN), self.choice(FAMILY)
        return {
            "given": given,
            "family": family,
            "handle": f"{ascii_only(given)}{number}{ROUND_MARK}",
            "login": f"{ascii_only(given)}.{ascii_only(family)}.{number}{ROUND_MARK}@example.com",
            "place": self.choice(PLACES),
            # How much the profile holds: a quarter bare, half usual, a quarter full.
            "detail": self.choices((0, 1, 2), (25, 50, 25))[0],
        }


def ascii_only(text):
    return "".join(c if c.isascii() and c.isalnum() else "x" for c in text).lower()
