"""What is remembered of the issuer account: whether Google lets us in, and what it does not allow us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_service.db.tables import GoogleIssuer
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import clear_alarm, raise_alarm

PROBE_EVERY = timedelta(minutes=5)
CIRCUIT, OPTIONS, CLASS = "google-circuit", "google-options", "google-class"  # kinds of alarms
REMEDY = (
    "Invite the service account as a user of the issuer account (Google Pay and Wallet console, Users), "
    "and check WALLET_GOOGLE_ISSUER_ID and the key file. `flask wallet doctor google` looks at each."
)


def issuer_row(session: Session, issuer_id: str) -> GoogleIssuer:
    row = session.get(GoogleIssuer, issuer_id)
    if row is not None:
        return row
    row = GoogleIssuer(issuer_id=issuer_id)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # another process was first
        row = session.get_one(GoogleIssuer, issuer_id)
    return row


def open_circuit(session: Session, issuer_id: str, said: str, now: datetime) -> None:
    """Nothing more is sent but one card every few minutes, to see whether it is mended."""
    row = issuer_row(session, issuer_id)
    row.circuit_open_since = row.circuit_open_since or now
    row.circuit_reason, row.probe_at = said[:300], now + PROBE_EVERY
    detail = Detail(f"Google does not let us in. {said} {REMEDY}", "google/shut", said=said)
    raise_alarm(session, CIRCUIT, issuer_id, detail, now)


def close_circuit(session: Session, issuer_id: str, now: datetime) -> None:
    row = issuer_row(session, issuer_id)
    row.circuit_open_since = row.circuit_reason = row.probe_at = None
    clear_alarm(session, CIRCUIT, issuer_id, now)


def refused(session: Session, issuer_id: str) -> frozenset[str]:
    row = session.get(GoogleIssuer, issuer_id)
    return frozenset((row.refused or "").split(",") if row else ()) - {""}


def remember_refused(
    session: Session, issuer_id: str, fields: Iterable[str], said: str, now: datetime
) -> None:
    """Left out from now on."""
    row = issuer_row(session, issuer_id)
    row.refused = ",".join(sorted(refused(session, issuer_id) | set(fields)))
    detail = f"Google does not open this to our issuer account, so cards go without it. {said}"
    raise_alarm(session, OPTIONS, issuer_id, Detail(detail, "google/option", said=said), now)
