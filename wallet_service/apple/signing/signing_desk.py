"""Who signs a pass type: the keyring's signer, a few at once, each signature looked at before it goes out."""

from __future__ import annotations

import os
from hashlib import sha256
from threading import Lock

from cryptography.hazmat.primitives.serialization import Encoding

from wallet_service.apple.signing.certificates import Credentials
from wallet_service.apple.signing.signer import BoundedSigner, Keyring, Signer
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured, Unavailable

PATIENCE = 5.0


class CheckedSigner:
    """B17: what does not hold the manifest's digest and our certificate never reaches a phone."""

    def __init__(self, signer: Signer, credentials: Credentials) -> None:
        self.pass_type, self.team = signer.pass_type, signer.team
        self._signer = signer
        self._leaf = credentials.certificate.public_bytes(Encoding.DER)

    def sign(self, manifest: bytes) -> bytes:
        signature = self._signer.sign(manifest)
        if sha256(manifest).digest() not in signature or self._leaf not in signature:
            raise Unavailable(f"The signature for {self.pass_type} is not right. Look at its key.")
        return signature


class SigningDesk:
    """At most `at_once` signatures of a pass type at a time (S20); the rest wait, but not for long."""

    def __init__(
        self, keyring: Keyring, *, at_once: int = os.cpu_count() or 1, patience: float = PATIENCE
    ) -> None:
        self._keyring, self._at_once, self._patience = keyring, at_once, patience
        self._bounded: dict[str, tuple[Credentials, Signer]] = {}
        self._lock = Lock()

    def pass_types(self) -> list[str]:
        """At least one, or Misconfigured."""
        if known := self._keyring.pass_types():
            return known
        said = "There is no pass certificate. Run `flask wallet certs csr` and `flask wallet certs import`."
        raise Misconfigured(Detail(said, "papers/not-one"))

    def credentials(self, pass_type: str, serial: str = "") -> Credentials:
        """Misconfigured when the certificate is missing or expired (B11)."""
        return self._keyring.credentials(pass_type, serial)

    def signer(self, pass_type: str, serial: str = "") -> Signer:
        """The same one until the certificate is renewed, so that the bound holds for all who ask."""
        credentials = self.credentials(pass_type, serial)
        name = str(credentials.certificate_file)
        with self._lock:
            known = self._bounded.get(name)
            if known is None or known[0] is not credentials:
                checked = CheckedSigner(self.plain(pass_type, serial), credentials)
                known = self._bounded[name] = credentials, self.bounded(checked)
        return known[1]

    def plain(self, pass_type: str, serial: str = "") -> Signer:
        return self._keyring.signer(pass_type, serial)

    def bounded(self, signer: Signer) -> Signer:
        return BoundedSigner(signer, at_once=self._at_once, patience=self._patience)
