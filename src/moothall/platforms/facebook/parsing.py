"""Stored Graph API bodies, read. Pure: no network, no clock.

Kinds: ``posts`` (a page of posts) and ``comments/{post id}`` (a page of a post's comments; a comment itself does not name its
post).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from moothall.platforms.connector import (
    Parsed,
    ParsedAuthor,
    ParsedComment,
    ParsedPost,
    Unreadable,
    excerpt,
    moment,
    read_items,
)

#: Fields kept beside a comment: what an officer or a measure may need later.
_KEPT = ("can_hide", "can_remove", "is_private", "comment_count")


def parse(kind: str, raw: bytes) -> list[Parsed]:
    """Return what a body holds, in its order. The Page's own comments are left out: they are answers, not arrivals."""
    name, _, post = kind.partition("/")
    if name == "posts":
        return read_items(raw, partial(_each, _post))
    if name == "comments" and post:
        return read_items(raw, partial(_each, partial(_comment, post)))
    return [Unreadable(f"unknown kind “{kind}”", excerpt(raw))]


def _each(read: Callable[[Mapping[str, Any]], Parsed | None], body: Mapping[str, Any]) -> Iterator[Parsed]:
    items = body.get("data")
    if not isinstance(items, list):
        yield Unreadable("no list under “data”", excerpt(body))
        return
    for item in items:
        try:
            found = read(item)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            found = Unreadable(f"{type(error).__name__}: {error}", excerpt(item))
        if found is not None:
            yield found


def _post(item: Mapping[str, Any]) -> ParsedPost:
    return ParsedPost(
        external_id=_identity(item),
        text=_text(item, "message") or _text(item, "story"),
        written_at=moment(item["created_time"]),
        url=_text(item, "permalink_url"),
    )


def _comment(post: str, item: Mapping[str, Any]) -> ParsedComment | None:
    author = _author(item.get("from"))
    if author is not None and author.external_id == post.partition("_")[0]:
        return None
    parent = item.get("parent")
    extra = {name: item[name] for name in _KEPT if name in item}
    if isinstance(item.get("attachment"), dict):
        extra["attachment"] = item["attachment"]
    return ParsedComment(
        external_id=_identity(item),
        post_external_id=post,
        # A comment that is only a picture has no message.
        text=_text(item, "message"),
        written_at=moment(item["created_time"]),
        parent_external_id=_identity(parent) if isinstance(parent, dict) else None,
        author=author,
        url=_text(item, "permalink_url"),
        hidden=item["is_hidden"] if isinstance(item.get("is_hidden"), bool) else None,
        extra=extra,
    )


def _author(value: object) -> ParsedAuthor | None:
    """Return who wrote it; None where Facebook withholds it, as it does without the permission."""
    if not isinstance(value, dict) or not value.get("id"):
        return None
    return ParsedAuthor(str(value["id"]), name=_text(value, "name"))


def _identity(item: Mapping[str, Any]) -> str:
    value = item["id"]
    if not isinstance(value, str) or not value:
        raise ValueError("the id is no text")
    return value


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"“{name}” is no text")
    return value
