"""The till's page in a browser: from the last key of a scan to its painted result, and its first load."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page

from bench.result import Result
from tests.browser.counter import Counter, open_counter
from tests.browser.scanner import Scanner
from tests.services import chromium
from tests.web.site import CASHIER

SCANS = 30
PAINTED_MS, FIRST_LOAD_KB = 300.0, 150.0
READER = "/till/reader/"
PAINTED = """() => new Promise((tell) => {
    const [done] = performance.getEntriesByName('till:scan-to-paint');
    if (done) return tell(done.duration);
    const hear = (list) => tell(list.getEntries()[0].duration);
    new PerformanceObserver(hear).observe({ entryTypes: ['measure'] });
})"""


def measure() -> Iterable[Result]:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_counter(Path(folder)) as counter,
        _signed_in(counter) as page,
    ):
        size = _first_load(page)
        took = sorted(_painted(page, counter.card()) for _ in range(SCANS))
    yield Result("till page, first load", size / 1000, FIRST_LOAD_KB, "kB", "limit", 1.0)
    yield Result("till page, scan to paint, median", median(took), PAINTED_MS, "ms", "limit", 1.0)
    yield Result("till page, scan to paint, 95th", quantiles(took, n=20)[18], PAINTED_MS, "ms", "limit", 1.0)


@contextmanager
def _signed_in(counter: Counter) -> Iterator[Page]:
    """Without the service worker: every byte comes from the server."""
    with chromium.browser() as browser, browser.new_context(locale="en", service_workers="block") as context:
        page = context.new_page()
        page.goto(f"{counter.address}/till")
        page.fill("#pin", CASHIER)
        page.press("#pin", "Enter")
        page.locator("[data-screen=screen-waiting]").wait_for()
        yield page


def _first_load(page: Page) -> float:
    """What came over the line, headers too, with an empty cache; the camera's reader is loaded later."""
    line = page.context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    line.on(
        "Network.requestWillBeSent",
        lambda said: addresses.update({said["requestId"]: said["request"]["url"]}),
    )
    line.on(
        "Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]})
    )
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload(wait_until="networkidle")
    page.locator("[data-screen=screen-waiting]").wait_for()
    line.detach()
    return sum(size for known, size in sizes.items() if READER not in addresses.get(known, READER))


def _painted(page: Page, number: str) -> float:
    """Milliseconds from the key that ends the scan to the frame with the result."""
    page.evaluate("performance.clearMeasures()")
    Scanner(page, honest=True).scan(number)
    page.locator("[data-screen=screen-booked]").wait_for()
    took: float = page.evaluate(PAINTED)
    page.keyboard.press("Escape")
    return took


if __name__ == "__main__":
    for result in measure():
        print(result)
