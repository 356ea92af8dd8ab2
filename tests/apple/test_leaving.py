"""A member is forgotten, and after a last empty card so is the phone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from tests.apple.service_fixtures import Service, pass_json
from wallet_service.actions.erase import erase
from wallet_service.apple.service import leaving
from wallet_service.db.tables import ApplePass, Outbox, Registration


def forget(service: Service, card: str) -> None:
    with service.shop.services.sessions.begin() as session:
        erase(session, card=card, wallets=service.shop.services.wallets, now=service.shop.clock())


def sweep(service: Service) -> int:
    with service.shop.services.sessions.begin() as session:
        return leaving.forget_phones(session, service.shop.clock())


def tell(service: Service, card: str) -> None:
    """What the worker does once APNs has taken the push."""
    service.number(card)
    with service.shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(told=Outbox.wanted))


def kept(service: Service) -> int:
    with service.shop.services.sessions.read() as session:
        return len([*session.scalars(select(Registration)), *session.scalars(select(ApplePass))])


def test_W18_a_forgotten_member_has_one_last_empty_card_and_then_nothing_is_kept_of_the_phone(
    on_both: Service,
) -> None:
    card, phone = on_both.shop.join("Alice"), on_both.phone()
    stamp = phone.add(card)
    on_both.shop.earn(card)
    forget(on_both, card)
    assert sweep(on_both) == 0  # the phone has not heard yet
    tell(on_both, card)
    assert sweep(on_both) == 0  # nor fetched
    last = phone.fetch(card, since=stamp)
    assert pass_json(last)["voided"] is True
    assert sweep(on_both) == 1
    assert kept(on_both) == 0
    assert phone.fetch(card).status_code == 401
    assert phone.register(card).status_code == 401
    assert phone.changed().status_code == 204
    assert kept(on_both) == 0


def test_a_phone_that_never_comes_is_forgotten_too(service: Service) -> None:
    card, phone = service.shop.join("Alice"), service.phone()
    phone.add(card)
    forget(service, card)
    tell(service, card)
    service.clock.forward(days=6)
    assert sweep(service) == 0
    service.clock.forward(days=2)
    assert sweep(service) == 1


def test_a_phone_that_cannot_be_told_is_forgotten_at_last(service: Service) -> None:
    card, phone = service.shop.join("Alice"), service.phone()
    phone.add(card)
    forget(service, card)
    service.clock.forward(days=29)
    assert sweep(service) == 0
    service.clock.now += timedelta(days=2)
    assert sweep(service) == 1


def test_everybody_else_keeps_their_phone(service: Service) -> None:
    gone, left, stays = service.shop.join("Alice"), service.shop.join("Bob"), service.shop.join("Carol")
    for card in (gone, left, stays):
        service.phone(f"of-{card}").add(card)
    forget(service, gone)
    service.shop.leave(left)
    service.clock.forward(days=60)
    assert sweep(service) == 1
    assert kept(service) == 4
