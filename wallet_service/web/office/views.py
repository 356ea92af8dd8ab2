"""The office: what happened today, and what only a manager can mend."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from wallet_service.actions import account as accounts
from wallet_service.actions.adjust import adjust
from wallet_service.actions.at_till import initials
from wallet_service.actions.show import show
from wallet_service.db import queries
from wallet_service.domain.errors import Refusal
from wallet_service.web.auth import actor, needs
from wallet_service.web.limits import limiter
from wallet_service.web.looks import look
from wallet_service.web.member.story import story
from wallet_service.web.office import alarm_texts
from wallet_service.web.office.card_changes import changes_of
from wallet_service.web.office.correction import CorrectionForm, second_manager
from wallet_service.web.office.detail_texts import exactly
from wallet_service.web.office.frame import page
from wallet_service.web.office.paper_texts import called
from wallet_service.web.office.today import today
from wallet_service.web.office.why_texts import moment
from wallet_service.web.page import services
from wallet_service.web.saying import about
from wallet_service.web.standing import standing
from wallet_service.web.till.forms import NumberForm

office = Blueprint("office", __name__, template_folder="templates")


@office.get("/office")
@needs("admin")
def overview() -> ResponseReturnValue:
    now = services().clock()
    with services().sessions.read() as session:
        shown = today(session, now)
    return page(
        "office.html",
        today=shown,
        now=now,
        papers=standing().papers(),
        alarms=alarm_texts.shown(shown.alarms, shown.programs),
        called=called,
        exact=exactly,
        moment=moment,
    )


@office.post("/office/cards")
@needs("admin")
def find() -> ResponseReturnValue:
    with services().sessions.read() as session:
        serial = queries.card(session, NumberForm.parse(request.form).number, retired=True).serial
    return redirect(url_for("office.card", serial=serial), 303)


@office.get("/office/cards/<serial>")
@needs("admin")
def card(serial: str) -> ResponseReturnValue:
    return _card_page(serial)


@office.post("/office/cards/<serial>/adjustments")
@needs("admin")
@limiter.limit("30 per minute")
def correct(serial: str) -> ResponseReturnValue:
    try:
        _correct(serial)
    except Refusal as refusal:
        return _card_page(serial, refusal)
    return redirect(url_for("office.card", serial=serial), 303)


def _correct(serial: str) -> None:
    with services().sessions.read() as session:
        program = accounts.look(session, serial).program
    about(program)
    form = CorrectionForm.parse(request.form, program.unit)
    second = second_manager(form.pin)  # outside of the booking: a PIN is compared slowly
    with services().sessions.begin() as session:
        adjust(
            session,
            card=serial,
            points=form.points,
            reason=form.reason,
            key=form.key,
            actor=actor(),
            wallets=services().wallets,
            now=services().clock(),
            approved_by=second,
        )


def _card_page(serial: str, refusal: Refusal | None = None) -> Response:
    with services().sessions.read() as session:
        shown = show(session, card=serial, links=services().links, now=services().clock())
        row = queries.card(session, shown.face.serial)
        return page(
            "card_in_office.html",
            refusal,
            shown=shown,
            face=shown.face,
            program=shown.program,
            look=look(shown.program, services().settings.templates_dir),
            initials=initials(row.member.name),
            lines=story(session, shown.face.serial),
            blocked_at=row.blocked_at,
            changes=changes_of(session, shown.face.serial),
            typed=request.form,
        )
