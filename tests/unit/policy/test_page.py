"""What the public and the officers read."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from moothall.policy import default_policy, loads, page, page_body, show
from moothall.policy.shipped import names, shipped

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


LADDER = """
ladder:
  - id: third-time
    title: The third time
    public: Whoever spams three times is stopped.
    strikes: 3
    measure: block
  - id: ever-after
    title: And again after that
    public: After that there is no way back.
    bans: 1
    measure: block
    ban: {length: for_ever, review: none}
"""
BLOCKING = SMALL.replace("[hide, delete]", "[hide, block]")


def words(text: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


def test_the_ladder_is_on_the_page_each_rung_under_its_anchor() -> None:
    body = page_body(loads(BLOCKING + LADDER))
    outline = Outline(body)
    assert "If it happens again" in body
    assert {"if-it-happens-again", "rung-third-time", "rung-ever-after"} <= set(outline.ids)
    assert "Whoever spams three times is stopped." in words(body)
    assert "A block then is for ever. It is not reviewed." in words(body)
    assert "If it happens again" not in page_body(PAGE)


def test_a_clause_with_a_rule_of_its_own_for_blocks_says_so_unless_its_sentence_does() -> None:
    text = BLOCKING + "    ban: {length: 1 month, review: none}\n"
    assert "A block under this rule lasts 1 month. It is not reviewed." in words(page_body(loads(text)))
    said = text.replace("public: Be polite.", "public: Be polite, or be blocked for a month.")
    assert "A block under this rule" not in page_body(loads(said))


def test_each_rule_has_a_link_to_itself_that_says_which_rule() -> None:
    body = page_body(loads(BLOCKING + LADDER))
    for anchor, title in (("clause-polite", "1. Be polite"), ("rung-third-time", "The third time")):
        (link,) = re.findall(rf'<a href="#{anchor}">(.*?)</a>', body)
        assert words(link) == f"Link to this rule : {title}"


BAN = "settings: {ban: {%s}}\n"


@pytest.mark.parametrize(
    ("ban", "sentence"),
    [
        ("length: 12 months, review: none", "A block lasts 12 months. It is not reviewed."),
        ("after: at_any_time", "A block has no end date. You can ask for it to be reviewed at any time."),
        ("after_months: 3, by: panel", "After 3 months you can ask for it to be reviewed. A panel decides."),
        ("review: automatic, by: any_officer", "We review it by ourselves after 6 months. An officer decides."),
        ("length: for_ever, review: none", "A block is for ever. It is not reviewed."),
        (
            "first: notice_of_intent, wait: 14 days",
            "Before we block anybody we tell them that we mean to, and they have 14 days to answer.",
        ),
        ("first: warn", "Before we block anybody we warn them."),
    ],
)
def test_how_long_a_block_lasts_is_on_the_page_where_the_file_sets_it(ban: str, sentence: str) -> None:
    body = page_body(loads(BLOCKING + BAN % ban))
    assert "blocks" in Outline(body).ids
    assert sentence in words(body)


def test_a_part_of_the_page_that_speaks_of_blocks_is_not_contradicted() -> None:
    section = "sections: [{id: bans, title: Bans, public: 'We lift a block after a year.'}]\n"
    assert "How long a block lasts" not in page_body(loads(BLOCKING + BAN % "after_months: 3" + section))
    other = "sections: [{id: bans, title: Bans, public: 'We may block you.'}]\n"
    assert "How long a block lasts" in page_body(loads(BLOCKING + BAN % "after_months: 3" + other))
    assert "How long a block lasts" not in page_body(PAGE)


def test_nothing_is_said_of_blocks_where_there_are_none_or_the_file_does_not_set_them() -> None:
    assert "How long a block lasts" not in page_body(loads(SMALL + BAN % "after_months: 3"))
    assert "How long a block lasts" not in page_body(loads(BLOCKING))


def test_the_promise_of_a_reply_and_the_office_hours_are_on_the_page_when_set() -> None:
    days = ", ".join(f"{day}: '9:00-17:00'" for day in ("monday", "tuesday", "wednesday"))
    text = SMALL + f"settings: {{reply: {{working_days: 2}}, hours: {{{days}, friday: '09:30-12:00'}}}}\n"
    said = words(page_body(loads(text)))
    assert "we reply within 2 working days after the day on which it arrived." in said
    hours = "Monday to Wednesday from 9am to 5pm and Friday from 9.30am to midday, not on bank holidays."
    assert f"We look after these accounts {hours}" in said
    own = "sections: [{id: us, title: Us, public: 'You get a reply in two working days, Monday to Friday.'}]\n"
    assert "When we reply" not in page_body(loads(text + own))
    assert "When we reply" not in page_body(PAGE)


def test_a_section_cannot_take_an_anchor_that_the_page_uses_itself() -> None:
    ids = ("clauses", "clause-polite", "house-rules", "section-clauses", "comments-and-questions", "clauses-title")
    sections = ", ".join(f"{{id: {id}, title: A, public: A.}}" for id in ids)
    outline = Outline(page(loads(SMALL + f"sections: [{sections}]\n")))
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)


@pytest.mark.parametrize("name", names())
def test_every_page_that_ships_is_whole(name: str) -> None:
    policy = shipped(name)
    outline = Outline(page(policy, date(2027, 5, 6)))
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    assert "{" not in page_body(policy)
    levels = [int(tag[1]) for tag in outline.tags if tag in ("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
