"""How the simulator is made to misbehave: answers that are scripted, and switches."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from simulators.google_wallet.calls import JSON, Answer, Call
from simulators.google_wallet.errors import GLOBAL, GoogleError

RUBBISH = 10_000_000
FORMS = ("answer", "timeout", "reset", "truncated", "rubbish", "text")
REASON_OF = {
    400: "invalidResource", 401: "authError", 403: "permissionDenied", 404: "resourceNotFound",
    408: "requestTimeout", 409: "existingResource", 412: "conditionNotMet", 429: "rateLimitExceeded",
    500: "backendError", 503: "backendError",
}  # fmt: skip


@dataclass
class Scripted:
    """For calls of `verb` whose path contains `path`, after `skip` of them, `times` times (0: always).

    `after_effect` does what was asked first and loses only the answer: the outcome is unknown to the client.
    A truncated or a rubbish answer, whether or not the call had its effect, comes with status 200; a text is
    `message` as it is, under `status`.
    """

    verb: str = ""
    path: str = ""
    form: str = "answer"
    status: int = 503
    reason: str = ""
    message: str = ""
    retry_after: str = ""
    after_effect: bool = False
    times: int = 1
    skip: int = 0
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ValueError(f"form must be one of {', '.join(FORMS)}")
        if not 100 <= self.status <= 599 or self.times < 0 or self.skip < 0 or not 0 <= self.seconds <= 600:
            raise ValueError("status, times, skip or seconds is out of range")

    def fits(self, call: Call) -> bool:
        return self.path in call.path and self.verb in ("", call.verb)

    def answer(self, real: Answer | None) -> Answer:
        """`real` is what would have been said, had the call been let through."""
        if self.form in ("timeout", "reset"):
            return Answer(0, b"", hold=self.seconds if self.form == "timeout" else 0.0)
        if self.form == "truncated":
            body = real.body if real else b'{"id": "3388'
            return Answer(200, body[: max(1, len(body) // 2)])
        if self.form == "rubbish":
            return Answer(200, b"\x00<rubbish>" * (RUBBISH // 10), {"Content-Type": "text/html"})
        if self.form == "text":
            return Answer(self.status, self.message.encode(), {"Content-Type": JSON})
        return self._said()

    def _said(self) -> Answer:
        reason = self.reason or REASON_OF.get(self.status, "unknown")
        domain = GLOBAL if self.status in (401, 500, 503) else "walletobjects"
        error = GoogleError(self.status, reason, self.message or f"Scripted: {reason}.", domain)
        headers = {"Content-Type": JSON} | ({"Retry-After": self.retry_after} if self.retry_after else {})
        return Answer(self.status, error.body() if self.status >= 400 else b"{}", headers)


@dataclass
class Switches:
    """Each stays until it is turned back."""

    delay_ms: int = 0
    rate_limit: int = 0  # requests a second above which Google complains; 0: never
    rate_status: int = 403  # or 429: which of the two Wallet uses nobody has written down
    merchant_locations: bool = False  # Google allows both only to issuers that asked for it
    smart_tap: bool = False
    demo: bool = False  # before publishing access only test users may save
    callbacks: bool = True


class Knobs:
    """Thread-safe, for requests come side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.start_over()

    def start_over(self) -> None:
        with self._lock:
            self._script: list[Scripted] = []
            self.switches = Switches()

    def script(self, entries: list[Mapping[str, Any]]) -> None:
        known = {field.name: type(field.default) for field in fields(Scripted)}
        made = [Scripted(**_typed(entry, known)) for entry in entries]
        with self._lock:
            self._script += made

    def turn(self, changes: Mapping[str, Any]) -> None:
        known = {field.name: type(field.default) for field in fields(Switches)}
        with self._lock:
            self.switches = Switches(**(vars(self.switches) | _typed(changes, known)))

    def scripted_for(self, call: Call) -> Scripted | None:
        """The first line of the script that is meant for this call; spends it."""
        with self._lock:
            for one in self._script:
                if one.fits(call) and not _skips(one):
                    if one.times == 1:
                        self._script.remove(one)
                    one.times = max(one.times - 1, 0)
                    return one
        return None

    def left(self) -> int:
        return len(self._script)


def _skips(one: Scripted) -> bool:
    skipped = one.skip > 0
    one.skip -= skipped
    return skipped


def _typed(given: Mapping[str, Any], known: Mapping[str, type]) -> dict[str, Any]:
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"there is no {name!r}; there are {', '.join(known)}")
        wanted = (int, float) if known[name] is float else (known[name],)
        if type(value) not in wanted:
            raise ValueError(f"{name} must be {known[name].__name__}")
    return dict(given)
