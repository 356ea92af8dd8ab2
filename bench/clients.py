"""Eight clients that keep their connections and each ask again as soon as they are answered.

One thread and one epoll for all: what it spends on a request is a fraction of what any server does, and the
same for every server that is measured.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CLIENTS = 8
EMPTY = (b" 204 ", b" 304 ")  # these say no length
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED, LAST_CHUNK = b"\r\ntransfer-encoding: chunked", b"0\r\n\r\n"
LARGEST, PATIENCE = 1 << 16, 15.0


@dataclass(frozen=True)
class Request:
    """`kind`: its figures stand together."""

    kind: str
    words: bytes


@dataclass
class Load:
    """What came of it: milliseconds of each answer by kind, and how long all of it took."""

    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return sum(map(len, self.took.values())) / self.seconds


@dataclass
class _Client:
    line: socket.socket
    kind: str = ""
    began: float = 0.0
    heard: bytes = b""


def ask(
    port: int, requests: Iterator[Request], *, seconds: float, status: int = 200, clients: int = CLIENTS
) -> Load:
    """Until the time is over or nothing is left to ask. Any other status ends it: an error page is quickly
    made.
    """
    load, expected = Load(), b"HTTP/1.1 %d " % status
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        asking = [_Client(_line(port)) for _ in range(clients)]
        for client in asking:
            selector.register(client.line, selectors.EVENT_READ, client)
            _send(client, next(requests))
        while asking:
            for client in _ready(selector):
                if not _heard_all(client, expected):
                    continue
                now = time.perf_counter()
                load.took[client.kind].append((now - client.began) * 1000)
                following = next(requests, None) if now - began < seconds else None
                if following is not None:
                    _send(client, following)
                else:
                    selector.unregister(client.line)
                    client.line.close()
                    asking.remove(client)
    load.seconds = time.perf_counter() - began
    return load


def get(path: str, headers: Mapping[str, str] | None = None, *, kind: str = "") -> Request:
    return Request(kind, _words("GET", path, headers or {}, b""))


def post(path: str, body: object, headers: Mapping[str, str], *, kind: str = "") -> Request:
    headers = {"Content-Type": "application/json", **headers}
    return Request(kind, _words("POST", path, headers, json.dumps(body).encode()))


def _words(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept-Language: ru"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if method == "POST" else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _line(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), PATIENCE)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _ready(selector: selectors.BaseSelector) -> list[_Client]:
    ready = selector.select(PATIENCE)
    if not ready:
        raise TimeoutError(f"no answer within {PATIENCE:.0f} seconds")
    return [key.data for key, _ in ready]


def _send(client: _Client, request: Request) -> None:
    client.kind, client.heard, client.began = request.kind, b"", time.perf_counter()
    client.line.sendall(request.words)


def _heard_all(client: _Client, expected: bytes) -> bool:
    part = client.line.recv(LARGEST)
    client.heard += part
    head, found, body = client.heard.partition(b"\r\n\r\n")
    if not part or (found and not head.startswith(expected)):
        raise RuntimeError(f"unexpected answer: {client.heard[:2000]!r}")
    if found and head[8:13] in EMPTY:
        return True
    if CHUNKED in head.lower():
        return body.endswith(LAST_CHUNK)
    length = LENGTH.search(head)
    return bool(found) and len(body) >= (int(length[1]) if length else 0)
