"""What officers decide, and what they hand in. Nearly all of it is kept as it was; undoing is another row."""

from moothall.moderation.models.decisions import MEASURE_SETS, STEPS_TAKEN, Decision, Evidence, Proposal, StepTaken
from moothall.moderation.models.hand_ins import HandIn, HandInAct, HandInDone, HandInPicture

__all__ = [
    "MEASURE_SETS",
    "STEPS_TAKEN",
    "Decision",
    "Evidence",
    "HandIn",
    "HandInAct",
    "HandInDone",
    "HandInPicture",
    "Proposal",
    "StepTaken",
]
