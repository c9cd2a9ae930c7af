"""Whether the author of a comment looks like one of the council's own accounts: asked at triage, kept in the assessment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from moothall.council import queries as council
from moothall.inbox.models import Channel, Comment
from moothall.signals import LookAlike, LookAlikes, OwnAccount
from moothall.signals.lookalikes import handle_key
from moothall.words import ACCOUNT_PHASE, Signal

_VERSION = "look-alike 1"


@lru_cache(maxsize=2)
def _matcher(own: tuple[OwnAccount, ...]) -> LookAlikes:
    """One matcher a process and state of the channels."""
    return LookAlikes(own)


def look_alike_of(comment: Comment) -> LookAlike | None:
    """Return the account of the council, on any platform, that the comment's author looks like.

    None where it looks like none, is one of them, or stood on the register of authorised users when the comment was written.
    """
    author = comment.author
    if author is None:
        return None
    own = tuple(OwnAccount(*row) for row in Channel.objects.order_by("pk").values_list("name", "account", "platform"))
    known_as = {handle_key(each) for each in (author.external_id, author.handle) if each}
    if any(account.platform == author.platform and handle_key(account.handle) in known_as for account in own):
        return None
    found = _matcher(own).compare(author.name, author.handle, author.platform)
    if found and any(council.is_authorised(author.platform, each, comment.written_at) for each in known_as):
        return None
    return found


def kept(found: LookAlike | None, comment: Comment, grounds: Mapping[str, Signal]) -> dict[str, Any] | None:
    """Return a finding for the assessment, as JSON: both accounts as they were called then, how alike, and why.

    ``grounds``: those the comment was held against the rules with. Which of them the account raised is kept too.
    """
    if found is None or comment.author is None:
        return None
    return {
        "theirs": {"name": comment.author.name, "handle": comment.author.handle, "platform": comment.author.platform},
        "ours": {"name": found.like.name, "handle": found.like.readable_handle, "platform": found.like.platform},
        "similarity": found.similarity,
        "reasons": list(found.reasons),
        "raises": [name for name, signal in grounds.items() if signal.phase == ACCOUNT_PHASE],
    }


def as_grounds(found: LookAlike | None) -> dict[str, Signal]:
    """Return the ground that a finding raises, none without one. It asks a question; by itself it recommends nothing."""
    return {"brand_misuse": Signal(found.similarity, (), ACCOUNT_PHASE, _VERSION)} if found else {}
