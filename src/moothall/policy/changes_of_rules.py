"""What changed in the clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from rapidfuzz import fuzz

from moothall.policy.changes import (
    DOING,
    THING,
    WAY,
    Both,
    Change,
    Weight,
    changed,
    condition_change,
    excerpt,
    now_and_before,
    per_act,
)
from moothall.policy.changes_of_bans import ban_changes
from moothall.policy.model import Clause, Policy, Rung, Section
from moothall.policy.reasons import ground_in_words, joined

#: A clause with another id is taken for the same one renamed when its title is so much like the old one's; less will do
#: where it is of the same kind.
_SAME: Final = 85
_SAME_KIND: Final = 50
#: Where in the file a clause stands follows from the others.
_PLACE: Final = ("number", "line")

Told = Iterator[tuple[Weight, str]]
Paired = TypeVar("Paired", Clause, Rung, Section)


def pair_up(old: Sequence[Paired], new: Sequence[Paired]) -> list[tuple[Paired | None, Paired | None]]:
    """Return what belongs together of two lists of clauses, rungs or sections: by id, else by kind and a similar title.

    In the order of the new list, what is gone at the end.
    """
    left = {each.id: each for each in old}
    partner = {each.id: left.pop(each.id) for each in new if each.id in left}
    candidates = sorted(
        (
            (score, -at, each, other)
            for at, each in enumerate(new)
            if each.id not in partner
            for other in left.values()
            if (score := _likeness(other, each)) > 0
        ),
        key=lambda found: found[:2],
        reverse=True,
    )
    for _, _, each, other in candidates:
        if each.id not in partner and other.id in left:
            partner[each.id] = left.pop(other.id)
    stayed: list[tuple[Paired | None, Paired | None]] = [(partner.get(each.id), each) for each in new]
    return stayed + [(each, None) for each in left.values()]


def _likeness(old: Clause | Rung | Section, new: Clause | Rung | Section) -> float:
    likeness = fuzz.ratio(old.title.lower(), new.title.lower())
    same_kind = getattr(old, "kind", "") == getattr(new, "kind", "x")
    if same_kind and likeness >= _SAME_KIND:
        return 100 + likeness
    return likeness if likeness >= _SAME else 0


def clause_changes(both: Both) -> Iterator[Change]:
    """Yield what changed in the clauses: new ones, those that are gone, every field of the others, and their order."""
    pairs = pair_up(both.old.clauses, both.new.clauses)
    for old, new in pairs:
        if old is not None and new is not None:
            yield from _clause(both, old, new)
        elif new is not None:
            yield _new(both.new, new)
        elif old is not None:
            yield _gone(old)
    stayed = [(old, new) for old, new in pairs if old is not None and new is not None]
    if [old.number for old, _ in stayed] != sorted(old.number for old, _ in stayed):
        order = "; ".join(f"{clause.number}. {clause.title}" for clause in both.new.clauses)
        sentence = f"The rules stand in another order, and of equal recommendations the first leads. Now: {order}."
        yield Change(Weight.ORDER, "rule", "order", sentence)


def _new(policy: Policy, clause: Clause) -> Change:
    acts = [DOING[measure] for measure in clause.measures[1:]]
    parts = [
        f"New rule {clause.number}: “{clause.title}”, {excerpt(policy.filled(clause.public))}",
        f"It applies when: {' '.join(clause.when.source.split())}"
        + (f", only when: {clause.during.source}" if clause.during else "")
        + (f", but not when: {clause.unless.source}" if clause.unless else ""),
    ]
    if acts:
        first = DOING[clause.recommends] if clause.recommends != "ignore" else "nothing"
        grounds = joined([ground_in_words(ground) for ground in clause.grounds], "or")
        parts.append(f"It allows {joined(acts)} for {grounds}; {first} is recommended")
        second = [
            THING[act] for act in clause.measures if act in {*clause.second_person, *policy.settings.second_person}
        ]
        if second:
            parts.append(f"A second officer must confirm {joined(second, 'or')}")
    else:
        parts.append("It allows nothing to be taken down")
    return Change(Weight.COMES_DOWN, "rule", "new", ". ".join(parts) + ".", clause.id, clause.number)


def _gone(clause: Clause) -> Change:
    done = {"hide": "hidden", "delete": "deleted", "block": "blocked", "report": "reported"}
    acts = [done[measure] for measure in clause.measures[1:]]
    sentence = f"The rule “{clause.title}” is gone"
    sentence += f": nothing can be {joined(acts, 'or')} under it any more." if acts else "."
    return Change(Weight.COMES_DOWN, "rule", "gone", sentence, clause.id, clause.number)


def _clause(both: Both, old: Clause, new: Clause) -> Iterator[Change]:
    for name in changed(old, new, _PLACE):
        if name == "ban":
            yield from ban_changes(
                old.ban,
                new.ban,
                both.old.settings.ban,
                both.new.settings.ban,
                under=f"under “{new.title}”",
                clause=new.id,
                number=new.number,
            )
            continue
        told = _TELL[name](both, old, new) if name in _TELL else _plainly(name, old, new)
        for weight, sentence in told:
            area = "second_person" if weight is Weight.CONFIRMED else "telling" if weight is Weight.TOLD else "rule"
            yield Change(weight, area, "changed", sentence, new.id, new.number)


def _plainly(name: str, old: Clause, new: Clause) -> Told:
    """Tell a field that has no sentence of its own yet."""
    words = name.replace("_", " ")
    yield Weight.OFFICERS, f"“{new.title}”: {words} is now {getattr(new, name)} instead of {getattr(old, name)}."


def _identity(both: Both, old: Clause, new: Clause) -> Told:
    yield (
        Weight.NAMES,
        f"“{new.title}” is now filed as “{new.id}” instead of “{old.id}”: links and decisions that name it by the old "
        "name no longer lead to it.",
    )


def _kind(both: Both, old: Clause, new: Clause) -> Told:
    yield Weight.NAMES, f"“{new.title}” now counts as the sort of rule “{new.kind}” instead of “{old.kind}”."


def _title(both: Both, old: Clause, new: Clause) -> Told:
    yield Weight.PUBLIC, f"The rule “{old.title}” is now called “{new.title}”."


def _public(both: Both, old: Clause, new: Clause) -> Told:
    yield Weight.PUBLIC, f"Under “{new.title}” the public reads {now_and_before(old.public, new.public)}."


def _guide(both: Both, old: Clause, new: Clause) -> Told:
    yield Weight.OFFICERS, f"The guide for officers on “{new.title}” says {now_and_before(old.guide, new.guide)}."


def _when(both: Both, old: Clause, new: Clause) -> Told:
    yield Weight.COMES_DOWN, f"“{new.title}” now applies when: {condition_change(old.when, new.when, both)}."


def _during(both: Both, old: Clause, new: Clause) -> Told:
    what = condition_change(old.during, new.during, both)
    yield Weight.COMES_DOWN, f"The day and place on which “{new.title}” applies: {what}."


def _unless(both: Both, old: Clause, new: Clause) -> Told:
    if new.unless is None and old.unless is not None:
        yield (
            Weight.COMES_DOWN,
            f"“{new.title}” has no exception any more; before, it did not apply when: {old.unless.source}.",
        )
    elif old.unless is None and new.unless is not None:
        yield Weight.COMES_DOWN, f"“{new.title}” now has an exception; it does not apply when: {new.unless.source}."
    else:
        what = condition_change(old.unless, new.unless, both)
        yield Weight.COMES_DOWN, f"The exception to “{new.title}” is now: {what}."


def _grounds(both: Both, old: Clause, new: Clause) -> Told:
    added = [ground_in_words(ground) for ground in new.grounds if ground not in old.grounds]
    gone = [ground_in_words(ground) for ground in old.grounds if ground not in new.grounds]
    if added:
        yield Weight.COMES_DOWN, f"“{new.title}” now also covers {joined(added)}."
    if gone:
        yield Weight.COMES_DOWN, f"“{new.title}” no longer covers {joined(gone, 'or')}."


def _measures(both: Both, old: Clause, new: Clause) -> Told:
    added = [DOING[measure] for measure in new.measures if measure not in old.measures]
    gone = [DOING[measure] for measure in old.measures if measure not in new.measures]
    if added:
        yield Weight.COMES_DOWN, f"“{new.title}” now allows {joined(added)}."
    if gone:
        yield Weight.COMES_DOWN, f"“{new.title}” no longer allows {joined(gone, 'or')}."


def _recommends(both: Both, old: Clause, new: Clause) -> Told:
    now, before = (DOING[each.recommends] if each.recommends != "ignore" else "nothing" for each in (new, old))
    left = ": an officer chooses" if new.recommends == "ignore" else ""
    yield Weight.RECOMMENDED, f"Under “{new.title}” {now} is now recommended instead of {before}{left}."


def _recommend_when(both: Both, old: Clause, new: Clause) -> Told:
    what = condition_change(old.recommend_when, new.recommend_when, both)
    yield Weight.RECOMMENDED, f"What “{new.title}” recommends is now recommended when: {what}."


def _proves(both: Both, old: Clause, new: Clause) -> Told:
    if new.proves:
        ground = ground_in_words(new.proves)
        yield (
            Weight.COMES_DOWN,
            f"“{new.title}” now takes {ground} as shown when its condition holds, whatever a detector says.",
        )
    if old.proves:
        ground = ground_in_words(old.proves)
        yield Weight.COMES_DOWN, f"“{new.title}” no longer takes {ground} as shown by its condition alone."


def _needs(both: Both, old: Clause, new: Clause) -> Told:
    for measure in dict.fromkeys([*new.needs, *old.needs]):
        was, now = old.needs.get(measure), new.needs.get(measure)
        if was is not None and now is not None and was.source.split() == now.source.split():
            continue
        doing = DOING[measure].capitalize()
        if now is None:
            before = was.source if was else ""
            yield Weight.COMES_DOWN, f"{doing} under “{new.title}” needs nothing more any longer (before: {before})."
        else:
            before = condition_change(was, now, both) if was is not None else now.source
            yield Weight.COMES_DOWN, f"{doing} under “{new.title}” is now allowed only when this is known: {before}."


def _second_person(both: Both, old: Clause, new: Clause) -> Told:
    everywhere = both.new.settings.second_person
    added = [measure for measure in new.second_person if measure not in old.second_person]
    gone = [measure for measure in old.second_person if measure not in new.second_person]
    if added:
        already = (
            " (the rule for all clauses asked for it already)"
            if set(added) <= set(both.old.settings.second_person)
            else ""
        )
        acts = joined([THING[act] for act in added])
        yield Weight.CONFIRMED, f"A second officer must now confirm {acts} under “{new.title}”{already}."
    for still in (False, True):
        acts = joined([THING[act] for act in gone if (act in everywhere) is still])
        if acts and still:
            sentence = (
                f"“{new.title}” itself no longer asks for a second officer for {acts}; the rule for all clauses does."
            )
            yield Weight.CONFIRMED, sentence
        elif acts:
            yield Weight.CONFIRMED, f"One officer is now enough for {acts} under “{new.title}”."


def _reason(both: Both, old: Clause, new: Clause) -> Told:
    needed = "now needs" if new.reason_required else "no longer needs"
    yield Weight.CONFIRMED, f"A decision under “{new.title}” {needed} a written reason."


def _notify(both: Both, old: Clause, new: Clause) -> Told:
    def way(word: str) -> str:
        return WAY[word] if word else "told as the rule for all clauses says"

    def sentence(acts: str, before: str, now: str) -> str:
        return f"With {acts} under “{new.title}” the author is now {way(now)}; before: {way(before)}."

    for each in per_act(old.notify, new.notify, sentence):
        yield Weight.TOLD, each


def _letters(both: Both, old: Clause, new: Clause) -> Told:
    for each in per_act(old.letters, new.letters, letter_sentence(f" under “{new.title}”")):
        yield Weight.TOLD, each


def letter_sentence(under: str) -> Callable[[str, str, str], str]:
    """Return the sentence on a letter that changed with some acts; ``under``: where, with a blank before it."""

    def sentence(acts: str, before: str, now: str) -> str:
        if not now:
            return f"With {acts}{under} the letter “{before}” no longer goes out."
        instead = f" instead of “{before}”" if before else ""
        return f"With {acts}{under} the letter “{now}” now goes out{instead}."

    return sentence


def _lane(both: Both, old: Clause, new: Clause) -> Told:
    if new.lane:
        yield Weight.OFFICERS, f"Comments under “{new.title}” now go to the {new.lane} lane."
    else:
        yield Weight.OFFICERS, f"Comments under “{new.title}” no longer go to the {old.lane} lane."


def _answered(both: Both, old: Clause, new: Clause) -> Told:
    how = "may now be answered" if new.answered else "now get no answer, at most a pointer"
    yield Weight.REPLIES, f"Comments under “{new.title}” {how}."


def _reply(both: Both, old: Clause, new: Clause) -> Told:
    now, before = (f"the reply “{each.reply}”" if each.reply else "the reply of their route" for each in (new, old))
    yield Weight.REPLIES, f"Comments under “{new.title}” now get {now} instead of {before}."


def _first(both: Both, old: Clause, new: Clause) -> Told:
    def follows_the_ban(act: str) -> bool:
        # Told once for all, with the general rule for bans.
        general = (both.old.settings.ban.first, both.new.settings.ban.first)
        return act == "block" and (old.first.get(act, ""), new.first.get(act, "")) == general

    def sentence(acts: str, before: str, now: str) -> str:
        if not now:
            return f"Before {acts} under “{new.title}” there is no longer {THING[before]}."
        instead = f" instead of {THING[before]}" if before else ""
        return f"Before {acts} under “{new.title}” there now has to be {THING[now]}{instead}."

    for each in per_act(old.first, new.first, sentence, follows_the_ban):
        yield Weight.AGAIN, each


def _first_within(both: Both, old: Clause, new: Clause) -> Told:
    now, before = (f"for {each.first_within.in_words()}" if each.first_within else "for good" for each in (new, old))
    yield Weight.AGAIN, f"A step taken before a measure under “{new.title}” now counts {now} instead of {before}."


def _wait(both: Both, old: Clause, new: Clause) -> Told:
    # That the whole file changes it is said once, with the bans.
    if (old.wait, new.wait) != (both.old.settings.ban.wait, both.new.settings.ban.wait):
        now, before = (each.wait.in_words() if each.wait else "no time" for each in (new, old))
        yield (
            Weight.AGAIN,
            f"After a notice of intent under “{new.title}” there is now {now} to answer instead of {before}.",
        )


def _meanwhile(both: Both, old: Clause, new: Clause) -> Told:
    now, before = DOING[new.meanwhile], DOING[old.meanwhile]
    yield Weight.RECOMMENDED, f"Until that step has been taken, “{new.title}” now recommends {now} instead of {before}."


def _strike(both: Both, old: Clause, new: Clause) -> Told:
    counts = "now counts as a strike" if new.strike else "no longer counts as a strike"
    yield Weight.AGAIN, f"What is done under “{new.title}” {counts}."


def _raises(both: Both, old: Clause, new: Clause) -> Told:
    can = "can now raise" if new.raises else "no longer raise"
    yield Weight.AGAIN, f"Earlier breaches {can} what is recommended under “{new.title}”."


_TELL: Final[Mapping[str, Callable[[Both, Clause, Clause], Told]]] = {
    "id": _identity,
    "kind": _kind,
    "title": _title,
    "public": _public,
    "guide": _guide,
    "when": _when,
    "during": _during,
    "unless": _unless,
    "grounds": _grounds,
    "measures": _measures,
    "recommends": _recommends,
    "recommend_when": _recommend_when,
    "proves": _proves,
    "needs": _needs,
    "second_person": _second_person,
    "reason_required": _reason,
    "notify": _notify,
    "letters": _letters,
    "lane": _lane,
    "answered": _answered,
    "reply": _reply,
    "first": _first,
    "first_within": _first_within,
    "wait": _wait,
    "meanwhile": _meanwhile,
    "strike": _strike,
    "raises": _raises,
}
