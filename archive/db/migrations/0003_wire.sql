-- Schema 3: what a run knew beyond its pages is in the WARC files too, as notes.

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
