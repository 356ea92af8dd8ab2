"""The four journeys, through real processes: join, fetch, book, push."""

from __future__ import annotations

import re

import requests

from tests.town import Cashier, Member, Phone, Town


def test_a_member_joins_and_a_strict_phone_takes_the_card(town: Town) -> None:
    member = Member.joins(town)
    phone = Phone.bought(town)
    card = phone.card(phone.add(member))
    assert card["registered"] is True
    assert "2 of 12" in str(card["fields"])
    assert phone.complaints() == []


def test_a_purchase_moves_the_bar_on_the_phone_by_itself(town: Town) -> None:
    member, phone = Member.joins(town), Phone.bought(town)
    serial = phone.add(member)
    strip = phone.card(serial)["fetches"]
    till = Cashier.signs_in(town)
    assert till.scan(member.number) == "+1 stamp"
    card = phone.shows(serial, "3 of 12")
    assert card["wake_ups"] == 1
    phone.is_told(serial, "3 of 12 already. Good start.")
    assert len(card["fetches"]) > len(strip)
    assert phone.complaints() == []


def test_a_russian_phone_reads_russian(town: Town) -> None:
    member, phone = Member.joins(town, "ru"), Phone.bought(town, "ru")
    serial = phone.add(member)
    till = Cashier.signs_in(town, "ru")
    assert till.scan(member.number) == "+1 штамп"
    phone.shows(serial, "3 из 12")
    phone.is_told(serial, "Уже 3 из 12! Хорошее начало.")


def test_ten_visits_a_reward_and_an_undo_reach_the_phone(town: Town) -> None:
    member, phone = Member.joins(town), Phone.bought(town)
    serial = phone.add(member)
    till = Cashier.signs_in(town)
    for _ in range(10):
        till.scan_and_visit(member.number)
    phone.shows(serial, "12 of 12")
    assert till.scan(member.number) == ""  # nothing is booked while a reward waits
    till.give("coffee")
    phone.shows(serial, "2 of 12")
    till.undo()
    phone.shows(serial, "12 of 12")
    phone.is_told(serial, "Taken back at the till. 12 of 12 now.")
    assert phone.complaints() == []


def test_pulling_by_hand_fetches_nothing_that_has_not_changed(town: Town) -> None:
    member, phone = Member.joins(town), Phone.bought(town)
    serial = phone.add(member)
    for _ in range(2):
        phone.do("POST", f"/cards/{serial}/refresh")
    assert phone.card(serial)["fetches"][-1]["status"] == 304


def test_two_phones_hold_one_card_and_both_hear(town: Town) -> None:
    member, mine, partners = Member.joins(town), Phone.bought(town), Phone.bought(town)
    serial = mine.add(member)
    assert partners.add(member) == serial
    till = Cashier.signs_in(town)
    till.scan(member.number)
    mine.shows(serial, "3 of 12")
    partners.shows(serial, "3 of 12")


def test_a_new_push_token_keeps_the_card_alive(town: Town) -> None:
    member, phone = Member.joins(town), Phone.bought(town)
    serial = phone.add(member)
    phone.do("POST", "/new-push-token")
    till = Cashier.signs_in(town)
    till.scan(member.number)
    phone.shows(serial, "3 of 12")


def test_a_removed_card_is_woken_no_more_and_comes_back_whole(town: Town) -> None:
    member, phone = Member.joins(town), Phone.bought(town)
    serial = phone.add(member)
    phone.do("DELETE", f"/cards/{serial}")
    till = Cashier.signs_in(town)
    before = len(town.pushes())
    till.scan(member.number)
    assert phone.add(member) == serial
    phone.shows(serial, "3 of 12")
    assert all(push["status"] == 200 for push in town.pushes()[before:])


def test_a_change_between_download_and_registration_is_not_lost(town: Town) -> None:
    """T7: the phone was still busy with the old bundle when the cashier booked."""
    member, phone = Member.joins(town), Phone.bought(town)
    old = requests.get(member.download, timeout=10)
    till = Cashier.signs_in(town)
    till.scan(member.number)
    answer = requests.post(
        f"{town.phone_page}/api/phones/{phone.id}/cards",
        data=old.content,
        headers={"Content-Type": "application/vnd.apple.pkpass"},
        timeout=20,
    )
    assert answer.status_code == 201, answer.text
    phone.shows(answer.json()["serial"], "3 of 12")


def test_the_second_scan_of_the_poster_offers_the_same_card(town: Town) -> None:
    browser = requests.Session()
    address = f"{town.web}/join/coffee"
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', browser.get(address, timeout=10).text))
    first = browser.post(address, data=fields, timeout=10).url
    assert first.split("/")[-1] in browser.get(address, timeout=10).text


def test_the_office_sees_what_happened(town: Town) -> None:
    office = Cashier.signs_in(town, room="office", pin="office_pin")
    assert office.address.endswith("/office")
    assert "join/coffee/poster" in office.page
