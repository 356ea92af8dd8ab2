"""The shop's own systems hear what Google's callbacks say, once each."""

from __future__ import annotations

from tests.google.google_shop import GoogleShop
from tests.push.hearing import listen, written


def test_a_card_saved_in_google_wallet_is_told_and_a_repeated_letter_is_not(google_shop: GoogleShop) -> None:
    google_shop.outside.turn(callbacks=False)
    card = google_shop.saved_card()
    listen(google_shop, "card.saved", "card.removed")
    body = {"object": google_shop.object_id(card)}
    google_shop.outside.ask("POST", "/callbacks", body)
    google_shop.outside.ask("POST", "/callbacks/forge", body | {"how": "tampered_message"})
    said = {"card": {"serial": card, "program": "coffee"}, "wallet": "google"}
    assert [(message["type"], message["data"]) for message in written(google_shop)] == [("card.saved", said)]
