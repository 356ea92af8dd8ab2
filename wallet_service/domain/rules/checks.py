"""Refuses a purchase that cannot be, with the figure that is off."""

from __future__ import annotations

from datetime import datetime, timedelta

from wallet_service.domain.errors import BadAmount, BadTime, Invalid
from wallet_service.domain.program import Program
from wallet_service.domain.rules.conditions import count
from wallet_service.domain.rules.prepared import prepared
from wallet_service.domain.rules.values import Item, Purchase

MOST_MONEY = 10_000_000_00
MOST_VISITS = 100
MOST_QUANTITY = 10_000
MOST_ITEMS = 1_000
MOST_MONTHS = 120
"""Of a tier, bought with one receipt."""
MOST_POINTS = 10**15
"""What one purchase can be worth at the very most; a program that could give more is refused."""

LONGEST = {"receipt": 128, "action": 64, "channel": 64, "payment": 64, "store": 64}

AHEAD = timedelta(minutes=2)
LATE = timedelta(hours=72)


def check(program: Program, purchase: Purchase, now: datetime) -> None:
    """Raises BadAmount, BadTime or Invalid."""
    _something_is_said(purchase)
    _currency(program, purchase)
    _between("A total", "total", purchase.total, 0, MOST_MONEY)
    _between("Visits", "visits", purchase.visits, 1, MOST_VISITS)
    _items(purchase)
    _months(program, purchase)
    _time(purchase, now)


def check_words(purchase: Purchase) -> None:
    """Names that every database can hold: printable, and not without end. Raises Invalid."""
    for name, most in LONGEST.items():
        said = getattr(purchase, name)
        if said is not None and not (1 <= len(said) <= most and said.isprintable()):
            raise Invalid(f"`{name}` has 1 to {most} visible characters.", field=name, length=len(said))


def _something_is_said(purchase: Purchase) -> None:
    if purchase.total is None and purchase.visits is None and not purchase.items and not purchase.action:
        raise Invalid("Say what was bought: give `total` in minor units, `visits`, `items` or an `action`.")


def _currency(program: Program, purchase: Purchase) -> None:
    if purchase.currency not in (None, program.currency):
        raise Invalid(
            f"This program counts in {program.currency}; leave `currency` out or give that.",
            currency=purchase.currency,
            expected=program.currency,
        )


def _items(purchase: Purchase) -> None:
    _between("The number of items", "items", len(purchase.items), 0, MOST_ITEMS)
    for item in purchase.items:
        _between("A quantity", "quantity", item.quantity, 1, MOST_QUANTITY, item)
        _between("The total of an item", "total", item.total, 0, MOST_MONEY, item)
    items = sum(item.total or 0 for item in purchase.items)
    if purchase.total is not None and items > purchase.total:
        raise BadAmount(
            "The items cost more than the whole receipt; correct `total` or the items.",
            items=items,
            total=purchase.total,
        )


def _months(program: Program, purchase: Purchase) -> None:
    for item, _, months in prepared(program).paid if purchase.items else ():
        bought = months * count(purchase.items, frozenset((item,)))
        _between("The months of a tier", "months", bought, 0, MOST_MONTHS)


def _between(
    what: str, name: str, figure: int | None, least: int, most: int, item: Item | None = None
) -> None:
    if figure is None or least <= figure <= most:
        return
    unit = " in minor units" if most == MOST_MONEY else ""
    at = {"item": item.id} if item else {}
    verb = "lie" if what in ("Visits", "The months of a tier") else "lies"
    raise BadAmount(
        f"{what} {verb} between {least} and {most}{unit}.", **{name: figure}, least=least, most=most, **at
    )


def _time(purchase: Purchase, now: datetime) -> None:
    times = {"occurred_at": purchase.occurred_at.isoformat(), "now": now.isoformat()}
    if purchase.occurred_at > now + AHEAD:
        raise BadTime("This purchase lies in the future; set the clock of the till.", **times)
    if purchase.occurred_at < now - LATE:
        raise BadTime(
            "This purchase is older than 72 hours; a manager can correct the balance instead.", **times
        )
