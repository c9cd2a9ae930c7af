"""The encoder: one small network (MiniLM, int8 ONNX) with a head per label and a head per word. Never opens a connection.

A comment is read in pieces of its words; the post enters as one vector, so a post is read once for all its comments. What the
earlier phases saw rides along as named cues. The heads for words say which words carry each ground: that is the evidence.
"""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

# Without this the runtime reports to its maker from the moment it is imported, and leaves an identifier in the temporary folder.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from moothall.signals.findings import Target
from moothall.signals.normalise import Normal, normalise
from moothall.signals.wording import Wording, wording
from moothall.words import GROUNDS, ROUTES, DomainError, Evidence

Floats = NDArray[np.float32]

SHIPPED: Final = Path(__file__).parent / "model"
TARGETS: Final[tuple[Target, ...]] = ("resident", "staff", "politician", "group", "unknown")
#: What public sets call by other names than ours; learned beside the labels, reported on those sets, used for nothing else.
PUBLIC_HEADS: Final = ("offensive", "hateful", "misogyny")
#: Every score of the network, in order.
HEADS: Final = (
    *(f"route:{name}" for name in ROUTES),
    *GROUNDS,
    "criticism",
    *(f"target:{name}" for name in TARGETS),
    *PUBLIC_HEADS,
)
#: Every score a word gets: the grounds, and what a public set marks as toxic.
MARKS: Final = (*GROUNDS, "toxic")
#: Pieces of words read at once; what is longer is read in windows that overlap.
WINDOW: Final = 190
_OVERLAP: Final = 40
_MOST_WINDOWS: Final = 16
#: Characters of a comment that the encoder reads; no platform takes more. Lists and patterns read all.
_LONGEST: Final = 12_000
_POSTS_KEPT: Final = 512
#: The last so many comments are not read again: a campaign puts the same words under a post many times.
_COMMENTS_KEPT: Final = 1024
_FIRST_GROUND: Final = len(ROUTES)
_FIRST_TARGET: Final = HEADS.index(f"target:{TARGETS[0]}")
_ON_ROUTES: Final = slice(0, len(ROUTES))
_AT_RISK: Final = ROUTES.index("safeguard")
_ON_GROUNDS: Final = slice(_FIRST_GROUND, _FIRST_GROUND + len(GROUNDS))
_ON_TARGETS: Final = slice(_FIRST_TARGET, _FIRST_TARGET + len(TARGETS))
_SHOWN_WORD: Final = 0.5
_SILENT: Final = -30.0


class ModelUnreadable(DomainError):
    """The reader's model cannot be loaded. Make it again with `moothall train`."""

    code = "model_unreadable"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From ``named`` on a ground is reported; only from ``sure`` on may anything be recommended because of it."""

    named: float
    sure: float


@dataclass(frozen=True, slots=True)
class Given:
    """One comment for the encoder: normalised, with the post it stands under and the cues seen by earlier phases."""

    normal: Normal
    post: str | None
    cues: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text as the network reads it: numbers of pieces, and the span of the normalised text behind each (−1: none)."""

    ids: NDArray[np.int64]
    places: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the encoder makes of one comment: a probability per head, and for each piece of a word one per mark."""

    probabilities: Floats
    places: NDArray[np.int32]
    marks: Floats

    def of(self, head: str) -> float:
        """Return the probability of a head."""
        return float(self.probabilities[HEADS.index(head)])

    def evidence(self, ground: str, normal: Normal, most: int = 3) -> tuple[Evidence, ...]:
        """Return the words that carry a ground, in order of the text; whole words, neighbours in one span."""
        return tuple(normal.evidence(start, end) for start, end in self.spans(ground, normal.text, most))

    def spans(self, mark: str, text: str, most: int = 3) -> list[tuple[int, int]]:
        """Return half-open spans of the normalised text, strongest ``most`` of them, at least one where there are words."""
        chances = self.marks[:, MARKS.index(mark)]
        placed = self.places[:, 0] >= 0
        if not placed.any():
            return []
        strongest = float(chances[placed].max())
        # Where no word stands out by itself, the strongest still shows where to look.
        limit = min(_SHOWN_WORD, 0.6 * strongest)
        spans: list[tuple[int, int, float]] = []
        for (start, end), chance in zip(self.places[placed].tolist(), chances[placed].tolist(), strict=True):
            if chance < limit:
                continue
            start, end = _whole_word(text, start, end)
            if spans and start - spans[-1][1] <= 3:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]), max(chance, spans[-1][2]))
            else:
                spans.append((start, end, chance))
        chosen = sorted(spans, key=lambda span: -span[2])[:most]
        return sorted((start, end) for start, end, _ in chosen)


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end


class Words:
    """The tokeniser of a model, with the wording that goes before it."""

    def __init__(self, file: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(self._tokenizer.get_vocab())

    def worded(self, text: str) -> Wording:
        """Return the wording of normalised text for this vocabulary."""
        return wording(text, self._vocabulary.__contains__)

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """Return the pieces of normalised texts."""
        worded = [self.worded(text[:_LONGEST]) for text in texts]
        encoded = self._tokenizer.encode_batch([one.text or " " for one in worded], add_special_tokens=True)
        return [
            Pieces(np.array(one.ids, np.int64), _places(said, one.offsets))
            for said, one in zip(worded, encoded, strict=True)
        ]


def _places(said: Wording, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
    places = np.full((len(offsets), 2), -1, np.int32)
    for index, (start, end) in enumerate(offsets):
        if start < end:
            places[index] = said.place(start, end)
    return places


@dataclass(frozen=True, slots=True)
class Card:
    """What is written beside the network: the cues it knows, calibration per head, thresholds, and how it was made."""

    cues: tuple[str, ...]
    slope: Floats
    offset: Floats
    thresholds: dict[str, Thresholds]
    about: dict[str, Any]

    @classmethod
    def read(cls, file: Path) -> Card:
        """Return the card in a file. Raises ModelUnreadable where it was made for other labels."""
        held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if tuple(held["heads"]) != HEADS or tuple(held["marks"]) != MARKS:
            raise ModelUnreadable(
                f"The model of {file} was made for other labels. Make it again with `moothall train`."
            )
        return cls(
            tuple(held["cues"]),
            np.array(held["slope"], np.float32),
            np.array(held["offset"], np.float32),
            {name: Thresholds(**limits) for name, limits in held["thresholds"].items()},
            held["about"],
        )

    def write(self, file: Path) -> None:
        """Write the card as JSON."""
        held = {
            "heads": HEADS,
            "marks": MARKS,
            "cues": self.cues,
            "slope": [round(float(value), 5) for value in self.slope],
            "offset": [round(float(value), 5) for value in self.offset],
            "thresholds": {
                name: {"named": round(limit.named, 4), "sure": round(limit.sure, 4)}
                for name, limit in self.thresholds.items()
            },
            "about": self.about,
        }
        file.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def calibrated(self, scores: Floats) -> Floats:
        """Return probabilities for scores (comments × heads): softmax over routes and over targets, else logistic."""
        shifted = scores * self.slope + self.offset
        result = _logistic(shifted)
        for group in (_ON_ROUTES, _ON_TARGETS):
            powers = np.exp(shifted[:, group] - shifted[:, group].max(axis=1, keepdims=True))
            result[:, group] = powers / powers.sum(axis=1, keepdims=True)
        return result


class Encoder:
    """A loaded model. The same text under the same post is read the same, alone or among others."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load a model from its folder, by default the shipped one. Raises ModelUnreadable."""
        folder = SHIPPED if folder is None else Path(folder)
        try:
            self.card = Card.read(folder / "card.json")
            raw = (folder / "encoder.onnx").read_bytes()
            self.words = Words(folder / "tokenizer.json")
            self._session = _session(raw)
        except ModelUnreadable:
            raise
        except Exception as error:  # onnxruntime and tokenizers raise classes of their own, and plain Exception
            raise ModelUnreadable(f"No model can be loaded from {folder}: {error}") from error
        self.version = f"encoder-{sha256(raw + (folder / 'card.json').read_bytes()).hexdigest()[:12]}"
        self._cue_at = {name: index for index, name in enumerate(self.card.cues)}
        self._posts: OrderedDict[str, Floats] = OrderedDict()
        self._comments: OrderedDict[tuple[str, str | None, frozenset[str]], tuple[Floats, Floats]] = OrderedDict()
        width = self._session.get_inputs()[2].shape[1]
        self._no_post: Floats = np.zeros((1, int(width)), np.float32)

    @property
    def thresholds(self) -> dict[str, Thresholds]:
        """The thresholds per ground, and those of the route ``safeguard`` and of ``criticism``."""
        return self.card.thresholds

    def hear(self, comments: Sequence[Given]) -> list[Heard]:
        """Return what is heard in each comment, in order."""
        scores, marks, pieces = self._run(comments)
        probabilities = self.card.calibrated(scores)
        return [Heard(probabilities[i], pieces[i].places, _logistic(marks[i])) for i in range(len(comments))]

    def scores(self, comments: Sequence[Given]) -> Floats:
        """Return the network's scores before calibration (comments × heads)."""
        return self._run(comments)[0]

    def _run(self, comments: Sequence[Given]) -> tuple[Floats, list[Floats], list[Pieces]]:
        """Return scores, scores of pieces, and the pieces.

        Each text is read by itself: int8 takes its scale from all that is read at once, so that in company the same words would
        come out a little differently. That costs a fourteenth of the speed and buys the same answer for the same text.
        """
        if not comments:
            return np.empty((0, len(HEADS)), np.float32), [], []
        pieces = self.words.pieces([one.normal.text for one in comments])
        found = [self._read_once(comment, piece.ids) for comment, piece in zip(comments, pieces, strict=True)]
        return np.stack([scores for scores, _ in found]), [marks for _, marks in found], pieces

    def _read_once(self, comment: Given, ids: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return scores (heads) and scores of pieces (pieces × marks) of a comment; the last many are kept."""
        key = (comment.normal.text, comment.post, comment.cues)
        known = self._comments.get(key)
        if known is not None:
            self._comments.move_to_end(key)
            return known
        fed = {"post": self._post(comment.post), "cues": self._cues(comment.cues)}
        windows = []
        marks = np.full((len(ids), len(MARKS)), _SILENT, np.float32)
        for begin, end in _windows(len(ids)):
            score, words, _ = self._read(_framed(ids, begin, end), fed)
            windows.append(score[0])
            held = marks[begin:end]
            np.maximum(held, words[0, 1 : end - begin + 1], out=held)
        self._comments[key] = _joined(windows), marks
        if len(self._comments) > _COMMENTS_KEPT:
            self._comments.popitem(last=False)
        return self._comments[key]

    def _read(self, ids: NDArray[np.int64], fed: dict[str, Floats]) -> list[Floats]:
        one: list[Floats] = self._session.run(
            None, {"ids": ids[None, :], "mask": np.ones((1, len(ids)), np.float32), **fed}
        )
        return one

    def _cues(self, names: frozenset[str]) -> Floats:
        values = np.zeros((1, len(self.card.cues)), np.float32)
        for name in names:
            at = self._cue_at.get(name)
            if at is not None:
                values[0, at] = 1
        return values

    def _post(self, post: str | None) -> Floats:
        """Return the vector of a post (1 × width); the last few hundred are kept."""
        if not post or not post.strip():
            return self._no_post
        known = self._posts.get(post)
        if known is not None:
            self._posts.move_to_end(post)
            return known
        ids = self.words.pieces([normalise(post).text])[0].ids
        fed = {"post": self._no_post, "cues": self._cues(frozenset())}
        mean = self._read(_framed(ids, 1, min(len(ids) - 1, WINDOW + 1)), fed)[2]
        self._posts[post] = mean
        if len(self._posts) > _POSTS_KEPT:
            self._posts.popitem(last=False)
        return mean


def _logistic(scores: Floats) -> Floats:
    result: Floats = (1 / (1 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)
    return result


def _session(raw: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    # One thread: a desk runs several workers, and a batch on one core is the unit that scales.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])


def _windows(pieces: int) -> list[tuple[int, int]]:
    """Return the windows over the inner pieces (without first and last mark) of a text."""
    begin, last = 1, pieces - 1
    found: list[tuple[int, int]] = []
    while len(found) < _MOST_WINDOWS:
        end = min(begin + WINDOW, last)
        found.append((begin, max(end, begin)))
        if end >= last:
            break
        begin = end - _OVERLAP
    return found


def _framed(ids: NDArray[np.int64], begin: int, end: int) -> NDArray[np.int64]:
    return np.concatenate([ids[:1], ids[begin:end], ids[-1:]])


def _joined(windows: Sequence[Floats]) -> Floats:
    """Return the scores of a whole text: grounds and risk stand where one window shows them; the rest is the mean."""
    if len(windows) == 1:
        return windows[0]
    together = np.stack(windows)
    result: Floats = together.mean(axis=0)
    result[_ON_GROUNDS] = together[:, _ON_GROUNDS].max(axis=0)
    result[_AT_RISK] = together[:, _AT_RISK].max()
    return result
