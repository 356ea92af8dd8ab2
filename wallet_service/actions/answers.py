"""What a machine was told when it pressed a button: said again, word for word (ledger invariant 9)."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from wallet_service.db.tables import Operation
from wallet_service.domain.errors import KeyReused


def kept(session: Session, *, caller: str, key: str, asked: str) -> str | None:
    """The answer to this key. KeyReused when it was given to another question."""
    answer = session.scalar(select(Operation.answer).where(*_pressed(caller, key)))
    if answer is None:
        return None
    before = json.loads(answer)
    if before["asked"] != asked:
        raise KeyReused(
            "This idempotency key was used for something else. Make a new key for each press of a button."
        )
    return str(before["said"])


def keep(session: Session, *, caller: str, key: str, asked: str, said: str, now: datetime) -> None:
    """In the transaction of the booking that it answers; or beside it, when another key had booked it."""
    answer = json.dumps({"asked": asked, "said": said}, ensure_ascii=False)
    pressed = update(Operation).where(*_pressed(caller, key)).values(answer=answer).returning(Operation.id)
    if session.execute(pressed).first() is None:
        session.add(
            Operation(scope=caller, key=key, verb="again", fingerprint=asked, made_at=now, answer=answer)
        )


def _pressed(caller: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return Operation.scope == caller, Operation.key == key
