"""What is true of a moment: everything the council has set that the house rules may ask for, in one piece."""

from __future__ import annotations

from datetime import datetime

from moothall.council.queries.elections import election_notice_at, poll_in_days, pre_election_at
from moothall.council.queries.hours import incident_at, office_hours
from moothall.policy import Circumstances


def circumstances_at(moment: datetime) -> Circumstances:
    """Return the circumstances of ``moment`` for ``moothall.policy.assess``.

    ``pre_election`` is true in a confirmed period only; ``election_notice`` and ``poll_in_days`` are about polls of the
    whole council; ``office_open`` and ``incident`` are as the desk has set them.
    """
    return Circumstances(
        pre_election=pre_election_at(moment),
        date=moment,
        election_notice=election_notice_at(moment),
        poll_in_days=poll_in_days(moment),
        office_open=office_hours(moment).open_at(moment),
        incident=incident_at(moment) is not None,
    )
