"""What officers decide. Evidence and decisions are kept as they were; undoing is another decision."""

from __future__ import annotations

from itertools import combinations

from django.conf import settings
from django.db import models
from django.db.models import Q

from moothall.words import GROUNDS, JUDGED_INAPPROPRIATE, MEASURES

#: Every choice there is: nothing, or some of the other measures in order of force.
MEASURE_SETS = ["ignore"] + [",".join(some) for size in range(1, 5) for some in combinations(MEASURES[1:], size)]


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
    it is unique per comment, so that two officers cannot both decide the same state of it.
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
                | (
                    ~Q(clause_id="")
                    & ~Q(clause_text="")
                    & Q(ground__in=[*GROUNDS, JUDGED_INAPPROPRIATE])
                    & Q(evidence__isnull=False)
                ),
                name="no_measure_without_clause_ground_evidence",
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
