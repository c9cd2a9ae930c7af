"""A small Monday morning in Thornbury-on-Wold: what the desk shows when nothing had to be fetched or read by a model.

Each comment's signals are stated, and the shipped house rules assess them: the screens are what is tested.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from moothall.council.queries import policy_in_force
from moothall.inbox.models import Assessment, Author, Channel, Comment, Post
from moothall.policy import Circumstances, Facts, assess
from moothall.signals.findings import Signals
from moothall.team.models import Officer
from moothall.words import Evidence, Signal
from tests.integration import cast

AT_RISK = "I can't go on like this, I am on the weir bridge and nobody will miss me."
INSULT = "You are a numpty, Dee, and so is your whole street."
CRITICISM = "What a joke of a council. Three years and the road is still a ruin."
QUESTION = "Does the brown bin move to Thursday too?"
CRUEL = "Good riddance to the old man who drowned, one less."
ADVERT = "Driveways and patios, autumn offer, ring us now"


@dataclass(frozen=True)
class Borough:
    """What is there to act with."""

    amina: Officer
    bryn: Officer
    channel: Channel
    comments: dict[str, Comment]


def evidence(text: str, *words: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(text.index(some), text.index(some) + len(some), some) for some in words)


def write(channel: Channel, text: str, signals: Signals, *, author: str = "Dee Marlow", **fields: Any) -> Comment:
    """A comment that has been read: it waits in the queue with its assessment."""
    now = timezone.now()
    version, policy = policy_in_force(now)
    post_text = fields.pop("post_text", "The market moves to Wednesday this week.")
    repeats = fields.pop("repeats", 0)
    post, _ = Post.objects.get_or_create(
        channel=channel, external_id=f"1000_{abs(hash(post_text))}", defaults={"text": post_text, "written_at": now}
    )
    person, _ = Author.objects.get_or_create(
        platform=channel.platform, external_id=author.lower(), defaults={"name": author}
    )
    facts = Facts(repeats=repeats, campaign=fields.get("campaign") or None, platform=channel.platform)
    result = assess(policy, signals, facts, Circumstances(pre_election=False, date=now))
    number = Comment.objects.count() + 1
    comment = cast.comment(
        channel,
        text,
        id=f"1000_1_{number}",
        **{
            "post": post,
            "author": person,
            "written_at": now - timedelta(hours=3) + timedelta(minutes=number),
            "urgency": result.urgency,
            "route": result.route,
            "url": f"https://platform.example/comment/{number}",
            **fields,
        },
    )
    Assessment.objects.create(
        comment=comment,
        made_at=now,
        policy_version=version,
        model_version="stated",
        result=result.as_dict()
        | {
            "clauses": [asdict(clause) | {"text": clause.public} for clause in result.clauses],
            "refused": dict(result.refused),
            "trace": [],
        },
    )
    return comment


def insult(channel: Channel, text: str = INSULT, words: str = "a numpty", **fields: Any) -> Comment:
    signals = Signals("none", grounds={"abuse": Signal(0.93, evidence(text, words))}, target="resident")
    return write(channel, text, signals, **({"author": "Mallory Pike"} | fields))


def build(at: datetime | None = None) -> Borough:
    cast.rules()
    channel = cast.channel(last_read_at=at or timezone.now())
    comments = {
        "question": write(channel, QUESTION, Signals("answer")),
        "criticism": write(channel, CRITICISM, Signals("none", criticism=True)),
        "insult": insult(channel),
        "risk": write(channel, AT_RISK, Signals("safeguard"), author="Robbie Skelton"),
        "cruel": write(
            channel,
            CRUEL,
            Signals("none", grounds={"distress": Signal(0.97, evidence(CRUEL, "Good riddance"))}),
            author="Mallory Pike",
        ),
        "unsure": write(
            channel,
            "Well aren't you a special one.",
            Signals("none", grounds={"abuse": Signal(0.55)}, unsure=True, target="resident"),
        ),
    }
    for number in range(3):
        comments[f"advert{number}"] = write(
            channel,
            f"{ADVERT} {'!' * number}",
            Signals("none", off_topic=True),
            author="Wold Drive",
            campaign="driveways",
            repeats=2,
            post_text=f"Post number {number} about the library.",
        )
    return Borough(cast.officer("Amina", "manager"), cast.officer("Bryn"), channel, comments)
