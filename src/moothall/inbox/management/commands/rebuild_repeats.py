"""Build the index of repeated comments anew from the comments that are kept."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from moothall.council import queries as council
from moothall.inbox.models import Channel
from moothall.inbox.repeat_rebuild import rebuild_repeats


class Command(BaseCommand):
    help = (
        "Builds the index of repeated comments anew from the comments kept, over as many days as the house rules count. "
        "Needed once after an update that says so; workers may go on meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        _, policy = council.policy_in_force(now)
        for platform in sorted(set(Channel.objects.values_list("platform", flat=True))):
            held = rebuild_repeats(platform, policy.settings.repeat_days, now)
            self.stdout.write(f"{platform}: {held:,} comments are indexed.")
