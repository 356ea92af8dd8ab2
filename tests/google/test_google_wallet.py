"""A card in Google Wallet follows its ledger: one PATCH with the newest state, and nothing else."""

from __future__ import annotations

from tests.google.google_shop import GoogleShop
from wallet_service.push.worker import Worker


def test_a_purchase_moves_the_saved_card(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.saved_card()
    assert google_shop.shows(card) == "2/12"
    google_shop.earn(card)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "3/12"
    assert len(google_shop.patches(card)) == 1
