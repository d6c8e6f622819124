"""Claims that are not believed: an address that many different articles claim is a template's, not theirs.

A page may claim an address of its site (`rel=canonical`). Where more than `MANY` articles, by their titles, that lie at
as many addresses claim the same one, each speaks for its own address again, and the claim stands in `disbelieved`. What
comes of this depends on the captures, not on their order: the first ones are taken back when the one too many comes.
"""

from __future__ import annotations

import json

from sqlite_utils import Database

MANY = 3  #: articles that may share an address: a page in parts, the forms of one article

_TITLE = "coalesce(json_extract(fields, '$.title.value'), content_hash)"
_TOO_MANY = f"""
WITH claimants(claim, id, url) AS (
  SELECT claimed, id, url FROM captures
  WHERE address IN (SELECT value FROM json_each(:touched)) AND claimed IS NOT NULL
  UNION ALL
  SELECT disbelieved, id, url FROM captures WHERE disbelieved IN (SELECT value FROM json_each(:touched))
)
SELECT claim FROM claimants JOIN cleanings ON capture_id = id WHERE content_hash IS NOT NULL
GROUP BY claim HAVING count(DISTINCT url) > :many AND count(DISTINCT {_TITLE}) > :many
"""  # noqa: S608
_DISOWN = """
UPDATE captures SET disbelieved = claimed, claimed = NULL WHERE address = ? AND claimed IS NOT NULL RETURNING id, url
"""


def disown(db: Database, addresses: set[str], left: set[str], restated: set[int]) -> None:
    """Take back the claims of touched addresses that too many articles make; the own addresses are touched then too.

    `left` gets the addresses that captures leave by it, `restated` those captures. Runs inside the transaction that
    stored them.
    """
    values = {"touched": json.dumps(sorted(addresses)), "many": MANY}
    for (claim,) in db.conn.execute(_TOO_MANY, values).fetchall():
        for capture_id, url in db.conn.execute(_DISOWN, (claim,)).fetchall():
            left.add(claim)
            restated.add(capture_id)
            addresses.add(url)
