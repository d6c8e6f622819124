from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.lines_data import Labelled
from bench.spliced_pages import splice, spliced_pages


def page(name: str, lines: str, form: str = "full", text: str = "palabra " * 30) -> Labelled:
    """A page of a line a letter: `b` body, `t` title, anything else furniture."""
    said = [f"{name} {kind}{i} {text if kind == 'b' else ''}".strip() for i, kind in enumerate(lines)]
    gold = "\n".join(line for line, kind in zip(said, lines, strict=True) if kind == "b")
    body = [int(kind == "b") for kind in lines]
    title = [int(kind == "t") for kind in lines]
    return Labelled(name, form, f"{name}.example", said, body, [1.0] * len(lines), title, gold, f"Título de {name}")


def test_the_text_of_one_page_stands_in_the_furniture_of_the_other() -> None:
    made = splice(page("faro", "mtbbxbbm"), page("vega", "mmtbxbbbm"))
    assert "".join("t" if t else "b" if b else "-" for b, t in zip(made.body, made.title, strict=True)) == "--tb-bbb-"
    assert [line for line, flag in zip(made.lines, made.body, strict=True) if flag] == page(
        "faro", "mtbbxbbm"
    ).gold.split("\n")
    assert made.lines[2] == made.gold_title == "Título de faro"
    assert made.lines[0] == "vega m0"
    assert (made.form, made.site) == ("full+", "vega.example")


@given(st.text("mtbx", max_size=20).filter(lambda s: "b" in s), st.text("mtbx", max_size=20).filter(lambda s: "b" in s))
def test_all_of_the_article_and_none_of_the_other(article: str, frame: str) -> None:
    own, other = page("faro", article), page("vega", frame)
    made = splice(own, other)
    assert [line for line, flag in zip(made.lines, made.body, strict=True) if flag] == own.gold.split("\n")
    left = [line for line, flag in zip(made.lines, made.body, strict=True) if not flag]
    assert len(left) == frame.count("m") + frame.count("t") + frame.count("x")
    assert len(made.lines) == len(made.weight) == len(made.title)


def test_pages_of_one_fold_and_language_are_spliced_in_a_ring() -> None:
    whole = [page(f"p{i}", "mtbbbbm") for i in range(4)]
    short = page("breve", "mtbm")
    made = list(spliced_pages([*whole, short], [0, 0, 0, 1, 0]))
    assert len(made) == 3
    assert {fold for _, fold in made} == {0}
    assert {spliced.id.split("+")[0] for spliced, _ in made} == {"p0", "p1", "p2"}
    assert all(len(set(spliced.id.split("+"))) == 2 for spliced, _ in made)
    assert made == list(spliced_pages([*whole, short], [0, 0, 0, 1, 0]))
