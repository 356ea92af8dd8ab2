"""Two years of some cards, lived by the real actions: what a whole city is copied from."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.shop import Shop
from wallet_service.actions import publish

PROGRAM = "city"
BODY = Path(__file__).parent.parent / "docs" / "programs" / "tiers.json"
BURNING = {"kind": "rolling", "months": 12, "end_of": "month"}
YEARS = timedelta(days=730)
ENTRIES = 50


def live(shop: Shop, lives: int, until: datetime) -> list[str]:
    """The serial numbers of cards with some `ENTRIES` entries each: purchases at all hours, desserts, points
    that burnt, tiers that rose and fell.
    """
    shop.clock.now, shop.program = until - YEARS, PROGRAM
    with shop.services.sessions.begin() as session:
        body = json.loads(BODY.read_text()) | {"expiry": BURNING}
        publish.publish(session, slug=PROGRAM, body=body, now=shop.clock())
    cards = [_live(shop, number, until) for number in range(lives)]
    shop.clock.now = until
    shop.sweep()
    return cards


def _live(shop: Shop, number: int, until: datetime) -> str:
    chance = Random(number)  # the same lives in every run
    shop.clock.now = until - YEARS + timedelta(days=chance.randrange(30))
    card = shop.join()
    written, visits = 1, 0
    step = (until - shop.clock.now) / ENTRIES
    while shop.clock.now + 2 * step < until:
        shop.clock.now += step * chance.uniform(0.6, 1.4)
        visits += 1
        total = chance.randrange(200, 4_000) * 100
        written += len(shop.earn(card, total=total, visits=1, receipt=f"{number}-{visits}").entries)
        if shop.stand(card).spendable >= 150 and chance.random() < 0.15:
            written += len(shop.redeem(card, "dessert").entries)
    while written < ENTRIES:
        visits += 1
        written += len(shop.earn(card, total=35_000, receipt=f"{number}-{visits}").entries)
    return card
