"""What a manager does about a card that was lost or is misused; each page says first what will happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.at_till import initials
from wallet_service.actions.block import block, unblock
from wallet_service.actions.rekey import rekey, would_rekey
from wallet_service.actions.show import show
from wallet_service.db import queries
from wallet_service.db.tables import Audit
from wallet_service.domain.errors import Refusal
from wallet_service.web.auth import actor, needs
from wallet_service.web.office.flagged import names_of
from wallet_service.web.office.frame import done, page
from wallet_service.web.page import services

office_cards = Blueprint("office_cards", __name__, url_prefix="/office/cards", template_folder="templates")

MOST = 10


@dataclass(frozen=True)
class Change:
    words: str
    who: str
    reason: str
    at: datetime


def changes_of(session: Session, serial: str) -> Sequence[Change]:
    """Newest first."""
    words = {
        "block-card": _("Blocked"),
        "unblock-card": _("Opened again"),
        "rekey-card": _("Given a new number"),
        "member-exported": _("Handed to the member"),
        "member-erased": _("Forgotten"),
        "member-part-erased": _("Forgotten in part"),
    }
    rows = session.scalars(
        select(Audit)
        .where(Audit.subject == f"card:{serial}", Audit.verb.in_(words))
        .order_by(Audit.id.desc())
        .limit(MOST)
    ).all()
    names = names_of(session, {row.actor for row in rows})
    return [
        Change(words[row.verb], names[row.actor], str(row.detail.get("reason", "")), row.at) for row in rows
    ]


@office_cards.get("/<serial>/block")
@needs("admin")
def ask_block(serial: str) -> ResponseReturnValue:
    return ask("block_card.html", serial)


@office_cards.post("/<serial>/block")
@needs("admin")
def do_block(serial: str) -> ResponseReturnValue:
    def change(session: Session, reason: str) -> None:
        block(session, card=serial, reason=reason, actor=actor(), now=services().clock())

    return do("block_card.html", serial, change)


@office_cards.get("/<serial>/unblock")
@needs("admin")
def ask_unblock(serial: str) -> ResponseReturnValue:
    return ask("unblock_card.html", serial)


@office_cards.post("/<serial>/unblock")
@needs("admin")
def do_unblock(serial: str) -> ResponseReturnValue:
    def change(session: Session, reason: str) -> None:
        unblock(session, card=serial, reason=reason, actor=actor(), now=services().clock())

    return do("unblock_card.html", serial, change)


@office_cards.get("/<serial>/number")
@needs("admin")
def ask_number(serial: str) -> ResponseReturnValue:
    return ask("rekey_card.html", serial)


@office_cards.post("/<serial>/number")
@needs("admin")
def new_number(serial: str) -> ResponseReturnValue:
    retires = request.form.get("retires", "")[:9]

    def change(session: Session, reason: str) -> None:
        rekey(
            session,
            card=serial,
            reason=reason,
            entropy=services().entropy,
            wallets=services().wallets,
            actor=actor(),
            now=services().clock(),
            retires=int(retires) if retires.isascii() and retires.isdigit() else None,
        )

    return do("rekey_card.html", serial, change)


def do(template: str, serial: str, change: Callable[[Session, str], None]) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            change(session, request.form.get("reason", ""))
        return redirect(f"/office/cards/{serial}", 303)

    return done(act, lambda refusal: ask(template, serial, refusal))


def ask(template: str, serial: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    with services().sessions.read() as session:
        shown = show(session, card=serial, links=services().links, now=services().clock())
        name = queries.card(session, serial).member.name
        would = would_rekey(session, serial)
    return page(
        template,
        refusal,
        face=shown.face,
        stand=shown.stand,
        program=shown.program,
        initials=initials(name),
        would=would,
        typed=request.form,
    )
