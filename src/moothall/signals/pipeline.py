"""How a comment is read: one ordered list of phases, the cheapest first. Read it from top to bottom.

A phase takes the reading so far and adds to it. Nothing here knows what a council may do about a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moothall.signals import lexicon, persons
from moothall.signals.features import Features, featurise
from moothall.signals.findings import Hint, Registers, Row, Signals, Target
from moothall.signals.language import language_of
from moothall.signals.model import HEADS, LinearModel, Thresholds, load
from moothall.signals.normalise import Normal, normalise
from moothall.signals.personal import personal_information
from moothall.signals.topicality import off_topic, subject_of, subject_of_post
from moothall.words import GROUNDS, ROUTES, Evidence, Signal

#: Two grounds under which nothing is recommended by itself: doubt about another ground is doubt enough beside them.
_LIGHT: Final = frozenset({"profanity", "party_political"})
_HURTFUL: Final = frozenset({"abuse", "discrimination", "threat", "distress", "profanity", "defamation"})
_LEAST_SHOWN: Final = 0.05
_SEVERAL_POSTS: Final = 2
_ENOUGH_WORDS: Final = 5
#: So many words of which so few differ say nothing that a model of tone could know.
_DRUMMING: Final = 12
_AT_RISK_BY_TONE: Final = 0.5


@dataclass(slots=True)
class Reading:
    """One comment on its way through the phases."""

    given: str
    post: str | None
    repeats: int | None
    registers: Registers
    model: LinearModel | None
    normal: Normal = field(init=False)
    words: list[lexicon.Word] = field(default_factory=list)
    language: str | None = None
    cues: dict[str, int] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    found: dict[str, Signal] = field(default_factory=dict)
    off_topic: bool | None = None
    hints: tuple[Hint, ...] = ()
    features: Features | None = None
    probabilities: NDArray[np.float32] | None = None
    target: Target | None = None
    conduct: bool | None = None
    at_the_council: bool = False

    def add(self, ground: str, signal: Signal) -> None:
        """Keep a signal beside what is there: the higher probability, the evidence of both."""
        held = self.found.get(ground)
        if held is None:
            self.found[ground] = signal
            return
        stronger = signal if signal.probability > held.probability else held
        weaker = held if stronger is signal else signal
        evidence = stronger.evidence or weaker.evidence
        self.found[ground] = Signal(stronger.probability, evidence, stronger.phase, stronger.version)


def normalise_text(reading: Reading) -> None:
    """Lower case, repaired, look-alike letters folded, invisible ones dropped; offsets kept."""
    reading.normal = normalise(reading.given)
    reading.words = lexicon.words_of(reading.normal.text)


def find_language(reading: Reading) -> None:
    """Say the language where it is not plainly English: what follows was taught in English."""
    reading.language = language_of(reading.given, reading.words)


def look_up_words(reading: Reading) -> None:
    """Strong words, patterns, parties, personal information, and classes of words for the model."""
    text, words = reading.normal.text, reading.words
    reading.cues = lexicon.cues(text, words)
    flags = reading.flags
    for name, count in reading.cues.items():
        flags.append(name)
        if count > 1:
            flags.append(name + " twice")
    strong = lexicon.strong_words(reading.normal, words)
    if strong:
        flags.append("strong word")
        reading.add("profanity", Signal(0.97, tuple(strong), lexicon.PHASE, lexicon.VERSION))
    signals, names = lexicon.pattern_signals(reading.normal, words)
    flags += ["pattern " + name for name in names]
    if "figure" in reading.cues and "threat" in signals:
        del signals["threat"]
    for ground, signal in signals.items():
        reading.add(ground, signal)
    parties = lexicon.parties(reading.normal, words)
    if parties:
        flags.append("party")
        if "partisan" in reading.cues:
            flags.append("party partisan")
    private, kinds = personal_information(reading.normal)
    flags += ["detail " + kind for kind in kinds]
    if private:
        flags.append("somebody's detail" if private.probability >= 0.5 else "a detail")
        reading.add("personal_info", private)
    if "?" in text:
        flags.append("asks")
        if text.rstrip().endswith("?"):
            flags.append("ends asking")
    if "http" in text or "www." in text:
        flags.append("link")
    capitals = sum(character.isupper() for character in reading.given)
    if capitals > 12 and capitals > 0.6 * len(reading.given.replace(" ", "")):
        flags.append("shouts")
    flags.append("length " + str(min(len(words) // 8, 6)))
    reading.hints = persons.hints(text)
    flags += ["hint " + hint for hint in reading.hints]


def ask_registers(reading: Reading) -> None:
    """Active cases, candidates: names the council has set down."""
    text = reading.normal.text
    for name in reading.registers.active_cases:
        at = text.find(name.lower())
        if at >= 0:
            told = {"guilt", "wrongdoing"} & set(reading.cues)
            evidence = (reading.normal.evidence(at, at + len(name)),)
            reading.add("contempt", Signal(0.9 if told else 0.45, evidence, "registers", "registers-1"))
    for name in reading.registers.candidates:
        at = text.find(name.lower())
        if at >= 0 and "partisan" in reading.cues:
            evidence = (reading.normal.evidence(at, at + len(name)),)
            reading.add("party_political", Signal(0.8, evidence, "registers", "registers-1"))


def compare_with_post(reading: Reading) -> None:
    """Does it keep to the topic, and does it stand under several posts?"""
    pitch = "spam" in reading.found and reading.found["spam"].probability >= 0.5
    reading.off_topic = off_topic(reading.words, reading.post, pitch)
    if reading.post:
        stems, found = subject_of(reading.words)
        post_stems, post_topics = subject_of_post(reading.post)
        reading.flags.append("shares " + str(min(len(stems & post_stems), 3)))
        if found & post_topics:
            reading.flags.append("shares a topic")
    if reading.repeats and reading.repeats >= _SEVERAL_POSTS and reading.off_topic and reading.given.strip():
        everything = Evidence(0, len(reading.given), reading.given)
        reading.add("spam", Signal(0.93, (everything,), "repeats", "repeats-1"))


def ask_model(reading: Reading) -> None:
    """The linear model: what the text as a whole sounds like."""
    reading.features = featurise(reading.normal.text, reading.flags)
    if reading.model is not None:
        reading.probabilities = reading.model.probabilities(reading.features)


def add_model_signals(reading: Reading) -> None:
    """Put the model's grounds beside those of the lists, with the words that speak most for each."""
    model, features, probabilities = reading.model, reading.features, reading.probabilities
    if model is None or features is None or probabilities is None:
        return
    # "ha ha ha" a hundred times is one word: said often, it does not become more certain.
    few_words = len({word.text for word in reading.words}) < _ENOUGH_WORDS
    for ground in GROUNDS:
        probability = float(probabilities[HEADS.index(ground)])
        # What nobody wrote cannot be a strong word, and a list knows them: the model may raise doubt, not certainty.
        if ground == "profanity" and ground not in reading.found:
            probability = min(probability, model.thresholds[ground].named - 0.01)
        # A few words bear no certainty: "Outstanding, thanks" looks like much else to hashed features.
        if few_words:
            most = model.thresholds[ground].named if len(reading.words) >= _DRUMMING else model.thresholds[ground].sure
            probability = min(probability, most - 0.01)
        if probability < _LEAST_SHOWN:
            continue
        shown = probability >= model.thresholds[ground].named
        evidence = model.evidence(features, ground, reading.normal) if shown and ground not in reading.found else ()
        reading.add(ground, Signal(probability, evidence, "model", model.version))


def find_target(reading: Reading) -> None:
    """Whom it is aimed at, where it hurts."""
    named = {g for g, s in reading.found.items() if g in _HURTFUL and s.probability >= 0.35}
    if named:
        reading.target = persons.target(reading.normal.text, reading.cues, reading.registers)
        reading.conduct = persons.conduct_in_office(reading.normal.text, reading.target)
    abuse = reading.found.get("abuse")
    if abuse and abuse.phase == "model" and reading.model and persons.at_the_council(reading.normal.text):
        # "Useless council" is criticism. The model knows the tone, not whom it is for: it may doubt, no more.
        limits = reading.model.thresholds["abuse"]
        most = (limits.sure if abuse.probability >= limits.sure else limits.named) - 0.01
        reading.found["abuse"] = replace(abuse, probability=min(abuse.probability, most))
        reading.at_the_council = True


#: Reading, phase by phase: normalise → language → lexicon → registers → repeats → model → target. Then `decide`.
PHASES: Final[tuple[tuple[str, Callable[[Reading], None]], ...]] = (
    ("normalise", normalise_text),  # 5–40 µs; everything after speaks of this text
    ("language", find_language),  # mostly a set look-up
    ("lexicon", look_up_words),  # what visible lists say
    ("registers", ask_registers),  # what the council has set down
    ("repeats", compare_with_post),  # keeps to the post? under several posts?
    ("model", ask_model),  # what the whole sounds like
    ("model", add_model_signals),
    ("target", find_target),
)
#: The phases that training needs: everything before the model is asked.
BEFORE_THE_MODEL: Final = PHASES[:5]


def decide(reading: Reading) -> Signals:
    """Return the signals: what is over its threshold, what is in doubt, where the person should be sent."""
    model = reading.model
    if model is None or reading.probabilities is None:
        raise ValueError("the model has not been asked yet")
    grounds = {
        name: reading.found[name]
        for name in GROUNDS
        if name in reading.found and reading.found[name].probability >= model.thresholds[name].named
    }
    routes = {route: float(reading.probabilities[i]) for i, route in enumerate(ROUTES)}
    best = max(ROUTES, key=lambda route: routes[route])
    # Somebody at risk must not be missed because the rest is about the bins; nor may each long story head the queue.
    spoken_of = "at_risk" in reading.cues or "threat" in grounds
    if routes["safeguard"] >= (model.thresholds["safeguard"].named if spoken_of else _AT_RISK_BY_TONE):
        best = "safeguard"
    elif best == "safeguard":
        best = max((route for route in ROUTES if route != best), key=lambda route: routes[route])
    also = tuple(r for r in ROUTES if r not in (best, "none") and routes[r] >= (0.3 if r == "safeguard" else 0.25))
    criticism = float(reading.probabilities[HEADS.index("criticism")])
    return Signals(
        route=best,
        also=also,
        grounds=MappingProxyType(grounds),
        criticism=reading.at_the_council or criticism >= model.thresholds["criticism"].named,
        unsure=_in_doubt(reading, grounds, model.thresholds),
        off_topic=reading.off_topic,
        target=reading.target if grounds else None,
        conduct_in_office=reading.conduct if grounds else None,
        hints=reading.hints,
        language=reading.language,
        all_grounds=MappingProxyType({n: s for n, s in reading.found.items() if s.probability >= _LEAST_SHOWN}),
        route_probability=routes[best],
        criticism_probability=criticism,
        model_version=f"{model.version}+{lexicon.VERSION}",
    )


def _in_doubt(reading: Reading, grounds: Mapping[str, Signal], limits: Mapping[str, Thresholds]) -> bool:
    """Unsure when something may be there and nothing that weighs is certain."""
    weighty = {name: signal for name, signal in reading.found.items() if name not in _LIGHT}
    if any(signal.probability >= limits[name].sure for name, signal in weighty.items()):
        return False
    if any(name in weighty for name in grounds):
        return True
    return any(signal.probability >= 0.75 * limits[name].named for name, signal in weighty.items())


class Reader:
    """Reads comments. ``registers``: a `Registers`, or a mapping with its names; ``model``: a folder, else the shipped one.

    A reader holds about 12 MB, is made in well under a second, and never opens a connection.
    """

    def __init__(self, registers: Registers | Mapping[str, Any] | None = None, *, model: Path | None = None) -> None:
        self._registers = _as_registers(registers)
        self._model = load(model)

    @property
    def version(self) -> str:
        """The version of model and lists, as every `Signals` bears it."""
        return f"{self._model.version}+{lexicon.VERSION}"

    def read(
        self,
        comment: str,
        post: str | None = None,
        *,
        repeats: int | None = None,
        image: object | None = None,
    ) -> Signals:
        """Return what stands in one comment. ``repeats``: under how many other posts its author put near-identical text.

        ``image`` is taken and left alone: pictures are compared by an index of their own.
        """
        reading = Reading(comment, post, repeats, self._registers, self._model)
        for _, phase in PHASES:
            phase(reading)
        return decide(reading)

    def read_many(self, rows: Sequence[Row | Mapping[str, Any]]) -> list[Signals]:
        """Return the signals of each row, in order. A row is a `Row` or a mapping with ``comment`` and maybe the rest."""
        return [
            self.read(row.comment, row.post, repeats=row.repeats)
            if isinstance(row, Row)
            else self.read(row["comment"], row.get("post"), repeats=row.get("repeats"))
            for row in rows
        ]


def _as_registers(registers: Registers | Mapping[str, Any] | None) -> Registers:
    if registers is None:
        return Registers()
    if isinstance(registers, Registers):
        return registers
    known = ("active_cases", "candidates", "councillors", "authorised")
    return Registers(**{name: tuple(registers.get(name, ())) for name in known})
