"""What a set of captures means, in any order and in any batches."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from archive.identity import dump_urn
from archive.model import Field
from archive.revisions import RevisionClass
from archive.settle import Capture, Decision, Merged, Settled, count_words, instant, is_loss, merge
from archive.settle import Walk as Walked
from archive.settle import walk as walk_with

DAYS = [f"2026-11-0{n}T00:00:00Z" for n in range(1, 5)] + ["2026-11-01T00:00:00.5Z"]
TEXTS = {"long": 100, "middle": 60, "short": 40, "stub": 10, "other": 90}
ADDRESSES = ["https://a.example/1", "https://a.example/2", "https://b.example/1", dump_urn("sha256:00")]


def by_words(before: Capture[int], after: Capture[int], earlier: Sequence[Capture[int]]) -> Decision:
    """Under half of the words is a variant, all else an edit."""
    if after.words < before.words / 2:
        return Decision(RevisionClass.VARIANT, f"{after.words} of {before.words}")
    return Decision(RevisionClass.EDIT, f"after {len(earlier)} others")


def walk(rows: list[Capture[int]]) -> Walked[int]:
    return walk_with(rows, by_words)


def captures() -> st.SearchStrategy[list[Capture[int]]]:
    one = st.tuples(
        st.sampled_from(DAYS),
        st.sampled_from(ADDRESSES),
        st.sampled_from(["s1", "s2", "s3"]),
        st.sampled_from(["sha256:aa", "sha256:bb"]),
        st.sampled_from([None, *TEXTS]),
        st.dictionaries(st.sampled_from(["title", "authors", "section"]), st.sampled_from(["", "X", "Y"])),
    )

    def build(rows: list[tuple[str, str, str, str, str | None, dict[str, str]]]) -> list[Capture[int]]:
        return [
            Capture(
                key,
                day,
                address,
                source,
                digest,
                text,
                TEXTS[text] if text else 0,
                {name: Field(value, f"by{key}") for name, value in said.items()},
            )
            for key, (day, address, source, digest, text, said) in enumerate(rows)
        ]

    return st.lists(one, max_size=12, unique_by=lambda row: row[:4]).map(build)


def capture(key: int, day: int, text: str | None, address: str = ADDRESSES[0], **fields: str) -> Capture[int]:
    said = {name: Field(value, "meta") for name, value in fields.items()}
    return Capture(
        key, f"2026-11-{day:02}T00:00:00Z", address, f"s{key}", "sha256:x", text, TEXTS.get(text or "", 0), said
    )


@given(captures(), st.randoms())
def test_order_does_not_matter(rows: list[Capture[int]], random: object) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Settled.of(shuffled, by_words) == Settled.of(rows, by_words)


@given(captures(), st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_contributors_stand_for_all(rows: list[Capture[int]], batches: list[int]) -> None:
    """Merging batch by batch, keeping only contributors, is merging everything."""
    kept: dict[int, Capture[int]] = {}
    merged: Merged[int] | None = None
    for batch in range(4):
        new = [row for row, n in zip(rows, batches, strict=False) if n == batch]
        if kept or new:
            merged = merge([*kept.values(), *new])
            kept = {row.key: row for row in rows if row.key in merged.contributors}
    assert merged == (merge(rows) if rows else None)


@given(captures())
def test_every_text_is_an_article_or_worse(rows: list[Capture[int]]) -> None:
    settled = Settled.of(rows, by_words)
    carried = [key for standing in settled.articles.values() for key in standing.captures]
    assert len(carried) == len(set(carried))
    assert set(carried) | settled.worse == {row.key for row in rows if row.content_hash}
    assert not set(carried) & settled.worse


@given(captures())
def test_what_is_superseded_points_to_what_stands(rows: list[Capture[int]]) -> None:
    settled = Settled.of(rows, by_words)
    for standing in settled.articles.values():
        if standing.superseded_by is not None:
            assert settled.articles[standing.superseded_by].superseded_by is None
    assert {text for text, s in settled.articles.items() if s.superseded_by is None} == set(settled.current.values())


def test_the_first_text_stands_until_another_not_worse_replaces_it() -> None:
    walked = walk([capture(3, 3, "other"), capture(1, 1, "long"), capture(2, 2, "short")])
    assert walked.current == "other"
    assert walked.worse.keys() == {2}
    assert walked.carried == {1: "long", 3: "other"}


def test_exactly_half_is_not_worse() -> None:
    half = Capture(2, DAYS[1], ADDRESSES[0], "s", "d", "half", 50)
    assert walk([capture(1, 1, "long"), half]).current == "half"


def test_a_capture_without_text_leaves_what_stands() -> None:
    walked = walk([capture(1, 1, "long"), capture(2, 2, None)])
    assert (walked.current, walked.worse, walked.carried) == ("long", {}, {1: "long"})


def test_a_text_that_comes_back_stands_again() -> None:
    settled = Settled.of([capture(1, 1, "long"), capture(2, 2, "other"), capture(3, 3, "long")], by_words)
    assert settled.articles["long"].superseded_by is None
    assert settled.articles["other"].superseded_by == "long"


def test_a_text_that_is_worse_at_one_address_may_stand_at_another() -> None:
    settled = Settled.of(
        [capture(1, 1, "long"), capture(2, 2, "short"), capture(3, 3, "short", ADDRESSES[2])], by_words
    )
    assert settled.worse == {2}
    assert settled.articles["short"].captures == {3}
    assert settled.articles["short"].superseded_by is None


def test_each_field_is_the_first_that_anybody_gave() -> None:
    merged = merge([capture(2, 2, "long", title="Second", section="Mundo"), capture(1, 1, "long", title="First")])
    assert merged.fields["title"].field.value == "First"
    assert (merged.fields["section"].field.value, merged.fields["section"].capture.key) == ("Mundo", 2)


def test_a_real_address_wins_over_an_earlier_dump() -> None:
    merged = merge([capture(1, 1, "long", ADDRESSES[3]), capture(2, 2, "long")])
    assert (merged.lead.key, merged.url, merged.latest.key) == (1, ADDRESSES[0], 2)
    assert merge([capture(1, 1, "long", ADDRESSES[3])]).url is None


def test_moments_sort_by_time_with_and_without_fractions() -> None:
    moments = ["2026-11-01T00:00:00Z", "2026-11-01T00:00:00.000001Z", "2026-11-01T00:00:00.5Z", "2026-11-01T00:00:01Z"]
    assert [instant(moment) for moment in moments] == sorted(map(instant, moments))
    assert instant("2026-11-01T00:00:00.5Z") == instant("2026-11-01T00:00:00.500000Z")


def test_words_are_counted_in_scripts_without_spaces() -> None:
    assert count_words("Un «texto» de 38.101 palabras, ¿no?") == 7
    assert count_words("東京の天気") == 5
    assert count_words("iPhone 15を発売") == 5
    assert count_words(" \n— … ") == 0


def test_a_loss_is_nothing_or_under_eight_tenths() -> None:
    assert is_loss(100, None)
    assert is_loss(100, 79)
    assert not is_loss(100, 80)
    assert not is_loss(0, 0)


# What an address said, in order ------------------------------------------------------------------------------------


def cleaned(key: int, day: int, text: str, recipe: str) -> Capture[int]:
    return Capture(key, f"2026-11-{day:02}T00:00:00Z", ADDRESSES[0], f"s{key}", "d", text, TEXTS[text], {}, recipe)


def told(rows: list[Capture[int]]) -> list[tuple[int, str, int]]:
    return [(one.number, one.text, one.captures) for one in walk(rows).revisions]


def test_there_and_back_is_three_revisions() -> None:
    rows = [cleaned(n, n, text, "r") for n, text in enumerate(("long", "other", "other", "long"), 1)]
    assert told(rows) == [(1, "long", 1), (2, "other", 2), (3, "long", 1)]
    assert [one.decision.reason for one in walk(rows).revisions][1:] == ["after 0 others", "after 1 others"]


def test_texts_of_two_recipes_are_no_revisions_of_each_other() -> None:
    rows = [cleaned(1, 1, "long", "old"), cleaned(2, 2, "other", "new"), cleaned(3, 3, "middle", "new")]
    assert told(rows) == [(1, "other", 2), (2, "middle", 1)]
    assert walk(rows).current == "middle"


def test_a_newer_text_is_compared_with_the_one_of_its_own_recipe() -> None:
    rows = [cleaned(1, 1, "long", "old"), cleaned(2, 2, "other", "new"), cleaned(3, 3, "long", "old")]
    assert told(rows) == [(1, "long", 3)]
    rows.append(cleaned(4, 4, "middle", "old"))
    assert told(rows) == [(1, "long", 3), (2, "middle", 1)]


def test_by_another_recipe_half_of_the_words_is_still_worse() -> None:
    walked = walk([cleaned(1, 1, "long", "old"), cleaned(2, 2, "stub", "new")])
    assert (walked.current, walked.worse[2].reason) == ("long", "10 words instead of 100")


@given(captures(), st.integers(0, 12))
def test_what_is_remembered_is_what_would_be_decided(rows: list[Capture[int]], known: int) -> None:
    """The decisions on the first captures, from an earlier walk, give what a whole walk gives."""
    rows = sorted((row for row in rows if row.address == ADDRESSES[0]), key=lambda row: row.turn)
    before = walk(rows[:known])
    same = Decision(RevisionClass.UNCHANGED, "")
    remembered = dict.fromkeys(before.carried, same) | before.worse
    remembered |= {one.first.key: one.decision for one in before.revisions}
    assert walk_with(rows, by_words, remembered) == walk(rows)
