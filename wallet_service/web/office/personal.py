"""What a member may ask for: all that is kept about them, or to be forgotten."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from wallet_service.actions.block import said
from wallet_service.actions.erase import erase, of_one_person
from wallet_service.actions.member_export import of_member
from wallet_service.actions.once import not_their_own
from wallet_service.db import queries
from wallet_service.web.auth import actor, needs
from wallet_service.web.limits import limiter
from wallet_service.web.office.card_changes import ask, do
from wallet_service.web.page import services

TEMPLATE = "erase_card.html"

office_personal = Blueprint(
    "office_personal", __name__, url_prefix="/office/cards", template_folder="templates"
)


@office_personal.post("/<serial>/export")
@needs("admin")
@limiter.limit("30 per minute")
def export_member(serial: str) -> ResponseReturnValue:
    now = services().clock()
    with services().sessions.begin() as session:
        made = of_member(session, card=serial, actor=actor().name, now=now)
    answer = Response(made.body, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@office_personal.get("/<serial>/erase")
@needs("admin")
def ask_erase(serial: str) -> ResponseReturnValue:
    return ask(TEMPLATE, serial)


@office_personal.post("/<serial>/erase")
@needs("admin")
def do_erase(serial: str) -> ResponseReturnValue:
    def change(session: Session, reason: str) -> None:
        why, now = said(reason), services().clock()
        for one in of_one_person(session, serial):
            not_their_own(queries.card(session, one).id, actor())
        erase(
            session,
            card=serial,
            wallets=services().wallets,
            now=now,
            entropy=services().entropy,
            actor=actor().name,
            reason=why,
        )

    return do(TEMPLATE, serial, change)
