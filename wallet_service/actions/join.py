"""A member takes a card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import happenings, programs
from wallet_service.actions.bookkeeping import book, project
from wallet_service.actions.entries import Entry
from wallet_service.actions.new_card import Entropy, Person, new_card
from wallet_service.actions.once import Actor, Request, once
from wallet_service.actions.people import NOTHING, About, agree
from wallet_service.domain import ledger
from wallet_service.domain.rules import evaluate_join


def join(
    session: Session,
    *,
    program: str,
    wallets: tuple[str, ...],
    entropy: Entropy,
    now: datetime,
    language: str | None = None,
    name: str | None = None,
    source: str | None = None,
    about: About = NOTHING,
    actor: Actor | None = None,
    key: str | None = None,
) -> str:
    """A new card with its welcome gift; answers the serial number. UnknownProgram when there is none.

    KeyReused when somebody joined with this key before: each card has its own.
    """
    value, version = programs.current(session, program)
    person = Person(name, language, source, about=about)
    serial = new_card(session, value, version.program_id, person, entropy, now)
    account = accounts.take(session, serial)
    who = actor or Actor("member", till="join page")
    if about.consents:
        agree(
            session,
            account.card.member_id,
            about.consents,
            source=who.till,  # and not where they came from, which is the member's and is forgotten with them
            actor=who.name,
            now=now,
        )
    request = Request("join", key or serial, {"card": serial}, who, now, wallets)
    gift = ledger.joined(value, evaluate_join(value, now), now)

    def welcome(operation: int) -> Sequence[Entry]:
        if gift:
            return book(session, account, gift, operation, request)
        project(session, account, request)
        happenings.booked(session, account, request, ())
        return ()

    once(session, request, account, welcome)
    return serial
