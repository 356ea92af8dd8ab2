"""All the phones of one simulator, and the door through which pushes reach them."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex

from simulators.iphone.agenda import Agenda
from simulators.iphone.bundle import Trust
from simulators.iphone.phone import Phone
from simulators.iphone.service_client import Network, ServiceClient
from simulators.iphone.state import HeldCard, Knobs, PhoneState
from simulators.iphone.store import Store

DEFAULT = "default"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Setup:
    """How the simulator was started."""

    trust: Trust
    network: Network = field(default_factory=lambda: Network({}))
    store: Store | None = None
    language: str = "en"
    join_url: str = ""
    knobs: Knobs = field(default_factory=Knobs)
    clock: Callable[[], datetime] = utc_now


class Phones:
    """Creates, finds and wakes phones; counts changes so that pages know when to look again."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.agenda = Agenda()
        self.client = ServiceClient(setup.network)
        self._phones: dict[str, Phone] = {}
        self._seen: deque[str] = deque(maxlen=5000)
        self._changes = 0
        self._change = threading.Condition()
        for state in setup.store.load(setup.trust, setup.clock()) if setup.store else ():
            self._start(state)
        if DEFAULT not in self._phones:
            self.create(setup.language, DEFAULT)

    def create(self, language: str, name: str | None = None) -> Phone:
        knobs = Knobs(**vars(self.setup.knobs))
        phone = self._start(PhoneState(name or token_hex(4), language, knobs=knobs))
        self.changed()
        return phone

    def _start(self, state: PhoneState) -> Phone:
        phone = Phone(
            state,
            ServiceClient(self.setup.network),
            self.setup.trust,
            clock=self.setup.clock,
            later=self.agenda.later,
            changed=self.changed,
        )
        self._phones[state.id] = phone
        return phone

    def find(self, name: str) -> Phone | None:
        return self._phones.get(name)

    def all(self) -> list[Phone]:
        return list(self._phones.values())

    def push(self, token: str, topic: str, push_id: str) -> int:
        """Hand a push to the phones with this token, once per id; answers how many there are."""
        if push_id and push_id in self._seen:
            return 0
        self._seen.append(push_id)
        woken = [phone for phone in self.all() if phone.state.push_token == token]
        for phone in woken:
            self.agenda.later(0, lambda phone=phone: phone.push(topic))  # type: ignore[misc]
        return len(woken)

    def changed(self) -> None:
        if self.setup.store:
            self.setup.store.save([phone.state for phone in self.all()])
        with self._change:
            self._changes += 1
            self._change.notify_all()

    def wait_for_change(self, after: int, seconds: float) -> int:
        """The number of the newest change, as soon as it is above `after` or the time is over."""
        with self._change:
            self._change.wait_for(lambda: self._changes > after, seconds)
            return self._changes

    def stop(self) -> None:
        self.agenda.stop()


def card_of(phone: Phone, serial: str) -> HeldCard | None:
    return next((card for key, card in list(phone.state.cards.items()) if key[1] == serial), None)
