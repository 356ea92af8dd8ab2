"""A member asks for the card in Google Wallet: the object is inserted, then a fresh link to it is made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.db import queries
from wallet_service.db.tables import Card, GoogleCard
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.errors import CardNotActive, Misconfigured, Unavailable
from wallet_service.google import issuer, records
from wallet_service.google.answers import Answer, Verdict
from wallet_service.google.delivery import Deliverer
from wallet_service.google.desk import GoogleDesk
from wallet_service.google.identifiers import object_id
from wallet_service.google.save_link import SaveLinks
from wallet_service.google.sendings import Sending, Writer
from wallet_service.push import outbox

NOT_NOW = "Google Wallet cannot be reached at the moment."


def save_address(desk: GoogleDesk, serial: str) -> str:
    """Where to send the member: Google's page that offers the card (G6, G7). The link is made for this one
    press, names the object and nothing else, and is kept nowhere (S22).
    """
    now = desk.services.clock()
    links = SaveLinks(desk.settings, desk.services.settings.public_url)
    known = _asked_for(desk, serial)
    if known.inserted_at is None:
        _insert(desk, known.card_id, now)
    return links.link(known.object_id, now)


def _asked_for(desk: GoogleDesk, serial: str) -> GoogleCard:
    """The row stands before the state is read: from then on the worker tells Google of every change, so
    none can slip in between.
    """
    with desk.services.sessions.begin() as session:
        card = queries.card_for_update(session, serial)
        if card.status != ACTIVE:
            raise CardNotActive("This card is closed. Take a new one.")
        row = session.get(GoogleCard, card.id)
        if row is None:
            row = GoogleCard(card_id=card.id, object_id=object_id(desk.issuer_id, serial))
            session.add(row)
    return row


def _insert(desk: GoogleDesk, card_id: int, now: datetime) -> None:
    with desk.services.sessions.read() as session:
        sending = _sending(desk, session, card_id)
    _must(desk.classes.ensure(sending.program))
    delivery = Deliverer(desk.client, desk.classes, desk.pictures).insert(sending)
    with desk.services.sessions.begin() as session:
        # lock order: the card first
        version = session.get_one(Card, card_id, with_for_update={"key_share": True}).version
        records.write(session, desk.issuer_id, [delivery], now)
        if delivery.accepted is None or delivery.picture_fault:
            outbox.tell_again(session, card_id=card_id, version=version, wallet="google", now=now)
    if not delivery.inserted:
        _must(delivery.answer)


def _sending(desk: GoogleDesk, session: Session, card_id: int) -> Sending:
    known, card = session.get_one(GoogleCard, card_id), session.get_one(Card, card_id)
    refused = issuer.refused(session, desk.issuer_id)
    return Writer(desk.looks, desk.services.links, desk.issuer_id).sending(
        session, known, card, refused, desk.services.clock()
    )


def _must(answer: Answer) -> None:
    if answer.verdict is Verdict.DONE:
        return
    if answer.verdict in (Verdict.UNKNOWN, Verdict.SLOW_DOWN):
        raise Unavailable(f"{NOT_NOW} {answer.told}", retry_after=answer.retry_after or 30)
    raise Misconfigured(f"{NOT_NOW} {answer.told}")
