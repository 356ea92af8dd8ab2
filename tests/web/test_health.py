"""Probes, pictures and robots."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.web.site import Site
from wallet_service.art.theme import derived
from wallet_service.domain.progress import Progress


def test_alive_and_ready(site: Site) -> None:
    client = site.app.test_client()
    assert client.get("/healthz").status_code == 200
    told = client.get("/readyz").get_json()
    assert (told["ready"], told["faults"], told["warnings"]) == (True, [], [])
    assert told["certificate_days"] > 300


def test_not_ready_without_certificates_and_alive_all_the_same(
    open_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = open_site(WALLET_CERTS_DIR=str(tmp_path / "empty"))
    client = site.app.test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.get_json()["faults"] == ["certificates"]
    assert client.get("/healthz").status_code == 200


def test_not_ready_without_a_database(site: Site) -> None:
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE program RENAME TO gone")
    answer = site.app.test_client().get("/readyz")
    assert answer.status_code == 503
    told = answer.get_json()
    assert (told["faults"], told["certificate_days"] > 300) == (["database"], True)
    assert "waiting" not in told  # a database that hangs would be asked once more
    assert site.app.test_client().get("/healthz").status_code == 200


def test_a_picture_may_be_kept_for_ever(site: Site) -> None:
    digest = site.shop.services.gallery.address(Progress(3, 12), derived(), 1)
    client = site.app.test_client()
    answer = client.get(f"/art/{digest}.png")
    assert answer.data.startswith(b"\x89PNG")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    head = client.head(f"/art/{digest}.png")
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(answer.data))
    again = client.get(f"/art/{digest}.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_picture_that_was_never_drawn_is_not_there(site: Site) -> None:
    client = site.app.test_client()
    for digest in ("0" * 64, "x", "..%2f..%2fwallet.db", "A" * 64):
        assert client.get(f"/art/{digest}.png").status_code == 404


def test_a_template_folder_that_is_gone_leaves_the_pages_standing(
    open_site: Callable[..., Site], tmp_path: Path
) -> None:
    shutil.copytree("pass_templates", tmp_path / "templates")
    site = open_site(WALLET_TEMPLATES_DIR=str(tmp_path / "templates"))
    card = site.page_of(site.shop.join())
    assert site.visitor().get("/join/coffee").status == 200
    shutil.rmtree(tmp_path / "templates")
    assert site.visitor().get("/join/coffee").status == 200
    assert site.visitor().get(card).status == 200
    assert site.visitor().get(f"{card}/apple").status == 503
    told = site.app.test_client().get(f"{card}/apple", headers={"Accept": "application/json"})
    assert told.status_code == 503
    assert int(told.headers["Retry-After"]) > 0
    assert str(tmp_path) not in told.text


def test_search_engines_are_sent_away(site: Site) -> None:
    assert "Disallow: /" in site.app.test_client().get("/robots.txt").text


def test_the_front_door_leads_everywhere(site: Site) -> None:
    person = site.visitor().get("/")
    assert person.answer is not None
    for way in ("/join/coffee", "/till", "/office", "http://localhost:8002/"):
        assert f'href="{way}"' in person.answer.text
