"""Makes passes for the phone's tests: a small certificate authority of its own, and bundles good and bad."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from PIL import Image, ImageDraw

PASS_TYPE = "pass.example.coffee"
TEAM = "TEAM123456"
TOKEN = "0123456789abcdef0123456789abcdef"
DETACHED = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]

Certificate = x509.Certificate
Key = rsa.RSAPrivateKey


@dataclass(frozen=True)
class Papers:
    """A root, an intermediate and a pass certificate with its key."""

    root: Certificate
    intermediate: Certificate
    leaf: Certificate
    key: Key

    def write_root(self, folder: Path) -> Path:
        path = folder / "root.pem"
        path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        return path


@cache
def make_papers(uid: str = PASS_TYPE, team: str = TEAM, days: tuple[int, int] = (-1, 300)) -> Papers:
    root_key, middle_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    root_name, middle_name = _name("Test Root"), _name("Test Intermediate G4")
    leaf_name = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, uid),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {uid}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, team),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sandbox Coffee LLC"),
        ]
    )
    root = _certificate(root_name, root_key, root_name, root_key, True, (-1, 900))
    middle = _certificate(middle_name, middle_key, root_name, root_key, True, (-1, 900))
    return Papers(root, middle, _certificate(leaf_name, key, middle_name, middle_key, False, days), key)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name, key: Key, issuer: x509.Name, signing: Key, ca: bool, days: tuple[int, int]
) -> Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .sign(signing, hashes.SHA256())
    )


@dataclass
class PassMaker:
    """A coffee card; tests change `content` or `files` before they call `make`."""

    papers: Papers
    content: dict[str, Any] = field(default_factory=lambda: coffee_pass())
    files: dict[str, bytes] = field(default_factory=lambda: coffee_files(2))
    options: list[pkcs7.PKCS7Options] = field(default_factory=lambda: list(DETACHED))
    manifest_changes: dict[str, str | None] = field(default_factory=dict)
    chain: bool = True

    def make(self) -> bytes:
        files = self.files | {"pass.json": json.dumps(self.content, ensure_ascii=False).encode()}
        manifest = self._manifest(files)
        signature = sign(manifest, self.papers, self.options, chain=self.chain)
        return zipped(files | {"manifest.json": manifest, "signature": signature})

    def _manifest(self, files: Mapping[str, bytes]) -> bytes:
        digests: dict[str, str | None] = {name: sha1(data) for name, data in sorted(files.items())}
        digests |= self.manifest_changes
        return json.dumps({name: digest for name, digest in digests.items() if digest}, indent=1).encode()


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def sign(manifest: bytes, papers: Papers, options: list[pkcs7.PKCS7Options], *, chain: bool = True) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(papers.leaf, papers.key, hashes.SHA256())
    if chain:
        builder = builder.add_certificate(papers.intermediate)
    return builder.sign(serialization.Encoding.DER, options)


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def coffee_pass(
    stamps: int = 2, serial: str = "coffee-0001", service: str = "https://cards.example/apple"
) -> dict[str, Any]:
    return {
        "formatVersion": 1,
        "passTypeIdentifier": PASS_TYPE,
        "serialNumber": serial,
        "teamIdentifier": TEAM,
        "organizationName": "Ada’s Coffee",
        "description": "Loyalty card",
        "logoText": "Ada’s Coffee",
        "authenticationToken": TOKEN,
        "webServiceURL": service,
        "backgroundColor": "rgb(62, 39, 28)",
        "foregroundColor": "rgb(255, 247, 236)",
        "labelColor": "rgb(224, 184, 140)",
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": "1000000000000012345",
                "messageEncoding": "iso-8859-1",
                "altText": "1000 0000 0000 0012 345",
            }
        ],
        "storeCard": {
            "headerFields": [{"key": "balance", "label": "Stamps", "value": stamps}],
            "primaryFields": [],
            "secondaryFields": [
                {
                    "key": "progress",
                    "label": "Next reward",
                    "value": _progress(stamps),
                    "changeMessage": "%@",
                }
            ],
            "auxiliaryFields": [
                {"key": "tier", "label": "Status", "value": "Regular", "changeMessage": "You are now: %@"},
                {
                    "key": "until",
                    "label": "Stamps valid until",
                    "value": "2027-05-31T00:00:00Z",
                    "dateStyle": "PKDateStyleLong",
                },
            ],
            "backFields": [
                {"key": "last", "label": "Last visits", "value": "21 Nov — 1 stamp\n19 Nov — 1 stamp"},
                {
                    "key": "rules",
                    "label": "Rules",
                    "value": "One stamp for each visit from 200 ₽. Ten stamps are one coffee of your choice.",
                },
                {"key": "link", "label": "Your page", "value": "https://cards.example/card/abc"},
            ],
        },
    }


def _progress(stamps: int) -> str:
    return f"{stamps} of 10 — {10 - stamps} to a free coffee"


def russian(stamps: int) -> bytes:
    pairs = {
        "Loyalty card": "Карта гостя",
        "Ada’s Coffee": "Кофе у Ады",
        "Stamps": "Штампы",
        "Next reward": "Следующий подарок",
        _progress(stamps): f"{stamps} из 10 — ещё {10 - stamps} до кофе в подарок",
        "Status": "Статус",
        "Regular": "Постоянный гость",
        "You are now: %@": "Теперь вы: %@",
        "Stamps valid until": "Штампы действуют до",
        "Last visits": "Последние визиты",
        "21 Nov — 1 stamp\n19 Nov — 1 stamp": "21 ноября — 1 штамп\n19 ноября — 1 штамп",
        "Rules": "Правила",
        "Your page": "Ваша страница",
    }
    lines = [f'"{_escaped(key)}" = "{_escaped(value)}";' for key, value in pairs.items()]
    return "\n".join(lines).encode("utf-16")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def coffee_files(stamps: int) -> dict[str, bytes]:
    return dict(_drawn_files(stamps))


@cache
def _drawn_files(stamps: int) -> Mapping[str, bytes]:
    files = {"ru.lproj/pass.strings": russian(stamps)}
    for scale, suffix in ((1, ""), (2, "@2x"), (3, "@3x")):
        files[f"icon{suffix}.png"] = png(38 * scale, 38 * scale)
        files[f"logo{suffix}.png"] = _logo(scale)
        files[f"strip{suffix}.png"] = _strip(scale, stamps)
    return files


def png(width: int, height: int, color: str = "#3e271c") -> bytes:
    return _saved(Image.new("RGB", (width, height), color))


def _saved(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _logo(scale: int) -> bytes:
    image = Image.new("RGBA", (40 * scale, 40 * scale))
    draw = ImageDraw.Draw(image)
    draw.ellipse((4 * scale, 4 * scale, 36 * scale, 36 * scale), fill="#e0b88c")
    draw.ellipse((13 * scale, 13 * scale, 27 * scale, 27 * scale), fill="#3e271c")
    return _saved(image)


def _strip(scale: int, stamps: int) -> bytes:
    image = Image.new("RGB", (375 * scale, 144 * scale), "#5a3a28")
    draw = ImageDraw.Draw(image)
    for number in range(10):
        left, top = (22 + 34 * number) * scale, 62 * scale
        box = (left, top, left + 26 * scale, top + 26 * scale)
        draw.rounded_rectangle(box, 8 * scale, fill="#e0b88c" if number < stamps else "#7d5a44")
    return _saved(image)


def coffee(
    papers: Papers, stamps: int, *, serial: str = "coffee-0001", service: str = "https://cards.example/apple"
) -> bytes:
    """A good bundle with so many stamps."""
    return PassMaker(papers, coffee_pass(stamps, serial, service), coffee_files(stamps)).make()
