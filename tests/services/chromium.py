"""Chromium without a window and without any way to the outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, expect, sync_playwright

from tests.services.programs import find

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
CALM = 30_000  # milliseconds that a page may take on a machine that is busy or stands still for a moment


@contextmanager
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=CALM)
    with sync_playwright() as playwright, another(playwright.chromium) as opened:
        yield opened


@contextmanager
def another(kind: BrowserType, *more: str) -> Iterator[Browser]:
    """Beside the one that runs, with arguments of its own: `kind` is `browser.browser_type`."""
    opened = kind.launch(executable_path=_executable(), args=[*ARGUMENTS, *more])
    yield opened
    opened.close()


def _executable() -> Path:
    chosen = os.environ.get("CHROMIUM")
    return Path(chosen) if chosen else find("chromium", "chromium")
