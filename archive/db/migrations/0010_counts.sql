-- Schema 10. How much each rule takes, and who writes where, counted as rows come and go: an archive of a million
-- articles has thirty million removed lines, and nobody waits for them to be counted.

-- Kept in step by triggers: removed lines, and the captures they are of, by rule and fate.
CREATE TABLE rule_tallies (
  rule      TEXT NOT NULL,                -- as `removals.rule` names it
  fate      TEXT NOT NULL,
  lines     INTEGER NOT NULL,
  captures  INTEGER NOT NULL,
  PRIMARY KEY (rule, fate)
) STRICT, WITHOUT ROWID;
INSERT INTO rule_tallies SELECT rule, fate, count(*), count(DISTINCT capture_id) FROM removals GROUP BY rule, fate;

DROP INDEX removals_rule;
CREATE INDEX removals_rule ON removals(rule, fate);

CREATE TRIGGER removals_tallies_insert AFTER INSERT ON removals BEGIN
  INSERT INTO rule_tallies VALUES (new.rule, new.fate, 1, 1) ON CONFLICT DO UPDATE SET
    lines = lines + 1,
    captures = captures + NOT EXISTS (SELECT 1 FROM removals NOT INDEXED WHERE capture_id = new.capture_id
                                      AND rule = new.rule AND fate = new.fate AND nth <> new.nth);
END;
CREATE TRIGGER removals_tallies_delete AFTER DELETE ON removals BEGIN
  UPDATE rule_tallies SET
    lines = lines - 1,
    captures = captures - NOT EXISTS (SELECT 1 FROM removals NOT INDEXED WHERE capture_id = old.capture_id
                                      AND rule = old.rule AND fate = old.fate)
    WHERE rule = old.rule AND fate = old.fate;
  DELETE FROM rule_tallies WHERE rule = old.rule AND fate = old.fate AND lines = 0;
END;

DROP VIEW removed_lines_by_rule;
CREATE VIEW removed_lines_by_rule AS
  SELECT rule, fate, lines, captures,
         (SELECT text FROM removals WHERE removals.rule = rule_tallies.rule AND removals.fate = rule_tallies.fate
          LIMIT 1) AS example
  FROM rule_tallies ORDER BY lines DESC;

-- Kept in step by triggers: articles that stand, by author and site.
CREATE TABLE author_sites (
  author  TEXT NOT NULL,
  site    TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (author, site)
) STRICT, WITHOUT ROWID;
INSERT INTO author_sites
  SELECT author, site, count(*) FROM article_authors CROSS JOIN articles INDEXED BY articles_shelf
    ON articles.id = article_id
  WHERE superseded_by IS NULL AND site IS NOT NULL GROUP BY author, site;

CREATE TRIGGER articles_author_sites_insert AFTER INSERT ON articles
WHEN new.authors <> '[]' AND new.superseded_by IS NULL AND new.site IS NOT NULL BEGIN
  INSERT INTO author_sites SELECT DISTINCT value, new.site, 1 FROM json_each(new.authors) WHERE true
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER articles_author_sites_delete AFTER DELETE ON articles
WHEN old.authors <> '[]' AND old.superseded_by IS NULL AND old.site IS NOT NULL BEGIN
  UPDATE author_sites SET n = n - 1 WHERE site = old.site AND author IN (SELECT value FROM json_each(old.authors));
  DELETE FROM author_sites
    WHERE n = 0 AND site = old.site AND author IN (SELECT value FROM json_each(old.authors));
END;
CREATE TRIGGER articles_author_sites_leave AFTER UPDATE OF authors, site, superseded_by ON articles
WHEN old.authors <> '[]' AND old.superseded_by IS NULL AND old.site IS NOT NULL AND (new.superseded_by IS NOT NULL
     OR old.site IS NOT new.site OR old.authors IS NOT new.authors) BEGIN
  UPDATE author_sites SET n = n - 1 WHERE site = old.site AND author IN (SELECT value FROM json_each(old.authors));
  DELETE FROM author_sites
    WHERE n = 0 AND site = old.site AND author IN (SELECT value FROM json_each(old.authors));
END;
CREATE TRIGGER articles_author_sites_join AFTER UPDATE OF authors, site, superseded_by ON articles
WHEN new.authors <> '[]' AND new.superseded_by IS NULL AND new.site IS NOT NULL AND (old.superseded_by IS NOT NULL
     OR old.site IS NOT new.site OR old.authors IS NOT new.authors) BEGIN
  INSERT INTO author_sites SELECT DISTINCT value, new.site, 1 FROM json_each(new.authors) WHERE true
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

DROP VIEW authors_on_several_sites;
CREATE VIEW authors_on_several_sites AS
  SELECT author, count(*) AS sites, sum(n) AS articles, group_concat(site) AS which
  FROM author_sites GROUP BY author HAVING count(*) > 1 ORDER BY sites DESC, articles DESC;
