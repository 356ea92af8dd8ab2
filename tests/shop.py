"""A shop for tests: a wired service on a fresh database, with the verbs that people use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from tests.services import databases
from wallet_service.actions import (
    adjust,
    campaign_start,
    earn,
    join,
    leave,
    merge,
    pick_goal,
    publish,
    redeem,
    refund,
    reverse,
    show,
    stand,
    sweep,
)
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.actions.once import Actor, Booking
from wallet_service.actions.services import Services
from wallet_service.db.tables import Alarm
from wallet_service.domain.face import CardFace
from wallet_service.domain.rollout import Plan
from wallet_service.domain.rules import Evaluation, Purchase
from wallet_service.push.alarms import open_alarms
from wallet_service.settings import Settings, from_environment
from wallet_service.wiring import build_services

DEMO = json.loads((Path(__file__).parent.parent / "wallet_service/cli/demo_program.json").read_text())
OPENING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
CASHIER = Actor("staff:1", store="1", till="1")


@dataclass
class Clock:
    """Time that stands still until a test moves it."""

    now: datetime = OPENING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def make_settings(folder: Path, database_url: str | None = None, **more: str) -> Settings:
    """Sandbox settings that touch nothing outside `folder`."""
    env = {"WALLET_DATA_DIR": str(folder), "WALLET_API_DROPS": "0"}
    where = {"WALLET_DATABASE_URL": database_url} if database_url else databases.settings_of(folder)
    return from_environment(env | where | more)


def environment(folder: Path) -> dict[str, str]:
    """In which commands and other processes work on the shop in `folder`."""
    return {"WALLET_DATA_DIR": str(folder), **databases.settings_of(folder)}


@dataclass
class Shop:
    """Runs the program `coffee` (ten visits for a free coffee, two of twelve given)."""

    services: Services
    clock: Clock
    program: str = "coffee"
    keys: count[int] = field(default_factory=count)
    cashier: Actor = CASHIER

    def key(self) -> str:
        return f"press-{next(self.keys)}"

    def next_door(self, **changes: Any) -> Shop:
        """Another program in the same database, where nobody has been yet, on the day of the opening."""
        self.clock.now = OPENING
        shop = replace(self, program=f"shop-{next(self.keys)}")
        shop.publish(**changes)
        return shop

    def publish(self, **changes: Any) -> int:
        with self.services.sessions.begin() as session:
            return publish.publish(session, slug=self.program, body=DEMO | changes, now=self.clock())

    def tell_everybody(self, before: int | None = None, **plan: Any) -> None:
        """The marks of all cards, as fast as it goes."""
        with self.services.sessions.begin() as session:
            campaign_start.start(
                session,
                program=self.program,
                before=before,
                plan=Plan(**plan),
                actor="service",
                now=self.clock(),
            )
        CampaignLoop(self.services).run_until_idle()

    def join(self, name: str | None = None, language: str = "en", **said: Any) -> str:
        with self.services.sessions.begin() as session:
            return join.join(
                session,
                program=self.program,
                wallets=self.services.wallets,
                entropy=self.services.entropy,
                now=self.clock(),
                language=language,
                name=name,
                **said,
            )

    def earn(
        self,
        card: str,
        *,
        key: str | None = None,
        at: datetime | None = None,
        ask: bool = False,
        counter: bool = False,
        **bought: Any,
    ) -> Booking:
        purchase = Purchase(at or self.clock(), **(bought or {"visits": 1}))
        with self.services.sessions.begin() as session:
            return earn.earn(
                session, card=card, purchase=purchase, ask=ask, counter=counter, **self._press(key)
            )

    def quote(self, card: str, **bought: Any) -> Evaluation:
        with self.services.sessions.read() as session:
            return earn.quote(session, card=card, purchase=Purchase(self.clock(), **bought), now=self.clock())

    def redeem(self, card: str, reward: str = "coffee", *, key: str | None = None, **proof: Any) -> Booking:
        """`proof`: live, approved_by, ask."""
        with self.services.sessions.begin() as session:
            return redeem.redeem(session, card=card, reward=reward, **proof, **self._press(key))

    def pay(
        self, card: str, points: int, total: int | None = None, *, key: str | None = None, **proof: Any
    ) -> Booking:
        with self.services.sessions.begin() as session:
            return redeem.pay(session, card=card, points=points, total=total, **proof, **self._press(key))

    def refund(
        self,
        card: str,
        receipt: str,
        total: int | None = None,
        *,
        store: str | None = None,
        key: str | None = None,
    ) -> Booking:
        with self.services.sessions.begin() as session:
            return refund.refund(
                session, card=card, receipt=receipt, total=total, store=store, **self._press(key)
            )

    def adjust(
        self,
        card: str,
        points: int,
        reason: str = "goodwill",
        *,
        approved_by: str | None = None,
        key: str | None = None,
    ) -> Booking:
        with self.services.sessions.begin() as session:
            return adjust.adjust(
                session, card=card, points=points, reason=reason, approved_by=approved_by, **self._press(key)
            )

    def undo(self, booking: Booking, *, key: str | None = None, within: timedelta | None = None) -> Booking:
        with self.services.sessions.begin() as session:
            return reverse.reverse(session, entry=booking.entry.id, within=within, **self._press(key))

    def merge(self, keep: str, drop: str, *, key: str | None = None) -> Booking:
        with self.services.sessions.begin() as session:
            return merge.merge(session, keep=keep, drop=drop, **self._press(key))

    def sweep(self) -> None:
        """Until nothing is due."""
        swept = sweep.SLICE
        while swept == sweep.SLICE:
            with self.services.sessions.begin() as session:
                swept = sweep.sweep(session, wallets=self.services.wallets, now=self.clock())

    def pick_goal(self, card: str, goal: str | None) -> None:
        with self.services.sessions.begin() as session:
            pick_goal.pick_goal(
                session, card=card, goal=goal, wallets=self.services.wallets, now=self.clock()
            )

    def stand(self, card: str) -> stand.Stand:
        with self.services.sessions.read() as session:
            return stand.stand(session, card=card, now=self.clock())

    def alarms(self) -> list[Alarm]:
        """Those that are open."""
        with self.services.sessions.read() as session:
            return [*open_alarms(session)]

    def leave(self, card: str) -> None:
        with self.services.sessions.begin() as session:
            leave.leave(session, card=card, wallets=self.services.wallets, now=self.clock())

    def face(self, card: str) -> CardFace:
        with self.services.sessions.read() as session:
            return show.show(session, card=card, links=self.services.links, now=self.clock()).face

    def _press(self, key: str | None) -> Mapping[str, Any]:
        return {
            "key": key or self.key(),
            "actor": self.cashier,
            "wallets": self.services.wallets,
            "now": self.clock(),
        }


def make_shop(folder: Path, database_url: str | None = None, **more: str) -> Shop:
    """Migrated, with the demo program in force."""
    clock = Clock()
    services = build_services(make_settings(folder, database_url, **more), clock=clock)
    databases.migrated(services.sessions.engine)
    shop = Shop(services, clock)
    shop.publish()
    return shop
