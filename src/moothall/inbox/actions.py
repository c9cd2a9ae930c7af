"""Every change in the inbox: channels, reading them, and bringing comments to the queue."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from moothall.inbox.connections import connected
from moothall.inbox.ingest import take_in
from moothall.inbox.models import Author, Channel, Comment, RawItem
from moothall.inbox.sealing import seal
from moothall.inbox.triage import triage
from moothall.platforms.connector import Page
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import PLATFORMS, DomainError

logger = logging.getLogger(__name__)

_LONGEST_WAIT = timedelta(minutes=15)


class UnknownPlatform(DomainError):
    """There is no such platform."""

    code = "unknown_platform"


class AlreadyConnected(DomainError):
    """This account is connected already."""

    code = "already_connected"


def add_channel(
    *,
    platform: str,
    name: str,
    account: str,
    base_url: str,
    secrets: dict[str, Any],
    poll_seconds: int = 60,
    officer: Officer | None = None,
    try_first: bool = False,
) -> Channel:
    """Connect an account of the council. The secrets are stored encrypted; the record holds none of them.

    ``try_first``: read a first page, so that a wrong secret is found now; nothing is kept when that fails.
    Raises UnknownPlatform, AlreadyConnected, and with ``try_first`` whatever the platform answers (PlatformError).
    """
    if platform not in PLATFORMS:
        raise UnknownPlatform(f"There is no platform “{platform}”. Known: {', '.join(PLATFORMS)}.")
    now = timezone.now()
    if try_first:
        # Outside the transaction: no lock is held while the platform is asked.
        with connected(
            Channel(platform=platform, account=account, base_url=base_url, sealed_secrets=seal(secrets))
        ) as it:
            next(iter(it.fetch({})), None)
    try:
        with transaction.atomic():
            channel = Channel.objects.create(
                platform=platform,
                name=name,
                account=account,
                base_url=base_url,
                sealed_secrets=seal(secrets),
                poll_seconds=poll_seconds,
                due_at=now,
            )
            append(
                "channel.added",
                actor=officer.email if officer else "system",
                subject=f"channel:{channel.pk}",
                payload={"platform": platform, "name": name, "account": account, "base_url": base_url},
                at=now,
            )
    except IntegrityError:
        raise AlreadyConnected(f"{account} on {platform} is connected already.") from None
    return channel


def read_due_channels(worker: str, now: datetime, limit: int = 10) -> int:
    """Read every channel that is due: store each body as it came, and say when it is read next. Returns how many were read."""
    channels = Channel.claim(worker, now, limit=limit, lease=timedelta(minutes=5))
    for channel in channels:
        try:
            _read_channel(channel, now)
        except Exception as error:
            _put_off_channel(channel, error, now)
    return len(channels)


def _read_channel(channel: Channel, now: datetime) -> None:
    with connected(channel) as connector:
        for page in connector.fetch(dict(channel.cursor)):
            _keep(channel, page, now)
    Channel.objects.filter(pk=channel.pk).update(
        due_at=now + timedelta(seconds=channel.poll_seconds),
        leased_until=None,
        leased_by="",
        attempts=0,
        last_error="",
        last_read_at=timezone.now(),
    )


def _keep(channel: Channel, page: Page, now: datetime) -> None:
    """Store one body as it came, once; one that was true before, and is again, is read again."""
    with transaction.atomic():
        item, new = RawItem.objects.get_or_create(
            channel=channel,
            kind=page.kind,
            sha256=hashlib.sha256(page.raw).hexdigest(),
            defaults={"body": page.raw, "received_at": page.fetched_at, "due_at": now},
        )
        since = RawItem.objects.filter(channel=channel, kind=page.kind, received_at__gt=item.received_at)
        if not new and item.state == "done" and since.exists():
            item.state, item.due_at, item.received_at = "due", now, page.fetched_at
            item.save(update_fields=["state", "due_at", "received_at"])
        if page.cursor is not None:
            # Only after the body is kept: a worker killed here reads the page again, it never skips one.
            channel.cursor = page.cursor
            Channel.objects.filter(pk=channel.pk).update(cursor=page.cursor)


def _put_off_channel(channel: Channel, error: Exception, now: datetime) -> None:
    attempts = channel.attempts + 1
    wait = min(timedelta(seconds=channel.poll_seconds) * 2 ** min(attempts, 6), _LONGEST_WAIT)
    Channel.objects.filter(pk=channel.pk).update(
        due_at=now + wait, leased_until=None, leased_by="", attempts=attempts, last_error=_words_of(error)
    )
    logger.warning("channel %s could not be read: %s", channel.pk, _words_of(error))


def _words_of(error: Exception) -> str:
    """What went wrong, for an officer. Only a DomainError's own words: other exceptions may carry secrets."""
    return error.message if isinstance(error, DomainError) else type(error).__name__


def parse_due_raw(worker: str, now: datetime, limit: int = 50) -> int:
    """Read stored bodies into posts and comments. Returns how many bodies were handled."""
    items = RawItem.claim(worker, now, limit=limit)
    for item in items:
        try:
            take_in(item, now)
        except Exception as error:
            logger.exception("raw item %s could not be taken in", item.pk)
            RawItem.objects.filter(pk=item.pk).update(
                state="unreadable" if item.attempts >= 4 else "due",
                attempts=item.attempts + 1,
                due_at=now + timedelta(seconds=30),
                leased_until=None,
                leased_by="",
                last_error=_words_of(error),
            )
    return len(items)


def assess_due_comments(worker: str, now: datetime, limit: int = 50) -> int:
    """Read comments and hold them against the house rules. Returns how many were handled.

    One that cannot be read five times is put in the queue as it is: an officer sees it, nothing is lost.
    """
    comments = Comment.claim(worker, now, limit=limit)
    for comment in comments:
        try:
            triage(comment.pk, timezone.now())
        except Exception as error:
            logger.exception("comment %s could not be assessed", comment.pk)
            Comment.objects.filter(pk=comment.pk).update(
                state="assessed" if comment.attempts >= 4 else "due",
                urgency=1 if comment.attempts >= 4 else comment.urgency,
                attempts=comment.attempts + 1,
                due_at=now + timedelta(seconds=10),
                leased_until=None,
                leased_by="",
                last_error=_words_of(error),
            )
    return len(comments)


def note_effect(channel: Channel, comment_external_id: str, action: str) -> None:
    """Write down what a delivery changed at the platform. Called by outbox in its own transaction."""
    comments = Comment.objects.filter(channel=channel, external_id=comment_external_id)
    if action in ("hide", "unhide"):
        comments.update(hidden_at_platform=action == "hide")
    elif action == "delete":
        comments.update(desk_state="gone")


def write_standing(author_id: int, standing: dict[str, Any]) -> None:
    """Write down what moderation has decided about an author, where triage can read it."""
    Author.objects.filter(pk=author_id).update(standing=standing)


def write_stated(comment_id: int, stated: Mapping[str, bool], now: datetime) -> None:
    """Write down what an officer stated about a comment, in place of what was stated before, and have it read again."""
    Comment.objects.filter(pk=comment_id).update(stated=dict(stated))
    read_again([comment_id], now)


def read_again(comment_ids: Collection[int], now: datetime) -> int:
    """Have open comments held against the house rules anew, and return how many. Called in the caller's transaction."""
    return Comment.objects.filter(pk__in=comment_ids, desk_state="open").update(
        state="due", due_at=now, attempts=0, last_error="", leased_until=None, leased_by=""
    )
