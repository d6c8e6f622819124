"""Rows of `pulses` and `alarms`: what each run saw of each source, and what was found wrong with it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlite_utils import Database

from archive.alarms import Alarm, Pulse, code_of
from archive.db import runs
from archive.moments import iso, seconds_of
from archive.reasons import Reason

#: Reasons that mean that somebody stands before the page. A paywall is how some papers are, no trouble of theirs.
WALLS = (Reason.CAPTCHA, Reason.CONSENT, Reason.NEEDS_JAVASCRIPT, Reason.BLOCKED)
FINE_DAYS = 110  #: days that are kept run by run when a past is read; older ones are taken six hours together
PAST_DAYS = 450  #: days that a past goes back
_LIKE = 3  # addresses from which the same page is told
_NUMBERED = re.compile(r"\S*\d\S*")

_COUNTS = tuple(field.name for field in fields(Pulse) if field.name not in ("at", "origins", "rules"))
_PUT = (
    f"INSERT OR REPLACE INTO pulses (run_id, source, at, {', '.join(_COUNTS)}, origins, rules) "  # noqa: S608
    f"VALUES ({', '.join('?' * (len(_COUNTS) + 5))})"
)
_ALARM = tuple(field.name for field in fields(Alarm))
_PUT_ALARM = (
    f"INSERT OR REPLACE INTO alarms ({', '.join(_ALARM)}) "  # noqa: S608
    f"VALUES ({', '.join('?' * len(_ALARM))})"
)

_SOURCES = """
SELECT crawl_runs.source, started, seen,
       coalesce((SELECT sum(n) FROM crawl_counts c WHERE c.run_id = :run AND c.source = crawl_runs.source
                 AND ending IN ('new', 'duplicate')), 0),
       coalesce((SELECT sum(n) FROM crawl_counts c WHERE c.run_id = :run AND c.source = crawl_runs.source
                 AND ending = 'robots'), 0)
FROM crawl_runs JOIN runs ON runs.id = run_id WHERE run_id = :run
"""
_LISTS = """
SELECT count(*), count(*) FILTER (WHERE failures > 0), count(*) FILTER (WHERE failures > 0 AND error = 'html'),
       count(*) FILTER (WHERE failures > 0 AND error IN ('the answer was 404', 'the answer was 410')),
       count(*) FILTER (WHERE failures > 0 AND error = 'robots.txt forbids it')
FROM crawl_lists WHERE source = :source AND url IN (SELECT value FROM json_each(:named))
"""
# A page that was missing when it was last asked for is looked at again to be sure: it is counted as missing once.
_PAGES = f"""
SELECT count(*) FILTER (WHERE NOT confirms AND (status IS NULL OR status NOT BETWEEN 300 AND 399 OR status = 304)),
       count(*) FILTER (WHERE status IN (401, 402, 403, 407, 429, 451)),
       count(*) FILTER (WHERE NOT confirms AND status IN (404, 410)),
       count(*) FILTER (WHERE status = 200 AND revisit_of IS NULL),
       count(*) FILTER (WHERE status = 200 AND revisit_of IS NULL
                        AND captures.reason IN ({", ".join(f"'{reason.value}'" for reason in WALLS)})),
       count(content_hash) FILTER (WHERE status = 200 AND revisit_of IS NULL),
       coalesce(sum(words) FILTER (WHERE status = 200 AND revisit_of IS NULL), 0)
FROM (SELECT *, coalesce(status IN (404, 410), 0) AND EXISTS (
        SELECT 1 FROM captures AS earlier
        WHERE earlier.url = captures.url AND earlier.run_id < :run AND earlier.status IN (404, 410)) AS confirms
      FROM captures WHERE run_id = :run AND source_name = :source AND purpose = 'page') AS captures
LEFT JOIN cleanings ON capture_id = captures.id
"""  # noqa: S608
# What makes pages the same one: its text; of pages without an article all their lines, and where nothing is known of
# those, the size of the record but for a few bytes.
_LOOKS = """
SELECT DISTINCT url, coalesce(content_hash, cleanings.reason), iif(content_hash IS NULL, coalesce(
         (SELECT group_concat(text, char(10)) FROM (SELECT text FROM removals WHERE capture_id = captures.id
                                                    ORDER BY nth)),
         warc_length / 128), '')
FROM captures LEFT JOIN cleanings ON capture_id = captures.id
WHERE run_id = :run AND source_name = :source AND purpose = 'page' AND status = 200 AND revisit_of IS NULL
"""
_ORIGINS = """
SELECT field.key, json_extract(field.value, '$.source'), count(*)
FROM captures JOIN cleanings ON capture_id = captures.id, json_each(fields) AS field
WHERE run_id = :run AND source_name = :source AND purpose = 'page' AND status = 200 AND revisit_of IS NULL
  AND content_hash IS NOT NULL AND field.key IN ('title', 'authors', 'published')
GROUP BY 1, 2
"""
_RULES = """
SELECT rule, count(DISTINCT removals.capture_id) FROM captures JOIN removals ON removals.capture_id = captures.id
WHERE run_id = :run AND source_name = :source AND purpose = 'page' AND status = 200 AND revisit_of IS NULL
  AND article_id IS NOT NULL AND rule LIKE 'site:%'
GROUP BY rule
"""
_FINE = f"SELECT at, {', '.join(_COUNTS)}, origins, rules FROM pulses WHERE source = ? AND at >= ? ORDER BY at"  # noqa: S608
# Of long ago only what silence is judged by: whether something came, and whether lists could be read.
_COARSE = """
SELECT min(at), sum(new), max(lists), min(lists_failing) FROM pulses WHERE source = ? AND at >= ? AND at < ?
GROUP BY unixepoch(at) / 21600 ORDER BY 1
"""


class Health:
    """What is known of the health of an archive's sources, as of the last commit."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def pulses(self, run_id: int, named: Mapping[str, Iterable[str]]) -> dict[str, Pulse]:
        """What a run saw, by source; `named` are the lists that the settings name for each."""
        rows = self._db.conn.execute(_SOURCES, {"run": run_id}).fetchall()
        return {
            source: self._pulse(run_id, source, json.dumps(list(named.get(source, ()))), row) for source, *row in rows
        }

    def past(self, source: str, now: float) -> list[Pulse]:
        """The pulses of a source by time: run by run of late, of long ago a few hours together."""
        day = 86400.0
        fine, coarse = iso(now - FINE_DAYS * day), iso(now - PAST_DAYS * day)
        old = [
            Pulse(at=seconds_of(at) or 0.0, new=new, lists=lists, lists_failing=failing)
            for at, new, lists, failing in self._db.conn.execute(_COARSE, (source, coarse, fine))
        ]
        return old + [
            Pulse(
                seconds_of(at) or 0.0,
                **dict(zip(_COUNTS, counts, strict=True)),
                origins=json.loads(origins),
                rules=json.loads(rules),
            )
            for at, *counts, origins, rules in self._db.conn.execute(_FINE, (source, fine))
        ]

    def alarms(self, *, ended: bool = False) -> list[Alarm]:
        """The alarms that are open, the newest first; with `ended` all there ever were."""
        where = "" if ended else "WHERE ended IS NULL"
        query = f"SELECT {', '.join(_ALARM)} FROM alarms {where} ORDER BY since DESC, source, code"  # noqa: S608
        return [Alarm(code_of(code), *rest) for code, *rest in self._db.conn.execute(query)]

    def last_crawl(self) -> str | None:
        """When the last crawl ended that ended by itself, UTC ISO 8601."""
        query = """
            SELECT max(finished) FROM runs
            WHERE outcome IN ('ok', 'failed', 'interrupted') AND id IN (SELECT run_id FROM crawl_runs)
        """
        found = self._db.conn.execute(query).fetchone()[0]
        return str(found) if found else None

    def _pulse(self, run_id: int, source: str, named: str, row: list[Any]) -> Pulse:
        started, seen, new, kept_out = row
        values = {"run": run_id, "source": source, "named": named}
        execute = self._db.conn.execute
        lists, failing, html, gone, forbidden = execute(_LISTS, values).fetchone()
        fetched, refused, missing, answered, walls, articles, words = execute(_PAGES, values).fetchone()
        alike = _most_alike(execute(_LOOKS, values))
        origins: dict[str, dict[str, int]] = {}
        for field, origin, n in execute(_ORIGINS, values):
            origins.setdefault(field, {})[origin] = n
        return Pulse(
            at=seconds_of(started) or 0.0,
            seen=seen,
            new=new,
            lists=lists,
            lists_failing=failing,
            lists_html=html,
            lists_gone=gone,
            forbidden=kept_out + forbidden,
            fetched=fetched,
            refused=refused,
            missing=missing,
            walls=walls,
            alike=alike if alike >= _LIKE else 0,
            answered=answered,
            articles=articles,
            words=words,
            origins=origins,
            rules=dict(execute(_RULES, values).fetchall()),
        )


def _most_alike(looks: Iterable[tuple[str, str | None, str | int]]) -> int:
    """How many addresses show one and the same page, of the page that most do. Numbers on it may differ: a challenge
    tells each visitor another."""
    alike: defaultdict[tuple[str | None, str | int], set[str]] = defaultdict(set)
    for url, what, look in looks:
        alike[what, look if isinstance(look, int) else _NUMBERED.sub("#", look)].add(url)
    return max(map(len, alike.values()), default=0)


def health_note(run_key: str, pulses: Mapping[str, Pulse], alarms: Iterable[Alarm]) -> dict[str, Any]:
    """The data of a `health` note: the pulses of a run, and the alarms that changed with it."""
    return {
        "run": run_key,
        "pulses": [[source, iso(pulse.at), asdict(pulse)] for source, pulse in pulses.items()],
        "alarms": [asdict(alarm) for alarm in alarms],
    }


def apply_health(db: Database, data: Mapping[str, Any], _at: str) -> None:
    """A `health` note."""
    run_id = runs.id_of(db, data["run"])
    for source, at, pulse in data["pulses"]:
        texts = (json.dumps(pulse["origins"]), json.dumps(pulse["rules"]))
        db.conn.execute(_PUT, (run_id, source, at, *(pulse[name] for name in _COUNTS), *texts))
    for alarm in data["alarms"]:
        _put(db, alarm)


def apply_judged(db: Database, data: Mapping[str, Any], _at: str) -> None:
    """An `alarm` note, which is the alarm as a person judged it: it is acknowledged, or muted until a day."""
    db.conn.execute(
        "UPDATE alarms SET acknowledged = ?, muted_until = ? WHERE code = ? AND source = ? AND since = ?",
        (data["acknowledged"], data["muted_until"], data["code"], data["source"], data["since"]),
    )


def _put(db: Database, alarm: Mapping[str, Any]) -> None:
    db.conn.execute(
        _PUT_ALARM, tuple(str(code_of(alarm["code"])) if name == "code" else alarm[name] for name in _ALARM)
    )
