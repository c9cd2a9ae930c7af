"""One clause of the file, held to the rules that no file can lift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moothall.policy.condition import Condition, check_condition
from moothall.policy.document import Listing, Scalar
from moothall.policy.fields import Fields
from moothall.policy.model import BanRule, Clause
from moothall.policy.reach import check_reach
from moothall.policy.settings import read_ban
from moothall.policy.vocabulary import (
    CIRCUMSTANCES,
    CITABLE_GROUNDS,
    NOTIFY,
    REPLIES,
    STEPS,
    Name,
    may_be_a_ground,
    nearest,
)
from moothall.words import GROUNDS, JUDGED_INAPPROPRIATE, MEASURES, POLITICS, in_order_of_force


def read_clause(
    fields: Fields,
    id: str,
    number: int,
    vocabulary: Mapping[str, Name],
    letters: Mapping[str, str],
    ban: BanRule,
    text: str,
) -> Clause | None:
    """Return the clause, or None where it cannot be built; every fault is noted."""
    faults = fields.faults
    before = len(faults)
    what = fields.what = f"the clause “{id}”" if id else "a clause"
    public = read_public(fields, what)
    grounds = read_grounds(fields, vocabulary)
    measures = fields.choices("measures", MEASURES, "unknown_measure", "measure")
    removals = [measure for measure in measures if measure != "ignore"]
    if removals and not fields.names("grounds"):
        message = f"{what.capitalize()} allows {', '.join(removals)} without a ground."
        hint = f"Grounds: {', '.join(CITABLE_GROUNDS)}."
        faults.note(fields.place("measures"), "removal_without_ground", message, hint)
    politics = bool(grounds) and set(grounds) <= set(POLITICS)
    if politics and "block" in removals:
        message = "Nobody is blocked for party politics: a removal for politics never counts towards a ban."
        faults.note(fields.place("measures"), "politics_never_bans", message, "Take “block” out of the measures.")
    allowed = tuple(in_order_of_force(["ignore", *measures]))
    acts = [measure for measure in allowed if measure != "ignore"]
    when = _condition(fields, "when", vocabulary, text, required=True)
    unless = _condition(fields, "unless", vocabulary, text, spares=True)
    day_and_place = {name: vocabulary[name] for name in CIRCUMSTANCES}
    during = _condition(fields, "during", day_and_place, text)
    inner = fields.inner("ban", "the ban of a clause")
    own_ban = read_ban(inner, ban) if inner is not None else None
    rule = own_ban or ban
    first = fields.per("first", acts, ["block"], [*STEPS, "none"], "unknown_step", "step")
    if rule.first and "block" in allowed:
        first.setdefault("block", rule.first)
    clause = Clause(
        id=id,
        number=number,
        kind=fields.text("kind", default=id),
        title=fields.text("title", required=True),
        public=public,
        guide=fields.text("guide"),
        # Stands in for a condition that could not be read; such a file is refused in the end.
        when=when or Condition("false"),
        grounds=grounds,
        measures=allowed,
        recommends=_recommended(fields, allowed),
        recommend_when=_condition(fields, "recommend_when", vocabulary, text),
        unless=unless,
        during=during,
        proves=_proves(fields, grounds),
        needs=_needs(fields, allowed, vocabulary, text),
        second_person=read_second_person(fields, acts),
        reason_required=fields.flag("reason_required") or JUDGED_INAPPROPRIATE in grounds,
        notify=fields.per("notify", [*acts, *STEPS], acts, NOTIFY, "unknown_value", "way to tell people"),
        letters=read_letters(fields, acts, letters),
        lane=fields.choice("lane", ("legal",), "unknown_value", "lane", ""),
        answered=fields.flag("answered", True),
        reply=fields.choice("reply", REPLIES, "unknown_reply", "reply"),
        first={measure: step for measure, step in first.items() if step != "none"},
        first_within=fields.term("first_within"),
        wait=rule.wait,
        meanwhile=_meanwhile(fields, allowed),
        strike=fields.flag("strike", True) and not politics,
        raises=fields.text("recommends") != "ignore",
        ban=own_ban,
        line=fields.table.place.line,
    )
    if len(faults) == before:
        check_reach(clause, vocabulary, fields.place("when"), faults)
    return clause if len(faults) == before else None


def read_public(fields: Fields, what: str) -> str:
    """Return the sentence the public reads; that there is none is noted."""
    public = fields.text("public")
    empty = fields.table.entries.get("public")
    if public and not any(character.isalnum() for character in public):
        # What cannot be seen cannot be read.
        public = ""
    if not public and (isinstance(empty[1], Scalar) if empty else not fields.given("public")):
        message = f"{what.capitalize()} has no sentence for the public: nothing is done under a rule nobody can read."
        fields.faults.note(fields.place("public"), "no_public_sentence", message, "Write the rule under “public”.")
    return public


def read_grounds(fields: Fields, vocabulary: Mapping[str, Name]) -> tuple[str, ...]:
    """Return the grounds under ``grounds``: labels, and facts that an officer states; what can be none is noted."""
    own = [name for name, known in vocabulary.items() if known.group == "fact" and name not in CITABLE_GROUNDS]
    citable = [*CITABLE_GROUNDS, *(name for name in own if may_be_a_ground(name))]
    grounds: list[str] = []
    for place, word in fields.names("grounds"):
        if not may_be_a_ground(word):
            fields.faults.note(place, "criticism" if "critic" in word else "no_ground", _no_ground(word))
        elif word not in citable:
            fields.faults.unknown(place, "unknown_ground", "ground", word, citable)
        elif word not in grounds:
            grounds.append(word)
    return tuple(ground for ground in citable if ground in grounds)


def _no_ground(word: str) -> str:
    if "critic" in word:
        return "Criticism of the council, however harsh, is never a ground."
    return f"“{word[:60]}” can never be a ground: it is no reason to act against what somebody wrote."


def _condition(
    fields: Fields,
    key: str,
    vocabulary: Mapping[str, Name],
    text: str,
    *,
    required: bool = False,
    spares: bool = False,
) -> Condition | None:
    node = fields.scalar(key, required=required)
    return None if node is None else check_condition(node, vocabulary, text, fields.faults, spares=spares)


def _recommended(fields: Fields, allowed: tuple[str, ...]) -> str:
    least = allowed[1] if len(allowed) > 1 else "ignore"
    # Taking part in a ban or a report is never a default: a clause that wants it says so.
    if least in ("block", "report"):
        least = "ignore"
    chosen = fields.choice("recommends", MEASURES, "unknown_measure", "measure", least)
    if chosen not in allowed:
        message = f"“{chosen}” is recommended but not among the measures of this clause."
        fields.faults.note(
            fields.place("recommends"), "recommends_not_allowed", message, f"Allowed: {', '.join(allowed)}."
        )
    return chosen


def _meanwhile(fields: Fields, allowed: tuple[str, ...]) -> str:
    chosen = fields.choice("meanwhile", MEASURES, "unknown_measure", "measure", "ignore")
    if chosen not in allowed:
        message = f"“{chosen}” is recommended meanwhile but not among the measures of this clause."
        fields.faults.note(
            fields.place("meanwhile"), "recommends_not_allowed", message, f"Allowed: {', '.join(allowed)}."
        )
    return chosen


def _proves(fields: Fields, grounds: tuple[str, ...]) -> str | None:
    ground = fields.text("proves")
    if ground and ground not in grounds:
        message = f"“{ground[:60]}” is not among the grounds of this clause."
        fields.faults.note(
            fields.place("proves"), "proves_other_ground", message, nearest(ground, grounds) if grounds else ""
        )
    return ground or None


def _needs(fields: Fields, allowed: tuple[str, ...], vocabulary: Mapping[str, Name], text: str) -> dict[str, Condition]:
    needs: dict[str, Condition] = {}
    # A detector's finding is in the clause already; what a measure needs beside it is for an officer or the day to say.
    stateable = {name: kind for name, kind in vocabulary.items() if name not in GROUNDS and name != "criticism"}
    for measure, place, node in fields.keyed("needs", "what a measure needs"):
        if measure not in allowed or measure == "ignore":
            hint = nearest(measure, [each for each in allowed if each != "ignore"])
            fields.faults.note(place, "unknown_measure", f"“{measure[:60]}” is not a measure of this clause.", hint)
        elif not isinstance(node, Scalar):
            fields.wrong(node, "a condition")
        else:
            condition = check_condition(node, stateable, text, fields.faults)
            if condition is not None:
                needs[measure] = condition
    return needs


def read_second_person(fields: Fields, removals: Sequence[str]) -> tuple[str, ...]:
    """Return the measures a second officer confirms: ``true`` for all of ``removals``, or a list of some of them."""
    node = fields.table.entries.get("second_person")
    if node is not None and isinstance(node[1], Listing):
        return fields.choices("second_person", removals, "unknown_measure", "measure here")
    return tuple(removals) if fields.flag("second_person") else ()


def read_letters(fields: Fields, removals: Sequence[str], letters: Mapping[str, str]) -> dict[str, str]:
    """Return measure or step to the letter that goes with it; a single letter goes with all of ``removals``."""
    return fields.per("letter", [*removals, *STEPS], list(removals), letters, "unknown_letter", "letter")
