"""What changed in the ladder: what happens to somebody who breaks the rules again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from moothall.policy.changes import (
    DOING,
    THING,
    WAY,
    Both,
    Change,
    Weight,
    changed,
    excerpt,
    now_and_before,
    per_act,
    term_or,
)
from moothall.policy.changes_of_bans import ban_changes
from moothall.policy.changes_of_rules import Told, letter_sentence, pair_up
from moothall.policy.guide import ban_in_words, rung_in_words, step_in_words
from moothall.policy.model import Rung
from moothall.policy.reasons import ground_in_words, joined

_DONE: Final[Mapping[str, str]] = {
    "hide": "hidden comments",
    "delete": "deleted comments",
    "block": "earlier blocks",
    "warn": "warnings",
}


TOLD_BY: Final[Mapping[str, str]] = {"dm": "direct message", "public_note": "a public note"}
_ACT: Final[Mapping[str, str]] = {
    **{measure: f"a {measure}" for measure in ("hide", "delete", "block", "report")},
    "warn": "the warning",
    "ask_to_take_down": "the request to take it down",
    "notice_of_intent": "the notice of intent",
}


def ladder_changes(both: Both) -> Iterator[Change]:
    """Yield what changed on the ladder: new rungs, those that are gone, every field of the others, and their order."""
    pairs = pair_up(both.old.ladder, both.new.ladder)
    for number, (old, new) in enumerate(pairs, 1):
        if old is not None and new is not None:
            yield from _rung(both, old, new, number)
        elif new is not None:
            yield Change(Weight.AGAIN, "ladder", "new", _new(new), number=number)
        elif old is not None:
            sentence = f"The rung “{old.title}” of the ladder is gone: it no longer leads to {_leads_to(old)}."
            yield Change(Weight.AGAIN, "ladder", "gone", sentence, number=number)
    stood = [old.id for old, new in pairs if old is not None and new is not None]
    if stood != [rung.id for rung in both.old.ladder if rung.id in stood]:
        order = joined([f"“{rung.title}”" for rung in both.new.ladder])
        sentence = f"The rungs of the ladder stand in another order, and the last that holds counts. Now: {order}."
        yield Change(Weight.AGAIN, "ladder", "order", sentence)


def _new(rung: Rung) -> str:
    second = " A second officer must confirm it." if rung.second_person and rung.measure else ""
    told = f" The author is told by {TOLD_BY[rung.notify]}." if rung.notify in TOLD_BY else ""
    letters = "".join(
        f" The letter “{letter}” goes out with {_ACT.get(act, act)}." for act, letter in rung.letters.items()
    )
    return (
        f"New rung of the ladder: “{rung.title}”, {excerpt(rung.public)}. {rung_in_words(rung).capitalize()}: "
        f"{_leads_to(rung)}.{second}{told}{letters}"
    )


def _leads_to(rung: Rung) -> str:
    step = step_in_words(rung.first, None) if rung.first else ""
    then = " and then ".join(part for part in (step, THING.get(rung.measure, "")) if part)
    ban = f"a ban {ban_in_words(rung.ban)}" if rung.ban is not None else ""
    return "; ".join(part for part in (then, ban) if part)


def _rung(both: Both, old: Rung, new: Rung, number: int) -> Iterator[Change]:
    for name in changed(old, new, ("line",)):
        if name == "ban":
            general = (both.old.settings.ban, both.new.settings.ban)
            yield from ban_changes(old.ban, new.ban, *general, under=f"by the rung “{new.title}”", number=number)
            continue
        if name in ("first", "wait") and _follows_the_ban(both, old, new, name):
            continue
        told = _TELL[name](old, new) if name in _TELL else _plainly(name, old, new)
        for weight, sentence in told:
            yield Change(weight, "ladder", "changed", sentence, number=number)


def _follows_the_ban(both: Both, old: Rung, new: Rung, name: str) -> bool:
    """Return whether the rung only took over what changed in the general rule for bans, where it is told."""
    general = (getattr(both.old.settings.ban, name), getattr(both.new.settings.ban, name))
    return old.measure == new.measure == "block" and (getattr(old, name), getattr(new, name)) == general


def _plainly(name: str, old: Rung, new: Rung) -> Told:
    """Tell a field that has no sentence of its own yet."""
    words = name.replace("_", " ")
    yield (
        Weight.OFFICERS,
        f"The rung “{new.title}”: {words} is now {getattr(new, name)} instead of {getattr(old, name)}.",
    )


def _identity(old: Rung, new: Rung) -> Told:
    yield Weight.NAMES, f"The rung “{new.title}” is now filed as “{new.id}” instead of “{old.id}”."


def _title(old: Rung, new: Rung) -> Told:
    yield Weight.PUBLIC, f"The rung “{old.title}” of the ladder is now called “{new.title}”."


def _public(old: Rung, new: Rung) -> Told:
    yield (
        Weight.PUBLIC,
        f"On the rung “{new.title}” the public reads {now_and_before(old.public, new.public)}.",
    )


def _guide(old: Rung, new: Rung) -> Told:
    yield (
        Weight.OFFICERS,
        f"The guide for officers on the rung “{new.title}” says {now_and_before(old.guide, new.guide)}.",
    )


def _strikes(old: Rung, new: Rung) -> Told:
    yield Weight.AGAIN, f"“{new.title}” now holds from strike {new.strikes} on instead of from strike {old.strikes} on."


def _within(old: Rung, new: Rung) -> Told:
    now, before = term_or(new.within, "any time"), term_or(old.within, "any time")
    yield Weight.AGAIN, f"For “{new.title}” strikes within {now} now count, instead of within {before}."


def _grounds(old: Rung, new: Rung) -> Told:
    now, before = (
        f"on {joined([ground_in_words(ground) for ground in each.grounds], 'or')}" if each.grounds else "on any ground"
        for each in (new, old)
    )
    if set(old.grounds) != set(new.grounds):
        yield Weight.AGAIN, f"“{new.title}” now holds for strikes {now} instead of {before}."


def _same_ground(old: Rung, new: Rung) -> Told:
    counts = "now only counts strikes on the same ground" if new.same_ground else "no longer asks for the same ground"
    yield Weight.AGAIN, f"“{new.title}” {counts} as the comment."


def _counts(old: Rung, new: Rung) -> Told:
    added = [_DONE[act] for act in new.counts if act not in old.counts]
    gone = [_DONE[act] for act in old.counts if act not in new.counts]
    if added:
        yield Weight.AGAIN, f"For “{new.title}” {joined(added)} now count as strikes."
    if gone:
        yield Weight.AGAIN, f"For “{new.title}” {joined(gone)} no longer count as strikes."


def _only_if_warned(old: Rung, new: Rung) -> Told:
    holds = "now holds only after a warning" if new.only_if_warned else "no longer needs an earlier warning"
    yield Weight.AGAIN, f"“{new.title}” {holds}."


def _bans(old: Rung, new: Rung) -> Told:
    now, before = ("without any" if not each.bans else f"after {each.bans} or more" for each in (new, old))
    yield Weight.AGAIN, f"Of earlier bans, “{new.title}” now holds {now} instead of {before}."


def _measure(old: Rung, new: Rung) -> Told:
    now, before = (DOING[each.measure] if each.measure else "no measure" for each in (new, old))
    yield Weight.AGAIN, f"“{new.title}” now leads to {now} instead of {before}."


def _first(old: Rung, new: Rung) -> Told:
    now, before = (step_in_words(each.first, None) if each.first else "nothing" for each in (new, old))
    yield Weight.AGAIN, f"On “{new.title}” {now} now comes first, instead of {before}."


def _wait(old: Rung, new: Rung) -> Told:
    now, before = term_or(new.wait, "no time of their own"), term_or(old.wait, "no time of their own")
    yield Weight.AGAIN, f"On “{new.title}” the author now has {now} to answer a notice of intent, instead of {before}."


def _second_person(old: Rung, new: Rung) -> Told:
    act = THING.get(new.measure, "it")
    if new.second_person:
        yield Weight.CONFIRMED, f"A second officer must now confirm {act} by “{new.title}”."
    else:
        yield Weight.CONFIRMED, f"“{new.title}” itself no longer asks for a second officer to confirm {act}."


def _notify(old: Rung, new: Rung) -> Told:
    now, before = (WAY[each.notify] if each.notify else "told as the clause says" for each in (new, old))
    yield Weight.TOLD, f"By “{new.title}” the author is now {now}; before: {before}."


def _letters(old: Rung, new: Rung) -> Told:
    for each in per_act(old.letters, new.letters, letter_sentence(f" by “{new.title}”")):
        yield Weight.TOLD, each


_TELL: Final[Mapping[str, Callable[[Rung, Rung], Told]]] = {
    "id": _identity,
    "title": _title,
    "public": _public,
    "guide": _guide,
    "strikes": _strikes,
    "within": _within,
    "grounds": _grounds,
    "same_ground": _same_ground,
    "counts": _counts,
    "only_if_warned": _only_if_warned,
    "bans": _bans,
    "measure": _measure,
    "first": _first,
    "wait": _wait,
    "second_person": _second_person,
    "notify": _notify,
    "letters": _letters,
}
