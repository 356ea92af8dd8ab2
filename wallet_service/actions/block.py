"""A manager blocked a card for a while: it was lost, or somebody misuses it. It keeps its points."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.actions.once import Actor, not_their_own
from wallet_service.db import queries
from wallet_service.db.tables import Card
from wallet_service.domain.errors import Conflict, Invalid
from wallet_service.domain.plain import one_line

LONGEST_REASON = 200


def block(session: Session, *, card: str, reason: str, actor: Actor, now: datetime) -> None:
    """CardBlocked at every till and for machines from now on. Blocking twice changes nothing."""
    row, why = _card(session, card, actor), said(reason)
    if row.blocked_at is not None:
        return
    row.blocked_at = now
    audit.write(session, actor.name, "block-card", subject(row), {"reason": why}, now)


def unblock(session: Session, *, card: str, reason: str, actor: Actor, now: datetime) -> None:
    """As it was before. Of a card that is not blocked nothing changes."""
    row, why = _card(session, card, actor), said(reason)
    if row.blocked_at is None:
        return
    row.blocked_at = None
    audit.write(session, actor.name, "unblock-card", subject(row), {"reason": why}, now)


def said(reason: str) -> str:
    """In one line; whoever looks back wants to know why."""
    why = one_line(reason, LONGEST_REASON)
    if not why:
        raise Invalid("Say why: whoever looks back reads `reason`.")
    return why


def subject(row: Card) -> str:
    """As the audit names a card."""
    return f"card:{row.serial}"


def _card(session: Session, reference: str, actor: Actor) -> Card:
    row = queries.card_for_update(session, reference)
    not_their_own(row.id, actor)
    if row.merged_into_id is not None:
        raise Conflict("This card was merged into another one. Look at that one.")
    return row
