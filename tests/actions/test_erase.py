"""Somebody asks to be forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.actions.test_check_ledger import told
from tests.shop import OPENING, Shop, make_shop
from wallet_service.actions import account as accounts
from wallet_service.actions.erase import Erased, erase
from wallet_service.actions.people import About, Agreed
from wallet_service.db.old_pages import empty_log
from wallet_service.db.tables import (
    Audit,
    Card,
    CardNumber,
    Consent,
    DeviceLog,
    Erasure,
    LedgerEntry,
    Member,
    Outbox,
)
from wallet_service.domain.errors import CardNotActive


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


def forget(shop: Shop, card: str) -> Erased:
    with shop.services.sessions.begin() as session:
        return erase(session, card=card, wallets=shop.services.wallets, now=shop.clock())


def sums(shop: Shop) -> list[tuple[str, int, str]]:
    with shop.services.sessions.read() as session:
        rows = session.execute(
            select(LedgerEntry.kind, func.sum(LedgerEntry.points), func.max(LedgerEntry.hash))
            .group_by(LedgerEntry.kind)
            .order_by(LedgerEntry.kind)
        )
        return [(row[0], int(row[1]), row[2]) for row in rows]


def names(shop: Shop) -> set[str | None]:
    with shop.services.sessions.read() as session:
        return {value for one in session.scalars(select(Member)) for value in (one.name, one.reference)}


def test_the_words_go_and_the_ledger_stays_with_all_its_sums(shop: Shop) -> None:
    card = shop.join("Alice")
    shop.earn(card, visits=10)
    shop.redeem(card)
    before = sums(shop)
    assert forget(shop, card) == Erased((card,), 4)
    assert names(shop) == {None}
    assert sums(shop) == before
    assert told(shop) == []


def test_what_was_agreed_to_stays_as_a_proof_that_says_nothing_of_the_person(shop: Shop) -> None:
    about = About(
        phone="+7 912 345-67-89", consents=(Agreed("news", given=True, channel="sms", text="2026-11"),)
    )
    card = shop.join("Alice", source="friend-of-bob", about=about)
    forget(shop, card)
    with shop.services.sessions.read() as session:
        (said,) = session.execute(select(Consent.__table__)).mappings()
    assert (said["purpose"], said["given"], said["text"], said["source"]) == (
        "news",
        True,
        "2026-11",
        "join page",
    )
    assert not [value for value in said.values() if value in ("Alice", "friend-of-bob", "+79123456789")]


def test_nobody_finds_the_words_in_the_files_of_the_database(shop: Shop, tmp_path: Path) -> None:
    if not shop.services.sessions.sqlite:
        pytest.skip("a file of SQLite")
    forget(shop, shop.join("Zerlina"))
    empty_log(shop.services.sessions)
    files = list(tmp_path.glob("wallet.db*"))
    assert [file.name for file in files if b"Zerlina" in file.read_bytes()] == []
    shop.earn(shop.join("Alice"))


def test_the_card_is_closed_and_every_wallet_hears_of_it(shop: Shop) -> None:
    card = shop.join("Alice")
    shop.leave(card)
    with shop.services.sessions.begin() as session:
        for mark in session.scalars(select(Outbox)):
            mark.told = mark.wanted
    forget(shop, card)
    with shop.services.sessions.read() as session:
        assert all(mark.told < mark.wanted for mark in session.scalars(select(Outbox)))
    with pytest.raises(CardNotActive):
        shop.earn(card)


def test_a_card_that_was_merged_into_it_was_the_same_person(shop: Shop) -> None:
    old, new, other = shop.join("Alice"), shop.join("A. Smith"), shop.join("Bob")
    shop.merge(new, old)
    first, second = sorted((old, new))
    assert forget(shop, new) == Erased((first, second), 4)
    assert names(shop) == {None, "Bob"}
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Card.serial).where(Card.status == "active")).all() == [other]
    assert told(shop) == []


def test_whoever_is_forgotten_again_was_forgotten_the_first_time(shop: Shop) -> None:
    """The act says when, and phones are not woken for nothing."""
    card = shop.join("Alice")
    first, marked = forget(shop, card), wanted(shop)
    shop.clock.forward(days=400)
    assert (forget(shop, card), wanted(shop)) == (first, marked)
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Audit.at)).all() == [OPENING]


def wanted(shop: Shop) -> list[int]:
    with shop.services.sessions.read() as session:
        return list(session.scalars(select(Outbox.wanted).order_by(Outbox.id)))


def test_whoever_names_the_card_that_was_merged_away_means_the_same_person(shop: Shop) -> None:
    first, second, third = shop.join("Alice"), shop.join("A. Smith"), shop.join("Bob")
    shop.merge(second, first)
    shop.merge(third, second)
    assert forget(shop, first).serials == tuple(sorted((first, second, third)))
    assert names(shop) == {None}


def test_somebody_who_holds_the_first_of_both_cards_gets_the_other_as_well(large_shop: Shop) -> None:
    first, second = large_shop.join("Alice"), large_shop.join("A. Smith")
    large_shop.merge(second, first)
    forgetting = threading.Thread(target=forget, args=(large_shop, second))
    with large_shop.services.sessions.begin() as session:
        accounts.take(session, first)
        forgetting.start()
        while not waiting(large_shop):
            assert forgetting.is_alive()
            time.sleep(0.01)
        accounts.take(session, second)
    forgetting.join()
    assert names(large_shop) == {None}


def waiting(shop: Shop) -> int:
    with shop.services.sessions.read() as session:
        return session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) or 0


def test_the_old_number_leads_nowhere_and_the_card_is_listed_as_erased(shop: Shop) -> None:
    card = shop.join("Alice")
    with shop.services.sessions.read() as session:
        number = session.scalars(select(Card.number).where(Card.serial == card)).one()
    forget(shop, card)
    forget(shop, card)
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Erasure.serial)).all() == [card]
        assert session.scalars(select(CardNumber).where(CardNumber.number == number)).all() == []


def test_the_last_face_of_the_card_says_nothing_of_the_person(shop: Shop) -> None:
    card = shop.join("Alice")
    shop.earn(card, visits=3)
    forget(shop, card)
    face = shop.face(card)
    assert face.voided
    assert face.erased
    assert (face.history, face.tier, face.ready, face.expiring) == ((), None, None, None)


def test_what_phones_complained_of_about_the_card_goes_too(shop: Shop) -> None:
    card, other = shop.join("Alice"), shop.join("Bob")
    with shop.services.sessions.begin() as session:
        for serial in (card, other):
            session.add(DeviceLog(received_at=shop.clock(), line=f"about {serial}", serial=serial))
    forget(shop, card)
    with shop.services.sessions.read() as session:
        assert session.scalars(select(DeviceLog.serial)).all() == [other]
