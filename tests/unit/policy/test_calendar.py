"""Days as the rules count them, on the wall clock of London."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.policy.calendar import (
    LONDON,
    OfficeHours,
    PeriodRule,
    Term,
    add_months,
    bank_holidays,
    is_working_day,
    latest_notice,
    london_day,
    period_of,
    working_days_after,
)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 3, 30), 0, date(2027, 3, 30)),
        (date(9999, 8, 31), 6, date.max),
    ],
)
def test_months_are_calendar_months_clipped_to_the_last_day(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.integers(0, 240))
def test_a_month_more_never_comes_earlier(day: date, months: int) -> None:
    assert add_months(day, months) <= add_months(day, months + 1)
    assert add_months(day, months).day <= day.day


def test_within_six_months_ends_the_day_before_six_months_have_passed() -> None:
    half_a_year, event = Term(months=6), date(2026, 8, 31)
    assert half_a_year.holds(event, date(2027, 2, 27))
    assert not half_a_year.holds(event, date(2027, 2, 28))
    assert half_a_year.holds(event, event)
    assert not half_a_year.holds(event, date(2026, 8, 30))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 5, 6, 23, 30, tzinfo=UTC), date(2027, 5, 7)),
        (datetime(2027, 1, 6, 23, 30, tzinfo=UTC), date(2027, 1, 6)),
        (datetime(2027, 5, 6, 23, 30), date(2027, 5, 6)),  # noqa: DTZ001 (no zone: London time already)
    ],
)
def test_a_day_is_a_day_in_london(moment: datetime, day: date) -> None:
    assert london_day(moment) == day


@pytest.mark.parametrize(
    ("poll", "six_weeks", "notice"),
    [
        (date(2023, 5, 4), date(2023, 3, 23), date(2023, 3, 27)),
        (date(2024, 5, 2), date(2024, 3, 21), date(2024, 3, 26)),
        (date(2026, 5, 7), date(2026, 3, 26), date(2026, 3, 30)),
        (date(2027, 5, 6), date(2027, 3, 25), date(2027, 3, 31)),
    ],
)
def test_six_weeks_and_the_last_day_for_the_notice_of_known_polls(poll: date, six_weeks: date, notice: date) -> None:
    assert period_of(PeriodRule(), poll)[0].date() == six_weeks
    assert latest_notice(poll) == notice
    assert period_of(PeriodRule(start="notice"), poll)[0].date() == notice


def test_a_period_begins_in_winter_time_and_ends_in_summer_time() -> None:
    start, end = period_of(PeriodRule(), date(2027, 5, 6))
    assert (start.astimezone(UTC), end.astimezone(UTC)) == (
        datetime(2027, 3, 25, 0, 0, tzinfo=UTC),
        datetime(2027, 5, 6, 21, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("rule", "notice", "called", "start"),
    [
        (PeriodRule(start="notice"), date(2027, 3, 20), None, date(2027, 3, 20)),
        (PeriodRule(start="earlier"), date(2027, 3, 20), None, date(2027, 3, 20)),
        (PeriodRule(start="earlier"), date(2027, 3, 30), None, date(2027, 3, 25)),
        (PeriodRule(start="earlier"), None, None, date(2027, 3, 25)),
        (PeriodRule(), None, date(2027, 4, 2), date(2027, 4, 2)),
        (PeriodRule(), None, date(2027, 1, 2), date(2027, 3, 25)),
        (PeriodRule(weeks=8), None, None, date(2027, 3, 11)),
    ],
)
def test_when_a_period_begins_is_the_policys_choice(
    rule: PeriodRule, notice: date | None, called: date | None, start: date
) -> None:
    assert period_of(rule, date(2027, 5, 6), notice, called)[0] == datetime.combine(start, time(), LONDON)


@pytest.mark.parametrize(
    ("end", "moment"),
    [
        ("22:00", datetime(2027, 5, 6, 22, tzinfo=LONDON)),
        ("midnight", datetime(2027, 5, 7, tzinfo=LONDON)),
        ("day_after", datetime(2027, 5, 8, tzinfo=LONDON)),
    ],
)
def test_when_a_period_ends_is_the_policys_choice(end: str, moment: datetime) -> None:
    assert period_of(PeriodRule(end=end), date(2027, 5, 6))[1] == moment


@pytest.mark.parametrize(
    ("day", "number", "then"),
    [
        (date(2027, 6, 11), 2, date(2027, 6, 15)),  # a Friday
        (date(2027, 6, 12), 2, date(2027, 6, 15)),  # a Saturday
        (date(2027, 3, 25), 2, date(2027, 3, 31)),  # before Good Friday and Easter Monday
        (date(2026, 12, 24), 2, date(2026, 12, 30)),  # Boxing Day moved to the Monday
        (date(2027, 12, 24), 1, date(2027, 12, 29)),  # both moved
    ],
)
def test_working_days_leave_out_weekends_and_bank_holidays(day: date, number: int, then: date) -> None:
    assert working_days_after(day, number) == then


def test_bank_holidays_are_known_for_far_years() -> None:
    assert date(2041, 12, 25) in bank_holidays(2041)
    assert date(2022, 9, 19) in bank_holidays(2022)
    assert not is_working_day(date(2026, 8, 31))
    assert not is_working_day(date(2026, 9, 1), closed={date(2026, 9, 1)})


def test_the_office_is_open_in_its_hours() -> None:
    hours = OfficeHours({day: (time(9), time(17)) for day in range(5)}, closed=frozenset({date(2027, 6, 16)}))
    assert hours.open_at(datetime(2027, 6, 15, 8, 0, tzinfo=UTC))
    assert not hours.open_at(datetime(2027, 6, 15, 7, 59, tzinfo=UTC))
    assert not hours.open_at(datetime(2027, 6, 15, 16, 0, tzinfo=UTC))
    assert not hours.open_at(datetime(2027, 6, 16, 10, 0, tzinfo=UTC))
    assert not hours.open_at(datetime(2027, 6, 12, 10, 0, tzinfo=UTC))
    assert not hours.open_at(datetime(2027, 3, 29, 10, 0, tzinfo=UTC))
