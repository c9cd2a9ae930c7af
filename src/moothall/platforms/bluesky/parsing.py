"""Stored Bluesky bodies, read. Pure: no network, no clock.

Kinds, each the body of the method of its name: ``author_feed``, ``posts``, ``thread``, ``notifications``. A comment is a reply
in a thread whose first post is the council's; whose that is stands in the thread's own address, so a body needs nothing
beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
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

_BROKEN = (KeyError, TypeError, ValueError, AttributeError)


def parse(kind: str, raw: bytes) -> list[Parsed]:
    """Return what a body holds. The council's own replies are left out: they are answers, not arrivals."""
    readers = {"author_feed": _author_feed, "posts": _posts, "thread": _thread, "notifications": _notifications}
    if kind not in readers:
        return [Unreadable(f"unknown kind “{kind}”", excerpt(raw))]
    return read_items(raw, readers[kind])


def owner_of(uri: str) -> str:
    """Return the DID in an at:// address, or an empty text."""
    return uri.removeprefix("at://").partition("/")[0] if uri.startswith("at://did:") else ""


def _author_feed(body: Mapping[str, Any]) -> Iterator[Parsed]:
    for item in _list(body, "feed"):
        try:
            # A repost is somebody else's post; a pinned post is our own.
            if "#reasonRepost" not in str((item.get("reason") or {}).get("$type", "")):
                yield from _own_post(item["post"])
        except _BROKEN as error:
            yield Unreadable(f"{type(error).__name__}: {error}", excerpt(item))


def _posts(body: Mapping[str, Any]) -> Iterator[Parsed]:
    for item in _list(body, "posts"):
        try:
            yield from _own_post(item)
        except _BROKEN as error:
            yield Unreadable(f"{type(error).__name__}: {error}", excerpt(item))


def _own_post(view: Mapping[str, Any]) -> Iterator[Parsed]:
    record = view["record"]
    if "reply" in record:
        return
    yield ParsedPost(
        external_id=_uri(view["uri"]),
        text=_words(record),
        written_at=_written_at(view, record),
        url=_link(view),
        extra={"cid": str(view["cid"])},
    )


def _thread(body: Mapping[str, Any]) -> Iterator[Parsed]:
    top = body.get("thread")
    if not isinstance(top, dict):
        yield Unreadable("no thread", excerpt(body))
        return
    hidden: set[str] | None = None
    todo: list[object] = [top]
    while todo:
        node = todo.pop()
        try:
            if not isinstance(node, dict):
                raise TypeError("not an object")
            view = node.get("post")
            if view is None:
                # Deleted, blocked or withheld: there is nothing to read.
                continue
            replies = node.get("replies") or []
            # A stack: the last put on is read first, so that replies come out in the order of the body.
            todo.extend(reversed(replies))
            if node is top and "reply" not in view["record"]:
                hidden = _hidden_in(view)
                yield from _own_post(view)
            else:
                yield from _reply(view, hidden)
        except _BROKEN as error:
            yield Unreadable(f"{type(error).__name__}: {error}", excerpt(node))


def _notifications(body: Mapping[str, Any]) -> Iterator[Parsed]:
    for item in _list(body, "notifications"):
        try:
            if item["reason"] == "reply":
                root = _uri(item["record"]["reply"]["root"]["uri"])
                # Told to us, but in a thread of somebody else: not a comment on the council's posts.
                if owner_of(root) == owner_of(str(item.get("reasonSubject", ""))):
                    yield from _reply(item, None)
        except _BROKEN as error:
            yield Unreadable(f"{type(error).__name__}: {error}", excerpt(item))


def _reply(view: Mapping[str, Any], hidden: set[str] | None) -> Iterator[Parsed]:
    record, uri, author = view["record"], _uri(view["uri"]), view["author"]
    root, parent = _uri(record["reply"]["root"]["uri"]), _uri(record["reply"]["parent"]["uri"])
    if author["did"] == owner_of(root):
        return
    extra: dict[str, Any] = {"uri": uri, "cid": str(view["cid"]), "root": root}
    if isinstance(record.get("embed"), dict):
        extra["embed"] = record["embed"]
    yield ParsedComment(
        external_id=uri,
        post_external_id=root,
        text=_words(record),
        written_at=_written_at(view, record),
        parent_external_id=parent if parent != root else None,
        author=ParsedAuthor(str(author["did"]), str(author.get("handle") or ""), str(author.get("displayName") or "")),
        url=_link(view),
        hidden=None if hidden is None else uri in hidden,
        extra=extra,
    )


def _hidden_in(root: Mapping[str, Any]) -> set[str]:
    """Return the replies that the thread's gate hides; none without a gate."""
    gate = root.get("threadgate")
    record = gate.get("record") if isinstance(gate, dict) else None
    found = record.get("hiddenReplies") if isinstance(record, dict) else None
    return {str(uri) for uri in found} if isinstance(found, list) else set()


def _written_at(view: Mapping[str, Any], record: Mapping[str, Any]) -> datetime:
    """Return when it was written: the writer's word, unless it is later than when the network first saw it."""
    seen = moment(view["indexedAt"])
    try:
        return min(moment(record.get("createdAt")), seen)
    except (ValueError, OverflowError):
        return seen


def _words(record: Mapping[str, Any]) -> str:
    text = record["text"]
    if not isinstance(text, str):
        raise ValueError("“text” is no text")
    return text


def _uri(value: object) -> str:
    if not isinstance(value, str) or not owner_of(value) or len(value) > 400:
        raise ValueError("not an at:// address with a DID")
    return value


def _link(view: Mapping[str, Any]) -> str:
    return f"https://bsky.app/profile/{view['author']['did']}/post/{str(view['uri']).rpartition('/')[2]}"


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    found = body.get(name)
    return found if isinstance(found, list) else [{"missing": name}]
