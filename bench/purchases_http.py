"""Purchases a second over HTTP through the machine API, beside a bare Flask view that commits one row.

Both stand on the same server with the same options, go through the same `Sessions` into the same database,
and are asked by eight clients that keep their connections; each request has a receipt and an idempotency key
of its own. Rounds take turns, and their medians count.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from uuid import uuid4

from bench.booking import Purchases
from bench.clients import Request, ask, post
from bench.result import Result
from bench.served import environment, serving
from bench.tills import shops
from tests.shop import Shop
from wallet_service.actions import api_keys

CARDS = 300
ROUNDS, SECONDS, WARM_UP = 7, 1.0, 1.5
TARGET = 0.5
RECEIPTS = count(1)


def measure() -> Iterator[Result]:
    with shops() as opened:
        for name, shop in opened.items():
            ours, bare = _rounds(shop)
            yield Result(f"purchases by HTTP, {name}", ours, bare, "a second", "bare Flask commit", TARGET)


def _rounds(shop: Shop) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        env, requests = environment(shop), _requests(shop)
        ours, bare = (
            held.enter_context(serving(env, Path(folder) / "log", application))
            for application in ("wsgi:app", "bench.bare_app:app")
        )
        for port in (ours, bare):
            ask(port, requests, seconds=WARM_UP, status=201)
        rounds = [
            [ask(port, requests, seconds=SECONDS, status=201).rate for port in (ours, bare)]
            for _ in range(ROUNDS)
        ]
    first, second = (median(figures) for figures in zip(*rounds, strict=True))
    return first, second


def _requests(shop: Shop) -> Iterator[Request]:
    services, cards, chance = shop.services, Purchases(shop, CARDS).cards, Random(1)
    with services.sessions.begin() as session:
        key = api_keys.create_api_key(session, name="bench", entropy=services.entropy, now=shop.clock())
    while True:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid4().hex}
        bought = {"total": 25_000, "receipt": f"2026-{next(RECEIPTS):08}"}
        yield post(f"/api/v1/cards/{chance.choice(cards)}/purchases", bought, headers)


if __name__ == "__main__":
    for result in measure():
        print(result)
