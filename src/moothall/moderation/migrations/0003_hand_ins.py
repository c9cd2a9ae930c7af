import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from moothall.records.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("council", "0002_what_the_council_sets"),
        ("moderation", "0002_second_person_and_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HandInPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("png", models.BinaryField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("frames", models.PositiveIntegerField()),
                ("given_sha256", models.CharField(max_length=64)),
                ("kept_sha256", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="HandIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("platform", models.CharField(blank=True, default="", max_length=20)),
                ("address", models.CharField(blank=True, default="", max_length=600)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("handle", models.CharField(blank=True, default="", max_length=200)),
                ("description", models.TextField()),
                ("seen_at", models.DateTimeField()),
                ("compared", models.JSONField(blank=True, default=dict)),
                ("registered", models.BooleanField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("handed_in_at", models.DateTimeField()),
                (
                    "handed_in_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "our_picture",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="original_of",
                        to="moderation.handinpicture",
                    ),
                ),
                (
                    "picture",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_in",
                        to="moderation.handinpicture",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HandInAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("what", models.CharField(max_length=20)),
                ("confusing", models.BooleanField(null=True)),
                ("authorised", models.BooleanField(null=True)),
                ("measures", models.CharField(blank=True, default="", max_length=60)),
                ("clause_id", models.CharField(blank=True, default="", max_length=80)),
                ("clause_text", models.TextField(blank=True, default="")),
                ("ground", models.CharField(blank=True, default="", max_length=40)),
                ("reason", models.TextField(blank=True, default="")),
                ("step", models.CharField(blank=True, default="", max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "answers",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered_by",
                        to="moderation.handinact",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hand_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="moderation.handin"
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_in_acts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="council.policyversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HandInDone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("measure", models.CharField(max_length=20)),
                ("proof", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="done", to="moderation.handinact"
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.UniqueConstraint(fields=("hand_in", "number"), name="one_hand_in_act_per_number"),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("what__in", ["stated", "told", "decided", "asked", "confirmed", "declined", "withdrawn", "undone"])
                ),
                name="hand_in_act_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("what__in", ["decided", "asked", "confirmed"]),
                        ("measures__in", ["ignore", "block", "report", "block,report"]),
                    ),
                    models.Q(
                        models.Q(("what__in", ["decided", "asked", "confirmed"]), _negated=True), ("measures", "")
                    ),
                    _connector="OR",
                ),
                name="hand_in_measures_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("measures__in", ["", "ignore"]),
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
                        ("confusing__isnull", False),
                        ("confusing", True),
                        ("authorised__isnull", False),
                        ("authorised", False),
                    ),
                    _connector="OR",
                ),
                name="no_hand_in_measure_unless_confusing",
            ),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("what", "stated"), _negated=True),
                    models.Q(("confusing__isnull", False), ("authorised__isnull", False)),
                    _connector="OR",
                ),
                name="hand_in_statement_says_both",
            ),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("what", "told"),
                        ("step__in", ["warn", "ask_to_take_down", "notice_of_intent"]),
                        models.Q(("reason", ""), _negated=True),
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
                    models.Q(models.Q(("what", "told"), _negated=True), ("step", "")),
                    _connector="OR",
                ),
                name="hand_in_step_says_what_was_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("what__in", ["confirmed", "declined", "withdrawn", "undone"]), ("answers__isnull", False)
                    ),
                    models.Q(
                        models.Q(("what__in", ["confirmed", "declined", "withdrawn", "undone"]), _negated=True),
                        ("answers__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="hand_in_answer_says_to_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("what__in", ["confirmed", "declined"]), _negated=True),
                    models.Q(("asked_by__isnull", False), models.Q(("asked_by", models.F("officer")), _negated=True)),
                    _connector="OR",
                ),
                name="nobody_answers_their_own_hand_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="handinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("what", "withdrawn"), _negated=True),
                    models.Q(("asked_by__isnull", False), ("asked_by", models.F("officer"))),
                    _connector="OR",
                ),
                name="only_who_asked_withdraws_hand_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="handindone",
            constraint=models.UniqueConstraint(fields=("act", "measure"), name="hand_in_measure_done_once"),
        ),
        migrations.AddConstraint(
            model_name="handindone",
            constraint=models.CheckConstraint(
                condition=models.Q(("measure__in", ["block", "report", "unblock"])), name="hand_in_done_measure_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="handindone",
            constraint=models.CheckConstraint(
                condition=models.Q(("proof", ""), _negated=True), name="hand_in_done_with_proof"
            ),
        ),
        migrations.AddConstraint(
            model_name="handin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("platform__in", ["", "facebook", "instagram", "linkedin", "nextdoor", "x", "bluesky", "mastodon"])
                ),
                name="hand_in_platform_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="handin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("address", ""),
                    ("address__startswith", "https://"),
                    ("address__startswith", "http://"),
                    _connector="OR",
                ),
                name="hand_in_address_of_the_web",
            ),
        ),
        migrations.AddConstraint(
            model_name="handin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("address", ""), _negated=True), ("picture__isnull", False), _connector="OR"
                ),
                name="hand_in_has_a_link_or_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="handin",
            constraint=models.CheckConstraint(
                condition=models.Q(("seen_at__lte", models.F("handed_in_at"))), name="hand_in_seen_before"
            ),
        ),
        migrations.AddConstraint(
            model_name="handin",
            constraint=models.CheckConstraint(
                condition=models.Q(("description", ""), _negated=True), name="hand_in_described"
            ),
        ),
        refuse_changes("moderation_handinpicture"),
        refuse_changes("moderation_handin"),
        refuse_changes("moderation_handinact"),
        refuse_changes("moderation_handindone"),
    ]
