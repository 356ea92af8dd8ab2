"""Which state of a card its phones are served, and since when: decided in one short transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import held_look, show, stand
from wallet_service.actions.show import Shown
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.service.passes import pass_of
from wallet_service.art.gallery import RENDERER
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import ApplePass, Campaign, Card, ProgramRow, ProgramVersion, Registration
from wallet_service.db.tables.base import table
from wallet_service.domain.face import CardFace

FORM = 1  # raise it when the same card is written into pass.json differently: phones then fetch it anew
SECOND = timedelta(seconds=1)
pass_table = table(ApplePass)
OF_CARD = pass_table.c.card_id == bindparam("card")
SERVED = Ready(select(pass_table).where(OF_CARD))


@dataclass(frozen=True)
class Served:
    """Which state of a card is served, and since when (M1). `number` is the card's version."""

    card_id: int
    number: int
    serial: str
    program: str
    pass_type: str
    state: str
    modified_at: datetime


@dataclass(frozen=True)
class Version(Served):
    """With what the card shows."""

    face: CardFace


@dataclass(frozen=True)
class Glimpse:
    """What one look tells: which state is served, None when the card no longer shows it; `moved_on` when the
    card is known to have a newer one.
    """

    served: Served | None
    moved_on: bool


def glimpse(desk: AppleDesk, serial: str) -> Glimpse:
    """One look that makes nothing: since when the card shows what was served last. This is all that an
    unchanged card costs (S20).
    """
    seen = desk.services.sessions.glance(GLANCE, {"serial": serial})
    if seen is None or seen.modified_at is None:
        return Glimpse(None, moved_on=False)
    template = seen.template if seen.held is None else _template(seen)
    state = _state(desk, template, stand.state_of(seen.version, seen.program_version))
    if seen.served_state != state:
        return Glimpse(None, moved_on=seen.version > seen.served_version)
    served = Served(seen.id, seen.version, serial, seen.slug, seen.pass_type, state, seen.modified_at)
    return Glimpse(served, moved_on=False)


def _template(seen: Any) -> str:
    """The look of before, where the new one is still held back from this card."""
    its_turn = held_look.its_turn_has_come(seen.id, seen.percent, seen.bound)
    return str(seen.template if its_turn else seen.held)


GLANCE = Ready(
    select(
        Card.id,
        Card.version,
        ProgramRow.slug,
        ProgramVersion.id.label("program_version"),
        ProgramVersion.body["template"].as_string().label("template"),
        ApplePass.pass_type,
        ApplePass.served_state,
        ApplePass.served_version,
        ApplePass.modified_at,
        Campaign.look_before.label("held"),
        Campaign.percent,
        Campaign.bound,
    )
    .join(ApplePass, ApplePass.card_id == Card.id)
    .join(ProgramRow, ProgramRow.id == Card.program_id)
    .join(
        ProgramVersion,
        (ProgramVersion.program_id == ProgramRow.id) & (ProgramVersion.number == ProgramRow.version),
    )
    .outerjoin(Campaign, (Campaign.program_id == Card.program_id) & held_look.IS_HELD)
    .where(Card.serial == bindparam("serial"))
)


def current(desk: AppleDesk, serial: str, *, moved_on: bool = False) -> Version:
    """Writes only when this state is served for the first time; `moved_on` tells that it is."""
    if moved_on:
        return _stamped(desk, serial)
    with desk.services.sessions.read() as session:
        shown = show.show(session, card=serial, links=desk.services.links, now=desk.services.clock())
        row = session.get(ApplePass, shown.card_id)
    state = _state(desk, shown.face.template, shown.state)
    if row is None or row.served_state != state or row.modified_at is None:
        return _stamped(desk, serial)
    return _version(shown, row.pass_type, state, row.modified_at)


def _stamped(desk: AppleDesk, serial: str) -> Version:
    """M3: stamped when first served, so that a burst of changes does not run into the future."""
    with desk.services.sessions.begin() as session:
        account = accounts.take(session, serial)
        row = _served_last(session, desk, account.card.id)
        shown = show.show_account(session, account, desk.services.links, desk.services.clock())
        state, modified_at = _state(desk, shown.face.template, shown.state), row.modified_at
        if row.served_state != state or modified_at is None:
            modified_at = _next_stamp(modified_at, desk.services.clock())
            _serve_first(session, row, shown, state, modified_at)
        return _version(shown, row.pass_type, state, modified_at)


def _served_last(session: Session, desk: AppleDesk, card_id: int) -> Any:
    """The card's row in Apple's part."""
    known = {"card": card_id}
    if (row := SERVED.row(written(session), known)) is None:
        pass_of(session, desk, session.get_one(Card, card_id))
        row = SERVED.row(written(session), known)
    return row


def _version(shown: Shown, pass_type: str, state: str, modified_at: datetime) -> Version:
    face = shown.face
    return Version(
        shown.card_id, shown.version, face.serial, face.program, pass_type, state, modified_at, face
    )


def _next_stamp(last: datetime | None, now: datetime) -> datetime:
    whole = now.replace(microsecond=0)
    return max(whole, last + SECOND) if last else whole


def _serve_first(session: Session, row: Any, shown: Shown, state: str, now: datetime) -> None:
    served = {"card": row.card_id, "state": state, "version": shown.version, "moment": now}
    STAMP.send(written(session), served)
    if not row.served_version and not _is_registered(session, row.card_id):
        UNHEARD.send(written(session), served)  # nobody holds an older one: there is no change to list (T6)


STAMP = Ready(
    update(pass_table)
    .where(OF_CARD)
    .values(
        served_state=bindparam("state"),
        served_version=bindparam("version"),
        modified_at=bindparam("moment"),
    )
)
UNHEARD = Ready(update(pass_table).where(OF_CARD).values(numbered_version=bindparam("version")))


def _is_registered(session: Session, card_id: int) -> bool:
    return bool(session.scalar(select(exists().where(Registration.card_id == card_id))))


def _state(desk: AppleDesk, template: str, shown: str) -> str:
    """M5: all that can be seen, and nothing else; a renewed certificate is no change."""
    look = desk.templates.look(template)
    parts = (FORM, RENDERER, shown, look.template.version, look.theme.digest)
    return sha256(repr((*parts, desk.services.links.public_url)).encode()).hexdigest()[:32]
