"""What exactly went wrong, as pages say it in the language of their reader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select, update

import wallet_service
from tests.house.tree import modules
from tests.web.site import Site
from wallet_service.actions.strange_codes import ALARMING, strange_code
from wallet_service.db.tables import Alarm, Till
from wallet_service.domain.detail import Detail, facts_of, with_facts
from wallet_service.google.wallet import NOT_LET_IN
from wallet_service.push.alarms import open_alarms, raise_alarm
from wallet_service.web.office.detail_sentences import COUNTED, SENTENCES
from wallet_service.web.office.detail_texts import exactly

ROOT = Path(wallet_service.__file__).parent
RUSSIAN = ROOT / "web" / "translations" / "ru" / "LC_MESSAGES" / "messages.po"
HOLE = re.compile(r"%\((\w+)\)s")
APNS = Detail("APNs refuses our certificate or topic: BadTopic.", "apns/certificate", reason="BadTopic")
DETAILS = [
    (
        Detail("", "clock-off/behind", host="till-1", minutes=7, hosts=("a.example", "b.example")),
        "The clock of till-1 is behind, say a.example and b.example. Difference: 7 minutes.",
        "Часы машины till-1 отстают: так показывают a.example и b.example. Разница: 7 минут.",
    ),
    (
        Detail("", "clock/ahead", minutes=21),
        "It is ahead, as other servers say. Difference: 21 minutes.",
        "Спешат: так показывают другие серверы. Разница: 21 минута.",
    ),
    (
        Detail("", "push/waits", minutes=300),
        "Time that the oldest change has waited: 5 hours.",
        "Время ожидания самого старого изменения: 5 часов.",
    ),
    (
        Detail("", "codes/strange", count=21, name="Bar"),
        "Bar: 21 unknown card numbers within ten minutes.",
        "Bar: 21 неизвестный номер карты за десять минут.",
    ),
    (
        Detail("", "codes/strange", count=8, name="Bar"),
        "Bar: 8 unknown card numbers within ten minutes.",
        "Bar: 8 неизвестных номеров карт за десять минут.",
    ),
    (
        Detail("", "ledger/findings", findings=2, kind="lot"),
        "2 findings, the first of the kind lot.",
        "2 расхождения, первое – вида lot.",
    ),
    (
        Detail("", "points/many", points=12_000, usual=90),
        "Points given today: 12,000. Usual on such a weekday: 90.",
        "Баллов начислено сегодня: 12 000. Обычно в такой день недели: 90.",
    ),
    (
        Detail("", "backup/old", newest=datetime(2026, 11, 22, 22, 30, tzinfo=UTC)),
        "The newest backup is of Nov 23, 2026, 1:30:00 AM.",
        "Последняя резервная копия: 23 нояб. 2026 г., 01:30:00.",
    ),
    (
        Detail("", "apns/stopped", why=APNS),
        "APNs refuses our certificate or topic: BadTopic. flask wallet certs status",
        "APNs не принимает наш сертификат или тему: BadTopic. Чем подписаны уведомления",
    ),
    (
        Detail("", "disk/full", host="h", folder="/50%s %(x)s", percent=4),
        "Free on the disk under /50%s %(x)s of h: 4%.",
        "На диске под /50%s %(x)s машины h свободно: 4 %.",
    ),
]


def cases() -> Iterator[str]:
    """Every case that some room names; in one that is put together a hole stands for its end."""
    for _, module in modules("wallet_service"):
        for node in ast.walk(module):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                yield from _case(node)


def _case(node: ast.Constant | ast.JoinedStr) -> Iterator[str]:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    said = "".join(str(part.value) if isinstance(part, ast.Constant) else ".*" for part in parts)
    if re.fullmatch(r"[a-z-]+/([a-z-]+|\.\*)", said) and said.split("/")[0] in FAMILIES:
        yield said


FAMILIES = {case.split("/")[0] for case in [*SENTENCES, *COUNTED]}


def spaced(said: str) -> str:
    """As people read it: `flask ...` is a command, and a space is a space."""
    return re.sub(r"\s", " ", said.replace("`", ""))


@pytest.mark.parametrize(("detail", "english", "russian"), DETAILS)
def test_each_reader_is_told_in_their_language_what_exactly_is_wrong(
    standing_site: Site, detail: Detail, english: str, russian: str
) -> None:
    for language, wanted in (("en", english), ("ru", russian)):
        with standing_site.app.test_request_context(f"/?lang={language}"):
            said = exactly(with_facts("", facts_of(detail)), "Europe/Moscow")
        assert spaced(said.text).startswith(wanted)
        assert not said.english


def test_the_office_has_a_sentence_for_every_case_that_a_room_names() -> None:
    known = {*SENTENCES, *COUNTED}
    used = set(cases())
    assert not [case for case in used if not any(re.fullmatch(case, one) for one in known)]


def test_every_sentence_is_there_in_russian_with_the_same_values() -> None:
    with RUSSIAN.open("rb") as file:
        catalogue = read_po(file, locale="ru")
    for case, sentence in SENTENCES.items():
        english = str(sentence._args[0])
        russian = catalogue[english].string
        assert russian, case
        assert sorted(HOLE.findall(str(russian))) == sorted(HOLE.findall(english)), case


def test_reasons_beside_a_mark_are_told_too(standing_site: Site) -> None:
    with standing_site.app.test_request_context("/?lang=ru"):
        assert exactly(NOT_LET_IN, "UTC").text == "Google нас не пускает."


def test_what_nobody_took_apart_stays_in_the_words_of_the_log(standing_site: Site) -> None:
    with standing_site.app.test_request_context("/?lang=ru"):
        for odd in (
            "The disk said no: 100%.",
            Detail("Of a newer release.", "clock/sideways", minutes=3),
            Detail("Of an older release.", "points/many", points=3),
            Detail("Counted otherwise.", "codes/strange", count="many"),
        ):
            said = exactly(odd, "UTC")
            assert (said.text, said.english) == (str(odd), True)


def test_an_alarm_speaks_the_language_of_the_page_and_one_of_before_stays_english(site: Site) -> None:
    now = site.clock()
    with site.shop.services.sessions.begin() as session:
        raise_alarm(
            session,
            "strange-codes",
            "till:1",
            Detail("In English.", "codes/strange", count=9, name="Bar"),
            now,
        )
        raise_alarm(session, "backup", "backup", Detail("The disk said no.", "backup/none"), now)
        session.flush()
        session.execute(update(Alarm).where(Alarm.kind == "backup").values(facts=None))
    page = site.cashier("ru", name="Olga").get("/office/status").text
    assert "Подробности Bar: 9 неизвестных номеров карт за десять минут." in page
    assert "Подробности The disk said no." in page
    assert "In English." not in page


def test_whoever_guesses_card_numbers_is_named_as_the_office_names_the_till(site: Site) -> None:
    manager = site.cashier("ru", name="Olga")
    with site.shop.services.sessions.begin() as session:
        till = session.scalars(select(Till)).one()
        till.name = "Bar"
    for _ in range(ALARMING):
        strange_code(site.shop.services.sessions, place=f"till:{till.id}", now=site.clock())
        site.clock.forward(seconds=32)
    assert "Bar: 8 неизвестных номеров карт за десять минут." in manager.get("/office/status").text


def test_an_alarm_that_comes_back_without_its_values_forgets_those_of_before(site: Site) -> None:
    now = site.clock()
    with site.shop.services.sessions.begin() as session:
        raise_alarm(session, "clock", "clock", Detail("Set back.", "clock/set-back", minutes=9), now)
        raise_alarm(session, "clock", "clock", "Something else.", now)
    with site.shop.services.sessions.read() as session:
        [alarm] = open_alarms(session)
        assert (alarm.told, alarm.facts) == ("Something else.", None)
