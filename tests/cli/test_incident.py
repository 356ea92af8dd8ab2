"""Data may have leaked: the facts for a notice, in one command and without a name."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.apple.phones import Phones
from tests.shop import OPENING, Shop, environment, make_shop
from wallet_service.actions import audit
from wallet_service.actions.erase import erase
from wallet_service.actions.people import About, Agreed
from wallet_service.apple.signing.certificate_files import write_private
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.cli.incident import incident_group
from wallet_service.db.tables import ApiKey, Audit, Card
from wallet_service.push.alarms import raise_alarm


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    made = make_shop(tmp_path)
    make_sandbox(tmp_path / "certs", OPENING)
    yield made
    made.services.sessions.close()


def exported(folder: Path, *options: str) -> dict[str, str]:
    file = folder / "incident.zip"
    told = CliRunner().invoke(incident_group, ["export", *options, "--out", str(file)])
    assert told.exit_code == 0, told.output
    assert file.stat().st_mode & 0o77 == 0
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def busy(shop: Shop) -> None:
    """Alice with all her data; Bob, who is forgotten; a card that is looked up; a key; an alarm."""
    about = About("+7 912 345-67-89", "alice@example.com", "1990-05-31", (Agreed("news", given=True),))
    alice = shop.join("Alice", about=about)
    bob = shop.join("Bob")
    Phones(shop).register(alice, "phone")
    shop.clock.forward(hours=1)
    shop.earn(alice)
    now = shop.clock()
    with shop.services.sessions.begin() as session:
        erase(session, card=bob, wallets=shop.services.wallets, now=now)
        audit.write(session, "command:olga", "member-exported", f"card:{alice}", {"cards": 1}, now)
        audit.write(session, "staff:3", "block-card", f"card:{alice}", {"reason": "Alice lost it"}, now)
        raise_alarm(session, "strange-codes", "till:1", "Somebody at till:1 guesses.", now)
        raise_alarm(session, "quarantine", "database", "It was restored.", now)
        key = {"name": "crm of Carol", "prefix": "p", "digest": "d" * 64, "created_at": now}
        session.add(ApiKey(**key, scopes="read"))


def facts(files: dict[str, str]) -> Any:
    return json.loads(files["incident.json"])


def test_the_file_says_how_many_which_data_who_and_what_and_names_nobody(shop: Shop, tmp_path: Path) -> None:
    busy(shop)
    files = exported(tmp_path, "--since", "2026-11-02T11:30+03:00", "--until", "2026-11-02T12:00")
    found = facts(files)
    assert (found["kept"]["members"], found["kept"]["cards_by_program"]) == (2, {"coffee": 2})
    assert (found["kinds"]["phone"], found["kinds"]["consents"], found["kinds"]["purchases"]) == (1, 1, 2)
    assert (found["touched"]["cards_booked_on"], found["touched"]["cards_forgotten"]) == (1, 1)
    assert [line["actor"] for line in found["audit"]] == ["service", "command:1", "staff:3"]
    assert [line["detail"] for line in found["audit"]] == [{"kinds": ["name", "numbers"]}, {"cards": 1}, {}]
    assert {alarm["kind"] for alarm in found["alarms"]} == {"strange-codes", "quarantine"}
    assert found["keys"]["machines"][0]["scopes"] == "read"
    assert {one["until"][:4] for one in found["keys"]["files"]} == {"2027"}
    assert found["release"]["packages"]["Flask"]
    whole = "".join(files.values())
    with shop.services.sessions.read() as session:
        numbers = session.scalars(select(Card.number)).all()
    secrets = (*shop.services.settings.secret_keys, shop.services.settings.apple_token_key.decode("latin-1"))
    for word in ("Alice", "Bob", "Carol", "olga", "79123456789", "alice@example.com", *numbers, *secrets):
        assert word not in whole


def test_both_pages_say_it_in_plain_words(shop: Shop, tmp_path: Path) -> None:
    busy(shop)
    files = exported(tmp_path, "--since", "2026-11-02T07:00", "--until", "2026-11-02T12:00")
    assert sorted(files) == ["incident.en.html", "incident.json", "incident.ru.html"]
    assert "<td>Phone number</td><td>1</td>" in files["incident.en.html"]
    assert "within 72 hours after you learnt of it" in files["incident.en.html"]
    assert "<td>База данных восстановлена из копии</td>" in files["incident.ru.html"]
    assert "<td>Номер телефона</td><td>1</td>" in files["incident.ru.html"]
    assert "в течение 24 часов" in files["incident.ru.html"]


def test_whoever_was_forgotten_before_or_came_after_is_not_concerned(shop: Shop, tmp_path: Path) -> None:
    busy(shop)
    shop.clock.forward(days=2)
    shop.join()
    since, until = OPENING + timedelta(days=1), OPENING + timedelta(days=1, hours=1)
    found = facts(
        exported(tmp_path, "--since", f"{since:%Y-%m-%dT%H:%M}", "--until", f"{until:%Y-%m-%dT%H:%M}")
    )
    assert (found["kept"]["members"], found["touched"]["cards_made"]) == (1, 0)


def test_the_export_itself_is_in_the_audit_and_a_time_that_is_none_is_refused(
    shop: Shop, tmp_path: Path
) -> None:
    exported(tmp_path, "--since", "2026-11-02")
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Audit.verb)).all() == ["incident-exported"]
    for span in (["--since", "yesterday"], ["--since", "2026-11-03", "--until", "2026-11-02"]):
        assert CliRunner().invoke(incident_group, ["export", *span]).exit_code != 0


@pytest.mark.parametrize("since", ["0001-01-01T00:00+03:00", "9999-12-31T23:59-12:00", "2026-02-30", "1"])
def test_a_time_that_no_clock_shows_is_refused_in_a_sentence(shop: Shop, since: str) -> None:
    told = CliRunner().invoke(incident_group, ["export", "--since", since])
    assert (told.exit_code, told.output.count("Write a time such as")) == (2, 1)


def test_a_file_that_cannot_be_written_is_told_and_leaves_no_half(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "full.zip").mkdir()
    for out in (tmp_path / "taken" / "a.zip", tmp_path / "out" / ("n" * 300)):
        told = CliRunner().invoke(incident_group, ["export", "--since", "2026-11-01", "--out", str(out)])
        assert (told.exit_code, "cannot be written: " in told.output) == (1, True)
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "out" / "full.zip", b"half")
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["full.zip"]
