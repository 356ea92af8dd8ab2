"""A hand that holds phones, turns their clock, and looks at what they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from simulators.iphone.bundle import Trust
from simulators.iphone.face import face_of
from simulators.iphone.phone import Phone
from simulators.iphone.service_client import Network, ServiceClient
from simulators.iphone.state import HeldCard, PhoneState
from tests.simulators.bundle_maker import PASS_TYPE

COFFEE = (PASS_TYPE, "coffee-0001")


@dataclass
class Hand:
    """Runs what the phones put off, too."""

    trust: Trust
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    later: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def phone(self, name: str = "one", language: str = "en") -> Phone:
        return Phone(
            PhoneState(name, language),
            ServiceClient(Network({})),
            self.trust,
            clock=lambda: self.now,
            later=lambda seconds, work: self.later.append((seconds, work)),
            changed=lambda: None,
        )

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def run_later(self) -> list[float]:
        due, self.later = self.later, []
        for _, work in due:
            work()
        return [seconds for seconds, _ in due]


def stamps(card: HeldCard, language: str = "en") -> str:
    return face_of(card.bundle, language).fields()["balance"].value
