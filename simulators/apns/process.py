"""The simulator in a process of its own, as tests and benchmarks hold it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import Request, urlopen

from simulators.apns.papers import Authority


class Simulator:
    """Starts on entering, stops on leaving; `url` is for pushes, the methods are its control port."""

    def __init__(self, authority: Authority, state: Path | None = None) -> None:
        self._command = [sys.executable, "-m", "simulators.apns"]
        self._command += ["--cert", str(authority.server.certificate), "--key", str(authority.server.key)]
        self._command += ["--client-ca", str(authority.file)]
        self._command += ["--state", str(state)] if state else []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline().split()
        if len(line) != 5:
            raise RuntimeError("The APNs simulator did not start; it says why on stderr.")
        self.url, self.control = line[2], line[4]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def history(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.ask("GET", "/history")
        return entries

    def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = self.ask("GET", "/stats")
        return stats

    def turn(self, **knobs: Any) -> None:
        self.ask("POST", "/knobs", knobs)

    def subscribe(self, url: str) -> None:
        self.ask("POST", "/subscribers", {"url": url})

    def trust(self, team: str, key_id: str, public_key: str, topics: list[str] | None = None) -> None:
        """A key for tokens, as if made in Apple's portal (N6)."""
        self.ask(
            "POST", "/keys", {"team": team, "key_id": key_id, "public_key": public_key, "topics": topics}
        )

    def start_over(self) -> None:
        """Forget what was asked, and behave."""
        self.ask("DELETE", "/knobs")
        self.ask("DELETE", "/history")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        call = Request(self.control + path, data, method=method)  # noqa: S310  # our own child, on loopback
        with urlopen(call, timeout=10) as answer:  # noqa: S310
            return json.load(answer)
