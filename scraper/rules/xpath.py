"""XPath expressions as the CSS selectors that find the same elements, where there are any.

Understood is what site rules of the read-later tools are written in: steps (`//div/p`), attributes and classes, `and`,
`or`, `not`, `contains`, `starts-with`, positions, `following-sibling`, and elements that have some other inside. An
attribute or text at the end (`/@content`, `/text()`) is left out: fields are read from the element. What looks at the
words of an element, or goes up the tree by a count, has no CSS equivalent.

XPath 1.0, https://www.w3.org/TR/xpath-10/; Selectors Level 4, https://www.w3.org/TR/selectors-4/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"[^"]*"|'[^']*')|(?P<number>\d+)|(?P<name>[A-Za-z_][\w.-]*)|"""
    r"""(?P<sign>::|//|\.\.|!=|<=|>=|[/@\[\]()=|,.*<>+$-]))"""
)
_READ_FROM_THE_ELEMENT = frozenset({"content", "datetime", "title", "href", "src", "value"})
_TEXT = re.compile(r"\[[^\]]*\]")
_IDENTIFIER = re.compile(r"-?[A-Za-z_][\w-]*\Z")
_MOST = 24  # selectors that one expression may become

Token = tuple[str, str]


class NoSelector(Exception):
    """The expression has no CSS equivalent; the message says which part of it."""


def selectors(expression: str) -> list[str]:
    """The CSS selectors that together find what an XPath expression finds. Raises NoSelector."""
    reader = _Reader(list(_tokens(expression)))
    found = reader.union()
    if reader.peek() != ("end", ""):
        raise NoSelector(f"{reader.peek()[1]!r} is not understood here")
    return list(dict.fromkeys(found))


def _tokens(expression: str) -> Iterator[Token]:
    at, end = 0, len(expression.rstrip())
    while at < end:
        match = _TOKEN.match(expression, at)
        if match is None or match.lastgroup is None:
            raise NoSelector(f"{expression[at : at + 10]!r} is not understood")
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


class _Reader:
    """A recursive descent over the tokens; each method reads one production and gives its alternatives in CSS."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, ("end", "")]
        self.at = 0

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self, *signs: str) -> str | None:
        """The next token, where it is one of these."""
        kind, text = self.peek()
        if kind in ("sign", "name") and text in signs:
            self.at += 1
            return text
        return None

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise NoSelector(f"{sign!r} is missing before {self.peek()[1]!r}")

    def union(self) -> list[str]:
        found = self.path()
        while self.take("|"):
            found += self.path()
        return found

    def path(self) -> list[str]:
        if self.take("("):
            found = self.union()
            self.need(")")
            if self.take("["):
                raise NoSelector("a position in a list of results")
            return self.steps(found)
        self.take(".")
        slash = self.take("//", "/")
        if slash == "/" and self.peek()[1] in ("html", "body"):
            slash = "//"
        if slash == "/":
            raise NoSelector("a path from the root")
        return self.steps(self.step(""))

    def steps(self, found: list[str]) -> list[str]:
        while slash := self.take("//", "/"):
            if self.reads_the_element():
                return found
            if axis := self.take("parent", "ancestor"):
                found = self.up(axis, found)
                continue
            if self.take("following-sibling"):
                self.need("::")
                joined = " ~ "
            else:
                joined = " " if slash == "//" else " > "
            after = self.step("")
            if joined == " ~ " and any(":nth-" in each or ":last-" in each for each in after):
                raise NoSelector("a position among following siblings")
            found = _each(found, after, joined)
        return found

    def up(self, axis: str, found: list[str]) -> list[str]:
        """An element that has what was found inside; only where that is told by itself, not by what is around it."""
        self.need("::")
        whose = self.step("")
        if any(" " in _TEXT.sub("", each) for each in found) or any(":nth-of-type" in each for each in whose):
            raise NoSelector(f"axis {axis}")
        inside = ", ".join(f"{'> ' if axis == 'parent' else ''}{each}" for each in found)
        return [f"{each}:has({inside})" for each in whose]

    def reads_the_element(self) -> bool:
        """Whether the path ends with an attribute or the text of what was found, and that is read from it anyway."""
        if self.take("text"):
            self.need("(")
            self.need(")")
            return True
        if not self.take("@"):
            return False
        name = self.name()
        if name not in _READ_FROM_THE_ELEMENT:
            raise NoSelector(f"attribute {name!r} as a value")
        return True

    def name(self) -> str:
        kind, text = self.peek()
        if kind != "name":
            raise NoSelector(f"a name is missing before {text!r}")
        self.at += 1
        return text

    def step(self, before: str) -> list[str]:
        if self.take("descendant", "descendant-or-self", "child", "self"):
            self.need("::")
        if self.peek(1)[1] == "::":
            raise NoSelector(f"axis {self.peek()[1]}")
        if self.peek()[1] in ("..", "."):
            raise NoSelector("a step up the tree, or to itself")
        tag = "*" if self.take("*") else self.name().lower()
        if self.peek()[1] == "(":
            raise NoSelector(f"function {tag}()")
        found = [before + tag]
        first = True
        while self.take("["):
            conditions = self.either()
            if any(":nth-" in each or ":last-" in each for each in conditions):
                if not first:
                    raise NoSelector("a position among elements that meet a condition")
                kind = "child" if tag == "*" else "of-type"
                conditions = [each.replace("-of-type", f"-{kind}") for each in conditions]
            found = _each(found, conditions, "")
            self.need("]")
            first = False
        return found

    def either(self) -> list[str]:
        found = self.both()
        while self.take("or"):
            found += self.both()
        return found

    def both(self) -> list[str]:
        found = self.condition()
        while self.take("and"):
            found = _each(found, self.condition(), "")
        return found

    def condition(self) -> list[str]:
        kind, text = self.peek()
        if kind == "number":
            self.at += 1
            return [f":nth-of-type({text})"]
        if self.take("("):
            found = self.either()
            self.need(")")
            return found
        if kind == "name" and self.peek(1) == ("sign", "("):
            return self.call(text)
        if self.take("@"):
            return [self.compared(self.name())]
        return self.inside()

    def inside(self) -> list[str]:
        """An element that must be inside."""
        self.take(".")
        child = not self.take("//") and not self.take("/")
        found = self.steps(self.step(""))
        if self.peek()[1] in ("=", "!=", "<", ">"):
            raise NoSelector("a comparison with an element's words")
        return [f":has({'> ' if child else ''}{each})" for each in found]

    def compared(self, name: str) -> str:
        sign = self.take("=", "!=")
        if sign is None:
            return f"[{name}]"
        test = self.exactly(name, self.string())
        return test if sign == "=" else f"[{name}]:not({test})"

    def exactly(self, name: str, value: str) -> str:
        if name in ("id", "class") and _IDENTIFIER.match(value):
            return f"#{value}" if name == "id" else f'[class="{value}"]'
        return f'[{name}="{_escaped(value)}"]'

    def string(self) -> str:
        kind, text = self.peek()
        if kind not in ("string", "number"):
            raise NoSelector(f"a text is missing before {text!r}")
        self.at += 1
        return text.strip("\"'")

    def call(self, function: str) -> list[str]:
        self.at += 2
        known = {"contains": "*", "starts-with": "^", "ends-with": "$"}
        if function in known:
            found = [self.part(known[function])]
        elif function == "not":
            found = [":not(" + ", ".join(self.either()) + ")"]
        elif function == "last":
            found = [":last-of-type"]
        elif function == "position":
            self.need(")")
            self.need("=")
            return [f":nth-of-type({self.string()})"]
        else:
            raise NoSelector(f"function {function}()")
        self.need(")")
        return found

    def part(self, sign: str) -> str:
        """`@class, "x"`, or the long way to say a whole class: `concat(' ', normalize-space(@class), ' '), ' x '`."""
        padded = self.take("concat") is not None
        if padded:
            self.need("(")
            self.string()
            self.need(",")
        normalised = self.take("normalize-space") is not None
        if normalised:
            self.need("(")
        if not self.take("@"):
            raise NoSelector("a comparison with an element's words")
        name = self.name()
        if normalised:
            self.need(")")
        if padded:
            self.need(",")
            self.string()
            self.need(")")
        self.need(",")
        value = self.string()
        if padded and sign == "*" and name == "class" and value == f" {value.strip()} ":
            return f'[class~="{_escaped(value.strip())}"]'
        if not value.strip():
            raise NoSelector("an empty text")
        return f'[{name}{sign}="{_escaped(value)}"]'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _each(before: list[str], after: list[str], joined: str) -> list[str]:
    if len(before) * len(after) > _MOST:
        raise NoSelector("too many alternatives")
    return [first + joined + second for first, second in product(before, after)]
