"""L5: a change goes out to 200,000 cards, as fast as it goes, while tills sell."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from statistics import quantiles

from sqlalchemy import update

from tests.faults.checker import check, due
from tests.faults.copied import add_crowd
from tests.faults.count import Count, Steps, finished
from tests.faults.ground import ground, straight_to
from tests.faults.house import DEMO_PROGRAM, House, wait_for
from tests.faults.lock_watch import watched
from tests.faults.tills import Memory, Tills
from wallet_service.actions import campaign_changes, campaign_start, campaigns
from wallet_service.db.tables import Outbox
from wallet_service.db.tables.campaigns import DONE
from wallet_service.domain.rollout import Plan
from wallet_service.push.outbox import CAMPAIGN

CARDS, PARTS, HELD = 200_000, 10, 10  # and so many more after each part, on which the tills sell
SECONDS, PER_SECOND = 20.0, 25.0
P99, SLOWEST, LOCK = 0.1, 0.5, 0.2


def run(kind: str, scale: float, seed: int) -> Count:
    return finished(measure(kind, scale, seed))


def measure(kind: str, scale: float, seed: int) -> Steps:
    """L5: as fast as it goes, to everybody at once; the tills are held to their limits until it is paused."""
    cards, seconds = max(1_000, round(CARDS * scale)), max(4.0, SECONDS * scale)
    with ground().house(kind, on_disk=True, cards=1) as house:
        _gather(house, cards)
        house.start_worker()
        wait_for(lambda: not due(house), 60, "phones that hear of their new cards")
        tills = Tills(
            [house.port], house.api_key, [one.serial for one in house.held], seed, per_second=PER_SECOND
        )
        tills.open()
        time.sleep(1)
        began = _begin(house)
        with watched(house, kind) as locked:
            time.sleep(seconds)
        ended = house.shop.clock()
        marked, memory = _end(house), tills.close()
        house.hush()
        yield
        _once_more(house, memory, seed)
        found = check(house, memory)
    waits = [one.waited for one in memory.told.values() if began <= one.booked_at <= ended]
    p99, longest, lock = quantiles(waits, n=100)[98], max(waits), max(locked)
    amiss = [
        *_limits(("a till's 99th percentile", p99, P99), ("a till", longest, SLOWEST), ("a lock", lock, LOCK))
    ]
    done = f"{marked} of {cards + len(house.held)} cards in {seconds:.0f} s, {len(waits)} sales, "
    done += f"p99 {p99 * 1000:.0f} ms, worst {longest * 1000:.0f} ms, longest lock {lock * 1000:.0f} ms"
    return Count.of(f"L5 campaign, {kind}", done, found, amiss=amiss)


def _gather(house: House, cards: int) -> None:
    """Those whom the checker knows by name stand everywhere among the crowd."""
    for _ in range(PARTS):
        add_crowd(house.shop.services.sessions, house.held[0].serial, cards // PARTS)
        house.add_cards(HELD)
    if not house.shop.services.sessions.sqlite:
        with straight_to(house.settings.database_url) as connection:
            connection.execute("ANALYZE")


def _begin(house: House) -> datetime:
    before, now = house.shop.publish(organization="Coffee of today") - 1, house.shop.clock()
    with house.shop.services.sessions.begin() as session:
        campaign_start.start(
            session, program=DEMO_PROGRAM, before=before, plan=Plan(), actor="service", now=now
        )
    return now


def _end(house: House) -> int:
    """Answers how many were marked. Nobody of the crowd is at Google, whose lane takes a few a second."""
    with house.shop.services.sessions.begin() as session:
        ours = campaigns.newest(session, DEMO_PROGRAM)
        marked = ours.marked
        if ours.state != DONE:
            campaign_changes.pause(session, program=DEMO_PROGRAM, actor="service", now=house.shop.clock())
    with house.shop.services.sessions.begin() as session:
        at_google = (Outbox.wallet == "google", Outbox.priority == CAMPAIGN)
        session.execute(update(Outbox).where(*at_google).values(told=Outbox.wanted))
    return marked


def _once_more(house: House, memory: Memory, seed: int) -> None:
    """A phone that was woken for a purchase a moment before is told of the rest in half an hour (N12), or at
    once with the next purchase.
    """
    for turn, one in enumerate(house.held, 1):
        till = Tills([house.port], house.api_key, [one.serial], seed + turn, tills=1, redeems=0.0)
        last = till.sell(1)
        memory.told.update(last.told)
        memory.given_up.update(last.given_up)


def _limits(*held: tuple[str, float, float]) -> Iterator[str]:
    for what, seconds, limit in held:
        if seconds > limit:
            yield f"{what} took {seconds * 1000:.0f} ms, {limit * 1000:.0f} are promised"
