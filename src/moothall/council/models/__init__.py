"""What the council has set: rules in force, registers, elections and periods, office hours."""

from moothall.council.models.elections import ELECTION_KINDS, Election, Period
from moothall.council.models.hours import Incident, OfficeWeek, OfficeWeekDay
from moothall.council.models.imports import PreviewedImport, RegisterChange, RegisterImport
from moothall.council.models.pictures import PICTURE_KINDS, BrandPicture
from moothall.council.models.registers import (
    ActiveCase,
    AuthorisedUser,
    Candidate,
    Councillor,
    Entry,
    SpecialDay,
    WardPostcode,
)
from moothall.council.models.rules import PolicyProposal, PolicyVersion, PolicyWithdrawal, ProposalOutcome

__all__ = [
    "ELECTION_KINDS",
    "PICTURE_KINDS",
    "ActiveCase",
    "AuthorisedUser",
    "BrandPicture",
    "Candidate",
    "Councillor",
    "Election",
    "Entry",
    "Incident",
    "OfficeWeek",
    "OfficeWeekDay",
    "Period",
    "PolicyProposal",
    "PolicyVersion",
    "PolicyWithdrawal",
    "PreviewedImport",
    "ProposalOutcome",
    "RegisterChange",
    "RegisterImport",
    "SpecialDay",
    "WardPostcode",
]
