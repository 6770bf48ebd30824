-- What the console keeps of its own. Nothing here is evidence: acts go to the run's durable file,
-- artefacts to its vault. Tokens are kept as their SHA-256, keys encrypted.

CREATE TABLE IF NOT EXISTS account (
    person   TEXT PRIMARY KEY,
    salt     BLOB NOT NULL,
    cost     TEXT NOT NULL,          -- what the passphrase was stretched with
    verifier BLOB NOT NULL,
    mark     TEXT NOT NULL,          -- fingerprint of the key kept here; '' where none is
    key      BLOB,                   -- PKCS #8, encrypted under the stretched passphrase
    made     REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS invitation (
    digest  TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    mark    TEXT NOT NULL,
    key     BLOB,                    -- PKCS #8, encrypted under the invitation's own token
    expires REAL NOT NULL,
    used    REAL
);

CREATE TABLE IF NOT EXISTS session (
    id      TEXT PRIMARY KEY,        -- what lists show and forms revoke by
    digest  TEXT NOT NULL UNIQUE,
    person  TEXT NOT NULL,
    way     TEXT NOT NULL,           -- passphrase, passkey
    client  TEXT NOT NULL,
    opened  REAL NOT NULL,
    seen    REAL NOT NULL,
    expires REAL NOT NULL,
    key     BLOB                     -- the signing key, sealed under the cookie's token
);
CREATE INDEX IF NOT EXISTS session_person ON session (person);

CREATE TABLE IF NOT EXISTS attempt (
    who TEXT NOT NULL,
    at  REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS attempt_who ON attempt (who, at);

CREATE TABLE IF NOT EXISTS sent_form (
    key      TEXT PRIMARY KEY,
    person   TEXT NOT NULL,
    said     TEXT NOT NULL,          -- SHA-256 of what the form says, without passphrases
    process  TEXT NOT NULL,
    at       REAL NOT NULL,
    location TEXT NOT NULL           -- '' while it is being done
);

CREATE TABLE IF NOT EXISTS notice (
    session TEXT NOT NULL,
    kind    TEXT NOT NULL,
    text    TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS upload (
    id         TEXT PRIMARY KEY,
    run        TEXT NOT NULL,
    item       TEXT NOT NULL,
    person     TEXT NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT NOT NULL,        -- of the bytes as they came
    kept       TEXT NOT NULL,        -- of the bytes as the vault would keep them
    redactions INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    picture    INTEGER NOT NULL,     -- needs a second person's word
    vouched_by TEXT NOT NULL,
    sent       INTEGER NOT NULL,
    at         REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS upload_item ON upload (run, item);

CREATE TABLE IF NOT EXISTS passkey (
    id     BLOB PRIMARY KEY,
    person TEXT NOT NULL,
    public BLOB NOT NULL,
    count  INTEGER NOT NULL,
    label  TEXT NOT NULL,
    made   REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS challenge (
    visitor TEXT PRIMARY KEY,        -- SHA-256 of cookie and purpose
    value   BLOB NOT NULL,
    expires REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS audit_link (
    id      TEXT PRIMARY KEY,        -- what lists show and forms take back by
    digest  TEXT NOT NULL UNIQUE,    -- SHA-256 of the link's token
    run     TEXT NOT NULL,
    person  TEXT NOT NULL,           -- who made it
    label   TEXT NOT NULL,
    made    REAL NOT NULL,
    expires REAL NOT NULL,
    seen    INTEGER NOT NULL
);
