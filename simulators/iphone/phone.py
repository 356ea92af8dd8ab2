"""The phone itself: what its owner does with a card, and what a push makes it do (conformance.md#phone)."""

import threading
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex
from typing import Any

from simulators.iphone import complaints
from simulators.iphone.bundle import Trust, open_bundle
from simulators.iphone.complaints import Task
from simulators.iphone.fetching import Fetching
from simulators.iphone.rate_limit import PushScore
from simulators.iphone.refusal import Refused
from simulators.iphone.registering import Registering
from simulators.iphone.reporting import Reporter
from simulators.iphone.retrying import Later, Retrying, Work
from simulators.iphone.service_client import ServiceClient
from simulators.iphone.state import HeldCard, PhoneState

Clock = Callable[[], datetime]


class Phone:
    """Acts on a PhoneState; `later` runs a task after some seconds, `changed` tells the page."""

    def __init__(
        self,
        state: PhoneState,
        client: ServiceClient,
        trust: Trust,
        *,
        clock: Clock,
        later: Later,
        changed: Callable[[], None],
    ) -> None:
        self.state = state
        self._client = client
        self._trust = trust
        self._clock = clock
        self._later = later
        self._changed = changed
        self._lock = threading.RLock()
        self._deferred: set[str] = set()
        self._reporter = Reporter(state, client, clock)
        self._retrying = Retrying(state, self._reporter, later, self._retry)
        self._registering = Registering(state, client, self._reporter, self._retrying)
        self._fetching = Fetching(state, client, trust, self._reporter, clock)
        client.slow_ms = state.knobs.slow_ms

    # Item 1
    def add(self, data: bytes) -> HeldCard:
        """Verify, keep, register; then ask for news. Adding a held serial replaces the card (P3)."""
        with self._lock:
            now = self._clock()
            bundle = open_bundle(data, self._trust, now)
            held = self.state.cards.get((bundle.pass_type, bundle.serial))
            card = HeldCard(bundle, added_at=held.added_at if held else now, changed_at=now)
            self.state.cards[card.key] = card
            if bundle.service and not self.state.knobs.offline:
                self._begin(card)
            self._changed()
            return card

    def _begin(self, card: HeldCard) -> None:
        service = card.bundle.service or ""
        known = (service, card.key[0]) in self.state.tags
        if self._registering.register(card):
            self._news(service, card.key[0], pushed=False, fetch=known)
            if known and card.last_modified is None:
                self._fetch(card, listed=False)
        self._reporter.send()

    # Item 2
    def push(self, topic: str) -> None:
        """A push woke the phone: wait for the network if there is none, or for the patience of item 7."""
        with self._lock:
            cards = [card for card in self.state.cards_of(topic) if card.wants_news]
            if not cards or topic in self.state.switched_off:
                return
            if self.state.knobs.offline:
                self._keep(topic)
                return
            self.state.wake_ups += 1
            for card in cards:
                card.wake_ups += 1
            self._changed()
            self._wake(topic, len(cards))

    def _keep(self, topic: str) -> None:
        if not self.state.knobs.lose_pushes:
            self.state.waiting.add(topic)  # N7: APNs keeps one per topic and device

    def _wake(self, topic: str, passes: int) -> None:
        score = self.state.scores.get(topic, PushScore()).after_push(self._clock(), passes)
        self.state.scores[topic] = score
        if self.state.knobs.rate_limit and score.exhausted:
            self._switch_off(topic)
        elif self.state.knobs.rate_limit and score.delay:
            self._put_off(topic, score.delay)
        else:
            self.look(topic, pushed=True)

    def _put_off(self, topic: str, delay: float) -> None:
        def look() -> None:
            self._deferred.discard(topic)
            self.look(topic, pushed=True)

        if topic not in self._deferred:
            self._deferred.add(topic)
            self._later(delay, look)

    def _switch_off(self, topic: str) -> None:
        self.state.switched_off.add(topic)
        for card in self.state.cards_of(topic):
            self.updates(card, on=False)

    def look(self, topic: str, *, pushed: bool) -> None:
        """Ask every web service of the pass type what is new."""
        with self._lock:
            for service in self.state.services_of(topic):
                self._news(service, topic, pushed=pushed, fetch=True)
            self._reporter.send()
            self._changed()

    def _news(self, service: str, pass_type: str, *, pushed: bool, fetch: bool, tries: int = 0) -> None:
        def again() -> None:
            self._news(service, pass_type, pushed=pushed, fetch=fetch, tries=tries + 1)

        listed, answer, task = self._fetching.listed(service, pass_type, pushed=pushed)
        if listed is None:
            self._retrying.failed(task, answer, None, again, tries)
            return
        for serial in listed if fetch else ():
            self._fetch_listed(service, pass_type, serial, task)

    def _fetch_listed(self, service: str, pass_type: str, serial: str, task: Task) -> None:
        card = self.state.cards.get((pass_type, serial))
        if card is None or not card.registered or card.bundle.service != service:
            self._reporter.complain(task, complaints.not_held(serial))
            return
        self._fetch(card, listed=True)

    # Items 3 to 6
    def _fetch(self, card: HeldCard, *, listed: bool, tries: int = 0) -> None:
        def again() -> None:
            if self.state.holds(card):
                self._fetch(card, listed=listed, tries=tries + 1)

        if card.orphaned or not card.bundle.service:
            return
        service = card.bundle.service
        answer, task = self._fetching.fetch(card, listed=listed)
        if answer.status not in (200, 304):
            self._retrying.failed(task, answer, card, again, tries)
        elif card.bundle.service != service and card.wants_news:
            self._registering.register(card)
        self._changed()

    def _retry(self, work: Work) -> None:
        with self._lock:
            if not self.state.knobs.offline:
                work()
                self._reporter.send()
            self._changed()

    # Item 8
    def new_push_token(self) -> None:
        """As after a restore: the same device registers everything again under a new address."""
        with self._lock:
            self.state.push_token = token_hex(32)
            for card in list(self.state.cards.values()):
                card.registered = card.registered and not self.state.knobs.offline
                if card.wants_news and not self.state.knobs.offline:
                    self._registering.register(card)
            self._reporter.send()
            self._changed()

    # Item 9
    def remove(self, card: HeldCard) -> None:
        """The card is gone at once, and its tag with it (T8); a phone without network tells nobody."""
        with self._lock:
            self.state.cards.pop(card.key, None)
            self.state.tags.pop((card.bundle.service or "", card.key[0]), None)
            self._registering.unregister(card)
            self._reporter.send()
            self._changed()

    def updates(self, card: HeldCard, *, on: bool) -> None:
        """The owner's switch "automatic updates"."""
        with self._lock:
            if card.updates_on != on:
                card.updates_on = on
                self._follow_switch(card)
            self._reporter.send()
            self._changed()

    def _follow_switch(self, card: HeldCard) -> None:
        if card.updates_on:
            self.state.switched_off.discard(card.key[0])
            self.state.scores.pop(card.key[0], None)
            if card.bundle.service and not self.state.knobs.offline:
                self._begin(card)
        else:
            self._registering.unregister(card)

    # Item 10
    def refresh(self, card: HeldCard) -> None:
        """Pull to refresh on the back of the card."""
        with self._lock:
            if not self.state.knobs.offline:
                self._fetch(card, listed=False)
                self._reporter.send()
            self._changed()

    def poll(self) -> None:
        """The phone's own look, about once a day and after a start."""
        if not self.state.knobs.offline:
            for topic in sorted({key[0] for key in self.state.cards}):
                self.look(topic, pushed=False)

    # Item 11
    def share(self, card: HeldCard, other: "Phone") -> HeldCard:
        """Hands the very file to another phone: same serial, same token."""
        if card.bundle.content.get("sharingProhibited"):
            raise Refused("P23", "The card hides its Share button.")
        return other.add(card.bundle.raw)

    def set_language(self, language: str) -> None:
        self.state.language = language
        self._changed()

    def turn(self, **knobs: Any) -> None:
        """Set knobs; coming back on line hands over the pushes that APNs kept."""
        with self._lock:
            for name, value in knobs.items():
                setattr(self.state.knobs, name, value)
            self._client.slow_ms = self.state.knobs.slow_ms
            if not self.state.knobs.offline:
                self._back_on_line()
            self._changed()

    def _back_on_line(self) -> None:
        for card in list(self.state.cards.values()):
            if card.wants_news and not card.registered:
                self._begin(card)
        waiting, self.state.waiting = self.state.waiting, set()
        for topic in sorted(waiting):
            self.push(topic)
