"""The page in a browser: it draws the bundle, moves by itself, and lets nothing in a bundle become markup."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.simulators.bundle_maker import PASS_TYPE, PassMaker, coffee_pass, make_papers
from tests.simulators.web_service import PKPASS, Service


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[str]:
    root = make_papers().write_root(tmp_path)
    options = [
        "--port",
        "0",
        "--root-ca",
        str(root),
        "--allow-http",
        "--join-url",
        "http://127.0.0.1:1/join/x",
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "simulators.iphone", *options], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def add(wallet: str, data: bytes) -> None:
    url, headers = f"{wallet}/api/phones/default/cards", {"Content-Type": PKPASS}
    assert requests.post(url, data=data, headers=headers, timeout=10).status_code == 201


def push(wallet: str) -> None:
    token = requests.get(f"{wallet}/api/phones/default", timeout=10).json()["push_token"]
    requests.post(f"{wallet}/push", json={"token": token, "topic": PASS_TYPE, "id": "1"}, timeout=10)


def test_the_card_arrives_moves_and_turns_without_a_reload(page: Page, wallet: str, service: Service) -> None:
    page.goto(wallet)
    expect(page.get_by_role("heading", name="No cards yet")).to_be_visible()
    expect(page.locator("#join")).to_have_attribute("href", "http://127.0.0.1:1/join/x")
    add(wallet, service.card())
    expect(page.locator("[data-key=balance] .value")).to_have_text("2")
    expect(page.locator(".code img")).to_have_js_property("naturalWidth", 150)
    strip = page.locator(".strip img").get_attribute("src")
    service.change(3)
    push(wallet)
    expect(page.locator("[data-key=balance] .value")).to_have_text("3")
    expect(page.locator(".banner")).to_contain_text("3 of 10 — 7 to a free coffee")
    assert page.locator(".strip img").get_attribute("src") != strip
    page.get_by_role("button", name="Details").click()
    expect(page.locator(".back [data-key=last]")).to_contain_text("19 Nov")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="RU").click()
    expect(page.get_by_role("heading", name="Кошелёк")).to_be_visible()
    expect(page.locator("[data-key=progress] .value")).to_have_text("3 из 10 — ещё 7 до кофе в подарок")


def test_the_owners_buttons_work(page: Page, wallet: str, service: Service) -> None:
    add(wallet, service.card())
    add(wallet, service.card("coffee-0002", 5))
    page.goto(wallet)
    expect(page.locator(".in-front")).to_have_attribute("data-serial", "coffee-0002")
    page.locator(".pull").click()
    expect(page.locator(".in-front")).to_have_attribute("data-serial", "coffee-0001")
    service.change(8)
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator(".in-front [data-key=balance] .value")).to_have_text("8")
    page.get_by_role("button", name="Offline").click()
    expect(page.get_by_role("button", name="Offline")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Offline").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".in-front")).to_have_attribute("data-serial", "coffee-0002")


EVIL = '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'


def test_nothing_in_a_bundle_becomes_markup(page: Page, wallet: str, service: Service) -> None:
    content = coffee_pass(2, "evil<'\"&1", service.url)
    content |= {"logoText": EVIL, "organizationName": EVIL, "description": EVIL}
    content["barcodes"][0] |= {"message": EVIL, "altText": EVIL}
    for fields in content["storeCard"].values():
        for field in fields:
            if "dateStyle" not in field:
                field |= {"label": EVIL, "value": f"{EVIL} javascript:alert(1) https://ok.example/{EVIL}"}
    content["storeCard"]["backFields"][0]["attributedValue"] = "<a href='javascript:alert(1)'>x</a>"
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(wallet)
    add(wallet, PassMaker(make_papers(), content).make())
    expect(page.locator(".logo-text")).to_have_text(EVIL)
    page.get_by_role("button", name="Details").click()
    expect(page.locator(".back [data-key=last]")).to_contain_text("<script>")
    assert page.title() == "iPhone · Wallet"
    assert page.locator("#stack script").count() == 0
    assert page.locator("#stack a[href^='javascript']").count() == 0
    assert errors == []


def test_the_page_fits_a_narrow_window(page: Page, wallet: str, service: Service) -> None:
    add(wallet, service.card())
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(wallet)
    expect(page.locator(".in-front")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_refused_link_is_explained_on_the_page(page: Page, wallet: str) -> None:
    page.goto(wallet)
    page.get_by_role("textbox").fill("http://10.0.0.1/card.pkpass")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("hosts it was allowed")
