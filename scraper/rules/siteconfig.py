"""Rules in the format of `ftr-site-config` (https://github.com/fivefilters/ftr-site-config, public domain), as ours.

A file `HOST.txt` has a directive a line: `body`, `title`, `author`, `date` and `strip` with an XPath,
`strip_id_or_class` with a part of a name, `test_url` with an address. The rest (`prune`, `next_page_link`,
`replace_string`, ...) is about fetching and rewriting and has no place here; it is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from scraper.rules.xpath import NoSelector, selectors

#: Their directive -> our key.
FIELDS = {"title": "title", "author": "authors", "date": "published"}
XPATHS = ("body", "strip", *FIELDS)

_DIRECTIVE = re.compile(r"\s*([a-z_]+)(?:\([^)]*\))?\s*:\s*(.*\S)\s*\Z")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+\Z")
_PART = re.compile(r"[\w-]+\Z")


@dataclass(frozen=True, slots=True)
class Untranslated:
    """An XPath without an equivalent, and why."""

    directive: str
    expression: str
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A file's rules: selectors by our key, one entry an XPath; `body` in the order in which they are tried."""

    host: str
    body: tuple[str, ...]
    remove: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]
    untranslated: tuple[Untranslated, ...]
    xpaths: int  #: read in all

    @property
    def useful(self) -> bool:
        """Whether anything came of the file."""
        return bool(self.body or self.remove or self.fields)


def host_of(file_name: str) -> str | None:
    """The host a file is about: its name without `.txt`, a leading dot and `www.`; None where it names none."""
    name = file_name.lower().removesuffix(".txt").lstrip(".").removeprefix("www.")
    return name if _HOST.match(name) else None


def directives(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a file that say something."""
    for line in text.splitlines():
        match = None if line.lstrip().startswith("#") else _DIRECTIVE.match(line)
        if match:
            yield match[1], match[2]


def read(host: str, text: str) -> Imported:
    """The rules of one file."""
    body: list[str] = []
    remove: list[str] = []
    fields: list[tuple[str, str]] = []
    tests: list[str] = []
    failed: list[Untranslated] = []
    count = 0
    for name, value in directives(text):
        if name == "test_url":
            tests.append(value)
        elif name == "strip_id_or_class" and _PART.match(value.strip("\"'")):
            part = value.strip("\"'")
            remove.append(f'[id*="{part}"], [class*="{part}"]')
        elif name in XPATHS:
            count += 1
            try:
                found = ", ".join(_checked(selectors(value)))
            except NoSelector as reason:
                failed.append(Untranslated(name, value, str(reason)))
                continue
            if name == "body":
                body.append(found)
            elif name == "strip":
                remove.append(found)
            else:
                fields.append((FIELDS[name], found))
    return Imported(
        host, _once(body), _once(remove), tuple(dict.fromkeys(fields)), _once(tests), tuple(failed), xpaths=count
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _checked(found: Sequence[str]) -> Sequence[str]:
    for each in found:
        try:
            LexborHTMLParser("<p>").css(each)
        except (SelectolaxError, ValueError) as error:
            raise NoSelector(f"{each!r} is no selector selectolax understands") from error
    return found


def as_toml(rules: Imported, origin: str) -> str:
    """The rules as a file of `rules/imported/`: a layout for each body, tried in their order."""
    lines = [f"# {rules.host}, imported from {_plain(origin)}. Rules of your own in rules/sites/ win over these."]
    lines += [
        f"# no CSS equivalent ({_plain(x.why)}): {x.directive}: {_plain(x.expression)}" for x in rules.untranslated
    ]
    for number, body in enumerate(rules.body or ("",), 1):
        lines += ["", "[[html]]", f'id = "imported-{number}"', *_layout(rules, body)]
        for nth, select in enumerate(rules.remove, 1):
            lines += ["", "[[html.remove]]", f'id = "strip-{nth}"', 'why = "Stripped in the imported rules."']
            lines.append(f"select = {_quoted(select)}")
    return "\n".join(lines) + "\n"


def _layout(rules: Imported, body: str) -> Iterator[str]:
    if body:
        yield f"when = {_quoted(body)}"
        yield f"body = {_quoted(body)}"
    for key in dict.fromkeys(key for key, _ in rules.fields):
        yield f"{key} = [{', '.join(_quoted(select) for name, select in rules.fields if name == key)}]"
    if rules.tests:
        yield f"tests = [{', '.join(map(_quoted, rules.tests))}]"


def _quoted(text: str) -> str:
    """A TOML basic string: https://toml.io/en/v1.0.0#string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def total(imported: Iterable[Imported]) -> tuple[int, int]:
    """XPaths read, and those of them that were translated."""
    files = list(imported)
    read_in_all = sum(rules.xpaths for rules in files)
    return read_in_all, read_in_all - sum(len(rules.untranslated) for rules in files)
