"""The key file of the service account that speaks for us at Google."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from google.auth.crypt import RSASigner

from wallet_service.domain.errors import Misconfigured

NEEDED = ("client_email", "private_key_id", "private_key", "token_uri")


@dataclass(frozen=True)
class ServiceAccount:
    """`info` is Google's own JSON; it holds the private key and stays out of every log."""

    email: str
    key_id: str
    signer: RSASigner = field(repr=False)
    info: dict[str, Any] = field(repr=False)


def read_service_account(file: Path) -> ServiceAccount:
    """Once for each file as it lies there: a key that was replaced is read anew. Misconfigured in a sentence
    that never quotes the file.
    """
    try:
        seen = file.stat()
    except OSError as error:
        raise _unopened(file, error) from None
    return _read_once(file, seen.st_mtime_ns, seen.st_ino)


@lru_cache(maxsize=4)
def _read_once(file: Path, _mtime: int, _inode: int) -> ServiceAccount:
    info = _read(file)
    try:
        signer = RSASigner.from_service_account_info(info)  # type: ignore[no-untyped-call]
    except (ValueError, TypeError):
        raise _bad(file, "its private_key cannot be read") from None
    return ServiceAccount(info["client_email"], info["private_key_id"], signer, info)


def _read(file: Path) -> dict[str, Any]:
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unopened(file, error) from None
    except ValueError:
        raise _bad(file, "it is no JSON") from None
    if not isinstance(info, dict) or info.get("type") != "service_account":
        raise _bad(file, 'it is no key of a service account ("type": "service_account")')
    if missing := [name for name in NEEDED if not info.get(name) or not isinstance(info[name], str)]:
        raise _bad(file, f"it lacks {', '.join(missing)}")
    return info


def _unopened(file: Path, error: OSError) -> Misconfigured:
    return _bad(file, f"it cannot be opened ({error.strerror})")


def _bad(file: Path, problem: str) -> Misconfigured:
    return Misconfigured(
        f"WALLET_GOOGLE_SERVICE_ACCOUNT_FILE {file} cannot be used: {problem}. "
        "Make a new JSON key of the service account in the Google Cloud console."
    )
