"""What docs/api.md and docs/examples show works as it stands, at a sandbox that loses half of its answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from tests.house.tree import ROOT
from tests.services.ports import free_port
from tests.town import Town, booked, running_town, soon

SHOWN = (ROOT / "docs/api.md").read_text()
BLOCKS = [
    text for kind, text in re.findall(r"^```(\w*)\n(.*?)^```$", SHOWN, re.DOTALL | re.MULTILINE) if not kind
]
HELPERS = "\n".join(re.findall(r"^(?:ask|write)\(\) .*$", SHOWN, re.MULTILINE))
LINES = [
    line
    for block in BLOCKS
    for line in re.findall(r"^(?:ask|write) .*(?:\n  .*)*", block, re.MULTILINE)
    if "$API" in line and "()" not in line
]
NUMBER, ENTRY = "1095539573136129542", "e17"
NOT_HERE = {'{"points": 300': "cannot-pay-that"}
"""What the program of the sandbox does not do."""
SECRET = "of the shop and the hook"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town"), WALLET_API_DROPS="2") as opened:
        yield opened


@pytest.fixture
def card(town: Town) -> dict[str, Any]:
    return booked(town, "/programs/coffee/cards", {"language": "en"})


def test_every_line_that_is_shown_works_as_it_stands(town: Town, card: dict[str, Any]) -> None:
    purchases = f"/cards/{card['serial']}/purchases"
    booked(town, purchases, {"visits": 20})
    booked(town, purchases, {"total": 30000, "receipt": "0042", "store": "north"})
    entry = booked(town, purchases, {"visits": 1})["entry"]["id"]
    assert len(LINES) >= 15
    for line in LINES:
        said = run(town, line.replace(NUMBER, card["number"]).replace(ENTRY, entry))
        wanted = [slug for words, slug in NOT_HERE.items() if words in line]
        assert [said.get("type", "#").rpartition("#")[2]] == (wanted or [""]), (line, said)


def run(town: Town, line: str) -> dict[str, Any]:
    """With the shown `ask` and `write`, which repeat what got lost."""
    script = f"API={town.web}/api/v1 KEY={town.access['api_key']}\n{HELPERS}\n{line}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_shops_till_loses_half_of_the_answers_and_no_purchase(town: Town, card: dict[str, Any]) -> None:
    script = ROOT / "docs/examples/shop_till.py"
    for number in range(6):
        told = subprocess.run(
            [sys.executable, script, card["number"], "25000", f"{card['number']}/{number}"],
            env=os.environ | machine(town),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert told.stdout == "1\u00a0stamp for the visit.\n" or told.stdout.startswith("1"), told
    assert kinds(town, card) == ["earn"] * 6 + ["grant"]


def test_order_hooks_that_come_twice_and_lose_answers_book_once(town: Town, card: dict[str, Any]) -> None:
    with hooks(town) as address:
        for _ in range(2):
            for order in range(1, 5):
                until_taken(address, ordered(order, "completed", card))
        until_taken(address, ordered(1, "refunded", card))
        assert until_taken(address, ordered(9, "processing", card)) == 204
        forged = requests.post(address, data=b"{}", headers={"X-WC-Webhook-Signature": "é"}, timeout=10)
        assert forged.status_code == 401
    assert kinds(town, card) == ["refund", *["earn"] * 4, "grant"]


def test_a_shop_that_sends_each_order_once_loses_none_of_them(town: Town, card: dict[str, Any]) -> None:
    """Of these answers every second one is lost, and WooCommerce does not come back for any."""
    with hooks(town) as address:
        tried = requests.post(address, data={"webhook_id": 7}, timeout=10)
        assert tried.status_code == 200, "WooCommerce saves a webhook when its first try is taken"
        assert [send(address, ordered(order, "completed", card)) for order in range(1, 7)] == [204] * 6
    assert kinds(town, card) == [*["earn"] * 6, "grant"]


@contextmanager
def hooks(town: Town) -> Iterator[str]:
    port = free_port()
    env = os.environ | machine(town) | {"HOOK_SECRET": SECRET, "PORT": str(port)}
    served = subprocess.Popen([sys.executable, ROOT / "docs/examples/order_hook.py"], env=env)
    address = f"http://127.0.0.1:{port}"
    try:
        soon(lambda: answers(address))
        yield address
    finally:
        served.terminate()
        served.wait(timeout=10)


def answers(address: str) -> bool:
    try:
        return requests.post(address, data=b"", timeout=5).status_code == 401
    except requests.ConnectionError:
        return False


def until_taken(address: str, order: Mapping[str, Any]) -> int:
    """Again after anything but 2xx, as other shops do."""
    return soon(lambda: status if (status := send(address, order)) < 300 else None)


def send(address: str, order: Mapping[str, Any]) -> int:
    sent = json.dumps(order).encode()
    signed = base64.b64encode(hmac.digest(SECRET.encode(), sent, hashlib.sha256)).decode()
    headers = {"X-WC-Webhook-Signature": signed}
    return requests.post(address, data=sent, headers=headers, timeout=60).status_code


def ordered(number: int, status: str, card: Mapping[str, Any]) -> dict[str, Any]:
    about, first = [{"id": 7, "key": "loyalty_card", "value": card["number"]}], int(card["number"][-6:]) * 10
    return {"id": first + number, "status": status, "total": "250.00", "meta_data": about}


def machine(town: Town) -> dict[str, str]:
    return {"WALLET_API": f"{town.web}/api/v1", "WALLET_KEY": town.access["api_key"]}


def kinds(town: Town, card: Mapping[str, Any]) -> list[str]:
    key = {"Authorization": f"Bearer {town.access['api_key']}"}
    page = requests.get(f"{town.web}/api/v1/cards/{card['serial']}/entries", headers=key, timeout=10).json()
    return [entry["kind"] for entry in page["items"]]
