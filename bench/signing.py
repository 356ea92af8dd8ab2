"""A card's face becomes its signed pass, the pictures being in memory, beside the bare signature inside it.

Both are counted in the CPU time of the one thread they run on, so that a busy machine takes from neither,
and take turns, in rounds so short that a slower moment of the processor meets both; the medians count.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from bench.deck import PUBLIC, Card, deck, rate
from bench.result import Result
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.bundle.pkpass import Prepared, bundle
from wallet_service.apple.service.issue import STRIPS
from wallet_service.apple.service.template_shelf import TemplateShelf
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.art.gallery import Gallery
from wallet_service.domain.progress import Progress

TEMPLATES = Path(__file__).parent.parent / "pass_templates"
ROUNDS, CARDS = 31, 250
ATTRIBUTES = b"m" * 180  # as long as what a pass's signature covers
TARGET = 0.8


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        office, cards = Office(Path(folder)), deck()
        rate(office.sign, [*islice(cards, CARDS)])  # draws the pictures
        rates = [
            (rate(office.sign, [*islice(cards, CARDS)]), rate(office.only_sign, [ATTRIBUTES] * CARDS))
            for _ in range(ROUNDS)
        ]
    ours, bare = (median(figures) for figures in zip(*rates, strict=True))
    yield Result("sign a pass", ours, bare, "a second", "raw RSA-2048 signatures", TARGET)


class Office:
    """What `issue` has at hand: the sample template, its pictures, and a key behind the signing desk."""

    def __init__(self, folder: Path) -> None:
        pass_type = make_sandbox(folder, _now()).pass_type
        self._desk = SigningDesk(Keyring(folder, _now))
        self._credentials = self._desk.credentials(pass_type)
        self._look = TemplateShelf(TEMPLATES, _now).look("coffee")
        self._gallery = Gallery(folder / "art")
        self._pictures = lru_cache(self._joined)

    def sign(self, card: Card) -> bytes:
        face, token = card
        pass_type, team = self._credentials.pass_type, self._credentials.team
        built = pass_json.build(
            face, self._look.template, Identity(pass_type, team, f"{PUBLIC}/apple", token)
        )
        return bundle(self._pictures(face.progress), built.files, self._desk.signer(pass_type))

    def _joined(self, progress: Progress) -> Prepared:
        strips = {
            name: self._gallery.picture(progress, self._look.theme, scale) for scale, name in STRIPS.items()
        }
        return self._look.prepared.joined(Prepared(strips))

    def only_sign(self, message: bytes) -> bytes:
        return self._credentials.key.sign(message, PKCS1v15(), SHA256())


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    for result in measure():
        print(result)
