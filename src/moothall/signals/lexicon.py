"""Phase three: what visible lists say. Words and patterns live in ``lists/``, where a council can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from moothall.signals.normalise import Normal
from moothall.words import Evidence, Signal

PHASE: Final = "lexicon"
VERSION: Final = "lists-1"
_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_LEET: Final = str.maketrans("@431!|05$7+€£", "aaeiiiosstteL".lower())
_MASK: Final = re.compile(r"[*#@$!|+€_.~\-\d\u2190-\u2bff\U0001f000-\U0001faff]")
_CHUNK: Final = re.compile(r"[^\s,;:()\"?/]+")
_SPACED: Final = re.compile(r"(?<![^\W_])(?:[^\W_][\s.*_\-~]{1,3}){2,14}[^\W_](?![^\W_])")
_REPEATED: Final = re.compile(r"([a-z])\1{1,}")
_LONG_RUN: Final = re.compile(r"([a-z])\1\1")
_WILD: Final = re.compile(r"[*#_~\u2190-\u2bff\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the normalised text and where it stands in it."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A ground by regular expression, tried only where one of its trigger words stands."""

    name: str
    ground: str
    probability: float
    expression: re.Pattern[str]


def words_of(text: str) -> list[Word]:
    """Return the words of normalised text in order."""
    return [Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


def _lines(name: str) -> Iterator[list[str]]:
    text = files("moothall.signals").joinpath("lists", name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def _strong_forms() -> frozenset[str]:
    """Every form of every strong word, written out: a lookup, so that no place name can contain one by chance."""
    forms = set()
    for stem, language, before, after in _lines("strong_words.tsv"):
        if language == "xx":
            continue
        for beginning in before.split("|"):
            for ending in (after or "-").split("|"):
                forms.add(beginning.replace("-", "") + stem + ending.replace("-", ""))
    return frozenset(forms)


@cache
def _squeezed_forms() -> dict[str, str]:
    """Strong forms by themselves with doubled letters made single, for words stretched out."""
    return {_REPEATED.sub(r"\1", form): form for form in _strong_forms() if len(form) > 3 and form.isascii()}


@cache
def _forms_by_shape() -> dict[tuple[str, int], tuple[str, ...]]:
    shapes: dict[tuple[str, int], list[str]] = {}
    for form in sorted(_strong_forms()):
        shapes.setdefault((form[0], len(form)), []).append(form)
    return {shape: tuple(forms) for shape, forms in shapes.items()}


@cache
def patterns() -> dict[str, tuple[Pattern, ...]]:
    """Return the patterns by trigger word; under ``*digits`` those for any comment with digits in it."""
    parts: dict[str, str] = {}
    found: dict[str, list[Pattern]] = {}
    for line in _lines("patterns.tsv"):
        if line[0] == "let":
            parts[line[1]] = line[2]
            continue
        name, ground, probability, triggers, expression = line
        for part, text in parts.items():
            expression = expression.replace("{" + part + "}", text)
        pattern = Pattern(name, ground, float(probability), re.compile(expression))
        for trigger in triggers.split(","):
            found.setdefault(trigger, []).append(pattern)
    return {trigger: tuple(held) for trigger, held in found.items()}


@cache
def _cues() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[tuple[str, str], ...]]]:
    """Cue names by single word, and (phrase, name) by the phrase's first word."""
    single: dict[str, list[str]] = {}
    phrases: dict[str, list[tuple[str, str]]] = {}
    for name, listed in _lines("cues.tsv"):
        for item in listed.split("|"):
            match = _WORD.match(item)
            if match and match.end() == len(item):
                single.setdefault(item, []).append(name)
            elif match:
                phrases.setdefault(match.group(), []).append((item, name))
    return (
        {word: tuple(names) for word, names in single.items()},
        {word: tuple(held) for word, held in phrases.items()},
    )


def cues(text: str, words: list[Word]) -> dict[str, int]:
    """Return how often each class of words in ``cues.tsv`` occurs."""
    single, phrases = _cues()
    counts: dict[str, int] = {}
    for word in words:
        for name in single.get(word.text, ()):
            counts[name] = counts.get(name, 0) + 1
        for phrase, name in phrases.get(word.text, ()):
            if text.startswith(phrase, word.start):
                counts[name] = counts.get(name, 0) + 1
    return counts


def strong_words(normal: Normal, words: list[Word]) -> list[Evidence]:
    """Return where strong swearing stands, plain, stretched, masked, spaced or split in two. Mild words are no hits."""
    text, forms = normal.text, _strong_forms()
    spans: list[tuple[int, int]] = []
    previous: Word | None = None
    for word in words:
        if word.text in forms or (
            _REPEATED.search(word.text) and len(word.text) > 4 and word.text not in forms and _stretched(word.text)
        ):
            spans.append((word.start, word.end))
        elif (
            previous is not None
            and text[previous.end : word.start] == " "
            and len(previous.text) + len(word.text) < 9
            and previous.text + word.text in forms
        ):
            spans.append((previous.start, word.end))
        if "-" in word.text or "'" in word.text:
            offset = word.start
            for part in re.split(r"[-']", word.text):
                if part in forms and (offset, offset + len(part)) not in spans:
                    spans.append((offset, offset + len(part)))
                offset += len(part) + 1
        previous = word
    if _MASK.search(text):
        spans += _masked(text)
    spans += _spaced(text)
    return [normal.evidence(start, end) for start, end in merged(spans)]


def _stretched(word: str) -> bool:
    form = _squeezed_forms().get(_REPEATED.sub(r"\1", word))
    if form is None or len(word) <= len(form):
        return False
    # Place names end in doubled letters (there is one in Orkney); who swears stretches the middle, or much more.
    return _REPEATED.sub(r"\1", word[:-2]) != word[:-2] or _LONG_RUN.search(word) is not None


def _masked(text: str) -> Iterator[tuple[int, int]]:
    """Yield spans of chunks that spell a strong word with digits, symbols or blanked letters."""
    for chunk in _CHUNK.finditer(text):
        piece = chunk.group()
        if not _MASK.search(piece) or len(piece) > 40 or not any(c.isalpha() for c in piece) or "http" in piece:
            continue
        core = piece.strip(".!'\"“”")
        start = chunk.start() + piece.find(core)
        if core[:1] in "@#" and core[1:].isalnum() and core[1:] not in _strong_forms():
            continue
        end = start + len(core)
        if _is_masked(core):
            yield start, end
        elif _is_masked(piece.rstrip(".")):
            yield chunk.start(), chunk.end()


def _is_masked(piece: str) -> bool:
    forms = _strong_forms()
    plain = piece.translate(_LEET)
    letters = "".join(c for c in plain if c.isalpha())
    if len(letters) > 2 and letters != piece and letters in forms and letters.isalpha():
        return True
    if letters != piece and len(letters) > 3 and _stretched(letters):
        return True
    if not _WILD.search(piece) or not piece[0].isalpha():
        return False
    shown = sum(c.isalpha() for c in piece)
    hidden = len(piece) - shown
    for form in _forms_by_shape().get((plain[0], len(plain)), ()):
        if not all(p == f or _WILD.match(p) for p, f in zip(plain, form, strict=True)):
            continue
        # One letter and stars says little unless it is the two words nobody else is starred for.
        if shown >= 2 or (hidden == 3 and plain[0] in "fc"):
            return True
    return False


def _spaced(text: str) -> Iterator[tuple[int, int]]:
    for match in _SPACED.finditer(text):
        letters = [(match.start() + i, c) for i, c in enumerate(match.group()) if c.isalnum()]
        joined = "".join(c for _, c in letters).translate(_LEET)
        for length in range(min(len(joined), 14), 3, -1):
            for begin in range(len(joined) - length + 1):
                if joined[begin : begin + length] in _strong_forms():
                    yield letters[begin][0], letters[begin + length - 1][0] + 1
                    return


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, those that overlap or touch made one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def pattern_signals(normal: Normal, words: list[Word]) -> tuple[dict[str, Signal], list[str]]:
    """Return the grounds that patterns show, and the names of the patterns that matched."""
    by_trigger = patterns()
    tried: dict[str, Pattern] = {}
    for word in words:
        for pattern in by_trigger.get(word.text, ()):
            tried[pattern.name] = pattern
    if any(character.isdigit() for character in normal.text):
        tried |= {pattern.name: pattern for pattern in by_trigger["*digits"]}
    signals: dict[str, Signal] = {}
    names = []
    for name, pattern in sorted(tried.items()):
        match = pattern.expression.search(normal.text)
        if match is None or match.start() == match.end():
            continue
        names.append(name)
        held = signals.get(pattern.ground)
        evidence = (*(held.evidence if held else ()), normal.evidence(*match.span()))
        probability = max(pattern.probability, held.probability if held else 0.0)
        signals[pattern.ground] = Signal(probability, evidence, PHASE, VERSION)
    return signals, names


@cache
def _parties() -> tuple[tuple[str, bool, re.Pattern[str]], ...]:
    rows = []
    for name, capital, listed in _lines("parties.tsv"):
        any_of = "|".join(re.escape(item) for item in listed.split("|"))
        rows.append((name, capital == "yes", re.compile(rf"\b(?:{any_of})\b")))
    return tuple(rows)


@cache
def _party_words() -> frozenset[str]:
    return frozenset(
        word for _, _, listed in _lines("parties.tsv") for item in listed.split("|") for word in _WORD.findall(item)
    )


def parties(normal: Normal, words: list[Word]) -> list[Evidence]:
    """Return where parties are named. A name that is also a word counts only with a capital inside a sentence."""
    if not any(word.text in _party_words() for word in words):
        return []
    found = []
    for _, capital, expression in _parties():
        for match in expression.finditer(normal.text):
            evidence = normal.evidence(*match.span())
            first_of_sentence = not normal.text[: match.start()].rstrip() or (
                normal.text[: match.start()].rstrip()[-1] in ".!?:"
            )
            if not capital or (evidence.text[0].isupper() and not first_of_sentence):
                found.append(evidence)
    return found


@cache
def _insults_by_shape() -> dict[tuple[str, int], tuple[str, ...]]:
    single, _ = _cues()
    insults = sorted(word for word, names in single.items() if "insult" in names and word.isalpha() and len(word) > 3)
    shapes: dict[tuple[str, int], list[str]] = {}
    for form in insults:
        shapes.setdefault((form[0], len(form)), []).append(form)
    return {shape: tuple(forms) for shape, forms in shapes.items()}


def masked_as(piece: str) -> str | None:
    """Return the strong word or the insult that a piece of text blanks out ("m*ron") or spells with signs, or None."""
    plain = piece.translate(_LEET)
    letters = "".join(character for character in plain if character.isalpha())
    if letters != piece and len(letters) > 2 and (letters in _strong_forms() or _is_insult(letters)):
        return letters
    if not _WILD.search(piece) or len(plain) < 3 or not plain[0].isalpha():
        return None
    shown = sum(character.isalpha() for character in piece)
    if shown < 2:
        return None
    for shapes in (_forms_by_shape(), _insults_by_shape()):
        for form in shapes.get((plain[0], len(plain)), ()):
            if all(p == f or _WILD.match(p) for p, f in zip(plain, form, strict=True)):
                return form
    return None


def _is_insult(word: str) -> bool:
    return len(word) > 3 and "insult" in _cues()[0].get(word, ())


@cache
def topics() -> dict[str, frozenset[str]]:
    """Return the topics each word belongs to."""
    found: dict[str, set[str]] = {}
    for topic, listed in _lines("topics.tsv"):
        for word in listed.split("|"):
            found.setdefault(word, set()).add(topic)
    return {word: frozenset(held) for word, held in found.items()}


@cache
def english() -> frozenset[str]:
    """Return the commonest words of English."""
    text = files("moothall.signals").joinpath("lists", "english.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
