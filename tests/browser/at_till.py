"""Somebody at the till's page: scans, presses keys, and reads what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.scanner import Scanner

VERDICTS = "import(document.querySelector('script[type=module]').src.replace('main.js', 'queue.js'))"


@dataclass
class AtTill:
    page: Page

    def scan(self, number: str) -> None:
        Scanner(self.page).scan(number)

    def book_visit_offline(self, number: str) -> None:
        """Two actions, and the till says that it is kept."""
        self.scan(number)
        self.sees("Offline")
        self.page.keyboard.press("F3")
        self.sees("Kept on this till")
        self.page.keyboard.press("Escape")
        self.sees("Next card, please")

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def waits(self, count: int) -> None:
        """What the top line says is still to be sent."""
        expect(self.page.locator("[data-top=waiting]")).to_have_text(str(count) if count else "")

    def is_online(self) -> None:
        expect(self.page.locator(".net .off")).to_be_hidden(timeout=15_000)

    def is_offline(self) -> None:
        expect(self.page.locator(".net .off")).to_be_visible(timeout=15_000)

    def verdicts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(f"{VERDICTS}.then((queue) => queue.verdicts())")
        return found


def lose_the_answer(route: Route) -> None:
    """The server did it; nobody hears so."""
    route.fetch()
    route.abort()
