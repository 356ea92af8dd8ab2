"""The service account of the sandbox, in the form in which Google's console gives out the real one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from secrets import token_hex
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

MAIL = "wallet@loyalty-sandbox.iam.gserviceaccount.com"


def make_sandbox_account(file: Path, google_url: str) -> None:
    """Made once; later runs only point it to where the simulated Google is now."""
    info = _kept(file) or _new()
    info["token_uri"] = f"{google_url}/token"
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
        json.dump(info, out, indent=2)
    part.replace(file)


def _kept(file: Path) -> dict[str, Any] | None:
    try:
        info = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return info if isinstance(info, dict) and "private_key" in info else None


def _new() -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "loyalty-sandbox",
        "private_key_id": token_hex(20),
        "private_key": pem.decode(),
        "client_email": MAIL,
        "client_id": "100000000000000000001",
        "universe_domain": "googleapis.com",
    }
