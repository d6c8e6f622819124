"""The rows of the crawl's tables as frozen records: times are seconds since the epoch, spans seconds.

Their fields are the tables' columns; what each means stands in `migrations/0004_crawl.sql`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar

from archive.moments import iso, seconds_of

Row = TypeVar("Row")


def _moment(*, default: float | None = None) -> Any:
    return field(default=default, metadata={"moment": True})


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A row of `crawl_addresses`."""

    key: str
    url: str
    source: str
    host: str
    shape: str
    ident: str | None
    via: str | None
    method: str | None
    first_seen: float = field(metadata={"moment": True})
    ending: str
    published: float | None = _moment()
    standing: str | None = None
    visits: int = 0
    stumbles: int = 0
    vain: int = 0
    first_fetched: float | None = _moment()
    fetched: float | None = _moment()
    next_visit: float | None = _moment()
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None
    words: int = 0
    moved_to: str | None = None
    gone_since: float | None = _moment()
    reserved: str | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of `crawl_lists`."""

    url: str
    source: str
    kind: str
    named_by: str | None = None
    said: float | None = _moment()
    checked: float | None = _moment()
    next_check: float | None = _moment()
    newest: float | None = _moment()
    idle: int = 0
    failures: int = 0
    error: str | None = None
    digest: str | None = None
    retired: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class HostRow:
    """A row of `crawl_hosts`."""

    host: str
    next_at: float | None = _moment()
    answer: float = 0.0
    failures: int = 0
    pushed: int = 0
    rests: int = 0
    resting_until: float | None = _moment()


@dataclass(frozen=True, slots=True)
class RobotsRow:
    """A row of `crawl_robots`."""

    authority: str
    access: str
    text: str
    checked: float = field(metadata={"moment": True})
    status: int | None
    reserved: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of `crawl_sources`."""

    source: str
    began: float = field(metadata={"moment": True})
    floor: float = field(metadata={"moment": True})
    last_run: float | None = _moment()


@dataclass(frozen=True, slots=True)
class PatternRow:
    """A row of `crawl_patterns`."""

    pattern: str
    source: str
    why: str
    example: str
    stopped: float = field(metadata={"moment": True})
    released: float | None = _moment()


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """A row of `crawl_shapes`."""

    shape: str
    pages: int = 0
    articles: int = 0
    texts: int = 0


@dataclass(frozen=True, slots=True)
class CapturedRow:
    """A capture of an address whose page was cleaned, in whichever run or from whichever WARC file it came."""

    at: float
    status: int | None
    reason: str | None
    content_hash: str | None
    words: int


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """What a run did for a source: a row of `crawl_runs`, and by ending and pattern those of `crawl_counts`."""

    source: str
    seen: int
    lists: int
    failed_lists: int
    requests: int
    bytes: int
    seconds: float
    remark: str
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Table(Generic[Row]):
    """A table whose columns are the fields of a record; `keys` are its first so many fields."""

    def __init__(self, name: str, record: type[Row], keys: int = 1) -> None:
        self._record = record
        self._moments = tuple(bool(each.metadata.get("moment")) for each in fields(record))  # type: ignore[arg-type]
        self._names = tuple(each.name for each in fields(record))  # type: ignore[arg-type]
        columns, marks = ", ".join(self._names), ", ".join("?" * len(self._names))
        self.put = f"INSERT OR REPLACE INTO {name} ({columns}) VALUES ({marks})"  # noqa: S608
        self.select = f"SELECT {columns} FROM {name}"  # noqa: S608
        self._keys = self._names[:keys]

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """What tells a row from all others."""
        return tuple(getattr(row, name) for name in self._keys)

    def values(self, row: Row) -> tuple[Any, ...]:
        """A record as its columns."""
        pairs = zip(self._names, self._moments, strict=True)
        given = ((getattr(row, name), moment) for name, moment in pairs)
        return tuple(iso(value) if moment and value is not None else value for value, moment in given)

    def record(self, row: tuple[Any, ...]) -> Row:
        """Columns as a record."""
        pairs = zip(row, self._moments, strict=True)
        return self._record(*(seconds_of(value) if moment else value for value, moment in pairs))
