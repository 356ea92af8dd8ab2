"""Registered phones without a phone: the rows that a registration leaves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from tests.shop import Shop
from wallet_service.db.tables import (
    ApplePass,
    ApplePassType,
    Card,
    Device,
    Outbox,
    PushPace,
    Registration,
)

PASS_TYPE = "pass.sandbox.coffee"


@dataclass(frozen=True)
class Phones:
    """Registers devices and reads what the database holds of them."""

    shop: Shop

    def register(self, card: str, token: str, pass_type: str = PASS_TYPE) -> int:
        """Answers the device's id; the token is padded to APNs' length when it is short."""
        now = self.shop.clock()
        with self.shop.services.sessions.begin() as session:
            row = session.scalars(select(Card).where(Card.serial == card)).one()
            if session.get(ApplePassType, pass_type) is None:
                session.add(ApplePassType(identifier=pass_type, epoch="00000001"))
                session.flush()
            if session.get(ApplePass, row.id) is None:
                session.add(ApplePass(card_id=row.id, pass_type=pass_type))
                session.flush()
            device = session.scalar(select(Device).where(Device.library_id == f"phone-{token}"))
            if device is None:
                full = token if len(token) >= 64 else token.encode().hex().ljust(64, "0")
                device = Device(
                    library_id=f"phone-{token}", push_token=full, token_set_at=now, created_at=now
                )
                session.add(device)
                session.flush()
            session.add(Registration(device_id=device.id, card_id=row.id, registered_at=now))
            return device.id

    def count(self) -> int:
        with self.shop.services.sessions.read() as session:
            return len(session.scalars(select(Registration)).all())

    def pace(self, device: int) -> PushPace | None:
        with self.shop.services.sessions.read() as session:
            return session.get(PushPace, (device, PASS_TYPE))

    def kind(self) -> ApplePassType:
        with self.shop.services.sessions.read() as session:
            return session.get_one(ApplePassType, PASS_TYPE)


def marks(shop: Shop) -> list[Outbox]:
    """What waits or waited for its push, oldest first."""
    with shop.services.sessions.read() as session:
        return [*session.scalars(select(Outbox).order_by(Outbox.id))]
