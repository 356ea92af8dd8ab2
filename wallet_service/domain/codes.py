"""What a scanner read, told apart: a card of ours, a slip of the finger, or something of somebody else's."""

from __future__ import annotations

import re

from wallet_service.domain.errors import BadCardNumber, ForeignCard
from wallet_service.domain.fiscal import looks_fiscal
from wallet_service.domain.identifiers import parse_card_number, without_spaces
from wallet_service.domain.rotating import scan_of

LINK = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{1,15}:|www\.)\S", re.IGNORECASE)
GOODS = (8, 12, 13, 14)
"""Digits of the numbers on goods (GTIN); an EAN on a card of another shop has as many."""
LONGEST = 512


def card_in(code: str) -> str:
    """The number of a card, with its live code if it shows one. ForeignCard says `what` it is instead,
    BadCardNumber that it was meant to be one.
    """
    if scan_of(code) is not None:
        return without_spaces(code)
    digits = without_spaces(code)
    if digits.isascii() and digits.isdigit():
        if _on_goods(digits):
            raise ForeignCard("This is the number of goods, or of another shop's card.", what="goods")
        return parse_card_number(digits)
    if not digits:
        raise BadCardNumber("There is nothing to read. Scan the card again, or type its 19 digits.")
    if looks_fiscal(code):
        raise ForeignCard("This is a receipt. Scan the card first, then the receipt.", what="receipt")
    what = "link" if LINK.match(code) else "letters"
    raise ForeignCard("This is no card of ours: cards have digits only.", what=what)


def _on_goods(digits: str) -> bool:
    """By the check digit of the GS1."""
    if len(digits) not in GOODS:
        return False
    body = [int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits[:-1]))]
    return (sum(body) + int(digits[-1])) % 10 == 0
