"""What an archive learned about its sites, and what a person says of it: `rules/learned.jsonl`, `rules/judged.toml`.

`learned.jsonl` is a snapshot: written by `hemeroteca rules learn`, whole, and read by every cleaning until the next
one. `judged.toml` holds the last word: a pinned line is furniture wherever it stands on its site, a vetoed one never.

```toml
[[pin]]
site = "elfaro.example"
line = "El Faro, diario de la tarde"
```
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from archive.errors import RuleError
from archive.learned import LearnedLine, by_site, fingerprint, site_key

LEARNED, JUDGED = "learned.jsonl", "judged.toml"
Verdict = Literal["pin", "veto"]
VERDICTS: tuple[Verdict, ...] = ("pin", "veto")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on a line of a site."""

    verdict: Verdict
    site: str
    line: str

    @property
    def mark(self) -> str:
        """The line's fingerprint."""
        return fingerprint(self.line)


@dataclass(frozen=True, slots=True)
class Furniture:
    """Fingerprints of a site's furniture: `learned` lines go in company, `pinned` ones anywhere."""

    learned: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()


NOTHING = Furniture()


@dataclass(frozen=True, slots=True)
class Learned:
    """The furniture of all sites; `digest` tells one snapshot from another, and names it in the recipe."""

    sites: Mapping[str, Furniture] = field(default_factory=dict)
    digest: str = ""

    def of(self, url: str | None, source_name: str | None) -> Furniture:
        """The furniture of a page's site."""
        return self.sites.get(site_key(url, source_name), NOTHING) if self.sites else NOTHING


def load_learned(rules: Path | None) -> Learned:
    """The snapshot and the judgements in an archive's `rules/`; RuleError, with file and line, where one is broken."""
    if rules is None:
        return Learned()
    return in_force(read_learned(rules), read_judged(rules))


def in_force(lines: Iterable[LearnedLine], judged: Sequence[Judgement]) -> Learned:
    """What applies, once a person had the last word; only this is in the digest, not the evidence for it."""
    vetoed = {(said.site, said.mark) for said in judged if said.verdict == "veto"}
    pinned = {(said.site, said.mark) for said in judged if said.verdict == "pin"} - vetoed
    learned = sorted({(line.site, line.mark) for line in lines} - vetoed | pinned)
    sites = {site: _furniture(group, pinned) for site, group in groupby(learned, key=lambda pair: pair[0])}
    said = [f"{site}\t{mark}\t{(site, mark) in pinned}" for site, mark in learned]
    return Learned(sites, hashlib.sha256("\n".join(said).encode()).hexdigest()) if said else Learned()


def _furniture(group: Iterable[tuple[str, str]], pinned: Set[tuple[str, str]]) -> Furniture:
    pairs = list(group)
    return Furniture(frozenset(mark for _, mark in pairs), frozenset(pair[1] for pair in pairs if pair in pinned))


def read_learned(rules: Path) -> list[LearnedLine]:
    """The lines of `learned.jsonl`; none where it is not there."""
    path = rules / LEARNED
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read: {error}") from error
    return [_learned(path, number, row) for number, row in enumerate(text.split("\n"), 1) if row]


def _learned(path: Path, number: int, row: str) -> LearnedLine:
    try:
        return LearnedLine(**json.loads(row))
    except (ValueError, TypeError) as error:
        raise RuleError(f"{path}: line {number} is no learned line; `hemeroteca rules learn` writes it anew") from error


def write_learned(rules: Path, lines: Iterable[LearnedLine]) -> None:
    """Replace the snapshot, whole or not at all; the same lines give the same bytes."""
    rules.mkdir(exist_ok=True)
    rows = (json.dumps(asdict(line), ensure_ascii=False) + "\n" for each in _ordered(lines) for line in each)
    _replace(rules / LEARNED, "".join(rows))


def _ordered(lines: Iterable[LearnedLine]) -> list[list[LearnedLine]]:
    return [found for _, found in sorted(by_site(lines).items())]


def read_judged(rules: Path) -> list[Judgement]:
    """The judgements of `judged.toml`, in their order; none where it is not there."""
    path = rules / JUDGED
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as TOML: {error}") from error
    unknown = set(data) - set(VERDICTS)
    if unknown:
        raise RuleError(f"{path}: unknown key {min(unknown)}; there are [[pin]] and [[veto]]")
    return [_judgement(path, verdict, table) for verdict in VERDICTS for table in _tables(path, data, verdict)]


def _tables(path: Path, data: Mapping[str, Any], verdict: Verdict) -> Sequence[Any]:
    tables = data.get(verdict, [])
    if not isinstance(tables, list):
        raise RuleError(f"{path}: write [[{verdict}]], in double brackets: there may be several")
    return tables


def _judgement(path: Path, verdict: Verdict, table: Any) -> Judgement:
    if (
        not isinstance(table, dict)
        or set(table) != {"site", "line"}
        or not all(isinstance(v, str) for v in table.values())
    ):
        raise RuleError(f"{path}: [[{verdict}]]: the keys site and line are needed, both texts, and no other")
    if not fingerprint(table["line"]):
        raise RuleError(f"{path}: [[{verdict}]]: line {table['line']!r} has no letter")
    return Judgement(verdict, table["site"], table["line"])


def put_judged(rules: Path, said: Judgement) -> None:
    """Write a person's word into `judged.toml`, in place of an earlier one on that line; what else is there stays."""
    import tomlkit

    read_judged(rules)  # a mistake in the file is told before it is written again
    rules.mkdir(exist_ok=True)
    path = rules / JUDGED
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    for verdict in VERDICTS:
        tables = document.get(verdict, [])
        for number in reversed(range(len(tables))):
            if tables[number]["site"] == said.site and fingerprint(tables[number]["line"]) == said.mark:
                del tables[number]
        if verdict in document and not len(tables):
            del document[verdict]
    table = tomlkit.table()
    table.update({"site": said.site, "line": said.line})
    if said.verdict not in document:
        document.append(said.verdict, tomlkit.aot())
    document[said.verdict].append(table)
    _replace(path, tomlkit.dumps(document))


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RuleError(f"{path}: cannot be written: {error.strerror}") from error
