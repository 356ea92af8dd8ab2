"""Members and balances come over from whatever the shop had before (invariant 22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import book
from wallet_service.actions.import_file import BadLine, Row, read
from wallet_service.actions.new_card import Entropy, Person, new_cards
from wallet_service.actions.once import Actor, Request, once
from wallet_service.db.ready import written
from wallet_service.db.session import Sessions
from wallet_service.db.tables import CardNumber, LedgerEntry, Outbox
from wallet_service.db.tables.base import table
from wallet_service.domain import ledger
from wallet_service.domain.progress import Kind
from wallet_service.push import outbox

SLICE = 100
"""So few that a till hardly waits for them."""
ACTOR = Actor("service", till="import")
marks = table(Outbox)
LATER = (
    update(marks).where(marks.c.card_id == bindparam("card")).values(priority=outbox.CAMPAIGN, notify=False)
)


@dataclass(frozen=True)
class Checked:
    """So many lines of a file: what is new, how many are here already as they stand, what is wrong."""

    new: tuple[Row, ...]
    unchanged: int
    bad: tuple[BadLine, ...]


def check(sessions: Sessions, *, program: str, lines: Iterable[str], now: datetime) -> Iterator[Checked]:
    """Slice by slice, and changes nothing. UnknownProgram when there is none."""
    with sessions.read() as session:
        value, version = programs.current(session, program)
    rows = read(lines, value, now)
    while part := tuple(islice(rows, SLICE)):
        with sessions.read() as session:
            yield _against_the_ledger(session, version.program_id, part)


def import_rows(
    session: Session,
    *,
    program: str,
    rows: Sequence[Row],
    wallets: tuple[str, ...],
    entropy: Entropy,
    now: datetime,
) -> None:
    """A card and its opening balance for each, or nothing at all. They get no welcome gift: they are no
    strangers. Nobody holds these cards yet, so that telling of them waits behind everything else.
    """
    value, version = programs.current(session, program)
    program_id = version.program_id
    people = [
        (Person(row.name, row.language, "import", row.reference, row.number, row.about), row.joined_at or now)
        for row in rows
    ]
    for row, serial in zip(rows, new_cards(session, value, program_id, people, entropy), strict=True):
        said = {"reference": row.reference, "balance": row.balance}
        key = f"import:{program_id}:{row.reference}"
        _book(session, serial, row, Request("import", key, said, ACTOR, now, wallets))


def _book(session: Session, serial: str, row: Row, request: Request) -> None:
    account = accounts.take(session, serial)
    drafts = ledger.imported(account.program, row.balance, row.reference, request.now)
    once(session, request, account, lambda operation: book(session, account, drafts, operation, request))
    written(session).execute(LATER, {"card": account.card.id})


def _against_the_ledger(session: Session, program_id: int, part: Sequence[Row | BadLine]) -> Checked:
    rows = [row for row in part if isinstance(row, Row)]
    known, taken = _known(session, program_id, rows), _taken(session, rows)
    new, bad = [], [line for line in part if isinstance(line, BadLine)]
    for row in rows:
        if reason := _conflict(row, known, taken):
            bad.append(BadLine(row.line, reason))
        elif row.reference not in known:
            new.append(row)
    return Checked(tuple(new), len(part) - len(new) - len(bad), tuple(sorted(bad, key=lambda one: one.line)))


def _conflict(row: Row, known: dict[str, tuple[int, int]], taken: dict[str, int]) -> str | None:
    """`known` is card and opening balance by reference, `taken` the card by number."""
    card, balance = known.get(row.reference, (None, row.balance))
    if balance != row.balance:
        return (
            f"{row.reference} was imported with {balance}, not {row.balance}. "
            "An import is not changed: correct the balance at the till."
        )
    if row.number and card != taken.get(row.number):
        return f"The number {row.number} is that of another card, or {row.reference} has another number."
    return None


def _known(session: Session, program_id: int, rows: Iterable[Row]) -> dict[str, tuple[int, int]]:
    found = session.execute(
        select(LedgerEntry.natural_key, LedgerEntry.card_id, LedgerEntry.points).where(
            LedgerEntry.program_id == program_id,
            LedgerEntry.kind == Kind.IMPORT,
            LedgerEntry.natural_key.in_([row.reference for row in rows]),
        )
    )
    return {key or "": (card, points) for key, card, points in found}


def _taken(session: Session, rows: Iterable[Row]) -> dict[str, int]:
    numbers = [row.number for row in rows if row.number]
    found = session.execute(
        select(CardNumber.number, CardNumber.card_id).where(CardNumber.number.in_(numbers))
    )
    return {row.number: row.card_id for row in found}
