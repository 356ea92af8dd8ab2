"""A database knows where it is at home, and is known as a copy elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.services import databases, postgres
from tests.shop import Shop, make_settings, make_shop
from tests.town import soon
from wallet_service import wiring
from wallet_service.actions import installation
from wallet_service.db import migrate
from wallet_service.domain.errors import Misconfigured, Quarantined, Unavailable
from wallet_service.push.alarms import open_alarms


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    assert settle_in(made) is None
    yield made
    made.services.sessions.close()


def settle_in(shop: Shop) -> str | None:
    """As setup, web service and worker do when they start."""
    services = shop.services
    services.sessions.close()  # a process that starts has nothing open
    with services.sessions.begin(in_quarantine=True) as session:
        return installation.settle_in(session, services.settings.data_dir, services.entropy, shop.clock())


def remember(shop: Shop) -> None:
    with shop.services.sessions.read() as session:
        installation.remember(session, shop.services.settings.data_dir)


def life(shop: Shop) -> str:
    with shop.services.sessions.read() as session:
        return installation.standing(session).life  # type: ignore[union-attr]


def test_who_is_at_home_starts_again_and_again(shop: Shop) -> None:
    before = life(shop)
    for _ in range(3):
        assert settle_in(shop) is None
    assert life(shop) == before
    shop.earn(shop.join())


def test_two_that_settle_in_at_the_same_moment_are_both_at_home(tmp_path: Path, database_url: str) -> None:
    first = make_shop(tmp_path, database_url)
    second = make_shop(tmp_path, database_url)

    def meanwhile(length: int) -> bytes:
        settle_in(second)
        return bytes(length)

    with first.services.sessions.begin(in_quarantine=True) as session:
        folder = first.services.settings.data_dir
        assert installation.settle_in(session, folder, meanwhile, first.clock()) is None
    for shop in (first, second):
        shop.services.sessions.close()


def test_a_place_that_cannot_be_read_stops_the_start_and_not_the_shop(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "life.json").unlink()
    (tmp_path / "life.json").mkdir()  # as a file of another user's, to whoever is not root
    with pytest.raises(Misconfigured, match="type commands as that user"):
        settle_in(shop)
    (tmp_path / "life.json").rmdir()
    shop.earn(shop.join())


def test_S29_a_copy_that_starts_elsewhere_books_nothing(shop: Shop, tmp_path: Path) -> None:
    card = shop.join()
    shop.services.sessions.close()
    url = make_url(shop.services.settings.database_url)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if url.get_backend_name() == "sqlite":
        shutil.copyfile(tmp_path / "wallet.db", elsewhere / "wallet.db")
        _looks_like_a_copy(make_shop_over(elsewhere, None), card)
    else:
        with postgres.database(databases.server(), url.database or "") as address:
            _looks_like_a_copy(make_shop_over(elsewhere, address), card)
    assert settle_in(shop) is None  # the first one goes on
    shop.earn(card)


def make_shop_over(folder: Path, address: str | None) -> Shop:
    return make_shop(folder, address or f"sqlite:///{folder / 'wallet.db'}")


def _looks_like_a_copy(copy: Shop, card: str) -> None:
    assert settle_in(copy) == installation.ELSEWHERE
    with pytest.raises(Quarantined):
        copy.earn(card)
    assert copy.stand(card).balance == 2
    with copy.services.sessions.read() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["quarantine"]
    assert settle_in(copy) is None  # it is noticed once, and stands still until somebody opens it
    with pytest.raises(Quarantined):
        copy.join()
    copy.services.sessions.close()


def test_S29_a_copy_whose_database_comes_after_the_start_books_nothing(shop: Shop, tmp_path: Path) -> None:
    """As on a machine that was cloned, whose database is up last. On SQLite: a file is easily brought."""
    if not shop.services.sessions.sqlite:
        pytest.skip("a file of SQLite")
    card = shop.join()
    shop.services.sessions.close()
    folder = tmp_path / "elsewhere"
    settings = replace(
        shop.services.settings, data_dir=folder, database_url=f"sqlite:///{folder / 'wallet.db'}"
    )
    copy = replace(shop, services=wiring.build_services(settings, clock=shop.clock))
    wiring.settle_in(copy.services)
    with pytest.raises(Unavailable):
        copy.earn(card)
    copy.services.sessions.close()  # SQLite's files are not changed under somebody
    shutil.copyfile(tmp_path / "wallet.db", folder / "wallet.db")
    for _ in range(2):
        with pytest.raises(Quarantined):
            copy.earn(card)
    copy.services.sessions.close()


def test_what_comes_after_the_start_and_is_at_home_is_booked_in(
    tmp_path: Path, empty_database_url: str
) -> None:
    settings = replace(make_settings(tmp_path), database_url=empty_database_url)
    services = wiring.build_services(settings)
    wiring.settle_in(services)
    migrate.upgrade(services.sessions.engine)
    with services.sessions.begin() as session:
        assert installation.standing(session) is not None
    services.sessions.close()


def test_S29_an_older_database_put_back_by_hand_books_nothing(shop: Shop, tmp_path: Path) -> None:
    """On SQLite, where a file is easily put back."""
    if not shop.services.sessions.sqlite:
        pytest.skip("a file of SQLite")
    card = shop.join()
    shop.services.sessions.close()
    shutil.copyfile(tmp_path / "wallet.db", tmp_path / "copy.db")
    shop.earn(card)
    remember(shop)
    shop.services.sessions.close()
    shutil.copyfile(tmp_path / "copy.db", tmp_path / "wallet.db")
    assert settle_in(shop) == installation.BEHIND
    with pytest.raises(Quarantined):
        shop.earn(card)


def test_another_machine_joins_the_same_server(shop: Shop, tmp_path: Path) -> None:
    if shop.services.sessions.sqlite:
        pytest.skip("SQLite is one machine's")
    other = make_shop(tmp_path / "second", shop.services.settings.database_url)
    assert settle_in(other) is None
    assert life(other) == life(shop)
    other.services.sessions.close()


def test_in_quarantine_a_person_may_sign_in_and_look(shop: Shop) -> None:
    card = shop.join()
    services = shop.services
    services.sessions.close()  # a quarantine begins with nobody connected
    with services.sessions.begin(in_quarantine=True) as session:
        installation.begin_quarantine(session, "A drill.", shop.clock())
    assert shop.stand(card).balance == 2
    with (
        pytest.raises(Quarantined, match="flask wallet quarantine open"),
        services.sessions.begin() as session,
    ):
        installation.standing(session)
    with services.sessions.begin(in_quarantine=True) as session:
        installation.end_quarantine(session, shop.clock())
    shop.earn(card)


def test_S29_who_is_at_work_when_it_begins_stops_within_seconds(shop: Shop) -> None:
    card = shop.join()
    with shop.services.sessions.begin(in_quarantine=True) as session:
        installation.begin_quarantine(session, "A drill.", shop.clock())
    assert soon(lambda: _refused(shop, card))


def _refused(shop: Shop, card: str) -> bool:
    try:
        shop.earn(card)
    except Quarantined:
        return True
    return False
