"""An issuer before the simulated Google Wallet: sample payloads, pictures, a door for callbacks."""

from __future__ import annotations

import base64
import copy
import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from urllib.parse import quote

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from simulators.google_wallet.process import Simulator
from tests.services.serving import serving

ISSUER = "3388000000012345678"
CLASS_ID, OBJECT_ID = f"{ISSUER}.coffee", f"{ISSUER}.card-0001_a"
API = "/walletobjects/v1"


def texts(en: str, ru: str) -> dict[str, Any]:
    return {
        "defaultValue": {"language": "en", "value": en},
        "translatedValues": [{"language": "ru", "value": ru}],
    }


def image(url: str) -> dict[str, Any]:
    return {"sourceUri": {"uri": url}, "contentDescription": texts("7 of 10 stamps", "7 штампов из 10")}


def rich_class(pictures: str = "https://cards.example", callback: str = "") -> dict[str, Any]:
    fields = {"fields": [{"fieldPath": "object.textModulesData['progress']"}]}
    points = {"fields": [{"fieldPath": "object.loyaltyPoints.balance"}]}
    to_go = {"fields": [{"fieldPath": "object.secondaryLoyaltyPoints.balance"}]}
    rows = [
        {"twoItems": {"startItem": {"firstValue": points}, "endItem": {"firstValue": to_go}}},
        {"oneItem": {"item": {"firstValue": fields}}},
    ]
    return {
        "id": CLASS_ID,
        "issuerName": "Corner Coffee",
        "localizedIssuerName": texts("Corner Coffee", "Кофе на углу"),
        "programName": "Coffee Club",
        "localizedProgramName": texts("Coffee Club", "Кофейный клуб"),
        "programLogo": image(f"{pictures}/logo.png"),
        "reviewStatus": "UNDER_REVIEW",
        "hexBackgroundColor": "#5b3420",
        "countryCode": "RU",
        "accountIdLabel": "Number",
        "accountNameLabel": "Member",
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
        "callbackOptions": {"url": callback or f"{pictures}/google/callback"},
        "classTemplateInfo": {"cardTemplateOverride": {"cardRowTemplateInfos": rows}},
        "homepageUri": {"uri": "https://coffee.example/", "description": "Shop"},
    }


def rich_object(pictures: str = "https://cards.example") -> dict[str, Any]:
    return {
        "id": OBJECT_ID,
        "classId": CLASS_ID,
        "state": "ACTIVE",
        "accountId": "1 2345 6789",
        "accountName": "Алиса",
        "barcode": {"type": "QR_CODE", "value": "1234567890123456789", "alternateText": "1234 5678 9012"},
        "loyaltyPoints": {
            "label": "Stamps",
            "localizedLabel": texts("Stamps", "Штампы"),
            "balance": {"string": "7/10"},
        },
        "secondaryLoyaltyPoints": {
            "label": "To go",
            "localizedLabel": texts("To go", "Осталось"),
            "balance": {"int": 3},
        },
        "heroImage": image(f"{pictures}/hero.png"),
        "textModulesData": [
            {
                "id": "progress",
                "header": "Progress",
                "localizedHeader": texts("Progress", "Прогресс"),
                "body": "▰▰▰▰▰▰▰▱▱▱ 7 of 10",
                "localizedBody": texts("▰▰▰▰▰▰▰▱▱▱ 7 of 10", "▰▰▰▰▰▰▰▱▱▱ 7 из 10"),
            },
            {
                "id": "history-1",
                "header": "Last visit",
                "body": "+1 on 19 November https://cards.example/card/x",
            },
        ],
        "linksModuleData": {"uris": [{"uri": "https://cards.example/card/x", "description": "Card page"}]},
        "messages": [{"id": "m1", "header": "Welcome", "body": "Two stamps to begin", "messageType": "TEXT"}],
    }


def set_at(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one place changed: `barcode.type`, `textModulesData.0.id`; ... takes it away."""
    changed: dict[str, Any] = copy.deepcopy(body)
    *way, last = path.split(".")
    here: Any = changed
    for step in way:
        here = here[int(step)] if step.isdigit() else here.setdefault(step, {})
    if value is ...:
        del here[last]
    else:
        here[int(last) if last.isdigit() else last] = value
    return changed


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


class Issuer:
    """A client of a few lines, that leans on nothing of the service."""

    def __init__(self, google: Simulator, key_file: dict[str, Any] | None = None) -> None:
        self.google = google
        self.key_file = key_file or json.loads(google.key_file.read_text())
        key = serialization.load_pem_private_key(self.key_file["private_key"].encode(), None)
        assert isinstance(key, RSAPrivateKey)
        self._key = key
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {self.token()}"

    def ask(self, verb: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self._session.request(verb, self.google.url + API + path, json=body, timeout=20, **options)

    def patch(self, body: dict[str, Any], name: str = OBJECT_ID) -> requests.Response:
        return self.ask("PATCH", f"/loyaltyObject/{quote(name)}", body)

    def message(
        self, number: int = 1, kind: str = "TEXT_AND_NOTIFY", name: str = OBJECT_ID
    ) -> requests.Response:
        said = {"id": f"m{number}", "header": "Hello", "body": f"Number {number}", "messageType": kind}
        return self.ask("POST", f"/loyaltyObject/{name}/addMessage", {"message": said})

    def token(self) -> str:
        answer = self.grant(self.assertion())
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def grant(self, assertion: str) -> requests.Response:
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return requests.post(f"{self.google.url}/token", data=form, timeout=10)

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        now = _seconds(self.google)
        claims = {
            "iss": self.key_file["client_email"],
            "scope": "https://www.googleapis.com/auth/wallet_object.issuer",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": now,
            "exp": now + 3600,
        }
        return self.sign(claims | changes, header)

    def link(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        claims: dict[str, Any] = {
            "iss": self.key_file["client_email"],
            "aud": "google",
            "typ": "savetowallet",
            "iat": _seconds(self.google),
            "origins": ["http://localhost:8000"],
            "payload": {"loyaltyObjects": [{"id": OBJECT_ID}]},
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not ...}
        return f"{self.google.url}/gp/v/save/{self.sign(claims, header)}"

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        first = {"alg": "RS256", "typ": "JWT", "kid": self.key_file["private_key_id"]} | (header or {})
        signed = f"{part(first)}.{part(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _seconds(google: Simulator) -> int:
    """Of its own clock."""
    now = google.ask("POST", "/clock", {"forward_seconds": 0})["now"]
    return int(datetime.fromisoformat(now).timestamp())


@cache
def png(width: int, height: int, colour: tuple[int, int, int] = (200, 120, 40)) -> bytes:
    row = b"\x00" + bytes(colour) * width
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * height)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


class Shop:
    """Serves pictures and takes callbacks; `answers` maps a path to what is served there."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.pictures: dict[str, tuple[int, bytes, str]] = {
            "/logo.png": (200, png(660, 660), "image/png"),
            "/hero.png": (200, png(1032, 336, (40, 120, 200)), "image/png"),
        }
        self.fetched: list[str] = []
        self.callbacks: list[bytes] = []
        self.callback_status = 200
        self._arrived: Queue[bytes] = Queue()

    def next_callback(self) -> bytes:
        """Each is handed out once, in the order in which they came."""
        return self._arrived.get(timeout=10)

    def take(self, callback: bytes) -> None:
        self.callbacks.append(callback)
        self._arrived.put(callback)


@contextmanager
def open_shop() -> Iterator[Shop]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.fetched.append(self.path)
            status, body, kind = shop.pictures.get(self.path, (404, b"", "text/plain"))
            self._say(status, body, kind)

        def do_POST(self) -> None:
            taken = self.rfile.read(int(self.headers["Content-Length"]))
            shop.take(taken)  # before the answer: who has that counts at once
            self._say(shop.callback_status, b"", "text/plain")

        def _say(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "/logo.png")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    shop = Shop(server.server_port)
    with serving(server):
        yield shop


def reason(answer: requests.Response) -> tuple[int, str]:
    """Why Google said no, in Google's own form."""
    said = answer.json()["error"]
    assert said["code"] == answer.status_code
    assert said["message"] == said["errors"][0]["message"]
    return answer.status_code, said["errors"][0]["reason"]
