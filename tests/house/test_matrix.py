"""Every address by every kind of caller, as the matrix says (S6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

import pytest

from tests.house.matrix import MATRIX, OK, Answer, Row
from tests.house.town_of_two import FOREIGN, Town
from tests.web.site import make_site, open_up
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.google.sandbox_account import make_sandbox_account
from wallet_service.settings import sandbox_account

CALLERS = tuple(field.name for field in fields(Row))
PREFERRED = ("manager", *CALLERS)
"""Who asks for what is not there: whoever may the most."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("matrix")
    make_sandbox_account(sandbox_account(folder / "certs"), "http://localhost:9")
    site = make_site(folder / "data", WALLET_CERTS_DIR=str(folder / "certs"))
    make_sandbox(folder / "certs", site.clock())
    open_up(site)
    yield Town(site)
    site.shop.services.sessions.close()


def test_S6_every_address_stands_in_the_matrix(town: Town) -> None:
    asked = {address.name for address in town.addresses()}
    assert sorted(asked - MATRIX.keys()) == [], "add a line to tests/house/matrix.py"
    assert sorted(MATRIX.keys() - asked) == [], "take the line out of tests/house/matrix.py"


@pytest.mark.parametrize("caller", CALLERS)
def test_S6_whoever_is_refused_is_told_so_and_changes_nothing(town: Town, caller: str) -> None:
    refused = {name: getattr(row, caller) for name, row in MATRIX.items() if getattr(row, caller) != OK}
    assert _differences(town, caller, refused) == []


@pytest.mark.parametrize("caller", CALLERS)
def test_S6_whoever_may_is_let_in(town: Town, caller: str) -> None:
    differences = []
    for address in town.addresses():
        if getattr(MATRIX[address.name], caller) == OK:
            got = town.request(town.caller(caller), address, town.ours(address))()
            differences += [f"{address.name}: {got}"] if got != OK else []
    assert differences == []


def test_S6_a_member_is_nobody_elsewhere(town: Town) -> None:
    """Whoever joined a program has a cookie that says so, and no more rights by it."""
    refused = {name: row.nobody for name, row in MATRIX.items() if row.nobody != OK}
    assert _differences(town, "member", refused) == []


def test_S6_ids_of_nobody_are_not_found_and_change_nothing(town: Town) -> None:
    asks = {}
    for address in town.addresses():
        allowed = [caller for caller in PREFERRED if getattr(MATRIX[address.name], caller) == OK]
        if allowed and address.arguments & FOREIGN.keys():
            asks[address.name] = town.request(town.caller(allowed[0]), address, town.foreign(address))
    before = town.everything()
    found = {name: got for name, ask in asks.items() if (got := ask()) not in (403, 404)}
    assert found == {}
    assert town.everything() == before


def _differences(town: Town, caller: str, refused: Mapping[str, Answer]) -> list[str]:
    asked = [address for address in town.addresses() if address.name in refused]
    who = town.caller(caller)
    asks = {address.name: town.request(who, address, town.ours(address)) for address in asked}
    before = town.everything()
    found = {name: ask() for name, ask in asks.items()}
    assert town.everything() == before, f"{caller} was refused, and something changed"
    return [f"{name}: {got}, not {refused[name]}" for name, got in found.items() if got != refused[name]]
