"""Google Workspace's directory user. Written with line breaks inside the record, as Google's servers do."""

from people import DEPARTMENTS, ROUND_MARK, TITLES

LISTS = ("current",)


def record(draw, number):
    person = draw.person(number)
    user_id = f"1{draw.token(6, '0123456789')}{number:06d}{ROUND_MARK}"
    user = {
        "kind": "admin#directory#user",
        "id": user_id,
        "etag": f'"{draw.token(40)}/{draw.token(27)}"',
        "primaryEmail": person["login"],
        "name": {
            "givenName": person["given"],
            "familyName": person["family"],
            "fullName": f"{person['given']} {person['family']}",
        },
        "isAdmin": draw.chance(0.02),
        "isDelegatedAdmin": False,
        "lastLoginTime": draw.time(2024, 2025),
        "creationTime": draw.time(2012, 2018),
        "agreedToTerms": True,
        "suspended": draw.chance(0.08),
        "archived": False,
        "changePasswordAtNextLogin": False,
        "ipWhitelisted": False,
        "emails": [{"address": person["login"], "primary": True}],
        "languages": [{"languageCode": person["place"][5][:2], "preference": "preferred"}],
        "customerId": "C0example",
        "orgUnitPath": draw.choice(("/", "/Engineering", "/Sales/EMEA")),
        "isMailboxSetup": True,
        "isEnrolledIn2Sv": draw.chance(0.7),
        "isEnforcedIn2Sv": False,
        "includeInGlobalAddressList": True,
    }
    if person["detail"] >= 1:
        user |= {
            "phones": [{"value": draw.phone(), "type": "work", "primary": True}],
            "organizations": [
                {
                    "title": draw.choice(TITLES),
                    "primary": True,
                    "customType": "",
                    "department": draw.choice(DEPARTMENTS),
                    "costCenter": f"CC-{number}",
                }
            ],
            "relations": [{"value": "manager@example.com", "type": "manager"}],
            "thumbnailPhotoUrl": f"https://photos.example.org/{draw.token(40)}",
        }
    if person["detail"] >= 2:
        user |= {
            "addresses": [
                {
                    "type": "work",
                    "formatted": f"1 Example Street\n{person['place'][0]}",
                    "locality": person["place"][0],
                    "countryCode": person["place"][2],
                }
            ],
            "externalIds": [{"value": f"E{number:06d}", "type": "organization"}],
            "customSchemas": {"hr": {"badge": number, "shirt": "M"}},
            "recoveryEmail": f"recovery.{number}@example.org",
            "recoveryPhone": "+12025550100",
        }
    return "current", user_id, user
