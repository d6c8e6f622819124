-- Schema 4: what a crawl must know at its next run. Times are UTC, ISO 8601, with a Z.
-- What of it outlives the loss of news.db: captures say which addresses were visited and what came; the notes of a run
-- say its counts, the sources' first days, the patterns that were stopped, and the addresses found and not yet fetched.
-- The rest (robots.txt, validators, answer times) is asked for again.

-- Every address that a list named, by what its forms have in common (http, www, mobile, AMP).
CREATE TABLE crawl_addresses (
  key            TEXT PRIMARY KEY NOT NULL,
  url            TEXT NOT NULL,          -- the form that is fetched
  source         TEXT NOT NULL,          -- the source that saw it first
  host           TEXT NOT NULL,
  shape          TEXT NOT NULL,          -- host and path without what varies; see crawl_shapes
  ident          TEXT,                   -- the long number in it, with its folder
  via            TEXT,                   -- the list that named it
  method         TEXT,                   -- feed, sitemap, front, redirect
  first_seen     TEXT NOT NULL,
  published      TEXT,                   -- as far as lists or the address say
  ending         TEXT NOT NULL,          -- what it came to when it was last tried: a code of a closed list
  standing       TEXT,                   -- online, missing (404 once), gone (twice), moved, walled; null where nobody knows
  visits         INTEGER NOT NULL DEFAULT 0,
  stumbles       INTEGER NOT NULL DEFAULT 0, -- visits in a row without an article
  vain           INTEGER NOT NULL DEFAULT 0, -- visits that a list asked for since one last found a change
  first_fetched  TEXT,
  fetched        TEXT,                   -- the last time
  next_visit     TEXT,                   -- null where none is due
  etag           TEXT,
  last_modified  TEXT,                   -- as the server said it
  content_hash   TEXT,                   -- of the text that stood there last
  words          INTEGER NOT NULL DEFAULT 0,
  moved_to       TEXT,
  gone_since     TEXT,                   -- when it was first missed
  reserved       TEXT                    -- what it says of its rights: noarchive, TDM; and where
) STRICT, WITHOUT ROWID;
CREATE INDEX crawl_addresses_due ON crawl_addresses(source, next_visit) WHERE next_visit IS NOT NULL;
CREATE INDEX crawl_addresses_unvisited ON crawl_addresses(source, ending, published) WHERE visits = 0;
CREATE INDEX crawl_addresses_recent ON crawl_addresses(source, fetched) WHERE fetched IS NOT NULL;
CREATE INDEX crawl_addresses_text ON crawl_addresses(content_hash, host) WHERE content_hash IS NOT NULL;
CREATE INDEX crawl_addresses_standing ON crawl_addresses(standing) WHERE standing IN ('gone', 'moved', 'walled');

-- Feeds, sitemaps and front pages.
CREATE TABLE crawl_lists (
  url            TEXT NOT NULL,
  source         TEXT NOT NULL,
  kind           TEXT NOT NULL,          -- feed, sitemap, front
  named_by       TEXT,                   -- the list that names it; null: the settings do
  said           TEXT,                   -- when its index says that it changed
  checked        TEXT,
  next_check     TEXT,
  newest         TEXT,                   -- the youngest date in it
  idle           INTEGER NOT NULL DEFAULT 0, -- readings in a row that brought no new address
  failures       INTEGER NOT NULL DEFAULT 0, -- in a row
  error          TEXT,                   -- of the last reading
  digest         TEXT,                   -- of what it held
  retired        TEXT,                   -- why it is hardly read any more
  etag           TEXT,
  last_modified  TEXT,
  PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX crawl_lists_digest ON crawl_lists(source, digest) WHERE digest IS NOT NULL;

-- The manners of a host between two runs. Spans are seconds.
CREATE TABLE crawl_hosts (
  host           TEXT PRIMARY KEY NOT NULL,
  next_at        TEXT,                   -- not asked before
  answer         REAL NOT NULL DEFAULT 0, -- running mean of its answer times
  failures       INTEGER NOT NULL DEFAULT 0, -- in a row
  pushed         INTEGER NOT NULL DEFAULT 0, -- 429 and 503 in a row
  rests          INTEGER NOT NULL DEFAULT 0, -- in a row
  resting_until  TEXT
) STRICT, WITHOUT ROWID;

-- What an authority (scheme, host, port) allows: robots.txt, and the reservations of tdmrep.json.
CREATE TABLE crawl_robots (
  authority      TEXT PRIMARY KEY NOT NULL, -- the address of its robots.txt
  access         TEXT NOT NULL,          -- rules, all, none
  text           TEXT NOT NULL,          -- the rules
  checked        TEXT NOT NULL,
  status         INTEGER,                -- null where no answer came
  reserved       TEXT NOT NULL           -- tdmrep.json as it came; empty where there is none
) STRICT, WITHOUT ROWID;

CREATE TABLE crawl_sources (
  source         TEXT PRIMARY KEY NOT NULL,
  began          TEXT NOT NULL,          -- its first crawl
  floor          TEXT NOT NULL,          -- articles published before this moment are left out
  last_run       TEXT                    -- when its lists were last read
) STRICT, WITHOUT ROWID;

-- What each run did for each source. `seen` is the sum of its rows in crawl_counts.
CREATE TABLE crawl_runs (
  run_id         INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  source         TEXT NOT NULL,
  seen           INTEGER NOT NULL,       -- addresses
  lists          INTEGER NOT NULL,       -- feeds, sitemaps and fronts that were read
  failed_lists   INTEGER NOT NULL,       -- those of them that could not be read
  requests       INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,       -- received
  seconds        REAL NOT NULL,
  remark         TEXT NOT NULL,          -- of a source that brought nothing new: the step that ate it
  PRIMARY KEY (run_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE crawl_counts (
  run_id         INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  source         TEXT NOT NULL,
  ending         TEXT NOT NULL,
  pattern        TEXT NOT NULL,          -- which one left it out; empty for all other endings
  n              INTEGER NOT NULL,
  PRIMARY KEY (run_id, source, ending, pattern)
) STRICT, WITHOUT ROWID;

-- Patterns of addresses that were stopped as traps.
CREATE TABLE crawl_patterns (
  pattern        TEXT PRIMARY KEY NOT NULL,
  source         TEXT NOT NULL,
  why            TEXT NOT NULL,
  example        TEXT NOT NULL,          -- an address
  stopped        TEXT NOT NULL,
  released       TEXT                    -- by a person; null while it holds
) STRICT, WITHOUT ROWID;

CREATE TABLE crawl_shapes (
  shape          TEXT PRIMARY KEY NOT NULL,
  pages          INTEGER NOT NULL,       -- that came and could be cleaned
  articles       INTEGER NOT NULL,       -- among them
  texts          INTEGER NOT NULL        -- among those: texts that were new when they came
) STRICT, WITHOUT ROWID;

-- Named queries that travel with the file.
CREATE VIEW crawls AS
  SELECT run_id, runs.started, source, seen,
         (SELECT coalesce(sum(n), 0) FROM crawl_counts c WHERE c.run_id = r.run_id AND c.source = r.source
            AND ending = 'new') AS new,
         (SELECT coalesce(sum(n), 0) FROM crawl_counts c WHERE c.run_id = r.run_id AND c.source = r.source
            AND ending = 'changed') AS changed,
         (SELECT coalesce(sum(n), 0) FROM crawl_counts c WHERE c.run_id = r.run_id AND c.source = r.source
            AND ending IN ('failed', 'blocked')) AS failed_or_blocked,
         (SELECT coalesce(sum(n), 0) FROM crawl_counts c WHERE c.run_id = r.run_id AND c.source = r.source
            AND ending = 'waiting') AS waiting,
         lists, failed_lists, requests, bytes, seconds, remark
  FROM crawl_runs r JOIN runs ON runs.id = run_id ORDER BY run_id DESC, source;

CREATE VIEW articles_standing AS
  SELECT articles.id, articles.title, crawl_addresses.url, standing, gone_since, moved_to, fetched, next_visit
  FROM crawl_addresses JOIN addresses ON addresses.url = crawl_addresses.url
  JOIN articles ON articles.id = addresses.article_id WHERE standing IS NOT NULL;
