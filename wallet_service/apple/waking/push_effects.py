"""What APNs' answers change: paces, dead phones, the circuit of a pass type (N10 to N12)."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.apple.service import devices
from wallet_service.apple.waking.addressees import PROBE_EVERY, TOO_OFTEN, Addressee
from wallet_service.apple.waking.apns_answers import Answer, Verdict
from wallet_service.db.tables import Alarm, ApplePassType, Device, PushPace, Registration
from wallet_service.domain.detail import Detail
from wallet_service.push.alarms import clear_alarm, raise_alarm

log = logging.getLogger(__name__)

BAD_TOKEN_CHANCES = 2
HOPELESS = (Verdict.GONE, Verdict.BAD_TOKEN)
CIRCUIT, TOKENS = "apns-circuit", "apns-tokens"  # kinds of alarms
TOO_MANY_BAD = Detail("APNs calls too many of our push tokens bad.", "apns/too-many-bad")
MANY_BAD = Detail("APNs calls many push tokens bad; none is dropped.", "apns/many-bad")

Answers = Sequence[tuple[Addressee, Answer]]


class Fuse:
    """A mis-set certificate must not wipe the registrations: when many tokens are called bad, it is us.

    Looks at the last hundred cards, and at answers while it has seen too few cards. Only cards can stop the
    pushes: one member may register any number of made-up tokens, and must not silence everybody with them.
    `proven` says that APNs took a push of ours: until then a bad token may be an address that we have wrong.
    """

    WINDOW, FEWEST = 100, 20
    KEEP_ALL, STOP = 5, 20  # percent

    def __init__(self) -> None:
        self.proven = False
        self._answers: deque[bool] = deque(maxlen=self.WINDOW)
        self._cards: dict[int, bool] = {}  # newest last; each card once, however often it is heard of
        self._doubted: set[int] = set()  # told again because of that, which is no news

    def saw(self, cards: Mapping[int, Sequence[Answer]]) -> None:
        """`cards[card_id]`: what was answered for the phones of this card."""
        for card_id, answers in cards.items():
            bad = [answer.verdict is Verdict.BAD_TOKEN for answer in answers]
            if all(bad) and card_id in self._doubted:
                continue
            (self._doubted.add if all(bad) else self._doubted.discard)(card_id)
            self._answers.extend(bad)
            self.proven |= any(answer.verdict is Verdict.ACCEPTED for answer in answers)
            self._cards.pop(card_id, None)
            self._cards[card_id] = all(bad)
        for oldest in list(self._cards)[: -self.WINDOW]:
            del self._cards[oldest]

    def start_over(self) -> None:
        """What was mended must not wait until a hundred good answers outweigh the bad ones."""
        self._answers.clear()
        self._cards.clear()
        self._doubted.clear()

    @property
    def keeps_all(self) -> bool:
        few_cards = len(self._cards) < self.FEWEST
        return self._percent(self._answers if few_cards else self._cards.values()) > self.KEEP_ALL

    @property
    def blown(self) -> bool:
        return self._percent(self._cards.values()) > self.STOP

    def _percent(self, bad: Collection[bool]) -> float:
        return 100 * sum(bad) / len(bad) if len(bad) >= self.FEWEST else 0


def apply(
    session: Session, pass_type: str, told_number: int, answers: Answers, fuse: Fuse, now: datetime
) -> Collection[str]:
    """All of one batch's answers for one pass type, in the caller's transaction; `fuse` has seen them. Phones
    that took the push list everything up to `told_number`. Answers the ids of the pushes that APNs called
    hopeless and whose phones stay nevertheless.
    """
    batch = _Batch.locked(session, pass_type, answers)
    for phone, answer in answers:
        if device := batch.devices.get(phone.device_id):
            _of_phone(batch, device, phone, answer, told_number, fuse, now)
    _judge_circuit(session, pass_type, answers, fuse, now)
    return _kept(session, answers)


def _kept(session: Session, answers: Answers) -> Collection[str]:
    hopeless = [(phone, answer) for phone, answer in answers if answer.verdict in HOPELESS]
    if not hopeless:
        return ()
    ids = {phone.device_id for phone, _ in hopeless}
    stay = set(session.scalars(select(Registration.device_id).where(Registration.device_id.in_(ids))))
    return [answer.apns_id for phone, answer in hopeless if phone.device_id in stay]


@dataclass(frozen=True)
class _Batch:
    """The phones that were pushed, less those that left meanwhile, and their paces."""

    session: Session
    devices: Mapping[int, Device]
    paces: dict[int, PushPace]

    @classmethod
    def locked(cls, session: Session, pass_type: str, answers: Answers) -> Self:
        """Phone by phone: another worker, and a phone that registers at this moment, waits its turn."""
        ids = {phone.device_id for phone, _ in answers}
        devices = select(Device).where(Device.id.in_(ids)).order_by(Device.id).with_for_update()
        known = {device.id: device for device in session.scalars(devices)}
        paces = select(PushPace).where(PushPace.device_id.in_(known), PushPace.pass_type == pass_type)
        return cls(session, known, {pace.device_id: pace for pace in session.scalars(paces)})


def open_circuit(session: Session, pass_type: str, why: str, now: datetime) -> None:
    """Nothing is pushed for this pass type but one probe now and then; every mark stays due."""
    row = session.get_one(ApplePassType, pass_type)
    if row.circuit_open_since is None:
        row.circuit_open_since = now
        log.error("nothing is pushed for %s: %s", pass_type, why)
    row.circuit_reason, row.probe_at = why[:200], now + PROBE_EVERY
    remedy = (
        "`flask wallet certs status` and `flask wallet certs push` say what it pushes with; "
        "cards are told as soon as it works."
    )
    raise_alarm(session, CIRCUIT, pass_type, Detail(f"{why} {remedy}", "apns/stopped", why=why), now)


def why_open(session: Session, pass_type: str) -> str:
    """As the alarm has it, which can be said in other languages; empty when there is none."""
    of_type = select(Alarm).where(Alarm.kind == CIRCUIT, Alarm.subject == pass_type)
    alarm = session.scalar(of_type.where(Alarm.cleared_at.is_(None)))
    told = alarm.told if alarm else ""
    why = told.values.get("why") if isinstance(told, Detail) else None
    return why if isinstance(why, str) else ""


def close_circuit(session: Session, pass_type: str, now: datetime) -> None:
    row = session.get_one(ApplePassType, pass_type)
    if row.circuit_open_since is not None:
        log.warning("pushes go out again for %s", pass_type)
    row.circuit_open_since = row.circuit_reason = row.probe_at = None
    clear_alarm(session, CIRCUIT, pass_type, now)


def _of_phone(
    batch: _Batch,
    device: Device,
    phone: Addressee,
    answer: Answer,
    told_number: int,
    fuse: Fuse,
    now: datetime,
) -> None:
    match answer.verdict:
        case Verdict.ACCEPTED:
            pace = _paced(batch, phone, now)
            pace.pushed_at, pace.told_number = now, told_number
        case Verdict.SLOW_DOWN:
            _paced(batch, phone, now).not_before = now + TOO_OFTEN
        case Verdict.GONE if _has(device, phone):
            _forget(batch.session, device, answer.timestamp or now, now)
        case Verdict.BAD_TOKEN if _has(device, phone):
            _doubt(batch.session, device, fuse, now)
        case _:
            pass


def _paced(batch: _Batch, phone: Addressee, now: datetime) -> PushPace:
    pace = batch.paces.get(phone.device_id)
    if pace is None:
        pace = batch.paces[phone.device_id] = PushPace(
            device_id=phone.device_id, pass_type=phone.pass_type, pushed_at=now, pushes=0, told_number=0
        )
        batch.session.add(pace)
    pace.pushes += 1
    return pace


def _has(device: Device, phone: Addressee) -> bool:
    """The push token that was pushed, still."""
    return device.push_token.encode() == phone.token.encode()


def _doubt(session: Session, device: Device, fuse: Fuse, now: datetime) -> None:
    """Once may be a mistake of theirs; the second time the token goes, unless it may be a mistake of ours."""
    device.bad_token_answers += 1
    if device.bad_token_answers >= BAD_TOKEN_CHANCES and fuse.proven and not fuse.keeps_all:
        _forget(session, device, now, now)


def _forget(session: Session, device: Device, since: datetime, now: datetime) -> None:
    """Only what was not registered anew after that moment."""
    if device.token_set_at > since:
        return
    gone = select(Registration.card_id).where(
        Registration.device_id == device.id, Registration.registered_at <= since
    )
    for card_id in session.scalars(gone).all():
        devices.remove(session, device.id, card_id, now)


def _judge_circuit(session: Session, pass_type: str, answers: Answers, fuse: Fuse, now: datetime) -> None:
    refused = next((a for _, a in answers if a.verdict in (Verdict.CREDENTIAL, Verdict.WIRING)), None)
    accepted = any(answer.verdict is Verdict.ACCEPTED for _, answer in answers)
    is_open = session.get_one(ApplePassType, pass_type).circuit_open_since is not None
    if refused is not None:
        open_circuit(session, pass_type, _refused(refused.reason), now)
    elif accepted and is_open:
        close_circuit(session, pass_type, now)
        fuse.start_over()
    elif fuse.blown:
        open_circuit(session, pass_type, TOO_MANY_BAD, now)
    if fuse.keeps_all:
        raise_alarm(session, TOKENS, pass_type, MANY_BAD, now)
    elif accepted:
        clear_alarm(session, TOKENS, pass_type, now)


def _refused(reason: str) -> Detail:
    if "ProviderToken" in reason:
        return Detail(f"APNs refuses our key for tokens, or our clock: {reason}.", "apns/key", reason=reason)
    return Detail(f"APNs refuses our certificate or topic: {reason}.", "apns/certificate", reason=reason)


def by_pass_type(answers: Answers) -> Mapping[str, Answers]:
    kinds = {phone.pass_type for phone, _ in answers}
    return {kind: [pair for pair in answers if pair[0].pass_type == kind] for kind in kinds}
