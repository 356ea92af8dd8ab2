"""The office's pages of people: who works here, and everything that may change about one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from wallet_service.actions import shifts, staff, staff_changes
from wallet_service.db.tables import Card, Staff
from wallet_service.domain.errors import NotAllowed, Refusal
from wallet_service.web.auth import actor, needs, worker
from wallet_service.web.office.frame import done, page
from wallet_service.web.page import services

office_people = Blueprint("office_people", __name__, url_prefix="/office", template_folder="templates")

PERSON = "<int(max=9223372036854775807):person>"
Change = Callable[[Session, Staff, str, datetime], None]


@office_people.get("/people")
@needs("admin")
def overview() -> ResponseReturnValue:
    return _overview()


@office_people.post("/people")
@needs("admin")
def add() -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        form = request.form
        with services().sessions.begin() as database:
            staff.add_staff(
                database,
                name=form.get("name", ""),
                role=form.get("role", ""),
                pin=form.get("pin", ""),
                actor=actor().name,
                now=services().clock(),
            )
        return redirect("/office/people", 303)

    return done(act, _overview)


@office_people.get(f"/people/{PERSON}")
@needs("admin")
def one(person: int) -> ResponseReturnValue:
    return _person(person)


@office_people.post(f"/people/{PERSON}/pin")
@needs("admin")
def new_pin(person: int) -> ResponseReturnValue:
    pin = request.form.get("pin", "")

    def change(database: Session, found: Staff, by: str, now: datetime) -> None:
        staff_changes.set_pin(database, found, pin, actor=by, now=now)

    return _changed(person, change)


@office_people.post(f"/people/{PERSON}/role")
@needs("admin")
def new_role(person: int) -> ResponseReturnValue:
    role = request.form.get("role", "")

    def change(database: Session, found: Staff, by: str, now: datetime) -> None:
        _not_themselves(found)
        staff_changes.set_role(database, found, role, actor=by, now=now)

    return _changed(person, change)


@office_people.post(f"/people/{PERSON}/own-card")
@needs("admin")
def own_card(person: int) -> ResponseReturnValue:
    number = request.form.get("number", "")[:200]

    def change(database: Session, found: Staff, by: str, now: datetime) -> None:
        if found.own_card_id is not None:  # else they would take it away, serve it, and name it again
            _not_themselves(found)
        staff_changes.set_own_card(database, found, number, actor=by, now=now)

    return _changed(person, change)


@office_people.post(f"/people/{PERSON}/lost-phone")
@needs("admin")
def lost_phone(person: int) -> ResponseReturnValue:
    """Their authenticator app is gone: they set up another one when they sign in."""

    def change(database: Session, found: Staff, by: str, now: datetime) -> None:
        _not_themselves(found)
        staff_changes.set_second_factor(database, found, None, actor=by, now=now)

    return _changed(person, change)


@office_people.post(f"/people/{PERSON}/deactivate")
@needs("admin")
def deactivate(person: int) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as database:
            found = staff_changes.find(database, person)
            _not_themselves(found)
            staff_changes.deactivate(database, found, actor=actor().name, now=services().clock())
        return redirect("/office/people", 303)

    return done(act, lambda refusal: _person(person, refusal))


def _overview(refusal: Refusal | None = None) -> ResponseReturnValue:
    with services().sessions.read() as database:
        people = staff_changes.everybody(database)
    return page("people.html", refusal, people=people, typed=request.form)


def _changed(person: int, change: Change) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as database:
            found = staff_changes.find(database, person)
            change(database, found, actor().name, services().clock())
            mark = shifts.mark(found)
        if person == worker().id:
            session["mark"] = mark  # they stay signed in here, and nowhere else
        return redirect(f"/office/people/{person}", 303)

    return done(act, lambda refusal: _person(person, refusal))


def _person(person: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    with services().sessions.read() as database:
        found = staff_changes.find(database, person)
        card = database.get(Card, found.own_card_id) if found.own_card_id else None
        return page("person.html", refusal, person=found, own_card=card, themselves=found.id == worker().id)


def _not_themselves(person: Staff) -> None:
    """A slip would lock them out."""
    if person.id == worker().id:
        raise NotAllowed("Nobody does this to themselves. Ask another manager.", themselves=1)
