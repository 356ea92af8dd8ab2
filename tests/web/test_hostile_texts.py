"""Texts that want to be more than texts: S12 in a real browser, S28 at the till."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.web.site import ADMIN, Site
from tests.web.till.page import till_page
from wallet_service.actions.at_till import initials
from wallet_service.db.tables import Alarm, DeviceLog

PAYLOADS = [
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)>",
    "<svg><script>alert(4)</script></svg>",
    '"><script>alert(5)</script>',
    "'><img src=x onerror=alert(6)>",
    '" onmouseover="alert(7)" autofocus onfocus="alert(7)',
    "' onfocus='alert(8)' autofocus='",
    "</title><script>alert(9)</script>",
    "</style><script>alert(10)</script>",
    "</textarea><script>alert(11)</script>",
    "<body onload=alert(12)>",
    "<iframe src=javascript:alert(13)></iframe>",
    "<iframe srcdoc='<script>alert(14)</script>'></iframe>",
    "<a href=javascript:alert(15)>x</a>",
    "<form action=javascript:alert(16)><button>x</button></form>",
    "<details open ontoggle=alert(17)>",
    "<video><source onerror=alert(18)></video>",
    "<math><mi xlink:href=javascript:alert(19)>x</mi></math>",
    "<object data=javascript:alert(20)></object>",
    "<embed src=javascript:alert(21)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>*{background:url(//evil.example/x)}</style>",
    "<p style=background:url(//evil.example/x)>x</p>",
    "{{ 7*7 }}{{ config }}",
    "{% raw %}{% endraw %}{% for x in y %}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "&lt;script&gt;alert(32)&lt;/script&gt;",
    "&#60;script&#62;alert(33)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(34)\\u003c/script\\u003e",
    "<scr<script>ipt>alert(35)</scr</script>ipt>",
    "<ScRiPt >alert(36)</sCrIpT >",
    "<img src=`x` onerror=`alert(37)`>",
    "<input autofocus onfocus=alert(38)>",
    "<x contenteditable onblur=alert(39)>lose focus</x>",
    "--><script>alert(40)</script><!--",
]


@dataclass
class Watched:
    """A page that tells of everything that ran or wanted to."""

    page: Page
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._asked)
        self.page.on("pageerror", lambda error: self.happened.append(str(error)))
        self.page.on("console", lambda line: self._blocked(line.text))
        self.page.on("request", lambda request: self._elsewhere(request.url))

    def sees_something(self) -> None:
        """As soon as the browser tells of it."""
        until = time.monotonic() + 10
        while not self.happened:
            assert time.monotonic() < until
            self.page.wait_for_timeout(20)

    def _asked(self, dialog: Dialog) -> None:
        self.happened.append(dialog.message)
        dialog.dismiss()

    def _blocked(self, line: str) -> None:
        if "Content Security Policy" in line or "Refused" in line:
            self.happened.append(line)

    def _elsewhere(self, url: str) -> None:
        if "evil.example" in url:
            self.happened.append(url)


@pytest.fixture
def watched(page: Page) -> Watched:
    return Watched(page)


def rounds(size: int) -> Iterator[list[str]]:
    for start in range(0, len(PAYLOADS), size):
        yield (PAYLOADS[start : start + size] * 2)[:size]


def test_S12_no_stored_text_runs_anywhere(site: Site, watched: Watched) -> None:
    page = watched.page
    with site.served() as address:
        page.goto(f"{address}/till/sign-in?lang=en")
        page.fill("#pin", ADMIN)
        page.press("#pin", "Enter")
        for texts in rounds(8):
            card = publish_with(site, texts)
            for path in ("/join/coffee", site.page_of(card), "/till"):
                page.goto(address + path)
            page.wait_for_selector(".screen.waiting")
            page.keyboard.type(site.shop.face(card).number)
            page.keyboard.press("Enter")
            page.wait_for_selector("button.give")
            assert texts[0] in page.inner_text("#stage")
            page.click("button.give")
            page.wait_for_selector(".done")
            assert texts[2] in page.inner_text("#stage")
        page.goto(f"{address}/")
        page.goto(f"{address}/join/coffee/poster")
    assert watched.happened == []


def publish_with(site: Site, texts: list[str]) -> str:
    """A program, a member and a reward that are called so."""
    both = [{"en": text, "ru": text} for text in texts]
    forms = dict.fromkeys(("one", "few", "many", "other"), texts[3])
    reward = {"id": "coffee", "cost": 3, "name": both[2], "until": both[4], "waiting": both[5]}
    site.shop.publish(
        name=both[0],
        organization=texts[6],
        unit={"counted": "stamps", "forms": {"en": forms, "ru": forms}},
        rewards=[reward],
    )
    card = site.shop.join(texts[7])
    site.shop.earn(card)
    return card


def test_S12_what_phones_report_is_read_in_the_office_and_never_run(site: Site, watched: Watched) -> None:
    page = watched.page
    with site.served() as address:
        page.goto(f"{address}/office?lang=en")
        page.goto(f"{address}/till/sign-in?lang=en")
        page.fill("#pin", ADMIN)
        page.press("#pin", "Enter")
        for texts in rounds(20):
            report(site, texts)
            page.goto(f"{address}/office")
            shown = page.inner_text("body")
            assert [text for text in texts if text not in shown] == []
    assert watched.happened == []


def report(site: Site, texts: list[str]) -> None:
    with site.shop.services.sessions.begin() as session:
        session.query(Alarm).delete()
        for text in texts:
            session.add(DeviceLog(received_at=site.clock(), line=text))
        session.add(Alarm(kind="test", subject=texts[0], detail=texts[1], raised_at=site.clock()))


def test_S12_the_watch_would_notice(browser: Browser, site: Site) -> None:
    """The page that this test adds is as careless as ours must not be."""
    with site.served() as address, browser.new_context() as context:
        watched = Watched(context.new_page())
        watched.page.goto(f"{address}/join/coffee")
        watched.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
        watched.sees_something()


NAMES = [
    "\u202eevil",
    "a\u202db\u2066c\u2069",
    "zero\u200bwidth\u200c\u200d\ufeff",
    "Z" + "\u0301" * 100_000,
    "nul\x00byte",
    "line\r\nbreak\u2028and\u2029more",
    "\ud800lone",
    "\x1b[31mred\x1b[0m",
    "\ue000private",
    "\u0378unassigned",
    "🙂🏽‍🚀 flying",
    "مرحبا بالعالم",
    "שלום עולם",
    "ß ŉ ﬁ",
    "\u0301\u0301\u0301",
    "   ",
    "a" * 100_000,
    " ".join("abc" * 1000),
    "ｆｕｌｌ ｗｉｄｔｈ",
    "İstanbul ıi",
    "\u115f\u1160\u3164 filler",
    "\U000e0041\U000e0042 tags",
    "¡²³ ½",
    "\t\ttabs",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_S28_the_till_shows_one_short_line_whatever_a_name_holds(standing_site: Site, name: str) -> None:
    card = standing_site.shop.join(name)
    shown = till_page(standing_site).card(card)["card"]["initials"]
    assert shown == initials(name)
    assert len(shown) <= 12
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in shown)
