"""The page about the machine API: every call, field and no, in both languages and without a stranger."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from pydantic import TypeAdapter

from tests.api.till import Till, make_till, problem
from tests.services.serving import serving_app
from wallet_service.api import examples, told
from wallet_service.api.calls import CALLS
from wallet_service.api.kinds import TEXTS, kinds

PAGE = "/api/v1/docs"


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    with make_till(tmp_path_factory.mktemp("papers")) as opened:
        yield opened


@pytest.fixture
def reader(till: Till) -> Iterator[FlaskClient]:
    with till.app.test_client() as client:
        yield client


def read(reader: FlaskClient, language: str = "en") -> str:
    answer = reader.get(PAGE, headers={"Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return html.unescape(answer.get_data(as_text=True))


def test_every_call_is_told_with_a_line_to_try_its_fields_and_its_refusals(reader: FlaskClient) -> None:
    page = read(reader)
    for call in CALLS:
        chapter = page.partition(f'id="call-{call.name}"')[2].partition("</section>")[0]
        assert f"<code>/api/v1{call.path}</code>" in chapter
        assert "$API/" in chapter
        for name in call.body.model_fields if call.body else ():
            assert f"<code>{name}</code>" in chapter, (call.name, name)
        assert '<a href="#' in chapter


def test_every_kind_of_no_has_its_anchor_and_no_link_leads_nowhere(reader: FlaskClient) -> None:
    page = read(reader)
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert {kind.slug for kind in kinds()} <= set(anchors)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)


def test_no_words_are_kept_for_a_no_that_nobody_says() -> None:
    assert set(TEXTS) == {kind.slug for kind in kinds()}


def test_what_the_service_refuses_leads_to_its_chapter(till: Till, reader: FlaskClient) -> None:
    page, card = read(reader), till.join()
    for refused in (
        till.get("/cards/1"),
        till.get("/nothing"),
        till.get("/cards/1", Authorization=""),
        till.post(f"/cards/{card}/redemptions", {"reward": "coffee"}),
    ):
        assert f'id="{problem(refused)[1]}"' in page


def test_it_speaks_russian_too(reader: FlaskClient) -> None:
    page = read(reader, "ru")
    assert "Программный интерфейс" in page
    assert "Записать покупку" in page
    assert "Authorization: Bearer <ключ>" in page
    assert "Book a purchase" not in page


def test_it_asks_nobody_else_and_runs_nothing(reader: FlaskClient) -> None:
    page = read(reader)
    assert "<script" not in page
    assert "style=" not in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page) == []
    style = reader.get("/api/v1/docs.css")
    assert (style.status_code, style.mimetype) == (200, "text/css")
    assert "url(" not in style.get_data(as_text=True)


def test_it_is_sent_again_only_when_it_changed(reader: FlaskClient) -> None:
    for path in (PAGE, "/api/v1/docs.css"):
        tag = reader.get(path).headers["ETag"]
        assert reader.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_no_browser_looks_for_a_picture_that_is_not_there(reader: FlaskClient) -> None:
    assert '<link rel="icon" href="data:,">' in read(reader)


def test_the_answers_that_it_shows_are_of_the_form_that_is_promised() -> None:
    for kind, shown in {**examples.OF, told.Problem: examples.PROBLEM}.items():
        assert TypeAdapter(kind).validate_python(shown) == shown
    assert set(examples.OF) == {call.answer for call in CALLS}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    till: Till, browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    with serving_app(till.app) as address, browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{address}{PAGE}?lang=ru")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("drops", "said"), [("7", "one answer in 7 to a write"), ("0", None)])
def test_the_page_says_how_many_answers_are_lost_here(tmp_path: Path, drops: str, said: str | None) -> None:
    with make_till(tmp_path, WALLET_API_DROPS=drops) as till, till.app.test_client() as client:
        page = read(client)
    assert said in page if said else "sandbox" not in page
