"""Okta's user object. Two lists: the plain one leaves out deactivated people, a filter reads them."""

from people import DEPARTMENTS, FAMILY, GIVEN, ROUND_MARK, TITLES, ascii_only

STATUSES = {
    "ACTIVE": 80,
    "DEPROVISIONED": 8,
    "PROVISIONED": 3,
    "SUSPENDED": 3,
    "STAGED": 2,
    "PASSWORD_EXPIRED": 2,
    "RECOVERY": 1,
    "LOCKED_OUT": 1,
}
LISTS = ("current", "deprovisioned")
ACTIONS = {
    "suspend": "suspend",
    "resetPassword": "reset_password",
    "expirePassword": "expire_password",
    "deactivate": "deactivate",
}


def record(draw, number):
    person = draw.person(number)
    status = draw.choices(tuple(STATUSES), tuple(STATUSES.values()))[0]
    user_id = f"00u{draw.token(9)}{ROUND_MARK}"
    profile = _profile(draw, number, person)
    # Like life: some people lack a name part, some have the same address or number twice, some fields are empty.
    if draw.chance(0.005):
        profile["lastName"] = None
    if draw.chance(0.01):
        profile["secondEmail"] = profile["email"]
    if draw.chance(0.01):
        profile["title"] = ""
        profile["displayName"] = ""
    if profile.get("primaryPhone") and draw.chance(0.02):
        profile["primaryPhone"] = profile["mobilePhone"]
    self_link = f"https://acme.example.com/api/v1/users/{user_id}"
    links = {"self": {"href": self_link}}
    if person["detail"] == 2:
        for name, action in ACTIONS.items():
            links[name] = {"href": f"{self_link}/lifecycle/{action}", "method": "POST"}
        links["schema"] = {"href": f"https://acme.example.com/api/v1/meta/schemas/user/osc{draw.token(17)}"}
    user = {
        "id": user_id,
        "status": status,
        "created": draw.time(2012, 2018),
        "activated": None if status == "STAGED" else draw.time(2012, 2018),
        "statusChanged": draw.time(2018, 2023),
        "lastLogin": draw.time(2024, 2025) if status == "ACTIVE" and draw.chance(0.9) else None,
        "lastUpdated": draw.time(2024, 2025),
        "passwordChanged": draw.time(2020, 2025) if draw.chance(0.8) else None,
        "realmId": f"guo{draw.token(17)}",
        "type": {"id": f"oty{draw.token(17)}"},
        "profile": profile,
        "credentials": {
            "password": {},
            "emails": _addresses(draw, profile),
            "recovery_question": {"question": "Which street did you grow up in?"},
            "provider": {"type": "OKTA" if draw.chance(0.7) else "ACTIVE_DIRECTORY", "name": "OKTA"},
        },
        "_links": links,
    }
    return ("deprovisioned" if status == "DEPROVISIONED" else "current"), user_id, user


def _profile(draw, number, person):
    detail, (city, region, country, postal_code, zone, locale) = person["detail"], person["place"]
    profile = {
        "firstName": person["given"],
        "lastName": person["family"],
        "mobilePhone": draw.phone() if detail and draw.chance(0.7) else None,
        "secondEmail": f"{ascii_only(person['given'])}.{number}@example.org" if draw.chance(0.5) else None,
        "login": person["login"],
        "email": person["login"],
    }
    if detail >= 1:
        profile |= {
            "displayName": f"{person['given']} {person['family']}",
            "title": draw.choice(TITLES),
            "department": draw.choice(DEPARTMENTS),
            "organization": "Acme Example, Inc.",
            "employeeNumber": f"E{number:06d}",
            "userType": draw.choice(("Employee", "Contractor")),
            "locale": locale,
            "timezone": zone,
            "preferredLanguage": locale[:2],
            "city": city,
            "state": region,
            "countryCode": country,
            "managerId": f"00u{draw.token(17)}",
            "manager": f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}",
            "costCenters": [f"CC-{draw.randint(1, 9999):04d}" for _ in range(draw.randint(1, 4))],
        }
    if detail >= 2:
        profile |= {
            "nickName": person["given"][:3],
            "middleName": draw.choice(GIVEN),
            "honorificPrefix": draw.choice(("Dr.", "Ms.", "Mr.")),
            "primaryPhone": draw.phone(),
            "streetAddress": f"{draw.randint(1, 999)} Example Street, Suite {draw.randint(1, 99)}\n2nd floor",
            "zipCode": postal_code,
            "postalAddress": f"PO Box {draw.randint(1, 9999)}",
            "division": f"Division {draw.choice('ABCDEF')}",
            "profileUrl": f"https://people.example.com/u/{number}",
            "hireDate": draw.time(2015, 2025)[:10],
            "badgeNumber": draw.randint(10000, 99999),
            "remoteWorker": draw.chance(0.3),
            "about": f'Works in {draw.choice(DEPARTMENTS)}. Likes "tea" \\ coffee; see https://example.com/~{number}',
            "samAccountName": f"{ascii_only(person['given'])[:8]}{number}",
            "distinguishedName": f"CN={person['given']} {person['family']},OU=Users,DC=example,DC=com",
        }
    return profile


def _addresses(draw, profile):
    addresses = [
        {
            "value": profile["email"],
            "status": "VERIFIED" if draw.chance(0.95) else "UNVERIFIED",
            "type": "PRIMARY",
        }
    ]
    if profile["secondEmail"]:
        addresses.append(
            {
                "value": profile["secondEmail"],
                "status": "VERIFIED" if draw.chance(0.5) else "UNVERIFIED",
                "type": "SECONDARY",
            }
        )
    return addresses
