"""Writing into `sources.toml` without touching what a person wrote there: an entry is added at its end, with notes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.items import Table

from scraper.settings import Settings

HEAD = "# What is crawled. Each [[source]] is a paper; the keys are explained in docs/crawling.md."
CONTACT = "who runs this: part of the user agent, so that a site can reach you"


@dataclass(frozen=True, slots=True)
class Entry:
    """A new `[[source]]`: lists of addresses, each with a note beside it, and what else was said."""

    name: str
    url: str
    note: str
    feeds: Sequence[tuple[str, str]] = ()
    sitemaps: Sequence[tuple[str, str]] = ()
    sections: Sequence[tuple[str, str]] = ()
    further: Sequence[str] = ()  #: section pages that are not followed, told in a comment
    since: str | None = None
    delay: float | None = None
    allow_private: bool = False
    proxy: str | None = None


def with_entry(text: str, entry: Entry) -> str:
    """The file's text with an entry at its end; all that stood there stays, byte for byte."""
    whole = text if not text or text.endswith("\n") else text + "\n"
    return (whole or HEAD + "\n") + "\n" + written(entry)


def written(entry: Entry) -> str:
    """An entry as it is written."""
    table = tomlkit.table()
    table.add(tomlkit.comment(_line(entry.note)))
    table.add("name", entry.name)
    table.add("url", entry.url)
    for key, places in (("feeds", entry.feeds), ("sitemaps", entry.sitemaps), ("sections", entry.sections)):
        if places:
            _add_list(table, key, places)
    if entry.further:
        table.add(tomlkit.comment("further sections, for whoever wants them:"))
        for url in entry.further:
            table.add(tomlkit.comment(f"  {tomlkit.item(url).as_string()},"))
    table.add("every", "1h")
    table["every"].comment("at most this often")
    if entry.delay is not None:
        table.add("delay", entry.delay)
    if entry.since is not None:
        table.add("since", entry.since)
        table["since"].comment("how far the first crawl goes back")
    if entry.allow_private:
        table.add("allow-private", True)
    if entry.proxy is not None:
        table.add("proxy", entry.proxy)
    return f"[[source]]\n{table.as_string()}"


def with_contact(text: str, contact: str) -> str:
    """The file's text with its contact set, at its place or at the top."""
    document = tomlkit.parse(text)
    if "contact" in document:
        document["contact"] = contact
        return tomlkit.dumps(document)
    line = tomlkit.item(contact).as_string()
    head, body = (HEAD + "\n", "") if not text.strip() else ("", "\n" + text)
    return f"{head}contact = {line}  # {CONTACT}\n{body}"


def save(path: Path, text: str) -> None:
    """Put a new text in place of the file in one step; what is wrong leaves the old one."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".sources-", suffix=".toml")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def free_name(wanted: str, settings: Settings) -> str:
    """A name that no source has yet: the wanted one, or with a number behind it."""
    taken = {source.name for source in settings.sources}
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _add_list(table: Table, key: str, places: Sequence[tuple[str, str]]) -> None:
    array = tomlkit.array()
    for url, note in places:
        array.add_line(url, comment=_line(note) or None)
    array.add_line(indent="")
    table.add(key, array)


def _line(text: str) -> str:
    """A note on one line, without what a TOML comment may not hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
