"""What outlives a connection: history, knobs, and the connections themselves; and how a request is judged."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from simulators.apns.history import Entry, History
from simulators.apns.knobs import Knobs
from simulators.apns.provider_tokens import Keys, Turned, Visitor
from simulators.apns.reasons import STATUS_OF
from simulators.apns.rules import Request, refusal


@dataclass(frozen=True)
class Said:
    status: int  # 0: nothing was said
    body: bytes = b""
    reason: str = ""


class Open(Protocol):
    def set_most_streams(self, most: int) -> None: ...


class House:
    def __init__(self, history: History, tls: ssl.SSLContext) -> None:
        self.history = history
        self.tls = tls
        self.knobs = Knobs()
        self.keys = Keys()
        self.open: set[Open] = set()

    def turn(self, settings: dict[str, Any]) -> None:
        self.knobs.turn(settings)
        self._tell_most_streams()

    def behave(self) -> None:
        self.knobs = Knobs()
        self.keys.forget_tokens()
        self._tell_most_streams()

    def _tell_most_streams(self) -> None:
        for connection in self.open:
            connection.set_most_streams(self.knobs.max_streams)  # N15

    def judge(self, request: Request, visitor: Visitor) -> Said:
        """A knob speaks first, then the rules."""
        if self.knobs.spend("empty_500"):
            return Said(500)
        scripted = self.knobs.scripted(request.token)
        if scripted and scripted.body is not None:
            return Said(scripted.status, scripted.body.encode(), scripted.reason)
        if scripted and scripted.body_bytes:
            return Said(scripted.status, b" " * scripted.body_bytes, scripted.reason)
        if scripted:
            return _said(scripted.status, scripted.reason, scripted.timestamp)
        reason = self._refusal(request, visitor)
        return _said(STATUS_OF[reason], reason) if reason else Said(200)

    def _refusal(self, request: Request, visitor: Visitor) -> str | None:
        now = datetime.now(UTC) + timedelta(seconds=self.knobs.ahead_s)
        try:
            credential = visitor.certificate or self.keys.admit(request, visitor, now)
        except Turned as away:
            return str(away)
        return refusal(request, credential, now)

    def note(self, request: Request, said: Said, apns_id: str, connection: int, key_id: str = "") -> None:
        entry = Entry(
            token=request.token,
            topic=request.header("apns-topic"),
            id=apns_id,
            expiration=request.header("apns-expiration"),
            priority=request.header("apns-priority"),
            push_type=request.header("apns-push-type"),
            body=request.body[:100].decode("latin-1"),
            status=said.status,
            reason=said.reason,
            received_at=datetime.now(UTC).isoformat(),
            connection=connection,
            key_id=key_id,
        )
        self.history.add(entry)


def _said(status: int, reason: str, timestamp: int | None = None) -> Said:
    words: dict[str, str | int] = {"reason": reason} if reason else {}
    if timestamp is not None:
        words["timestamp"] = timestamp
    return Said(status, json.dumps(words).encode() if words else b"", reason)
