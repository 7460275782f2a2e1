"""The mapping of Okta's user to the unified one, as one writes it by hand."""

STATUS = {
    "ACTIVE": "active",
    "PASSWORD_EXPIRED": "active",
    "RECOVERY": "active",
    "LOCKED_OUT": "active",
    "SUSPENDED": "inactive",
    "DEPROVISIONED": "deleted",
    "PROVISIONED": "invited",
    "STAGED": "created",
}
VERIFIED = {"VERIFIED": True, "UNVERIFIED": False}


def unify(user):
    profile = user["profile"]
    get = profile.get
    first_name, last_name = get("firstName"), get("lastName")
    emails = []
    email, second_email = get("email"), get("secondEmail")
    if email:
        emails.append({"email": email, "is_primary": True, "type": "primary"})
    if second_email and second_email != email:
        emails.append({"email": second_email, "is_primary": False, "type": "secondary"})
    phones = []
    mobile, primary = get("mobilePhone"), get("primaryPhone")
    if mobile:
        phones.append({"number": mobile, "type": "mobile"})
    if primary and primary != mobile:
        phones.append({"number": primary, "type": "primary"})
    url, language = get("profileUrl"), get("preferredLanguage")
    verified = None
    for address in user["credentials"].get("emails") or ():
        if address["type"] == "PRIMARY":
            verified = VERIFIED.get(address["status"])
            break
    status = user["status"]
    return {
        "id": user["id"],
        "identifiers": {"employee_number": get("employeeNumber"), "realm_id": user.get("realmId")},
        "username": get("login"),
        "name": get("displayName") or " ".join(part for part in (first_name, last_name) if part),
        "first_name": first_name,
        "last_name": last_name,
        "title": get("title"),
        "emails": emails,
        "phones": phones,
        "urls": [{"url": url, "type": "profile"}] if url else [],
        "status": STATUS.get(status, status),
        "is_email_verified": verified,
        "languages": [language] if language else [],
        "timezone": get("timezone"),
        "created_at": user["created"],
        "updated_at": user["lastUpdated"],
        "activated_at": user["activated"],
        "status_changed_at": user["statusChanged"],
        "last_login_at": user["lastLogin"],
        "remote_data": user,
    }
