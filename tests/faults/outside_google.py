"""F9: every unkindness of Google; afterwards each object shows what its card shows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from simulators.google_wallet.process import Simulator
from tests.faults.count import Count
from tests.google.google_shop import GoogleShop, open_google_shop
from tests.services.memory import in_memory
from wallet_service.db.tables import GoogleCard, Outbox
from wallet_service.google.client import GoogleClient
from wallet_service.google.lane import Lane
from wallet_service.google.messages import Message, leave_message
from wallet_service.google.pace import LANE, Pace
from wallet_service.google.reconcile import Reconciler
from wallet_service.google.wallet import BATCH, GoogleWallet
from wallet_service.push.worker import Worker

CARDS = 20
DEADLINE = 1.0  # seconds for one call; ten in the service
ALLOWED = 20  # calls in any second (G25)
LONGEST = timedelta(days=40)


@dataclass
class Issuer:
    """A shop with cards at Google, and the worker that keeps them."""

    shop: GoogleShop
    wallet: GoogleWallet
    worker: Worker
    cards: Sequence[str]

    def settles(self) -> None:
        """The worker works until nothing waits but what is parked."""
        began = self.shop.clock()
        while (due := self._next_due()) is not None and due - began < LONGEST:
            self.shop.clock.now = max(due, self.shop.clock())
            self.worker.run_until_idle()

    def _next_due(self) -> Any:
        waiting = (Outbox.wallet == "google") & (Outbox.told < Outbox.wanted) & ~Outbox.parked
        with self.shop.services.sessions.read() as session:
            return session.scalar(select(func.min(Outbox.due_at)).where(waiting))

    def stale(self) -> list[str]:
        """Objects that do not show what their card shows, and whose mark does not say why."""
        client = GoogleClient(self.shop.settings, Pace(None))
        report = Reconciler(self.shop.services, client).nightly()
        client.close()
        assert report.looked == len(self.cards), f"only {report.looked} objects could be looked at"
        return report.repaired


@contextmanager
def issuer(folder: Path, cards: int, pace: float | None = None) -> Iterator[Issuer]:
    with (
        Simulator(folder / "google") as google,
        open_google_shop(folder / "shop", google) as shop,
    ):
        known = [shop.saved_card() for _ in range(cards)]
        client = GoogleClient(shop.settings, Pace(pace), deadline=DEADLINE)
        lane = Lane(shop.services.sessions, shop.settings.issuer_id, shop.clock)
        wallet = GoogleWallet(shop.services, client, lane)
        worker = Worker(shop.services.sessions, wallet, shop.clock, batch=BATCH, may=lane.held)
        try:
            yield Issuer(shop, wallet, worker, known)
        finally:
            wallet.close()


Script = Callable[[Issuer], None]


def _script(times: float, **answer: Any) -> Script:
    def script(at: Issuer) -> None:
        at.shop.outside.script(times=max(int(times * len(at.cards)), 1), **answer)

    return script


def _gone(at: Issuer) -> None:
    """Somebody emptied part of the account."""
    for card in at.cards[:: max(len(at.cards) // 10, 1)]:
        at.shop.outside.ask("DELETE", f"/objects/{at.shop.object_id(card)}")


def _unknown_to_us(at: Issuer) -> None:
    """The insert had its effect and its answer was lost: we insert again, and hear 409."""
    with at.shop.services.sessions.begin() as session:
        session.execute(update(GoogleCard).values(inserted_at=None, accepted=None, accepted_version=0))


def _half_a_token(at: Issuer) -> None:
    """The one that we have does not count any more, and of the next half is lost."""
    at.shop.outside.script(path=CALL, status=401)
    at.shop.outside.script(path="/token", form="truncated")


CALL = "/loyaltyObject"
PROFILES: dict[str, Script] = {
    "500": _script(0.5, path=CALL, status=500),
    "503": _script(0.5, path=CALL, status=503),
    "503 with Retry-After": _script(0.2, path=CALL, status=503, retry_after="7"),
    "429": _script(0.5, path=CALL, status=429, retry_after="0"),
    "403 rateLimitExceeded": _script(0.3, path=CALL, status=403, reason="rateLimitExceeded"),
    "403 quotaExceeded": _script(0.5, path=CALL, status=403, reason="quotaExceeded"),
    "403 permissionDenied": _script(0.1, path=CALL, status=403, reason="permissionDenied"),
    "401 once": _script(0, path=CALL, status=401),
    "409 on insert": _unknown_to_us,
    "404 on patch": _gone,
    "412": _script(0.2, path=CALL, verb="PATCH", status=412),
    "timeout": _script(0, path=CALL, form="timeout", seconds=3.0),
    "timeout after effect": _script(0, path=CALL, form="timeout", seconds=3.0, after_effect=True),
    "reset": _script(0.3, path=CALL, form="reset"),
    "reset after effect": _script(0.3, path=CALL, form="reset", after_effect=True),
    "truncated after effect": _script(0.3, path=CALL, form="truncated", after_effect=True),
    "half of a token": _half_a_token,
}


def run(scale: float, seed: int) -> Count:
    cards = max(int(CARDS * scale), 5)
    amiss, stale, calls = list[str](), 0, 0
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder, issuer(Path(folder), cards) as at:
        for name, script in PROFILES.items():
            behind, sentences, asked = suffer(at, script)
            stale, calls = stale + behind, calls + asked
            amiss += [f"{name}: {sentence}" for sentence in sentences]
        doubled = messages_doubled(at)
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder, issuer(Path(folder), cards, LANE) as at:
        amiss += too_fast(at)
    done = f"{len(PROFILES)} ways of Google to misbehave, {cards} cards each, and the pace"
    return Count("F9 Google", done, len(PROFILES), calls, 0, doubled, stale, tuple(amiss))


def suffer(at: Issuer, script: Script) -> tuple[int, list[str], int]:
    """Stale objects, what else is amiss, and how many calls it took."""
    at.shop.outside.ask("DELETE", "/history")
    for card in at.cards:
        at.shop.earn(card)
    script(at)
    at.settles()
    asked = len(at.shop.outside.calls())
    with at.shop.services.sessions.read() as session:
        waiting = session.scalars(
            select(Outbox).where(Outbox.wallet == "google", Outbox.told < Outbox.wanted)
        ).all()
    sentences = [f"{mark.card_id} waits: {mark.last_error}" for mark in waiting]
    return len(at.stale()), sentences, asked


def messages_doubled(at: Issuer) -> int:
    """addMessage is the one call that may not be repeated blindly."""
    client = GoogleClient(at.shop.settings, Pace(None), deadline=DEADLINE)
    message = Message("summer", {"en": "Hi"}, {"en": "Come in"}, ("en",))
    ways: list[dict[str, Any]] = [
        {"form": "reset", "after_effect": True},
        {"form": "truncated", "after_effect": True},
        {"status": 503},
        {"form": "reset"},
    ]
    doubled = 0
    for card, way in zip(at.cards, ways * len(at.cards), strict=False):
        at.shop.outside.script(path="addMessage", **way)
        for _ in range(3):
            leave_message(client, at.shop.object_id(card), message, [], at.shop.clock())
        doubled += len(at.shop.object(card)["messages"]) - 1
    client.close()
    return doubled


def too_fast(at: Issuer) -> list[str]:
    """Google itself counts, over every second that begins anywhere."""
    at.shop.outside.ask("DELETE", "/history")
    for _ in range(2):
        for card in at.cards:
            at.shop.earn(card)
        at.shop.clock.forward(seconds=5)
        at.worker.run_until_idle()
    most = at.shop.outside.ask("GET", "/rate")["most_in_a_second"]
    return [f"{most} calls in a second"] if most >= ALLOWED else []
