"""After a restore Google is ahead of us: what it has accepted is no longer what we remember."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from wallet_service.db.tables import GoogleCard, GoogleClass, GoogleIssuer


def begin_new_life(session: Session) -> None:
    """Every body is sent once more, whatever we remember of the last; nobody holds the lane."""
    session.execute(update(GoogleCard).values(accepted=None))
    session.execute(update(GoogleClass).values(accepted=None))
    session.execute(update(GoogleIssuer).values(lane_holder=None, lane_until=None, guest_at=None))
