"""What is worth a photograph needs a second proof: the code of this minute, or the PIN of a manager."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.shop import Shop
from wallet_service.actions.live_code import scanned
from wallet_service.db import queries
from wallet_service.db.tables import Card, LedgerEntry
from wallet_service.domain.errors import CodeRanOut, NotEnoughPoints, StepUpNeeded
from wallet_service.domain.rotating import code_at, key_of

DEAR = {
    "id": "jacket",
    "cost": 500,
    "name": {"en": "A jacket", "ru": "Куртка"},
    "until": {"en": "to a jacket", "ru": "до куртки"},
    "waiting": {"en": "A jacket is waiting.", "ru": "Куртка ждёт."},
}


@pytest.fixture
def shop(street: Shop) -> Shop:
    return street.next_door(
        rules=[{"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 1000, "give": 1}}]}],
        visit_minimum=0,
        unit={
            "counted": "points",
            "forms": {
                "en": {"one": "point", "other": "points"},
                "ru": {"one": "балл", "few": "балла", "many": "баллов", "other": "балла"},
            },
        },
        rewards=[DEAR, DEAR | {"id": "socks", "cost": 100}],
        welcome=0,
        paying={"worth": [100, 1]},
        step_up_above=100,
    )


@pytest.fixture
def card(shop: Shop) -> str:
    card = shop.join()
    shop.earn(card, total=2_000_000)
    return card


def test_S23_a_redemption_above_the_limit_without_a_second_proof_is_refused(shop: Shop, card: str) -> None:
    with pytest.raises(StepUpNeeded) as refusal:
        shop.redeem(card, "jacket")
    assert refusal.value.facts == {"limit": 100, "points": 500}
    with pytest.raises(StepUpNeeded):
        shop.pay(card, 101)
    assert shop.redeem(card, "socks").entry.balance_after == 1900


def test_S23_what_was_given_today_counts_with_it_so_that_slices_do_not_pass(shop: Shop, card: str) -> None:
    shop.pay(card, 40)
    taken_back = shop.pay(card, 60)
    shop.undo(taken_back)
    shop.pay(card, 60)
    with pytest.raises(StepUpNeeded) as refusal:
        shop.pay(card, 1)
    assert refusal.value.facts == {"limit": 100, "points": 1, "today": 100}
    shop.pay(card, 300, approved_by="staff:2")
    shop.clock.forward(hours=24)
    assert shop.pay(card, 100, key=shop.key()).entry.balance_after == 1500


def test_the_code_of_this_minute_is_enough(shop: Shop, card: str) -> None:
    assert shop.redeem(card, "jacket", live=True).entry.balance_after == 1500
    assert shop.pay(card, 200, live=True).entry.balance_after == 1300


def test_so_is_a_manager_and_the_ledger_says_who(shop: Shop, card: str) -> None:
    shop.redeem(card, "jacket", approved_by="staff:2")
    shop.pay(card, 200, approved_by="staff:2")
    with shop.services.sessions.read() as session:
        approved = select(LedgerEntry.approved_by).join(Card).where(Card.serial == card)
        kinds = approved.where(LedgerEntry.kind == "redeem")
        assert set(session.scalars(kinds)) == {"staff:2"}


def test_a_manager_who_serves_needs_no_other_one(shop: Shop, card: str) -> None:
    assert shop.redeem(card, "jacket", approved_by=shop.cashier.name).entry.balance_after == 1500


def test_who_has_not_enough_hears_that_first(shop: Shop) -> None:
    with pytest.raises(NotEnoughPoints):
        shop.redeem(shop.join(), "jacket")


def test_a_code_of_another_minute_is_no_proof(shop: Shop, card: str) -> None:
    secrets = shop.services.settings.secret_keys
    with shop.services.sessions.read() as session:
        number = queries.card(session, card).number
        code = code_at(key_of(secrets[0], card), shop.clock())
        seen = scanned(session, number + code, secret_keys=secrets, now=shop.clock())
        assert (seen.card, seen.live) == (card, True)
        with pytest.raises(CodeRanOut):
            scanned(session, number + code, secret_keys=secrets, now=shop.clock.forward(seconds=90))
