"""What stands in the code of a fiscal receipt, and what is refused in it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from wallet_service.domain.errors import BadReceipt
from wallet_service.domain.fiscal import fiscal_receipt, looks_fiscal
from wallet_service.domain.ledger import receipt_key

CODE = "t=20261122T1430&s=1250.00&fn=9960440301234567&i=12345&fp=1234567890&n=1"
KEY = "9960440301234567:12345:1234567890"


def with_part(name: str, value: str) -> str:
    parts = dict(part.split("=") for part in CODE.split("&"))
    return "&".join(f"{key}={said}" for key, said in (parts | {name: value}).items())


def test_a_sale_says_when_where_and_how_much() -> None:
    receipt = fiscal_receipt(CODE)
    assert (receipt.total, receipt.drive, receipt.key) == (125_000, "9960440301234567", KEY)
    assert not receipt.returned
    assert receipt.at("Europe/Moscow") == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)


def test_the_parts_stand_in_any_order() -> None:
    read = {fiscal_receipt("&".join(parts)) for parts in permutations(CODE.split("&"))}
    assert read == {fiscal_receipt(CODE)}


def test_seconds_may_be_there() -> None:
    at = fiscal_receipt(with_part("t", "20261122T143059")).at("UTC")
    assert at == datetime(2026, 11, 22, 14, 30, 59, tzinfo=UTC)


@pytest.mark.parametrize("text", [CODE.upper(), CODE.lower(), f" {CODE}\r\n", CODE.swapcase()])
def test_a_scanner_with_a_shift_lock_is_read_alike(text: str) -> None:
    assert fiscal_receipt(text) == fiscal_receipt(CODE)


@pytest.mark.parametrize(
    ("said", "units"), [("1250.00", 125_000), ("1250", 125_000), ("0.5", 50), ("0.05", 5), ("99.99", 9_999)]
)
def test_the_sum_is_read_to_the_kopeck(said: str, units: int) -> None:
    assert fiscal_receipt(with_part("s", said)).total == units


@pytest.mark.parametrize(("name", "padded"), [("i", "0000012345"), ("i", "012345")])
def test_figures_that_are_padded_make_the_same_key(name: str, padded: str) -> None:
    assert fiscal_receipt(with_part(name, padded)).key == KEY


def test_a_return_of_a_sale_is_told_from_a_sale() -> None:
    assert fiscal_receipt(with_part("n", "2")).returned


@pytest.mark.parametrize("kind", ["3", "4"])
def test_a_receipt_of_something_else_is_refused(kind: str) -> None:
    with pytest.raises(BadReceipt, match="neither a sale") as refused:
        fiscal_receipt(with_part("n", kind))
    assert refused.value.facts == {"n": int(kind)}


OFF = [
    ("t", "20261322T1430"),
    ("t", "20261122"),
    ("t", "20261122T2460"),
    ("t", "19991122T1430"),
    ("t", ""),
    ("s", "-5"),
    ("s", "1,50"),
    ("s", "1e9"),
    ("s", "1.234"),
    ("s", "12345678901"),
    ("s", "١٢"),
    ("fn", "996044030123456"),
    ("fn", "99604403012345678"),
    ("i", "x"),
    ("fp", ""),
    ("n", "0"),
    ("n", "12"),
]


@pytest.mark.parametrize(("name", "value"), OFF)
def test_the_part_that_is_off_is_named(name: str, value: str) -> None:
    with pytest.raises(BadReceipt) as refused:
        fiscal_receipt(with_part(name, value))
    assert refused.value.facts == {"part": name}


@pytest.mark.parametrize("name", ["t", "s", "fn", "i", "fp", "n"])
def test_no_part_may_be_missing_or_come_twice(name: str) -> None:
    parts = CODE.split("&")
    ours = next(part for part in parts if part.startswith(f"{name}="))
    for text in ("&".join(part for part in parts if part != ours), f"{CODE}&{ours}"):
        with pytest.raises(BadReceipt) as refused:
            fiscal_receipt(text)
        assert refused.value.facts == {"part": name}


@pytest.mark.parametrize(
    "text", ["", "&", "hello", "https://example.com/?t=1&s=2", f"{CODE}&x=1", "\x00", "=" * 999]
)
def test_whatever_else_is_scanned_is_no_receipt(text: str) -> None:
    with pytest.raises(BadReceipt):
        fiscal_receipt(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (CODE, True),
        (CODE.upper(), True),
        (with_part("s", "x"), True),
        ("https://x/?t=1&s=2", False),
        ("1" * 19, False),
    ],
)
def test_a_receipt_is_known_from_other_codes(text: str, meant: bool) -> None:
    assert looks_fiscal(text) is meant


def test_where_the_clock_is_set_back_the_first_of_two_moments_counts() -> None:
    twice = fiscal_receipt(with_part("t", "20261025T0130")).at("Europe/London")
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_fiscal_receipt_is_one_in_every_store() -> None:
    """Its number is unique in the country, so that no store of ours counts it a second time."""
    assert receipt_key("main", KEY) == receipt_key(None, KEY) == receipt_key("north", KEY) == KEY
    assert receipt_key("main", "12345") != receipt_key("north", "12345")
