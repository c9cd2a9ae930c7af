"""Plain sentences about an assessment: why it came out so, and why a measure is not allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from moothall.policy.condition import Condition
from moothall.policy.model import Policy, Rung
from moothall.policy.vocabulary import BUILT_IN, REMOVALS
from moothall.words import Signal

if TYPE_CHECKING:
    from moothall.policy.facts import Signals
    from moothall.policy.outcome import EngagedClause

GROUND_IN_WORDS: Final[Mapping[str, str]] = {
    "abuse": "abuse of a person or group",
    "profanity": "strong swearing",
    "discrimination": "discrimination",
    "threat": "a threat",
    "distress": "content that may distress",
    "defamation": "a possible defamation",
    "contempt": "a possible contempt of court",
    "copyright": "a possible breach of copyright",
    "personal_info": "a private person's details",
    "spam": "spam",
    "brand_misuse": "misuse of the council's name or graphics",
    "party_political": "overtly party-political content",
    "judged_inappropriate": "content an officer judged inappropriate",
    "off_topic": "content that strays off the topic",
    "names_staff": "naming a member of staff",
    "advertising": "advertising",
    "misinformation": "misinformation",
    "fake_profile": "a fake profile",
    "provoking": "provocation for its own sake",
    "mild_swearing": "mild swearing",
    "extreme_swearing": "swearing of the strongest kind",
    "masked": "a masked swear word",
    "not_english": "a language other than English",
    "political": "political content",
    "confusing": "what people could mistake for the council's own",
}
_MEASURE_IN_WORDS: Final[Mapping[str, str]] = {
    "hide": "hiding it",
    "delete": "deleting it",
    "block": "blocking the author",
    "report": "reporting it to the platform",
}
_ROUTE_IN_WORDS: Final[Mapping[str, str]] = {
    "answer": "it asks a question about council business that can be answered",
    "customer_service": "the person is pointed to customer services",
    "report_it": "the person is pointed to the form for reports",
    "councillor": "politics is for councillors",
}


_STEP_IN_WORDS: Final[Mapping[str, str]] = {
    "warn": "the author is warned first",
    "ask_to_take_down": "the author is first asked to take it down",
    "notice_of_intent": "the author is first told of the intention to block and may answer",
    "await_representations": "the time in which the author may answer the notice is still running",
}


def ground_in_words(name: str) -> str:
    """Return a ground as it stands in a sentence; a policy's own fact by its name."""
    return GROUND_IN_WORDS.get(name) or name.replace("_", " ")


def joined(words: Sequence[str], last: str = "and") -> str:
    """Return the words as a list in a sentence: ``a, b and c``."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def quoted_evidence(signals: Sequence[Signal]) -> str:
    """Return the first words that show it, in quotes, at most forty characters; empty where there are none."""
    for signal in signals:
        for evidence in signal.evidence:
            words = " ".join(evidence.text.split())
            if words:
                return f" (“{words[:39]}…”)" if len(words) > 40 else f" (“{words}”)"
    return ""


def why(
    policy: Policy,
    engaged: Sequence[EngagedClause],
    found: Mapping[str, Signal],
    recommended: str,
    signals: Signals,
    reply: str,
    pre_election: bool | None,
    lead: EngagedClause | None = None,
    step: str = "none",
    rung: Rung | None = None,
) -> str:
    """Return one plain sentence on why the assessment came out as it did."""
    about = " and ".join(f"“{clause.title}”" for clause in engaged[:2])
    cited = [name for name in found if any(name in clause.grounds for clause in engaged)]
    shown = joined([ground_in_words(name) for name in cited]) + quoted_evidence([found[name] for name in cited])
    if signals.route == "safeguard":
        sentence = "Somebody may be at risk, so help comes first"
        if recommended != "ignore":
            sentence += f"; {_MEASURE_IN_WORDS[recommended]} is recommended under {about} for {shown}"
        elif engaged:
            sentence += f"; {about} may apply as well ({shown})"
    elif engaged and signals.unsure:
        sentence = f"It may break {about} ({shown}), but the reading is unsure, so nothing is recommended"
    elif recommended != "ignore" and lead is not None:
        shown = joined([ground_in_words(name) for name in lead.grounds])
        shown += quoted_evidence([found[name] for name in lead.grounds])
        sentence = f"It breaks “{lead.title}”: {shown}, and {_MEASURE_IN_WORDS[recommended]} is recommended"
        if rung is not None and rung.measure == recommended and step == "none":
            sentence += f" under “{rung.title}”"
    elif engaged and not cited:
        sentence = f"{about} says how to answer it; nothing in it is a reason to act"
    elif engaged:
        sentence = f"It may break {about} ({shown}), but the rules leave it to an officer whether to act"
    elif "party_political" in found and pre_election is not True:
        state = "none runs" if pre_election is False else "it is not known that one runs"
        sentence = f"It is overtly party political, which may only come down in a pre-election period, and {state}"
    elif found:
        names = joined([ground_in_words(name) for name in found])
        sentence = f"There is {names} in it, but no clause of the house rules applies to it as it stands"
    elif signals.criticism:
        sentence = "It is criticism, which is never a reason to take anything down"
    elif signals.unsure:
        sentence = "The reading is unsure, so an officer should look"
    else:
        sentence = "Nothing in it breaks the house rules"
    if step in _STEP_IN_WORDS:
        sentence += f"; {_STEP_IN_WORDS[step]}"
    if reply != "none" and signals.route in _ROUTE_IN_WORDS:
        sentence += f"; {_ROUTE_IN_WORDS[signals.route]}"
    return sentence + "."


def refusals(
    policy: Policy,
    engaged: Sequence[EngagedClause],
    measures: Sequence[str],
    waiting: Mapping[str, Condition],
) -> dict[str, str]:
    """Return, for each measure that is not allowed, the reason an officer reads."""
    refused = {}
    for measure in REMOVALS:
        if measure in measures:
            continue
        if measure in waiting:
            refused[measure] = needed_first(policy, waiting[measure])
        elif not any(clause.grounds for clause in engaged):
            refused[measure] = "No clause of the house rules applies, so nothing but ignore is allowed."
        else:
            titles = joined([f"“{clause.title}”" for clause in engaged], "or")
            refused[measure] = f"It is not among the measures of {titles}."
    return refused


def needed_first(policy: Policy, condition: Condition) -> str:
    """Return what an officer must state before a measure is allowed."""
    asked = [policy.facts[name] for name in condition.names if name in policy.facts]
    if asked:
        return "An officer has to state first: " + " ".join(asked)
    given = [BUILT_IN[name].meaning if name in BUILT_IN else name.replace("_", " ") for name in condition.names]
    return f"It needs first ({condition.source}): {joined(given)}."
