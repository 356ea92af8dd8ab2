"""What APNs' answers change: paces, dead phones, the circuit of a pass type (N10 to N12)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.apple import devices
from wallet_service.apple.addressees import Addressee
from wallet_service.apple.apns_answers import Answer, Verdict
from wallet_service.db.tables import ApplePassType, Device, PushPace, Registration
from wallet_service.push.alarms import clear_alarm, raise_alarm

PROBE_EVERY = timedelta(minutes=5)
TOO_OFTEN = timedelta(minutes=10)  # after a 429
BAD_TOKEN_CHANCES = 2
CIRCUIT, TOKENS = "apns-circuit", "apns-tokens"  # kinds of alarms

Answers = Sequence[tuple[Addressee, Answer]]


class Fuse:
    """A mis-set certificate must not wipe the registrations: when many tokens are called bad, it is us.

    Looks at the last hundred answers, and trusts nothing under twenty.
    """

    WINDOW, FEWEST = 100, 20
    KEEP_ALL, STOP = 5, 20  # percent

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=self.WINDOW)

    def saw(self, answers: Iterable[Answer]) -> None:
        self._last.extend(answer.verdict is Verdict.BAD_TOKEN for answer in answers)

    @property
    def keeps_all(self) -> bool:
        return self._percent > self.KEEP_ALL

    @property
    def blown(self) -> bool:
        return self._percent > self.STOP

    @property
    def _percent(self) -> float:
        return 100 * sum(self._last) / len(self._last) if len(self._last) >= self.FEWEST else 0


def apply(
    session: Session, pass_type: str, told_number: int, answers: Answers, fuse: Fuse, now: datetime
) -> None:
    """All of one batch's answers for one pass type, in the caller's transaction. Phones that took the push
    list everything up to `told_number`.
    """
    fuse.saw(answer for _, answer in answers)
    for phone, answer in answers:
        _of_phone(session, phone, answer, told_number, fuse, now)
    refused = next((a for _, a in answers if a.verdict in (Verdict.CREDENTIAL, Verdict.WIRING)), None)
    if refused is not None:
        open_circuit(session, pass_type, f"APNs refuses our certificate or topic: {refused.reason}.", now)
    elif fuse.blown:
        open_circuit(session, pass_type, "APNs calls too many of our push tokens bad.", now)
    elif any(answer.verdict is Verdict.ACCEPTED for _, answer in answers):
        close_circuit(session, pass_type, now)


def open_circuit(session: Session, pass_type: str, why: str, now: datetime) -> None:
    """Nothing is pushed for this pass type but one probe now and then; every mark stays due."""
    row = session.get_one(ApplePassType, pass_type)
    row.circuit_open_since = row.circuit_open_since or now
    row.circuit_reason, row.probe_at = why[:200], now + PROBE_EVERY
    remedy = "Check it with `flask wallet certs status`; cards are told as soon as it works."
    raise_alarm(session, CIRCUIT, pass_type, f"{why} {remedy}", now)


def close_circuit(session: Session, pass_type: str, now: datetime) -> None:
    row = session.get_one(ApplePassType, pass_type)
    if row.circuit_open_since is not None:
        row.circuit_open_since = row.circuit_reason = row.probe_at = None
        clear_alarm(session, CIRCUIT, pass_type, now)


def _of_phone(
    session: Session, phone: Addressee, answer: Answer, told_number: int, fuse: Fuse, now: datetime
) -> None:
    match answer.verdict:
        case Verdict.ACCEPTED:
            pace = _paced(session, phone, now)
            pace.pushed_at, pace.told_number = now, told_number
        case Verdict.SLOW_DOWN:
            _paced(session, phone, now).not_before = now + TOO_OFTEN
        case Verdict.GONE:
            _forget(session, phone, answer.timestamp or now)
        case Verdict.BAD_TOKEN:
            _doubt(session, phone, fuse, now)
        case _:
            pass


def _paced(session: Session, phone: Addressee, now: datetime) -> PushPace:
    pace = session.get(PushPace, (phone.device_id, phone.pass_type))
    if pace is None:
        pace = PushPace(
            device_id=phone.device_id, pass_type=phone.pass_type, pushed_at=now, pushes=0, told_number=0
        )
        session.add(pace)
    pace.pushes += 1
    return pace


def _doubt(session: Session, phone: Addressee, fuse: Fuse, now: datetime) -> None:
    """Once may be a mistake of theirs; the second time the token goes, unless it may be a mistake of ours."""
    device = session.get(Device, phone.device_id)
    if device is None or device.push_token.encode() != phone.token.encode():
        return
    device.bad_token_answers += 1
    if fuse.keeps_all:
        raise_alarm(
            session, TOKENS, phone.pass_type, "APNs calls many push tokens bad; none is dropped.", now
        )
    elif device.bad_token_answers >= BAD_TOKEN_CHANCES:
        _forget(session, phone, now)


def _forget(session: Session, phone: Addressee, since: datetime) -> None:
    """Only what was not registered anew after that moment, and only while the phone has that token."""
    device = session.get(Device, phone.device_id)
    if device is None or device.push_token.encode() != phone.token.encode() or device.token_set_at > since:
        return
    gone = select(Registration.card_id).where(
        Registration.device_id == phone.device_id, Registration.registered_at <= since
    )
    for card_id in session.scalars(gone).all():
        devices.remove(session, phone.device_id, card_id)


def by_pass_type(answers: Answers) -> Mapping[str, Answers]:
    kinds = {phone.pass_type for phone, _ in answers}
    return {kind: [pair for pair in answers if pair[0].pass_type == kind] for kind in kinds}
