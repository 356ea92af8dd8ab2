"""A card's face becomes Google's object and its save link, beside the bare signature inside the link.

Measured as the signed passes are: CPU time of one thread, short rounds that take turns, medians.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.deck import PUBLIC, Card, deck, rate
from bench.result import Result
from bench.signing import CARDS, ROUNDS, TEMPLATES
from wallet_service.actions.links import Links
from wallet_service.art.gallery import Gallery
from wallet_service.google.look_shelf import LookShelf
from wallet_service.google.loyalty_object import loyalty_object
from wallet_service.google.save_link import SaveLinks
from wallet_service.settings import GOOGLE_API, GOOGLE_KEYS, GOOGLE_SAVE, GoogleSettings

ISSUER = "3388000000012345678"
TARGET = 0.75


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        counter, cards = Counter(Path(folder)), deck()
        rate(counter.hand_out, [*islice(cards, CARDS)])  # draws the pictures
        rounds = [
            (
                rate(counter.hand_out, [*islice(cards, CARDS)]),
                rate(counter.only_sign, [b"m" * 500] * CARDS),
            )
            for _ in range(ROUNDS)
        ]
    ours, bare = (median(rates) for rates in zip(*rounds, strict=True))
    yield Result("translate, sign a save link", ours, bare, "a second", "raw RSA-2048 signatures", TARGET)


class Counter:
    """What is at hand when a member asks for the card."""

    def __init__(self, folder: Path) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        links = Links(PUBLIC, ("s" * 32,))
        self._looks = LookShelf(TEMPLATES, Gallery(folder / "art"), links, _now)
        file = _key_file(folder, self._key)
        self._links = SaveLinks(GoogleSettings(ISSUER, file, GOOGLE_API, GOOGLE_KEYS, GOOGLE_SAVE), PUBLIC)

    def hand_out(self, card: Card) -> bytes:
        """The object with its picture, then the link to it."""
        face, _ = card
        look, picture = self._looks.look(face.template), self._looks.hero(face)
        body = loyalty_object(face, look, ISSUER, picture)
        return self._links.link(body["id"], _now()).encode()

    def only_sign(self, message: bytes) -> bytes:
        """As long as the header and claims of a link."""
        return self._key.sign(message, PKCS1v15(), SHA256())


def _now() -> datetime:
    return datetime.now(UTC)


def _key_file(folder: Path, key: rsa.RSAPrivateKey) -> Path:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    content = {
        "type": "service_account",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": pem,
        "client_email": "cards@example-project-123456.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    file = folder / "account.json"
    file.write_text(json.dumps(content))
    return file


if __name__ == "__main__":
    for result in measure():
        print(result)
