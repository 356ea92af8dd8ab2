"""What a machine was told when it pressed a button: said again, byte for byte (ledger invariant 9)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from wallet_service.actions.links import Links
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import Operation
from wallet_service.db.tables.base import table
from wallet_service.domain.errors import KeyReused

BLANK = "\x00"
"""Stands where the token of the card was: no JSON holds it."""


operation_table = table(Operation)
PRESSED = (operation_table.c.scope == bindparam("caller"), operation_table.c.key == bindparam("pressed"))
ANSWERED = Ready(select(operation_table.c.answer).where(*PRESSED))
ANSWER = Ready(update(operation_table).where(*PRESSED).values(answer=bindparam("said")))


@dataclass(frozen=True)
class Kept:
    """An answer without what opens the card's page. `asked` is a digest of the question, `signed` names the
    key that its links were signed with.
    """

    asked: str
    said: str
    serial: str
    signed: str


def remembered(said: str, *, asked: str, serial: str, links: Links) -> Kept:
    """Whoever reads the database has not got the cards."""
    token = links.token(serial)
    return Kept(asked, said.replace(token, BLANK), serial, _mark(links.secret_keys[0]))


def in_full(kept: Kept, links: Links) -> str:
    """As it was said, though another key signs by now. Once the key that it was signed with is taken away,
    its links are dead everywhere, and those of today stand in their place.
    """
    signed = _named(links.secret_keys, kept.signed)
    return kept.said.replace(BLANK, Links(links.public_url, (signed,)).token(kept.serial))


def kept(session: Session, *, caller: str, key: str, asked: str) -> Kept | None:
    """The answer to this key. KeyReused when it was given to another question."""
    (answer,) = ANSWERED.answers(written(session), {"caller": caller, "pressed": key}) or (None,)
    if answer is None:
        return None
    before = json.loads(answer)
    if before["asked"] != asked:
        raise KeyReused(
            "This idempotency key was used for something else. Make a new key for each press of a button."
        )
    return Kept(**before)


def keep(session: Session, *, caller: str, key: str, kept: Kept, now: datetime) -> None:
    """In the transaction of the booking that it answers; or beside it, when another key had booked it."""
    answer = json.dumps(vars(kept), ensure_ascii=False)
    if not ANSWER.send(written(session), {"caller": caller, "pressed": key, "said": answer}):
        session.add(
            Operation(scope=caller, key=key, verb="again", fingerprint=kept.asked, made_at=now, answer=answer)
        )


def _named(secret_keys: Sequence[str], mark: str) -> str:
    return next((secret for secret in secret_keys if _mark(secret) == mark), secret_keys[0])


def _mark(secret: str) -> str:
    """Says which of our keys, and nothing of the key."""
    return hmac.digest(secret.encode(), b"signs the links of answers", hashlib.sha256).hex()[:16]
