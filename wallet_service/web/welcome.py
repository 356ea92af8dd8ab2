"""The front door: where to go from here."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from sqlalchemy import select

from wallet_service.actions import programs
from wallet_service.db.tables import ProgramRow
from wallet_service.domain import wording
from wallet_service.domain.program import Program
from wallet_service.web.join.promise import first_steps
from wallet_service.web.looks import look
from wallet_service.web.page import services

MOST = 20

welcome = Blueprint("welcome", __name__)


@welcome.get("/")
def front() -> str:
    settings, known = services().settings, _programs()
    hero = known[0] if known else None
    bar = first_steps(hero, services().clock()) if hero else None
    return render_template(
        "welcome.html",
        programs=known,
        hero=hero,
        bar=bar,
        sum=wording.balance(hero, bar) if hero and bar else None,
        look=look(hero, settings.templates_dir) if hero else None,
        phone=settings.phone_url if settings.sandbox else None,
    )


ROBOTS = "User-agent: *\nAllow: /art/\nAllow: /google/callback\nDisallow: /\n"


@welcome.get("/robots.txt")
def robots() -> Response:
    """Posters bring people here, search engines have no business with cards. Google Wallet comes as Googlebot
    too: for pictures, and with its callbacks (G28). What is allowed stands first, as plain readers need it.
    """
    return Response(ROBOTS, mimetype="text/plain")


def _programs() -> list[Program]:
    with services().sessions.read() as session:
        slugs = session.scalars(select(ProgramRow.slug).order_by(ProgramRow.id).limit(MOST)).all()
        return [programs.current(session, slug)[0] for slug in slugs]
