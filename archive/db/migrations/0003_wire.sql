-- Schema 3: what a run knew beyond its pages is in the WARC files too, as notes; captures tell how they were fetched.

-- Random: names the run in its WARC files, whatever its id becomes; null for runs of before. `noted`: a note
-- in a WARC file tells how it ended.
ALTER TABLE runs ADD COLUMN key TEXT;
ALTER TABLE runs ADD COLUMN noted INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX runs_key ON runs(key) WHERE key IS NOT NULL;

-- The notes in WARC files that this database took in, each once.
CREATE TABLE notes (
  warc_file    TEXT NOT NULL REFERENCES warc_files(name) DEFERRABLE INITIALLY DEFERRED,
  warc_offset  INTEGER NOT NULL,
  kind         TEXT NOT NULL,
  at           TEXT NOT NULL,
  PRIMARY KEY (warc_file, warc_offset)
) STRICT, WITHOUT ROWID;

-- What was fetched, and how it went; all null (0 for `rebuilt`) for dumps and imported pages.
ALTER TABLE captures ADD COLUMN purpose TEXT CHECK (purpose IN ('page', 'feed', 'sitemap', 'front', 'robots'));
ALTER TABLE captures ADD COLUMN ip TEXT;
ALTER TABLE captures ADD COLUMN milliseconds INTEGER;
ALTER TABLE captures ADD COLUMN protocol TEXT CHECK (protocol IN ('http/1.1', 'h2'));
ALTER TABLE captures ADD COLUMN tls TEXT;
ALTER TABLE captures ADD COLUMN truncated TEXT CHECK (truncated IN ('length', 'time', 'disconnect', 'unspecified'));
ALTER TABLE captures ADD COLUMN rebuilt INTEGER NOT NULL DEFAULT 0 CHECK (rebuilt IN (0, 1));
ALTER TABLE captures ADD COLUMN via TEXT;
ALTER TABLE captures ADD COLUMN hops TEXT;
-- Its record is a revisit: the payload lies in that of this capture, which is none.
ALTER TABLE captures ADD COLUMN revisit_of INTEGER REFERENCES captures(id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX captures_revisit_of ON captures(revisit_of) WHERE revisit_of IS NOT NULL;

-- The newest capture of an address is asked for before each fetch.
DROP INDEX captures_url;
CREATE INDEX captures_url ON captures(url, captured_at);

-- An input that fails again has one row; a fetch that fails has one each time.
DROP INDEX captures_unread;
CREATE UNIQUE INDEX captures_unread ON captures(source, reason) WHERE payload_digest IS NULL AND purpose IS NULL;
CREATE UNIQUE INDEX captures_fetch_failed ON captures(source, captured_at)
  WHERE payload_digest IS NULL AND purpose IS NOT NULL;

DROP VIEW failed_captures;
CREATE VIEW failed_captures AS
  SELECT captures.id, source, url, captured_at, reason, error, run_id, runs.command
  FROM captures JOIN runs ON runs.id = run_id
  WHERE reason IN ('missing', 'unreadable', 'too-large', 'truncated', 'damaged', 'empty', 'binary', 'too-deep',
                   'timeout', 'crash', 'http-error', 'garbled', 'unreachable')
  ORDER BY captures.id DESC;
