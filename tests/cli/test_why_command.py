"""`flask wallet why` tells at the terminal why a phone shows no update."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select, update

from tests.shop import Shop, environment, make_shop
from wallet_service import create_app
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.db.tables import Card, Installation
from wallet_service.push import outbox
from wallet_service.push.wallet import Outcome
from wallet_service.push.wallet import Result as Said
from wallet_service.wiring import utc_now


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    shop = make_shop(tmp_path)
    shop.clock.now = utc_now()
    make_sandbox(shop.services.settings.certs_dir, shop.clock())
    return shop


def why(card: str) -> Result:
    return create_app().test_cli_runner().invoke(args=["wallet", "why", card])


def test_the_reason_is_marked_and_the_exit_code_tells_scripts(shop: Shop) -> None:
    said = why(shop.join())
    assert said.exit_code == 1
    assert "WHY  No worker has run here yet. Start `flask wallet worker`." in said.output
    assert said.output.count("WHY") == 1


def test_the_way_of_a_change_is_told_with_its_times(shop: Shop) -> None:
    card = shop.join()
    with shop.services.sessions.begin() as session:
        lease, notes = outbox.claim(session, "apple", shop.clock())
        told = Outcome(Said.TOLD, phones=2)
        outbox.settle(session, lease, [(note, told) for note in notes], shop.clock.forward(seconds=0.5))
        session.execute(update(Installation).values(seen_at=utc_now()))
    said = why(card)
    assert "version 2 (apple): queued " in said.output
    assert "accepted after 0.5 s, listed not seen, fetched not seen, 2 phones woken" in said.output


def test_a_card_number_will_do_and_a_stranger_is_a_sentence(shop: Shop) -> None:
    card = shop.join()
    with shop.services.sessions.read() as session:
        number = session.scalars(select(Card.number)).one()
    assert f"Card {card}, version 2" in why(number).output
    unknown = why("0f3c1a2b-1111-2222-3333-444455556666")
    assert "This card is not known here." in unknown.output
    assert "Traceback" not in unknown.output
