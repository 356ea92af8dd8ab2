"""A card becomes a signed pass: its state is decided in one short transaction, the signing is in none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from flask import Response
from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session
from werkzeug.http import http_date

from wallet_service.actions import held_look, show, stand
from wallet_service.actions.show import Shown
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.bundle.pkpass import MIME_TYPE, Prepared, bundle
from wallet_service.apple.service import signing_alarm
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.service.passes import pass_of
from wallet_service.apple.service.template_shelf import Look
from wallet_service.apple.signing.certificates import Credentials
from wallet_service.art.gallery import RENDERER, Gallery
from wallet_service.db import queries
from wallet_service.db.ready import Ready
from wallet_service.db.tables import ApplePass, Campaign, Card, ProgramRow, ProgramVersion, Registration
from wallet_service.domain.errors import Misconfigured
from wallet_service.domain.face import CardFace
from wallet_service.domain.progress import Progress

FORM = 1  # raise it when the same card is written into pass.json differently: phones then fetch it anew
SECOND = timedelta(seconds=1)
STRIPS = {1: "strip.png", 2: "strip@2x.png", 3: "strip@3x.png"}


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


@dataclass(frozen=True)
class Issued:
    body: bytes
    last_modified: datetime
    filename: str


def download(desk: AppleDesk, serial: str) -> Response:
    """For the member's own page. Raises Unavailable, Misconfigured or UnknownCard."""
    issued = issue(desk, serial)
    answer = answered(issued)
    answer.headers["Content-Disposition"] = f'attachment; filename="{issued.filename}"'  # B13
    return answer


def answered(issued: Issued) -> Response:
    """B13, M1; W26: what is between us and the phone must not pack it a second time."""
    answer = Response(issued.body, mimetype=MIME_TYPE)
    answer.headers["Last-Modified"] = http_date(issued.last_modified)
    answer.headers["Cache-Control"] = "private, no-store, no-transform"
    return answer


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


def issue(desk: AppleDesk, serial: str) -> Issued:
    return signed(desk, current(desk, serial))


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
        card = queries.card_for_update(session, serial)
        row = pass_of(session, desk, card)
        shown = show.show_row(session, card, desk.services.links, desk.services.clock())
        state = _state(desk, shown.face.template, shown.state)
        if row.served_state != state or row.modified_at is None:
            row.modified_at = _next_stamp(row.modified_at, desk.services.clock())
            _first_served(session, row, shown, state)
        return _version(shown, row.pass_type, state, row.modified_at)


def _version(shown: Shown, pass_type: str, state: str, modified_at: datetime) -> Version:
    face = shown.face
    return Version(
        shown.card_id, shown.version, face.serial, face.program, pass_type, state, modified_at, face
    )


def _next_stamp(last: datetime | None, now: datetime) -> datetime:
    whole = now.replace(microsecond=0)
    return max(whole, last + SECOND) if last else whole


def _first_served(session: Session, row: ApplePass, shown: Shown, state: str) -> None:
    if not row.served_version and not _is_registered(session, row):
        row.numbered_version = shown.version  # nobody holds an older one: there is no change to list (T6)
    row.served_state, row.served_version = state, shown.version


def _is_registered(session: Session, row: ApplePass) -> bool:
    return bool(session.scalar(select(exists().where(Registration.card_id == row.card_id))))


def _state(desk: AppleDesk, template: str, shown: str) -> str:
    """M5: all that can be seen, and nothing else; a renewed certificate is no change."""
    look = desk.templates.look(template)
    parts = (FORM, RENDERER, shown, look.template.version, look.theme.digest)
    return sha256(repr((*parts, desk.services.links.public_url)).encode()).hexdigest()[:32]


def signed(desk: AppleDesk, version: Version) -> Issued:
    """Unavailable or Misconfigured rather than a file that phones refuse (B17)."""
    with signing_alarm.watching(desk, version.pass_type):
        credentials = desk.signing.credentials(version.pass_type, version.serial)
        body = desk.finished.get(_key(version, credentials), lambda: _made(desk, version, credentials))
    return _issued(body, version)


def kept(desk: AppleDesk, served: Served) -> Issued | None:
    """What was signed before, if it is still at hand."""
    with signing_alarm.watching(desk, served.pass_type):
        credentials = desk.signing.credentials(served.pass_type, served.serial)
    body = desk.finished.kept(_key(served, credentials))
    return None if body is None else _issued(body, served)


def _key(served: Served, credentials: Credentials) -> tuple[str, str, int]:
    """An expired certificate's passes must not outlive it here."""
    return served.serial, served.state, credentials.certificate.serial_number


def _issued(body: bytes, served: Served) -> Issued:
    return Issued(body, served.modified_at, f"{served.program}.pkpass")


def _made(desk: AppleDesk, version: Version, credentials: Credentials) -> bytes:
    face, look = version.face, desk.templates.look(version.face.template)
    identity = Identity(
        pass_type=version.pass_type,
        team=credentials.team,
        web_service_url=desk.services.links.apple_web_service,
        authentication_token=desk.authentication_token(face.serial),
    )
    built = pass_json.build(face, look.template, identity)
    _require_own_serial(built.pass_json, face.serial)
    pictures = _pictures(look, face.progress, desk.services.gallery)
    return bundle(pictures, built.files, desk.signing.signer(version.pass_type, face.serial))


def _require_own_serial(body: bytes, serial: str) -> None:
    """A phone refuses a pass that is not the one it asked for (the bundle checks the type)."""
    if f'"serialNumber":"{serial}"'.encode() not in body:
        raise Misconfigured("The pass names another serial number than the card's. Check its template.")


@lru_cache(maxsize=128)
def _pictures(look: Look, progress: Progress, gallery: Gallery) -> Prepared:
    if not look.template.has_strip:
        return look.prepared
    strips = {name: gallery.picture(progress, look.theme, scale) for scale, name in STRIPS.items()}
    return look.prepared.joined(Prepared(strips))
