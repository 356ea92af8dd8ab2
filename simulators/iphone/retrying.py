"""What the phone does after an answer it did not hope for."""

from collections.abc import Callable

from simulators.iphone import complaints
from simulators.iphone.complaints import Task
from simulators.iphone.reporting import Reporter
from simulators.iphone.service_client import Answer
from simulators.iphone.state import HeldCard, PhoneState

Later = Callable[[float, Callable[[], object]], None]
Work = Callable[[], None]
MOST_TRIES = 10


class Retrying:
    """`run` carries a retried task out under the phone's lock."""

    def __init__(
        self, state: PhoneState, reporter: Reporter, later: Later, run: Callable[[Work], None]
    ) -> None:
        self._state = state
        self._reporter = reporter
        self._later = later
        self._run = run

    def failed(self, task: Task, answer: Answer, card: HeldCard | None, again: Work, tries: int) -> None:
        """401 ends it (item 5), everything else is tried again with growing delay (item 6, W23)."""
        if answer.status == 401:
            self._reporter.complain(task, complaints.AUTHENTICATION)
            if card:
                card.orphaned = True
            return
        self._reporter.complain(task, answer.error or complaints.unexpected(answer.status))
        if tries < MOST_TRIES:
            self._later(self._state.knobs.retry_seconds * 2**tries, lambda: self._run(again))
