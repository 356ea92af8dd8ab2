"""A card gets a new number, because somebody else may have a picture of the old one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.shop import Shop
from wallet_service.actions.live_code import scanned
from wallet_service.actions.once import Actor
from wallet_service.actions.rekey import rekey
from wallet_service.db import queries
from wallet_service.db.tables import Audit, Card, Outbox
from wallet_service.domain.errors import CardNotActive, CardReplaced, Invalid, UnknownCard
from wallet_service.domain.identifiers import card_number

MANAGER = Actor("staff:2")


@pytest.fixture
def shop(street: Shop) -> Shop:
    return street.next_door()


def give_new_number(shop: Shop, card: str, reason: str = "photographed") -> str:
    with shop.services.sessions.begin() as session:
        return rekey(
            session,
            card=card,
            reason=reason,
            entropy=shop.services.entropy,
            actor=MANAGER,
            wallets=shop.services.wallets,
            now=shop.clock(),
        )


def number_of(shop: Shop, card: str) -> str:
    with shop.services.sessions.read() as session:
        return queries.card(session, card).number


def test_S23_the_old_code_is_refused_after_the_card_got_a_new_one(shop: Shop) -> None:
    card = shop.join()
    old = number_of(shop, card)
    shop.earn(old)
    new = give_new_number(shop, card)
    for press in (lambda: shop.earn(old), lambda: shop.redeem(old), lambda: shop.quote(old, visits=1)):
        with pytest.raises(CardReplaced):
            press()
    with pytest.raises(CardReplaced), shop.services.sessions.read() as session:
        scanned(session, old + "12345678", secret_keys=shop.services.settings.secret_keys, now=shop.clock())
    assert shop.earn(new).entry.balance_after == 4
    assert shop.face(card).number == new


def test_the_office_still_finds_the_card_by_the_old_number(shop: Shop) -> None:
    card = shop.join()
    old = number_of(shop, card)
    give_new_number(shop, card)
    with shop.services.sessions.read() as session:
        assert queries.card(session, old, retired=True).serial == card
        with pytest.raises(UnknownCard):
            queries.card(session, card_number(bytes(16)), retired=True)


def test_the_wallets_hear_of_it_at_once(shop: Shop) -> None:
    card = shop.join()
    give_new_number(shop, card)
    with shop.services.sessions.read() as session:
        version = queries.card(session, card).version
        wanted = session.scalars(select(Outbox.wanted).join(Card).where(Card.serial == card)).all()
    assert version == 3
    assert set(wanted) == {version}


def test_numbers_that_came_by_a_merge_are_retired_too(shop: Shop) -> None:
    keep, drop = shop.join(), shop.join()
    old = number_of(shop, drop)
    shop.merge(keep, drop)
    assert shop.earn(old).serial == keep
    give_new_number(shop, keep)
    with pytest.raises(CardReplaced):
        shop.earn(old)


def test_it_happens_for_a_reason_that_is_written_down(shop: Shop) -> None:
    card = shop.join()
    with pytest.raises(Invalid):
        give_new_number(shop, card, " ")
    give_new_number(shop, card)
    with shop.services.sessions.read() as session:
        (row,) = session.scalars(select(Audit).where(Audit.subject == f"card:{card}")).all()
    assert (row.actor, row.verb) == ("staff:2", "rekey-card")
    assert row.detail == {"reason": "photographed", "retired": 1}


def test_a_card_that_was_given_back_gets_none(shop: Shop) -> None:
    card = shop.join()
    shop.leave(card)
    with pytest.raises(CardNotActive):
        give_new_number(shop, card)
