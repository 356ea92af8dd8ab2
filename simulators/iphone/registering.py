"""Tells the web service that this phone wants news of a card, or wants none any more."""

from simulators.iphone import complaints
from simulators.iphone.reporting import Reporter
from simulators.iphone.retrying import Retrying
from simulators.iphone.service_client import ServiceClient
from simulators.iphone.state import HeldCard, PhoneState

GOOD = (200, 201)


class Registering:
    """Both calls are tried again while they still make sense."""

    def __init__(
        self, state: PhoneState, client: ServiceClient, reporter: Reporter, retrying: Retrying
    ) -> None:
        self._state = state
        self._client = client
        self._reporter = reporter
        self._retrying = retrying

    def register(self, card: HeldCard, tries: int = 0) -> bool:
        state, service = self._state, card.bundle.service or ""
        answer = self._client.register(service, state.device, card.key, card.bundle.token, state.push_token)
        self._reporter.called("POST", "registration", answer.status, card.key)
        card.registered = answer.status in GOOD
        if not card.registered:
            task = complaints.register_task(service, state.device, card.key)
            self._retrying.failed(task, answer, card, lambda: self._register_again(card, tries + 1), tries)
        return card.registered

    def _register_again(self, card: HeldCard, tries: int) -> None:
        if self._state.holds(card) and card.updates_on and not card.registered:
            self.register(card, tries)

    def unregister(self, card: HeldCard, tries: int = 0) -> None:
        """Without a network nothing is said; the web service learns it from APNs one day."""
        if not card.registered or not card.bundle.service or self._state.knobs.offline:
            return
        state, service = self._state, card.bundle.service
        answer = self._client.unregister(service, state.device, card.key, card.bundle.token)
        self._reporter.called("DELETE", "registration", answer.status, card.key)
        card.registered = answer.status not in GOOD
        if card.registered:
            task = complaints.unregister_task(service, state.device, card.key)
            self._retrying.failed(task, answer, None, lambda: self._unregister_again(card, tries + 1), tries)

    def _unregister_again(self, card: HeldCard, tries: int) -> None:
        gone = card.key not in self._state.cards
        if gone or (self._state.holds(card) and not card.updates_on):
            self.unregister(card, tries)
