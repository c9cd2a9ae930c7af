"""The house rules as data: read them, check them, hold a comment against them. Pure: no Django, no network."""

from moothall.policy.assessment import assess
from moothall.policy.decisions import check_decision
from moothall.policy.difference import differences, differences_as_json
from moothall.policy.errors import Fault, PolicyError, errors_as_json, errors_as_text
from moothall.policy.facts import Circumstances, Facts, Signals
from moothall.policy.guide import show
from moothall.policy.loading import default_policy, load, loads
from moothall.policy.model import Clause, Contact, Policy, Section, Settings
from moothall.policy.outcome import Assessment, EngagedClause, FoundGround, Step
from moothall.policy.page import page, page_body
from moothall.policy.schema import schema
from moothall.policy.standing import Act, Ban, Review

__all__ = [
    "Act",
    "Assessment",
    "Ban",
    "Circumstances",
    "Clause",
    "Contact",
    "EngagedClause",
    "Facts",
    "Fault",
    "FoundGround",
    "Policy",
    "PolicyError",
    "Review",
    "Section",
    "Settings",
    "Signals",
    "Step",
    "assess",
    "check_decision",
    "default_policy",
    "differences",
    "differences_as_json",
    "errors_as_json",
    "errors_as_text",
    "load",
    "loads",
    "page",
    "page_body",
    "schema",
    "show",
]
