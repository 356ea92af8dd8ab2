"""A new version reaches a million cards while the tills go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from tests.shop import DEMO, Shop, environment, make_shop
from wallet_service.actions.join import join
from wallet_service.actions.publish import SLICE
from wallet_service.db.tables import Outbox
from wallet_service.push.outbox import CAMPAIGN

SLICES = 8


def fill(shop: Shop, cards: int) -> None:
    """At once, which no till could do; and all of them told."""
    services, now = shop.services, shop.clock()
    with services.sessions.begin() as session:
        for _ in range(cards):
            join(session, program="coffee", wallets=services.wallets, entropy=services.entropy, now=now)
        for mark in session.scalars(select(Outbox)):
            mark.told = mark.wanted


def marked(shop: Shop) -> int:
    with shop.services.sessions.read() as session:
        of_the_publication = select(func.count()).where(
            Outbox.priority == CAMPAIGN, Outbox.told < Outbox.wanted
        )
        return session.scalar(of_the_publication) or 0


def test_finding_7_a_till_gets_between_the_slices_of_a_publication(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "data")
    card = shop.join()
    fill(shop, SLICES * SLICE)
    new = tmp_path / "coffee.json"
    new.write_text(json.dumps(DEMO | {"welcome": 3}))
    command = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet", "program", "publish"]
    env = {**os.environ, **environment(tmp_path / "data")}
    with subprocess.Popen([*command, "coffee", str(new)], env=env, stdout=subprocess.DEVNULL) as publication:
        while not marked(shop):
            assert publication.poll() is None
            time.sleep(0.01)
        before = marked(shop)
        shop.earn(card)
        assert marked(shop) - before <= 3 * SLICE
    assert marked(shop) >= SLICES * SLICE
    shop.services.sessions.close()
