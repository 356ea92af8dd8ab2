"""The phone's patience with a pass type that pushes too often (docs/conformance.md#phone-7)."""

from dataclasses import dataclass
from datetime import datetime

ZERO_INTERVAL = 7200.0
SHORTEST = 1800.0
LEVELS = ((15, 3600.0), (10, 600.0), (5, 120.0))
CUT_OFF = 20


@dataclass(frozen=True)
class PushScore:
    """Grows by one with every push and drains by one in each zero interval."""

    points: float = 0.0
    last: datetime | None = None

    def after_push(self, now: datetime, passes: int) -> "PushScore":
        zero_interval = max(ZERO_INTERVAL / max(passes, 1), SHORTEST)
        quiet = (now - self.last).total_seconds() if self.last else 0.0
        return PushScore(max(0.0, self.points - quiet / zero_interval) + 1, now)

    @property
    def delay(self) -> float:
        """Seconds the fetch is put off."""
        return next((seconds for level, seconds in LEVELS if self.points >= level), 0.0)

    @property
    def exhausted(self) -> bool:
        """The phone asks its owner and switches updates off for the pass type."""
        return self.points >= CUT_OFF
