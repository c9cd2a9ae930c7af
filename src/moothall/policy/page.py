"""The public page of the house rules, made from the same file that the machine applies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from html import escape
from typing import Final

from moothall.policy.document import FaultList, Table, read_document
from moothall.policy.hours import hours_in_words
from moothall.policy.model import BanRule, Clause, Policy, RouteRule, Rung, Section
from moothall.policy.reasons import joined

_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #0b0c0c; font: 1.1875rem/1.5 Arial, Helvetica, sans-serif; }
.skip { position: absolute; left: -999em; }
.skip:focus { position: static; display: block; padding: .75rem 1rem; background: #fd0; color: #0b0c0c; }
main { max-width: 42rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.15; margin: 0 0 1rem; } h2 { font-size: 1.5rem; line-height: 1.2; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.1875rem; margin: 2rem 0 .5rem; } p { margin: 0 0 1rem; }
a { color: #1d70b8; } a:hover { color: #003078; } a:focus { outline: 3px solid #0b0c0c; background: #fd0; color: #0b0c0c; }
nav ul { margin: 1rem 0 0; padding: .75rem 1rem .75rem 2.25rem; background: #f3f2f1; border-left: 5px solid #1d70b8; }
nav li { padding: .125rem 0; }
.may, .rule-link, .version { color: #505a5f; font-size: 1rem; } .may { margin-bottom: .25rem; }
.version { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid #b1b4b6; }
.govuk-visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
section section:target { border-left: 5px solid #1d70b8; padding-left: 1rem; }
@page { size: A4; margin: 18mm 18mm 20mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 9pt Arial, sans-serif; } }
@media print {
  body { font-size: 11pt; } main { max-width: none; padding: 0; }
  .skip, nav, .rule-link { display: none; }
  h1 { font-size: 20pt; } h2 { font-size: 15pt; margin-top: 1.5rem; } h3 { font-size: 12pt; margin-top: 1rem; }
  h2, h3 { break-after: avoid; } section section { break-inside: avoid; } p { orphans: 3; widows: 3; }
  a { color: inherit; text-decoration: none; } .may, .version { color: inherit; font-size: inherit; }
  section section:target { border: 0; padding: 0; }
}
""".strip()
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)]")
_MAY: Final = {"hide": "hide it", "delete": "delete it", "block": "block its author", "report": "report it"}
#: The anchors that the page itself uses. A section of that name gets another.
_OWN_ANCHORS: Final = (
    "house-rules",
    "comments-and-questions",
    "when-we-reply",
    "clauses",
    "if-it-happens-again",
    "blocks",
)
_OWN_PREFIXES: Final = ("clause-", "rung-", "section-")
#: Words by which a part of the page speaks of a block, and of how long it lasts or when it is looked at again.
_BLOCK: Final = re.compile(r"\b(?:un)?block(?:ed|s|ing)?\b|\bban(?:ned|s|ning)?\b", re.IGNORECASE)
_HOW_LONG: Final = re.compile(
    r"\breview|\b(?:for ever|permanent\w*|indefinite\w*|end date|lifted|appeal\w*)\b|\b(?:day|week|month|year)s?\b",
    re.IGNORECASE,
)
_PROMISE: Final = re.compile(r"\bworking days?\b|\b(?:reply|answer|respond)\w*\s+(?:to you\s+)?within\b", re.IGNORECASE)
_DAYS: Final = re.compile(r"\b(?:Mondays?|weekdays)\b", re.IGNORECASE)
_BY: Final = {
    "different_officer": "An officer who had no part in the block decides.",
    "any_officer": "An officer decides.",
    "panel": "A panel decides.",
}


def page(policy: Policy, in_force_from: date | None = None) -> str:
    """Return the whole page as HTML that stands alone: no script, nothing fetched, styles for screen and print inside."""
    title = f"{escape(policy.title)} – {escape(policy.council)}"
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        '<a class="skip" href="#house-rules">Skip to the house rules</a>\n'
        f'<main id="house-rules" tabindex="-1">\n{page_body(policy, in_force_from)}</main>\n</body>\n</html>\n'
    )


def page_body(policy: Policy, in_force_from: date | None = None) -> str:
    """Return what stands inside ``main``: one ``h1``, then sections with anchors, each clause and rung under its own id.

    Beside the file's own sections it says what the file sets and no section says: when we reply, and how long a block lasts. The
    version stands at the end, with the date it is in force from where that is given.
    """
    opening = [section for section in policy.sections if not section.closing]
    closing = [section for section in policy.sections if section.closing]
    routes = [rule for rule in policy.routes.values() if rule.public]
    parts = [
        *((_anchor(each), each.title, _paragraphs(policy, each.public)) for each in opening),
        ("comments-and-questions", "Your comments, questions and requests", _routes(policy, routes)),
        ("when-we-reply", "When we reply", _when_we_reply(policy)),
        ("clauses", "The rules", "".join(_clause(policy, clause) for clause in policy.clauses)),
        ("if-it-happens-again", "If it happens again", "".join(_rung(policy, rung) for rung in policy.ladder)),
        ("blocks", "How long a block lasts", _blocks(policy)),
        *((_anchor(each), each.title, _paragraphs(policy, each.public)) for each in closing),
    ]
    shown = [(anchor, title, body) for anchor, title, body in parts if body]
    return "".join(
        [
            f"<h1>{escape(policy.title)}</h1>\n<p>{escape(policy.council)}</p>\n",
            _paragraphs(policy, policy.introduction),
            _contents((anchor, title) for anchor, title, _ in shown),
            *(_section(anchor, title, body) for anchor, title, body in shown),
            _version(policy, in_force_from),
        ]
    )


def _anchor(section: Section) -> str:
    taken = section.id in _OWN_ANCHORS or section.id.startswith(_OWN_PREFIXES)
    return f"section-{section.id}" if taken else section.id


def _contents(entries: Iterable[tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="#{escape(id)}">{escape(title)}</a></li>\n' for id, title in entries)
    return f'<nav aria-label="On this page">\n<ul>\n{items}</ul>\n</nav>\n'


# No id of a file has two hyphens in a row, so the id of a heading is never also that of a section.
def _section(anchor: str, title: str, body: str) -> str:
    id = escape(anchor)
    return f'<section id="{id}" aria-labelledby="{id}--title">\n<h2 id="{id}--title">{escape(title)}</h2>\n{body}</section>\n'


def _routes(policy: Policy, routes: list[RouteRule]) -> str:
    return "".join(f"<h3>{escape(rule.title or rule.name)}</h3>\n{_paragraphs(policy, rule.public)}" for rule in routes)


def _clause(policy: Policy, clause: Clause) -> str:
    possible = [_MAY[measure] for measure in clause.measures if measure != "ignore"]
    may = f'<p class="may">We may {escape(joined(possible, "or"))}, or leave it alone.</p>\n' if possible else ""
    heading = f"{clause.number}. {clause.title}"
    body = _paragraphs(policy, clause.public) + may + _own_ban(clause.ban, clause.public, "A block under this rule")
    return _rule(f"clause-{clause.id}", heading, body)


def _rung(policy: Policy, rung: Rung) -> str:
    return _rule(
        f"rung-{rung.id}",
        rung.title,
        _paragraphs(policy, rung.public) + _own_ban(rung.ban, rung.public, "A block then"),
    )


def _rule(anchor: str, heading: str, body: str) -> str:
    id, title = escape(anchor), escape(heading)
    return (
        f'<section id="{id}" aria-labelledby="{id}--title">\n<h3 id="{id}--title">{title}</h3>\n{body}'
        f'<p class="rule-link govuk-!-display-none-print"><a href="#{id}">Link to this rule'
        f'<span class="govuk-visually-hidden">: {title}</span></a></p>\n</section>\n'
    )


def _own_ban(ban: BanRule | None, public: str, block: str) -> str:
    if ban is None or _speaks_of_blocks(public):
        return ""
    return f'<p class="may">{escape(f"{block} {_lasts(ban)} {_reviewed(ban)}")}</p>\n'


def _blocks(policy: Policy) -> str:
    """Return how long a block lasts, where the file says it and no text that the public reads does."""
    blocks = any("block" in clause.measures for clause in policy.clauses) or any(
        rung.measure == "block" for rung in policy.ladder
    )
    texts = [policy.introduction, *(section.public for section in policy.sections)]
    said = any(_speaks_of_blocks(policy.filled(text)) for text in texts)
    if not blocks or said or not _sets_ban(policy):
        return ""
    ban = policy.settings.ban
    first = {
        "warn": "Before we block anybody we warn them.",
        "ask_to_take_down": "Before we block anybody we ask them to take the comment down.",
        "notice_of_intent": "Before we block anybody we tell them that we mean to"
        + (f", and they have {ban.wait.in_words()} to answer." if ban.wait else "."),
    }.get(ban.first, "")
    own = any(clause.ban for clause in policy.clauses) or any(rung.ban for rung in policy.ladder)
    unless = " Where a rule says otherwise, that counts." if own else ""
    sentence = " ".join(part for part in (first, f"A block {_lasts(ban)} {_reviewed(ban)}{unless}") if part)
    return f"<p>{escape(sentence)}</p>\n"


def _sets_ban(policy: Policy) -> bool:
    """Return whether the file says something about bans: a default that nobody wrote down is not for the public page."""
    tree = read_document(policy.text, FaultList())
    settings = tree.entries.get("settings") if tree is not None else None
    return settings is not None and isinstance(settings[1], Table) and "ban" in settings[1].entries


def _speaks_of_blocks(text: str) -> bool:
    return any(_BLOCK.search(part) and _HOW_LONG.search(part) for part in re.split(r"\n\s*\n", text))


def _lasts(ban: BanRule) -> str:
    if ban.length is not None:
        return f"lasts {ban.length.in_words()}."
    return "is for ever." if ban.for_ever else "has no end date."


def _reviewed(ban: BanRule) -> str:
    after = ban.after.in_words() if ban.after.months or ban.after.days else ""
    if ban.review == "none":
        return "It is not reviewed."
    if ban.review == "automatic":
        when = f"We review it by ourselves after {after}." if after else "We review it by ourselves."
    elif after:
        when = f"After {after} you can ask for it to be reviewed."
    else:
        when = "You can ask for it to be reviewed at any time."
    return f"{when} {_BY[ban.by]}"


def _when_we_reply(policy: Policy) -> str:
    """Return the promise of a reply and the office hours, where the file sets them and no text that the public reads does."""
    texts = [
        policy.introduction,
        *(each.public for each in policy.sections),
        *(rule.public for rule in policy.routes.values()),
    ]
    days, hours = policy.settings.reply_working_days, policy.settings.hours
    said = []
    if days is not None and not any(_PROMISE.search(text) for text in texts):
        number = "one working day" if days == 1 else f"{days} working days"
        said.append(f"Where a comment needs a reply, we reply within {number} after the day on which it arrived.")
    if hours is not None and not any(_DAYS.search(text) for text in texts):
        said.append(f"We look after these accounts {hours_in_words(hours)}.")
    return f"<p>{escape(' '.join(said))}</p>\n" if said else ""


def _version(policy: Policy, in_force_from: date | None) -> str:
    since = ""
    if in_force_from is not None:
        written = f"{in_force_from.day} {in_force_from:%B %Y}"
        since = f', in force from <time datetime="{in_force_from:%Y-%m-%d}">{written}</time>'
    return f'<p class="version">Version {escape(policy.version)}{since}.</p>\n'


def _paragraphs(policy: Policy, text: str) -> str:
    """Return the text as paragraphs, everything in it escaped and web addresses made links."""
    made = []
    for paragraph in re.split(r"\n\s*\n", policy.filled(text).strip()):
        if paragraph.strip():
            made.append(f"<p>{_linked(' '.join(paragraph.split()))}</p>\n")
    return "".join(made)


def _linked(text: str) -> str:
    made, end = [], 0
    for match in _ADDRESS.finditer(text):
        address = escape(match.group())
        made.append(escape(text[end : match.start()]) + f'<a href="{address}">{address}</a>')
        end = match.end()
    return "".join(made) + escape(text[end:])
