"""A head office that publishes, and what its cards and phones make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tests.shop import Shop, make_shop
from wallet_service.actions import campaign_changes, campaign_round, campaign_start, campaigns
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.db.tables import Campaign, Card, Device, DeviceLog, Outbox, PushPace, Registration
from wallet_service.domain.rollout import Plan
from wallet_service.push.alarms import open_alarms
from wallet_service.push.complaints import Complaint
from wallet_service.push.outbox import CAMPAIGN

NEW_LOOK: dict[str, Any] = {"template": "another"}


@dataclass
class Head:
    """A head office that publishes."""

    shop: Shop

    def publish(self, plan: Plan | None = None, **changes: Any) -> None:
        before = self.shop.publish()
        self.shop.publish(**changes or {"organization": f"Bean & Brew {before}"})
        with self.shop.services.sessions.begin() as session:
            campaign_start.start(
                session,
                program=self.shop.program,
                before=before,
                plan=plan or Plan(),
                actor="staff:2",
                now=self.shop.clock(),
            )

    def say(self, what: str) -> object:
        said = getattr(campaign_changes, what)
        with self.shop.services.sessions.begin() as session:
            return said(session, program=self.shop.program, actor="staff:2", now=self.shop.clock())

    def campaign(self) -> Campaign:
        with self.shop.services.sessions.read() as session:
            return campaigns.newest(session, self.shop.program)

    def slice(self, most: int = 10) -> int:
        with self.shop.services.sessions.begin() as session:
            done = campaign_round.advance(
                session,
                self.campaign().id,
                wallets=self.shop.services.wallets,
                now=self.shop.clock(),
                most=most,
            )
        return done.marked

    def lose_slice(self) -> None:
        with self.shop.services.sessions.begin() as session:
            campaign = campaigns.newest(session, self.shop.program).id
            campaign_round.advance(session, campaign, wallets=("apple",), now=self.shop.clock(), most=6)
            raise RuntimeError("the machine is gone")

    def work(self) -> None:
        CampaignLoop(self.shop.services).run_until_idle()

    def tell(self, most: int = 1_000_000) -> None:
        """Every wallet has heard everything, or so many cards."""
        cards = select(Outbox.card_id).where(Outbox.told < Outbox.wanted).distinct().limit(most)
        told = update(Outbox).where(Outbox.card_id.in_(cards)).values(told=Outbox.wanted, last_error=None)
        with self.shop.services.sessions.begin() as session:
            session.execute(told.execution_options(synchronize_session=False))

    def waiting(self) -> int:
        wanted = select(func.count()).where(Outbox.told < Outbox.wanted, Outbox.priority == CAMPAIGN)
        with self.shop.services.sessions.read() as session:
            return session.scalar(wanted) or 0

    def looks(self) -> dict[str, int]:
        """How many cards show which template."""
        with self.shop.services.sessions.read() as session:
            serials = session.scalars(select(Card.serial)).all()
        shown = [self.shop.face(serial).template for serial in serials]
        return {template: shown.count(template) for template in set(shown)}

    def versions(self) -> list[int]:
        with self.shop.services.sessions.read() as session:
            return [*session.scalars(select(Card.version).order_by(Card.id))]

    def alarms(self) -> list[str]:
        with self.shop.services.sessions.read() as session:
            return [alarm.kind for alarm in open_alarms(session)]

    def complain(
        self,
        number: int,
        kind: str = Complaint.INVALID_PASS,
        *,
        phones: bool = True,
        token: str = "",
        pushes: int = 1,
        member: int = 0,
    ) -> None:
        """The phones of so many cards that were marked write into the log."""
        now = self.shop.clock()
        with self.shop.services.sessions.begin() as session:
            share = Card.id % 100 < self.campaign().percent
            for card in session.scalars(select(Card).where(share).limit(number)).all():
                card.member_id = member or card.member_id
                if phones:
                    _phone(session, card, token or card.serial, pushes, now)
                session.add(DeviceLog(received_at=now, line="…", kind=kind, serial=card.serial))
        self.judge()

    def judge(self) -> None:
        """As the worker does every few seconds."""
        sessions, campaign = self.shop.services.sessions, self.campaign().id
        with sessions.read() as session:
            heard = campaign_round.complaints(session, campaign)
        if heard:
            with sessions.begin() as session:
                campaign_round.judge(session, campaign, heard, self.shop.clock())


def _phone(session: Session, card: Card, token: str, pushes: int, now: datetime) -> None:
    device = Device(library_id=card.serial, push_token=token, token_set_at=now, created_at=now)
    session.add(Registration(device=device, card_id=card.id, registered_at=now))
    session.flush()
    pace = PushPace(device_id=device.id, pass_type="pass.x", pushed_at=now, pushes=pushes, told_number=0)
    session.add(pace)


def crowd(shop: Shop, number: int) -> None:
    """More cards than anybody would join one by one, all like the first."""
    with shop.services.sessions.begin() as session:
        first = session.execute(select(Card.__table__).limit(1)).mappings().one()
        rows = [{**first, "serial": str(row), "number": str(row), "id": 1_000 + row} for row in range(number)]
        session.execute(insert(Card), rows)


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = make_shop(tmp_path, database_url)
    yield shop
    shop.services.sessions.close()


@pytest.fixture
def head(shop: Shop) -> Head:
    for _ in range(20):
        shop.join()
    head = Head(shop)
    head.tell()
    return head
