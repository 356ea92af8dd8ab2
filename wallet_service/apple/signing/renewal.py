"""A renewed certificate waits beside the one in use, is tried, takes over, and can be taken back (N17)."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.serialization import Encoding

from wallet_service.apple.signing import certificates, choices
from wallet_service.apple.signing.certificates import Credentials
from wallet_service.domain.errors import Conflict, Invalid, Misconfigured

SURE = "signed, verified and pushed"


def wait(certs_dir: Path, pass_type: str, name: str, in_use: str) -> bool:
    """True when there is one in use, beside which this one waits."""
    if in_use in ("", name):
        choices.change(certs_dir, pass_type, in_use=name, canary="", canary_card="", proven_at="")
        return False
    choices.change(certs_dir, pass_type, in_use=in_use, canary=name, canary_card="", proven_at="")
    return True


def waiting(certs_dir: Path, pass_type: str, now: datetime, passphrase: bytes | None = None) -> Credentials:
    """The certificate that waits, checked as the one in use is."""
    name = choices.read(certs_dir, pass_type).canary
    if not name:
        raise Invalid(f"No certificate waits for {pass_type}: import a renewed one first.")
    return certificates.load_pass_type(certs_dir, pass_type, now, passphrase, name=name)


def let_try(certs_dir: Path, pass_type: str, card: str) -> None:
    """This one card is signed with the certificate that waits, from now on."""
    choices.change(certs_dir, pass_type, canary_card=card)


def prove(certs_dir: Path, pass_type: str, now: datetime) -> None:
    choices.change(certs_dir, pass_type, proven_at=now.isoformat())


def switch(certs_dir: Path, pass_type: str, now: datetime, *, untried: bool = False) -> str:
    """The one that waits signs and pushes from now on; answers its name."""
    chosen = choices.read(certs_dir, pass_type)
    if not chosen.canary:
        raise Invalid(f"No certificate waits for {pass_type}: import a renewed one first.")
    if chosen.proven is None and not untried:
        raise Conflict(
            f"The certificate {chosen.canary} was not tried yet: run `flask wallet certs canary {pass_type}`."
        )
    in_use = certificates.name_in_use(certs_dir, pass_type, now)
    _take(certs_dir, pass_type, chosen.canary, in_use)
    return chosen.canary


def roll_back(certs_dir: Path, pass_type: str, now: datetime, passphrase: bytes | None = None) -> str:
    """The one before signs again, and the other waits; answers the name of the one that signs."""
    chosen = choices.read(certs_dir, pass_type)
    if not chosen.before:
        raise Invalid(f"{pass_type} was not switched: there is no certificate to go back to.")
    certificates.load_pass_type(certs_dir, pass_type, now, passphrase, name=chosen.before)
    in_use = certificates.name_in_use(certs_dir, pass_type, now)
    choices.change(
        certs_dir, pass_type, in_use=chosen.before, before="", canary=in_use, canary_card="", proven_at=""
    )
    return chosen.before


def _take(certs_dir: Path, pass_type: str, name: str, before: str) -> None:
    choices.change(certs_dir, pass_type, in_use=name, before=before, canary="", canary_card="", proven_at="")


def verify(signature: bytes, manifest: bytes, credentials: Credentials) -> str:
    """With OpenSSL's own command, which shares no code with our signer; says what it found."""
    if (openssl := shutil.which("openssl")) is None:
        return "The signature holds our certificate; OpenSSL's command is not here to read it."
    with TemporaryDirectory(prefix="canary-") as folder:
        place = Path(folder)
        (place / "signature").write_bytes(signature)
        (place / "manifest.json").write_bytes(manifest)
        (place / "issuer.pem").write_bytes(credentials.intermediate.public_bytes(Encoding.PEM))
        command = [openssl, "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"]
        command += ["-content", "manifest.json", "-CAfile", "issuer.pem", "-partial_chain"]
        command += ["-purpose", "any", "-out", "read"]
        answer = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=30)
    if answer.returncode != 0:
        why = answer.stderr.strip().splitlines()[-1:]
        raise Misconfigured(f"OpenSSL does not accept what {credentials.certificate_file.name} signs: {why}.")
    return "OpenSSL reads the signature and finds the issuer."
