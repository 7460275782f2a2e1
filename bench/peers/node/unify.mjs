// The mapping of Okta's user to the unified one, as one writes it by hand.

const STATUS = {
  ACTIVE: "active",
  PASSWORD_EXPIRED: "active",
  RECOVERY: "active",
  LOCKED_OUT: "active",
  SUSPENDED: "inactive",
  DEPROVISIONED: "deleted",
  PROVISIONED: "invited",
  STAGED: "created",
};
const VERIFIED = { VERIFIED: true, UNVERIFIED: false };

export function unify(user) {
  const p = user.profile;
  const emails = [];
  if (p.email) emails.push({ email: p.email, is_primary: true, type: "primary" });
  if (p.secondEmail && p.secondEmail !== p.email)
    emails.push({ email: p.secondEmail, is_primary: false, type: "secondary" });
  const phones = [];
  if (p.mobilePhone) phones.push({ number: p.mobilePhone, type: "mobile" });
  if (p.primaryPhone && p.primaryPhone !== p.mobilePhone) phones.push({ number: p.primaryPhone, type: "primary" });
  const primary = user.credentials.emails?.find((address) => address.type === "PRIMARY");
  return {
    id: user.id,
    identifiers: { employee_number: p.employeeNumber, realm_id: user.realmId },
    username: p.login,
    name: p.displayName || [p.firstName, p.lastName].filter(Boolean).join(" "),
    first_name: p.firstName,
    last_name: p.lastName,
    title: p.title,
    emails,
    phones,
    urls: p.profileUrl ? [{ url: p.profileUrl, type: "profile" }] : [],
    status: STATUS[user.status] ?? user.status,
    is_email_verified: VERIFIED[primary?.status],
    languages: p.preferredLanguage ? [p.preferredLanguage] : [],
    timezone: p.timezone,
    created_at: user.created,
    updated_at: user.lastUpdated,
    activated_at: user.activated,
    status_changed_at: user.statusChanged,
    last_login_at: user.lastLogin,
    remote_data: user,
  };
}
