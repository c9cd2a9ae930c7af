"""The Bluesky connector against Bluesky's own servers. Every effect is checked by somebody else's eyes, with Bluesky's SDK."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from atproto import models

from moothall.platforms import connector_for, parse
from moothall.platforms.connector import Connector, ParsedComment, ParsedPost, SignInRefused, Unreadable
from tests.network.conftest import Person, eventually


def connector_of(network: Any, account: Person, session: dict[str, Any] | None = None, **secrets: str) -> Connector:
    return connector_for(
        "bluesky",
        base_url=network.url,
        account=account.handle,
        secrets={"app_password": account.password, "labeler": network.labeler} | secrets,
        session=session,
        allow_loopback=True,
    )


def posted(account: Person, text: str) -> Any:
    """A post that the network shows: replies sent earlier than that can lose their notification."""
    post = account.client.send_post(text)
    eventually(lambda: account.client.app.bsky.feed.get_posts({"uris": [post.uri]}).posts)
    return post


def replied(account: Person, root: Any, text: str, parent: Any = None) -> Any:
    reply = models.AppBskyFeedPost.ReplyRef(
        root=models.create_strong_ref(root), parent=models.create_strong_ref(parent or root)
    )
    sent = account.client.send_post(text, reply_to=reply)
    eventually(lambda: account.client.app.bsky.feed.get_posts({"uris": [sent.uri]}).posts)
    return sent


def read(connector: Connector, cursor: dict[str, Any] | None = None) -> tuple[list[Any], dict[str, Any]]:
    items: list[Any] = []
    place: dict[str, Any] = cursor or {}
    for page in connector.fetch(place):
        items += parse("bluesky", page.kind, page.raw)
        place = page.cursor or place
    return items, place


def target_of(comment: ParsedComment) -> dict[str, Any]:
    return {
        "comment": comment.external_id,
        "post": comment.post_external_id,
        "author": comment.author.external_id if comment.author else None,
        "extra": comment.extra,
    }


def arrived(connector: Connector, uri: str) -> ParsedComment:
    def look() -> ParsedComment | None:
        return next((i for i in read(connector)[0] if isinstance(i, ParsedComment) and i.external_id == uri), None)

    found = eventually(look)
    assert found is not None
    return found


def seen_by(account: Person, post: Any) -> tuple[set[str], set[str]]:
    """What an account sees under a post: the replies in the open, and those folded away by the post's author."""
    api = account.client.app.bsky.unspecced
    thread = api.get_post_thread_v2({"anchor": post.uri})
    open_ones = {item.uri for item in thread.thread if item.depth > 0}
    other = api.get_post_thread_other_v2({"anchor": post.uri})
    return open_ones, {item.uri for item in other.thread if item.value.hidden_by_threadgate}


@pytest.fixture(scope="module")
def connector(network, council_account) -> Connector:
    return connector_of(network, council_account)


def test_replies_at_every_depth_arrive_with_their_writer_and_thread(
    connector, council_account, resident_account, mallory_account
):
    post = posted(council_account, "Bin collections move to Tuesday this week.")
    first = replied(resident_account, post, "Does that include garden waste?")
    answer = replied(council_account, post, "Yes, garden waste too.", parent=first)
    nested = replied(mallory_account, post, "You are no use to anybody.", parent=answer)

    deep = arrived(connector, nested.uri)
    assert deep.text == "You are no use to anybody."
    assert deep.post_external_id == post.uri
    assert deep.parent_external_id == answer.uri
    assert deep.author is not None
    assert (deep.author.external_id, deep.author.handle) == (mallory_account.did, mallory_account.handle)
    assert deep.hidden is False
    assert deep.extra["cid"] == nested.cid

    items, cursor = read(connector)
    assert first.uri in {i.external_id for i in items if isinstance(i, ParsedComment)}
    assert post.uri in {i.external_id for i in items if isinstance(i, ParsedPost)}
    assert answer.uri not in {i.external_id for i in items}, "the council's own answer is no arrival"
    assert not [i for i in items if isinstance(i, Unreadable)]
    assert cursor["notified"]


def test_a_reply_is_in_the_notifications_after_the_cursor(connector, council_account, resident_account):
    post = posted(council_account, "The library is open until eight.")
    _, before = read(connector)
    reply = replied(resident_account, post, "On Saturdays too?")

    def told() -> bool:
        pages = [page for page in connector.fetch(before) if page.kind == "notifications"]
        items = [item for page in pages for item in parse("bluesky", page.kind, page.raw)]
        return reply.uri in {item.external_id for item in items if isinstance(item, ParsedComment)}

    eventually(told)


def test_a_hidden_reply_is_folded_away_for_a_third_account_until_it_is_unhidden(
    connector, council_account, mallory_account, third_account
):
    post = posted(council_account, "The market moves to the square.")
    reply = replied(mallory_account, post, "Every one of you is a fool.")
    target = target_of(arrived(connector, reply.uri))
    eventually(lambda: seen_by(third_account, post), lambda seen: reply.uri in seen[0])
    assert connector.inquire("hide", target, "hide-1", None) == "not_done"

    outcome = connector.perform("hide", target, "hide-1")
    assert outcome.state == "done", outcome
    assert connector.inquire("hide", target, "hide-1", outcome.detail) == "done"
    eventually(lambda: seen_by(third_account, post), lambda seen: seen == (set(), {reply.uri}))
    assert arrived(connector, reply.uri).hidden is True

    again = connector.perform("hide", target, "hide-1")
    assert again.state == "done"
    gate = council_account.client.app.bsky.feed.threadgate.get(council_account.did, post.uri.split("/")[-1])
    assert gate.value.hidden_replies == [reply.uri], "a repeat hides nothing twice"

    assert connector.perform("unhide", target, "unhide-1").state == "done"
    assert connector.inquire("unhide", target, "unhide-1", None) == "done"
    eventually(lambda: seen_by(third_account, post), lambda seen: seen == ({reply.uri}, set()))


def test_hiding_keeps_who_may_reply(connector, council_account, mallory_account, third_account):
    post = posted(council_account, "Roadworks on Weir Street.")
    reply = replied(mallory_account, post, "Fools again.")
    rule = models.AppBskyFeedThreadgate.FollowingRule()
    gate = models.AppBskyFeedThreadgate.Record(
        post=post.uri, created_at=council_account.client.get_current_time_iso(), allow=[rule]
    )
    council_account.client.com.atproto.repo.put_record(
        {
            "repo": council_account.did,
            "collection": "app.bsky.feed.threadgate",
            "rkey": post.uri.split("/")[-1],
            "record": gate,
        }
    )
    assert connector.perform("hide", target_of(arrived(connector, reply.uri)), "hide-2").state == "done"
    kept = council_account.client.app.bsky.feed.threadgate.get(council_account.did, post.uri.split("/")[-1]).value
    assert kept.hidden_replies == [reply.uri]
    assert len(kept.allow) == 1


def test_two_workers_hiding_in_one_thread_at_once_hide_both(network, council_account, mallory_account):
    post = posted(council_account, "The pool opens on Monday.")
    replies = [replied(mallory_account, post, f"Fools, number {number}.") for number in range(6)]
    workers = [connector_of(network, council_account) for _ in replies]

    def hide(worker: Connector, reply: Any) -> str:
        target = {"comment": reply.uri, "post": post.uri, "author": mallory_account.did, "extra": {}}
        while (outcome := worker.perform("hide", target, reply.uri)).state == "retry":
            pass
        return outcome.state

    with ThreadPoolExecutor() as pool:
        assert set(pool.map(hide, workers, replies)) == {"done"}
    gate = council_account.client.app.bsky.feed.threadgate.get(council_account.did, post.uri.split("/")[-1])
    assert sorted(gate.value.hidden_replies) == sorted(reply.uri for reply in replies)


def test_a_reply_in_somebody_elses_thread_cannot_be_hidden(
    connector, council_account, resident_account, mallory_account
):
    post = posted(resident_account, "Anybody know when the pool opens?")
    reply = replied(mallory_account, post, "Ask those fools.")
    target = {"comment": reply.uri, "post": post.uri, "author": mallory_account.did, "extra": {}}
    outcome = connector.perform("hide", target, "hide-3")
    assert outcome.state == "failed"
    assert "council's own post" in outcome.message


def test_a_block_repeated_with_its_key_is_one_block_and_is_lifted_whole(connector, council_account, new_person):
    troll = new_person("troll")
    target = {"comment": "", "post": "", "author": troll.did, "extra": {}}
    assert connector.inquire("block", target, "block-1", None) == "not_done"
    first, second = (connector.perform("block", target, "block-1") for _ in range(2))
    assert (first.state, second.state) == ("done", "done")
    assert first.detail["record"] == second.detail["record"]
    assert connector.inquire("block", target, "block-1", first.detail) == "done"
    blocks = council_account.client.app.bsky.graph.block.list(council_account.did).records
    assert [uri for uri, record in blocks.items() if record.subject == troll.did] == [first.detail["record"]]
    eventually(
        lambda: {b.did for b in council_account.client.app.bsky.graph.get_blocks({}).blocks}, lambda d: troll.did in d
    )

    for _ in range(2):
        assert connector.perform("unblock", target, "unblock-1").state == "done"
    assert connector.inquire("unblock", target, "unblock-1", None) == "done"
    eventually(lambda: council_account.client.app.bsky.graph.get_blocks({}), lambda found: not found.blocks)


def test_a_report_reaches_the_moderation_service(connector, council_account, mallory_account):
    post = posted(council_account, "Council tax bills are out.")
    reply = replied(mallory_account, post, "Thieves and fools.")
    target = target_of(arrived(connector, reply.uri)) | {"ground": "abuse", "reason": "Abuse of staff."}
    outcome = connector.perform("report", target, "report-1")
    assert outcome.state == "done", outcome
    assert isinstance(outcome.detail["report"], int)
    assert connector.inquire("report", target, "report-1", outcome.detail) == "done"
    assert connector.inquire("report", target, "report-1", None) == "unknown"


def test_deleting_somebody_elses_reply_is_refused_before_anything_is_sent(connector):
    assert connector.perform("delete", {"comment": "at://did:plc:x/app.bsky.feed.post/1"}, "delete-1").state == "failed"


def test_a_stored_session_is_used_and_an_expired_one_refreshed(network, connector, council_account):
    next(iter(connector.fetch({})))
    kept = dict(connector.session)
    # With a wrong password, only the stored session can be what lets it in.
    resumed = connector_of(network, council_account, kept, app_password="not it")
    next(iter(resumed.fetch({})))
    assert resumed.session == kept

    broken = connector_of(network, council_account, kept | {"accessJwt": kept["refreshJwt"]}, app_password="not it")
    next(iter(broken.fetch({})))
    assert broken.session["accessJwt"] not in (kept["accessJwt"], kept["refreshJwt"])


def test_a_wrong_password_says_to_connect_again_and_tells_no_secret(network, council_account):
    wrong = connector_of(network, council_account, app_password="wrong-password-here")
    with pytest.raises(SignInRefused) as refused:
        list(wrong.fetch({}))
    assert refused.value.code == "reconnect"
    assert "wrong-password-here" not in str(refused.value)
