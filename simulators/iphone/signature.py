"""Checks the signature with the OpenSSL command line, which shares no code with the service's signer."""

import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from simulators.iphone.refusal import Refused


@dataclass(frozen=True)
class Signer:
    """What the leaf certificate says about itself."""

    pass_type: str
    team: str
    organization: str


def check_signature(signature: bytes, manifest: bytes, root_ca: Path, now: datetime) -> Signer:
    """Detached CMS over the exact manifest bytes, with signing time, chained to the root (B4 to B6, B10)."""
    with tempfile.TemporaryDirectory(prefix="iphone-") as folder:
        place = Path(folder)
        (place / "signature").write_bytes(signature)
        (place / "manifest.json").write_bytes(manifest)
        _check_form(place)
        return _verify(place, root_ca, now)


def _check_form(place: Path) -> None:
    shown = _openssl(place, "-cmsout", "-print", "-inform", "DER", "-in", "signature", "-noout")
    if shown.returncode != 0 or "pkcs7-signedData" not in shown.stdout:
        raise Refused("B4", "The signature is not CMS SignedData in DER.")
    if "eContent: <ABSENT>" not in shown.stdout:
        raise Refused("B4", "The signature embeds the manifest; it must be detached.")
    if shown.stdout.count("signerIdentifier") > 1 or "signerInfos:\n        <EMPTY>" in shown.stdout:
        raise Refused("B4", "The signature does not have exactly one signer.")
    if "signingTime (1.2.840.113549.1.9.5)" not in shown.stdout:
        raise Refused("B5", "The signed attributes have no signingTime.")


def _verify(place: Path, root_ca: Path, now: datetime) -> Signer:
    answer = _openssl(
        place,
        *("-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "manifest.json"),
        *("-CAfile", str(root_ca.resolve()), "-no-CApath", "-no-CAstore", "-purpose", "any"),
        *("-attime", str(int(now.timestamp())), "-signer", "signer.pem", "-out", "checked"),
    )
    if answer.returncode != 0:
        raise _refusal(answer.stderr)
    return _signer(x509.load_pem_x509_certificate((place / "signer.pem").read_bytes()))


def _refusal(complaint: str) -> Refused:
    if "expired" in complaint or "not yet valid" in complaint:
        return Refused("B10", "A certificate of the signature is not valid now.")
    if "signer certificate not found" in complaint:
        return Refused("B6", "The signature does not carry its signing certificate.")
    if "certificate verify error" in complaint:
        return Refused("B6", "The signing certificate does not lead to the trusted root.")
    return Refused("B4", "The signature does not fit manifest.json.")


def _openssl(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["openssl", "cms", *arguments]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, errors="replace", timeout=30)


def _signer(leaf: x509.Certificate) -> Signer:
    return Signer(
        pass_type=_attribute(leaf, NameOID.USER_ID),
        team=_attribute(leaf, NameOID.ORGANIZATIONAL_UNIT_NAME),
        organization=_attribute(leaf, NameOID.ORGANIZATION_NAME),
    )


def _attribute(leaf: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = leaf.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
