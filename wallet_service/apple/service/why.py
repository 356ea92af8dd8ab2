"""Why an iPhone shows no update though APNs took the push: the usual causes in their order (N20)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import show, why
from wallet_service.actions.why import Circuit, Facts, Step
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.service import devices
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.service.devices import WALLET
from wallet_service.apple.signing import certificate_status
from wallet_service.apple.template.pass_body import fields_in, styles_of
from wallet_service.apple.waking import push_effects
from wallet_service.apple.waking.addressees import OF_APNS, SILENT_GAP
from wallet_service.db.tables import (
    ApplePass,
    ApplePassType,
    Card,
    Device,
    DeviceLog,
    Outbox,
    PushPace,
    Registration,
    Telling,
)
from wallet_service.domain.errors import WalletError
from wallet_service.domain.face import CardFace
from wallet_service.domain.program import Texts
from wallet_service.push.complaints import SERIOUS

OFTEN, WITHIN = 4, timedelta(hours=2)
"""An iPhone counts pushes that come closer than half an hour, and soon puts its looks off."""
COMPLAINED = timedelta(days=7)
CHANGED = "·"


@dataclass(frozen=True)
class Phone:
    """One registration; `pushes` counts every wake-up of this phone for all its cards of this pass type."""

    id: int
    library_id: str
    push_token: str
    registered_at: datetime
    pushes: int = 0
    pushed_at: datetime | None = None
    told_number: int = 0
    not_before: datetime | None = None
    listed_at: datetime | None = None
    listed_number: int | None = None


def chain(desk: AppleDesk, session: Session, card: Card, now: datetime) -> list[Step]:
    """In the order in which one would look; the first that is not good is most likely the reason."""
    row = session.get(ApplePass, card.id)
    kind = session.get(ApplePassType, row.pass_type) if row else None
    circuit = _circuit(session, kind)
    steps = why.marks(session, card, WALLET, circuit, now)
    if row is None or kind is None:
        return [*steps, Step("added", "never", good=False)]
    held = phones(session, row)
    return [
        *steps,
        _notice(desk, session, card, row, now),
        _list(session, row, kind, held),
        _papers(desk, row, now),
        _updates(row, held),
        _limits(session, row, held, now),
        _reported(session, card, now),
        _reached(session, card),
    ]


def phones(session: Session, row: ApplePass) -> list[Phone]:
    """Who wants news of this card, the first one first."""
    of_type = (PushPace.device_id == Device.id) & (PushPace.pass_type == row.pass_type)
    rows = session.execute(
        select(Device, Registration.registered_at, PushPace)
        .join(Registration, Registration.device_id == Device.id)
        .outerjoin(PushPace, of_type)
        .where(Registration.card_id == row.card_id)
        .order_by(Registration.id)
    ).all()
    return [_phone(device, at, pace) for device, at, pace in rows]


def _phone(device: Device, registered_at: datetime, pace: PushPace | None) -> Phone:
    phone = Phone(device.id, device.library_id, device.push_token, registered_at)
    if pace is None:
        return phone
    return replace(
        phone,
        pushes=pace.pushes,
        pushed_at=pace.pushed_at,
        told_number=pace.told_number,
        not_before=pace.not_before,
        listed_at=pace.listed_at,
        listed_number=pace.listed_number,
    )


def _circuit(session: Session, kind: ApplePassType | None) -> Circuit | None:
    if kind is None or kind.circuit_open_since is None:
        return None
    reason = push_effects.why_open(session, kind.identifier) or kind.circuit_reason or ""
    return Circuit(kind.identifier, kind.circuit_open_since, reason)


def _notice(desk: AppleDesk, session: Session, card: Card, row: ApplePass, now: datetime) -> Step:
    """N20, first: a field that changes has to carry a changeMessage, or the phone changes without a word."""
    quiet = session.scalar(select(Outbox.notify).where(Outbox.card_id == card.id, Outbox.wallet == WALLET))
    try:
        shown = show.show_row(session, card, desk.services.links, now)
        if not any(map(_speaks, _changing(desk, shown.face, row))):
            return Step("notice", "silent", False, {"template": shown.face.template})
    except WalletError as error:
        return Step("notice", "broken", False, {"error": error.detail})
    return Step("notice", "speaks" if quiet else "quiet")


def _speaks(field: Mapping[str, Any]) -> bool:
    return bool(str(field.get("changeMessage") or "").strip())


def _changing(desk: AppleDesk, face: CardFace, row: ApplePass) -> Iterator[Mapping[str, Any]]:
    """The fields that are other ones after a purchase."""
    now, after = _fields(desk, face, row), _fields(desk, _after_a_purchase(face), row)
    return (field for key, field in after.items() if field.get("value") != now[key].get("value"))


def _after_a_purchase(face: CardFace) -> CardFace:
    return replace(
        face,
        news=_other(face.news),
        balance=_other(face.balance),
        progress_text=_other(face.progress_text),
        to_go=_other(face.to_go),
    )


def _other(texts: Texts) -> Texts:
    return {language: text + CHANGED for language, text in texts.items()}


def _fields(desk: AppleDesk, face: CardFace, row: ApplePass) -> dict[str, Mapping[str, Any]]:
    look = desk.templates.look(face.template)
    identity = Identity(row.pass_type, "TEAM", desk.services.links.apple_web_service, "0" * 16)
    body = json.loads(pass_json.build(face, look.template, identity).pass_json)
    return {field["key"]: field for style in styles_of(body) for _, field in fields_in(body[style])}


def _list(session: Session, row: ApplePass, kind: ApplePassType, held: Sequence[Phone]) -> Step:
    """N20, second: what every phone would be answered that asks with the tag it has."""
    if row.change_number > kind.last_number or any(
        (phone.listed_number or 0) > kind.last_number for phone in held
    ):
        return Step("list", "ahead", good=False)
    told = session.scalar(select(Outbox.told).where(Outbox.card_id == row.card_id, Outbox.wallet == WALLET))
    if row.numbered_version < (told or 0):
        return Step("list", "unnumbered", good=False)
    for phone in held:
        if not _is_listed(session, row, kind, phone):
            return Step("list", "unlisted", good=False)
    return Step("list", "lists", facts={"number": row.change_number})


def _is_listed(session: Session, row: ApplePass, kind: ApplePassType, phone: Phone) -> bool:
    """Or was already, when it was given the tag that it has."""
    known = phone.listed_number
    if known is not None and known >= row.change_number:
        return True
    tag = None if known is None else f"{kind.epoch}{known}"
    answer = devices.changed_since(session, device=phone.library_id, pass_type=kind.identifier, tag=tag)
    return answer is not None and row.card_id in answer.listing.cards


def _papers(desk: AppleDesk, row: ApplePass, now: datetime) -> Step:
    """N20, third: topic and certificate."""
    settings = desk.services.settings
    found = certificate_status.status(settings.certs_dir, now, settings.key_passphrase)
    ours = [one for one in found if one.pass_type == row.pass_type]
    facts = {"subject": row.pass_type}
    if not ours:
        return Step("papers", "none", False, facts)
    if fault := next((one.fault for one in ours if one.fault), None):
        return Step("papers", "fault", False, facts | {"error": fault})
    if not settings.sandbox and any(one.sandbox for one in ours):
        return Step("papers", "sandbox", False, facts)
    return Step("papers", "good", facts=facts)


def _updates(row: ApplePass, held: Sequence[Phone]) -> Step:
    """N20, fourth: a phone that switches automatic updates off takes its registration back."""
    if not held:
        return Step("updates", "off" if row.served_version else "never", good=False)
    if not any(OF_APNS.fullmatch(phone.push_token) for phone in held):
        return Step("updates", "other-app", good=False)
    return Step("updates", "on", facts={"count": len(held)})


def _limits(session: Session, row: ApplePass, held: Sequence[Phone], now: datetime) -> Step:
    """N20, fifth: APNs' limit, our own distance (N12), and the phone's."""
    if waiting := [phone.not_before for phone in held if phone.not_before and phone.not_before > now]:
        return Step("limits", "apns", False, {"at": max(waiting)})
    mark = session.scalar(select(Outbox).where(Outbox.card_id == row.card_id, Outbox.wallet == WALLET))
    paced = [phone.pushed_at for phone in held if phone.pushed_at and phone.pushed_at + SILENT_GAP > now]
    if mark and mark.told < mark.wanted and not mark.notify and paced:
        return Step("limits", "quiet", False, {"at": max(paced) + SILENT_GAP})
    often = max((_woken(session, phone, now) for phone in held), default=0)
    return Step("limits", "often" if often >= OFTEN else "fine", often < OFTEN, {"count": often})


def _woken(session: Session, phone: Phone, now: datetime) -> int:
    """About how often lately: for any of its cards."""
    cards = select(Registration.card_id).where(Registration.device_id == phone.id)
    lately = select(func.count()).where(
        Telling.wallet == WALLET,
        Telling.card_id.in_(cards),
        Telling.accepted_at > now - WITHIN,
        Telling.phones > 0,
    )
    return session.scalar(lately) or 0


def _reported(session: Session, card: Card, now: datetime) -> Step:
    """What the phone itself says, since the last time that a phone had the card."""
    since = session.scalar(
        select(func.max(Telling.fetched_at)).where(Telling.card_id == card.id, Telling.wallet == WALLET)
    )
    line = session.scalar(
        select(DeviceLog)
        .where(
            DeviceLog.serial == card.serial,
            DeviceLog.kind.in_(SERIOUS),
            DeviceLog.received_at > max(since or now - COMPLAINED, now - COMPLAINED),
        )
        .order_by(DeviceLog.received_at.desc(), DeviceLog.id.desc())
        .limit(1)
    )
    if line is None:
        return Step("reported", "nothing")
    return Step("reported", "complaint", False, {"at": line.received_at, "kind": line.kind or ""})


def _reached(session: Session, card: Card) -> Step:
    """How far the last telling came."""
    last = session.scalar(
        select(Telling)
        .where(Telling.card_id == card.id, Telling.wallet == WALLET)
        .order_by(Telling.id.desc())
        .limit(1)
    )
    if last is None:
        return Step("reached", "untold")
    facts: Facts = {"version": last.version, "newest": card.version}
    if last.fetched_at and last.version < card.version:
        return Step("reached", "older", False, {**facts, "at": last.fetched_at})
    if last.fetched_at:
        return Step("reached", "fetched", facts={"at": last.fetched_at})
    if last.listed_at:
        return Step("reached", "listed", False, {"at": last.listed_at})
    return Step("reached", "accepted", False, {"at": last.accepted_at})
