"""Rules about single lines, as data: `lines/*.toml`, shipped and an archive's own.

A file holds tables of four kinds:

- `[[line]]`: the line goes (or is taken as the field named by `fate`);
- `[[from]]`: everything from this line on goes, unless the article goes on after it;
- `[[pair]]`: the line goes and condemns its `next` or `previous` neighbour;
- `[[page]]`: a page that says this and little else is no article, for `reason`.

Each has an `id` (`es.most-read`), a `why`, phrases under `is`, `starts`, `ends` or `has` (see `phrases.fold`), and
examples of what it `drops` and `keeps`, which are its tests. `[words]` lists a language's vocabulary of bylines and
dates. All languages apply to every page: phrases are whole lines or long enough not to meet by chance.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from archive.errors import RuleError
from archive.model import Fate
from archive.reasons import Reason
from scraper.rules.phrases import PLACES, Phrase, PhraseIndex, fold, fold_phrase

Kind = Literal["line", "from", "pair", "page"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Neighbour = Literal["next", "previous"]

#: `[words]`: what introduces a name, what follows one, who is nobody, what introduces dates, and the months.
VOCABULARY = ("by", "roles", "agencies", "published", "updated", "months", "sections", "tags")

SHIPPED = Path(__file__).parent / "lines"
_MAX_WORDS = 14  # words a line may have besides the phrase's own place, where a rule does not say
_COMMON_KEYS = frozenset({"id", "why", "drops", "keeps", "max_words", *PLACES})
_OWN_KEYS: Mapping[Kind, frozenset[str]] = {
    "line": frozenset({"fate", "sure", "firm"}),
    "from": frozenset(),
    "pair": frozenset({"neighbour"}),
    "page": frozenset({"reason"}),
}


@dataclass(frozen=True, slots=True)
class LineRule:
    """One rule; `phrases` are alternatives. Only the keys of its kind are set: `fate`, `neighbour`, `reason`.

    Where the classifier is in doubt, a phrase that is the whole line decides. Of a `firm` rule any phrase does then,
    wherever it stands; of a `sure` one always, whatever the classifier thinks.
    """

    id: str
    kind: Kind
    why: str
    phrases: tuple[Phrase, ...]
    drops: tuple[str, ...]
    keeps: tuple[str, ...]
    fate: Fate = "dropped"
    neighbour: Neighbour | None = None
    reason: Reason | None = None
    sure: bool = False
    firm: bool = False
    origin: str = ""  #: the file it stands in

    def fits(self, line: str) -> bool:
        """Whether one of the phrases is in the line."""
        words = fold(line)
        return any(phrase.fits(words) for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class LineRules:
    """All rules in force, with the vocabulary of bylines and dates; `digest` tells one set from another."""

    rules: tuple[LineRule, ...]
    vocabulary: Mapping[str, frozenset[tuple[str, ...]]]
    months: Mapping[str, int]  #: a month's folded name or abbreviation -> 1 to 12
    day_first: frozenset[str]  #: languages that write 3/4/2031 for the third of April
    digest: str
    index: PhraseIndex[LineRule] = field(repr=False)

    def hits(self, words: tuple[str, ...]) -> tuple[LineRule, ...]:
        """The rules that fit a folded line, an archive's own first."""
        return tuple(dict.fromkeys(self.index.find(words)))


def load_line_rules(folders: Iterable[Path] = (SHIPPED,)) -> LineRules:
    """Read `*.toml` of the folders, the later ones winning over rules of the same id; RuleError names file and key."""
    rules: dict[str, LineRule] = {}
    words: dict[str, set[tuple[str, ...]]] = {name: set() for name in VOCABULARY}
    months: dict[str, int] = {}
    day_first: set[str] = set()
    digest = hashlib.sha256()
    for path in _files(folders):
        data = _read(path)
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        for rule in _rules(path, data):
            rules.pop(rule.id, None)
            rules[rule.id] = rule
        _take_words(path, data.get("words", {}), words, months)
        day_first.update(_day_first(path, data.get("dates", {})))
    ordered = tuple(reversed(rules.values()))
    entries = [(phrase, rule) for rule in ordered for phrase in rule.phrases]
    frozen = {name: frozenset(found) for name, found in words.items()}
    return LineRules(ordered, frozen, months, frozenset(day_first), digest.hexdigest(), PhraseIndex(entries))


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.toml"))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as TOML: {error}") from error
    _check_keys(path, "the file", data, {*KINDS, "words", "dates"})
    return data


def _rules(path: Path, data: Mapping[str, Any]) -> Iterator[LineRule]:
    for kind in KINDS:
        tables = data.get(kind, [])
        if not isinstance(tables, list):
            raise RuleError(f"{path}: write [[{kind}]], in double brackets: there may be several")
        for table in tables:
            yield _rule(path, kind, table)


def _rule(path: Path, kind: Kind, table: Mapping[str, Any]) -> LineRule:
    name = f"[[{kind}]] {table.get('id', 'without id')}"
    _check_keys(path, name, table, _COMMON_KEYS | _OWN_KEYS[kind])
    for key in ("id", "why"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise RuleError(f"{path}: {name}: key {key}: a text is needed")
    limit = table.get("max_words", _MAX_WORDS)
    if not isinstance(limit, int) or limit < 1:
        raise RuleError(f"{path}: {name}: key max_words: a whole number above 0 is needed")
    phrases = tuple(
        _phrase(path, name, place, text, limit) for place in PLACES for text in _texts(path, name, table, place)
    )
    if not phrases:
        raise RuleError(f"{path}: {name}: no phrases: give one of {', '.join(PLACES)}")
    return LineRule(
        id=table["id"],
        kind=kind,
        why=table["why"],
        phrases=phrases,
        drops=_texts(path, name, table, "drops"),
        keeps=_texts(path, name, table, "keeps"),
        fate=cast(Fate, _choice(path, name, table, "fate", get_args(Fate), "dropped")),
        neighbour=_neighbour(path, name, table) if kind == "pair" else None,
        reason=_reason(path, name, table) if kind == "page" else None,
        sure=_flag(path, name, table, "sure"),
        firm=_flag(path, name, table, "firm"),
        origin=str(path),
    )


def _flag(path: Path, name: str, table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise RuleError(f"{path}: {name}: key {key}: true or false is needed")
    return value


def _neighbour(path: Path, name: str, table: Mapping[str, Any]) -> Neighbour:
    return cast(Neighbour, _choice(path, name, table, "neighbour", get_args(Neighbour), "next"))


def _reason(path: Path, name: str, table: Mapping[str, Any]) -> Reason:
    code = _choice(path, name, table, "reason", tuple(Reason), None)
    return next(reason for reason in Reason if reason == code)


def _phrase(path: Path, name: str, place: Any, text: str, limit: int) -> Phrase:
    words = fold_phrase(text)
    if place not in ("starts", "has"):  # a colon tells a label from a word where the line goes on behind it
        words = tuple(word for word in words if word != ":")
    if not words:
        raise RuleError(f"{path}: {name}: key {place}: {text!r} has no letter or digit")
    return Phrase(words, place, max(limit, len(words)))


def _texts(path: Path, name: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RuleError(f"{path}: {name}: key {key}: a list of texts is needed")
    return tuple(value)


def _choice(
    path: Path, name: str, table: Mapping[str, Any], key: str, allowed: Iterable[str], default: str | None
) -> str:
    value = table.get(key, default)
    known = [str(item) for item in allowed]
    if value not in known:
        raise RuleError(f"{path}: {name}: key {key}: {value!r} is none of {', '.join(known)}{_meant(value, known)}")
    return str(value)


def _check_keys(path: Path, where: str, table: Mapping[str, Any], allowed: Iterable[str]) -> None:
    known = sorted(allowed)
    for key in table:
        if key not in known:
            raise RuleError(f"{path}: {where}: unknown key {key}{_meant(key, known)}")


def _meant(word: object, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(word), list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _take_words(
    path: Path, table: Mapping[str, Any], words: dict[str, set[tuple[str, ...]]], months: dict[str, int]
) -> None:
    _check_keys(path, "[words]", table, VOCABULARY)
    for key in table:
        texts = _texts(path, "[words]", table, key)
        if key != "months":
            words[key].update(fold(text) for text in texts)
            continue
        if len(texts) != 12:
            raise RuleError(f"{path}: [words]: key months: twelve texts are needed, names separated by spaces")
        for number, names in enumerate(texts, 1):
            months.update((name, number) for name in fold(names))
            words[key].update((name,) for name in fold(names))


def _day_first(path: Path, table: Mapping[str, Any]) -> tuple[str, ...]:
    _check_keys(path, "[dates]", table, ("day_first",))
    return _texts(path, "[dates]", table, "day_first")
