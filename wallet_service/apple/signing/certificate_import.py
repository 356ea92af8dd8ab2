"""A certificate is asked for, comes from Apple in one of three forms, and finds its key and its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12
from cryptography.x509.oid import NameOID

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import certificates, renewal
from wallet_service.apple.signing.sandbox_certificates import new_key
from wallet_service.domain.errors import Conflict, Invalid, Misconfigured

P12_VERSION = b"\x02\x01\x03"  # how the DER of every .p12 goes on after its length


@dataclass(frozen=True)
class Imported:
    """`pass_type` and `team` are empty for an intermediate. `waits`: it lies beside the one in use."""

    name: str
    pass_type: str
    team: str
    expires_at: datetime
    path: Path
    waits: bool = False


@dataclass(frozen=True)
class Bag:
    """What one file held."""

    file: Path
    certificates: list[x509.Certificate]
    key: rsa.RSAPrivateKey | None = None


def request(certs_dir: Path, *, name: str, passphrase: bytes | None = None) -> Path:
    """The file to upload to Apple; its key waits beside it."""
    key = new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    key_file = _pending_key(certs_dir, key.public_key())
    files.write_key(key_file, key, passphrase)
    files.write_private(key_file.with_suffix(".csr"), csr.public_bytes(Encoding.PEM))
    return key_file.with_suffix(".csr")


def is_p12(data: bytes) -> bool:
    return data[:1] == b"\x30" and P12_VERSION in data[:9]


def import_files(
    certs_dir: Path,
    paths: Iterable[Path],
    now: datetime,
    *,
    password: bytes | None = None,
    passphrase: bytes | None = None,
    new_pass_type: bool = False,
    at_once: bool = False,
) -> list[Imported]:
    """Nothing is stored unless all files are good; intermediates come first, whatever the order given.

    `password` opens what is imported, `passphrase` locks the keys that we keep. A renewed certificate waits
    beside the one in use until it was tried (N17), unless it is to be used `at_once`.
    """
    bags = [_open(path, password) for path in paths]
    everything = [certificate for bag in bags for certificate in bag.certificates]
    authorities = [certificate for certificate in everything if _is_intermediate(certificate)]
    keys = [bag.key for bag in bags if bag.key]
    leaves = [certificate for certificate in everything if not _is_authority(certificate)]
    _require_useful(bags, authorities, leaves, now)
    known = files.intermediates(certs_dir) + authorities
    checked = [
        _checked(certs_dir, leaf, known, keys, now, passphrase=passphrase, new_pass_type=new_pass_type)
        for leaf in leaves
    ]
    done = [_store_authority(certs_dir, one) for one in authorities if certificates.is_valid(one, now)]
    stored = [_store_leaf(certs_dir, leaf, issuer, key, passphrase, now) for leaf, issuer, key in checked]
    if at_once:
        stored = [_used_at_once(certs_dir, one, now) for one in stored]
    return done + stored


def _open(path: Path, password: bytes | None) -> Bag:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise Invalid(f"{path} cannot be read: {fault.strerror}.") from fault
    if is_p12(data):
        return _open_p12(path, data, password)
    try:
        if b"-----BEGIN" in data:
            bag = _open_pem(path, data, password)
        else:
            bag = Bag(path, [x509.load_der_x509_certificate(data)])
        for certificate in bag.certificates:
            _ = certificate.extensions, certificate.public_key()  # read late, so a fault would show late
    except (ValueError, UnsupportedAlgorithm) as fault:
        raise Invalid(
            f"{path} is no certificate: give the .cer from Apple's portal, a .p12 from Keychain or a .pem."
        ) from fault
    return bag


def _open_p12(path: Path, data: bytes, password: bytes | None) -> Bag:
    """B8: also the RC2 and 3DES of Keychain's exports."""
    try:
        found = pkcs12.load_pkcs12(data, password)
    except ValueError as fault:
        raise Invalid(f"{path} does not open: the password is wrong or the file is damaged.") from fault
    if found.cert is None or found.key is None:
        raise Invalid(
            f"{path} lacks the private key or its certificate: in Keychain export the certificate "
            f"under My Certificates, where its key is shown below it."
        )
    others = [extra.certificate for extra in found.additional_certs]
    return Bag(path, [found.cert.certificate, *others], files.require_rsa(found.key, path.name))


def _open_pem(path: Path, data: bytes, password: bytes | None) -> Bag:
    held = x509.load_pem_x509_certificates(data) if b"BEGIN CERTIFICATE" in data else []
    if b"PRIVATE KEY" not in data:
        return Bag(path, held)
    try:
        key = load_pem_private_key(data, password if b"ENCRYPTED" in data else None)
    except TypeError as fault:
        raise Invalid(f"The private key in {path} is encrypted: give its password.") from fault
    except ValueError as fault:
        raise Invalid(f"The private key in {path} does not open: the password is wrong.") from fault
    return Bag(path, held, files.require_rsa(key, path.name))


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_intermediate(certificate: x509.Certificate) -> bool:
    return _is_authority(certificate) and certificate.subject != certificate.issuer


def _require_useful(
    bags: list[Bag], authorities: list[x509.Certificate], leaves: list[x509.Certificate], now: datetime
) -> None:
    if not leaves and not authorities:
        names = ", ".join(str(bag.file) for bag in bags)
        raise Invalid(
            f"Neither a pass certificate nor an intermediate is in {names}: give the .cer from Apple."
        )
    if not leaves:
        for authority in authorities:
            _require_valid(authority, now)


def _require_valid(certificate: x509.Certificate, now: datetime) -> None:
    name = certificates.name_of(certificate)
    certificates.require_valid(certificate, now, name, f"The certificate {name}", "give one that is valid")


Checked = tuple[x509.Certificate, x509.Certificate, rsa.RSAPrivateKey]


def _checked(
    certs_dir: Path,
    leaf: x509.Certificate,
    known: list[x509.Certificate],
    keys: list[rsa.RSAPrivateKey],
    now: datetime,
    *,
    passphrase: bytes | None,
    new_pass_type: bool,
) -> Checked:
    """B9, B10."""
    pass_type, _ = certificates.identifiers(leaf)
    _require_valid(leaf, now)
    if not new_pass_type:
        _require_known(certs_dir, pass_type, leaf)
    issuer = certificates.issuer_of(leaf, known, now)
    return leaf, issuer, _key_of(certs_dir, leaf, keys, passphrase)


def _require_known(certs_dir: Path, pass_type: str, leaf: x509.Certificate) -> None:
    """Cards of one pass type die when their service signs with another (B11)."""
    sandbox = certificates.is_sandbox(leaf)
    kinds = files.pass_types(certs_dir)
    have = [kind for kind in kinds if certificates.holds_sandbox(certs_dir, kind) == sandbox]
    if have and pass_type not in have:
        raise Conflict(
            f"This certificate is for {pass_type}, your cards are of {', '.join(have)} and could never be "
            f"updated with it: renew for that pass type, or add a further one with --new-pass-type."
        )


def _key_of(
    certs_dir: Path, leaf: x509.Certificate, keys: list[rsa.RSAPrivateKey], passphrase: bytes | None
) -> rsa.RSAPrivateKey:
    for key in keys:
        if key.public_key() == leaf.public_key():
            return key
    if keys:
        certificates.require_same_key(leaf, keys[0], f"the certificate {certificates.name_of(leaf)}")
    pending = _pending_key(certs_dir, leaf.public_key())
    if not pending.exists():
        raise Misconfigured(
            f"The private key of the certificate {certificates.name_of(leaf)} is not here: it was asked for "
            f"with another CSR than those in {pending.parent}; import the .p12, or its .pem with the key."
        )
    return files.read_key(pending, passphrase)


def _pending_key(certs_dir: Path, public: object) -> Path:
    key = files.require_rsa_public(public)
    name = x509.SubjectKeyIdentifier.from_public_key(key).digest.hex()[:16]
    return certs_dir / files.PENDING / f"{name}.key"


def _store_authority(certs_dir: Path, certificate: x509.Certificate) -> Imported:
    path = files.store_intermediate(certs_dir, certificate)
    return Imported(certificates.name_of(certificate), "", "", certificate.not_valid_after_utc, path)


def _store_leaf(
    certs_dir: Path,
    leaf: x509.Certificate,
    issuer: x509.Certificate,
    key: rsa.RSAPrivateKey,
    passphrase: bytes | None,
    now: datetime,
) -> Imported:
    pass_type, team = certificates.identifiers(leaf)
    in_use = certificates.name_in_use(certs_dir, pass_type, now)
    path = files.store(certs_dir, pass_type, [leaf, issuer], key, passphrase)
    waits = renewal.wait(certs_dir, pass_type, path.stem, in_use)
    pending = _pending_key(certs_dir, leaf.public_key())
    for done_with in (pending, pending.with_suffix(".csr")):
        done_with.unlink(missing_ok=True)
    return Imported(certificates.name_of(leaf), pass_type, team, leaf.not_valid_after_utc, path, waits)


def _used_at_once(certs_dir: Path, one: Imported, now: datetime) -> Imported:
    if one.waits:
        renewal.switch(certs_dir, one.pass_type, now, untried=True)
    return replace(one, waits=False)
