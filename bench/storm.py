"""Twenty thousand phones woken at once: each lists what changed and fetches its card, while a till scans.

Cards and phones lie in PostgreSQL. Sixty-four phones are on the line at any moment, and the next one asks as
soon as one is through; every answer has to be 200, so every phone has its new card at the end. The till scans
ten cards a second, before and during the storm. Once one web server serves everybody, and once phones have a
server of their own behind the same name, with a lower priority (docs/scaling.md). `QUICK=1` wakes a thousand.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from statistics import quantiles

from bench.city import City
from bench.clients import Load, Request, ask, get
from bench.crowd import connected, crowd
from bench.phones import Phones, device, phones
from bench.pushes import TOKENS
from bench.result import Result
from bench.scanning import Till
from bench.served import environment, serving
from bench.told import told
from tests.services import postgres
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.wiring import apple_keyring

PHONES, FEW = 20_000, 1_000
REAL = 100
"""Cards with a ledger of their own, for the till; the others are copies without."""

SCANNED = "SELECT number FROM card ORDER BY id LIMIT %s"
ON_THE_LINE = 64
A_SECOND, QUIET_SECONDS = 10, 15.0
NICE = 10
TIMES = 5.0
CHANGED = """
    UPDATE card SET version = version + 1;
    UPDATE apple_pass SET change_number = card_id + {round}, numbered_version = version, served_state = NULL
        FROM card WHERE card.id = card_id;
    UPDATE apple_pass_type SET last_number = (SELECT max(change_number) FROM apple_pass);
    VACUUM ANALYZE card; VACUUM ANALYZE apple_pass
"""


def measure() -> Iterator[Result]:
    many = FEW if os.environ.get("QUICK") else PHONES
    with tempfile.TemporaryDirectory() as name, ExitStack() as held:
        folder = Path(name)
        server = held.enter_context(postgres.cluster(fsync="on", shared_buffers="512MB"))
        address = held.enter_context(postgres.database(server))
        known = held.enter_context(phones(folder / "shop", REAL, address))
        with connected(address) as connection:
            crowd(connection, many, TOKENS)
            serials = [str(serial) for (serial,) in connection.execute("SELECT serial FROM card ORDER BY id")]
            numbers = [str(number) for (number,) in connection.execute(SCANNED, (REAL,))]
        env = environment(known.shop)
        till = held.enter_context(serving(env, folder / "web.log"))
        apart = held.enter_context(serving(env, folder / "phones.log", nice=NICE))
        scans = cycle(map(Till.signed_in(till, City(known.shop, numbers)).scan, numbers))
        for turn, (place, port) in enumerate((("one server", till), ("phones apart", apart)), 1):
            with connected(address) as connection:
                for statement in CHANGED.format(round=turn * many).split(";"):
                    connection.execute(statement.encode())
            with told(f"the storm, {place}"):
                yield from _storm(place, [*_asked(known, serials)], port, till, scans)


def _asked(known: Phones, serials: list[str]) -> Iterator[Request]:
    desk = AppleDesk.open(known.shop.services, SigningDesk(apple_keyring(known.shop.services)))
    for number, serial in enumerate(serials, 1):
        library = device(number - 1 if number <= REAL else number)
        yield get(f"/apple/v1/devices/{library}/registrations/{known.pass_type}")
        token = {"Authorization": f"ApplePass {desk.authentication_token(serial)}"}
        yield get(f"/apple/v1/passes/{known.pass_type}/{serial}", token)


def _storm(
    place: str, asked: list[Request], port: int, till: int, scans: Iterator[Request]
) -> Iterator[Result]:
    quiet = _p95(_scanned(till, scans, until=time.perf_counter() + QUIET_SECONDS))
    spawn = multiprocessing.get_context("spawn")
    said = spawn.Queue()
    storm = spawn.Process(target=_phones, args=(port, asked, said))
    storm.start()
    began, took = time.perf_counter(), list[float]()
    while storm.is_alive():
        took += _scanned(till, scans, until=time.perf_counter() + 1)
    served = said.get(timeout=5)
    if served != len(asked):
        raise RuntimeError(f"{served} of {len(asked)} answers came, then: the phones gave up")
    seconds = time.perf_counter() - began
    yield Result(f"till in a storm, {place}, p95", _p95(took), quiet, "ms", "quiet till", TIMES)
    wanted = 300.0  # a second, of lists and passes together
    yield Result(f"storm, {place}", served / seconds, wanted, "a second", "wanted", 1.0)


def _phones(port: int, asked: list[Request], said: multiprocessing.Queue[int]) -> None:
    """In a process of its own."""
    load: Load = ask(port, iter(asked), seconds=3600, clients=ON_THE_LINE)
    said.put(sum(map(len, load.took.values())))


def _scanned(port: int, scans: Iterator[Request], until: float) -> list[float]:
    """Milliseconds of each, begun every tenth of a second."""
    took = []
    while (now := time.perf_counter()) < until:
        load = ask(port, iter([next(scans)]), seconds=60, clients=1)
        took += [each for kind in load.took.values() for each in kind]
        time.sleep(max(now + 1 / A_SECOND - time.perf_counter(), 0))
    return took


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[18]


if __name__ == "__main__":
    for result in measure():
        print(result)
