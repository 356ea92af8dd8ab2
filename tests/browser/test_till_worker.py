"""The till as an app: whole without a network, one release at a time, nothing of anybody in its memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.wrappers import Response

from tests.browser.at_till import AtTill
from tests.browser.counter import Counter, open_counter
from tests.browser.releases import Releases

KEPT = """async () => {
  const kept = {};
  for (const name of await caches.keys()) {
    kept[name] = (await (await caches.open(name)).keys()).map(({ url }) => url.slice(location.origin.length));
  }
  return kept;
}"""
HOW_MANY_RELEASES = """caches.keys().then(
  (names) => names.filter((name) => /^till-(?!reader)/.test(name)).length)"""
FILES = re.compile(r"/till$|/till/files/|/till/reader/|/till/manifest\.webmanifest$|/static/")
AT_WORK = """navigator.serviceWorker.getRegistration().then(
  ({ installing, waiting, active }) => !installing && !waiting && active.state === "activated")"""
OF_A_RELEASE = re.compile(r"/till/files/(\w+)/")


@pytest.fixture
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with open_counter(tmp_path_factory.mktemp("worker")) as counter:
        yield counter


@pytest.fixture
def releases(counter: Counter) -> Releases:
    releases = Releases(counter.site.app.wsgi_app)
    counter.site.app.wsgi_app = releases  # type: ignore[assignment, method-assign]
    return releases


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en") as context:
        yield context


@pytest.fixture
def page(counter: Counter, window: BrowserContext) -> Page:
    return counter.sign_in(window)


def kept(page: Page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.evaluate(KEPT)
    return found


def releases_in(addresses: list[str]) -> set[str]:
    return {found[1] for address in addresses if (found := OF_A_RELEASE.match(address))}


def script(page: Page) -> str:
    return str(page.locator("script[type=module]").get_attribute("src"))


def takes_the_update(page: Page, release: str) -> None:
    page.evaluate("navigator.serviceWorker.getRegistration().then((it) => it.update()).then(() => undefined)")
    has_it = f"({KEPT})().then((all) => Object.values(all).flat().some((one) => one.includes('{release}')))"
    AtTill(page).until(has_it, True)
    AtTill(page).until(AT_WORK, True)


def test_after_one_load_the_till_opens_without_a_network(window: BrowserContext, page: Page) -> None:
    window.set_offline(True)
    page.reload()
    AtTill(page).sees("Next card, please")
    expect(page.locator("[data-top=person]")).to_have_text("Mira")
    page.goto(f"{page.url}?lang=en")
    AtTill(page).sees("Next card, please")


def test_files_are_kept_and_nothing_that_anybody_asked_or_was_told(
    counter: Counter, window: BrowserContext, page: Page
) -> None:
    till = AtTill(page)
    till.scan(counter.card())
    till.sees("of 12")
    till.chooses("leave")
    expect(page).to_have_url(re.compile("/till/sign-in"))
    page = counter.sign_in_here(page)
    addresses = [address for all_of_one in kept(page).values() for address in all_of_one]
    assert [address for address in addresses if not FILES.match(address)] == []
    assert "/till" in addresses


def test_a_new_release_replaces_the_old_one_as_a_whole(
    window: BrowserContext, page: Page, releases: Releases
) -> None:
    (before,) = releases_in([one for all_of_one in kept(page).values() for one in all_of_one])
    releases.update()
    takes_the_update(page, releases.now)
    page.reload()
    AtTill(page).sees("Next card, please")
    AtTill(page).until(HOW_MANY_RELEASES, 1)
    (files,) = [addresses for name, addresses in kept(page).items() if name != "till-reader"]
    assert releases_in(files) == {releases.now} != {before}

    address = page.url
    page.close()
    window.set_offline(True)
    page = window.new_page()
    page.goto(address)
    AtTill(page).sees("Next card, please")
    assert releases.now in script(page)


def test_a_release_that_came_while_nobody_was_signed_in_does_not_mix_with_the_old_one(
    counter: Counter, window: BrowserContext, page: Page, releases: Releases
) -> None:
    window.clear_cookies(name="session")
    releases.update()
    takes_the_update(page, releases.now)
    window.set_offline(True)
    page.reload()
    AtTill(page).sees("Next card, please")
    assert releases.now not in script(page), "the old page works with the old files until the new one is here"

    window.set_offline(False)
    page.goto(f"{counter.address}/till")
    counter.sign_in_here(page)
    AtTill(page).until(HOW_MANY_RELEASES, 1)


def test_a_server_that_is_down_behind_its_proxy_is_as_good_as_none(
    counter: Counter, window: BrowserContext, page: Page
) -> None:
    down = Response("<title>Bad gateway</title>", 502, mimetype="text/html")
    counter.site.app.wsgi_app = down  # type: ignore[method-assign]
    page.reload()
    AtTill(page).sees("Next card, please")
