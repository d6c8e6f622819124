"""Why nothing came of a capture: the closed list behind `captures.reason`.

A reason is stored by its value; `docs/reasons.md` is generated from the descriptions here and tested against them.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A code of the closed list; `.meaning` says it in a sentence."""

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> Reason:
        """A member is written `NAME = code, meaning`."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    # The input could not be read: nothing was archived.
    MISSING = "missing", "the file was not there when its turn came"
    UNREADABLE = "unreadable", "the system refused to read the file"
    TOO_LARGE = "too-large", "the page is larger than the limit, or unpacks to more than it"
    TRUNCATED = "truncated", "a compressed file, a WARC record or the answer of a server ends before its end"
    DAMAGED = "damaged", "a compressed file, WARC record or table row cannot be decoded"
    # The bytes were archived, but they are no page that can be cleaned.
    EMPTY = "empty", "the page has no characters but white space"
    BINARY = "binary", "the bytes are not text: an image, a program, an unknown format"
    NOT_A_PAGE = "not-a-page", "a WARC response that is not text or HTML, or has a status other than 200"
    TOO_DEEP = "too-deep", "the HTML is nested beyond what can be parsed"
    TIMEOUT = "timeout", "cleaning took longer than the limit and was stopped"
    CRASH = "crash", "the cleaner failed on this page; `error` holds the message"
    # The page was cleaned and no article came out.
    NO_ARTICLE = "no-article", "no run of prose was found: a menu, a list of links, a bare front page"
    STUB = "stub", "too little text to be an article"
    ERROR_PAGE = "error-page", "the page says that it is missing or failed (404, 500, ...)"
    CONSENT = "consent", "a consent or cookie wall instead of the page"
    CAPTCHA = "captcha", "a challenge that asks for a human"
    NEEDS_JAVASCRIPT = "needs-javascript", "the page asks for JavaScript and holds nothing else"
    PAYWALL = "paywall", "a stub before a paywall"
    GALLERY = "gallery", "pictures with captions, and hardly any text"
    VIDEO = "video", "a film or a recording, and hardly any text"
    # It was fetched, and is no page that is cleaned. (`too-large`, `truncated` and others apply as well.)
    FEED = "feed", "a feed, read for its links"
    SITEMAP = "sitemap", "a sitemap, read for its links"
    FRONT = "front", "a front or section page, read for its links"
    ROBOTS = "robots", "what a host allows: robots.txt, tdmrep.json"
    REDIRECT = "redirect", "the server named another address"
    NOT_MODIFIED = "not-modified", "the server said that the page is the one that is here"
    GONE = "gone", "the server answered with status 404 or 410"
    NOARCHIVE = "noarchive", "the publisher asks that it is not archived: only the head of the answer is kept"
    RESERVED = "reserved", "the publisher reserves text and data mining: only the head of the answer is kept"
    BLOCKED = "blocked", "the server or a service before it refuses robots, whatever status it answers with"
    HTTP_ERROR = "http-error", "the server answered with a status that is no success"
    GARBLED = "garbled", "what the server sent is no HTTP response"
    UNREACHABLE = "unreachable", "nothing was received: no such host, no connection, or no answer in time"
    REFUSED = "refused", "not fetched: its address is private, or of a kind that is never fetched"
    # An article came out, but the archive holds a better one for the same address.
    WORSE = "worse", "less than the article that stands at this address: a wall, a cut-off, under half of the words"
    # An article came out, and a person does not want it shown.
    HIDDEN = "hidden", "forgotten on request: `hemeroteca forget`"


#: Reasons that count as failed (exit code 1): the page could not be read or cleaned. The others are answers:
#: the page was read, and it holds no article.
FAILURES = frozenset(
    {
        Reason.MISSING,
        Reason.UNREADABLE,
        Reason.TOO_LARGE,
        Reason.TRUNCATED,
        Reason.DAMAGED,
        Reason.EMPTY,
        Reason.BINARY,
        Reason.TOO_DEEP,
        Reason.TIMEOUT,
        Reason.CRASH,
        Reason.HTTP_ERROR,
        Reason.GARBLED,
        Reason.UNREACHABLE,
    }
)
