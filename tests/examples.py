"""The worked examples of docs/programs, each opened as a shop of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from tests.shop import Shop
from wallet_service.actions import publish
from wallet_service.domain.rules import Item

FOLDER = Path(__file__).parent.parent / "docs" / "programs"
AnyShop = TypeVar("AnyShop", bound=Shop)


@dataclass(frozen=True)
class Example:
    """What a member buys on the first day, and what the front of the card says before and after it."""

    name: str
    bought: dict[str, Any]
    before: str
    after: str


CLUB = Item("club-month", total=99000, category="subscription")
EXAMPLES = [
    Example("coffee-stamps", {"total": 25000}, "2 of 12", "3 of 12"),
    Example("points-shop", {"total": 150000}, "80 of 200", "185 of 200"),
    Example("cashback", {"total": 100000}, "₽100", "₽100"),
    Example("growing-discount", {"total": 400000}, "₽0", "₽4,000"),
    Example("tiers", {"total": 100000}, "20 of 150", "70 of 150"),
    Example("subscription", {"total": 99000, "items": (CLUB,)}, "15 of 100", "44 of 100"),
]


def body(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return read


def opened(shop: AnyShop, name: str) -> AnyShop:
    """The same shop with this program in force, whose cards it hands out from now on."""
    with shop.services.sessions.begin() as session:
        publish.publish(session, slug=name, body=body(name), now=shop.clock())
    return replace(shop, program=name)
