"""The letters of the house rules with everything filled in, ready to be copied."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from moothall.desk import wording
from moothall.inbox.models import Channel
from moothall.policy import Ban, Clause, Policy
from moothall.policy.reasons import ground_in_words

#: Stands where the rules give no such day: a sentence with it still reads.
_NO_DAY: Final = "no set date"
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


def written(
    policy: Policy,
    name: str,
    *,
    channel: Channel,
    clause: Clause,
    ground: str,
    day: date,
    reason: str = "",
    ban: Ban | None = None,
    answer_by: date | None = None,
) -> str:
    """Return the letter of this name with its placeholders filled, empty where the rules hold none of that name.

    ``day``: when it is sent. ``reason``: the officer's words; without any, the place where they would stand is left out.
    """
    text = policy.letters.get(name, "")
    words = {
        "ban_ends": _day(ban.ends if ban else None),
        "channel": f"{wording.PLATFORM.get(channel.platform, channel.platform)} ({channel.name})",
        "clause_title": clause.title,
        "clause_text": " ".join(policy.filled(clause.public).split()),
        "decided_on": wording.on_day(day),
        "ground": ground_in_words(ground),
        "policy_version": policy.version,
        "reason": " ".join(reason.split()),
        "respond_by": _day(answer_by),
        "review_from": _day(ban.review_from if ban else None),
    }
    # In one pass: braces in what an officer wrote are no placeholders.
    filled = _PLACEHOLDER.sub(lambda found: words.get(found.group(1), found.group()), policy.filled(text))
    return "\n".join(line.rstrip() for line in filled.strip().splitlines())


def leaves_room_for_a_reason(policy: Policy, name: str) -> bool:
    """Return whether the letter quotes the officer's reason."""
    return "{reason}" in policy.letters.get(name, "")


def _day(day: date | None) -> str:
    return wording.on_day(day) if day is not None else _NO_DAY
