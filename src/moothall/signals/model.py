"""The linear model: one head per route, one per ground, one for criticism. Loaded from a folder, never from a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moothall.signals.features import BUCKETS, Features
from moothall.signals.normalise import Normal
from moothall.words import GROUNDS, ROUTES, DomainError, Evidence

SHIPPED: Final = Path(__file__).parent / "model"
#: The columns of the weights, in order.
HEADS: Final = (*(f"route:{name}" for name in ROUTES), *GROUNDS, "criticism")


class ModelUnreadable(DomainError):
    """The reader's model cannot be loaded. Make it again with `moothall train`."""

    code = "model_unreadable"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From ``named`` on a ground is reported; only from ``sure`` on may anything be recommended because of it."""

    named: float
    sure: float


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights (buckets × heads), a bias per head, the calibration (slope, offset) per head, thresholds per ground."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]
    thresholds: dict[str, Thresholds]
    version: str

    def margins(self, features: Features) -> NDArray[np.float32]:
        """Return the uncalibrated score of every head."""
        scores: NDArray[np.float32] = features.values @ self.weights[features.buckets] + self.bias
        return scores

    def probabilities(self, features: Features) -> NDArray[np.float32]:
        """Return a probability per head, in the order of ``HEADS``; those of the routes sum to one."""
        return self.calibrated(self.margins(features))

    def calibrated(self, margins: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities for margins: softmax over the routes, a logistic curve for every other head."""
        scores = margins * self.slope + self.offset
        result = np.empty_like(scores)
        routes = len(ROUTES)
        powers = np.exp(scores[:routes] - scores[:routes].max())
        result[:routes] = powers / powers.sum()
        result[routes:] = 1 / (1 + np.exp(-np.clip(scores[routes:], -30, 30)))
        return result

    def evidence(self, features: Features, head: str, normal: Normal, most: int = 3) -> tuple[Evidence, ...]:
        """Return the words that speak most for a head, neighbours merged into spans, in order of the text."""
        column = HEADS.index(head)
        placed = features.starts >= 0
        share = features.values * self.weights[features.buckets, column]
        text = normal.text
        heat = np.zeros(len(text) + 1, dtype=np.float64)
        widths = np.maximum(features.ends - features.starts, 1)
        each = np.where(placed, share / widths, 0.0)
        # A difference array spreads each contribution over its characters in one pass.
        np.add.at(heat, np.where(placed, features.starts, 0), each)
        np.add.at(heat, np.where(placed, features.ends, 0), -each)
        heat = np.cumsum(heat)[:-1]
        spans = _word_spans(text)
        scored = [(float(heat[start:end].sum()), start, end) for start, end in spans]
        positive = sorted((item for item in scored if item[0] > 0), reverse=True)
        if not positive:
            return ()
        strongest = positive[0][0]
        chosen = sorted((start, end) for score, start, end in positive[: 3 * most] if score >= 0.35 * strongest)
        joined: list[tuple[int, int]] = []
        for start, end in chosen:
            if joined and start - joined[-1][1] <= 4:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return tuple(normal.evidence(start, end) for start, end in joined[:most])


def _word_spans(text: str) -> list[tuple[int, int]]:
    spans, position = [], 0
    for piece in text.split():
        start = text.index(piece, position)
        position = start + len(piece)
        spans.append((start, position))
    return spans


def load(folder: Path | None = None) -> LinearModel:
    """Return the model in a folder (the shipped one by default). Raises ModelUnreadable."""
    folder = SHIPPED if folder is None else Path(folder)
    try:
        card: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        raw = (folder / "weights.npz").read_bytes()
        with np.load(folder / "weights.npz", allow_pickle=False) as held:
            weights = held["weights"].astype(np.float32)
        if tuple(card["heads"]) != HEADS or weights.shape != (BUCKETS, len(HEADS)):
            raise ModelUnreadable(
                f"The model in {folder} was made for other labels. Make it again with `moothall train`."
            )
        return LinearModel(
            weights,
            np.array(card["bias"], np.float32),
            np.array(card["slope"], np.float32),
            np.array(card["offset"], np.float32),
            {name: Thresholds(**limits) for name, limits in card["thresholds"].items()},
            f"linear-{sha256(raw).hexdigest()[:12]}",
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnreadable(f"No model can be loaded from {folder}: {error}") from error


def save(
    folder: Path,
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    slope: NDArray[np.float32],
    offset: NDArray[np.float32],
    thresholds: dict[str, Thresholds],
    about: dict[str, Any],
) -> None:
    """Write a model: ``weights.npz`` (float16) and ``card.json``, which says what it was made from."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "weights.npz", weights=weights.astype(np.float16))
    card = {
        "heads": list(HEADS),
        "bias": [round(float(value), 6) for value in bias],
        "slope": [round(float(value), 6) for value in slope],
        "offset": [round(float(value), 6) for value in offset],
        "thresholds": {
            name: {"named": round(limit.named, 4), "sure": round(limit.sure, 4)} for name, limit in thresholds.items()
        },
        "about": about,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
