"""What stands in the way of a pass is 503 until it is mended, and costs no card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree, rmtree

from sqlalchemy import text

from tests.apple.service_fixtures import Service
from wallet_service.apple.service.desk import EXTENSION
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.db.session import Sessions


def test_B17_an_expired_certificate_is_503_and_an_alarm_until_it_is_renewed(
    open_service: Callable[..., Service], sandbox_certs: Path, tmp_path: Path
) -> None:
    certs = copytree(sandbox_certs, tmp_path / "certs")
    service = open_service(WALLET_CERTS_DIR=str(certs))
    card, phone = service.shop.join(), service.phone()
    stamp = phone.fetch(card).headers["Last-Modified"]
    service.clock.forward(days=400)
    answers = [phone.fetch(card), phone.fetch(card), service.downloaded(card)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    (alarm,) = service.shop.alarms()
    assert "expired" in alarm.detail
    assert phone.fetch(card, since=stamp).status_code == 304
    make_sandbox(certs, service.clock())
    service.clock.forward(minutes=1)
    assert phone.fetch(card).status_code == 200
    assert service.shop.alarms() == []


def test_B17_without_any_certificate_it_is_503(open_service: Callable[..., Service], tmp_path: Path) -> None:
    service = open_service(WALLET_CERTS_DIR=str(tmp_path / "none"))
    card, phone = service.shop.join(), service.phone()
    assert [phone.fetch(card).status_code, phone.register(card).status_code] == [503, 503]
    assert int(phone.fetch(card).headers["Retry-After"]) > 0


def test_B17_a_template_that_is_gone_or_broken_is_503_until_it_is_mended(
    open_service: Callable[..., Service], templates: Path
) -> None:
    service = open_service(WALLET_TEMPLATES_DIR=str(templates))
    card, phone = service.shop.join(), service.phone()
    assert phone.fetch(card).status_code == 200
    away = templates / "away"
    (templates / "coffee.pass").rename(away)
    gone = phone.fetch(card)
    assert (gone.status_code, int(gone.headers["Retry-After"]) > 0) == (503, True)
    away.rename(templates / "coffee.pass")
    assert phone.fetch(card).status_code == 200
    for file, broken in (("pass.json", b"{"), ("template.toml", b"[[")):
        path = templates / "coffee.pass" / file
        whole = path.read_bytes()
        for content, status in ((broken, 503), (whole, 200)):
            path.write_bytes(content)
            service.clock.forward(seconds=5)
            assert phone.fetch(card).status_code == status


def test_a_picture_folder_that_cannot_be_written_costs_no_card(
    open_service: Callable[..., Service], tmp_path: Path
) -> None:
    rmtree(tmp_path / "data" / "art", ignore_errors=True)
    (tmp_path / "data" / "art").write_text("in the way")
    service = open_service()
    assert service.phone().fetch(service.shop.join()).status_code == 200


def test_a_locked_database_is_503_for_writers_only(
    open_service: Callable[..., Service], tmp_path: Path
) -> None:
    """Somebody's tool holds SQLite's lock: phones that only ask are served."""
    service = open_service(WALLET_DATABASE_URL=f"sqlite:///{tmp_path / 'locked.db'}")
    card, phone = service.shop.join(), service.phone()
    stamp = phone.add(card)
    impatient = Sessions(service.shop.services.settings.database_url, patience_ms=50)
    with service.shop.services.sessions.begin() as held:
        held.execute(text("SELECT 1"))
        service.app.extensions[EXTENSION] = replace(
            service.desk, services=replace(service.shop.services, sessions=impatient)
        )
        answers = [phone.register(card), phone.unregister(card)]
        assert [answer.status_code for answer in answers] == [503, 503]
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert phone.fetch(card, since=stamp).status_code == 304
        assert phone.changed().status_code == 200
    impatient.close()
