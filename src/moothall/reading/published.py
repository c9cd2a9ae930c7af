"""What is published about the reader: how good it is, its model card, and a draft of the record a council publishes of it.

Generated from one evaluation, so that no figure is typed by hand; the words stand in ``pages/``. The last page follows the
Algorithmic Transparency Recording Standard of central government (tiers 1 and 2); it is not law for councils.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, Final

from moothall.reading.labelled import Outcome
from moothall.signals.evaluation import Report, Score, interval

_SLICES: Final[Mapping[str, str]] = {
    "harsh_lawful": "lawful and harsh",
    "sarcasm": "sarcastic",
    "implicit": "implied, not said",
    "polite": "polite in form",
    "masked": "masked (spaced, signs for letters, emoji)",
    "last_clause": "offends in the last clause alone",
    "contrast": "one of a pair that differs in few words",
    "dialect": "in dialect",
    "second_language": "by writers of English as a second language",
    "identity": "mentions a protected group",
    "quoted": "quotes somebody else",
    "reply": "answers another resident",
    "idiom": "figure of speech",
    "joke": "joke",
    "up_to_10_words": "up to 10 words",
    "11_to_40_words": "11 to 40 words",
    "over_40_words": "more than 40 words",
}
_FEWEST: Final = 15


@dataclass(frozen=True, slots=True)
class Findings:
    """One evaluation, and what is known of the model and the comments it was measured on."""

    report: Report
    outcome: Outcome
    about: Mapping[str, Any]
    measured_on: str


_PAGES: Final = ("evaluation", "model-card", "transparency-record")


def publish(findings: Findings, folder: Path) -> list[Path]:
    """Write evaluation, model card and draft record into a folder, as Markdown, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = _figures(findings)
    paths = []
    for name in _PAGES:
        text = files("moothall.reading").joinpath("pages", f"{name}.md").read_text(encoding="utf-8")
        paths.append(folder / f"{name}.md")
        paths[-1].write_text(Template(text).substitute(figures), encoding="utf-8")
    return paths


def _figures(findings: Findings) -> dict[str, str]:
    """Return what stands in the pages in the place of each name."""
    report, outcome, about = findings.report, findings.outcome, findings.about
    low, high = interval(outcome.touched, outcome.lawful)
    return {
        "measured_on": findings.measured_on,
        "comments": f"{report.comments:,}",
        "version": report.model_version,
        "summary": _summary(report, outcome),
        "grounds": _rows(_ground_line(name, score, _reach(report, name)) for name, score in report.grounds.items()),
        "routes": _rows(_route_line(name, score) for name, score in report.routes.items()),
        "criticism_precision": _number(report.criticism.precision),
        "criticism_recall": _number(report.criticism.recall),
        "slices": _rows(
            f"| {said} | {one.comments} | {one.right / one.comments:.1%} | {one.lawful} | {one.flagged_surely} |"
            for word, said in _SLICES.items()
            if (one := report.slices.get(word)) and one.comments >= _FEWEST
        ),
        "calibration": _rows(
            f"| about {one.said:.2f} | {one.count} | {one.said:.2f} | {one.seen:.2f} |" for one in report.calibration
        ),
        "calibration_error": f"{report.calibration_error:.3f}",
        "begun_from": str(about.get("begun_from", "not said")),
        "council_comments": f"{about.get('council_comments', 0):,}",
        "public_texts": f"{about.get('public_texts', 0):,}",
        "calibrated_on": str(about.get("calibrated_on", "not said")),
        "seed": str(about.get("seed", "not said")),
        "rounds": str(about.get("rounds", "?")),
        "sets": _rows(f"| {name} | {licence} |" for name, licence in (about.get("public_sets") or {}).items()),
        "macro": f"{report.macro_f1:.3f}",
        "macro_margin": _reach(report, "macro"),
        "route_accuracy": f"{report.route_accuracy:.3f}",
        "lawful": str(report.lawful),
        "lawful_surely": str(report.lawful_flagged_surely),
        "touched": str(outcome.touched),
        "rule_lawful": f"{outcome.lawful:,}",
        "touched_margin": f"{low:.1%} to {high:.1%}",
    }


def _rows(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _summary(report: Report, outcome: Outcome) -> str:
    at_risk = report.danger.right + report.danger.missed
    right_routes = round(report.route_accuracy * report.comments)
    return _rows(
        [
            _share_line(
                "lawful comments for which the rules would recommend a measure", outcome.touched, outcome.lawful
            ),
            _share_line("of these, criticism of the council", outcome.criticism_touched, outcome.criticism),
            _share_line(
                "lawful comments with a ground named without doubt", report.lawful_flagged_surely, report.lawful
            ),
            _share_line("lawful comments with a ground named at all", report.lawful_flagged, report.lawful),
            _share_line("threats and people at risk found", report.danger.right, at_risk),
            _share_line("route right", right_routes, report.comments),
            f"| macro-F1 over the grounds | {report.macro_f1:.3f} | {_reach(report, 'macro')} |",
            _share_line("queued as unsure", report.unsure, report.comments),
        ]
    )


def _share_line(what: str, part: int, whole: int) -> str:
    if not whole:
        return f"| {what} | – | – |"
    low, high = interval(part, whole)
    return f"| {what} | {part} of {whole} ({part / whole:.1%}) | {low:.1%}–{high:.1%} |"


def _reach(report: Report, name: str) -> str:
    if name not in report.margins:
        return "–"
    low, high = report.margins[name]
    return f"{low:.3f}–{high:.3f}"


def _ground_line(name: str, score: Score, reach: str) -> str:
    return f"{_route_line(name, score)} {reach} |"


def _route_line(name: str, score: Score) -> str:
    figures = f"{_number(score.precision)} | {_number(score.recall)} | {_number(score.f1)}"
    return f"| `{name}` | {score.right + score.missed} | {score.right + score.wrong} | {figures} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
