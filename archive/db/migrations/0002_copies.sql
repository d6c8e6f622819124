-- Schema 2: which articles are copies of one another, and what an address said over time. All of it follows from
-- captures, cleanings and judgements; what waits to be brought in step stands in `unindexed` and `unwalked`.

-- Which texts have a sampled run of words: `text` is the first four bytes of a content hash, as a signed number.
CREATE TABLE shingle_keys (
  key   INTEGER NOT NULL,
  text  INTEGER NOT NULL,
  PRIMARY KEY (key, text)
) STRICT, WITHOUT ROWID;

-- Keys that so many texts have that not all pairs of them are compared.
CREATE TABLE hubs (
  key  INTEGER PRIMARY KEY
) STRICT;

-- Two articles of which one is a copy of the other, with the evidence; persons were heard already.
CREATE TABLE copies (
  a              INTEGER NOT NULL REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
  b              INTEGER NOT NULL REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
  relation       TEXT NOT NULL,           -- copy, excerpt
  containment    REAL NOT NULL,
  jaccard        REAL NOT NULL,
  shared         INTEGER NOT NULL,        -- runs of three words that both have
  shared_numbers INTEGER NOT NULL,
  fewer_numbers  INTEGER NOT NULL,        -- different numbers in the text that has fewer
  days           INTEGER,                 -- apart; null where a date is missing
  excerpt        INTEGER REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED, -- the shorter text, of an excerpt
  rule           TEXT NOT NULL,           -- version of what decided
  judged         INTEGER NOT NULL DEFAULT 0, -- 1: a person said so
  PRIMARY KEY (a, b),
  CHECK (a < b)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_b ON copies(b, a);

-- Articles that copies join, directly or through others; named by the smallest content hash among them.
CREATE TABLE clusters (
  id              TEXT PRIMARY KEY NOT NULL,
  representative  INTEGER NOT NULL REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
  articles        INTEGER NOT NULL,
  copies          INTEGER NOT NULL,       -- rows of `copies` within it
  density         REAL GENERATED ALWAYS AS (2.0 * copies / (articles * (articles - 1))) VIRTUAL
) STRICT, WITHOUT ROWID;
CREATE INDEX clusters_articles ON clusters(articles);

CREATE TABLE clustered (
  article_id  INTEGER PRIMARY KEY REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
  cluster     TEXT NOT NULL REFERENCES clusters(id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX clustered_cluster ON clustered(cluster);

-- What a person said of two texts. A text is named by its hash, and by the bytes of a page it came from, so that it
-- is found again after other rules have changed it. `one` and `other` are the articles this is about now.
CREATE TABLE judgements (
  a          TEXT NOT NULL,               -- content hash, the smaller one
  b          TEXT NOT NULL,
  a_payload  TEXT NOT NULL,
  b_payload  TEXT NOT NULL,
  same       INTEGER NOT NULL,
  at         TEXT NOT NULL,
  one        INTEGER REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
  other      INTEGER REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;

-- What an address said, in order: A, B, A again are three revisions of two articles.
CREATE TABLE revisions (
  url                TEXT NOT NULL,
  number             INTEGER NOT NULL,    -- from 1
  article_id         INTEGER NOT NULL REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
  first_seen         TEXT NOT NULL,
  last_seen          TEXT NOT NULL,
  class              TEXT NOT NULL,       -- first, touch, edit, correction, live, improvement, other-article
  reason             TEXT NOT NULL,       -- why that class, in a line
  facts              TEXT NOT NULL,       -- numbers and names that changed; empty where none did
  recipe             TEXT NOT NULL,       -- of its newest capture
  captures           INTEGER NOT NULL,
  capture_id         INTEGER NOT NULL REFERENCES captures(id) DEFERRABLE INITIALLY DEFERRED, -- the first
  latest_capture_id  INTEGER NOT NULL REFERENCES captures(id) DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (url, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX revisions_article ON revisions(article_id);
CREATE INDEX revisions_class ON revisions(class);

-- Which version of our own rules made copies and revisions.
CREATE TABLE derived (
  what     TEXT PRIMARY KEY NOT NULL,
  version  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Articles whose place in the index is not what their row says: what is in the index of each, and its text.
CREATE TABLE unindexed (
  article_id  INTEGER PRIMARY KEY,
  was         TEXT,                       -- content hash; null where nothing of it is in the index
  text        TEXT
) STRICT;
CREATE INDEX unindexed_was ON unindexed(was) WHERE was IS NOT NULL;

-- Addresses to be walked anew.
CREATE TABLE unwalked (
  url  TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER articles_index_insert AFTER INSERT ON articles BEGIN
  INSERT OR IGNORE INTO unindexed VALUES (new.id, NULL, NULL);
END;
CREATE TRIGGER articles_index_update AFTER UPDATE OF content_hash, published, words ON articles
WHEN old.content_hash <> new.content_hash OR old.published IS NOT new.published OR old.words <> new.words BEGIN
  INSERT OR IGNORE INTO unindexed VALUES (old.id, old.content_hash, old.text);
END;
CREATE TRIGGER articles_index_delete AFTER DELETE ON articles BEGIN
  INSERT OR IGNORE INTO unindexed VALUES (old.id, old.content_hash, old.text);
END;
