"""One press of a button, once: the same key and body hear the same answer, whatever happened since."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from flask import Response, request
from sqlalchemy.orm import Session

from wallet_service.actions import answers, programs
from wallet_service.actions.bookkeeping import LONGEST_KEY, Actor, Booking
from wallet_service.actions.stand import stand
from wallet_service.api import shapes
from wallet_service.api.bodies import Body
from wallet_service.api.door import caller, services
from wallet_service.api.shapes import Json
from wallet_service.domain.errors import Invalid, KeyReused
from wallet_service.domain.program import Program

KEY = re.compile(f"[!-~]{{1,{LONGEST_KEY}}}")
MAIN = "main"
REPLAYED = "Idempotent-Replayed"


class NoIdempotencyKey(Invalid):
    slug, title = "idempotency-key-missing", "No idempotency key"


class Verb(TypedDict):
    """What every verb of the ledger asks for."""

    key: str
    actor: Actor
    wallets: tuple[str, ...]
    now: datetime


@dataclass(frozen=True)
class Press:
    """`asked` is the digest of address and body: another question under the same key shows."""

    key: str
    asked: str
    actor: Actor
    now: datetime

    @property
    def verb(self) -> Verb:
        return {"key": self.key, "actor": self.actor, "wallets": services().wallets, "now": self.now}


@dataclass(frozen=True)
class Said:
    """An answer, or what it would be if it had not been `repeated`."""

    body: Json
    repeated: bool = False


def book_once(body: Body, book: Callable[[Session, Verb], Booking]) -> Response:
    """201 with the entry and its card."""
    return once(body, lambda session, press: _tell_booking(session, book(session, press.verb)))


def once(body: Body, act: Callable[[Session, Press], Said]) -> Response:
    """201 with what `act` says; or what it said when this key was pressed before."""
    press = _press(body)
    try:
        return _answer(press, act)
    except KeyReused:  # perhaps by the same press in the same moment, which is through by now
        return _answer(press, act)


def tongue(program: Program) -> str:
    """The program's language that the caller likes best, else its first."""
    return request.accept_languages.best_match(program.languages) or program.languages[0]


def tell_card(session: Session, serial: str) -> Said:
    return Said(shapes.card(stand(session, card=serial, now=services().clock()), tongue))


def _tell_booking(session: Session, booking: Booking) -> Said:
    stands = stand(session, card=booking.serial, now=services().clock())
    decided_by = programs.of_entry(session, booking.entry.program_version)
    return Said(shapes.booked(booking.entry, decided_by, stands, tongue), booking.repeated)


def answer(said: Json, status: int = 200) -> Response:
    return Response(json.dumps(said, ensure_ascii=False), status=status, mimetype="application/json")


def _press(body: Body) -> Press:
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise NoIdempotencyKey(
            "Send `Idempotency-Key` with every write: 1 to 128 visible ASCII characters, such as a new "
            "UUID for each press of a button, and the same again when you repeat the request."
        )
    asked = hashlib.sha256(f"{request.path}\n{body.model_dump_json()}".encode()).hexdigest()
    place = Actor(
        caller(), store=getattr(body, "store", None) or MAIN, till=getattr(body, "till", None) or MAIN
    )
    return Press(key, asked, place, services().clock())


def _answer(press: Press, act: Callable[[Session, Press], Said]) -> Response:
    with services().sessions.begin() as session:
        said, before = _said(session, press, act)
    response = answer(shapes.with_links(json.loads(said), services().links, services().wallets), 201)
    if before:
        response.headers[REPLAYED] = "true"
    return response


def _said(session: Session, press: Press, act: Callable[[Session, Press], Said]) -> tuple[str, bool]:
    """The answer, and whether it was given or booked before."""
    who = {"caller": press.actor.name, "key": press.key, "asked": press.asked}
    if (kept := answers.kept(session, **who)) is not None:
        return kept, True
    done = act(session, press)
    if done.repeated and (kept := answers.kept(session, **who)) is not None:
        return kept, True  # the same press came first while this one waited for the card
    said = json.dumps(done.body, ensure_ascii=False)
    answers.keep(session, **who, said=said, now=press.now)
    return said, done.repeated
