-- Schema 6: what was forgotten, and is not to come back.

-- Keyed digests: nothing can be read back from them, a guess can be tried.
CREATE TABLE tombstones (
  kind    TEXT NOT NULL,                -- address, site, payload, text
  digest  TEXT NOT NULL,                -- HMAC-SHA256 of it, hex
  salt    TEXT NOT NULL,                -- the key of that, hex
  depth   TEXT NOT NULL,                -- hide, drop, erase
  at      TEXT NOT NULL,
  erased  INTEGER NOT NULL DEFAULT 0,   -- 1: no WARC file holds it any more; 2: nor does the database file
  PRIMARY KEY (kind, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_to_erase ON tombstones(depth) WHERE depth = 'erase' AND erased = 0;

-- WARC files whose new form is ready: rows say already where its records lie, and it is about to take its place.
CREATE TABLE rewrites (
  name  TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;
