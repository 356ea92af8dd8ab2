"""How long every certificate still lasts, and whose turn it is to act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import certificates, choices
from wallet_service.domain.errors import Misconfigured

WARN_AT = ((7, "urgent"), (30, "soon"), (60, "plan"))  # days left
LEAF, WAITS = "certificate", "certificate that waits"  # the others go by their own names
ALARM_AT = (1, 3, 7, 14, 30, 60)  # somebody is told anew


@dataclass(frozen=True)
class Standing:
    """One certificate of one pass type; `fault` says what keeps this pass type from signing at all. `waits`:
    a renewed one that does not sign yet (N17).
    """

    pass_type: str
    certificate: str
    expires_at: datetime | None
    days_left: int
    level: str
    sandbox: bool
    fault: str = ""
    waits: bool = False

    @property
    def mark(self) -> int | None:
        """The last of the days at which somebody is told; None: none has come yet."""
        return next((days for days in ALARM_AT if self.days_left <= days), None)


def status(certs_dir: Path, now: datetime, passphrase: bytes | None = None) -> list[Standing]:
    """Per pass type the leaf in use and its intermediate, or what is wrong."""
    standings = []
    for pass_type in files.pass_types(certs_dir):
        standings += _standings(certs_dir, pass_type, now, passphrase)
    return standings


def _standings(certs_dir: Path, pass_type: str, now: datetime, passphrase: bytes | None) -> list[Standing]:
    try:
        files.require_private_keys(certs_dir / pass_type)
        held = certificates.load_pass_type(certs_dir, pass_type, now, passphrase)
    except Misconfigured as fault:
        sandbox = certificates.holds_sandbox(certs_dir, pass_type)
        return [Standing(pass_type, LEAF, None, 0, "fault", sandbox, fault.detail)]
    both = ((LEAF, held.certificate), (certificates.name_of(held.intermediate), held.intermediate))
    found = [_standing(pass_type, name, one.not_valid_after_utc, now, held.is_sandbox) for name, one in both]
    return found + _waiting(certs_dir, pass_type, now)


def _waiting(certs_dir: Path, pass_type: str, now: datetime) -> list[Standing]:
    name = choices.read(certs_dir, pass_type).canary
    path = certs_dir / pass_type / f"{name}.pem"
    if not name or not path.exists():
        return []
    one = files.read_certificate(path)
    ends, sandbox = one.not_valid_after_utc, certificates.is_sandbox(one)
    return [replace(_standing(pass_type, WAITS, ends, now, sandbox), waits=True)]


def _standing(pass_type: str, name: str, expires_at: datetime, now: datetime, sandbox: bool) -> Standing:
    days = (expires_at - now).days
    level = next((word for limit, word in WARN_AT if days <= limit), "good")
    return Standing(pass_type, name, expires_at, days, level, sandbox)
