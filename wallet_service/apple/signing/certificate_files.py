"""Certificates and keys as files: where they lie, read with care, written for their owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Misconfigured

WWDR, PENDING, SANDBOX = "wwdr", "pending", "sandbox"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def pass_types(certs_dir: Path) -> list[str]:
    return sorted(folder.name for folder in certs_dir.glob("pass.*") if folder.is_dir())


def certificate_files(certs_dir: Path, pass_type: str) -> list[Path]:
    return sorted((certs_dir / pass_type).glob("*.pem"))


def readable_certificates(certs_dir: Path, pass_type: str) -> Iterator[x509.Certificate]:
    for path in certificate_files(certs_dir, pass_type):
        with suppress(Misconfigured):
            yield read_certificate(path)


def intermediates(certs_dir: Path) -> list[x509.Certificate]:
    return [read_certificate(path) for path in sorted((certs_dir / WWDR).glob("*.pem"))]


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate of the file: a chain file names its owner first."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise Misconfigured(f"{path} is not a certificate we can read: import it again.") from fault


def read_key(path: Path, passphrase: bytes | None = None) -> rsa.RSAPrivateKey:
    return require_rsa(read_any_key(path, passphrase), path.name)


def read_any_key(path: Path, passphrase: bytes | None = None) -> object:
    return _opened(path, passphrase)[0]


def read_key_with(path: Path, passphrase: bytes | None) -> tuple[rsa.RSAPrivateKey, bytes | None]:
    """And which of the passphrases opens it; None: it is not locked."""
    key, word = _opened(path, passphrase)
    return require_rsa(key, path.name), word


def locking(passphrase: bytes | None) -> bytes | None:
    """While a passphrase is being changed there is one on each line: the first locks, all of them open."""
    return passphrase.split(b"\n")[0].strip() if passphrase else None


def _opened(path: Path, passphrase: bytes | None) -> tuple[object, bytes | None]:
    pem = _read_key_file(path)
    locked = b"ENCRYPTED" in pem
    if locked and not passphrase:
        said = f"The private key {path} is encrypted: give WALLET_KEY_PASSPHRASE."
        raise Misconfigured(Detail(said, "papers/locked", path=str(path)))
    words = [word.strip() for word in (passphrase or b"").split(b"\n") if word.strip()]
    for word in words if locked else [None]:
        with suppress(ValueError):
            return load_pem_private_key(pem, word), word
    raise Misconfigured(_unreadable_key(path, locked))


def _read_key_file(path: Path) -> bytes:
    require_private(path)
    try:
        return path.read_bytes()
    except OSError as fault:
        said = f"The private key {path} cannot be read: {fault.strerror}."
        why = fault.strerror or type(fault).__name__
        raise Misconfigured(Detail(said, "papers/unread", path=str(path), why=why)) from fault


def _unreadable_key(path: Path, locked: bool) -> Detail:
    if locked:
        said = f"The private key {path} does not open with WALLET_KEY_PASSPHRASE: correct that setting."
        return Detail(said, "papers/wrong-passphrase", path=str(path))
    said = f"{path} is not a private key in PEM form: put the right file there or import again."
    return Detail(said, "papers/no-key", path=str(path))


def require_rsa(key: object, name: str) -> rsa.RSAPrivateKey:
    if not isinstance(key, rsa.RSAPrivateKey):
        said = f"The key in {name} is not RSA, which Apple asks for: make a new CSR."
        raise Misconfigured(Detail(said, "papers/not-rsa", name=name))
    return key


def require_rsa_public(key: object) -> rsa.RSAPublicKey:
    if not isinstance(key, rsa.RSAPublicKey):
        raise Misconfigured("The key of the certificate is not RSA, which Apple asks for: make a new CSR.")
    return key


def require_private_keys(certs_dir: Path) -> None:
    for path in sorted(certs_dir.rglob("*.key")):
        require_private(path)


def require_private(path: Path) -> None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as fault:
        said = f"The private key {path} is missing: import it again or restore it."
        raise Misconfigured(Detail(said, "papers/key-gone", path=str(path))) from fault
    if mode & OTHERS:
        said = f"The private key {path} is open to others on this machine (mode {mode:04o}): "
        said += f"run chmod 600 {path}."
        raise Misconfigured(Detail(said, "papers/open", path=str(path), mode=f"{mode:04o}"))


def relock(certs_dir: Path, passphrase: bytes | None) -> int:
    """Every key of ours under the first of the passphrases; how many were. Each file is whole at any time."""
    if passphrase is None:
        raise Misconfigured("WALLET_KEY_PASSPHRASE_FILE is missing: new passphrase on line 1, old on line 2.")
    keys = [path for path in sorted(certs_dir.rglob("*.key")) if SANDBOX not in path.parts]
    opened = [(path, read_any_key(path, passphrase)) for path in keys]  # all of them, before one is written
    for path, key in opened:
        if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            write_key(path, key, passphrase)
    return len(opened)


def store(
    certs_dir: Path,
    pass_type: str,
    chain: Iterable[x509.Certificate],
    key: rsa.RSAPrivateKey,
    passphrase: bytes | None = None,
) -> Path:
    """Side by side with older ones: the name is the last day and the end of the serial number."""
    chain = list(chain)
    serial_end = f"{chain[0].serial_number:08x}"[-8:]
    path = certs_dir / pass_type / f"{chain[0].not_valid_after_utc:%Y%m%d}-{serial_end}.pem"
    write_key(path.with_suffix(".key"), key, passphrase)
    write_certificates(path, chain)
    return path


def store_intermediate(certs_dir: Path, certificate: x509.Certificate) -> Path:
    path = certs_dir / WWDR / f"{certificate.not_valid_after_utc:%Y%m%d}-{key_id(certificate)[:8]}.pem"
    write_certificates(path, [certificate])
    return path


def key_id(certificate: x509.Certificate) -> str:
    """The key identifier a certificate gives itself, by which those it issued name it."""
    try:
        own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        own = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    return own.digest.hex()


def write_certificates(path: Path, certificates: Iterable[x509.Certificate]) -> None:
    write_private(path, b"".join(one.public_bytes(Encoding.PEM) for one in certificates))


def write_key(
    path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes | None = None
) -> None:
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _lock(passphrase)))


def _lock(passphrase: bytes | None) -> KeySerializationEncryption:
    word = locking(passphrase)
    return BestAvailableEncryption(word) if word else NoEncryption()


def write_private(path: Path, data: bytes) -> None:
    """Whole or not at all, and never for a moment readable by others."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)  # half a key, or half of what is kept about a member
