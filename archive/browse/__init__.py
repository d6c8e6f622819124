"""Reading the archive in a browser: Datasette with what it should say."""
