import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from moothall.inbox.triggers import refuse_updates


class Migration(migrations.Migration):
    dependencies = [
        ("council", "0002_what_the_council_sets"),
        ("inbox", "0002_comment_stated"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Advice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(db_index=True, max_length=64)),
                ("about_sha256", models.CharField(max_length=64)),
                ("model", models.CharField(max_length=200)),
                ("opinion", models.CharField(max_length=20)),
                ("clauses", models.JSONField(default=list)),
                ("reason", models.CharField(max_length=300)),
                ("given_at", models.DateTimeField()),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="advice", to="inbox.comment"
                    ),
                ),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="council.policyversion"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "advice",
            },
        ),
        migrations.CreateModel(
            name="AdviceRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(default="due", max_length=20)),
                ("due_at", models.DateTimeField()),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("leased_by", models.CharField(blank=True, default="", max_length=80)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True, default="")),
                ("key", models.CharField(blank=True, default="", max_length=64)),
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="advice_request", to="inbox.comment"
                    ),
                ),
                (
                    "wanted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AdviceShown",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shown_at", models.DateTimeField()),
                (
                    "advice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shown", to="inbox.advice"
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
            model_name="advice",
            constraint=models.UniqueConstraint(fields=("comment", "key"), name="one_advice_a_question"),
        ),
        migrations.AddConstraint(
            model_name="advice",
            constraint=models.CheckConstraint(
                condition=models.Q(("opinion__in", ["touches", "does_not", "unsure"])), name="advice_opinion_known"
            ),
        ),
        migrations.AddIndex(
            model_name="advicerequest",
            index=models.Index(
                condition=models.Q(("state__in", ["due", "asking"])), fields=["due_at"], name="advice_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="advicerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asking")), fields=("key",), name="a_question_is_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="advicerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["due", "asking", "answered", "failed", "not_needed"])),
                name="advice_request_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="adviceshown",
            constraint=models.UniqueConstraint(fields=("advice", "officer"), name="shown_once_an_officer"),
        ),
        refuse_updates("inbox_advice"),
    ]
