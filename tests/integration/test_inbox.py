"""From what the platform sent to the queue: nothing lost, nothing doubled, nothing recomputed."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from moothall.inbox import actions
from moothall.inbox.models import Assessment, Channel, Comment, Post, RawItem
from moothall.inbox.queries import open_queue, urgency_counts
from moothall.platforms.facebook.fake import Fake
from moothall.records.models import Record
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fake():
    with Fake(page_id="1000", access_token="page-token", app_secret="app-secret") as stand_in:
        stand_in.add_post(id="1000_1", message="Market day moves to Wednesday this week.")
        yield stand_in


@pytest.fixture
def facebook(fake, settings):
    settings.ALLOW_LOOPBACK_PLATFORMS = True
    cast.rules()
    return cast.channel(fake.url)


def write(fake, number: int, message: str, author=("2001", "Dee Marlow"), post="1000_1") -> str:
    id = f"{post}_{number}"
    fake.add_comment(id=id, post=post, message=message, author=author)
    return id


def work(channel) -> None:
    """One round of a worker: read, take in, assess."""
    Channel.objects.update(due_at=timezone.now())
    actions.read_due_channels("test", timezone.now())
    while actions.parse_due_raw("test", timezone.now()):
        pass
    while actions.assess_due_comments("test", timezone.now()):
        pass


def test_a_comment_travels_from_the_platform_to_the_queue(fake, facebook):
    write(fake, 1, "What time does the market open on Wednesday?")
    work(facebook)
    (row,) = open_queue().rows
    assert row.comment.text == "What time does the market open on Wednesday?"
    assert row.comment.author.name == "Dee Marlow"
    assert row.assessment["measures"] == ["ignore"]
    assert row.assessment["route"] == "answer"


def test_reading_again_doubles_nothing(fake, facebook):
    write(fake, 1, "Is the library open?")
    work(facebook)
    work(facebook)
    assert (Post.objects.count(), Comment.objects.count(), Assessment.objects.count()) == (1, 1, 1)
    assert RawItem.objects.count() == 2


def test_raw_bodies_are_kept_as_they_came_and_before_they_are_read(fake, facebook):
    write(fake, 1, "Is the library open?")
    actions.read_due_channels("test", timezone.now())
    assert not Comment.objects.exists()
    bodies = [json.loads(bytes(raw.body)) for raw in RawItem.objects.filter(state="due")]
    assert any("Is the library open?" in json.dumps(body) for body in bodies)


def test_a_platform_that_is_down_is_tried_again_later_and_says_so(facebook):
    Channel.objects.update(base_url="http://127.0.0.1:9", due_at=timezone.now())
    actions.read_due_channels("test", timezone.now())
    facebook.refresh_from_db()
    assert facebook.last_error
    assert facebook.due_at > timezone.now() + timedelta(seconds=60)
    assert "page-token" not in facebook.last_error


def test_an_edited_comment_is_read_again_and_opened_again(fake, facebook):
    id = write(fake, 1, "Lovely market.")
    work(facebook)
    Comment.objects.update(desk_state="decided")
    fake.edit(id, "What time does it open?")
    work(facebook)
    comment = Comment.objects.get()
    assert (comment.text, comment.desk_state) == ("What time does it open?", "open")
    assert comment.assessments.count() == 2


def test_a_comment_hidden_and_shown_again_in_the_native_app_is_seen_both_times(fake, facebook):
    id = write(fake, 1, "Lovely market.")
    work(facebook)
    seen = []
    for hidden in (True, False):
        fake.hide_natively(id, hidden)
        work(facebook)
        seen.append(Comment.objects.get().hidden_at_platform)
    assert seen == [True, False]


def test_characters_that_no_database_stores_cost_no_comment(facebook):
    from moothall.inbox.ingest import take_in

    post = {"id": "1000_1", "message": "Market day", "created_time": "2026-11-20T09:00:00+0000"}
    comment = {"id": "1000_1_1", "message": "half \ud83d and nul \0 here", "created_time": "2026-11-20T10:00:00+0000"}
    for kind, item in (("posts", post), ("comments/1000_1", comment)):
        raw = RawItem.objects.create(
            channel=facebook,
            kind=kind,
            body=json.dumps({"data": [item]}).encode(),
            sha256=kind,
            received_at=cast.MONDAY,
            due_at=cast.MONDAY,
        )
        take_in(raw, cast.MONDAY)
        assert raw.state == "done", raw.last_error
    assert Comment.objects.get().text == "half  and nul  here"


def test_what_happens_between_claiming_and_reading_is_not_undone_by_the_reading(facebook, monkeypatch):
    decided = cast.comment(facebook, id="1", state="due")
    edited = cast.comment(facebook, "Lovely market.", id="2", state="due")
    claim = Comment.claim

    def claimed_then_changed(*arguments, **options):
        rows = claim(*arguments, **options)
        Comment.objects.filter(pk=decided.pk).update(desk_state="decided")
        Comment.objects.filter(pk=edited.pk).update(text="What time does the market open?")
        return rows

    monkeypatch.setattr(Comment, "claim", claimed_then_changed)
    actions.assess_due_comments("test", timezone.now())
    decided.refresh_from_db()
    edited.refresh_from_db()
    assert (decided.state, decided.desk_state) == ("assessed", "decided")
    assert edited.text == "What time does the market open?"
    assert edited.assessments.get().result["route"] == "answer"


def test_near_identical_comments_over_posts_stand_in_the_queue_as_one(fake, facebook):
    for post in ("1000_2", "1000_3", "1000_4"):
        fake.add_post(id=post, message=f"News about {post}: the library roof is being mended.")
    text = "Earn £900 a week from home with my secret method, message me today for the link!!"
    for number, post in enumerate(("1000_1", "1000_2", "1000_3", "1000_4")):
        write(fake, number, text + "!" * number, post=post, author=("3001", "Mallory Vane"))
    work(facebook)
    page = open_queue()
    assert len(page.rows) == 1
    assert (page.rows[0].similar, page.rows[0].similar_posts) == (3, 4)
    for comment in Comment.objects.all():
        newest = comment.assessments.order_by("-id").first().result
        assert "spam" in [ground["name"] for ground in newest["grounds"]], comment.external_id


def test_the_queue_pages_by_urgency_without_losing_or_repeating_a_row(facebook):
    for number in range(30):
        cast.comment(
            facebook, id=f"c{number}", urgency=1 + number % 8, written_at=cast.MONDAY - timedelta(minutes=number)
        )
    seen, after = [], None
    while True:
        page = open_queue(after, limit=7)
        seen += [(row.comment.urgency, row.comment.written_at) for row in page.rows]
        after = page.next_after
        if not after:
            break
    assert len(seen) == 30
    assert seen == sorted(seen)
    assert sum(urgency_counts().values()) == 30


def test_a_page_mark_that_cannot_be_read_starts_from_the_top(facebook):
    cast.comment(facebook)
    assert len(open_queue("nonsense~~'; DROP TABLE").rows) == 1


def test_a_platforms_secrets_are_neither_stored_in_clear_nor_recorded(facebook):
    channel = Channel.objects.get()
    assert "page-token" not in channel.sealed_secrets
    assert not any("page-token" in record.payload for record in Record.objects.all())


def test_a_worker_killed_between_keeping_and_reading_a_body_loses_nothing(fake, facebook):
    write(fake, 1, "Is the library open?")
    actions.read_due_channels("test", timezone.now())
    RawItem.claim("killed", timezone.now())
    assert actions.parse_due_raw("second", timezone.now()) == 0
    later = timezone.now() + timedelta(minutes=2)
    assert actions.parse_due_raw("second", later) > 0
    assert Comment.objects.count() == 1


def connect_from_the_command_line(fake, monkeypatch, token: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\napp-secret\n"))
    call_command("connect_channel", "facebook", "1000", "Thornbury", address=fake.url)


def test_a_channel_is_connected_from_the_command_line(fake, settings, monkeypatch):
    settings.ALLOW_LOOPBACK_PLATFORMS = True
    connect_from_the_command_line(fake, monkeypatch, "page-token")
    assert Channel.objects.count() == 1


def test_a_channel_the_platform_does_not_accept_is_not_connected_and_its_token_not_shown(fake, settings, monkeypatch):
    settings.ALLOW_LOOPBACK_PLATFORMS = True
    with pytest.raises(CommandError, match=r"\[reconnect\]") as refused:
        connect_from_the_command_line(fake, monkeypatch, "an-old-token")
    assert refused.value.returncode == 2
    assert "an-old-token" not in str(refused.value)
    assert not Channel.objects.exists()
