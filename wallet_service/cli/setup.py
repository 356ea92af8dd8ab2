"""Brings an installation up to date; may run before every start."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from wallet_service.actions import api_keys, publish, staff
from wallet_service.actions.services import Services
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.db import migrate
from wallet_service.settings import Settings
from wallet_service.wiring import build_services, require_safe_place, settle_in

DEMO_PROGRAM = "coffee"
DEMO_BODY = Path(__file__).parent / "demo_program.json"


@dataclass(frozen=True)
class SandboxAccess:
    """What a person needs to try everything; only a sandbox keeps it in the clear."""

    pin: str
    office_pin: str
    api_key: str


def set_up(settings: Settings) -> None:
    """The database's tables."""
    require_safe_place(settings)
    services = build_services(settings)
    migrate.upgrade(services.sessions.engine)
    settle_in(services)


def set_up_sandbox(settings: Settings) -> SandboxAccess:
    """Tables, certificates, the demo program, a cashier, an admin and an API key."""
    set_up(settings)
    services = build_services(settings)
    make_sandbox(settings.certs_dir, services.clock())
    _publish_demo(services)
    kept = settings.data_dir / "sandbox-access.json"
    access = SandboxAccess(**json.loads(kept.read_text())) if kept.exists() else _let_in(services, kept)
    services.sessions.close()
    return access


def _publish_demo(services: Services) -> None:
    with services.sessions.begin(in_quarantine=True) as session:
        body = json.loads(DEMO_BODY.read_text())
        publish.publish(session, slug=DEMO_PROGRAM, body=body, now=services.clock())


def _let_in(services: Services, kept: Path) -> SandboxAccess:
    now = services.clock()
    pin, office_pin = (f"{number:04d}" for number in secrets.SystemRandom().sample(range(10_000), 2))
    with services.sessions.begin(in_quarantine=True) as session:
        staff.add_staff(session, name="Demo cashier", role="cashier", pin=pin, now=now)
        staff.add_staff(session, name="Demo admin", role="admin", pin=office_pin, now=now)
        key = api_keys.create_api_key(session, name="demo", entropy=services.entropy, now=now)
        access = SandboxAccess(pin, office_pin, key)
        with os.fdopen(os.open(kept, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(access), file)
    return access
