"""Points burn at the end of a local day, and not a moment earlier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.plain_program import make_program
from wallet_service.domain.expiry import expires_at, grace_until, idle_until
from wallet_service.domain.local_days import TICK, add_months, local_day
from wallet_service.domain.program import Expiry, ExpiryKind, Program

MOMENTS = st.integers(0, 36 * 365 * 24 * 60).map(
    lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
ZONES = st.sampled_from(["Europe/Moscow", "America/Santiago", "Asia/Beirut", "Pacific/Apia", "UTC"])


def burning(kind: ExpiryKind, zone: str = "Europe/Moscow", **fields: Any) -> Program:
    return make_program(time_zone=zone, expiry=Expiry(kind, **fields))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON = utc("2026-11-21T09:00")


@pytest.mark.parametrize(
    ("end_of", "end"),
    [
        ("day", "2027-02-21T21:00"),
        ("month", "2027-02-28T21:00"),
        ("quarter", "2027-03-31T21:00"),
        ("year", "2027-12-31T21:00"),
    ],
)
def test_rolling_points_are_put_off_to_the_end_of_their_period(end_of: str, end: str) -> None:
    assert expires_at(burning(ExpiryKind.ROLLING, months=3, end_of=end_of), NOON) == utc(end)


def test_points_of_the_last_local_hour_of_a_month_count_from_that_month() -> None:
    program = burning(ExpiryKind.ROLLING, months=1, end_of="month")
    assert expires_at(program, utc("2026-10-31T20:59")) == utc("2026-11-30T21:00")
    assert expires_at(program, utc("2026-10-31T21:00")) == utc("2026-12-31T21:00")


def test_points_of_29_february_burn_on_the_28th_a_year_later() -> None:
    program = burning(ExpiryKind.ROLLING, months=12)
    assert expires_at(program, utc("2024-02-29T09:00")) == utc("2025-02-28T21:00")


def test_points_end_with_the_jump_where_the_last_day_has_no_midnight_after_it() -> None:
    program = burning(ExpiryKind.ROLLING, "America/Santiago", months=6)
    assert expires_at(program, utc("2024-03-07T12:00")) == utc("2024-09-08T04:00")


@pytest.mark.parametrize(
    ("earned", "months", "end"),
    [
        ("2026-11-21T09:00", 0, "2026-12-31T21:00"),
        ("2026-12-31T20:59", 0, "2026-12-31T21:00"),
        ("2026-12-31T21:00", 0, "2027-06-30T21:00"),
        ("2026-11-21T09:00", 3, "2027-06-30T21:00"),
        ("2026-09-30T09:00", 3, "2026-12-31T21:00"),
        ("2026-11-21T09:00", 24, "2028-12-31T21:00"),
    ],
)
def test_fixed_days_take_the_first_that_lies_far_enough_ahead(earned: str, months: int, end: str) -> None:
    program = burning(ExpiryKind.CALENDAR, months=months, days=("12-31", "06-30"))
    assert expires_at(program, utc(earned)) == utc(end)


def test_the_fixed_day_29_february_is_the_28th_in_other_years() -> None:
    program = burning(ExpiryKind.CALENDAR, days=("02-29",))
    assert expires_at(program, utc("2027-01-05T09:00")) == utc("2027-02-28T21:00")
    assert expires_at(program, utc("2028-01-05T09:00")) == utc("2028-02-29T21:00")
    assert expires_at(program, utc("2027-03-01T09:00")) == utc("2028-02-29T21:00")


@given(MOMENTS, ZONES, st.integers(1, 36), st.sampled_from(["day", "month", "quarter", "year"]))
def test_rolling_points_live_at_least_their_months(
    earned: datetime, zone: str, months: int, end_of: str
) -> None:
    end = expires_at(burning(ExpiryKind.ROLLING, zone, months=months, end_of=end_of), earned)
    assert end is not None
    assert local_day(end, zone) > add_months(local_day(earned, zone), months)
    assert end - earned < timedelta(days=31 * months + 368)


@given(MOMENTS, ZONES, st.integers(0, 24), st.sets(st.dates(), min_size=1, max_size=20))
def test_fixed_days_burn_what_is_old_enough_within_the_next_year(
    earned: datetime, zone: str, months: int, days: set[Any]
) -> None:
    named = tuple(f"{day:%m-%d}" for day in days)
    end = expires_at(burning(ExpiryKind.CALENDAR, zone, months=months, days=named), earned)
    assert end is not None
    assert end > earned
    earliest = add_months(local_day(earned, zone), months)
    assert earliest < local_day(end, zone) <= add_months(earliest, 12) + timedelta(days=2)


@given(MOMENTS, MOMENTS, ZONES, st.integers(0, 24))
def test_later_points_never_burn_earlier(one: datetime, other: datetime, zone: str, months: int) -> None:
    rolling = burning(ExpiryKind.ROLLING, zone, months=months, end_of="quarter")
    for program in (rolling, burning(ExpiryKind.CALENDAR, zone, months=months, days=("03-31", "02-29"))):
        first, second = (expires_at(program, moment) for moment in sorted([one, other]))
        assert first is not None
        assert second is not None
        assert first <= second


def test_a_card_that_nobody_uses_loses_all_points_at_once() -> None:
    program = burning(ExpiryKind.INACTIVITY, months=6)
    assert idle_until(program, utc("2026-08-31T09:00")) == utc("2027-02-28T21:00")
    assert expires_at(program, NOON) is None


@pytest.mark.parametrize("kind", [ExpiryKind.NEVER, ExpiryKind.INACTIVITY])
def test_such_points_do_not_burn_by_their_age(kind: ExpiryKind) -> None:
    assert expires_at(burning(kind, months=6), NOON) is None


@pytest.mark.parametrize("kind", [ExpiryKind.NEVER, ExpiryKind.ROLLING, ExpiryKind.CALENDAR])
def test_such_points_do_not_burn_by_being_idle(kind: ExpiryKind) -> None:
    assert idle_until(burning(kind, months=6, days=("12-31",)), NOON) is None


def test_what_comes_back_lives_through_the_days_of_grace() -> None:
    assert grace_until(burning(ExpiryKind.ROLLING, months=1, grace_days=30), NOON) == utc("2026-12-21T21:00")
    assert grace_until(burning(ExpiryKind.ROLLING, months=1), NOON) is None


@given(MOMENTS, ZONES)
def test_points_are_good_on_all_of_their_last_day(earned: datetime, zone: str) -> None:
    end = expires_at(burning(ExpiryKind.ROLLING, zone, months=12, end_of="month"), earned)
    assert end is not None
    assert local_day(end - TICK, zone).month == local_day(earned, zone).month
    assert local_day(end, zone).day == 1
