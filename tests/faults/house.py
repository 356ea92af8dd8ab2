"""A shop in its own processes that can be killed one by one: web service, worker, APNs and Google."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import requests

from tests.faults.nursery import Born, Nursery
from tests.faults.witnesses import NOT_OF_APNS, Asking, Office
from tests.services.addresses import Addresses
from tests.services.ports import LOOPBACK, free_ports
from tests.shop import Shop
from wallet_service.apple.service import devices
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.service.passes import pass_of
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.cli import run
from wallet_service.cli.setup import DEMO_PROGRAM, set_up_sandbox
from wallet_service.cli.supervisor import Child
from wallet_service.db import queries
from wallet_service.settings import Settings, from_environment
from wallet_service.wiring import apple_keyring, build_services

CALLS = {
    "granian": "granian.cli:entrypoint",
    "flask": "wallet_service.cli.worker:worker_command",
    "simulators.apns": "simulators.apns.__main__:main",
    "simulators.google_wallet": "simulators.google_wallet.__main__:main",
    "simulators.iphone": "simulators.iphone.__main__:main",
}
WEB, WORKER, APNS, GOOGLE, PHONE = (
    "web service",
    "worker",
    "APNs simulator",
    "Google Wallet simulator",
    "phone",
)
PORTS = 7  # those of `make run`, and two more web services
NAME = "Zacharias Quimby"
"""Everybody's name, so that it is found where it must not be (I12)."""


class Now:
    """The clock on the wall."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Held:
    """A card on a phone: what APNs knows of it is the push token."""

    serial: str
    device: str
    push_token: str
    pass_type: str
    token: str
    on_android: bool = False


@dataclass
class House(Addresses):
    """`standing` puts it up. Processes go by their names; the first web service is the public one. A phone
    that asks and an office that is written down are at it all the time.
    """

    folder: Path
    nursery: Nursery
    port: int
    settings: Settings
    env: Mapping[str, str]
    children: Mapping[str, Child]
    shop: Shop
    api_key: str
    desk: AppleDesk
    asking: Asking
    office: Office
    held: list[Held] = field(default_factory=list)
    born: dict[str, Born] = field(default_factory=dict)

    def web_port(self, number: int = 0) -> int:
        return self.port if number == 0 else self.port + 4 + number

    def start(self, name: str, number: int = 0, **env: str) -> Born:
        """`number` tells several of a kind apart."""
        child = self.children[name]
        words = [str(word) for word in child.command]
        call, words = CALLS[words[2]], words[3:]
        if name == WORKER:
            words = []
        if name == WEB:
            words[words.index("--port") + 1] = str(self.web_port(number))
        log = self.folder / f"{name.replace(' ', '-').lower()}-{number}.log"
        born = self.nursery.start(call, words, {**self.env, **env}, log)
        self.born[f"{name} {number}"] = born
        return born

    def start_web(self, number: int = 0, **env: str) -> Born:
        """Up when it answers."""
        born = self.start(WEB, number, **env)
        self.until_web_answers(number)
        return born

    def start_worker(self, number: int = 0, **env: str) -> Born:
        return self.start(WORKER, number, **env)

    def until_web_answers(self, number: int = 0) -> None:
        wait_for(lambda: self.answers(number), 30, f"the web service {number} of {self.folder}")

    def answers(self, number: int = 0, path: str = "/healthz") -> bool:
        line = HTTPConnection(LOOPBACK, self.web_port(number), timeout=5)
        try:
            line.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            line.close()

    def told(self) -> int:
        """How many pushes APNs was asked for."""
        stats: dict[str, int] = requests.get(f"{self.apns_control}/stats", timeout=20).json()
        return stats["requests"]

    def turn_apns(self, **knobs: Any) -> None:
        requests.post(f"{self.apns_control}/knobs", json=knobs, timeout=5).raise_for_status()

    def objects(self) -> dict[str, dict[str, Any]]:
        """What Google holds, by serial number."""
        answer = requests.get(f"{self.google}/control/objects", timeout=20).json()
        return {one["id"].partition(".")[2]: one for one in answer["objects"]}

    def add_cards(self, cards: int, *, on_android: int = 0) -> None:
        """Everybody has an iPhone, which registered; some have an Android phone too."""
        for number in range(cards):
            self.held.append(self._held(self.shop.join(name=NAME), number < on_android))
        for one in self.held:
            if one.on_android:
                self._saved(one.serial)

    def _held(self, serial: str, on_android: bool) -> Held:
        device, push_token = secrets.token_hex(16), secrets.token_hex(32)
        with self.shop.services.sessions.begin() as session:
            row = pass_of(session, self.desk, queries.card_for_update(session, serial))
            self.asking.pass_type = pass_type = row.pass_type
            for phone, known_as in ((device, push_token), (self.asking.device, NOT_OF_APNS)):
                devices.register(
                    session,
                    self.desk,
                    device=phone,
                    pass_type=pass_type,
                    serial=serial,
                    push_token=known_as,
                    now=self.shop.clock(),
                )
        token = self.desk.authentication_token(serial)
        return Held(serial, device, push_token, pass_type, token, on_android)

    def _saved(self, serial: str) -> None:
        """Presses Google's button on the card page, and then Google's own."""
        offered = requests.get(self.shop.services.links.google(serial), timeout=30)
        assert [step.status_code for step in offered.history] == [302], offered.text[:300]
        requests.post(offered.url, timeout=30).raise_for_status()

    def hush(self) -> None:
        """Nobody asks or does anything by themselves any more."""
        self.asking.stop()
        self.office.stop()


@contextmanager
def standing(
    nursery: Nursery,
    folder: Path,
    *,
    database_url: str | None = None,
    cards: int = 20,
    on_android: int = 0,
    **more: str,
) -> Iterator[House]:
    """Simulators and one web service are up, everybody has a card; the worker is for the case to start.
    Nobody is left when it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_ports(PORTS)
    house = _built(nursery, folder, port, _given(folder, database_url, more))
    try:
        house.start(APNS)
        house.start(GOOGLE)
        wait_for(lambda: _up(house), 30, "the simulators")
        house.start_web()
        house.add_cards(cards, on_android=on_android)
        house.asking.start()
        house.office.start()
        yield house
    finally:
        house.hush()
        for born in house.born.values():
            born.kill()
        house.shop.services.sessions.close()


def wait_for(look: Callable[[], bool], seconds: float, what: str) -> float:
    """How long it took."""
    began = time.monotonic()
    while not look():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.01)
    return time.monotonic() - began


def _given(folder: Path, database_url: str | None, more: Mapping[str, str]) -> dict[str, str]:
    given = {
        "WALLET_DATA_DIR": str(folder),
        "WALLET_API_DROPS": "0",
        "WALLET_API_RATE": str(10**9),
        "WALLET_LEASE_SECONDS": "2",
        **more,
    }
    return given | ({"WALLET_DATABASE_URL": database_url} if database_url else {})


def _built(nursery: Nursery, folder: Path, port: int, given: Mapping[str, str]) -> House:
    ports = run.Ports(port)
    env = run.addresses(ports) | dict(given)
    settings = run.with_google(ports, env)
    access = set_up_sandbox(settings)
    everything = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **env,
        **run.trust(given, settings),
        **run.no_proxy({}),
        "PYTHONUNBUFFERED": "1",
    }
    services = build_services(from_environment(everything))
    shop = Shop(services, Now())  # type: ignore[arg-type]
    children = {child.name: child for child in run.children(ports, given, settings)}
    desk = AppleDesk.open(services, SigningDesk(apple_keyring(services)))
    witnesses = Asking(port), Office(services)
    key, ours = access.api_key, services.settings
    return House(folder, nursery, port, ours, everything, children, shop, key, desk, *witnesses)


def _up(house: House) -> bool:
    with suppress(requests.RequestException, json.JSONDecodeError):
        house.pushes()
        return bool(requests.get(f"{house.google}/control/objects", timeout=5).ok)
    return False


__all__ = ["DEMO_PROGRAM", "Held", "House", "standing", "wait_for"]
