"""The same card on an Android phone, through real processes: join, save, purchase, and the phone shows it."""

from __future__ import annotations

from typing import Any

import requests

from tests.town import Cashier, Member, Phone, Town, soon


def test_a_purchase_reaches_iphone_and_android_alike(town: Town) -> None:
    member, iphone = Member.joins(town), Phone.bought(town)
    serial = iphone.add(member)
    _saves(town, member)
    assert _card(town, serial)["loyaltyPoints"]["balance"]["string"] == "2/12"
    till = Cashier.signs_in(town)
    assert till.scan(member.number) == "+1 stamp"
    iphone.shows(serial, "3 of 12")
    card = soon(lambda: card if "3/12" in str((card := _card(town, serial))["loyaltyPoints"]) else None)
    assert _picture(town, card) == 200
    assert "3/12" in str(_shown(town, serial))


def _saves(town: Town, member: Member) -> None:
    """Presses Google's button on the card page, and then Google's own."""
    offered = requests.get(f"{member.page}/google", timeout=20)
    assert [step.status_code for step in offered.history] == [302]
    saved = requests.post(offered.url, timeout=20)
    assert saved.status_code == 200, saved.text


def _card(town: Town, serial: str) -> dict[str, Any]:
    answer = requests.get(f"{town.google}/control/objects", timeout=10).json()
    found: dict[str, Any] = next(one for one in answer["objects"] if one["id"].endswith(f".{serial}"))
    return found


def _picture(town: Town, card: dict[str, Any]) -> int:
    return requests.get(card["heroImage"]["sourceUri"]["uri"], timeout=10).status_code


def _shown(town: Town, serial: str) -> dict[str, Any]:
    """As the page with the simulated Android phone draws it."""
    cards = requests.get(f"{town.google}/phone", timeout=10).json()["cards"]
    found: dict[str, Any] = next(one for one in cards if serial in str(one))
    return found
