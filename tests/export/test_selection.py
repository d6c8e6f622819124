"""A selection takes what a search takes, whatever is typed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from archive_samples import page, store
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ArchiveError, UsageError
from archive.export.chosen import choose
from archive.export.selection import Selection
from archive.store import Archive


def ids(folder: Path, **chosen: object) -> list[int]:
    with Archive.read(folder) as reader:
        return [article.id for article in choose(reader, Selection(**chosen))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({}, [1, 2, 3, 4, 6]),  # 5 was replaced at its address
        ({"sites": ("example.org",)}, [1, 3, 6]),
        ({"sites": ("www.Example.org", "b.example")}, [1, 2, 3, 6]),
        ({"first_day": "2025-07-02"}, [2, 3, 6]),
        ({"last_day": "2025-07-02"}, [1, 2]),
        ({"first_day": "2025-07", "last_day": "2025-07"}, [1, 2]),
        ({"first_day": "2025-08", "last_day": "2025"}, [3]),
        ({"language": "es"}, [1, 6]),
        ({"language": "es-PE"}, [1]),
        ({"language": "e"}, []),
        ({"query": "peru"}, [1]),
        ({"query": "Perú LLUVIA"}, [1]),
        ({"query": '"dejó tres pueblos"', "sites": ("b.example",)}, [2]),
        ({"query": "harb*"}, [2]),
        ({"query": "harb"}, []),
        ({"query": ""}, []),
        ({"query": "++"}, []),
        ({"since_run": 2}, [6]),  # the rain was there before
        ({"since_run": 3}, []),
    ],
)
def test_a_selection_takes(samples: Path, chosen: dict[str, object], wanted: list[int]) -> None:
    assert ids(samples, **chosen) == wanted


def test_words_of_a_script_without_spaces_are_found_as_they_stand(tmp_path: Path) -> None:
    store(tmp_path, [page("a.txt", "東京都で大雨が降った 100%"), page("b.txt", "京都は晴れ")])
    assert ids(tmp_path, query="大雨") == [1]
    assert ids(tmp_path, query="京都") == [1, 2]
    assert ids(tmp_path, query="京都 晴れ") == [2]
    assert ids(tmp_path, query="京_") == []


def test_chosen_articles_can_be_counted_and_walked_twice(samples: Path) -> None:
    with Archive.read(samples) as reader:
        chosen = choose(reader, Selection(sites=("example.org",)))
        assert len(chosen) == len(list(chosen)) == len(list(chosen)) == 3


TYPED = [
    "mar*",
    "38.101",
    "anti-corrupción",
    '"unclosed',
    "C++ 17",
    "AND",
    "NOT",
    "O'Higgins",
    "🙂",
    "url:b",
    "(",
    "*",
    "^",
    "\0",
    "\ud800",
]


@pytest.mark.parametrize("typed", TYPED)
def test_any_text_is_a_valid_query(samples: Path, typed: str) -> None:
    assert ids(samples, query=typed) == []


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('"*()^:-+ANDORNOT\0\ud800 '))))
def test_no_text_is_a_wrong_query(samples: Path, typed: str) -> None:
    assert set(ids(samples, query=typed)) <= {1, 2, 3, 4, 6}


@given(st.text(min_size=1))
def test_no_text_in_another_field_is_an_error_but_a_day(samples: Path, typed: str) -> None:
    assert ids(samples, sites=(typed,)) == []
    assert set(ids(samples, language=typed)) <= {1, 2, 6}


@pytest.mark.parametrize("day", ["", "25-07-01", "2025-13", "2025-02-30", "yesterday", "2025-7-1", "٢٠٢٥"])
def test_a_day_that_is_none_is_said(samples: Path, day: str) -> None:
    with pytest.raises(UsageError, match="is no day, month or year"):
        ids(samples, first_day=day)


def test_a_damaged_database_is_one_line(samples: Path, tmp_path: Path) -> None:
    data = (samples / "news.db").read_bytes()
    for n in range(5, len(data) // 4096):
        (tmp_path / "news.db").write_bytes(data[: n * 4096] + b"\xa5" * 4096 + data[(n + 1) * 4096 :])
        with suppress(ArchiveError), Archive.read(tmp_path) as reader:  # sqlite3.Error would not pass
            assert len(list(choose(reader, Selection(query="la", since_run=1)))) <= 5
