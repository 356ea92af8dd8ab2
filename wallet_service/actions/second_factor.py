"""The second proof of a manager: six digits that their authenticator app shows for half a minute."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from pyotp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.db.tables import Audit, Staff

STEP = 30
SECRET_BYTES = 20
NONCE_BYTES = 16
OPENED = "office-opened"


def address(secret_keys: Sequence[str], person: Staff, nonce: str, issuer: str) -> str:
    """What the app reads from the code on the screen; shown once, kept nowhere."""
    made = TOTP(_secret(secret_keys[0], person.id, nonce))
    return made.provisioning_uri(name=person.name, issuer_name=issuer)


def step_of(secret_keys: Sequence[str], person: Staff, nonce: str, code: str, now: datetime) -> int | None:
    """Which half minute the code belongs to: this one, the one before or after; None when it is wrong. Every
    key is tried, so that a rotated secret locks no manager out.
    """
    typed = "".join(code[:20].split())
    here = int(now.timestamp()) // STEP
    steps = [here + shift for shift in (0, -1, 1)]
    made = [TOTP(_secret(key, person.id, nonce)) for key in secret_keys]
    found = [step for totp in made for step in steps if _same(totp.at(step * STEP), typed)]
    return found[0] if found else None


def use(session: Session, person: Staff, step: int, now: datetime) -> bool:
    """A code opens the office once: whoever looked over the manager's shoulder comes too late."""
    session.execute(select(Staff.id).where(Staff.id == person.id).with_for_update())
    actor = f"staff:{person.id}"
    lately = select(Audit.detail).where(
        Audit.at > now - timedelta(seconds=4 * STEP), Audit.actor == actor, Audit.verb == OPENED
    )
    if any(detail.get("step") == step for detail in session.scalars(lately)):
        return False
    audit.write(session, actor, OPENED, actor, {"step": step}, now)
    return True


def _secret(key: str, staff: int, nonce: str) -> str:
    derived = hmac.digest(key.encode(), f"second factor\n{staff}\n{nonce}".encode(), "sha256")
    return base64.b32encode(derived[:SECRET_BYTES]).decode()


def _same(right: str, typed: str) -> bool:
    return hmac.compare_digest(right.encode(), typed.encode())
