-- A case file, format 2. Amounts are decimal text of the smallest unit; hashes are text as chains print them.
CREATE TABLE info (
    name       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    program    TEXT NOT NULL
) STRICT;

-- Append-only. Each entry's hash covers its predecessor's, so a changed or missing line in the middle shows.
CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    who    TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev   TEXT NOT NULL,
    hash   TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_keeps_lines  BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_keeps_length BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE seeds (
    id           INTEGER PRIMARY KEY,
    theft        TEXT NOT NULL,
    chain        TEXT NOT NULL,
    txid         TEXT NOT NULL,
    vout         INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    block        TEXT NOT NULL,
    coin_units   TEXT NOT NULL,
    stolen_units TEXT NOT NULL,
    position     TEXT CHECK (position IN ('front', 'back')),
    address      TEXT,
    given        TEXT NOT NULL,
    added        INTEGER NOT NULL REFERENCES audit (seq),
    asset        TEXT,
    UNIQUE (theft, chain, txid, vout, block)
) STRICT;

CREATE TABLE packs (
    id       INTEGER PRIMARY KEY,
    title    TEXT NOT NULL,
    creator  TEXT NOT NULL,
    file     TEXT NOT NULL,
    digest   TEXT NOT NULL UNIQUE,
    imported INTEGER NOT NULL REFERENCES audit (seq)
) STRICT;

CREATE TABLE tags (
    pack               INTEGER NOT NULL REFERENCES packs (id) ON DELETE CASCADE,
    line               INTEGER NOT NULL,
    kind               TEXT NOT NULL CHECK (kind IN ('address', 'tx')),
    subject            TEXT NOT NULL,
    network            TEXT NOT NULL,
    chain              TEXT,
    label              TEXT NOT NULL,
    source             TEXT NOT NULL,
    confidence         TEXT NOT NULL,
    currency           TEXT NOT NULL,
    lastmod            TEXT,
    category           TEXT,
    abuse              TEXT,
    concepts           TEXT NOT NULL,
    actor              TEXT,
    context            TEXT,
    is_cluster_definer INTEGER NOT NULL
) STRICT;
CREATE INDEX tags_by_subject ON tags (subject);

CREATE TABLE runs (
    id         INTEGER PRIMARY KEY,
    chain      TEXT NOT NULL,
    height     INTEGER NOT NULL,
    block      TEXT NOT NULL,
    parameters TEXT NOT NULL,
    made       INTEGER NOT NULL REFERENCES audit (seq)
) STRICT;

CREATE TABLE findings (
    run   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    id    TEXT NOT NULL,
    rule  TEXT NOT NULL,
    claim TEXT NOT NULL
) STRICT;
