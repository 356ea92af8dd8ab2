"""A card on a phone, told by a worker that only nods: enough to follow a change on its way."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import select

from tests.apple.service_fixtures import Phone, Service
from wallet_service.db.tables import Card, Outbox, PushPace, Telling
from wallet_service.push import outbox
from wallet_service.push.wallet import Outcome, Result


def tell(service: Service) -> int:
    """What is due is numbered, pushed and taken; answers how many marks."""
    now = service.clock()
    with service.shop.services.sessions.begin() as session:
        lease, notes = outbox.claim(session, "apple", now)
    with service.shop.services.sessions.read() as session:
        serials = session.scalars(select(Card.serial).where(Card.id.in_([n.card_id for n in notes]))).all()
    service.number(*serials)
    with service.shop.services.sessions.begin() as session:
        told = Outcome(Result.TOLD, phones=1, delivery=str(uuid4()))
        outbox.settle(session, lease, [(note, told) for note in notes], now)
    return len(notes)


def added(service: Service, phone: Phone | None = None) -> str:
    """A card that a phone has, of whose joining everybody has heard."""
    card = service.shop.join()
    (phone or service.phone()).add(card)
    tell(service)
    service.clock.forward(minutes=10)
    return card


def tellings(service: Service) -> Sequence[Telling]:
    with service.shop.services.sessions.read() as session:
        return session.scalars(select(Telling).order_by(Telling.id)).all()


def mark(service: Service, card: str) -> Outbox:
    with service.shop.services.sessions.read() as session:
        of_card = select(Outbox).join(Card).where(Card.serial == card, Outbox.wallet == "apple")
        return session.scalars(of_card).one()


def pace(service: Service) -> PushPace:
    """Of the only phone, which was pushed before."""
    with service.shop.services.sessions.read() as session:
        return session.scalars(select(PushPace)).one()
