"""Every address that we hand out, from the one public base (S14), and the tokens in them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from wallet_service.domain.errors import NotFound


@dataclass(frozen=True)
class Links:
    """`secret_keys[0]` signs; the others are still accepted, so that keys can be rotated."""

    public_url: str
    secret_keys: Sequence[str]

    def join(self, program: str) -> str:
        return f"{self.public_url}/join/{program}"

    def page(self, serial: str) -> str:
        return f"{self.public_url}/card/{self.token(serial)}"

    def apple(self, serial: str) -> str:
        return f"{self.page(serial)}/apple"

    def google(self, serial: str) -> str:
        return f"{self.page(serial)}/google"

    def art(self, digest: str) -> str:
        return f"{self.public_url}/art/{digest}.png"

    @property
    def apple_web_service(self) -> str:
        """P5: without /v1, which the phone appends."""
        return f"{self.public_url}/apple"

    def token(self, serial: str) -> str:
        """The serial under a 256-bit signature: whoever has it holds the card, nobody can guess it."""
        return self._signer.sign(base64_encode(uuid.UUID(serial).bytes)).decode()

    def serial(self, token: str) -> str:
        """The serial that a page token names; NotFound for everything else, in one and the same way."""
        try:
            return str(uuid.UUID(bytes=base64_decode(self._signer.unsign(token[:200]))))
        except (BadSignature, ValueError) as error:
            raise NotFound("There is no card at this address. Ask the shop for a new link.") from error

    @property
    def _signer(self) -> Signer:
        oldest_first: Sequence[str] = self.secret_keys[::-1]
        return Signer(oldest_first, salt="card page", sep=".", digest_method=sha256)
