"""The office's page of changes on their way to all cards: how far each is, how to stop it or take it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from wallet_service.actions import campaign_changes, campaigns
from wallet_service.actions.campaign_changes import LookGone
from wallet_service.actions.campaign_start import start
from wallet_service.apple.service.desk import desk
from wallet_service.db.tables.campaigns import RUNNING
from wallet_service.domain.errors import Misconfigured, Refusal
from wallet_service.domain.people_errors import LookAgain
from wallet_service.domain.rollout import Plan
from wallet_service.web.auth import actor, needs
from wallet_service.web.office.campaign_shown import shown
from wallet_service.web.office.frame import done, page
from wallet_service.web.office.shop_floor import all_programs, zone_of
from wallet_service.web.page import services

office_campaigns = Blueprint(
    "office_campaigns", __name__, url_prefix="/office/campaigns", template_folder="templates"
)

MOST = 20
OF_PROGRAM = "/<slug>/<any(start, pause, resume, rollback):verb>"


@dataclass(frozen=True)
class Verb:
    """`counted` are the cards that the page names; Refusal where it cannot be done now."""

    template: str
    counted: Callable[[Session, str], int]
    do: Callable[..., object]


@office_campaigns.get("")
@needs("admin")
def overview() -> ResponseReturnValue:
    return _overview()


@office_campaigns.get(OF_PROGRAM)
@needs("admin")
def ask(slug: str, verb: str) -> ResponseReturnValue:
    """The number on the page is the number of cards that it will be."""

    def act() -> ResponseReturnValue:
        with services().sessions.read() as session:
            number = VERBS[verb].counted(session, slug)
            names = {program.slug: program.name for program in all_programs(session)}
            replaces = campaigns.is_open(session, slug)
            return page(VERBS[verb].template, slug=slug, number=number, name=names[slug], replaces=replaces)

    return done(act, _overview)


@office_campaigns.post(OF_PROGRAM)
@needs("admin")
def do(slug: str, verb: str) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            VERBS[verb].do(session, program=slug, actor=actor().name, now=services().clock())
        return redirect("/office/campaigns", 303)

    return done(act, _overview)


def _overview(refusal: Refusal | None = None) -> ResponseReturnValue:
    now = services().clock()
    with services().sessions.read() as session:
        known = all_programs(session)
        rows = campaigns.all_campaigns(session, MOST)
        return page(
            "campaigns.html",
            refusal,
            campaigns=[shown(session, row, rows, now) for row in rows],
            programs=known,
            zone=zone_of(known),
        )


def _start(session: Session, *, program: str, **about: Any) -> object:
    settings = services().settings
    _require_look(campaigns.template_in_force(session, program))
    _must_be_as_shown(campaigns.meant(session, program))
    return start(session, program=program, **about, plan=Plan(settings.campaign_rate, settings.quiet_hours))


def _roll_back(session: Session, *, program: str, **about: Any) -> object:
    _require_look(campaign_changes.template_before(session, program))
    if campaigns.newest(session, program).state != RUNNING:  # else it grows while somebody reads
        _must_be_as_shown(campaign_changes.rolled_back_cards(session, program))
    return campaign_changes.roll_back(session, program=program, **about)


def _require_look(template: str) -> None:
    """Otherwise every phone would be woken, and none would get a card."""
    try:
        desk().templates.look(template)
    except Misconfigured as fault:
        raise LookGone(fault.detail, template=template) from fault


def _must_be_as_shown(number: int) -> None:
    """S32: what was confirmed is what happens."""
    if request.form.get("number") != str(number):
        raise LookAgain("Something changed since you looked. Look again.")


def _left_to_pause(session: Session, slug: str) -> int:
    return campaigns.left(campaign_changes.that_runs(session, slug))


def _left_to_resume(session: Session, slug: str) -> int:
    return campaigns.left(campaign_changes.that_stands(session, slug))


VERBS: Mapping[str, Verb] = {
    "start": Verb("campaign_start.html", campaigns.meant, _start),
    "pause": Verb("campaign_pause.html", _left_to_pause, campaign_changes.pause),
    "resume": Verb("campaign_resume.html", _left_to_resume, campaign_changes.resume),
    "rollback": Verb("campaign_rollback.html", campaign_changes.rolled_back_cards, _roll_back),
}
