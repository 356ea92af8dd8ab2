"""What only a till does, on either database: look for a phone, bring back by a slip, say what it booked."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select, update

from tests.shop import Shop
from wallet_service.actions import shifts, tills
from wallet_service.actions.at_till import AtTill, at_till
from wallet_service.actions.find_by_phone import Found, find_by_phone
from wallet_service.actions.offline import Signed, book_offline
from wallet_service.actions.once import Actor, Booking
from wallet_service.actions.refund_slip import SeveralPurchases, refund_slip
from wallet_service.actions.staff import add_staff
from wallet_service.actions.till_keys import keep_key
from wallet_service.actions.tills import At
from wallet_service.db.tables import Card, FiscalDrive, Member, Store, Till
from wallet_service.domain.errors import GuardRefused, TooMuch, UnknownReceipt
from wallet_service.domain.fiscal import fiscal_receipt
from wallet_service.domain.offline import NotSigned, TooManyOffline

SECRET = generate_private_key(SECP256R1())


@dataclass
class Counter:
    """A till of its own in a shop of its own, with somebody on shift."""

    shop: Shop
    at: At
    staff: int
    shift: int
    key: int

    @property
    def actor(self) -> Actor:
        return Actor(f"staff:{self.staff}", store=self.at.store, till=self.at.name)

    def see(self, card: str) -> AtTill:
        with self.shop.services.sessions.read() as session:
            return at_till(session, card, self.at, self.shop.clock())

    def find(self, digits: str) -> tuple[Found, ...]:
        with self.shop.services.sessions.begin() as session:
            return find_by_phone(session, digits=digits, at=self.at, actor=self.actor, now=self.shop.clock())

    def bring_back(self, card: str, total: str, number: int, of: str | None = None) -> Booking:
        slip = fiscal_receipt(f"t=20261102T1130&s={total}&fn=9960440301234567&i={number}&fp=1&n=2")
        with self.shop.services.sessions.begin() as session:
            return refund_slip(
                session,
                card=card,
                slip=slip,
                of=of,
                key=self.shop.key(),
                actor=self.actor,
                wallets=self.shop.services.wallets,
                now=self.shop.clock(),
            )

    def says(self, card: str, **said: Any) -> Signed:
        operation = {
            "id": self.shop.key(),
            "till": self.at.id,
            "operator": self.staff,
            "shift": self.shift,
            "code": self.shop.face(card).number,
            "total": None,
            "visits": 1,
            "receipt": None,
            "at": f"{self.shop.clock():%Y-%m-%dT%H:%M:%SZ}",
        }
        text = json.dumps(operation | said)
        r, s = decode_dss_signature(SECRET.sign(text.encode(), ECDSA(SHA256())))
        return Signed(text, self.key, b64encode(r.to_bytes(32) + s.to_bytes(32)).decode())

    def replay(self, signed: Signed) -> Booking:
        with self.shop.services.sessions.begin() as session:
            return book_offline(
                session, signed, at=self.at, wallets=self.shop.services.wallets, now=self.shop.clock()
            )


@pytest.fixture
def counter(street: Shop) -> Counter:
    shop = street.next_door()
    now, spki = (
        shop.clock(),
        SECRET.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    )
    with shop.services.sessions.begin() as session:
        person = add_staff(session, name=shop.program, role="cashier", pin=_unused_pin(shop), now=now)
        paired = tills.pair_itself(session, now)
        shift = shifts.begin(session, staff=person.id, till=paired.till, now=now)
        key = keep_key(session, till=paired.till, public_key=b64encode(spki).decode(), now=now)
        row = session.get_one(Till, paired.till)
        at = tills.at(row, session.get_one(Store, row.store_id))
        return Counter(shop, At(at.id, at.name, at.store, at.store_name, None), person.id, shift, key)


def _unused_pin(shop: Shop) -> str:
    return f"{1000 + int(shop.program.removeprefix('shop-'))}"


def with_phone(counter: Counter, phone: str) -> str:
    card = counter.shop.join("Anna Petrova")
    with counter.shop.services.sessions.begin() as session:
        member = session.scalars(select(Card.member_id).where(Card.serial == card)).one()
        values = {"phone": phone, "phone_tail": phone[-4:]}
        session.execute(update(Member).where(Member.id == member).values(**values))
    return card


def test_a_card_is_shown_with_its_last_lines_and_no_name(counter: Counter) -> None:
    card = counter.shop.join("Anna Petrova")
    for _ in range(4):
        counter.shop.earn(card)
        counter.shop.clock.forward(minutes=20)
    seen = counter.see(card)
    assert (seen.initials, len(seen.last)) == ("A. P.", 3)
    assert {line.text["en"] for line in seen.last} == {"+1\u00a0stamp"}


def test_what_points_paid_is_told_with_its_money(counter: Counter) -> None:
    shop = counter.shop
    shop.publish(paying={"worth": [100, 1]})
    card = shop.join()
    shop.adjust(card, 50)
    shop.earn(card, total=100)
    shop.pay(card, 3, 1_000)
    assert counter.see(card).last[0].text["en"].startswith("Paid ₽3")


def test_the_latest_guests_are_found_first_and_those_who_never_came_last(counter: Counter) -> None:
    never, early, late = (with_phone(counter, f"+7916{turn}{counter.at.id:04}") for turn in range(3))
    counter.shop.earn(early)
    counter.shop.clock.forward(hours=1)
    counter.shop.earn(late)
    found = counter.find(f"{counter.at.id:04}")
    assert [one.serial for one in found] == [late, early, never]
    assert [one.last is None for one in found] == [False, False, True]


def test_searching_has_its_limit_by_person(counter: Counter) -> None:
    for _ in range(10):
        counter.find("0000")
    counter.shop.clock.forward(seconds=45)
    with pytest.raises(TooMuch) as refused:
        counter.find("0000")
    assert refused.value.facts == {"seconds": 15}


def test_a_slip_takes_back_parts_until_nothing_is_left(counter: Counter) -> None:
    card = counter.shop.join()
    counter.shop.earn(card, total=50_000, receipt="a")
    for number, part in enumerate(("100.00", "150.00", "250.00"), 1):
        counter.bring_back(card, part, number)
    with pytest.raises(UnknownReceipt):
        counter.bring_back(card, "0.01", 4)
    assert counter.shop.stand(card).balance == 2
    assert counter.bring_back(card, "150.00", 2).repeated


def test_what_was_undone_and_what_was_refunded_otherwise_is_not_offered(counter: Counter) -> None:
    shop, card = counter.shop, counter.shop.join()
    undone = shop.earn(card, total=50_000)
    shop.undo(undone)
    shop.earn(card, total=40_000, receipt="back")
    shop.refund(card, "back")
    shop.earn(card, total=30_000, receipt="one")
    shop.earn(card, total=30_000)
    with pytest.raises(SeveralPurchases) as asked:
        counter.bring_back(card, "300.00", 1)
    latest, first = asked.value.candidates
    assert (first.name, latest.name) == ("one", f"e{latest.entry}")
    counter.bring_back(card, "300.00", 1, of=latest.name)
    counter.bring_back(card, "300.00", 2)
    assert shop.stand(card).balance == 2


def sold(counter: Counter, number: int, printed: str) -> str:
    """The code of a receipt of this store, of a till of its own."""
    drive = f"{9_000_000_000_000_000 + counter.at.id}"
    with counter.shop.services.sessions.begin() as session:
        if session.get(FiscalDrive, drive) is None:
            store = session.scalars(select(Store.id).where(Store.slug == counter.at.store)).one()
            session.add(FiscalDrive(number=drive, store_id=store, created_at=counter.shop.clock()))
    return f"t={printed}&s=250.00&fn={drive}&i={number}&fp=1&n=1"


def test_operations_that_come_at_once_are_counted_one_by_one(counter: Counter) -> None:
    counter.shop.publish(offline_a_day=2)
    card = counter.shop.join()
    said = [counter.says(card) for _ in range(8)]

    def verdict(signed: Signed) -> str:
        try:
            counter.replay(signed)
        except TooManyOffline:
            return "too many"
        return "credited"

    with ThreadPoolExecutor(8) as tabs:
        assert Tally(tabs.map(verdict, said)) == {"credited": 2, "too many": 6}


def test_receipts_of_another_day_count_for_that_day(counter: Counter) -> None:
    """As `t` tells it, not as the till does: else yesterday's would have no limit."""
    counter.shop.publish(offline_a_day=2)
    card = counter.shop.join()
    receipts = [sold(counter, number, "20261101T1130") for number in range(3)]
    said = [counter.says(card, visits=None, receipt=receipt) for receipt in receipts]
    assert [counter.replay(one).repeated for one in said[:2]] == [False, False]
    with pytest.raises(TooManyOffline):
        counter.replay(said[2])


def test_a_receipt_out_of_the_bin_is_as_old_without_a_network(counter: Counter) -> None:
    card, other = counter.shop.join(), counter.shop.join()
    fresh = counter.says(card, visits=None, receipt=sold(counter, 1, "20261102T1055"))
    late = counter.says(other, visits=None, receipt=sold(counter, 2, "20261102T0800"))
    counter.shop.clock.forward(hours=5)
    assert counter.replay(fresh).entry.flags == ("offline",)
    assert counter.replay(late).entry.flags == ("offline", "old-receipt")
    counter.shop.publish(guards={"refuse": ["old-receipt"]})
    assert counter.replay(late).repeated
    with pytest.raises(GuardRefused):
        counter.replay(counter.says(other, visits=None, receipt=sold(counter, 3, "20261102T0800")))


def test_an_operation_counts_once_and_as_often_a_day_as_the_program_says(counter: Counter) -> None:
    counter.shop.publish(offline_a_day=2)
    card = counter.shop.join()
    first, second, third = (counter.says(card) for _ in range(3))
    assert not counter.replay(first).repeated
    assert not counter.replay(second).repeated
    assert counter.replay(first).repeated
    with pytest.raises(TooManyOffline) as refused:
        counter.replay(third)
    assert refused.value.facts == {"of": "card", "most": 2}
    assert counter.replay(second).repeated
    assert counter.shop.stand(card).balance == 4


def test_an_operation_that_had_arrived_is_known_by_its_key(counter: Counter) -> None:
    shop, card = counter.shop, counter.shop.join()
    shop.cashier = counter.actor
    booked = shop.earn(card, key="lost-answer", visits=1, store=counter.at.store)
    again = counter.replay(counter.says(card, id="lost-answer"))
    assert (again.repeated, again.entry.id) == (True, booked.entry.id)


def test_only_the_very_bytes_that_were_signed_count(counter: Counter) -> None:
    signed = counter.says(counter.shop.join())
    for forged in (
        Signed(signed.said.replace('"visits": 1', '"visits": 9'), signed.key, signed.signature),
        Signed(signed.said, signed.key + 1_000, signed.signature),
        Signed(signed.said, signed.key, signed.signature[::-1]),
    ):
        with pytest.raises(NotSigned):
            counter.replay(forged)
    counter.shop.clock.forward(hours=1)
    assert counter.replay(signed).entry.occurred_at == counter.shop.clock() - timedelta(hours=1)


def test_a_purchase_without_a_total_is_never_offered_to_a_slip(counter: Counter) -> None:
    card = counter.shop.join()
    counter.shop.earn(card, visits=1)
    counter.shop.earn(card, total=0)
    with pytest.raises(UnknownReceipt):
        counter.bring_back(card, "0.01", 1)
