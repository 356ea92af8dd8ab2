"""How many of each reward are counted as given, against the redemptions that were not taken back."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from wallet_service.actions.ledger_checks.finding import Finding
from wallet_service.db.tables import LedgerEntry, ProgramRow, RewardCount
from wallet_service.domain.progress import Kind


def differing(session: Session, program: str | None) -> Iterator[Finding]:
    """Invariant 14."""
    slugs = {row.id: row.slug for row in session.scalars(select(ProgramRow))}
    given, counted = _given(session), _counted(session)
    for program_id, reward in sorted(given.keys() | counted.keys()):
        said, made = counted.get((program_id, reward), 0), given.get((program_id, reward), 0)
        if said != made and program in (None, slugs[program_id]):
            sentence = f"{said} are counted as given, the entries make {made}"
            yield Finding("reward", f"program {slugs[program_id]}, reward {reward}", sentence)


def _given(session: Session) -> dict[tuple[int, str], int]:
    back = aliased(LedgerEntry)
    taken_back = select(back.id).where(back.reverses_id == LedgerEntry.id).exists()
    rows = session.execute(
        select(LedgerEntry.program_id, LedgerEntry.reward, func.count())
        .where(LedgerEntry.kind == Kind.REDEEM, LedgerEntry.reward.is_not(None), ~taken_back)
        .group_by(LedgerEntry.program_id, LedgerEntry.reward)
    )
    return {(program_id, reward or ""): count for program_id, reward, count in rows}


def _counted(session: Session) -> dict[tuple[int, str], int]:
    return {(row.program_id, row.reward): row.given for row in session.scalars(select(RewardCount))}
