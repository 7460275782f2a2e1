-- Times are microseconds since 1970 in UTC; `details`, `settings`, `scopes`, `overrides` and `last_error` hold JSON.
-- Ids compare byte by byte, whatever the locale of the database.

CREATE TABLE environments (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- Keys that seal, each wrapped by a master key; the highest generation seals what is new.
CREATE TABLE data_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL UNIQUE,
    wrapped BYTEA NOT NULL,
    master_key_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- A data key in use cannot be removed: the reference forbids it.
CREATE TABLE accounts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    environment_id TEXT COLLATE "C" NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    connector TEXT NOT NULL,
    label TEXT,
    auth TEXT NOT NULL,
    settings TEXT NOT NULL,
    base_url TEXT,
    external_id TEXT,
    overrides TEXT NOT NULL,
    status TEXT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    credential BYTEA NOT NULL,
    credential_version BIGINT NOT NULL,
    data_key_id TEXT COLLATE "C" NOT NULL REFERENCES data_keys (id),
    UNIQUE (environment_id, id)
);
CREATE INDEX accounts_by_external_id ON accounts (environment_id, external_id);
CREATE INDEX accounts_by_data_key ON accounts (data_key_id);

-- The pair of references keeps a token and its account in one environment.
CREATE TABLE tokens (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    environment_id TEXT COLLATE "C" NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    account_id TEXT COLLATE "C",
    label TEXT,
    scopes TEXT NOT NULL,
    details TEXT NOT NULL,
    digest BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    used_at BIGINT,
    used_by TEXT,
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX tokens_by_environment ON tokens (environment_id, id);
CREATE INDEX tokens_by_account ON tokens (environment_id, account_id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE sign_ins (
    state_digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    environment_id TEXT COLLATE "C" NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    payload BYTEA NOT NULL,
    data_key_id TEXT COLLATE "C" NOT NULL REFERENCES data_keys (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);
CREATE INDEX sign_ins_by_environment ON sign_ins (environment_id);
CREATE INDEX sign_ins_by_data_key ON sign_ins (data_key_id);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Fences come from here and not from the lease, so that they grow also across leases that were swept.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('fence', 0);

-- No reference: what was done outlives what it was done to.
CREATE TABLE audit (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    environment_id TEXT COLLATE "C",
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT,
    request_id TEXT,
    details TEXT NOT NULL
);
CREATE INDEX audit_by_environment ON audit (environment_id, id);
