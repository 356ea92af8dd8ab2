"""What this APNs was asked, what it said, and whom it wakes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LONGEST = 100_000
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class Entry:
    token: str
    topic: str | None
    id: str
    expiration: str | None
    priority: str | None
    push_type: str | None
    body: str
    status: int  # 0: hung, reset or cut
    reason: str
    received_at: str
    connection: int
    key_id: str = ""  # of the token; a certificate has none


class History:
    """Forgets all but the subscribers when it stops, and those too without a state file."""

    def __init__(self, state: Path | None = None) -> None:
        self._state = state
        self.entries: deque[Entry] = deque(maxlen=LONGEST)
        self.opened = 0  # ever
        self.connections = 0  # since the history was forgotten, as all that follow
        self.refused_streams = 0
        self.goaways = 0
        self.priority_frames = 0
        self.most_streams = 0
        self.tls = ""
        self.subscribers = _read(state)
        self._calls: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(32)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        if entry.status == 200:
            for url in self.subscribers:
                self._wake(url, {"token": entry.token, "topic": entry.topic, "id": entry.id})

    def clear(self) -> None:
        self.entries.clear()
        self.connections = self.refused_streams = self.goaways = self.priority_frames = self.most_streams = 0

    def stats(self) -> dict[str, Any]:
        return {
            "connections": self.connections,
            "requests": len(self.entries),
            "statuses": dict(Counter(str(entry.status) for entry in self.entries)),
            "refused_streams": self.refused_streams,
            "goaways": self.goaways,
            "priority_frames": self.priority_frames,
            "most_streams": self.most_streams,
            "tls": self.tls,
        }

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries]

    def subscribe(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK or not parts.port:
            raise ValueError("a subscriber is an http address on this machine, with its port")
        if url not in self.subscribers:
            self.subscribers.append(url)
            if self._state:
                self._state.write_text(json.dumps(self.subscribers))

    def _wake(self, url: str, news: dict[str, Any]) -> None:
        call = asyncio.create_task(self._tell(url, json.dumps(news).encode()))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _tell(self, url: str, body: bytes) -> None:
        """A phone that does not listen is a phone that is off."""
        async with self._at_once:
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(_post(url, body), 2)


async def _post(url: str, body: bytes) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await reader.readline()
    finally:
        writer.close()


def _read(state: Path | None) -> list[str]:
    if not state or not state.exists():
        return []
    return [str(url) for url in json.loads(state.read_text())]
