"""What phones were seen to do, for the way of each change: they listed a card, they fetched it.

An answer to a phone never waits for it: sightings are kept in memory and written about once a second, by
a thread of their own. A crash loses a second of them, and nobody misses a card for that.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from wallet_service.db.ready import Ready
from wallet_service.db.session import Sessions
from wallet_service.db.tables import ApplePass, PushPace, Telling
from wallet_service.db.tables.base import table
from wallet_service.domain.errors import Unavailable
from wallet_service.push.bell import Bell

GATHERED_FOR = 1.0  # seconds
BREATH = 0.02  # seconds after each slice: on SQLite the till waits behind our writes
SLICE = 200
MOST = 50_000  # waiting to be written; more than that are not seen
PATIENCE = timedelta(seconds=15)  # a phone may be quicker than the worker, which writes that it was woken

log = logging.getLogger(__name__)
S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing:
    """The phone has the tag of `number` now, and was told of these cards at these versions."""

    device_id: int
    pass_type: str
    number: int | None
    cards: Mapping[int, int]


@dataclass(slots=True)
class Seen:
    """The last that phones did with one card: the versions that they were told of, and have."""

    listed: int = 0
    listed_at: datetime | None = None
    fetched: int = 0
    fetched_at: datetime | None = None
    written: bool = False

    @property
    def version(self) -> int:
        return max(self.listed, self.fetched)

    @property
    def at(self) -> datetime:
        return max(moment for moment in (self.listed_at, self.fetched_at) if moment)


class Sightings:
    """One for each process. Nothing is written before `begin`, so that a look at the application, such as
    a command or a test, starts no thread.
    """

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self._sessions, self._clock = sessions, clock
        self._lock = threading.Lock()
        self._listings: dict[tuple[int, str], tuple[Listing, datetime]] = {}
        self._cards: dict[int, Seen] = {}
        self._bell: Bell | None = None

    def begin(self) -> None:
        """In the process that serves phones, after any fork."""
        self._bell = Bell(self._gather, "sightings")

    def listed(self, listing: Listing) -> None:
        now = self._clock()
        with self._lock:
            if len(self._listings) < MOST:
                self._listings[listing.device_id, listing.pass_type] = (listing, now)
            for card_id, version in listing.cards.items():
                if seen := self._seen(card_id):
                    seen.listed, seen.listed_at = max(version, seen.listed), now
        self._pull()

    def fetched(self, card_id: int, version: int) -> None:
        now = self._clock()
        with self._lock:
            if seen := self._seen(card_id):
                seen.fetched, seen.fetched_at, seen.written = max(version, seen.fetched), now, False
        self._pull()

    def write(self) -> None:
        """All that was seen so far, in slices, so that nobody waits long behind one."""
        with self._lock:
            listings, self._listings = self._listings, {}
            cards, self._cards = self._cards, {}
        for some in _sliced(listings.values()):
            self._write(_write_listings, some)
        for those in _sliced(cards.items()):
            self._keep(self._write(_write_cards, dict(those)) or {})

    def _seen(self, card_id: int) -> Seen | None:
        if card_id not in self._cards and len(self._cards) < MOST:
            self._cards[card_id] = Seen()
        return self._cards.get(card_id)

    def _pull(self) -> None:
        if self._bell is not None:
            self._bell.pull()

    def _gather(self) -> None:
        time.sleep(GATHERED_FOR)
        try:
            self.write()
        except Exception:
            log.exception("what phones did was not written down")
        if self._cards:
            self._pull()

    def _write(self, write: Callable[[Session, S], T], what: S) -> T | None:
        """When the database is busy, the slice is let go: it is not worth a wait."""
        written = None
        try:
            with self._sessions.begin(in_quarantine=True) as session:
                written = write(session, what)
        except Unavailable as busy:
            log.warning("what phones did was not written down: %s", busy.detail)
        time.sleep(BREATH)
        return written

    def _keep(self, left: Mapping[int, Seen]) -> None:
        """What nobody was told yet may be written in a moment, unless it was too long ago."""
        oldest = self._clock() - PATIENCE
        with self._lock:
            for card_id, seen in left.items():
                if seen.at > oldest and card_id not in self._cards and len(self._cards) < MOST:
                    self._cards[card_id] = seen


def _sliced(all_of_them: Iterable[T]) -> Iterator[list[T]]:
    left = iter(all_of_them)
    while some := list(islice(left, SLICE)):
        yield some


pace, card, telling = table(PushPace).c, table(ApplePass).c, table(Telling).c
LISTED = Ready(
    update(table(PushPace))
    .where(pace.device_id == bindparam("device"), pace.pass_type == bindparam("kind"))
    .values(listed_at=bindparam("at"), listed_number=bindparam("number"))
)
FETCHED = Ready(
    update(table(ApplePass)).where(card.card_id == bindparam("card")).values(fetched_at=bindparam("at"))
)
REACHED = Ready(
    update(table(Telling))
    .where(telling.id == bindparam("telling"))
    .values(listed_at=bindparam("was_listed_at"), fetched_at=bindparam("was_fetched_at"))
)


def _write_listings(session: Session, listings: Sequence[tuple[Listing, datetime]]) -> None:
    rows = [
        {"device": one.device_id, "kind": one.pass_type, "at": at, "number": one.number}
        for one, at in sorted(listings, key=lambda pair: pair[0].device_id)
    ]
    LISTED.send(session.connection(), *rows)


def _write_cards(session: Session, cards: Mapping[int, Seen]) -> Mapping[int, Seen]:
    """Answers those of whose version no telling is known: it may be written a moment later."""
    fetched = [
        {"card": card_id, "at": seen.fetched_at}
        for card_id, seen in sorted(cards.items())
        if seen.fetched_at and not seen.written
    ]
    if fetched:
        FETCHED.send(session.connection(), *fetched)
    told = session.execute(
        select(table(Telling))
        .where(telling.wallet == "apple", telling.card_id.in_(cards), telling.fetched_at.is_(None))
        .order_by(telling.version, telling.id)
    ).all()
    if reached := [row for one in told if (row := _reached(one, cards[one.card_id]))]:
        REACHED.send(session.connection(), *reached)
    newest = {one.card_id: one.version for one in told}
    for seen in cards.values():
        seen.written = True
    return {card_id: seen for card_id, seen in cards.items() if seen.version > newest.get(card_id, 0)}


def _reached(told: Row[Any], seen: Seen) -> dict[str, Any] | None:
    """A phone that has a newer version has this one, too; what it did before is about an earlier telling."""
    listed, fetched = told.listed_at, None
    if seen.listed_at and listed is None and seen.listed >= told.version and seen.listed_at >= told.queued_at:
        listed = seen.listed_at
    if seen.fetched_at and seen.fetched >= told.version and seen.fetched_at >= told.queued_at:
        fetched = seen.fetched_at
    if fetched is None and listed is told.listed_at:
        return None
    return {"telling": told.id, "was_listed_at": listed, "was_fetched_at": fetched}
