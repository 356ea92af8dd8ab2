"""Which devices want news of which cards, and what they are told has changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from wallet_service.actions import happenings
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.service.passes import EPOCH_BYTES, pass_of
from wallet_service.apple.service.sightings import Listing
from wallet_service.db import queries
from wallet_service.db.missing import insert_missing
from wallet_service.db.ready import Ready, Values
from wallet_service.db.session import Sessions
from wallet_service.db.tables import (
    ApplePass,
    ApplePassType,
    Card,
    Device,
    PushPace,
    Registration,
)
from wallet_service.domain.errors import Invalid, UnknownCard
from wallet_service.push import outbox

WALLET = "apple"
LONGEST_DEVICE, LONGEST_PUSH_TOKEN, LONGEST_PASS_TYPE = 128, 512, 128
AFTER_A_DAY = timedelta(days=1)
MOST_DEVICES = 32  # of one card
SLICE = 200
FORGIVEN = timedelta(seconds=300)
TAG = re.compile(r"([0-9a-f]{8})([0-9]{1,18})")


@dataclass(frozen=True)
class Changed:
    """What a phone is answered: serial numbers, and the tag to come back with (T1)."""

    serials: list[str]
    tag: str
    listing: Listing


def register(
    session: Session,
    desk: AppleDesk,
    *,
    device: str,
    pass_type: str,
    serial: str,
    push_token: object,
    now: datetime,
) -> bool:
    """Tells whether this is new (W1) or was known (W2). UnknownCard when the serial is of another type."""
    token = _checked(device, push_token)
    card = queries.card_for_update(session, serial)
    row = pass_of(session, desk, card)
    if row.pass_type != pass_type:
        raise UnknownCard("This card has another pass type.")
    known = _device(session, device, token, now)
    new = insert_missing(session, Registration, device_id=known.id, card_id=card.id, registered_at=now)
    if new:
        happenings.saved(session, card.id, WALLET, now)
        _keep_within_reason(session, card, now)
    if new and _may_hold_an_old_one(row, card, now):
        _tell_again(session, row, card, now)
    return new


def _keep_within_reason(session: Session, card: Card, now: datetime) -> None:
    """Sharing is normal, three hundred phones are not: the one that registered longest ago makes room."""
    too_many = (
        select(Registration.device_id)
        .where(Registration.card_id == card.id)
        .order_by(Registration.registered_at.desc(), Registration.id.desc())
        .offset(MOST_DEVICES)
    )
    for device_id in session.scalars(too_many).all():
        remove(session, device_id, card.id, now)


def _checked(device: str, push_token: object) -> str:
    """W5; N19: other wallets have tokens of other forms, so the form is not looked at."""
    if not _is_plain(device, LONGEST_DEVICE):
        raise Invalid("The device has no usable library identifier.")
    if not isinstance(push_token, str) or not _is_plain(push_token, LONGEST_PUSH_TOKEN):
        raise Invalid("The push token is not usable.")
    return push_token


def _is_plain(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isascii() and text.isprintable()


def _device(session: Session, library_id: str, push_token: str, now: datetime) -> Device:
    """Locked. A new push token counts for all that the device registered (W3)."""
    fresh = {"library_id": library_id, "push_token": push_token, "token_set_at": now, "created_at": now}
    while True:
        insert_missing(session, Device, **fresh, bad_token_answers=0)
        found = session.scalar(_by_library_id(library_id).with_for_update())
        if found is not None:  # else it left between the two statements
            break
    if found.push_token != push_token:
        found.push_token, found.bad_token_answers = push_token, 0
    found.token_set_at = now  # N10: an older "gone" of APNs no longer counts
    session.flush()
    return found


def _may_hold_an_old_one(row: ApplePass, card: Card, now: datetime) -> bool:
    """T7: the card changed after it was served, or lately: another phone may have fetched the change while
    this one was still adding what it had downloaded before. Phones forgive a look in vain for that long (T6).
    """
    changed_once = row.change_number > 0 or row.numbered_version < row.served_version
    lately = row.modified_at is not None and now - row.modified_at < FORGIVEN
    return card.version > row.served_version or (changed_once and lately)


def _tell_again(session: Session, row: ApplePass, card: Card, now: datetime) -> None:
    """The registration counts as a change: a new number, and a push that no pace holds up."""
    row.numbered_version = 0
    outbox.tell_again(session, card_id=card.id, version=card.version, wallet=WALLET, now=now, notify=True)


def unregister(session: Session, *, device: str, pass_type: str, serial: str, now: datetime) -> None:
    """W8; W9: what was not registered is as good as removed. UnknownCard for a serial of another type."""
    card = queries.card_for_update(session, serial)
    row = session.get(ApplePass, card.id)
    if row is not None and row.pass_type != pass_type:
        raise UnknownCard("This card has another pass type.")
    if not _is_plain(device, LONGEST_DEVICE):
        return
    if known := session.scalar(_by_library_id(device)):
        remove(session, known.id, card.id, now)


def remove(session: Session, device_id: int, card_id: int, now: datetime) -> None:
    """This device wants no more news of this card."""
    ours = (Registration.device_id == device_id, Registration.card_id == card_id)
    gone = delete(Registration).where(*ours).returning(Registration.id)
    if session.execute(gone).first() is not None:
        happenings.removed(session, card_id, WALLET, now)


def sweep(session: Session, now: datetime) -> int:
    """Nothing is kept of a phone that left: devices without a registration go after a day, when no push to
    them is on its way any more. A slice of them; answers how many.
    """
    left = select(Device.id).where(
        Device.token_set_at < now - AFTER_A_DAY, ~exists().where(Registration.device_id == Device.id)
    )
    gone = session.scalars(left.with_for_update(skip_locked=True).limit(SLICE)).all()
    session.execute(delete(PushPace).where(PushPace.device_id.in_(gone)))
    session.execute(delete(Device).where(Device.id.in_(gone)))
    return len(gone)


def changed_since(session: Session, *, device: str, pass_type: str, tag: str | None) -> Changed | None:
    """W11 to W14: what changed since the tag, perhaps nothing; None when this device has no such cards."""
    return _changed(partial(CARDS_OF_DEVICE.rows, session.connection()), device, pass_type, tag)


def glance_at_changes(sessions: Sessions, *, device: str, pass_type: str, tag: str | None) -> Changed | None:
    """The same without a transaction, for the one statement that every woken phone asks for."""
    return _changed(partial(sessions.glances, CARDS_OF_DEVICE), device, pass_type, tag)


def _changed(
    ask: Callable[[Values], list[Any]], device: str, pass_type: str, tag: str | None
) -> Changed | None:
    if not (_is_plain(device, LONGEST_DEVICE) and _is_plain(pass_type, LONGEST_PASS_TYPE)):
        return None
    rows = ask({"device": device, "pass_type": pass_type})
    if not rows:
        return None
    epoch, last_number = rows[0].epoch, rows[0].last_number
    since = _number(tag, epoch, last_number)
    listed = [row for row in rows if since is None or row.change_number > since]
    cards = {row.card_id: row.numbered_version for row in listed}
    listing = Listing(rows[0].device_id, pass_type, last_number if listed else since, cards)
    return Changed([row.serial for row in listed], f"{epoch}{last_number}", listing)


# T4: one statement, so the counter in the tag and the list are of one moment.
CARDS_OF_DEVICE = Ready(
    select(
        Device.id.label("device_id"),
        ApplePass.card_id,
        Card.serial,
        ApplePass.change_number,
        ApplePass.numbered_version,
        ApplePassType.epoch,
        ApplePassType.last_number,
    )
    .select_from(Device)
    .join(Registration, Registration.device_id == Device.id)
    .join(ApplePass, ApplePass.card_id == Registration.card_id)
    .join(ApplePassType, ApplePassType.identifier == ApplePass.pass_type)
    .join(Card, Card.id == ApplePass.card_id)
    .where(Device.library_id == bindparam("device"), ApplePass.pass_type == bindparam("pass_type"))
    .order_by(ApplePass.change_number, Card.id)
)


def _number(tag: str | None, epoch: str, last_number: int) -> int | None:
    """W14, T9: unreadable, of another life of the database, or ahead of us is the same as none."""
    read = TAG.fullmatch(tag or "")
    if read is None or read[1] != epoch:
        return None
    number = int(read[2])
    return number if number <= last_number else None


def number_changes(session: Session, pass_type: str, card_ids: Collection[int]) -> int:
    """T2, T3: the next numbers for those of these cards that changed since their last one; answers how many.

    One at a time per pass type, so that numbers become visible in their order. Commit before you push.
    """
    kind = session.scalar(
        select(ApplePassType)
        .where(ApplePassType.identifier == pass_type)
        .with_for_update(key_share=True)  # new passes of the type need not wait
        .execution_options(populate_existing=True)
    )
    if kind is None:
        return 0
    changed = session.execute(
        select(ApplePass, Card.version)
        .join(Card, Card.id == ApplePass.card_id)
        .where(
            ApplePass.pass_type == pass_type,
            ApplePass.card_id.in_(card_ids),
            ApplePass.numbered_version < Card.version,  # T6
        )
        .order_by(ApplePass.card_id)
        .execution_options(populate_existing=True)
    ).all()
    for row, version in changed:
        kind.last_number += 1
        row.change_number, row.numbered_version = kind.last_number, version
    return len(changed)


def begin_new_life(session: Session, entropy: Callable[[int], bytes]) -> None:
    """T9: after a restore the counters stand where phones have been before. New epochs make every phone
    list everything once, every pass gets a Last-Modified later than any that was lost, and every phone may
    be woken, whatever it was woken for before.
    """
    for kind in session.scalars(select(ApplePassType).with_for_update()):
        kind.epoch = entropy(EPOCH_BYTES).hex()
    session.execute(update(ApplePass).values(served_state=None))
    session.execute(update(PushPace).values(told_number=0, listed_number=None, not_before=None))


def _by_library_id(library_id: str) -> Select[Device]:
    return select(Device).where(Device.library_id == library_id)
