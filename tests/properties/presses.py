"""What people do to a few cards of one program, in any order: the service and the model at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.properties.model import Model
from tests.properties.plans import CHEAP, DEAR, SEASONAL, Plan
from tests.properties.purse import Refused
from tests.shop import OPENING, Shop
from wallet_service.actions.once import Booking
from wallet_service.actions.program_body import program
from wallet_service.domain.errors import Refusal

LONG = bool(os.environ.get("LONG"))
TOTALS = (0, 1, 99, 250, 333, 499, 500, 1_000, 1_750, 2_500, 3_999, 4_500, 6_000, -1, 10**13)
VISITS = (None, None, None, 1, 2, 5, 0, 101)
REWARDS = (CHEAP, CHEAP, CHEAP, DEAR, SEASONAL, "unknown")
POINTS = (1, 2, 3, 5, 8, 13, 21, 50, 10_000, 0)
WAITS = (
    timedelta(seconds=1),
    timedelta(minutes=11),
    timedelta(hours=20),
    timedelta(days=3),
    timedelta(days=16),
    timedelta(days=31),
    timedelta(days=75),
    timedelta(days=400),
)
LATE = (
    timedelta(hours=5),
    timedelta(hours=71),
    timedelta(hours=73),
    timedelta(minutes=-1),
    timedelta(minutes=-5),
)
VERBS = (
    "rest",
    *("earn",) * 6,
    *("redeem",) * 4,
    *("wait",) * 4,
    *("refund",) * 4,
    *("undo",) * 3,
    *("adjust",) * 2,
    *("pay", "late", "sweep", "again", "reuse", "same_receipt", "merge", "join", "leave"),
)


class Press(NamedTuple):
    """`card`, `a` and `b` choose among what there is, modulo its number."""

    verb: str
    card: int
    a: int
    b: int


presses = st.lists(
    st.builds(Press, st.sampled_from(VERBS), st.integers(0, 2), st.integers(0, 59), st.integers(0, 59)),
    min_size=8,
    max_size=30,
)
_slugs = count()


def examples(normally: int, long: int | None = None) -> settings:
    """Each run of CI looks at the same ones; the long run at new ones each time."""
    return settings(
        max_examples=(long or normally * 50) if LONG else normally,
        derandomize=not LONG,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@dataclass
class Town:
    """One program, its cards here and in the model, and a memory of every press."""

    shop: Shop
    plan: Plan
    swept: bool = False
    cards: list[str] = field(default_factory=list)
    done: list[tuple[Booking, int]] = field(default_factory=list)
    said: list[tuple[Callable[..., Booking], tuple[Any, ...], str, Booking]] = field(default_factory=list)
    receipts: list[tuple[int, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop = replace(self.shop, program=f"plan-{next(_slugs)}")
        self.shop.clock.now = OPENING
        body = self.plan.body()
        self.shop.publish(**body)
        self.model = Model(self.plan, program(self.shop.program, 1, body))
        self.join(Press("join", 0, 0, 0))
        self.join(Press("join", 0, 0, 0))

    @property
    def now(self) -> datetime:
        return self.shop.clock.now

    def play(self, presses: Sequence[Press], after_each: Callable[[Town], None] = lambda town: None) -> Town:
        for press in presses:
            self.told.append(f"{self.now:%Y-%m-%d %H:%M} {press}")
            getattr(self, press.verb)(press)
            if self.swept:
                self.shop.sweep()
            after_each(self)
        return self

    def rest(self, press: Press) -> None:
        """Nothing: what is left out of a sequence to see what matters in it."""

    def join(self, press: Press) -> None:
        if len(self.cards) < 4:
            self.cards.append(self.shop.join())
            self.model.do("join", self.now)

    def earn(self, press: Press) -> None:
        self._earn(press, self.now)

    def late(self, press: Press) -> None:
        self._earn(press, self.now - LATE[press.b % len(LATE)])

    def redeem(self, press: Press) -> None:
        card, reward = self._card(press), REWARDS[press.a % len(REWARDS)]
        self._both(self.shop.redeem, (self.cards[card], reward), "redeem", card, self.now, reward)

    def pay(self, press: Press) -> None:
        card, points, total = self._card(press), POINTS[press.a % 10], abs(TOTALS[press.b % 13])
        self._both(self.shop.pay, (self.cards[card], points, total), "pay", card, self.now, points, total)

    def refund(self, press: Press) -> None:
        """Of any receipt, or of one that nobody knows; by the card that it was booked for, or another."""
        card, receipt = (self.receipts or [(0, "unknown")])[press.a % max(len(self.receipts), 1)]
        if press.b == 59:
            card, receipt = self._card(press), "foreign" if press.a % 2 else receipt
        part = None if press.b % 3 == 0 else TOTALS[press.b % len(TOTALS)]
        self._both(
            self.shop.refund, (self.cards[card], receipt, part), "refund", card, self.now, receipt, part
        )

    def undo(self, press: Press) -> None:
        if self.done:
            booking, deed = self.done[-1 - (press.a % min(len(self.done), 6))]
            self._both(self.shop.undo, (booking,), "undo", deed, self.now)

    def adjust(self, press: Press) -> None:
        card, points = self._card(press), POINTS[press.a % 10] * (-1 if press.b % 2 else 1)
        second = "staff:2" if press.b % 3 else None
        self._both(
            lambda *said, key: self.shop.adjust(*said, approved_by=second, key=key),
            (self.cards[card], points),
            "adjust",
            card,
            self.now,
            points,
            second is not None,
        )

    def merge(self, press: Press) -> None:
        keep, drop = self._card(press), press.a % len(self.cards)
        self._both(self.shop.merge, (self.cards[keep], self.cards[drop]), "merge", keep, drop, self.now)

    def leave(self, press: Press) -> None:
        if press.a == 59:
            self.shop.leave(self.cards[self._card(press)])
            self.model.do("leave", self._card(press))

    def wait(self, press: Press) -> None:
        self.shop.clock.now += WAITS[press.a % len(WAITS)]

    def sweep(self, press: Press) -> None:
        self.shop.sweep()

    def again(self, press: Press) -> None:
        """The same press of the same button (invariant 9)."""
        if self.said:
            verb, said, key, booking = self.said[press.a % len(self.said)]
            repeated = verb(*said, key=key)
            assert repeated.repeated
            assert repeated.entries == booking.entries

    def reuse(self, press: Press) -> None:
        """The same key for something else (invariant 9)."""
        if self.said:
            key = self.said[press.a % len(self.said)][2]
            assert _slug(lambda: self.shop.adjust(self.cards[0], 7, "never booked", key=key)) == "key-reused"

    def same_receipt(self, press: Press) -> None:
        """Under another key (invariant 10)."""
        if self.receipts:
            card, receipt = self.receipts[press.a % len(self.receipts)]
            card = card if press.b % 2 else self._card(press)
            self._book(card, self.now, 1_000, None, receipt)

    def _earn(self, press: Press, at: datetime) -> None:
        total, visits = TOTALS[press.a % len(TOTALS)], VISITS[press.b % len(VISITS)]
        receipt = f"r{len(self.receipts)}" if press.b % 4 else None
        card = self._card(press)
        if self._book(card, at, None if visits and press.b % 5 == 0 else total, visits, receipt) and receipt:
            self.receipts.append((card, receipt))

    def _book(
        self, card: int, at: datetime, total: int | None, visits: int | None, receipt: str | None
    ) -> bool:
        def earn(serial: str, key: str) -> Booking:
            return self.shop.earn(serial, key=key, at=at, total=total, visits=visits, receipt=receipt)

        known = receipt or f"none {len(self.told)}"
        return self._both(earn, (self.cards[card],), "earn", card, self.now, at, total, visits, known)

    def _both(self, verb: Callable[..., Booking], said: tuple[Any, ...], name: str, *modelled: Any) -> bool:
        key = self.shop.key()
        answers: list[Booking] = []
        refused = _slug(lambda: answers.append(verb(*said, key=key)))
        try:
            deed, expected = self.model.do(name, *modelled), None
        except Refused as no:
            expected = no.args[0]
        self.told.append(f"   {refused or 'booked'}")
        assert refused == expected, f"{name}: the service says {refused}, the model {expected}"
        if refused is None and not answers[0].repeated:
            self.done.append((answers[0], deed))
            self.said.append((verb, said, key, answers[0]))
        return refused is None

    def _card(self, press: Press) -> int:
        return press.card % len(self.cards)


def _slug(press: Callable[[], Any]) -> str | None:
    try:
        press()
    except Refusal as refusal:
        return refusal.slug
    return None


def agree(town: Town) -> None:
    """Whoever asks the service hears what the model says."""
    now = town.now
    for serial, card in zip(town.cards, town.model.cards, strict=True):
        if card.closed:
            continue
        stand = town.shop.stand(serial)
        seen = (stand.balance, stand.spendable, stand.status, stand.level.id if stand.level else None)
        wanted = (card.held(now), card.spendable(now), card.regular.status(now), card.regular.level(now))
        assert seen == wanted, f"held, spendable, status and level are {seen}, by the model {wanted}"
