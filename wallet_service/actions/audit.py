"""What people who work here looked up or changed beside the ledger is written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from wallet_service.db.tables import Audit


def write(
    session: Session, actor: str, verb: str, subject: str, detail: dict[str, Any], now: datetime
) -> None:
    """`actor` as the ledger names them ("staff:3"), `subject` likewise ("till:2"). `detail` holds figures and
    slugs, never what a member said about themselves.
    """
    session.add(
        Audit(actor=actor[:64], verb=verb[:32], subject=subject[:64], detail=detail, at=now),
    )
