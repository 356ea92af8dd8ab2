"""The secret key is changed and leaves the setting: tills, apps, webhooks and cards' pages go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.site import ADMIN, Site, Visitor
from tests.web.test_signing_in import opens_the_office, set_up
from wallet_service.actions import retired_keys
from wallet_service.push.webhooks import signing
from wallet_service.web.till_cookie import TILL

OLD, NEW = "o" * 32, "n" * 32

Open = Callable[..., Site]


def rotate(site: Site, *keys: str) -> None:
    with site.shop.services.sessions.begin() as session:
        retired_keys.rotate(session, keys, "cli", site.clock())


def later(open_site: Open, before: Site, keys: str) -> Site:
    site = open_site(WALLET_SECRET_KEY=keys)
    site.clock.now = before.clock()
    return site


@pytest.fixture
def before(open_site: Open) -> Site:
    return open_site(WALLET_SECRET_KEY=OLD)


@pytest.fixture
def changed(open_site: Open, before: Site) -> Callable[[], Site]:
    """The new key alone in the setting, after the old one retired."""

    def change() -> Site:
        rotate(later(open_site, before, f"{NEW},{OLD}"), NEW, OLD)
        return later(open_site, before, NEW)

    return change


def test_a_manager_keeps_the_app(before: Site, changed: Callable[[], Site]) -> None:
    app = set_up(before, before.cashier(name="Olga"))
    after = changed()
    assert opens_the_office(after.visitor(), ADMIN, app.at(after.clock()))


def test_a_till_stays_paired(before: Site, changed: Callable[[], Site]) -> None:
    person = before.visitor().get("/till")
    cookie = person.client.get_cookie(TILL, path="/till")
    if cookie is None:
        person = before.cashier()
        cookie = person.client.get_cookie(TILL, path="/till")
    assert cookie is not None
    after: Visitor = changed().visitor()
    after.client.set_cookie(TILL, cookie.value, path="/till")
    assert after.get("/till").path == "/till/sign-in"
    assert "PIN" in after.text


def test_the_page_of_a_card_opens_under_its_old_address(before: Site, changed: Callable[[], Site]) -> None:
    page = before.page_of(before.shop.join())
    assert changed().visitor().get(page).status == 200


def test_a_receiver_of_webhooks_knows_us_still(before: Site, changed: Callable[[], Site]) -> None:
    keys = changed().shop.services.settings.secret_keys
    assert signing.secret_of(OLD, "nonce") in [signing.secret_of(key, "nonce") for key in keys]


def test_a_session_of_the_old_key_is_over(before: Site, changed: Callable[[], Site]) -> None:
    """The key may have left because somebody knew it."""
    person = before.cashier(name="Olga")
    session = person.client.get_cookie("session")
    assert session is not None
    after = changed().visitor()
    after.client.set_cookie("session", session.value)
    assert after.get("/office").path != "/office"
