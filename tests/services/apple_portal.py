"""Plays Apple's developer portal: answers a CSR with a certificate, a right one or one that is off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from wallet_service.apple.signing.sandbox_certificates import make_sandbox


@dataclass(frozen=True)
class Portal:
    """`wwdr_file` is the intermediate as Apple offers it for download, in DER."""

    wwdr: x509.Certificate
    wwdr_file: Path
    root_file: Path
    key: rsa.RSAPrivateKey

    def answer(
        self, csr_file: Path, now: datetime, *, uid: str | None = "pass.test.shop", days: int = 365
    ) -> Path:
        """A .cer in DER, beside the CSR's folder."""
        csr = x509.load_pem_x509_csr(csr_file.read_bytes())
        certificate = self.issue(csr.public_key(), now, uid=uid, days=days)
        path = self.wwdr_file.with_name(f"{certificate.serial_number}.cer")
        path.write_bytes(certificate.public_bytes(Encoding.DER))
        return path

    def issue(
        self, public_key: object, now: datetime, *, uid: str | None = "pass.test.shop", days: int = 365
    ) -> x509.Certificate:
        assert isinstance(public_key, rsa.RSAPublicKey)
        names = [(NameOID.USER_ID, uid), (NameOID.ORGANIZATIONAL_UNIT_NAME, "TEAM123456")]
        subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names if value])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.wwdr.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(issuer, False)
            .sign(self.key, SHA256())
        )


def open_portal(folder: Path, now: datetime) -> Portal:
    made = make_sandbox(folder, now)
    wwdr = x509.load_pem_x509_certificate((folder / "sandbox" / "wwdr.pem").read_bytes())
    key = load_pem_private_key((folder / "sandbox" / "wwdr.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    der = folder / "AppleWWDRCAG4.cer"
    der.write_bytes(wwdr.public_bytes(Encoding.DER))
    return Portal(wwdr, der, made.root_file, key)
