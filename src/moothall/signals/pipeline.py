"""How a comment is read: one ordered list of phases, the cheapest first. Read it from top to bottom.

A phase takes the reading so far and adds to it. Nothing here knows what a council may do about a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from moothall.signals import lexicon, persons
from moothall.signals.encoder import TARGETS, Encoder, Given, Heard, Thresholds
from moothall.signals.findings import Hint, Registers, Row, Signals, Target
from moothall.signals.language import language_of
from moothall.signals.names import find_names
from moothall.signals.normalise import Normal, normalise
from moothall.signals.personal import personal_information
from moothall.signals.picture_files import PictureRefused
from moothall.signals.places import places
from moothall.signals.requests import requests
from moothall.signals.topicality import off_topic, subject_of, subject_of_post
from moothall.words import GROUNDS, ROUTES, Evidence, Signal

#: Two grounds under which nothing is recommended by itself: doubt about another ground is doubt enough beside them.
_LIGHT: Final = frozenset({"profanity", "party_political"})
_HURTFUL: Final = frozenset({"abuse", "discrimination", "threat", "distress", "profanity", "defamation"})
#: Phases whose word stands beside the encoder's: they know what no text can show.
_INFORMED: Final = frozenset({"registers"})
_LEAST_SHOWN: Final = 0.05
_SEVERAL_POSTS: Final = 2
#: A repeated comment that the encoder gives less than the first is reported with the second, which is never sure.
_READS_AS_SPAM: Final = 0.3
_PERHAPS_SPAM: Final = 0.62
_TOGETHER: Final = 512


@dataclass(slots=True)
class Reading:
    """One comment on its way through the phases."""

    given: str
    post: str | None
    repeats: int | None
    registers: Registers
    normal: Normal = field(init=False)
    words: list[lexicon.Word] = field(default_factory=list)
    language: str | None = None
    cues: dict[str, int] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    found: dict[str, Signal] = field(default_factory=dict)
    off_topic: bool | None = None
    hints: tuple[tuple[Hint, Evidence], ...] = ()
    places: tuple[Evidence, ...] = ()
    target: Target | None = None
    conduct: bool | None = None

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


def find_personal_information(reading: Reading) -> None:
    """Numbers, addresses and details by their form, weighed by whose they seem to be."""
    private, kinds = personal_information(reading.normal)
    reading.flags += ["detail " + kind for kind in kinds]
    if private:
        reading.flags.append("somebody's detail" if private.probability >= 0.5 else "a detail")
        reading.add("personal_info", private)


def find_requests(reading: Reading) -> None:
    """Freedom of information, one's own data, a formal complaint, the press: hints for the officer."""
    reading.hints = requests(reading.normal)
    reading.flags += ["hint " + hint for hint, _ in reading.hints]


def find_places(reading: Reading) -> None:
    """Where it is, as somebody who reports a problem would say."""
    reading.places = places(reading.normal)
    if reading.places:
        reading.flags.append("names a place")


def ask_registers(reading: Reading) -> None:
    """Active cases, candidates: names the council has set down."""
    for _, start, end in find_names(reading.normal, reading.registers.active_cases):
        told = {"guilt", "wrongdoing"} & set(reading.cues)
        evidence = (reading.normal.evidence(start, end),)
        reading.add("contempt", Signal(0.9 if told else 0.45, evidence, "registers", "registers-2"))
    if "partisan" in reading.cues:
        for _, start, end in find_names(reading.normal, reading.registers.candidates):
            evidence = (reading.normal.evidence(start, end),)
            reading.add("party_political", Signal(0.8, evidence, "registers", "registers-2"))


def compare_with_post(reading: Reading) -> None:
    """What it shares with its post: the encoder is told."""
    if reading.post:
        stems, found = subject_of(reading.words)
        post_stems, post_topics = subject_of_post(reading.post)
        reading.flags.append("shares " + str(min(len(stems & post_stems), 3)))
        if found & post_topics:
            reading.flags.append("shares a topic")


#: What is seen before the encoder is asked: from the text itself, from the registers, from the post.
PHASES: Final[tuple[tuple[str, Callable[[Reading], None]], ...]] = (
    ("normalise", normalise_text),  # 5–40 µs; everything after speaks of this text
    ("language", find_language),  # mostly a set look-up
    ("lexicon", look_up_words),  # what visible lists say
    ("personal information", find_personal_information),  # details by form, and whose they are
    ("requests", find_requests),  # what else an officer may have to do
    ("places", find_places),  # where it is
    ("registers", ask_registers),  # what the council has set down
    ("post", compare_with_post),  # what it shares with the post
)


def read_before_the_encoder(comment: str, post: str | None, repeats: int | None, registers: Registers) -> Reading:
    """Return a reading after every phase before the encoder: what reading and training have in common."""
    reading = Reading(comment, post, repeats, registers)
    for _, phase in PHASES:
        phase(reading)
    return reading


def cues_of(reading: Reading) -> frozenset[str]:
    """Return what the earlier phases saw, by name, as the encoder is told it."""
    listed = (f"listed {ground} {int(signal.probability * 4)}" for ground, signal in reading.found.items())
    return frozenset((*reading.flags, *listed))


def ask_encoder(encoder: Encoder, readings: Sequence[Reading]) -> list[Heard]:
    """Phase encoder: what the whole text says under its post. Many at once, for a batch costs less than its parts."""
    return encoder.hear([Given(one.normal, one.post, cues_of(one)) for one in readings])


def add_encoder_signals(reading: Reading, heard: Heard, encoder: Encoder) -> None:
    """Put the encoder's grounds beside those of lists and registers, with the words that carry each."""
    for ground in GROUNDS:
        listed = reading.found.get(ground)
        probability = heard.of(ground)
        named = encoder.thresholds[ground].named
        if ground == "profanity" and listed is None:
            # What nobody wrote cannot be a strong word, and a list knows them: the encoder may raise doubt, not certainty.
            probability = min(probability, named - 0.01)
        if listed is not None and (ground == "profanity" or listed.phase in _INFORMED):
            if probability >= _LEAST_SHOWN:
                reading.add(ground, Signal(probability, (), "encoder", encoder.version))
            continue
        if probability < _LEAST_SHOWN:
            # A pattern is a cue among others: the encoder has seen it and the words around it.
            reading.found.pop(ground, None)
            continue
        evidence: tuple[Evidence, ...] = listed.evidence if listed is not None else ()
        if not evidence and probability >= named:
            evidence = heard.evidence(ground, reading.normal)
        reading.found[ground] = Signal(probability, evidence, "encoder", encoder.version)


def weigh_repeats(reading: Reading, heard: Heard, encoder: Encoder) -> None:
    """Phase repeats: does it keep to its post, now that it is known how it reads; and does it stand under several?"""
    spam = reading.found.get("spam")
    reads = heard.of("spam")
    pitch = spam is not None and spam.probability >= encoder.thresholds["spam"].named
    reading.off_topic = off_topic(reading.words, reading.post, pitch)
    if reading.repeats and reading.repeats >= _SEVERAL_POSTS and reading.off_topic and reading.given.strip():
        everything = Evidence(0, len(reading.given), reading.given)
        # Counted, not guessed: above whatever a model has to reach to be sure. What does not read like spam, an officer looks at.
        probability = 0.98 if reads >= _READS_AS_SPAM else _PERHAPS_SPAM
        reading.add("spam", Signal(probability, (everything,), "repeats", "repeats-3"))


def compare_pictures(reading: Reading, image: Any, encoder: Encoder) -> None:
    """Phase pictures: does the comment's picture show one of the council's own, and where?

    Never sure: whether it could confuse the public about what is genuine is for a person to say. A file that cannot be opened
    safely shows nothing; the comment is read all the same.
    """
    index = reading.registers.own_pictures
    if image is None or index is None:
        return
    try:
        matches = index.find(image)
    except PictureRefused:
        return
    if not matches:
        return
    limits = encoder.thresholds["brand_misuse"]
    probability = max(limits.named, min(matches[0].similarity, limits.sure - 0.01))
    # A place in a picture, not in the text: the offsets hold nothing.
    evidence = tuple(
        Evidence(0, 0, f"own picture {match.id} at {x}, {y}: {width} × {height} pixels")
        for match in matches
        for x, y, width, height in (match.region,)
    )
    held = reading.found.get("brand_misuse")
    signal = Signal(probability, evidence, "pictures", "pictures-1")
    if held is not None:
        first, second = (held, signal) if held.probability > probability else (signal, held)
        signal = replace(first, evidence=(*first.evidence, *second.evidence))
    reading.found["brand_misuse"] = signal


def find_target(reading: Reading, heard: Heard) -> None:
    """Phase target: whom it is aimed at, where it hurts. A name on the registers tells; else the encoder's guess."""
    if any(s.probability >= 0.35 for g, s in reading.found.items() if g in _HURTFUL):
        named = any(
            find_names(reading.normal, n) for n in (reading.registers.councillors, reading.registers.candidates)
        )
        guess = max(TARGETS, key=lambda target: heard.of(f"target:{target}"))
        reading.target = "politician" if named else guess
        reading.conduct = persons.conduct_in_office(reading.normal.text, reading.target)


def decide(reading: Reading, heard: Heard, encoder: Encoder) -> Signals:
    """Return the signals: what is over its threshold, what is in doubt, where the person should be sent."""
    limits = encoder.thresholds
    grounds = {
        name: reading.found[name]
        for name in GROUNDS
        if name in reading.found and reading.found[name].probability >= limits[name].named
    }
    routes = {route: heard.of(f"route:{route}") for route in ROUTES}
    best = max(ROUTES, key=lambda route: routes[route])
    # Somebody at risk must not be missed because the rest is about the bins.
    if routes["safeguard"] >= limits["safeguard"].named:
        best = "safeguard"
    elif best == "safeguard":
        best = max((route for route in ROUTES if route != best), key=lambda route: routes[route])
    also = tuple(r for r in ROUTES if r not in (best, "none") and routes[r] >= 0.25)
    criticism = heard.of("criticism")
    return Signals(
        route=best,
        also=also,
        grounds=MappingProxyType(grounds),
        criticism=criticism >= limits["criticism"].named,
        unsure=_in_doubt(reading, grounds, limits),
        off_topic=reading.off_topic,
        target=reading.target if grounds else None,
        conduct_in_office=reading.conduct if grounds else None,
        hints=tuple(hint for hint, _ in reading.hints),
        hint_words=MappingProxyType(dict(reading.hints)),
        places=reading.places,
        language=reading.language,
        all_grounds=MappingProxyType({n: s for n, s in reading.found.items() if s.probability >= _LEAST_SHOWN}),
        route_probability=routes[best],
        criticism_probability=criticism,
        model_version=f"{encoder.version}+{lexicon.VERSION}",
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

    A reader holds about 100 MB, is made in under a second, and never opens a connection.
    """

    def __init__(self, registers: Registers | Mapping[str, Any] | None = None, *, model: Path | None = None) -> None:
        self._registers = _as_registers(registers)
        self._encoder = Encoder(model)

    @property
    def version(self) -> str:
        """The version of model and lists, as every `Signals` bears it."""
        return f"{self._encoder.version}+{lexicon.VERSION}"

    @property
    def about(self) -> Mapping[str, Any]:
        """How the model was made, as its card says."""
        return MappingProxyType(self._encoder.card.about)

    def read(
        self,
        comment: str,
        post: str | None = None,
        *,
        repeats: int | None = None,
        image: object | None = None,
    ) -> Signals:
        """Return what stands in one comment. ``repeats``: under how many other posts its author put near-identical text.

        ``image``: its picture, a path, a file's bytes or a Pillow image; looked at where the registers hold ``own_pictures``.
        """
        return self.read_many([Row(comment, post, repeats, image)])[0]

    def read_many(self, rows: Sequence[Row | Mapping[str, Any]]) -> list[Signals]:
        """Return the signals of each row, in order. A row is a `Row` or a mapping with ``comment`` and maybe the rest."""
        signals: list[Signals] = []
        for first in range(0, len(rows), _TOGETHER):
            signals += self._read_together(_as_row(row) for row in rows[first : first + _TOGETHER])
        return signals

    def _read_together(self, given: Iterable[Row]) -> list[Signals]:
        rows = list(given)
        readings = [read_before_the_encoder(row.comment, row.post, row.repeats, self._registers) for row in rows]
        signals = []
        for row, reading, heard in zip(rows, readings, ask_encoder(self._encoder, readings), strict=True):
            add_encoder_signals(reading, heard, self._encoder)
            weigh_repeats(reading, heard, self._encoder)
            compare_pictures(reading, row.image, self._encoder)
            find_target(reading, heard)
            signals.append(decide(reading, heard, self._encoder))
        return signals


def _as_row(row: Row | Mapping[str, Any]) -> Row:
    if isinstance(row, Row):
        return row
    return Row(row["comment"], row.get("post"), row.get("repeats"), row.get("image"))


def _as_registers(registers: Registers | Mapping[str, Any] | None) -> Registers:
    if registers is None:
        return Registers()
    if isinstance(registers, Registers):
        return registers
    known = ("active_cases", "candidates", "councillors", "authorised")
    names = {name: tuple(registers.get(name, ())) for name in known}
    return Registers(**names, own_pictures=registers.get("own_pictures"))
