-- Times are microseconds since 1970 in UTC; `details`, `settings`, `scopes`, `overrides` and `last_error` hold JSON.

CREATE TABLE environments (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

-- Keys that seal, each wrapped by a master key; the highest generation seals what is new.
CREATE TABLE data_keys (
    id TEXT NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL UNIQUE,
    wrapped BLOB NOT NULL,
    master_key_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A data key in use cannot be removed: the reference forbids it.
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    environment_id TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    connector TEXT NOT NULL,
    label TEXT,
    auth TEXT NOT NULL,
    settings TEXT NOT NULL,
    base_url TEXT,
    external_id TEXT,
    overrides TEXT NOT NULL,
    status TEXT NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    credential BLOB NOT NULL,
    credential_version INTEGER NOT NULL,
    data_key_id TEXT NOT NULL REFERENCES data_keys (id),
    UNIQUE (environment_id, id)
) STRICT;
CREATE INDEX accounts_by_external_id ON accounts (environment_id, external_id);
CREATE INDEX accounts_by_data_key ON accounts (data_key_id);

-- The pair of references keeps a token and its account in one environment.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    environment_id TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    account_id TEXT,
    label TEXT,
    scopes TEXT NOT NULL,
    details TEXT NOT NULL,
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    used_at INTEGER,
    used_by TEXT,
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX tokens_by_environment ON tokens (environment_id, id);
CREATE INDEX tokens_by_account ON tokens (environment_id, account_id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE sign_ins (
    state_digest TEXT NOT NULL PRIMARY KEY,
    environment_id TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    payload BLOB NOT NULL,
    data_key_id TEXT NOT NULL REFERENCES data_keys (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);
CREATE INDEX sign_ins_by_environment ON sign_ins (environment_id);
CREATE INDEX sign_ins_by_data_key ON sign_ins (data_key_id);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    fence INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Fences come from here and not from the lease, so that they grow also across leases that were swept.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO counters (name, value) VALUES ('fence', 0);

-- No reference: what was done outlives what it was done to.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    environment_id TEXT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT,
    request_id TEXT,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_environment ON audit (environment_id, id);
