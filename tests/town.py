"""The whole shop in its own processes, as `make run` starts it, and the people who use it over HTTP."""

from __future__ import annotations

import html
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urljoin

import requests

from tests.services.addresses import Addresses
from tests.services.ports import free_ports
from tests.shop import environment

PORTS = 5
START_WITHIN, SOON = 60.0, 15.0
NUMBER = re.compile(r"\b1\d{3}(?:\s\d{4}){3}\s\d{3}\b")
Found = TypeVar("Found")


@dataclass
class Town(Addresses):
    """One running sandbox: its addresses, and everybody in it."""

    data: Path
    port: int

    @property
    def access(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data / "sandbox-access.json").read_text())
        return found


@contextmanager
def running_town(data: Path, **more: str) -> Iterator[Town]:
    """Starts it, waits until it says that all is up, and leaves no process behind."""
    town = Town(data, free_ports(PORTS))
    env = {**os.environ, **environment(data), "PORT": str(town.port), **more}
    command = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet", "run"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        said = [process.stdout.readline() for _ in range(5)]
        assert said[4] == "Ctrl-C stops all.\n", "".join(said) + process.stdout.read()
        yield town
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def soon(look: Callable[[], Found | None]) -> Found:
    """What `look` finds as soon as it finds something; nothing within the time is a failure."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing within {SOON:.0f} s")


def booked(town: Town, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a machine hears that repeats under one key, for the sandbox loses answers."""
    key = {"Authorization": f"Bearer {town.access['api_key']}", "Idempotency-Key": secrets.token_hex(8)}

    def press() -> requests.Response | None:
        try:
            return requests.post(f"{town.web}/api/v1{path}", json=body, headers=key, timeout=10)
        except requests.RequestException:
            return None

    answer = press() or soon(press)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


@dataclass
class Member:
    """Somebody with a browser in front of the poster."""

    town: Town
    page: str
    shown: str

    @classmethod
    def joins(cls, town: Town, language: str = "en") -> Self:
        browser = requests.Session()
        browser.headers["Accept-Language"] = language
        poster = browser.get(f"{town.web}/join/coffee", timeout=10)
        answer = browser.post(f"{town.web}/join/coffee", data=_hidden(poster.text), timeout=10)
        assert [step.status_code for step in answer.history] == [303], answer.text
        return cls(town, answer.url.split("?")[0], answer.text)

    @property
    def number(self) -> str:
        found = NUMBER.search(html.unescape(self.shown))
        assert found is not None
        return found[0]

    @property
    def download(self) -> str:
        return f"{self.page}/apple"


@dataclass
class Phone:
    """The simulated iPhone, by its control port."""

    town: Town
    id: str

    @classmethod
    def bought(cls, town: Town, language: str = "en") -> Self:
        answer = requests.post(f"{town.phone_page}/api/phones", json={"language": language}, timeout=10)
        return cls(town, answer.json()["id"])

    def add(self, member: Member) -> str:
        """Answers the serial number; a refused bundle is a failure with the phone's reason."""
        answer = self._ask("POST", "/cards", {"url": member.download})
        assert answer.status_code == 201, answer.text
        serial: str = answer.json()["serial"]
        return serial

    def card(self, serial: str) -> dict[str, Any]:
        card: dict[str, Any] = self._ask("GET", f"/cards/{serial}").json()
        return card

    def shows(self, serial: str, text: str) -> dict[str, Any]:
        """Waits until the card shows this text on its front."""
        return soon(lambda: card if text in str((card := self.card(serial))["fields"]) else None)

    def complaints(self) -> list[str]:
        """What the phone has to say about our web service."""
        (lines,) = self._ask("GET", "/log").json().values()
        return [str(line) for line in lines]

    def is_told(self, serial: str, text: str) -> None:
        """Waits for this line on the lock screen."""
        soon(lambda: any(notice["text"] == text for notice in self.card(serial)["notices"]))

    def do(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = self._ask(method, path, body)
        assert answer.ok, answer.text
        return answer

    def _ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        address = f"{self.town.phone_page}/api/phones/{self.id}{path}"
        return requests.request(method, address, json=body, timeout=20)


@dataclass
class Cashier:
    """Somebody at the till (or in the office): forms first, and then what the till's page asks in JSON."""

    town: Town
    browser: requests.Session = field(default_factory=requests.Session)
    page: str = ""
    address: str = ""
    csrf: str = ""
    screen: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def signs_in(cls, town: Town, language: str = "en", room: str = "till", pin: str = "pin") -> Self:
        cashier = cls(town)
        cashier.browser.headers["Accept-Language"] = language
        cashier._see(cashier.browser.get(f"{town.web}/{room}", timeout=10))
        cashier.press("/sign-in", pin=town.access[pin])
        cashier.csrf = cashier.browser.get(f"{town.web}/till/state", timeout=10).json()["csrf"]
        return cashier

    def opens(self, path: str) -> str:
        self._see(self.browser.get(f"{self.town.web}{path}", timeout=10))
        return self.page

    def scan(self, number: str) -> str:
        """A stamp is booked at once; answers what the screen says of it."""
        return self._ask("/scans", code=number)

    def visit(self) -> str:
        """One more for the card on the screen, and meant."""
        return self._ask(f"/cards/{self._serial}/purchases", visits=1, confirmed=True)

    def scan_and_visit(self, number: str) -> str:
        """Booked by the scan, or by the button where a guard asks about it."""
        self.scan(number)
        return self._headline if self.screen["kind"] == "booked" else self.visit()

    def give(self, reward: str) -> str:
        return self._ask(f"/cards/{self._serial}/rewards", reward=reward)

    def undo(self) -> str:
        return self._ask(f"/entries/{self.screen['entry']['id']}/undo")

    def press(self, path: str, **typed: str) -> str:
        """The form whose address matches `path`, with what was typed; answers the page after it."""
        action, fields = next(form for form in self._forms() if re.search(path, form[0]))
        self._see(self.browser.post(action, data={**fields, **typed}, timeout=10))
        return self.page

    @property
    def _serial(self) -> str:
        return str(self.screen["card"]["serial"])

    @property
    def _headline(self) -> str:
        entry = self.screen["entry"]
        return str(entry["headline"]).replace("\u00a0", " ") if entry else ""

    def _ask(self, path: str, **said: Any) -> str:
        answer = self.browser.post(
            f"{self.town.web}/till{path}",
            json={"key": secrets.token_hex(8)} | said,
            headers={"X-CSRFToken": self.csrf},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        self.screen = answer.json()
        return self._headline

    def _see(self, answer: requests.Response) -> None:
        assert answer.status_code < 500, answer.text
        self.address, self.page = answer.url, answer.text.replace("\u00a0", " ")

    def _forms(self) -> Iterator[tuple[str, dict[str, str]]]:
        for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", self.page, re.S):
            action = re.search(r'action="([^"]*)"', attributes)
            where = urljoin(self.address, html.unescape(action[1])) if action else self.address
            yield where, _hidden(inside)


def _hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}
