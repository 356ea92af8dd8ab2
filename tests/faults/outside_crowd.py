"""Five thousand cards on as many phones, whose worker talks to a simulated APNs; time passes when told to."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import func, insert, select, update

from simulators.apns.papers import Authority
from simulators.apns.process import Simulator
from tests.shop import Shop, make_shop
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.waking.wallet import AppleWallet
from wallet_service.db.tables import (
    Alarm,
    ApplePass,
    ApplePassType,
    Card,
    Device,
    Member,
    Outbox,
    ProgramRow,
    PushPace,
    Registration,
)
from wallet_service.push.worker import Worker

PASS_TYPE = "pass.sandbox.coffee"
DEADLINE = 1.0  # seconds for one push; ten in the service
LONGEST = timedelta(days=40)


@dataclass
class Crowd:
    """`tokens[card_id]` is where its phone is reached."""

    shop: Shop
    apns: Simulator
    worker: Worker
    wallet: AppleWallet
    tokens: Mapping[int, str]

    def change_all(self) -> None:
        """Everybody's card changes now; all phones are there, and nothing is known against them."""
        now = self.shop.clock.forward(hours=2)
        with self.shop.services.sessions.begin() as session:
            session.execute(update(Card).values(version=Card.version + 1))
            session.query(PushPace).delete()
            session.query(Registration).delete()
            session.query(Alarm).delete()
            session.execute(update(Device).values(token_set_at=now, bad_token_answers=0))
            session.execute(update(ApplePassType).values(circuit_open_since=None, probe_at=None))
            session.execute(
                insert(Registration),
                [{"device_id": card, "card_id": card, "registered_at": now} for card in self.tokens],
            )
            wanted = select(Card.version).where(Card.id == Outbox.card_id).scalar_subquery()
            session.execute(
                update(Outbox).values(
                    wanted=wanted, due_at=now, tries=0, parked=False, notify=True, lease_until=None
                )
            )
        self.apns.start_over()

    def settles(self, most: timedelta = LONGEST) -> timedelta:
        """The worker works until only what is parked waits; answers how long that took on the clock."""
        began = self.shop.clock()
        while True:
            self.worker.run_until_idle()
            next_due = self._next_due()
            if next_due is None or next_due - began > most:
                return self.shop.clock() - began
            self.shop.clock.now = max(next_due, self.shop.clock())

    def _next_due(self) -> datetime | None:
        waiting = (Outbox.told < Outbox.wanted) & ~Outbox.parked
        with self.shop.services.sessions.read() as session:
            return session.scalar(select(func.min(Outbox.due_at)).where(waiting))

    def waiting(self) -> Sequence[Outbox]:
        with self.shop.services.sessions.read() as session:
            return session.scalars(select(Outbox).where(Outbox.told < Outbox.wanted)).all()

    def registered(self) -> Collection[int]:
        with self.shop.services.sessions.read() as session:
            return set(session.scalars(select(Registration.card_id)))

    def woken(self) -> Collection[str]:
        """The phones that APNs took a push for."""
        return {push["token"] for push in self.apns.history() if push["status"] == 200}

    def alarms(self) -> Collection[str]:
        with self.shop.services.sessions.read() as session:
            return set(session.scalars(select(Alarm.kind).where(Alarm.cleared_at.is_(None))))

    def stale(self) -> list[int]:
        """Cards whose phone neither took the push, nor is gone, nor whose mark waits with a reason."""
        woken, registered = self.woken(), self.registered()
        excused = {mark.card_id for mark in self.waiting() if mark.last_error}
        return [
            card
            for card, token in self.tokens.items()
            if card in registered and token not in woken and card not in excused
        ]


@contextmanager
def gathered(folder: Path, cards: int, *, deadline: float = DEADLINE) -> Iterator[Crowd]:
    """On SQLite, over real HTTP/2."""
    certs = folder / "certs"
    make_sandbox(certs, datetime.now(UTC))
    papers = certs / "sandbox"
    server = SimpleNamespace(certificate=papers / "server.pem", key=papers / "server.key")
    ours: Any = SimpleNamespace(file=papers / "root.pem", server=server)
    shop = make_shop(folder)
    shop.clock.now = datetime.now(UTC)
    tokens = _seated(shop, cards)
    with Simulator(cast(Authority, ours)) as apns:
        wallet = AppleWallet(
            shop.services.sessions,
            Keyring(certs, shop.clock),
            apns_url=apns.url,
            apns_ca_file=papers / "root.pem",
            deadline=deadline,
        )
        try:
            yield Crowd(shop, apns, Worker(shop.services.sessions, wallet, shop.clock), wallet, tokens)
        finally:
            wallet.close()
            shop.services.sessions.close()


def _seated(shop: Shop, cards: int) -> Mapping[int, str]:
    """Rows at once; joining one by one would take longer than the fault."""
    now, ids = shop.clock(), range(1, cards + 1)
    tokens = {one: secrets.token_hex(32) for one in ids}
    with shop.services.sessions.begin() as session:
        program = session.scalars(select(ProgramRow.id)).one()
        session.add(ApplePassType(identifier=PASS_TYPE, epoch="00000001"))
        session.flush()
        session.execute(insert(Member), [{"id": one, "language": "en", "created_at": now} for one in ids])
        card = {"program_id": program, "version": 1, "created_at": now, "changed_at": now}
        session.execute(
            insert(Card),
            [card | {"id": one, "member_id": one, "serial": f"s{one}", "number": f"{one}"} for one in ids],
        )
        mark = {"wallet": "apple", "wanted": 1, "told": 1, "due_at": now}
        session.execute(insert(Outbox), [mark | {"card_id": one} for one in ids])
        session.execute(insert(ApplePass), [{"card_id": one, "pass_type": PASS_TYPE} for one in ids])
        phone = {"token_set_at": now, "created_at": now}
        session.execute(
            insert(Device),
            [phone | {"id": one, "library_id": f"phone-{one}", "push_token": tokens[one]} for one in ids],
        )
    return tokens
