"""A browser becomes a till by a code from the office, once; people stand there in shifts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.shop import Shop, make_shop
from wallet_service.actions import shifts, staff, stores, tills
from wallet_service.actions.api_keys import create_api_key
from wallet_service.actions.tills import Blocking, Paired
from wallet_service.db.tables import Audit, Shift, Till
from wallet_service.domain.errors import NotFound, Refusal, TillUnknown
from wallet_service.domain.people_errors import (
    BadDrive,
    BadStoreName,
    DriveTaken,
    LookAgain,
    NameTaken,
    TillIsBlocked,
)

MANAGER = "staff:9"
DRIVE = "9289000100123456"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = make_shop(tmp_path)
    yield opened
    opened.services.sessions.close()


@pytest.fixture
def any_shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    """On each kind of database, where it matters how they write."""
    opened = make_shop(tmp_path, database_url)
    yield opened
    opened.services.sessions.close()


def new_till(shop: Shop, name: str = "Front", store: int = 1) -> int:
    with shop.services.sessions.begin() as session:
        return tills.add_till(session, store=store, name=name, actor=MANAGER, now=shop.clock()).id


def code_for(shop: Shop, till: int) -> str:
    with shop.services.sessions.begin() as session:
        return tills.offer_pairing(
            session, till=till, entropy=shop.services.entropy, actor=MANAGER, now=shop.clock()
        )


def pair(shop: Shop, code: str) -> Paired:
    with shop.services.sessions.begin() as session:
        return tills.pair(session, code=code, now=shop.clock())


def knows(shop: Shop, paired: Paired) -> bool:
    with shop.services.sessions.read() as session:
        return tills.known(session, paired) is not None


def person(shop: Shop, name: str = "Mira", pin: str = "1234") -> int:
    with shop.services.sessions.begin() as session:
        return staff.add_staff(session, name=name, role="cashier", pin=pin, now=shop.clock()).id


def begin(shop: Shop, who: int, till: int) -> int:
    with shop.services.sessions.begin() as session:
        return shifts.begin(session, staff=who, till=till, now=shop.clock())


def is_there(shop: Shop, who: int, shift: int) -> bool:
    sessions = shop.services.sessions
    return shifts.present(sessions, staff=who, shift=shift, now=shop.clock()) is not None


def block(shop: Shop, *which: int, expected: Blocking) -> Blocking:
    with shop.services.sessions.begin() as session:
        return tills.block(session, tills=which, expected=expected, actor=MANAGER, now=shop.clock())


def would_block(shop: Shop, *which: int) -> Blocking:
    with shop.services.sessions.read() as session:
        return tills.would_block(session, which, shop.clock())


def test_a_code_lets_one_browser_in_once(any_shop: Shop) -> None:
    code = code_for(any_shop, new_till(any_shop))
    assert knows(any_shop, pair(any_shop, code))
    with pytest.raises(TillUnknown):
        pair(any_shop, code)


def test_a_code_may_be_typed_with_spaces_and_in_small_letters(shop: Shop) -> None:
    code = code_for(shop, new_till(shop))
    assert knows(shop, pair(shop, f" {code[:4].lower()}-{code[4:]} "))


def test_a_code_is_good_for_ten_minutes(shop: Shop) -> None:
    code = code_for(shop, new_till(shop))
    shop.clock.forward(minutes=10)
    with pytest.raises(TillUnknown):
        pair(shop, code)


def test_a_new_code_takes_the_one_before_away(shop: Shop) -> None:
    till = new_till(shop)
    old, new = code_for(shop, till), code_for(shop, till)
    with pytest.raises(TillUnknown):
        pair(shop, old)
    assert knows(shop, pair(shop, new))


@pytest.mark.parametrize("code", ["", "AAAAAAAA", "١٢٣٤٥٦٧٨", "x" * 10_000, "\x00", "' OR 1=1"])
def test_anything_else_is_no_code(shop: Shop, code: str) -> None:
    code_for(shop, new_till(shop))
    with pytest.raises(TillUnknown):
        pair(shop, code)


def test_the_code_itself_is_kept_nowhere(shop: Shop) -> None:
    code = code_for(shop, new_till(shop))
    with shop.services.sessions.read() as session:
        kept = session.scalars(select(Till)).one().pairing_digest or ""
        told = [str(row.detail) for row in session.scalars(select(Audit))]
    assert len(code) == 8
    assert code not in kept + "".join(told)


def test_of_many_browsers_that_type_the_code_at_once_one_is_the_till(any_shop: Shop) -> None:
    code = code_for(any_shop, new_till(any_shop))
    answers: list[Paired | None] = []

    def browser() -> None:
        try:
            answers.append(pair(any_shop, code))
        except Refusal:
            answers.append(None)

    browsers = [threading.Thread(target=browser) for _ in range(8)]
    for one in browsers:
        one.start()
    for one in browsers:
        one.join()
    assert len([answer for answer in answers if answer]) == 1


def test_a_till_that_is_paired_again_throws_the_old_browser_out(shop: Shop) -> None:
    till, who = new_till(shop), person(shop)
    old = pair(shop, code_for(shop, till))
    shift = begin(shop, who, till)
    code = code_for(shop, till)
    assert knows(shop, old)
    new = pair(shop, code)
    assert (knows(shop, old), knows(shop, new), is_there(shop, who, shift)) == (False, True, False)


def test_a_blocked_till_is_refused_and_comes_back_as_it_was(shop: Shop) -> None:
    till = new_till(shop)
    paired = pair(shop, code_for(shop, till))
    assert block(shop, till, expected=Blocking(1, 0)) == Blocking(1, 0)
    with pytest.raises(TillUnknown, match="blocked"):
        knows(shop, paired)
    with pytest.raises(TillIsBlocked):
        code_for(shop, till)
    with shop.services.sessions.begin() as session:
        tills.unblock(session, till=till, actor=MANAGER, now=shop.clock())
    assert knows(shop, paired)


def test_a_code_of_a_till_that_was_blocked_meanwhile_is_worth_nothing(shop: Shop) -> None:
    till = new_till(shop)
    code = code_for(shop, till)
    block(shop, till, expected=Blocking(1, 0))
    with pytest.raises(TillUnknown):
        pair(shop, code)


def test_S32_blocking_tells_before_what_it_does_then(any_shop: Shop) -> None:
    which = [new_till(any_shop, name) for name in ("Front", "Bar", "Back")]
    people = [person(any_shop, "Mira", "1234"), person(any_shop, "Ann", "2345")]
    shift = begin(any_shop, people[0], which[0])
    begin(any_shop, people[1], which[1])
    told = would_block(any_shop, *which)
    assert told == Blocking(tills=3, people=2)
    assert block(any_shop, *which, expected=told) == told
    assert not is_there(any_shop, people[0], shift)
    assert would_block(any_shop, *which) == Blocking(0, 0)


def test_S32_blocking_does_nothing_when_something_changed_since_it_was_told(shop: Shop) -> None:
    which = [new_till(shop, name) for name in ("Front", "Bar")]
    told = would_block(shop, *which)
    begin(shop, person(shop), which[0])
    with pytest.raises(LookAgain):
        block(shop, *which, expected=told)
    assert would_block(shop, *which) == Blocking(tills=2, people=1)


def test_a_till_has_one_operator(shop: Shop) -> None:
    till, mira, ann = new_till(shop), person(shop), person(shop, "Ann", "2345")
    hers = begin(shop, mira, till)
    shop.clock.forward(hours=1)
    begin(shop, ann, till)
    assert not is_there(shop, mira, hers)
    with shop.services.sessions.read() as session:
        row = session.get(Shift, hers)
        assert row is not None
        assert row.ended_at == shop.clock()


def test_a_shift_ends_by_itself_after_twelve_hours(shop: Shop) -> None:
    till, mira = new_till(shop), person(shop)
    shift, began = begin(shop, mira, till), shop.clock()
    shop.clock.forward(hours=11.9)
    assert is_there(shop, mira, shift)
    shop.clock.forward(hours=0.1)
    assert not is_there(shop, mira, shift)
    shop.clock.forward(days=2)
    begin(shop, mira, till)
    with shop.services.sessions.read() as session:
        row = session.get(Shift, shift)
        assert row is not None
        assert row.ended_at is not None
        assert (row.ended_at - began).total_seconds() == 12 * 3600


def test_nobody_stands_in_a_shift_of_somebody_else(shop: Shop) -> None:
    shift = begin(shop, person(shop), new_till(shop))
    assert not is_there(shop, person(shop, "Ann", "2345"), shift)


def test_an_offline_till_is_believed_only_who_was_there_then(shop: Shop) -> None:
    till, mira, ann = new_till(shop), person(shop), person(shop, "Ann", "2345")
    before = shop.clock()
    shop.clock.forward(minutes=1)
    shift, during = begin(shop, mira, till), shop.clock()
    shop.clock.forward(hours=1)
    with shop.services.sessions.begin() as session:
        shifts.end(session, shift=shift, now=shop.clock())
    after = shop.clock.forward(seconds=1)
    with shop.services.sessions.read() as session:
        seen = [
            shifts.was_there(session, shift=shift, staff=who, till=where, moment=moment)
            for who, where, moment in (
                (mira, till, during),
                (mira, till, before),
                (mira, till, after),
                (ann, till, during),
                (mira, till + 1, during),
            )
        ]
    assert seen == [True, False, False, False, False]


def test_two_tills_of_a_store_have_two_names(shop: Shop) -> None:
    new_till(shop)
    with pytest.raises(NameTaken):
        new_till(shop)


def new_store(shop: Shop, slug: str = "north") -> int:
    with shop.services.sessions.begin() as session:
        return stores.add_store(session, slug=slug, name="North", actor=MANAGER, now=shop.clock()).id


def change(shop: Shop, store: int, drives: str = "", programs: tuple[str, ...] = ()) -> tuple[str, ...]:
    with shop.services.sessions.begin() as session:
        stores.change_store(
            session,
            store=store,
            name="North",
            programs=programs,
            drives=drives,
            actor=MANAGER,
            now=shop.clock(),
        )
        return stores.drives_of(session, store)


@pytest.mark.parametrize("slug", ["", "North", "a b", "-a", "a-", "север", "a" * 65, "main\n"])
def test_a_stores_short_name_is_plain(shop: Shop, slug: str) -> None:
    with pytest.raises(BadStoreName):
        new_store(shop, slug)


def test_a_store_keeps_its_fiscal_storages_and_nobody_elses(any_shop: Shop) -> None:
    north, south = new_store(any_shop), new_store(any_shop, "south")
    assert change(any_shop, north, f"\n{DRIVE}\r\n {DRIVE} \n9289000100123457") == (DRIVE, "9289000100123457")
    assert change(any_shop, north, DRIVE) == (DRIVE,)
    with pytest.raises(DriveTaken):
        change(any_shop, south, DRIVE)
    assert change(any_shop, north) == ()
    assert change(any_shop, south, DRIVE) == (DRIVE,)


@pytest.mark.parametrize("drives", ["928900010012345", DRIVE + "1", "x" * 16, "٩" * 16, DRIVE + ", " + DRIVE])
def test_what_is_no_fiscal_storage_is_told(shop: Shop, drives: str) -> None:
    with pytest.raises(BadDrive):
        change(shop, 1, drives)


def test_every_change_is_written_down(shop: Shop) -> None:
    till = new_till(shop)
    pair(shop, code_for(shop, till))
    change(shop, new_store(shop), programs=("coffee",))
    with shop.services.sessions.read() as session:
        told = [
            (row.actor, row.verb, row.subject) for row in session.scalars(select(Audit).order_by(Audit.id))
        ]
    assert told == [
        (MANAGER, "till-added", f"till:{till}"),
        (MANAGER, "pairing-offered", f"till:{till}"),
        (f"till:{till}", "paired", f"till:{till}"),
        (MANAGER, "store-added", "store:2"),
        (MANAGER, "store-changed", "store:2"),
    ]


def test_a_store_that_nobody_could_name_has_no_key(any_shop: Shop) -> None:
    with pytest.raises(NotFound), any_shop.services.sessions.begin() as session:
        create_api_key(
            session, name="Desk", entropy=any_shop.services.entropy, now=any_shop.clock(), store="a\x00b"
        )
