"""Who works here, from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyotp import TOTP, parse_uri
from sqlalchemy import select

from tests.shop import Shop, environment, make_shop
from wallet_service.actions import second_factor
from wallet_service.actions.staff import sign_in
from wallet_service.cli.commands import wallet
from wallet_service.db.tables import Staff
from wallet_service.domain.people_errors import WrongPin


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return make_shop(tmp_path)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(wallet, ["staff", *words], input=typed)


def works(shop: Shop, pin: str) -> bool:
    try:
        sign_in(shop.services.sessions, pin=pin, address="terminal", now=shop.clock())
    except WrongPin:
        return False
    return True


def test_people_come_get_another_pin_and_go(shop: Shop) -> None:
    assert run("add", "Mira", "--pin", "1234").output == "Mira can sign in as cashier.\n"
    assert works(shop, "1234")
    assert run("pin", "Mira", typed="4321\n4321\n").exit_code == 0
    assert (works(shop, "1234"), works(shop, "4321")) == (False, True)
    assert run("deactivate", "Mira").output == "Mira cannot sign in any more.\n"
    assert not works(shop, "4321")
    assert run("list").output == ""


def test_the_list_names_everybody_with_their_role(shop: Shop) -> None:
    run("add", "Olga", "--role", "admin", "--pin", "987654")
    run("add", "Mira", "--pin", "1234")
    assert run("list").output == "Mira  cashier\nOlga  admin\n"


def test_nobody_of_that_name(shop: Shop) -> None:
    told = run("deactivate", "Mira")
    assert told.exit_code == 1
    assert "Nobody called 'Mira' works here" in told.stderr


def test_the_last_manager_stays(shop: Shop) -> None:
    run("add", "Olga", "--role", "admin", "--pin", "987654")
    assert "the only manager" in run("deactivate", "Olga").stderr


def test_in_a_shop_a_new_manager_gets_a_second_factor_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("WALLET_MODE", "production"),
        ("WALLET_PUBLIC_URL", "https://cards.example.com"),
        ("WALLET_SECRET_KEY", "s" * 32),
        ("WALLET_APPLE_TOKEN_KEY", "a" * 32),
    ):
        monkeypatch.setenv(name, value)
    told = run("add", "Olga", "--role", "admin", "--pin", "987654")
    app = parse_uri(told.output.splitlines()[-1])
    assert isinstance(app, TOTP)
    with shop.services.sessions.read() as session:
        olga = session.scalars(select(Staff)).one()
    assert olga.second_factor is not None
    code, now = app.at(shop.clock()), shop.clock()
    assert second_factor.step_of(("s" * 32,), olga, olga.second_factor, code, now) is not None
    assert run("list").output == "Olga  admin  authenticator app\n"
    other = parse_uri(run("second-factor", "Olga").output.splitlines()[-1])
    assert other.secret != app.secret
