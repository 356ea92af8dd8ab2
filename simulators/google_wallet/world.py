"""Everything that the simulated Google knows, in one place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulators.google_wallet.accounts import ISSUER, Accounts, account_of, keep_key_file
from simulators.google_wallet.bell import Bell
from simulators.google_wallet.clock import Clock
from simulators.google_wallet.courier import Courier, Delivery
from simulators.google_wallet.fetching import Fetcher, Reach
from simulators.google_wallet.forger import Event, Forger
from simulators.google_wallet.history import History
from simulators.google_wallet.keeping import Keeper
from simulators.google_wallet.knobs import Knobs
from simulators.google_wallet.shelf import Shelf
from simulators.google_wallet.tokens import Tokens

LANGUAGES = ("en", "ru")
Letter = Future[Delivery] | None  # under way to the issuer


@dataclass(frozen=True)
class Setup:
    """How the simulator was started."""

    public_url: str
    allow_http: bool = False
    reach: Reach = field(default_factory=Reach)
    state: Path | None = None
    key_file: Path | None = None
    issuer: str = ISSUER
    language: str = "en"
    join_url: str = ""


class World:
    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.clock, self.shelf, self.bell = Clock(), Shelf(), Bell()
        self.knobs, self.history = Knobs(), History()
        self.accounts = Accounts()
        self.tokens = Tokens(self.accounts, self.clock)
        self.fetcher = Fetcher(setup.reach)
        self.saved: dict[str, str] = {}  # object id: since when it is on the phone, oldest first
        self.language = setup.language
        self._changes, self._change = 0, threading.Condition()
        self._keeper = Keeper(setup.state, self._record) if setup.state else None
        kept = self._keeper.load() if self._keeper else {}
        self.forger = Forger(self.clock, kept.get("root"))
        self.courier = Courier(setup.reach, self.clock, self.stirred)
        self._restore(kept)
        self._know_own_account()

    def _know_own_account(self) -> None:
        path = self.setup.key_file
        if path:
            file = keep_key_file(path, f"{self.setup.public_url}/token")
            self.accounts.add(account_of(file, [self.setup.issuer]))

    def _record(self) -> dict[str, Any]:
        phone = {"saved": dict(self.saved), "language": self.language}
        return self.shelf.record() | {"root": self.forger.pem(), "phone": phone}

    def _restore(self, kept: dict[str, Any]) -> None:
        if kept:
            self.shelf.restore(kept)
            self.saved.update(kept["phone"]["saved"])
            self.language = kept["phone"]["language"]

    # the phone

    def save(self, object_id: str) -> Letter:
        return self._put(object_id, on=True)

    def remove(self, object_id: str) -> Letter:
        return self._put(object_id, on=False)

    def _put(self, object_id: str, *, on: bool) -> Letter:
        """G34: a card removed from the phone is still there at Google."""
        with self.shelf.lock:
            one = self.shelf.objects[object_id]
            self.shelf.objects[object_id] = one | {"hasUsers": on}
            self.saved.pop(object_id, None)
            if on:
                self.saved[object_id] = self.clock().isoformat()
        letter = self.tell_issuer("save" if on else "del", object_id)
        self.changed()
        return letter

    def tell_issuer(self, kind: str, object_id: str) -> Letter:
        """To the address that the class names (G28); nothing where it names none."""
        url, event = self.callback_for(kind, object_id)
        if not (url and self.knobs.switches.callbacks):
            return None
        return self.courier.later(url, kind, self.forger.genuine(event))

    def callback_for(self, kind: str, object_id: str) -> tuple[str, Event]:
        with self.shelf.lock:
            one = self.shelf.objects[object_id]
            of = self.shelf.classes[one["classId"]]
        return of.get("callbackOptions", {}).get("url", ""), Event(kind, of["id"], object_id)

    # changes

    def changed(self) -> None:
        if self._keeper:
            self._keeper.mark()
        self.stirred()

    def stirred(self) -> None:
        """Nothing to keep, but something to see."""
        with self._change:
            self._changes += 1
            self._change.notify_all()

    def wait_for_change(self, after: int, seconds: float) -> int:
        """The number of the newest change, as soon as it is above `after` or the time is over."""
        with self._change:
            self._change.wait_for(lambda: self._changes > after, seconds)
            return self._changes

    def start_over(self) -> None:
        """Forgets everything but the service accounts and the root key."""
        parts: list[Callable[[], None]] = [
            self.shelf.start_over, self.bell.start_over, self.knobs.start_over, self.history.start_over,
            self.clock.start_over, self.fetcher.start_over, self.courier.start_over, self.saved.clear,
        ]  # fmt: skip
        for forget in parts:
            forget()
        self.language = self.setup.language
        self.changed()

    def stop(self) -> None:
        self.courier.stop()
        if self._keeper:
            self._keeper.stop()
