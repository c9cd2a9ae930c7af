"""A council's own acceptance cases: facts stated, outcome expected. They test the rules and not what a detector finds.

The world of a case is closed: what is not stated is not so. The format stands in docs/reference/policy-test.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from moothall.policy.assessment import assess
from moothall.policy.calendar import OfficeHours, london_day, period_of
from moothall.policy.facts import Circumstances, Facts
from moothall.policy.model import Policy
from moothall.policy.outcome import Assessment
from moothall.policy.standing import REVIEW_REPLY, Act
from moothall.policy.vocabulary import ALL_STEPS, ELECTIONS, FACTS, NOTIFY, REPLIES, TARGETS, nearest
from moothall.words import ACTS, GROUNDS, MEASURES, PLATFORMS, ROUTES, DomainError, Signal, in_order_of_force

#: What a case may state under ``facts.extra`` beside the facts of the vocabulary and of the policy.
_SIGNALS: Final = ("criticism", "conduct_in_office", "incident", *(f"target_{target}" for target in TARGETS))
_KEYS: Final = ("id", "rule", "date", "platform", "election", "repeats", "facts", "author_history", "expect")
_FACTS: Final = ("route", "grounds", "repeat_posts", "identical", "same_issue", "answered", "extra")
#: Fields of ``expect``, each with the fields inside it.
_EXPECT: Final[Mapping[str, tuple[str, ...]]] = {
    "measures": (),
    "recommended": (),
    "clause": (),
    "second_person": (),
    "reply": (),
    "notify": (),
    "step": (),
    "letter": (),
    "ban": ("ends", "review", "review_from", "by"),
    "reply_due": (),
    "review": ("status", "from", "ends", "by"),
}
#: The words that can stand in a field of ``expect``.
_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "recommended": MEASURES,
    "reply": REPLIES,
    "notify": NOTIFY,
    "step": ALL_STEPS,
    "ban.review": ("on_request", "automatic", "none"),
    "ban.by": ("different_officer", "any_officer", "panel", "none"),
    "review.status": tuple(REVIEW_REPLY),
    "review.by": ("different_officer", "any_officer", "panel", "none"),
}
#: Nine to five on weekdays: the hours of a policy that publishes none.
_NINE_TO_FIVE: Final = OfficeHours({day: (time(9), time(17)) for day in range(5)})
#: Dates outside these years are slips of the pen.
_YEARS: Final = (1900, 2200)
_LARGEST: Final = 64 * 1024 * 1024


class NoCases(DomainError):
    """The file of cases cannot be read."""

    code = "no_cases"


class BadCase(DomainError):
    """The case cannot be run."""

    code = "bad_case"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the outcome is not the one expected; a field inside another is written ``ban.ends``."""

    field: str
    expected: Any
    actual: Any

    def as_dict(self) -> dict[str, Any]:
        """Return the difference for JSON."""
        return {"field": self.field, "expected": self.expected, "actual": self.actual}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case. ``error``: why it could not be run. ``why`` is the sentence the assessment gives."""

    id: Any
    line: int
    differences: tuple[Difference, ...] = ()
    error: str = ""
    rule: str = ""
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was run and came out as expected."""
        return not self.differences and not self.error

    def in_words(self) -> str:
        """Return the result as lines for people, empty when it came out as expected."""
        if self.error:
            return f"{self.id} (line {self.line}): cannot be run: {self.error}\n"
        if self.ok:
            return ""
        lines = [f"{self.id} (line {self.line}): {self.rule}".rstrip(": ")]
        for each in self.differences:
            lines.append(f"    {each.field}: expected {_shown(each.expected)}, got {_shown(each.actual)}")
        lines.append(f"    because: {self.why}")
        return "\n".join(lines) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON: ``id``, ``ok``, ``differences``; ``line`` and ``error`` where it could not be run."""
        told: dict[str, Any] = {
            "id": self.id,
            "ok": self.ok,
            "differences": [each.as_dict() for each in self.differences],
        }
        return told | {"line": self.line, "error": self.error} if self.error else told


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    return (
        {None: "none", True: "yes", False: "no"}.get(value, str(value))
        if value is None or isinstance(value, bool)
        else str(value)
    )


@dataclass(frozen=True)
class _Stated:
    """The signals of a case: what is stated, with certainty."""

    route: str
    grounds: Mapping[str, Signal]
    criticism: bool
    off_topic: bool
    target: str | None
    conduct_in_office: bool
    also: Sequence[str] = ()
    unsure: bool = False
    model_version: str = "stated"
    looked_for: Sequence[str] = GROUNDS


@dataclass(slots=True)
class _Reader:
    """Takes the fields of a case and says what is wrong with them."""

    case: Mapping[str, Any]
    policy: Policy
    extra: list[str] = field(default_factory=list)

    def known(self, where: str, given: Mapping[str, Any], keys: Iterable[str]) -> None:
        for key in given:
            if key not in keys:
                raise BadCase(f"“{key}” is not a known field of {where}. {nearest(str(key), keys)}".strip())

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.case.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise BadCase(f"“{key}” must be an object")
        return value

    def count(self, given: Mapping[str, Any], key: str, least: int) -> int | None:
        value = given.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise BadCase(f"“{key}” must be a whole number of at least {least}, not {value!r}")
        return value

    def flag(self, given: Mapping[str, Any], key: str) -> bool:
        value = given.get(key, False)
        if value is not None and not isinstance(value, bool):
            raise BadCase(f"“{key}” must be true or false, not {value!r}")
        return bool(value)

    def one_of(self, what: str, value: Any, known: Sequence[str]) -> str:
        if value not in known:
            raise BadCase(f"{value!r} is no {what}. {nearest(str(value), known)}".strip())
        return str(value)

    def words(self, given: Mapping[str, Any], key: str, what: str, known: Sequence[str]) -> list[str]:
        value = given.get(key) or []
        if isinstance(value, dict):
            value = [name for name, holds in value.items() if holds]
        if not isinstance(value, list):
            raise BadCase(f"“{key}” must be a list")
        return [self.one_of(what, each, known) for each in value]


def _day(value: Any, what: str) -> date:
    try:
        if not _YEARS[0] <= int(str(value)[:4]) <= _YEARS[1]:
            raise ValueError
        return london_day(datetime.fromisoformat(value)) if len(value) > 10 else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadCase(f"{what} must be a date such as 2027-05-06, not {value!r}") from None


def run_case(policy: Policy, case: Mapping[str, Any]) -> tuple[Assessment, tuple[Difference, ...]]:
    """Return the assessment of a case and what differs from its expectation. Raises BadCase with what is wrong in it."""
    reader = _Reader(case, policy)
    reader.known("a case", case, _KEYS)
    given = case.get("date")
    try:
        when = datetime.fromisoformat(given or "")
        if not _YEARS[0] <= when.year <= _YEARS[1]:
            raise ValueError
    except (TypeError, ValueError):
        raise BadCase(f"“date” must be when the comment arrived, as 2027-05-06T10:00:00+01:00, not {given!r}") from None
    facts = reader.mapping("facts")
    reader.known("facts", facts, _FACTS)
    known_extra = [*FACTS, *policy.facts, *_SIGNALS]
    extra = reader.words(facts, "extra", "fact that can be stated", known_extra)
    grounds = reader.words(facts, "grounds", "ground", GROUNDS)
    stated = {name: name in extra for name in dict.fromkeys([*FACTS, *policy.facts])}
    stated["answered"] = stated["answered"] or reader.flag(facts, "answered")
    target = next((target for target in TARGETS if f"target_{target}" in extra), None)
    signals = _Stated(
        route=reader.one_of("route", facts.get("route") or "none", ROUTES),
        grounds={ground: Signal(1.0, (), "stated", "") for ground in GROUNDS if ground in grounds},
        criticism="criticism" in extra,
        off_topic="off_topic" in extra,
        # Abuse is of somebody: where nobody is named it is of a resident.
        target=target or ("resident" if "abuse" in grounds else None),
        conduct_in_office="conduct_in_office" in extra,
    )
    times = reader.count(case, "repeats", 1) or 1
    posts = reader.count(facts, "repeat_posts", 1) or (1 if times == 1 else None)
    platform = case.get("platform")
    known = Facts(
        repeats=None if posts is None else posts - 1,
        platform=None if platform is None else reader.one_of("platform", platform, PLATFORMS),
        stated=stated,
        repeat_times=times,
        identical=reader.flag(facts, "identical"),
        same_issue=reader.count(facts, "same_issue", 0) or 0,
        history=_history(reader, london_day(when)),
    )
    assessment = assess(policy, signals, known, _circumstances(reader, when, "incident" in extra))
    return assessment, tuple(_differences(reader, assessment))


def _history(reader: _Reader, today: date) -> list[Act]:
    given = reader.case.get("author_history") or []
    if not isinstance(given, list):
        raise BadCase("“author_history” must be a list")
    acts = []
    for entry in given:
        if not isinstance(entry, dict):
            raise BadCase("an entry of “author_history” must be an object")
        reader.known("an entry of author_history", entry, ("date", "measure", "ground"))
        ground = entry.get("ground") or ""
        if ground:
            reader.one_of("ground", ground, [*GROUNDS, *FACTS, *reader.policy.facts])
        act = Act(
            _day(entry.get("date"), "the date of an earlier act"),
            reader.one_of("act", entry.get("measure"), ACTS),
            ground,
        )
        if act.day > today:
            raise BadCase(f"“author_history” holds what happens after the comment, on {act.day}")
        acts.append(act)
    return acts


def _circumstances(reader: _Reader, when: datetime, incident: bool) -> Circumstances:
    election = reader.case.get("election")
    hours = reader.policy.settings.hours or _NINE_TO_FIVE
    office_open = hours.open_at(when)
    if election is None:
        return Circumstances(False, when, False, None, office_open, incident)
    if not isinstance(election, dict):
        raise BadCase("“election” must be an object or null")
    reader.known("election", election, ("poll", "notice", "kind", "called"))
    rule = reader.policy.settings.period
    poll = _day(election.get("poll"), "“poll”")
    notice = None if election.get("notice") is None else _day(election["notice"], "“notice”")
    called = None if election.get("called") is None else _day(election["called"], "“called”")
    start, end = period_of(rule, poll, notice, called)
    moment = when if when.tzinfo else when.replace(tzinfo=start.tzinfo)
    opens = reader.one_of("election", election.get("kind") or "local", ELECTIONS) in rule.elections
    today = london_day(when)
    return Circumstances(
        pre_election=opens and start <= moment < end,
        date=when,
        election_notice=opens and notice is not None and notice <= today <= poll,
        poll_in_days=(poll - today).days if opens and today <= poll else None,
        office_open=office_open,
        incident=incident,
    )


def _differences(reader: _Reader, assessment: Assessment) -> Iterator[Difference]:
    expect = reader.mapping("expect")
    reader.known("expect", expect, _EXPECT)
    if not expect:
        raise BadCase("“expect” is empty: a case without an expectation tests nothing")
    actual = outcome_of(reader.policy, assessment)
    for name, wanted in expect.items():
        if name == "clause":
            leading = reader.policy.clause(assessment.leading or "")
            names = (None, "none", "") if leading is None else (leading.kind, leading.id)
            if wanted not in names:
                yield Difference(name, wanted, None if leading is None else leading.kind)
        elif name == "measures":
            if not isinstance(wanted, list) or not set(map(str, wanted)) <= set(MEASURES):
                raise BadCase(f"“measures” must be a list of {', '.join(MEASURES)}")
            if in_order_of_force(["ignore", *wanted]) != actual["measures"]:
                yield Difference(name, wanted, actual["measures"])
        elif name in _WORDS and wanted not in _WORDS[name]:
            raise BadCase(f"{wanted!r} is no {name}. {nearest(str(wanted), _WORDS[name])}".strip())
        elif name in ("ban", "review"):
            yield from _inside(reader, name, wanted, actual[name])
        elif name == "reply_due":
            if _as_day(wanted, "“reply_due”") != actual[name]:
                yield Difference(name, wanted, actual[name])
        elif wanted != actual[name]:
            yield Difference(name, wanted, actual[name])


def _inside(reader: _Reader, name: str, wanted: Any, actual: dict[str, Any] | None) -> Iterator[Difference]:
    if wanted is None or actual is None:
        if wanted != actual:
            yield Difference(name, wanted, actual)
        return
    if not isinstance(wanted, dict):
        raise BadCase(f"“{name}” must be an object or null")
    reader.known(name, wanted, _EXPECT[name])
    for key, value in wanted.items():
        words = _WORDS.get(f"{name}.{key}")
        if words is not None and value not in words:
            raise BadCase(f"{value!r} is no {name}.{key}. {nearest(str(value), words)}".strip())
        if key in ("ends", "review_from", "from"):
            value = _as_day(value, f"“{name}.{key}”")
        if value != actual[key]:
            yield Difference(f"{name}.{key}", wanted[key], actual[key])


def _as_day(value: Any, what: str) -> str | None:
    return None if value is None else _day(value, what).isoformat()


def outcome_of(policy: Policy, assessment: Assessment) -> dict[str, Any]:
    """Return the outcome in the words of ``expect``: everything a case can ask for, dates as ISO 8601."""
    ban, review = assessment.ban, assessment.review
    leading = policy.clause(assessment.leading or "")
    return {
        "measures": list(assessment.measures),
        "recommended": assessment.recommended,
        "clause": leading.kind if leading is not None else None,
        "second_person": assessment.second_person,
        "reply": assessment.reply,
        "notify": assessment.notify,
        "step": assessment.step,
        "letter": assessment.letter,
        "ban": None
        if ban is None
        else {"ends": _iso(ban.ends), "review": ban.review, "review_from": _iso(ban.review_from), "by": ban.by},
        "reply_due": _iso(assessment.reply_due),
        "review": None
        if review is None
        else {"status": review.status, "from": _iso(review.begins), "ends": _iso(review.ends), "by": review.by},
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def run_cases(policy: Policy, lines: Iterable[str]) -> Iterator[CaseResult]:
    """Yield the result of each case in JSON lines, in order; a line that cannot be run is a result with its error."""
    seen: dict[Any, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as problem:
            where = f", column {problem.colno}" if isinstance(problem, json.JSONDecodeError) else ""
            yield CaseResult(number, number, error=f"the line is not JSON{where}")
            continue
        if not isinstance(case, dict):
            yield CaseResult(number, number, error="a case is a JSON object")
            continue
        id = case.get("id", number)
        rule = str(case.get("rule") or "")
        if "id" not in case:
            id = f"line {number}"
        if not isinstance(id, str | int) or isinstance(id, bool):
            yield CaseResult(number, number, error="“id” must be a word or a number")
        elif id in seen:
            yield CaseResult(id, number, error=f"there is a case “{id}” in line {seen[id]} already")
        else:
            seen[id] = number
            try:
                assessment, differences = run_case(policy, case)
            except BadCase as problem:
                yield CaseResult(id, number, error=problem.message, rule=rule)
            else:
                yield CaseResult(id, number, differences, rule=rule, why=assessment.why)


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def read_cases(path: Path) -> list[str]:
    """Return the lines of a file of cases. Raises NoCases when there is none, or it is no text."""
    try:
        if path.stat().st_size > _LARGEST:
            raise NoCases(f"{path} is larger than {_LARGEST // 1024 // 1024} MiB: that is no file of cases")
        return path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise NoCases(f"{path}: there is no such file", "no_such_file") from None
    except IsADirectoryError:
        raise NoCases(f"{path} is a directory: name one file in it") from None
    except UnicodeDecodeError:
        raise NoCases(f"{path} is not UTF-8 text") from None
    except OSError as problem:
        raise NoCases(f"{path} cannot be read: {problem.strerror}") from None
