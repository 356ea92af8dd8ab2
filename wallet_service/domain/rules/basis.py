"""Keeps what decided over a purchase, so that a refund can have it decided again over what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wallet_service.domain.program import Program
from wallet_service.domain.rules.values import Circumstances, Item, Purchase


def as_basis(purchase: Purchase, circumstances: Circumstances) -> dict[str, Any]:
    """As JSON, without what was not said. The receipt's number decides nothing and stays out."""
    said = _said(purchase)
    said.pop("receipt", None)
    said["occurred_at"] = purchase.occurred_at.isoformat()
    said["items"] = [_said(item) for item in purchase.items]
    return {
        "purchase": said,
        "tier": circumstances.tier,
        "carried": list(circumstances.carried),
        "used": dict(circumstances.used),
    }


def _said(told: Purchase | Item) -> dict[str, Any]:
    return {name: value for name, value in vars(told).items() if value is not None}


def from_basis(basis: Mapping[str, Any]) -> tuple[Purchase, Circumstances]:
    said = dict(basis["purchase"])
    said["occurred_at"] = datetime.fromisoformat(said["occurred_at"])
    said["items"] = tuple(Item(**item) for item in said["items"])
    numerator, denominator = basis["carried"]
    return Purchase(**said), Circumstances(basis["tier"], (numerator, denominator), dict(basis["used"]))


def what_is_left(program: Program, purchase: Purchase, refunded: int) -> Purchase:
    """The same purchase after `refunded` minor units came back: its total less, visits in proportion and
    rounded down. A visit stays one as long as what is left is worth a visit. Items stay, the dearest first,
    as long as what is left pays for them; of others a part is left.
    """
    total = purchase.total or 0
    left = max(total - refunded, 0)
    if left == 0:
        return replace(purchase, total=0, visits=0, items=(), action=None)
    visits = purchase.visits
    if visits is not None:
        visits = max(visits * left // total, min(visits, int(left >= program.visit_minimum)))
    return replace(
        purchase, total=left, visits=visits, items=tuple(_still_there(purchase.items, left, total))
    )


def _still_there(items: Sequence[Item], left: int, total: int) -> Iterator[Item]:
    for item in sorted(items, key=lambda item: -(item.total or 0)):
        if item.total is None or item.total > left:
            part = _part(item, left, item.total or total)
            left -= part.total or 0
        else:
            part = item
            left -= item.total
        yield part


def _part(item: Item, left: int, total: int) -> Item:
    money = None if item.total is None else item.total * left // total
    return replace(item, quantity=item.quantity * left // total, total=money)
