"""A tiny pass web service for the phone's tests: honest by itself, lying where a test says so."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.services.serving import serving
from tests.simulators.bundle_maker import PASS_TYPE, TOKEN, Papers, PassMaker, coffee_files, coffee_pass

START = 1_790_000_000


@dataclass(frozen=True)
class Request:
    """What the phone sent."""

    verb: str
    path: str
    authorization: str | None
    since: str | None
    body: Any


@dataclass
class Kept:
    """A card as the service knows it."""

    stamps: int
    changed: int
    extra: dict[str, Any] = field(default_factory=dict)


Lie = tuple[int, bytes, dict[str, str]]


@dataclass
class Service:
    """State of the service; `lies` replace the next answers to a kind of request."""

    papers: Papers
    url: str = ""
    counter: int = 1
    cards: dict[str, Kept] = field(default_factory=dict)
    registrations: dict[tuple[str, str], str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    lies: dict[str, list[Lie | None]] = field(default_factory=dict)
    last_modified: bool = True
    conditional: bool = True

    def card(self, serial: str = "coffee-0001", stamps: int = 2) -> bytes:
        self.cards[serial] = Kept(stamps, self.counter)
        return self.bundle(serial)

    def change(self, stamps: int, serial: str = "coffee-0001", **extra: Any) -> None:
        self.counter += 1
        self.cards[serial] = Kept(stamps, self.counter, extra)

    def bundle(self, serial: str) -> bytes:
        kept = self.cards[serial]
        content = coffee_pass(kept.stamps, serial, self.url) | kept.extra
        return PassMaker(self.papers, content, coffee_files(kept.stamps)).make()

    def lie(self, kind: str, status: int, body: bytes = b"", **headers: str) -> None:
        self.lies.setdefault(kind, []).append((status, body, headers))

    def asked(self, verb: str, part: str = "") -> list[Request]:
        return [one for one in self.requests if one.verb == verb and part in one.path]

    @property
    def logged(self) -> list[str]:
        return [line for one in self.asked("POST", "/v1/log") for line in one.body["logs"]]

    def answer(self, request: Request) -> Lie:
        self.requests.append(request)
        kind, parts = _kind(request), urlsplit(request.path).path.split("/")
        if self.lies.get(kind) and (lie := self.lies[kind].pop(0)):
            return lie
        if kind == "list":
            return self._list(request)
        if kind == "log":
            return 200, b"", {}
        if kind == "download":
            return 200, self.bundle(parts[-1].removesuffix(".pkpass")), {"Content-Type": PKPASS}
        if request.authorization != f"ApplePass {TOKEN}":
            return 401, b"", {}
        return self._pass(request, parts[-1]) if kind == "pass" else self._registration(request, kind, parts)

    def _registration(self, request: Request, kind: str, parts: list[str]) -> Lie:
        key = (parts[3], parts[6])
        if kind == "unregister":
            self.registrations.pop(key, None)
            return 200, b"", {}
        new = key not in self.registrations
        self.registrations[key] = request.body["pushToken"]
        return 201 if new else 200, b"", {}

    def _list(self, request: Request) -> Lie:
        since = int(parse_qs(urlsplit(request.path).query).get("passesUpdatedSince", ["0"])[0])
        device = request.path.split("/")[3]
        mine = [serial for held, serial in self.registrations if held == device]
        changed = [serial for serial in mine if self.cards[serial].changed > since]
        if not changed:
            return 204, b"", {}
        return 200, json.dumps({"serialNumbers": changed, "lastUpdated": str(self.counter)}).encode(), {}

    def _pass(self, request: Request, serial: str) -> Lie:
        stamp = formatdate(START + self.cards[serial].changed, usegmt=True)
        headers = {"Last-Modified": stamp} if self.last_modified else {}
        if self.conditional and request.since == stamp:
            return 304, b"", headers
        return 200, self.bundle(serial), headers | {"Content-Type": PKPASS}


PKPASS = "application/vnd.apple.pkpass"


def _kind(request: Request) -> str:
    if "/registrations/" in request.path:
        return {"POST": "register", "DELETE": "unregister", "GET": "list"}[request.verb]
    if request.path.endswith("/log"):
        return "log"
    return "pass" if f"/v1/passes/{PASS_TYPE}/" in request.path else "download"


@contextmanager
def open_service(papers: Papers) -> Iterator[Service]:
    """The service on a free port of this machine."""
    service = Service(papers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            headers = self.headers
            request = Request(
                self.command, self.path, headers.get("Authorization"), headers.get("If-Modified-Since"), body
            )
            status, answer, more = service.answer(request)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = handle_any

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server) as service.url:
        yield service
