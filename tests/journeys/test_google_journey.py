"""The same card on an Android phone, through real processes: join, save, purchase, a new number."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import requests

from tests.town import Cashier, Member, Phone, Town, booked, soon

NAME, PHONE, MAIL = "Zerlina Quux", "+49 151 2345 6789", "zerlina@quux.example"


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


def test_a_purchase_is_followed_by_its_name_from_the_till_to_the_phone(town: Town) -> None:
    """What the till calls the request stands in both logs, and beside it the id that APNs heard."""
    member, iphone = Member.joins(town), Phone.bought(town)
    serial, named = iphone.add(member), f"till-7.{secrets.token_hex(4)}"
    key = {
        "Authorization": f"Bearer {town.access['api_key']}",
        "Idempotency-Key": named,
        "X-Request-Id": named,
    }
    path = f"{town.web}/api/v1/cards/{member.number.replace(' ', '')}/purchases"

    def press() -> bool:  # the sandbox loses answers on purpose
        try:
            return (
                requests.post(path, json={"visits": 1}, headers=key, timeout=10).headers["X-Request-Id"]
                == named
            )
        except requests.RequestException:
            return False

    soon(press)
    iphone.shows(serial, "3 of 12")
    (line,) = soon(lambda: [line for line in _log(town, "worker") if named in line and "told apple" in line])
    assert any(push["id"] in line for push in town.pushes())
    assert any(named in line and "/purchases 201" in line for line in _log(town, "web-service"))


def test_S31_no_name_leaves_through_cards_pushes_figures_logs_or_the_queue(town: Town) -> None:
    about = {"name": NAME, "phone": PHONE, "email": MAIL}
    told = booked(town, "/programs/coffee/cards", about)
    member, iphone = Member(town, told["links"]["page"], ""), Phone.bought(town)
    serial = iphone.add(member)
    _saves(town, member)
    booked(town, f"/cards/{serial}/purchases", {"visits": 1})
    iphone.shows(serial, "3 of 12")
    soon(lambda: "3/12" in str(_card(town, serial)["loyaltyPoints"]))
    calls = requests.get(f"{town.google}/control/history", timeout=10).json()["calls"]
    assert len(calls) > 2
    outside = [
        str(iphone.card(serial)),
        str(town.pushes()),
        str(calls),
        requests.get(f"{town.web}/metrics", timeout=10).text,
    ]
    outside += map(_content, town.data.glob("queue.db*"))
    outside += ["\n".join(_log(town, process)) for process in ("web-service", "worker")]
    words = [*NAME.split(), MAIL.partition("@")[0], PHONE, PHONE.replace(" ", ""), "2345 6789"]
    assert [word for word in words for text in outside if word in text] == []
    assert {push["body"] for push in town.pushes()} == {"{}"}


def test_S23_a_new_number_reaches_both_wallets(town: Town) -> None:
    """Somebody photographed the card."""
    member, iphone = Member.joins(town), Phone.bought(town)
    serial = iphone.add(member)
    _saves(town, member)
    old = member.number.replace(" ", "")
    assert iphone.card(serial)["barcode"]["message"] == old
    assert _card(town, serial)["barcode"]["value"] == old
    office = Cashier.signs_in(town, room="office", pin="office_pin")
    office.opens(f"/office/cards/{serial}/number")
    assert "1 number stops working at once" in office.page
    assert "1 device with Apple Wallet is told the new one." in office.page
    assert "Google Wallet is told the new one." in office.page
    office.press("/number$", reason="photographed")
    new = soon(lambda: seen if (seen := iphone.card(serial)["barcode"]["message"]) != old else None)
    assert soon(lambda: _card(town, serial)["barcode"]["value"] == new)
    assert _card(town, serial)["accountId"] == new
    assert iphone.complaints() == []


def _content(path: Path) -> str:
    """A journal of the database comes and goes."""
    try:
        return path.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return ""


def _log(town: Town, process: str) -> list[str]:
    return (town.data / f"log/{process}.log").read_text(errors="replace").splitlines()


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
