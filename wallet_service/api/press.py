"""One press of a button, once: the same key and body hear the same answer, whatever happened since."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from flask import Response, request
from sqlalchemy.orm import Session

from wallet_service import metrics
from wallet_service.actions import answers, programs
from wallet_service.actions.once import LONGEST_KEY, Actor, Booking
from wallet_service.actions.stand import after, stand
from wallet_service.api import rights, shapes
from wallet_service.api.bodies import Body
from wallet_service.api.desk import desk, services
from wallet_service.api.losses import lost
from wallet_service.api.problems import JSON, NoIdempotencyKey
from wallet_service.api.shapes import Teller
from wallet_service.domain.errors import KeyReused
from wallet_service.domain.program import Program

KEY = re.compile(f"[!-~]{{1,{LONGEST_KEY}}}")
MAIN = "main"
REPLAYED = "Idempotent-Replayed"


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
    """An answer about the card `serial`, or what it would be if it had not been `repeated`."""

    body: Mapping[str, Any]
    serial: str
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


def teller() -> Teller:
    return Teller(tongue, services().links, services().wallets)


def tell_card(session: Session, serial: str) -> Said:
    return Said(shapes.card(stand(session, card=serial, now=services().clock()), teller()), serial)


def _tell_booking(session: Session, booking: Booking) -> Said:
    stands = after(session, booking, services().clock())
    decided_by = programs.of_entry(session, booking.entry.program_version)
    told = shapes.booked(booking.entry, decided_by, stands, teller())
    return Said(told, booking.serial, booking.repeated)


def answer(said: Mapping[str, Any], status: int = 200) -> Response:
    return _written(_text(said), status)


def _press(body: Body) -> Press:
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise NoIdempotencyKey(
            "Send `Idempotency-Key` with every write: 1 to 128 visible ASCII characters, such as a new "
            "UUID for each press of a button, and the same again when you repeat the request."
        )
    place = Actor(rights.key().caller, rights.store_of(body), getattr(body, "till", None) or MAIN)
    return Press(key, _asked(body), place, services().clock())


def _asked(body: Body) -> str:
    """Under a key that never changes: a plain digest of a phone number is as good as the number."""
    said = f"asked\n{request.path}\n{body.model_dump_json()}"
    return hmac.digest(services().settings.apple_token_key, said.encode(), hashlib.sha256).hex()


def _answer(press: Press, act: Callable[[Session, Press], Said]) -> Response:
    with services().sessions.begin() as session:
        said, before = _said(session, press, act)
    response = _written(said, 201)
    if before:
        response.headers[REPLAYED] = "true"
    elif desk().losses.next_is_lost():
        return lost(response)
    return response


def _said(session: Session, press: Press, act: Callable[[Session, Press], Said]) -> tuple[str, bool]:
    """The answer, and whether it was given or booked before."""
    links, who = services().links, {"caller": press.actor.name, "key": press.key}
    if (kept := answers.kept(session, **who, asked=press.asked)) is not None:
        metrics.DUPLICATE_OPS.inc()
        return answers.in_full(kept, links), True
    done = act(session, press)
    if done.repeated and (kept := answers.kept(session, **who, asked=press.asked)) is not None:
        return answers.in_full(kept, links), True  # the same press came first while this one waited
    said = _text(done.body)
    kept = answers.remembered(said, asked=press.asked, serial=done.serial, links=links)
    answers.keep(session, **who, kept=kept, now=press.now)
    return said, done.repeated


def _text(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False)


def _written(text: str, status: int) -> Response:
    return Response(text, status=status, mimetype=JSON)
