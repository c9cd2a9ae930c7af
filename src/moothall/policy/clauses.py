"""One clause of the file, held to the rules that no file can lift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from moothall.policy.condition import Condition, check_condition
from moothall.policy.document import Listing, Scalar, Table
from moothall.policy.fields import Fields
from moothall.policy.model import Clause
from moothall.policy.vocabulary import CIRCUMSTANCES, CITABLE_GROUNDS, REMOVALS, Name, nearest
from moothall.words import GROUNDS, JUDGED_INAPPROPRIATE, MEASURES, in_order_of_force

NOTIFY: Final = ("none", "dm", "public_note")


def read_clause(
    fields: Fields,
    id: str,
    number: int,
    vocabulary: Mapping[str, Name],
    letters: Mapping[str, str],
    text: str,
) -> Clause | None:
    """Return the clause, or None where it cannot be built; every fault is noted."""
    faults = fields.faults
    before = len(faults)
    what = fields.what = f"the clause “{id}”" if id else "a clause"
    public = fields.text("public", required=False)
    empty = fields.table.entries.get("public")
    if not public and (isinstance(empty[1], Scalar) if empty else not fields.given("public")):
        place = fields.place("public")
        message = f"{what.capitalize()} has no sentence for the public: nothing is done under a rule nobody can read."
        faults.note(place, "no_public_sentence", message, "Write the rule under “public”.")
    grounds = _grounds(fields)
    measures = fields.choices("measures", MEASURES, "unknown_measure", "measure")
    removals = [measure for measure in measures if measure != "ignore"]
    if removals and not fields.names("grounds"):
        message = f"{what.capitalize()} allows {', '.join(removals)} without a ground."
        faults.note(
            fields.place("measures"),
            "removal_without_ground",
            message,
            f"Grounds: {', '.join(CITABLE_GROUNDS)}.",
        )
    allowed = tuple(in_order_of_force(["ignore", *measures]))
    when = _condition(fields, "when", vocabulary, text, required=True)
    unless = _condition(fields, "unless", vocabulary, text)
    day_and_place = {name: vocabulary[name] for name in CIRCUMSTANCES}
    during = _condition(fields, "during", day_and_place, text)
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
        second_person=_second_person(fields, allowed),
        reason_required=fields.flag("reason_required") or JUDGED_INAPPROPRIATE in grounds,
        notify=fields.choice("notify", NOTIFY, "unknown_value", "way to tell people", "none"),
        letters=_letters(fields, allowed, letters),
        lane=fields.choice("lane", ("legal",), "unknown_value", "lane", ""),
        answered=fields.flag("answered", True),
        line=fields.table.place.line,
    )
    return clause if len(faults) == before else None


def _grounds(fields: Fields) -> tuple[str, ...]:
    grounds: list[str] = []
    for place, word in fields.names("grounds"):
        if word == "criticism":
            message = "Criticism of the council, however harsh, is never a ground."
            fields.faults.note(place, "criticism", message)
        elif word not in CITABLE_GROUNDS:
            fields.faults.unknown(place, "unknown_ground", "ground", word, CITABLE_GROUNDS)
        elif word not in grounds:
            grounds.append(word)
    return tuple(ground for ground in CITABLE_GROUNDS if ground in grounds)


def _condition(
    fields: Fields, key: str, vocabulary: Mapping[str, Name], text: str, *, required: bool = False
) -> Condition | None:
    node = fields.scalar(key, required=required)
    return None if node is None else check_condition(node, vocabulary, text, fields.faults)


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


def _proves(fields: Fields, grounds: tuple[str, ...]) -> str | None:
    ground = fields.choice("proves", CITABLE_GROUNDS, "unknown_ground", "ground")
    if ground and ground not in grounds:
        message = f"“{ground}” is not among the grounds of this clause."
        fields.faults.note(fields.place("proves"), "proves_other_ground", message)
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


def _second_person(fields: Fields, allowed: tuple[str, ...]) -> tuple[str, ...]:
    removals = tuple(measure for measure in allowed if measure != "ignore")
    node = fields.table.entries.get("second_person")
    if node is not None and isinstance(node[1], Listing):
        return fields.choices("second_person", removals, "unknown_measure", "measure of this clause")
    return removals if fields.flag("second_person") else ()


def _letters(fields: Fields, allowed: tuple[str, ...], letters: Mapping[str, str]) -> dict[str, str]:
    node = fields.table.entries.get("letter")
    if node is not None and isinstance(node[1], Table):
        chosen = {}
        inner = Fields(node[1], "the letters of a clause", fields.faults)
        fields.take("letter")
        for measure in REMOVALS:
            if measure in allowed:
                letter = inner.choice(measure, letters, "unknown_letter", "letter")
                if letter:
                    chosen[measure] = letter
        inner.close()
        return chosen
    letter = fields.choice("letter", letters, "unknown_letter", "letter")
    return {measure: letter for measure in allowed if measure != "ignore"} if letter else {}
