"""The simulated Google rings a phone as often a day as the real one, and says when it does not."""

from __future__ import annotations

from simulators.google_wallet.process import Simulator
from tests.simulators.google_issuer import (
    OBJECT_ID,
    Issuer,
    Shop,
    image,
    reason,
)

DAY = 86_400


# Notices


def test_the_fourth_loud_message_of_a_day_is_refused(google: Simulator, member: Issuer) -> None:
    google.save(member.link())
    assert [member.message(number).status_code for number in (1, 2, 3)] == [200] * 3
    assert reason(member.message(4)) == (403, "quotaExceeded")
    assert [push["body"] for push in google.pushes()] == ["Number 1", "Number 2", "Number 3"]
    assert member.message(5, "TEXT").json()["resource"]["messages"][-1]["id"] == "m5"
    google.forward(DAY + 1)
    later = Issuer(google)
    assert later.message(6).status_code == 200


def test_updates_share_the_allowance_and_fall_silent(google: Simulator, member: Issuer) -> None:
    google.save(member.link())
    for number in range(5):
        changes = {
            "loyaltyPoints": {"balance": {"string": str(number)}},
            "notifyPreference": "NOTIFY_ON_UPDATE",
        }
        answer = member.patch(changes)
        assert answer.status_code == 200
        assert "notifyPreference" not in answer.json()
    assert [push["body"] for push in google.pushes()] == ["0", "1", "2"]
    assert google.objects()[OBJECT_ID]["loyaltyPoints"]["balance"] == {"string": "4"}
    assert reason(member.message()) == (403, "quotaExceeded")


def test_only_the_balance_rings_and_only_when_asked(google: Simulator, member: Issuer, shop: Shop) -> None:
    google.save(member.link())
    member.patch({"loyaltyPoints": {"balance": {"string": "8/10"}}})
    member.patch({"accountName": "Alice", "notifyPreference": "NOTIFY_ON_UPDATE"})
    member.patch({"heroImage": image(f"{shop.url}/logo.png"), "notifyPreference": "NOTIFY_ON_UPDATE"})
    assert google.pushes() == []


def test_nobody_is_told_of_a_card_that_nobody_saved(google: Simulator, member: Issuer) -> None:
    assert member.message().status_code == 200
    assert google.pushes() == []
    assert google.ask("GET", "/pushes")["withheld"][0]["why"] == "nobody has saved it"


def test_an_object_holds_ten_messages(google: Simulator, member: Issuer) -> None:
    for number in range(9):
        assert member.message(number, "TEXT").status_code == 200
    assert reason(member.message(10, "TEXT")) == (400, "invalidResource")
    assert len(google.objects()[OBJECT_ID]["messages"]) == 10


def test_options_that_google_grants_only_on_request(google: Simulator, member: Issuer) -> None:
    places = {"merchantLocations": [{"latitude": 55.75, "longitude": 37.61}]}
    assert "not allowlisted for Merchant Locations" in member.patch(places).text
    assert "Smart Tap" in member.patch({"smartTapRedemptionValue": "1"}).text
    google.turn(merchant_locations=True, smart_tap=True)
    assert member.patch(places | {"smartTapRedemptionValue": "1"}).status_code == 200
