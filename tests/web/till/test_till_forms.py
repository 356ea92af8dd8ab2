"""Amounts as managers type them in the office."""

from __future__ import annotations

import pytest

from wallet_service.domain.errors import BadAmount
from wallet_service.web.till.forms import minor_units


@pytest.mark.parametrize(
    ("typed", "units"),
    [
        ("250", 25000),
        ("250,50", 25050),
        ("250.5", 25050),
        ("1 250,05", 125005),
        ("1\u00a0250", 125000),
        ("0", 0),
        (" 7 ", 700),
    ],
)
def test_amounts_are_typed_as_people_write_them(typed: str, units: int) -> None:
    assert minor_units(typed) == units


JUNK = ["", "abc", "-5", "1,2,3", "250,555", "1e9", "NaN", "₽", "٢٥٠", "2" * 60, "0x10", "\x00", "1,"]


@pytest.mark.parametrize("typed", JUNK)
def test_junk_is_no_amount(typed: str) -> None:
    with pytest.raises(BadAmount):
        minor_units(typed)
