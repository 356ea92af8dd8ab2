"""F6: the disk is full; nothing is booked by halves, reads go on, and all recovers without a restart."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import requests
from sqlalchemy.engine import make_url

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import POSTGRESQL, SQLITE, ground
from tests.faults.house import Held, House, standing, wait_for
from tests.faults.tills import Tills
from tests.services import postgres

FULL = 8.0
SIZE = 64 << 20
CARDS, ON_ANDROID = 12, 4


def run(kind: str, scale: float, seed: int) -> Count:
    full_for = max(2.0, FULL * scale)
    with _house(kind) as (house, disk):
        house.start_worker()
        *sold, kept = house.held
        tills = Tills([house.port], house.api_key, [one.serial for one in sold], seed)
        tills.open()
        wait_for(lambda: tills.sold > 20, 60, "the first sales")
        known = _fetched(house, kept).headers["Last-Modified"]
        disk.fill()
        wait_for(lambda: tills.memory.statuses["503"] > 0, 60, "a write that is refused")
        answer = _press(house)
        reads = [house.answers(), _reads(house), _fetched(house, kept, known).status_code == 304]
        time.sleep(full_for)
        before = tills.sold
        disk.free()
        back = wait_for(lambda: tills.sold > before + 20, 30, "the first sales afterwards")
        memory = tills.close()
        found = check(house, memory)
        whole = _is_whole(house, kind)
    booked, refused = (201, False), (503, True)  # a small one may still find room
    amiss = [f"a write was answered {answer}"] if answer not in (booked, refused) else []
    amiss += [] if all(reads) else ["reads did not go on"]
    amiss += [] if whole else ["the database is damaged"]
    amiss += [f"{memory.statuses[s]} answers {s}" for s in ("500", "502") if memory.statuses[s]]
    done = f"{disk.name}, {memory.statuses['503']} answers 503, sold again after {back:.1f} s"
    return Count.of(f"F6 disk full, {kind}", done, found, faults=memory.statuses["503"], amiss=amiss)


class Disk:
    """`fill` leaves no room for another page, `free` gives it back."""

    def __init__(self, name: str, fill: Callable[[], None], free: Callable[[], None]) -> None:
        self.name, self.fill, self.free = name, fill, free


@contextmanager
def _house(kind: str) -> Iterator[tuple[House, Disk]]:
    """On a small disk of its own where one can be mounted; else SQLite's files just may not grow."""
    with ExitStack() as held:
        folder = held.enter_context(ground().folder())
        mounted = held.enter_context(_mounted(folder / "disk"))
        wishes = {"cards": CARDS, "on_android": ON_ANDROID}
        if kind == SQLITE:
            more = {"database_url": f"sqlite:///{folder / 'disk' / 'wallet.db'}"}
            house = held.enter_context(standing(ground().nursery, folder, **wishes, **more))  # type: ignore[arg-type]
            disk = _ballast(folder / "disk") if mounted else _bounds(house)
        else:
            if not mounted:
                raise AssertionError("a full disk under PostgreSQL needs the right to mount one")
            address = held.enter_context(_on_tablespace(folder / "disk"))
            house = held.enter_context(standing(ground().nursery, folder, database_url=address, **wishes))  # type: ignore[arg-type]
            disk = _ballast(folder / "disk")
        yield house, disk


@contextmanager
def _mounted(where: Path) -> Iterator[bool]:
    where.mkdir()
    where.parent.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0777", "tmpfs", str(where)]
    done = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "--lazy", str(where)], check=True)


@contextmanager
def _on_tablespace(where: Path) -> Iterator[str]:
    """The tables lie on the small disk, the server's own log does not."""
    name, place = f"small_{uuid4().hex}", where / "tables"
    place.mkdir()
    if user := postgres.not_root():
        shutil.chown(place, user, user)
    server = ground().server
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'".encode())
        connection.execute(f"CREATE DATABASE {name} TABLESPACE {name}".encode())
    try:
        yield f"{server.replace('postgresql', 'postgresql+psycopg', 1)}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            connection.execute(f"DROP TABLESPACE {name}".encode())


def _ballast(where: Path) -> Disk:
    ballast = where / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            piece = bytes(1 << 20)
            while len(piece) >= 4096:
                try:
                    if file.write(piece) < len(piece):
                        piece = piece[: len(piece) // 2]
                except OSError:
                    piece = piece[: len(piece) // 2]

    return Disk("real small disk", fill, lambda: ballast.unlink())


def _bounds(house: House) -> Disk:
    """No file of these processes may be longer than it is now (RLIMIT_FSIZE, from outside)."""

    def members() -> list[int]:
        return [pid for name in ("web service 0", "worker 0") for pid in house.born[name].members()]

    def bound(most: int) -> None:
        for pid in members():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    return Disk("files bounded", lambda: bound(64 * 1024), lambda: bound(resource.RLIM_INFINITY))


def _press(house: House) -> tuple[int, bool]:
    key = uuid4().hex
    answer = requests.post(
        f"{house.web}/api/v1/cards/{house.held[0].serial}/purchases",
        json={"total": 25_000, "receipt": key},
        headers={"Authorization": f"Bearer {house.api_key}", "Idempotency-Key": key},
        timeout=30,
    )
    return answer.status_code, "Retry-After" in answer.headers


def _reads(house: House) -> bool:
    """The list of a phone, and a balance at the till."""
    one = house.held[0]
    address = f"{house.web}/apple/v1/devices/{one.device}/registrations/{one.pass_type}"
    head = {"Authorization": f"Bearer {house.api_key}"}
    card = requests.get(f"{house.web}/api/v1/cards/{one.serial}", headers=head, timeout=20)
    return requests.get(address, timeout=20).status_code in (200, 204) and card.status_code == 200


def _fetched(house: House, held: Held, known: str = "") -> requests.Response:
    """A phone that has the card of this moment already."""
    address = f"{house.web}/apple/v1/passes/{held.pass_type}/{held.serial}"
    head = {"Authorization": f"ApplePass {held.token}"} | ({"If-Modified-Since": known} if known else {})
    return requests.get(address, headers=head, timeout=20)


def _is_whole(house: House, kind: str) -> bool:
    if kind == POSTGRESQL:
        url = make_url(house.settings.database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string()) as connection:
            connection.execute("SELECT count(*) FROM ledger_entry JOIN card ON card.id = card_id")
        return True
    with closing(sqlite3.connect(house.settings.database_url.removeprefix("sqlite:///"))) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
