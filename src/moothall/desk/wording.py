"""What the screens call things: one place for every word an officer reads about urgency, grounds, measures and deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

#: The groups of the queue, 1 first.
URGENCY: Final[Mapping[int, str]] = {
    1: "Somebody may be at risk",
    2: "Legal risk and private details",
    3: "Abuse in view",
    4: "Spam",
    5: "Questions",
    6: "Requests and people’s own cases",
    7: "Politics",
    8: "Everything else",
}
GROUND: Final[Mapping[str, str]] = {
    "abuse": "Abuse of a person or group",
    "profanity": "Strong swearing",
    "discrimination": "Discrimination",
    "threat": "Threat",
    "distress": "May cause distress",
    "defamation": "Possible defamation",
    "contempt": "Possible contempt of court",
    "copyright": "Possible breach of copyright",
    "personal_info": "A private person’s details",
    "spam": "Spam",
    "brand_misuse": "Misuse of the council’s name or graphics",
    "party_political": "Overtly party political",
    "judged_inappropriate": "Your own judgement: inappropriate",
}
#: Short enough to stand inside a line of text, behind the words that fired.
GROUND_SHORT: Final[Mapping[str, str]] = {
    "abuse": "abuse",
    "profanity": "swearing",
    "discrimination": "discrimination",
    "threat": "threat",
    "distress": "distress",
    "defamation": "defamation",
    "contempt": "contempt",
    "copyright": "copyright",
    "personal_info": "private details",
    "spam": "spam",
    "brand_misuse": "brand",
    "party_political": "party politics",
}
MEASURE: Final[Mapping[str, str]] = {
    "ignore": "Leave it up",
    "hide": "Hide the comment",
    "delete": "Delete the comment",
    "block": "Block the author",
    "report": "Report it to the platform",
}
#: What a decision reads like once it is made.
DECIDED: Final[Mapping[str, str]] = {
    "ignore": "left up",
    "hide": "hidden",
    "delete": "deleted",
    "block": "author blocked",
    "report": "reported",
}
ACTION: Final[Mapping[str, str]] = {
    "hide": "Hide the comment",
    "unhide": "Show the comment again",
    "delete": "Delete the comment",
    "block": "Block the author",
    "unblock": "Unblock the author",
    "report": "Report the comment",
}
ACTION_DONE: Final[Mapping[str, str]] = {
    "hide": "The comment is hidden",
    "unhide": "The comment is shown again",
    "delete": "The comment is deleted",
    "block": "The author is blocked",
    "unblock": "The author is unblocked",
    "report": "The comment is reported",
}
PLATFORM: Final[Mapping[str, str]] = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "nextdoor": "Nextdoor",
    "x": "X",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
}
ROUTE: Final[Mapping[str, str]] = {
    "safeguard": "Somebody may be at risk: help comes first",
    "report_it": "A problem to report on the website",
    "customer_service": "The person’s own case, for customer services",
    "answer": "A question that the council can answer",
    "councillor": "Politics: for councillors, not for officers",
    "none": "Nothing to answer",
}
#: What to do for the person, as a tag in the queue.
REPLY: Final[Mapping[str, str]] = {
    "answer": "Answer it",
    "signpost-customer_service": "Point to customer services",
    "signpost-report_it": "Point to the report form",
    "signpost-councillor": "Point to councillors",
    "signpost-safeguard": "Give the help lines",
}
_HOW_SURE: Final = ((0.95, "Almost certain"), (0.85, "Very likely"), (0.7, "Likely"), (0.5, "Possible"))


def how_sure(probability: float) -> str:
    """Return a probability (0–1) in words and in number: ``Very likely, 91%``."""
    words = next((words for least, words in _HOW_SURE if probability >= least), "Unlikely")
    # 0.996 is not certainty, so that nothing is rounded up to 100%.
    percent = 100 if probability == 1 else min(99, round(probability * 100))
    return f"{words}, {percent}%"


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 comment``, ``3 comments``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(words: Sequence[str], last: str = "and") -> str:
    """Return the words as a list in a sentence: ``a, b and c``."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def ago(then: datetime | None, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in the largest whole unit; ``never`` for none."""
    if then is None:
        return "never"
    seconds = int(((now or timezone.now()) - then).total_seconds())
    if seconds < 2:
        return "just now"
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{counted(seconds // size, unit)} ago"
    return f"{seconds} seconds ago"


def seconds_left(until: datetime, now: datetime) -> int:
    """Return the whole seconds until a moment, counted up as a clock on a wall would; 0 once it is past."""
    return max(0, -int(-(until - now).total_seconds() // 1))


def decided(measures: Sequence[str]) -> str:
    """Return what was decided as a phrase: ``hidden and author blocked``."""
    return joined([DECIDED[measure] for measure in measures])


def standing(facts: Mapping[str, Any], platform: str) -> str:
    """Return what stands against an author on this platform, in one sentence."""
    counts = facts.get("measures") or {}
    where = PLATFORM.get(platform, platform)
    forms = {
        "hide": ("comment hidden", "comments hidden"),
        "delete": ("comment deleted", "comments deleted"),
        "report": ("comment reported", "comments reported"),
    }
    parts = [counted(counts[measure], *form) for measure, form in forms.items() if counts.get(measure)]
    if facts.get("blocked"):
        parts.append("blocked")
    if not parts:
        return f"Nothing has been decided against this author on {where}."
    return f"On {where} so far: {joined(parts)}."
