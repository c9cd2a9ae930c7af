"""Copies seen elsewhere that an officer hands in: the account or picture, and everything that is done about it.

All four tables take rows and never change one (triggers): how a hand-in stands follows from its acts, newest last.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from moothall.moderation.models.decisions import A_GROUND, STEPS_TAKEN
from moothall.words import PLATFORMS

#: The copy does not stand under a post of the council's, so that there is nothing to hide or delete.
HAND_IN_MEASURES = ["ignore", "block", "report", "block,report"]
#: What names a measure, and the rest of what may happen to a hand-in.
WITH_MEASURES = ["decided", "asked", "confirmed"]
ANSWERS = ["confirmed", "declined", "withdrawn", "undone"]
#: Spelt out: in SQL a condition on what is not known does not refuse.
_COULD_CONFUSE = Q(confusing__isnull=False) & Q(confusing=True) & Q(authorised__isnull=False) & Q(authorised=False)
ACTS = ["stated", "told", *WITH_MEASURES, "declined", "withdrawn", "undone"]


class HandInPicture(models.Model):
    """A picture as it was decoded safely: pixels alone, as PNG. The file that was given is not kept, its hash is."""

    png = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    #: How many frames the file had; the first is kept.
    frames = models.PositiveIntegerField()
    given_sha256 = models.CharField(max_length=64)
    kept_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"picture {self.kept_sha256[:12]}"


class HandIn(models.Model):
    """An account or a picture that an officer saw elsewhere, as the officer described it. Nothing at ``address`` is fetched."""

    #: Empty: somewhere that is none of the networks, a website for example.
    platform = models.CharField(max_length=20, blank=True, default="")
    address = models.CharField(max_length=600, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    handle = models.CharField(max_length=200, blank=True, default="")
    description = models.TextField()
    seen_at = models.DateTimeField()
    picture = models.OneToOneField(HandInPicture, null=True, on_delete=models.PROTECT, related_name="hand_in")
    our_picture = models.OneToOneField(HandInPicture, null=True, on_delete=models.PROTECT, related_name="original_of")
    #: What of the council's it was held against, as of then: {"ours": {"platform", "name", "handle"}, "similarity": 0–1
    #: or None, "reasons": [sentences]} where it is like one of the council's accounts, and with two pictures
    #: "marked": where they differ, [x, y, width, height] in thousandths; None where they do not lie on each other. "register":
    #: {"picture": id, "name", "similarity", "altered", "mirrored", "words"} where the original came from the register.
    compared = models.JSONField(default=dict, blank=True)
    #: Whether the register of authorised users had this handle when it was seen.
    registered = models.BooleanField()
    #: Of everything that the officer stated and handed in, as canonical JSON.
    sha256 = models.CharField(max_length=64, unique=True)
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hand_ins")
    handed_in_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(platform__in=["", *PLATFORMS]), name="hand_in_platform_known"),
            models.CheckConstraint(
                condition=Q(address="") | Q(address__startswith="https://") | Q(address__startswith="http://"),
                name="hand_in_address_of_the_web",
            ),
            models.CheckConstraint(
                condition=~Q(address="") | Q(picture__isnull=False), name="hand_in_has_a_link_or_a_file"
            ),
            models.CheckConstraint(condition=Q(seen_at__lte=F("handed_in_at")), name="hand_in_seen_before"),
            models.CheckConstraint(condition=~Q(description=""), name="hand_in_described"),
        ]

    def __str__(self) -> str:
        return self.name or self.handle or self.address or f"picture handed in as {self.pk}"


class HandInAct(models.Model):
    """One thing that an officer did about a hand-in. ``number`` rises by one with each, so that nobody overtakes unseen.

    ``stated``: the page's own test, and whether it is authorised. ``told``: a step before a measure, with what was sent.
    ``decided``, or ``asked`` and ``confirmed`` by a second officer, ``declined`` by one or ``withdrawn``; ``undone``. The
    database takes no measure without clause, its text, ground, and the officer's word that it could confuse.
    """

    hand_in = models.ForeignKey(HandIn, on_delete=models.PROTECT, related_name="acts")
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=20)
    #: As the officer stated them; None: not stated.
    confusing = models.BooleanField(null=True)
    authorised = models.BooleanField(null=True)
    #: In order of force, joined by commas; empty where the act names none.
    measures = models.CharField(max_length=60, blank=True, default="")
    clause_id = models.CharField(max_length=80, blank=True, default="")
    clause_text = models.TextField(blank=True, default="")
    ground = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    step = models.CharField(max_length=20, blank=True, default="")
    #: The request or decision that this one answers or takes back.
    answers = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="answered_by")
    #: Who had asked, where this answers a request.
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    policy_version = models.ForeignKey("council.PolicyVersion", on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hand_in_acts")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hand_in", "number"], name="one_hand_in_act_per_number"),
            models.CheckConstraint(condition=Q(what__in=ACTS), name="hand_in_act_known"),
            models.CheckConstraint(
                condition=(Q(what__in=WITH_MEASURES) & Q(measures__in=HAND_IN_MEASURES))
                | (~Q(what__in=WITH_MEASURES) & Q(measures="")),
                name="hand_in_measures_known",
            ),
            models.CheckConstraint(
                condition=Q(measures__in=["", "ignore"])
                | (~Q(clause_id="") & ~Q(clause_text="") & A_GROUND & _COULD_CONFUSE),
                name="no_hand_in_measure_unless_confusing",
            ),
            models.CheckConstraint(
                condition=~Q(what="stated") | (Q(confusing__isnull=False) & Q(authorised__isnull=False)),
                name="hand_in_statement_says_both",
            ),
            models.CheckConstraint(
                condition=(Q(what="told") & Q(step__in=STEPS_TAKEN) & ~Q(reason="") & ~Q(clause_id="") & A_GROUND)
                | (~Q(what="told") & Q(step="")),
                name="hand_in_step_says_what_was_sent",
            ),
            models.CheckConstraint(
                condition=(Q(what__in=ANSWERS) & Q(answers__isnull=False))
                | (~Q(what__in=ANSWERS) & Q(answers__isnull=True)),
                name="hand_in_answer_says_to_what",
            ),
            models.CheckConstraint(
                condition=~Q(what__in=["confirmed", "declined"])
                | (Q(asked_by__isnull=False) & ~Q(asked_by=F("officer"))),
                name="nobody_answers_their_own_hand_in",
            ),
            models.CheckConstraint(
                condition=~Q(what="withdrawn") | (Q(asked_by__isnull=False) & Q(asked_by=F("officer"))),
                name="only_who_asked_withdraws_hand_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} on hand-in {self.hand_in_id}"

    @property
    def measure_list(self) -> list[str]:
        return self.measures.split(",") if self.measures else []


class HandInDone(models.Model):
    """That an officer carried a measure out by hand, and what the platform said. Once a measure of a decision."""

    act = models.ForeignKey(HandInAct, on_delete=models.PROTECT, related_name="done")
    measure = models.CharField(max_length=20)
    proof = models.TextField()
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act", "measure"], name="hand_in_measure_done_once"),
            models.CheckConstraint(
                condition=Q(measure__in=["block", "report", "unblock"]), name="hand_in_done_measure_known"
            ),
            models.CheckConstraint(condition=~Q(proof=""), name="hand_in_done_with_proof"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} done for hand-in act {self.act_id}"
