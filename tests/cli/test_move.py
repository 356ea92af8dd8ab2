"""A shop that outgrew its one machine takes its database along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url

from tests.services import databases
from tests.shop import Shop, make_shop
from wallet_service.actions import installation
from wallet_service.cli.commands import wallet
from wallet_service.db import move
from wallet_service.domain.errors import Quarantined


@pytest.fixture
def shop(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    env = {"WALLET_DATA_DIR": str(tmp_path), "WALLET_DATABASE_URL": database_url}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    made = make_shop(tmp_path, **env)
    with made.services.sessions.begin() as session:
        installation.settle_in(session, tmp_path, made.services.entropy, made.clock())
    yield made
    made.services.sessions.close()


@pytest.fixture
def target(shop: Shop, tmp_path: Path) -> Iterator[str]:
    """Empty, of the other kind."""
    ours = make_url(shop.services.settings.database_url).get_backend_name()
    kind = databases.POSTGRESQL if ours == databases.SQLITE else databases.SQLITE
    (tmp_path / "there").mkdir()
    with databases.empty_database(kind, tmp_path / "there") as address:
        yield address


def run(shop: Shop, target: str) -> Result:
    shop.services.sessions.close()
    return CliRunner().invoke(wallet, ["move", target, "--yes"])


def test_everything_is_there_and_goes_on_from_its_last_number(
    shop: Shop, target: str, tmp_path: Path
) -> None:
    first, second = shop.join("Alice"), shop.join("Боб")
    for _ in range(3):
        shop.earn(first)
    shop.merge(second, first)  # a card that refers to a later one
    before = move.counts(shop.services.sessions.engine)
    done = run(shop, target)
    assert done.exit_code == 0, done.output
    assert "All there:" in done.output
    there = make_shop(tmp_path, WALLET_DATABASE_URL=target)
    assert {**move.counts(there.services.sessions.engine), "alarm": 0} == {**before, "alarm": 0}
    assert there.stand(second).balance == shop.stand(second).balance
    there.earn(second, key="first there")
    there.earn(there.join(), key="second there")
    there.services.sessions.close()


def test_S29_the_old_one_books_nothing_any_more(shop: Shop, target: str, tmp_path: Path) -> None:
    card = shop.join()
    assert run(shop, target).exit_code == 0
    with pytest.raises(Quarantined):
        shop.earn(card)
    there = make_shop(tmp_path, WALLET_DATABASE_URL=target)
    with there.services.sessions.begin() as session:
        folder = there.services.settings.data_dir
        assert installation.settle_in(session, folder, there.services.entropy, there.clock()) is None
    there.services.sessions.close()


def test_what_is_not_empty_is_left_alone(shop: Shop, target: str, tmp_path: Path) -> None:
    there = make_shop(tmp_path, WALLET_DATABASE_URL=target)
    there.join()
    there.services.sessions.close()
    done = run(shop, target)
    assert done.exit_code == 1
    assert "not empty" in done.output
    shop.join()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nonsense", "This is no address of a database."),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "The database does not take this"),
    ],
    ids=["no address", "not there"],
)
def test_an_address_that_leads_nowhere_is_told_in_a_sentence(shop: Shop, address: str, told: str) -> None:
    ran = run(shop, address)
    assert (ran.exit_code, ran.exception.__class__) == (1, SystemExit)
    assert told in ran.output
