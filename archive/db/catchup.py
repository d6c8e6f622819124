"""What is computed brought in step with today's rules when an archive is opened, a portion a transaction.

An archive made before there were copies and revisions has none; one made by other rules has theirs. Killed half-way,
it goes on where it was.
"""

from __future__ import annotations

import logging

from sqlite_utils import Database

from archive.copies import RULE
from archive.db import upkeep
from archive.db.connect import transaction
from archive.db.settlement import Batch, settle_batch
from archive.revisions import CLASSING

#: Addresses walked at once.
PORTION = 200
#: From so many articles on it takes minutes, and is told.
MANY = 20_000

_log = logging.getLogger(__name__)

_ADDRESSES = "SELECT DISTINCT address FROM captures JOIN cleanings ON capture_id = captures.id"


def catch_up(db: Database) -> None:
    """Walk and index what has to be; returns at once where nothing has."""
    if upkeep.version_of(db, "copies") != RULE:
        (articles,) = db.conn.execute("SELECT count(*) FROM articles").fetchone()
        if articles >= MANY:
            _log.warning("comparing %s articles for copies, once; stopped, it goes on where it was", f"{articles:,}")
    _walk_again(db)
    upkeep.catch_up(db)


def _walk_again(db: Database) -> None:
    if upkeep.version_of(db, "revisions") != str(CLASSING):
        with transaction(db):
            db.conn.execute("DELETE FROM revisions")
            db.conn.execute(f"INSERT OR IGNORE INTO unwalked {_ADDRESSES}")
            upkeep.note_version(db, "revisions", str(CLASSING))
    while addresses := [row[0] for row in db.conn.execute("SELECT url FROM unwalked LIMIT ?", (PORTION,))]:
        with transaction(db):
            settle_batch(db, Batch(addresses=set(addresses)))
            db.conn.executemany("DELETE FROM unwalked WHERE url = ?", [(address,) for address in addresses])
