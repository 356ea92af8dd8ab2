"""Signed passes a second of CPU time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from statistics import median

from bench.deck import deck, rate
from bench.peers.places import Places
from bench.peers.stand import Stand
from bench.result import Result

PEERS = {
    "pass-js": "pass_js.mjs",
    "passkit-generator": "passkit_generator.mjs",
    "django-walletpass": "django_walletpass_sign.py",
    "edutap.wallet_apple": "edutap_sign.py",
}
SECONDS, CARDS, ROUNDS = 4, 250, 9
TARGET = 1.0


def measure(places: Places, stand: Stand) -> Iterator[Result]:
    cards = deck()
    rate(stand.office.sign, [*islice(cards, CARDS)])  # draws the pictures
    for name, program in PEERS.items():
        theirs = places.figure(program, "sign", stand.folder, SECONDS)
        ours = median(rate(stand.office.sign, [*islice(cards, CARDS)]) for _ in range(ROUNDS))
        yield Result("sign, beside a peer", ours, theirs, "a second", name, TARGET)
