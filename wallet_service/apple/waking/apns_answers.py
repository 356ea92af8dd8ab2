"""What APNs said about a push, and what that means for us (N10)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

_ERA_OF_MILLISECONDS = 4_102_444_800_000  # 2100-01-01: anything above is rubbish, not a date


class Verdict(StrEnum):
    """What to do next; each answer of APNs, and each failure to get one, is exactly one of these."""

    ACCEPTED = "accepted"  # APNs took it; whether the phone gets it is never said
    GONE = "gone"  # the pass or the device is gone since `timestamp`
    BAD_TOKEN = "bad-token"  # noqa: S105  # rubbish, or of another environment
    DOUBTED = "doubted"  # gone or bad as they say, and not believed: the phone stays
    WIRING = "wiring"  # our topic and certificate do not fit: never delete a token for it
    CREDENTIAL = "credential"  # our certificate is refused: open the circuit, keep the queue
    SLOW_DOWN = "slow-down"  # this token was pushed too often
    LATER = "later"  # Apple or the network; repeating is harmless
    OUR_BUG = "our-bug"  # repeating it unchanged is pointless


@dataclass(frozen=True, slots=True)
class Push:
    """One wake-up: `id` is our delivery UUID, `topic` the pass type identifier (N4: per push)."""

    id: str
    token: str
    topic: str


class Answer(NamedTuple):
    """`status` is 0 and `reason` a sentence when no answer came."""

    push: Push
    verdict: Verdict
    status: int
    reason: str = ""
    timestamp: datetime | None = None

    @property
    def apns_id(self) -> str:
        """APNs keeps the id it is given (N9)."""
        return self.push.id


_REASONS = {
    (400, "BadDeviceToken"): Verdict.BAD_TOKEN,
    (400, "DeviceTokenNotForTopic"): Verdict.WIRING,
    (400, "TopicDisallowed"): Verdict.WIRING,
    (400, "BadTopic"): Verdict.WIRING,
    (400, "MissingTopic"): Verdict.WIRING,
    (400, "IdleTimeout"): Verdict.LATER,
    (410, "Unregistered"): Verdict.GONE,
    (410, "ExpiredToken"): Verdict.GONE,
    (429, "TooManyProviderTokenUpdates"): Verdict.LATER,
}
_STATUSES = {
    200: Verdict.ACCEPTED,
    400: Verdict.OUR_BUG,
    403: Verdict.CREDENTIAL,
    404: Verdict.OUR_BUG,
    405: Verdict.OUR_BUG,
    413: Verdict.OUR_BUG,
    429: Verdict.SLOW_DOWN,
}


def verdict(status: int, reason: str) -> Verdict:
    """The table N10. What it does not know is done again later: a 410 deletes only with a reason we know."""
    return _REASONS.get((status, reason)) or _STATUSES.get(status, Verdict.LATER)


def read_answer(push: Push, status: int, body: bytes) -> Answer:
    """Read what APNs wrote; a body that cannot be read leaves the status to speak."""
    if status == 200 and not body:  # nearly always
        return Answer(push, Verdict.ACCEPTED, 200)
    said = _dictionary(body)
    reason = said.get("reason")
    reason = reason[:100] if isinstance(reason, str) else ""
    return Answer(push, verdict(status, reason), status, reason, _moment(said.get("timestamp")))


def _dictionary(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _moment(milliseconds: object) -> datetime | None:
    """APNs counts in milliseconds."""
    if type(milliseconds) is not int or not 0 <= milliseconds < _ERA_OF_MILLISECONDS:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def no_answer(push: Push, why: str, verdict: Verdict = Verdict.LATER) -> Answer:
    return Answer(push, verdict, 0, why)
