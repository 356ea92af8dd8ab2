"""Why Google Wallet shows no update of a card: the marks, then what Google was told of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import why
from wallet_service.actions.why import Circuit, Step
from wallet_service.db.tables import Card, GoogleCard, GoogleIssuer, GoogleNotice

WALLET = "google"
LATELY = timedelta(hours=24)


def chain(session: Session, issuer_id: str, card: Card, now: datetime) -> list[Step]:
    """Nothing of a card that was never on its way to Google."""
    row = session.get(GoogleCard, card.id)
    if row is None or row.inserted_at is None:
        return []
    steps = why.marks(session, card, WALLET, _circuit(session, issuer_id), now)
    return [*steps, _saved(row), _accepted(row, card), _rang(session, card, now)]


def _circuit(session: Session, issuer_id: str) -> Circuit | None:
    row = session.get(GoogleIssuer, issuer_id)
    if row is None or row.circuit_open_since is None:
        return None
    return Circuit(issuer_id, row.circuit_open_since, row.circuit_reason or "")


def _saved(row: GoogleCard) -> Step:
    if row.has_users is False:
        return Step("saved", "nobody", good=False)
    return Step("saved", "yes" if row.has_users else "perhaps")


def _accepted(row: GoogleCard, card: Card) -> Step:
    facts = {"version": row.accepted_version, "newest": card.version}
    newest = row.accepted_version >= card.version
    return Step("accepted", "newest" if newest else "older", newest, facts)


def _rang(session: Session, card: Card, now: datetime) -> Step:
    """G27: three notices in 24 hours; after that the card changes silently."""
    granted = session.scalar(
        select(GoogleNotice.granted)
        .where(GoogleNotice.card_id == card.id, GoogleNotice.at > now - LATELY)
        .order_by(GoogleNotice.id.desc())
        .limit(1)
    )
    return Step("rang", "spent" if granted is False else "free")
