"""What the Graph API's error codes mean for us.

Codes as in Meta's documents on error handling, rate limiting and ``/{page}/blocked``; what is known from elsewhere
is marked in README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from moothall.platforms.transport import Answer

Meaning = Literal["reconnect", "throttled", "stumbled", "not_permitted", "gone", "refused"]

_THROTTLED: Final = {4, 17, 32, 341, 613}
_STUMBLED: Final = {1, 2}
_NOT_THERE: Final = 33
#: Seconds to wait when throttled and no header says how long: limits are counted by the hour.
_WAIT: Final = 300.0


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as we act on it: ``words`` are for an officer and may quote the platform."""

    means: Meaning
    code: int
    words: str


def problem_in(answer: Answer) -> Problem | None:
    """Return what is wrong with an answer, or None when it is a plain success."""
    error = answer.json().get("error")
    if not isinstance(error, dict):
        if answer.ok:
            return None
        if answer.status == 429:
            return Problem("throttled", 0, "Facebook asks to wait.")
        return Problem("stumbled" if answer.status >= 500 else "refused", 0, f"Facebook answered {answer.status}.")
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    said = str(error.get("error_user_msg") or error.get("message") or f"code {code}")
    if code in _THROTTLED or 80000 <= code < 80100 or answer.status == 429:
        return Problem("throttled", code, f"Facebook asks to wait: {said}")
    if code == 190:
        return Problem(
            "reconnect", code, f"Facebook no longer accepts the Page's token; connect the Page again. {said}"
        )
    if code == 100 and subcode == _NOT_THERE:
        return Problem("gone", code, said)
    if code in (3, 10, 283) or 200 <= code <= 299:
        return Problem(
            "not_permitted", code, f"Facebook does not allow it to this app; do it on Facebook itself. It says: {said}"
        )
    if code == 368:
        return Problem("refused", code, f"Facebook has stopped this action for now, under its own policies: {said}")
    if code in _STUMBLED or error.get("is_transient") is True or answer.status >= 500:
        return Problem("stumbled", code, f"Facebook had a fault of its own: {said}")
    return Problem("refused", code, f"Facebook refused: {said}")


def wait_named_in(answer: Answer) -> float:
    """Return the seconds to wait before asking again, from the headers where they say, else five minutes."""
    named = answer.headers.get("retry-after", "")
    if named.isdecimal():
        return min(float(named), 3600.0)
    usage = Answer(200, {}, answer.headers.get("x-business-use-case-usage", "").encode()).json()
    minutes = [
        float(entry.get("estimated_time_to_regain_access") or 0)
        for entries in usage.values()
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, dict)
    ]
    return min(max(minutes, default=0.0) * 60 or _WAIT, 3600.0)


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
