"""The database: connections, schema and migrations, then one file a table. Only `archive.store` writes through it."""
