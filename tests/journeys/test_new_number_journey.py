"""Somebody photographed a card: the office gives it a new number, and both wallets show it."""

from __future__ import annotations

from typing import Any

import requests

from tests.town import Cashier, Member, Phone, Town, soon


def test_S23_a_new_number_reaches_both_wallets(town: Town) -> None:
    member, iphone = Member.joins(town), Phone.bought(town)
    serial = iphone.add(member)
    offered = requests.get(f"{member.page}/google", timeout=20)
    assert requests.post(offered.url, timeout=20).status_code == 200
    old = member.number.replace(" ", "")
    assert (iphone.card(serial)["barcode"]["message"], _at_google(town, serial)["barcode"]["value"]) == (
        old,
        old,
    )

    office = Cashier.signs_in(town, room="office", pin="office_pin")
    office.opens(f"/office/cards/{serial}/number")
    assert "1 number stops working at once" in office.page
    assert "1 device with Apple Wallet is told the new one." in office.page
    assert "Google Wallet is told the new one." in office.page
    office.press("/number$", reason="photographed")

    new = soon(lambda: seen if (seen := iphone.card(serial)["barcode"]["message"]) != old else None)
    assert soon(lambda: _at_google(town, serial)["barcode"]["value"] == new)
    assert _at_google(town, serial)["accountId"] == new
    assert iphone.complaints() == []


def _at_google(town: Town, serial: str) -> dict[str, Any]:
    answer = requests.get(f"{town.google}/control/objects", timeout=10).json()
    found: dict[str, Any] = next(one for one in answer["objects"] if one["id"].endswith(f".{serial}"))
    return found
