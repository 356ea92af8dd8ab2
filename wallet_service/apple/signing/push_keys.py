"""Keys for tokens (.p8): the other way to prove to APNs who pushes, chosen for each pass type (N6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from wallet_service.apple.signing import certificate_files as files
from wallet_service.apple.signing import certificates, choices
from wallet_service.domain.errors import Conflict, Invalid, Misconfigured

FOLDER = "apns"
WORD = re.compile(r"[A-Z0-9]{10}")  # how Apple writes the ids of teams and of keys
OF_APPLE = re.compile(r"AuthKey_([A-Z0-9]{10})\.p8")
CERTIFICATE = "certificate"


@dataclass(frozen=True)
class PushKey:
    """Pushes to every pass type of its team, and signs no pass."""

    team: str
    key_id: str
    key: ec.EllipticCurvePrivateKey = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return f"{self.team}-{self.key_id}"


def names(certs_dir: Path) -> list[str]:
    return sorted(path.stem for path in (certs_dir / FOLDER).glob("*.key"))


def import_key(
    certs_dir: Path,
    path: Path,
    *,
    team: str | None = None,
    key_id: str | None = None,
    passphrase: bytes | None = None,
) -> PushKey:
    """The file as Apple's portal gave it, once; its name says its id. Nothing pushes with it yet."""
    found = OF_APPLE.fullmatch(path.name)
    key_id = key_id or (found[1] if found else "")
    if not WORD.fullmatch(key_id):
        raise Invalid("The key's id has ten capitals and digits: keep AuthKey_….p8, or give --key-id.")
    key = PushKey(_team(certs_dir, team), key_id, _open(path))
    files.write_key(_path(certs_dir, key.name), key.key, passphrase)
    return key


def choose(certs_dir: Path, pass_type: str, key_id: str) -> None:
    """`key_id` may be "certificate". A key of another team cannot push for this one's cards (N6)."""
    if pass_type not in files.pass_types(certs_dir):
        raise Invalid(f"There is no pass type {pass_type} in {certs_dir}.")
    if key_id == CERTIFICATE:
        choices.change(certs_dir, pass_type, push_key="")
        return
    known = [name for name in names(certs_dir) if name.endswith(f"-{key_id}")]
    if not known:
        raise Invalid(f"There is no key {key_id}: import its file with `flask wallet certs p8`.")
    teams = _teams(certs_dir, [pass_type])
    fitting = [name for name in known if name.partition("-")[0] in teams]
    if not fitting:
        raise Conflict(
            f"The key {key_id} is not of the team {', '.join(teams)}, to which {pass_type} belongs."
        )
    choices.change(certs_dir, pass_type, push_key=fitting[0])


def chosen(certs_dir: Path, pass_type: str) -> str:
    return choices.read(certs_dir, pass_type).push_key


class PushKeys:
    """The key that each pass type pushes with; a new choice counts from the next batch on."""

    def __init__(self, certs_dir: Path, passphrase: bytes | None = None) -> None:
        self._certs_dir, self._passphrase = certs_dir, passphrase
        self._held: dict[str, PushKey] = {}

    def of(self, pass_type: str) -> PushKey | None:
        """None: with its certificate."""
        name = chosen(self._certs_dir, pass_type)
        if not name:
            return None
        if name not in self._held:
            self._held[name] = self._read(name)
        return self._held[name]

    def _read(self, name: str) -> PushKey:
        team, _, key_id = name.partition("-")
        key = files.read_any_key(_path(self._certs_dir, name), self._passphrase)
        return PushKey(team, key_id, _require_p256(key, name))


def _path(certs_dir: Path, name: str) -> Path:
    return certs_dir / FOLDER / f"{name}.key"


def _team(certs_dir: Path, said: str | None) -> str:
    teams = _teams(certs_dir, files.pass_types(certs_dir))
    if said is None and len(teams) == 1:
        return teams[0]
    if said is None or not WORD.fullmatch(said):
        raise Invalid("Name the team that the key is of: --team ABCDE12345, as the portal shows it.")
    return said


def _teams(certs_dir: Path, pass_types: Iterable[str]) -> list[str]:
    held = (one for kind in pass_types for one in files.readable_certificates(certs_dir, kind))
    return sorted({certificates.identifiers(one)[1] for one in held})


def _open(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        return _require_p256(load_pem_private_key(path.read_bytes(), None), path.name)
    except OSError as fault:
        raise Invalid(f"{path} cannot be read: {fault.strerror}.") from fault
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise Invalid(
            f"{path} is no .p8 key: download it from Apple's portal, where it is given once."
        ) from fault


def _require_p256(key: object, name: str) -> ec.EllipticCurvePrivateKey:
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise Misconfigured(f"The key in {name} is not on the curve P-256, as keys for APNs are.")
