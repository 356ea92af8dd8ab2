"""Somebody at the till's page: scans, presses keys, and reads what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, Route, expect

from tests.browser.scanner import Scanner

POLL = 50
POLLS = 300
SOON = POLL * POLLS  # milliseconds; the till looks for its network every second at first


def module(name: str) -> str:
    """One of the scripts of this very page, as it runs there."""
    main = "document.querySelector('script[type=module]').src"
    return f"import({main}.replace('main.js', '{name}'))"


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

    def put(self, *numbers: str) -> None:
        """The same without the screens."""
        for number in numbers:
            operation = {"id": uuid4().hex, "code": number, "visits": 1}
            self.ask("queue.js", "(queue, operation) => queue.put(operation)", operation)

    def chooses(self, item: str) -> None:
        """From the menu."""
        self.page.locator("[data-go=menu]").click()
        self.page.locator(f".menu [data-do={item}]").click()

    def sends_now(self) -> None:
        self.chooses("queue")
        self.page.locator("main [data-do=replay]").click()
        self.waits(0)

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def waits(self, count: int) -> None:
        """What the top line says is still to be sent."""
        waiting = self.page.locator("[data-top=waiting]")
        expect(waiting).to_have_text(str(count) if count else "", timeout=SOON)

    def is_online(self) -> None:
        expect(self.page.locator(".net .off")).to_be_hidden(timeout=SOON)

    def is_offline(self) -> None:
        expect(self.page.locator(".net .off")).to_be_visible(timeout=SOON)

    def until(self, looked: str, found: Any) -> None:
        """Asks the page again until it says so."""
        for _ in range(POLLS):
            if (seen := self.page.evaluate(looked)) == found:
                return
            self.page.wait_for_timeout(POLL)
        raise AssertionError(f"{seen!r} and not {found!r}: {looked}")

    def verdict(self) -> str:
        """Of the one booking that waited."""
        (told,) = self.verdicts(1)
        return str(told["verdict"])

    def verdicts(self, count: int) -> list[dict[str, Any]]:
        """All that were told, as soon as there are so many."""
        for _ in range(POLLS):
            found: list[dict[str, Any]] = self.ask("queue.js", "(queue) => queue.verdicts()")
            if len(found) >= count:
                return found
            self.page.wait_for_timeout(POLL)
        raise AssertionError(f"No {count} verdicts, but {found}")

    def may_queue(self, number: str) -> str | None:
        why: str | None = self.ask("queue.js", "(queue, code) => queue.mayQueue(code)", number)
        return why

    def has_limit(self, seconds: float) -> None:
        """What the server says in the state, for the rest of this page's life."""
        self.ask("pulse.js", "(pulse, seconds) => pulse.slowAfter(seconds)", seconds)

    def ask(self, script: str, question: str, given: Any = None) -> Any:
        return self.page.evaluate(f"async (given) => ({question})(await {module(script)}, given)", given)


def lose_the_answer(route: Route) -> None:
    """The server did it; nobody hears so."""
    route.fetch()
    route.abort()
