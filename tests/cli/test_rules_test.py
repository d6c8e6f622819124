"""`hemeroteca rules test` and `import`: a rule file on the pages of its site, pins that hold, and others' rules."""

from __future__ import annotations

from pathlib import Path

from cli_samples import Run, as_json
from paper import BOX, SITE, Story, body

DRAFT = '[[html]]\nbody = "div.c"\n[[html.remove]]\nid = "box"\nwhy = "On itself."\nselect = "div.c > p.box"\n'


def archive_of(hemeroteca: Run, tmp_path: Path) -> None:
    """Three pages of one paper, saved from a browser that noted where each came from."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in (1, 2, 3):
        story = Story(number, body(number))
        html = story.html.decode()
        for line in BOX:
            html = html.replace(f"<p>{line}</p>", f'<p class="box">{line}</p>')
        saved = f"<!-- saved from url=({len(story.url):04}){story.url} -->\n"
        (folder / f"{number}.html").write_text(saved + html, "utf-8")
    hemeroteca("clean", folder, "-q")


def test_a_draft_is_tried_pinned_and_held_to_it(hemeroteca: Run, tmp_path: Path) -> None:
    archive_of(hemeroteca, tmp_path)
    draft = tmp_path / f"{SITE}.toml"
    draft.write_text(DRAFT, "utf-8")
    tried = as_json(hemeroteca("rules", "test", draft, "--json"))
    assert (tried["pages"], tried["lost"], tried["pinned"], tried["broken"]) == (3, 0, 0, 0)

    assert as_json(hemeroteca("rules", "test", draft, "--pin", "--json"))["pinned"] == 3
    assert as_json(hemeroteca("rules", "test", draft, "--json"))["broken"] == 0

    draft.write_text(DRAFT.replace("div.c > p.box", "div.c > p:nth-of-type(1)"), "utf-8")
    broken = hemeroteca("rules", "test", draft, code=1)
    assert broken.stdout.count("BROKEN PIN") == 3
    assert f"+ {BOX[0]}"[:80] in broken.stdout
    assert f"- {body(1)[0]}"[:80] in broken.stdout
    assert hemeroteca("rules", "test", draft, "--url", f"https://{SITE}/comarca/2", code=1).stdout.count("BROKEN") == 1


def test_mistakes_are_one_line(hemeroteca: Run, tmp_path: Path) -> None:
    archive_of(hemeroteca, tmp_path)
    other = tmp_path / "other.example.toml"
    other.write_text('[[html]]\nbody = "div"\n', "utf-8")
    broken = tmp_path / f"{SITE}.toml"
    broken.write_text('[[html]]\nbodi = "div"\n', "utf-8")
    for file, says in [(other, "no archived HTML page"), (broken, "did you mean body")]:
        done = hemeroteca("rules", "test", file, code=2)
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_rules_of_others_are_imported_and_rank_below(hemeroteca: Run, tmp_path: Path) -> None:
    archive_of(hemeroteca, tmp_path)
    theirs = tmp_path / "configs"
    theirs.mkdir()
    (theirs / f"{SITE}.txt").write_text("body: //div[@class='c']\nstrip: //p[contains(., 'x')]\n", "utf-8")
    (theirs / "LICENSE.txt").write_text("public domain\n", "utf-8")
    done = as_json(hemeroteca("rules", "import", theirs, "--json"))
    assert (done["files"], done["sites"], done["xpaths"], done["translated"]) == (1, 1, 2, 1)
    listed = as_json(hemeroteca("rules", "list", "--site", SITE, "--json"))
    assert [(row["id"], row["what"]) for row in listed] == [(f"{SITE}/imported-1", "imported")]
    own = tmp_path / "archive" / "rules" / "sites"
    own.mkdir()
    (own / f"{SITE}.toml").write_text(DRAFT, "utf-8")
    listed = as_json(hemeroteca("rules", "list", "--site", SITE, "--json"))
    assert [row["what"] for row in listed] == ["html", "imported"]
    assert "no rules in the format" in hemeroteca("rules", "import", own, code=2).stderr
