"""What a till booked without a network comes back later, and each piece gets its verdict, once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.web.site import Site
from tests.web.till.offline import (
    CREDITED,
    DUPLICATE,
    LATER,
    REFUSED,
    OfflineTill,
    number,
)
from tests.web.till.page import Json, fiscal, list_drive, make_mine, rows
from wallet_service.db.tables import Card, Store
from wallet_service.domain.identifiers import card_number


def test_twenty_operations_of_an_airplane_mode_get_twenty_verdicts_and_none_is_doubled(
    site: Site, till: OfflineTill
) -> None:
    booked = []
    for _ in range(20):
        booked.append(till.books(number(site)))
        site.clock.forward(minutes=2)
    verdicts = till.sends(*booked)
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED] * 20
    assert [verdict["id"] for verdict in verdicts] == [json.loads(one["said"])["id"] for one in booked]
    assert [row.flags for row in rows(site, "earn")] == ["offline"] * 20
    again = till.sends(*booked)  # the answer was lost, the page was loaded again
    assert [verdict["verdict"] for verdict in again] == [DUPLICATE] * 20
    assert [verdict["entry"] for verdict in again] == [verdict["entry"] for verdict in verdicts]
    assert len(rows(site, "earn")) == 20


def test_it_is_booked_for_whoever_stood_there_at_the_time_it_happened(site: Site, till: OfflineTill) -> None:
    at = site.clock()
    said = till.books(number(site))
    site.clock.forward(hours=3)
    (verdict,) = till.sends(said)
    assert verdict["said"]["title"] == "Credited"
    assert verdict["headline"] == "+1\u00a0stamp"
    (row,) = rows(site, "earn")
    assert (row.actor, row.store, row.till) == ("staff:1", "main", "till-1")
    assert (row.occurred_at, row.recorded_at) == (at, site.clock())


def test_what_was_booked_with_a_network_before_its_answer_was_lost_is_a_duplicate(
    site: Site, till: OfflineTill
) -> None:
    card = site.shop.join()
    till.page.scan(number(site, card), "scan")
    till.page.press(other := site.shop.join(), "purchases", key="sum", total=30_000)
    verdicts = till.sends(
        till.books(number(site, card), id="scan"),
        till.books(number(site, other), id="sum", total=30_000, visits=None),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [DUPLICATE, DUPLICATE]
    assert len(rows(site, "earn")) == 2


def test_the_same_key_for_something_else_is_refused(site: Site, till: OfflineTill) -> None:
    card = site.shop.join()
    till.page.scan(number(site, card), "scan")
    (verdict,) = till.sends(till.books(number(site, card), id="scan", visits=2))
    assert verdict["verdict"] == REFUSED
    assert len(rows(site, "earn")) == 1


def test_an_amount_under_the_key_of_a_scan_that_booked_a_visit_is_a_duplicate_and_says_so(
    site: Site, till: OfflineTill
) -> None:
    """The answer to the scan was lost, so that the cashier typed what was bought."""
    card = site.shop.join()
    booked = till.page.scan(number(site, card), "scan")
    (verdict,) = till.sends(till.books(number(site, card), id="scan", total=30_000, visits=None))
    assert (verdict["verdict"], verdict["entry"]) == (DUPLICATE, booked["entry"]["id"])
    assert verdict["headline"] == booked["entry"]["headline"]
    assert verdict["said"]["text"] == "The scan had booked a visit already; the amount was not added."
    assert [row.total for row in rows(site, "earn")] == [None]


def test_an_amount_is_counted_where_the_scan_with_its_key_did_not_arrive(
    site: Site, till: OfflineTill
) -> None:
    (verdict,) = till.sends(till.books(number(site), id="scan", total=30_000, visits=None))
    assert verdict["verdict"] == CREDITED
    assert [row.total for row in rows(site, "earn")] == [30_000]


@pytest.mark.parametrize("change", [{"visits": 2}, {"total": 40_000, "visits": None}])
def test_a_key_tells_nothing_of_another_card_nor_of_another_amount(
    site: Site, till: OfflineTill, change: dict[str, Any]
) -> None:
    card, other = site.shop.join(), site.shop.join()
    till.page.scan(number(site, card), "scan")
    till.page.press(other, "purchases", key="sum", total=30_000)
    verdicts = till.sends(
        till.books(number(site, other), id="scan", **change),
        till.books(number(site, other), id="sum", **change),
    )
    assert [(one["verdict"], one["entry"]) for one in verdicts] == [(REFUSED, None)] * 2
    assert len(rows(site, "earn")) == 2


def test_an_amount_and_a_receipt_count_as_they_do_with_a_network(site: Site, till: OfflineTill) -> None:
    list_drive(site)
    receipt = fiscal("350.50")
    verdicts = till.sends(
        till.books(number(site), total=30_000, visits=None),
        till.books(number(site), receipt=receipt, visits=None),
        till.books(number(site), receipt=receipt, visits=None),
        till.books(number(site), total=0, visits=None),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, CREDITED, REFUSED, REFUSED]
    assert verdicts[2]["said"]["title"] == "This receipt was booked before"
    assert [row.total for row in rows(site, "earn")] == [30_000, 35_050]


def test_one_that_is_off_does_not_spoil_the_others(site: Site, till: OfflineTill) -> None:
    good = [till.books(number(site)) for _ in range(3)]
    bad = [
        till.books("123"),
        till.books(card_number(b"another shop 123")),
        till.signed({"id": "no-more"}),
        {"said": "{", "key": till.key, "signature": "x"},
    ]
    verdicts = till.sends(good[0], bad[0], bad[1], good[1], bad[2], bad[3], good[2])
    assert [verdict["verdict"] for verdict in verdicts] == [
        CREDITED,
        REFUSED,
        REFUSED,
        CREDITED,
        REFUSED,
        REFUSED,
        CREDITED,
    ]
    assert [verdict["id"] for verdict in verdicts[4:6]] == ["no-more", None]
    assert all(verdict["said"]["text"] for verdict in verdicts)
    assert len(rows(site, "earn")) == 3


def test_cards_that_cannot_be_used_are_refused_and_say_why(site: Site, till: OfflineTill) -> None:
    closed, mine, foreign = (site.shop.join() for _ in range(3))
    booked = [till.books(number(site, card)) for card in (closed, mine)]
    site.shop.leave(closed)
    make_mine(site, mine)
    verdicts = till.sends(*booked)
    assert [verdict["verdict"] for verdict in verdicts] == [REFUSED, REFUSED]
    assert [verdict["said"]["title"] for verdict in verdicts] == [
        "This card is closed",
        "This is your own card",
    ]
    assert [verdict["card_tail"] for verdict in verdicts] == [
        number(site, card)[-4:] for card in (closed, mine)
    ]
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Store).values(programs=["another"]))
    assert till.sends(till.books(number(site, foreign)))[0]["verdict"] == REFUSED


def test_a_live_code_that_ran_out_meanwhile_still_earns(site: Site, till: OfflineTill) -> None:
    card = site.shop.join()
    assert till.sends(till.books(number(site, card) + "12345678"))[0]["verdict"] == CREDITED


def test_guards_flag_what_they_would_have_asked_about(site: Site, till: OfflineTill) -> None:
    card = number(site)
    verdicts = till.sends(till.books(card), till.books(card))
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, CREDITED]
    assert rows(site, "earn")[1].flags == "offline repeat"


def test_what_the_program_refuses_is_refused_afterwards_too(site: Site, till: OfflineTill) -> None:
    site.shop.publish(guards={"refuse": ["repeat"]})
    card = number(site)
    verdicts = till.sends(till.books(card), till.books(card))
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, REFUSED]
    assert verdicts[1]["said"]["title"] == "Not allowed here"


def test_guessing_numbers_by_replays_is_slowed_down(site: Site, till: OfflineTill) -> None:
    strange = [till.books(card_number(f"strange number {turn}".encode())) for turn in range(6)]
    verdicts = [one["verdict"] for one in till.sends(*strange)]
    assert verdicts == [REFUSED, REFUSED, REFUSED, LATER, LATER, LATER]


def test_a_database_that_is_busy_keeps_the_operation_for_later(site: Site, till: OfflineTill) -> None:
    booked = till.books(number(site))
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    (verdict,) = till.sends(booked)
    assert (till.page.status, verdict["verdict"]) == (200, LATER)
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO outbox")
    assert till.sends(booked)[0]["verdict"] == CREDITED


def test_S7_one_operation_replayed_fifty_times_at_once_is_booked_once(site: Site, till: OfflineTill) -> None:
    booked, page = till.books(number(site)), till.page

    def send(_turn: int) -> Json:
        client = page.another_tab()
        answer = client.post(
            "/till/operations", json={"operations": [booked]}, headers={"X-CSRFToken": page.csrf}
        )
        found: Json = answer.get_json()["verdicts"][0]
        return found

    with ThreadPoolExecutor(25) as pool:
        verdicts = list(pool.map(send, range(50)))
    assert sorted(verdict["verdict"] for verdict in verdicts) == [CREDITED] + [DUPLICATE] * 49
    assert len({verdict["entry"] for verdict in verdicts}) == 1
    assert len(rows(site, "earn")) == 1


def test_nothing_is_ever_given_without_a_network(site: Site, till: OfflineTill) -> None:
    """There are no words for it: an operation earns."""
    card = site.shop.join()
    site.shop.earn(card, visits=10)
    (verdict,) = till.sends(till.signed(till.says(number(site, card)) | {"reward": "coffee", "visits": None}))
    assert verdict["verdict"] == REFUSED
    with site.shop.services.sessions.read() as session:
        balance = session.scalars(select(Card.balance).where(Card.serial == card)).one()
    assert balance == 12
