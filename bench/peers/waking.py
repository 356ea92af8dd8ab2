"""Pushes a second to one server on loopback, as each peer sends them."""

from __future__ import annotations

from collections.abc import Iterator

from bench.peers.places import Places
from bench.peers.stand import Stand
from bench.pushes import on_one_core, ours, standing
from bench.result import Result

PEERS = {
    "pass-js": "pass_js.mjs",
    "django-walletpass": "django_walletpass_push.py",
    "edutap.wallet_apple": "edutap_push.py",
}
SECONDS = 4
TARGET = 1.0


def measure(places: Places, stand: Stand) -> Iterator[Result]:
    with on_one_core(), standing(stand.folder) as (client, url):
        port = url.rpartition(":")[2]
        for name, program in PEERS.items():
            theirs = places.figure(program, "push", stand.folder, SECONDS, port)
            yield Result("wake phones, beside a peer", ours(client), theirs, "a second", name, TARGET)
