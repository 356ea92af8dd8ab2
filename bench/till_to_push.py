"""From a purchase at the till to its push at the door of APNs, through all the real processes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

from bench.result import Result
from tests.town import Member, Phone, Town, booked, running_town, soon

PURCHASES = 60
APART = 2.2  # seconds: a card that was just told keeps quiet for two, so that a burst makes two pushes
CARDS = 12
MEDIAN_MS, SLOWEST_MS = 150.0, 1000.0


def measure() -> Iterable[Result]:
    with tempfile.TemporaryDirectory() as folder, running_town(Path(folder)) as town:
        took = sorted(_took(town))
    yield Result("till to push, median", median(took), MEDIAN_MS, "ms", "limit", 1.0)
    yield Result("till to push, 99th percentile", quantiles(took, n=100)[98], SLOWEST_MS, "ms", "limit", 1.0)


def _took(town: Town) -> list[float]:
    """Milliseconds from the moment the action began (before its commit) to the push's arrival."""
    numbers = [_card_on_a_phone(town) for _ in range(CARDS)]
    soon(lambda: all(push["status"] == 200 for push in town.pushes()))
    time.sleep(APART)
    took = []
    for turn in range(PURCHASES):
        known = len(town.pushes())
        began = _buy(town, numbers[turn % CARDS])
        push = soon(lambda known=known: town.pushes()[known:])[0]  # type: ignore[misc]
        took.append((datetime.fromisoformat(push["received_at"]) - began).total_seconds() * 1000)
        time.sleep(APART / CARDS)
    return took


def _card_on_a_phone(town: Town) -> str:
    member = Member.joins(town)
    Phone.bought(town).add(member)
    return member.number.replace(" ", "")


def _buy(town: Town, number: str) -> datetime:
    told = booked(town, f"/cards/{number}/purchases", {"visits": 1})
    return datetime.fromisoformat(told["entry"]["recorded_at"])


if __name__ == "__main__":
    for result in measure():
        print(result)
