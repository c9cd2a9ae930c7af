"""Elections and the pre-election period: computed by the rules, failing safe, confirmed by name, corrected by addition."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from moothall.council.actions import (
    ElectionCalledOff,
    ElectionFaulty,
    ElectionThere,
    NoPeriod,
    PeriodBackwards,
    PeriodConfirmed,
    PeriodSuperseded,
    PeriodTooLong,
    ReasonMissing,
    call_off_election,
    change_election,
    confirm_election_period,
    confirm_period,
    correct_period,
    enter_election,
    enter_period,
    put_in_force,
)
from moothall.council.models import Election, Period
from moothall.council.queries import (
    circumstances_at,
    computed_period,
    election_notice_at,
    elections,
    opens_period,
    period_flags,
    period_for,
    period_history,
    periods,
    poll_in_days,
    pre_election_at,
    promotion_needs_second_officer,
)
from moothall.policy import default_policy
from moothall.policy.calendar import LONDON
from moothall.records.models import Record, Sealed
from moothall.records.queries import for_subject, verify_live
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

POLL = date(2027, 5, 6)
#: The period of the polls of 6 May 2027 under the shipped rules: in winter time it begins, in summer time it ends.
START = datetime(2027, 3, 25, 0, 0, tzinfo=UTC)
END = datetime(2027, 5, 6, 21, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def local(poll: date = POLL, **fields: object) -> Election:
    given = {"kind": "local", "name": f"Borough council {poll.year}", "poll_date": poll, "officer": None}
    return enter_election(**(given | fields))  # type: ignore[arg-type]


def notice_rules(period: str = "{start: notice, end: midnight, elections: [local, mayoral]}") -> None:
    """The shipped house rules with another period."""
    text, found = re.subn(
        r"^  period:.*\n(?:    .*\n)*", f"  period: {period}\n", default_policy().text, flags=re.MULTILINE
    )
    assert found == 1
    text, found = re.subn(r"^version: .*$", 'version: "other"', text, flags=re.MULTILINE)
    assert found == 1
    put_in_force(text, officer=None)


class TestTheComputedPeriod:
    @pytest.mark.parametrize(
        ("poll", "starts", "ends"),
        [
            (date(2023, 5, 4), datetime(2023, 3, 23, 0, tzinfo=UTC), datetime(2023, 5, 4, 21, tzinfo=UTC)),
            (date(2024, 5, 2), datetime(2024, 3, 21, 0, tzinfo=UTC), datetime(2024, 5, 2, 21, tzinfo=UTC)),
            (date(2024, 7, 4), datetime(2024, 5, 22, 23, tzinfo=UTC), datetime(2024, 7, 4, 21, tzinfo=UTC)),
            (date(2026, 5, 7), datetime(2026, 3, 26, 0, tzinfo=UTC), datetime(2026, 5, 7, 21, tzinfo=UTC)),
            (POLL, START, END),
            # A winter poll: no summer time at either end. And one whose clocks go back on the way.
            (date(2027, 12, 9), datetime(2027, 10, 27, 23, tzinfo=UTC), datetime(2027, 12, 9, 22, tzinfo=UTC)),
            (date(2028, 2, 29), datetime(2028, 1, 18, 0, tzinfo=UTC), datetime(2028, 2, 29, 22, tzinfo=UTC)),
        ],
    )
    def test_is_six_weeks_to_the_close_of_poll_on_the_clock_in_london(
        self, poll: date, starts: datetime, ends: datetime
    ) -> None:
        cast.rules()
        assert computed_period(local(poll)) == (starts, ends)

    @pytest.mark.parametrize(
        ("poll", "notice"),
        [
            (date(2023, 5, 4), date(2023, 3, 27)),
            (date(2024, 5, 2), date(2024, 3, 26)),
            (date(2026, 5, 7), date(2026, 3, 30)),
            # Good Friday is 26 March 2027 and Easter Monday the 29th: neither counts.
            (POLL, date(2027, 3, 31)),
            # Christmas Eve does not count, nor Christmas Day and Boxing Day moved to Monday and Tuesday, nor New Year.
            (date(2028, 1, 20), date(2027, 12, 10)),
        ],
    )
    def test_by_notice_begins_on_the_last_day_for_the_notice_while_none_is_entered(
        self, poll: date, notice: date
    ) -> None:
        notice_rules()
        assert computed_period(local(poll)).starts_at.astimezone(LONDON).date() == notice

    def test_by_notice_begins_when_the_notice_was_published(self) -> None:
        notice_rules()
        starts_at, ends_at = computed_period(local(notice_on=date(2027, 3, 22)))
        assert starts_at == datetime(2027, 3, 22, 0, tzinfo=UTC)
        assert ends_at == datetime(2027, 5, 6, 23, tzinfo=UTC)

    def test_does_not_begin_before_a_surprise_election_was_called(self) -> None:
        cast.rules()
        general = local(date(2024, 7, 4), kind="general", name="General election", called_on=date(2024, 5, 30))
        assert computed_period(general).starts_at == datetime(2024, 5, 29, 23, tzinfo=UTC)

    def test_follows_the_rules_in_force_that_day(self) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            cast.rules()
        with time_machine.travel(cast.MONDAY + timedelta(days=1), tick=False):
            notice_rules("{weeks: 4, elections: [local]}")
        election = local()
        assert computed_period(election, cast.MONDAY).starts_at == START
        assert computed_period(election, cast.MONDAY + timedelta(days=1)).starts_at == datetime(
            2027, 4, 7, 23, tzinfo=UTC
        )

    def test_without_any_rules_in_force_is_the_usual_one(self) -> None:
        assert computed_period(local()) == (START, END)

    def test_is_opened_by_the_kinds_the_rules_name_and_never_by_one_ward(self) -> None:
        cast.rules()
        assert opens_period(local())
        assert opens_period(local(kind="general", name="General election"))
        assert not opens_period(local(kind="pcc", name="Commissioner"))
        assert not opens_period(local(kind="by_election", name="Millbrook by-election", ward="Millbrook"))
        assert not opens_period(local(name="Poll put off in Weir", ward="Weir"))


class TestFailingSafe:
    def test_promotion_needs_a_second_officer_from_the_computed_start_before_anybody_has_confirmed(self) -> None:
        cast.rules()
        local()
        assert not promotion_needs_second_officer(START - TICK)
        assert promotion_needs_second_officer(START)
        assert promotion_needs_second_officer(END - TICK)
        assert not promotion_needs_second_officer(END)
        assert not pre_election_at(START + timedelta(days=3))

    def test_removal_for_politics_waits_for_the_confirmation(self) -> None:
        cast.rules()
        election = local()
        with time_machine.travel(START + timedelta(days=3), tick=False):
            assert not pre_election_at(START + timedelta(days=3))
            period = confirm_election_period(election.pk, officer=cast.officer("Amina"))
        assert (period.starts_at, period.ends_at, period_for(election)) == (START, END, period)
        assert not pre_election_at(START - TICK)
        assert pre_election_at(START)
        assert pre_election_at(END - TICK)
        assert not pre_election_at(END)

    def test_a_shorter_confirmed_period_does_not_end_the_care_early(self) -> None:
        cast.rules()
        confirm_election_period(
            local().pk,
            officer=cast.officer("Amina"),
            starts_at=START + timedelta(days=7),
            ends_at=END - timedelta(days=1),
            reason="The notice came later.",
        )
        assert not pre_election_at(START)
        assert not pre_election_at(END - timedelta(hours=1))
        assert promotion_needs_second_officer(START)
        assert promotion_needs_second_officer(END - TICK)

    def test_an_earlier_confirmed_start_and_a_later_end_count_too(self) -> None:
        cast.rules()
        early, late = START - timedelta(days=6), END + timedelta(days=2)
        confirm_election_period(
            local().pk, officer=cast.officer("Amina"), starts_at=early, ends_at=late, reason="Notice on 19 March."
        )
        for asked in (promotion_needs_second_officer, pre_election_at):
            assert not asked(early - TICK)
            assert asked(early)
            assert asked(late - TICK)
            assert not asked(late)

    def test_one_entered_by_hand_counts_for_promotion_at_once(self) -> None:
        cast.rules()
        enter_period("Parish poll", START, END, officer=None)
        assert promotion_needs_second_officer(START)
        assert not promotion_needs_second_officer(END)
        assert not pre_election_at(START)

    def test_several_elections_are_the_union(self) -> None:
        cast.rules()
        later = POLL + timedelta(days=21)
        local()
        local(later, kind="general", name="General election", called_on=date(2027, 5, 1))
        end = datetime(2027, 5, 27, 21, tzinfo=UTC)
        assert all(promotion_needs_second_officer(at) for at in (START, END - TICK, END, end - TICK))
        assert not promotion_needs_second_officer(end)

    def test_a_poll_in_one_ward_and_one_of_another_kind_open_nothing(self) -> None:
        cast.rules()
        local(kind="by_election", name="Millbrook by-election", ward="Millbrook")
        local(kind="mayoral", name="Mayor")
        assert not promotion_needs_second_officer(END - TICK)
        assert election_notice_at(END - timedelta(days=1)) is False
        assert poll_in_days(END - timedelta(days=1)) is None


class TestConfirming:
    def test_bears_a_name_and_is_on_record(self) -> None:
        cast.rules()
        amina, election = cast.officer("Amina"), local()
        period = confirm_election_period(election.pk, officer=amina)
        (record,) = for_subject(f"period:{period.pk}")
        assert (record.kind, record.actor, period.confirmed_by) == ("period.confirmed", amina.email, amina)
        assert json.loads(record.payload) == {
            "election": "Borough council 2027",
            "election_id": election.pk,
            "starts_at": "2027-03-25T00:00:00.000000Z",
            "ends_at": "2027-05-06T21:00:00.000000Z",
        }

    def test_other_moments_need_a_reason_which_is_sealed(self) -> None:
        cast.rules()
        amina, election = cast.officer("Amina"), local()
        with pytest.raises(ReasonMissing):
            confirm_election_period(election.pk, officer=amina, starts_at=START - timedelta(days=1), reason=" ")
        confirm_election_period(
            election.pk, officer=amina, starts_at=START - timedelta(days=1), reason="Notice on 24 March."
        )
        assert Sealed.objects.get(name="reason").value == "Notice on 24 March."
        assert verify_live().ok

    def test_the_computed_moments_written_out_need_none(self) -> None:
        cast.rules()
        here = datetime(2027, 3, 25, 0, 0, tzinfo=LONDON)
        period = confirm_election_period(local().pk, officer=cast.officer("Amina"), starts_at=here)
        assert period.starts_at == START

    def test_happens_once(self) -> None:
        cast.rules()
        amina, election = cast.officer("Amina"), local()
        confirm_election_period(election.pk, officer=amina)
        with pytest.raises(PeriodConfirmed):
            confirm_election_period(election.pk, officer=cast.officer("Bryn"))

    def test_is_refused_where_no_period_opens(self) -> None:
        cast.rules()
        ward = local(kind="by_election", name="Millbrook by-election", ward="Millbrook")
        with pytest.raises(NoPeriod):
            confirm_election_period(ward.pk, officer=cast.officer("Amina"))

    def test_refuses_backwards_and_years(self) -> None:
        cast.rules()
        amina, election = cast.officer("Amina"), local()
        with pytest.raises(PeriodBackwards):
            confirm_election_period(election.pk, officer=amina, ends_at=START, reason="x")
        with pytest.raises(PeriodTooLong):
            confirm_election_period(election.pk, officer=amina, ends_at=END.replace(year=2028), reason="x")

    def test_a_correction_supersedes_and_keeps_what_was(self) -> None:
        cast.rules()
        amina, bryn, election = cast.officer("Amina"), cast.officer("Bryn"), local()
        first = confirm_election_period(election.pk, officer=amina)
        second = correct_period(
            first.pk, officer=bryn, starts_at=START - timedelta(days=2), ends_at=END, reason="Notice was on the 23rd."
        )
        assert periods() == [second]
        assert period_history(second) == [second, first]
        assert pre_election_at(START - timedelta(days=2))
        assert [record.kind for record in Record.objects.filter(subject__startswith="period:").order_by("number")] == [
            "period.confirmed",
            "period.corrected",
        ]
        with pytest.raises(PeriodSuperseded):
            correct_period(first.pk, officer=amina, starts_at=START, ends_at=END, reason="again")
        with pytest.raises(ReasonMissing):
            correct_period(second.pk, officer=amina, starts_at=START, ends_at=END, reason="")

    def test_a_corrected_period_counts_no_longer_as_it_was(self) -> None:
        cast.rules()
        amina = cast.officer("Amina")
        first = confirm_period(enter_period("Parish poll", START, END, officer=None).pk, officer=amina)
        correct_period(
            first.pk, officer=amina, starts_at=START, ends_at=END - timedelta(days=3), reason="The poll is earlier."
        )
        assert not pre_election_at(END - timedelta(days=3))
        assert not promotion_needs_second_officer(END - timedelta(days=3))

    def test_the_database_keeps_rows_and_refuses_two_of_a_round(self) -> None:
        cast.rules()
        amina, election = cast.officer("Amina"), local()
        period = confirm_election_period(election.pk, officer=amina)
        with pytest.raises(IntegrityError), transaction.atomic():
            Period.objects.filter(pk=period.pk).update(ends_at=END + timedelta(days=300))
        with pytest.raises(IntegrityError), transaction.atomic():
            Period.objects.filter(pk=period.pk).delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            Period.objects.create(election="again", of_election=election, starts_at=START, ends_at=END)


class TestFlags:
    def test_an_unconfirmed_period_is_said_to_be_ahead_at_fourteen_and_seven_days(self) -> None:
        cast.rules()
        local()
        assert period_flags(START - timedelta(days=14, seconds=1)) == []
        (flag,) = period_flags(START - timedelta(days=14))
        assert (flag.state, flag.confirmed, flag.warning, flag.days_to_start, flag.poll_in_days) == (
            "ahead",
            False,
            14,
            14,
            56,
        )
        assert flag.message == (
            "The pre-election period of Borough council 2027 begins on Thursday 25 March 2027, 00:00. "
            "Nobody has confirmed it yet."
        )
        assert [flag.warning for flag in period_flags(START - timedelta(days=7))] == [7]

    def test_a_running_one_says_until_when_and_whether_it_is_confirmed(self) -> None:
        cast.rules()
        election = local()
        (flag,) = period_flags(START)
        assert (flag.state, flag.confirmed, flag.warning) == ("running", False, None)
        assert "until Thursday 6 May 2027, 22:00" in flag.message
        assert "Nobody has confirmed it" in flag.message
        confirm_election_period(election.pk, officer=cast.officer("Amina"))
        (flag,) = period_flags(END - TICK)
        assert (flag.confirmed, flag.poll_in_days, flag.differs) == (True, 0, False)
        assert "confirmed" not in flag.message
        assert period_flags(END) == []

    def test_a_by_election_is_flagged_for_its_ward_only_and_after_the_others(self) -> None:
        cast.rules()
        local(kind="by_election", name="Millbrook by-election", ward="Millbrook")
        local()
        both = period_flags(START)
        assert [flag.ward for flag in both] == ["", "Millbrook"]
        assert "Millbrook ward only" in both[1].message

    def test_a_moved_poll_is_said_to_differ_from_what_was_confirmed(self) -> None:
        cast.rules()
        amina, election = cast.officer("Amina"), local()
        period = confirm_election_period(election.pk, officer=amina)
        change_election(election.pk, officer=amina, poll_date=POLL + timedelta(days=7), reason="Put off by a week.")
        (flag,) = period_flags(END)
        assert flag.differs
        assert promotion_needs_second_officer(END)
        assert not pre_election_at(END)
        correct_period(
            period.pk, officer=amina, starts_at=START, ends_at=END + timedelta(days=7), reason="Poll put off."
        )
        assert [flag.differs for flag in period_flags(END)] == [False]
        assert pre_election_at(END)


class TestEntering:
    def test_leaves_a_record_and_a_list_in_order(self) -> None:
        amina = cast.officer("Amina")
        with time_machine.travel(cast.MONDAY, tick=False):
            second = local(officer=amina, source="Council meeting of 3 September")
            first = local(date(2026, 12, 3), kind="other", name="Parish poll", officer=amina)
            over = local(date(2026, 11, 22), kind="other", name="Over", officer=amina)
            assert elections() == [first, second]
            assert elections(past=True) == [over, first, second]
        record = for_subject(f"election:{second.pk}")[0]
        assert (record.kind, record.actor) == ("election.entered", amina.email)
        assert json.loads(record.payload)["after"]["poll_date"] == "2027-05-06"

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"kind": "raffle"}, "kind_unknown"),
            ({"name": "  "}, "name_missing"),
            ({"name": "x" * 121}, "too_long"),
            ({"notice_on": POLL}, "notice_after_poll"),
            ({"called_on": POLL + timedelta(days=1)}, "called_after_poll"),
        ],
    )
    def test_refuses_what_cannot_be(self, fields: dict[str, object], code: str) -> None:
        with pytest.raises(ElectionFaulty) as refused:
            local(**fields)
        assert refused.value.code == code

    def test_refuses_the_same_election_twice_but_not_another_ward(self) -> None:
        local(kind="by_election", name="Millbrook by-election", ward="Millbrook")
        local(kind="by_election", name="Weir by-election", ward="Weir")
        with pytest.raises(ElectionThere):
            local(kind="by_election", name="Another", ward="millbrook")
        with pytest.raises(IntegrityError), transaction.atomic():
            Election.objects.create(kind="by_election", name="Another", poll_date=POLL, ward="Millbrook")

    def test_moving_the_poll_needs_a_reason_and_the_notice_does_not(self) -> None:
        amina, election = cast.officer("Amina"), local()
        change_election(election.pk, officer=amina, notice_on=date(2027, 3, 22))
        for change in ({"poll_date": POLL + timedelta(days=7)}, {"ward": "Weir"}, {"notice_on": None}):
            with pytest.raises(ReasonMissing):
                change_election(election.pk, officer=amina, **change)
        change_election(election.pk, officer=amina, notice_on=date(2027, 3, 22))
        kinds = [(record.kind, json.loads(record.payload)) for record in for_subject(f"election:{election.pk}")]
        assert len(kinds) == 2
        assert kinds[1] == (
            "election.changed",
            {"before": {"notice_on": None}, "after": {"notice_on": "2027-03-22"}},
        )

    def test_one_that_is_called_off_ends_its_period_then_and_stays_in_history(self) -> None:
        cast.rules()
        amina, election = cast.officer("Amina"), local(notice_on=date(2027, 3, 26))
        confirm_election_period(election.pk, officer=amina)
        called_off = START + timedelta(days=10)
        with time_machine.travel(called_off, tick=False):
            with pytest.raises(ReasonMissing):
                call_off_election(election.pk, officer=amina, reason="")
            call_off_election(election.pk, officer=amina, reason="A candidate has died.")
            with pytest.raises(ElectionCalledOff):
                call_off_election(election.pk, officer=amina, reason="Again.")
            with pytest.raises(ElectionCalledOff):
                change_election(election.pk, officer=amina, name="Another")
        for asked in (promotion_needs_second_officer, pre_election_at, election_notice_at):
            assert asked(called_off - TICK) is True
            assert asked(called_off) is False
        assert period_flags(called_off) == []
        assert json.loads(for_subject(f"election:{election.pk}")[-1].payload).keys() == {"sealed"}
        local(name="The poll anew")


class TestCircumstances:
    def test_a_notice_counts_from_its_day_until_the_polls_close(self) -> None:
        cast.rules()
        local(notice_on=date(2027, 3, 30))
        begins = datetime(2027, 3, 29, 23, 0, tzinfo=UTC)
        assert election_notice_at(begins - TICK) is False
        assert election_notice_at(begins) is True
        assert election_notice_at(END - TICK) is True
        assert election_notice_at(END) is False

    def test_a_notice_that_nobody_has_entered_is_not_known(self) -> None:
        cast.rules()
        assert election_notice_at(START) is False
        local()
        assert election_notice_at(START) is None
        assert election_notice_at(START - timedelta(days=400)) is False

    def test_days_to_the_poll_are_counted_on_the_calendar_in_london(self) -> None:
        cast.rules()
        local()
        assert poll_in_days(START) == 42
        # 23:30 in London on the eve is 22:30 UTC; half an hour later it is polling day.
        assert poll_in_days(datetime(2027, 5, 5, 22, 30, tzinfo=UTC)) == 1
        assert poll_in_days(datetime(2027, 5, 5, 23, 0, tzinfo=UTC)) == 0
        assert poll_in_days(END) == 0
        assert poll_in_days(END + timedelta(hours=2)) is None
        assert poll_in_days(datetime(2026, 5, 6, 12, tzinfo=UTC)) == 365
        assert poll_in_days(datetime(2026, 5, 5, 12, tzinfo=UTC)) is None

    def test_a_year_from_a_leap_day_ends_on_the_last_of_february(self) -> None:
        cast.rules()
        leap_day = datetime(2028, 2, 29, 12, tzinfo=UTC)
        local(date(2029, 3, 1))
        assert poll_in_days(leap_day) is None
        local(date(2029, 2, 28))
        assert poll_in_days(leap_day) == 365

    def test_hold_together(self) -> None:
        cast.rules()
        confirm_election_period(local(notice_on=date(2027, 3, 22)).pk, officer=cast.officer("Amina"))
        at = datetime(2027, 4, 1, 9, 30, tzinfo=UTC)
        found = circumstances_at(at)
        assert (found.pre_election, found.date, found.election_notice, found.poll_in_days, found.incident) == (
            True,
            at,
            True,
            35,
            False,
        )
        assert found.office_open is True
