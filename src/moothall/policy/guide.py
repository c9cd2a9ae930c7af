"""The policy as plain text for people: each clause with its guide, what it allows and who confirms."""

from __future__ import annotations

import textwrap

from moothall.policy.model import Clause, Policy
from moothall.policy.reasons import GROUND_IN_WORDS, joined

_WIDTH = 96
_TOLD = {"none": "the author is not told", "dm": "by direct message", "public_note": "by a public note"}


def show(policy: Policy) -> str:
    """Return the whole policy as text of at most 96 columns, for an officer to read in a terminal or on paper."""
    parts = [
        f"{policy.title}\n{policy.council}, version {policy.version} ({policy.id}), sha256 {policy.sha256[:12]}…",
        *(_clause(policy, clause) for clause in policy.clauses),
        _routes(policy),
        _settings(policy),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _clause(policy: Policy, clause: Clause) -> str:
    rows = [
        ("Public", policy.filled(clause.public)),
        ("Guide", policy.filled(clause.guide)),
        ("Grounds", joined([f"{ground} ({GROUND_IN_WORDS[ground]})" for ground in clause.grounds])),
        ("Applies when", clause.when.source),
        ("Only when", clause.during.source if clause.during else ""),
        ("But not when", clause.unless.source if clause.unless else ""),
        ("Allowed", ", ".join(clause.measures)),
        ("Needs first", "; ".join(f"{measure}: {need.source}" for measure, need in clause.needs.items())),
        ("Recommended", _recommended(clause)),
        ("Confirmed by", confirmed_by(clause)),
        ("Reason", "must be written down" if clause.reason_required else ""),
        ("Told", _told(clause)),
        ("Lane", clause.lane),
    ]
    lines = [f"{clause.number}. {clause.title} [{clause.id}]"]
    for label, value in rows:
        if value:
            words = " ".join(value.split())
            lines.append(textwrap.fill(words, _WIDTH, initial_indent=f"   {label:<13}", subsequent_indent=" " * 16))
    return "\n".join(lines)


def confirmed_by(clause: Clause) -> str:
    """Return who confirms a decision under this clause, in words."""
    if not clause.second_person:
        return "one officer decides"
    return f"a second officer for {joined(clause.second_person)}"


def _recommended(clause: Clause) -> str:
    if clause.recommends == "ignore":
        return "nothing: an officer chooses"
    if clause.recommend_when is None:
        return clause.recommends
    return f"{clause.recommends}, when {clause.recommend_when.source}"


def _told(clause: Clause) -> str:
    letters = [f"letter “{letter}” for {measure}" for measure, letter in clause.letters.items()]
    return "; ".join([_TOLD[clause.notify], *letters])


def _routes(policy: Policy) -> str:
    lines = ["Replies"]
    for rule in policy.routes.values():
        lines.append(f"   {rule.name:<17} {rule.reply}")
        if rule.text:
            words = " ".join(policy.filled(rule.text).split())
            lines.append(textwrap.fill(words, _WIDTH, initial_indent=" " * 21, subsequent_indent=" " * 21))
    return "\n".join(lines)


def _settings(policy: Policy) -> str:
    ban, period = policy.settings.ban, policy.settings.period
    general = sorted({(each.engage, each.recommend) for each in policy.settings.thresholds.values()})
    if len(general) == 1:
        thresholds = f"found from {general[0][0]:g}, recommended from {general[0][1]:g}"
    else:
        thresholds = "; ".join(
            f"{ground} {each.engage:g}/{each.recommend:g}" for ground, each in policy.settings.thresholds.items()
        )
    months = f"after {ban.after_months} calendar months" if ban.review != "none" else ""
    rows = [
        ("Thresholds", thresholds),
        ("Ban review", " ".join(f"{ban.review} {months} by {ban.by}".replace("_", " ").split())),
        ("Period", f"{period.weeks} weeks before a {joined(period.elections, 'or')} election"),
    ]
    body = [
        textwrap.fill(value, _WIDTH, initial_indent=f"   {label:<13}", subsequent_indent=" " * 16)
        for label, value in rows
    ]
    return "\n".join(["Settings", *body])
