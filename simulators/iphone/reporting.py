"""Keeps the history of calls and posts the phone's complaints, several lines at a time."""

from collections.abc import Callable
from datetime import datetime

from simulators.iphone.complaints import Task
from simulators.iphone.service_client import ServiceClient
from simulators.iphone.state import Call, PhoneState


class Reporter:
    """Collects while the phone works; `send` posts one batch to each web service concerned."""

    def __init__(self, state: PhoneState, client: ServiceClient, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._client = client
        self._clock = clock
        self._unsent: dict[str, list[str]] = {}

    def called(self, verb: str, what: str, status: int, key: tuple[str, str | None]) -> None:
        self._state.calls.append(Call(self._clock(), verb, what, status, *key))

    def complain(self, task: Task, text: str) -> None:
        line = task.complaint(self._clock(), text)
        self._state.complaints.append(line)
        self._unsent.setdefault(task.service, []).append(line)

    def send(self) -> None:
        """Complaints that cannot be delivered are dropped, as on a real phone."""
        unsent, self._unsent = self._unsent, {}
        for service, lines in unsent.items():
            answer = self._client.log(service, lines)
            self._state.calls.append(Call(self._clock(), "POST", "log", answer.status, ""))
