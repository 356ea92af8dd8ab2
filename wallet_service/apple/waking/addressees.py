"""Which phones have to be woken for which cards, and which of them not yet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import ApplePass, ApplePassType, Device, PushPace, Registration
from wallet_service.push.moments import lies_ahead

# N19: other wallet apps register too, with tokens that APNs has never given
OF_APNS = re.compile(r"[0-9A-Fa-f]{64,200}")
SILENT_GAP = timedelta(minutes=30)  # N12
TOO_OFTEN = timedelta(minutes=10)  # after a 429
PROBE_EVERY = timedelta(minutes=5)  # while a circuit is open


@dataclass(frozen=True)
class Addressee:
    """One wake-up makes a phone list everything of a pass type: so one per phone and type (N12). `doubtful`:
    APNs has called its token bad.
    """

    device_id: int
    pass_type: str
    token: str
    doubtful: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Round:
    """`cards[card_id]` are the phones to wake, the most urgent card first; `waits[card_id]` is when a paced
    phone may be woken; `closed[pass_type]` is when an open circuit is tried again; `numbers[pass_type]` is
    the last number given.
    """

    cards: Mapping[int, frozenset[Addressee]]
    waits: Mapping[int, datetime]
    pass_types: Mapping[int, str]
    closed: Mapping[str, datetime]
    numbers: Mapping[str, int]


def cards_by_pass_type(session: Session, card_ids: Collection[int]) -> Mapping[str, list[int]]:
    """Only the cards that Apple's part has ever issued."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    rows = session.execute(
        select(ApplePass.pass_type, ApplePass.card_id).where(ApplePass.card_id.in_(card_ids))
    )
    for pass_type, card_id in rows:
        found[pass_type].append(card_id)
    return found


def round_of(session: Session, notify: Mapping[int, bool], now: datetime) -> Round:
    """`notify[card_id]`: whether a person should notice; a silent change waits for the phone's pace."""
    rows = session.execute(
        select(Registration.card_id, Device, ApplePass, PushPace)
        .join(Device, Device.id == Registration.device_id)
        .join(ApplePass, ApplePass.card_id == Registration.card_id)
        .outerjoin(PushPace, (PushPace.device_id == Device.id) & (PushPace.pass_type == ApplePass.pass_type))
        .where(Registration.card_id.in_(notify))
    ).all()
    cards: defaultdict[int, set[Addressee]] = defaultdict(set)
    waits: dict[int, datetime] = {}
    pass_types: dict[int, str] = {}
    for card_id, device, known, pace in rows:
        pass_types[card_id] = known.pass_type
        if not OF_APNS.fullmatch(device.push_token) or (pace and pace.told_number >= known.change_number):
            continue
        until = _not_before(pace, notify[card_id], now)
        if until:
            waits[card_id] = max(until, waits.get(card_id, until))
        else:
            doubtful = device.bad_token_answers > 0
            cards[card_id].add(Addressee(device.id, known.pass_type, device.push_token, doubtful))
    frozen = {card_id: frozenset(cards[card_id]) for card_id in notify if card_id in cards}
    kinds = _kinds(session, set(pass_types.values()))
    closed = {
        row.identifier: row.probe_at if lies_ahead(row.probe_at, now, PROBE_EVERY) else now
        for row in kinds
        if row.circuit_open_since and row.probe_at
    }
    return Round(frozen, waits, pass_types, closed, {row.identifier: row.last_number for row in kinds})


def _not_before(pace: PushPace | None, notify: bool, now: datetime) -> datetime | None:
    """The first push goes at once; later silent ones keep their distance, and nobody passes a 429."""
    if pace is None:
        return None
    silent = None if notify else pace.pushed_at + SILENT_GAP
    waits = (silent, SILENT_GAP), (pace.not_before, TOO_OFTEN)
    return max((until for until, longest in waits if until and lies_ahead(until, now, longest)), default=None)


def _kinds(session: Session, pass_types: Collection[str]) -> Sequence[ApplePassType]:
    return session.scalars(select(ApplePassType).where(ApplePassType.identifier.in_(pass_types))).all()
