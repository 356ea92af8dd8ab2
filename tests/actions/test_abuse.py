"""Twelve things that a dishonest cashier tries (S9): each is refused, asked about and flagged, or found by
the review; and whoever goes round the service, to the database itself, breaks the chain.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from tests.shop import OPENING, Shop, make_shop
from wallet_service.actions.check_ledger import check_ledger
from wallet_service.actions.once import Actor
from wallet_service.actions.review import review
from wallet_service.db import queries
from wallet_service.db.tables import Card, LedgerEntry, Staff
from wallet_service.domain.errors import (
    AlreadyReversed,
    AskFirst,
    BadTime,
    Conflict,
    Invalid,
    KeyReused,
    OwnCard,
    PointsSpent,
    ReceiptAlreadyBooked,
    SecondPersonNeeded,
    TooLateToUndo,
    UnknownReceipt,
)

UNDO = timedelta(seconds=60)
RULES = {
    "visit_minimum": 0,
    "rules": [
        {"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 10_000, "give": 1}}]},
        {
            "id": "lunch",
            "trigger": "purchase",
            "then": [{"points": 3}],
            "limit": {"per_member": {"count": 1, "window": "day"}},
        },
    ],
    "adjustment_limit": 20,
    "refunds": "refuse",
}


@pytest.fixture
def shop(street: Shop) -> Shop:
    """Where `staff:7` stands at the till."""
    return replace(street.next_door(**RULES), cashier=Actor("staff:7", store="1", till="1"))


@pytest.fixture
def friend(shop: Shop) -> str:
    return shop.join("Friend")


def test_S9_1_points_without_a_sale_one_after_the_other(shop: Shop, friend: str) -> None:
    assert shop.earn(friend, ask=True, total=20_000).entry.flags == ()
    shop.clock.forward(minutes=3)
    with pytest.raises(AskFirst):
        shop.earn(friend, ask=True, total=20_000)
    assert shop.earn(friend, counter=True, total=20_000).entry.flags == ("repeat",)


def test_S9_2_their_own_card(shop: Shop, friend: str) -> None:
    with shop.services.sessions.read() as session:
        carried = queries.card(session, friend).id
    own = replace(shop, cashier=replace(shop.cashier, own_card=carried))
    with pytest.raises(OwnCard):
        own.earn(friend, total=20_000)
    with pytest.raises(OwnCard):
        own.adjust(friend, 5, "goodwill")


def carries(shop: Shop, card: str) -> Staff:
    """Somebody new whose own card this is."""
    with shop.services.sessions.begin() as session:
        row = session.scalars(select(Card).where(Card.serial == card)).one()
        person = Staff(name=card, role="admin", pin_hash="", own_card_id=row.id, created_at=shop.clock())
        session.add(person)
    return person


def test_S9_2_their_own_card_after_it_was_merged_into_another(shop: Shop, friend: str) -> None:
    other = shop.join()
    person = carries(shop, friend)
    shop.merge(other, friend)
    with shop.services.sessions.read() as session:
        kept = session.scalars(select(Card.id).where(Card.serial == other)).one()
        assert session.get_one(Staff, person.id).own_card_id == kept


def test_S9_2_a_correction_of_their_own_card_that_a_colleague_types(shop: Shop, friend: str) -> None:
    person = carries(shop, friend)
    with pytest.raises(OwnCard):
        shop.adjust(friend, 500, approved_by=f"staff:{person.id}")
    assert shop.adjust(shop.join(), 500, approved_by=f"staff:{person.id}").entry.points == 500


def test_S9_2_a_friends_card_at_every_quiet_moment_of_a_day(shop: Shop, friend: str) -> None:
    flags = []
    for _ in range(8):
        flags.append(shop.earn(friend, total=20_000).entry.flags)
        shop.clock.forward(minutes=40)
    assert flags == [()] * 6 + [("often",)] * 2
    with shop.services.sessions.read() as session:
        found = review(session, shop.clock())
    assert [(one.times, one.most) for one in found.repeated if one.serial == friend] == [(8, 3)]
    assert [(one.times, one.of) for one in found.served if one.serial == friend] == [(8, 8)]


def test_S9_3_a_purchase_of_last_week(shop: Shop, friend: str) -> None:
    with pytest.raises(BadTime):
        shop.earn(friend, total=20_000, at=OPENING - timedelta(days=7))


def test_S9_4_a_purchase_of_yesterday_for_a_second_lunch_shows_when_it_was_typed(
    shop: Shop, friend: str
) -> None:
    shop.earn(friend, total=20_000)
    late = shop.earn(friend, total=20_000, at=OPENING - timedelta(days=1)).entry
    assert (late.occurred_at, late.recorded_at) == (OPENING - timedelta(days=1), OPENING)
    assert shop.earn(friend, total=20_000, at=OPENING - timedelta(days=1)).entry.flags == ("repeat",)


def test_S9_5_a_void_after_the_points_are_spent(shop: Shop, friend: str) -> None:
    large = shop.earn(friend, total=200_000)
    shop.redeem(friend)
    with pytest.raises(PointsSpent) as refusal:
        shop.undo(large)
    assert refusal.value.facts == {"due": 23, "spent": 8}


def test_S9_6_a_void_when_the_customer_has_gone(shop: Shop, friend: str) -> None:
    sale = shop.earn(friend, total=20_000)
    shop.clock.forward(seconds=61)
    with pytest.raises(TooLateToUndo):
        shop.undo(sale, within=UNDO)


def test_S9_6_void_after_void_for_the_cash(shop: Shop, friend: str) -> None:
    for _ in range(5):
        shop.undo(shop.earn(friend, total=20_000), within=UNDO)
    with shop.services.sessions.read() as session:
        (found,) = [one for one in review(session, shop.clock()).took_back if one.who == shop.cashier.name]
    assert found.stands_out


def test_S9_7_a_strangers_receipt_a_second_time(shop: Shop, friend: str) -> None:
    shop.earn(shop.join("Stranger"), total=20_000, receipt="0042")
    with pytest.raises(ReceiptAlreadyBooked):
        shop.earn(friend, total=20_000, receipt="0042")


def test_S9_7_a_strangers_receipt_out_of_the_bin(shop: Shop, friend: str) -> None:
    paid = OPENING - timedelta(minutes=25)
    with pytest.raises(AskFirst) as question:
        shop.earn(friend, ask=True, total=20_000, receipt="0042", at=paid)
    assert question.value.facts["flags"] == "old-receipt"
    confirmed = shop.earn(friend, counter=True, total=20_000, receipt="0042", at=paid)
    assert confirmed.entry.flags == ("old-receipt",)


def test_S9_8_a_strangers_receipt_after_taking_it_from_them(shop: Shop, friend: str) -> None:
    shop.undo(shop.earn(shop.join("Stranger"), total=20_000, receipt="0042"))
    with pytest.raises(ReceiptAlreadyBooked):
        shop.earn(friend, total=20_000, receipt="0042")


def test_S9_9_a_large_correction_that_they_approve_themselves(shop: Shop, friend: str) -> None:
    with pytest.raises(SecondPersonNeeded):
        shop.adjust(friend, 500, "goodwill")
    with pytest.raises(SecondPersonNeeded):
        shop.adjust(friend, 500, "goodwill", approved_by="staff:7")
    with pytest.raises(SecondPersonNeeded):
        shop.adjust(friend, 5, "goodwill", approved_by="staff:7")
    assert shop.adjust(friend, 500, "goodwill", approved_by="staff:2").entry.points == 500


def test_S9_9_a_large_correction_in_slices(shop: Shop, friend: str) -> None:
    shop.adjust(friend, 15, "goodwill")
    with pytest.raises(SecondPersonNeeded) as refused:
        shop.adjust(friend, 15, "goodwill")
    assert refused.value.facts == {"limit": 20, "points": 15, "today": 15}
    shop.clock.forward(days=1)
    shop.adjust(friend, 15, "goodwill")


def test_S9_9_a_large_correction_that_they_take_back_alone(shop: Shop, friend: str) -> None:
    approved = shop.adjust(friend, 30, approved_by="staff:2")
    shop.clock.forward(seconds=61)
    with pytest.raises(SecondPersonNeeded) as refused:
        shop.undo(approved)
    assert refused.value.facts == {"limit": 20, "points": 30}


def test_S9_9_a_slip_of_the_finger_is_taken_back_within_a_minute_by_whoever_made_it(
    shop: Shop, friend: str
) -> None:
    slip = shop.adjust(friend, 500, approved_by="staff:2")
    with pytest.raises(SecondPersonNeeded):
        replace(shop, cashier=Actor("staff:8")).undo(slip)
    assert shop.undo(slip).entry.points == -500


def test_S9_9_what_the_clock_did_before_a_correction_was_approved_by_nobody(shop: Shop) -> None:
    shop.publish(**RULES, expiry={"kind": "rolling", "months": 1}, welcome=0)
    card = shop.join()
    shop.earn(card, total=20_000)
    shop.clock.forward(days=40)
    shop.adjust(card, 5, approved_by="staff:2")
    with shop.services.sessions.read() as session:
        of_card = select(LedgerEntry.kind, LedgerEntry.approved_by).join(Card).where(Card.serial == card)
        rows = session.execute(of_card.order_by(LedgerEntry.seq)).all()
    assert [tuple(row) for row in rows] == [("earn", None), ("expire", None), ("adjust", "staff:2")]


def test_S9_10_a_correction_that_nobody_is_to_understand(shop: Shop, friend: str) -> None:
    with pytest.raises(Invalid):
        shop.adjust(friend, 20, "\u200b \n")


def test_S9_11_a_refund_to_the_wrong_card_or_twice(shop: Shop, friend: str) -> None:
    stranger = shop.join("Stranger")
    shop.earn(stranger, total=20_000, receipt="0042")
    with pytest.raises(UnknownReceipt):
        shop.refund(friend, "0042")
    undone = shop.refund(stranger, "0042")
    with pytest.raises(AlreadyReversed):
        shop.refund(stranger, "0042")
    with pytest.raises(Conflict):  # the refund taken back, to have the points without the goods
        shop.undo(undone)


def test_S9_12_a_key_that_was_answered_used_for_more(shop: Shop, friend: str) -> None:
    shop.earn(friend, total=20_000, key=f"once in {shop.program}")
    with pytest.raises(KeyReused):
        shop.earn(friend, total=2_000_000, key=f"once in {shop.program}")


def test_S9_12_a_picture_of_a_card_redeemed_all_day(shop: Shop, friend: str) -> None:
    shop.earn(friend, total=2_000_000)
    for _ in range(3):
        shop.redeem(friend, ask=True)
    with pytest.raises(AskFirst):
        shop.redeem(friend, ask=True)
    assert shop.redeem(friend).entry.flags == ("redeems-often",)


TAMPERINGS = (
    "UPDATE ledger_entry SET points = points + 5 WHERE seq = 2",
    "UPDATE ledger_entry SET points = points + 5, balance_after = balance_after + 5 WHERE seq = 3",
    "UPDATE ledger_entry SET actor = 'staff:9' WHERE seq = 2",
    "UPDATE ledger_entry SET till = '9' WHERE seq = 2",
    "UPDATE ledger_entry SET receipt = 'another' WHERE seq = 2",
    "UPDATE ledger_entry SET total = total + 1 WHERE seq = 2",
    "UPDATE ledger_entry SET flags = NULL WHERE seq = 3",
    "UPDATE ledger_entry SET slides = NOT slides WHERE seq = 2",
    "UPDATE ledger_entry SET note = 'another' WHERE seq = 4",
    "UPDATE ledger_entry SET hash = previous_hash WHERE seq = 3",
    "DELETE FROM ledger_entry WHERE seq = 1",
    "DELETE FROM ledger_entry WHERE seq = 2",
    "DELETE FROM ledger_entry WHERE seq = 4",
    "UPDATE allocation SET lot_seq = 3 WHERE lot_seq = 2",
    "DELETE FROM allocation WHERE entry_seq = 4",
)


def test_S9_whoever_changes_or_removes_a_line_in_the_database_breaks_the_chain(
    tmp_path: Path, database_url: str
) -> None:
    shop = make_shop(tmp_path, database_url)
    shop.publish(**RULES)
    cards = {shop.join(): tampering for tampering in TAMPERINGS}
    for card in cards:
        shop.earn(card, total=20_000, receipt=f"of {card}")
        shop.earn(card, total=20_000)
        shop.adjust(card, -6, "a mistake")
    assert found(shop) == []
    without_guards(shop)
    for card, tampering in cards.items():
        tamper(shop, card, tampering)
        assert any(card in finding for finding in found(shop)), tampering
    shop.services.sessions.close()


def found(shop: Shop) -> list[str]:
    looked = check_ledger(shop.services.sessions, wallets=shop.services.wallets)
    return [str(finding) for one in looked for finding in one.findings]


def without_guards(shop: Shop) -> None:
    """As somebody does who holds the database itself."""
    sqlite = shop.services.sessions.sqlite
    with shop.services.sessions.engine.begin() as connection:
        for name in ("ledger_entry", "allocation"):
            for guard in (f"{name}_no_update", f"{name}_no_delete") if sqlite else (f"{name}_append_only",):
                connection.execute(text(f"DROP TRIGGER {guard}" + ("" if sqlite else f" ON {name}")))


def tamper(shop: Shop, card: str, statement: str) -> None:
    of_the_card = " AND card_id = (SELECT id FROM card WHERE serial = :card)"
    with shop.services.sessions.engine.begin() as connection:
        assert connection.execute(text(statement + of_the_card), {"card": card}).rowcount
