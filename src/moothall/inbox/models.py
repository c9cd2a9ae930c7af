"""What arrives: channels, raw bodies, posts, authors, comments, and what was read into them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from moothall.records.leases import DueRow
from moothall.words import PLATFORMS, ROUTES


class Channel(DueRow):
    """One account of the council on one platform. Its due time is when it is read next."""

    platform = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    #: The account's own id at the platform: a Facebook page id, a Bluesky handle or DID.
    account = models.CharField(max_length=200)
    base_url = models.URLField(max_length=300)
    #: Encrypted JSON (inbox.sealing): access tokens, and the platform session kept between runs.
    sealed_secrets = models.TextField(blank=True, default="")
    sealed_session = models.TextField(blank=True, default="")
    cursor = models.JSONField(default=dict, blank=True)
    poll_seconds = models.PositiveIntegerField(default=60)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "account"], name="one_channel_per_account"),
            models.CheckConstraint(condition=Q(platform__in=PLATFORMS), name="channel_platform_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.platform}"


class RawItem(DueRow):
    """A body as the platform sent it, stored before anything is read into it. States: due (to be parsed), done, unreadable."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="raw_items")
    kind = models.CharField(max_length=60)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "kind", "sha256"], name="raw_body_kept_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="due"), name="raw_items_due")]

    def __str__(self) -> str:
        return f"raw {self.kind} {self.sha256[:12]}"


class Author(models.Model):
    """An identity on one platform. Never merged across platforms."""

    platform = models.CharField(max_length=20)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    #: What moderation has decided, written down here so that triage can read it: {"blocked": bool, "measures": {name:
    #: count}, "history": [{"date": ISO day in London, "measure": one of words.ACTS, "ground", "comment": id}] oldest first}.
    standing = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "external_id"], name="one_author_per_identity")]

    def __str__(self) -> str:
        return self.name or self.handle or self.external_id


class Post(models.Model):
    """What the council published."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="posts")
    external_id = models.CharField(max_length=400)
    text = models.TextField(blank=True, default="")
    url = models.URLField(max_length=600, blank=True, default="")
    written_at = models.DateTimeField()
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="one_post_per_id")]

    def __str__(self) -> str:
        return self.text[:60]


class Comment(DueRow):
    """What somebody wrote under a post. As work it is due to be assessed: states due, assessed, failed.

    ``desk_state`` is where it stands with the officers: open, decided, gone (removed at the platform by somebody else).
    """

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="comments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="comments")
    parent_external_id = models.CharField(max_length=400, blank=True, default="")
    author = models.ForeignKey(Author, null=True, on_delete=models.PROTECT, related_name="comments")
    external_id = models.CharField(max_length=400)
    text = models.TextField(blank=True, default="")
    url = models.URLField(max_length=600, blank=True, default="")
    written_at = models.DateTimeField()
    received_at = models.DateTimeField()
    hidden_at_platform = models.BooleanField(default=False)
    extra = models.JSONField(default=dict, blank=True)
    raw_item = models.ForeignKey(RawItem, null=True, on_delete=models.PROTECT)

    desk_state = models.CharField(max_length=20, default="open")
    #: From the newest assessment, for the queue: 1 (life) … 8 (the rest); 8 until assessed.
    urgency = models.PositiveSmallIntegerField(default=8)
    route = models.CharField(max_length=20, default="none")
    campaign = models.CharField(max_length=80, blank=True, default="")
    #: What an officer stated about it, by the names of the house rules: {"off_topic": true}. What is not in it is not known.
    stated = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="one_comment_per_id"),
            models.CheckConstraint(condition=Q(urgency__gte=1, urgency__lte=8), name="comment_urgency_1_to_8"),
            models.CheckConstraint(condition=Q(route__in=ROUTES), name="comment_route_known"),
            models.CheckConstraint(
                condition=Q(desk_state__in=["open", "decided", "gone"]), name="comment_desk_state_known"
            ),
        ]
        indexes = [
            # The queue: keyset paging over open, assessed rows only.
            models.Index(
                fields=["urgency", "written_at", "id"],
                condition=Q(desk_state="open", state="assessed"),
                name="comments_open_queue",
            ),
            models.Index(fields=["due_at"], condition=Q(state="due"), name="comments_due"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Assessment(models.Model):
    """What was read into a comment, under which rules, by which reader. Kept as it was; never recomputed for a decision."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="assessments")
    made_at = models.DateTimeField()
    policy_version = models.ForeignKey("council.PolicyVersion", on_delete=models.PROTECT)
    model_version = models.CharField(max_length=80)
    #: Assessment.as_dict() of the policy room plus "clauses", "refused" and "trace".
    result = models.JSONField()

    class Meta:
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"assessment of comment {self.comment_id}"


class AdviceRequest(DueRow):
    """That an advisor be asked about a comment; one row a comment, due again whenever it is wanted again.

    States: due, asking (committed before anything leaves), answered, failed (asked twice in vain), not_needed.
    """

    CLAIMABLE = ("due", "asking")

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="advice_request")
    #: The question being asked or asked last (see ``Advice.key``): of two that are the same one waits for the other.
    key = models.CharField(max_length=64, blank=True, default="")
    #: The officer who pressed the button; None: the reading named a ground or was unsure.
    wanted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(state="asking"), name="a_question_is_asked_once"),
            models.CheckConstraint(
                condition=Q(state__in=["due", "asking", "answered", "failed", "not_needed"]),
                name="advice_request_state_known",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state__in=["due", "asking"]), name="advice_due")]

    def __str__(self) -> str:
        return f"advice on comment {self.comment_id}: {self.state}"


class Advice(models.Model):
    """What an advisor said about a comment. A trigger refuses to change it; it goes with its comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="advice")
    #: SHA-256 of what was asked: masked comment and post, clauses, model. The same question is answered from here.
    key = models.CharField(max_length=64, db_index=True)
    #: SHA-256 of the comment as it stood, unmasked: advice on other words is not shown.
    about_sha256 = models.CharField(max_length=64)
    model = models.CharField(max_length=200)
    opinion = models.CharField(max_length=20)
    #: Ids of clauses of ``policy_version``, of those that were asked about.
    clauses = models.JSONField(default=list)
    reason = models.CharField(max_length=300)
    policy_version = models.ForeignKey("council.PolicyVersion", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "key"], name="one_advice_a_question"),
            models.CheckConstraint(
                condition=Q(opinion__in=["touches", "does_not", "unsure"]), name="advice_opinion_known"
            ),
        ]
        verbose_name_plural = "advice"

    def __str__(self) -> str:
        return f"advice {self.pk} on comment {self.comment_id}"


class AdviceShown(models.Model):
    """That an officer has been shown an advice, and when first: a decision's record says what its officer had seen."""

    advice = models.ForeignKey(Advice, on_delete=models.CASCADE, related_name="shown")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    shown_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["advice", "officer"], name="shown_once_an_officer")]

    def __str__(self) -> str:
        return f"advice {self.advice_id} shown to officer {self.officer_id}"


class RepeatEntry(models.Model):
    """One remembered comment of the repeat index (signals.RepeatIndex asks, this store answers)."""

    platform = models.CharField(max_length=20)
    comment_id = models.CharField(max_length=80)
    #: Its words, as signals.sameness reduced it.
    text = models.TextField()
    author = models.CharField(max_length=300, blank=True, default="")
    post = models.CharField(max_length=400, blank=True, default="")
    at = models.DateTimeField(db_index=True)
    campaign = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "comment_id"], name="one_repeat_entry_per_comment")]
        indexes = [models.Index(fields=["platform", "campaign"], name="repeat_entries_of_a_campaign")]

    def __str__(self) -> str:
        return f"repeat entry {self.comment_id}"


class RepeatKey(models.Model):
    """A key of a remembered comment; comments that share some are compared."""

    entry = models.ForeignKey(RepeatEntry, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.key)
