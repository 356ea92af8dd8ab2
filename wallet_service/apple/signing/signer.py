"""Puts Apple's kind of signature under a manifest, with a key from a file or from a token."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import certificates, choices
from wallet_service.apple.signing.certificates import Credentials
from wallet_service.apple.signing.push_keys import PushKey, PushKeys
from wallet_service.domain.errors import Misconfigured, Unavailable

Clock = Callable[[], datetime]
Doubt = Callable[[datetime], str]
"""Why the clock is not to be believed at this moment; empty when it is."""

# B4, B8: without Binary the hash is of a copy with other line ends; without Detached the manifest is inside.
OPTIONS = (PKCS7Options.DetachedSignature, PKCS7Options.Binary)
RETRY_AFTER = 3600  # a certificate is renewed within hours, not seconds
CLOCK_RETRY_AFTER = 300


class Signer(Protocol):
    @property
    def pass_type(self) -> str: ...

    @property
    def team(self) -> str: ...

    def sign(self, manifest: bytes) -> bytes: ...


class FileSigner:
    """Signs with a key held in memory; any `RSAPrivateKey` will do, also one whose `sign` asks a token."""

    def __init__(
        self,
        certificate: x509.Certificate,
        key: rsa.RSAPrivateKey,
        intermediate: x509.Certificate,
        clock: Clock,
        doubt: Doubt = lambda _now: "",
    ) -> None:
        self.pass_type, self.team = certificates.identifiers(certificate)  # B9
        certificates.require_same_key(certificate, key, f"the certificate of {self.pass_type}")
        certificates.issuer_of(certificate, [intermediate], clock())  # B10
        self._intermediate, self._clock, self._doubt = intermediate, clock, doubt
        self._ready = PKCS7SignatureBuilder().add_signer(certificate, key, SHA256())
        self._begins = max(certificate.not_valid_before_utc, intermediate.not_valid_before_utc)
        self._ends = min(certificate.not_valid_after_utc, intermediate.not_valid_after_utc)

    def sign(self, manifest: bytes) -> bytes:
        """B5 to B7: signing time, leaf and intermediate, SHA-256 with RSA."""
        self._require_valid()
        # In this order: `set_data` forgets the certificates added before it, though not the signer.
        builder = self._ready.set_data(manifest).add_certificate(self._intermediate)
        try:
            return builder.sign(Encoding.DER, OPTIONS)
        except Exception as fault:  # a token's library has errors of its own; B17 makes each a 503
            raise Unavailable(f"The signing key of {self.pass_type} does not work at the moment.") from fault

    def _require_valid(self) -> None:
        """B11: an expired certificate signs nothing; nor does a clock that others contradict, because its
        time would stand in the signature.
        """
        now = self._clock()
        if doubt := self._doubt(now):
            raise Unavailable(f"{doubt} Until then nothing is signed.", retry_after=CLOCK_RETRY_AFTER)
        if not self._begins <= now <= self._ends:
            raise Unavailable(
                f"The certificate of {self.pass_type} is valid from {self._begins:%Y-%m-%d %H:%M} "
                f"to {self._ends:%Y-%m-%d %H:%M} UTC and it is {now:%Y-%m-%d %H:%M} UTC now: "
                f"renew it with flask wallet certs csr.",
                retry_after=RETRY_AFTER,
            )


def file_signer(credentials: Credentials, clock: Clock, doubt: Doubt = lambda _now: "") -> FileSigner:
    return FileSigner(credentials.certificate, credentials.key, credentials.intermediate, clock, doubt)


class BoundedSigner:
    """So many signatures at once and no more (S20); who waits longer than `patience` may come back."""

    def __init__(self, signer: Signer, *, at_once: int, patience: float) -> None:
        self.pass_type, self.team = signer.pass_type, signer.team
        self._signer, self._patience = signer, patience
        self._places: SimpleQueue[None] = SimpleQueue()  # a semaphore in C, at a tenth of its price
        for _ in range(at_once):
            self._places.put(None)

    def sign(self, manifest: bytes) -> bytes:
        try:
            self._places.get(timeout=self._patience)
        except Empty:
            raise Unavailable("Too many cards are being signed at the moment.", retry_after=5) from None
        try:
            return self._signer.sign(manifest)
        finally:
            self._places.put(None)


Stamps = tuple[int, ...]


@dataclass(frozen=True)
class Held:
    """What a look at the folder found: a signer, or the sentence that says why there is none."""

    found: tuple[Credentials, FileSigner] | Misconfigured
    stamps: Stamps
    looked_at: datetime
    canary_card: str = ""
    canary: tuple[Credentials, FileSigner] | None = None


class Keyring:
    """The signers of a certificates folder, one per pass type; a renewed certificate needs no restart."""

    LOOK_EVERY_SECONDS = 30

    def __init__(
        self,
        certs_dir: Path,
        clock: Clock,
        passphrase: bytes | None = None,
        doubt: Doubt = lambda _now: "",
    ) -> None:
        self._certs_dir, self._clock, self._passphrase = certs_dir, clock, passphrase
        self._doubt = doubt
        self._push_keys = PushKeys(certs_dir, passphrase)
        self._held: dict[str, Held] = {}
        self._one_reader = Lock()

    def pass_types(self) -> list[str]:
        return files.pass_types(self._certs_dir)

    def credentials(self, pass_type: str, serial: str = "") -> Credentials:
        """`serial`: the card that is signed; one of them may try the next certificate (N17)."""
        return self._get(pass_type, serial)[0]

    def signer(self, pass_type: str, serial: str = "") -> FileSigner:
        return self._get(pass_type, serial)[1]

    def push_key(self, pass_type: str) -> PushKey | None:
        """None: it pushes with its certificate (N5, N6)."""
        return self._push_keys.of(pass_type)

    def _get(self, pass_type: str, serial: str) -> tuple[Credentials, FileSigner]:
        with self._one_reader:
            held = self._held[pass_type] = self._current(pass_type, self._clock())
        if held.canary is not None and serial and held.canary_card == serial:
            return held.canary
        if isinstance(held.found, Misconfigured):
            raise Misconfigured(held.found.detail, retry_after=RETRY_AFTER) from held.found
        return held.found

    def _current(self, pass_type: str, now: datetime) -> Held:
        held = self._held.get(pass_type)
        if held and abs((now - held.looked_at).total_seconds()) < self.LOOK_EVERY_SECONDS:
            return held
        stamps = self._stamps(pass_type)
        if held and held.stamps == stamps and self._lasts(held, now):
            return replace(held, stamps=stamps, looked_at=now)
        return self._read(pass_type, stamps, now)

    def _stamps(self, pass_type: str) -> Stamps:
        folders = (self._certs_dir / pass_type, self._certs_dir / files.WWDR)
        return tuple(folder.stat().st_mtime_ns for folder in folders if folder.is_dir())

    def _lasts(self, held: Held, now: datetime) -> bool:
        return not isinstance(held.found, Misconfigured) and now <= held.found[0].expires_at

    def _read(self, pass_type: str, stamps: Stamps, now: datetime) -> Held:
        try:
            chosen = choices.read(self._certs_dir, pass_type)
            found = self._load(pass_type, now, "")
        except Misconfigured as fault:
            return Held(fault, stamps, now)
        if not chosen.canary or not chosen.canary_card:
            return Held(found, stamps, now)
        with suppress(Misconfigured):  # what does not work is for `certs canary` to say
            canary = self._load(pass_type, now, chosen.canary)
            return Held(found, stamps, now, chosen.canary_card, canary)
        return Held(found, stamps, now)

    def _load(self, pass_type: str, now: datetime, name: str) -> tuple[Credentials, FileSigner]:
        credentials = certificates.load_pass_type(
            self._certs_dir, pass_type, now, self._passphrase, name=name
        )
        return credentials, file_signer(credentials, self._clock, self._doubt)
