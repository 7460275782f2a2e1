"""GitLab's user object as an administrator sees it: numeric ids, flat, many nulls."""

from people import DEPARTMENTS, ROUND_MARK, TITLES

LISTS = ("current",)


def record(draw, number):
    person = draw.person(number)
    user_id = int(f"{ROUND_MARK}{number:06d}")
    user = {
        "id": user_id,
        "username": person["handle"],
        "public_email": "",
        "name": f"{person['given']} {person['family']}",
        "state": draw.choices(("active", "blocked", "deactivated"), (9, 1, 1))[0],
        "locked": False,
        "avatar_url": f"https://avatars.example.org/{draw.token(32)}?s=80&d=identicon",
        "web_url": f"https://gitlab.example.com/{person['handle']}",
        "created_at": draw.time(2015, 2025),
        "bio": f'Works in "{draw.choice(DEPARTMENTS)}"' if person["detail"] else "",
        "location": person["place"][0],
        "linkedin": "",
        "website_url": "",
        "job_title": draw.choice(TITLES),
        "pronouns": None,
        "organization": "Acme",
        "bot": False,
        "work_information": None,
        "followers": draw.randint(0, 20),
        "following": 0,
        "is_followed": False,
        "local_time": "3:38 PM",
        "last_sign_in_at": draw.time(2024, 2025),
        "confirmed_at": draw.time(2012, 2018),
        "last_activity_on": draw.time(2024, 2025)[:10],
        "email": person["login"],
        "theme_id": 1,
        "color_scheme_id": 1,
        "projects_limit": 100000,
        "current_sign_in_at": draw.time(2024, 2025),
        "identities": [{"provider": "saml", "extern_uid": draw.token(20), "saml_provider_id": 10}]
        if person["detail"]
        else [],
        "can_create_group": True,
        "can_create_project": True,
        "two_factor_enabled": draw.chance(0.6),
        "external": draw.chance(0.05),
        "private_profile": False,
        "commit_email": person["login"],
        "is_admin": draw.chance(0.02),
        "note": None,
        "created_by": None,
        "using_license_seat": True,
        "is_auditor": False,
    }
    return "current", str(user_id), user
