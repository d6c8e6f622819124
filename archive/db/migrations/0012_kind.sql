-- Schema 12. A page that is text and yet not one article says what it is: `live`, a live blog. Null for an article.

ALTER TABLE articles ADD COLUMN kind TEXT;
