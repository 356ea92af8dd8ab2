"""What a phone remembers."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from simulators.iphone.bundle import Bundle
from simulators.iphone.rate_limit import PushScore

REMEMBERED = 200

CardKey = tuple[str, str]  # pass type, serial number
ServiceKey = tuple[str, str]  # web service URL, pass type


@dataclass(frozen=True)
class Notice:
    """One banner on the lock screen."""

    at: datetime
    pass_type: str
    serial: str
    title: str
    text: str


@dataclass(frozen=True)
class Call:
    """One request to a web service; status 0 means that no answer came."""

    at: datetime
    verb: str
    path: str
    status: int
    pass_type: str
    serial: str | None = None


@dataclass
class HeldCard:
    """A card in the wallet and where it stands with its web service."""

    bundle: Bundle
    added_at: datetime
    changed_at: datetime
    last_modified: str | None = None
    registered: bool = False
    updates_on: bool = True
    orphaned: bool = False
    wake_ups: int = 0

    @property
    def key(self) -> CardKey:
        return self.bundle.pass_type, self.bundle.serial

    @property
    def wants_news(self) -> bool:
        return self.bundle.service is not None and self.updates_on and not self.orphaned


@dataclass
class Knobs:
    """How kind or unkind this phone is."""

    offline: bool = False
    lose_pushes: bool = False  # APNs keeps one push per topic for a phone that is away; this loses it
    slow_ms: int = 0
    rate_limit: bool = False  # item 7 is always counted, but bites only with this
    retry_seconds: float = 2.0


@dataclass
class PhoneState:
    """Everything that survives a restart."""

    id: str
    language: str = "en"
    device: str = field(default_factory=lambda: token_hex(16))
    push_token: str = field(default_factory=lambda: token_hex(32))
    cards: dict[CardKey, HeldCard] = field(default_factory=dict)
    tags: dict[ServiceKey, str] = field(default_factory=dict)
    knobs: Knobs = field(default_factory=Knobs)
    wake_ups: int = 0
    waiting: set[str] = field(default_factory=set)
    scores: dict[str, PushScore] = field(default_factory=dict)
    switched_off: set[str] = field(default_factory=set)
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    complaints: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def cards_of(self, pass_type: str) -> list[HeldCard]:
        return [card for key, card in list(self.cards.items()) if key[0] == pass_type]

    def holds(self, card: HeldCard) -> bool:
        """This very card, not one that replaced it."""
        return self.cards.get(card.key) is card

    def services_of(self, pass_type: str) -> list[str]:
        found = {card.bundle.service for card in self.cards_of(pass_type) if card.wants_news}
        return sorted(service for service in found if service)
