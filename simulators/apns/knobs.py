"""The knobs that make this APNs unkind; what is not set behaves."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from simulators.apns.reasons import STATUS_OF

MOST_STREAMS = 1000


@dataclass
class Scripted:
    """An answer given `times` times (None: for ever), to one token or all, to every `every`-th asking."""

    reason: str = ""
    status: int = 0
    times: int | None = 1
    token: str | None = None
    timestamp: int | None = None
    body: str | None = None  # sent as it is, for rubbish
    body_bytes: int = 0  # so many spaces, for floods
    every: int = 1
    asked: int = 0

    def __post_init__(self) -> None:
        self.status = self.status or STATUS_OF[self.reason]

    def fits(self, token: str) -> bool:
        if self.times == 0 or self.token not in (None, token):
            return False
        self.asked += 1
        if self.asked % self.every:
            return False
        self.times = self.times and self.times - 1
        return True


@dataclass
class Knobs:
    answers: list[Scripted] = field(default_factory=list)
    delay_ms: int = 0
    max_streams: int = MOST_STREAMS
    goaway_after: int = 0  # each connection takes so many requests, then says GOAWAY
    goaway_takes_back: int = 0  # and leaves the last so many of them unprocessed
    cut: int = 0  # the next so many requests cut their connection
    cut_handshakes: int = 0  # the next so many connections end before TLS stands
    hang: int = 0
    hang_tokens: list[str] = field(default_factory=list)
    reset: int = 0  # the next so many streams end in RST_STREAM ...
    reset_code: int = 2  # ... with this error code: INTERNAL_ERROR; 7 is REFUSED_STREAM
    empty_500: int = 0
    byte_per_second: bool = False
    ahead_s: int = 0  # its clock is so many seconds ahead of ours

    def turn(self, settings: dict[str, Any]) -> None:
        """Raises ValueError, KeyError or TypeError for what is no knob."""
        kinds = {knob.name: type(getattr(self, knob.name)) for knob in fields(self)}
        for name, value in settings.items():
            if name == "hang" and isinstance(value, list):
                name = "hang_tokens"
            if not isinstance(value, kinds[name]):
                raise TypeError(f"{name} must be {kinds[name].__name__}")
            setattr(self, name, [Scripted(**entry) for entry in value] if name == "answers" else value)

    def scripted(self, token: str) -> Scripted | None:
        return next((answer for answer in self.answers if answer.fits(token)), None)

    def hangs(self, token: str) -> bool:
        return token in self.hang_tokens or self.spend("hang")

    def spend(self, name: str) -> bool:
        left: int = getattr(self, name)
        setattr(self, name, max(left - 1, 0))
        return left > 0
