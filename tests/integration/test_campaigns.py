"""Campaigns on the desk: the index in the database, built anew, and one decision on all that belong together."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from moothall.cli import main
from moothall.inbox.models import Author, Channel, Comment, Post, RepeatEntry
from moothall.inbox.repeat_rebuild import rebuild_repeats
from moothall.inbox.repeat_store import DatabaseStore
from moothall.moderation.actions import decide, undo
from moothall.moderation.models import Decision
from moothall.moderation.queries import decided_alike
from moothall.moderation.together import decide_together
from moothall.project import commands
from moothall.records.models import Record
from moothall.signals import RepeatIndex
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

PITCH = "Earn £900 a week from home with my secret method, message me today for the link"


@pytest.fixture
def facebook() -> Channel:
    cast.rules()
    return cast.channel()


def pitches(on: Channel, count: int, text: str = PITCH) -> list[Comment]:
    """The same pitch by one author under as many posts."""
    mallory, _ = Author.objects.get_or_create(
        platform=on.platform, external_id="3001", defaults={"name": "Mallory Vane"}
    )
    made = []
    for number in range(count):
        post = Post.objects.create(
            channel=on,
            external_id=f"{on.pk}_{number}",
            text=f"News {number}: the roof is mended.",
            written_at=cast.MONDAY,
        )
        made.append(
            cast.comment(
                on,
                text + "!" * number,
                id=f"{on.pk}_{number}_1",
                post=post,
                author=mallory,
                written_at=cast.MONDAY + timedelta(minutes=number),
            )
        )
    return made


def test_the_database_finds_what_memory_finds(facebook: Channel):
    stream = [
        (PITCH, "mallory", "p1"),
        ("The bins on Mill Lane were not emptied this week", "dee", "p1"),
        (PITCH.upper(), "mallory", "p2"),
        ("The bins on Priory Road were not emptied this week", "amina", "p2"),
        ("3arn £900 a w33k from h0m3 with my s3cret m3thod, m3ssage me t0day for the l1nk", "mo", "p3"),
        (PITCH + " and tell all of your friends about it too", "mallory", "p2"),
    ]
    found = []
    for index in (RepeatIndex(), RepeatIndex(DatabaseStore("facebook"))):
        matches = [
            index.seen(text, id=str(number), author=author, post=post, at=cast.MONDAY)
            for number, (text, author, post) in enumerate(stream)
        ]
        found.append([match and (match.comments, match.posts, match.authors, match.other_posts) for match in matches])
    assert found[0] == found[1] == [None, None, (2, 2, 1, 1), None, (3, 3, 2, 0), (4, 3, 2, 1)]


def test_a_campaign_outlives_a_restart_and_keeps_to_its_platform(facebook: Channel):
    RepeatIndex(DatabaseStore("facebook")).seen(PITCH, id="1", author="mallory", post="p1", at=cast.MONDAY)
    after_a_restart = RepeatIndex(DatabaseStore("facebook"))
    assert after_a_restart.seen(PITCH, id="2", author="mallory", post="p2", at=cast.MONDAY) is not None
    elsewhere = RepeatIndex(DatabaseStore("bluesky"))
    assert elsewhere.seen(PITCH, id="3", author="mallory", post="p3", at=cast.MONDAY) is None


def test_what_the_window_has_passed_is_not_found(facebook: Channel):
    index = RepeatIndex(DatabaseStore("facebook"), window_days=90)
    index.seen(PITCH, id="1", author="mallory", post="p1", at=cast.MONDAY)
    assert index.seen(PITCH, id="2", author="mallory", post="p2", at=cast.MONDAY + timedelta(days=91)) is None


def test_what_is_often_said_on_one_platform_hides_nothing_on_another(facebook: Channel):
    here = RepeatIndex(DatabaseStore("facebook"))
    here.seen(PITCH, id="1", author="mallory", post="p1", at=cast.MONDAY)
    there = RepeatIndex(DatabaseStore("bluesky"))
    for number in range(40):
        there.seen(PITCH, id=str(number), author="mo", post=f"b{number}", at=cast.MONDAY)
    found = here.seen(PITCH, id="2", author="mallory", post="p2", at=cast.MONDAY)
    assert found is not None
    assert (found.id, found.comments) == ("1", 2)


def test_the_index_is_built_anew_from_the_comments_and_old_entries_go(facebook: Channel):
    members = pitches(facebook, 3)
    other = cast.comment(facebook, "When does the library open on Saturdays please?", id="x", campaign="c-of-old")
    RepeatEntry.objects.create(platform="facebook", comment_id="999", text="oldletters", at=cast.MONDAY)
    assert rebuild_repeats("facebook", 90, cast.MONDAY + timedelta(days=1)) == 4
    ids = set(RepeatEntry.objects.values_list("comment_id", flat=True))
    assert ids == {str(comment.pk) for comment in (*members, other)}
    campaigns = {comment.campaign for comment in Comment.objects.filter(pk__in=[m.pk for m in members])}
    assert len(campaigns) == 1
    assert campaigns != {""}
    other.refresh_from_db()
    assert other.campaign == ""
    match = RepeatIndex(DatabaseStore("facebook")).seen(
        PITCH, id="new", author=str(members[0].author_id), post="p9", at=cast.MONDAY + timedelta(hours=1)
    )
    assert match is not None
    assert (match.comments, match.campaign) == (4, campaigns.pop())


def test_building_anew_twice_changes_nothing(facebook: Channel):
    pitches(facebook, 3)
    later = cast.MONDAY + timedelta(days=1)
    rebuild_repeats("facebook", 90, later)
    first = list(RepeatEntry.objects.order_by("comment_id").values_list("comment_id", "text", "campaign"))
    rebuild_repeats("facebook", 90, later)
    assert list(RepeatEntry.objects.order_by("comment_id").values_list("comment_id", "text", "campaign")) == first


def test_the_command_says_how_many_are_indexed(facebook: Channel, capsys, monkeypatch):
    # The test database is not in the file that the settings name.
    monkeypatch.setattr(commands, "must_be_ready", lambda: None)
    for comment in pitches(facebook, 2):
        Comment.objects.filter(pk=comment.pk).update(written_at=timezone.now() - timedelta(days=1))
    assert main(["rebuild-repeats"]) == 0
    assert capsys.readouterr().out == "facebook: 2 comments are indexed\n"


def test_one_decision_is_a_decision_and_a_record_for_each_and_what_cannot_be_is_told(facebook: Channel):
    bryn = cast.officer("Bryn")
    first, second, gone = pitches(facebook, 3)
    Comment.objects.filter(pk=gone.pk).update(desk_state="gone")
    made = decide_together(
        {first.pk: 1, second.pk: 1, gone.pk: 1},
        officer=bryn,
        measures=["ignore"],
        clause_id="",
        ground="",
        reason="",
    )
    assert [decision.comment_id for decision in made.decided] == [first.pk, second.pk]
    assert [(number, error.code) for number, error in made.refused] == [(gone.pk, "not_open")]
    assert Decision.objects.count() == 2
    assert Record.objects.filter(kind="decision.made").count() == 2


def test_an_officer_decides_a_campaign_with_one_press_and_without_the_tick_one_comment(facebook: Channel):
    bryn = cast.officer("Bryn")
    client = Client()
    client.force_login(bryn)
    members = pitches(facebook, 4)
    rebuild_repeats("facebook", 90, cast.MONDAY + timedelta(days=1))
    shown = client.get(f"/comments/{members[0].pk}/").content.decode()
    assert "The same for 3 near-identical comments" in shown
    assert "4 near-identical comments on 4 posts, by 1 account<" in shown
    assert "A block is then" not in shown
    second = Author.objects.create(platform="facebook", external_id="another", name="Another")
    Comment.objects.filter(pk=members[3].pk).update(author=second)
    shown = client.get(f"/comments/{members[0].pk}/").content.decode()
    assert "by 2 accounts<" in shown
    assert "A block is then one of each of the 2 accounts" in shown
    form = {"measures": ["ignore"], "round": "1", "member": [f"{m.pk}/1" for m in members[1:3]]}
    client.post(f"/comments/{members[3].pk}/decide/", form)
    assert Decision.objects.count() == 1
    client.post(f"/comments/{members[0].pk}/decide/", form | {"alike": "yes"})
    assert set(Decision.objects.values_list("comment_id", flat=True)) == {member.pk for member in members}


def hidden(comment: Comment, measures: list[str]) -> Decision:
    """One comment decided on as spam, stated to be off its topic."""
    return decide(
        comment.pk,
        officer=cast.officer("Bryn"),
        measures=measures,
        clause_id="no-spam",
        ground="spam",
        reason="The same under every post.",
        expected_round=1,
    )


def test_who_joins_a_campaign_later_finds_its_decision_filled_in_and_nothing_done(facebook: Channel, client: Client):
    members = pitches(facebook, 3)
    rebuild_repeats("facebook", 90, cast.MONDAY + timedelta(days=1))
    made = hidden(members[0], ["hide", "block"])
    client.force_login(cast.officer("Amina"))
    page = client.get(f"/comments/{members[2].pk}/").content.decode()
    assert "Decided on a near-identical comment: hidden and author blocked" in page
    assert f"/decisions/{made.pk}/" in page
    assert re.search(r'value="no-spam/spam"[^>]* checked', page)
    assert re.search(r'value="hide"[^>]* checked', page)
    assert not re.search(r'value="block"[^>]* checked', page)
    assert "The same under every post." not in page
    assert Decision.objects.count() == 1
    undo(made.pk, officer=made.decided_by)
    assert "Decided on a near-identical comment" not in client.get(f"/comments/{members[2].pk}/").content.decode()


def test_what_was_decided_outlives_a_rebuilding(facebook: Channel):
    members = pitches(facebook, 2)
    later = cast.MONDAY + timedelta(days=1)
    rebuild_repeats("facebook", 90, later)
    made = hidden(members[0], ["hide"])
    rebuild_repeats("facebook", 90, later)
    members[1].refresh_from_db()
    assert decided_alike(members[1]) == made


def test_what_was_left_up_is_told_and_fills_nothing_in(facebook: Channel, client: Client):
    bryn = cast.officer("Bryn")
    members = pitches(facebook, 2)
    rebuild_repeats("facebook", 90, cast.MONDAY + timedelta(days=1))
    decide(members[0].pk, officer=bryn, measures=["ignore"], expected_round=1)
    client.force_login(bryn)
    page = client.get(f"/comments/{members[1].pk}/").content.decode()
    assert "Decided on a near-identical comment: left up" in page
    assert " checked" not in page
