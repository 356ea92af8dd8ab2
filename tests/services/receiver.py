"""A shop's own system in a process of its own: takes webhooks that are signed as the standard says, and can
be unkind. It shares no code with the service.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self
from urllib.request import Request, urlopen

from standardwebhooks import Webhook, WebhookVerificationError

ROOT = Path(__file__).parent.parent.parent
LONGEST = 200_000
CONTROL = "/control/"
HEADERS = {"Location": "location", "Retry-After": "retry_after"}


class Receiver:
    """As tests hold it: any path is an address with a secret, knobs and a memory of its own."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.services.receiver"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        self.base = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def url(self, name: str) -> str:
        return f"{self.base}/{name}"

    def turn(self, name: str, **knobs: Any) -> None:
        """secret; status and body; delay (seconds); hang, cut: bool; location; retry_after."""
        self._ask("POST", name, knobs)

    def calls(self, name: str) -> list[dict[str, Any]]:
        """Everything that came, with what was wrong with it: {"id", "type", "data", "wrong", "began"}."""
        found: list[dict[str, Any]] = self._ask("GET", name)
        return found

    def heard(self, name: str) -> list[str]:
        """The types that were taken, in their order."""
        return [call["type"] for call in self.calls(name) if call["taken"]]

    def _ask(self, method: str, name: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        call = Request(self.base + CONTROL + name, data, method=method)
        with urlopen(call, timeout=10) as answer:
            return json.load(answer)


@dataclass
class _Address:
    knobs: dict[str, Any] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    addresses: ClassVar[dict[str, _Address]] = {}
    lock = threading.Lock()

    def do_GET(self) -> None:
        if self.path.startswith(CONTROL):
            self._say(200, json.dumps(self._address(self.path.removeprefix(CONTROL)).calls).encode())
        else:
            self._say(405, b"webhooks are posted")

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST))
        if self.path.startswith(CONTROL):
            self._address(self.path.removeprefix(CONTROL)).knobs.update(json.loads(body))
            self._say(200, b"{}")
        else:
            self._take(self._address(self.path.partition("?")[0].strip("/")), body)

    def _take(self, address: _Address, body: bytes) -> None:
        knobs, call = dict(address.knobs), _read(dict(self.headers), body, address.knobs.get("secret"))
        with self.lock:
            address.calls.append(call)
        while address.knobs.get("hang"):  # until it is told to let go
            time.sleep(0.05)
        time.sleep(knobs.get("delay", 0))
        if knobs.get("cut"):
            self.close_connection = True
            return
        status = knobs.get("status", 200)
        if call["wrong"] and status < 300:
            status = 401
        call["taken"] = status < 300
        said = {name: knobs[knob] for name, knob in HEADERS.items() if knob in knobs}
        self._say(status, str(knobs.get("body", "")).encode(), said)

    def _address(self, name: str) -> _Address:
        with self.lock:
            return self.addresses.setdefault(name, _Address())

    def _say(self, status: int, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _read(headers: Mapping[str, str], body: bytes, secret: str | None) -> dict[str, Any]:
    """What came, and what the standard says against it."""
    low = {name.lower(): value for name, value in headers.items()}
    call: dict[str, Any] = {"id": low.get("webhook-id"), "headers": low, "taken": False, "wrong": None}
    call |= {"began": time.time(), "type": None, "data": None, "body": body.decode("utf-8", "replace")}
    try:
        said = Webhook(secret).verify(body, low) if secret else json.loads(body)
        call |= {"type": said["type"], "data": said["data"], "timestamp": said["timestamp"]}
        if low.get("content-type") != "application/json":
            call["wrong"] = "the content type"
        if not secret:
            call["wrong"] = "no secret is known here"
    except (WebhookVerificationError, ValueError, KeyError) as error:
        call["wrong"] = f"{type(error).__name__}: {error}"
    return call


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
