"""How well pictures are found again through what people do to them, and that another poster in the same style is no match.

python bench/pictures.py [--part test|development] [--share 1.0] [--seed N] [--others 0.25] [--keep FOLDER] [--scale]

250 references of a borough that does not exist (140 posters in one house style, 95 scenes, 15 logos) and at --share 1.0:
- 660 altered copies: 11 families × 3 strengths × 20 (bench/gallery/alter.py);
- 2,000 that show none: 840 posters in the same house style, with its logo, words and places, 600 scenes, 560 other people's
  flyers, captions, chats and notices; half of them altered, too.
The two parts share no picture. A find counts where the right reference comes first. Recall is given where no negative scores as
high, where 0.1 % do, and at the threshold that the development part chose.

On the same cases: PDQ over its 8 symmetries; SIFT with an affine check, plain and with points weighted by how many references
share them (OpenCV: FLANN over all references, the ten with most votes matched by ratio and checked, the mirrored picture, too).

--keep: results go into FOLDER as they come, and a run that was broken off goes on. --others: the share of the cases on which
the other methods, which are slow, are measured, too; 0 for none. Times are processor time of one core. --scale: instead, time and
growth from 250 to 10,000 references.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

# One thread, as a worker has; a second one that waits would be counted as processor time. Has to come before numpy.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2
import numpy as np
from gallery.alter import FAMILIES, saved
from gallery.compose import logo, poster, scene, stranger
from PIL import Image, ImageOps

from moothall.signals.picture_index import LEAST, PictureIndex, PictureMemory, Reference
from moothall.signals.pictures import decode

PER_CELL, NEGATIVES = 20, (("poster", poster, 840), ("scene", scene, 600), ("stranger", stranger, 560))
MILD = ("crop", "jpeg", "screenshot", "overlay", "filter")
#: The families that change what a picture says.
ALTERED = {"overlay", "doctored"}
Scored = tuple[str, float]
FIRST = {"development": 1_000_000, "test": 5_000_000}


class Case(NamedTuple):
    """A query: its family, strength (0 for a negative), the reference it shows or "", and how to make it."""

    family: str
    strength: int
    shows: str
    make: Callable[[], bytes]


def references(first: int) -> dict[str, Image.Image]:
    """Return the registered pictures by their ids."""
    found = {f"poster {number}": poster(first + number) for number in range(140)}
    found |= {f"scene {number}": scene(first + 1_000 + number) for number in range(95)}
    return found | {f"logo {number}": logo(number) for number in range(15)}


def cases(first: int, pictures: dict[str, Image.Image], share: float) -> Iterator[Case]:
    """Return the queries, the same for the same seed and share."""
    dice = random.Random(first)
    whole = [name for name in pictures if not name.startswith("logo")]
    logos = ["logo 0"] * 5 + [name for name in pictures if name.startswith("logo")]
    for family, alter in FAMILIES.items():
        for strength in (1, 2, 3):
            for _ in range(max(1, round(PER_CELL * share))):
                shows, seed = dice.choice(logos if family == "logo" else whole), dice.random()
                yield Case(family, strength, shows, _copy(alter, pictures[shows], strength, seed, dice.randint(70, 90)))
    for name, compose, count in NEGATIVES:
        for number in range(max(1, round(count * share))):
            alter = FAMILIES[dice.choice(MILD)] if dice.random() < 0.5 else None
            yield Case(
                name, 0, "", _other(compose, first + 100_000 + number, alter, dice.random(), dice.randint(70, 90))
            )


def _copy(alter: Any, picture: Image.Image, strength: int, seed: float, quality: int) -> Callable[[], bytes]:
    return lambda: saved(alter(picture, strength, random.Random(seed)), quality)


def _other(compose: Any, number: int, alter: Any, seed: float, quality: int) -> Callable[[], bytes]:
    def make() -> bytes:
        picture = compose(number)
        return saved(alter(picture, 1, random.Random(seed)) if alter else picture, quality)

    return make


class Pdq:
    """PDQ, the hash that platforms share: a reference's against the query's in all 8 symmetries."""

    def __init__(self, pictures: dict[str, Image.Image]) -> None:
        import pdqhash

        self._hash = pdqhash
        self.names = list(pictures)
        self.held = np.array(
            [pdqhash.compute(np.asarray(decode(one).frames[0]))[0] for one in pictures.values()], np.int16
        )

    def best(self, raw: bytes) -> Scored:
        hashes, _ = self._hash.compute_dihedral(np.asarray(decode(raw).frames[0]))
        away = np.abs(self.held[None] - np.array(hashes, np.int16)[:, None]).sum(2).min(0)
        return self.names[int(away.argmin())], 1 - float(away.min()) / 256


class Sift:
    """The usual way with SIFT: votes over all references, then a ratio test and an affine check for the ten best."""

    def __init__(self, pictures: dict[str, Image.Image]) -> None:
        self.names = list(pictures)
        self.sift = cv2.SIFT_create(800)
        self.held = [self._features(decode(one).frames[0]) for one in pictures.values()]
        self.owner = np.concatenate(
            [np.full(len(descriptors), number) for number, (_, descriptors) in enumerate(self.held)]
        )
        self.flann = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 4}, {"checks": 64})
        self.flann.add([np.concatenate([descriptors for _, descriptors in self.held])])
        self.flann.train()
        self.starts = np.searchsorted(self.owner, np.arange(len(self.held) + 1))
        self.weights = [np.ones(len(descriptors)) for _, descriptors in self.held]
        for number, (_, descriptors) in enumerate(self.held):
            near = self.flann.knnMatch(descriptors, k=12)
            others = [len({self.owner[one.trainIdx] for one in row if one.distance < 0.4} - {number}) for row in near]
            self.weights[number] = 1 / (1 + np.array(others)) ** 1.5

    def _features(self, picture: Image.Image) -> tuple[Any, Any]:
        grey = np.asarray(picture.convert("L"))
        scale = min(1.0, (400_000 / grey.size) ** 0.5)
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
        points, raw = self.sift.detectAndCompute(grey, None)
        if raw is None:
            return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
        return np.array([p.pt for p in points], np.float32), np.sqrt(raw / np.maximum(raw.sum(1, keepdims=True), 1e-6))

    def both(self, raw: bytes) -> tuple[Scored, Scored]:
        """Return the best by plain count of agreeing points, and by their weight."""
        picture = decode(raw).frames[0]
        plain, weighted = ("", 0.0), ("", 0.0)
        for one in (picture, ImageOps.mirror(picture)):
            places, descriptors = self._features(one)
            if len(descriptors) < 4:
                continue
            near = [row for row in self.flann.knnMatch(descriptors, k=4) if row]
            count, heavy = np.zeros(len(self.held)), np.zeros(len(self.held))
            for row in near:
                for match in row:
                    if match.distance < 0.55:
                        owner = self.owner[match.trainIdx]
                        count[owner] += 1
                        heavy[owner] += self.weights[owner][match.trainIdx - self.starts[owner]]
            for number in {*np.argsort(-count)[:10].tolist(), *np.argsort(-heavy)[:10].tolist()}:
                here, theirs = self.held[number]
                if len(theirs) < 4:
                    continue
                pairs = [
                    row[0] for row in cv2.BFMatcher().knnMatch(descriptors, theirs, k=2)
                    if len(row) == 2 and row[0].distance < 0.8 * row[1].distance
                ]  # fmt: skip
                if len(pairs) < 4:
                    continue
                ours = np.array([match.trainIdx for match in pairs])
                _, inside = cv2.estimateAffinePartial2D(
                    here[ours], places[[match.queryIdx for match in pairs]], ransacReprojThreshold=5
                )
                if inside is None:
                    continue
                agreed = np.unique(ours[inside[:, 0] > 0])
                plain = max(plain, (self.names[number], float(len(agreed))), key=lambda pair: pair[1])
                weight = float(self.weights[number][agreed].sum())
                weighted = max(weighted, (self.names[number], weight), key=lambda pair: pair[1])
        return plain, weighted


def measure(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Return one row per case: family, strength, what it shows, and for each method the best reference and its score."""
    first = asked.seed or FIRST[asked.part]
    pictures = references(first)
    index = PictureIndex()
    for name, picture in pictures.items():
        index.add(picture, name)
    index.find(next(iter(pictures.values())))
    pdq, sift = (Pdq(pictures), Sift(pictures)) if asked.others else (None, None)
    every = round(1 / asked.others) if asked.others else 0
    rows: list[dict[str, Any]] = []
    file = None
    if asked.keep:
        path = Path(asked.keep) / f"{first}-{asked.share}-{asked.others}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        file = path.open("a")
    for number, case in enumerate(cases(first, pictures, asked.share)):
        if number < len(rows):
            continue
        raw = case.make()
        begun = time.process_time()
        found = index.find(raw, least=0.0)
        row: dict[str, Any] = {"family": case.family, "strength": case.strength, "shows": case.shows}
        row["ms"] = 1000 * (time.process_time() - begun)
        row["moothall"] = (found[0].id, found[0].similarity) if found else ("", 0.0)
        row["altered"] = found[0].altered if found else None
        if pdq and sift and number % every == 0:
            row["PDQ, 8 symmetries"] = pdq.best(raw)
            row["SIFT, affine check"], row["SIFT, weighted points"] = sift.both(raw)
        rows.append(row)
        if file:
            file.write(json.dumps(row) + "\n")
            file.flush()
    return rows


def recalls(rows: list[dict[str, Any]], methods: list[str]) -> None:
    """Print recall for each method, on the same cases."""
    negatives, copies = [row for row in rows if not row["shows"]], [row for row in rows if row["shows"]]
    print(f"{len(copies)} altered copies, {len(negatives)} negatives")
    print(f"{'':<24}{'no false match':>15}{'0.1 % false':>13}{'right first':>13}")
    for name in methods:
        scores = sorted((row[name][1] for row in negatives), reverse=True)
        levels = [scores[0], scores[min(len(scores) - 1, max(1, round(len(scores) / 1000)))]]
        shares = [
            np.mean([row[name][0] == row["shows"] and row[name][1] > level for row in copies]) for level in levels
        ]
        named = [row[name][0] == row["shows"] for row in copies if row[name][1] > levels[1]]
        print(f"{name:<24}{shares[0]:>15.3f}{shares[1]:>13.3f}{np.mean(named) if named else 0:>13.3f}")


def report(rows: list[dict[str, Any]]) -> None:
    """Print recall for each method, and for the index by family and strength."""
    negatives, copies = [row for row in rows if not row["shows"]], [row for row in rows if row["shows"]]
    recalls(rows, ["moothall"])
    compared = [row for row in rows if "SIFT, affine check" in row]
    if compared:
        recalls(compared, ["moothall", "PDQ, 8 symmetries", "SIFT, affine check", "SIFT, weighted points"])
    over = [row for row in negatives if row["moothall"][1] >= LEAST]
    met = [row["moothall"][0] == row["shows"] for row in copies if row["moothall"][1] >= LEAST]
    print(f"at the chosen threshold {LEAST}: recall {sum(met) / len(copies):.3f}, right first {np.mean(met or [0]):.3f}, "
          f"false {len(over)} of {len(negatives)}")  # fmt: skip
    cells: dict[tuple[str, int], list[bool]] = defaultdict(list)
    for row in copies:
        cells[row["family"], row["strength"]].append(row["moothall"][0] == row["shows"] and row["moothall"][1] >= LEAST)
    print("recall at the chosen threshold, by family and strength (1 mild, 3 strong)")
    for family in FAMILIES:
        print(f"  {family:<12}" + "".join(f"{np.mean(cells[family, strength]):>7.2f}" for strength in (1, 2, 3)))
    print("negatives over it: " + ", ".join(
        f"{sum(row['family'] == name for row in over)} of {sum(row['family'] == name for row in negatives)} {name}s"
        for name, *_ in NEGATIVES))  # fmt: skip
    for words, families in (("altered", ALTERED), ("left as it was", set(FAMILIES) - ALTERED - {"logo", "collage"})):
        told = [
            row["altered"] for row in copies
            if row["family"] in families and row["moothall"][0] == row["shows"] and row["moothall"][1] >= LEAST
        ]  # fmt: skip
        print(f"called altered: {sum(map(bool, told))} of {len(told)} found whose content was {words}")
    middle, late = np.percentile([row["ms"] for row in rows], [50, 95])
    print(f"one picture, decoding included, processor time: p50 {middle:.0f} ms, p95 {late:.0f} ms")


def growth() -> None:
    """Print the time of a search as references grow; beyond 250 they are made of the points of real ones, shaken and mixed."""
    pictures = references(FIRST["development"])
    queries = [case.make() for case in cases(FIRST["development"], pictures, 0.02)]
    index = PictureIndex()
    for name, picture in pictures.items():
        index.add(picture, name)
    index.find(queries[0])
    real = [one.features for one in index.references()]
    chance = np.random.default_rng(3)
    memory = PictureMemory()
    for name, features in zip(pictures, real, strict=True):
        memory.add(Reference(name, features))
    every = np.concatenate([one.descriptors for one in real])
    for total in (250, 1_000, 4_000, 10_000):
        while len(memory) < total:
            like = real[int(chance.integers(len(real)))]
            mixed = every[chance.integers(len(every), size=(len(like.points)))].astype(np.int16)
            mixed = np.clip(mixed + np.rint(chance.normal(0, 18, mixed.shape)), 0, 255).astype(np.uint8)
            points = like.points[chance.permutation(len(like.points))]
            memory.add(Reference(f"made {len(memory)}", type(like)(points, mixed, like.small, like.width, like.height)))
        index = PictureIndex(memory)
        begun = time.process_time()
        index.find(queries[0])
        built = time.process_time() - begun
        times = []
        for raw in queries:
            begun = time.process_time()
            index.find(raw)
            times.append(1000 * (time.process_time() - begun))
        print(
            f"{total:>6} references: p50 {np.percentile(times, 50):.0f} ms, p95 {np.percentile(times, 95):.0f} ms; "
            f"taken in within {built:.1f} s"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=sorted(FIRST), default="test")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--keep")
    parser.add_argument("--others", type=float, default=0.25)
    parser.add_argument("--scale", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    if asked.scale:
        growth()
    else:
        report(measure(asked))


if __name__ == "__main__":
    sys.exit(main())
