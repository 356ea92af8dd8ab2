"""B2, B5, B6: rubbish at the doors that phones and Google come in at, and rubbish from the other side."""

from __future__ import annotations

import json
import random
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from simulators.google_wallet.forger import Event, Forger
from simulators.google_wallet.process import Simulator
from tests.faults.count import Count
from tests.faults.ground import SQLITE, ground
from tests.faults.house import House, wait_for
from tests.faults.outside_crowd import gathered
from tests.faults.outside_google import CALL, issuer
from tests.google.google_shop import open_google_shop
from tests.services.ports import LOOPBACK
from wallet_service.db.tables import (
    ApplePass,
    Card,
    Device,
    GoogleCallback,
    GoogleCard,
    LedgerEntry,
    Outbox,
    Registration,
)

REQUESTS, LETTERS, ANSWERS = 20_000, 5_000, 1_000
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


def at_googles_door(scale: float, seed: int) -> Count:
    """B5: genuine letters with something else in them; not one is believed."""
    dice, letters = random.Random(seed), max(int(LETTERS * scale), 100)
    statuses: Counter[int] = Counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(Path(folder) / "google") as google,
        open_google_shop(Path(folder) / "shop", google) as shop,
    ):
        google.turn(callbacks=False)
        card = shop.saved_card()
        kept = google.key_file.parent / "wallet.json"
        wait_for(kept.exists, 10, "the record of the simulated Google")
        forger = Forger(shop.clock, json.loads(kept.read_text())["root"])
        assert shop.browser is not None
        post = shop.browser.post
        for number in range(letters):
            event = Event(
                dice.choice(("save", "del")), f"{shop.settings.issuer_id}.coffee", shop.object_id(card)
            )
            body = _tampered(forger.genuine(event), dice)
            answer = post("/google/callback", data=body, content_type="application/json")
            statuses[answer.status_code] += 1
            if number == 0:
                good = post("/google/callback", data=forger.genuine(event))
                assert good.status_code == 200, "not even a genuine letter is taken"
        with shop.services.sessions.read() as session:
            believed = (session.scalar(select(func.count()).select_from(GoogleCallback)) or 0) - 1
            known = session.scalars(select(GoogleCard)).one()
    amiss = [f"{many} answers {status}" for status, many in statuses.items() if status not in {400, 401, 413}]
    amiss += [f"{believed} were believed"] if believed else []
    amiss += ["the card is gone"] if known.inserted_at is None else []
    return Count("B5 forged callbacks", f"{letters} letters", letters, amiss=tuple(amiss))


def _tampered(body: bytes, dice: random.Random) -> bytes:
    """Something that counts is other than it was signed; the shape often stays."""
    letter = json.loads(body)
    key = letter["intermediateSigningKey"]
    way = dice.randrange(8)
    if way == 0:
        letter["signedMessage"] = _other(letter["signedMessage"], dice)
    elif way == 1:
        key["signedKey"] = _other(key["signedKey"], dice)
    elif way == 2:
        letter["signature"] = _other(letter["signature"][:-4], dice)
    elif way == 3:
        key["signatures"] = [_other(key["signatures"][0][:-4], dice), *dice.choice(([], [""], ["!"]))]
    elif way == 4:
        letter["protocolVersion"] = dice.choice(("ECv2", "ECv1", "", "ECv2SigningOnly ", "ecv2signingonly"))
    elif way == 5:
        name = dice.choice(sorted(letter))
        letter[name] = dice.choice((None, 5, [], {}, "", "\ud800", True, [letter[name]]))
    elif way == 6:
        del letter[dice.choice(sorted(letter))]
    else:
        return body[: dice.randrange(len(body) - 1)] + dice.choice((b"", b"\xff", b"}", b"\x00" * 9))
    return json.dumps(letter).encode()


def _other(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    other = dice.choice([mark for mark in 'Aa0+/="ё\x00' if mark != text[at]])
    return dice.choice(
        (text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + other + text[at:])
    )


def from_the_other_side(scale: float, seed: int) -> Count:
    """B6: APNs and Google answer rubbish; every mark stays due or is parked, and the worker lives."""
    dice, answers = random.Random(seed), max(int(ANSWERS * scale), 60)
    stale, amiss = 0, list[str]()
    with tempfile.TemporaryDirectory() as folder, gathered(Path(folder), answers // 2) as crowd:
        crowd.change_all()
        crowd.apns.turn(
            answers=[
                {
                    "status": dice.choice((200, 400, 404, 410, 413, 429, 500, 503)),
                    "token": token,
                    **_rubbish(dice),
                }
                for token in crowd.tokens.values()
            ]
        )
        crowd.worker.run_until_idle()
        lost = len(crowd.tokens) - len(crowd.registered())
        amiss += [f"{lost} phones were dropped for rubbish"] if lost else []
        amiss += [f"mark of {m.card_id} waits without a reason" for m in crowd.waiting() if not m.last_error]
        crowd.apns.turn(answers=[])
        crowd.settles()
        woken = crowd.woken()
        stale += sum(token not in woken for token in crowd.tokens.values()) - len(crowd.waiting())
    with tempfile.TemporaryDirectory() as folder, issuer(Path(folder), 10) as at:
        for _ in range(answers // 20):
            for card in at.cards:
                at.shop.earn(card)
            for _ in at.cards:
                at.shop.outside.script(
                    path=CALL, verb="PATCH", status=dice.choice((200, 400, 403, 404, 409, 500)), **_text(dice)
                )
            at.worker.run_until_idle()
        at.settles()
        stale += len(at.stale())
    return Count(
        "B6 rubbish from the other side", f"{answers} answers", answers, stale=stale, amiss=tuple(amiss)
    )


RUBBISH = (
    "", "{", "[]", "null", "5", '"reason"', '{"reason": 5}', '{"reason": null}',
    '{"reason": ["Unregistered"]}', '{"reason": "unregistered", "timestamp": "now"}', '{"timestamp": -1}',
    '{"reason": "Ünregistered"}', "<html>", "[" * 3000, '{"error": 5}', '{"error": {"errors": 5}}',
    '{"error": {"errors": [5], "message": {}}}', '{"hasUsers": "yes", "id": []}', '{"error": {"code": "x"}}',
)  # fmt: skip


def _rubbish(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.02:
        return {"body_bytes": 200_000}
    return {"body": dice.choice(RUBBISH)}


def _text(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.05:
        return {"form": dice.choice(("truncated", "rubbish")), "after_effect": dice.random() < 0.5}
    return {"form": "text", "message": dice.choice(RUBBISH)}
