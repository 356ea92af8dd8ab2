"""The ledger once more, as plainly as it can be said: what the real one is compared with.

Whoever is refused leaves no trace, because everything was copied before.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.properties.plans import ZONE, Bought, Plan
from tests.properties.purse import Card, Deed, Lot, Refused, later, no
from tests.properties.regulars import Regular
from wallet_service.domain.local_days import local_day
from wallet_service.domain.program import Program


class Model:
    def __init__(self, plan: Plan, program: Program) -> None:
        self.plan, self.program = plan, program
        self.cards: list[Card] = []
        self.deeds: list[Deed] = []
        self.receipts: dict[str, Deed] = {}
        self.given: Counter[str] = Counter()
        self.alone: Counter[tuple[int, date]] = Counter()

    def do(self, verb: str, *said: Any) -> int:
        """Answers the number of the deed; Refused when nothing came of it."""
        kept = {id(self.program): self.program}  # a program never changes, so it need not be copied
        before = deepcopy((self.cards, self.deeds, self.receipts, self.given, self.alone), kept)
        try:
            self.deeds.append(getattr(self, f"_{verb}")(*said))
        except Refused:
            self.cards, self.deeds, self.receipts, self.given, self.alone = before
            raise
        return len(self.deeds) - 1

    def _join(self, now: datetime) -> Deed:
        self.cards.append(Card(Regular(self.program)))
        return self._credit(Deed(self.cards[-1]), self.plan.welcome, now, gift=True)

    def _earn(
        self, card: int, now: datetime, at: datetime, total: int | None, visits: int | None, receipt: str
    ) -> Deed:
        one, regular = self.cards[card], self.cards[card].regular
        if known := self.receipts.get(receipt):
            other = known.bought is not None and (known.bought.total, known.bought.visits) != (total, visits)
            no("receipt-already-booked", known.card is not one or known.done in ("all", "undone") or other)
            return Deed(one, final=True)
        no("bad-amount", not 0 <= (total or 0) <= 10**12 or visits not in (None, *range(1, 101)))
        no("bad-time", not now - timedelta(hours=72) <= at <= now + timedelta(minutes=2))
        self._ready(one, now)
        bought = Bought(at, total, visits, regular.level(now), one.carried, regular.treat_is_left(at))
        points, one.carried, status = self.plan.worth(bought, 0)
        regular.count(bought, status)
        one.idle = later(one.idle, self.plan.idle(at))
        self.receipts[receipt] = deed = Deed(one, bought=bought)
        self._credit(deed, points, at, at + timedelta(days=self.plan.pending_days))
        present = self.plan.present * ((total or 0) >= self.plan.present_from)
        return self._credit(deed, present, at, at + timedelta(days=self.plan.pending_days))

    def _redeem(self, card: int, now: datetime, wanted: str) -> Deed:
        one, today = self._ready(self.cards[card], now), local_day(now, ZONE).isoformat()
        reward = self.program.reward(wanted)
        if reward is None:
            raise Refused("unknown-reward")
        no("reward-not-now", not (reward.first_day or today) <= today <= (reward.last_day or today))
        no("tier-needed", not one.regular.may_have(reward.tier, now))
        deed = Deed(one, takes=one.spend(reward.cost, now), reward=wanted)
        no("out-of-stock", self.given[wanted] == reward.stock)
        self.given[wanted] += 1
        one.idle = later(one.idle, self.plan.idle(now))
        return self._credit(deed, self.plan.welcome, now, gift=True)

    def _pay(self, card: int, now: datetime, points: int, total: int) -> Deed:
        one, paying = self._ready(self.cards[card], now), self.plan.paying
        if paying is None:
            raise Refused("cannot-pay-that")
        no("bad-amount", points < 1)
        money, most = points * Fraction(*paying["worth"]), total * Fraction(*paying["share"]) // 1
        no("cannot-pay-that", points < paying["minimum"] or money > most or money % 1)
        one.idle = later(one.idle, self.plan.idle(now))
        return Deed(one, takes=one.spend(points, now))

    def _adjust(self, card: int, now: datetime, points: int, approved: bool) -> Deed:
        one, limit = self._ready(self.cards[card], now), self.plan.adjustment_limit
        no("bad-amount", not points)
        alone = 0 if approved else self.alone[card, local_day(now, ZONE)] + abs(points)
        no("second-person-needed", limit is not None and alone > limit)
        no("not-enough-points", points < 0 and one.balance() < -points)
        large = limit is not None and abs(points) > limit
        self.alone[card, local_day(now, ZONE)] += 0 if approved else abs(points)
        if points > 0:
            return self._credit(Deed(one, at=now, large=large), points, now)
        return Deed(one, takes=one.take(-points), at=now, large=large)

    def _refund(self, card: int, now: datetime, receipt: str, part: int | None) -> Deed:
        one, deed = self.cards[card].settle(now), self.receipts.get(receipt)
        no("conflict", one.closed == "merged")
        if deed is None or deed.bought is None or deed.card is not one:
            raise Refused("unknown-receipt")
        bought, left = deed.bought, (deed.bought.total or 0) - deed.bought.back
        no("already-reversed", deed.done in ("all", "undone"))
        no("bad-amount", part is not None and (bought.total is None or part < 1))
        no("refund-too-large", part is not None and part > left)
        if not bought.back and part in (None, bought.total):
            return self._take_back(deed, now, "all")
        return self._take_part(deed, bought, left if part is None else part, now)

    def _undo(self, number: int, now: datetime) -> Deed:
        deed = self.deeds[number]
        no("conflict", deed.final or deed.card.closed == "merged")
        no("already-reversed", deed.done)
        no("second-person-needed", deed.large and now - deed.at > timedelta(seconds=60))
        return self._take_back(deed, now, "undone")

    def _merge(self, keep: int, drop: int, now: datetime) -> Deed:
        no("invalid", keep == drop)
        kept, dropped = self._ready(self.cards[keep], now), self._ready(self.cards[drop], now)
        kept.debt += dropped.debt - sum(points for _, points in kept.take(dropped.debt))
        for lot in dropped.lots:
            kept.absorb(lot)
        kept.lots, kept.carried = kept.lots + dropped.lots, kept.carried + dropped.carried
        kept.idle = later(kept.idle, dropped.idle)
        if kept.idle is not None and kept.idle <= now and any(lot.slides for lot in dropped.lots if lot.left):
            kept.idle = self.plan.idle(now)
        kept.regular.take_over(dropped.regular, now)
        vars(dropped).update(vars(Card(Regular(self.program), closed="merged")))
        return Deed(kept, final=True)

    def _leave(self, card: int) -> Deed:
        self.cards[card].closed = self.cards[card].closed or "left"
        return Deed(self.cards[card], final=True)

    def _ready(self, one: Card, now: datetime) -> Card:
        no("card-not-active", one.closed)
        return one.settle(now)

    def _credit(
        self, deed: Deed, points: int, at: datetime, since: datetime | None = None, *, gift: bool = False
    ) -> Deed:
        if deed.card.idle is not None and deed.card.idle <= at:
            deed.card.idle = self.plan.idle(at)
        lot = Lot(points, since or at, self.plan.until(at), gift, self.plan.idle(at) is not None)
        deed.credits.append((lot, points))
        deed.card.absorb(lot)
        deed.card.lots.append(lot)
        return deed

    def _take_back(self, deed: Deed, now: datetime, how: str) -> Deed:
        one, deed.done = deed.card.settle(now), how
        if deed.bought:
            _, fraction, status = self.plan.worth(deed.bought, 0)
            one.carried += deed.bought.carried - fraction
            one.regular.forget(deed.bought, status, now)
        self.given[deed.reward] -= 1
        waived = sum(points for number, points in one.waived if number > self.deeds.index(deed))
        kept = min(waived, sum(points for _, points in deed.takes)) if deed.reward else 0
        one.waived.append((len(self.deeds), -kept))
        until = self.plan.grace(now)
        late = one.give_back(deed.takes, now, kept, graced=until is not None)
        if until:
            one.lots.append(Lot(late, now, until))
        for lot, points in deed.credits:
            self._take(one, lot, points - lot.burnt)
        return Deed(one, final=True)

    def _take_part(self, deed: Deed, bought: Bought, part: int, now: datetime) -> Deed:
        one, (lot, earned), whole = deed.card, deed.credits[0], bought.back + part == bought.total
        _, fraction, status = self.plan.worth(bought, bought.back)
        points_left, fraction_left, status_left = self.plan.worth(bought, bought.back + part)
        one.carried += fraction_left - fraction
        due = max(earned - points_left - lot.burnt - bought.taken, 0)
        bought.back, bought.taken, deed.done = (
            bought.back + part,
            bought.taken + due,
            "all" if whole else "part",
        )
        self._take(one, lot, due)
        for gift, points in deed.credits[1:]:
            kept = 0 if whole or (bought.total or 0) - bought.back < self.plan.present_from else points
            more = max(points - kept - gift.burnt - bought.gift_taken, 0)
            bought.gift_taken += more
            self._take(one, gift, more)
        if whole:
            one.regular.forget(bought, status, now)
        else:
            one.regular.lose(bought, status - status_left, now)
        return Deed(one, final=True)

    def _take(self, one: Card, own: Lot, due: int) -> None:
        short = due - sum(points for _, points in one.take(due, own=own))
        no("points-spent", short and self.plan.refunds == "refuse")
        one.debt += short if self.plan.refunds == "allow_negative" else 0
        if self.plan.refunds == "clamp":
            one.waived.append((len(self.deeds), short))
