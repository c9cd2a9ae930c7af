"""Rules of other councils in force, for what the shipped default does not ask for."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from moothall.council.actions import propose_rules, put_proposal_in_force
from moothall.team.models import Officer
from tests.integration import cast

_OWN = Path(__file__).parent.parent / "unit" / "policy" / "councils"


def rules_of(name: str) -> str:
    """The text of an example that ships, or of a policy that only the tests have."""
    own = _OWN / f"{name}.yaml"
    if own.exists():
        return own.read_text(encoding="utf-8")
    return (resources.files("moothall.policy") / "examples" / f"{name}.yaml").read_text(encoding="utf-8")


def in_force(name: str, text: str = "") -> None:
    """Put rules in force, proposed by one manager and agreed by another, as the strictest of these councils want it."""
    moira, noel = (
        Officer.objects.filter(name=each).first() or cast.officer(each, "manager") for each in ("Moira", "Noel")
    )
    proposal = propose_rules(text or rules_of(name), officer=moira, note="For the tests")
    put_proposal_in_force(proposal.pk, officer=noel)
