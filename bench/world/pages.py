"""The invented papers as bytes: article pages with furniture, front pages, feeds, sitemaps, robots.txt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from bench.world.stories import Paper, Story

#: When every world begins: a Monday.
BEGIN = datetime(2025, 3, 3, tzinfo=UTC)
FEED_ITEMS = 20
FRONT_ITEMS = 25

_MENU = ("Portada", "Mundo", "Cultura", "Economía", "Local", "Deportes", "Newsletter", "Hemeroteca")


def moment(minutes: int) -> datetime:
    """A moment of the world as a date."""
    return BEGIN + timedelta(minutes=minutes)


def iso(minutes: int) -> str:
    """A moment of the world as feeds and sitemaps write it."""
    return moment(minutes).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def challenge(paper: Paper) -> str:
    """What stands before a paper that takes us for a robot; nginx puts a number of its own into each (SSI)."""
    return f"""<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>Un momento…</title></head><body>
<h1>Diario {paper.number}</h1><h2>Verifica que eres humano</h2>
<p>Estamos comprobando la seguridad de tu conexión antes de continuar.</p>
<p>Identificador: <!--#echo var="request_id" --></p></body></html>
"""


def article(paper: Paper, origin: str, story: Story, now: int, others: Sequence[Story]) -> str:
    """A story's page as it stands now, in the layout of its paper, with what newspapers put around a text.

    A template that is broken has a place for the text, and a head that knows all about it.
    """
    url = origin + story.path(now)
    broken = paper.trouble is not None and paper.trouble.kind == "broken" and paper.trouble.lasts(now)
    body = "\n".join(f"<p>{escape(text)}</p>" for text in story.versions[story.version(now)].paragraphs)
    related = "".join(f'<li><a href="{origin}{o.path(now)}">{escape(o.title)}</a></li>' for o in others)
    holder = ("article", "div", "section")[paper.number % 3]
    name = ("cuerpo", "story-body", "nota")[paper.number % 3]
    dated = f'<time datetime="{iso(story.published)}">{moment(story.published):%d/%m/%Y}</time>'
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": iso(story.published),
        "author": {"@type": "Person", "name": story.author},
    }
    linked = f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
    inner = f"""<h1>{escape(story.title)}</h1>
<p class="firma">Por {escape(story.author)} · {dated}</p>
<p class="compartir">Compartir en Facebook · Compartir en X · 0 comentarios</p>
{body}"""
    return f"""<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>{escape(story.title)} | Diario {paper.number}</title>
<link rel="canonical" href="{url}">{linked if paper.number % 2 else ""}
<meta property="og:title" content="{escape(story.title)}"></head><body>
{_menu(origin)}
<{holder} class="{name}">{'<div id="contenido"></div>' if broken else inner}
</{holder}>
<aside><h3>Lo más visto</h3><ul>{related}</ul></aside>
{_footer(paper)}</body></html>
"""


def front(paper: Paper, origin: str, stories: Sequence[Story], now: int, heading: str) -> str:
    """A front or section page: the newest stories as links among the menus."""
    items = "".join(
        f'<article><h2><a href="{origin}{s.path(now)}">{escape(s.title)}</a></h2>'
        f"<p>{escape(s.versions[0].paragraphs[0][:90])}…</p></article>\n"
        for s in stories
    )
    feed = f'<link rel="alternate" type="{_FEED_TYPES[paper.feed]}" href="{origin}{feed_path(paper)}">'
    return f"""<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>{escape(heading)} | Diario {paper.number}</title>
{feed if paper.feed != "none" else ""}</head><body>{_menu(origin)}<main><h1>{escape(heading)}</h1>
{items}</main>{_footer(paper)}</body></html>
"""


_FEED_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "none": "",
}


def feed_path(paper: Paper) -> str:
    """Where the feed of a paper lies."""
    return {"rss": "/rss.xml", "atom": "/atom.xml", "json": "/feed.json", "none": ""}[paper.feed]


def feed(paper: Paper, origin: str, stories: Iterable[Story], now: int) -> str:
    """The feed of a paper that has one."""
    make = {"rss": _rss, "atom": _atom, "json": _json}[paper.feed]
    return make(paper, origin, list(stories), now)


def _rss(paper: Paper, origin: str, stories: Sequence[Story], now: int) -> str:
    items = "".join(
        f"<item><title>{escape(s.title)}</title><link>{origin}{s.path(now)}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{paper.number}-{s.number}</guid>"
        f"<pubDate>{format_datetime(moment(s.published))}</pubDate></item>"
        for s in stories
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Diario {paper.number}</title><link>{origin}/</link><description>-</description>{items}</channel></rss>"
    )


def _atom(paper: Paper, origin: str, stories: Sequence[Story], now: int) -> str:
    items = "".join(
        f"<entry><title>{escape(s.title)}</title><id>tag:{paper.number},{s.number}</id>"
        f'<link rel="alternate" href="{origin}{s.path(now)}"/>'
        f"<published>{iso(s.published)}</published><updated>{iso(_changed(paper, s, now))}</updated></entry>"
        for s in stories
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Diario {paper.number}'
        f"</title><id>{origin}/</id><updated>{iso(now)}</updated>{items}</feed>"
    )


def _json(paper: Paper, origin: str, stories: Sequence[Story], now: int) -> str:
    items = [
        {
            "id": f"{paper.number}-{s.number}",
            "url": origin + s.path(now),
            "title": s.title,
            "date_published": iso(s.published),
            "date_modified": iso(_changed(paper, s, now)),
        }
        for s in stories
    ]
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": f"Diario {paper.number}", "items": items},
        ensure_ascii=False,
    )


def sitemap(paper: Paper, origin: str, stories: Iterable[Story], now: int) -> str:
    """A sitemap of the stories; with the news extension where the paper keeps a news sitemap."""
    news = paper.sitemap == "news"
    entries = "".join(
        f"<url><loc>{origin}{s.path(now)}</loc>"
        + (f"<lastmod>{iso(_changed(paper, s, now))}</lastmod>" if paper.dated else "")
        + (_news(paper, s) if news else "")
        + "</url>"
        for s in stories
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'
    )


def _news(paper: Paper, story: Story) -> str:
    return (
        f"<news:news><news:publication><news:name>Diario {paper.number}</news:name><news:language>es</news:language>"
        f"</news:publication><news:publication_date>{iso(story.published)}</news:publication_date>"
        f"<news:title>{escape(story.title)}</news:title></news:news>"
    )


def sitemap_index(origin: str, names: Iterable[str]) -> str:
    """An index of sitemaps."""
    entries = "".join(f"<sitemap><loc>{origin}{name}</loc></sitemap>" for name in names)
    return f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'


def robots(paper: Paper, origin: str) -> str:
    """robots.txt: a forbidden corner, a delay, the sitemap."""
    lines = ["User-agent: *", "Disallow: /privado/"]
    if paper.crawl_delay:
        lines.append(f"Crawl-delay: {paper.crawl_delay}")
    if paper.sitemap != "none":
        lines.append(f"Sitemap: {origin}/sitemap.xml")
    return "\n".join(lines) + "\n"


def _changed(paper: Paper, story: Story, now: int) -> int:
    return story.versions[story.version(now)].since if paper.dated else story.published


def _menu(origin: str) -> str:
    links = "".join(f'<li><a href="{origin}/{name.lower()}">{name}</a></li>' for name in _MENU)
    secret = f'<li><a href="{origin}/privado/el-archivo-que-nadie-debe-leer-nunca-99999.html">Área privada</a></li>'
    return f"<nav><ul>{links}{secret}</ul></nav>"


def _footer(paper: Paper) -> str:
    return f"<footer><p>© 2025 Diario {paper.number}. Todos los derechos reservados. Aviso legal.</p></footer>"
