-- Schema 1. Times are UTC, ISO 8601, with a Z; `published` and `modified` are as precise as the page was.
-- JSON columns hold UTF-8 JSON. Digests are lower-case hex; a payload's carries the prefix `sha256:`.

CREATE TABLE runs (
  id          INTEGER PRIMARY KEY,
  command     TEXT NOT NULL,              -- as it was typed
  started     TEXT NOT NULL,
  finished    TEXT,                       -- null while it runs, and where it was killed
  outcome     TEXT,                       -- ok, failed, interrupted, ...; `killed` is noted by the next run
  pages       INTEGER NOT NULL DEFAULT 0, -- read: kept + unchanged + unreadable
  new         INTEGER NOT NULL DEFAULT 0, -- articles that only captures of this run carry
  duplicates  INTEGER NOT NULL DEFAULT 0, -- captures whose text was an article already
  unchanged   INTEGER NOT NULL DEFAULT 0, -- captures the archive had already
  failed      INTEGER NOT NULL DEFAULT 0, -- could not be read or cleaned
  rejected    INTEGER NOT NULL DEFAULT 0, -- read, but no article: a menu, a stub, a wall
  worse       INTEGER NOT NULL DEFAULT 0, -- a text much shorter than the one that stands at the address
  superseded  INTEGER NOT NULL DEFAULT 0, -- articles that another text replaced at their address
  name        TEXT GENERATED ALWAYS AS (command || ' · ' || substr(started, 1, 16)) VIRTUAL
) STRICT;

CREATE TABLE warc_files (
  name     TEXT PRIMARY KEY NOT NULL,     -- in `warcs/`, as it is called once closed
  size     INTEGER,                       -- bytes, of the closed file
  sha256   TEXT,                          -- of the whole closed file
  records  INTEGER,                       -- all of them, `warcinfo` among them
  closed   INTEGER NOT NULL DEFAULT 0     -- 1: no more is written, and every page in it has its row
) STRICT;

-- An article is a text, whatever number of captures and addresses carry it.
CREATE TABLE articles (
  id               INTEGER PRIMARY KEY,
  title            TEXT,
  site             TEXT,                  -- host of `url`, without `www.`
  published        TEXT,
  section          TEXT,
  authors          TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(authors)),
  description      TEXT,
  text             TEXT NOT NULL,         -- the lead's, byte for byte: paragraphs and headings, one a line
  words            INTEGER NOT NULL,
  language         TEXT,                  -- BCP 47
  modified         TEXT,
  tags             TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  image            TEXT,
  url              TEXT,                  -- canonical; of several, the earliest; null for dumps that name none
  first_seen       TEXT NOT NULL,
  last_seen        TEXT NOT NULL,
  superseded_by    INTEGER REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED, -- null while it stands
  field_sources    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(field_sources)),  -- who said each field, in which capture
  recipe           TEXT NOT NULL,         -- versions of cleaner, libraries, rules and model that made the text
  content_hash     TEXT NOT NULL UNIQUE,  -- SHA-256 of the normalised text
  text_digest      TEXT NOT NULL,         -- SHA-256 of the text exactly as it stands here
  lead_capture_id   INTEGER NOT NULL REFERENCES captures(id) DEFERRABLE INITIALLY DEFERRED,
  latest_capture_id INTEGER NOT NULL REFERENCES captures(id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX articles_published ON articles(published);
CREATE INDEX articles_site_published ON articles(site, published);
CREATE INDEX articles_section ON articles(section);
CREATE INDEX articles_language ON articles(language);
CREATE INDEX articles_url ON articles(url);
CREATE INDEX articles_superseded_by ON articles(superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX articles_text_digest ON articles(text_digest);
CREATE INDEX articles_lead ON articles(lead_capture_id);
CREATE INDEX articles_latest ON articles(latest_capture_id);

-- One page, once seen. Rows without a record are inputs that could not be read at all.
CREATE TABLE captures (
  id              INTEGER PRIMARY KEY,
  article_id      INTEGER REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED, -- null where nothing came of it
  source          TEXT NOT NULL,          -- path or URL it was found at; `FILE#PATH`, `FILE#N`, `FILE#OFFSET` inside files
  url             TEXT,                   -- its address; a dump without one has urn:hemeroteca:dump:<sha256>
  captured_at     TEXT NOT NULL,
  status          INTEGER,                -- HTTP; null for a dump
  reason          TEXT,                   -- why nothing came of it: a code of a closed list
  error           TEXT,
  run_id          INTEGER NOT NULL REFERENCES runs(id),
  warc_file       TEXT REFERENCES warc_files(name) DEFERRABLE INITIALLY DEFERRED,
  warc_offset     INTEGER,
  warc_length     INTEGER,
  payload_digest  TEXT,
  dated_by        TEXT,                   -- who said when: manifest, sidecar, page, warc; `clock`: nobody
  media_type      TEXT,
  source_name     TEXT,                   -- the feed or paper, where a manifest names it
  claimed         TEXT,                   -- the canonical address the page claims, where it is not `url`
  address         TEXT GENERATED ALWAYS AS (coalesce(claimed, url)) VIRTUAL, -- what it speaks for
  name            TEXT GENERATED ALWAYS AS (substr(captured_at, 1, 10) || ' · ' || source) VIRTUAL,
  CHECK ((warc_file IS NULL) = (warc_offset IS NULL) AND (warc_file IS NULL) = (warc_length IS NULL)
         AND (warc_file IS NULL) = (payload_digest IS NULL)),
  CHECK (article_id IS NULL OR reason IS NULL)
) STRICT;
-- The same capture: source, address and payload, and the date where somebody gave one.
CREATE UNIQUE INDEX captures_same ON captures(
  payload_digest, source, url, (CASE dated_by WHEN 'clock' THEN '' ELSE captured_at END)
) WHERE payload_digest IS NOT NULL;
CREATE UNIQUE INDEX captures_unread ON captures(source, reason) WHERE payload_digest IS NULL;
CREATE UNIQUE INDEX captures_record ON captures(warc_file, warc_offset) WHERE warc_file IS NOT NULL;
CREATE INDEX captures_article ON captures(article_id, captured_at);
CREATE INDEX captures_url ON captures(url);
CREATE INDEX captures_address ON captures(address);
CREATE INDEX captures_run ON captures(run_id);
CREATE INDEX captures_reason ON captures(reason) WHERE reason IS NOT NULL;

-- What the newest cleaning of a capture gave, whatever the archive made of it: all that is shown can be computed
-- again from here, without cleaning.
CREATE TABLE cleanings (
  capture_id    INTEGER PRIMARY KEY REFERENCES captures(id) ON DELETE CASCADE,
  recipe        TEXT NOT NULL,
  content_hash  TEXT,                     -- null where it gave a reason
  text_digest   TEXT,                     -- finds the text: in `articles`, else in `texts`
  words         INTEGER,
  fields        TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields)), -- {name: {value, source}}
  reason        TEXT,
  error         TEXT,
  CHECK ((content_hash IS NULL) = (text_digest IS NULL) AND (content_hash IS NULL) = (words IS NULL)
         AND (content_hash IS NULL) = (reason IS NOT NULL))
) STRICT;
CREATE INDEX cleanings_text ON cleanings(text_digest) WHERE text_digest IS NOT NULL;

-- Texts of cleanings that are no article's: those that were worse, and other spellings of an article's text.
CREATE TABLE texts (
  text_digest  TEXT PRIMARY KEY NOT NULL,
  text         TEXT NOT NULL
) STRICT;

-- What stands at each address that ever gave a text.
CREATE TABLE addresses (
  url         TEXT PRIMARY KEY NOT NULL,
  article_id  INTEGER NOT NULL REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_article ON addresses(article_id);

-- Every line that is not part of the text, of each capture's newest cleaning.
CREATE TABLE removals (
  capture_id  INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,
  nth         INTEGER NOT NULL,           -- from 1, in page order
  line        INTEGER NOT NULL,           -- of the decoded text, or the block of the page, from 1
  text        TEXT NOT NULL,
  rule        TEXT NOT NULL,
  fate        TEXT NOT NULL,              -- dropped, or the field it was taken as
  PRIMARY KEY (capture_id, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX removals_rule ON removals(rule);

-- Kept in step by triggers: articles that stand, by day published ('' where undated) and site ('' where none).
CREATE TABLE daily (
  day   TEXT NOT NULL,
  site  TEXT NOT NULL,
  n     INTEGER NOT NULL,
  PRIMARY KEY (day, site)
) STRICT, WITHOUT ROWID;

CREATE TABLE article_authors (
  author      TEXT NOT NULL,
  article_id  INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  PRIMARY KEY (author, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_authors_article ON article_authors(article_id);

-- Datasette finds the index only where the content table is in double quotes.
CREATE VIRTUAL TABLE articles_fts USING fts5(
  title, text, content="articles", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
);

CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN
  INSERT INTO articles_fts(rowid, title, text) VALUES (new.id, new.title, new.text);
END;
CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN
  INSERT INTO articles_fts(articles_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
END;
CREATE TRIGGER articles_fts_update AFTER UPDATE OF title, text ON articles
WHEN old.title IS NOT new.title OR old.text IS NOT new.text BEGIN
  INSERT INTO articles_fts(articles_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
  INSERT INTO articles_fts(rowid, title, text) VALUES (new.id, new.title, new.text);
END;

CREATE TRIGGER articles_daily_insert AFTER INSERT ON articles WHEN new.superseded_by IS NULL BEGIN
  INSERT INTO daily VALUES (coalesce(substr(new.published, 1, 10), ''), coalesce(new.site, ''), 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER articles_daily_delete AFTER DELETE ON articles WHEN old.superseded_by IS NULL BEGIN
  UPDATE daily SET n = n - 1
    WHERE day = coalesce(substr(old.published, 1, 10), '') AND site = coalesce(old.site, '');
  DELETE FROM daily
    WHERE day = coalesce(substr(old.published, 1, 10), '') AND site = coalesce(old.site, '') AND n = 0;
END;
CREATE TRIGGER articles_daily_leave AFTER UPDATE OF published, site, superseded_by ON articles
WHEN old.superseded_by IS NULL AND (new.superseded_by IS NOT NULL
     OR old.published IS NOT new.published OR old.site IS NOT new.site) BEGIN
  UPDATE daily SET n = n - 1
    WHERE day = coalesce(substr(old.published, 1, 10), '') AND site = coalesce(old.site, '');
  DELETE FROM daily
    WHERE day = coalesce(substr(old.published, 1, 10), '') AND site = coalesce(old.site, '') AND n = 0;
END;
CREATE TRIGGER articles_daily_join AFTER UPDATE OF published, site, superseded_by ON articles
WHEN new.superseded_by IS NULL AND (old.superseded_by IS NOT NULL
     OR old.published IS NOT new.published OR old.site IS NOT new.site) BEGIN
  INSERT INTO daily VALUES (coalesce(substr(new.published, 1, 10), ''), coalesce(new.site, ''), 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER articles_authors_insert AFTER INSERT ON articles WHEN new.authors <> '[]' BEGIN
  INSERT OR IGNORE INTO article_authors(author, article_id) SELECT value, new.id FROM json_each(new.authors);
END;
CREATE TRIGGER articles_authors_update AFTER UPDATE OF authors ON articles
WHEN old.authors IS NOT new.authors BEGIN
  DELETE FROM article_authors WHERE article_id = new.id;
  INSERT OR IGNORE INTO article_authors(author, article_id) SELECT value, new.id FROM json_each(new.authors);
END;

-- Named queries that travel with the file.
CREATE VIEW removed_lines_by_rule AS
  SELECT rule, fate, count(*) AS lines, count(DISTINCT capture_id) AS captures, min(text) AS example
  FROM removals GROUP BY rule, fate ORDER BY lines DESC;

CREATE VIEW articles_by_day_and_site AS
  SELECT day, site, n AS articles FROM daily ORDER BY day DESC, n DESC;

CREATE VIEW silent_sources AS
  SELECT site, max(last_seen) AS last_seen, max(published) AS last_published, count(*) AS articles
  FROM articles WHERE site IS NOT NULL GROUP BY site ORDER BY max(last_seen), site;

CREATE VIEW authors_on_several_sites AS
  SELECT author, count(DISTINCT site) AS sites, count(*) AS articles, group_concat(DISTINCT site) AS which
  FROM article_authors JOIN articles ON articles.id = article_id
  WHERE superseded_by IS NULL GROUP BY author HAVING count(DISTINCT site) > 1
  ORDER BY sites DESC, articles DESC;

CREATE VIEW most_duplicated_texts AS
  SELECT articles.id, articles.title, articles.site, articles.words, count(*) AS captures,
         count(DISTINCT captures.url) AS addresses, first_seen, last_seen
  FROM captures JOIN articles ON articles.id = captures.article_id
  GROUP BY articles.id HAVING count(*) > 1 ORDER BY captures DESC, articles.id;

CREATE VIEW failed_captures AS
  SELECT captures.id, source, url, captured_at, reason, error, run_id, runs.command
  FROM captures JOIN runs ON runs.id = run_id
  WHERE reason IN ('missing', 'unreadable', 'too-large', 'truncated', 'damaged', 'empty', 'binary', 'too-deep',
                   'timeout', 'crash')
  ORDER BY captures.id DESC;
