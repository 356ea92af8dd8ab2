"""The simulator in a process of its own, as tests and benchmarks hold it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from urllib.request import Request, urlopen


class Simulator:
    """Starts on entering, stops on leaving; `url` is Google, the methods are its control API.

    `key_file` is the service account that it made for whoever started it.
    """

    def __init__(self, state: Path, *options: str, allow_http: bool = True) -> None:
        self.key_file = state / "service-account.json"
        self._command = [sys.executable, "-m", "simulators.google_wallet", "--port", "0"]
        self._command += ["--state", str(state), *options, *(["--allow-http"] if allow_http else [])]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline().split()
        if not line:
            self._process.stdout.close()
            self._process.wait(10)
            raise RuntimeError("The Google Wallet simulator did not start; it says why on stderr.")
        self.url = line[-1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start_over(self) -> None:
        """An empty shelf, the right time, an empty phone, and good behaviour."""
        self.ask("DELETE", "")

    def calls(self, path: str = "", verb: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", f"/history?path={quote(path)}&verb={verb}")["calls"]
        return found

    def objects(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.ask("GET", "/objects")["objects"]}

    def classes(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.ask("GET", "/objects")["classes"]}

    def pushes(self) -> list[dict[str, Any]]:
        """What the phone has shown."""
        rang: list[dict[str, Any]] = self.ask("GET", "/pushes")["pushes"]
        return rang

    def callbacks(self) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = self.ask("GET", "/callbacks")["callbacks"]
        return sent

    def script(self, **answer: Any) -> None:
        """The next fitting call is answered so; the fields are those of `Scripted`."""
        self.ask("POST", "/script", {"answers": [answer]})

    def turn(self, **switches: Any) -> None:
        self.ask("POST", "/knobs", switches)

    def forward(self, seconds: float) -> None:
        self.ask("POST", "/clock", {"forward_seconds": seconds})

    def save(self, link: str) -> None:
        """What a member does with a save link."""
        self.ask("POST", "/phone/save", {"url": link})

    def remove(self, object_id: str) -> None:
        self.ask("POST", "/phone/remove", {"object": object_id})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        call = Request(f"{self.url}/control{path}", data, headers, method=method)  # noqa: S310  # our own child
        with urlopen(call, timeout=20) as answer:  # noqa: S310
            return json.load(answer)
