"""What we write to Bluesky and ask of it, held against the published lexicons and the models of Bluesky's Python SDK."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from atproto import models
from hypothesis import given
from hypothesis import strategies as st

from moothall.platforms.bluesky import connector
from moothall.platforms.bluesky.records import MOST_HIDDEN, block_record, gate_with, record_key

NOW = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
ROOT = "at://did:plc:ar7c4by46qjdydhdevvrndac/app.bsky.feed.post/3lbaaaaaaaa2a"
REPLY = "at://did:plc:4z6e5chzqfpxutc67ddvetbs/app.bsky.feed.post/3lbbbbbbbbb2b"


def lexicon(name: str, part: str = "main") -> dict[str, Any]:
    folder = os.environ.get("MOOTHALL_SPECS", "")
    path = Path(folder, "lexicons", *name.split(".")).with_suffix(".json")
    if not folder or not path.exists():
        pytest.skip("MOOTHALL_SPECS does not name the folder with Bluesky's lexicons")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["defs"][part]
    return found


def test_a_gate_is_one_that_the_sdk_reads_and_every_field_is_in_the_lexicon() -> None:
    gate = gate_with(None, root=ROOT, comment=REPLY, hide=True, now=NOW)
    assert gate is not None
    read = models.get_or_create(gate, models.AppBskyFeedThreadgate.Record)
    assert (read.post, read.hidden_replies) == (ROOT, [REPLY])
    described = lexicon("app.bsky.feed.threadgate")["record"]
    assert set(gate) - {"$type"} <= set(described["properties"])
    assert set(described["required"]) <= set(gate)
    assert described["properties"]["hiddenReplies"]["maxLength"] == MOST_HIDDEN


def test_a_block_is_one_that_the_sdk_reads_and_every_field_is_in_the_lexicon() -> None:
    block = block_record("did:plc:4z6e5chzqfpxutc67ddvetbs", NOW)
    read = models.get_or_create(block, models.AppBskyGraphBlock.Record)
    assert (read.subject, read.created_at) == (block["subject"], "2026-11-23T09:00:00.123Z")
    described = lexicon("app.bsky.graph.block")
    assert set(block) - {"$type"} == set(described["record"]["properties"])
    assert described["key"] == "tid"


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("app.bsky.feed.getAuthorFeed", {"actor", "filter", "limit", "cursor"}),
        ("app.bsky.feed.getPostThread", {"uri", "depth", "parentHeight"}),
        ("app.bsky.feed.getPosts", {"uris"}),
        ("app.bsky.notification.listNotifications", {"limit", "cursor"}),
        ("com.atproto.repo.getRecord", {"repo", "collection", "rkey"}),
        ("com.atproto.repo.listRecords", {"repo", "collection", "limit", "cursor"}),
    ],
)
def test_every_parameter_we_ask_with_is_in_the_lexicon(name: str, used: set[str]) -> None:
    assert used <= set(lexicon(name)["parameters"]["properties"])


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("com.atproto.server.createSession", {"identifier", "password"}),
        ("com.atproto.repo.putRecord", {"repo", "collection", "rkey", "record", "swapRecord"}),
        ("com.atproto.repo.deleteRecord", {"repo", "collection", "rkey"}),
        ("com.atproto.moderation.createReport", {"reasonType", "reason", "subject"}),
    ],
)
def test_every_field_we_send_is_in_the_lexicon(name: str, used: set[str]) -> None:
    schema = lexicon(name)["input"]["schema"]
    assert used <= set(schema["properties"])
    assert set(schema["required"]) <= used


def test_the_reasons_of_a_report_are_ones_that_the_lexicon_knows() -> None:
    known = lexicon("com.atproto.moderation.defs", "reasonType")["knownValues"]
    for reason in (*connector._REASONS.values(), "reasonOther"):
        assert f"com.atproto.moderation.defs#{reason}" in known


@given(st.text())
def test_a_record_name_has_the_shape_of_a_tid_and_follows_from_the_key(key: str) -> None:
    assert re.fullmatch("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", record_key(key))
    assert record_key(key) == record_key(key)
    assert record_key(key) != record_key(key + ".")


@given(st.lists(st.sampled_from([f"{REPLY}{n}" for n in range(5)]), max_size=5, unique=True), st.booleans())
def test_hiding_and_showing_touch_nothing_else_in_a_gate(hidden: list[str], hide: bool) -> None:
    gate = {"$type": "app.bsky.feed.threadgate", "post": ROOT, "createdAt": "x", "allow": [], "other": 1}
    before = gate | {"hiddenReplies": hidden}
    after = gate_with(before, root=ROOT, comment=REPLY, hide=hide, now=NOW)
    assert after == gate | {"hiddenReplies": [*hidden, REPLY] if hide else hidden}


def test_the_three_hundred_and_first_reply_cannot_be_hidden() -> None:
    full = {"hiddenReplies": [f"{REPLY}{number}" for number in range(MOST_HIDDEN)]}
    assert gate_with(full, root=ROOT, comment=REPLY, hide=True, now=NOW) is None
    assert gate_with(full, root=ROOT, comment=f"{REPLY}7", hide=True, now=NOW) is not None
