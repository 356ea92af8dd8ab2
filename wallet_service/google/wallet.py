"""Tells Google that a card changed: one PATCH with the newest state, and what its answers mean."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
from wallet_service.google.pace import Pace, Share
from wallet_service.google.pictures_ready import PicturesReady
from wallet_service.google.sendings import Sending, Writer
from wallet_service.push import outbox
from wallet_service.push.alarms import raise_alarm
from wallet_service.push.moments import lies_ahead
from wallet_service.push.wallet import TOLD, Note, Outcome, Result

BATCH = 36  # two seconds of the lane: so long a till's mark may wait behind a campaign's
PART = 9  # read at once, while the calls of the last part are under way
AT_ONCE = 6  # calls under way; one takes a few tenths of a second
WRITE_EVERY = 25
LOOK_AGAIN = timedelta(seconds=5)
ANOTHER_WORKER = "Another worker talks to Google."
NOT_LET_IN = "Google does not let us in."
STOPPED = "Google stopped answering while others were told."

Pair = tuple[Note, Outcome]


Waiting = tuple[Note, Sending | Misconfigured]
Ready = tuple[Note, Sending]
UnderWay = tuple[Note, Future[Delivery | Outcome]]


class GoogleWallet:
    """Belongs to one worker thread, which lets a few of its own make the calls. `campaigns` is the part of
    the lane that what goes to all cards may take.
    """

    name = "google"

    def __init__(
        self,
        services: Services,
        client: GoogleClient,
        lane: Lane,
        campaigns: Share | None = None,
        pictures: PicturesReady | None = None,
    ) -> None:
        looks = LookShelf.of(services)
        self._services, self._client, self.lane = services, client, lane
        self._campaigns = campaigns or Share(Pace(None))
        self._writer = Writer(looks, services.links, client.issuer_id)
        self._classes = Classes(services, client, looks)
        self._deliverer = Deliverer(client, self._classes, pictures or PicturesReady())
        self._crew = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="google")

    def tell(self, notes: Sequence[Note], now: datetime) -> Iterable[Pair]:
        """In the order of urgency. While some calls are under way the next cards are read."""
        closed, stop = self._closed(now), Stop(now)
        under_way: list[UnderWay] = []
        for start in range(0, len(notes), PART):
            part = notes[start : start + PART]
            sendings = self._look(part, now)
            yield from ((note, TOLD) for note in part if note.card_id not in sendings)
            waiting = [(note, sendings[note.card_id]) for note in part if note.card_id in sendings]
            if closed:
                yield from ((note, closed) for note, _ in waiting)
            else:
                ready, held_back = self._sorted(waiting, now)
                yield from held_back
                under_way += [
                    (note, self._crew.submit(self._delivered, note, one, stop)) for note, one in ready
                ]
        yield from self._collected(under_way, now)

    def close(self) -> None:
        self._crew.shutdown()
        self.lane.leave()
        self._client.close()

    def _closed(self, now: datetime) -> Outcome | None:
        """Why nothing may be sent now, if so."""
        if not self.lane.held():
            return _later(now + LOOK_AGAIN, ANOTHER_WORKER)
        with self._services.sessions.read() as session:
            row = session.get(GoogleIssuer, self._client.issuer_id)
        if row is None or row.probe_at is None:
            return None
        if lies_ahead(row.probe_at, now, issuer.PROBE_EVERY):
            return _later(row.probe_at, NOT_LET_IN)
        return None if self._let_in_again(now) else _later(now + issuer.PROBE_EVERY, NOT_LET_IN)

    def _let_in_again(self, now: datetime) -> bool:
        """One harmless call when its time has come."""
        answer = self._client.get_issuer()
        with self._services.sessions.begin() as session:
            if answer.verdict is Verdict.DONE:
                issuer.close_circuit(session, self._client.issuer_id, now)
            elif answer.verdict is Verdict.CREDENTIAL:
                issuer.open_circuit(session, self._client.issuer_id, answer.told, now)
        return answer.verdict is Verdict.DONE

    def _look(self, notes: Sequence[Note], now: datetime) -> Mapping[int, Sending | Misconfigured]:
        with self._services.sessions.read() as session:
            refused = issuer.refused(session, self._client.issuer_id)
            notify = {note.card_id: note.notify for note in notes}
            return self._writer.sendings(session, notify, refused, now)

    def _sorted(self, waiting: Sequence[Waiting], now: datetime) -> tuple[list[Ready], list[Pair]]:
        """What can be sent, and what waits for its class or its look."""
        troubles = self._class_troubles([one for _, one in waiting if isinstance(one, Sending)])
        ready: list[Ready] = []
        held_back: list[Pair] = []
        for note, found in waiting:
            if isinstance(found, Misconfigured):
                held_back.append((note, self._misconfigured(found, now)))
            elif trouble := troubles.get(found.program.slug):
                held_back.append((note, records.of_class(trouble, now)))
            else:
                ready.append((note, found))
        return ready, held_back

    def _class_troubles(self, sendings: Sequence[Sending]) -> Mapping[str, Answer]:
        """G6: no object before its class."""
        programs = {one.program.slug: one.program for one in sendings}
        answers = {slug: self._classes.ensure(program) for slug, program in programs.items()}
        return {slug: answer for slug, answer in answers.items() if answer.verdict is not Verdict.DONE}

    def _misconfigured(self, fault: Misconfigured, now: datetime) -> Outcome:
        with self._services.sessions.begin() as session:
            raise_alarm(session, issuer.CLASS, self._client.issuer_id, fault.detail, now)
        return _later(now + records.CLASS_AGAIN, fault.detail)

    def _collected(self, under_way: Sequence[UnderWay], now: datetime) -> Iterator[Pair]:
        """What was sent is written down in small parts."""
        done: list[tuple[Note, Delivery]] = []
        for note, call in under_way:
            made = call.result()
            if isinstance(made, Outcome):
                yield note, made
            else:
                done.append((note, made))
            if len(done) >= WRITE_EVERY:
                yield from self._written(done, now)
                done = []
        yield from self._written(done, now)

    def _delivered(self, note: Note, sending: Sending, stop: Stop) -> Delivery | Outcome:
        delivery = self._deliverer.prepared(sending)
        if delivery.accepted is not None:
            return delivery
        if note.priority >= outbox.CAMPAIGN:
            self._let_others_pass(stop)
        if stop.why is None and not self.lane.held():
            stop.now(STOPPED)
        if stop.why is not None:
            return stop.why
        self._deliverer.send(delivery)
        stop.saw(delivery.answer.verdict)
        return delivery

    def _let_others_pass(self, stop: Stop) -> None:
        """What goes to all cards takes a part of the lane, and leaves it where somebody waits."""
        stop.wait(self._campaigns.slot())
        if stop.why is not None:
            return
        services = self._services
        with services.sessions.read() as session:
            waits = outbox.somebody_waits(session, self.name, services.clock(), services.settings.lease)
        if waits:
            stop.for_others()

    def _written(self, done: Sequence[tuple[Note, Delivery]], now: datetime) -> Iterator[Pair]:
        if not done:
            return
        with self._services.sessions.begin() as session:
            records.write(session, self._client.issuer_id, [delivery for _, delivery in done], now)
        for note, delivery in done:
            yield note, records.outcome(delivery, note.tries, now)


class Stop:
    """What stops the rest of a batch: one refusal of our credentials, a row of silences, or somebody who
    comes first. `why` is what becomes of that rest.
    """

    def __init__(self, now: datetime) -> None:
        self.why: Outcome | None = None
        self._now, self._silences = now, 0
        self._event = threading.Event()

    def wait(self, seconds: float) -> None:
        """So long, or until it stops."""
        if seconds > 0:
            self._event.wait(seconds)

    def saw(self, verdict: Verdict) -> None:
        self._silences = self._silences + 1 if verdict is Verdict.UNKNOWN else 0
        if verdict is Verdict.CREDENTIAL or self._silences >= AT_ONCE:
            self.now(STOPPED)

    def now(self, error: str) -> None:
        self._set(_later(self._now + LOOK_AGAIN, error))

    def for_others(self) -> None:
        self._set(Outcome(Result.LATER, due=self._now, waited=True))

    def _set(self, why: Outcome) -> None:
        self.why = self.why or why
        self._event.set()


def _later(due: datetime, error: str) -> Outcome:
    return Outcome(Result.LATER, due=due, error=error, waited=True)
