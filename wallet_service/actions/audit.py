"""What people who work here looked up or changed beside the ledger is written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from wallet_service.db.tables import Audit

COMMAND = "command"
"""Somebody at a terminal, whom nobody named further."""


def write(
    session: Session, actor: str, verb: str, subject: str, detail: dict[str, Any], now: datetime
) -> None:
    """`actor` is the person where one is known: "staff:3" as in the ledger, "command:olga" at a terminal;
    "till:2" where a device did it, "service" what nobody asked for. `subject` likewise ("till:2"). `detail`
    holds figures and slugs, never what a member said about themselves.
    """
    session.add(
        Audit(actor=actor[:64], verb=verb[:32], subject=subject[:64], detail=detail, at=now),
    )
