"""Conditions in CEL: checked when the policy is loaded, then evaluated with three outcomes.

Three-valued logic comes from CEL itself. A variable that is left out makes its part of the expression an error, and
CEL's ``&&`` and ``||`` absorb an error when the other side decides (``false && x`` is false, ``true || x`` is true,
in either order). That is Kleene's strong logic with "error" read as "unknown", so an unknown signal is simply not
given and never has to be guessed.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import cel

from moothall.policy.document import FaultList, Place, Scalar
from moothall.policy.vocabulary import Name, nearest

LONGEST: Final = 1000
#: A condition is tried with every combination of values when it is loaded; this many are enough for fourteen flags.
MOST_COMBINATIONS: Final = 16_384
_COMPREHENSION: Final = re.compile(r"\b(all|exists|exists_one|map|filter|has)\s*\(")
_FIELD: Final = re.compile(r"\.\s*[A-Za-z_]")
_LITERAL: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
#: A number as CEL reads it; of all its forms only plain whole numbers are taken, so that every value can be tried.
_NUMBER: Final = re.compile(r"(?<![\w.])\.?\d[\w.]*")
_PLAIN_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_SYNTAX: Final = re.compile(r"<input>:(\d+):(\d+): ([^\n]*)")
_OPERATORS: Final = frozenset(
    ("_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_in_", "_?_:_", "-_")
)

_OPERATORS_HINT: Final = "Use && (and), || (or), ! (not), ==, !=, <, <=, >, >=, in."

Value = bool | int | str


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked CEL expression over the policy's vocabulary."""

    source: str
    names: tuple[str, ...] = field(init=False, compare=False)
    #: What was worked out before, by the values of the names: a condition is a pure function of them.
    seen: dict[tuple[Value | None, ...], Any] = field(init=False, compare=False, repr=False)
    _program: cel.Program = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        program = cel.compile(self.source)
        object.__setattr__(self, "_program", program)
        object.__setattr__(self, "names", tuple(program.variables()))
        object.__setattr__(self, "seen", {})

    def __reduce__(self) -> tuple[type[Condition], tuple[str]]:
        # A compiled program cannot be pickled; worker processes compile it again.
        return Condition, (self.source,)

    def outcome(self, context: cel.Context) -> bool | None:
        """Return True, False, or None for unknown. Never raises: what cannot be worked out is unknown."""
        try:
            result = self._program.execute(context)
        except (RuntimeError, TypeError, ValueError):
            return None
        return result if isinstance(result, bool) else None

    def values(self, known: Mapping[str, Value]) -> tuple[Value | None, ...]:
        """Return the values that the outcome depends on, None for what is not known."""
        return tuple(map(known.get, self.names))

    def because(self, known: Mapping[str, Value], outcome: bool | None) -> str:
        """Return what the outcome rests on: the values used, or for an unknown outcome the names not known."""
        if outcome is None:
            missing = [name for name in self.names if name not in known]
            return "unknown: " + (", ".join(missing) if missing else "the condition cannot be worked out")
        return "; ".join([f"{name} is {in_words(known.get(name))}" for name in self.names]) or "always so"


def in_words(value: Value | None) -> str:
    """Return a value as it stands in the trace: true, false, unknown, a number or a word."""
    if value is None:
        return "unknown"
    if value is True:
        return "true"
    return "false" if value is False else str(value)


def check_condition(
    node: Scalar, vocabulary: Mapping[str, Name], text: str, faults: FaultList, *, spares: bool = False
) -> Condition | None:
    """Return the compiled condition, or None with every fault noted.

    ``text`` is the whole file, for columns. ``spares``: it is an exception, which lifts a clause when it is true.
    """
    source = node.value
    if not source.strip():
        faults.note(node.place, "condition_empty", "The condition is empty.", "Write for example: abuse")
        return None
    if len(source) > LONGEST:
        faults.note(node.place, "condition_too_long", f"The condition is longer than {LONGEST} characters.")
        return None
    bare = _LITERAL.sub(lambda match: " " * len(match.group()), source)
    found = _COMPREHENSION.search(bare)
    if found:
        faults.note(
            _inside(node, source, found.start(), text),
            "comprehension",
            f"“{found.group(1)}(…)” is not allowed: a condition holds one comment against plain names.",
            _OPERATORS_HINT,
        )
        return None
    try:
        condition = Condition(source)
    except (ValueError, RuntimeError, TypeError, RecursionError) as problem:
        place, what = _syntax(node, source, str(problem), text)
        faults.note(place, "condition_syntax", f"The condition cannot be read here: {what}.", _OPERATORS_HINT)
        return None
    before = len(faults)
    for number in _NUMBER.finditer(bare):
        if not _PLAIN_NUMBER.fullmatch(number.group()):
            message = f"“{number.group()[:30]}” is not written as a plain whole number."
            faults.note(_inside(node, source, number.start(), text), "number", message, "Write figures alone, as 16.")
    for name in condition.names:
        if name not in vocabulary:
            where = re.search(rf"\b{re.escape(name)}\b", bare)
            place = _inside(node, source, where.start() if where else 0, text)
            message = f"“{name[:60]}” is not a name a condition can use here."
            faults.note(place, "unknown_name", message, nearest(name, vocabulary))
    _check_form(condition, bare, node, text, faults)
    _check_literals(condition, vocabulary, node, text, faults)
    if len(faults) > before:
        return None
    _check_behaviour(condition, vocabulary, node.place, faults, spares)
    return condition if len(faults) == before else None


def _check_form(condition: Condition, bare: str, node: Scalar, text: str, faults: FaultList) -> None:
    field_access = _FIELD.search(bare)
    if field_access:
        place = _inside(node, condition.source, field_access.start(), text)
        faults.note(place, "field_access", "A dot is not used in a condition: every name stands alone.")
        return
    for function in condition._program.functions():
        if function not in _OPERATORS:
            shown = function.replace("_", "") if not function.isidentifier() or function.startswith("_") else function
            where = bare.find(shown)
            place = _inside(node, condition.source, max(where, 0), text)
            message = f"“{shown[:60]}” is not allowed in a condition."
            faults.note(place, "function_not_allowed", message, _OPERATORS_HINT)


def _check_literals(
    condition: Condition, vocabulary: Mapping[str, Name], node: Scalar, text: str, faults: FaultList
) -> None:
    possible = [value for name in condition.names if name in vocabulary for value in vocabulary[name].values]
    days = any(name in vocabulary and vocabulary[name].kind == "day" for name in condition.names)
    for match in _LITERAL.finditer(condition.source):
        value = match.group()[1:-1]
        if value not in possible and not (days and _as_day(value)):
            place = _inside(node, condition.source, match.start(), text)
            message = f"“{value[:60]}” is none of the values that can stand here."
            hint = "A day is written as '2027-05-06'." if days else nearest(value, possible) if possible else ""
            faults.note(place, "unknown_value", message, hint)


def _as_day(value: str) -> date | None:
    """Return the day a literal means, None for anything but year, month and day with hyphens."""
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None


def _check_behaviour(
    condition: Condition, vocabulary: Mapping[str, Name], place: Place, faults: FaultList, spares: bool
) -> None:
    """Try the condition with every combination of values: it must be able to be true, and never be so by criticism."""
    counts = sample_counts([condition])
    days = sample_days([condition])
    samples = [samples_of(vocabulary[name], counts, days) for name in condition.names]
    combinations = 1
    for sample in samples:
        combinations *= len(sample)
    if combinations > MOST_COMBINATIONS:
        faults.note(
            place,
            "condition_too_wide",
            "The condition uses too many names at once.",
            "Make two clauses of it.",
        )
        return
    outcomes: dict[tuple[Value, ...], bool] = {}
    for values in itertools.product(*samples):
        try:
            result: Any = condition._program.execute(
                cel.Context(variables=dict(zip(condition.names, values, strict=True)))
            )
        except (RuntimeError, TypeError, ValueError):
            given = ", ".join(f"{name} {in_words(value)}" for name, value in zip(condition.names, values, strict=True))
            message = "The condition mixes kinds: it compares or joins what cannot go together"
            hint = (
                "Flags are true or false, counts such as repeats are whole numbers, "
                "target, route, platform and date are words in quotes."
            )
            faults.note(place, "condition_kinds", message + (f" (with {given})." if given else "."), hint)
            return
        if not isinstance(result, bool):
            faults.note(
                place,
                "condition_not_flag",
                "The condition must come out true or false.",
                "For example: repeats >= 2",
            )
            return
        outcomes[values] = result
    if not any(outcomes.values()):
        faults.note(place, "never_true", "The condition can never be true.")
    elif "criticism" in condition.names:
        _check_criticism(condition, samples, place, faults, spares)


def _check_criticism(
    condition: Condition, samples: Sequence[tuple[Any, ...]], place: Place, faults: FaultList, spares: bool
) -> None:
    """Note a condition that criticism makes true, or an exception that criticism takes away.

    Tried with everything else known or not: a condition that is always true once a name is known may hang on criticism alone
    while it is not.
    """
    others = [
        [(name, value) for value in (*values, None)]
        for name, values in zip(condition.names, samples, strict=True)
        if name != "criticism"
    ]
    if math.prod(map(len, others)) > MOST_COMBINATIONS:
        faults.note(
            place,
            "condition_too_wide",
            "The condition uses too many names beside criticism.",
            "Make two clauses of it.",
        )
        return
    for chosen in itertools.product(*others):
        known = {name: value for name, value in chosen if value is not None}
        with_it, without = (
            condition.outcome(cel.Context(variables={**known, "criticism": criticism})) for criticism in (True, False)
        )
        against, spared = (without, with_it) if spares else (with_it, without)
        if against is True and spared is not True:
            faults.note(
                place,
                "criticism",
                "The condition rests on criticism: criticism of the council is never a reason to act.",
                "criticism may only narrow a clause, as in: abuse && !criticism, or in unless: criticism",
            )
            return


def sample_counts(conditions: Iterable[Condition]) -> list[int]:
    """Return the counts at which one of the conditions may change: 0, 1, and each number in them with its neighbours."""
    bare = [_LITERAL.sub("", condition.source) for condition in conditions]
    numbers = {int(digits) for source in bare for digits in re.findall(r"\b\d{1,9}\b", source)}
    return sorted({0, 1} | {near for number in numbers for near in (number - 1, number, number + 1) if near >= 0})


def sample_days(conditions: Iterable[Condition]) -> list[str]:
    """Return the days at which one of the conditions may change: each day in them with its neighbours."""
    written = {match.group()[1:-1] for each in conditions for match in _LITERAL.finditer(each.source)}
    days = {day for value in written if (day := _as_day(value))} or {date(2027, 5, 6)}
    near = {day + timedelta(days=step) for day in days for step in (-1, 0, 1) if date.min < day < date.max}
    return sorted(day.isoformat() for day in near | days)


def samples_of(name: Name, counts: list[int], days: list[str]) -> tuple[Any, ...]:
    """Return the values worth trying for a name: with them every outcome a condition can have is seen."""
    if name.kind == "flag":
        return (True, False)
    if name.kind == "day":
        return tuple(days)
    return tuple(counts) if name.kind == "count" else name.values


def _syntax(node: Scalar, source: str, problem: str, text: str) -> tuple[Place, str]:
    match = _SYNTAX.search(problem)
    if match is None:
        return node.place, "it is not a CEL expression"
    line, column, what = int(match.group(1)), int(match.group(2)), match.group(3)
    what = what.removeprefix("Syntax error: ").split(" expecting ")[0].strip().rstrip(".")
    what = what.replace("'<EOF>'", "the end").replace("<EOF>", "the end")
    strange = re.match(r"token recognition error at: '(.)", what)
    if strange:
        what = f"“{strange.group(1)}” means nothing here"
    elif what.startswith("Incomplete"):
        what = "something is missing"
    elif what == "mismatched input the end":
        what = "something is missing at the end"
    else:
        what = what.replace("mismatched input", "did not expect").replace("extraneous input", "did not expect")
    lines = source.split("\n")
    offset = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
    return _inside(node, source, min(offset, len(source)), text), what


def _inside(node: Scalar, source: str, offset: int, text: str) -> Place:
    """Return where the character at ``offset`` of the condition stands in the file, as exactly as its style tells."""
    place = node.place
    if node.style in ("", "'", '"') and node.last_line == place.line:
        return Place(place.line, place.column + offset + (1 if node.style else 0))
    if node.style == "|":
        lines = source[:offset].split("\n")
        line = place.line + len(lines)
        written = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
        return Place(line, len(written) - len(written.lstrip()) + len(lines[-1]) + 1)
    # Folded text has lost its line breaks; its beginning is the honest answer.
    return place
