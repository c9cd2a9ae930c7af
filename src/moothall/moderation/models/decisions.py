"""What officers decide. Evidence and decisions are kept as they were; undoing is another decision."""

from __future__ import annotations

from itertools import combinations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from moothall.words import JUDGED_INAPPROPRIATE, MEASURES, NEVER_A_GROUND, POLITICS

#: Every choice there is: nothing, or some of the other measures in order of force.
MEASURE_SETS = ["ignore"] + [",".join(some) for size in range(1, 5) for some in combinations(MEASURES[1:], size)]
_WITH_A_BLOCK = [measures for measures in MEASURE_SETS if "block" in measures.split(",")]
#: Any fact may be a ground where the house rules say so; criticism, a feeling, doubt or a route never is (M10).
A_GROUND = ~Q(ground="") & ~Q(ground__in=NEVER_A_GROUND)
#: The steps that may go before a measure, as an officer takes them.
STEPS_TAKEN = ["warn", "ask_to_take_down", "notice_of_intent"]


class Evidence(models.Model):
    """The comment as it stood when it was decided on: text, context and the raw body it came in."""

    comment = models.ForeignKey("inbox.Comment", on_delete=models.PROTECT, related_name="evidence")
    captured_at = models.DateTimeField()
    #: Text, author, post, urls, times, and the assessment with the words that fired.
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"evidence {self.sha256[:12]}"


class Decision(models.Model):
    """An officer's choice about one comment.

    The database refuses any measure but ``ignore`` without clause, clause text, ground and evidence (M10), and refuses
    UPDATE and DELETE by trigger. ``round`` is 1 for the first decision on a comment and rises by one with each further one;
    it is unique per comment, so that two officers cannot both decide the same state of it. ``asked_by`` is set where a second
    officer had to confirm: it is who asked, and ``decided_by`` who confirmed, never the same person.
    """

    comment = models.ForeignKey("inbox.Comment", on_delete=models.PROTECT, related_name="decisions")
    round = models.PositiveIntegerField()
    #: In order of force, joined by commas: "ignore", "hide", "hide,block".
    measures = models.CharField(max_length=60)
    clause_id = models.CharField(max_length=80, blank=True, default="")
    clause_text = models.TextField(blank=True, default="")
    ground = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    policy_version = models.ForeignKey("council.PolicyVersion", on_delete=models.PROTECT)
    evidence = models.ForeignKey(Evidence, null=True, on_delete=models.PROTECT, related_name="decisions")
    #: The decision that this one takes back; then ``measures`` is "ignore".
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="decisions_asked"
    )
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions_made")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "round"], name="one_decision_per_round"),
            models.CheckConstraint(condition=Q(measures__in=MEASURE_SETS), name="decision_measures_known"),
            models.CheckConstraint(
                condition=Q(measures="ignore")
                | (~Q(clause_id="") & ~Q(clause_text="") & A_GROUND & Q(evidence__isnull=False)),
                name="no_measure_without_clause_ground_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(ground__in=POLITICS) | ~Q(measures__in=_WITH_A_BLOCK), name="politics_never_blocks"
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=True) | ~Q(asked_by=F("decided_by")), name="a_second_person_is_another"
            ),
            models.CheckConstraint(
                condition=~Q(ground=JUDGED_INAPPROPRIATE) | ~Q(reason=""), name="own_judgement_needs_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(undoes__isnull=True) | Q(measures="ignore"), name="undo_takes_no_measure"
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}: {self.measures}"

    @property
    def measure_list(self) -> list[str]:
        return self.measures.split(",")


class Proposal(models.Model):
    """A measure that one officer asks for and another has to confirm. Nothing happens at the platform until then.

    Open while ``outcome`` is empty; a comment has one open proposal at most. ``stated`` and ``evidence`` are as of the asking.
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", "confirmed"
        DECLINED = "declined", "declined"
        WITHDRAWN = "withdrawn", "withdrawn"
        OVERTAKEN = "overtaken", "overtaken"

    comment = models.ForeignKey("inbox.Comment", on_delete=models.PROTECT, related_name="proposals")
    round = models.PositiveIntegerField()
    measures = models.CharField(max_length=60)
    clause_id = models.CharField(max_length=80)
    ground = models.CharField(max_length=40)
    reason = models.TextField(blank=True, default="")
    stated = models.JSONField(default=dict, blank=True)
    policy_version = models.ForeignKey("council.PolicyVersion", on_delete=models.PROTECT, related_name="+")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="proposals")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals_asked")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, blank=True, default="", choices=Outcome.choices)
    note = models.TextField(blank=True, default="")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="proposals_closed"
    )
    closed_at = models.DateTimeField(null=True)
    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="proposal")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment"], condition=Q(outcome=""), name="one_open_proposal_per_comment"),
            models.CheckConstraint(
                condition=Q(measures__in=[measures for measures in MEASURE_SETS if measures != "ignore"]),
                name="proposal_measures_known",
            ),
            models.CheckConstraint(condition=~Q(clause_id="") & A_GROUND, name="no_proposal_without_clause_and_ground"),
            models.CheckConstraint(
                condition=Q(outcome="", closed_by__isnull=True, closed_at__isnull=True)
                | (
                    Q(outcome__in=["confirmed", "declined", "withdrawn", "overtaken"])
                    & Q(closed_by__isnull=False)
                    & Q(closed_at__isnull=False)
                ),
                name="a_closed_proposal_says_who_closed_it",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["confirmed", "declined"]) | ~Q(closed_by=F("asked_by")),
                name="nobody_confirms_their_own_proposal",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="withdrawn") | Q(closed_by=F("asked_by")), name="only_who_asked_withdraws"
            ),
            models.CheckConstraint(
                condition=(Q(outcome="confirmed") & Q(decision__isnull=False))
                | (~Q(outcome="confirmed") & Q(decision__isnull=True)),
                name="a_confirmed_proposal_has_its_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}: {self.measures}"

    @property
    def measure_list(self) -> list[str]:
        return self.measures.split(",")


class StepTaken(models.Model):
    """What an officer told an author before any measure: a warning, a request to take something down, a notice of intent.

    Kept as it was by trigger. ``text`` is what was sent; ``answer_until`` the moment from which a notice has had its time.
    """

    comment = models.ForeignKey("inbox.Comment", on_delete=models.PROTECT, related_name="steps")
    #: As of the decisions then made: the same step is recorded once a round, however often the button is pressed.
    round = models.PositiveIntegerField()
    author = models.ForeignKey("inbox.Author", on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=20)
    clause_id = models.CharField(max_length=80)
    clause_text = models.TextField()
    ground = models.CharField(max_length=40)
    text = models.TextField()
    policy_version = models.ForeignKey("council.PolicyVersion", on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="steps_taken")
    taken_at = models.DateTimeField()
    answer_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "round", "step"], name="one_step_per_round"),
            models.CheckConstraint(condition=Q(step__in=STEPS_TAKEN), name="step_known"),
            models.CheckConstraint(
                condition=~Q(clause_id="") & ~Q(clause_text="") & ~Q(text="") & A_GROUND,
                name="no_step_without_clause_ground_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} about comment {self.comment_id}"
