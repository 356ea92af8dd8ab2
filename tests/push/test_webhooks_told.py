"""What the shop's own systems are told of, and that nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.overheard import overheard
from tests.push.hearing import Hearing, written
from tests.shop import make_shop
from wallet_service.actions import earn, import_cards, redeem
from wallet_service.db.tables import Card, Webhook
from wallet_service.domain.errors import NotEnoughPoints
from wallet_service.domain.rules import Purchase


def test_a_purchase_is_told_once_with_its_figures(hearing_of: Hearing, name: str) -> None:
    hearing, shop = hearing_of, hearing_of.shop
    card = shop.join()
    hearing.listen(name)
    booked = shop.earn(card, visits=2, receipt="A-1")
    hearing.drain.run_until_idle()
    (call,) = hearing.receiver.calls(name)
    assert (call["wrong"], call["type"], call["timestamp"]) == (
        None,
        "purchase.booked",
        "2026-11-02T08:00:00Z",
    )
    assert call["data"] == {
        "card": {"serial": card, "program": "coffee", "balance": 4, "tier": None, "version": 3},
        "entry": {
            "id": f"e{booked.entry.id}",
            "kind": "earn",
            "points": 2,
            "balance_after": 4,
            "occurred_at": "2026-11-02T08:00:00Z",
            "recorded_at": "2026-11-02T08:00:00Z",
            "receipt": "A-1",
            "total": None,
            "reward": None,
            "reverses": None,
            "store": "1",
            "flags": [],
        },
        "others": [],
    }


def test_the_same_press_twice_is_told_once(hearing: Hearing, name: str) -> None:
    card = hearing.shop.join()
    hearing.listen(name)
    hearing.shop.earn(card, key="one press")
    hearing.shop.earn(card, key="one press")
    hearing.shop.earn(card, receipt="A-2", visits=1)
    hearing.shop.earn(card, receipt="A-2", visits=1)
    assert hearing.told() == ["purchase.booked", "purchase.booked"]


def test_what_was_rolled_back_is_not_told(hearing: Hearing, name: str) -> None:
    card = hearing.shop.join()
    hearing.listen(name)
    with pytest.raises(NotEnoughPoints):
        _bought_and_then_refused(hearing, card)
    assert hearing.told() == []


def _bought_and_then_refused(hearing: Hearing, card: str) -> None:
    """Two steps of one transaction; the second cannot be done."""
    shop = hearing.shop
    press: dict[str, Any] = {"actor": shop.cashier, "wallets": shop.services.wallets, "now": shop.clock()}
    with shop.services.sessions.begin() as session:
        purchase = Purchase(shop.clock(), visits=1)
        earn.earn(session, card=card, purchase=purchase, key="a", **press)
        redeem.redeem(session, card=card, reward="coffee", key="b", **press)


def test_a_card_from_joining_to_its_reward(hearing: Hearing, name: str) -> None:
    shop = hearing.shop
    hearing.listen(name)
    card = shop.join()
    shop.earn(card, visits=9)
    shop.undo(shop.earn(card, visits=1))
    shop.earn(card, visits=1)
    shop.redeem(card)
    assert hearing.told() == [
        "card.joined",
        "purchase.booked",
        "purchase.booked",
        "reward.ready",
        "entry.reversed",
        "purchase.booked",  # the reward is ready again, in the same round
        "redemption.booked",
    ]


def test_a_reward_is_ready_once_a_round(hearing: Hearing, name: str) -> None:
    shop = hearing.shop
    hearing.listen(name, "reward.ready")
    card = shop.join()
    for _ in range(3):
        shop.earn(card, visits=12)
        had = shop.redeem(card)
        shop.undo(had)  # back in the round before
        shop.redeem(card)
    assert hearing.told() == ["reward.ready"] * 3


def test_two_rewards_worth_of_points_are_two_pieces_of_news(hearing: Hearing, name: str) -> None:
    shop = hearing.shop
    hearing.listen(name, "reward.ready")
    card = shop.join()
    shop.earn(card, visits=30)
    shop.redeem(card)
    assert hearing.told() == ["reward.ready", "reward.ready"]


def test_a_refund_says_what_it_takes_back(hearing: Hearing, name: str) -> None:
    shop = hearing.shop
    card = shop.join()
    booked = shop.earn(card, visits=2, receipt="A-3")
    hearing.listen(name, "entry.refunded")
    shop.refund(card, "A-3")
    hearing.drain.run_until_idle()
    (call,) = hearing.receiver.calls(name)
    assert call["data"]["entry"]["reverses"] == f"e{booked.entry.id}"
    assert call["data"]["entry"]["points"] == -2


def test_a_tier_that_changes_is_told_up_and_down(hearing: Hearing, name: str) -> None:
    shop = hearing.shop.next_door(
        tiers={
            "counts": "points",
            "window": "rolling",
            "months": 1,
            "downgrade": "full",
            "levels": [{"id": "silver", "name": {"en": "Silver", "ru": "Серебро"}, "threshold": 5}],
        },
    )
    hearing.listen(name, "tier.changed")
    card = shop.join()
    shop.earn(card, visits=6)
    shop.clock.forward(days=100)
    shop.sweep()
    said = [message["data"] for message in written(shop)]
    assert [(one["from"], one["to"]) for one in said] == [(None, "silver"), ("silver", None)]


def test_an_address_hears_only_what_it_asked_for(hearing: Hearing, name: str) -> None:
    hearing.listen(name, "redemption.booked", "card.joined")
    card = hearing.shop.join()
    hearing.shop.earn(card, visits=20)
    hearing.shop.redeem(card)
    hearing.drain.run_until_idle()
    assert hearing.receiver.heard(name) == ["card.joined", "redemption.booked"]
    assert hearing.told() == ["card.joined", "redemption.booked"]


def test_nothing_is_kept_for_an_address_that_is_switched_off(hearing: Hearing, name: str) -> None:
    number = hearing.listen(name)
    with hearing.shop.services.sessions.begin() as session:
        session.get_one(Webhook, number).disabled_at = hearing.shop.clock()
    hearing.shop.earn(hearing.shop.join())
    assert hearing.told() == []


def test_a_booking_of_which_nobody_wants_to_hear_asks_nothing_more(tmp_path: Path) -> None:
    """The question stands in a statement that runs anyway."""
    shop = make_shop(tmp_path, f"sqlite:///{tmp_path / 'wallet.db'}")
    card = shop.join()
    shop.earn(card)
    with overheard(shop.services.sessions) as asked:
        shop.earn(card)
    (of_webhooks,) = [words for words in asked if "webhook" in words]
    assert "FROM card" in of_webhooks
    assert f"'{card}'" in of_webhooks
    shop.services.sessions.close()


def test_no_word_of_a_member_is_told(hearing: Hearing, name: str) -> None:
    hearing.listen(name)
    card = hearing.shop.join(name="Alice Liddell")
    hearing.shop.earn(card, visits=12)
    hearing.drain.run_until_idle()
    with hearing.shop.services.sessions.read() as session:
        number = session.scalars(select(Card.number)).one()
    said = json.dumps(hearing.receiver.calls(name))
    assert "Alice" not in said
    assert number not in said


def test_an_import_is_no_news(hearing: Hearing, name: str) -> None:
    hearing.listen(name)
    shop = hearing.shop
    (part,) = import_cards.check(
        shop.services.sessions,
        program=shop.program,
        lines=["reference,balance", "old-1,40"],
        now=shop.clock(),
    )
    with shop.services.sessions.begin() as session:
        import_cards.import_rows(
            session,
            program=shop.program,
            rows=part.new,
            wallets=shop.services.wallets,
            entropy=shop.services.entropy,
            now=shop.clock(),
        )
    assert part.new
    assert hearing.told() == []
