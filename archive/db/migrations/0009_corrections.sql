-- Schema 9: what a person set by hand, as Datasette may show it. `corrections.toml` in the archive's folder says it
-- first; this is its copy, made anew at the end of every run.

CREATE TABLE corrections (
  url    TEXT NOT NULL,                   -- of the page, or the urn of a dump
  field  TEXT NOT NULL,                   -- title, authors, ...; furniture, text: lines; article: whether it is one
  value  TEXT NOT NULL CHECK (json_valid(value)),
  PRIMARY KEY (url, field)
) STRICT, WITHOUT ROWID;
