"""What leaves the house as a file: the journal, the members, and a member's own history."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.shop import Shop, make_shop
from wallet_service.actions import export, history_export
from wallet_service.actions.close_day import close_days
from wallet_service.domain.csv_cells import Cell, plain, safe
from wallet_service.domain.errors import UnknownProgram
from wallet_service.domain.plain import one_line

VERIFY = Path(__file__).parents[2] / "docs/verify_history.py"
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "=1+1", "-3", "cmd|' /C calc'!A0")
HARMLESS = ("\n", "'", "''", '"', ",", ";", "1", "Аня", "李", "é", ".5", " ", "")
PIECES = (*FORMULAS, *HARMLESS)


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


def hostile_names(count: int = 500) -> list[str]:
    chance = Random(13)
    return ["".join(chance.choices(PIECES, k=chance.randint(1, 6))) for _ in range(count)]


def written(rows: Iterable[tuple[Cell, ...]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_S13_no_cell_begins_with_what_a_spreadsheet_computes_and_all_come_back() -> None:
    names = hostile_names()
    cells = [row[0] for row in read(written((safe(name), "end") for name in names))]
    assert [cell for cell in cells if cell and cell[0] in "=+-@\t\r"] == []
    assert [plain(cell) for cell in cells] == names
    assert sum(name[:1] in tuple("=+-@\t\r") for name in names) > 100


def test_numbers_stay_numbers() -> None:
    assert [safe(-5), safe("-5"), safe(None), safe("'s Gravenhage")] == [-5, "'-5", None, "'s Gravenhage"]


def test_the_journal_has_a_row_for_each_entry(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, total=50000, receipt="=7")
    shop.refund(card, "=7")
    with shop.services.sessions.read() as session:
        header, *rows = read(written(export.journal(session)))
    named = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["seq"], row["kind"], row["points"], row["total"]) for row in named] == [
        ("1", "grant", "2", ""),
        ("2", "earn", "1", "50000"),
        ("3", "refund", "-1", "-50000"),
    ]
    second = named[1]
    assert (second["card"], second["currency"], second["receipt"]) == (card, "RUB", "'=7")
    assert (second["actor"], second["store"], second["till"], second["program"]) == (
        "staff:1",
        "1",
        "1",
        "coffee@1",
    )
    assert second["recorded_at"] == "2026-11-02T08:00:00.000000Z"
    assert len(second["hash"]) == 64


def test_members_are_told_by_program(shop: Shop) -> None:
    alice = shop.join("=Alice")
    shop.program = "second"
    shop.publish()
    shop.join("Bob", "ru")
    with shop.services.sessions.read() as session:
        header, *rows = read(written(export.members(session, "coffee")))
        assert len(list(export.members(session))) == 3
        with pytest.raises(UnknownProgram):
            list(export.members(session, "third"))
    assert [row[header.index("name")] for row in rows] == ["'=Alice"]
    assert [row[header.index("serial")] for row in rows] == [alice]


def test_hostile_names_of_members_come_out_as_they_are_kept(shop: Shop) -> None:
    names = hostile_names(100)
    for name in names:
        shop.join(name)
    with shop.services.sessions.read() as session:
        header, *rows = read(written(export.members(session)))
    assert [plain(row[header.index("name")]) for row in rows] == [one_line(name) for name in names]


def history(shop: Shop) -> dict[str, Any]:
    card = shop.join()
    for visit in range(6):
        shop.earn(card, total=50000, receipt=f"r{visit}")
    shop.refund(card, "r3", 20000)
    shop.clock.forward(days=1)
    close_days(shop.services.sessions, shop.clock())
    with shop.services.sessions.read() as session:
        return history_export.history(session, card=card, now=shop.clock())


def verified(folder: Path, *files: Any) -> tuple[int, str]:
    names = [folder / f"{number}.json" for number in range(len(files))]
    for name, content in zip(names, files, strict=True):
        name.write_text(json.dumps(content), encoding="utf-8")
    command = [sys.executable, "-I", str(VERIFY), *map(str, names)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return told.returncode, (told.stdout + told.stderr).strip()


def test_a_member_verifies_their_own_history_without_us(shop: Shop, tmp_path: Path) -> None:
    told = history(shop)
    assert [entry["line"]["seq"] for entry in told["entries"]] == list(range(1, 9))
    assert told["entries"][0]["why"] == {"ru": "Подарок за знакомство.", "en": "A welcome gift."}
    assert (told["day"]["day"], told["day"]["entries"]) == ("2026-11-02", 8)
    good = f"All 8 lines follow from each other: balance {told['balance']}, last hash {told['head']}."
    assert verified(tmp_path, told) == (0, good)
    earlier = told | {"entries": told["entries"][:5]}
    assert verified(tmp_path, told, earlier) == (0, good)


def test_whoever_changes_the_file_is_found_out(shop: Shop, tmp_path: Path) -> None:
    told = history(shop)
    lines = told["entries"]
    changed = [{**lines[3], "line": lines[3]["line"] | {"note": "me"}}]
    files = {
        "a changed line": lines[:3] + changed + lines[4:],
        "a lost line": lines[:3] + lines[4:],
        "two lines that changed places": lines[:3] + lines[4:5] + lines[3:4] + lines[5:],
    }
    for entries in files.values():
        broken = "Line 4 was changed, or a line before it was taken out or put in."
        assert verified(tmp_path, told | {"entries": entries}) == (1, broken)
    cut = told | {"entries": lines[:5]}
    assert verified(tmp_path, cut) == (1, "Lines are missing after line 5.")


def test_a_history_that_was_written_anew_is_not_that_of_an_earlier_download(
    shop: Shop, tmp_path: Path
) -> None:
    told = history(shop)
    earlier = told | {"entries": [{**told["entries"][0], "hash": "0" * 64}]}
    assert verified(tmp_path, told, earlier) == (1, "A line is not what it was in the earlier file.")
