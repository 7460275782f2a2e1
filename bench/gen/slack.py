"""Slack's member object, with the escapes Slack writes: ASCII only, and a backslash before each slash."""

from people import ROUND_MARK, TITLES, ascii_only

LISTS = ("current",)
BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def record(draw, number):
    person = draw.person(number)
    user_id = f"U{_base36(number)}{ROUND_MARK}"
    picture = f"https://avatars.example.org/{draw.randint(10**11, 10**12)}_{draw.token(20, '0123456789abcdef')}"
    full_name = f"{person['given']} {person['family']}"
    in_meeting = draw.chance(0.2)
    profile = {
        "title": draw.choice(TITLES) if person["detail"] else "",
        "phone": draw.phone() if person["detail"] == 2 else "",
        "skype": "",
        "real_name": full_name,
        "real_name_normalized": f"{ascii_only(person['given'])} {ascii_only(person['family'])}",
        "display_name": person["handle"],
        "display_name_normalized": person["handle"],
        "fields": None,
        "status_text": "In a meeting \U0001f4c6" if in_meeting else "",
        "status_emoji": ":calendar:" if in_meeting else "",
        "status_expiration": 0,
        "avatar_hash": f"g{draw.token(11, '0123456789abcdef')}",
        "email": person["login"],
        "first_name": person["given"],
        "last_name": person["family"],
        "team": "TEXAMPLE1",
    }
    for side in (24, 32, 48, 72, 192, 512):
        profile[f"image_{side}"] = f"{picture}_{side}.png"
    member = {
        "id": user_id,
        "team_id": "TEXAMPLE1",
        "name": person["handle"],
        "deleted": draw.chance(0.1),
        "color": draw.token(6, "0123456789abcdef"),
        "real_name": full_name,
        "tz": person["place"][4],
        "tz_label": "Standard Time",
        "tz_offset": draw.choice((-28800, 3600, 19800)),
        "profile": profile,
        "is_admin": draw.chance(0.05),
        "is_owner": draw.chance(0.01),
        "is_primary_owner": False,
        "is_restricted": draw.chance(0.05),
        "is_ultra_restricted": False,
        "is_bot": draw.chance(0.03),
        "is_app_user": False,
        "updated": draw.randint(1_500_000_000, 1_790_000_000),
        "is_email_confirmed": True,
        "has_2fa": draw.chance(0.6),
        "who_can_share_contact_card": "EVERYONE",
    }
    return "current", user_id, member


def _base36(number):
    digits = ""
    while number or len(digits) < 4:
        number, digit = divmod(number, 36)
        digits = BASE36[digit] + digits
    return digits
