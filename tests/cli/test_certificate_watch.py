"""Certificates that end are told in time, anew as the day comes nearer, and not once they are renewed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.shop import Shop, make_shop
from wallet_service.apple.signing.certificate_status import status
from wallet_service.apple.signing.sandbox_certificates import COFFEE, make_sandbox
from wallet_service.cli import certificate_watch
from wallet_service.cli.certificate_watch import KIND, PUBLIC
from wallet_service.db.tables import Alarm
from wallet_service.push.alarms import open_alarms, raise_alarm

LEAF = f"{COFFEE} certificate"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = make_shop(tmp_path)
    make_sandbox(shop.services.settings.certs_dir, shop.clock())
    yield shop
    shop.services.sessions.close()


def left(shop: Shop, days: int) -> Shop:
    """So many days before the card's certificate ends."""
    ends = status(shop.services.settings.certs_dir, shop.clock())[0].expires_at
    assert ends is not None
    shop.clock.now = ends - timedelta(days=days, hours=1) + timedelta(hours=2) * (days == 0)
    certificate_watch.watch(shop.services)
    return shop


def told(shop: Shop) -> dict[str, str]:
    with shop.services.sessions.read() as session:
        return {one.subject: one.detail for one in open_alarms(session) if one.kind == KIND}


def mailed(shop: Shop) -> None:
    with shop.services.sessions.begin() as session:
        for alarm in session.scalars(select(Alarm)):
            alarm.mailed_at = shop.clock()


def unmailed(shop: Shop) -> list[str]:
    with shop.services.sessions.read() as session:
        return list(session.scalars(select(Alarm.subject).where(Alarm.mailed_at.is_(None))))


def test_nothing_is_said_two_months_and_a_day_before_the_end(shop: Shop) -> None:
    assert told(left(shop, 61)) == {}


def test_each_of_the_days_is_news_once(shop: Shop) -> None:
    news = []
    for days in (60, 59, 31, 30, 29, 15, 14, 13, 8, 7, 6, 4, 3, 2, 1, 0):
        if unmailed(left(shop, days)):
            news.append(days)
        mailed(shop)
    assert news == [60, 30, 14, 7, 3, 1]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (45, "60 days or less: The certificate ends in 45 days"),
        (1, "1 day or less: The certificate ends in 1 day:"),
    ],
)
def test_it_is_said_how_long_it_lasts_and_what_to_do(shop: Shop, days: int, said: str) -> None:
    detail = told(left(shop, days))[LEAF]
    assert detail.startswith(said)
    assert "flask wallet certs csr" in detail


def test_a_renewed_certificate_is_no_alarm_any_more(shop: Shop) -> None:
    assert LEAF in told(left(shop, 2))
    make_sandbox(shop.services.settings.certs_dir, shop.clock())
    certificate_watch.watch(shop.services)
    assert told(shop) == {}


def test_what_is_used_no_more_is_forgotten_and_what_cannot_be_read_is_not(shop: Shop) -> None:
    left(shop, 2)
    with shop.services.sessions.begin() as session:
        raise_alarm(session, KIND, "pass.of.before certificate", "3 days or less: ...", shop.clock())
    for key in (shop.services.settings.certs_dir / COFFEE).glob("*.key"):
        key.write_text("rubbish")
    certificate_watch.watch(shop.services)
    assert list(told(shop)) == [LEAF]


def test_whoever_starts_a_worker_reads_it_too(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    certificate_watch.tell_at_start(left(shop, 2).services)
    assert f"{COFFEE}: The certificate ends in 2 days" in caplog.text


def test_the_https_certificate_of_an_address_that_is_ours_no_more_is_no_alarm(shop: Shop) -> None:
    """Here people come without TLS."""
    with shop.services.sessions.begin() as session:
        raise_alarm(session, PUBLIC, "old.example.com", "1 day or less: it ends.", shop.clock())
        raise_alarm(session, KIND, LEAF, "1 day or less: it ends.", shop.clock())
    certificate_watch.watch_public(shop.services)
    with shop.services.sessions.read() as session:
        assert [one.kind for one in open_alarms(session)] == [KIND]
