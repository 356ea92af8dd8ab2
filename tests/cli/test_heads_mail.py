"""The newest seals go out each night, so that somebody outside can prove what was there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.services import mail
from tests.services.ports import free_port
from tests.shop import Shop, make_shop
from wallet_service.actions import audit
from wallet_service.actions.services import Services
from wallet_service.cli.audit import seal
from wallet_service.cli.heads_mail import mail_heads
from wallet_service.cli.ledger_jobs import close_finished_days


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = make_shop(tmp_path)
    yield made
    made.services.sessions.close()


def told_by(shop: Shop, smtp_url: str) -> Services:
    settings = replace(shop.services.settings, alarm_email="olga@example.com", smtp_url=smtp_url)
    return replace(shop.services, settings=settings)


def test_the_mail_of_the_night_holds_the_seal_of_the_audit_and_the_root_of_the_day(
    shop: Shop, tmp_path: Path
) -> None:
    shop.publish(languages=["ru", "en"])
    shop.earn(shop.join())
    with shop.services.sessions.begin() as session:
        audit.write(session, "staff:3", "block-card", "card:1", {}, shop.clock())
    shop.clock.forward(days=1)
    seal(shop.services)
    close_finished_days(shop.services)
    with mail.server(tmp_path / "mail") as letters:
        mail_heads(told_by(shop, letters.url))
    (letter,) = letters.all
    assert letter["Subject"].endswith("Последние контрольные суммы")
    assert "flask wallet audit verify --head " in letter.get_content()
    assert "корень дня 2026-11-02: " in letter.get_content()


def test_nothing_goes_out_where_nothing_is_there_or_nobody_reads_mail(shop: Shop, tmp_path: Path) -> None:
    mail_heads(shop.services)
    with mail.server(tmp_path / "mail") as letters:
        mail_heads(told_by(shop, letters.url))
    assert letters.all == []


def test_a_mail_that_nobody_takes_breaks_nothing(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with shop.services.sessions.begin() as session:
        audit.write(session, "staff:3", "block-card", "card:1", {}, shop.clock())
    seal(shop.services)
    mail_heads(told_by(shop, f"smtp://127.0.0.1:{free_port()}"))
    assert "could not be mailed" in caplog.text
