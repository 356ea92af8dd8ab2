"""Tells Google that a card changed: one PATCH with the newest state, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from wallet_service.actions.services import Services
from wallet_service.db.tables import GoogleIssuer
from wallet_service.domain.errors import Misconfigured
from wallet_service.google import issuer, records
from wallet_service.google.answers import Answer, Verdict
from wallet_service.google.classes import Classes
from wallet_service.google.client import GoogleClient
from wallet_service.google.delivery import Deliverer, Delivery
from wallet_service.google.lane import Lane
from wallet_service.google.look_shelf import LookShelf
from wallet_service.google.pictures_ready import PicturesReady
from wallet_service.google.sendings import Sending, Writer
from wallet_service.push.alarms import raise_alarm
from wallet_service.push.wallet import TOLD, Note, Outcome, Result

BATCH = 36  # two seconds of the lane: so long a till's mark may wait behind a campaign's
AT_ONCE = 6  # calls under way; one takes a few tenths of a second
WRITE_EVERY = 25
LOOK_AGAIN = timedelta(seconds=5)
ANOTHER_WORKER = "Another worker talks to Google."
NOT_LET_IN = "Google does not let us in."
STOPPED = "Google stopped answering while others were told."

Pair = tuple[Note, Outcome]


@dataclass(frozen=True)
class _Round:
    """What was read for one batch. `probe_at`: the circuit is open, and when it is tried again."""

    sendings: Mapping[int, Sending | Misconfigured]
    probe_at: datetime | None


class GoogleWallet:
    """Belongs to one worker thread, which lets a few of its own make the calls."""

    name = "google"

    def __init__(self, services: Services, client: GoogleClient, lane: Lane) -> None:
        looks = LookShelf.of(services)
        self._services, self._client, self.lane = services, client, lane
        self._writer = Writer(looks, services.links, client.issuer_id)
        self._classes = Classes(services, client, looks)
        self._deliverer = Deliverer(client, self._classes, PicturesReady())
        self._crew = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="google")

    def tell(self, notes: Sequence[Note], now: datetime) -> Iterable[Pair]:
        around = self._look(notes, now)
        yield from ((note, TOLD) for note in notes if note.card_id not in around.sendings)
        waiting = [note for note in notes if note.card_id in around.sendings]
        if not waiting:
            return
        if not self.lane.held():
            yield from _all(waiting, _later(now + LOOK_AGAIN, ANOTHER_WORKER))
        elif around.probe_at is not None and not self._let_in_again(around.probe_at, now):
            yield from _all(waiting, _later(max(around.probe_at, now + issuer.PROBE_EVERY), NOT_LET_IN))
        else:
            yield from self._tell(around, waiting, now)

    def close(self) -> None:
        self._crew.shutdown()
        self.lane.leave()
        self._client.close()

    def _look(self, notes: Sequence[Note], now: datetime) -> _Round:
        with self._services.sessions.read() as session:
            row = session.get(GoogleIssuer, self._client.issuer_id)
            refused = issuer.refused(session, self._client.issuer_id)
            notify = {note.card_id: note.notify for note in notes}
            sendings = self._writer.sendings(session, notify, refused, now)
        return _Round(sendings, row.probe_at if row is not None else None)

    def _let_in_again(self, probe_at: datetime, now: datetime) -> bool:
        """One harmless call when its time has come."""
        if probe_at > now:
            return False
        answer = self._client.get_issuer()
        with self._services.sessions.begin() as session:
            if answer.verdict is Verdict.DONE:
                issuer.close_circuit(session, self._client.issuer_id, now)
            elif answer.verdict is Verdict.CREDENTIAL:
                issuer.open_circuit(session, self._client.issuer_id, answer.told, now)
        return answer.verdict is Verdict.DONE

    def _tell(self, around: _Round, notes: Sequence[Note], now: datetime) -> Iterator[Pair]:
        stopped = Stop()
        troubles = self._class_troubles(around)
        sending: list[tuple[Note, Sending]] = []
        for note in notes:
            found = around.sendings[note.card_id]
            if isinstance(found, Misconfigured):
                yield note, self._misconfigured(found, now)
            elif trouble := troubles.get(found.program.slug):
                yield note, records.of_class(trouble, now)
            else:
                sending.append((note, found))
        yield from self._deliver(sending, stopped, now)

    def _class_troubles(self, around: _Round) -> Mapping[str, Answer]:
        """G6: no object before its class."""
        sendings = (one for one in around.sendings.values() if isinstance(one, Sending))
        programs = {one.program.slug: one.program for one in sendings}
        answers = {slug: self._classes.ensure(program) for slug, program in programs.items()}
        return {slug: answer for slug, answer in answers.items() if answer.verdict is not Verdict.DONE}

    def _misconfigured(self, fault: Misconfigured, now: datetime) -> Outcome:
        with self._services.sessions.begin() as session:
            raise_alarm(session, issuer.CLASS, self._client.issuer_id, fault.detail, now)
        return _later(now + records.CLASS_AGAIN, fault.detail)

    def _deliver(self, sending: Sequence[tuple[Note, Sending]], stop: Stop, now: datetime) -> Iterator[Pair]:
        """In the order of urgency, several at once; what was sent is written down in small parts."""
        results = self._crew.map(lambda pair: self._delivered(pair[1], stop), sending)
        done: list[tuple[Note, Delivery]] = []
        for (note, _), delivery in zip(sending, results, strict=True):
            if delivery is None:
                yield note, _later(now + LOOK_AGAIN, STOPPED)
            else:
                done.append((note, delivery))
            if len(done) >= WRITE_EVERY:
                yield from self._written(done, now)
                done = []
        yield from self._written(done, now)

    def _delivered(self, sending: Sending, stop: Stop) -> Delivery | None:
        if stop.is_set or not self.lane.held():
            return None
        delivery = self._deliverer.deliver(sending)
        stop.saw(delivery.answer.verdict)
        return delivery

    def _written(self, done: Sequence[tuple[Note, Delivery]], now: datetime) -> Iterator[Pair]:
        if not done:
            return
        with self._services.sessions.begin() as session:
            records.write(session, self._client.issuer_id, [delivery for _, delivery in done], now)
        for note, delivery in done:
            yield note, records.outcome(delivery, now)


class Stop:
    """One refusal of our credentials stops the rest of a batch, and so does a row of silences."""

    def __init__(self) -> None:
        self.is_set, self._silences = False, 0

    def saw(self, verdict: Verdict) -> None:
        self._silences = self._silences + 1 if verdict is Verdict.UNKNOWN else 0
        if verdict is Verdict.CREDENTIAL or self._silences >= AT_ONCE:
            self.is_set = True


def _all(notes: Sequence[Note], outcome: Outcome) -> Iterator[Pair]:
    return ((note, outcome) for note in notes)


def _later(due: datetime, error: str) -> Outcome:
    return Outcome(Result.LATER, due=due, error=error, waited=True)
