"""Office hours, bank holidays, replies due and incidents, on the clock in London."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from moothall.council.actions import (
    IncidentBackwards,
    IncidentRunning,
    NoIncident,
    ReasonMissing,
    WeekFaulty,
    add_entry,
    end_entry,
    end_incident,
    put_in_force,
    set_office_week,
    start_incident,
)
from moothall.council.models import Incident, OfficeWeek, OfficeWeekDay
from moothall.council.queries import (
    bank_holidays_in,
    circumstances_at,
    incident_at,
    incidents,
    next_opening,
    office_hours,
    office_weeks,
    reply_due,
)
from moothall.policy import default_policy
from moothall.records.models import Record
from moothall.records.queries import for_subject
from moothall.team.models import Officer
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NINE_TO_FIVE = (time(9), time(17))


@pytest.fixture
def amina() -> Officer:
    return cast.officer("Amina")


class TestOfficeHours:
    def test_are_the_usual_ones_while_nobody_has_set_any(self) -> None:
        hours = office_hours(cast.MONDAY)
        assert hours.origin == "usual"
        assert hours.opening_on(date(2026, 11, 23)) == NINE_TO_FIVE
        assert hours.opening_on(date(2026, 11, 28)) is None

    def test_are_those_of_the_rules_where_they_say_any_and_the_desks_before_them(self, amina: Officer) -> None:
        text, found = re.subn(
            r"^settings:\n",
            'settings:\n  hours:\n    monday: "08:30-13:00"\n',
            default_policy().text,
            flags=re.MULTILINE,
        )
        assert found == 1
        with time_machine.travel(cast.MONDAY, tick=False):
            put_in_force(text, officer=None)
        hours = office_hours(cast.MONDAY)
        assert (hours.origin, hours.opening_on(date(2026, 11, 23))) == ("rules", (time(8, 30), time(13)))
        with time_machine.travel(cast.MONDAY + timedelta(hours=1), tick=False):
            set_office_week({0: (time(10), time(12))}, officer=amina)
        assert office_hours(cast.MONDAY).origin == "rules"
        hours = office_hours(cast.MONDAY + timedelta(hours=1))
        assert (hours.origin, hours.opening_on(date(2026, 11, 23))) == ("desk", (time(10), time(12)))

    def test_open_by_the_clock_on_the_wall_on_both_sides_of_a_clock_change(self) -> None:
        hours = office_hours(cast.MONDAY)
        # The Fridays before, and the Mondays after, the last Sundays of March and October 2027; Friday 26 is Good Friday.
        for day, opens_utc in (
            (date(2027, 3, 25), 9),
            (date(2027, 3, 30), 8),
            (date(2027, 10, 29), 8),
            (date(2027, 11, 1), 9),
        ):
            opens = datetime(day.year, day.month, day.day, opens_utc, tzinfo=UTC)
            assert not hours.open_at(opens - timedelta(microseconds=1))
            assert hours.open_at(opens)
            assert hours.open_at(opens + timedelta(hours=8, microseconds=-1))
            assert not hours.open_at(opens + timedelta(hours=8))

    def test_are_shut_on_bank_holidays_unless_set_otherwise(self, amina: Officer) -> None:
        good_friday = datetime(2027, 3, 26, 10, tzinfo=UTC)
        assert not office_hours(good_friday).open_at(good_friday)
        with time_machine.travel(cast.MONDAY, tick=False):
            set_office_week({4: NINE_TO_FIVE}, officer=amina, open_on_bank_holidays=True)
        assert office_hours(good_friday).open_at(good_friday)

    def test_a_special_day_goes_before_week_and_bank_holiday(self, amina: Officer) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            eve = add_entry("special_days", {"day": "2026-12-24", "opens": "09:00", "closes": "12:00"}, officer=amina)
            add_entry("special_days", {"day": "2026-12-29", "reason": "Training"}, officer=amina)
            add_entry("special_days", {"day": "2026-12-26", "opens": "10:00", "closes": "11:00"}, officer=amina)
        hours = office_hours(cast.MONDAY)
        assert hours.opening_on(date(2026, 12, 24)) == (time(9), time(12))
        assert hours.opening_on(date(2026, 12, 29)) is None
        assert hours.opening_on(date(2026, 12, 26)) == (time(10), time(11))
        end_entry("special_days", eve.pk, officer=amina)
        assert office_hours().opening_on(date(2026, 12, 24)) == NINE_TO_FIVE

    def test_the_next_opening_skips_easter(self) -> None:
        thursday_evening = datetime(2027, 3, 25, 17, tzinfo=UTC)
        # Good Friday 26, Easter Monday 29 March; summer time from the 28th.
        assert next_opening(thursday_evening) == datetime(2027, 3, 30, 8, tzinfo=UTC)
        assert next_opening(thursday_evening - timedelta(hours=1)) == thursday_evening - timedelta(hours=1)
        early = datetime(2027, 3, 25, 5, tzinfo=UTC)
        assert next_opening(early) == datetime(2027, 3, 25, 9, tzinfo=UTC)

    def test_an_office_that_never_opens_has_no_next_opening(self, amina: Officer) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            set_office_week({}, officer=amina)
        assert next_opening(cast.MONDAY) is None

    def test_are_kept_with_who_set_them(self, amina: Officer) -> None:
        first = set_office_week({0: NINE_TO_FIVE}, officer=amina)
        second = set_office_week({0: (time(9), time(17, 15)), 1: NINE_TO_FIVE}, officer=amina)
        assert office_weeks() == [second, first]
        record = for_subject(f"hours:{second.pk}")[0]
        assert (record.kind, record.actor) == ("hours.set", amina.email)
        assert json.loads(record.payload)["days"] == {"0": ["09:00", "17:15"], "1": ["09:00", "17:00"]}
        with pytest.raises(IntegrityError), transaction.atomic():
            OfficeWeekDay.objects.filter(week=first).update(closes=time(20))
        with pytest.raises(IntegrityError), transaction.atomic():
            OfficeWeekDay.objects.create(week=first, weekday=3, opens=time(9), closes=time(9))

    @pytest.mark.parametrize("days", [{7: NINE_TO_FIVE}, {0: (time(17), time(9))}, {0: (time(9), time(9))}])
    def test_that_cannot_be_are_refused(self, amina: Officer, days: dict[int, tuple[time, time]]) -> None:
        with pytest.raises(WeekFaulty):
            set_office_week(days, officer=amina)
        assert not OfficeWeek.objects.exists()


class TestARepliesDay:
    @pytest.mark.parametrize(
        ("arrived", "working_days", "due"),
        [
            # The Thursday before Easter 2027, and its evening: Good Friday and Easter Monday do not count.
            (datetime(2027, 3, 25, 10, tzinfo=UTC), 2, date(2027, 3, 31)),
            # 23:30 UTC on Sunday 28 March is Monday in London.
            (datetime(2027, 3, 28, 23, 30, tzinfo=UTC), 1, date(2027, 3, 30)),
            (datetime(2026, 11, 27, 16, tzinfo=UTC), 1, date(2026, 11, 30)),
            # Christmas 2027 is a Saturday: Monday 27 and Tuesday 28 stand in for it and Boxing Day.
            (datetime(2027, 12, 23, 10, tzinfo=UTC), 2, date(2027, 12, 29)),
            (datetime(2028, 2, 28, 10, tzinfo=UTC), 1, date(2028, 2, 29)),
            (datetime(2026, 11, 24, 10, tzinfo=UTC), 0, date(2026, 11, 24)),
        ],
    )
    def test_counts_working_days_after_the_day_of_arrival(
        self, arrived: datetime, working_days: int, due: date
    ) -> None:
        assert reply_due(arrived, working_days) == due

    def test_leaves_out_days_on_which_the_council_is_shut(self, amina: Officer) -> None:
        add_entry("special_days", {"day": "2026-11-24"}, officer=amina)
        add_entry("special_days", {"day": "2026-11-25", "opens": "09:00", "closes": "12:00"}, officer=amina)
        assert reply_due(cast.MONDAY, 1) == date(2026, 11, 25)


def test_bank_holidays_are_those_of_england_and_wales() -> None:
    assert bank_holidays_in(2027) == [
        date(2027, 1, 1),
        date(2027, 3, 26),
        date(2027, 3, 29),
        date(2027, 5, 3),
        date(2027, 5, 31),
        date(2027, 8, 30),
        date(2027, 12, 25),
        date(2027, 12, 26),
        date(2027, 12, 27),
        date(2027, 12, 28),
    ]


class TestAnIncident:
    def test_is_on_until_somebody_ends_it(self, amina: Officer) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            started = start_incident("Flood at the weir.", officer=amina)
        assert incident_at(cast.MONDAY - timedelta(microseconds=1)) is None
        assert incident_at(cast.MONDAY + timedelta(days=9)) == started
        assert circumstances_at(cast.MONDAY).incident is True
        bryn = cast.officer("Bryn")
        with time_machine.travel(cast.MONDAY + timedelta(days=1), tick=False):
            ended = end_incident(officer=bryn, note="The water has gone down.")
        assert (ended.started_by, ended.ended_by) == (amina, bryn)
        assert incident_at(cast.MONDAY + timedelta(hours=23)) == started
        assert incident_at(cast.MONDAY + timedelta(days=1)) is None
        assert circumstances_at(cast.MONDAY + timedelta(days=1)).incident is False
        assert [record.kind for record in Record.objects.order_by("number")] == ["incident.started", "incident.ended"]
        assert incidents() == [ended]

    def test_ends_by_itself_when_that_was_said(self, amina: Officer) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            start_incident("Flood.", officer=amina, until=cast.MONDAY + timedelta(hours=2))
            with pytest.raises(IncidentRunning):
                start_incident("Another.", officer=amina)
        assert incident_at(cast.MONDAY + timedelta(hours=2)) is None
        with time_machine.travel(cast.MONDAY + timedelta(hours=2), tick=False):
            with pytest.raises(NoIncident):
                end_incident(officer=amina)
            start_incident("Another.", officer=amina)

    def test_needs_a_reason_and_an_end_ahead(self, amina: Officer) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            with pytest.raises(ReasonMissing):
                start_incident(" ", officer=amina)
            with pytest.raises(IncidentBackwards):
                start_incident("Flood.", officer=amina, until=cast.MONDAY)
        assert not Incident.objects.exists()

    def test_is_the_only_one_in_the_database_too(self, amina: Officer) -> None:
        Incident.objects.create(starts_at=cast.MONDAY, reason="Flood.", started_by=amina)
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.objects.create(starts_at=cast.MONDAY + timedelta(days=2), reason="Fire.", started_by=amina)
