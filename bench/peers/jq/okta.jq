def filled: select(. != null and . != "");

.[] | . as $user | .profile as $p | {
  id,
  identifiers: {employee_number: $p.employeeNumber, realm_id: .realmId},
  username: $p.login,
  name: (($p.displayName | filled) // ([$p.firstName, $p.lastName | filled] | join(" "))),
  first_name: $p.firstName,
  last_name: $p.lastName,
  title: $p.title,
  emails: [
    ($p.email | filled | {email: ., is_primary: true, type: "primary"}),
    ($p.secondEmail | filled | select(. != $p.email) | {email: ., is_primary: false, type: "secondary"})
  ],
  phones: [
    ($p.mobilePhone | filled | {number: ., type: "mobile"}),
    ($p.primaryPhone | filled | select(. != $p.mobilePhone) | {number: ., type: "primary"})
  ],
  urls: [$p.profileUrl | filled | {url: ., type: "profile"}],
  status: ({
    ACTIVE: "active", PASSWORD_EXPIRED: "active", RECOVERY: "active", LOCKED_OUT: "active",
    SUSPENDED: "inactive", DEPROVISIONED: "deleted", PROVISIONED: "invited", STAGED: "created"
  }[.status] // .status),
  is_email_verified: ({VERIFIED: true, UNVERIFIED: false}[first(.credentials.emails[]? | select(.type == "PRIMARY")).status]),
  languages: [$p.preferredLanguage | filled],
  timezone: $p.timezone,
  created_at: .created,
  updated_at: .lastUpdated,
  activated_at: .activated,
  status_changed_at: .statusChanged,
  last_login_at: .lastLogin,
  remote_data: $user
}
