"""The policy as plain text for people: each clause with its guide, what it allows and who confirms."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Final

from moothall.policy.calendar import OfficeHours, PeriodRule, Term
from moothall.policy.model import BanRule, Clause, Policy, Rung
from moothall.policy.reasons import ground_in_words, joined
from moothall.policy.vocabulary import WEEKDAYS

_WIDTH = 96
_TOLD = {"none": "the author is not told", "dm": "by direct message", "public_note": "by a public note"}


def show(policy: Policy) -> str:
    """Return the whole policy as text of at most 96 columns, for an officer to read in a terminal or on paper."""
    parts = [
        f"{policy.title}\n{policy.council}, version {policy.version} ({policy.id}), sha256 {policy.sha256[:12]}…",
        *(_clause(policy, clause) for clause in policy.clauses),
        _ladder(policy),
        _routes(policy),
        _settings(policy),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _clause(policy: Policy, clause: Clause) -> str:
    rows = [
        ("Public", policy.filled(clause.public)),
        ("Guide", policy.filled(clause.guide)),
        ("Grounds", joined([f"{ground} ({ground_in_words(ground)})" for ground in clause.grounds])),
        ("Applies when", clause.when.source),
        ("Only when", clause.during.source if clause.during else ""),
        ("But not when", clause.unless.source if clause.unless else ""),
        ("Allowed", ", ".join(clause.measures)),
        ("Needs first", "; ".join(f"{measure}: {need.source}" for measure, need in clause.needs.items())),
        ("Recommended", _recommended(clause)),
        ("Step before", _steps(clause)),
        ("Confirmed by", confirmed_by(policy, clause)),
        ("Reason", "must be written down" if clause.reason_required else ""),
        ("Told", _told(policy, clause)),
        ("Ban", ban_in_words(clause.ban, with_step=False) if clause.ban is not None else ""),
        ("Reply", clause.reply or ("" if clause.answered else "no answer, at most a pointer")),
        ("Strike", "" if clause.strike or clause.measures == ("ignore",) else "not counted on the ladder"),
        ("Lane", clause.lane),
    ]
    return "\n".join([f"{clause.number}. {clause.title} [{clause.id}]", *_table(rows)])


def _table(rows: list[tuple[str, str]]) -> list[str]:
    lines = []
    for label, value in rows:
        if value:
            words = " ".join(value.split())
            lines.append(_filled(words, f"   {label:<14}"))
    return lines


def _filled(words: str, begins: str) -> str:
    """Return words behind a label, wrapped under themselves; addresses are never broken."""
    indent = " " * len(begins)
    return textwrap.fill(
        words, _WIDTH, initial_indent=begins, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def confirmed_by(policy: Policy, clause: Clause) -> str:
    """Return who confirms a decision under this clause, in words."""
    wanted = {*clause.second_person, *policy.settings.second_person}
    second = [measure for measure in clause.measures if measure in wanted]
    return f"a second officer for {joined(second)}" if second else "one officer decides"


def ban_in_words(ban: BanRule, *, with_step: bool = True) -> str:
    """Return how long a ban lasts and when it is looked at again, as part of a sentence."""
    endless = "for ever" if ban.for_ever else "without an end date"
    length = endless if ban.length is None else f"for {ban.length.in_words()}"
    after = f"after {ban.after.in_words()}" if ban.after.months or ban.after.days else "at any time"
    by = {"different_officer": "a different officer", "any_officer": "any officer", "panel": "a panel"}[ban.by]
    reviews = {
        "on_request": f"reviewed on request {after} by {by}",
        "automatic": f"reviewed by itself {after} by {by}",
        "none": "no review",
    }
    first = f"; {step_in_words(ban.first, ban.wait)} before any block" if ban.first and with_step else ""
    return f"{length}; {reviews[ban.review]}{first}"


def step_in_words(step: str, wait: Term | None) -> str:
    """Return a step that goes before a measure, as part of a sentence."""
    words = {
        "warn": "a warning",
        "ask_to_take_down": "a request to take it down",
        "notice_of_intent": "a notice of intent",
    }[step]
    return f"{words}, with {wait.in_words()} to answer," if step == "notice_of_intent" and wait else words


def _recommended(clause: Clause) -> str:
    if clause.recommends == "ignore":
        return "nothing: an officer chooses"
    if clause.recommend_when is None:
        return clause.recommends
    return f"{clause.recommends}, when {clause.recommend_when.source}"


def _steps(clause: Clause) -> str:
    within = f" (one within {clause.first_within.in_words()} counts)" if clause.first_within else ""
    meanwhile = f"; meanwhile {clause.meanwhile}" if clause.meanwhile != "ignore" else ""
    steps = [f"{step_in_words(step, None)} before {measure}" for measure, step in clause.first.items()]
    return "; ".join(steps) + within + meanwhile if steps else ""


def _told(policy: Policy, clause: Clause) -> str:
    if clause.measures == ("ignore",):
        return ""
    ways: dict[str, list[str]] = {}
    for measure in clause.measures[1:]:
        way = clause.notify.get(measure) or policy.settings.notify.get(measure, "none")
        ways.setdefault(_TOLD[way], []).append(measure)
    told = list(ways) if len(ways) == 1 else [f"{way} for {joined(some)}" for way, some in ways.items()]
    for step in dict.fromkeys(clause.first.values()):
        way = clause.notify.get(step) or policy.settings.notify.get(step, "dm")
        told.append(f"{step_in_words(step, None)} {_TOLD[way]}")
    letters = [f"letter “{letter}” for {act.replace('_', ' ')}" for act, letter in clause.letters.items()]
    return "; ".join([*told, *letters])


def _ladder(policy: Policy) -> str:
    if not policy.ladder:
        return ""
    parts = ["Ladder: what happens to somebody who breaks the rules again. The last rung that holds counts."]
    for rung in policy.ladder:
        rows = [
            ("Public", policy.filled(rung.public)),
            ("Guide", policy.filled(rung.guide)),
            ("Holds", rung_in_words(rung)),
            ("Recommended", rung.measure or "nothing more"),
            ("Step before", step_in_words(rung.first, rung.wait) if rung.first else ""),
            ("Confirmed by", "a second officer" if rung.second_person else ""),
            ("Told", "; ".join([*([_TOLD[rung.notify]] if rung.notify else []), *_rung_letters(rung)])),
            ("Ban", ban_in_words(rung.ban, with_step=False) if rung.ban is not None else ""),
        ]
        parts.append("\n".join([f"{rung.title} [{rung.id}]", *_table(rows)]))
    return "\n\n".join(parts)


def _rung_letters(rung: Rung) -> list[str]:
    return [f"letter “{letter}” for {act.replace('_', ' ')}" for act, letter in rung.letters.items()]


def rung_in_words(rung: Rung) -> str:
    """Return when a rung holds, in a sentence."""
    if rung.grounds:
        on = f" on {joined([ground_in_words(ground) for ground in rung.grounds], 'or')}"
    else:
        on = " on the same ground" if rung.same_ground else " on any ground"
    strike = "from the first breach on," if rung.strikes == 1 else f"from strike {rung.strikes} on, this one included,"
    parts = [f"{strike}{on}"]
    if rung.within is not None:
        parts.append(f"within {rung.within.in_words()}")
    if rung.bans:
        parts.append(f"after {rung.bans} earlier ban{'s' if rung.bans > 1 else ''}")
    if rung.only_if_warned:
        parts.append("if a warning stands in the record")
    return " ".join(parts) + f"; strikes are {joined(rung.counts)}"


def _routes(policy: Policy) -> str:
    lines = ["Replies"]
    for rule in policy.routes.values():
        lines.append(f"   {rule.name:<17} {rule.reply}")
        if rule.text:
            words = " ".join(policy.filled(rule.text).split())
            lines.append(_filled(words, " " * 21))
    for name, text in policy.own_replies.items():
        words = " ".join(policy.filled(text).split())
        lines.append(f"   {name}")
        lines.append(_filled(words, " " * 21))
    return "\n".join(lines)


ELECTION_IN_WORDS: Final[Mapping[str, str]] = {
    "local": "local elections",
    "general": "general elections",
    "by_election": "by-elections",
    "mayoral": "mayoral elections",
    "pcc": "elections of a police and crime commissioner",
    "parliamentary_by_election": "parliamentary by-elections",
    "referendum": "referendums",
    "other": "other elections",
}


def period_in_words(period: PeriodRule) -> str:
    """Return when the pre-election period begins and ends and what opens it, in a sentence."""
    weeks = f"{period.weeks} weeks before polling day"
    starts = {
        "weeks": weeks,
        "notice": "with the notice of election",
        "earlier": f"{weeks} or with the notice of election, whichever is earlier",
    }
    ends = {
        "22:00": "until 22:00 on polling day",
        "midnight": "until the end of polling day",
        "day_after": "until the end of the day after polling day",
    }
    opened = joined([ELECTION_IN_WORDS[kind] for kind in period.elections], "or")
    return f"{starts[period.start]}, {ends[period.end]}; opened by {opened}"


def hours_in_words(hours: OfficeHours) -> str:
    """Return the office hours as a list of days: ``monday 09:00-17:00, … ; closed on bank holidays``."""
    days = [f"{WEEKDAYS[day]} {opens:%H:%M}-{closes:%H:%M}" for day, (opens, closes) in sorted(hours.days.items())]
    return ", ".join(days) + ("; open on bank holidays" if hours.bank_holidays else "; closed on bank holidays")


def _settings(policy: Policy) -> str:
    settings = policy.settings
    general = sorted({(each.engage, each.recommend) for each in settings.thresholds.values()})
    if len(general) == 1:
        thresholds = f"found from {general[0][0]:g}, recommended from {general[0][1]:g}"
    else:
        thresholds = "; ".join(
            f"{ground} {each.engage:g}/{each.recommend:g}" for ground, each in settings.thresholds.items()
        )
    promised = settings.reply_working_days
    counts = [
        f"{count.name}: {joined(count.of)}"
        + (f" on {joined(count.grounds, 'or')}" if count.grounds else "")
        + (f" within {count.within.in_words()}" if count.within else "")
        for count in policy.counts
    ]
    rows = [
        ("Thresholds", thresholds),
        ("Bans", ban_in_words(settings.ban)),
        ("Period", period_in_words(settings.period) if "pre_election" in policy.names else ""),
        ("Office hours", hours_in_words(settings.hours) if settings.hours is not None else ""),
        ("Replies", f"within {promised} working day{'s' if promised > 1 else ''}" if promised else ""),
        ("Second person", f"for {joined(settings.second_person)}" if settings.second_person else ""),
        ("Going live", "a second manager approves" if settings.going_live_second_person else ""),
        ("Repeats", f"counted over {settings.repeat_days} days; several posts are {settings.repeat_posts}"),
        ("Counts", "; ".join(counts)),
    ]
    return "\n".join(["Settings", *_table(rows)])
