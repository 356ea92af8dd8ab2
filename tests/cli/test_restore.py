"""The worst day: the database is lost, the newest backup is put back, and the shop goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.apple.phones import PASS_TYPE, Phones
from tests.push.notebook import Notebook
from tests.shop import Shop, make_shop
from wallet_service.actions import backups, erase, installation
from wallet_service.actions.back_up import back_up, last_made
from wallet_service.actions.check_ledger import check_ledger
from wallet_service.apple.service import devices
from wallet_service.cli import backup_jobs
from wallet_service.cli.commands import wallet
from wallet_service.db.tables import ApplePassType, Card, Erasure, Member, Outbox
from wallet_service.domain.errors import Quarantined
from wallet_service.push.alarms import open_alarms
from wallet_service.push.clock_watch import ClockWatch
from wallet_service.push.worker import Worker

DAY = timedelta(days=1)


@dataclass
class House:
    """A shop with its commands; `key` opens its backups."""

    shop: Shop
    folder: Path
    key: pyrage.x25519.Identity = field(default_factory=pyrage.x25519.Identity.generate)

    @property
    def key_file(self) -> str:
        (self.folder / "key").write_text(f"# of a drill\n{self.key}\n")
        return str(self.folder / "key")

    def run(self, *words: str, answer: str | None = None) -> Result:
        """As somebody does who stopped web service and worker."""
        self.shop.services.sessions.close()
        done = CliRunner().invoke(wallet, words, input=answer)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def backup(self) -> backups.Backup:
        assert self.run("backup").exit_code == 0
        return backups.backups(self.folder / "backup")[0]

    def restore(self, backup: backups.Backup) -> Result:
        done = self.run("restore", str(backup.path), "--key", self.key_file, "--yes")
        assert done.exit_code == 0, done.output
        return done

    def card(self, serial: str) -> Card:
        with self.shop.services.sessions.read() as session:
            return session.scalars(select(Card).where(Card.serial == serial)).one()


@pytest.fixture
def house(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    key = pyrage.x25519.Identity.generate()
    env = {
        "WALLET_DATA_DIR": str(tmp_path),
        "WALLET_DATABASE_URL": database_url,
        "WALLET_BACKUP_KEY": str(key.to_public()),
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    shop = make_shop(tmp_path, **env)
    with shop.services.sessions.begin() as session:
        installation.settle_in(session, tmp_path, shop.services.entropy, shop.clock())
    yield House(shop, tmp_path, key)
    shop.services.sessions.close()


def number_changes(shop: Shop) -> None:
    with shop.services.sessions.begin() as session:
        ids = session.scalars(select(Card.id)).all()
        devices.number_changes(session, PASS_TYPE, ids)


def findings(shop: Shop) -> list[str]:
    looked = check_ledger(shop.services.sessions, wallets=shop.services.wallets)
    return [str(finding) for part in looked for finding in part.findings]


def test_S29_a_restore_pushes_nothing_and_books_nothing_until_somebody_confirms(house: House) -> None:
    shop = house.shop
    card = shop.join("Alice")
    Phones(shop).register(card, "one")
    shop.earn(card)
    backup = house.backup()
    shop.earn(card)
    late = shop.join("Bob")
    notebook = Notebook(shop.services.sessions)
    worker = Worker(shop.services.sessions, notebook, shop.clock)
    worker.run_until_idle()
    assert notebook.heard, "a worker that tells, while all is well"

    done = house.restore(backup)
    assert "kept: " in done.output
    notebook.heard.clear()
    assert shop.stand(card).balance == 3, "tills can look"
    with pytest.raises(Quarantined):
        shop.earn(card)
    with pytest.raises(Quarantined):
        shop.join()
    with pytest.raises(Quarantined):
        worker.step()
    assert notebook.heard == []
    assert "In quarantine since" in house.run("quarantine", "status").output

    assert house.run("quarantine", "open", "--yes").exit_code == 0
    shop.clock.forward(minutes=1)
    worker.run_until_idle()
    assert [heard for heard, _ in notebook.heard] == [house.card(card).id], "every card is told once"
    shop.earn(card)
    assert shop.stand(card).balance == 4
    assert findings(shop) == []
    with pytest.raises(Exception, match="not known"):
        house.shop.stand(late)


def test_T9_tags_that_phones_hold_count_for_nothing_after_a_restore(house: House) -> None:
    shop = house.shop
    card, phones = shop.join(), Phones(house.shop)
    device = phones.register(card, "one")
    number_changes(shop)
    backup = house.backup()
    for _ in range(3):
        shop.earn(card)
        number_changes(shop)
    with shop.services.sessions.read() as session:
        ahead = devices.changed_since(session, device="phone-one", pass_type=PASS_TYPE, tag=None)
    assert ahead is not None
    house.restore(backup)
    house.run("quarantine", "open", "--yes")
    with shop.services.sessions.read() as session:
        assert session.get_one(ApplePassType, PASS_TYPE).epoch != ahead.tag[:8]
        listed = devices.changed_since(session, device="phone-one", pass_type=PASS_TYPE, tag=ahead.tag)
    assert listed is not None
    assert listed.serials == [card]
    pace = phones.pace(device)
    assert pace is None or pace.told_number == 0, "the phone may be woken for what it was woken for before"


def test_every_card_waits_behind_the_tills_after_an_opening(house: House) -> None:
    shop = house.shop
    cards = [shop.join() for _ in range(3)]
    backup = house.backup()
    house.restore(backup)
    told = house.run("quarantine", "open", "--yes")
    assert "3 cards are told" in told.output
    with shop.services.sessions.read() as session:
        marks = session.scalars(select(Outbox).where(Outbox.wallet == "apple")).all()
        assert len(marks) == len(cards)
        assert {mark.lease_until for mark in marks} == {None}
        assert all(mark.told < mark.wanted for mark in marks)
        assert open_alarms(session) == []


def test_who_was_forgotten_since_the_backup_is_forgotten_again(house: House) -> None:
    shop = house.shop
    card = shop.join("Alice")
    backup = house.backup()
    with shop.services.sessions.begin() as session:
        erase.erase(session, card=card, wallets=shop.services.wallets, now=shop.clock())
    backup_jobs.Beside(shop.services).keep()
    done = house.restore(backup)
    assert "Forgotten again: 1" in done.output
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Member.name)).all() == [None]
        assert card in session.scalars(select(Erasure.serial)).all()
    house.run("quarantine", "open", "--yes")
    assert house.card(card).status == "left"


def test_the_list_of_the_forgotten_only_grows(house: House) -> None:
    shop = house.shop
    card = shop.join("Alice")
    with shop.services.sessions.begin() as session:
        erase.erase(session, card=card, wallets=shop.services.wallets, now=shop.clock())
    beside, file = backup_jobs.Beside(shop.services), house.folder / "backup" / "erased.json"
    beside.keep()
    file.write_text('["somebody-before"]')
    beside.keep()
    assert sorted(json.loads(file.read_text())) == sorted([card, "somebody-before"])
    file.unlink()
    beside.keep()
    assert json.loads(file.read_text()) == [card]


def test_somebody_without_a_name_is_forgotten_again_too(house: House) -> None:
    """Their card would be open again, and their phones would hear of it."""
    shop = house.shop
    card = shop.join()
    backup = house.backup()
    with shop.services.sessions.begin() as session:
        erase.erase(session, card=card, wallets=shop.services.wallets, now=shop.clock())
    backup_jobs.Beside(shop.services).keep()
    house.restore(backup)
    assert house.card(card).status == "left"


def test_a_list_of_the_forgotten_that_cannot_be_read_is_said_before_anything_is_restored(
    house: House,
) -> None:
    house.shop.join()
    backup = house.backup()
    (house.folder / "backup" / "erased.json").write_text("[")
    done = house.run("restore", str(backup.path), "--key", house.key_file, "--yes")
    assert done.exit_code == 1
    assert "list of the forgotten" in done.output


def test_purchases_of_the_gap_come_back_from_receipts_and_count_once(house: House) -> None:
    shop = house.shop
    card = shop.join()
    shop.earn(card, visits=1, receipt="r-1")
    backup = house.backup()
    shop.earn(card, visits=1, receipt="r-2")
    house.restore(backup)
    at = datetime.now(UTC).isoformat()  # commands have the time of the machine
    rows = [f"{card},{at},r-{n},,1" for n in (1, 2)] + [f"{card},{at},,,1", f"{card},yesterday,r-3,,1"]
    (house.folder / "gap.csv").write_text("\n".join(["card,at,receipt,total,visits", *rows, ""]))
    done = house.run("quarantine", "import", str(house.folder / "gap.csv"))
    assert "Booked: 1. Here already: 1. Bad lines: 2." in done.output
    assert "line 4: without its receipt" in done.output
    assert done.exit_code == 1
    again = house.run("quarantine", "import", str(house.folder / "gap.csv"))
    assert "Booked: 0. Here already: 2. Bad lines: 2." in again.output
    (house.folder / "odd.csv").write_bytes(b"card,at,receipt,total\n\xff\xfe,\x00,r-9,1\n")
    odd = house.run("quarantine", "import", str(house.folder / "odd.csv"))
    assert (odd.exit_code, odd.output.splitlines()[-1]) == (1, "Booked: 0. Here already: 0. Bad lines: 1.")
    house.run("quarantine", "open", "--yes")
    assert shop.stand(card).balance == 4
    assert findings(shop) == []


def test_a_backup_comes_back_on_a_machine_that_has_none(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not house.shop.services.sessions.sqlite:
        pytest.skip("a file of SQLite")
    house.shop.join()
    backup = house.backup()
    monkeypatch.setenv("WALLET_DATA_DIR", str(tmp_path / "new"))
    monkeypatch.setenv("WALLET_DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'wallet.db'}")
    assert house.run("audit", "verify").exit_code == 1  # whatever somebody tries first
    done = house.restore(backup)
    assert "kept" not in done.output
    assert "In quarantine since" in house.run("quarantine", "status").output


def test_a_drill_changes_nothing(house: House) -> None:
    shop = house.shop
    card = shop.join()
    backup = house.backup()
    shop.earn(card)
    told = house.run("restore", str(backup.path), "--check", "--key", house.key_file)
    assert told.output == "Looked through: 1 card, 1 entry.\nEverything adds up.\n"
    shop.earn(card)
    assert shop.stand(card).balance == 4


def test_a_restore_waits_until_nobody_is_in_there(house: House) -> None:
    shop = house.shop
    shop.join()
    backup = house.backup()
    if shop.services.sessions.sqlite:
        pytest.skip("locks of one process do not meet; real processes show it")
    with shop.services.sessions.read() as session:
        session.scalars(select(Card)).all()
        key = house.key_file
        done = CliRunner().invoke(wallet, ["restore", str(backup.path), "--key", key, "--yes"])
    assert done.exit_code == 1
    assert "Stop them first" in done.output


def test_a_backup_each_quarter_of_an_hour_whatever_worker_is_first(house: House) -> None:
    shop = house.shop
    shop.join()
    for _ in range(4):
        backup_jobs.quarterly(shop.services)
        shop.clock.forward(minutes=5)
    assert len(backups.backups(house.folder / "backup")) == 2


def test_a_backup_of_a_wrong_clock_neither_stops_the_next_nor_is_the_newest(house: House) -> None:
    """It would be the newest for years: no backup would be taken, and nobody would hear of it."""
    shop = house.shop
    shop.join()
    shop.clock.forward(days=4_000)
    backup_jobs.quarterly(shop.services)
    shop.clock.forward(days=-4_000)
    assert last_made(shop.services, shop.clock()) is None
    backup_jobs.quarterly(shop.services)
    assert len(backups.backups(house.folder / "backup")) == 2
    assert last_made(shop.services, shop.clock()) == shop.clock().replace(microsecond=0)


def test_a_clock_that_leapt_throws_no_backup_away(house: House) -> None:
    shop = house.shop
    ClockWatch(shop.services.sessions, shop.clock, lambda: 0.0).step()
    old = [
        house.folder / "backup" / backups.name(shop.clock() - n * DAY, "sqlite", sealed=True) for n in (2, 3)
    ]
    old[0].parent.mkdir()
    for path in old:
        path.touch()
    shop.clock.forward(days=60)
    back_up(shop.services, shop.clock(), check=False)
    assert all(path.exists() for path in old)


def test_a_backup_that_fails_is_an_alarm_until_one_goes_well(house: House) -> None:
    shop = house.shop
    folder = house.folder / "backup"
    folder.write_text("no folder")
    backup_jobs.quarterly(shop.services)
    with shop.services.sessions.read() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["backup"]
    folder.unlink()
    backup_jobs.quarterly(shop.services)
    with shop.services.sessions.read() as session:
        assert open_alarms(session) == []


def test_what_does_not_add_up_is_an_alarm_and_kept_all_the_same(house: House) -> None:
    shop = house.shop
    card = shop.join()
    with shop.services.sessions.begin() as session:
        session.get_one(Card, house.card(card).id).balance += 1
    backup_jobs.quarterly(shop.services)
    with shop.services.sessions.read() as session:
        assert "does not add up" in open_alarms(session)[0].detail
    assert len(backups.backups(house.folder / "backup")) == 1
