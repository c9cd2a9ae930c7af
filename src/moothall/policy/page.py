"""The public page of the house rules, made from the same file that the machine applies."""

from __future__ import annotations

import re
from datetime import date
from html import escape
from typing import Final

from moothall.policy.model import Clause, Policy, RouteRule, Section
from moothall.policy.reasons import joined

_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #0b0c0c; font: 1.1875rem/1.5 Arial, Helvetica, sans-serif; }
.skip { position: absolute; left: -999em; }
.skip:focus { position: static; display: block; padding: .75rem 1rem; background: #fd0; color: #0b0c0c; }
main { max-width: 42rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.15; } h2 { font-size: 1.5rem; line-height: 1.2; margin-top: 2.5rem; }
h3 { font-size: 1.1875rem; margin: 2rem 0 .5rem; } p { margin: 0 0 1rem; }
a { color: #1d70b8; } a:hover { color: #003078; } a:focus { outline: 3px solid #0b0c0c; background: #fd0; color: #0b0c0c; }
nav ul { padding-left: 1.25rem; } .may, .version { color: #505a5f; }
:target { border-left: 5px solid #1d70b8; padding-left: 1rem; }
@media print {
  body { font-size: 11pt; } .skip, nav { display: none; } main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; } section section { break-inside: avoid; } a { color: inherit; }
  :target { border: 0; padding: 0; }
}
""".strip()
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)]")
_MAY: Final = {"hide": "hide it", "delete": "delete it", "block": "block its author", "report": "report it"}


def page(policy: Policy, in_force_from: date | None = None) -> str:
    """Return the whole page as HTML that stands alone: no script, nothing fetched, styles for screen and print inside."""
    title = f"{escape(policy.title)} – {escape(policy.council)}"
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        '<a class="skip" href="#house-rules">Skip to the house rules</a>\n'
        f'<main id="house-rules">\n{page_body(policy, in_force_from)}</main>\n</body>\n</html>\n'
    )


def page_body(policy: Policy, in_force_from: date | None = None) -> str:
    """Return what stands inside ``main``: one ``h1``, then sections with anchors, each clause under its own id.

    The version stands at the end, with the date it is in force from where that is given.
    """
    opening = [section for section in policy.sections if not section.closing]
    closing = [section for section in policy.sections if section.closing]
    routes = [rule for rule in policy.routes.values() if rule.public]
    contents = [(each.id, each.title) for each in opening]
    if routes:
        contents.append(("comments-and-questions", "Your comments, questions and requests"))
    contents.append(("clauses", "The rules"))
    contents += [(each.id, each.title) for each in closing]
    parts = [
        f"<h1>{escape(policy.title)}</h1>\n<p>{escape(policy.council)}</p>\n",
        _paragraphs(policy, policy.introduction),
        _contents(contents),
        *(_section(policy, each) for each in opening),
        _routes(policy, routes),
        _clauses(policy),
        *(_section(policy, each) for each in closing),
        _version(policy, in_force_from),
    ]
    return "".join(parts)


def _contents(entries: list[tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="#{escape(id)}">{escape(title)}</a></li>\n' for id, title in entries)
    return f'<nav aria-label="On this page">\n<ul>\n{items}</ul>\n</nav>\n'


def _section(policy: Policy, section: Section) -> str:
    id, title = escape(section.id), escape(section.title)
    return f'<section id="{id}">\n<h2>{title}</h2>\n{_paragraphs(policy, section.public)}</section>\n'


def _routes(policy: Policy, routes: list[RouteRule]) -> str:
    if not routes:
        return ""
    body = "".join(f"<h3>{escape(rule.title or rule.name)}</h3>\n{_paragraphs(policy, rule.public)}" for rule in routes)
    title = "Your comments, questions and requests"
    return f'<section id="comments-and-questions">\n<h2>{title}</h2>\n{body}</section>\n'


def _clauses(policy: Policy) -> str:
    body = "".join(_clause(policy, clause) for clause in policy.clauses)
    return f'<section id="clauses">\n<h2>The rules</h2>\n{body}</section>\n'


def _clause(policy: Policy, clause: Clause) -> str:
    anchor = f"clause-{escape(clause.id)}"
    possible = [_MAY[measure] for measure in clause.measures if measure != "ignore"]
    may = f'<p class="may">We may {escape(joined(possible, "or"))}, or leave it alone.</p>\n' if possible else ""
    return (
        f'<section id="{anchor}" aria-labelledby="{anchor}-title">\n'
        f'<h3 id="{anchor}-title">{clause.number}. {escape(clause.title)}</h3>\n'
        f"{_paragraphs(policy, clause.public)}{may}</section>\n"
    )


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
