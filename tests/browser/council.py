"""A council that has set everything once, so that each of its pages has something to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from bench.gallery.alter import saved
from bench.gallery.compose import logo, poster, scene
from django.utils import timezone

from moothall.council import actions
from moothall.council.models import BrandPicture, Election, Entry, PolicyProposal, PolicyVersion
from moothall.policy import default_policy
from moothall.policy.calendar import london_day
from moothall.team.models import Officer

TEXT = default_policy().text
VERSION = default_policy().version
COUNCILLORS = (
    "name,ward,party,email,phone\n"
    "Nerys Pugh-Adeyemi,Weir,Thornbury Independents,nerys.pugh-adeyemi@thornbury.example,01632 960101\n"
    "Osric Tandy,Weir,Wold Residents,osric.tandy@thornbury.example,01632 960102\n"
    "Bronagh Filip,Market,Thornbury Independents,bronagh.filip@thornbury.example,01632 960103\n"
)


@dataclass(frozen=True)
class Settings:
    """What there is to look at."""

    proposal: PolicyProposal
    to_come: PolicyVersion
    case: Entry
    election: Election
    by_election: Election
    picture: BrandPicture


def rules(version: str, *, second_person: bool = False) -> str:
    """The shipped rules under another version, with bans reviewed earlier, so that there is something to tell."""
    text = TEXT.replace(f'"{VERSION}"', f'"{version}"').replace("after_months: 6", "after_months: 3")
    if second_person:
        text = text.replace("settings:\n", "settings:\n  going_live: {second_person: true}\n", 1)
    return text


def build(amina: Officer, bryn: Officer) -> Settings:
    now = timezone.now()
    today = london_day(now)
    first = actions.propose_rules(
        rules("2027.1"),
        officer=amina,
        note="Bans can be looked at again after three months, because six were longer than most people deserved.",
        in_force_from=now + timedelta(days=40),
    )
    to_come = actions.put_proposal_in_force(first.pk, officer=amina)
    proposal = actions.propose_rules(
        rules("2027.2", second_person=True), officer=amina, note="From now on two managers put rules in force."
    )
    case = actions.add_entry(
        "active_cases",
        {"reference": "TW/2026/118", "names": "R v Sedgwick\nSedgwick Haulage", "protected_names": "A B Quayle"},
        officer=bryn,
    )
    case = actions.change_entry("active_cases", case.pk, {"note": "Trial fixed for the spring."}, officer=amina)
    seen = actions.preview_import(
        "councillors", COUNCILLORS.encode(), mode="add", officer=bryn, file_name="councillors.csv"
    )
    assert seen.token is not None
    actions.apply_import(seen.token, officer=bryn)
    actions.add_entry("special_days", {"day": f"{today + timedelta(days=30)}", "reason": "Stocktaking"}, officer=bryn)
    election = actions.enter_election(
        kind="local",
        name="Borough council elections",
        poll_date=today + timedelta(days=49),
        officer=bryn,
        source="The returning officer’s timetable",
    )
    by_election = actions.enter_election(
        kind="by_election",
        name="Weir by-election",
        ward="Weir",
        poll_date=today + timedelta(days=20),
        officer=bryn,
    )
    actions.set_office_week({day: (time(8, 30), time(17)) for day in range(5)}, officer=bryn)
    pictures = [
        actions.register_picture(saved(image), file_name=f"{name}.jpg", kind=kind, officer=amina)
        for name, kind, image in (
            ("Borough crest", "logo", logo(3)),
            ("Dog fouling, July", "graphic", poster(503)),
            ("Weir Bridge in the morning", "photograph", scene(702)),
        )
    ]
    actions.remove_picture(pictures[2].pk, officer=bryn, reason="The photographer took the permission back.")
    return Settings(proposal, to_come, case, election, by_election, pictures[1])
