"""List what changed, fetch it conditionally, and judge the answers as a phone does."""

from collections.abc import Callable
from datetime import datetime, timedelta

from simulators.iphone import complaints
from simulators.iphone.bundle import Bundle, Trust, open_bundle
from simulators.iphone.complaints import Task
from simulators.iphone.face import face_of, notice_of
from simulators.iphone.refusal import Refused
from simulators.iphone.reporting import Reporter
from simulators.iphone.service_client import Answer, ServiceClient
from simulators.iphone.state import HeldCard, Notice, PhoneState

FRESH = timedelta(seconds=300)


class Fetching:
    """The reading half of the phone: it changes the state, but never registers anything."""

    def __init__(
        self,
        state: PhoneState,
        client: ServiceClient,
        trust: Trust,
        reporter: Reporter,
        clock: Callable[[], datetime],
    ) -> None:
        self._state = state
        self._client = client
        self._trust = trust
        self._reporter = reporter
        self._clock = clock

    def listed(self, service: str, pass_type: str, *, pushed: bool) -> tuple[list[str] | None, Answer, Task]:
        """The changed serials; None when the question itself failed."""
        tag = self._state.tags.get((service, pass_type))
        task = complaints.list_task(service, self._state.device, pass_type, tag)
        answer = self._client.changed_since(service, self._state.device, pass_type, tag)
        self._reporter.called("GET", "list", answer.status, (pass_type, None))
        if answer.status == 204:
            if pushed:
                self._reporter.complain(task, complaints.PUSH_WITHOUT_CHANGE)
            return [], answer, task
        if answer.status != 200:
            return None, answer, task
        return self._take_list(answer, task, service, pass_type, tag), answer, task

    def _take_list(
        self, answer: Answer, task: Task, service: str, pass_type: str, tag: str | None
    ) -> list[str]:
        listed = _read_list(answer)
        if listed is None:
            self._reporter.complain(task, complaints.MALFORMED)
            return []
        serials, new_tag = listed
        if not serials:
            self._reporter.complain(task, complaints.NOTHING_LISTED)
        elif new_tag == tag:
            self._reporter.complain(task, complaints.TAG_MISSING_MOVE)  # T5
        self._state.tags[service, pass_type] = new_tag
        return serials

    def fetch(self, card: HeldCard, *, listed: bool) -> tuple[Answer, Task]:
        """Replaces the card where the server has a newer one."""
        service, since = card.bundle.service or "", card.last_modified
        task = complaints.fetch_task(service, card.key, since)
        answer = self._client.fetch(service, card.key, card.bundle.token, since)
        self._reporter.called("GET", "pass", answer.status, card.key)
        if answer.status == 200:
            self._take_pass(card, answer, task, listed)
        elif answer.status == 304:
            self._complain_of_unchanged(card, task, listed)
        return answer, task

    def _take_pass(self, card: HeldCard, answer: Answer, task: Task, listed: bool) -> None:
        try:
            bundle = open_bundle(answer.body, self._trust, self._clock())
        except Refused as refused:
            self._reporter.complain(task, complaints.invalid_pass(str(refused)))
            return
        received = (bundle.pass_type, bundle.serial)
        if received != card.key:
            self._reporter.complain(task, complaints.other_pass(card.key, received))
            return
        if answer.last_modified is None:
            self._reporter.complain(task, complaints.NO_LAST_MODIFIED)  # M6
        is_new = bundle.version != card.bundle.version
        if not is_new:
            self._complain_of_same(card, task, listed)
        card.last_modified = answer.last_modified
        if is_new:
            self._replace(card, bundle)

    def _complain_of_same(self, card: HeldCard, task: Task, listed: bool) -> None:
        if card.last_modified is not None:
            self._reporter.complain(task, complaints.IGNORED_CONDITION)
        else:
            self._complain_of_unchanged(card, task, listed)

    def _complain_of_unchanged(self, card: HeldCard, task: Task, listed: bool) -> None:
        if listed and self._clock() - card.changed_at > FRESH:
            self._reporter.complain(task, complaints.UNCHANGED)

    def _replace(self, card: HeldCard, bundle: Bundle) -> None:
        """The bundle comes last: whoever sees it sees all that came with it."""
        text = notice_of(card.bundle, bundle, self._state.language)
        if text is not None:
            title = face_of(bundle, self._state.language).organization
            self._state.notices.append(Notice(self._clock(), *card.key, title, text))
        card.changed_at = self._clock()
        card.bundle = bundle


def _read_list(answer: Answer) -> tuple[list[str], str] | None:
    body = answer.json()
    if not isinstance(body, dict):
        return None
    serials, tag = body.get("serialNumbers"), body.get("lastUpdated")
    if not isinstance(serials, list) or not all(isinstance(serial, str) for serial in serials):
        return None
    return (serials, tag) if isinstance(tag, str) else None
