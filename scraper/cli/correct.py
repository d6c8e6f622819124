"""`hemeroteca correct`: a person has the last word on one page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.options import Common, Effort, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.db.rows import CaptureRow
    from archive.store import Archive, Change, Reader
    from scraper.clean.corrections import Correction, Value
    from scraper.cli.compose import Pace
    from scraper.pipeline import Watch

TIMEOUT = 60.0  # seconds a page


@click.command()
@click.argument("article", metavar="ARTICLE")
@click.option("--title", metavar="TEXT", help="Its title.")
@click.option("--author", "authors", multiple=True, metavar="NAME", help="Its author, in place of all (repeatable).")
@click.option("--published", metavar="DATE", help="When it was published: a day, or a moment with its offset.")
@click.option("--modified", metavar="DATE", help="When it was changed.")
@click.option("--section", metavar="TEXT", help="Its section.")
@click.option("--kind", metavar="WORD", help="What it is: `live` for a live blog.")
@click.option("--furniture", multiple=True, metavar="LINE", help="This line is no text (repeatable).")
@click.option("--text", multiple=True, metavar="LINE", help="This line is text (repeatable).")
@click.option("--no-article", is_flag=True, help="The page holds no article.")
@click.option("--undo", is_flag=True, help="Take back everything that was said of this page.")
@json_option
@common_options
def correct(
    article: str,
    furniture: tuple[str, ...],
    text: tuple[str, ...],
    no_article: bool,
    undo: bool,
    as_json: bool,
    common: Common,
    **fields: Any,
) -> int:
    """Set what is known of an article by hand.

    ARTICLE is an id, or the address of a page (https://..., urn:hemeroteca:dump:...). What is set here wins over rules
    and page, in all captures of that address, and in every cleaning to come. LINE is a line of the page as it stands,
    or its number as `hemeroteca explain` shows it. It is kept in corrections.toml of the archive's folder, which you
    may edit; the article's page and field_sources name a person as the source. Without options, what was said is shown.

    \b
    Examples:
      hemeroteca correct 17 --title "La presa se vacía" --author "Ana Roldán"
      hemeroteca correct https://elfaro.example/a --furniture "El Faro, diario de la tarde"
      hemeroteca correct 17 --undo
    """
    from archive.store import Archive
    from scraper.corrections import load

    with Archive.read(common.folder) as reader:
        url, captures = _page(reader, article)
        said = _said(fields, f"correct {article}")
        lines = {"furniture": _lines(reader, captures, furniture), "text": _lines(reader, captures, text)}
    before = load(common.folder).by_url.get(url)
    if not (undo or said or no_article or any(lines.values())):
        return _show(url, before, as_json=as_json)
    after = _empty(url) if undo else _after(before or _empty(url), said, lines, no_article=no_article)
    changes = _apply(common, after, captures)
    _tell(url, after, changes, common, as_json=as_json)
    return 0


def _page(reader: Reader, article: str) -> tuple[str, list[CaptureRow]]:
    """The address that is corrected, and its captures."""
    from archive.errors import UsageError

    if article.isdigit():
        row = reader.article(int(article))
        if row is None:
            raise UsageError(f"no article {article} in {reader.folder}")
        first = reader.captures_of(row.id)[0]
        url = row.url or first.url or ""
    else:
        url = article
    captures = [capture for capture in reader.find_url(url) if capture.location is not None]
    if not captures:
        raise UsageError(f"nothing archived at {article} in {reader.folder}")
    return url, captures


def _said(fields: dict[str, Any], where: str) -> dict[str, Value]:
    from scraper.corrections import checked

    return {key: checked(key, value, where) for key, value in fields.items() if value not in (None, ())}


def _lines(reader: Reader, captures: Sequence[CaptureRow], given: Sequence[str]) -> tuple[str, ...]:
    """Lines as they stand in the newest capture, whether said by text or by number. Raises UsageError."""
    from archive.errors import UsageError
    from archive.learned import fingerprint
    from scraper.clean import clean
    from scraper.clean.kit import load_kit
    from scraper.cli.compose import rules_folder

    if not given:
        return ()
    outcome = clean(reader.page(captures[0]), load_kit(rules_folder(reader.folder)))
    numbers = {str(line.number): line.text.strip() for line in outcome.lines}
    marks = {fingerprint(line.text): line.text.strip() for line in outcome.lines}
    found = [numbers.get(each) or marks.get(fingerprint(each) or "none") for each in given]
    for each, line in zip(given, found, strict=True):
        if line is None or not fingerprint(line):
            raise UsageError(f"no line {each!r} with a letter in it on that page; `hemeroteca explain` shows its lines")
    return tuple(line for line in found if line)


def _empty(url: str) -> Correction:
    from scraper.clean.corrections import Correction

    return Correction(url)


def _after(
    before: Correction, said: dict[str, Value], lines: dict[str, tuple[str, ...]], *, no_article: bool
) -> Correction:
    """What was said before with what is said now: a later word on a field or line wins."""
    furniture = _without(before.furniture, lines["text"], lines["furniture"])
    text = _without(before.text, lines["furniture"], lines["text"])
    return replace(
        before,
        fields={**before.fields, **said},
        furniture=furniture,
        text=text,
        article=before.article and not no_article,
    )


def _without(before: Sequence[str], gone: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in (*before, *new) if line not in gone))


def _apply(common: Common, after: Correction, captures: Sequence[CaptureRow]) -> list[Change]:
    from scraper.cli.compose import cleaner
    from scraper.cli.run import in_run
    from scraper.corrections import put
    from scraper.pipeline import reclean

    clean = cleaner(common, Effort(jobs=1, timeout=TIMEOUT))
    changes: list[Change] = []

    def body(archive: Archive, _pace: Pace, watch: Watch) -> None:
        put(common.folder, after)
        changes.extend(reclean(archive, captures, clean, archive.restate, watch, accept_losses=True))

    in_run(common, clean, body)
    return changes


def _show(url: str, said: Correction | None, *, as_json: bool) -> int:
    from scraper.corrections import said_of

    found = said_of(said) if said else {}
    if as_json:
        click.echo(json.dumps({"url": url, **found}, ensure_ascii=False))
    else:
        click.echo(printable(f"{url}: {'' if found else 'nothing was set by hand'}"))
        for key, value in found.items():
            for each in value if isinstance(value, list) else [value]:
                click.echo(printable(f"  {key:<10} {each}"))
    return 0


def _tell(url: str, after: Correction, changes: Sequence[Change], common: Common, *, as_json: bool) -> None:
    from scraper.corrections import said_of

    changed = sum(change.kind != "same" for change in changes)
    if as_json:
        counts = {"captures": len(changes), "changed": changed}
        click.echo(json.dumps({"url": url, **counts, "corrections": said_of(after)}, ensure_ascii=False))
    elif not common.quiet:
        what = "nothing is set by hand any more" if after.empty else "set by hand: " + ", ".join(said_of(after))
        click.echo(printable(f"{url}: {what}; {changed} of {len(changes)} captures changed"))
