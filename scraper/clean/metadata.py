"""An article's fields, each with who said it; wrong is worse than empty.

Order of trust: a site rule, JSON-LD, meta elements, microdata, the page's own text, its address, and last what was
given along with the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from archive.identity import is_dump_urn, path_of, site_of
from archive.model import Field, Page
from scraper.clean.authors import byline_authors, declared_authors, labelled_authors, shown_authors
from scraper.clean.examine import Examined, site_names
from scraper.clean.jsonld import text_of, types
from scraper.clean.language import language_of
from scraper.clean.pubdates import first_stated, in_folders, in_url, local_day, not_after, told_apart
from scraper.rules.addresses import Refusal, address, believed
from scraper.rules.discovery import AddressHabits
from scraper.rules.lines import LineRules
from scraper.rules.phrases import fold

#: Claims of an address that are told of where they are not believed, and how.
_DOUBTS = {Refusal.OTHER_SITE: "of another site", Refusal.FRONT_PAGE: "the front page"}

_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date.published",
    "published_time",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "citation_publication_date",
    "originalpublicationdate",
    "published",
    "date",
)
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
)
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
            "citation_author", "cxenseparse:author", "article:author_name")  # fmt: skip
_MAX_TAGS = 30
_MAX_TAG = 60  # characters
_MAX_DESCRIPTION = 1000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the decided blocks tell of an article's fields: bylines and dates near the title, and the text itself."""

    text: str
    bylines: Sequence[str] = ()
    dates: Sequence[str] = ()  #: `datetime` attributes and date lines, the most trusted first


def fields_of(page: Page, found: Examined, around: Surroundings, rules: LineRules) -> dict[str, Field]:
    """The fields that are known, by the names in `archive.model.FIELDS`."""
    base = page.url if page.url and not is_dump_urn(page.url) else found.head.canonical
    modified = _modified(page, found, rules)
    fields: dict[str, Field | None] = {
        "title": _title(page, found),
        "authors": _authors(page, found, around, rules),
        "published": _published(page, found, around, modified, rules),
        "modified": modified,
        "language": _language(found, around),
        "section": _section(found),
        "tags": _tags(found),
        "description": _description(found),
        "image": _image(found, base),
    }
    published = fields["published"]
    if published and modified and str(modified.value)[:10] < str(published.value)[:10]:
        fields["modified"] = None
    return {name: value for name, value in fields.items() if value is not None}


def claimed(page: Page, found: Examined, habits: AddressHabits) -> tuple[str | None, str | None]:
    """The address the page claims and is believed (`scraper.rules.addresses.believed`); and where none is, the one that
    is not, and why, for people."""
    own = address(page.url or "", habits) if site_of(page.url) else None
    own, refused = (None if isinstance(own, Refusal) else own), None
    for claim in (found.head.canonical, found.head.first("og:url")):
        told = believed(own, claim, habits) if claim else Refusal.MALFORMED
        if not isinstance(told, Refusal):
            return told, None
        if told in _DOUBTS and refused is None:
            refused = f"{address(claim, habits, own or '')} ({_DOUBTS[told]})"
    return None, refused


def _title(page: Page, found: Examined) -> Field | None:
    if found.title:
        return Field(found.title.text, found.title.source)
    return Field(" ".join(page.title.split()), "manifest") if page.title and page.title.strip() else None


def _authors(page: Page, found: Examined, around: Surroundings, rules: LineRules) -> Field | None:
    sites = list(site_names(found.head, page.url))
    names = declared_authors(found.article.get("author"), rules.vocabulary, sites)
    if names:
        return Field(names, "json-ld")
    for key in _AUTHORS:
        said = [value for value in found.head.meta.get(key, ()) if "://" not in value]
        names = declared_authors(said, rules.vocabulary, sites)
        if names:
            return Field(names, "meta")
    labelled = labelled_authors(found.head.meta, rules.vocabulary, sites)
    if labelled:
        return Field(labelled, "meta")
    names = declared_authors(list(found.head.persons), rules.vocabulary, sites)
    if names:
        return Field(names, "microdata")
    names = shown_authors(found.head.writers, rules.vocabulary, sites)
    names = names or byline_authors(around.bylines, rules.vocabulary)
    linked = shown_authors(found.head.by_link, rules.vocabulary, sites)
    names = names or (linked if len(linked) == 1 else ())
    return Field(names, "html") if names else None


def _published(
    page: Page, found: Examined, around: Surroundings, modified: Field | None, rules: LineRules
) -> Field | None:
    path = path_of(page.url or found.head.canonical)
    day = not_after(in_url(path), page.captured_at)
    days = [day] if day and in_folders(path) else []
    sayings = (
        ("json-ld", [text_of(found.article.get(key)) for key in ("datePublished", "dateCreated")]),
        ("meta", [value for key in _PUBLISHED for value in found.head.meta.get(key, ())]),
        ("json-ld", _one_day(found)),
        ("html", [text for text in around.dates if not _is_update(text, rules)]),
    )
    changed = str(modified.value) if modified else None
    for source, texts in sayings:
        said = list(filter(None, texts))
        moment = first_stated(said, rules.months, page.captured_at) or (
            told_apart(said, changed[:10]) if changed else None
        )
        if moment is not None:
            own = local_day(moment, changed, days) if source != "html" else None
            return Field(own, "url") if own else Field(moment, source)
    return Field(day, "url") if day else None


def _one_day(found: Examined) -> list[str]:
    """What JSON-LD says of the publication of the page, where it says one day."""
    pages = (item for item in found.head.statements if any(kind.endswith("page") for kind in types(item)))
    said = list(filter(None, (text_of(item.get("datePublished")) for item in pages)))
    return said[:1] if len({text[:10] for text in said}) == 1 else []


def _is_update(text: str, rules: LineRules) -> bool:
    """Whether a date line says that it is the date of a change: `Last updated on 3 May 2031`."""
    words = fold(text)
    return any(words[:size] in rules.vocabulary["updated"] for size in (1, 2, 3))


def _modified(page: Page, found: Examined, rules: LineRules) -> Field | None:
    said = text_of(found.article.get("dateModified"))
    moment = first_stated([said], rules.months, page.captured_at) if said else None
    if moment is not None:
        return Field(moment, "json-ld")
    texts = [value for key in _MODIFIED for value in found.head.meta.get(key, ())]
    moment = first_stated(texts, rules.months, page.captured_at)
    return Field(moment, "meta") if moment else None


def _language(found: Examined, around: Surroundings) -> Field | None:
    """The primary language subtag, as for dumps; the text's own language overrules what a template declares."""
    spoken = language_of(around.text)
    said = (
        (text_of(found.article.get("inLanguage")), "json-ld"),
        (found.head.language, "html"),
        (found.head.first("og:locale", "content-language", "language", "dc.language"), "meta"),
    )
    for tag, source in said:
        primary = tag.strip().lower().replace("_", "-").partition("-")[0]
        primary = "nb" if primary == "no" else primary
        if 2 <= len(primary) <= 3 and primary.isalpha() and spoken in (None, primary):
            return Field(primary, source)
    return Field(spoken, "text") if spoken else None


def _section(found: Examined) -> Field | None:
    value = found.article.get("articleSection")
    said = text_of(value)
    if said and len(said) <= _MAX_TAG:
        return Field(" ".join(said.split()), "json-ld")
    said = found.head.first("article:section", "parsely-section", "og:section", "section", "cxenseparse:section")
    if said and len(said) <= _MAX_TAG and "://" not in said:
        return Field(said, "meta")
    said = found.head.section
    return Field(said, "microdata") if said and len(said) <= _MAX_TAG else None


def _tags(found: Examined) -> Field | None:
    tags = tuple(_tag_list(found.article.get("keywords")))
    if tags:
        return Field(tags, "json-ld")
    for key in ("article:tag", "parsely-tags", "news_keywords", "sailthru.tags", "keywords"):
        tags = tuple(_tag_list(list(found.head.meta.get(key, ()))))
        if tags:
            return Field(tags, "meta")
    return None


def _tag_list(value: Any) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    seen: set[str] = set()
    for item in values[: 3 * _MAX_TAGS]:
        for part in text_of(item).replace(";", ",").split(","):
            tag = " ".join(part.split())
            if 1 < len(tag) <= _MAX_TAG and tag.casefold() not in seen and ":" not in tag and len(seen) < _MAX_TAGS:
                seen.add(tag.casefold())
                yield tag


def _description(found: Examined) -> Field | None:
    said = found.head.first("og:description", "description", "twitter:description")
    source = "meta"
    if not said:
        said, source = text_of(found.article.get("description")), "json-ld"
    said = " ".join(said.split())
    title = found.title.text if found.title else ""
    return Field(said[:_MAX_DESCRIPTION], source) if said and said != title else None


def _image(found: Examined, base: str | None) -> Field | None:
    said, source = (
        found.head.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"),
        "meta",
    )
    if not said:
        said, source = _image_url(found.article.get("image")), "json-ld"
    if not said:
        return None
    try:
        address = urljoin(base or "", said)
    except ValueError:
        return None
    return Field(address, source) if address.startswith(("http://", "https://")) else None


def _image_url(value: Any) -> str:
    if isinstance(value, list):
        return next((found for item in value[:5] if (found := _image_url(item))), "")
    if isinstance(value, Mapping):
        return text_of(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return text_of(value)
