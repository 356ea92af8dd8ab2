"""The worked receiver of the documents takes what is ours and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.house.tree import ROOT
from tests.push.hearing import Hearing, keeper
from wallet_service.actions import webhooks

EXAMPLE = ROOT / "docs/examples/webhook_receiver.py"


def test_the_worked_receiver_hears_a_purchase_once_and_no_stranger(
    hearing: Hearing, name: str, free_port: int, tmp_path: Path
) -> None:
    shop, url = hearing.shop, f"http://localhost:{free_port}/cards"
    card = shop.join()
    with shop.services.sessions.begin() as session:
        added = webhooks.add_webhook(
            session, keeper(shop), name=name, url=url, events=["purchase.booked"], now=shop.clock()
        )
    said = tmp_path / "said"
    with _running(free_port, added.secret, said):
        shop.earn(card)
        hearing.drain.run_until_idle()
        (delivery,) = hearing.deliveries()
        assert delivery.last_status == 204
        with shop.services.sessions.begin() as session:
            webhooks.resend(session, webhook=added.id, delivery=delivery.id, now=shop.clock())
        hearing.drain.run_until_idle()
        forged = {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "x"}
        assert requests.post(url, json={}, headers=forged, timeout=10).status_code == 401
        assert requests.post(url, json={}, timeout=10).status_code == 401
    lines = [line for line in said.read_text().splitlines() if "purchase.booked: " in line]
    assert len(lines) == 1
    assert card in lines[0]


@contextmanager
def _running(port: int, secret: str, said: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "flask", "--app", str(EXAMPLE), "run", "--port", str(port)]
    with said.open("w") as output:
        running = subprocess.Popen(
            command, env=os.environ | {"WEBHOOK_SECRET": secret}, stdout=output, stderr=output
        )
    try:
        _until_it_answers(port, running)
        yield
    finally:
        running.terminate()
        running.wait(10)


def _until_it_answers(port: int, running: subprocess.Popen[bytes]) -> None:
    while True:
        assert running.poll() is None, "the example did not start"
        try:
            requests.get(f"http://localhost:{port}/", timeout=10)
        except requests.ConnectionError:
            continue
        return
