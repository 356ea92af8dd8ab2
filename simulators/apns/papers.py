"""Certificates to play with: an authority, the server's papers, and pass certificates as Apple words them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEAR = timedelta(days=365)


class Paper(NamedTuple):
    certificate: Path
    key: Path


class Authority:
    """Signs for one test run; everything it makes lies in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(f"Authority {uuid4()}")
        self.file = folder / "ca.pem"
        self.file.write_bytes(_pem(self._sign(self._name, self._key, _ca(), YEAR)))
        self.server = self._issue("server", _name("APNs simulator"), _server(), YEAR)

    def pass_certificate(self, topic: str, *, lifetime: timedelta = YEAR) -> Paper:
        """The subject's UID is the pass type identifier; a negative lifetime has ended already."""
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.USER_ID, topic),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {topic}"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "TEAM123456"),
            ]
        )
        return self._issue(topic, subject, _client(), lifetime)

    def _issue(self, stem: str, subject: x509.Name, use: Extension, lifetime: timedelta) -> Paper:
        key = ec.generate_private_key(ec.SECP256R1())
        paper = Paper(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        paper.certificate.write_bytes(_pem(self._sign(subject, key, use, lifetime)))
        paper.key.touch(mode=0o600)
        paper.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return paper

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, use: Extension, lifetime: timedelta
    ) -> x509.Certificate:
        ends = datetime.now(UTC) + lifetime
        builder = x509.CertificateBuilder(subject_name=subject, issuer_name=self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(ends - 2 * YEAR).not_valid_after(ends)
        for extension, critical in use:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())


Extension = list[tuple[x509.ExtensionType, bool]]


def _ca() -> Extension:
    return [(x509.BasicConstraints(ca=True, path_length=None), True)]


def _server() -> Extension:
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return [(x509.SubjectAlternativeName(names), False), (use, False)]


def _client() -> Extension:
    return [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True)]


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
