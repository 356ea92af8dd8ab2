"""A message on a card comes once, and rings only while the card's allowance lasts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.google.google_shop import GoogleShop
from wallet_service.google.answers import Verdict
from wallet_service.google.client import GoogleClient
from wallet_service.google.messages import Left, Message, leave_message
from wallet_service.google.pace import Pace


@pytest.fixture
def client(google_shop: GoogleShop) -> Iterator[GoogleClient]:
    client = GoogleClient(google_shop.settings, Pace(None))
    yield client
    client.close()


def hello(number: int = 1) -> Message:
    return Message(
        f"hello-{number}", {"en": "Hi", "ru": "Привет"}, {"en": "Come in", "ru": "Заходи"}, ("en", "ru")
    )


def left(shop: GoogleShop, client: GoogleClient, card: str, message: Message, used: int = 0) -> Left:
    return leave_message(client, shop.object_id(card), message, [shop.clock()] * used, shop.clock())


def test_G16_a_message_speaks_each_language_and_rings_while_it_may(
    google_shop: GoogleShop, client: GoogleClient
) -> None:
    card = google_shop.saved_card()
    assert left(google_shop, client, card, hello(1)).rang
    assert not left(google_shop, client, card, hello(2), used=3).rang
    first, second = google_shop.object(card)["messages"]
    assert (first["messageType"], second["messageType"]) == ("TEXT_AND_NOTIFY", "TEXT")
    assert "Привет" in str(first["localizedHeader"])
    assert len(google_shop.outside.pushes()) == 1


def test_G16_a_spent_quota_makes_it_quiet_and_not_lost(google_shop: GoogleShop, client: GoogleClient) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(path="addMessage", status=403, reason="quotaExceeded")
    told = left(google_shop, client, card, hello())
    assert (told.answer.verdict, told.rang) == (Verdict.DONE, False)
    assert [one["messageType"] for one in google_shop.object(card)["messages"]] == ["TEXT"]


def test_F9_a_lost_answer_doubles_no_message(google_shop: GoogleShop, client: GoogleClient) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(path="addMessage", form="reset", after_effect=True)
    assert left(google_shop, client, card, hello()).answer.verdict is Verdict.UNKNOWN
    assert left(google_shop, client, card, hello()).answer.verdict is Verdict.DONE
    assert len(google_shop.object(card)["messages"]) == 1


def test_G22_the_oldest_of_ten_messages_makes_room(google_shop: GoogleShop, client: GoogleClient) -> None:
    card = google_shop.saved_card()
    for number in range(12):
        assert left(google_shop, client, card, hello(number), used=3).answer.verdict is Verdict.DONE
    held = [one["id"] for one in google_shop.object(card)["messages"]]
    assert held == [f"hello-{number}" for number in range(2, 12)]
