"""From text to numbers: the same here and in training. Hashes are stable across machines and runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS: Final = 1 << 17
_LONGEST: Final = 6_000
_NUMBER: Final = re.compile(r"\d")
_ADDRESS: Final = re.compile(r"https?://\S+|www\.\S+")
_HANDLE: Final = re.compile(r"@\w+")
_SPACE: Final = re.compile(r"\s+")
_TOKEN: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[?!]+|[^\w\s]")
_PRIME: Final = np.uint32(0x9E3779B1)
_MIX: Final = np.uint32(0x85EBCA6B)
#: How much each kind of feature weighs beside the others: words, characters, cues.
_WEIGHT: Final = (1.0, 0.8, 0.25)


@dataclass(frozen=True, slots=True)
class Features:
    """The buckets of one comment and their values; ``starts``/``ends`` are spans of the normalised text, −1 for cues."""

    buckets: NDArray[np.int64]
    values: NDArray[np.float32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]


@lru_cache(maxsize=100_000)
def _hash(token: str) -> int:
    return crc32(token.encode("utf-8", "surrogatepass"))


def _scrambled(hashes: NDArray[np.uint32]) -> NDArray[np.int64]:
    mixed = hashes * _MIX
    mixed ^= mixed >> np.uint32(15)
    return (mixed & np.uint32(BUCKETS - 1)).astype(np.int64)


def plain(text: str) -> str:
    """Return normalised text with every address, handle and digit alike; its length is kept, so offsets hold."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST]
    if "/" in text or "www." in text:
        text = _ADDRESS.sub(lambda match: "http" + " " * (len(match.group()) - 4), text)
    if "@" in text:
        text = _HANDLE.sub(lambda match: "@" + "u" * (len(match.group()) - 1), text)
    return _NUMBER.sub("0", text)


def featurise(text: str, cues: Sequence[str]) -> Features:
    """Return the features of normalised text: words and pairs of words, runs of 3–5 characters, and named cues."""
    text = plain(text)
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    words = np.array([_hash(token) for token, _, _ in tokens], dtype=np.uint32)
    first = np.array([start for _, start, _ in tokens], dtype=np.int32)
    last = np.array([end for _, _, end in tokens], dtype=np.int32)
    pairs = words[:-1] * _PRIME + words[1:] + np.uint32(7)
    word_hashes = np.concatenate([words, pairs])
    word_starts = np.concatenate([first, first[:-1]])
    word_ends = np.concatenate([last, last[1:]])

    codes = np.frombuffer((" " + text + " ").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    runs, run_starts, run_ends = [], [], []
    rolled = codes[:-1] * _PRIME + codes[1:]
    for length in (3, 4, 5):
        if len(codes) < length:
            break
        rolled = rolled[: len(codes) - length + 1] * _PRIME + codes[length - 1 :]
        runs.append(rolled ^ np.uint32(0xABCD1234 * length & 0xFFFFFFFF))
        begin = np.arange(len(rolled), dtype=np.int32) - 1
        run_starts.append(np.maximum(begin, 0))
        run_ends.append(np.minimum(begin + length, len(text)))
    named = np.array([_hash("cue " + cue) for cue in cues], dtype=np.uint32)

    character_hashes = np.concatenate(runs) if runs else np.empty(0, np.uint32)
    hashes = np.concatenate([word_hashes, character_hashes, named])
    nowhere = np.full(len(named), -1, dtype=np.int32)
    counts = (len(word_hashes), len(character_hashes))
    values = np.concatenate(
        [
            np.full(count, weight / max(count, 8) ** 0.5, np.float32)
            for count, weight in zip(counts, _WEIGHT, strict=False)
        ]
        + [np.full(len(named), _WEIGHT[2], np.float32)]
    )
    return Features(
        _scrambled(hashes),
        values,
        np.concatenate([word_starts, *run_starts, nowhere]),
        np.concatenate([word_ends, *run_ends, nowhere]),
    )
