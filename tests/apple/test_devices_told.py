"""The shop's own systems hear when a card comes onto a phone and when it leaves it."""

from __future__ import annotations

from typing import Any

from tests.apple.service_fixtures import Service
from tests.push.hearing import listen, written


def told(service: Service) -> list[tuple[str, Any]]:
    return [(message["type"], message["data"]) for message in written(service.shop)]


def test_a_card_that_is_added_and_removed_is_told_once_each(on_both: Service) -> None:
    service = on_both
    card, phone = service.shop.join(), service.phone()
    listen(service.shop, "card.saved", "card.removed")
    phone.add(card)
    phone.register(card)
    phone.unregister(card)
    phone.unregister(card)
    said = {"card": {"serial": card, "program": "coffee"}, "wallet": "apple"}
    assert told(service) == [("card.saved", said), ("card.removed", said)]


def test_each_phone_and_watch_counts(service: Service) -> None:
    card = service.shop.join()
    listen(service.shop)
    service.phone("phone").add(card)
    service.phone("watch").add(card)
    assert [kind for kind, _ in told(service)] == ["card.saved", "card.saved"]


def test_a_stranger_makes_no_news(service: Service) -> None:
    card = service.shop.join()
    listen(service.shop)
    assert service.phone().register(card, headers={"Authorization": "ApplePass x"}).status_code == 401
    assert told(service) == []
