"""Words read in a picture, and those that the original does not have. On demand alone: a picture takes some two seconds.

Reading needs ``pip install 'moothall[words]'`` (RapidOCR; its models are in the package, nothing is fetched). Without it
nothing is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

# As in encoder.py: without this the runtime reports to its maker from the moment it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
from PIL import Image
from rapidfuzz import fuzz

#: Long side of what is read, in pixels: small print of a poster is still told apart, and a large photograph costs no more.
_LONGEST: Final = 1_280
#: A line read with less is as likely a pattern as a word.
_SURE: Final = 0.75
#: From how alike on (0–100) two words are one, misread.
_THE_SAME: Final = 75
_MOST: Final = 60
#: At most so many times as long as wide is what is read: the reader blows up the short side, and a strip would take minutes.
_STRETCHED: Final = 3


def words_added(picture: Image.Image, original: Image.Image) -> tuple[str, ...] | None:
    """Return the words read in a picture that its original does not have, in the order they stand; None where none can be read.

    A word of one or two characters says too little to be told from a speck, and is left out.
    """
    read = _reader()
    if read is None:
        return None
    there = {_bare(word) for word in read(original)}
    added = {
        word: None
        for word in read(picture)
        if len(_bare(word)) > 2 and not any(fuzz.ratio(_bare(word), other) >= _THE_SAME for other in there)
    }
    return tuple(added)[:_MOST]


def _bare(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())


@lru_cache(maxsize=1)
def _reader() -> Callable[[Image.Image], list[str]] | None:
    """Return what reads the words of a picture, made once a process; None where it is not installed."""
    try:
        from rapidocr import RapidOCR
    except ModuleNotFoundError:
        return None
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def read(picture: Image.Image) -> list[str]:
        small = picture.convert("RGB")
        small.thumbnail((_LONGEST, _LONGEST))
        least = -(-max(small.size) // _STRETCHED)
        ground = Image.new("RGB", (max(small.width, least), max(small.height, least)), "white")
        ground.paste(small)
        # It takes colours in OpenCV's order.
        found: Any = engine(np.asarray(ground)[:, :, ::-1])
        lines = zip(found.txts or (), found.scores or (), strict=True)
        return [word for line, sure in lines if sure >= _SURE for word in line.split()]

    return read
