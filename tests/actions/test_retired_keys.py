"""The secret key is changed, and the old one leaves the setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.shop import Shop, make_settings, make_shop
from tests.town import soon
from wallet_service.actions import retired_keys
from wallet_service.actions.retired_keys import KeysInForce
from wallet_service.db.tables import Audit, RetiredKey
from wallet_service.domain.errors import Invalid, Misconfigured
from wallet_service.wiring import build_services, require_open_keys

FIRST, SECOND, THIRD = "1" * 64, "2" * 64, "3" * 64


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


def rotate(shop: Shop, *keys: str) -> int:
    with shop.services.sessions.begin() as session:
        return retired_keys.rotate(session, keys, "cli", shop.clock())


def in_force(shop: Shop, keys: str) -> tuple[str, ...]:
    """Of a process that starts with this setting."""
    settings = shop.services.settings
    given = make_settings(settings.data_dir, settings.database_url, WALLET_SECRET_KEY=keys)
    services = build_services(given, clock=shop.clock)
    services.sessions.close()
    return tuple(services.settings.secret_keys)


def test_an_old_key_stays_good_when_it_has_left_the_setting(shop: Shop) -> None:
    assert in_force(shop, FIRST) == (FIRST,)
    assert rotate(shop, SECOND, FIRST) == 1
    assert in_force(shop, f"{SECOND},{FIRST}") == (SECOND, FIRST)
    assert in_force(shop, SECOND) == (SECOND, FIRST)


def test_at_each_change_all_old_keys_are_locked_with_the_newest(shop: Shop) -> None:
    rotate(shop, SECOND, FIRST)
    assert rotate(shop, THIRD, SECOND) == 2
    assert in_force(shop, THIRD) == (THIRD, SECOND, FIRST)
    assert rotate(shop, THIRD) == 2


def test_a_setting_that_does_not_open_the_old_keys_stops_the_start(shop: Shop) -> None:
    rotate(shop, SECOND, FIRST)
    settings = shop.services.settings
    given = make_settings(settings.data_dir, settings.database_url, WALLET_SECRET_KEY=THIRD)
    with pytest.raises(Misconfigured, match="flask wallet secrets rotate"):
        require_open_keys(given)
    assert in_force(shop, THIRD) == (THIRD,)


def test_nothing_retires_while_there_is_one_key(shop: Shop) -> None:
    with pytest.raises(Invalid, match="new,old"):
        rotate(shop, FIRST)


def test_after_a_leak_the_old_keys_are_gone(shop: Shop) -> None:
    rotate(shop, SECOND, FIRST)
    with shop.services.sessions.begin() as session:
        assert retired_keys.forget(session, "cli", shop.clock()) == 1
    assert in_force(shop, SECOND) == (SECOND,)


def test_a_forgotten_key_opens_nothing_within_a_minute_though_nobody_restarts() -> None:
    retired: list[tuple[str, ...] | None] = [(FIRST,)]
    seconds = [0.0]
    keys = KeysInForce((SECOND,), lambda: retired[0], lambda: seconds[0])
    assert list(keys) == [SECOND, FIRST]
    retired[0], seconds[0] = None, 61.0  # the database is away: what was good stays good
    assert list(keys) == [SECOND, FIRST]
    retired[0], seconds[0] = (), 122.0
    assert list(keys) == [SECOND]


def test_no_key_stands_in_a_table(shop: Shop) -> None:
    rotate(shop, SECOND, FIRST)
    with shop.services.sessions.read() as session:
        rows = [str(vars(row)) for table in (RetiredKey, Audit) for row in session.scalars(select(table))]
    assert rows
    assert not any(key in row for key in (FIRST, SECOND) for row in rows)


def test_a_process_that_starts_before_its_database_learns_the_old_keys_later() -> None:
    told: list[tuple[str, ...] | None] = [None]
    keys = KeysInForce((SECOND,), lambda: told[0])
    assert (keys.look(), keys[0]) == ((SECOND,), SECOND)
    told[0] = (FIRST,)
    assert soon(lambda: list(keys) == [SECOND, FIRST])
