"""The code that turns is the one that every phone counts, and lives as long as a guest needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wallet_service.domain.identifiers import card_number, serial_number
from wallet_service.domain.rotating import Scan, code_at, is_live, key_of, scan_of

RFC_KEY = b"12345678901234567890"
RFC_6238 = [  # appendix B, SHA-1
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SERIAL = serial_number(b"s" * 16)
KEY = key_of("a secret of the service", SERIAL)


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert code_at(RFC_KEY, now) == code
    assert is_live(RFC_KEY, code, now)


@pytest.mark.parametrize(
    ("later", "live"),
    [(-31, False), (-30, True), (0, True), (29, True), (59, True), (60, False), (3600, False)],
)
def test_a_code_lives_in_its_half_minute_and_the_ones_beside_it(later: int, live: bool) -> None:
    assert is_live(KEY, code_at(KEY, NOON), NOON + timedelta(seconds=later)) is live


def test_each_card_and_each_secret_has_codes_of_its_own() -> None:
    others = [key_of("a secret of the service", serial_number(b"t" * 16)), key_of("another", SERIAL)]
    assert len({KEY, *others}) == 3
    assert not any(is_live(other, code_at(KEY, NOON), NOON) for other in others)


def test_a_scan_is_a_number_and_eight_digits_however_they_are_grouped() -> None:
    number = card_number(b"n" * 16)
    assert scan_of(f"{number}00000001") == scan_of(f" {number[:4]} {number[4:]}-0000 0001\n")
    assert scan_of(f"{number}00000001") == Scan(number, "00000001")


@pytest.mark.parametrize("text", ["", "1" * 19, "1" * 26, "1" * 28, "1" * 26 + "x", "١" * 27, SERIAL])
def test_whatever_else_is_no_scan(text: str) -> None:
    assert scan_of(text) is None
