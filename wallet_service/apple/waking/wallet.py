"""Tells phones that a card changed: numbers the change, wakes each phone once, reads the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from wallet_service.apple.service.devices import number_changes
from wallet_service.apple.signing.push_keys import PushKey
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.waking import push_effects
from wallet_service.apple.waking.addressees import (
    PROBE_EVERY,
    TOO_OFTEN,
    Addressee,
    Round,
    cards_by_pass_type,
    round_of,
)
from wallet_service.apple.waking.apns import DEADLINE, Apns
from wallet_service.apple.waking.apns_answers import Answer, Push, Verdict
from wallet_service.apple.waking.provider_token import ProviderToken
from wallet_service.apple.waking.push_effects import Answers, Fuse
from wallet_service.db.session import Sessions
from wallet_service.domain.errors import Misconfigured
from wallet_service.push.wallet import TOLD, Note, Outcome, Result

SERVER_TROUBLE = timedelta(minutes=15)  # Apple: after a 5xx retry in a quarter of an hour
CIRCUIT_OPEN = "The circuit of this pass type is open: APNs refuses our certificate."
# with these a phone needs nothing more from us, unless it stays all the same
SETTLED = (Verdict.ACCEPTED, Verdict.GONE, Verdict.BAD_TOKEN)
DOUBTFUL_AGAIN = timedelta(hours=1)


class AppleWallet:
    """Belongs to one worker thread, as its connections do (N14: one per certificate, kept open)."""

    name = "apple"

    def __init__(
        self,
        sessions: Sessions,
        keyring: Keyring,
        *,
        apns_url: str,
        apns_ca_file: Path | None,
        deadline: float = DEADLINE,
    ) -> None:
        self._sessions = sessions
        self._keyring = keyring
        self._url, self._ca_file, self._deadline = apns_url, apns_ca_file, deadline
        self._connections: dict[Path | PushKey, Apns] = {}
        self._fuses: defaultdict[str, Fuse] = defaultdict(Fuse)

    def tell(self, notes: Sequence[Note], now: datetime) -> Iterable[tuple[Note, Outcome]]:
        """Numbers first (design: the worker gives change numbers), then wakes, then writes down."""
        around = self._number_and_look(notes, now)
        probes = _probes(around, now)
        answers, stopped = self._wake(_to_wake(around, probes), now)
        said = _by_card(around, answers)
        kept = self._apply(answers, stopped, said, around, now)
        for note in notes:
            heard = said.get(note.card_id, ())
            yield note, _outcome(note, around, _with_doubts(heard, kept), now)

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    def _number_and_look(self, notes: Sequence[Note], now: datetime) -> Round:
        notify = {note.card_id: note.notify for note in notes}
        with self._sessions.begin() as session:
            for pass_type, card_ids in cards_by_pass_type(session, notify).items():
                number_changes(session, pass_type, card_ids)
        with self._sessions.read() as session:
            return round_of(session, notify, now)

    def _wake(
        self, phones: Mapping[str, Iterable[Addressee]], now: datetime
    ) -> tuple[Answers, Mapping[str, str]]:
        """And why the pushes of a pass type stopped, where they did: what was not sent waits."""
        answers: list[tuple[Addressee, Answer]] = []
        stopped: dict[str, str] = {}
        for pass_type, addressees in phones.items():
            try:
                for pair in self._push(pass_type, addressees, now):
                    answers.append(pair)  # one by one: what was answered before it stopped counts
            except Misconfigured as error:
                stopped[pass_type] = error.detail
        return answers, stopped

    def _push(
        self, pass_type: str, phones: Iterable[Addressee], now: datetime
    ) -> Iterator[tuple[Addressee, Answer]]:
        pushes = {Push(str(uuid4()), phone.token, pass_type): phone for phone in phones}  # N4, N9
        for answer in self._connection(pass_type).send(pushes, now):
            yield pushes[answer.push], answer

    def _connection(self, pass_type: str) -> Apns:
        """N5: the certificate that signs also pushes; a renewed one gets a connection of its own (N17).
        Where a key was chosen, its tokens do, also when the certificate has expired (N6).
        """
        if (push_key := self._keyring.push_key(pass_type)) is not None:
            if push_key not in self._connections:
                token = ProviderToken(push_key)
                self._connections[push_key] = Apns(
                    url=self._url, token=token, ca_file=self._ca_file, timeout=self._deadline
                )
            return self._connections[push_key]
        credentials = self._keyring.credentials(pass_type)
        path = credentials.certificate_file
        if path not in self._connections:
            self._connections[path] = Apns(
                url=self._url,
                certificate=path,
                key=credentials.key_file,
                passphrase=credentials.passphrase,
                ca_file=self._ca_file,
                timeout=self._deadline,
            )
        return self._connections[path]

    def _apply(
        self,
        answers: Answers,
        stopped: Mapping[str, str],
        said: Mapping[int, Sequence[Answer | None]],
        around: Round,
        now: datetime,
    ) -> Mapping[str, Verdict]:
        """The pushes that APNs called hopeless and whose phones stay, by id: what to think of the answer."""
        kept: dict[str, Verdict] = {}
        if not answers and not stopped:
            return kept
        with self._sessions.begin() as session:
            for pass_type, those in push_effects.by_pass_type(answers).items():
                fuse = self._fuses[pass_type]
                fuse.saw(_answered(said, pass_type, around))
                number = around.numbers[pass_type]
                stay = push_effects.apply(session, pass_type, number, those, fuse, now)
                kept |= dict.fromkeys(stay, Verdict.WIRING if fuse.blown else Verdict.DOUBTED)
            for pass_type, why in stopped.items():  # last, whatever was accepted before it stopped
                push_effects.open_circuit(session, pass_type, why, now)
        return kept


def _probes(around: Round, now: datetime) -> Mapping[str, Addressee]:
    """While a circuit is open one phone is tried, when its time has come; rather one that nobody doubts."""
    ready = {kind for kind, probe_at in around.closed.items() if probe_at <= now}
    phones = (phone for phones in around.cards.values() for phone in phones if phone.pass_type in ready)
    return {phone.pass_type: phone for phone in sorted(phones, key=lambda phone: -phone.doubtful)}


def _to_wake(around: Round, probes: Mapping[str, Addressee]) -> Mapping[str, Iterable[Addressee]]:
    """Each phone once, in the order of urgency."""
    waking: defaultdict[str, dict[Addressee, None]] = defaultdict(dict)
    for phones in around.cards.values():
        for phone in phones:
            if phone.pass_type not in around.closed or probes.get(phone.pass_type) == phone:
                waking[phone.pass_type][phone] = None
    return waking


def _by_card(around: Round, answers: Answers) -> Mapping[int, Sequence[Answer | None]]:
    """Per card the answer for each of its phones; None where nothing was sent."""
    said = dict(answers)
    return {card_id: [said.get(phone) for phone in phones] for card_id, phones in around.cards.items()}


def _answered(
    said: Mapping[int, Sequence[Answer | None]], pass_type: str, around: Round
) -> Mapping[int, Sequence[Answer]]:
    """The cards of one pass type for whose phones APNs said something."""
    known = {
        card_id: [answer for answer in answers if answer is not None]
        for card_id, answers in said.items()
        if around.pass_types[card_id] == pass_type
    }
    return {card_id: answers for card_id, answers in known.items() if answers}


def _with_doubts(said: Sequence[Answer | None], kept: Mapping[str, Verdict]) -> Sequence[Answer | None]:
    """A phone that stays has yet to hear of the change."""
    if not kept:
        return said
    return [a and a._replace(verdict=kept.get(a.apns_id, a.verdict)) for a in said]


def _outcome(note: Note, around: Round, said: Sequence[Answer | None], now: datetime) -> Outcome:
    """Told when no phone of the card needs to hear more."""
    if trouble := next((a for a in said if a is not None and a.verdict not in SETTLED), None):
        return _trouble(trouble, now)
    if any(answer is None for answer in said):
        probe_at = around.closed.get(around.pass_types[note.card_id], now)
        due = max(probe_at, now + timedelta(seconds=30))
        return Outcome(Result.LATER, due=due, error=CIRCUIT_OPEN, waited=True)
    if until := around.waits.get(note.card_id):
        return Outcome(Result.LATER, due=until, waited=True)
    return _told(said) if note.card_id in around.pass_types else TOLD


def _told(said: Sequence[Answer | None]) -> Outcome:
    """None is woken where every phone was already, for another of its cards."""
    taken = [a.apns_id for a in said if a is not None and a.verdict is Verdict.ACCEPTED]
    return Outcome(Result.TOLD, phones=len(taken), delivery=taken[-1] if taken else None)


def _trouble(answer: Answer, now: datetime) -> Outcome:
    error = f"APNs: {answer.status or 'no answer'} {answer.reason}".strip()
    match answer.verdict:
        case Verdict.OUR_BUG:
            return Outcome(Result.PARKED, error=error)
        case Verdict.CREDENTIAL | Verdict.WIRING:
            return Outcome(Result.LATER, due=now + PROBE_EVERY, error=error, waited=True)
        case Verdict.SLOW_DOWN:
            return Outcome(Result.LATER, due=now + TOO_OFTEN, error=error, waited=True)
        case Verdict.DOUBTED:
            return Outcome(Result.LATER, due=now + DOUBTFUL_AGAIN, error=error)
        case _ if answer.status >= 500:
            return Outcome(Result.LATER, due=now + SERVER_TROUBLE, error=error)
        case _:
            return Outcome(Result.LATER, error=error)
