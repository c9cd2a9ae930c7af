"""The council's own pictures, found again in what others post, through what people do to pictures.

Points that look alike name the candidates; each is laid over the picture and must agree with it in many places and on its
surface. What stands on many of the references (a header, a footer, letters of the house's typeface) counts next to nothing, so
that another poster in the same style is no match. Where the references live is a store's business: ``PictureMemory`` by default.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moothall.signals.picture_align import Agreement, Fit, agreement, fit
from moothall.signals.picture_features import Features, features_of, inverted, mirrored
from moothall.signals.picture_search import Found, PointSearch, weight_of
from moothall.signals.pictures import Decoded, decode

#: From this similarity on a picture is named as a match; chosen on the development part of bench/pictures.py.
LEAST: Final = 0.5
_OF_REFERENCE: Final = 700
_OF_QUERY: Final = 600
#: How many of a picture's points are asked for, as it is and mirrored, and with dark and light exchanged.
_ASKED: Final = 500
_ASKED_INVERTED: Final = 300
#: How many references are laid over a picture: those with most points in it, those with most for their size (logos have few).
_LAID: Final = 6
_EMBLEMS: Final = 3
#: How many of them are compared in full.
_EXAMINED: Final = 4
#: From this share of changed blocks on a picture counts as altered.
_ALTERED: Final = 0.012


@dataclass(frozen=True, slots=True)
class Reference:
    """One registered picture: its identity and what is remembered of it."""

    id: Hashable
    features: Features


@dataclass(frozen=True, slots=True)
class PictureMatch:
    """A registered picture that a picture shows.

    ``similarity``: 0–1. ``region``: x, y, width, height in pixels of the picture as given. ``altered``: whether something in
    it was plainly changed; None: not examined. ``words``: words read in it that the original does not have, where they were read.
    ``mirrored``, ``frame``: whether it is the other way round; which of the frames looked at shows it.
    """

    id: Hashable
    similarity: float
    region: tuple[int, int, int, int]
    altered: bool | None = None
    words: tuple[str, ...] = ()
    mirrored: bool = False
    frame: int = 0


class PictureStore(Protocol):
    """Where the registered pictures live."""

    def add(self, reference: Reference) -> None:
        """Remember a reference; one with the same id is replaced."""
        ...

    def remove(self, id: Hashable) -> None:
        """Forget a reference; one that is not there is no error."""
        ...

    def version(self) -> Hashable:
        """Return something that differs whenever the references do."""
        ...

    def all(self) -> Sequence[Reference]:
        """Return every reference, the same object for the same one where that can be."""
        ...


class PictureMemory:
    """Keeps the references in memory."""

    def __init__(self) -> None:
        self._held: dict[Hashable, Reference] = {}
        self._version = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, reference: Reference) -> None:
        """Remember a reference; one with the same id is replaced."""
        self._held[reference.id] = reference
        self._version += 1

    def remove(self, id: Hashable) -> None:
        """Forget a reference; one that is not there is no error."""
        if self._held.pop(id, None) is not None:
            self._version += 1

    def version(self) -> Hashable:
        """Return a number that grows with each change."""
        return self._version

    def all(self) -> Sequence[Reference]:
        """Return every reference, in the order of their first registration."""
        return tuple(self._held.values())


class _Candidate(NamedTuple):
    number: int
    variant: int
    query: Features
    fit: Fit
    agreement: Agreement


class PictureIndex:
    """Registers pictures and finds them again. ``store``: where they live; in memory by default.

    May be asked from several threads: pictures are opened and looked at side by side, and searched for one after another. Each
    worker process has its own.
    """

    def __init__(self, store: PictureStore | None = None) -> None:
        self._store: PictureStore = store if store is not None else PictureMemory()
        self._asking = Lock()
        self._search = PointSearch()
        self._references: list[Reference] = []
        self._weights: dict[int, NDArray[np.float32]] = {}
        self._version: Hashable = None
        self._by_owner: NDArray[np.int64] = np.zeros(0, np.int64)
        self._owner_starts: NDArray[np.int64] = np.zeros(1, np.int64)

    def add(self, image: str | Path | bytes | Image.Image, id: Hashable) -> None:
        """Register a picture (of an animated file the first frame). Raises PictureRefused for what is none."""
        self._store.add(Reference(id, features_of_reference(image)))

    def remove(self, id: Hashable) -> None:
        """Forget a registered picture; one that is not there is no error."""
        self._store.remove(id)

    def find(self, image: str | Path | bytes | Image.Image | Decoded, *, least: float = LEAST) -> list[PictureMatch]:
        """Return the registered pictures that a picture shows, best first, each once; none under the similarity ``least``.

        Of an animated file several frames are looked at. Raises PictureRefused for what is no picture.
        """
        decoded = image if isinstance(image, Decoded) else decode(image)
        best: dict[Hashable, PictureMatch] = {}
        for number, frame in enumerate(decoded.frames):
            # Before the lock: nobody waits for somebody else's picture to be looked at.
            query = features_of(frame, _OF_QUERY)
            with self._asking:
                self._renew()
                found = [self._match(each, decoded, number) for each in self._candidates(query)]
            for match in found:
                if match.similarity >= least and (match.id not in best or best[match.id].similarity < match.similarity):
                    best[match.id] = match
        return sorted(best.values(), key=lambda match: -match.similarity)

    def references(self) -> Sequence[Reference]:
        """Return every registered picture."""
        return self._store.all()

    def _renew(self) -> None:
        """Take in what has changed in the store since the last question."""
        version = self._store.version()
        if version == self._version:
            return
        held = list(self._store.all())
        known = len(self._references)
        if [id(one) for one in held[:known]] != [id(one) for one in self._references]:
            self._search, known = PointSearch(), 0
        self._search.add([(number, one.features.descriptors) for number, one in enumerate(held) if number >= known])
        self._references, self._version, self._weights = held, version, {}
        order = np.argsort(self._search.owner, kind="stable")
        self._by_owner = order
        self._owner_starts = np.searchsorted(self._search.owner[order], np.arange(len(held) + 1))

    def _weights_of(self, number: int) -> NDArray[np.float32]:
        if number not in self._weights:
            places = self._by_owner[self._owner_starts[number] : self._owner_starts[number + 1]]
            weights = np.ones(len(self._references[number].features.points), np.float32)
            weights[self._search.row[places]] = weight_of(self._search.shared[places])
            self._weights[number] = weights
        return self._weights[number]

    def _candidates(self, query: Features) -> list[_Candidate]:
        if not self._references:
            return []
        plain = [query, mirrored(query)]
        found = self._examined(plain, 0, _ASKED)
        if not any(similarity(one) >= LEAST for one in found):
            found += self._examined([inverted(one) for one in plain], 2, _ASKED_INVERTED)
        return found

    def _examined(self, variants: list[Features], first: int, most: int) -> list[_Candidate]:
        size = min(most, len(variants[0].points))
        pairs = self._search.find(np.concatenate([one.descriptors[:size] for one in variants]))
        if not len(pairs.asked):
            return []
        owner = self._search.owner[pairs.held]
        weights = weight_of(np.maximum(self._search.shared[pairs.held], self._spread(pairs, owner)))
        key = pairs.asked // size * len(self._references) + owner
        votes = np.bincount(key, weights, minlength=len(variants) * len(self._references))
        own = np.array([max(20, len(one.features.points)) for one in self._references] * len(variants))
        chosen = [int(one) for one in np.argsort(-votes)[:_LAID] if votes[one] >= 1.0]
        chosen += [int(one) for one in np.argsort(-votes / own**0.7)[:_EMBLEMS] if votes[one] >= 1.0]
        laid = []
        for one in dict.fromkeys(chosen):
            which = np.flatnonzero(key == one)
            variant, number = divmod(one, len(self._references))
            asked, held = pairs.asked[which] - variant * size, self._search.row[pairs.held[which]].astype(np.int64)
            # A little for every point, however common: they still say how the picture lies.
            found = fit(
                variants[variant], self._references[number].features, asked, held, weights[which] + np.float32(0.03)
            )
            if found is not None:
                laid.append((number, variant, found))
        laid.sort(key=lambda one: -one[2].weight)
        return [
            _Candidate(
                number, variant + first, variants[variant], found, self._agreement(number, variants[variant], found)
            )
            for number, variant, found in laid[:_EXAMINED]
        ]

    def _agreement(self, number: int, query: Features, found: Fit) -> Agreement:
        return agreement(query, self._references[number].features, found.matrix, self._weights_of(number))

    def _spread(self, pairs: Found, owner: Any) -> NDArray[np.int32]:
        """Return for each pair in how many references the point asked for was found."""
        both = np.unique(pairs.asked * len(self._references) + owner)
        counts = np.bincount(both // len(self._references), minlength=int(pairs.asked.max()) + 1)
        return counts[pairs.asked].astype(np.int32)

    def _match(self, candidate: _Candidate, shown: Decoded, frame: int) -> PictureMatch:
        x, y, width, height = candidate.agreement.box
        if candidate.variant % 2:
            x = candidate.query.width - x - width
        # Each side by its own scale: what was searched is whole pixels, and a region may not reach out of the picture.
        across, down = shown.width / candidate.query.width, shown.height / candidate.query.height
        left, top = round(x * across), round(y * down)
        region = (left, top, round((x + width) * across) - left, round((y + height) * down) - top)
        return PictureMatch(
            self._references[candidate.number].id,
            similarity(candidate),
            region,
            altered=candidate.agreement.different > _ALTERED,
            mirrored=bool(candidate.variant % 2),
            frame=frame,
        )


def features_of_reference(image: str | Path | bytes | Image.Image) -> Features:
    """Return what is remembered of a picture that is registered; of an animated file the first frame's.

    Raises PictureRefused for what is no picture.
    """
    return features_of(decode(image).frames[0], _OF_REFERENCE)


def similarity(candidate: _Candidate) -> float:
    """Return how sure it is that the candidate is shown, 0–1. Weights chosen on the development part of bench/pictures.py."""
    agreed = candidate.agreement
    force = -7.9 + 1.6 * np.log1p(agreed.evidence) + 1.5 * min(agreed.share, 0.6) + 4.0 * agreed.surface
    # Few exchange dark and light; chance finds have the choice.
    force -= candidate.variant >= 2
    return float(1 / (1 + np.exp(-force)))
