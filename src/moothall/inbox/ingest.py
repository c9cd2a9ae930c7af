"""From raw bodies to posts, authors and comments. Every step may be repeated without doubling anything."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from moothall.inbox.models import Author, Channel, Comment, Post, RawItem
from moothall.platforms import parse
from moothall.platforms.connector import ParsedComment, ParsedPost, ParsedRemoval, Unreadable
from moothall.reading.comment import without_controls

#: A comment may arrive before its post (a webhook overtakes a poll): wait this often for the post, then give up aloud.
_WAITS_FOR_POST = 10


class PostNotHereYet(Exception):
    """The comment's post has not been read yet."""


def take_in(raw: RawItem, now: datetime) -> None:
    """Read one raw body into rows, in one transaction, and mark it done, unreadable, or due again."""
    try:
        with transaction.atomic():
            unreadable = _take_in(raw, now)
            raw.release()
            raw.state = "unreadable" if unreadable else "done"
            raw.last_error = unreadable
            raw.save(update_fields=["state", "last_error", "leased_until", "leased_by"])
    except PostNotHereYet as missing:
        raw.release()
        raw.attempts += 1
        raw.last_error = f"the post {missing} has not been read yet"
        raw.state = "due" if raw.attempts < _WAITS_FOR_POST else "unreadable"
        raw.due_at = now + timedelta(seconds=30)
        raw.save()


def _take_in(raw: RawItem, now: datetime) -> str:
    """Write the items of the body; return the reasons of those that could not be read, or an empty text."""
    channel = raw.channel
    reasons: list[str] = []
    for item in parse(channel.platform, raw.kind, bytes(raw.body)):
        if isinstance(item, ParsedPost):
            _take_in_post(channel, item)
        elif isinstance(item, ParsedComment):
            _take_in_comment(channel, raw, item, now)
        elif isinstance(item, ParsedRemoval):
            Comment.objects.filter(channel=channel, external_id=item.external_id).update(desk_state="gone")
        elif isinstance(item, Unreadable):
            reasons.append(item.reason)
    return "; ".join(reasons[:5])


def _clean(text: str) -> str:
    """Without NUL, other control characters and halves of characters, which a database refuses. The raw body keeps them."""
    return without_controls(text).text


def _take_in_post(channel: Channel, item: ParsedPost) -> None:
    Post.objects.update_or_create(
        channel=channel,
        external_id=item.external_id,
        defaults={"text": _clean(item.text), "url": item.url[:600], "written_at": item.written_at, "extra": item.extra},
    )


def _take_in_comment(channel: Channel, raw: RawItem, item: ParsedComment, now: datetime) -> None:
    post = Post.objects.filter(channel=channel, external_id=item.post_external_id).first()
    if post is None:
        raise PostNotHereYet(item.post_external_id)
    text = _clean(item.text)
    author = None
    if item.author is not None:
        author, _ = Author.objects.update_or_create(
            platform=channel.platform,
            external_id=item.author.external_id,
            defaults={"handle": _clean(item.author.handle)[:200], "name": _clean(item.author.name)[:200]},
        )
    comment, created = Comment.objects.select_for_update().get_or_create(
        channel=channel,
        external_id=item.external_id,
        defaults={
            "post": post,
            "parent_external_id": item.parent_external_id or "",
            "author": author,
            "text": text,
            "url": item.url[:600],
            "written_at": item.written_at,
            "received_at": now,
            "due_at": now,
            "hidden_at_platform": bool(item.hidden),
            "extra": item.extra,
            "raw_item": raw,
        },
    )
    if created:
        return
    if item.hidden is not None:
        comment.hidden_at_platform = item.hidden
    if comment.text != text:
        # The author changed the words: they are read again, and a decision on the old words does not stand for the new.
        comment.text, comment.raw_item = text, raw
        comment.state, comment.due_at, comment.desk_state = "due", now, "open"
        # What an officer stated, they stated of the old words.
        comment.stated = {}
        comment.release()
    comment.author, comment.extra = author or comment.author, item.extra or comment.extra
    comment.save()
