"""Whoever changes the audit, or takes a line out of it, is found out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update

from tests.shop import Shop, make_shop
from wallet_service.actions import audit, audit_chain
from wallet_service.actions.audit_chain import Verified
from wallet_service.db.tables import Audit, AuditSeal


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


def write(shop: Shop, count: int = 1) -> None:
    for number in range(count):
        with shop.services.sessions.begin() as session:
            audit.write(session, "staff:1", "look", f"card:{number}", {"found": number}, shop.clock())


def seal(shop: Shop) -> int:
    with shop.services.sessions.begin() as session:
        return audit_chain.seal(session, shop.clock())


def verify(shop: Shop, head: str = "") -> Verified:
    with shop.services.sessions.read() as session:
        return audit_chain.verify(session, shop.clock(), head)


def tamper(shop: Shop, *statements: object) -> None:
    """As somebody who owns the database can."""
    with shop.services.sessions.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            for table in ("audit", "audit_seal"):
                for verb in ("update", "delete"):
                    session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            session.execute(statement)  # type: ignore[call-overload]


def newest(shop: Shop) -> int:
    with shop.services.sessions.read() as session:
        return session.scalar(select(func.max(Audit.id))) or 0


def test_every_line_is_sealed_once_and_the_chain_is_whole(shop: Shop) -> None:
    before = verify(shop).lines
    write(shop, 5)
    assert seal(shop) >= 5
    assert seal(shop) == 0
    write(shop)
    assert seal(shop) == 1
    found = verify(shop)
    assert found.faults == ()
    assert found.lines >= before + 6
    assert len(found.head) == 64


def test_S9_a_changed_line_breaks_the_seal(shop: Shop) -> None:
    write(shop, 3)
    seal(shop)
    tamper(shop, update(Audit).where(Audit.id == newest(shop)).values(actor="staff:2"))
    (fault,) = verify(shop).faults
    assert f"Line {newest(shop)}" in fault


def test_S9_a_line_taken_out_of_the_middle_breaks_what_follows(shop: Shop) -> None:
    write(shop, 3)
    seal(shop)
    middle = newest(shop) - 1
    gone = (delete(AuditSeal).where(AuditSeal.audit_id == middle), delete(Audit).where(Audit.id == middle))
    tamper(shop, *gone)
    assert verify(shop).faults


def test_S9_a_line_taken_off_the_end_is_known_by_a_head_that_was_noted(shop: Shop) -> None:
    write(shop, 3)
    seal(shop)
    noted = verify(shop).head
    last = newest(shop)
    tamper(shop, delete(AuditSeal).where(AuditSeal.audit_id == last), delete(Audit).where(Audit.id == last))
    assert verify(shop).faults == ()
    (fault,) = verify(shop, noted).faults
    assert "The head that you noted is not in the chain" in fault


def test_a_line_that_came_in_late_is_sealed_too(shop: Shop) -> None:
    write(shop)
    late = newest(shop) + 1
    write(shop)
    tamper(shop, update(Audit).where(Audit.id == late).values(id=late + 5))
    seal(shop)
    tamper(
        shop,
        Audit.__table__.insert().values(  # type: ignore[attr-defined]
            id=late, at=shop.clock(), actor="staff:1", verb="look", subject="card:9", detail={}
        ),
    )
    assert seal(shop) == 1
    assert verify(shop).faults == ()


def test_lines_that_nobody_seals_are_told(shop: Shop) -> None:
    write(shop)
    shop.clock.forward(minutes=30)
    (fault,) = verify(shop).faults
    assert "flask wallet worker" in fault
