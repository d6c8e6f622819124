"""An archive as crawls leave it, run by run, without a network: captures, counts, lists, and the health at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exchange_samples import answer, exchange, take

from archive.alarms import Alarm
from archive.moments import iso
from archive.store import Archive
from scraper.health.watch import after_crawl, opened
from scraper.settings import Source

SITE = "https://elfaro.example"
FARO = Source(name="El Faro", url=SITE + "/", feeds=(SITE + "/rss.xml", SITE + "/news.xml"))
OTHER = Source(name="otro", url="https://otro.example/")
WORDS = " ".join(["La lluvia dejó tres pueblos sin luz."] * 12)

Answer = Callable[[int], bytes]


def article(n: int) -> bytes:
    said = {"text": f"Noticia {n}. {WORDS}", "fields": {"title": f"Noticia {n}", "authors": ["Ada"]}, "removed": []}
    return answer(json.dumps({"kit-1": said}))


def wall(_: int) -> bytes:
    return answer(json.dumps({"kit-1": {"reason": "captcha"}}))


def refused(_: int) -> bytes:
    return answer("no", status="403 Forbidden")


class Crawls:
    """Runs six hours apart, as a crawl leaves them: captures, counts, lists, and the health at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = datetime(2031, 5, 1, tzinfo=UTC)
        self.pages = 0

    def run(
        self,
        gives: Answer = article,
        pages: int = 3,
        errors: Sequence[str | None] = (None, None),
        sources: Sequence[Source] = (FARO,),
    ) -> list[Alarm]:
        self.now += timedelta(hours=6)
        moment = self.now.timestamp()
        with Archive.open(self.folder, lambda: iso(moment)) as archive:
            run = archive.start_run("hemeroteca crawl")
            for _ in range(pages):
                self.pages += 1
                at = iso(moment + self.pages / 1000)
                take(archive, exchange(gives(self.pages), url=f"{SITE}/a/{self.pages}", at=at))
            archive.commit()
            db = archive.health._db
            with db.conn:
                db["crawl_runs"].insert(
                    {"run_id": run, "source": FARO.name, "seen": pages, "lists": 2, "requests": pages + 2, "bytes": 0,
                     "seconds": 1.0, "remark": ""} | self._failed(db)
                )  # fmt: skip
                db["crawl_counts"].insert(
                    {"run_id": run, "source": FARO.name, "ending": "new", "pattern": "", "n": pages}
                )
                for url, error in zip(FARO.feeds, errors, strict=True):
                    db["crawl_lists"].upsert(
                        {
                            "source": FARO.name,
                            "url": url,
                            "kind": "feed",
                            "error": error,
                            "failures": 1 if error else 0,
                        },
                        pk=("source", "url"),
                    )
            changed = after_crawl(archive, sources, moment + 60)
            archive.finish_run("ok")
        self.told = opened(changed, moment + 60)
        return changed

    def _failed(self, db: object) -> dict[str, int]:
        return {"failed_lists": 0} if "failed_lists" in db["crawl_runs"].columns_dict else {}  # type: ignore[index]

    def open(self) -> list[tuple[str, str]]:
        with Archive.read(self.folder) as reader:
            return [(alarm.code.value, alarm.evidence) for alarm in reader.health.alarms()]
