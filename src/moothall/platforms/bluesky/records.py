"""The records the council's account holds: the gate of a thread, and a block. Shapes as in the published lexicons."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

#: As many replies as a gate may hide (app.bsky.feed.threadgate, hiddenReplies.maxLength).
MOST_HIDDEN: Final = 300

_DIGITS: Final = "234567abcdefghijklmnopqrstuvwxyz"


def gate_with(
    gate: Mapping[str, Any] | None, *, root: str, comment: str, hide: bool, now: datetime
) -> dict[str, Any] | None:
    """Return the thread's gate with a reply hidden or shown, all else in it kept; None when the list is full.

    Who may reply (``allow``) is left as it is: absent means everybody.
    """
    changed = dict(gate or {"$type": "app.bsky.feed.threadgate", "post": root, "createdAt": written(now)})
    hidden = [uri for uri in changed.get("hiddenReplies") or [] if uri != comment]
    if hide:
        if len(hidden) >= MOST_HIDDEN:
            return None
        hidden.append(comment)
    changed["hiddenReplies"] = hidden
    return changed


def block_record(subject: str, now: datetime) -> dict[str, Any]:
    """Return the record that blocks an account."""
    return {"$type": "app.bsky.graph.block", "subject": subject, "createdAt": written(now)}


def record_key(key: str) -> str:
    """Return a record name that follows from a key, in the shape of a TID: 13 digits of base 32, 64 bits, the first 0."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) >> 1
    digits = []
    for _ in range(13):
        digits.append(_DIGITS[number & 31])
        number >>= 5
    return "".join(reversed(digits))


def written(now: datetime) -> str:
    """Return a time as records hold it: UTC, milliseconds, Z."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
