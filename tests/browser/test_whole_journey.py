"""What a newcomer does within two minutes, in a real browser: join, phone, till, and the bar moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.scanner import Scanner
from tests.town import NUMBER, Town, running_town

SHOTS = Path("build/screenshots")
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as town:
        yield town


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"journey-{name}.png")


@pytest.mark.parametrize(
    ("locale", "before", "after", "told"),
    [
        ("en-US", "2 of 12", "3 of 12", "3 of 12 already. Good start."),
        ("ru-RU", "2 из 12", "3 из 12", "Уже 3 из 12! Хорошее начало."),
    ],
)
def test_join_phone_till_and_the_bar_moves(
    browser: Browser, town: Town, locale: str, before: str, after: str, told: str
) -> None:
    language = locale[:2]
    with browser.new_context(
        locale=locale, user_agent=IPHONE, viewport={"width": 390, "height": 844}
    ) as pocket:
        member = pocket.new_page()
        member.goto(f"{town.web}/join/coffee")
        shot(member, f"{language}-1-join")
        member.locator("form button").click()
        expect(member.locator("body")).to_contain_text(before)
        shot(member, f"{language}-2-card")
        number = NUMBER.search(member.inner_text("body"))
        assert number is not None
        add = member.locator("a[href*='/add?url=']").get_attribute("href")
        assert add is not None

        with browser.new_context(locale=locale, viewport={"width": 1200, "height": 1000}) as desk:
            phone = desk.new_page()
            phone.goto(add)
            phone.get_by_text(re.compile(f"^{language}$", re.I)).first.click()
            expect(phone.locator("body")).to_contain_text(before)
            shot(phone, f"{language}-3-phone")

            till = desk.new_page()
            till.goto(f"{town.web}/till")
            till.locator("#pin").fill(town.access["pin"])
            till.keyboard.press("Enter")
            expect(till.locator("h1")).to_be_focused()
            Scanner(till).scan(number[0].replace(" ", ""))
            expect(till.locator("body")).to_contain_text(after)
            shot(till, f"{language}-4-booked")

            phone.bring_to_front()
            expect(phone.locator("body")).to_contain_text(told, timeout=10_000)
            expect(phone.locator("body")).to_contain_text(after)
            shot(phone, f"{language}-5-phone-moved")

        expect(member.locator("body")).to_contain_text(after, timeout=15_000)
        shot(member, f"{language}-6-card-moved")
