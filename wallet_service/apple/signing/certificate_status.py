"""How long every certificate still lasts, and whose turn it is to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import certificates
from wallet_service.domain.errors import Misconfigured

WARN_AT = ((7, "urgent"), (30, "soon"), (90, "plan"))  # days left


@dataclass(frozen=True)
class Standing:
    """One certificate of one pass type; `fault` says what keeps this pass type from signing at all."""

    pass_type: str
    certificate: str
    expires_at: datetime | None
    days_left: int
    level: str
    sandbox: bool
    fault: str = ""


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
        return [Standing(pass_type, "certificate", None, 0, "fault", sandbox, fault.detail)]
    both = (("certificate", held.certificate), (certificates.name_of(held.intermediate), held.intermediate))
    return [_standing(pass_type, name, one.not_valid_after_utc, now, held.is_sandbox) for name, one in both]


def _standing(pass_type: str, name: str, expires_at: datetime, now: datetime, sandbox: bool) -> Standing:
    days = (expires_at - now).days
    level = next((word for limit, word in WARN_AT if days <= limit), "good")
    return Standing(pass_type, name, expires_at, days, level, sandbox)
