"""Personal information by pattern: British phones, addresses, plates, e-mail. Whose it is decides, so context is weighed."""

from __future__ import annotations

import re
from typing import Final

from moothall.signals.lexicon import PHASE, VERSION
from moothall.signals.normalise import Normal
from moothall.words import Evidence, Signal

_DIGIT: Final = re.compile(r"\d")
_STREET: Final = (
    r"(?:road|rd|street|st|lane|avenue|ave|close|drive|way|crescent|cres|terrace|place|gardens|grove|hill|square|mews|court|"
    r"row|walk|rise|view|green|park|house|cottages?|wynd|brae|vale)"
)
_KINDS: Final = (
    ("phone", re.compile(r"(?<![\w£.])(?:\+44 ?(?:\(0\) ?)?|0044 ?|0)(?:\d[ \-]?){8,9}\d(?!\w)")),
    ("e-mail", re.compile(r"(?<![\w.])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")),
    ("plate", re.compile(r"(?<![\w£])[a-z]{2}\d{2} ?[a-z]{3}(?!\w)")),
    ("postcode", re.compile(r"(?<!\w)[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}(?!\w)")),
    (
        "address",
        re.compile(
            rf"(?<![\w£])(?:(?:flat|no\.?|number|unit) ?)?\d{{1,4}}[a-f]?,? (?:[a-z'\-]+ ){{1,3}}{_STREET}(?!\w)"
        ),
    ),
    (
        "address",
        re.compile(r"(?<![\w£])(?:flat \w{1,4},? )?\d{1,4}[a-f]?,? (?:heol|ffordd|stryd|maes|lon) [a-z'\-]+"),
    ),
)
_OTHERS: Final = re.compile(
    r"\b(?:he|she|his|her|hers|him|they|their|them|lives|lived|living at|belongs to|resident of|mr|mrs|ms|miss|dr|bloke|woman|"
    r"man|lad|guy|neighbour|ex|ring them|named|called|that's where|address is|knock on|pay (?:him|her|them) a visit)\b"
)
_OWN: Final = re.compile(r"\b(?:i|i'm|im|i am|my|mine|our|ours|we|we're|us|me|call me|ring me|contact me|email me)\b")
_OFFICE: Final = re.compile(
    r"\b(?:council|surgery|cllr|councillor|office|helpline|customer services?|reception|shop|pub|cafe|restaurant|company|"
    r"business|services|hotline|samaritans|police|nhs|school|library|church|charity|gov\.uk|101|111|999|switchboard|"
    r"bookings?|tickets)\b"
)
_REPORT: Final = re.compile(
    r"\b(?:abandoned|untaxed|fly-?tip\w*|dumped|parked|pothole|street ?light|drain|bin|bins|outside)\b"
)
_PRIVATE_MAIL: Final = re.compile(r"@(?:gmail|hotmail|outlook|yahoo|icloud|live|btinternet|aol|sky|talktalk|proton)\b")
_WEIGHT: Final = {"phone": 0.72, "e-mail": 0.5, "plate": 0.62, "postcode": 0.3, "address": 0.42}


def personal_information(normal: Normal) -> tuple[Signal | None, list[str]]:
    """Return the signal ``personal_info`` with its evidence, or None, and the kinds of detail seen.

    A detail weighs more beside words about somebody else, little beside "my" or an office.
    """
    text = normal.text
    if not _DIGIT.search(text) and "@" not in text:
        return None, []
    seen: list[tuple[str, int, int]] = []
    for kind, expression in _KINDS:
        for match in expression.finditer(text):
            seen.append((kind, match.start(), match.end()))
    if not seen:
        return None, []
    kinds = sorted({kind for kind, _, _ in seen})
    others = len(_OTHERS.findall(text))
    own = len(_OWN.findall(text))
    best = 0.0
    evidence: list[Evidence] = []
    for kind, start, end in seen:
        around = text[max(0, start - 80) : end + 50]
        weight = _WEIGHT[kind]
        if kind == "e-mail" and _PRIVATE_MAIL.search(text[start:end]):
            weight += 0.15
        if kind in ("address", "postcode") and {"address", "postcode"} <= set(kinds):
            weight += 0.2
        if _OTHERS.search(around):
            weight += 0.22
        if _OFFICE.search(around):
            weight -= 0.4
        if own > others:
            weight -= 0.35
        if kind in ("plate", "address") and _REPORT.search(around) and not others:
            weight -= 0.3
        if weight > 0.1:
            best = max(best, weight)
            evidence.append(normal.evidence(start, end))
    if not evidence:
        return None, kinds
    evidence.sort(key=lambda span: span.start)
    return Signal(min(best, 0.95), tuple(evidence), PHASE, VERSION), kinds
