"""What changed in the settings: thresholds, bans, the period, the promise of a reply, hours, who confirms, who is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from moothall.policy.calendar import OfficeHours
from moothall.policy.changes import THING, WAY, Both, Change, Weight, changed, per_act
from moothall.policy.changes_of_bans import ban_changes
from moothall.policy.guide import ELECTION_IN_WORDS, period_in_words
from moothall.policy.hours import clock_in_words, hours_in_words
from moothall.policy.model import Settings
from moothall.policy.reasons import ground_in_words, joined
from moothall.policy.vocabulary import WEEKDAYS

Told = Iterator[tuple[Weight, str, str]]


def settings_changes(both: Both) -> Iterator[Change]:
    """Yield what changed in the settings, every field of them."""
    old, new = both.old.settings, both.new.settings
    for name in changed(old, new):
        if name == "ban":
            yield from ban_changes(old.ban, new.ban)
            continue
        told = _TELL[name](old, new) if name in _TELL else _plainly(name, old, new)
        for weight, area, sentence in told:
            yield Change(weight, area, "changed", sentence)


def _plainly(name: str, old: Settings, new: Settings) -> Told:
    """Tell a field that has no sentence of its own yet."""
    words = name.replace("_", " ")
    yield (
        Weight.OFFICERS,
        "settings",
        f"The setting “{words}” is now {getattr(new, name)} instead of {getattr(old, name)}.",
    )


def _thresholds(old: Settings, new: Settings) -> Told:
    names = dict.fromkeys([*new.thresholds, *old.thresholds])
    for part, weight, words in (
        ("engage", Weight.COMES_DOWN, "now counts as found from a probability of"),
        ("recommend", Weight.RECOMMENDED, "may now lead to a recommendation from a probability of"),
    ):
        moved: dict[tuple[float | None, float | None], list[str]] = {}
        for name in names:
            pair = (getattr(old.thresholds.get(name), part, None), getattr(new.thresholds.get(name), part, None))
            if pair[0] != pair[1]:
                moved.setdefault(pair, []).append(name)
        for (before, now), grounds in moved.items():
            if len(grounds) == len(names):
                subject = "Every ground"
            else:
                subject = "Each of these: " + joined([ground_in_words(ground) for ground in grounds]) + ","
                subject = _capital(ground_in_words(grounds[0])) if len(grounds) == 1 else subject
            yield weight, "threshold", f"{subject} {words} {_number(now)} on instead of {_number(before)}."


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _period(old: Settings, new: Settings) -> Told:
    before = f"; before: {period_in_words(old.period)}"
    sentence = f"The pre-election period now begins and ends thus: {period_in_words(new.period)}{before}."
    names = list(changed(old.period, new.period))
    now_opens = [ELECTION_IN_WORDS[kind] for kind in new.period.elections if kind not in old.period.elections]
    no_longer = [ELECTION_IN_WORDS[kind] for kind in old.period.elections if kind not in new.period.elections]
    if now_opens:
        yield Weight.PERIOD, "period", f"The pre-election period is now also opened by {joined(now_opens)}."
    if no_longer:
        yield (
            Weight.PERIOD,
            "period",
            f"The pre-election period is no longer opened by {joined(no_longer, 'or')}.",
        )
    if names == ["weeks"] and "weeks" in period_in_words(new.period):
        weeks = f"{new.period.weeks} weeks before polling day instead of {old.period.weeks}"
        yield Weight.PERIOD, "period", f"The pre-election period now begins {weeks}."
    elif names == ["weeks"]:
        unused = "it begins with the notice of election, so that this changes nothing for now"
        yield (
            Weight.PERIOD,
            "period",
            f"The period is set to {new.period.weeks} weeks instead of {old.period.weeks}; {unused}.",
        )
    elif names != ["elections"]:
        yield Weight.PERIOD, "period", sentence


def _reply(old: Settings, new: Settings) -> Told:
    def promise(days: int | None) -> str:
        return "with no promise of when" if days is None else f"within {days} working day{'s' if days > 1 else ''}"

    now, before = promise(new.reply_working_days), promise(old.reply_working_days)
    yield Weight.REPLIES, "reply", f"Comments are now replied to {now} instead of {before}."


def _hours(old: Settings, new: Settings) -> Told:
    was, now = old.hours, new.hours
    if now is None or was is None:
        told = (
            f"The office hours are now published: {hours_in_words(now)}."
            if now
            else "No office hours are published any more."
        )
        yield Weight.REPLIES, "reply", told
        return
    for number, day in enumerate(WEEKDAYS):
        if was.days.get(number) != now.days.get(number):
            sentence = f"On {day.capitalize()} the office is now {_open(now, number)} instead of {_open(was, number)}."
            yield Weight.REPLIES, "reply", sentence
    if was.bank_holidays != now.bank_holidays:
        state = "open" if now.bank_holidays else "closed"
        yield Weight.REPLIES, "reply", f"On bank holidays the office is now {state}."
    if was.closed != now.closed:
        days = joined([day.isoformat() for day in sorted(now.closed)]) or "none"
        yield Weight.REPLIES, "reply", f"Further days on which the office is closed are now: {days}."


def _open(hours: OfficeHours, number: int) -> str:
    if number not in hours.days:
        return "closed"
    opens, closes = hours.days[number]
    return f"open from {clock_in_words(opens)} to {clock_in_words(closes)}"


def _second_person(old: Settings, new: Settings) -> Told:
    added = [THING[measure] for measure in new.second_person if measure not in old.second_person]
    gone = [THING[measure] for measure in old.second_person if measure not in new.second_person]
    if added:
        yield (
            Weight.CONFIRMED,
            "second_person",
            f"A second officer must now confirm {joined(added, 'or')} under whatever rule.",
        )
    if gone:
        sentence = f"One officer is now enough for {joined(gone, 'or')}, unless the rule itself asks for a second."
        yield Weight.CONFIRMED, "second_person", sentence


def _notify(old: Settings, new: Settings) -> Told:
    def sentence(acts: str, before: str, now: str) -> str:
        way = WAY[now] if now else "told only where the rule says so"
        was = WAY[before] if before else "told only where the rule says so"
        return f"Where a rule does not say otherwise, with {acts} the author is now {way}; before: {was}."

    for each in per_act(old.notify, new.notify, sentence):
        yield Weight.TOLD, "telling", each


def _going_live(old: Settings, new: Settings) -> Told:
    needs = "A second manager must now approve" if new.going_live_second_person else "One manager can now decide"
    yield Weight.CONFIRMED, "second_person", f"{needs} that a new version of these rules comes into force."


def _repeats(old: Settings, new: Settings) -> Told:
    yield (
        Weight.COMES_DOWN,
        "settings",
        f"A repeated text now counts when it is at most {new.repeat_days} days old, instead of {old.repeat_days}.",
    )


def _several(old: Settings, new: Settings) -> Told:
    yield (
        Weight.COMES_DOWN,
        "settings",
        f"A repeated text now stands on several posts from {new.repeat_posts} posts on, instead of {old.repeat_posts}.",
    )


_TELL: Final[Mapping[str, Callable[[Settings, Settings], Told]]] = {
    "thresholds": _thresholds,
    "period": _period,
    "reply_working_days": _reply,
    "hours": _hours,
    "second_person": _second_person,
    "notify": _notify,
    "going_live_second_person": _going_live,
    "repeat_days": _repeats,
    "repeat_posts": _several,
}
