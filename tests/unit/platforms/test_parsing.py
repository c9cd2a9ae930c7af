"""Stored bodies are read the same each time, and nothing in them can stop the reading."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.platforms import parse
from moothall.platforms.connector import ParsedComment, ParsedPost, Unreadable

COUNCIL, DEE = "did:plc:council", "did:plc:dee"
POST = f"at://{COUNCIL}/app.bsky.feed.post/1"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "data", "from", "message", "created_time", "thread", "post", "record", "replies", "feed", "uri"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KINDS = [("facebook", "posts"), ("facebook", "comments/1_2"), ("facebook", "odd")] + [
    ("bluesky", kind) for kind in ("author_feed", "posts", "thread", "notifications", "odd")
]


def view(uri: str, text: str, *, reply: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    did = uri.split("/")[2]
    record: dict[str, Any] = {"text": text, "createdAt": "2026-11-23T09:00:00.000Z"}
    if reply:
        record["reply"] = reply
    return {
        "uri": uri,
        "cid": "bafy",
        "author": {"did": did, "handle": "dee.test", "displayName": "Dee"},
        "record": record,
        "indexedAt": "2026-11-23T09:00:05.000Z",
    } | more


def answer_to(parent: str) -> dict[str, Any]:
    return {"root": {"uri": POST}, "parent": {"uri": parent}}


@pytest.mark.parametrize(("platform", "kind"), KINDS)
@given(body=JSON)
def test_no_body_stops_the_reading(platform: str, kind: str, body: Any) -> None:
    raw = json.dumps(body).encode()
    assert parse(platform, kind, raw) == parse(platform, kind, raw)


@pytest.mark.parametrize(("platform", "kind"), KINDS)
@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[]", b"<html>", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_one_unreadable(platform: str, kind: str, raw: bytes) -> None:
    (found,) = parse(platform, kind, raw)
    assert isinstance(found, Unreadable)
    assert len(found.raw) <= 500


def test_a_broken_item_does_not_take_the_others_with_it() -> None:
    good = {"id": "1_2_3", "message": "Is it open?", "created_time": "2026-11-23T09:00:00+0000"}
    body = {"data": [good, {"id": "1_2_4"}, "odd", {**good, "id": "1_2_5", "message": 7}, {**good, "id": "1_2_6"}]}
    items = parse("facebook", "comments/1_2", json.dumps(body).encode())
    assert [type(item) for item in items] == [ParsedComment, Unreadable, Unreadable, Unreadable, ParsedComment]
    assert isinstance(items[0], ParsedComment)
    assert items[0].written_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_facebook_comment_that_is_only_a_picture_has_empty_text_and_its_attachment() -> None:
    item = {"id": "1_2_3", "created_time": "2026-11-23T09:00:00+0000", "attachment": {"type": "photo"}}
    (found,) = parse("facebook", "comments/1_2", json.dumps({"data": [item]}).encode())
    assert isinstance(found, ParsedComment)
    assert (found.text, found.extra, found.hidden) == ("", {"attachment": {"type": "photo"}}, None)


def test_a_bluesky_thread_is_read_in_order_with_what_its_gate_hides() -> None:
    first, second = f"at://{DEE}/app.bsky.feed.post/1", f"at://{DEE}/app.bsky.feed.post/2"
    own = f"at://{COUNCIL}/app.bsky.feed.post/9"
    gate = {"record": {"hiddenReplies": [second]}}
    thread = {
        "post": view(POST, "News.", threadgate=gate),
        "replies": [
            {
                "post": view(first, "Why?", reply=answer_to(POST)),
                "replies": [
                    {
                        "post": view(own, "Because.", reply=answer_to(first)),
                        "replies": [{"post": view(second, "Fools.", reply=answer_to(own))}],
                    }
                ],
            },
            {"uri": "at://gone", "notFound": True, "$type": "app.bsky.feed.defs#notFoundPost"},
            {"uri": "at://x", "blocked": True, "$type": "app.bsky.feed.defs#blockedPost"},
        ],
    }
    items = parse("bluesky", "thread", json.dumps({"thread": thread}).encode())
    assert [item.external_id for item in items if not isinstance(item, Unreadable)] == [POST, first, second]
    assert [item.hidden for item in items if isinstance(item, ParsedComment)] == [False, True]
    assert [item.parent_external_id for item in items if isinstance(item, ParsedComment)] == [None, own]


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("2030-01-01T00:00:00Z", "2026-11-23T09:00:05+00:00"),
        ("2026-11-23T10:30:00+02:00", "2026-11-23T08:30:00+00:00"),
        ("yesterday", "2026-11-23T09:00:05+00:00"),
    ],
)
def test_a_writer_cannot_date_a_reply_after_the_network_saw_it(claimed: str, kept: str) -> None:
    reply = view(f"at://{DEE}/app.bsky.feed.post/1", "Hello.", reply=answer_to(POST))
    reply["record"]["createdAt"] = claimed
    items = parse("bluesky", "thread", json.dumps({"thread": {"post": reply}}).encode())
    assert [item.written_at.isoformat() for item in items if isinstance(item, ParsedComment)] == [kept]


def test_reposts_and_the_councils_replies_to_others_are_no_posts() -> None:
    elsewhere = view("at://did:plc:other/app.bsky.feed.post/1", "Not ours.")
    feed = [
        {"post": view(POST, "News."), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}},
        {"post": elsewhere, "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}},
        {"post": view(f"at://{COUNCIL}/app.bsky.feed.post/2", "Yes.", reply=answer_to(POST))},
    ]
    items = parse("bluesky", "author_feed", json.dumps({"feed": feed}).encode())
    assert [item.external_id for item in items if isinstance(item, ParsedPost)] == [POST]
    assert len(items) == 1


def test_a_notification_of_a_reply_in_somebody_elses_thread_is_no_comment_on_ours() -> None:
    ours = view(f"at://{DEE}/app.bsky.feed.post/1", "Why?", reply=answer_to(POST), reason="reply", reasonSubject=POST)
    other_root = {"root": {"uri": f"at://{DEE}/app.bsky.feed.post/7"}, "parent": {"uri": POST}}
    theirs = view(f"at://{DEE}/app.bsky.feed.post/2", "And?", reply=other_root, reason="reply", reasonSubject=POST)
    like = {"reason": "like", "uri": "at://x"}
    body = {"notifications": [ours, theirs, like]}
    assert [type(item) for item in parse("bluesky", "notifications", json.dumps(body).encode())] == [ParsedComment]
