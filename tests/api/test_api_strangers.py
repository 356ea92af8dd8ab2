"""A machine that sends unknown card numbers waits longer and longer; a known card is never held up."""

from __future__ import annotations

from itertools import count

from tests.api.till import Till, problem
from wallet_service.db import queries
from wallet_service.domain.identifiers import card_number

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_three_unknown_numbers_are_free_and_then_the_next_ones_wait(till: Till) -> None:
    numbers = (card_number(bytes([n] * 16)) for n in count(1))
    for _ in range(3):
        assert problem(till.get(f"/cards/{next(numbers)}")) == (404, "unknown-card")
    refused = till.post(f"/cards/{next(numbers)}/purchases", {"visits": 1})
    assert problem(refused) == (429, "too-much")
    assert refused.headers["Retry-After"] == "1"
    till.shop.clock.forward(seconds=1)
    assert problem(till.get(f"/cards/{next(numbers)}")) == (404, "unknown-card")
    assert till.get(f"/cards/{next(numbers)}").headers["Retry-After"] == "2"


def test_a_card_that_is_known_is_booked_meanwhile(till: Till) -> None:
    card = till.join()
    with till.shop.services.sessions.read() as session:
        number = queries.card(session, card).number
    for n in range(1, 6):
        till.get(f"/cards/{card_number(bytes([n] * 16))}")
    till.buy(number)
    assert till.entries(card)[0] == ("earn", 1)


def test_serial_numbers_are_nothing_that_a_scanner_reads(till: Till) -> None:
    for _ in range(6):
        assert problem(till.get(f"/cards/{UNKNOWN}")) == (404, "unknown-card")
