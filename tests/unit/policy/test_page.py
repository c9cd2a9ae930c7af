"""What the public and the officers read."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import moothall.policy as policy_room
from moothall.policy import default_policy, loads, page, page_body, show
from moothall.policy.vocabulary import BUILT_IN, CITABLE_GROUNDS

from .writing import SMALL

PAGE = default_policy()


class Outline(HTMLParser):
    """The headings, ids, links and tags of a page, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            if name == "lang":
                self.language = value or ""
            assert not name.startswith("on")
            assert name != "src"
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_is_well_formed() -> None:
    text = page(PAGE)
    outline = Outline(text)
    assert outline.open == []
    assert outline.language == "en-GB"
    assert not {"script", "link", "img", "iframe"} & set(outline.tags)
    assert "@import" not in text
    assert "url(" not in text
    assert "@media print" in text


def test_headings_go_down_one_step_at_a_time() -> None:
    levels = [int(tag[1]) for tag in Outline(page(PAGE)).tags if tag in ("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_each_clause_has_an_anchor_and_every_link_inside_the_page_leads_somewhere() -> None:
    outline = Outline(page(PAGE))
    assert len(outline.ids) == len(set(outline.ids))
    assert {f"clause-{clause.id}" for clause in PAGE.clauses} <= set(outline.ids)
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)


def test_the_page_gives_version_date_and_every_public_sentence() -> None:
    text = unescape(" ".join(page(PAGE, date(2026, 11, 23)).split()))
    assert f"Version {PAGE.version}, in force from" in text
    assert "23 November 2026" in text
    assert "01632 960200" in text
    assert "{" not in page_body(PAGE)
    for clause in PAGE.clauses:
        assert " ".join(PAGE.filled(clause.public).split()) in text
        assert " ".join(clause.guide.split()) not in text


def test_what_a_file_says_cannot_become_markup() -> None:
    text = page(loads(SMALL.replace("public: Be polite.", "public: '<script>alert(1)</script> \"&'")))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_officers_text_has_guide_measures_and_who_confirms() -> None:
    text = show(PAGE)
    assert "1. Be polite to people [be-polite]" in text
    assert "ignore, hide, delete, block, report" in text
    assert "one officer decides" in text
    assert max(len(line) for line in text.splitlines()) <= 110
    confirmed = show(loads(SMALL + "    second_person: [delete]\n"))
    assert "a second officer for delete" in confirmed


def test_the_reference_explains_every_name_and_every_key() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
    asked: list[str] = []
    for module in ("loading.py", "clauses.py"):
        source = (Path(policy_room.__file__).parent / module).read_text(encoding="utf-8")
        reading = r"\.(?:text|scalar|flag|number|choice|choices|names|inner|keyed|tables)\(\s*\"([a-z_]+)\""
        asked += re.findall(reading, source)
    assert len(asked) > 25
    assert [word for word in [*asked, *BUILT_IN, *CITABLE_GROUNDS] if f"{word}" not in text] == []
