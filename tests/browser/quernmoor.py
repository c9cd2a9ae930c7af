"""A morning in Quernmoor, whose rules ask for warnings, notices and a second officer; each comment's signals are stated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from moothall.council.queries import circumstances_at, policy_in_force
from moothall.inbox.actions import write_standing
from moothall.inbox.models import Assessment, Author, Channel, Comment
from moothall.inbox.queries import history_of
from moothall.moderation.actions import decide
from moothall.policy import Facts, assess
from moothall.policy.calendar import london_day
from moothall.signals.findings import Signals
from moothall.team.models import Officer
from moothall.words import Signal
from tests.integration import cast, councils

BID = "Lot 4, a fine oak dresser. Who opens at forty pounds? Bid in the replies."
INSULT = "You are a numpty, Dee, and so is your whole street."
AGAIN = "Driveways and patios, autumn offer, ring us now"
IMPOSTOR = "Official notice from Quernmoor District Council: send us your PIN to keep your bin collection."


@dataclass(frozen=True)
class Quernmoor:
    """What is there to act with."""

    amina: Officer
    bryn: Officer
    channel: Channel
    comments: Mapping[str, Comment]


def last_sunday_noon() -> datetime:
    now = timezone.now()
    return (now - timedelta(days=(now.weekday() + 1) % 7 or 7)).replace(hour=12, minute=0, second=0, microsecond=0)


def read(comment: Comment, signals: Signals, **facts: object) -> None:
    """Assess a comment anew by stated signals and keep the result as triage keeps it."""
    comment.refresh_from_db()
    version, policy = policy_in_force(timezone.now())
    result = assess(
        policy,
        signals,
        Facts(
            platform=comment.channel.platform,
            stated=comment.stated,
            history=history_of(comment.author),
            **facts,  # type: ignore[arg-type]
        ),
        circumstances_at(comment.written_at),
    )
    kept = json.loads(json.dumps(asdict(result), default=str)) | result.as_dict()
    kept["clauses"] = [asdict(clause) | {"text": clause.public} for clause in result.clauses]
    Assessment.objects.create(
        comment=comment, made_at=timezone.now(), policy_version=version, model_version="stated", result=kept
    )
    Comment.objects.filter(pk=comment.pk).update(
        state="assessed", urgency=result.urgency, route=result.route, leased_until=None
    )
    comment.refresh_from_db()


def said(channel: Channel, text: str, author: str, id: str, **fields: object) -> Comment:
    person, _ = Author.objects.get_or_create(
        platform=channel.platform, external_id=author.lower(), defaults={"name": author}
    )
    return cast.comment(channel, text, id=id, author=person, url=f"https://platform.example/{id}", **fields)


def standing(author: Author, acts: Sequence[tuple[str, str, int]]) -> None:
    """What stands against somebody: measure, ground, and how many days ago."""
    day = london_day(timezone.now())
    history = [
        {"date": (day - timedelta(days=ago)).isoformat(), "measure": measure, "ground": ground, "comment": 0}
        for measure, ground, ago in acts
    ]
    write_standing(author.pk, {"measures": {"hide": len(acts)}, "blocked": False, "history": history})


def build() -> Quernmoor:
    councils.in_force("quernmoor")
    channel = cast.channel(last_read_at=timezone.now(), name="Quernmoor District Council")
    auction = said(channel, BID, "Lot Fourie", "1000_1_1", written_at=last_sunday_noon(), stated={"live_auction": True})
    insult = said(channel, INSULT, "Mallory Pike", "1000_1_2", written_at=timezone.now())
    amina = cast.officer("Amina", "manager")
    for number in range(2):
        before = said(channel, AGAIN, "Wold Drive", f"1000_1_0{number}", written_at=timezone.now())
        hiding = {"measures": ["hide"], "clause_id": "spam", "ground": "spam", "expected_round": 1}
        decide(before.pk, officer=amina, **hiding)
    again = said(channel, AGAIN, "Wold Drive", "1000_1_3", written_at=timezone.now())
    impostor = said(channel, IMPOSTOR, "Quernmoor Council", "1000_1_4", written_at=timezone.now())
    read(auction, Signals("none"))
    read(insult, Signals("none", grounds={"abuse": Signal(0.93)}, target="resident"))
    read(again, Signals("none", off_topic=True), repeat_times=3, repeats=2)
    read(impostor, Signals("none", grounds={"brand_misuse": Signal(0.91)}))
    comments = {"auction": auction, "insult": insult, "again": again, "impostor": impostor}
    return Quernmoor(amina, cast.officer("Bryn"), channel, comments)
