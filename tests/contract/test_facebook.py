"""The Facebook stand-in and our connector, held against what Meta itself publishes: its Python SDK and its API description.

The SDK drives the stand-in as it would drive Facebook, so that the stand-in is not only our own reading; our connector drives
the same stand-in; and every field and parameter that we use has to be one that Meta's description names.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from moothall.platforms import capabilities, connector_for, parse
from moothall.platforms.connector import ACTIONS, AskedTooOften, Connector, ParsedComment, SignInRefused
from moothall.platforms.facebook import connector as facebook_connector
from moothall.platforms.facebook.fake import Fake

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEE, MALLORY = ("2001", "Dee Marlow"), ("2002", "Mallory Vane")


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as stand_in:
        stand_in.add_post(id="1000_1", message="The market moves to Wednesday.", created=MONDAY)
        stand_in.add_comment(id="1000_1_1", post="1000_1", message="At what time?", author=DEE, created=MONDAY)
        stand_in.add_comment(
            id="1000_1_2",
            post="1000_1",
            parent="1000_1_1",
            message="You fool.",
            author=MALLORY,
            created=MONDAY + timedelta(minutes=1),
        )
        yield stand_in


@pytest.fixture
def sdk(fake: Fake) -> Iterator[FacebookAdsApi]:
    session = FacebookSession(app_id="1", app_secret="app-secret", access_token="page-token")
    session.GRAPH = fake.url
    yield FacebookAdsApi(session)
    session.requests.close()


def connected(fake: Fake, **secrets: str) -> Connector:
    return connector_for(
        "facebook",
        base_url=fake.url,
        account="1000",
        secrets={"access_token": "page-token", "app_secret": "app-secret"} | secrets,
        allow_loopback=True,
    )


def read(connector: Connector, cursor: dict[str, Any] | None = None) -> tuple[list[Any], dict[str, Any]]:
    items, place = [], cursor or {}
    for page in connector.fetch(dict(place)):
        items += parse("facebook", page.kind, page.raw)
        place = page.cursor if page.cursor is not None else place
    return items, place


HIDE = {"comment": "1000_1_2", "post": "1000_1", "author": "2002", "extra": {}}


class TestMetasSdk:
    def test_lists_posts_and_comments_through_cursors(self, fake: Fake, sdk: FacebookAdsApi) -> None:
        for number in range(3, 8):
            fake.add_comment(id=f"1000_1_{number}", post="1000_1", message=f"{number}", author=DEE)
        posts = list(Page("1000", api=sdk).get_published_posts(fields=["id", "message", "created_time"]))
        assert [post["id"] for post in posts] == ["1000_1"]
        comments = PagePost("1000_1", api=sdk).get_comments(
            fields=["id", "message", "from", "is_hidden", "can_hide"],
            params={"filter": "stream", "order": "chronological", "limit": 2},
        )
        found = list(comments)
        assert [comment["id"] for comment in found] == [f"1000_1_{number}" for number in range(1, 8)]
        assert found[1]["from"]["name"] == "Mallory Vane"

    def test_hides_and_deletes_a_comment(self, fake: Fake, sdk: FacebookAdsApi) -> None:
        Comment("1000_1_2", api=sdk).api_update(params={"is_hidden": True})
        assert Comment("1000_1_2", api=sdk).api_get(fields=["is_hidden"])["is_hidden"] is True
        Comment("1000_1_2", api=sdk).api_delete()
        assert fake.effects_on("1000_1_2") == ["hide", "delete"]
        with pytest.raises(FacebookRequestError) as gone:
            Comment("1000_1_2", api=sdk).api_get()
        assert (gone.value.api_error_code(), gone.value.api_error_subcode()) == (100, 33)

    def test_blocks_and_unblocks_a_person(self, fake: Fake, sdk: FacebookAdsApi) -> None:
        page = Page("1000", api=sdk)
        page.create_blocked(params={"user": ["2002"]})
        assert [person["id"] for person in page.get_blocked()] == ["2002"]
        page.delete_blocked(params={"user": "2002"})
        assert list(page.get_blocked()) == []

    def test_sees_the_error_shape_of_a_bad_token(self, fake: Fake) -> None:
        session = FacebookSession(app_id="1", app_secret="app-secret", access_token="old")
        session.GRAPH = fake.url
        with pytest.raises(FacebookRequestError) as refused:
            Page("1000", api=FacebookAdsApi(session)).api_get()
        session.requests.close()
        assert refused.value.api_error_code() == 190

    def test_sees_what_our_connector_did(self, fake: Fake, sdk: FacebookAdsApi) -> None:
        connector = connected(fake)
        assert connector.perform("hide", HIDE, "k1").state == "done"
        assert connector.perform("block", HIDE, "k2").state == "done"
        assert Comment("1000_1_2", api=sdk).api_get(fields=["is_hidden"])["is_hidden"] is True
        assert [person["id"] for person in Page("1000", api=sdk).get_blocked()] == ["2002"]


class TestReading:
    def test_comments_of_every_depth_arrive_with_writer_and_parent(self, fake: Fake) -> None:
        items, _ = read(connected(fake))
        reply = next(item for item in items if item.external_id == "1000_1_2")
        assert isinstance(reply, ParsedComment)
        assert (reply.parent_external_id, reply.post_external_id) == ("1000_1_1", "1000_1")
        assert reply.author is not None
        assert (reply.author.external_id, reply.author.name) == MALLORY
        assert (reply.hidden, reply.written_at) == (False, MONDAY + timedelta(minutes=1))
        assert reply.extra["can_hide"] is True

    def test_a_comment_whose_writer_is_withheld_still_arrives(self, fake: Fake) -> None:
        fake.add_comment(id="1000_1_3", post="1000_1", message="Who am I?")
        items, _ = read(connected(fake))
        assert next(item for item in items if item.external_id == "1000_1_3").author is None

    def test_the_pages_own_comments_are_no_arrivals(self, fake: Fake) -> None:
        fake.add_comment(id="1000_1_3", post="1000_1", message="At nine.", author=("1000", "The council"))
        assert "1000_1_3" not in {item.external_id for item in read(connected(fake))[0]}

    def test_a_long_list_is_read_through_all_its_pages(self, fake: Fake) -> None:
        for number in range(3, 253):
            fake.add_comment(id=f"1000_1_{number}", post="1000_1", message=str(number), author=DEE)
        items, _ = read(connected(fake))
        comments = [item for item in items if isinstance(item, ParsedComment)]
        assert len(comments) == len({comment.external_id for comment in comments}) == 252

    def test_every_cursor_on_the_way_goes_on_without_losing_a_comment(
        self, fake: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(facebook_connector, "_PER_PAGE", 2)
        for post in range(2, 5):
            fake.add_post(id=f"1000_{post}", message="More news.", created=MONDAY + timedelta(hours=post))
            for number in range(1, 6):
                fake.add_comment(id=f"1000_{post}_{number}", post=f"1000_{post}", message="Words.", author=DEE)
        whole = {item.external_id for item in read(connected(fake))[0]}
        pages = list(connected(fake).fetch({}))
        for cut in range(1, len(pages)):
            before = pages[:cut]
            place = next((page.cursor for page in reversed(before) if page.cursor is not None), {})
            seen = {item.external_id for page in before for item in parse("facebook", page.kind, page.raw)}
            after, _ = read(connected(fake), place)
            assert seen | {item.external_id for item in after} == whole, f"cut after page {cut}"

    def test_a_comment_written_since_the_last_round_under_an_old_post_arrives(
        self, fake: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(facebook_connector, "_READ_WHOLE", 0)
        _, place = read(connected(fake))
        fake.add_comment(id="1000_1_9", post="1000_1", message="And the fish stall?", author=DEE)
        again, _ = read(connected(fake), place)
        assert [item.external_id for item in again if isinstance(item, ParsedComment)] == ["1000_1_9"]

    def test_an_edit_under_a_new_post_is_seen_in_the_next_round(self, fake: Fake) -> None:
        _, place = read(connected(fake))
        fake.edit("1000_1_1", "On Wednesdays, too?")
        again, _ = read(connected(fake), place)
        assert "On Wednesdays, too?" in [item.text for item in again]

    def test_a_token_that_has_run_out_says_connect_again_and_shows_no_token(self, fake: Fake) -> None:
        with pytest.raises(SignInRefused) as refused:
            list(connected(fake, access_token="EAAB-old-token").fetch({}))
        assert refused.value.code == "reconnect"
        assert "EAAB-old-token" not in str(refused.value)

    def test_reading_stops_when_the_allowance_is_used_up(self, fake: Fake) -> None:
        fake.use_up(100)
        with pytest.raises(AskedTooOften) as asked:
            list(connected(fake).fetch({}))
        assert asked.value.retry_after


class TestActing:
    @pytest.mark.parametrize(
        ("action", "target", "effects"),
        [
            ("hide", "1000_1_2", ["hide"]),
            ("delete", "1000_1_2", ["delete"]),
            ("block", "2002", ["block"]),
        ],
    )
    def test_an_answer_lost_after_the_effect_is_uncertain_and_found_done(
        self, fake: Fake, action: str, target: str, effects: list[str]
    ) -> None:
        connector = connected(fake)
        assert connector.inquire(action, HIDE, "k", None) == "not_done"
        fake.fail_next("after")
        assert connector.perform(action, HIDE, "k").state == "uncertain"
        assert connector.inquire(action, HIDE, "k", None) == "done"
        assert connector.perform(action, HIDE, "k").state == "done"
        assert fake.effects_on(target) == effects

    def test_an_answer_lost_before_the_effect_is_uncertain_and_found_not_done(self, fake: Fake) -> None:
        connector = connected(fake)
        fake.fail_next("before")
        assert connector.perform("hide", HIDE, "k").state == "uncertain"
        assert connector.inquire("hide", HIDE, "k", None) == "not_done"
        assert connector.perform("hide", HIDE, "k").state == "done"
        assert fake.effects_on("1000_1_2") == ["hide"]

    def test_a_stumble_after_the_effect_is_uncertain(self, fake: Fake) -> None:
        fake.fail_next("stumble")
        assert connected(fake).perform("hide", HIDE, "k").state == "uncertain"

    def test_throttled_it_is_tried_again_later(self, fake: Fake) -> None:
        fake.fail_next("throttle")
        outcome = connected(fake).perform("hide", HIDE, "k")
        assert outcome.state == "retry"
        assert outcome.retry_after
        assert fake.effects() == []

    def test_an_expired_token_fails_and_says_connect_again(self, fake: Fake) -> None:
        fake.fail_next("expired")
        outcome = connected(fake).perform("hide", HIDE, "k")
        assert outcome.state == "failed"
        assert "connect the Page again" in outcome.message

    @pytest.mark.parametrize(("action", "barred"), [("hide", "can_hide"), ("delete", "can_remove")])
    def test_what_facebook_bars_is_handed_over_with_a_link(self, fake: Fake, action: str, barred: str) -> None:
        fake.add_comment(id="1000_1_3", post="1000_1", message="Words.", author=DEE, **{barred: False})
        outcome = connected(fake).perform(action, HIDE | {"comment": "1000_1_3"}, "k")
        assert outcome.state == "handed_over"
        assert outcome.detail["link"]
        assert fake.effects() == []

    def test_hide_and_unhide_block_and_unblock_end_where_they_began(self, fake: Fake) -> None:
        connector = connected(fake)
        for action in ("hide", "unhide", "block", "unblock"):
            assert connector.perform(action, HIDE, action).state == "done"
            assert connector.inquire(action, HIDE, action, None) == "done"
        assert fake.effects_on("1000_1_2") == ["hide", "unhide"]
        assert fake.effects_on("2002") == ["block", "unblock"]

    def test_a_comment_that_is_gone_cannot_be_hidden_and_counts_as_deleted(self, fake: Fake) -> None:
        fake.remove_natively("1000_1_2")
        connector = connected(fake)
        assert connector.perform("hide", HIDE, "k").state == "failed"
        assert connector.perform("delete", HIDE, "k").state == "done"
        assert fake.effects() == []

    def test_not_there_is_not_taken_for_deleted_when_the_post_cannot_be_read_either(self, fake: Fake) -> None:
        connector = connected(fake)
        elsewhere = {"comment": "9_9_9", "post": "9_9"}
        assert connector.inquire("delete", elsewhere, "k", None) == "unknown"

    def test_a_report_is_handed_over(self, fake: Fake) -> None:
        assert connected(fake).perform("report", HIDE, "k").state == "handed_over"
        assert capabilities("facebook")["report"].ability == "manual"

    def test_nobody_can_be_blocked_whose_name_facebook_withholds(self, fake: Fake) -> None:
        outcome = connected(fake).perform("block", HIDE | {"author": None}, "k")
        assert outcome.state == "failed"
        assert "did not say who" in outcome.message

    def test_nothing_listening_is_tried_again(self, fake: Fake) -> None:
        connector = connected(fake)
        fake.__exit__(None, None, None)
        assert connector.perform("hide", HIDE, "k").state == "retry"


def specification(name: str) -> dict[str, Any]:
    folder = os.environ.get("MOOTHALL_SPECS", "")
    path = Path(folder) / "graph" / f"{name}.json"
    if not folder or not path.exists():
        pytest.skip("MOOTHALL_SPECS does not name the folder with Meta's API description")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def fields_of(name: str) -> set[str]:
    return {field["name"] for field in specification(name)["fields"]}


def parameters_of(name: str, method: str, endpoint: str | None) -> set[str]:
    calls = [
        call
        for call in specification(name)["apis"]
        if call["method"] == method and (call.get("endpoint") or "").strip("/") == (endpoint or "")
    ]
    assert calls, f"{method} {endpoint} is not in Meta's description of {name}"
    return {parameter["name"] for call in calls for parameter in call.get("params", [])}


class TestMetasDescription:
    def test_names_every_field_that_we_ask_for(self) -> None:
        asked = set(re.sub(r"\{.*?\}", "", facebook_connector._COMMENT_FIELDS).split(","))
        assert asked <= fields_of("Comment")
        assert set(facebook_connector._POST_FIELDS.split(",")) <= fields_of("PagePost")

    def test_names_every_call_and_parameter_that_we_use(self) -> None:
        assert {"filter", "order", "since"} <= parameters_of("Comment", "GET", "comments")
        assert "is_hidden" in parameters_of("Comment", "POST", None)
        parameters_of("Comment", "DELETE", None)
        parameters_of("Page", "GET", "published_posts")
        for method in ("GET", "POST", "DELETE"):
            assert "user" in parameters_of("Page", method, "blocked")

    def test_names_every_field_that_the_stand_in_answers_with(self, fake: Fake, sdk: FacebookAdsApi) -> None:
        everything = ",".join(sorted(fields_of("Comment")))
        for comment in sdk.call(
            "GET", ("1000_1", "comments"), params={"fields": everything, "filter": "stream"}
        ).json()["data"]:
            assert set(comment) <= fields_of("Comment")
            assert {"id", "from", "message", "created_time", "is_hidden", "can_hide", "can_remove"} <= set(comment)


def test_every_action_has_a_capability_with_a_reason_and_a_source() -> None:
    for platform in ("facebook", "bluesky"):
        known = capabilities(platform)
        assert tuple(sorted(known)) == tuple(sorted(ACTIONS))
        for capability in known.values():
            assert capability.ability in ("yes", "conditional", "manual", "never")
            assert capability.reason.endswith(".")
            assert capability.source
