"""Phones that registered their cards, made by the hundred: what each asks, and with which token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from tests.shop import Shop, make_shop
from wallet_service.apple.service import devices, issue
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.db.tables import ApplePass, Card
from wallet_service.wiring import apple_keyring


@dataclass(frozen=True)
class Phones:
    """By card: the address of its phone's list, of its pass, its token and the date of what it holds."""

    shop: Shop
    lists: list[str]
    passes: list[str]
    tokens: list[str]
    dates: list[datetime]
    pass_type: str


@contextmanager
def phones(folder: Path, many: int, database_url: str | None = None) -> Iterator[Phones]:
    """`many` cards, each issued, on a phone of its own and changed once since; each phone's list has it."""
    shop = make_shop(folder, database_url)
    settings = shop.services.settings
    pass_type = make_sandbox(settings.certs_dir, datetime.now(UTC)).pass_type
    shop.clock.now = datetime.now(UTC)
    desk = AppleDesk.open(shop.services, SigningDesk(apple_keyring(shop.services)))
    serials = [_on_a_phone(shop, desk, pass_type, number) for number in range(many)]
    with shop.services.sessions.begin() as session:
        ids = session.scalars(select(ApplePass.card_id)).all()
        devices.number_changes(session, pass_type, ids)
    dates = [issue.issue(desk, serial).last_modified for serial in serials]
    yield Phones(
        shop,
        [_list(number, pass_type) for number in range(many)],
        [f"/apple/v1/passes/{pass_type}/{serial}" for serial in serials],
        [desk.authentication_token(serial) for serial in serials],
        dates,
        pass_type,
    )
    shop.services.sessions.close()


def _on_a_phone(shop: Shop, desk: AppleDesk, pass_type: str, number: int) -> str:
    card = shop.join()
    with shop.services.sessions.read() as session:
        serial = session.scalars(select(Card.serial).where(Card.serial == card)).one()
    issue.issue(desk, serial)
    with shop.services.sessions.begin() as session:
        devices.register(
            session,
            desk,
            device=device(number),
            pass_type=pass_type,
            serial=serial,
            push_token=sha256(str(number).encode()).hexdigest(),
            now=shop.clock(),
        )
    shop.earn(serial)
    return serial


def device(number: int) -> str:
    return f"{number:032x}"


def _list(number: int, pass_type: str) -> str:
    return f"/apple/v1/devices/{device(number)}/registrations/{pass_type}"
