"""A tier is reached at once, kept for its term, and lost only when the term was not earned again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.plain_program import make_level, make_program
from wallet_service.domain.local_days import month_name
from wallet_service.domain.program import Program, Tiers
from wallet_service.domain.tiers import (
    Happening,
    Held,
    StatusAt,
    after_purchase,
    again,
    in_force,
    next_look,
    paid_for,
    settled,
    window_months,
    without_purchase,
)

MOSCOW = "Europe/Moscow"
SILVER, GOLD = make_level("Silver", 100, jump=5000), make_level("Gold", 300, jump=9000)
CLUB = make_level("Club", paid_item="club-month", paid_months=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def tiered(**fields: Any) -> Program:
    levels = {"counts": "points", "levels": (SILVER, CLUB, GOLD)}
    return make_program(tiers=Tiers(**(levels | fields)))


CALENDAR = tiered(window="calendar")
ROLLING = tiered(window="rolling", months=3)


@dataclass(frozen=True)
class Paid:
    at: datetime
    status: int = 0
    total: int = 0


def status_of(program: Program, history: Iterable[Paid]) -> StatusAt:
    """The sum of the window's months, of what had happened by then."""
    bought, tiers = list(history), program.tiers
    assert tiers

    def status_at(moment: datetime) -> int:
        first, last = window_months(tiers, moment, program.time_zone)
        return sum(
            paid.status
            for paid in bought
            if paid.at <= moment and first <= month_name(paid.at, program.time_zone) <= last
        )

    return status_at


def lived(program: Program, history: Iterable[Paid], until: datetime, asked: Iterable[datetime] = ()) -> Held:
    """A card with these purchases, looked at whenever somebody asked in between, and at the end."""
    bought, held = sorted(history, key=lambda paid: paid.at), Held()
    status_at = status_of(program, bought)
    for moment, paid in sorted(
        [(paid.at, paid) for paid in bought] + [(moment, Paid(moment)) for moment in asked],
        key=lambda happened: happened[0],
    ):
        held = settled(program, held, status_at, moment)
        if paid.status or paid.total:
            held = after_purchase(program, held, status_at(moment), paid.total, moment)
    return settled(program, held, status_at, until)


def level_at(program: Program, moment: str, *history: Paid) -> str | None:
    held = lived(program, [paid for paid in history if paid.at <= utc(moment)], utc(moment))
    level = in_force(program, held, utc(moment))
    return level.id if level else None


def test_a_window_is_months_by_the_local_clock() -> None:
    new_year = utc("2026-12-31T21:00")
    assert window_months(Tiers("points", (), "calendar"), new_year, MOSCOW) == ("2027-01", "2027-12")
    assert window_months(Tiers("points", (), "rolling", 12), new_year, MOSCOW) == ("2026-02", "2027-01")
    assert window_months(Tiers("points", (), "rolling", 1), new_year, MOSCOW) == ("2027-01", "2027-01")
    first, last = window_months(Tiers("points", ()), new_year, MOSCOW)
    assert first < "2000-01" < "2999-12" < last


def test_enough_points_raise_the_tier_at_once() -> None:
    now = utc("2026-05-10T12:00")
    silver = after_purchase(CALENDAR, Held(), 100, 700, now)
    assert silver == Held("silver", utc("2027-12-31T21:00"))
    assert after_purchase(CALENDAR, silver, 300, 700, now).level == "gold"
    assert after_purchase(CALENDAR, Held(), 99, 700, now) == Held()


def test_one_big_receipt_jumps_over_a_tier() -> None:
    now = utc("2026-05-10T12:00")
    assert after_purchase(ROLLING, Held(), 20, 9000, now) == Held("gold", utc("2026-08-31T21:00"))
    assert after_purchase(ROLLING, Held(), 20, 8999, now).level == "silver"
    assert after_purchase(ROLLING, Held(), 20, None, now) == Held()


def test_another_big_receipt_keeps_the_tier_for_another_term() -> None:
    story = Paid(utc("2026-05-10T12:00"), 20, 9000), Paid(utc("2026-08-30T12:00"), 20, 9000)
    assert level_at(ROLLING, "2026-11-30T20:59", *story) == "gold"
    assert level_at(ROLLING, "2026-11-30T21:00", *story) is None


def test_no_purchase_lowers_a_tier() -> None:
    gold = Held("gold", utc("2027-12-31T21:00"))
    assert after_purchase(CALENDAR, gold, 0, 100, utc("2026-05-10T12:00")) == gold
    assert after_purchase(CALENDAR, gold, -50, 5000, utc("2026-05-10T12:00")) == gold


def test_a_jump_goes_back_with_its_receipt_to_what_the_rest_is_enough_for() -> None:
    day, gold = utc("2026-05-10T12:00"), Held("gold", utc("2027-12-31T21:00"))
    small, large = Happening(day, 120, 100), Happening(day, 20, 5_000_000)
    fallen = without_purchase(CALENDAR, gold, [small, large], [small], day)
    assert fallen.level == "silver"
    assert without_purchase(CALENDAR, fallen, [small], [], day) == Held()


def test_a_receipt_that_made_no_difference_leaves_the_tier_as_it_is() -> None:
    day, gold = utc("2026-05-10T12:00"), Held("gold", utc("2027-12-31T21:00"))
    others = [Happening(day, 300, 100)]
    assert without_purchase(CALENDAR, gold, [*others, Happening(day, 1, 1)], others, day) == gold


def test_a_tier_of_the_whole_life_is_never_lost() -> None:
    program = tiered(window="lifetime")
    silver = after_purchase(program, Held(), 100, None, START)
    assert silver == Held("silver")
    assert next_look(program, silver) is None
    assert level_at(program, "2090-01-01", Paid(START, 100)) == "silver"


def test_a_tier_that_nobody_loses_needs_no_term() -> None:
    program = tiered(window="calendar", downgrade="none")
    assert after_purchase(program, Held(), 100, None, START) == Held("silver")


def test_a_calendar_tier_lasts_through_the_next_year_and_is_judged_by_it() -> None:
    story = Paid(utc("2024-11-10T12:00"), 300), Paid(utc("2025-06-01T12:00"), 120)
    assert level_at(CALENDAR, "2025-12-31T20:59", *story) == "gold"
    assert level_at(CALENDAR, "2025-12-31T21:00", *story) == "silver"
    assert level_at(CALENDAR, "2026-12-31T21:00", *story) is None


def test_a_tier_that_was_earned_again_is_renewed_for_the_next_year() -> None:
    story = Paid(utc("2024-11-10T12:00"), 300), Paid(utc("2025-06-01T12:00"), 300)
    assert lived(CALENDAR, story, utc("2026-01-01T12:00")) == Held("gold", utc("2026-12-31T21:00"))


def test_one_step_down_at_a_time_and_never_into_a_tier_that_is_sold() -> None:
    program, story = tiered(window="calendar", downgrade="one_step"), Paid(utc("2024-11-10T12:00"), 300)
    levels = [level_at(program, f"{year}-06-01", story) for year in (2025, 2026, 2027, 2028)]
    assert levels == ["gold", "silver", None, None]


def test_whoever_catches_up_in_the_days_of_grace_keeps_the_tier() -> None:
    program = tiered(window="calendar", grace_days=31)
    story = Paid(utc("2024-11-10T12:00"), 300), Paid(utc("2026-01-31T20:59"), 300)
    assert level_at(program, "2026-01-15", story[0]) == "gold"
    assert level_at(program, "2026-01-31T20:59", story[0]) == "gold"
    assert level_at(program, "2026-01-31T21:00", story[0]) is None
    assert lived(program, story, utc("2026-03-01")) == Held("gold", utc("2026-12-31T21:00"))


def test_the_window_that_ended_counts_although_nothing_came_in_the_days_of_grace() -> None:
    program = tiered(window="calendar", grace_days=31)
    story = Paid(utc("2024-11-10T12:00"), 300), Paid(utc("2025-06-01T12:00"), 300)
    assert lived(program, story, utc("2026-03-01")) == Held("gold", utc("2026-12-31T21:00"))


def test_grace_does_not_make_the_next_term_longer() -> None:
    program = tiered(window="rolling", months=3, grace_days=40)
    story = Paid(utc("2026-01-10T12:00"), 300), Paid(utc("2026-04-01T12:00"), 150)
    assert lived(program, story, utc("2026-06-20T12:00")) == Held("silver", utc("2026-07-31T21:00"))


def test_the_next_look_is_when_something_may_change() -> None:
    program = tiered(window="calendar", grace_days=31)
    held = Held("gold", utc("2025-12-31T21:00"))
    assert next_look(program, held) == utc("2026-01-31T21:00")
    paid = replace(held, paid="club", paid_until=utc("2026-01-10T21:00"))
    assert next_look(program, paid) == utc("2026-01-10T21:00")
    assert next_look(program, Held()) is None
    assert next_look(make_program(), Held()) is None


def test_a_program_without_tiers_holds_none() -> None:
    program = make_program()
    assert settled(program, Held(), lambda _: 0, START) == Held()
    assert after_purchase(program, Held(), 1000, 1000, START) == Held()
    assert in_force(program, Held(), START) is None


def test_a_level_from_nothing_on_is_everybodys_and_for_good() -> None:
    program = tiered(window="calendar", levels=(make_level("Guest", 0), SILVER))
    assert level_at(program, "2026-01-01") == "guest"
    assert lived(program, [Paid(START, 5)], utc("2030-01-01")) == Held("guest")
    assert level_at(program, "2030-01-01", Paid(START, 100)) == "guest"


def test_bought_months_last_to_the_end_of_their_day() -> None:
    held = paid_for(CALENDAR, Held(), ("club", 1), utc("2026-01-31T21:30"))  # already February there
    assert held == Held(paid="club", paid_until=utc("2026-03-01T21:00"))
    assert in_force(CALENDAR, held, utc("2026-03-01T20:59")) == CLUB
    assert in_force(CALENDAR, held, utc("2026-03-01T21:00")) is None
    assert settled(CALENDAR, held, lambda _: 0, utc("2026-03-01T21:00")) == Held()


def test_bought_months_add_to_what_is_left() -> None:
    once = paid_for(CALENDAR, Held(), ("club", 1), utc("2026-04-10T12:00"))
    twice = paid_for(CALENDAR, once, ("club", 3), utc("2026-04-20T12:00"))
    assert twice.paid_until == utc("2026-08-10T21:00")
    later = paid_for(CALENDAR, once, ("club", 1), utc("2026-09-01T12:00"))
    assert later.paid_until == utc("2026-10-01T21:00")


def test_bought_months_end_within_twenty_years_however_often_somebody_buys() -> None:
    held = Held()
    for _ in range(100):
        held = paid_for(CALENDAR, held, ("club", 120), utc("2026-04-10T12:00"))
    assert held.paid_until == utc("2046-04-10T21:00")
    assert paid_for(CALENDAR, Held(), ("club", 1_200_000), utc("2026-04-10T12:00")) == held


def test_another_bought_tier_takes_the_place_of_the_first() -> None:
    once = paid_for(CALENDAR, Held(), ("club", 12), utc("2026-04-10T12:00"))
    other = paid_for(CALENDAR, once, ("plus", 1), utc("2026-04-20T12:00"))
    assert other == Held(paid="plus", paid_until=utc("2026-05-20T21:00"))


def test_the_higher_of_the_earned_and_the_bought_tier_is_in_force() -> None:
    club = paid_for(CALENDAR, Held("silver"), ("club", 1), START)
    assert in_force(CALENDAR, club, START) == CLUB
    assert in_force(CALENDAR, replace(club, level="gold"), START) == GOLD
    assert in_force(CALENDAR, club, START + timedelta(days=60)) == SILVER


MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
PURCHASES = st.builds(
    Paid, at=MOMENTS, status=st.integers(-60, 200), total=st.sampled_from([0, 100, 4999, 5000, 9000])
)
HISTORIES = st.lists(PURCHASES, max_size=12, unique_by=lambda paid: paid.at)
PROGRAMS = st.builds(
    tiered,
    window=st.sampled_from(["lifetime", "calendar", "rolling"]),
    months=st.sampled_from([1, 3, 12]),
    downgrade=st.sampled_from(["none", "one_step", "full"]),
    grace_days=st.sampled_from([0, 1, 31, 90]),
)


@given(PROGRAMS, HISTORIES, MOMENTS, st.lists(MOMENTS, max_size=10))
def test_13_it_does_not_matter_how_often_somebody_asks(
    program: Program, history: list[Paid], end: datetime, some: list[datetime]
) -> None:
    before = [paid for paid in history if paid.at <= end]
    days = [START + timedelta(days=number) for number in range((end - START).days)]
    once = lived(program, before, end)
    assert lived(program, before, end, days) == once
    assert lived(program, before, end, [moment for moment in some if moment <= end]) == once


@given(PROGRAMS, HISTORIES, MOMENTS)
def test_13_what_happens_later_changes_nothing_about_today(
    program: Program, history: list[Paid], now: datetime
) -> None:
    known = [paid for paid in history if paid.at <= now]
    held = lived(program, known, now)
    assert settled(program, held, status_of(program, history), now) == held


@given(PROGRAMS, HISTORIES)
def test_a_purchase_never_lowers_a_tier_and_time_alone_never_raises_one(
    program: Program, history: list[Paid]
) -> None:
    held, status_at, tiers = Held(), status_of(program, history), program.tiers
    assert tiers
    for paid in sorted(history, key=lambda paid: paid.at):
        waited = settled(program, held, status_at, paid.at)
        assert tiers.rank(waited.level) <= tiers.rank(held.level)
        held = after_purchase(program, waited, status_at(paid.at), paid.total, paid.at)
        assert tiers.rank(held.level) >= tiers.rank(waited.level)
        assert held.until is None or held.until > paid.at or held == waited


@given(PROGRAMS, HISTORIES, MOMENTS)
def test_the_next_look_misses_nothing(program: Program, history: list[Paid], end: datetime) -> None:
    known = [paid for paid in history if paid.at <= end]
    held, status_at = lived(program, known, end), status_of(program, known)
    if look := next_look(program, held):
        assert look > end
        assert settled(program, held, status_at, look - timedelta(microseconds=1)) == held
    else:
        assert settled(program, held, status_at, end + timedelta(days=9999)) == held


@given(MOMENTS, st.integers(1, 24), st.lists(st.integers(1, 12), max_size=4), st.integers(0, 4))
def test_bought_months_that_come_back_leave_exactly_what_the_others_bought(
    at: datetime, months: int, others: list[int], place: int
) -> None:
    rest = [Happening(at, 0, None, ("club", other)) for other in others]
    whole = [*rest[:place], Happening(at, 0, None, ("club", months)), *rest[place:]]
    held = without_purchase(CALENDAR, again(CALENDAR, whole, at), whole, rest, at)
    assert held == again(CALENDAR, rest, at)


@pytest.mark.parametrize("day", ["2026-01-29", "2026-01-30", "2026-01-31"])
def test_months_bought_at_the_end_of_a_long_month_meet_no_month_too_short_for_them(day: str) -> None:
    once = paid_for(CALENDAR, Held(), ("club", 1), utc(f"{day}T12:00"))
    assert once.paid_until == utc("2026-03-01T21:00")
