"""B2: rubbish at the door that phones come in at."""

from __future__ import annotations

import json
import random
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from tests.faults.count import Count
from tests.faults.ground import SQLITE, ground
from tests.faults.house import House
from tests.services.ports import LOOPBACK
from wallet_service.db.tables import ApplePass, Card, Device, LedgerEntry, Outbox, Registration

REQUESTS = 20_000
PATIENCE = 0.1  # seconds for an answer that may never come
LINES = 8
DOCUMENTED = {200, 201, 204, 304, 400, 401, 404, 405, 408, 411, 413, 414, 415, 417, 429, 431}
KEPT = (Card, LedgerEntry, Device, Registration, ApplePass, Outbox)
WORDS = (
    "GET",
    "POST",
    "DELETE",
    "PUT",
    "PATCH",
    "OPTIONS",
    "HEAD",
    "TRACE",
    "PROPFIND",
    "get",
    "\x00",
    "A" * 300,
)
BYTES = (
    b"\x00",
    b"\xff\xfe",
    b"\r\n",
    b"%00",
    b"%ff",
    b"../",
    b"//",
    b"?",
    b"#",
    b"%2e%2e%2f",
    b";",
    b"'",
    b"\xd1\x91",
)


def at_apples_door(scale: float, seed: int) -> Count:
    """B2: what no phone sends, over raw sockets, many requests on a connection."""
    dice, wanted = random.Random(seed), max(int(REQUESTS * scale), 500)
    statuses: Counter[int] = Counter()
    with ground().house(SQLITE, cards=5) as house:
        before = _rows(house)
        requests = [_request(dice, house) for _ in range(wanted)]
        with ThreadPoolExecutor(LINES) as lines:
            parts = [(house.web_port(), requests[first::LINES]) for first in range(LINES)]
            for heard in lines.map(_told, parts):
                statuses.update(heard)
        amiss = [f"{many} answers {status}" for status, many in statuses.items() if status not in DOCUMENTED]
        if _rows(house) != before:
            amiss.append("something changed without a token")
        if not house.answers():
            amiss.append("the web service does not answer any more")
    done = f"{wanted} requests, {sum(statuses.values())} answered"
    return Count("B2 rubbish from phones", done, wanted, amiss=tuple(amiss))


def _rows(house: House) -> dict[str, Any]:
    """All but what anybody may leave: lines of the log."""
    with house.shop.services.sessions.read() as session:
        counted = {
            kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) for kind in KEPT
        }
        versions = session.scalars(select(Card.version).order_by(Card.id)).all()
        wanted = session.scalars(select(Outbox.wanted).order_by(Outbox.id)).all()
    return counted | {"versions": versions, "wanted": wanted}


def _request(dice: random.Random, house: House) -> bytes:
    """Mostly right, with one or two things wrong; sometimes nothing but bytes."""
    if dice.random() < 0.02:
        return dice.randbytes(dice.randrange(1, 400)) + b"\r\n\r\n"
    held = dice.choice(house.held)
    paths = (
        f"/apple/v1/devices/{held.device}/registrations/{held.pass_type}/{held.serial}",
        f"/apple/v1/devices/{held.device}/registrations/{held.pass_type}?passesUpdatedSince={dice.randrange(99)}",
        f"/apple/v1/passes/{held.pass_type}/{held.serial}",
        "/apple/v1/log",
    )
    path, body = dice.choice(paths).encode(), _body(dice)
    for _ in range(dice.randrange(3)):
        path = _spoilt(path, dice)
    headers = [b"Host: localhost", b"Content-Length: %d" % len(body), *_headers(dice)]
    word = dice.choice(WORDS if dice.random() < 0.1 else WORDS[:3]).encode()
    line = b"%s %s HTTP/1.1" % (word, path)
    return b"\r\n".join((line, *headers, b"", body))


def _spoilt(text: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(1, len(text))
    ways: Sequence[Callable[[], bytes]] = (
        lambda: text[:at] + dice.choice(BYTES) + text[at:],
        lambda: text[:at] + text[at + 1 :],
        lambda: text[:at] + bytes([dice.randrange(33, 256)]) + text[at + 1 :],
        lambda: text[:at] * 2,
        lambda: text + b"a" * dice.choice((1, 300, 9000)),
    )
    return dice.choice(ways)()


def _body(dice: random.Random) -> bytes:
    bodies = (
        b"",
        b"{}",
        b'{"pushToken": 5}',
        b'{"pushToken": "' + b"a" * dice.choice((1, 600)) + b'"}',
        b'{"logs": [' + b"1," * 50 + b"null]}",
        b'{"logs": {"a": ["' + b"\\ud800" * 9 + b'"]}}',
        b"[" * 2000,
        b"\xff" * 20,
        json.dumps({"pushToken": "aa" * 32}).encode()[: dice.randrange(80)],
    )
    return dice.choice(bodies)


def _headers(dice: random.Random) -> list[bytes]:
    odd = (
        b"Authorization: ApplePass",
        b"Authorization: ApplePass " + dice.randbytes(12).hex().encode(),
        b"Authorization: ApplePass \xff\xfe",
        b"If-Modified-Since: yesterday",
        b"If-Modified-Since: Tue, 19 Jan 2038 03:14:08 GMT",
        b"Content-Type: text/plain; charset=utf-99",
        b"Content-Type: application/json",
        b"Transfer-Encoding: gzip",
        b"X-Request-Id: " + b"\x01" * 3,
        b"Cookie: " + b"a=b;" * 50,
        b"Range: bytes=5-",
        b"Expect: nothing",
    )
    return dice.sample(odd, dice.randrange(4))


def _told(part: tuple[int, Sequence[bytes]]) -> Counter[int]:
    line, heard = _Line(part[0]), Counter[int]()
    for request in part[1]:
        heard.update(line.ask(request))
    line.close()
    return heard


class _Line:
    """One raw connection after the other; a server may hang up on what is no HTTP."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection((LOOPBACK, self._port), timeout=PATIENCE)

    def ask(self, request: bytes) -> list[int]:
        """The statuses that came back: none where it hung up without a word. It may have hung up after what
        came before, so once more on a new connection.
        """
        heard = self._exchanged(request) or self._exchanged(request)
        return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:] if part[:3].isdigit()]

    def _exchanged(self, request: bytes) -> bytes:
        heard = b""
        try:
            self._socket.sendall(request)
            while b"\r\n\r\n" not in heard:
                piece = self._socket.recv(65536)
                if not piece:
                    raise ConnectionError
                heard += piece
        except OSError:
            self.close()
            self._open()
        return heard

    def close(self) -> None:
        self._socket.close()
