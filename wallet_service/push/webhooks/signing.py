"""How a receiver knows us: signatures after Standard Webhooks, with secrets that are kept nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook as Signer

NONCE_BYTES = 16
PURPOSE = b"webhook signature"


def secret_of(key: str, nonce: str) -> str:
    """What the receiver is given: it follows from our own secret and the nonce of the address."""
    derived = hmac.new(key.encode(), PURPOSE + b":" + nonce.encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(derived).decode()


def headers(keys: Sequence[str], nonce: str, *, uid: str, body: str, at: datetime) -> Mapping[str, str]:
    """Signed with every key that counts, so that a receiver goes on while our own secret is changed."""
    signed = [Signer(secret_of(key, nonce)).sign(uid, at, body) for key in keys]
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }
