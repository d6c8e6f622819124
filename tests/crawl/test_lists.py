"""When feeds and sitemaps are read again, and when sitemaps retire."""

from __future__ import annotations

from dataclasses import replace

from scraper.crawl.lists import LONGEST, PER_RUN, RETIRED, Known, Read, after, chosen, is_due
from scraper.crawl.visits import DAY, HOUR

NOW = 1_790_000_000.0
FEED = Known("https://paper.example/rss", "feed")
CHILD = Known("https://paper.example/sitemap-7.xml", "sitemap", named_by="https://paper.example/sitemap.xml")


def reads(known: Known, read: Read, days: float, every: float, gap: float | None) -> int:
    """How often a list is read in so many days of hourly runs that always bring the same."""
    times, hours = 0, int(days * 24)
    for hour in range(hours):
        now = NOW + hour * HOUR
        if is_due(known, now):
            known, times = after(known, read, now, every, gap), times + 1
    return times


def test_a_list_is_read_as_often_as_it_may_while_it_brings_something() -> None:
    assert reads(FEED, Read(fresh=1), 2, HOUR, HOUR) == 48
    assert reads(FEED, Read(), 2, 0.0, None) == 48


def test_a_list_that_was_late_in_a_run_is_read_in_the_next_one() -> None:
    late = after(FEED, Read(fresh=1), NOW + 300, HOUR, HOUR)
    assert is_due(late, NOW + HOUR)
    assert not is_due(late, NOW + HOUR / 2)


def test_and_less_often_while_it_does_not_but_never_too_seldom() -> None:
    quiet = reads(FEED, Read(unchanged=True), 30, HOUR, 7 * DAY)
    assert 30 * DAY / LONGEST <= quiet < 150
    assert reads(FEED, Read(unchanged=True), 2, HOUR, 4 * HOUR) == 48, "an eighth of four hours is less than every"
    assert reads(FEED, Read(fresh=1), 30, DAY, 7 * DAY) == 30


def test_one_that_fails_is_tried_again_soon_then_later() -> None:
    assert reads(FEED, Read(failed=True), 10, HOUR, None) < 15
    assert after(replace(FEED, failures=7), Read(fresh=1), NOW, HOUR, None).failures == 0


def test_one_whose_host_serves_nothing_is_due_in_each_run() -> None:
    down = after(replace(FEED, failures=7), Read(failed=True, unserved=True), NOW, HOUR, None)
    assert down.failures == 8
    assert is_due(down, NOW + HOUR)


def test_a_sitemap_retires_by_what_it_holds() -> None:
    old = after(CHILD, Read(fresh=0, newest=NOW - 8 * DAY), NOW, HOUR, None)
    assert old.retired
    assert old.next_check == NOW + RETIRED
    assert not is_due(old, NOW + DAY)
    assert is_due(replace(old, said=NOW + HOUR), NOW + DAY), "its index says that it changed"
    young = after(CHILD, Read(fresh=0, newest=NOW - 2 * DAY), NOW, HOUR, None)
    assert not young.retired
    undated = after(CHILD, Read(fresh=0), NOW, HOUR, None)
    assert not undated.retired
    assert after(replace(CHILD, idle=2), Read(), NOW, HOUR, None).retired
    assert "sitemap-6" in str(after(CHILD, Read(fresh=9, same_as="/sitemap-6.xml"), NOW, HOUR, None).retired)
    assert after(FEED, Read(newest=NOW - 90 * DAY), NOW, HOUR, None).retired is None


def test_one_that_rests_is_looked_at_after_a_month_then_two_and_at_least_once_a_year() -> None:
    """However long it was read in vain before it retired."""
    known, waits = replace(CHILD, idle=700, checked=NOW - HOUR, next_check=NOW), []
    now = NOW
    for _ in range(8):
        known = after(known, Read(newest=NOW - 8 * DAY), now, HOUR, None)
        assert known.next_check is not None
        waits.append(round((known.next_check - now) / DAY))
        now = known.next_check
    assert waits == [30, 60, 120, 240, 365, 365, 365, 365]


def test_a_feed_that_brings_nothing_for_a_century_is_still_read() -> None:
    assert after(replace(FEED, idle=100_000), Read(unchanged=True), NOW, HOUR, None).next_check == NOW + LONGEST


def test_one_that_retired_comes_back_when_it_brings_something() -> None:
    back = after(replace(CHILD, retired="nothing young"), Read(fresh=3, newest=NOW), NOW, HOUR, None)
    assert back.retired is None


def test_sitemaps_with_ever_new_names_cost_no_more_with_the_years() -> None:
    """An index that names one more sitemap each day, none of which ever goes, and says nothing of their changes."""
    lists: dict[str, Known] = {}
    a_day: list[int] = []
    for day in range(365):
        now = NOW + day * DAY
        name = f"https://paper.example/sitemap-{day:04}.xml"
        lists[name] = replace(CHILD, url=name)
        read = 0
        for known in chosen(lists.values(), now, NOW - 30 * DAY):
            held = NOW + int(known.url[-8:-4]) * DAY
            fresh = int(known.checked is None)
            lists[known.url] = after(known, Read(fresh=fresh, newest=held), now, HOUR, None)
            read += 1
        a_day.append(read)
    assert max(a_day[60:]) <= 2 * max(a_day[30:60])
    assert sum(a_day[-30:]) < 30 * 25


def test_the_most_promising_come_first_and_no_more_than_the_budget() -> None:
    many = [replace(CHILD, url=f"https://paper.example/sitemap-{n:04}.xml") for n in range(200)]
    picked = chosen(many, NOW, NOW - 30 * DAY)
    assert len(picked) == PER_RUN
    assert picked[0].url.endswith("0199.xml")
    dated = [replace(CHILD, url="/a.xml", said=NOW - DAY), replace(CHILD, url="/z.xml", said=NOW - 40 * DAY)]
    assert [known.url for known in chosen(dated, NOW, NOW - 30 * DAY)] == ["/a.xml"]
