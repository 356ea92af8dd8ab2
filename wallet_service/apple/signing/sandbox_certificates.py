"""A certificate authority of our own that plays Apple's, so that everything runs without an Apple account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing.certificates import SANDBOX_ORGANIZATION, has_issued, is_sandbox
from wallet_service.domain.errors import Misconfigured

COFFEE = "pass.sandbox.coffee"
TEAM = "SANDBOX001"
YEAR = 365  # days
RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Sandbox:
    """Where the sandbox lies; `server_file` and `server_key_file` are for a simulator on localhost."""

    pass_type: str
    root_file: Path
    server_file: Path
    server_key_file: Path


@dataclass(frozen=True)
class Holder:
    """A certificate together with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def make_sandbox(certs_dir: Path, now: datetime, pass_type: str = COFFEE) -> Sandbox:
    """Makes what is missing or nearly expired and leaves the rest as it is."""
    folder = certs_dir / files.SANDBOX
    now = now.replace(microsecond=0)
    root = _kept(folder / "root.pem", None, now) or _keep(folder / "root.pem", _root(now))
    wwdr = _kept(folder / "wwdr.pem", root, now) or _keep(folder / "wwdr.pem", _intermediate(root, now))
    files.store_intermediate(certs_dir, wwdr.certificate)
    server = folder / "server.pem"
    if not _kept(server, root, now):
        _keep(server, _server(root, now))
    if not _has_pass_certificate(certs_dir, pass_type, wwdr, now):
        holder = _pass_certificate(pass_type, wwdr, now)
        files.store(certs_dir, pass_type, [holder.certificate, wwdr.certificate], holder.key)
    return Sandbox(pass_type, folder / "root.pem", server, server.with_suffix(".key"))


def _has_pass_certificate(certs_dir: Path, pass_type: str, wwdr: Holder, now: datetime) -> bool:
    paths = files.certificate_files(certs_dir, pass_type)
    for path in paths:
        if not is_sandbox(files.read_certificate(path)):
            raise Misconfigured(f"{path} is a real certificate: choose another pass type for the sandbox.")
    kept = [path for path in paths if _kept(path, wwdr, now)]
    for path in set(paths) - set(kept):
        path.unlink()
        path.with_suffix(".key").unlink(missing_ok=True)
    return bool(kept)


def _kept(path: Path, issuer: Holder | None, now: datetime) -> Holder | None:
    """The one already there, if it still is of use."""
    if not path.exists() or not path.with_suffix(".key").exists():
        return None
    holder = Holder(files.read_certificate(path), files.read_key(path.with_suffix(".key")))
    signer = issuer or holder
    lasts = holder.certificate.not_valid_after_utc > now + RENEW_BEFORE
    begun = holder.certificate.not_valid_before_utc <= now
    return holder if lasts and begun and has_issued(signer.certificate, holder.certificate) else None


def _keep(path: Path, holder: Holder) -> Holder:
    files.write_key(path.with_suffix(".key"), holder.key)
    files.write_certificates(path, [holder.certificate])
    return holder


Extend = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]


def _root(now: datetime) -> Holder:
    name = _name({NameOID.COMMON_NAME: "Sandbox Root CA", NameOID.ORGANIZATION_NAME: SANDBOX_ORGANIZATION})
    return _issue(name, None, now, 20 * YEAR, lambda builder: _authority(builder, None))


def _intermediate(root: Holder, now: datetime) -> Holder:
    name = _name(
        {
            NameOID.COMMON_NAME: "Sandbox Worldwide Developer Relations Certification Authority",
            NameOID.ORGANIZATIONAL_UNIT_NAME: "G4",
            NameOID.ORGANIZATION_NAME: SANDBOX_ORGANIZATION,
            NameOID.COUNTRY_NAME: "US",
        }
    )
    return _issue(name, root, now, 10 * YEAR, lambda builder: _authority(builder, 0))


def _pass_certificate(pass_type: str, wwdr: Holder, now: datetime) -> Holder:
    name = _name(
        {
            NameOID.USER_ID: pass_type,
            NameOID.COMMON_NAME: f"Pass Type ID: {pass_type}",
            NameOID.ORGANIZATIONAL_UNIT_NAME: TEAM,
            NameOID.ORGANIZATION_NAME: "Sandbox Coffee",
            NameOID.COUNTRY_NAME: "US",
        }
    )
    # emailProtection is what OpenSSL's cms command asks of a signer when told no purpose.
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return _issue(name, wwdr, now, YEAR, lambda builder: _end_entity(builder, purposes))


def _server(root: Holder, now: datetime) -> Holder:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ip_address("127.0.0.1")),
            x509.IPAddress(ip_address("::1")),
        ]
    )
    return _issue(
        _name({NameOID.COMMON_NAME: "localhost", NameOID.ORGANIZATION_NAME: SANDBOX_ORGANIZATION}),
        root,
        now,
        YEAR,
        lambda builder: _end_entity(builder, [ExtendedKeyUsageOID.SERVER_AUTH]).add_extension(names, False),
    )


def _name(parts: dict[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])


def _issue(name: x509.Name, issuer: Holder | None, now: datetime, days: int, extend: Extend) -> Holder:
    key = new_key()
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of two machines differ
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    return Holder(extend(builder).sign(signer, SHA256()), key)


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _authority(builder: x509.CertificateBuilder, depth: int | None) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(True, depth), True).add_extension(_usage(True), True)


def _end_entity(
    builder: x509.CertificateBuilder, purposes: list[x509.ObjectIdentifier]
) -> x509.CertificateBuilder:
    return (
        builder.add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(_usage(False), True)
        .add_extension(x509.ExtendedKeyUsage(purposes), False)
    )


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_encipherment=False,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
