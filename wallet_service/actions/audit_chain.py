"""Each line of the audit is sealed onto the one before, so that nobody changes or drops one unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from wallet_service.db.one_at_a_time import one_at_a_time
from wallet_service.db.tables import Audit, AuditSeal
from wallet_service.domain import chain

SLICE = 500
LATE = 10_000  # so far below the last sealed line one may still come in, whose transaction took long
UNSEALED_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Verified:
    """`head` is the last seal: whoever keeps it elsewhere proves later that nothing was taken away."""

    lines: int
    head: str
    faults: tuple[str, ...]


def seal(session: Session, now: datetime) -> int:
    """How many lines were sealed; call again while it is `SLICE`."""
    one_at_a_time(session, "audit seal")
    previous, last = _last(session)
    lines = session.scalars(_unsealed().where(Audit.id > last - LATE).order_by(Audit.id).limit(SLICE)).all()
    for line in lines:
        previous = chain.digest(previous, _said(line))
        session.add(AuditSeal(audit_id=line.id, hash=previous, at=now))
        session.flush()  # the seals are read in the order of their numbers
    return len(lines)


def head(session: Session) -> AuditSeal | None:
    return session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))


def verify(session: Session, now: datetime, known_head: str = "") -> Verified:
    """Every line against its seal. `known_head`: a head that was noted before must still be in the chain."""
    previous, count, met, faults = chain.START, 0, not known_head, list[str]()
    for seal_row, line in _pairs(session):
        if chain.digest(previous, _said(line)) != seal_row.hash:
            faults.append(f"Line {line.id} of {line.at:%Y-%m-%d %H:%M} UTC does not fit its seal.")
        previous, count = seal_row.hash, count + 1
        met = met or seal_row.hash == known_head
    if not met:
        faults.append("The head that you noted is not in the chain: lines were taken away since.")
    return Verified(count, previous, (*faults, *_left_out(session, now)))


def lines(
    session: Session, *, actor: str | None = None, subject: str | None = None, limit: int = 50
) -> Sequence[Audit]:
    """Newest first."""
    query = select(Audit).order_by(Audit.id.desc()).limit(limit)
    query = query if actor is None else query.where(Audit.actor == actor)
    return session.scalars(query if subject is None else query.where(Audit.subject == subject)).all()


def _last(session: Session) -> tuple[str, int]:
    last = head(session)
    highest = session.scalar(select(func.max(AuditSeal.audit_id))) or 0
    return (last.hash if last else chain.START), highest


def _unsealed() -> Select[Audit]:
    return select(Audit).where(~exists().where(AuditSeal.audit_id == Audit.id))


def _said(line: Audit) -> chain.Line:
    return {
        "id": line.id,
        "at": chain.moment(line.at),
        "actor": line.actor,
        "verb": line.verb,
        "subject": line.subject,
        "detail": line.detail,
    }


def _pairs(session: Session) -> Iterator[tuple[AuditSeal, Audit]]:
    """Page by page, so that memory stays flat."""
    after = 0
    query = select(AuditSeal, Audit).join(Audit, Audit.id == AuditSeal.audit_id).order_by(AuditSeal.id)
    while rows := session.execute(query.where(AuditSeal.id > after).limit(SLICE)).all():
        yield from ((row[0], row[1]) for row in rows)
        after = rows[-1][0].id
        session.expunge_all()


def _left_out(session: Session, now: datetime) -> Iterator[str]:
    """Seals without their line, and lines that nobody sealed."""
    alone = select(func.count()).select_from(AuditSeal).where(~exists().where(Audit.id == AuditSeal.audit_id))
    if gone := session.scalar(alone):
        yield f"{gone} seals stand without their line: lines were taken away."
    old = _unsealed().where(Audit.at < now - UNSEALED_FOR)
    if waiting := session.scalar(select(func.count()).select_from(old.subquery())):
        yield f"{waiting} lines are not sealed yet: does `flask wallet worker` run?"
