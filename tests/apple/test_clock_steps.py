"""F11: what a phone is told stays true when our clock is set on or back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.http import parse_date

from tests.apple.service_fixtures import Phone, Service

IN_2038 = datetime(2038, 1, 20, tzinfo=UTC)


def modified_at(phone: Phone, card: str) -> datetime:
    answer = phone.fetch(card)
    assert answer.status_code == 200
    found = parse_date(answer.headers["Last-Modified"])
    assert found is not None
    return found


@pytest.mark.parametrize("hours", [1, 24])
def test_fault_F11_M3_last_modified_never_goes_back(service: Service, hours: int) -> None:
    card, phone = service.shop.join(), service.phone()
    service.clock.forward(hours=hours)
    before = modified_at(phone, card)
    service.clock.forward(hours=-hours)
    service.change(card)
    assert modified_at(phone, card) > before


def test_fault_F11_nothing_is_signed_in_2038_and_all_is_well_when_the_clock_is_right_again(
    service: Service,
) -> None:
    card, phone, now = service.shop.join(), service.phone(), service.clock.now
    service.clock.now = IN_2038
    answer = phone.fetch(card)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    service.clock.now = now + timedelta(minutes=1)
    assert phone.fetch(card).status_code == 200
