"""The encoder as a network, for training only: MiniLM with a head per label and a head per word. Needs PyTorch.

What runs is the ONNX file made from it (`encoder.py`); nothing of this module is imported by a running desk.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import BertModel

_INSIDE = 256


class Network(nn.Module):  # type: ignore[misc, unused-ignore]
    """Comments in, scores out. The post enters as one vector (its own mean), so that it is read once for all comments.

    ``cues``: how many named cues ride along; ``outputs``: how many scores per comment; ``grounds``: where the scores of
    the grounds begin among them, and how many there are: each is the head's own score plus its strongest word's.
    """

    def __init__(self, body: BertModel, cues: int, outputs: int, grounds: tuple[int, int], marks: int) -> None:
        super().__init__()
        width = body.config.hidden_size
        self.body = body
        self.grounds = grounds
        self.words = nn.Linear(width, marks)
        self.look = nn.Linear(width, 1)
        self.cue = nn.Linear(cues, 64)
        self.mix = nn.Linear(width * 4 + 64, _INSIDE)
        self.heads = nn.Linear(_INSIDE, outputs)
        self.strongest = nn.Parameter(torch.ones(grounds[1]))
        self.drop = nn.Dropout(0.2)

    def mean(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the mean vector of each text (texts × width)."""
        hidden = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weight).sum(1) / weight.sum(1)

    def forward(self, ids: Tensor, mask: Tensor, post: Tensor, cues: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (texts × outputs), scores of words (texts × pieces × marks) and mean vectors (texts × width)."""
        hidden = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        away = (1 - weight) * -1e4
        focus = torch.softmax(self.look(hidden) + away, dim=1)
        looked = (hidden * focus).sum(1)
        words = self.words(self.drop(hidden))
        mixed = torch.cat([mean, looked, post, mean * post, torch.relu(self.cue(cues))], dim=1)
        inside = self.drop(nn.functional.gelu(self.mix(self.drop(mixed))))
        scores = self.heads(inside)
        first, many = self.grounds
        strongest = (words[:, :, :many] + away).max(dim=1).values
        lifted = scores[:, first : first + many] + self.strongest * strongest
        scores = torch.cat([scores[:, :first], lifted, scores[:, first + many :]], dim=1)
        return scores, words, mean
