-- Schema 5: what was learned about sites, as Datasette may show it. `rules/learned.jsonl` and `rules/judged.toml` in the
-- archive's folder say it first; this is their copy, made anew at the end of every run.

CREATE TABLE learned (
  site      TEXT NOT NULL,                -- host, or name of a paper; '' for dumps that name neither
  mark      TEXT NOT NULL,                -- fingerprint of the line's words
  rule      TEXT NOT NULL,                -- as `removals.rule` names it
  text      TEXT NOT NULL,                -- its first 300 characters
  verdict   TEXT NOT NULL,                -- learned; or a person's word: pin (always furniture), veto (never)
  articles  INTEGER,                      -- in how many articles it stood when the site was looked at,
  of        INTEGER,                      -- of how many; null where only a person named it
  days      INTEGER,                      -- on how many days
  PRIMARY KEY (site, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX learned_rule ON learned(rule);
