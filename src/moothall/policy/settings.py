"""What the file sets beside its clauses: thresholds, bans, the period, replies, hours, counts of the record, the ladder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Final

from moothall.policy.calendar import OfficeHours, PeriodRule, Term
from moothall.policy.document import Scalar, Table
from moothall.policy.fields import Fields
from moothall.policy.model import BanRule, RecordCount, Settings, Thresholds
from moothall.policy.vocabulary import (
    BUILT_IN,
    CITABLE_GROUNDS,
    ELECTIONS,
    NOTIFY,
    REMOVALS,
    STEPS,
    WEEKDAYS,
    may_be_a_ground,
)
from moothall.words import ACTS, GROUNDS, POLITICS

_HOURS: Final = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)\s*(?:-|–|to)\s*([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_ORDINARY: Final = date(2027, 3, 1)
_OPEN: Final = "open"
_FOR_EVER: Final = "for_ever"


def read_settings(fields: Fields) -> Settings:
    """Return the settings; whatever is wrong is noted."""
    inner = fields.inner("settings", "the settings")
    if inner is None:
        return Settings(thresholds={ground: Thresholds() for ground in GROUNDS})
    thresholds = _thresholds(inner)
    ban = inner.inner("ban", "the ban")
    period = inner.inner("period", "the period")
    reply = inner.inner("reply", "the reply promise")
    live = inner.inner("going_live", "what going live needs")
    repeats = inner.inner("repeats", "the repeats")
    settings = Settings(
        thresholds=thresholds,
        ban=read_ban(ban, BanRule()) if ban is not None else BanRule(),
        period=_period(period) if period is not None else PeriodRule(),
        reply_working_days=int(reply.number("working_days", 0, 1, 60, whole=True)) or None if reply else None,
        hours=_hours(inner),
        second_person=_second_person(inner),
        notify=inner.per("notify", [*REMOVALS, *STEPS], list(REMOVALS), NOTIFY, "unknown_value", "way to tell people"),
        going_live_second_person=live.flag("second_person") if live else False,
        repeat_days=int(repeats.number("days", 90, 1, 366, whole=True)) if repeats else 90,
        repeat_posts=int(repeats.number("posts", 3, 2, 50, whole=True)) if repeats else 3,
    )
    for each in (period, reply, live, repeats):
        if each is not None:
            each.close()
    inner.close()
    return settings


def _second_person(fields: Fields) -> tuple[str, ...]:
    node = fields.table.entries.get("second_person")
    if node is not None and isinstance(node[1], Scalar):
        return REMOVALS if fields.flag("second_person") else ()
    return fields.choices("second_person", REMOVALS, "unknown_measure", "measure")


def _thresholds(inner: Fields) -> dict[str, Thresholds]:
    general = Thresholds()
    own: dict[str, Thresholds] = {}
    for name, place, node in inner.keyed("thresholds", "the thresholds"):
        if name != "default" and name not in GROUNDS:
            inner.faults.unknown(place, "unknown_ground", "ground", name, ["default", *GROUNDS])
        elif not isinstance(node, Table):
            inner.faults.note(node.place, "wrong_kind", "A threshold has engage and recommend, each from 0 to 1.")
        else:
            each = Fields(node, "a threshold", inner.faults)
            base = general if name != "default" else Thresholds()
            # Zero would find every ground in every comment.
            engage = each.number("engage", base.engage, 0.01, 1)
            found = Thresholds(engage, each.number("recommend", max(base.recommend, engage), 0.01, 1))
            each.close()
            if found.recommend < found.engage:
                message = "A measure cannot be recommended below the threshold at which its clause applies."
                inner.faults.note(node.place, "threshold_order", message)
            if name == "default":
                general = found
            else:
                own[name] = found
    return {ground: own.get(ground, general) for ground in GROUNDS}


def read_ban(fields: Fields, base: BanRule) -> BanRule:
    """Return the rule for a ban; what is left out is as in ``base``."""
    words = fields.text("length")
    length = fields.term("length", but={_OPEN: None, _FOR_EVER: None}, default=base.length)
    review = fields.choice("review", ("on_request", "automatic", "none"), "unknown_value", "review", base.review)
    if fields.given("after") and fields.given("after_months"):
        fields.faults.note(
            fields.place("after"), "said_twice", "“after” and “after_months” say the same thing.", "Keep one."
        )
    months = int(fields.number("after_months", base.after.months, 0, 120, whole=True))
    base_after = Term(months=months) if fields.given("after_months") else base.after
    after = fields.term("after", but={"at_any_time": Term()}, default=base_after) or Term()
    first = fields.choice("first", [*STEPS, "none"], "unknown_step", "step", base.first)
    rule = BanRule(
        length=length,
        for_ever=words == _FOR_EVER if words else base.for_ever,
        review=review,
        after=after,
        by=fields.choice("by", ("different_officer", "any_officer", "panel"), "unknown_value", "reviewer", base.by),
        first="" if first == "none" else first,
        wait=fields.term("wait", default=base.wait if first == "notice_of_intent" else None),
    )
    if rule.wait is not None and rule.first != "notice_of_intent":
        message = "Representations are made after a notice of intent: “wait” needs “first: notice_of_intent”."
        fields.faults.note(fields.place("wait"), "wait_without_notice", message)
    if rule.length is not None and rule.review != "none" and not _sooner(rule.after, rule.length):
        message = f"The review would begin after {rule.after.in_words()}, when a ban of {rule.length.in_words()} is over already."
        hint = "Set “after” to less than “length”, or review: none."
        fields.faults.note(
            fields.place("length" if fields.given("length") else "after"), "review_after_end", message, hint
        )
    fields.close()
    return rule


def _sooner(one: Term, other: Term) -> bool:
    """Return whether a term passes before the other does, begun on an ordinary day."""
    return one.add(_ORDINARY) < other.add(_ORDINARY)


def _period(fields: Fields) -> PeriodRule:
    base = PeriodRule()
    elections = fields.choices("elections", ELECTIONS, "unknown_value", "election")
    return PeriodRule(
        weeks=int(fields.number("weeks", base.weeks, 0, 26, whole=True)),
        elections=elections or base.elections,
        start=fields.choice("start", ("weeks", "notice", "earlier"), "unknown_value", "start", base.start),
        end=_end(fields, base.end),
    )


def _end(fields: Fields, default: str) -> str:
    node = fields.take("end")
    if node is None:
        return default
    # Unquoted, YAML reads 22:00 as a number in base sixty.
    word = node.value.strip() if isinstance(node, Scalar) else ""
    if word in ("22:00", "midnight", "day_after"):
        return word
    fields.faults.unknown(node.place, "unknown_value", "end", word, ["22:00", "midnight", "day_after"])
    return default


def _hours(inner: Fields) -> OfficeHours | None:
    fields = inner.inner("hours", "the office hours")
    if fields is None:
        return None
    days: dict[int, tuple[time, time]] = {}
    for number, day in enumerate(WEEKDAYS):
        written = fields.text(day)
        if not written or written == "closed":
            continue
        found = _HOURS.fullmatch(written)
        opens, closes = (
            (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else (time(), time())
        )
        if not opens < closes:
            message = f"“{written[:40]}” are no opening hours."
            fields.faults.note(fields.place(day), "bad_hours", message, "Write for example: 09:00-17:00, or closed")
        else:
            days[number] = (opens, closes)
    hours = OfficeHours(days, bank_holidays=fields.flag("bank_holidays"))
    fields.close()
    return hours


def read_counts(fields: Fields, own: Mapping[str, object]) -> list[RecordCount]:
    """Return the policy's own counts of the author's record, each with a name conditions may use. ``own``: its facts."""
    counts: list[RecordCount] = []
    for name, place, node in fields.keyed("counts", "the counts"):
        if name in BUILT_IN or name in own:
            message = f"“{name[:60]}” already has a meaning; a count needs a name of its own."
            fields.faults.note(place, "taken_name", message)
        elif not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in ("true", "false", "null", "in"):
            message = f"“{name[:60]}” cannot be a name in a condition."
            fields.faults.note(place, "bad_id", message, "Small letters and figures, joined by _.")
        elif not isinstance(node, Table):
            fields.wrong(node, "a mapping of keys to values", "For example: {of: [warn], within: 12 months}")
        else:
            each = Fields(node, f"the count “{name}”", fields.faults)
            of = each.choices("of", ACTS, "unknown_act", "act that can stand in a record")
            if not of:
                fields.faults.note(
                    each.place("of"), "missing", f"“of” is missing: which of {', '.join(ACTS)} are counted?"
                )
            counts.append(RecordCount(name, of, read_record_grounds(each, own), each.term("within")))
            each.close()
    return counts


def read_record_grounds(fields: Fields, own: Mapping[str, object]) -> tuple[str, ...]:
    """Return grounds as they stand in a record, ``own`` facts of the policy among them; party politics is refused."""
    grounds: list[str] = []
    known = list(dict.fromkeys([*CITABLE_GROUNDS, *(name for name in own if may_be_a_ground(name))]))
    for place, word in fields.names("grounds"):
        if "critic" in word:
            fields.faults.note(place, "criticism", "Criticism of the council, however harsh, is never a ground.")
        elif word in POLITICS:
            message = "A removal for politics never counts towards anything against its author."
            fields.faults.note(place, "politics_never_bans", message)
        elif word not in known:
            fields.faults.unknown(place, "unknown_ground", "ground", word, known)
        elif word not in grounds:
            grounds.append(word)
    return tuple(grounds)
