"""Service accounts: whose keys are known, and for which issuers each may speak."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

ISSUER = "3388000000012345678"
PROJECT = "loyalty-sandbox"
EMAIL = f"wallet@{PROJECT}.iam.gserviceaccount.com"


class BadKeyFile(Exception):
    """Says what is wrong with the file, never what it holds."""


@dataclass(frozen=True)
class ServiceAccount:
    """`issuers` is empty for an account that nobody has invited into the console yet."""

    email: str
    key_id: str
    key: RSAPublicKey
    issuers: frozenset[str]

    def may(self, resource_id: str) -> bool:
        return resource_id.partition(".")[0] in self.issuers


def make_key_file(token_uri: str, email: str = EMAIL) -> dict[str, Any]:
    """What Google's console lets one download, once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": token_hex(20),
        "private_key": pem.decode(),
        "client_email": email,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }


def keep_key_file(path: Path, token_uri: str) -> dict[str, Any]:
    """The file at `path`, made there the first time; only its owner may read it."""
    if not path.exists():
        return _written(path, make_key_file(token_uri))
    try:
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise BadKeyFile(f"{path} is no JSON key file; delete it and start again.") from None
    if kept.get("project_id") == PROJECT and kept.get("token_uri") != token_uri:
        return _written(path, kept | {"token_uri": token_uri})  # ours, from a run on another port
    return kept


def _written(path: Path, key_file: dict[str, Any]) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(key_file, indent=2), encoding="utf-8")
    draft.replace(path)
    return key_file


def account_of(key_file: dict[str, Any], issuers: list[str]) -> ServiceAccount:
    """Only the public half is kept."""
    try:
        private = serialization.load_pem_private_key(key_file["private_key"].encode(), None)
        email, key_id = key_file["client_email"], key_file["private_key_id"]
    except (KeyError, ValueError, AttributeError, TypeError):
        raise BadKeyFile("The key file lacks a private key, its id or the e-mail.") from None
    return ServiceAccount(email, key_id, _rsa(private.public_key()), frozenset(issuers))


def public_account(email: str, key_id: str, pem: str, issuers: list[str]) -> ServiceAccount:
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except ValueError:
        raise BadKeyFile("The public key is no PEM.") from None
    return ServiceAccount(email, key_id, _rsa(key), frozenset(issuers))


def _rsa(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey):
        raise BadKeyFile("The key of a service account is an RSA key.")
    return key


class Accounts:
    def __init__(self) -> None:
        self._known: dict[tuple[str, str], ServiceAccount] = {}

    def add(self, account: ServiceAccount) -> None:
        self._known[account.email, account.key_id] = account

    def find(self, email: object, key_id: object) -> ServiceAccount | None:
        wanted = (email, key_id)
        return next((one for name, one in list(self._known.items()) if name == wanted), None)

    def all(self) -> list[ServiceAccount]:
        return list(self._known.values())
