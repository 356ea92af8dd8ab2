"""A technician checks the ledger, takes it out, brings members in, and forgets one."""

from __future__ import annotations

import csv
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from tests.shop import Shop, environment, make_shop
from wallet_service.actions import import_cards
from wallet_service.cli import ledger_jobs
from wallet_service.cli.commands import wallet
from wallet_service.db.tables import Card, LedgerDay, LedgerEntry, Member
from wallet_service.push.alarms import open_alarms


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return make_shop(tmp_path)


def run(*words: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(wallet, words, input=answer)


def break_balance(shop: Shop, by: int) -> None:
    with shop.services.sessions.begin() as session:
        session.execute(text("UPDATE card SET balance = balance + :by"), {"by": by})


def test_a_ledger_that_adds_up_says_so(shop: Shop) -> None:
    shop.earn(shop.join())
    told = run("check-ledger")
    assert (told.exit_code, told.stdout) == (0, "2 entries looked at. Everything adds up.\n")
    assert told.stderr == "Checking: 2 of 2 entries\n"


def test_what_is_wrong_is_said_with_its_place_and_the_exit_code(shop: Shop) -> None:
    card = shop.join()
    break_balance(shop, 3)
    told = run("check-ledger", "--program", "coffee")
    assert told.exit_code == 1
    assert f"card {card}: balance is 5, its entries make 2 (card)\n" in told.stdout
    assert told.stderr.endswith("Error: 1 entries looked at, 2 findings; see docs/ledger.md.\n")
    assert run("check-ledger", "--program", "tea").stderr.startswith("Error: There is no such program.")


def test_on_a_terminal_there_is_a_bar(shop: Shop, tmp_path: Path) -> None:
    shop.join()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet", "check-ledger"]
    env = {**os.environ, "TERM": "xterm"}
    told = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=theirs, check=True, text=True)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert told.stdout == "1 entries looked at. Everything adds up.\n"
    assert "Checking" in shown
    assert "100%" in shown


def test_the_night_raises_an_alarm_and_a_good_night_clears_it(shop: Shop) -> None:
    card = shop.join()
    break_balance(shop, 1)
    ledger_jobs.check(shop.services)
    with shop.services.sessions.read() as session:
        (alarm,) = open_alarms(session)
    assert (alarm.kind, alarm.subject) == ("ledger", "check-ledger")
    assert f"2 findings, the first: card {card}: balance is 3, its entries make 2 (card)." in alarm.detail
    break_balance(shop, -1)
    ledger_jobs.check(shop.services)
    with shop.services.sessions.read() as session:
        assert open_alarms(session) == []


def test_the_worker_books_what_burnt_and_closes_the_days(shop: Shop) -> None:
    shop.publish(expiry={"kind": "rolling", "months": 1})
    cards = [shop.join() for _ in range(3)]
    shop.clock.forward(days=40)
    ledger_jobs.sweep_ledger(shop.services)
    shop.clock.forward(days=1)
    ledger_jobs.close_finished_days(shop.services)
    assert [shop.stand(card).account.card.balance for card in cards] == [0, 0, 0]
    with shop.services.sessions.read() as session:
        days = session.execute(select(LedgerDay.day, LedgerDay.entries).order_by(LedgerDay.day)).all()
    assert [tuple(day) for day in days] == [("2026-11-02", 3), ("2026-12-12", 3)]


def test_a_card_that_cannot_be_settled_keeps_nobody_else_waiting(shop: Shop) -> None:
    shop.publish(expiry={"kind": "rolling", "months": 1})
    first, *others = [shop.join() for _ in range(3)]
    with shop.services.sessions.begin() as session:
        session.execute(text("UPDATE card SET head = 'wrong' WHERE serial = :first"), {"first": first})
    shop.clock.forward(days=40)
    ledger_jobs.sweep_ledger(shop.services)
    assert [shop.stand(card).account.card.balance for card in (first, *others)] == [2, 0, 0]
    with shop.services.sessions.read() as session:
        (alarm,) = open_alarms(session)
    assert alarm.detail.startswith(f"1 card cannot be settled, the first: {first};")
    repair(shop, first)
    ledger_jobs.sweep_ledger(shop.services)
    assert shop.stand(first).account.card.balance == 0
    with shop.services.sessions.read() as session:
        assert open_alarms(session) == []


def repair(shop: Shop, card: str) -> None:
    with shop.services.sessions.begin() as session:
        hash_of_it = "(SELECT hash FROM ledger_entry WHERE card_id = card.id)"
        session.execute(text(f"UPDATE card SET head = {hash_of_it} WHERE serial = :card"), {"card": card})


def test_the_journal_goes_to_standard_output_or_into_a_file(shop: Shop, tmp_path: Path) -> None:
    shop.join("Аня")
    plain = run("export", "journal")
    assert plain.stdout_bytes.count(b"\r\n") == 2
    assert plain.stdout.startswith("card,seq,kind,points,")
    file = tmp_path / "members.csv"
    told = run("export", "members", "--program", "coffee", "--out", str(file))
    assert (told.stdout, told.stderr) == ("", f"{file} is written.\n")
    header, row = csv.reader(io.StringIO(file.read_text(encoding="utf-8")))
    assert (header[1], row[1]) == ("name", "Аня")
    unknown = run("export", "members", "--program", "tea", "--out", str(tmp_path / "tea.csv"))
    assert (unknown.exit_code, (tmp_path / "tea.csv").exists()) == (1, False)
    nowhere = run("export", "members", "--out", str(tmp_path / "no" / "such.csv"))
    reason = "cannot be written: No such file or directory."
    assert nowhere.stderr == f"Error: {tmp_path / 'no' / 'such.csv'} {reason}\n"


def test_imported_members_can_be_sent_their_cards(shop: Shop) -> None:
    card = shop.join()
    header, row = csv.reader(io.StringIO(run("export", "members", "--links").stdout))
    assert (header[-1], row[-1]) == ("page", shop.services.links.page(card))


def members(shop: Shop) -> int:
    with shop.services.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Member)) or 0


def test_a_dry_run_lists_every_bad_line_and_imports_nothing(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text("reference,balance\n1,5\n2,-1\n,5\n1,5\n")
    for words in (("--dry-run",), ()):
        told = run("import", "coffee", str(file), *words)
        assert told.exit_code == 1
        assert told.stdout == (
            "line 3: The balance `-1` is below 0. A card begins with 0 or more.\n"
            "line 4: The reference is empty.\n"
            "line 5: The reference 1 stands in line 2 already.\n"
        )
        assert told.stderr == "Error: 3 lines are bad. Nothing was imported.\n"
    assert members(shop) == 0


def test_an_import_into_a_program_that_is_not_there_is_told_which_are(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text("reference,balance\n1,5\n")
    told = run("import", "cofee", str(file))
    assert told.stderr == "Error: There is no program cofee. There are: coffee. Nothing was imported.\n"
    told = run("import", "coffee", str(file), "--dry-run")
    assert told.stdout == "1 member would be imported, 0 are here already. Nothing was changed.\n"
    assert run("import", "coffee", str(file)).stdout == "1 member is imported, 0 were here already.\n"


def test_an_import_goes_in_slices_and_a_second_one_finishes_it(shop: Shop, tmp_path: Path) -> None:
    file, many = tmp_path / "members.csv", import_cards.SLICE + 5
    lines = [f"m{number};{number};Name {number}" for number in range(many)]
    file.write_text("\n".join(["reference;balance;name", *lines[:10]]))
    told = run("import", "coffee", str(file), "--dry-run")
    assert told.stdout == "10 members would be imported, 0 are here already. Nothing was changed.\n"
    assert members(shop) == 0
    assert run("import", "coffee", str(file)).stdout == "10 members are imported, 0 were here already.\n"
    file.write_text("\n".join(["reference;balance;name", *lines]))
    told = run("import", "coffee", str(file))
    assert told.stdout == f"{many - 10} members are imported, 10 were here already.\n"
    assert told.stderr.splitlines()[-1] == f"Importing: {many - 10} of {many - 10} members"
    assert members(shop) == many
    assert run("check-ledger").exit_code == 0
    with shop.services.sessions.read() as session:
        assert session.scalar(select(func.sum(LedgerEntry.points))) == sum(range(many))


def test_an_import_that_was_killed_half_way_is_finished_by_running_it_again(
    shop: Shop, tmp_path: Path
) -> None:
    file, many = tmp_path / "members.csv", 4 * import_cards.SLICE
    file.write_text("reference,balance\n" + "".join(f"m{number},2\n" for number in range(many)))
    command = [sys.executable, "-m", "flask", "--app", "wallet_service", "wallet", "import", "coffee"]
    env = {**os.environ}
    with subprocess.Popen([*command, str(file)], env=env, stderr=subprocess.DEVNULL) as process:
        while not members(shop):
            assert process.poll() is None
        process.kill()
    there = members(shop)
    assert 0 < there < many
    assert there % import_cards.SLICE == 0
    told = run("import", "coffee", str(file))
    assert told.stdout == f"{many - there} members are imported, {there} were here already.\n"
    assert (members(shop), run("check-ledger").exit_code) == (many, 0)


def test_whoever_is_to_be_forgotten_is_asked_about_first(shop: Shop) -> None:
    card = shop.join("Alice")
    number = shop.stand(card).number
    asked = run("erase", number, answer="n\n")
    assert (asked.exit_code, members_named(shop)) == (1, ["Alice"])
    told = run("erase", number, "--yes")
    assert told.exit_code == 0
    assert f"Closed: {card}." in told.stdout
    assert "Ledger entries that stay under the serial number: 1." in told.stdout
    assert members_named(shop) == [None]
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Card.status)).all() == ["left"]


def members_named(shop: Shop) -> list[str | None]:
    with shop.services.sessions.read() as session:
        return list(session.scalars(select(Member.name)))
