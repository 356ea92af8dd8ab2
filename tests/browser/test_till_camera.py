"""The till's camera as a scanner: a film of a guest's phone stands before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.at_till import AtTill
from tests.browser.counter import Counter
from tests.browser.glass import held
from tests.browser.video import film
from tests.services.chromium import another

LIVE = """() => {
  const { srcObject } = document.querySelector("video") ?? {};
  return srcObject ? srcObject.getTracks().map((track) => track.readyState) : [];
}"""


@pytest.fixture(scope="module")
def number(counter: Counter) -> str:
    return counter.card()


@pytest.fixture(scope="module")
def watching(
    browser: Browser, counter: Counter, number: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose camera sees that card."""
    with counter.pocket(browser) as pocket:
        page = pocket.new_page()
        page.goto(counter.address + counter.page_of(number))
        seen = film(tmp_path_factory.mktemp("film") / "guest.mjpeg", held(page))
    camera = f"--use-file-for-fake-video-capture={seen}"
    with another(browser.browser_type, "--use-fake-device-for-media-stream", camera) as opened:
        yield opened


@pytest.fixture
def window(watching: Browser) -> Iterator[BrowserContext]:
    with watching.new_context(locale="en", permissions=["camera"]) as context:
        yield context


@pytest.fixture
def page(counter: Counter, window: BrowserContext) -> Page:
    return counter.sign_in(window)


def open_camera(page: Page) -> None:
    page.get_by_role("button", name="Camera").click()


def test_what_the_camera_sees_is_booked_by_the_reader_that_we_serve(
    counter: Counter, page: Page, number: str
) -> None:
    assert page.evaluate("'BarcodeDetector' in window") is False
    before = len(counter.booked(number))
    open_camera(page)
    expect(page.locator("video")).to_be_visible()
    AtTill(page).sees("of 12")
    assert len(counter.booked(number)) == before + 1
    expect(page.locator("video")).to_have_count(0)


def test_the_camera_reads_without_a_network_too(
    counter: Counter, window: BrowserContext, page: Page, number: str
) -> None:
    kept = "caches.open('till-reader').then((kept) => kept.keys()).then((all) => all.length)"
    AtTill(page).until(kept, 3)
    window.set_offline(True)
    page.reload()
    open_camera(page)
    AtTill(page).sees("Offline")
    AtTill(page).sees(number[-4:])


def test_the_camera_rests_while_nobody_sees_the_page(page: Page) -> None:
    watch_only(page)
    assert page.evaluate(LIVE) == ["live"]
    page.evaluate("hide(true)")
    assert page.evaluate(LIVE) == []
    page.evaluate("hide(false)")
    AtTill(page).until(f"({LIVE})().join()", "live")


def test_a_press_brings_a_lost_camera_again(page: Page) -> None:
    watch_only(page)
    page.evaluate("document.querySelector('video').srcObject.getTracks()[0].stop()")
    AtTill(page).ask("camera.js", "(camera) => camera.restart()")
    assert page.evaluate(LIVE) == ["live"]
    AtTill(page).ask("camera.js", "(camera) => camera.close()")
    assert page.evaluate(LIVE) == []


def test_a_camera_without_a_torch_says_so(page: Page) -> None:
    watch_only(page)
    till = AtTill(page)
    assert till.ask("camera.js", "(camera) => camera.hasTorch()") is False
    assert till.ask("camera.js", "(camera) => camera.torch(true)") is False


def test_a_code_that_stays_in_sight_is_told_once(page: Page, number: str) -> None:
    """The film shows it again and again, with breaks shorter than five seconds."""
    watch_only(page)
    AtTill(page).until("window.looks > 40", True)
    assert page.evaluate("window.told") == [number]


def test_where_the_camera_may_not_be_used_the_till_says_how_to_go_on(
    counter: Counter, watching: Browser
) -> None:
    with watching.new_context(locale="en") as window:
        page = counter.sign_in(window)
        open_camera(page)
        AtTill(page).sees("camera")
        expect(page.get_by_role("button", name="Number")).to_be_visible()


OWN_READER = """
window.asked = [];
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["aztec", "code_39", "qr_code"]; }
  constructor(options) { window.asked.push(options.formats); }
  async detect() { %s }
};
"""


def test_a_browser_that_reads_codes_by_itself_is_asked_and_nothing_is_loaded(
    counter: Counter, window: BrowserContext
) -> None:
    window.add_init_script(
        OWN_READER % "return [{ rawValue: 'poster' }, { rawValue: ' 1234567890123456789\\n' }];"
    )
    page = counter.sign_in(window)
    watch_only(page)
    AtTill(page).until("window.told[0]", "1234567890123456789")
    assert page.evaluate("window.asked") == [["qr_code", "aztec"]]
    assert page.evaluate("caches.has('till-reader')") is False


def test_a_reader_that_a_browser_has_in_name_only_is_replaced_by_ours(
    counter: Counter, window: BrowserContext, number: str
) -> None:
    window.add_init_script(OWN_READER % "throw new DOMException('no service', 'NotSupportedError');")
    page = counter.sign_in(window)
    watch_only(page)
    AtTill(page).until("window.told[0]", number)


def watch_only(page: Page) -> None:
    """The camera by itself: what it tells is written down, nothing is booked."""
    page.evaluate("""() => {
      window.told = [];
      window.looks = 0;
      window.hide = (on) => {
        Object.defineProperty(document, "hidden", { value: on, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      };
      const video = document.body.appendChild(document.createElement("video"));
      const count = () => { window.looks += 1; video.requestVideoFrameCallback(count); };
      video.requestVideoFrameCallback(count);
    }""")
    open_it = (
        "(camera) => camera.open(document.querySelector('video'), (code) => { window.told.push(code); })"
    )
    AtTill(page).ask("camera.js", open_it)
