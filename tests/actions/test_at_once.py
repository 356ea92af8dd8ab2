"""What is limited by a count stays limited when many ask at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.services import databases
from tests.shop import Shop, make_shop
from wallet_service.actions import campaigns, shifts, staff_changes, tills
from wallet_service.actions.find_by_phone import find_by_phone
from wallet_service.actions.once import Actor
from wallet_service.actions.staff import add_staff, sign_in
from wallet_service.actions.strange_codes import strange_code
from wallet_service.actions.tills import At
from wallet_service.db.tables import Audit, Shift, Staff
from wallet_service.domain.errors import Refusal, TooMuch, WalletError
from wallet_service.domain.people_errors import LastManager, PinTaken, WrongPin

MANY = 8


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = make_shop(tmp_path, database_url)
    yield shop
    shop.services.sessions.close()


def at_once(act: Callable[[], object]) -> Counter[type[WalletError] | None]:
    """What came of it for each; None: it worked."""
    start = Barrier(MANY)

    def one(_: int) -> type[WalletError] | None:
        start.wait()
        try:
            act()
        except Refusal as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(MANY) as all_of_them:
        return Counter(all_of_them.map(one, range(MANY)))


def test_S25_guessing_pins_in_parallel_gains_nothing_on_either_database(shop: Shop) -> None:
    sessions, now = shop.services.sessions, shop.clock()
    came = at_once(lambda: sign_in(sessions, pin="0000", address="203.0.113.9", now=now))
    assert came == {WrongPin: 5, TooMuch: MANY - 5}


def test_unknown_codes_shown_in_parallel_are_counted_one_by_one(shop: Shop) -> None:
    sessions, now = shop.services.sessions, shop.clock()
    came = at_once(lambda: strange_code(sessions, place="till:1", now=now))
    assert came == {None: 3, TooMuch: MANY - 3}


def test_searches_in_parallel_are_counted_one_by_one(shop: Shop) -> None:
    at, who = At(1, "till-1", "main", "Main", None), Actor("staff:1")

    def look() -> None:
        with shop.services.sessions.begin() as session:
            find_by_phone(session, digits="4567", at=at, actor=who, now=shop.clock())

    assert at_once(look) == {None: MANY}
    assert at_once(look) == {None: 10 - MANY, TooMuch: 2 * MANY - 10}
    with shop.services.sessions.read() as session:
        assert session.scalar(select(func.count(Audit.id)).where(Audit.verb == "phone-search")) == 10


def test_of_several_who_sign_in_at_one_till_at_once_one_stands_there(shop: Shop) -> None:
    now = shop.clock()
    with shop.services.sessions.begin() as session:
        person = add_staff(session, name="Mira", role="cashier", pin="1234", now=now).id
        till = tills.pair_itself(session, now).till

    def begin() -> None:
        with shop.services.sessions.begin() as session:
            shifts.begin(session, staff=person, till=till, now=now)

    assert at_once(begin) == {None: MANY}
    with shop.services.sessions.read() as session:
        assert session.scalar(select(func.count(Shift.id)).where(Shift.ended_at.is_(None))) == 1


def test_of_managers_who_are_all_taken_off_at_once_one_stays(shop: Shop) -> None:
    with shop.services.sessions.begin() as session:
        for n in range(MANY):
            session.add(Staff(name=f"M{n}", role="admin", pin_hash="", created_at=shop.clock()))
    names = count()

    def take_off() -> None:
        with shop.services.sessions.begin() as session:
            person = staff_changes.named(session, f"M{next(names)}")
            staff_changes.deactivate(session, person, actor="staff:9", now=shop.clock())

    assert at_once(take_off) == {None: MANY - 1, LastManager: 1}


def test_a_pin_that_is_given_to_several_at_once_is_that_of_one(shop: Shop) -> None:
    names = count()

    def add() -> None:
        with shop.services.sessions.begin() as session:
            add_staff(session, name=f"C{next(names)}", role="cashier", pin="2580", now=shop.clock())

    assert at_once(add) == {None: 1, PinTaken: MANY - 1}


def test_a_manager_who_publishes_keeps_no_till_waiting(tmp_path: Path) -> None:
    """On SQLite one writes at a time."""
    with databases.database("postgresql", tmp_path) as address:
        shop = make_shop(tmp_path, address)
        card = shop.join()
        with shop.services.sessions.begin() as session:
            campaigns.program_row(session, shop.program, lock=True)
            shop.earn(card)
        shop.services.sessions.close()
