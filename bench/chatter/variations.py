"""How a campaign changes its text so as not to be recognised: families of variation, each at three strengths."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Final

from chatter.grammar import chatter, other_word

_EMOJI: Final = "🔥 💯 🎉 👉 ✅ 💰 😍 🙌 ⭐ 🚨 👇 ❤️ 🏡 📞 💎".split()
_ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_GLYPHS: Final = {
    "a": "аɑａá",
    "c": "сｃ",
    "e": "еｅé",
    "i": "іｉí",
    "j": "ј",
    "o": "оοｏó",
    "p": "рｐ",
    "s": "ѕｓ",
    "x": "хｘ",
    "y": "уｙ",
    "h": "һｈ",
    "d": "ԁｄ",
    "g": "ɡｇ",
    "n": "ոｎñ",
    "u": "ս𝐮ü",
    "t": "𝐭ｔ",
    "r": "𝐫ｒ",
    "l": "ⅼｌ",
    "m": "ｍ𝐦",
    "A": "АΑ",
    "B": "ВΒ",
    "E": "ЕΕ",
    "H": "НΗ",
    "O": "ОΟ",
    "T": "ТΤ",
}
_LEET: Final = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "l": "1|", "b": "8", "g": "9"}
_TAGS: Final = "#bargain #local #fyp #viral #news #offer #mustsee #trending #community #weekend #deal #dontmiss".split()
_NAMES: Final = "@council @borough @townhall @mum_of_two @steve.b @localnews @market @thereal_jo @neighbours".split()
_HOSTS: Final = "deals4u quick-win topdoctor easycash brightroofs gogutters shopnow bestpicks luckyday fastdocs".split()
_ENDS: Final = "example com co.uk shop info net".split()
_NEAR: Final = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk", "k": "jl",
    "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb",
    "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_CONTACT: Final = re.compile(r"https?://\S+|\b[\w-]+\.(?:example|com|co\.uk|shop|info|net)(?:/\w*)?|\b0\d{4} ?\d{6}\b")


def link(chance: random.Random) -> str:
    """Return an invented address on the web."""
    host = f"{chance.choice(_HOSTS)}{chance.randrange(1000)}.{chance.choice(_ENDS)}"
    return chance.choice(("https://{}/{}", "www.{}/{}", "{}/{}", "http://{}")).format(host, chance.randrange(10**6))


def contact(chance: random.Random) -> str:
    """Return how to get in touch: an address on the web, a number, an e-mail address, a name on a platform."""
    dice = chance.random()
    if dice < 0.5:
        return link(chance)
    if dice < 0.8:
        return f"07700 900{chance.randrange(1000):03d}"
    if dice < 0.9:
        return f"{chance.choice(_HOSTS)}{chance.randrange(99)}@mail.example"
    return f"@{chance.choice(_HOSTS)}{chance.randrange(99)}"


def _case(chance: random.Random, text: str, strength: int) -> str:
    if strength == 1:
        return chance.choice((text.upper(), text.lower()))
    if strength == 2:
        return text.title() if chance.random() < 0.5 else text.swapcase()
    return "".join(chance.choice((c.upper(), c.lower())) for c in text)


def _punctuation(chance: random.Random, text: str, strength: int) -> str:
    if strength == 1:
        return re.sub(r"[^\w\s£%@#/:]", "", text) if chance.random() < 0.5 else text + "!!!"
    marks = ("!", "...", ",", " -", " ~", " *", "!!", " |")
    share = 0.25 if strength == 2 else 0.8
    return " ".join(word + (chance.choice(marks) if chance.random() < share else "") for word in text.split())


def _emoji(chance: random.Random, text: str, strength: int) -> str:
    words = text.split()
    for _ in range((2, 6, len(words))[strength - 1]):
        words.insert(chance.randrange(len(words) + 1), chance.choice(_EMOJI))
    return " ".join(words)


def _zero_width(chance: random.Random, text: str, strength: int) -> str:
    share = (0.05, 0.25, 0.8)[strength - 1]
    return "".join(c + (chance.choice(_ZERO_WIDTH) if chance.random() < share else "") for c in text)


def _glyphs(chance: random.Random, text: str, strength: int) -> str:
    share = (0.1, 0.4, 1.0)[strength - 1]
    return "".join(chance.choice(_GLYPHS[c]) if c in _GLYPHS and chance.random() < share else c for c in text)


def _leet(chance: random.Random, text: str, strength: int) -> str:
    share = (0.15, 0.45, 0.9)[strength - 1]
    return "".join(
        chance.choice(_LEET[c.lower()]) if c.lower() in _LEET and chance.random() < share else c for c in text
    )


def _insertions(chance: random.Random, text: str, strength: int) -> str:
    words = text.split()
    for _ in range((1, 3, 7)[strength - 1]):
        new = chance.choice((chance.choice(_TAGS), chance.choice(_NAMES), link(chance)))
        at = chance.choice((0, len(words))) if strength == 1 else chance.randrange(len(words) + 1)
        words.insert(at, new)
    return " ".join(words)


def _addresses(chance: random.Random, text: str, strength: int) -> str:
    changed, count = _CONTACT.subn(lambda _: contact(chance), text)
    for _ in range((strength if count else strength + 1) - 1):
        changed += " " + contact(chance)
    return changed if count or strength > 1 else f"{changed} {contact(chance)}"


def _order(chance: random.Random, text: str, strength: int) -> str:
    parts = re.split(r"(?<=[.!?])\s+" if strength < 3 else r"(?<=[.!?,:])\s+", text)
    if len(parts) == 1:
        words = text.split()
        cut = chance.randrange(len(words) // 3, 2 * len(words) // 3 + 1)
        parts = [" ".join(words[:cut]), " ".join(words[cut:])]
    if strength == 1:
        return " ".join(parts[1:] + parts[:1])
    chance.shuffle(parts)
    return " ".join(parts)


def _words(chance: random.Random, text: str, strength: int) -> str:
    words = text.split()
    for _ in range(min(strength, len(words) // 3)):
        words[chance.randrange(len(words))] = other_word(chance)
    return " ".join(words)


def _ends(chance: random.Random, text: str, strength: int) -> str:
    count = chance.randrange(*((2, 4), (4, 9), (9, 16))[strength - 1])
    added = " ".join((chatter(chance) + " " + chatter(chance)).split()[:count])
    return f"{added} {text}" if chance.random() < 0.5 else f"{text} {added}"


def _typos(chance: random.Random, text: str, strength: int) -> str:
    share = (0.015, 0.04, 0.08)[strength - 1]
    out: list[str] = []
    for c in text:
        if not c.isalpha() or chance.random() >= share:
            out.append(c)
            continue
        dice = chance.randrange(4)
        if dice == 0 and out:
            out.insert(-1, c)
        elif dice == 1:
            out.append(chance.choice(_NEAR.get(c.lower(), c)))
        elif dice == 2:
            out.append(c + c)
    return "".join(out)


def _spacing(chance: random.Random, text: str, strength: int) -> str:
    if strength == 1:
        return re.sub(" ", lambda _: chance.choice((" ", " ", "  ", "")), text)
    if strength == 2:
        return " ".join(" ".join(word) if chance.random() < 0.3 else word for word in text.split())
    return " ".join(text.replace(" ", "")) if chance.random() < 0.5 else text.replace(" ", "")


FAMILIES: Final[Mapping[str, Callable[[random.Random, str, int], str]]] = {
    "case": _case,
    "punctuation": _punctuation,
    "emoji": _emoji,
    "zero-width": _zero_width,
    "homoglyphs": _glyphs,
    "leet": _leet,
    "insertions": _insertions,
    "addresses": _addresses,
    "order": _order,
    "words": _words,
    "ends": _ends,
    "typos": _typos,
    "spacing": _spacing,
}
#: What changes words comes before what changes letters, so that both survive.
_FIRST: Final = ("order", "words", "ends", "addresses")


def vary(chance: random.Random, text: str) -> tuple[str, str, int]:
    """Return a variation of the text, its family (two joined by +, or ``same``) and its strength 1–3 (0 for ``same``)."""
    dice = chance.random()
    if dice < 0.08:
        return text, "same", 0
    strength = chance.randrange(1, 4)
    names = chance.sample(sorted(FAMILIES), 1 if dice < 0.7 else 2)
    names.sort(key=lambda name: name not in _FIRST)
    for name in names:
        text = FAMILIES[name](chance, text, strength)
    return text, "+".join(names), strength
