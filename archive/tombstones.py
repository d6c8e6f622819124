"""What was forgotten, and how it is known again without being kept: keyed digests. Pure, standard library only.

A tombstone holds HMAC-SHA256 of an address, a site, a payload digest or a content hash, under a random salt of the
archive. It cannot be read back. Who has the archive *and* a guess (an address, the bytes of the page) can find out
whether the guess was forgotten; that, when, how deep and how much is what a tombstone reveals.
"""

from __future__ import annotations

import hmac
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from archive.identity import is_dump_urn, site_of

#: How deep a thing is forgotten: hidden from browsing and export; gone from the database too; gone from the WARC
#: files too.
Depth = Literal["hide", "drop", "erase"]
#: What a tombstone is the digest of: an address, a host as `archive.identity.site_of` names it, `sha256:` and hex of a
#: payload, or a content hash.
Kind = Literal["address", "site", "payload", "text"]

DEPTHS: tuple[Depth, ...] = get_args(Depth)


@dataclass(frozen=True, slots=True, order=True)
class Tombstone:
    """One thing that was forgotten; `digest` is hex, `salt` the key it was made with, in hex."""

    kind: Kind
    digest: str
    salt: str
    depth: Depth


def new_salt() -> str:
    """A salt for an archive that has none yet."""
    return secrets.token_hex(16)


def digest_of(salt: str, kind: Kind, value: str) -> str:
    """The digest of a thing."""
    return hmac.digest(bytes.fromhex(salt), f"{kind}\0{value}".encode("utf-8", "backslashreplace"), "sha256").hex()


class Tombstones:
    """All that an archive has forgotten, to be asked about each page that comes."""

    def __init__(self, stones: Iterable[Tombstone] = ()) -> None:
        self._depths: defaultdict[str, dict[tuple[Kind, str], Depth]] = defaultdict(dict)
        for stone in stones:
            here, key = self._depths[stone.salt], (stone.kind, stone.digest)
            here[key] = max(stone.depth, here.get(key, stone.depth), key=DEPTHS.index)

    def __bool__(self) -> bool:
        return bool(self._depths)

    @property
    def salt(self) -> str:
        """The salt of new tombstones: the archive's own, or a new one."""
        return next(iter(self._depths), None) or new_salt()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tombstones) and self._depths == other._depths

    def __hash__(self) -> int:
        return id(self)

    def by_bytes(self, addresses: Sequence[str | None], payload: str | None, depth: Depth) -> Tombstone | None:
        """The tombstone a page needs that was forgotten, but is not known so by its own addresses and its bytes."""
        known = self.depth(addresses, payload)
        if payload is None or (known is not None and DEPTHS.index(known) >= DEPTHS.index(depth)):
            return None
        return Tombstone("payload", digest_of(self.salt, "payload", payload), self.salt, depth)

    def depth(
        self, addresses: Sequence[str | None] = (), payload: str | None = None, text: str | None = None
    ) -> Depth | None:
        """How deep a page of these addresses, payload digest and content hash is forgotten; None where it is not."""
        found: list[Depth] = []
        for salt, depths in self._depths.items():
            keys = ((kind, digest_of(salt, kind, value)) for kind, value in things(addresses, payload, text))
            found.extend(depths[key] for key in keys if key in depths)
        return max(found, key=DEPTHS.index, default=None)


def things(
    addresses: Iterable[str | None], payload: str | None = None, text: str | None = None
) -> Iterator[tuple[Kind, str]]:
    """What of a page can be forgotten: its addresses, their sites, its payload and its text."""
    real = tuple(dict.fromkeys(address for address in addresses if address and not is_dump_urn(address)))
    yield from (("address", address) for address in real)
    yield from (("site", site) for site in dict.fromkeys(map(site_of, real)) if site)
    if payload:
        yield "payload", payload
    if text:
        yield "text", text


def pruned(value: Any, stones: Tombstones, depths: Collection[Depth], *, row: bool = False) -> Any:
    """JSON without what was forgotten to one of these depths; None where nothing is left.

    An object that names it goes as a whole, and so does a list in a list (a row); of other lists its element.
    """

    def names_it(text: str) -> bool:
        return stones.depth((text,), text, text) in depths

    if isinstance(value, str):
        return None if names_it(value) else value
    if isinstance(value, Mapping):
        named = any(isinstance(item, str) and names_it(item) for item in value.values())
        left = ((key, item) for key, item in value.items() if not names_it(key))
        return None if named else {key: pruned(item, stones, depths) for key, item in left}
    if isinstance(value, list):
        if row and any(isinstance(item, str) and names_it(item) for item in value):
            return None
        rest = ((item, pruned(item, stones, depths, row=True)) for item in value)
        return [new for old, new in rest if new is not None or old is None]
    return value
