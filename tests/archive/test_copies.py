"""Copies: the verdict on two texts, the index that finds them, and clusters in any order."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.candidates import Candidates, MemoryPostings, pair
from archive.clusters import Cluster, Graph, Judgement, Member, contradicted, judged, representative
from archive.copies import RULE, Relation, Text, Verdict, day_of, decide

WORDS = [
    f"{start}{middle}{end}"
    for start in "bcdfglmnprst"
    for middle in ("a", "e", "ino", "oro")
    for end in ("da", "lo", "mente", "s")
]


def prose(seed: int, size: int, numbers: int = 0) -> list[str]:
    """Invented words; some of them numbers."""
    generator = random.Random(seed)
    words = [generator.choice(WORDS) for _ in range(size)]
    for _ in range(numbers):
        words[generator.randrange(size)] = str(generator.randrange(100, 99999))
    return words


def text(words: list[str], published: str | None = None) -> Text:
    return Text.of(" ".join(words), published)


def renumbered(words: list[str], seed: int) -> list[str]:
    generator = random.Random(seed)
    return [str(generator.randrange(100, 99999)) if word.isdigit() else word for word in words]


ARTICLE = prose(1, 300, 8)
BULLETIN = prose(2, 60, 8)


def test_a_light_edit_is_a_copy_with_its_evidence() -> None:
    edited = [*ARTICLE[:100], "otra", *ARTICLE[101:]]
    found = decide(text(ARTICLE, "2026-03-01"), text(edited, "2026-03-02T10:00:00-05:00"))
    assert (found.relation, found.days, found.excerpt, found.rule) == (Relation.COPY, 1, None, RULE)
    assert found.shared_numbers == found.fewer_numbers == 8
    assert 0.98 < found.containment < 1
    assert 0.97 < found.jaccard < found.containment
    assert found.is_edge


def test_a_stored_text_is_compared_as_a_new_one() -> None:
    new = text(ARTICLE, "2026-03-01")
    stored = Text.stored(" ".join(ARTICLE), "2026-03-01", new.content_hash)
    assert stored == replace(new, keys=frozenset())
    assert decide(new, stored).relation is Relation.COPY


def test_an_excerpt_names_the_shorter_text() -> None:
    outer = text([*prose(3, 200, 5), *ARTICLE[:80], *prose(4, 100, 5)])
    inner = text(ARTICLE[:80])
    assert (decide(inner, outer).relation, decide(inner, outer).excerpt) == (Relation.EXCERPT, "a")
    assert decide(outer, inner).excerpt == "b"
    assert decide(outer, inner).is_edge


def test_same_words_and_other_numbers_are_a_look_alike() -> None:
    words = [word if n % 12 else str(1000 + n) for n, word in enumerate(prose(5, 240))]
    one, other = text(words), text(renumbered(words, 6))
    assert decide(one, other).relation is Relation.LOOK_ALIKE
    assert not decide(one, other).is_edge


@pytest.mark.parametrize(
    ("published", "relation"),
    [
        ("2026-03-02", Relation.COPY),
        ("2026-03-29", Relation.LOOK_ALIKE),
        (None, Relation.COPY),
        ("soon", Relation.COPY),
    ],
)
def test_a_short_notice_that_comes_again_is_no_copy(published: str | None, relation: Relation) -> None:
    notice = prose(7, 44, 3)
    one, other = text(notice, "2026-03-01"), text([*notice[:40], "hoy", *notice[41:]], published)
    assert decide(one, other).relation is relation


def test_one_number_in_hundreds_of_words_decides_nothing() -> None:
    long = prose(4, 400, 0)
    one, other = ([*long[:200], number, *long[200:]] for number in ("41", "97"))
    assert decide(text(one), text(other)).relation is Relation.COPY
    short = prose(4, 120, 0)
    one, other = ([*short[:60], number, *short[60:]] for number in ("41", "97"))
    assert decide(text(one), text(other)).relation is Relation.LOOK_ALIKE


def test_many_numbers_decide_however_long_the_text() -> None:
    table = prose(5, 400, 12)
    assert decide(text(table), text(renumbered(table, 1))).relation is Relation.LOOK_ALIKE


def test_short_texts_are_told_apart_by_hash_alone() -> None:
    one, other = text(ARTICLE[:29]), text([*ARTICLE[:28], "otra"])
    assert decide(one, other).relation is Relation.DIFFERENT
    assert decide(one, one).relation is Relation.COPY
    assert one.keys == frozenset()


@pytest.mark.parametrize("published", [None, "", "mañana", "2026", "2026-13-45", "-1"])
def test_a_date_that_is_none_counts_as_missing(published: str | None) -> None:
    assert day_of(published) is None
    assert decide(text(ARTICLE, published), text(ARTICLE[:-1], "2026-01-01")).days is None


def test_a_date_in_the_future_is_a_date() -> None:
    found = decide(text(ARTICLE, "9999-12-31"), text([*ARTICLE, "más"], "0001-01-01"))
    assert found.days is not None
    assert found.days > 3_000_000
    assert found.relation is Relation.COPY, "a long text with all its numbers is a copy at any time"


@given(
    st.integers(0, 400), st.integers(0, 400), st.integers(0, 400), st.sampled_from([None, "2026-01-01", "2026-01-09"])
)
def test_decide_is_symmetric(start: int, one_end: int, other_end: int, day: str | None) -> None:
    words = prose(8, 400, 12)
    a, b = text(words[:one_end], "2026-01-02"), text(words[start : start + other_end], day)
    there, back = decide(a, b), decide(b, a)
    mirrored = {"a": "b", "b": "a"}.get(back.excerpt or "")
    assert there == replace(back, excerpt=mirrored)


HOSTILE = [
    "",
    "x",
    "una " * 50_000,
    "7 " * 500,
    "今天下午市政府公布" * 40,
    "🙂 " * 100,
    "\ud800 \udfff a " * 50,
    "a\x00b " * 60,
    "\u202e a \u2066 b " * 60,
]


@pytest.mark.parametrize("one", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_have_a_clear_verdict(one: str) -> None:
    for other in (*HOSTILE, " ".join(ARTICLE)):
        found = decide(Text.of(one), Text.of(other))
        assert isinstance(found, Verdict)
        assert not found.is_edge or Text.of(one).content_hash == Text.of(other).content_hash


# The index and the graph -------------------------------------------------------------------------------------------

CORPUS = [
    *(text([*ARTICLE[: 150 + 10 * n], *prose(50 + n, 30)]) for n in range(6)),
    *(text([*prose(20 + n, 60), *BULLETIN, *prose(90 + n, 60)]) for n in range(5)),
    *(text(BULLETIN[n:]) for n in range(4)),
    *(text(prose(40 + n, 120)) for n in range(3)),
]


def small(cap: int, anchors: int) -> Graph:
    """A graph whose keys become hubs at once."""
    return Graph(candidates=Candidates(MemoryPostings(), cap, anchors))


def by_definition(texts: list[Text], cap: int, anchors: int) -> dict[tuple[str, str], Verdict]:
    """The edges a set of texts has, computed from the set."""
    buckets: defaultdict[int, list[str]] = defaultdict(list)
    by_hash = {one.content_hash: one for one in texts}
    for one in by_hash.values():
        for key in one.keys:
            buckets[key].append(one.content_hash)
    pairs = set()
    for members in buckets.values():
        hub = len(members) > cap
        leading = set(sorted(members)[:anchors]) if hub else set(members)
        pairs |= {pair(*two) for two in combinations(members, 2) if leading & set(two)}
    verdicts = {(a, b): decide(by_hash[a], by_hash[b]) for a, b in pairs}
    return {two: verdict for two, verdict in verdicts.items() if verdict.is_edge}


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, len(CORPUS) - 1)), max_size=50),
    st.sampled_from([(50, 8), (3, 2), (1, 1), (4, 1)]),
)
def test_edges_are_those_of_the_set_in_any_order_with_deletions(
    steps: list[tuple[bool, int]], limits: tuple[int, int]
) -> None:
    graph = small(*limits)
    here: dict[str, Text] = {}
    for adds, which in steps:
        one = CORPUS[which]
        if adds:
            graph.add(one)
            here[one.content_hash] = one
        elif one.content_hash in here:
            graph.remove(one.content_hash)
            del here[one.content_hash]
    assert dict(graph.edges) == by_definition(list(here.values()), *limits)


@pytest.mark.parametrize("limits", [(50, 8), (3, 2)])
def test_two_hundred_orders_give_one_result(limits: tuple[int, int]) -> None:
    results = set()
    for seed in range(200):
        texts = CORPUS.copy()
        random.Random(seed).shuffle(texts)
        graph = small(*limits)
        for one in texts:
            graph.add(one)
        clusters = Cluster.all(graph.edges)
        results.add(repr((sorted(graph.edges.items()), clusters)))
    assert len(results) == 1


@pytest.mark.parametrize("limits", [(50, 8), (3, 2), (2, 1)])
def test_adding_and_taking_out_restores_the_state(limits: tuple[int, int]) -> None:
    for guest in CORPUS:
        postings = MemoryPostings()
        graph = Graph(candidates=Candidates(postings, *limits))
        for one in CORPUS:
            if one is not guest:
                graph.add(one)
        edges, sizes = dict(graph.edges), postings.sizes()
        graph.add(guest)
        graph.add(guest)
        graph.remove(guest.content_hash)
        assert (dict(graph.edges), postings.sizes()) == (edges, sizes)


def test_a_text_copied_many_times_is_found_and_costs_little() -> None:
    graph = Graph()
    pairs_judged = []
    for n in range(400):
        words = ARTICLE.copy()
        words[n % 300] = f"edición{n}"
        pairs_judged.append(graph.add(text(words)))
    clusters = Cluster.all(graph.edges)
    assert [len(cluster.texts) for cluster in clusters.values()] == [400]
    late = sorted(pairs_judged[200:])
    assert late[len(late) // 2] < 200, "a hub is not read whole"


def test_clusters_are_components_named_by_the_smallest_hash() -> None:
    clusters = Cluster.all([("c", "b"), ("d", "c"), ("x", "y"), ("b", "c")])
    assert {name: cluster.texts for name, cluster in clusters.items()} == {"b": ("b", "c", "d"), "x": ("x", "y")}
    assert (clusters["b"].edges, clusters["b"].doubtful) == (2, True)
    assert (clusters["x"].density, clusters["x"].doubtful) == (1.0, False)
    assert Cluster.all([]) == {}


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(lambda e: e[0] != e[1])),
    st.randoms(),
)
def test_clusters_do_not_depend_on_the_order_of_edges(edges: list[tuple[str, str]], shuffler: random.Random) -> None:
    before = Cluster.all(edges)
    shuffler.shuffle(edges)
    assert Cluster.all((b, a) for a, b in edges) == before
    assert all(cluster.id == min(cluster.texts) for cluster in before.values())


def test_a_person_wins_over_the_computed_edge() -> None:
    edges = [("a", "b"), ("b", "c")]
    assert judged(edges, [Judgement("b", "a", same=False)]) == {("b", "c")}
    assert judged(edges, [Judgement("d", "a", same=True)]) == {("a", "b"), ("b", "c"), ("a", "d")}
    unheard = Judgement("a", "c", same=False)
    clusters = Cluster.all(judged(edges, [unheard])).values()
    assert list(contradicted(clusters, [unheard, Judgement("a", "z", same=False)])) == [unheard]


def test_who_stands_for_a_cluster() -> None:
    late, early = Member("a", 900, "2026-03-02"), Member("d", 300, "2026-03-01T23:00:00-05:00")
    undated, longer = Member("b", 2000), Member("c", 400, "2026-03-02T04:00:00Z")
    assert representative([late, early, undated, longer]) == late, "a day counts from its start"
    assert representative([early, longer, undated]) == longer, "the same instant: the longer"
    assert representative([undated, Member("e", 2000, "never")]) == undated
    with pytest.raises(ValueError, match=r"min\(\)"):
        representative([])
