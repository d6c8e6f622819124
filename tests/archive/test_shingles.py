"""Words, shingles, keys and numbers: the same on every machine, bounded for whatever comes."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import shingles
from archive.copies import Text

HOSTILE = {
    "empty": "",
    "one word": "palabra",
    "ten megabytes of one word": "palabra " * 1_250_000,
    "only digits": "1234567890 " * 500,
    "chinese": "今天下午市政府公布了新的交通方案市民可以在网上提出意见" * 3,
    "thai": "รัฐบาลประกาศแผนใหม่สำหรับการขนส่งสาธารณะในเมืองหลวงวันนี้" * 3,
    "emoji": "🙂👩‍👩‍👧🇵🇪 " * 400,
    "lone surrogates": "una frase \ud800 con \udfff restos " * 40,
    "nul": "una\x00frase " * 200,
    "unpaired bidi": "\u202eal revés\u2066 sin cierre " * 100,
    "combining": "a" + "\u0301" * 5_000,
}


def of(text: str) -> list[str]:
    return shingles.words(shingles.fold(text))


def test_accents_stay_and_case_goes() -> None:
    assert of("El PAPÁ, la papa") == ["el", "papá", "la", "papa"]
    assert of("ｆｕｌｌ ﬁn") == ["full", "fin"]


def test_unspaced_scripts_have_a_word_a_character() -> None:
    assert of("市长 said ไทย") == ["市", "长", "said", "ไ", "ท", "ย"]
    assert of("कीमतें बढ़ीं") == ["कीमतें", "बढ़ीं"], "vowel signs do not cut a word"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    read = Text.of(text)
    assert time.process_time() - started < 5
    assert len(read.keys) <= max(1, read.words)
    assert read == Text.of(text)


def test_what_hostile_texts_give() -> None:
    assert Text.of("").keys == frozenset() == Text.of("palabra").keys
    assert len(Text.of(HOSTILE["ten megabytes of one word"]).shingles) == 1
    assert Text.of(HOSTILE["chinese"]).keys
    assert Text.of(HOSTILE["thai"]).keys
    assert Text.of(HOSTILE["emoji"]).words == 0
    assert Text.of(HOSTILE["lone surrogates"]).words == 160, "a surrogate is no word"


def test_numbers_do_not_keep_their_separators() -> None:
    assert shingles.numbers("de 1.250,5 a 1,250.5; a las 12:30, 6-3/16 y 7.") == {"12505", "1230", "6", "316", "7"}


def test_hashes_do_not_depend_on_the_process() -> None:
    code = "from archive import shingles as s; print(sorted(s.keys(s.hashes([str(n) for n in range(99)]))))"
    out = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."}, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(out) == 1
    assert out.pop().startswith(b"[")


@given(st.lists(st.sampled_from("abcdefghij"), max_size=200))
def test_keys_are_the_smallest_of_every_window(words: list[str]) -> None:
    hashed = shingles.hashes(words)
    looked_up = shingles.runs(hashed, shingles.LOOKED_UP).tolist()
    keys = shingles.keys(hashed)
    for start in range(len(looked_up) - shingles.WINDOW + 1):
        assert shingles.key(min(looked_up[start : start + shingles.WINDOW])) in keys
    assert keys <= set(map(shingles.key, looked_up))
    assert bool(keys) == bool(looked_up)
    assert all(-(1 << 31) <= key < 1 << 31 for key in keys)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 2**32))
def test_a_passage_of_29_words_is_always_found(before: int, after: int, seed: int) -> None:
    passage = [f"p{seed}-{n}" for n in range(shingles.WINDOW + shingles.LOOKED_UP - 1)]
    one = [f"a{seed}-{n}" for n in range(before)] + passage
    other = passage + [f"b{seed}-{n}" for n in range(after)]
    assert shingles.keys(shingles.hashes(one)) & shingles.keys(shingles.hashes(other))


def test_containment_and_jaccard_of_nothing() -> None:
    nothing: frozenset[int] = frozenset()
    assert shingles.containment(nothing, frozenset({1})) == 0 == shingles.jaccard(nothing, nothing)
    assert shingles.containment(frozenset({1, 2}), frozenset({2, 3, 4})) == 0.5
    assert shingles.jaccard(frozenset({1, 2}), frozenset({2, 3, 4})) == 0.25
