import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from moothall.records.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("council", "0002_what_the_council_sets"),
        ("inbox", "0002_comment_stated"),
        ("moderation", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveIntegerField()),
                ("measures", models.CharField(max_length=60)),
                ("clause_id", models.CharField(max_length=80)),
                ("ground", models.CharField(max_length=40)),
                ("reason", models.TextField(blank=True, default="")),
                ("stated", models.JSONField(blank=True, default=dict)),
                ("asked_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "confirmed"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                            ("overtaken", "overtaken"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("note", models.TextField(blank=True, default="")),
                ("closed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="StepTaken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveIntegerField()),
                ("step", models.CharField(max_length=20)),
                ("clause_id", models.CharField(max_length=80)),
                ("clause_text", models.TextField()),
                ("ground", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("taken_at", models.DateTimeField()),
                ("answer_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="no_measure_without_clause_ground_evidence",
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("measures", "ignore"),
                    models.Q(
                        models.Q(("clause_id", ""), _negated=True),
                        models.Q(("clause_text", ""), _negated=True),
                        models.Q(("ground", ""), _negated=True),
                        models.Q(
                            (
                                "ground__in",
                                (
                                    "criticism",
                                    "sentiment",
                                    "unsure",
                                    "safeguard",
                                    "report_it",
                                    "customer_service",
                                    "answer",
                                    "councillor",
                                    "none",
                                ),
                            ),
                            _negated=True,
                        ),
                        ("evidence__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="no_measure_without_clause_ground_evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ground__in", ("party_political", "political")), _negated=True),
                    models.Q(
                        (
                            "measures__in",
                            [
                                "block",
                                "hide,block",
                                "delete,block",
                                "block,report",
                                "hide,delete,block",
                                "hide,block,report",
                                "delete,block,report",
                                "hide,delete,block,report",
                            ],
                        ),
                        _negated=True,
                    ),
                    _connector="OR",
                ),
                name="politics_never_blocks",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asked_by__isnull", True),
                    models.Q(("asked_by", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_second_person_is_another",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="proposals_asked", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="closed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals_closed",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="comment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="inbox.comment"
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="decision",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposal",
                to="moderation.decision",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="evidence",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="moderation.evidence"
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="policy_version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="council.policyversion"
            ),
        ),
        migrations.AddField(
            model_name="steptaken",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="inbox.author"
            ),
        ),
        migrations.AddField(
            model_name="steptaken",
            name="comment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="inbox.comment"
            ),
        ),
        migrations.AddField(
            model_name="steptaken",
            name="officer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps_taken", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="steptaken",
            name="policy_version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="council.policyversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "")), fields=("comment",), name="one_open_proposal_per_comment"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "measures__in",
                        [
                            "hide",
                            "delete",
                            "block",
                            "report",
                            "hide,delete",
                            "hide,block",
                            "hide,report",
                            "delete,block",
                            "delete,report",
                            "block,report",
                            "hide,delete,block",
                            "hide,delete,report",
                            "hide,block,report",
                            "delete,block,report",
                            "hide,delete,block,report",
                        ],
                    )
                ),
                name="proposal_measures_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("clause_id", ""), _negated=True),
                    models.Q(("ground", ""), _negated=True),
                    models.Q(
                        (
                            "ground__in",
                            (
                                "criticism",
                                "sentiment",
                                "unsure",
                                "safeguard",
                                "report_it",
                                "customer_service",
                                "answer",
                                "councillor",
                                "none",
                            ),
                        ),
                        _negated=True,
                    ),
                ),
                name="no_proposal_without_clause_and_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("closed_by__isnull", True), ("outcome", "")),
                    models.Q(
                        ("outcome__in", ["confirmed", "declined", "withdrawn", "overtaken"]),
                        ("closed_by__isnull", False),
                        ("closed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_closed_proposal_says_who_closed_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome__in", ["confirmed", "declined"]), _negated=True),
                    models.Q(("closed_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_confirms_their_own_proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "withdrawn"), _negated=True),
                    ("closed_by", models.F("asked_by")),
                    _connector="OR",
                ),
                name="only_who_asked_withdraws",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "confirmed"), ("decision__isnull", False)),
                    models.Q(models.Q(("outcome", "confirmed"), _negated=True), ("decision__isnull", True)),
                    _connector="OR",
                ),
                name="a_confirmed_proposal_has_its_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="steptaken",
            constraint=models.UniqueConstraint(fields=("comment", "round", "step"), name="one_step_per_round"),
        ),
        migrations.AddConstraint(
            model_name="steptaken",
            constraint=models.CheckConstraint(
                condition=models.Q(("step__in", ["warn", "ask_to_take_down", "notice_of_intent"])), name="step_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="steptaken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("clause_id", ""), _negated=True),
                    models.Q(("clause_text", ""), _negated=True),
                    models.Q(("text", ""), _negated=True),
                    models.Q(("ground", ""), _negated=True),
                    models.Q(
                        (
                            "ground__in",
                            (
                                "criticism",
                                "sentiment",
                                "unsure",
                                "safeguard",
                                "report_it",
                                "customer_service",
                                "answer",
                                "councillor",
                                "none",
                            ),
                        ),
                        _negated=True,
                    ),
                ),
                name="no_step_without_clause_ground_text",
            ),
        ),
        # The table of decisions was built anew: its triggers go with the old one.
        refuse_changes("moderation_decision"),
        refuse_changes("moderation_steptaken"),
    ]
