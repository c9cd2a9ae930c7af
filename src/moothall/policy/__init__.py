"""The house rules as data: read them, check them, hold a comment against them. Pure: no Django, no network."""

from moothall.policy.assessment import (
    Assessment,
    Circumstances,
    EngagedClause,
    Facts,
    FoundGround,
    Signals,
    Step,
    assess,
)
from moothall.policy.decisions import check_decision
from moothall.policy.errors import Fault, PolicyError, errors_as_json, errors_as_text
from moothall.policy.guide import show
from moothall.policy.loading import default_policy, load, loads
from moothall.policy.model import Clause, Contact, Policy, Section, Settings
from moothall.policy.page import page, page_body

__all__ = [
    "Assessment",
    "Circumstances",
    "Clause",
    "Contact",
    "EngagedClause",
    "Facts",
    "Fault",
    "FoundGround",
    "Policy",
    "PolicyError",
    "Section",
    "Settings",
    "Signals",
    "Step",
    "assess",
    "check_decision",
    "default_policy",
    "errors_as_json",
    "errors_as_text",
    "load",
    "loads",
    "page",
    "page_body",
    "show",
]
