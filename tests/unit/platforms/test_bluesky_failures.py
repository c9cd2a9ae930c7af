"""How Bluesky can fail in ways its real servers cannot be made to show: throttling, lost answers, a swap lost to somebody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.unit.platforms.stub import Call, Said, Stub, serving

from moothall.platforms import connector_for, transport
from moothall.platforms.connector import AskedTooOften, Connector, SignInRefused

DID = "did:plc:council"
ROOT = f"at://{DID}/app.bsky.feed.post/3lb"
TARGET = {
    "comment": "at://did:plc:mallory/app.bsky.feed.post/3lc",
    "post": ROOT,
    "author": "did:plc:mallory",
    "extra": {"cid": "bafyreply", "root": ROOT},
}
TOKENS = {"did": DID, "handle": "thornbury.test", "accessJwt": "access-1", "refreshJwt": "refresh-1"}


class Server:
    """An account server with one repository in memory. ``instead`` may answer a call in its place."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.instead: Callable[[Call], Said | None] = lambda call: None
        self.effects: list[str] = []

    def __call__(self, call: Call) -> Said:
        return self.instead(call) or self.act(call)

    def act(self, call: Call) -> Said:
        name = call.path.removeprefix("/xrpc/").partition("?")[0]
        if name.endswith(("createSession", "refreshSession")):
            return Said(body=TOKENS | {"accessJwt": "access-2", "refreshJwt": "refresh-2"})
        if name.endswith("getRecord"):
            asked = dict(pair.split("=") for pair in call.path.partition("?")[2].split("&"))
            found = self.records.get((asked["collection"], asked["rkey"]))
            return Said(body=found) if found else Said(400, {"error": "RecordNotFound", "message": "no"})
        if name.endswith("putRecord"):
            place = (call.body["collection"], call.body["rkey"])
            there = self.records.get(place)
            if call.body["swapRecord"] != (there["cid"] if there else None):
                return Said(400, {"error": "InvalidSwap", "message": "Record was at another version"})
            self.effects.append(name)
            cid = f"cid{len(self.effects)}"
            self.records[place] = {"uri": f"at://{DID}/{'/'.join(place)}", "cid": cid, "value": call.body["record"]}
            return Said(body={"uri": self.records[place]["uri"], "cid": cid})
        if name.endswith("createReport"):
            self.effects.append(name)
            return Said(body={"id": 7})
        return Said(501, {"error": "MethodNotImplemented"})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def stub(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setattr(transport, "_READ_PAUSE", 0)
    with serving(server) as running:
        yield running


@pytest.fixture
def connector(stub: Stub) -> Connector:
    return connected(stub, TOKENS)


def connected(stub: Stub, session: dict[str, Any] | None = None) -> Connector:
    return connector_for(
        "bluesky",
        base_url=stub.url,
        account="@thornbury.test",
        secrets={"app_password": "abcd-efgh"},
        session=session,
        allow_loopback=True,
    )


def once(part: str, said: Said, after: Callable[[Call], Said] | None = None) -> Callable[[Call], Said | None]:
    """Answer the first call of a method differently; with ``after`` only once the effect has happened."""
    left = [True]

    def instead(call: Call) -> Said | None:
        if part in call.path and left:
            left.clear()
            if after:
                after(call)
            return said
        return None

    return instead


def test_throttled_it_is_tried_again_when_the_header_says(server: Server, connector: Connector) -> None:
    headers = {"ratelimit-reset": str(int(time.time()) + 120), "ratelimit-remaining": "0"}
    server.instead = once("putRecord", Said(429, {"error": "RateLimitExceeded"}, headers))
    outcome = connector.perform("hide", TARGET, "k")
    assert outcome.state == "retry"
    assert outcome.retry_after is not None
    assert 100 < outcome.retry_after <= 120


def test_throttled_reading_says_how_long_to_wait(server: Server, connector: Connector) -> None:
    server.instead = once("getAuthorFeed", Said(429, {}, {"ratelimit-reset": "0"}))
    with pytest.raises(AskedTooOften) as asked:
        list(connector.fetch({}))
    assert asked.value.retry_after == 1


def test_a_hide_whose_answer_is_lost_is_uncertain_and_found_done(server: Server, connector: Connector) -> None:
    server.instead = once("putRecord", Said(hang_up=True), after=server.act)
    assert connector.perform("hide", TARGET, "k").state == "uncertain"
    assert connector.inquire("hide", TARGET, "k", None) == "done"
    assert connector.perform("hide", TARGET, "k").state == "done"
    assert len(server.effects) == 1


def test_a_block_whose_answer_is_lost_is_one_block_after_all(server: Server, connector: Connector) -> None:
    server.instead = once("putRecord", Said(hang_up=True), after=server.act)
    assert connector.perform("block", TARGET, "k").state == "uncertain"
    assert connector.inquire("block", TARGET, "k", None) == "done"
    assert connector.perform("block", TARGET, "k").state == "done"
    assert len(server.effects) == len(server.records) == 1


def test_a_report_whose_answer_is_lost_stays_unknown_and_is_not_sent_again(
    server: Server, connector: Connector
) -> None:
    server.instead = once("createReport", Said(hang_up=True), after=server.act)
    outcome = connector.perform("report", TARGET, "k")
    assert outcome.state == "uncertain"
    assert connector.inquire("report", TARGET, "k", outcome.detail) == "unknown"
    assert len(server.effects) == 1


def test_a_report_answered_with_a_server_error_is_uncertain(server: Server, connector: Connector) -> None:
    server.instead = once("createReport", Said(502, {"error": "UpstreamFailure", "message": "no answer"}))
    assert connector.perform("report", TARGET, "k").state == "uncertain"


def test_a_swap_lost_to_a_colleague_is_made_again_on_top_of_theirs(server: Server, connector: Connector) -> None:
    theirs = "at://did:plc:other/app.bsky.feed.post/3ld"

    def colleague(call: Call) -> Said:
        gate = {"$type": "app.bsky.feed.threadgate", "post": ROOT, "createdAt": "x", "hiddenReplies": [theirs]}
        server.records[("app.bsky.feed.threadgate", "3lb")] = {"uri": "u", "cid": "theirs", "value": gate}
        return Said()

    server.instead = once("putRecord", Said(400, {"error": "InvalidSwap", "message": "no"}), after=colleague)
    assert connector.perform("hide", TARGET, "k").state == "done"
    kept = server.records[("app.bsky.feed.threadgate", "3lb")]["value"]
    assert kept["hiddenReplies"] == [theirs, TARGET["comment"]]


def test_a_swap_lost_every_time_is_put_off(server: Server, connector: Connector) -> None:
    server.instead = lambda call: Said(400, {"error": "InvalidSwap"}) if "putRecord" in call.path else None
    assert connector.perform("hide", TARGET, "k").state == "retry"


def test_a_full_list_of_hidden_replies_fails_with_its_reason(server: Server, connector: Connector) -> None:
    full = [f"at://did:plc:x/app.bsky.feed.post/{number}" for number in range(300)]
    gate = {"$type": "app.bsky.feed.threadgate", "post": ROOT, "createdAt": "x", "hiddenReplies": full}
    server.records[("app.bsky.feed.threadgate", "3lb")] = {"uri": "u", "cid": "c", "value": gate}
    outcome = connector.perform("hide", TARGET, "k")
    assert outcome.state == "failed"
    assert "300" in outcome.message
    assert not server.effects


def test_a_token_that_ran_out_is_refreshed_and_the_call_repeated(
    stub: Stub, server: Server, connector: Connector
) -> None:
    server.instead = once("putRecord", Said(400, {"error": "ExpiredToken", "message": "Token has expired"}))
    assert connector.perform("hide", TARGET, "k").state == "done"
    assert (stub.called("refreshSession"), stub.called("createSession")) == (1, 0)
    assert connector.session is not None
    assert connector.session["accessJwt"] == "access-2"


def test_a_refresh_refused_leads_to_one_sign_in(stub: Stub, server: Server, connector: Connector) -> None:
    def instead(call: Call) -> Said | None:
        if "refreshSession" in call.path:
            return Said(400, {"error": "ExpiredToken"})
        if call.headers.get("Authorization") == "Bearer access-1":
            return Said(400, {"error": "ExpiredToken"})
        return None

    server.instead = instead
    assert connector.perform("hide", TARGET, "k").state == "done"
    assert stub.called("createSession") == 1


def test_a_stored_session_signs_in_not_at_all(stub: Stub, connector: Connector) -> None:
    connector.perform("hide", TARGET, "k")
    assert stub.called("Session") == 0


def test_an_account_that_wants_a_code_says_to_use_an_app_password(stub: Stub, server: Server) -> None:
    server.instead = once("createSession", Said(401, {"error": "AuthFactorTokenRequired"}))
    with pytest.raises(SignInRefused, match="app password"):
        list(connected(stub).fetch({}))


def test_no_message_holds_a_token(stub: Stub, server: Server, connector: Connector) -> None:
    server.instead = lambda call: Said(400, {"error": "Bad", "message": f"You sent {call.headers['Authorization']}"})
    outcome = connector.perform("block", TARGET, "k")
    assert outcome.state == "failed"
    assert "access-1" not in outcome.message
    assert "[secret]" in outcome.message


def test_threads_too_deep_for_one_answer_are_walked_to_the_end(server: Server, connector: Connector) -> None:
    """The server answers 100 levels at most; the 250 replies, each under the one before, all arrive."""
    from moothall.platforms import parse

    def uri(number: int) -> str:
        return ROOT if number == 0 else f"at://did:plc:dee/app.bsky.feed.post/{number}"

    def node(number: int, levels: int) -> dict[str, Any]:
        record: dict[str, Any] = {"text": str(number), "createdAt": "2026-11-23T09:00:00Z"}
        if number:
            record["reply"] = {"root": {"uri": ROOT}, "parent": {"uri": uri(number - 1)}}
        view = {
            "uri": uri(number),
            "cid": "c",
            "author": {"did": uri(number).split("/")[2]},
            "record": record,
            "indexedAt": "2026-11-23T09:00:00Z",
            "replyCount": 1 if number < 250 else 0,
        }
        below = [node(number + 1, levels - 1)] if levels and number < 250 else []
        return {"post": view, "replies": below}

    def instead(call: Call) -> Said | None:
        if "getAuthorFeed" in call.path:
            return Said(body={"feed": [{"post": node(0, 0)["post"]}]})
        if "getPostThread" in call.path:
            asked = call.path.partition("uri=")[2].partition("&")[0].rpartition("%2F")[2]
            return Said(body={"thread": node(0 if asked == "3lb" else int(asked), 100)})
        if "listNotifications" in call.path:
            return Said(body={"notifications": []})
        return None

    server.instead = instead
    found = {
        item.text
        for page in connector.fetch({})
        for item in parse("bluesky", page.kind, page.raw)
        if hasattr(item, "text")
    }
    assert found == {str(number) for number in range(251)}
