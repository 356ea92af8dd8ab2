"""L4, L9: what tills reach when nothing disturbs them, and a hundred changes of one card in two seconds."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import quantiles
from typing import Any

from tests.faults.checker import check
from tests.faults.copied import add_crowd
from tests.faults.count import Count, Steps
from tests.faults.ground import SQLITE, ground
from tests.faults.house import House
from tests.faults.tills import Memory, Tills

SECONDS, CARDS, HELD = 30.0, 1_000, 50
EARNS, SLOWEST = 250.0, 0.150
CHANGES, WITHIN = 100, 2.0


def earns(scale: float, seed: int) -> Steps:
    """L4: four tills, a thousand cards, every booking on disk before it is acknowledged."""
    seconds, cards = max(3.0, SECONDS * scale), max(50, round(CARDS * scale))
    with ground().house(SQLITE, on_disk=True, cards=HELD) as house:
        serials = [one.serial for one in house.held]
        serials += add_crowd(house.shop.services.sessions, serials[0], cards)
        tills = Tills([house.port], house.api_key, serials, seed, redeems=0.0)
        warm_up = tills.sell(100)
        tills = Tills([house.port], house.api_key, serials, seed + 1, redeems=0.0)
        began = time.monotonic()
        tills.open()
        time.sleep(seconds)
        memory = tills.close()
        rate = len(memory.told) / (time.monotonic() - began)
        house.hush()
        yield
        house.start_worker()
        waits = quantiles([receipt.waited for receipt in memory.told.values()], n=100)
        memory.told.update(warm_up.told)
        memory.given_up.update(warm_up.given_up)
        found = check(house, memory)
    amiss = [f"{rate:.0f} earns a second, {EARNS:.0f} are promised"] if rate < EARNS else []
    amiss += [f"99th percentile {waits[98] * 1000:.0f} ms"] if waits[98] > SLOWEST else []
    done = f"{rate:.0f} earns/s over HTTP for {seconds:.0f} s, p99 {waits[98] * 1000:.0f} ms"
    return replace(Count.of("L4 earns, SQLite", done, found, amiss=amiss), worst=None)  # no worker


def burst(kind: str, scale: float, seed: int) -> Count:
    """L9: no more than two pushes for each wallet and two seconds, and the last state is right."""
    rounds = max(1, round(3 * scale))
    amiss, everything = list[str](), Memory()
    with ground().house(kind, cards=rounds + 1, on_android=rounds + 1) as house:
        house.start_worker()
        for turn in range(rounds):
            one = house.held[turn]
            tills = Tills([house.port], house.api_key, [one.serial], seed + turn, tills=4, redeems=0.0)
            before, began = len(_pushes(house, one.push_token)), time.monotonic()
            memory = tills.sell(CHANGES)
            everything.given_up.update(memory.given_up)
            took = time.monotonic() - began
            everything.told.update(memory.told)
            found = check(house, everything)
            pushes = len(_pushes(house, one.push_token)) - before
            most = 1 + int(took / WITHIN) + 1
            if pushes > most:
                amiss.append(f"{pushes} pushes in {took:.1f} s, {most} are promised")
    done = f"{CHANGES} changes of one card in {took:.1f} s: {pushes} pushes"
    return Count.of(f"L9 burst, {kind}", done, found, amiss=amiss)


def _pushes(house: House, token: str) -> list[dict[str, Any]]:
    return [push for push in house.pushes() if push["token"] == token and push["status"] == 200]
