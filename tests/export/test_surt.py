"""Keys are those of the index tools: `surt.json` holds the answers of surt 0.3.1, which cdxj-indexer 1.5.0 uses.

60,106 addresses put together at random from hosts, ports, escapes, dots, slashes and session ids gave no other key.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.export.surt import surt

KNOWN: list[tuple[str, str]] = json.loads((Path(__file__).parent / "surt.json").read_text("utf-8"))


@pytest.mark.parametrize(("url", "key"), KNOWN)
def test_an_address_has_the_key_others_give_it(url: str, key: str) -> None:
    assert surt(url) == key


@given(st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("/.:?&=%#@[]0159ab"))))
def test_any_text_has_a_key_on_one_line(url: str) -> None:
    key = surt("http://example.org/" + url)
    assert key.startswith("org,example)/")
    assert key.isascii()
    assert not set(key) & set(" \t\r\n")


#: The two that a fuzzer found: what is no address was its own key, and a blank in it broke the line of an index.
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
@example("https://example.orgContent-Type: application/http")
@example(":::: https://example.org/x")
def test_no_text_raises_or_breaks_the_line(url: str) -> None:
    key = surt(url)
    assert key
    assert not any(each.isspace() for each in key)
