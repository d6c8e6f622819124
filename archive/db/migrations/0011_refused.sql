-- Schema 11. What a page claims in vain is seen: `rel=canonical` or `og:url` of another site, or the front page. `refused`
-- has the address and why it is not believed, for people.

ALTER TABLE cleanings ADD COLUMN refused TEXT;
