"""What an officer may want to know besides: a request for information or one's own data, a complaint, the press.

None of these is a ground, and nothing is decided by them. A mention is no request: "the FOI showed", "the press were there".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from moothall.signals.findings import Hint
from moothall.signals.normalise import Normal
from moothall.words import Evidence

#: Tried only where one of these stands in the text.
_TRIGGERS: Final[Mapping[Hint, tuple[str, ...]]] = {
    "foi": (
        "freedom of info", "foi", "environmental information", "eir ", "held", "hold", "copies", "copy of", "disclos", "releas",
        "between", "relating", "regarding", "concerning",
        "rhyddid",
    ),
    "own_data": ("subject access", "sar", "gdpr", "data", "record", "my file", "file", "about me", "on me", "notes", "details"),
    "complaint": ("complain", "ombudsman", "stage ", "escalat", "lgsco", "gwyn"),
    "press": (
        "journalis", "report", "press", "newsdesk", "news desk", "i'm ", "im ", "i am ", "this is ", "comment", "piece", "story",
        "article", "producer", "researcher", "documentary", "footage", "photo", "video",
    ),
}  # fmt: skip
_RECORDS: Final = (
    r"(?:e-?mails?|correspondence|minutes|documents?|contracts?|records?|papers|reports?|figures|data|invoices?|"
    r"(?:recorded )?information|communications?|letters|files?|invoices|business case|risk assessments?|breakdown)"
)
_YOU: Final = r"(?:you|u|the council|this council|the authority|your (?:department|team|office))"
_HOLD: Final = r"(?:hold|holds|held|keep|keeps|kept|have|has|have got|got|store|stores)"
_WANT: Final = (
    r"(?:i(?:'d| would)? (?:like|want|wish|need|am asking|demand|request|hereby request)|i(?:'m| am) (?:requesting|asking|"
    r"making|lodging|raising|submitting|filing)|i(?:'ll| will| shall| have|'ve| must| intend to)?(?: be| now| already)*|"
    r"how (?:do|can|would|should) (?:i|we|one|you)|where (?:do|can) (?:i|we)|can (?:i|we)|may (?:i|we)|"
    r"we(?:'d| would)? (?:like|want|wish|need)|we(?:'re| are|'ve| have| will)|please|to whom|let me|i'm|going to)"
)
_NEWS: Final = (
    r"(?:gazette|herald|echo|chronicle|mercury|post(?! office)|argus|times|news|observer|journal|star|press|radio|live|bbc|itv|"
    r"channel (?:4|5|four|five)|sky|advertiser|courier|express|mail|telegraph|standard|guardian|tv|fm|newspaper|paper|"
    r"local democracy reporting service|newsroom|bugle|packet|examiner|sentinel|citizen|reporter)"
)
_PATTERNS: Final[Mapping[Hint, tuple[re.Pattern[str], ...]]] = {
    "foi": (
        re.compile(
            r"\bfreedom of information(?: act)?(?: request)?(?! (?:act )?(?:showed|revealed|figures))"
            r"|\b(?<!according to an )(?<!according to the )foi(?:a|'?d|s|s'|'s)?(?: requests?| act)?\b"
            r"(?! (?:act )?(?:request )?(?:shows?|showed|reveals?|revealed|says|said|proves?|proved|"
            r"confirm(?:s|ed)|found|figures|data))"
            r"|\b(?:under (?:the )?)?environmental information regulations\b|\beir request\b|\bunder (?:the )?eir\b"
            r"|\brhyddid gwybodaeth\b"
        ),
        re.compile(
            r"\b(?:please|kindly|i (?:hereby )?(?:request|require|ask for|want)|i(?:'d| would) like|"
            r"i(?:'m| am) (?:requesting|asking for)|can (?:you|i)|could (?:you|i)|will you|would you)\b[^.?!]{0,40}?"
            rf"\b(?:(?:all|any|copies of|a copy of|the full|full|sight of) (?:the |your |of the )?(?:\w+ ){{0,3}}?{_RECORDS}"
            rf" (?:(?:that |which )?{_YOU} {_HOLD}|(?:that is |which is |are )?held by|between|relating to|regarding|concerning|"
            r"sent (?:to|by|between)|exchanged))(?! (?:on|about) me\b)"
        ),
        re.compile(
            rf"\b(?:all|any|what) (?:the )?(?:recorded )?information (?:that |which )?(?:is held|{_YOU} {_HOLD}) "
            r"(?:on|about|relating to|regarding|concerning) (?!me\b|my\b|myself\b)"
        ),
    ),
    "own_data": (
        re.compile(
            r"\bsubject access(?: requests?)?\b|\bd?sar requests?\b|\bdsars?\b|\b(?:my|a|an) sar\b(?! team)|\bsar[-/ ]\d+"
            r"|\bgdpr (?:access )?request\b|\bright (?:of|to) access (?:to )?my\b"
            r"|\b(?:under|section \d+ of) (?:the )?(?:uk )?(?:gdpr|data protection act)\b"
        ),
        re.compile(
            rf"\b(?:everything|all|whatever|anything|(?:the|any|all|what) (?:\w+ )?(?:data|information|info|records?|details|"
            r"notes))"
            rf" (?:of mine )?(?:that |which )?{_YOU}(?:'ve| have)? {_HOLD}(?: got)?(?: (?:on file|there|stored))? "
            r"(?:on|about|for|relating to) (?:me|my|myself|us|our)\b"
        ),
        re.compile(
            r"\b(?:copy of|copies of|see|access to|asked for|ask for|request(?:ed|ing)?|want|send me|look at) "
            r"(?:all (?:of )?)?my (?:own |full |complete |whole )?"
            r"(?:\w+ ){0,2}(?:file|files|records?|personal data|data|(?:case|medical) notes)\b(?! (?:is|are) wrong)"
        ),
        re.compile(
            r"\b(?:delete|erase|remove|correct|stop (?:using|sharing)) (?:all )?my (?:personal )?(?:data|details)\b(?! card)"
        ),
        re.compile(
            r"\bwhat (?:data|information|info) (?:do|does) (?:you|u|the council) (?:hold|have|keep) (?:on|about) (?:me|us)\b"
        ),
    ),
    "complaint": (
        re.compile(
            r"\b(?:formal|official) complaints?\b"
            r"|\b(?:formally|officially) complain(?:ed|ing)?\b|\bcomplain (?:formally|officially)\b"
            r"|\bcomplaints (?:procedure|process|policy|team|department|officer|form)\b|\bcwyn ffurfiol\b"
        ),
        re.compile(
            rf"\b{_WANT} (?:\w+ ){{0,4}}?(?:make|making|made|lodge|lodging|lodged|raise|raising|"
            r"raised|submit|submitting|submitted|"
            r"register|registering|registered|file|filing|filed|put in|putting in|log|logging|logged|enter) "
            r"(?:a|an|another|my|our) (?:\w+ )?complaint\b"
        ),
        re.compile(
            r"\b(?:treat|log|record|regard|take|consider|accept) (?:this|it|that)(?: \w+)? as "
            r"(?:a|an|my|our) (?:\w+ )?complaint\b"
        ),
        re.compile(
            r"\b(?:how|where|to whom|who) (?:do|can|would|should|must|does) (?:i|we|one|you|somebody|someone) complain\b"
        ),
        re.compile(
            r"\b(?:my|our) (?:\w+ )?complaint (?:of|ref\w*|no\b|number|dated|has|was|is|from|about|against|[a-z]{1,4}[-/ ]?\d|\()"
            r"|\b(?:respon\w+|reply|answer\w*) to (?:my|our) (?:\w+ )?complaint\b"
        ),
        re.compile(
            r"\bstage (?:one|two|three|1|2|3) (?:complaints?|of (?:the|your|my) complaints?|repl(?:y|ies)|answers?|"
            r"review|respon\w+)\b"
            r"|\bescalat(?:e|ed|ing) (?:\w+ ){0,4}?to (?:a )?(?:stage (?:one|two|three|1|2|3)|the (?:\w+ )?ombudsman|formal)\b"
            r"|\b(?:this|it|complaint|matter|case) (?:be )?escalated to stage\b|\bcomplaint (?:to|at|is at|now at) stage\b"
        ),
        re.compile(
            r"\b(?:i|we|i'm|i'll|i've|we're|we'll|i'd)\b[^.?!]{0,60}\b(?:ombudsman|lgsco)\b"
            r"(?! (?:found|ruled|said|says|reports?|upheld|criticised|agreed|decided|told|against))"
        ),
    ),
    "press": (
        re.compile(
            r"\bi(?:'m| am|m) (?:a |an |the )?(?:\w+ ){0,3}?(?:journalist|reporter|news editor|correspondent|features? writer|"
            r"(?:tv|radio|news|broadcast) (?:producer|researcher))\b"
        ),
        re.compile(
            r"\b(?:journalist|reporter|correspondent|news ?desk|producer|researcher) (?:at|for|with|from|here at) "
            rf"(?:the |a )?(?:\w+ ){{0,3}}?{_NEWS}\b"
        ),
        re.compile(
            r"\b(?:i(?:'m| am|m)|it(?:'s| is)|this is|we(?:'re| are)|i work|writing|calling)(?: (?:\w+ ){0,3}?)?"
            rf"(?: ?from| ?with| ?at| ?for| of) (?:the )?(?:\w+ ){{0,2}}?(?:{_NEWS})(?: (?:{_NEWS}))?"
            r"(?= (?:here|and|looking|hoping|working|writing|would|could|can|please)|[,.;:!]|$)"
        ),
        re.compile(
            r"\bfor (?:a|an|our|my|the) (?:\w+ )?(?:piece|story|article|feature|documentary|programme|podcast|broadcast|report) "
            r"(?:i(?:'m| am)|we(?:'re| are)|in the|for the|on the|about|on)\b"
            r"|\b(?:i(?:'m| am|m)|we(?:'re| are)) (?:currently )?(?:writing|working on|researching|running|preparing|making|"
            r"doing|putting together) (?:a|an) (?:\w+ ){0,2}?(?:piece|story|article|feature|documentary|news item|podcast)\b"
        ),
        re.compile(
            r"\b(?:press|media) (?:enquir(?:y|ies)|inquir(?:y|ies)|quer(?:y|ies)|deadline|contact|officer's (?:number|email))\b"
            r"|\b(?:number|e-?mail|contact|details|speak) (?:\w+ ){0,3}?(?:for|to|of) (?:the|your) "
            r"(?:press|media) (?:office|team)\b"
        ),
        re.compile(
            r"\b(?:would|will|can|could|does|do) (?:you|the council|somebody|someone|anyone|the leader) (?:\w+ ){0,3}?"
            r"(?:comment for|give (?:us|me) a (?:statement|comment)|provide a (?:statement|comment))\b"
            r"|\bright of reply\b|\brequest(?:ing)? (?:a )?(?:comment|statement|interview)\b|\bapproached for comment\b"
            r"|\b(?:can|may|could) we (?:\w+ )?(?:use|share|publish|run) (?:this|your|these|the) (?:\w+ )?"
            r"(?:photos?|pictures?|videos?|footage|images?)\b[^.?!]{0,60}\bcredit"
            r"|\blocal democracy report\w+(?= (?:here|for|at|from|covering))"
        ),
    ),
}


def requests(normal: Normal) -> tuple[tuple[Hint, Evidence], ...]:
    """Return what else the comment may be, each at most once with the words that say so, in the order of `Hint`."""
    text = normal.text
    found: list[tuple[Hint, Evidence]] = []
    for hint, expressions in _PATTERNS.items():
        if not any(trigger in text for trigger in _TRIGGERS[hint]):
            continue
        for expression in expressions:
            match = expression.search(text)
            if match:
                found.append((hint, normal.evidence(match.start(), match.end())))
                break
    return tuple(found)
