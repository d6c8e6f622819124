"""Whole crawls of a real server, in a simulated time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from crawl_site import Resource, SimulatedClock, Site, article, serving

from archive.db.forgotten import Wanted
from archive.errors import ArchiveError
from archive.moments import iso
from archive.store import Archive
from scraper.crawl.traps import SAME_ID
from scraper.crawl.visits import DAY, HOUR
from scraper.settings import Source

Run = Callable[..., dict[str, dict[str, int]]]
FEED = "/rss.xml"


@pytest.fixture
def sql(tmp_path: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Ask the archive."""

    def ask(query: str, *values: object) -> list[tuple[Any, ...]]:
        with Archive.read(tmp_path / "archive") as reader:
            return reader.db.conn.execute(query, values).fetchall()

    return ask


def later(run: Run, clock: SimulatedClock, source: Source, *hours: float) -> list[dict[str, int]]:
    """A run after each of so many hours, counted from now."""
    start, found = clock.at, []
    for each in hours:
        clock.at = max(clock.at, start + each * HOUR)
        found.append(run(source)[source.name])
    return found


def test_a_feed_is_read_and_its_articles_are_kept(run: Run, site: Site, paper: Source, sql: Any) -> None:
    for n in range(3):
        site.publish(str(n))
    assert run(paper) == {"paper": {"new": 3}}
    assert sql("SELECT count(*) FROM articles") == [(3,)]
    assert site.asked() == {FEED: 1, **dict.fromkeys(site.feed, 1)}


def test_an_unchanged_site_costs_one_request(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    for n in range(3):
        site.publish(str(n), published=clock.at - 20 * DAY)
    run(paper)
    clock.at += HOUR
    before = len(site.hits)
    assert run(paper) == {"paper": {}}
    assert [(hit.path, hit.status) for hit in site.hits[before:]] == [(FEED, 304)]


def test_young_articles_are_looked_at_again_and_an_edit_is_seen(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    path = site.publish("1")
    assert later(run, clock, paper, 0, 1, 2, 3) == [{"new": 1}, {"unchanged": 1}, {}, {}]
    site.pages[path] = Resource(article("editada"))
    assert later(run, clock, paper, 3, 4) == [{"changed": 1}, {}]
    found = later(run, clock, paper, *range(5, 48), *range(48, 24 * 9, 12))
    assert [each for each in found if each] == [{"unchanged": 1}] * 3  # half its age later, a day, a week
    assert sql("SELECT count(*), sum(superseded_by IS NULL) FROM articles") == [(2, 1)]
    assert sql("SELECT standing, visits, next_visit FROM crawl_addresses") == [("online", 6, None)]


def write_sitemap(site: Site, path: str, lastmod: float) -> None:
    """A sitemap of one address."""
    entry = f"<url><loc>{site.url}{path}</loc><lastmod>{iso(lastmod)}</lastmod></url>"
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entry}</urlset>'
    site.pages["/sitemap.xml"] = Resource(text.encode(), "application/xml")


def test_a_list_that_says_changed_is_followed(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    path = site.publish("old", published=clock.at - 20 * DAY)
    write_sitemap(site, path, clock.at - 20 * DAY)
    source = replace(paper, feeds=(), sitemaps=(f"{site.url}/sitemap.xml",))
    assert later(run, clock, source, 0, 5) == [{"new": 1}, {}]
    site.pages[path] = Resource(article("otra vez"))
    write_sitemap(site, path, clock.at)
    assert later(run, clock, source, 1) == [{"changed": 1}]


def test_an_edit_that_an_honest_list_tells_is_seen_within_the_hour(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    path = site.publish("1")
    write_sitemap(site, path, clock.at)
    source = replace(paper, feeds=(), sitemaps=(f"{site.url}/sitemap.xml",), every=0.0)
    assert later(run, clock, source, 0, 1, 6, 24) == [{"new": 1}, {"unchanged": 1}, {"unchanged": 1}, {"unchanged": 1}]
    for edit in range(3):
        site.pages[path] = Resource(article(f"corregida {edit}"))
        write_sitemap(site, path, clock.at + HOUR / 2)
        assert later(run, clock, source, 1) == [{"changed": 1}], [
            (h.path, h.status, h.at - clock.at) for h in site.hits
        ]


def test_an_edit_that_one_list_tells_is_seen_though_another_names_the_article_too(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    """The feed is read first, has changed, and says nothing of it."""
    path = site.publish("1", published=clock.at - 20 * DAY)
    write_sitemap(site, path, clock.at - 20 * DAY)
    source = replace(paper, sitemaps=(f"{site.url}/sitemap.xml",), every=0.0)
    assert later(run, clock, source, 0, 2) == [{"new": 1}, {}]
    site.pages[path] = Resource(article("corregida"))
    write_sitemap(site, path, clock.at + HOUR / 2)
    site.publish("2", published=clock.at)
    assert later(run, clock, source, 1) == [{"new": 1, "changed": 1}]
    site.publish("3", published=clock.at)
    assert later(run, clock, source, 0.1)[0]["known"] >= 1, "named by a list, and nothing new of it"


def test_a_list_that_always_says_changed_is_soon_believed_less(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    path = site.publish("1")
    source = replace(paper, feeds=(), sitemaps=(f"{site.url}/sitemap.xml",), every=0.0)
    for _hour in range(5 * 24):
        write_sitemap(site, path, clock.at)
        run(source)
        clock.at += HOUR
    assert site.asked(path)[path] < 16, "its looks, and a handful more"


def test_an_article_that_goes_is_missed_twice_before_it_is_gone(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    path = site.publish("1")
    run(paper)
    del site.pages[path]
    found = later(run, clock, paper, 1, 2, 3, 30, 200)
    assert found == [{"gone": 1}, {"gone": 1}, {}, {}, {}]
    assert sql("SELECT standing, next_visit FROM crawl_addresses") == [("gone", None)]
    (since,) = sql("SELECT gone_since FROM crawl_addresses")[0]
    assert since < iso(clock.at - 190 * HOUR)
    assert sql("SELECT count(*) FROM articles WHERE superseded_by IS NULL") == [(1,)]
    assert sql("SELECT title, standing, gone_since FROM articles_standing") == [("Noticia 1", "gone", since)]
    assert sql("SELECT new, remark FROM crawls ORDER BY run_id")[0] == (1, "")


def test_an_article_that_comes_back_is_online_again(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    path = site.publish("1")
    run(paper)
    page = site.pages.pop(path)
    later(run, clock, paper, 1)
    site.pages[path] = page
    assert later(run, clock, paper, 1) == [{"unchanged": 1}]
    assert sql("SELECT standing, gone_since FROM crawl_addresses") == [("online", None)]


def test_where_a_redirect_leads_is_asked_with_the_validators_of_that_address(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    old, new = site.publish("1"), site.publish("2")
    run(paper)
    site.pages[old] = Resource(b"", status=301, headers=(("Location", new),))
    clock.at += 2 * HOUR
    before = len(site.hits)
    run(paper)
    assert {(hit.path, hit.status) for hit in site.hits[before:] if hit.path != FEED} == {(old, 301), (new, 304)}


def test_a_moved_article_is_followed_once(run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any) -> None:
    path = site.publish("1")
    run(paper)
    site.pages["/cultura/un-sitio-nuevo-para-ella"] = site.pages[path]
    site.pages[path] = Resource(b"", status=301, headers=(("Location", "/cultura/un-sitio-nuevo-para-ella"),))
    assert later(run, clock, paper, 1) == [{"unchanged": 1}]
    assert sql("SELECT standing, moved_to FROM crawl_addresses WHERE url LIKE '%mundo%'") == [
        ("moved", f"{site.url}/cultura/un-sitio-nuevo-para-ella")
    ]
    before = len(site.hits)
    later(run, clock, paper, *range(1, 24 * 8, 5))
    assert site.asked(path, before)[path] == 0, "the old address is left"
    assert sql("SELECT count(*) FROM articles") == [(1,)]


def test_a_redirect_to_an_article_that_is_here_is_a_duplicate(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    path = site.publish("1")
    run(paper)
    site.pages["/r/48213"] = Resource(b"", status=302, headers=(("Location", path),))
    site.feed["/r/48213"] = iso(clock.at)
    site.write_feed()
    before = len(site.hits)
    assert later(run, clock, paper, 0.5) == [{}]
    assert later(run, clock, paper, 1)[0]["duplicate"] == 1
    assert site.asked("/r/48213", before)["/r/48213"] == 1


def test_a_redirect_to_the_front_page_means_missing_and_one_elsewhere_is_not_followed(
    run: Run, site: Site, paper: Source, sql: Any
) -> None:
    home = Resource(b"", status=302, headers=(("Location", "/"),))
    away = Resource(b"", status=302, headers=(("Location", "http://elsewhere.example/x"),))
    site.pages |= {site.publish("1"): home, site.publish("2"): away, "/": Resource(article("portada"))}
    assert run(paper) == {"paper": {"failed": 1, "filtered another site": 1}}
    assert site.asked("/")["/"] == 0
    assert sql("SELECT moved_to FROM crawl_addresses WHERE moved_to IS NOT NULL") == [("http://elsewhere.example/x",)]


def test_redirects_in_a_circle_end(run: Run, site: Site, paper: Source) -> None:
    one, two = site.publish("1"), site.publish("2")
    site.pages[one] = Resource(b"", status=301, headers=(("Location", two),))
    site.pages[two] = Resource(b"", status=301, headers=(("Location", one),))
    assert sum(run(paper)["paper"].values()) == 2
    assert site.asked().total() < 14


def test_robots_are_asked_once_a_day_and_obeyed(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    site.pages["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /mundo/\nCrawl-delay: 10\n", "text/plain")
    site.publish("1")
    assert later(run, clock, paper, *range(24)) == [{"robots": 1}] + [{}] * 23
    paths = [hit.path for hit in site.hits]
    assert paths.count("/robots.txt") == 1
    assert paths.count("/.well-known/tdmrep.json") == 1
    assert all(b.at - a.at >= 10 for a, b in pairwise(site.hits))
    later(run, clock, paper, 2)
    assert [hit.path for hit in site.hits].count("/robots.txt") == 2


def test_robots_that_fail_forbid_everything_and_are_asked_again(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    site.publish("1")
    site.pages["/robots.txt"] = Resource(b"", status=500)
    assert run(paper) == {"paper": {}}
    assert site.asked().total() == 0
    assert sql("SELECT remark FROM crawl_runs") == [("nothing new: 1 of 1 lists failed",)]
    site.pages["/robots.txt"] = Resource(b"", "text/plain")
    assert later(run, clock, paper, 2) == [{"new": 1}]


def test_robots_that_cannot_be_had_lose_no_address(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    for n in range(3):
        site.publish(str(n))
    run(paper, max_pages=1)
    site.pages["/robots.txt"] = Resource(b"", status=503)
    assert later(run, clock, paper, 25) == [{"waiting": 3}]  # two that wait, and a look
    site.pages["/robots.txt"] = Resource(b"", "text/plain")
    assert later(run, clock, paper, 2)[0]["new"] == 2


def test_a_feed_that_moved_is_asked_with_its_validators(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    site.publish("1")
    site.pages["/feed"] = site.pages[FEED]
    site.pages[FEED] = Resource(b"", status=301, headers=(("Location", "/feed"),))
    assert run(paper) == {"paper": {"new": 1}}
    before = len(site.hits)
    later(run, clock, paper, 1)
    assert [hit.status for hit in site.hits[before:] if hit.path == "/feed"] == [304]


def test_a_source_with_a_proxy_never_goes_around_it(run: Run, site: Site, paper: Source, sql: Any) -> None:
    site.publish("1")
    run(replace(paper, proxy="http://127.0.0.1:1"))
    assert site.hits == []
    assert sql("SELECT DISTINCT reason, error IS NOT NULL FROM captures") == [("unreachable", 1)]


def test_robots_behind_redirects(run: Run, site: Site, paper: Source) -> None:
    for n in range(5):
        path = "/robots.txt" if n == 0 else f"/hop-{n}"
        site.pages[path] = Resource(b"", status=302, headers=(("Location", f"/hop-{n + 1}"),))
    site.pages["/hop-5"] = Resource(b"User-agent: *\nDisallow: /mundo", "text/plain")
    site.publish("1")
    assert run(paper) == {"paper": {"robots": 1}}


def test_the_first_crawl_goes_back_thirty_days_and_the_backfill_the_rest(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    for days in (400, 300, 90, 40, 20, 1):
        site.publish(f"hace-{days}-dias", published=clock.at - days * DAY)
    assert run(paper) == {"paper": {"new": 2, "too-old": 4}}
    assert [path[-11:] for path in site.asked() if "hace" in path] == ["hace-1-dias", "ace-20-dias"]
    clock.at += HOUR
    assert run(paper, backfill=1)["paper"]["new"] == 1
    assert site.hits[-1].path.endswith("hace-40-dias")
    clock.at += HOUR
    assert run(paper, floor=clock.at - 100 * DAY)["paper"]["new"] == 1
    clock.at += HOUR
    assert run(paper, backfill=9)["paper"] == {"new": 2}
    assert sql("SELECT count(*) FROM articles") == [(6,)]
    clock.at += HOUR
    assert run(paper)["paper"] == {}


def test_a_first_day_in_the_settings(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    for days in (400, 300):
        site.publish(f"hace-{days}-dias", published=clock.at - days * DAY)
    assert run(replace(paper, since=date(2026, 1, 1))) == {"paper": {"new": 1, "too-old": 1}}


def test_two_sources_of_one_host_share_everything(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    for n in range(3):
        site.publish(str(n))
    site.pages["/deportes.xml"] = site.pages[FEED]
    other = replace(paper, name="sport", feeds=(f"{site.url}/deportes.xml",), delay=3.0)
    found = run(paper, other)
    assert sorted(found[name].get("new", 0) for name in found) == [0, 3]
    assert sorted(found[name].get("known", 0) for name in found) == [0, 3]
    assert max(site.asked().values()) == 1
    assert all(b.at - a.at >= 3 for a, b in pairwise(site.hits))
    assert [hit.path for hit in site.hits].count("/robots.txt") == 1
    clock.at += HOUR
    looked = run(other, paper)
    assert sum(each.get("unchanged", 0) for each in looked.values()) == 3


def test_two_sources_that_name_one_list_read_it_once_a_run(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    paths = [site.publish(f"de-la-comarca-{n}") for n in range(3)]
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    index = f"<sitemap><loc>{site.url}/mapa.xml</loc></sitemap>"
    site.pages["/indice.xml"] = Resource(f"<sitemapindex {space}>{index}</sitemapindex>".encode(), "text/xml")
    entries = "".join(f"<url><loc>{site.url}{path}</loc></url>" for path in paths)
    site.pages["/mapa.xml"] = Resource(f"<urlset {space}>{entries}</urlset>".encode(), "text/xml")
    one = replace(paper, sitemaps=(f"{site.url}/indice.xml",))
    two = replace(one, name="sport")

    def hits_of(*sources: Source) -> dict[str, int]:
        before = len(site.hits)
        run(*sources, forced=True)
        return dict(site.asked(since=before))

    lists = [FEED, "/indice.xml", "/mapa.xml"]
    assert run(one, two) == {"paper": {"new": 3}, "sport": {"known": 3}}
    assert site.asked() == dict.fromkeys([*lists, *paths], 1)
    assert sql("SELECT count(*), count(DISTINCT source) FROM crawl_addresses") == [(3, 1)]
    clock.at += DAY / 2
    run(one, two)  # the articles are looked at again
    clock.at += HOUR / 2
    assert hits_of(one, two) == dict.fromkeys(lists[:2], 1)
    assert {hit.status for hit in site.hits[-2:]} == {304}
    assert sql("SELECT DISTINCT remark FROM crawl_runs WHERE run_id = 3") == [("nothing new: no list has changed",)]
    site.publish("mas")
    assert run(two, forced=True) == {"sport": {"new": 1, "known": 3}}
    clock.at += HOUR / 4
    asked = hits_of(two, one)
    assert asked == {FEED: 2, "/indice.xml": 1}, "that nothing changed since then is no answer for the other one"
    assert sql("SELECT count(*) FROM articles") == [(4,)]


def test_a_list_that_fails_two_sources_fails_once(run: Run, site: Site, paper: Source, sql: Any) -> None:
    site.pages[FEED] = Resource(b"", status=404)
    run(paper, replace(paper, name="sport"))
    assert site.asked(FEED)[FEED] == 1
    assert sql("SELECT source, error FROM crawl_lists ORDER BY 1") == [
        ("paper", "the answer was 404"),
        ("sport", "the answer was 404"),
    ]


def test_sitemaps_their_indexes_and_front_pages(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    names = [site.publish(f"{n}-de-la-comarca") for n in range(4)]
    index = "".join(
        f"<sitemap><loc>{site.url}/s-{n}.xml</loc><lastmod>{iso(clock.at - n * 40 * DAY)}</lastmod></sitemap>"
        for n in range(3)
    )
    site.pages["/sitemap.xml"] = Resource(f"<sitemapindex {space}>{index}</sitemapindex>".encode(), "text/xml")
    for n in range(2):
        entries = f"<url><loc>{site.url}{names[n]}</loc></url>"
        site.pages[f"/s-{n}.xml"] = Resource(f"<urlset {space}>{entries}</urlset>".encode(), "text/xml")
    links = "".join(f"<h2><a href='{name}'>Una noticia {name} de la comarca vecina</a></h2>" for name in names[2:])
    site.pages["/"] = Resource(f"<html><body><main>{links}</main></body></html>".encode())
    source = replace(paper, feeds=(), sitemaps=(f"{site.url}/sitemap.xml",), sections=(f"{site.url}/",))
    assert run(source) == {"paper": {"new": 3}}
    assert site.asked("/s-1.xml")["/s-1.xml"] == 0, "last changed before the first day"
    assert sql("SELECT method, count(*) FROM crawl_addresses GROUP BY 1") == [("front", 2), ("sitemap", 1)]
    clock.at += HOUR
    before = len(site.hits)
    run(source)
    assert {path: n for path, n in site.asked(since=before).items() if "noticia" not in path} == {
        "/sitemap.xml": 1,
        "/s-0.xml": 1,
        "/": 1,
    }


def test_a_server_that_pushes_back_is_left_in_peace(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    path = site.publish("1")
    page = site.pages[path]
    site.pages[path] = Resource(b"", status=429, headers=(("Retry-After", "120"),))

    def relent(asked: str) -> None:
        if asked == path and site.asked(path)[path] == 1:
            site.pages[path] = page

    site.before = relent
    assert run(paper) == {"paper": {"new": 1}}
    first, second = [hit.at for hit in site.hits if hit.path == path]
    assert second - first >= 120


def test_an_answer_from_before_it_pushed_back_does_not_end_its_peace(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    paths = [site.publish(str(n)) for n in range(3)]
    hasty, slow = paths[2], paths[1]  # the newest are asked for first, these two side by side
    page, pushed = site.pages[hasty], threading.Event()
    site.pages[hasty] = Resource(b"", status=503, headers=(("Retry-After", "120"),))

    def before(path: str) -> None:
        if path == hasty:
            pushed.set()
        elif path == slow:
            pushed.wait(10)
            time.sleep(0.3)
            site.pages[hasty] = page

    site.before = before
    assert run(replace(paper, delay=0.0, connections=2)) == {"paper": {"new": 3}}
    at = {hit.path: hit.at for hit in site.hits if hit.status == 200}
    (pushed_at,) = [hit.at for hit in site.hits if hit.status == 503]
    assert at[slow] == pushed_at
    assert min(at[hasty], at[paths[0]]) >= pushed_at + 120


def test_one_that_asks_for_more_patience_than_a_run_has_is_left_for_later(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    for n in range(5):
        site.publish(str(n))
    pages = dict(site.pages)
    for path in site.feed:
        site.pages[path] = Resource(b"", status=503, headers=(("Retry-After", "7200"),))
    assert run(paper) == {"paper": {"failed": 1, "waiting": 4}}
    site.pages = pages
    before = len(site.hits)
    assert later(run, clock, paper, 1) == [{"waiting": 5}]
    assert len(site.hits) == before, "it asked for two hours"
    (remark,) = sql("SELECT remark FROM crawl_runs ORDER BY run_id DESC LIMIT 1")
    assert remark == ("nothing new: 5 of 5 addresses: waiting",)
    assert later(run, clock, paper, 2) == [{"new": 5}]


def test_a_page_that_failed_in_between_is_not_sent_again(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    path = site.publish("1")
    run(paper)
    page, site.pages[path] = site.pages[path], Resource(b"", status=503)
    later(run, clock, paper, 1)
    site.pages[path] = page
    later(run, clock, paper, 2, 3, 4, 8)
    assert [hit.status for hit in site.hits if hit.path == path and hit.status != 503] == [200, 304, 304]


def test_a_host_that_is_down_costs_a_handful_of_requests(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    for n in range(30):
        site.publish(str(n))
    run(paper, max_pages=1)
    for path in site.feed:
        site.pages[path] = Resource(b"", status=500)
    before = len(site.hits)
    found = later(run, clock, paper, 0.2)[0]
    assert found == {"failed": 5, "waiting": 24}
    assert len(site.hits) - before <= 6
    assert sql("SELECT rests FROM crawl_hosts") == [(1,)]


def test_after_an_outage_of_hours_lists_and_looks_are_made_up_for_in_the_first_run(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    path = site.publish("1")
    run(paper)
    up = dict(site.pages)
    for each in (FEED, path):
        site.pages[each] = Resource(b"", status=503)
    down = later(run, clock, paper, 1, 2, 3, 4, 5)
    assert all(counts in ({}, {"waiting": 1}) for counts in down)
    assert site.asked(FEED)[FEED] <= 5
    site.pages |= up
    site.publish("2")
    [after] = later(run, clock, paper, 1)
    assert after == {"unchanged": 1, "new": 1}


def test_what_is_no_article_blocked_or_reserved(run: Run, site: Site, paper: Source, sql: Any) -> None:
    menu = "<html><body>" + "".join(f"<a href='/{n}'>Sección {n}</a>" for n in range(40)) + "</body></html>"
    site.pages |= {
        site.publish("menu"): Resource(menu.encode()),
        site.publish("pdf"): Resource(b"%PDF-1.7", "application/pdf"),
        site.publish("no"): Resource(b"go away", status=403),
        site.publish("header"): Resource(article("h"), headers=(("X-Robots-Tag", "noarchive"),)),
        site.publish("meta"): Resource(article("m", head='<meta name="robots" content="noarchive">')),
        site.publish("tdm"): Resource(article("t"), headers=(("tdm-reservation", "1"),)),
    }
    assert run(paper) == {"paper": {"not-article": 2, "blocked": 1, "robots": 3}}
    assert sql("SELECT count(*) FROM articles") == [(0,)]
    reserved = [row[0] for row in sql("SELECT reserved FROM crawl_addresses WHERE reserved IS NOT NULL ORDER BY 1")]
    assert reserved == [
        "noarchive: X-Robots-Tag: noarchive",
        "noarchive: meta robots: noarchive",
        "tdm: header tdm-reservation: 1",
    ]


def test_reserved_pages_are_taken_where_the_settings_say_so_and_noted_all_the_same(
    run: Run, site: Site, paper: Source, sql: Any
) -> None:
    site.pages[site.publish("1")] = Resource(article("1"), headers=(("X-Robots-Tag", "noarchive"),))
    rules = [{"location": "/", "tdm-reservation": 1}]
    site.pages["/.well-known/tdmrep.json"] = Resource(json.dumps(rules).encode(), "application/json")
    assert run(replace(paper, take_reserved=True)) == {"paper": {"new": 1}}
    assert sql("SELECT reserved FROM crawl_addresses") == [("noarchive: X-Robots-Tag: noarchive",)]


def test_a_site_that_reserves_everything_is_not_fetched(run: Run, site: Site, paper: Source) -> None:
    rules = [{"location": "/mundo/*", "tdm-reservation": 1}]
    site.pages["/.well-known/tdmrep.json"] = Resource(json.dumps(rules).encode(), "application/json")
    path = site.publish("1")
    assert run(paper) == {"paper": {"robots": 1}}
    assert site.asked(path)[path] == 0


def test_the_same_text_at_another_address_is_a_duplicate(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    one, two = site.publish("1"), site.publish("2")
    site.pages[two] = site.pages[one]
    assert run(paper) == {"paper": {"new": 1, "duplicate": 1}}


def test_an_article_that_claims_another_address_is_not_fetched_there_too(
    run: Run, site: Site, paper: Source, clock: SimulatedClock
) -> None:
    plain = site.publish("1")
    late = site.publish("1-version-para-imprimir")
    site.pages[late] = Resource(article("1", head=f'<link rel="canonical" href="{site.url}{plain}">'))
    assert run(paper) == {"paper": {"new": 1, "known": 1}}
    assert site.asked(plain)[plain] + site.asked(late)[late] == 1


def nine_slugs(site: Site, at: float) -> None:
    """Publish one article under one id with nine slugs."""
    for letter in "abcdefghi":
        path = f"/noticia/482137/titular-numero-{letter}"
        site.pages[path] = Resource(article("la misma"))
        site.feed[path] = iso(at)
    site.write_feed()


def test_one_id_under_ever_new_slugs_is_stopped_and_stays_stopped(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, told: Any, sql: Any
) -> None:
    nine_slugs(site, clock.at)
    found = run(paper)["paper"]
    pattern = next(name for name in found if name.startswith("filtered"))
    assert found["new"] == 1
    assert found["duplicate"] == SAME_ID
    assert found[pattern] == 9 - 1 - SAME_ID
    assert len([line for line in told.lines if "stopped" in line]) == 1
    fetched = sum(site.asked().values())
    site.feed["/noticia/482137/otro-mas"] = iso(clock.at)
    site.write_feed()
    clock.at += HOUR / 2
    assert run(paper, forced=True)["paper"][pattern] >= 1
    assert sum(site.asked().values()) == fetched + 1, "only the feed"
    assert sql("SELECT why FROM crawl_patterns") == [(f"one text under {SAME_ID + 1} addresses with the same number",)]


def test_what_was_left_out_under_a_pattern_is_fetched_once_it_is_let_go(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any
) -> None:
    nine_slugs(site, clock.at)
    run(paper)
    clock.at += HOUR
    run(paper)
    left = [url for (url,) in sql("SELECT url FROM crawl_addresses WHERE ending = 'filtered' AND visits = 0")]
    assert len(left) == 9 - 1 - SAME_ID
    site.feed.clear()  # the feed has long gone on
    site.write_feed()
    clock.at += HOUR
    (pattern,) = sql("SELECT pattern FROM crawl_patterns")[0]
    found = run(paper, released=(pattern,))
    assert found["paper"]["duplicate"] == len(left)
    assert all(sum(site.asked(url.removeprefix(site.url)).values()) == 1 for url in left)
    assert sql("SELECT count(*) FROM crawl_patterns WHERE released IS NULL") == [(0,)]


def test_budgets_leave_the_rest_for_the_next_run(run: Run, site: Site, paper: Source, clock: SimulatedClock) -> None:
    for n in range(5):
        site.publish(str(n), published=clock.at - (10 - n) * HOUR)
    assert run(replace(paper, max_pages=2)) == {"paper": {"new": 2, "waiting": 3}}
    assert [hit.path[-1] for hit in site.hits[-2:]] == ["4", "3"], "the newest first"
    clock.at += 60
    assert run(replace(paper, max_pages=2), max_time=1.5)["paper"] == {"new": 1, "waiting": 2}
    clock.at += 60
    assert run(paper) == {"paper": {"new": 2}}


def test_patterns_of_the_settings(run: Run, site: Site, paper: Source, sql: Any) -> None:
    site.publish("1")
    assert run(replace(paper, skip=("/mundo/*",))) == {"paper": {"filtered /mundo/*": 1}}
    assert sql("SELECT remark FROM crawl_runs") == [("nothing new: 1 of 1 addresses: filtered",)]


@pytest.mark.parametrize("wall", [Resource(b"no", status=403), Resource(b"", status=500)])
def test_a_list_that_told_of_an_edit_behind_a_wall_is_still_believed(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, wall: Resource
) -> None:
    """Else the next edit, which stands for three hours, would be asked for after half the age of the article."""
    path = site.publish("1", published=clock.at)
    source = replace(paper, feeds=(), sitemaps=(f"{site.url}/sitemap.xml",), again=(), every=0.0)
    start = clock.at
    write_sitemap(site, path, start)
    assert run(source)["paper"] == {"new": 1}
    write_sitemap(site, path, start + 40 * HOUR)
    site.pages[path] = wall
    for hours in (40, 41.1):
        clock.at = start + hours * HOUR
        assert set(run(source)["paper"]) <= {"blocked", "failed"}
    assert site.asked(path)[path] == 3
    site.pages[path] = Resource(article("segunda edición"))
    write_sitemap(site, path, start + 42 * HOUR)
    clock.at = start + 42.2 * HOUR
    assert run(source)["paper"] == {"changed": 1}


def test_a_feed_that_is_gone_or_html_says_so(run: Run, site: Site, paper: Source, sql: Any) -> None:
    del site.pages[FEED]
    assert run(paper) == {"paper": {}}
    assert sql("SELECT error, failures FROM crawl_lists") == [("the answer was 404", 1)]
    site.pages[FEED] = Resource(b"<html><body>Hola</body></html>")
    run(paper, forced=True)
    assert sql("SELECT error, failures FROM crawl_lists") == [("html", 2)]
    assert sql("SELECT remark FROM crawl_runs ORDER BY run_id DESC LIMIT 1") == [("nothing new: 1 of 1 lists failed",)]


class Killed(Exception):
    """Stands for a power cut."""


@pytest.mark.parametrize("nth", range(1, 8))
def test_a_run_that_dies_is_gone_on_with(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, nth: int, monkeypatch: Any, sql: Any
) -> None:
    """Whatever was stored is not fetched again, and nothing is lost."""
    for n in range(5):
        site.publish(str(n))
    keep, calls = Archive.keep_exchange, 0

    def dying(self: Archive, *args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > nth:
            raise Killed
        return keep(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "keep_exchange", dying)
        patch.setattr(Archive, "commit", lambda self: None)
        with pytest.raises(Killed):
            run(paper)
    before = len(site.hits)
    run(paper)
    assert sql("SELECT count(*) FROM articles") == [(5,)]
    stored = max(0, nth - 3)  # robots.txt, tdmrep.json and the feed come first
    assert sum(n for path, n in site.asked(since=before).items() if path != FEED) == 5 - stored


def test_hosts_are_asked_side_by_side_and_each_politely(run: Run, site: Site, paper: Source, clock: Any) -> None:
    with serving(Site(clock.now), "127.0.0.2") as other:
        for each in (site, other):
            for n in range(10):
                each.publish(str(n) + each.url[-2:])
        start = clock.at
        second = replace(paper, name="other", url=other.url + "/", feeds=(f"{other.url}/rss.xml",))
        assert run(paper, second) == {"paper": {"new": 10}, "other": {"new": 10}}
        assert clock.at - start < 30
        for each in (site, other):
            assert all(b.at - a.at >= 2 for a, b in pairwise(each.hits))


def test_a_full_disk_ends_the_run_with_its_error(
    run: Run, site: Site, paper: Source, monkeypatch: Any, sql: Any
) -> None:
    for n in range(3):
        site.publish(str(n))

    def full(*_: Any) -> None:
        raise ArchiveError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "record", full)
        with pytest.raises(ArchiveError, match="full"):
            run(paper)
    assert run(paper) == {"paper": {"known": 1, "new": 2}}
    assert sql("SELECT count(*) FROM articles") == [(3,)]


@pytest.mark.parametrize("depth", ["drop", "erase"])
def test_what_was_forgotten_is_not_asked_for_again(
    run: Run, site: Site, paper: Source, clock: SimulatedClock, sql: Any, tmp_path: Path, depth: Any
) -> None:
    for n in range(2):
        site.publish(str(n), published=clock.at)
    run(paper)
    path = next(iter(site.feed))
    ((url,),) = sql("SELECT url FROM captures WHERE url LIKE ?", f"%{path}")
    with Archive.open(tmp_path / "archive", lambda: iso(clock.at)) as archive:
        archive.start_run("forget")
        archive.forget(archive.forgettable(Wanted("url", url)), depth)
        archive.finish_run("ok")
    before = dict(site.asked())
    clock.at += DAY
    site.publish("another", published=clock.at)
    found = run(paper)["paper"]
    assert (found["new"], found["filtered forgotten"]) == (1, 1)
    assert site.asked()[path] == before[path]
    assert sql("SELECT count(*) FROM articles") == [(2,)]
    for table in ("captures", "crawl_addresses"):
        assert sql(f"SELECT count(*) FROM {table} WHERE url = ?", url) == [(0,)]
