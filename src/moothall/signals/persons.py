"""Whom an abusive comment is aimed at, and what an officer may want to know besides: requests, complaints, the press."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from moothall.signals.findings import Hint, Registers, Target

_POLITICIAN: Final = re.compile(
    r"\b(?:cllrs?|councillors?|mayor(?:ess)?|leader of the council|council leader|cabinet member|mps?|minister|politicians?|"
    r"prime minister|candidate|portfolio holder)\b|@cllr\w+"
)
_STAFF: Final = re.compile(
    r"\b(?:staff|bin ?men|bin crew|the crews?|drivers?|officers?|receptionist|wardens?|admin|"
    r"whoever (?:runs|is running|wrote|does)|"
    r"librarian|lifeguard|planners?|inspector|manager|chief exec\w*|director|call handler|clerk|steward|caretaker|"
    r"(?:man|woman|girl|lad|bloke|lady) (?:on the (?:phone|desk)|behind the desk|at reception)|"
    r"social media (?:person|team|intern))\b"
)
_CONDUCT: Final = re.compile(
    r"\b(?:vot(?:e|ed|ing)|decision|decided|expenses|allowances|your job|his job|her job|their job|in charge|running|run the|"
    r"cabinet|budget|policy|scheme|wasted|spent|promised|broke|resign|incompetent|in office|committee|planning|consultation)\b"
)
_REPLY: Final = re.compile(r"^\s*@\w|\b(?:you|your|you're|youre|ur|u)\b")
_WRONGDOER: Final = re.compile(
    r"\b(?:whoever|who ?ever|people who|idiots who|anyone who|fly-?tippers?|vandals?|thieves|culprits?)\b"
)
_COUNCIL: Final = re.compile(r"\b(?:council|town hall|borough|local authority|county hall|civic centre)\b")
_ONE_PERSON: Final = re.compile(r"\b(?:he|she|him|her|his|hers|he's|she's|mate|love|pal)\b|^\s*@\w")
_HINTS: Final[Mapping[Hint, re.Pattern[str]]] = {
    "foi": re.compile(r"\bfreedom of information\b|\bfoi(?:a|s|'d)?\b|\benvironmental information regulations\b"),
    "own_data": re.compile(
        r"\bsubject access\b|\bdata (?:you|the council) holds?\b|\bmy (?:personal )?data\b|"
        r"\bgdpr request\b|\binformation you hold (?:on|about) me\b"
    ),
    "complaint": re.compile(
        r"\bformal(?:ly)? complain(?:t|ts|ing)?\b|\b(?:make|lodge|raise|submit|register) a complaint\b|\bombudsman\b|"
        r"\bstage (?:one|two|1|2) complaint\b|"
        r"\bcomplaints (?:procedure|process)\b"
    ),
    "press": re.compile(
        r"\b(?:journalist|reporter (?:at|for|with|from)|press (?:enquiry|office|query)|local democracy report\w*|news ?desk|"
        r"i(?:'m| am) (?:from|with) (?:the )?(?:bbc|itv|gazette|herald|echo|chronicle|mercury|post|argus)|for comment)\b"
    ),
}


def hints(text: str) -> tuple[Hint, ...]:
    """Return what else a comment may be: a request for information or one's own data, a formal complaint, the press."""
    return tuple(name for name, expression in _HINTS.items() if expression.search(text))


def target(text: str, cues: Mapping[str, int], registers: Registers) -> Target:
    """Return whom a hurtful comment is aimed at; ``unknown`` for wrongdoers nobody has named."""
    if _POLITICIAN.search(text) or any(name.lower() in text for name in registers.councillors + registers.candidates):
        return "politician"
    if _STAFF.search(text):
        return "staff"
    if _WRONGDOER.search(text):
        return "unknown"
    if cues.get("group"):
        return "group"
    return "resident" if _REPLY.search(text) else "unknown"


def at_the_council(text: str) -> bool:
    """Return whether hard words are for the council as a body: it is named, and no person or culprit is."""
    if not _COUNCIL.search(text):
        return False
    return not any(one.search(text) for one in (_POLITICIAN, _STAFF, _WRONGDOER, _ONE_PERSON))


def conduct_in_office(text: str, aimed_at: Target) -> bool | None:
    """Return whether the comment is about how a politician or an officer does the job; None for anybody else."""
    if aimed_at not in ("politician", "staff"):
        return None
    return _CONDUCT.search(text) is not None
