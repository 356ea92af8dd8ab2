"""A code that turns was scanned: whether the card itself was in front of the till."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions.account import Account
from wallet_service.actions.guards import given_today
from wallet_service.actions.stand import Stand
from wallet_service.db import queries
from wallet_service.db.tables import GoogleCard
from wallet_service.domain.errors import CodeRanOut, LiveCodeNeeded, StepUpNeeded
from wallet_service.domain.program import Program
from wallet_service.domain.rotating import PERIOD, code_at, is_live, key_of, scan_of


@dataclass(frozen=True)
class Scanned:
    """`card` is a serial number, or the card number as it came. `live`: its code was the one of now."""

    card: str
    live: bool = False


@dataclass(frozen=True)
class Proof:
    """That the card itself is here, beside a number that anybody may have photographed: its code of this
    minute, or a manager (as the ledger names them) who looked at whoever shows it.
    """

    live: bool = False
    approved_by: str | None = None


@dataclass(frozen=True)
class CodeOfNow:
    """`text` is what a till reads; after so many `seconds` there is a new one."""

    text: str
    number: str
    code: str
    seconds: int


def has_a_code_of_now(stand: Stand) -> bool:
    """Whether the member's own page offers one: where some reward may ask for it."""
    return stand.active and (stand.program.rotating_code or stand.program.step_up_above is not None)


def code_of_now(stand: Stand, secret_key: str, now: datetime) -> CodeOfNow:
    code = code_at(key_of(secret_key, stand.serial), now)
    return CodeOfNow(stand.number + code, stand.number, code, PERIOD - int(now.timestamp()) % PERIOD)


def scanned(session: Session, text: str, *, secret_keys: Sequence[str], now: datetime) -> Scanned:
    """CodeRanOut for a code that is not of now; whatever has no code is passed on as it is.

    Objects at Google keep their code while keys are rotated, so that each key is tried.
    """
    scan = scan_of(text)
    if scan is None:
        return Scanned(text)
    serial = queries.card(session, scan.number).serial
    if not any(is_live(key_of(secret, serial), scan.code, now) for secret in secret_keys):
        raise CodeRanOut("This code has run out. Ask for the card to be opened again.")
    return Scanned(serial, live=True)


def must_be_live(session: Session, card_id: int, program: Program, *, live: bool) -> None:
    """Only of a card that turns its code: one that is in no Google Wallet has none to show."""
    if program.rotating_code and not live and _in_google_wallet(session, card_id):
        raise LiveCodeNeeded(
            "For a reward this card is scanned from Google Wallet. Ask for it to be opened there, "
            "and scan the code that turns."
        )


def must_be_proven(session: Session, account: Account, points: int, proof: Proof, now: datetime) -> None:
    """S23: StepUpNeeded for what is worth a photograph, by the program's own limit. What was given today
    counts with it, so that slices do not pass where the whole would not.
    """
    limit = account.program.step_up_above
    if limit is None or proof.live or proof.approved_by is not None:
        return
    today = given_today(session, account, now)
    if points + today <= limit:
        return
    before = {"today": today} if today else {}
    raise StepUpNeeded(
        f"More than {limit} points a day are given for the code of this minute, which Google Wallet or the "
        "member's own page shows, or with a manager's PIN at the till.",
        limit=limit,
        points=points,
        **before,
    )


def _in_google_wallet(session: Session, card_id: int) -> bool:
    """By Google's own word, or by a save of which it has only told us."""
    known = session.get(GoogleCard, card_id)
    if known is None or known.inserted_at is None:
        return False
    told = known.saved_at is not None and (known.removed_at is None or known.removed_at < known.saved_at)
    return bool(known.has_users) or told
