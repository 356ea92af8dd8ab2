"""A new version reaches a million cards while the tills go on."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, insert, select

from tests.shop import DEMO, Shop, environment, make_shop
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.cli.commands import wallet
from wallet_service.db.tables import Card, Outbox
from wallet_service.push.outbox import CAMPAIGN

CARDS = 3_000


def crowd(shop: Shop) -> None:
    """At once, which no till could do."""
    with shop.services.sessions.begin() as session:
        first = session.execute(select(Card.__table__).limit(1)).mappings().one()
        rows = [{**first, "serial": str(row), "number": str(row), "id": 1_000 + row} for row in range(CARDS)]
        session.execute(insert(Card), rows)


def marked(shop: Shop) -> int:
    with shop.services.sessions.read() as session:
        return session.scalar(select(func.count()).where(Outbox.priority == CAMPAIGN)) or 0


def test_finding_7_a_till_gets_between_the_slices_of_a_publication(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    shop = make_shop(tmp_path / "data")
    card = shop.join()
    crowd(shop)
    new = tmp_path / "coffee.json"
    new.write_text(json.dumps(DEMO | {"welcome": 3}))
    CliRunner().invoke(wallet, ["program", "publish", "coffee", str(new), "--rate", "0"])
    loop = CampaignLoop(shop.services)
    worker = threading.Thread(target=loop.run)
    worker.start()
    while not marked(shop):
        time.sleep(0.01)
    shop.earn(card)
    assert marked(shop) < CARDS
    while marked(shop) < CARDS:
        time.sleep(0.05)
    loop.stop()
    worker.join()
    shop.services.sessions.close()
