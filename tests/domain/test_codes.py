"""Whatever is held under a scanner is told apart."""

from __future__ import annotations

import pytest

from wallet_service.domain.codes import card_in
from wallet_service.domain.errors import BadCardNumber, ForeignCard
from wallet_service.domain.identifiers import card_number, grouped

NUMBER = card_number(b"a card of our own")
RECEIPT = "t=20261122T1430&s=1250.00&fn=9960440301234567&i=12345&fp=1234567890&n=1"


@pytest.mark.parametrize("code", [NUMBER, grouped(NUMBER), f" {NUMBER}\n", NUMBER.replace("1", "1-", 1)])
def test_a_card_number_is_read_however_it_is_grouped(code: str) -> None:
    assert card_in(code) == NUMBER


def test_a_number_keeps_its_live_code() -> None:
    assert card_in(f"{grouped(NUMBER)} 12345678") == f"{NUMBER}12345678"


FOREIGN = [
    ("4006381333931", "goods"),
    ("96385074", "goods"),
    ("036000291452", "goods"),
    ("00012345600012", "goods"),
    ("2000012345678", "goods"),
    ("https://example.com/card/1", "link"),
    ("HTTP://EXAMPLE.COM", "link"),
    ("www.example.com", "link"),
    ("mailto:a@example.com", "link"),
    ("WIFI:S:shop;;", "link"),
    (RECEIPT, "receipt"),
    (RECEIPT.upper(), "receipt"),
    ("LOYALTY-12", "letters"),
    ("карта", "letters"),
    ("<script>alert(1)</script>", "letters"),
    ("\x00\x07", "letters"),
    ("١٢٣٤٥٦٧٨٩٠١٢٣", "letters"),
    ("x" * 512, "letters"),
]


@pytest.mark.parametrize(("code", "what"), FOREIGN)
def test_a_code_of_somebody_else_is_told_for_what_it_is(code: str, what: str) -> None:
    with pytest.raises(ForeignCard) as refused:
        card_in(code)
    assert refused.value.facts == {"what": what}


SLIPS = ["", "   ", "123", NUMBER[:-1], f"{NUMBER}1", "4006381333932", "1000000000000000000", "9" * 500]


@pytest.mark.parametrize("code", SLIPS)
def test_a_slip_of_the_finger_is_no_foreign_card(code: str) -> None:
    with pytest.raises(BadCardNumber):
        card_in(code)


def test_every_wrong_digit_of_a_number_is_a_slip() -> None:
    for place in range(len(NUMBER)):
        other = str((int(NUMBER[place]) + 1) % 10)
        with pytest.raises(BadCardNumber):
            card_in(NUMBER[:place] + other + NUMBER[place + 1 :])
