"""Each worked example of docs/programs in Google Wallet: joined, saved, and changed by a purchase."""

from __future__ import annotations

import pytest

from tests.examples import EXAMPLES, Example, opened
from tests.google.google_shop import GoogleShop
from wallet_service.push.worker import Worker


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_saved_and_moves_with_a_purchase(
    google_shop: GoogleShop, google_worker: Worker, example: Example
) -> None:
    shop = opened(google_shop, example.name)
    card = shop.saved_card()
    before = shop.object(card)
    shop.earn(card, **example.bought)
    shop.clock.forward(seconds=5)
    google_worker.run_until_idle()
    after = shop.object(card)
    assert _seen(before) != _seen(after)
    assert after["loyaltyPoints"]["balance"]["string"]


def _seen(card: dict[str, object]) -> dict[str, object]:
    return {name: card[name] for name in ("heroImage", "loyaltyPoints", "textModulesData")}
