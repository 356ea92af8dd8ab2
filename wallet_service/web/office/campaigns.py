"""The office's page of changes on their way to all cards: how far each is, how to stop it or take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from wallet_service.actions import campaign_changes, campaigns
from wallet_service.actions.campaign_changes import LookGone
from wallet_service.actions.campaign_start import start
from wallet_service.db.tables.campaigns import RUNNING
from wallet_service.domain.errors import Refusal
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
OF_PROGRAM = "/<slug>"


@office_campaigns.get("")
@needs("admin")
def overview() -> ResponseReturnValue:
    return _overview()


@office_campaigns.get(f"{OF_PROGRAM}/start")
@needs("admin")
def ask_start(slug: str) -> ResponseReturnValue:
    return _ask("campaign_start.html", slug, campaigns.meant)


@office_campaigns.post(f"{OF_PROGRAM}/start")
@needs("admin")
def do_start(slug: str) -> ResponseReturnValue:
    settings = services().settings

    def begin(session: Session, **about: Any) -> object:
        _must_be_as_shown(campaigns.meant(session, slug))
        return start(session, **about, plan=Plan(settings.campaign_rate, settings.quiet_hours))

    return _do(slug, begin)


@office_campaigns.get(f"{OF_PROGRAM}/pause")
@needs("admin")
def ask_pause(slug: str) -> ResponseReturnValue:
    return _ask("campaign_pause.html", slug, _left)


@office_campaigns.post(f"{OF_PROGRAM}/pause")
@needs("admin")
def do_pause(slug: str) -> ResponseReturnValue:
    return _do(slug, campaign_changes.pause)


@office_campaigns.get(f"{OF_PROGRAM}/resume")
@needs("admin")
def ask_resume(slug: str) -> ResponseReturnValue:
    return _ask("campaign_resume.html", slug, _left)


@office_campaigns.post(f"{OF_PROGRAM}/resume")
@needs("admin")
def do_resume(slug: str) -> ResponseReturnValue:
    return _do(slug, campaign_changes.resume)


@office_campaigns.get(f"{OF_PROGRAM}/rollback")
@needs("admin")
def ask_rollback(slug: str) -> ResponseReturnValue:
    return _ask("campaign_rollback.html", slug, campaign_changes.rolled_back_cards)


@office_campaigns.post(f"{OF_PROGRAM}/rollback")
@needs("admin")
def do_rollback(slug: str) -> ResponseReturnValue:
    def change(session: Session, **about: Any) -> object:
        template = campaign_changes.template_before(session, slug)
        if not (services().settings.templates_dir / f"{template}.pass").is_dir():
            raise LookGone(
                f"The pass template {template} of before is not there any more.", template=template
            )
        if campaigns.newest(session, slug).state != RUNNING:  # else it grows while somebody reads
            _must_be_as_shown(campaign_changes.rolled_back_cards(session, slug))
        return campaign_changes.roll_back(session, **about)

    return _do(slug, change)


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


def _ask(template: str, slug: str, counted: Callable[[Session, str], int]) -> ResponseReturnValue:
    """The number on the page is the number of cards that it will be."""

    def act() -> ResponseReturnValue:
        with services().sessions.read() as session:
            names = {program.slug: program.name for program in all_programs(session)}
            return page(template, slug=slug, number=counted(session, slug), name=names.get(slug))

    return done(act, _overview)


def _must_be_as_shown(number: int) -> None:
    """S32: what was confirmed is what happens."""
    if request.form.get("number") != str(number):
        raise LookAgain("Something changed since you looked. Look again.")


def _left(session: Session, slug: str) -> int:
    row = campaigns.newest(session, slug)
    return row.total - row.marked


def _do(slug: str, change: Callable[..., object]) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            change(session, program=slug, actor=actor().name, now=services().clock())
        return redirect("/office/campaigns", 303)

    return done(act, _overview)
