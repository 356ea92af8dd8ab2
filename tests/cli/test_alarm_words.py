"""Alarms are told in the language of the shop, wherever they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.services import mail
from tests.shop import Shop, make_shop
from wallet_service.cli.alarm_jobs import words_of
from wallet_service.db.tables import ProgramVersion
from wallet_service.domain.detail import Detail
from wallet_service.push.alarm_post import News
from wallet_service.push.alarm_ways import Mail
from wallet_service.web.languages import language
from wallet_service.web.office.alarm_texts import ELSEWHERE, WORDS

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
FULL = News(1, "disk", "/data (af)", "Only 3% of the disk under /data is free.", AT, None, None)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = make_shop(tmp_path)
    yield shop
    shop.services.sessions.close()


def test_a_russian_shop_reads_its_mail_in_russian(shop: Shop, tmp_path: Path) -> None:
    shop.publish(languages=["ru", "en"])
    with mail.server(tmp_path / "mail") as letters:
        post = Mail(letters.url, "olga@example.com", "https://cards.example.com", words_of(shop.services))
        post.send(FULL)
    (letter,) = letters.all
    assert letter["Subject"] == "[cards.example.com] Тревога: Диск почти заполнен (/data (af))"
    assert FULL.detail in letter.get_content()
    assert "disk, /data (af). С 2026-11-22 12:00 UTC." in letter.get_content()


def test_what_exactly_is_wrong_is_told_in_russian_too(shop: Shop) -> None:
    shop.publish(languages=["ru", "en"])
    old = Detail(
        "The newest backup is of 2026-11-22 09:00 UTC.", "backup/old", newest=AT - timedelta(hours=3)
    )
    letter = words_of(shop.services)(News(1, "backup-age", "backup", old, AT, None, None))
    assert "Последняя резервная копия: 22 нояб. 2026\u202fг., 09:00:00 UTC." in letter.body
    assert "newest" not in letter.body


def test_others_read_it_in_english(shop: Shop) -> None:
    shop.publish(languages=["en", "ru"])
    over = News(1, "disk", "/data", FULL.detail, AT, AT + timedelta(hours=1), AT)
    letter = words_of(shop.services)(over)
    assert letter.headline == "Over: The disk is nearly full (/data)"
    assert letter.body.startswith("This is over, nothing more has to be done.\n\nOnly 3%")
    assert letter.body.endswith("Since 2026-11-22 12:00 UTC, over since 2026-11-22 13:00 UTC.")
    assert language() == "en"  # nobody goes on speaking it


def test_no_alarm_is_told_without_russian_words(shop: Shop) -> None:
    shop.publish(languages=["ru", "en"])
    for kind in {*WORDS, *ELSEWHERE}:
        letter = words_of(shop.services)(News(1, kind, "coffee", "", AT, None, None))
        assert not letter.headline.removeprefix("Тревога: ").isascii(), kind
        assert not letter.body.partition("\n\n")[0].isascii(), kind


def test_an_alarm_is_told_in_whatever_words_when_no_program_can_be_read(shop: Shop) -> None:
    with shop.services.sessions.begin() as session:
        session.execute(update(ProgramVersion).values(body={"odd": 1}))
    assert words_of(shop.services)(FULL).headline == "Alarm: disk (/data (af))"
