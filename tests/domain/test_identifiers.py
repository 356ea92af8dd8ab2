"""Card numbers that forgive no wrong digit, and serial numbers nobody guesses."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_service.domain.errors import BadCardNumber
from wallet_service.domain.identifiers import card_number, grouped, parse_card_number, serial_number

entropy = st.binary(min_size=16, max_size=16)


@given(entropy)
def test_a_number_has_nineteen_digits_and_reads_back(random: bytes) -> None:
    number = card_number(random)
    assert (len(number), number[0], number.isdecimal()) == (19, "1", True)
    assert parse_card_number(grouped(number)) == number
    assert parse_card_number(f" {number[:5]}-{number[5:]} ") == number


@given(entropy, st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(random: bytes, place: int, by: int) -> None:
    digits = list(card_number(random))
    digits[place] = str((int(digits[place]) + by) % 10)
    with pytest.raises(BadCardNumber):
        parse_card_number("".join(digits))


@given(entropy, st.integers(0, 17))
def test_two_neighbours_swapped_are_always_caught(random: bytes, place: int) -> None:
    digits = list(card_number(random))
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    if "".join(digits) != card_number(random):
        with pytest.raises(BadCardNumber):
            parse_card_number("".join(digits))


@given(st.text(max_size=60).filter(lambda typed: sum(map(str.isdigit, typed)) != 19))
def test_any_other_text_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(BadCardNumber, match=r"\.$"):
        parse_card_number(typed)


def test_foreign_digits_are_no_digits() -> None:
    with pytest.raises(BadCardNumber, match="digits only"):
        parse_card_number("١" * 19)


@given(entropy)
def test_a_serial_number_is_a_random_uuid(random: bytes) -> None:
    assert uuid.UUID(serial_number(random)).version == 4
