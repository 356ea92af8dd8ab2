"""What guards every page: S10, S11, S14, S18, and errors that stay polite."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.site import Site, Visitor
from wallet_service.db.tables import Card, LedgerEntry

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def signed_in(site: Site) -> Visitor:
    return site.cashier().get("/till")


def unsafe(site: Site) -> list[str]:
    """Every address that a page of ours posts to."""
    card = site.shop.join()
    site.shop.earn(card, visits=11)
    values: dict[str, Any] = {
        "program": "coffee",
        "serial": card,
        "reward": "coffee",
        "entry": 1,
        "verb": "pause",
    }
    values["token"] = site.shop.services.links.token(card)
    adapter = site.app.url_map.bind("localhost")
    return [
        adapter.build(rule.endpoint, {name: values.get(name, 1) for name in rule.arguments}, method="POST")
        for rule in site.app.url_map.iter_rules()
        if rule.methods and "POST" in rule.methods and not rule.rule.startswith(("/apple", "/api", "/google"))
    ]


def test_S10_no_form_of_ours_works_without_its_token(site: Site) -> None:
    addresses = unsafe(site)
    assert len(addresses) >= 8
    person = signed_in(site)
    for address in addresses:
        answer = person.client.post(address, data={"key": "k" * 20, "pin": "1234", "amount": "300"})
        assert answer.status_code == 400, address
    assert (site.count(Card), site.count(LedgerEntry)) == (1, 2)
    assert person.get("/till").path == "/till"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8002"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "null"},
        {"Sec-Fetch-Site": "nonsense"},
    ],
)
def test_S10_no_other_page_posts_here_even_with_a_token(site: Site, headers: dict[str, str]) -> None:
    addresses = unsafe(site)
    person = signed_in(site)
    hidden = {"csrf_token": person.client.get("/till/state").get_json()["csrf"]}
    for address in addresses:
        answer = person.client.post(
            address, data=hidden | {"key": "k" * 20, "amount": "300"}, headers=headers
        )
        assert answer.status_code == 400, address
    assert (site.count(Card), site.count(LedgerEntry)) == (1, 2)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "http://localhost"},
    ],
)
def test_S10_our_own_pages_do(site: Site, headers: dict[str, str]) -> None:
    person = site.visitor().get("/join/coffee")
    _, hidden = person.form("")
    assert person.client.post("/join/coffee", data=hidden, headers=headers).status_code == 303


def test_S10_a_token_of_another_session_is_worth_nothing(site: Site) -> None:
    _, stolen = site.visitor().get("/join/coffee").form("")
    victim = site.visitor().get("/join/coffee")
    assert victim.client.post("/join/coffee", data=stolen).status_code == 400
    assert site.count(Card) == 0


def asked(client: FlaskClient, site: Site) -> list[Any]:
    card = site.page_of(site.shop.join())
    return [
        client.get("/"),
        client.get("/join/coffee"),
        client.post("/join/coffee"),
        client.get(card),
        client.get(f"{card}/apple"),
        client.get("/static/base.css"),
        client.get("/static/../settings.py"),
        client.get("/healthz"),
        client.get("/readyz"),
        client.get("/robots.txt"),
        client.get("/till"),
        client.get("/nowhere"),
        client.delete("/till"),
        client.get("/join/coffee", headers={"Host": "evil.example"}),
        client.post("/join/coffee", data=b"x" * 200_000),
        client.get("/art/" + "0" * 64 + ".png"),
        client.get("/apple/v1/passes/x/y"),
        client.post("/apple/v1/log", data=b"{"),
    ]


def test_S11_every_answer_carries_the_headers(site: Site) -> None:
    for answer in asked(site.app.test_client(), site):
        answer.close()
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self'" in policy
        assert "'unsafe" not in policy
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "Strict-Transport-Security" not in answer.headers


def test_S11_the_till_alone_may_compile_the_reader_of_its_camera(site: Site) -> None:
    client = site.app.test_client()
    for path, scripts in (
        ("/till", "'self' 'wasm-unsafe-eval'"),
        ("/till/nowhere", "'self' 'wasm-unsafe-eval'"),
        ("/tillage", "'self'"),
        ("/office", "'self'"),
        ("/join/coffee", "'self'"),
    ):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert f"script-src {scripts};" in policy
        assert "'unsafe-eval'" not in policy
        assert "connect-src 'self'; worker-src 'self'; manifest-src 'self';" in policy


def test_S11_https_is_kept_where_there_is_https(open_site: Callable[..., Site]) -> None:
    site = open_site(WALLET_PUBLIC_URL="https://cards.example.com")
    answer = site.app.test_client().get("/", base_url="https://cards.example.com")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_S11_the_one_style_element_is_let_through_by_a_nonce_of_its_own(site: Site) -> None:
    client = site.app.test_client()
    nonces = set()
    for _ in range(2):
        answer = client.get("/join/coffee")
        shown = re.findall(r'<style nonce="([^"]+)"', answer.text)
        assert f"'nonce-{shown[0]}'" in answer.headers["Content-Security-Policy"]
        nonces.add(shown[0])
    assert len(nonces) == 2


PATHS = ["/", "/join/coffee", "/till", "/office", "/nowhere", "/apple/v1/log", "/readyz"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000", "a b"])
def test_S14_a_forged_host_is_refused(open_site: Callable[..., Site], host: str) -> None:
    client = open_site().app.test_client()
    answers = [client.get(path, headers={"Host": host}) for path in PATHS]
    assert [answer.status_code for answer in answers] == [400] * len(PATHS)
    assert [answer.text for answer in answers if host in answer.text] == []


def test_S14_production_answers_to_its_own_name_alone(open_site: Callable[..., Site]) -> None:
    site = open_site(WALLET_PUBLIC_URL="https://cards.example.com")
    client = site.app.test_client()
    assert client.get("/healthz", base_url="https://cards.example.com").status_code == 200
    assert client.get("/healthz", base_url="https://other.example.com").status_code == 400


@pytest.mark.parametrize("host", ["10.1.2.3:8000", "web:8000", "[fd00::1]:8000", "localhost"])
def test_S14_probes_of_the_own_network_need_no_name(open_site: Callable[..., Site], host: str) -> None:
    client = open_site(WALLET_PUBLIC_URL="https://cards.example.com", WALLET_MODE="sandbox").app.test_client()
    assert client.get("/healthz", headers={"Host": host}).status_code == 200
    assert client.get("/readyz", headers={"Host": host}).status_code == 200
    assert host not in client.get("/readyz", headers={"Host": host}).text


def test_S14_forwarded_hosts_change_no_address_that_we_hand_out(site: Site) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example"}
    person = site.visitor().get("/join/coffee", headers=forged)
    _, hidden = person.form("")
    answer = person.client.post("/join/coffee", data=hidden, headers=forged)
    assert answer.headers["Location"].startswith("http://localhost:8000/card/")
    page = person.get(answer.headers["Location"].removeprefix("http://localhost:8000"), headers=forged)
    assert page.answer is not None
    assert "evil.example" not in page.answer.text


@pytest.mark.parametrize("path", ["/join/coffee", "/till/sign-in", "/till/pair", "/till/sign-out"])
def test_S18_a_body_beyond_64_kilobytes_is_refused(site: Site, path: str) -> None:
    person = signed_in(site)
    for body in (b"csrf_token=" + b"x" * 100_000, b"x" * 100_000):
        answer = person.client.post(path, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 413
        assert "Too much at once" in answer.text


@pytest.mark.parametrize(
    ("path", "method", "status", "english", "russian"),
    [
        ("/nowhere", "GET", 404, "Nothing here", "Здесь ничего нет"),
        ("/till", "DELETE", 405, "Not this way", "Так не получится"),
        ("/card/nothing", "GET", 404, "Nothing here", "Здесь ничего нет"),
    ],
)
def test_errors_speak_the_language_of_whoever_meets_them(
    site: Site, path: str, method: str, status: int, english: str, russian: str
) -> None:
    for language, said in (("en-GB,en;q=0.9", english), ("ru-RU,ru;q=0.9,en;q=0.1", russian)):
        answer = site.visitor(language).client.open(path, method=method)
        assert (answer.status_code, said in answer.text) == (status, True)
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/nowhere", "application/json"), ("/card/x", "application/problem+json"), ("/api/x", "*/*")],
)
def test_machines_get_problem_json(site: Site, path: str, accept: str) -> None:
    answer = site.app.test_client().get(path, headers={"Accept": accept})
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json(force=True)
    assert body["status"] == answer.status_code == 404
    assert {"type", "title", "detail"} <= set(body)


def test_a_wrong_method_names_the_right_ones(site: Site) -> None:
    assert "GET" in site.app.test_client().delete("/till/sign-in").headers["Allow"]


def test_a_database_that_is_gone_is_503_with_a_time_to_come_back(open_site: Callable[..., Site]) -> None:
    site = open_site()
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE program RENAME TO gone")
    person = site.visitor("ru").get("/join/coffee")
    assert person.status == 503
    assert "Ничего не проведено" in person.text
    assert person.answer is not None
    assert int(person.answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("language", "said"), [("en", "It is our fault"), ("ru", "Это наша ошибка")])
def test_a_fault_that_nobody_foresaw_is_admitted_and_gives_nothing_away(
    site: Site, language: str, said: str
) -> None:
    site.app.add_url_rule("/boom", view_func=lambda: 1 // 0)  # type: ignore[arg-type]
    person = site.visitor(language).get("/boom")
    assert person.answer is not None
    assert (person.status, said in person.text) == (500, True)
    assert "ZeroDivision" not in person.answer.text
    assert "Content-Security-Policy" in person.answer.headers
