"""What phones ask, over HTTP: the list, the unchanged pass (304) and the changed one.

The list and the 304 stand beside a bare Flask view that reads one row by its primary key, on the same server
and the same database; the changed pass, which is decided, stamped, made and signed, beside the bare signature
in this process. Eight clients keep their connections. Rounds take turns, and their medians count.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle, repeat
from pathlib import Path
from statistics import median

from sqlalchemy import update
from werkzeug.http import http_date

from bench.clients import Request, ask, get
from bench.deck import rate
from bench.phones import Phones, phones
from bench.result import Result
from bench.served import environment, serving
from bench.signing import ATTRIBUTES, Office
from tests.services import postgres
from wallet_service.db.tables import Card

CARDS = 400
ROUNDS, SECONDS, WARM_UP = 7, 1.0, 1.5
SIGNATURES = 500
BARE = repeat(get("/bare/1"))
TARGET = 0.6


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        server = held.enter_context(postgres.cluster())
        address = held.enter_context(postgres.database(server))
        for name, url in (("SQLite", None), ("PostgreSQL", address)):
            with phones(Path(folder) / name, CARDS, url) as known:
                yield from _measured(known, name, Path(folder))


def _measured(known: Phones, name: str, folder: Path) -> Iterator[Result]:
    env = environment(known.shop)
    with (
        serving(env, folder / f"{name}.log") as ours,
        serving(env, folder / f"{name}-bare.log", "bench.bare_app:app") as bare,
    ):
        for kind, asked, status in (("list", _lists(known), 200), ("304", _unchanged(known), 304)):
            ask(ours, asked, seconds=WARM_UP, status=status)
            ask(bare, BARE, seconds=WARM_UP)
            rounds = [
                (ask(ours, asked, seconds=SECONDS, status=status).rate, ask(bare, BARE, seconds=SECONDS).rate)
                for _ in range(ROUNDS)
            ]
            mine, theirs = (median(figures) for figures in zip(*rounds, strict=True))
            yield Result(f"{kind}, {name}", mine, theirs, "a second", "bare Flask read", TARGET)
        yield _changed(known, ours, name, folder)


def _changed(known: Phones, port: int, name: str, folder: Path) -> Result:
    office = Office(folder / f"{name}-office")
    rounds = []
    for _ in range(ROUNDS):
        _change_all(known)
        passes = iter(_passes(known))
        rounds.append((ask(port, passes, seconds=60).rate, rate(office.only_sign, [ATTRIBUTES] * SIGNATURES)))
    mine, limit = (median(figures) for figures in zip(*rounds, strict=True))
    return Result(f"changed pass, {name}", mine, limit, "a second", "raw RSA-2048 signatures", TARGET)


def _change_all(known: Phones) -> None:
    """As far as a phone can tell."""
    with known.shop.services.sessions.begin() as session:
        session.execute(update(Card).values(version=Card.version + 1))


def _lists(known: Phones) -> Iterator[Request]:
    return cycle([get(path) for path in known.lists])


def _unchanged(known: Phones) -> Iterator[Request]:
    dated = zip(known.passes, known.tokens, known.dates, strict=True)
    return cycle(
        [
            get(path, {"Authorization": f"ApplePass {token}", "If-Modified-Since": http_date(date)})
            for path, token, date in dated
        ]
    )


def _passes(known: Phones) -> list[Request]:
    named = zip(known.passes, known.tokens, strict=True)
    return [get(path, {"Authorization": f"ApplePass {token}"}) for path, token in named]


if __name__ == "__main__":
    for result in measure():
        print(result)
