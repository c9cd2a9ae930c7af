"""What is known about one comment before it is held against the rules: what was read in it, facts, circumstances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol

from moothall.policy.calendar import LONDON, london_day
from moothall.policy.condition import Value
from moothall.policy.model import Policy
from moothall.policy.standing import Act, record_counts
from moothall.policy.vocabulary import FACTS, WEEKDAYS
from moothall.words import GROUNDS, Signal

#: The largest count handed to a condition: a file may claim any number, and CEL counts in 64 bits.
_LARGEST: Final = 1_000_000


class Signals(Protocol):
    """What was read in one comment. A ground that is not in ``grounds`` is unknown.

    A reader may also have ``looked_for``, or ``all_grounds``, what it looked for whether it found it or not: a ground that
    is there and not in ``grounds`` is false.
    """

    @property
    def route(self) -> str: ...
    @property
    def also(self) -> Sequence[str]: ...
    @property
    def grounds(self) -> Mapping[str, Signal]: ...
    @property
    def criticism(self) -> bool: ...
    @property
    def unsure(self) -> bool: ...
    @property
    def off_topic(self) -> bool | None: ...
    @property
    def target(self) -> str | None: ...
    @property
    def conduct_in_office(self) -> bool | None: ...
    @property
    def model_version(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the text. None: not known.

    ``repeats`` counts the *other* posts with near-identical text by this author, ``repeat_times`` how often this author has
    posted it, this one included; ``identical``: word for word; ``same_issue``: this author's comments on this matter in
    30 days, this one included; ``campaign_posts``: on how many posts the text of the whole campaign stands, whoever wrote
    it, this one included. ``stated`` holds what an officer said: the facts of the vocabulary and of the policy; it
    wins over a detector. ``history`` is what stands against the author on this platform with this council, counted as of
    ``today`` (absent: the day of the comment); ``about`` is this comment among its acts, so that it is no earlier breach.
    """

    repeats: int | None = None
    campaign: str | None = None
    platform: str | None = None
    stated: Mapping[str, bool] = field(default_factory=dict)
    repeat_times: int | None = None
    identical: bool | None = None
    same_issue: int | None = None
    history: Sequence[Act] | None = None
    today: date | None = None
    about: str = ""
    campaign_posts: int | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is true of the day. None: not known. ``pre_election`` None: nothing is removable for politics.

    ``date`` is when the comment arrived. ``election_notice``: the notice of an election is published and the poll not over;
    ``poll_in_days``: days until the next poll; ``office_open``: it arrived in office hours; ``incident``: one is declared.
    """

    pre_election: bool | None = None
    date: datetime | None = None
    election_notice: bool | None = None
    poll_in_days: int | None = None
    office_open: bool | None = None
    incident: bool | None = None


def known_values(
    policy: Policy, signals: Signals | None, facts: Facts, circumstances: Circumstances
) -> dict[str, Value]:
    """Return what is known by the names of the vocabulary. What is not known is not in it."""
    known: dict[str, Value] = {}
    if signals is not None:
        thresholds = policy.settings.thresholds
        for ground, signal in signals.grounds.items():
            # The officers' own judgement is theirs: a detector that claims it is not heard.
            if ground in GROUNDS:
                known[ground] = bool(signal.probability >= thresholds[ground].engage)
        # What was looked for and did not reach the reader's own threshold is known not to be there.
        for ground in getattr(signals, "looked_for", ()) or getattr(signals, "all_grounds", ()):
            if ground in GROUNDS:
                known.setdefault(ground, False)
        if any(known[ground] for ground in known):
            known["any_ground"] = True
        elif len(known) == len(GROUNDS):
            known["any_ground"] = False
        known["criticism"] = bool(signals.criticism)
        known["unsure"] = bool(signals.unsure)
        known["route"] = signals.route
        for name in ("off_topic", "conduct_in_office"):
            value = getattr(signals, name, None)
            if value is not None:
                known[name] = bool(value)
        target = getattr(signals, "target", None)
        if target is not None:
            known["target"] = str(target)
    _know_repeats(known, facts, policy.settings.repeat_posts)
    if facts.platform:
        known["platform"] = facts.platform
    for name, stated in facts.stated.items():
        if name in FACTS or name in policy.facts:
            known[name] = bool(stated)
    _know_circumstances(known, policy, circumstances)
    day = facts.today or (london_day(circumstances.date) if circumstances.date is not None else None)
    if facts.history is not None and day is not None:
        known |= record_counts(policy, earlier_acts(facts), day)
    return known


def earlier_acts(facts: Facts) -> list[Act]:
    """Return what stands against the author beside what was done about the comment in hand."""
    return [act for act in facts.history or () if not act.about or act.about != facts.about]


def _know_repeats(known: dict[str, Value], facts: Facts, several: int) -> None:
    if facts.repeats is not None:
        # A file may claim any number; CEL counts in 64 bits.
        known["repeats"] = repeats = max(0, min(int(facts.repeats), _LARGEST))
        known["repeat_posts"] = repeats + 1
    posts = [own for own in (known.get("repeat_posts"), facts.campaign_posts) if own is not None]
    if posts:
        known["several_posts"] = max(int(each) for each in posts) >= several
    if facts.repeat_times is not None:
        known["repeat_times"] = max(1, min(int(facts.repeat_times), _LARGEST))
    if facts.identical is not None:
        known["identical"] = bool(facts.identical)
    if facts.same_issue is not None:
        known["same_issue"] = max(0, min(int(facts.same_issue), _LARGEST))


def _know_circumstances(known: dict[str, Value], policy: Policy, circumstances: Circumstances) -> None:
    if circumstances.pre_election is not None:
        known["pre_election"] = bool(circumstances.pre_election)
    for name in ("election_notice", "office_open", "incident"):
        if name in policy.names:
            value = getattr(circumstances, name)
            if value is not None:
                known[name] = bool(value)
    if circumstances.poll_in_days is not None and circumstances.poll_in_days >= 0:
        known["poll_in_days"] = min(int(circumstances.poll_in_days), _LARGEST)
    if circumstances.date is not None and not policy.names.isdisjoint(("date", "weekday", "hour")):
        here = circumstances.date.astimezone(LONDON) if circumstances.date.tzinfo else circumstances.date
        known |= {"date": here.date().isoformat(), "weekday": WEEKDAYS[here.weekday()], "hour": here.hour}
