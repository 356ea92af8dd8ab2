"""What all work on: one card as a pass folder, and the papers to sign it with."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.deck import deck
from bench.signing import Office
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import Keyring

OF_THE_SIGNER = ("manifest.json", "signature")


class Stand:
    """`folder/card.pass` holds what goes into a bundle; leaf.pem, leaf.key and wwdr.pem lie beside it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.office = folder, Office(folder / "office")
        bundle = self.office.sign(*islice(deck(), 1))
        with ZipFile(BytesIO(bundle)) as zipped:
            names = [name for name in zipped.namelist() if name not in OF_THE_SIGNER]
            zipped.extractall(folder / "card.pass", names)
        self._papers(folder)

    def _papers(self, folder: Path) -> None:
        pass_type = make_sandbox(folder / "office", datetime.now(UTC)).pass_type
        held = Keyring(folder / "office", lambda: datetime.now(UTC)).credentials(pass_type)
        key = held.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "leaf.pem").write_bytes(held.certificate.public_bytes(Encoding.PEM))
        (folder / "wwdr.pem").write_bytes(held.intermediate.public_bytes(Encoding.PEM))
        (folder / "leaf.key").touch(mode=0o600)
        (folder / "leaf.key").write_bytes(key)
