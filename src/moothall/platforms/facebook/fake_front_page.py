"""The stand-in's front page: what a visitor would see, so that whoever tries the desk sees what it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Protocol
from zoneinfo import ZoneInfo

_STYLE = (
    "body{font:1rem/1.5 arial,sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem;color:#0b0c0c}"
    "h1{font-size:1.6rem}h2{font-size:1.05rem;font-weight:400;background:#f3f2f1;padding:.75rem;margin:0}"
    "article{border:1px solid #767676;margin:1.5rem 0}ul{list-style:none;margin:0;padding:.25rem .75rem}"
    "li{padding:.35rem 0;overflow-wrap:anywhere}li.under{margin-left:1.5rem}"
    ".hidden{color:#505a5f;font-style:italic}.mark{border:1px solid;padding:0 .3rem;font-style:normal;font-weight:400}"
    "time{color:#505a5f;font-size:.875rem}.stand-in{border-left:.4rem solid #0b0c0c;padding-left:.75rem}"
)


class Shown(Protocol):
    """What the page needs of a post or comment."""

    id: str
    message: str
    created: datetime
    post: str | None
    parent: str | None
    author: tuple[str, str] | None
    hidden: bool


def front_page(name: str, nodes: Iterable[Shown], blocked: set[str]) -> str:
    """Return the HTML: posts newest first, comments below oldest first; what is hidden is named as hidden."""
    all_nodes = list(nodes)
    posts = sorted((node for node in all_nodes if node.post is None), key=lambda node: node.created, reverse=True)
    comments = sorted((node for node in all_nodes if node.post is not None), key=lambda node: node.created)
    hidden = sum(node.hidden for node in comments)
    articles = "".join(_article(post, [node for node in comments if node.post == post.id], blocked) for post in posts)
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(name)} (stand-in for Facebook)</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(name)}</h1>"
        '<p class="stand-in">This is not Facebook. It is a stand-in on this machine, so that you can see what the desk did. '
        "Load the page again after a decision.</p>"
        f"<p>Comments: {len(comments)}. Hidden: {hidden}. People blocked: {len(blocked)}.</p>"
        f"{articles}</main></body></html>"
    )


def _article(post: Shown, comments: Sequence[Shown], blocked: set[str]) -> str:
    rows = "".join(_row(node, blocked) for node in comments)
    return (
        f'<article id="{escape(post.id)}"><h2>{escape(post.message)}<br>{_time(post.created)}</h2>'
        f"<ul>{rows or '<li>No comments.</li>'}</ul></article>"
    )


def _row(node: Shown, blocked: set[str]) -> str:
    who = escape(node.author[1] if node.author else "Somebody")
    mark = ' <span class="mark">blocked</span>' if node.author and node.author[0] in blocked else ""
    under = " under" if node.parent else ""
    if node.hidden:
        return (
            f'<li id="{escape(node.id)}" class="hidden{under}"><span class="mark">hidden</span> '
            f"A comment by {who}{mark} that visitors no longer see.</li>"
        )
    return (
        f'<li id="{escape(node.id)}" class="{under.strip()}"><strong>{who}</strong>{mark} {_time(node.created)}<br>'
        f"{escape(node.message)}</li>"
    )


def _time(at: datetime) -> str:
    at = at.astimezone(ZoneInfo("Europe/London"))
    return f'<time datetime="{at.isoformat()}">{at.day} {at:%B, %H:%M}</time>'
