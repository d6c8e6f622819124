-- Schema 7. What the reading pages ask for at any size, answered from indexes and counts, never from the texts.

-- A search knows what it shows by these alone: `text` and what lies behind it in a row is dear to read.
CREATE INDEX articles_shelf ON articles(id, published, site, section, language, superseded_by);
DROP INDEX articles_published;
CREATE INDEX articles_published ON articles(published, id, site, section, language, superseded_by);
DROP INDEX articles_site_published;
CREATE INDEX articles_site_published ON articles(site, published, id, section, language, superseded_by);

-- Kept in step by triggers: articles that stand, all of them ('all', ''), and by site, section and language.
CREATE TABLE tallies (
  kind   TEXT NOT NULL,                   -- all, site, section or language
  value  TEXT NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies SELECT 'all', '', n FROM (SELECT count(*) AS n FROM articles WHERE superseded_by IS NULL)
  WHERE n > 0;
INSERT INTO tallies SELECT 'site', site, count(*) FROM articles
  WHERE superseded_by IS NULL AND site IS NOT NULL GROUP BY site;
INSERT INTO tallies SELECT 'section', section, count(*) FROM articles
  WHERE superseded_by IS NULL AND section IS NOT NULL GROUP BY section;
INSERT INTO tallies SELECT 'language', language, count(*) FROM articles
  WHERE superseded_by IS NULL AND language IS NOT NULL GROUP BY language;

CREATE TRIGGER articles_tallies_insert AFTER INSERT ON articles WHEN new.superseded_by IS NULL BEGIN
  INSERT INTO tallies
    SELECT kind, value, 1 FROM (SELECT 'all' AS kind, '' AS value UNION ALL SELECT 'site', new.site
                                UNION ALL SELECT 'section', new.section UNION ALL SELECT 'language', new.language)
    WHERE value IS NOT NULL ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER articles_tallies_delete AFTER DELETE ON articles WHEN old.superseded_by IS NULL BEGIN
  UPDATE tallies SET n = n - 1 WHERE kind = 'all';
  UPDATE tallies SET n = n - 1 WHERE kind = 'site' AND value = old.site;
  UPDATE tallies SET n = n - 1 WHERE kind = 'section' AND value = old.section;
  UPDATE tallies SET n = n - 1 WHERE kind = 'language' AND value = old.language;
  DELETE FROM tallies WHERE n = 0 AND kind = 'all';
  DELETE FROM tallies WHERE n = 0 AND kind = 'site' AND value = old.site;
  DELETE FROM tallies WHERE n = 0 AND kind = 'section' AND value = old.section;
  DELETE FROM tallies WHERE n = 0 AND kind = 'language' AND value = old.language;
END;
CREATE TRIGGER articles_tallies_leave AFTER UPDATE OF site, section, language, superseded_by ON articles
WHEN old.superseded_by IS NULL AND (new.superseded_by IS NOT NULL OR old.site IS NOT new.site
     OR old.section IS NOT new.section OR old.language IS NOT new.language) BEGIN
  UPDATE tallies SET n = n - 1 WHERE kind = 'all';
  UPDATE tallies SET n = n - 1 WHERE kind = 'site' AND value = old.site;
  UPDATE tallies SET n = n - 1 WHERE kind = 'section' AND value = old.section;
  UPDATE tallies SET n = n - 1 WHERE kind = 'language' AND value = old.language;
  DELETE FROM tallies WHERE n = 0 AND kind = 'all';
  DELETE FROM tallies WHERE n = 0 AND kind = 'site' AND value = old.site;
  DELETE FROM tallies WHERE n = 0 AND kind = 'section' AND value = old.section;
  DELETE FROM tallies WHERE n = 0 AND kind = 'language' AND value = old.language;
END;
CREATE TRIGGER articles_tallies_join AFTER UPDATE OF site, section, language, superseded_by ON articles
WHEN new.superseded_by IS NULL AND (old.superseded_by IS NOT NULL OR old.site IS NOT new.site
     OR old.section IS NOT new.section OR old.language IS NOT new.language) BEGIN
  INSERT INTO tallies
    SELECT kind, value, 1 FROM (SELECT 'all' AS kind, '' AS value UNION ALL SELECT 'site', new.site
                                UNION ALL SELECT 'section', new.section UNION ALL SELECT 'language', new.language)
    WHERE value IS NOT NULL ON CONFLICT DO UPDATE SET n = n + 1;
END;

-- Named queries that stay quick on a million articles: a step in an index for each site, not a look at each article.
CREATE INDEX articles_site_seen ON articles(site, last_seen);
DROP VIEW silent_sources;
CREATE VIEW silent_sources AS
  SELECT value AS site, (SELECT max(last_seen) FROM articles WHERE site = value) AS last_seen,
         (SELECT max(published) FROM articles WHERE site = value) AS last_published, n AS articles
  FROM tallies WHERE kind = 'site' ORDER BY 2, 1;
DROP VIEW authors_on_several_sites;
CREATE VIEW authors_on_several_sites AS
  SELECT author, count(DISTINCT site) AS sites, count(*) AS articles, group_concat(DISTINCT site) AS which
  FROM article_authors JOIN articles INDEXED BY articles_shelf ON articles.id = article_id
  WHERE superseded_by IS NULL GROUP BY author HAVING count(DISTINCT site) > 1
  ORDER BY sites DESC, articles DESC;
DROP VIEW most_duplicated_texts;
CREATE VIEW most_duplicated_texts AS
  WITH carried AS (
    SELECT article_id, count(*) AS captures FROM captures WHERE article_id IS NOT NULL
    GROUP BY article_id HAVING count(*) > 1)
  SELECT articles.id, articles.title, articles.site, articles.words, captures,
         (SELECT count(DISTINCT url) FROM captures WHERE article_id = articles.id) AS addresses, first_seen, last_seen
  FROM carried JOIN articles ON articles.id = article_id ORDER BY captures DESC, articles.id;

-- What a run did is counted from its index alone.
DROP INDEX captures_run;
CREATE INDEX captures_run ON captures(run_id, reason, article_id);
