"""What the index is measured against: MinHash in bands (Broder 1997) and SimHash (Charikar 2002), with numpy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import blake2b

import numpy as np

PRIME = np.uint64((1 << 31) - 1)


def minhash_bands(sets: Mapping[str, Collection[int]], bands: int, rows: int) -> dict[str, list[int]]:
    """For each set its band keys, 32 bits signed. Universal hashing (a*x + b) mod 2^31-1 over 31-bit shingles."""
    random = np.random.default_rng(1)
    size = bands * rows
    a = random.integers(1, int(PRIME), size, dtype=np.uint64)[:, None]
    b = random.integers(0, int(PRIME), size, dtype=np.uint64)[:, None]
    keys = {}
    for name, members in sets.items():
        shingles = np.fromiter(members, dtype=np.uint64, count=len(members)) % PRIME
        smallest = ((a * shingles + b) % PRIME).min(axis=1).reshape(bands, rows)
        keys[name] = [_band(band, row.tobytes()) for band, row in enumerate(smallest)]
    return keys


def _band(number: int, signature: bytes) -> int:
    digest = blake2b(signature, digest_size=4, key=number.to_bytes(2, "big")).digest()
    return int.from_bytes(digest, "big", signed=True)


def simhash_pairs(sets: Mapping[str, Collection[int]], bits: int) -> frozenset[tuple[str, str]]:
    """All pairs whose 64-bit fingerprints differ in at most so many bits."""
    names = sorted(sets)
    prints = np.zeros(len(names), dtype=np.uint64)
    places = np.arange(64, dtype=np.uint64)
    for at, name in enumerate(names):
        shingles = np.fromiter(sets[name], dtype=np.uint64, count=len(sets[name]))
        votes = ((shingles[:, None] >> places) & np.uint64(1)).sum(axis=0)
        majority = (2 * votes > len(shingles)).astype(np.uint64)
        prints[at] = np.bitwise_or.reduce(majority << places)
    found = set()
    for at, fingerprint in enumerate(prints):
        apart = np.unpackbits((prints[at + 1 :] ^ fingerprint).view(np.uint8).reshape(-1, 8), axis=1).sum(axis=1)
        found.update((names[at], names[at + 1 + other]) for other in np.flatnonzero(apart <= bits))
    return frozenset(found)
