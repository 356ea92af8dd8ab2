"""Somebody stands in front of the poster."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from tests.services import postgres
from tests.web.site import Site, make_site, open_up
from wallet_service.actions.join import join
from wallet_service.db.tables import Card, LedgerEntry, Member
from wallet_service.web.join.one_card import serial_of_press

LARGEST = 14 * 1024
OUTSIDE = re.compile(
    r"""<(?:script|img|iframe)|<link(?! rel="icon" href="data:,">)|url\(|@import|(?:src|href)="https?:"""
)


@pytest.mark.parametrize(
    ("language", "promise"), [("en", "2 of 12 are already yours"), ("ru", "2 из 12 уже ваши")]
)
def test_the_page_shows_the_card_with_its_first_steps_within_14_kilobytes(
    site: Site, language: str, promise: str
) -> None:
    visitor = site.visitor(language).get("/join/coffee")
    assert visitor.answer is not None
    assert promise in visitor.text
    assert len(visitor.answer.data) + len(str(visitor.answer.headers)) <= LARGEST


def test_the_page_needs_nothing_from_anywhere(site: Site) -> None:
    visitor = site.visitor().get("/join/coffee")
    assert visitor.answer is not None
    assert OUTSIDE.findall(visitor.answer.text) == []


def test_looking_creates_nothing(site: Site) -> None:
    visitor = site.visitor()
    for _ in range(5):
        visitor.get("/join/coffee")
        visitor.client.head("/join/coffee")
    assert site.count(Card) == 0
    assert site.count(Member) == 0


def test_one_button_makes_the_card_and_leads_to_its_page(site: Site) -> None:
    visitor = site.visitor().get("/join/coffee?s=window")
    where, hidden = visitor.form("")
    answer = visitor.client.post("/join/coffee?s=window", data=hidden)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://localhost:8000/card/")
    assert where == "/join/coffee"
    with site.shop.services.sessions.read() as session:
        member = session.scalars(select(Member)).one()
        assert (member.source, member.language, member.name) == ("window", "en", None)


def test_a_second_scan_offers_the_same_card_again(site: Site) -> None:
    visitor = site.visitor().get("/join/coffee").press("")
    page = visitor.path
    visitor.get("/join/coffee")
    assert "You already have a card" in visitor.text
    assert visitor.answer is not None
    assert f'href="http://localhost:8000{page}"' in visitor.answer.text


def test_a_device_gets_one_card_however_often_it_asks(site: Site) -> None:
    visitor = site.visitor().get("/join/coffee")
    _, hidden = visitor.form("")
    for _ in range(3):
        assert visitor.client.post("/join/coffee", data=hidden).status_code == 303
    assert site.count(Card) == 1


def test_a_double_press_before_the_first_answer_is_one_card(site: Site) -> None:
    visitor = site.visitor().get("/join/coffee")
    _, hidden = visitor.form("")
    for _ in range(2):
        visitor.client.delete_cookie("card-coffee")
        visitor.client.post("/join/coffee", data=hidden)
    assert site.count(Card) == 1
    assert site.count(LedgerEntry) == 1


def test_a_double_press_that_meets_the_first_in_the_database_leads_to_its_card(
    certs: Path, tmp_path: Path, postgres_url: str
) -> None:
    with postgres.database(postgres_url) as address:
        site = make_site(tmp_path, WALLET_CERTS_DIR=str(certs), WALLET_DATABASE_URL=address)
        open_up(site)
        services, visitor = site.shop.services, site.visitor().get("/join/coffee")
        where, hidden = visitor.form("")
        entropy, serial = serial_of_press(services, "coffee", hidden["key"])
        press: dict[str, Any] = {
            "program": "coffee",
            "wallets": ("apple",),
            "entropy": entropy,
            "now": site.clock(),
        }
        with ThreadPoolExecutor(1) as second:
            with services.sessions.begin() as session:
                join(session, **press)
                pressing = second.submit(visitor.client.post, where, data=hidden)
                with pytest.raises(TimeoutError):
                    pressing.result(0.3)
            assert pressing.result(5).location == services.links.page(serial)
        assert site.count(Card) == 1
        services.sessions.close()


@pytest.mark.parametrize("forged", ["", "x", "AAAAAAAAAAAAAAAAAAAAAA.forged", "é" * 300])
def test_a_forged_cookie_opens_nothing(site: Site, forged: str) -> None:
    visitor = site.visitor()
    visitor.client.set_cookie("card-coffee", forged)
    assert "Get my card" in visitor.get("/join/coffee").text


def test_who_gave_the_card_back_may_take_a_new_one(site: Site) -> None:
    visitor = site.visitor().get("/join/coffee").press("")
    serial = site.shop.services.links.serial(visitor.path.removeprefix("/card/"))
    site.shop.leave(serial)
    visitor.get("/join/coffee").press("")
    assert site.count(Card) == 2


@pytest.mark.parametrize("key", ["", "short", "k" * 65])
def test_a_form_without_its_key_is_refused(site: Site, key: str) -> None:
    visitor = site.visitor().get("/join/coffee").press("", key=key)
    assert visitor.status == 400
    assert site.count(Card) == 0


def test_S5_a_network_takes_twenty_cards_a_minute_and_others_go_on(site: Site) -> None:
    answers = [site.visitor(address="203.0.113.7").get("/join/coffee").press("").status for _ in range(22)]
    assert answers == [200] * 20 + [429] * 2
    assert site.visitor(address="198.51.100.7").get("/join/coffee").press("").status == 200


@pytest.mark.parametrize(
    ("language", "said"), [("en", "No such card program"), ("ru", "Такой программы нет")]
)
@pytest.mark.parametrize("slug", ["tea", "%00", "%F0%9F%92%A9", "x" * 3000])
def test_an_unknown_program_is_said_so(site: Site, slug: str, language: str, said: str) -> None:
    visitor = site.visitor(language).get(f"/join/{slug}")
    assert visitor.status == 404
    assert said in visitor.text


def test_the_address_may_choose_the_language_and_it_is_remembered(site: Site) -> None:
    visitor = site.visitor("en").get("/join/coffee?lang=ru")
    assert "Получить карту" in visitor.text
    assert "Получить карту" in visitor.get("/join/coffee").text
    assert "Получить карту" in visitor.get("/join/coffee?lang=xx").text


def test_the_program_decides_which_languages_there_are(site: Site) -> None:
    site.shop.publish(languages=["ru"])
    visitor = site.visitor("en").get("/join/coffee?lang=en")
    assert "2 из 12 уже ваши" in visitor.text
    assert "English" not in visitor.text


def test_the_poster_is_there_as_page_picture_and_print(site: Site) -> None:
    visitor = site.visitor()
    assert "Download PDF" in visitor.get("/join/coffee/poster").text
    picture = visitor.client.get("/join/coffee/poster.png")
    assert Image.open(io.BytesIO(picture.data)).format == "PNG"
    sheet = visitor.client.get("/join/coffee/poster.pdf?download=1")
    assert len(PdfReader(io.BytesIO(sheet.data)).pages) == 1
    assert "attachment" in sheet.headers["Content-Disposition"]
    assert visitor.client.get("/join/coffee/poster.exe").status_code == 404


def test_the_cookie_is_for_https_alone_where_there_is_https(open_site: Callable[..., Site]) -> None:
    site = open_site(WALLET_PUBLIC_URL="https://cards.example.com")
    client = site.app.test_client()
    page = client.get("/join/coffee", base_url="https://cards.example.com")
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    answer = client.post("/join/coffee", data=fields, base_url="https://cards.example.com")
    assert answer.status_code == 303
    for cookie in (*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")):
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
