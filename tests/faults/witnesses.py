"""Two who look on while everything breaks: a phone that holds every card and asks all the time what changed,
and somebody in the office whose doings are written down.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.services.ports import LOOPBACK
from wallet_service.actions import audit, audit_chain
from wallet_service.actions.services import Services
from wallet_service.cli.audit import seal
from wallet_service.db.tables import ApplePass, ApplePassType, Audit, Card, Device, Registration

LOOKS, DOES = 0.5, 1.5  # seconds between two
PATIENCE = 5.0
NOT_OF_APNS = "asks by itself"
"""Its push token: nobody wakes this phone, so that the count of pushes stays that of the others (N19)."""
TAG = re.compile(r"([0-9a-f]{8})([0-9]+)")
PASSING = {0, 408, 429}
"""No answer, and what a phone asks again after; and whatever is 5xx."""
OFFICE = "staff:office"


class _Busy(threading.Thread):
    """Does one thing again and again until it is told to stop."""

    def __init__(self, name: str, pause: float) -> None:
        super().__init__(name=name, daemon=True)
        self._pause, self._stopping = pause, threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(self._pause):
            self.turn()

    def turn(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self._stopping.set()
        if self.is_alive():
            self.join()


class Asking(_Busy):
    """The phone. `listed[serial]` is the number in the tag under which that card was listed last; `amiss` is
    what no phone may ever be answered.
    """

    def __init__(self, port: int) -> None:
        super().__init__("asking phone", LOOKS)
        self.device, self.pass_type = secrets.token_hex(16), ""
        self.listed, self.amiss = dict[str, int](), list[str]()
        self._port, self._tag = port, ""
        self._one_at_a_time = threading.Lock()

    def turn(self) -> None:
        self.look()

    def look(self) -> bool:
        """Whether it was answered."""
        with self._one_at_a_time:
            status, said = self._ask()
            if status == 200:
                self.hear(json.loads(said))
            elif status not in PASSING and status < 500 and status != 204:
                self.amiss.append(f"the phone that asks all the time was answered {status}")
            return status in (200, 204)

    def _ask(self) -> tuple[int, bytes]:
        path = f"/apple/v1/devices/{self.device}/registrations/{self.pass_type}"
        path += f"?passesUpdatedSince={self._tag}" if self._tag else ""
        line = HTTPConnection(LOOPBACK, self._port, timeout=PATIENCE)
        try:
            line.request("GET", path, headers={"Host": f"localhost:{self._port}"})
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            line.close()

    def hear(self, said: dict[str, object]) -> None:
        """T1, T5: a text, of the same life, and later than the last."""
        tag, serials = said["lastUpdated"], said["serialNumbers"]
        read = TAG.fullmatch(tag) if isinstance(tag, str) else None
        if read is None or not isinstance(serials, list):
            self.amiss.append(f"the phone that asks all the time was told {said}")
            return
        if self._tag and not (read[1] == self._tag[:8] and int(read[2]) > int(self._tag[8:])):
            self.amiss.append(f"after the tag {self._tag} came {read[0]}")
        self._tag = read[0]
        self.listed |= dict.fromkeys(serials, int(read[2]))


def never_listed(session: Session, device: str, listed: dict[str, int]) -> Iterator[str]:
    """I11, of a town at rest in which this device has just looked: every change has a number of its own,
    and was listed under a tag that is no lower.
    """
    held = session.execute(
        select(Card.serial, Card.version, ApplePass.change_number, ApplePass.numbered_version)
        .join(ApplePass, ApplePass.card_id == Card.id)
        .join(Registration, Registration.card_id == Card.id)
        .join(Device, Device.id == Registration.device_id)
        .where(Device.library_id == device)
    ).all()
    for card in held:
        if card.numbered_version < card.version:
            yield f"card {card.serial} is at {card.version}, its last number is for {card.numbered_version}"
        elif card.change_number > listed.get(card.serial, 0):
            yield f"change {card.change_number} of card {card.serial} was never listed"
    yield from doubled_numbers(session)


def doubled_numbers(session: Session) -> Iterator[str]:
    """T2, and none was given that the counter does not know of."""
    given = session.execute(
        select(ApplePass.pass_type, ApplePass.change_number).where(ApplePass.change_number > 0)
    )
    for (pass_type, number), times in Counter((row[0], row[1]) for row in given).items():
        if times > 1:
            yield f"number {number} of {pass_type} was given {times} times"
    ahead = (
        select(ApplePass.card_id)
        .join(ApplePassType)
        .where(ApplePass.change_number > ApplePassType.last_number)
    )
    if ahead_of_all := session.scalars(ahead).all():
        yield f"{len(ahead_of_all)} cards have numbers that were not given yet"


class Office(_Busy):
    """Does what is written down, and has the record sealed, as workers do beside it. `done` was acknowledged,
    `tried` may have been done.
    """

    def __init__(self, services: Services) -> None:
        super().__init__("office", DOES)
        self._services, self.at_it = services, threading.Lock()
        self.done = self.tried = 0
        seal(services)
        with services.sessions.read() as session:
            known = audit_chain.head(session)
        self.head = known.hash if known else ""

    def turn(self) -> None:
        """What fails was told to somebody who sees it."""
        with self.at_it, suppress(Exception):  # the database is what is being broken
            self.tried += 1
            with self._services.sessions.begin() as session:
                audit.write(session, OFFICE, "looked", "card", {"turn": self.tried}, self._services.clock())
            self.done += 1
            seal(self._services)


def audit_amiss(services: Services, office: Office) -> Sequence[str]:
    """I10: every line fits its seal, none was taken away since the town was put up, and whatever the office
    was told is done was written down once.
    """
    seal(services)
    with office.at_it, services.sessions.read() as session:
        found = list(audit_chain.verify(session, services.clock(), office.head).faults)
        lines = session.scalar(select(func.count()).select_from(Audit).where(Audit.actor == OFFICE)) or 0
        if not office.done <= lines <= office.tried:
            found.append(f"{lines} lines of the audit for {office.done} doings, {office.tried} tried")
    return found
