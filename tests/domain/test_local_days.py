"""Days by the shop's wall clock, also where the clock jumps at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.domain.local_days import (
    TICK,
    add_months,
    day_before,
    end_of_day,
    end_of_months,
    local_day,
    month_name,
    period_name,
)

ZONES = sorted(available_timezones())
DAYS = st.dates(date(1990, 1, 1), date(2037, 12, 30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/Moscow", date(2026, 5, 31), "2026-05-31T21:00"),
        ("Asia/Kathmandu", date(2026, 5, 31), "2026-05-31T18:15"),
        ("America/New_York", date(2026, 12, 31), "2027-01-01T05:00"),
        ("Europe/Moscow", date(2024, 2, 28), "2024-02-28T21:00"),
        ("Europe/Moscow", date(2024, 2, 29), "2024-02-29T21:00"),
    ],
)
def test_a_day_ends_at_the_local_midnight(zone: str, day: date, end: str) -> None:
    assert end_of_day(day, zone) == utc(end)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/Santiago", date(2024, 9, 7), "2024-09-08T04:00"),
        ("Asia/Beirut", date(2026, 3, 28), "2026-03-28T22:00"),
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-30T10:00"),
    ],
)
def test_where_midnight_is_skipped_the_day_ends_with_the_jump(zone: str, day: date, end: str) -> None:
    assert end_of_day(day, zone) == utc(end)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/Santiago", date(2024, 4, 6), "2024-04-07T04:00"),
        ("America/Havana", date(2025, 11, 1), "2025-11-02T04:00"),
        ("America/St_Johns", date(2010, 11, 6), "2010-11-07T03:30"),
    ],
)
def test_where_the_clock_is_set_back_a_day_ends_once_it_cannot_come_again(
    zone: str, day: date, end: str
) -> None:
    assert end_of_day(day, zone) == utc(end)


@given(DAYS, st.sampled_from(ZONES))
def test_the_end_of_a_day_is_where_the_date_turns(day: date, zone: str) -> None:
    end = end_of_day(day, zone)
    assert local_day(end - TICK, zone) <= day < local_day(end, zone)
    assert end.tzinfo is UTC


@given(st.sampled_from(ZONES), st.integers(1990, 2036))
def test_the_days_of_a_year_follow_each_other(zone: str, year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    ends = [end_of_day(day, zone) for day in days]
    assert ends == sorted(ends)
    skipped = {day for day in days if day_before(end_of_day(day, zone), zone) != day}
    assert all(not _happens(day, zone) for day in skipped)


def _happens(day: date, zone: str) -> bool:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return local_day(noon.astimezone(UTC), zone) == day


def test_months_end_where_the_shorter_month_ends() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)
    assert add_months(date(2026, 12, 31), 0) == date(2026, 12, 31)


def test_months_quarters_and_years_have_last_days() -> None:
    assert end_of_months(date(2024, 2, 3), 1) == date(2024, 2, 29)
    assert end_of_months(date(2026, 4, 1), 3) == date(2026, 6, 30)
    assert end_of_months(date(2026, 6, 30), 3) == date(2026, 6, 30)
    assert end_of_months(date(2026, 1, 1), 12) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("window", "name"),
    [("day", "2027-01-01"), ("week", "2026-W53"), ("month", "2027-01"), ("year", "2027"), ("ever", "ever")],
)
def test_a_window_is_named_by_the_local_clock(window: str, name: str) -> None:
    assert period_name(window, utc("2026-12-31T21:30"), "Europe/Moscow") == name


def test_the_month_turns_at_local_midnight() -> None:
    assert month_name(utc("2026-10-31T20:59"), "Europe/Moscow") == "2026-10"
    assert month_name(utc("2026-10-31T21:00"), "Europe/Moscow") == "2026-11"
