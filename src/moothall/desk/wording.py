"""What the screens call things: one place for every word an officer reads about urgency, grounds, measures and deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from moothall.policy import Ban

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
    "off_topic": "Strays off the topic",
    "names_staff": "Names a member of staff",
    "advertising": "Advertising",
    "misinformation": "Misinformation",
    "fake_profile": "Fake profile",
    "provoking": "There only to provoke",
    "mild_swearing": "Mild swearing",
    "extreme_swearing": "Swearing of the strongest kind",
    "masked": "A masked swear word",
    "not_english": "Not in English",
    "political": "Political",
    "confusing": "Could be mistaken for the council’s own",
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
#: The steps that go before a measure: as a heading, and as it is recorded.
STEP: Final[Mapping[str, str]] = {
    "warn": "Warn the author first",
    "ask_to_take_down": "Ask the author first to take it down",
    "notice_of_intent": "Give the author notice of the intention to block first",
    "await_representations": "The author may still answer the notice",
}
#: The same as a tag in the queue.
STEP_SHORT: Final[Mapping[str, str]] = {
    "warn": "Warn first",
    "ask_to_take_down": "Ask to take it down first",
    "notice_of_intent": "Give notice first",
    "await_representations": "The author may still answer",
}
BEFORE_IT: Final[Mapping[str, str]] = {
    "warn": "Before that comes a warning.",
    "ask_to_take_down": "Before that the author is asked to take it down.",
    "notice_of_intent": "Before that comes a notice of the intention to block.",
    "await_representations": "Before that the time to answer the notice has to pass.",
}
STEP_TAKEN: Final[Mapping[str, str]] = {
    "warn": "Author warned",
    "ask_to_take_down": "Author asked to take it down",
    "notice_of_intent": "Notice of intent given",
}
#: How an author is told of something.
TOLD: Final[Mapping[str, str]] = {
    "none": "The author is not told.",
    "dm": "The author is told by direct message.",
    "public_note": "The author is told by a public note under the comment.",
}
#: What a measure is called inside a sentence, as something to do and as something being done.
TO_DO: Final[Mapping[str, str]] = {
    "hide": "hide the comment",
    "delete": "delete the comment",
    "block": "block the author",
    "report": "report it to the platform",
}
DOING: Final[Mapping[str, str]] = {
    "hide": "hiding",
    "delete": "deleting",
    "block": "blocking",
    "report": "reporting",
}
PROPOSAL: Final[Mapping[str, str]] = {
    "declined": "declined",
    "withdrawn": "withdrawn",
    "overtaken": "overtaken by another choice",
}
_REVIEWED_BY: Final[Mapping[str, str]] = {
    "different_officer": "an officer who had no part in it",
    "any_officer": "any officer",
    "panel": "a panel",
}
#: What to do for the person, as a tag in the queue.
REPLY: Final[Mapping[str, str]] = {
    "answer": "Answer it",
    "signpost-customer_service": "Point to customer services",
    "signpost-report_it": "Point to the report form",
    "signpost-councillor": "Point to councillors",
    "signpost-safeguard": "Give the help lines",
}
#: What a comment may be besides: the officer knows what has to follow.
HINT: Final[Mapping[str, str]] = {
    "foi": "May be a request for information (Freedom of Information Act, environmental information): pass it on, the clock runs",
    "own_data": "May be a request for the person’s own data: pass it on, the clock runs",
    "complaint": "May be a formal complaint",
    "press": "May come from the press",
}
_HOW_SURE: Final = ((0.95, "Almost certain"), (0.85, "Very likely"), (0.7, "Likely"), (0.5, "Possible"))


def how_sure(probability: float) -> str:
    """Return a probability (0–1) in words and in number: ``Very likely, 91%``."""
    words = next((words for least, words in _HOW_SURE if probability >= least), "Unlikely")
    # 0.996 is not certainty, so that nothing is rounded up to 100%.
    percent = 100 if probability == 1 else min(99, round(probability * 100))
    return f"{words}, {percent}%"


def ground(name: str) -> str:
    """Return what a ground is called; a fact that is a policy's own by its name."""
    return GROUND.get(name) or name.replace("_", " ").capitalize()


def on_day(day: date) -> str:
    """Return a day as ``6 May 2027``."""
    return f"{day.day} {day:%B %Y}"


def ban(terms: Ban, day: date) -> str:
    """Return how long a ban from ``day`` on would last and how it would be reviewed, in two sentences."""
    if terms.ends is not None:
        lasts = f"It would end on {on_day(terms.ends)}."
    else:
        lasts = "It would be for ever." if terms.for_ever else "It would have no end date."
    by = _REVIEWED_BY.get(terms.by, terms.by)
    if terms.review_from is None:
        return f"{lasts} There would be no review."
    if terms.review == "automatic":
        return f"{lasts} It would be reviewed by itself on {on_day(terms.review_from)}, by {by}."
    when = "at any time" if terms.review_from <= day else f"from {on_day(terms.review_from)} on"
    return f"{lasts} The author could ask for a review {when}, by {by}."


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
    told = [entry["measure"] for entry in facts.get("history") or ()]
    parts += [
        counted(told.count(step), *form)
        for step, form in {"warn": ("warning", "warnings"), "notice": ("notice of intent", "notices of intent")}.items()
        if step in told
    ]
    if facts.get("blocked"):
        parts.append("blocked")
    if not parts:
        return f"Nothing has been decided against this author on {where}."
    return f"On {where} so far: {joined(parts)}."
