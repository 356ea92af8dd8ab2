"""Where the till's page asks: its addresses, and every no of them as problem JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import programs, staff
from wallet_service.actions.at_till import counting
from wallet_service.actions.refund_slip import SeveralPurchases
from wallet_service.db import queries
from wallet_service.domain.errors import NotAllowed, Refusal
from wallet_service.domain.program import Program
from wallet_service.web import errors
from wallet_service.web.auth import show_pin, this_till, worker
from wallet_service.web.page import services
from wallet_service.web.saying import about
from wallet_service.web.till.answers import candidate
from wallet_service.web.till.shapes import Json

till = Blueprint("till", __name__, url_prefix="/till", template_folder="templates")


@till.after_request
def _never_kept(response: Response) -> Response:
    """A page that comes back from memory would press an old button."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@till.errorhandler(Refusal)
def _refused(refusal: Refusal) -> Response:
    """Told in the money and points of the card at hand."""
    if program := _program_at_hand(request.view_args or {}):
        about(program)
    return errors.of_ours(refusal)


@till.errorhandler(SeveralPurchases)
def _choose(refusal: SeveralPurchases) -> Response:
    purchases = [candidate(one, refusal.program) for one in refusal.candidates]
    return errors.of_ours(refusal, purchases=purchases)


def answer(said: Json, status: int = 200) -> Response:
    return Response(json.dumps(said, ensure_ascii=False), status=status, mimetype="application/json")


def must_count_here(session: Session, card: str) -> None:
    """Asks only in a store where not every program counts."""
    if this_till().programs is not None:
        counting(session, card, this_till())


def manager(pin: str | None) -> str | None:
    """Who showed it, as the ledger names them. NotAllowed for somebody else's PIN than a manager's."""
    if pin is None:
        return None
    person = show_pin(pin)
    if person.role != staff.ADMIN:
        raise NotAllowed("This is not the PIN of a manager.")
    return f"staff:{person.id}"


def second_person(pin: str | None) -> str | None:
    """The same, unless it is whoever works here: a manager alone is one person."""
    who = manager(pin)
    return None if who == f"staff:{worker().id}" else who


def _program_at_hand(named: Mapping[str, Any]) -> Program | None:
    try:
        with services().sessions.read() as session:
            if "entry" in named:
                return programs.of_entry(session, queries.entry(session, named["entry"]).program_version_id)
            return accounts.look(session, str(named["serial"])).program if "serial" in named else None
    except Refusal:
        return None
