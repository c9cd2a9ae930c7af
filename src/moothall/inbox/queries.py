"""What is asked of the inbox: the queue, one comment with all that belongs to it, what a channel can do."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from moothall.inbox.models import Advice, AdviceRequest, Assessment, Author, Channel, Comment, Post
from moothall.platforms import Capability, capabilities
from moothall.policy import Act
from moothall.words import DomainError

#: A database's integers end here; an address may hold more.
LARGEST_ID = 2**63 - 1


class NoSuchComment(DomainError):
    """There is no such comment."""

    code = "no_such_comment"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue, with ``similar`` other open comments of its campaign, on ``similar_posts`` posts in all."""

    comment: Comment
    assessment: dict[str, Any] | None
    similar: int
    similar_posts: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: list[QueueRow]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment with its post, its parent, its author's other comments (newest first, at most 20) and its newest assessment."""

    comment: Comment
    post: Post
    parent: Comment | None
    author: Author | None
    assessment: dict[str, Any] | None
    policy_version: str
    earlier: list[Comment]


def _open() -> QuerySet[Comment]:
    return Comment.objects.filter(desk_state="open", state="assessed")


def _one_per_campaign(rows: QuerySet[Comment]) -> QuerySet[Comment]:
    """Leave out a comment when one of its campaign stands before it in the queue: clusters are shown once."""
    before = (
        _open()
        .filter(campaign=OuterRef("campaign"), channel__platform=OuterRef("channel__platform"))
        .filter(
            Q(urgency__lt=OuterRef("urgency"))
            | Q(urgency=OuterRef("urgency"), written_at__lt=OuterRef("written_at"))
            | Q(urgency=OuterRef("urgency"), written_at=OuterRef("written_at"), id__lt=OuterRef("id"))
        )
    )
    return rows.filter(Q(campaign="") | ~Exists(before))


def _after(rows: QuerySet[Comment], urgency: int, written_at: datetime, id: int) -> QuerySet[Comment]:
    """Keyset paging: the rows behind the given place. Urgency, then oldest first: what has stood longest has been seen most."""
    return rows.filter(
        Q(urgency__gt=urgency)
        | Q(urgency=urgency, written_at__gt=written_at)
        | Q(urgency=urgency, written_at=written_at, id__gt=id)
    )


def _place(after: str) -> tuple[int, datetime, int] | None:
    urgency, _, rest = after.partition("~")
    moment, _, id = rest.partition("~")
    try:
        return int(urgency), datetime.fromisoformat(moment), int(id)
    except ValueError:
        return None


def open_queue(after: str | None = None, limit: int = 25, urgency: int | None = None) -> QueuePage:
    """Return open comments by urgency, oldest first within one, a campaign as one row.

    ``after`` is the ``next_after`` of the page before; one that cannot be read starts from the top.
    """
    rows = _one_per_campaign(_open()).select_related("post", "author", "channel")
    if urgency is not None:
        rows = rows.filter(urgency=urgency)
    place = _place(after) if after else None
    if place:
        rows = _after(rows, *place)
    found = list(rows.order_by("urgency", "written_at", "id")[: limit + 1])
    page = found[:limit]
    newest = _newest_assessments(page)
    spread = _campaign_spread([comment.campaign for comment in page if comment.campaign])
    last = page[-1] if len(found) > limit else None
    return QueuePage(
        [
            QueueRow(
                comment,
                newest.get(comment.pk),
                max(spread.get(comment.campaign, (1, 1))[0] - 1, 0),
                spread.get(comment.campaign, (1, 1))[1],
            )
            for comment in page
        ],
        f"{last.urgency}~{last.written_at.isoformat()}~{last.pk}" if last else None,
    )


def _newest_assessments(comments: Sequence[Comment]) -> dict[int, dict[str, Any]]:
    rows = Assessment.objects.filter(comment__in=comments).order_by("id").values_list("comment_id", "result")
    return dict(rows)


def _campaign_spread(campaigns: Collection[str]) -> dict[str, tuple[int, int]]:
    rows = (
        _open()
        .filter(campaign__in=campaigns)
        .values("campaign")
        .annotate(comments=Count("id"), posts=Count("post", distinct=True))
    )
    return {row["campaign"]: (row["comments"], row["posts"]) for row in rows}


def urgency_counts() -> dict[int, int]:
    """Return how many open comments there are per urgency."""
    rows = _open().values("urgency").annotate(number=Count("id")).order_by("urgency")
    return {row["urgency"]: row["number"] for row in rows}


def comment_view(comment_id: int) -> CommentView:
    """Return one comment with what belongs to it. Raises NoSuchComment."""
    if comment_id > LARGEST_ID:
        raise NoSuchComment
    comment = Comment.objects.select_related("post", "author", "channel").filter(pk=comment_id).first()
    if comment is None:
        raise NoSuchComment
    assessment = comment.assessments.select_related("policy_version").order_by("-id").first()
    parent = (
        Comment.objects.filter(channel=comment.channel, external_id=comment.parent_external_id).first()
        if comment.parent_external_id
        else None
    )
    earlier = (
        list(
            Comment.objects.filter(author=comment.author, channel=comment.channel)
            .exclude(pk=comment.pk)
            .select_related("post")
            .order_by("-written_at")[:20]
        )
        if comment.author
        else []
    )
    return CommentView(
        comment,
        comment.post,
        parent,
        comment.author,
        assessment.result if assessment else None,
        assessment.policy_version.version if assessment else "",
        earlier,
    )


def history_of(author: Author | None, *, without_comment: int | None = None) -> list[Act] | None:
    """Return what stands against an author on that platform, oldest first; None when the author is not known.

    ``without_comment``: leave out what was done about this comment, so that one breach is not counted against itself.
    """
    if author is None:
        return None
    return [
        Act(date.fromisoformat(entry["date"]), entry["measure"], entry["ground"], str(entry.get("comment", "")))
        for entry in author.standing.get("history", ())
        if without_comment is None or entry.get("comment") != without_comment
    ]


def campaign_members(comment: Comment) -> list[Comment]:
    """Return the other open comments of this comment's campaign, oldest first."""
    if not comment.campaign:
        return []
    return list(
        _open()
        .filter(campaign=comment.campaign, channel__platform=comment.channel.platform)
        .exclude(pk=comment.pk)
        .select_related("post", "author")
        .order_by("written_at", "id")
    )


def next_open(after_comment_id: int, skipped: Collection[int] = ()) -> Comment | None:
    """Return the comment to look at next: the first of the queue that is neither this one nor skipped."""
    rows = _one_per_campaign(_open()).exclude(pk__in=[after_comment_id, *skipped])
    return rows.order_by("urgency", "written_at", "id").first()


def what_channel_can(channel: Channel) -> dict[str, Capability]:
    """Return per action what the channel's platform can do, with the reason an officer reads."""
    return capabilities(channel.platform)


def channels_status() -> list[Channel]:
    """Return the channels with when each was last read and what went wrong, by name."""
    return list(Channel.objects.order_by("name"))


def waiting() -> int:
    """Return how many comments have arrived and are not read yet."""
    return Comment.objects.filter(state="due", desk_state="open").count()


def advisor_host() -> str:
    """Return the name of the machine on which the advisor stands, empty where none is switched on."""
    try:
        return urlsplit(settings.ADVISOR_URL).hostname or ""
    except ValueError:
        return ""


def advice_on(comment: Comment) -> Advice | None:
    """Return the newest advice on a comment as it stands; None where there is none, or only on words it had before."""
    about = comment.advice.filter(about_sha256=sha256_of(comment.text))
    return about.select_related("policy_version").order_by("-id").first()


def advice_request(comment: Comment) -> AdviceRequest | None:
    """Return how far the asking for advice on a comment is; None where it was never wanted."""
    return AdviceRequest.objects.filter(comment=comment).first()


def advice_seen(comment: Comment, officer_id: int) -> Advice | None:
    """Return the newest advice on a comment as it stands that this officer has been shown."""
    about = comment.advice.filter(about_sha256=sha256_of(comment.text), shown__officer=officer_id)
    return about.order_by("-id").first()


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in lower-case hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ArchivedComment:
    """A comment without a name, a handle or an address. ``author``: the number of its author's row, None: not known.

    ``stated``: what an officer has said about it.
    """

    id: int
    text: str
    post: str
    post_id: int
    author: int | None
    platform: str
    written_at: datetime
    stated: dict[str, bool]


def archived_comments(since: datetime) -> Iterator[ArchivedComment]:
    """Yield every comment written at ``since`` or later, in the order they arrived, a thousand in memory at a time."""
    last = 0
    while page := list(
        Comment.objects.filter(pk__gt=last, written_at__gte=since)
        .exclude(text="")
        .order_by("pk")
        .values_list("pk", "text", "post__text", "post_id", "author_id", "channel__platform", "written_at", "stated")[
            :1000
        ]
    ):
        for row in page:
            yield ArchivedComment(*row)
        last = page[-1][0]


def how_many_archived(since: datetime) -> int:
    """Return how many comments ``archived_comments`` would yield."""
    return Comment.objects.filter(written_at__gte=since).exclude(text="").count()
