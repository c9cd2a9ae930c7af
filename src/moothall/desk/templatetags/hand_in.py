"""What the templates about copies seen elsewhere ask: words and moments."""

from __future__ import annotations

from datetime import datetime

from django import template

from moothall.desk import hand_in_words
from moothall.moderation.models import HandInAct

register = template.Library()


@register.filter
def stage_words(stage: str) -> str:
    return hand_in_words.STAGE[stage]


@register.filter
def place_words(platform: str) -> str:
    return hand_in_words.place(platform)


@register.filter
def hand_in_measure(measure: str) -> str:
    return hand_in_words.MEASURE.get(measure, measure)


@register.filter
def hand_in_effect(measure: str) -> str:
    return hand_in_words.EFFECT.get(measure, "")


@register.filter
def hand_in_done(measure: str) -> str:
    return hand_in_words.DONE.get(measure, measure)


@register.filter
def hand_in_to_do(measures: list[str]) -> str:
    return hand_in_words.to_do(measures)


@register.filter
def by_hand(measure: str) -> list[str]:
    return list(hand_in_words.by_hand(measure))


@register.filter
def act_words(act: HandInAct) -> str:
    return hand_in_words.said(act)


@register.filter
def both_times(moment: datetime) -> str:
    return hand_in_words.both_times(moment)
