"""A member takes a card: no field, one button, and looking creates nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from wallet_service.actions import programs
from wallet_service.actions.join import join as join_program
from wallet_service.art.poster import Form, poster
from wallet_service.db import queries
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain import wording
from wallet_service.domain.errors import Conflict, NotFound
from wallet_service.domain.goals import first_goal
from wallet_service.domain.plain import one_line
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Stage
from wallet_service.web import languages
from wallet_service.web.join.one_card import held_card, remember, serial_of_press
from wallet_service.web.join.promise import first_steps, promise
from wallet_service.web.limits import limiter
from wallet_service.web.looks import look
from wallet_service.web.page import services

join = Blueprint("join", __name__, template_folder="templates")

TYPES = {"pdf": "application/pdf", "png": "image/png"}


@join.get("/join/<program>")
def offer(program: str) -> Response:
    with services().sessions.read() as session:
        value = _program(session, program)
        held = held_card(session, program)
    now = services().clock()
    bar = first_steps(value, now)
    response = make_response(
        render_template(
            "join.html",
            program=value,
            look=look(value, services().settings.templates_dir),
            bar=bar,
            sum=wording.balance(value, bar),
            promise=promise(value, now),
            road=wording.news(value, Stage.LATE, bar, first_goal(value)),
            rules=wording.rules(value)[languages.language()].splitlines(),
            held=services().links.page(held) if held else None,
        )
    )
    response.headers["Cache-Control"] = "no-store"  # the form is for this one person
    return response


@join.post("/join/<program>")
@limiter.limit("20 per minute; 200 per hour")
def take(program: str) -> AnyResponse:
    with services().sessions.read() as session:
        value = _program(session, program)
        serial = held_card(session, program)
    serial = serial or _taken(value)
    return remember(redirect(services().links.page(serial), 303), program, serial)


@join.get("/join/<program>/rules")
def rules(program: str) -> str:
    """Told from the very rules that decide each purchase, so that the two cannot differ."""
    with services().sessions.read() as session:
        value = _program(session, program)
    lines = wording.rules(value)[languages.language()].splitlines()
    theme = look(value, services().settings.templates_dir)
    return render_template("rules.html", program=value, look=theme, rules=lines)


@join.get("/join/<program>/poster")
def poster_page(program: str) -> str:
    with services().sessions.read() as session:
        value = _program(session, program)
    return render_template(
        "poster.html",
        program=value,
        look=look(value, services().settings.templates_dir),
        address=_link(value),
    )


@join.get("/join/<program>/poster.<form>")
@limiter.limit("20 per minute")  # drawing a sheet takes longer than anything else here
def poster_file(program: str, form: Form) -> Response:
    if form not in TYPES:
        raise NotFound("A poster is there as PDF and as PNG.")
    with services().sessions.read() as session:
        value = _program(session, program)
    now = services().clock()
    sheet = poster(
        title=value.organization,
        promise=promise(value, now),
        url=_link(value),
        theme=look(value, services().settings.templates_dir).theme,
        bar=first_steps(value, now),
        language=languages.language(),
        form=form,
    )
    response = Response(sheet, mimetype=TYPES[form])
    if "download" in request.args:
        response.headers["Content-Disposition"] = f"attachment; filename={value.slug}-poster.{form}"
    return response


def _program(session: Session, slug: str) -> Program:
    value, _ = programs.current(session, slug)
    languages.offer(value.languages)
    return value


def _link(program: Program) -> str:
    return services().links.join(program.slug)


def _taken(program: Program) -> str:
    """However often the button of one page is pressed, it is one card."""
    entropy, serial = serial_of_press(services(), program.slug, request.form.get("key", ""))
    try:
        with services().sessions.begin() as session:
            if not _is_there(session, serial):
                _join(session, program, entropy)
    except Conflict:  # the same press took it at this moment
        with services().sessions.read() as session:
            if not _is_there(session, serial):
                raise
    return serial


def _join(session: Session, program: Program, entropy: Callable[[int], bytes]) -> None:
    join_program(
        session,
        program=program.slug,
        wallets=services().wallets,
        entropy=entropy,
        now=services().clock(),
        language=languages.language(),
        source=one_line(request.args.get("s", ""), 64) or None,
    )


def _is_there(session: Session, serial: str) -> bool:
    try:
        return queries.card(session, serial).status == ACTIVE
    except NotFound:
        return False
