"""The phone as a process: its control API, its pictures, what survives a restart, and whom it obeys."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.services.serving import serving
from tests.simulators.bundle_maker import PASS_TYPE, PassMaker, coffee, coffee_pass, make_papers
from tests.simulators.web_service import PKPASS, Service


class Remote:
    """Talks to a running simulator."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        answer = requests.get(self.url + path, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> requests.Response:
        return requests.post(self.url + path, json=body if body is not None else {}, timeout=10)

    def add(self, data: bytes, phone: str = "default") -> requests.Response:
        headers = {"Content-Type": PKPASS}
        return requests.post(f"{self.url}/api/phones/{phone}/cards", data=data, headers=headers, timeout=10)

    def card(self, phone: str = "default", serial: str = "coffee-0001") -> Any:
        return self.get(f"/api/phones/{phone}/cards/{serial}")

    def push(self, phone: str = "default", push_id: str = "1") -> Any:
        token = self.get(f"/api/phones/{phone}")["push_token"]
        return self.post("/push", {"token": token, "topic": PASS_TYPE, "id": push_id}).json()


@contextmanager
def simulator(root: Path, *options: str) -> Iterator[Remote]:
    command = [sys.executable, "-m", "simulators.iphone", "--port", "0", "--root-ca", str(root), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Remote(process.stdout.readline().split()[-1])
        finally:
            process.terminate()
            assert process.wait(10) == 0


def eventually(look: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not look():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_papers().write_root(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def shared_phone(root: Path) -> Iterator[Remote]:
    with simulator(root, "--allow-http") as remote:
        yield remote


@pytest.fixture
def phone(shared_phone: Remote) -> Remote:
    """The one process, its default phone emptied."""
    shared_phone.post("/knobs", {"offline": False, "lose_pushes": False, "slow_ms": 0})
    for card in shared_phone.get("/api/phones/default/cards")["cards"]:
        requests.delete(f"{shared_phone.url}/api/phones/default/cards/{card['serial']}", timeout=10)
    shared_phone.post("/api/phones/default/language", {"language": "en"})
    return shared_phone


def test_a_card_comes_by_link_and_follows_its_pushes(phone: Remote, service: Service) -> None:
    service.card()
    url = f"{service.url}/card/coffee-0001.pkpass"
    answer = phone.post("/api/phones/default/cards", {"url": url})
    assert (answer.status_code, answer.json()["serial"]) == (201, "coffee-0001")
    service.change(3)
    assert phone.push(push_id="first") == {"woken": 1}
    eventually(lambda: phone.card()["values"]["balance"] == "3")
    card = phone.card()
    assert (card["wake_ups"], card["registered"], card["tag"]) == (1, True, "2")
    assert [notice["text"] for notice in card["notices"]][-1:] == ["3 of 10 — 7 to a free coffee"]
    assert [fetch["status"] for fetch in card["fetches"]][-1] == 200
    assert card["last_modified"].endswith("GMT")


def test_the_same_push_twice_wakes_once(phone: Remote, service: Service) -> None:
    phone.add(service.card())
    service.change(3)
    assert [phone.push(push_id="twin"), phone.push(push_id="twin")] == [{"woken": 1}, {"woken": 0}]
    eventually(lambda: bool(phone.card()["wake_ups"] == 1))


def test_a_push_for_an_unknown_token_wakes_nobody(phone: Remote) -> None:
    body = {"token": "nobody", "topic": PASS_TYPE, "id": "x"}
    assert phone.post("/push", body).json() == {"woken": 0}


def test_a_refused_card_says_why(phone: Remote) -> None:
    maker = PassMaker(make_papers())
    maker.content["teamIdentifier"] = "OTHER"
    answer = phone.add(maker.make())
    assert (answer.status_code, answer.json()["item"]) == (422, "B9")
    assert "OTHER" in answer.json()["error"]
    assert phone.get("/api/phones/default/cards") == {"cards": []}


def test_the_language_of_the_phone_changes_every_text(phone: Remote, service: Service) -> None:
    phone.add(service.card())
    phone.post("/api/phones/default/language", {"language": "ru"})
    card = phone.card()
    assert card["logo_text"] == "Кофе у Ады"
    assert card["fields"]["header"][0]["label"] == "Штампы"
    assert card["fields"]["header"][0]["raw"] == 2


def test_every_verb_of_the_owner(phone: Remote, service: Service) -> None:
    phone.add(service.card())
    other = phone.post("/api/phones", {"language": "ru"}).json()["id"]
    shared = phone.post("/api/phones/default/share", {"serial": "coffee-0001", "to": other})
    assert shared.status_code == 201
    assert len(service.registrations) == 2
    before = phone.get("/api/phones/default")["push_token"]
    assert phone.post("/api/phones/default/new-push-token").json()["push_token"] != before
    path = "/api/phones/default/cards/coffee-0001"
    assert phone.post(f"{path}/updates", {"on": False}).json()["registered"] is False
    assert phone.post(f"{path}/updates", {"on": True}).json()["registered"] is True
    service.change(7)
    assert phone.post(f"{path}/refresh").json()["values"]["balance"] == "7"
    gone = requests.delete(phone.url + path, timeout=10).json()
    assert gone == {"removed": "coffee-0001", "unregistered": True}
    assert len(service.registrations) == 1


def test_complaints_can_be_read(phone: Remote, service: Service) -> None:
    phone.add(service.card())
    phone.push(push_id="for nothing")
    eventually(lambda: "no changed passes" in str(phone.get("/api/phones/default/log")["lines"]))


def test_an_offline_phone_ignores_pushes(phone: Remote, service: Service) -> None:
    phone.add(service.card())
    phone.post("/knobs", {"phone": "default", "offline": True})
    service.change(3)
    phone.push(push_id="while away")
    eventually(lambda: phone.get("/api/phones/default")["waiting_pushes"] == [PASS_TYPE])
    assert phone.card()["values"]["balance"] == "2"
    phone.post("/knobs", {"offline": False})
    assert phone.card()["values"]["balance"] == "3"


def test_the_add_link_of_the_join_page_shows_the_wallet(phone: Remote, service: Service) -> None:
    service.card()
    link = {"url": f"{service.url}/card/coffee-0001.pkpass"}
    answer = requests.get(f"{phone.url}/add", params=link, timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?phone=default#coffee-0001")
    assert phone.card()["registered"]


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/x",
        "https://cards.example/x",
        "file:///etc/passwd",
        "http://127.0.0.1.evil.org/",
        "http://[",
    ],
)
def test_cards_are_downloaded_only_from_allowed_hosts(phone: Remote, url: str) -> None:
    answer = phone.post("/api/phones/default/cards", {"url": url})
    assert (answer.status_code, "allowed" in answer.json()["error"]) == (422, True)
    assert requests.get(f"{phone.url}/add", params={"url": url}, timeout=10).status_code == 422


def test_B13_a_card_must_come_with_its_own_content_type(phone: Remote, service: Service) -> None:
    service.card()
    headers = {"Content-Type": f"{PKPASS}; charset=utf-8"}
    service.lies["download"] = [(200, service.bundle("coffee-0001"), headers), (302, b"", {"Location": "/x"})]
    for item in ("B13", "download"):
        answer = phone.post("/api/phones/default/cards", {"url": f"{service.url}/card/coffee-0001.pkpass"})
        assert (answer.status_code, answer.json()["item"]) == (422, item)


def test_the_pictures_and_the_code_come_out_of_the_bundle(phone: Remote, service: Service) -> None:
    phone.add(service.card())
    card = phone.card()
    strip = requests.get(phone.url + card["pictures"]["strip"], timeout=10)
    assert (strip.headers["Content-Type"], strip.content[:4]) == ("image/png", b"\x89PNG")
    code = requests.get(phone.url + card["barcode"]["picture"], timeout=10)
    assert code.headers["Content-Type"].startswith("image/svg+xml")
    assert "<path" in code.text
    strange = f"{phone.url}/phones/default/cards/coffee-0001/pass.png"
    assert requests.get(strange, timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/push", []),
        ("/push", {"token": 5, "topic": "x"}),
        ("/knobs", {"offline": "yes"}),
        ("/knobs", {"gravity": 1}),
        ("/knobs", {"slow_ms": -1}),
        ("/api/phones", {"language": "xx"}),
        ("/api/phones/default/language", {}),
        ("/api/phones/default/cards", {"url": 5}),
        ("/api/phones/default/share", {"serial": "x"}),
    ],
)
def test_junk_is_answered_with_400(phone: Remote, path: str, body: Any) -> None:
    answer = phone.post(path, body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_unknown_phones_and_cards_are_404(phone: Remote) -> None:
    for path in ("/api/phones/nobody", "/api/phones/default/cards/none", "/phones/nobody"):
        assert requests.get(phone.url + path, timeout=10).status_code == 404


def test_foreign_pages_cannot_command_the_phone(phone: Remote) -> None:
    """Neither by a form (no JSON type), nor under another name of this machine; and nothing inline runs."""
    form = requests.post(f"{phone.url}/push", data='{"token": "x"}', timeout=10)
    assert form.status_code == 415
    renamed = requests.get(f"{phone.url}/api/phones", headers={"Host": "evil.example"}, timeout=10)
    assert renamed.status_code == 400
    policy = requests.get(phone.url, timeout=10).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


def test_the_page_is_told_of_changes(phone: Remote, service: Service) -> None:
    with requests.get(f"{phone.url}/events", stream=True, timeout=10) as stream:
        lines = stream.iter_lines()
        first = next(lines)
        phone.add(service.card())
        second = next(line for line in lines if line.startswith(b"data:"))
    assert second != first


def test_a_restart_keeps_the_cards(root: Path, tmp_path: Path, service: Service) -> None:
    options = ("--allow-http", "--state", str(tmp_path / "phone"))
    with simulator(root, *options) as before:
        before.add(service.card())
        service.change(3)
        before.push()
        eventually(lambda: bool(before.card()["values"]["balance"] == "3"))
        held, owner = before.card(), before.get("/api/phones/default")
    with simulator(root, *options) as after:
        again = after.card()
        assert again["last_modified"] == held["last_modified"]
        assert (again["tag"], again["registered"], again["version"]) == ("2", True, held["version"])
        assert [one["text"] for one in again["notices"]] == [one["text"] for one in held["notices"]]
        assert after.get("/api/phones/default")["push_token"] == owner["push_token"]
        service.change(4)
        after.push()
        eventually(lambda: bool(after.card()["values"]["balance"] == "4"))
    assert len(list((tmp_path / "phone").glob("*.pkpass"))) == 1


def test_a_strict_phone_demands_https_but_may_be_led_elsewhere(root: Path, service: Service) -> None:
    rewrite = f"https://cards.example/apple={service.url}"
    with simulator(root, "--service-rewrite", rewrite) as remote:
        assert remote.add(service.card()).json()["item"] == "P5"
        answer = remote.add(coffee(make_papers(), 2))
        assert (answer.status_code, answer.json()["registered"]) == (201, True)
    assert len(service.registrations) == 1


def test_the_phone_subscribes_at_apns_even_if_that_starts_later(root: Path, free_port: int) -> None:
    control = f"http://127.0.0.1:{free_port}"
    with simulator(root, "--apns-control", control) as remote, subscribers(free_port) as urls:
        eventually(lambda: bool(urls))
        assert urls[0] == f"{remote.url}/push"


@contextmanager
def subscribers(port: int) -> Iterator[list[str]]:
    urls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/subscribers"
            urls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["url"])
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    with serving(server):
        yield urls


def test_a_missing_root_certificate_stops_the_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulators.iphone", "--port", "0", "--root-ca", str(tmp_path / "none")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert "There is no certificate at" in ended.stderr


def test_expired_cards_are_marked(phone: Remote, service: Service) -> None:
    content = coffee_pass(2, "old-1", service.url) | {"expirationDate": "2020-01-01T00:00Z"}
    service.cards["old-1"] = service.cards.get("old-1") or _kept(service)
    assert phone.add(PassMaker(make_papers(), content).make()).json()["expired"] is True


def _kept(service: Service) -> Any:
    service.card("old-1")
    return service.cards["old-1"]
