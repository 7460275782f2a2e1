-- How rollcall is known to a provider. The id is made of environment and connector, so there is one for each.
CREATE TABLE oauth_apps (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    environment_id TEXT COLLATE "C" NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    connector TEXT NOT NULL,
    auth TEXT NOT NULL,
    client_id TEXT NOT NULL,
    settings TEXT NOT NULL,
    base_url TEXT,
    secret BYTEA NOT NULL,
    data_key_id TEXT COLLATE "C" NOT NULL REFERENCES data_keys (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX oauth_apps_by_environment ON oauth_apps (environment_id);
CREATE INDEX oauth_apps_by_data_key ON oauth_apps (data_key_id);
