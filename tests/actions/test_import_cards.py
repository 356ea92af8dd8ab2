"""Members come over from a file: all of it or nothing, and twice is once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.actions.test_check_ledger import told
from tests.actions.test_export import hostile_names
from tests.shop import Shop, make_shop
from wallet_service.actions import export, import_cards
from wallet_service.db.tables import Card, LedgerEntry, Member, Outbox
from wallet_service.domain.csv_cells import safe
from wallet_service.domain.plain import one_line

HEADER = "reference,name,language,balance,number,joined_at\n"
FULL = "7,Анна,ru,5,,2024-05-31\n8,Bob,en,0,,\n"


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


def checked(shop: Shop, text: str | bytes) -> import_cards.Checked:
    """All slices of the file as one."""
    body = text.encode() if isinstance(text, str) else text
    lines = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", errors="surrogateescape", newline="")
    sessions = shop.services.sessions
    parts = list(import_cards.check(sessions, program=shop.program, lines=lines, now=shop.clock()))
    return import_cards.Checked(
        tuple(row for part in parts for row in part.new),
        sum(part.unchanged for part in parts),
        tuple(line for part in parts for line in part.bad),
    )


def bring(shop: Shop, text: str | bytes) -> import_cards.Checked:
    found = checked(shop, text)
    assert found.bad == ()
    services = shop.services
    with services.sessions.begin() as session:
        import_cards.import_rows(
            session,
            program=shop.program,
            rows=found.new,
            wallets=services.wallets,
            entropy=services.entropy,
            now=shop.clock(),
        )
    return found


def serial(shop: Shop, reference: str) -> str:
    with shop.services.sessions.read() as session:
        return session.scalars(
            select(Card.serial)
            .join(Member, Member.id == Card.member_id)
            .where(Member.reference == reference, Card.program.has(slug=shop.program))
        ).one()


def bad(shop: Shop, text: str | bytes) -> list[str]:
    return [str(line) for line in checked(shop, text).bad]


def test_a_balance_comes_over_as_an_entry_like_any_other(shop: Shop) -> None:
    bring(shop, HEADER + FULL)
    card = serial(shop, "7")
    assert shop.stand(card).balance == 5
    assert shop.face(card).history[0].text["ru"] == "Перенос: +5\u00a0штампов"
    shop.earn(card, visits=7)
    shop.redeem(card)
    with shop.services.sessions.read() as session:
        member, at = session.execute(
            select(Member, Card.created_at).join(Card, Card.member_id == Member.id).where(Card.serial == card)
        ).one()
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "import").limit(1)).one()
    assert (member.name, member.language, at.isoformat()) == ("Анна", "ru", "2024-05-30T21:00:00+00:00")
    assert (entry.actor, entry.till, entry.natural_key, entry.points) == ("service", "import", "7", 5)
    assert told(shop) == []


def test_a_second_time_changes_nothing_and_a_crash_half_way_is_finished(shop: Shop) -> None:
    bring(shop, HEADER + FULL)
    again = bring(shop, HEADER + FULL + "9,,,3,,\n")
    assert (again.unchanged, [row.reference for row in again.new]) == (2, ["9"])
    assert checked(shop, HEADER + FULL + "9,,,3,,\n").unchanged == 3
    assert shop.stand(serial(shop, "7")).balance == 5
    assert told(shop) == []


def test_another_balance_for_the_same_member_is_no_import(shop: Shop) -> None:
    bring(shop, HEADER + FULL)
    assert bad(shop, "reference;balance\n7;6\n") == [
        "line 2: 7 was imported with 5, not 6. An import is not changed: correct the balance at the till."
    ]


def test_columns_come_in_any_order_with_either_comma_and_a_mark_of_windows(shop: Shop) -> None:
    found = checked(shop, "\ufeffBalance; Reference \r\n12;A-1\r\n\r\n;A-2\r\n")
    assert [(row.line, row.reference, row.balance) for row in found.new] == [(2, "A-1", 12), (4, "A-2", 0)]
    assert found.bad == ()


OWN_NUMBER = "Leave `number` empty, and the card gets one of its own."
WRONG = {
    ",A,en,1,,": "The reference is empty.",
    "1,A,en,-5,,": "The balance `-5` is below 0. A card begins with 0 or more.",
    '2,A,en,"1,5",,': "The balance `1,5` is no whole number. Money counts in minor units.",
    "3,A,en,99999999999999999999,,": "The balance `99999999999999999999` is more than 1000000000.",
    "4,A,en,many,,": "The balance `many` is no number.",
    "5,A,de,1,,": "The program does not speak `de`; it speaks ru, en.",
    "6,A,en,1,,31.05.2024": "The time `31.05.2024` cannot be read. Write it as 2024-05-31.",
    "7,A,en,1,,2999-01-01": "Nobody joined at `2999-01-01`: that is in the future, or before 1970.",
    "8,A,en,1": "It has 4 cells, the first line has 6.",
    "9,A,en,1,1234,": f"A card number has 19 digits, this has 4. {OWN_NUMBER}",
    "first,A,en,1,,": "The reference first stands in line 2 already.",
    "x" * 65 + ",A,en,1,,": "The reference has 65 characters; 64 are the most.",
    "a\u200bb,A,en,1,,": "The reference holds characters that nobody can see or type.",
    "10," + "n" * 81 + ",en,1,,": "The name has 81 characters; 80 are the most.",
    "11,A,en,1,,0001-01-01": "The time `0001-01-01` cannot be read. Write it as 2024-05-31.",
}


def test_every_bad_line_is_told_with_its_number_and_its_reason(shop: Shop) -> None:
    told_of = bad(shop, HEADER + "first,A,en,1,,\n" + "\n".join(WRONG) + "\n")
    assert told_of == [f"line {number}: {reason}" for number, reason in enumerate(WRONG.values(), 3)]


def test_a_line_that_is_no_utf8_is_told_and_the_others_are_read(shop: Shop) -> None:
    found = checked(
        shop, HEADER.encode() + b"1,\xe0\xed\xed\xe0,ru,1,,\n" + b'2,"Two\nlines",en,-1,,\n3,,,,,\n'
    )
    assert list(map(str, found.bad)) == [
        "line 2: It is not UTF-8. Save the file as UTF-8 and try again.",
        "line 3: The balance `-1` is below 0. A card begins with 0 or more.",
    ]
    assert [row.line for row in found.new] == [5]


NO_REFERENCE = "There is no column `reference`: the shop's own name of each member, such as a number."


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (
            "name,balance",
            "There is no column `reference`: the shop's own name of each member, such as a number.",
        ),
        (
            "reference,bonus",
            "There is no column `bonus`. Leave it out; known are reference, name, language, ",
        ),
        ("reference,name,name", "The column name is there 2 times."),
        ("", NO_REFERENCE),
    ],
)
def test_columns_that_cannot_be_read_are_told(shop: Shop, header: str, reason: str) -> None:
    assert [line[: len(reason) + 8] for line in bad(shop, f"{header}\n")] == [f"line 1: {reason}"]


def test_junk_is_a_bad_line_and_never_a_crash(shop: Shop) -> None:
    for junk in (b"\x00" * 300, b'reference\n"never closed', b"reference\n" + b'"' * 999, b"\xff\xfe" * 50):
        assert checked(shop, junk).new == ()
    assert bad(shop, b"reference\n" + b"x" * 200_000 + b"\n7,8\n") == [
        "line 2: It is no CSV: field larger than field limit (131072).",
        "line 3: It has 2 cells, the first line has 1.",
    ]


def test_a_card_number_that_people_hold_already_can_be_kept(shop: Shop) -> None:
    bring(shop, HEADER + FULL)
    number = shop.stand(serial(shop, "7")).number
    shop.program = "second"
    shop.publish()
    other = "1000000000000000042"
    with_check = f"{other[:17]}{98 - int(other[:17]) * 100 % 97:02d}"
    bring(shop, f"reference,number\nnew,{with_check}\n")
    assert shop.stand(with_check).serial == serial(shop, "new")
    assert checked(shop, f"reference,number\nnew,{with_check}\n").unchanged == 1
    reason = "is that of another card, or thief has another number."
    assert bad(shop, f"reference,number\nthief,{number}\n") == [f"line 2: The number {number} {reason}"]


def test_S13_hostile_names_come_over_as_they_were(shop: Shop) -> None:
    names = [name for name in dict.fromkeys(map(one_line, hostile_names())) if name]
    for name in names[:150]:
        shop.join(name)
    with shop.services.sessions.read() as session:
        header, *rows = export.members(session)
    file = io.StringIO(newline="")
    pairs = [(number, row[header.index("name")]) for number, row in enumerate(rows)]
    csv.writer(file).writerows([("reference", "name"), *pairs])
    shop.program = "second"
    shop.publish()
    bring(shop, file.getvalue())
    with shop.services.sessions.read() as session:
        (_, *again) = export.members(session, "second")
    assert [row[1] for row in again] == [safe(name) for name in names[:150]]


def test_nobody_waits_for_the_wallets_of_cards_that_nobody_holds(shop: Shop) -> None:
    bring(shop, HEADER + FULL)
    with shop.services.sessions.read() as session:
        marks = session.execute(select(Outbox.priority, Outbox.notify, Outbox.wanted)).all()
    assert [tuple(mark) for mark in marks] == [(9, False, 2), (9, False, 2)]
