"""A member's own history as a file that anybody can verify without us (docs/verify_history.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import entries
from wallet_service.actions.ledger_checks import reading
from wallet_service.actions.ledger_checks.finding import Line
from wallet_service.db import queries
from wallet_service.db.tables import LedgerDay
from wallet_service.domain import chain, wording

FORM = 1


def history(session: Session, *, card: str, now: datetime) -> dict[str, Any]:
    """Every entry, the oldest first: the line that its hash covers, the hash, and why in every language of
    the program. `day` is the newest root of a closed day, to be compared with what the shop made known.
    """
    row = queries.card(session, card)
    seqs: dict[int, int] = {}
    told = [_entry(line, row.serial, seqs) for _, line in reading.lines(session, first=row.id, last=row.id)]
    return {
        "form": FORM,
        "card": row.serial,
        "program": row.program.slug,
        "made_at": chain.moment(now),
        "entries": told,
        "balance": row.balance,
        "head": row.head,
        "day": _newest_day(session),
    }


def _entry(line: Line, serial: str, seqs: dict[int, int]) -> Mapping[str, Any]:
    """`seqs` is the number of each entry so far, by its id."""
    row, program = line.row, line.program
    seqs[row["id"]] = row["seq"]
    said = entries.line(
        row,
        serial=serial,
        program=f"{program.slug}@{program.version}",
        reverses=seqs.get(row["reverses_id"] or 0),
        takes=line.takes,
    )
    steps = entries.steps(row["trace"])
    why = {language: wording.explain(program, steps, language) for language in program.languages}
    return {"line": said, "hash": row["hash"], "why": why}


def _newest_day(session: Session) -> Mapping[str, Any] | None:
    last = session.scalars(select(LedgerDay).order_by(LedgerDay.day.desc()).limit(1)).first()
    return None if last is None else {"day": last.day, "entries": last.entries, "root": last.root}
