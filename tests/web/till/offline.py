"""The part of the till's page that works without a network: it signs, and sends later."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.web.site import Site
from tests.web.till.page import Json, TillPage, new_key

CREDITED, DUPLICATE, REFUSED, LATER = "credited", "duplicate", "refused", "later"
"""What the service may say of a piece."""


@dataclass
class OfflineTill:
    page: TillPage
    key: int = 0
    secret: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def register(self) -> int:
        self.key = self.page.post("/keys", {"public_key": public_key(self.secret)})["key"]
        return self.key

    def says(self, code: str, **said: Any) -> Json:
        """What it would say of one more visit."""
        state = self.page.state()
        operation = {
            "id": new_key(),
            "till": state["till"]["id"],
            "operator": state["operator"]["id"],
            "shift": state["shift"],
            "code": code,
            "total": None,
            "visits": 1,
            "receipt": None,
            "at": stamp(self.page.site.clock()),
        }
        return operation | said

    def signed(self, said: Json) -> Json:
        text = json.dumps(said, ensure_ascii=False)
        return {"said": text, "key": self.key, "signature": signature(self.secret, text)}

    def books(self, code: str, **said: Any) -> Json:
        return self.signed(self.says(code, **said))

    def sends(self, *operations: Json) -> list[Json]:
        verdicts: list[Json] = self.page.post("/operations", {"operations": list(operations)})["verdicts"]
        return verdicts


def offline_till(page: TillPage) -> OfflineTill:
    till = OfflineTill(page)
    till.register()
    return till


def public_key(secret: Any) -> str:
    spki = secret.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(spki).decode()


def signature(secret: Any, text: str) -> str:
    """As a browser signs: r and s, 32 bytes each."""
    r, s = decode_dss_signature(secret.sign(text.encode(), ECDSA(SHA256())))
    return b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def number(site: Site, card: str | None = None) -> str:
    """Of a card; of a new one, unless it is given."""
    return site.shop.face(card or site.shop.join()).number
