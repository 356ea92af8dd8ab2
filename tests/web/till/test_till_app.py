"""What a browser needs to keep the till as an app, and what it costs to load."""

from __future__ import annotations

import json
import re

import pytest

from tests.house.tree import ROOT
from tests.web.site import Site
from wallet_service.web.till.app import READER_FILES, reader_digest
from wallet_service.web.till.page import release, till_file

SCRIPTS = ROOT / "wallet_service/web/static/till"
OF_THE_NETWORK = """
    app camera net news pulse queue reader replay signing state store wire worker
"""


def test_the_worker_may_look_after_all_of_the_till(site: Site) -> None:
    answer = site.app.test_client().get("/till/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/till"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    told = re.match(r"self\.RELEASE = (\{.*\});\n", answer.text)
    assert told is not None
    known = json.loads(told[1])
    assert known["name"] == release()
    assert till_file("main.js") in known["files"]
    assert "/till/worker.js" not in known["files"]


def test_a_browser_that_has_the_worker_is_told_so(site: Site) -> None:
    client = site.app.test_client()
    tag = client.get("/till/worker.js").headers["ETag"]
    assert client.get("/till/worker.js", headers={"If-None-Match": tag}).status_code == 304


def test_every_file_that_the_worker_keeps_is_there(site: Site) -> None:
    client = site.app.test_client()
    told = client.get("/till/worker.js").text.splitlines()[0].removeprefix("self.RELEASE = ")
    for address in json.loads(told.removesuffix(";"))["files"]:
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            assert "immutable" in answer.headers["Cache-Control"], address


@pytest.mark.parametrize(("language", "name"), [("en", "Till"), ("ru", "Касса")])
def test_the_till_can_be_installed_under_its_name(site: Site, language: str, name: str) -> None:
    client = site.app.test_client()
    answer = client.get("/till/manifest.webmanifest", headers={"Accept-Language": language})
    assert answer.mimetype == "application/manifest+json"
    told = json.loads(answer.text)
    assert (told["name"], told["lang"]) == (name, language)
    assert told["start_url"] == told["scope"] == "/till"
    sizes = {icon["sizes"] for icon in told["icons"]}
    assert sizes == {"192x192", "512x512"}
    for icon in told["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.mimetype == "image/png"


def test_the_reader_is_served_for_ever_under_an_address_that_says_its_content(site: Site) -> None:
    client = site.app.test_client()
    for name, kind in READER_FILES.items():
        answer = client.get(f"/till/reader/{reader_digest()}/{name}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert "immutable" in answer.headers["Cache-Control"]
        assert client.get(f"/till/reader/0123456789abcdef/{name}").status_code == 404
    assert client.get(f"/till/reader/{reader_digest()}/origin.toml").status_code == 404


def test_the_page_asks_for_the_reader_that_is_here() -> None:
    """Whoever brings a newer one writes its address there."""
    assert f'"/till/reader/{reader_digest()}/"' in (SCRIPTS / "reader.js").read_text()


def test_what_works_without_a_network_is_small() -> None:
    sizes = [(SCRIPTS / f"{name}.js").stat().st_size for name in OF_THE_NETWORK.split()]
    assert sum(sizes) < 40_000
