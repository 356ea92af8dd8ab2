"""What phones ask after a push, answered by each peer that has a web service: the list, and the pass.

A list names one changed card; a pass is unchanged since it was signed, and is asked for without a date, so
that whoever keeps it may hand it out and whoever does not has to sign. All stand on granian with the same
options, with as much storage as they bring: ours and Django's are on SQLite, edutap's is a dictionary.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from statistics import median

import requests

from bench.clients import ask, get
from bench.peers.places import PROGRAMS, Places
from bench.peers.stand import Stand
from bench.phones import Phones, phones
from bench.result import Result
from bench.served import environment, serving
from tests.services.ports import LOOPBACK, free_port
from tests.services.programs import running

PEERS = {
    "django-walletpass": ("django_walletpass_served:app", "wsgi"),
    "edutap.wallet_apple": ("edutap_served:app", "asgi"),
}
ROUNDS, SECONDS = 5, 2.0
TARGET = 1.0


def measure(places: Places, stand: Stand) -> Iterator[Result]:
    with (
        phones(stand.folder / "shop", 1) as known,
        serving(environment(known.shop), stand.folder / "ours.log") as port,
    ):
        for name, (application, interface) in PEERS.items():
            with _peer(places, stand, application, interface) as theirs:
                asked = requests.get(f"http://{LOOPBACK}:{theirs}/about", timeout=5).json()
                for kind in ("list", "pass"):
                    figures = _rate(theirs, asked[kind], asked["token"])
                    mine = _rate(port, *_ours(known, kind))
                    yield Result(f"{kind}, beside a peer", mine, figures, "a second", name, TARGET)


def _ours(known: Phones, kind: str) -> tuple[str, str]:
    return (known.lists[0] if kind == "list" else known.passes[0]), known.tokens[0]


def _rate(port: int, path: str, token: str) -> float:
    request = repeat(get(path, {"Authorization": f"ApplePass {token}"}))
    ask(port, request, seconds=SECONDS / 2)
    return median(ask(port, request, seconds=SECONDS).rate for _ in range(ROUNDS))


@contextmanager
def _peer(places: Places, stand: Stand, application: str, interface: str) -> Iterator[int]:
    port = free_port()
    options = ["--interface", interface, "--host", LOOPBACK, "--port", str(port), "--no-ws"]
    threads = ["--blocking-threads", "8"] if interface == "wsgi" else []
    command = [str(places.python), "-m", "granian", *options, *threads, application]
    env = {**os.environ, "PEER_STAND": str(stand.folder), "PYTHONPATH": str(PROGRAMS)}
    with running(command, stand.folder / "peer.log", lambda: _answers(port), env=env):
        yield port


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://{LOOPBACK}:{port}/about", timeout=2).ok
    except requests.ConnectionError:
        return False
