"""What a pass is signed with: the certificate, its key and the intermediate that issued it, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import choices
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured

SANDBOX_ORGANIZATION = "Sandbox, not Apple"
WHERE_FROM = "https://www.apple.com/certificateauthority/"
PASS_TYPE = re.compile(r"pass(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Credentials:
    """One pass type's right to sign and to push."""

    pass_type: str
    team: str
    organization: str
    certificate: x509.Certificate
    intermediate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)
    certificate_file: Path
    key_file: Path
    passphrase: bytes | None = field(repr=False)

    @property
    def expires_at(self) -> datetime:
        return min(self.certificate.not_valid_after_utc, self.intermediate.not_valid_after_utc)

    @property
    def is_sandbox(self) -> bool:
        return is_sandbox(self.certificate)


def load(certs_dir: Path, now: datetime, passphrase: bytes | None = None) -> dict[str, Credentials]:
    """Every pass type of the folder; the first thing that is wrong stops it with a sentence."""
    files.require_private_keys(certs_dir)
    kinds = files.pass_types(certs_dir)
    return {pass_type: load_pass_type(certs_dir, pass_type, now, passphrase) for pass_type in kinds}


def load_pass_type(
    certs_dir: Path, pass_type: str, now: datetime, passphrase: bytes | None = None, *, name: str = ""
) -> Credentials:
    """Of several certificates that overlap, the one in use: as was chosen, else the one that lasts longest.
    `name` asks for another one (N17).
    """
    path, certificate = _in_use(certs_dir, pass_type, now, name)
    key_file = path.with_suffix(".key")
    key, word = files.read_key_with(key_file, passphrase)  # once: looking a key over takes its time
    require_same_key(certificate, key, path.name)
    uid, team = identifiers(certificate)
    _require_pass_type(uid, pass_type, path)
    return Credentials(
        pass_type=uid,
        team=team,
        organization=_one(certificate.subject, NameOID.ORGANIZATION_NAME) or "",
        certificate=certificate,
        intermediate=issuer_of(certificate, files.intermediates(certs_dir), now),
        key=key,
        certificate_file=path,
        key_file=key_file,
        passphrase=word,
    )


def name_in_use(certs_dir: Path, pass_type: str, now: datetime) -> str:
    """The name of the certificate that signs now; empty when none can."""
    try:
        return _in_use(certs_dir, pass_type, now, "")[0].stem
    except Misconfigured:
        return ""


def _in_use(certs_dir: Path, pass_type: str, now: datetime, name: str) -> tuple[Path, x509.Certificate]:
    """A chosen one that has expired gives way: whoever forgot to switch goes on signing."""
    wish = name or choices.read(certs_dir, pass_type).in_use
    path = certs_dir / pass_type / f"{wish}.pem"
    if wish and path.exists():
        certificate = files.read_certificate(path)
        if name or is_valid(certificate, now):
            _require_valid_leaf(certificate, now, path.name, pass_type)
            return path, certificate
    return _longest_lasting(certs_dir, pass_type, now)


def _longest_lasting(certs_dir: Path, pass_type: str, now: datetime) -> tuple[Path, x509.Certificate]:
    found = [(path, files.read_certificate(path)) for path in files.certificate_files(certs_dir, pass_type)]
    if not found:
        folder = certs_dir / pass_type
        said = f"There is no certificate for {pass_type} in {folder}: "
        said += "run flask wallet certs csr and flask wallet certs import."
        raise Misconfigured(Detail(said, "papers/none", pass_type=pass_type, folder=str(folder)))
    valid = [pair for pair in found if is_valid(pair[1], now)]
    path, certificate = max(valid or found, key=lambda pair: pair[1].not_valid_after_utc)
    _require_valid_leaf(certificate, now, path.name, pass_type)
    return path, certificate


def _require_valid_leaf(certificate: x509.Certificate, now: datetime, name: str, pass_type: str) -> None:
    require_valid(certificate, now, name, f"The certificate {name} of {pass_type}", "renew it")


def is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def require_valid(certificate: x509.Certificate, now: datetime, name: str, what: str, remedy: str) -> None:
    """B10, B11: both the clock and the date are in the sentence."""
    if now > certificate.not_valid_after_utc:
        case, date, since = "papers/expired", certificate.not_valid_after_utc, "expired on"
    elif now < certificate.not_valid_before_utc:
        case, date, since = "papers/not-yet", certificate.not_valid_before_utc, "is valid only from"
    else:
        return
    told = f"{since} {date:%Y-%m-%d %H:%M} UTC and it is {now:%Y-%m-%d %H:%M} UTC now"
    raise Misconfigured(Detail(f"{what} {told}: {remedy}.", case, name=name, date=date, now=now))


def require_same_key(certificate: x509.Certificate, key: rsa.RSAPrivateKey, name: str) -> None:
    """B10; by the public halves, so a key that never leaves its token can be asked too."""
    of_certificate, of_key = certificate.public_key(), key.public_key()
    if of_certificate != of_key:
        has, other = _short(certificate), _digest(of_key)
        said = f"The private key does not belong to {name}: the certificate has key {has}, "
        said += f"the key file {other}; import the certificate with the key its CSR was made from."
        raise Misconfigured(Detail(said, "papers/other-key", name=name))


def _short(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    return _digest(key) if isinstance(key, rsa.RSAPublicKey) else type(key).__name__


def _digest(key: rsa.RSAPublicKey) -> str:
    return x509.SubjectKeyIdentifier.from_public_key(key).digest.hex()[:16]


def identifiers(certificate: x509.Certificate) -> tuple[str, str]:
    """B9: pass type and team as the certificate says them; nobody types them."""
    uid, team = (
        _one(certificate.subject, oid) for oid in (NameOID.USER_ID, NameOID.ORGANIZATIONAL_UNIT_NAME)
    )
    subject = certificate.subject.rfc4514_string()
    if uid is None or not PASS_TYPE.fullmatch(uid):
        said = f"The certificate of {subject} is no pass certificate: its UID is {uid or 'missing'} and not "
        said += "pass.…; create a Pass Type ID certificate in Apple's developer portal."
        raise Misconfigured(Detail(said, "papers/no-pass", subject=subject))
    if not team:
        said = f"The certificate of {subject} names no team (OU): download it again from Apple."
        raise Misconfigured(Detail(said, "papers/no-team", subject=subject))
    return uid, team


def _one(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    values = [str(attribute.value) for attribute in name.get_attributes_for_oid(oid)]
    return values[0] if values else None


def _require_pass_type(uid: str, folder: str, path: Path) -> None:
    if uid != folder:
        said = f"{path} lies in the folder of {folder} but is a certificate for {uid}: "
        said += "remove it there and use flask wallet certs import."
        raise Misconfigured(Detail(said, "papers/astray", path=str(path), pass_type=uid))


def issuer_of(
    certificate: x509.Certificate, candidates: list[x509.Certificate], now: datetime
) -> x509.Certificate:
    """B6, B10: the intermediate whose key signed this one, never the one with the likeliest name."""
    issuers = [one for one in candidates if has_issued(one, certificate)]
    if not issuers:
        raise Misconfigured(_no_issuer(certificate, candidates))
    issuer = max(issuers, key=lambda one: one.not_valid_after_utc)
    remedy = f"download its successor from {WHERE_FROM} and import it"
    name = name_of(issuer)
    require_valid(issuer, now, name, f"The intermediate {name}", remedy)
    return issuer


def has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    if authority_key_id(certificate) not in (None, files.key_id(issuer)):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def authority_key_id(certificate: x509.Certificate) -> str | None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return extension.value.key_identifier.hex() if extension.value.key_identifier else None


def _no_issuer(certificate: x509.Certificate, candidates: list[x509.Certificate]) -> Detail:
    have = ", ".join(f"{name_of(one)} ({files.key_id(one)[:16]})" for one in candidates) or "none"
    wanted = (authority_key_id(certificate) or "unknown")[:16]
    subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    said = (
        f"The intermediate that issued the certificate of {subject} is missing: "
        f"wanted {issuer} ({wanted}), have {have}; "
        f"download it from {WHERE_FROM} (for certificates since 2022 it is G4) and import it."
    )
    return Detail(said, "papers/no-issuer", issuer=issuer, address=WHERE_FROM)


def name_of(certificate: x509.Certificate) -> str:
    common = _one(certificate.subject, NameOID.COMMON_NAME)
    unit = _one(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
    return " ".join(part for part in (common, unit) if part) or certificate.subject.rfc4514_string()


def holds_sandbox(certs_dir: Path, pass_type: str) -> bool:
    """Also while nothing there can sign."""
    return any(is_sandbox(one) for one in files.readable_certificates(certs_dir, pass_type))


def is_sandbox(certificate: x509.Certificate) -> bool:
    return _one(certificate.issuer, NameOID.ORGANIZATION_NAME) == SANDBOX_ORGANIZATION
