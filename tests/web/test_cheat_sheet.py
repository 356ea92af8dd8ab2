"""One page beside the till, for each program and language."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from tests.web.site import Site

PROGRAMS = ("coffee-stamps", "tiers", "cashback", "growing-discount", "points-shop", "subscription")


def sheet(site: Site, program: str, language: str) -> PdfReader:
    answer = site.cashier(name="Olga").client.get(
        f"/office/programs/{program}/cheat-sheet.pdf?lang={language}"
    )
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "Set-Cookie" not in answer.headers, "the manager's own language stays"
    return PdfReader(io.BytesIO(answer.data))


def words(reader: PdfReader) -> str:
    return re.sub(r"\s+", " ", reader.pages[0].extract_text())


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(("language", "till"), [("en", "At the till"), ("ru", "На кассе")])
def test_every_program_fits_on_one_page(site: Site, program: str, language: str, till: str) -> None:
    site.run(program)
    reader = sheet(site, program, language)
    assert len(reader.pages) == 1
    assert till in words(reader)


def test_it_says_how_the_program_earns_the_keys_and_every_no(site: Site) -> None:
    told = words(sheet(site, "coffee", "en"))
    for said in (
        "1 stamp for each visit from ₽200",
        "F2",
        "F3",
        "F4",
        "F8",
        "Type the last 4 digits",
        "This card is closed",
        "This is your own card",
        "Without a network",
    ):
        assert said in told, said


def test_it_is_linked_from_the_program(site: Site) -> None:
    person = site.cashier("ru", name="Olga").get("/office")
    assert person.answer is not None
    assert "/office/programs/coffee/cheat-sheet.pdf?lang=ru" in person.answer.text


def test_the_same_sheet_is_the_same_file(site: Site) -> None:
    person = site.cashier(name="Olga").client
    first, second = (person.get("/office/programs/coffee/cheat-sheet.pdf").data for _ in range(2))
    assert first == second


def test_a_name_without_end_stays_on_its_page(site: Site) -> None:
    site.run("tiers", organization="Harbour Kitchen & Bakery " * 2)
    assert len(sheet(site, "tiers", "en").pages) == 1


def test_there_is_none_for_a_program_that_nobody_knows(site: Site) -> None:
    answer = site.cashier(name="Olga").client.get("/office/programs/nothing/cheat-sheet.pdf")
    assert answer.status_code == 404
