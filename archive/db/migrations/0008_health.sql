-- Schema 8: what each run saw of each source, against which its health is judged, and what was found wrong.
-- Both stand in the notes of a run as well, and come back with a rebuild.

CREATE TABLE pulses (
  run_id         INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  source         TEXT NOT NULL,
  at             TEXT NOT NULL,          -- when the run began
  seen           INTEGER NOT NULL,       -- addresses
  new            INTEGER NOT NULL,       -- articles that were new or changed
  lists          INTEGER NOT NULL,       -- that the settings name, as they stood at the end of the run
  lists_failing  INTEGER NOT NULL,
  lists_html     INTEGER NOT NULL,       -- a page came where a feed or sitemap is expected
  lists_gone     INTEGER NOT NULL,       -- 404, 410
  forbidden      INTEGER NOT NULL,       -- addresses and lists that robots.txt kept out
  fetched        INTEGER NOT NULL,       -- pages
  refused        INTEGER NOT NULL,       -- 401, 402, 403, 407, 429, 451
  missing        INTEGER NOT NULL,       -- 404, 410
  answered       INTEGER NOT NULL,       -- 200
  walls          INTEGER NOT NULL,       -- among them: challenges and walls
  alike          INTEGER NOT NULL,       -- among them: the same page under different addresses, from three on
  articles       INTEGER NOT NULL,       -- among them: with a text
  words          INTEGER NOT NULL,       -- of all these
  origins        TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(origins)), -- {field: {who said it: articles}}
  rules          TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(rules)),   -- {site rule: articles}
  PRIMARY KEY (source, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX pulses_run ON pulses(run_id);

CREATE TABLE alarms (
  code          TEXT NOT NULL,           -- of a closed list: silent, blocked, broken, ...
  source        TEXT NOT NULL,
  since         TEXT NOT NULL,
  last          TEXT NOT NULL,           -- the last run that found it so
  evidence      TEXT NOT NULL,           -- a sentence with figures
  acknowledged  TEXT,                    -- when a person said that they know
  muted_until   TEXT,                    -- a day
  ended         TEXT,                    -- null while it lasts
  PRIMARY KEY (code, source, since)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX alarms_open ON alarms(code, source) WHERE ended IS NULL;

-- The address a page claims and is not believed to have: many different articles claim it, so a template says so.
ALTER TABLE captures ADD COLUMN disbelieved TEXT;
CREATE INDEX captures_disbelieved ON captures(disbelieved) WHERE disbelieved IS NOT NULL;
