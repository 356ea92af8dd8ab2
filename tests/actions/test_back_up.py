"""A backup that does not add up says so shortly, however large it is."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from tests.shop import make_shop
from wallet_service.actions.back_up import TOLD, look_through
from wallet_service.db.tables import Card


def test_of_a_thousand_faults_a_few_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    for _ in range(TOLD + 5):
        shop.join()
    services = shop.services
    with services.sessions.begin() as session:
        session.execute(update(Card).values(balance=Card.balance + 1))
    checked = look_through(services.settings.database_url, services.wallets)
    assert checked.cards == TOLD + 5
    assert checked.amiss >= TOLD + 5
    assert len(checked.findings) == TOLD
