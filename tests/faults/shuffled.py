"""F12: what tills, phones and Google send comes late, in another order, and every tenth of it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random

import requests
from sqlalchemy import func, select

from tests.faults.checker import check
from tests.faults.count import Count
from tests.faults.ground import ground
from tests.faults.house import Held, House
from tests.faults.tills import Memory
from wallet_service.db.tables import Card, Device, Registration

SALES = 500
DOUBLES = 0.1
AT_ONCE = 6
CARDS, ON_ANDROID = 12, 4
WELCOME = 2  # stamps of the demo program

Sending = Callable[[], object]


def run(kind: str, scale: float, seed: int) -> Count:
    sales, chance = max(40, round(SALES * scale)), Random(seed)
    with ground().house(kind, cards=CARDS, on_android=ON_ANDROID) as house:
        house.start_worker()
        bought = [(f"R-{turn}", chance.choice(house.held)) for turn in range(sales)]
        sendings: list[Sending] = [_sale(house, receipt, held) for receipt, held in bought]
        sendings += [_registration(house, held) for held in house.held for _ in range(3)]
        sendings += [_callback(house, held) for held in house.held if held.on_android for _ in range(3)]
        doubles = [one for one in sendings if chance.random() < DOUBLES]
        sendings += doubles
        chance.shuffle(sendings)
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            for sent in [crowd.submit(one) for one in sendings]:
                sent.result()
        found = check(house, Memory())
        amiss = [*_otherwise(house, Counter(held.serial for _, held in bought))]
    done = f"{len(sendings)} sendings shuffled, {len(doubles)} of them twice"
    return Count.of(f"F12 shuffled, {kind}", done, found, faults=len(doubles), amiss=amiss)


def _sale(house: House, receipt: str, held: Held) -> Sending:
    def send() -> None:
        answer = requests.post(
            f"{house.web}/api/v1/cards/{held.serial}/purchases",
            json={"total": 25_000, "receipt": receipt},
            headers={"Authorization": f"Bearer {house.api_key}", "Idempotency-Key": f"key-{receipt}"},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text

    return send


def _registration(house: House, held: Held) -> Sending:
    """A phone says it again: nothing new comes of it."""

    def send() -> None:
        address = f"{house.web}/apple/v1/devices/{held.device}/registrations/{held.pass_type}/{held.serial}"
        head = {"Authorization": f"ApplePass {held.token}"}
        answer = requests.post(address, json={"pushToken": held.push_token}, headers=head, timeout=30)
        assert answer.status_code in (200, 201), answer.text

    return send


def _callback(house: House, held: Held) -> Sending:
    """Google tells the same news several times, some of it at once."""

    def send() -> None:
        letter = {"object": f"{_issuer(house)}.{held.serial}", "event": "save", "times": 2}
        requests.post(f"{house.google}/control/callbacks", json=letter, timeout=30).raise_for_status()

    return send


def _issuer(house: House) -> str:
    assert house.settings.google is not None
    return house.settings.google.issuer_id


def _otherwise(house: House, bought: Counter[str]) -> list[str]:
    """As it would be had everything come once and in its order."""
    with house.shop.services.sessions.read() as session:
        balances = session.execute(select(Card.serial, Card.balance)).all()
        phones = {held.device for held in house.held}
        registered = session.scalar(
            select(func.count()).join_from(Registration, Device).where(Device.library_id.in_(phones))
        )
    wrong = [
        f"card {serial} has {balance}, in order it has {WELCOME + bought[serial]}"
        for serial, balance in balances
        if balance != WELCOME + bought[serial]
    ]
    return wrong + ([f"{registered} registrations"] if registered != CARDS else [])
