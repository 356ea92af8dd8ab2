"""Operators hear of alarms by mail and by request: once, and once more when they are over."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.services import mail
from tests.services.mail import Letters
from tests.services.ports import LOOPBACK, free_port
from tests.services.receiver import Receiver
from tests.shop import Shop, make_settings
from wallet_service.push import alarm_post
from wallet_service.push.alarm_post import News
from wallet_service.push.alarm_ways import Mail, Request, ways
from wallet_service.push.alarms import clear_alarm, raise_alarm

TO = "olga@example.com, night@example.com"
HERE = "https://cards.example.com:8443"


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Letters]:
    with mail.server(tmp_path / "mail") as started:
        yield started


def raised(shop: Shop, detail: str = "The disk is nearly full.") -> None:
    with shop.services.sessions.begin() as session:
        raise_alarm(session, "disk", "/data", detail, shop.clock())


def over(shop: Shop) -> None:
    with shop.services.sessions.begin() as session:
        clear_alarm(session, "disk", "/data", shop.clock())


def tell(shop: Shop, *urls: str) -> None:
    alarm_post.tell(shop.services.sessions, [Mail(url, TO, HERE) for url in urls], shop.clock())


def test_an_alarm_is_mailed_once_and_once_more_when_it_is_over(shop: Shop, letters: Letters) -> None:
    raised(shop)
    for _ in range(3):
        shop.clock.forward(minutes=1)
        tell(shop, letters.url)
    (first,) = letters.all
    assert first["Subject"] == "[cards.example.com] Alarm: disk (/data)"
    assert "The disk is nearly full." in first.get_content()
    assert f"{HERE}/office" in first.get_content()
    assert letters.to(0) == ["olga@example.com", "night@example.com"]
    over(shop)
    for _ in range(3):
        shop.clock.forward(minutes=1)
        tell(shop, letters.url)
    assert [letter["Subject"] for letter in letters.all[1:]] == ["[cards.example.com] Over: disk (/data)"]


def test_what_was_over_before_anybody_was_told_is_no_news(shop: Shop, letters: Letters) -> None:
    raised(shop)
    over(shop)
    tell(shop, letters.url)
    assert letters.all == []


def test_what_comes_and_goes_is_told_again_after_a_quarter_of_an_hour(shop: Shop, letters: Letters) -> None:
    for minute in range(16):
        raised(shop) if minute % 2 == 0 else over(shop)
        shop.clock.forward(seconds=30)
        tell(shop, letters.url)
        shop.clock.forward(seconds=30)
    assert len(letters.all) == 2


def test_mail_that_nobody_took_is_sent_the_next_time(shop: Shop, letters: Letters) -> None:
    raised(shop)
    letters.fill()
    tell(shop, letters.url)
    letters.empty()
    tell(shop, letters.url)
    assert len(letters.all) == 1


def test_of_two_servers_one_that_is_away_makes_no_second_mail(shop: Shop, letters: Letters) -> None:
    raised(shop)
    nobody = f"smtp://{LOOPBACK}:{free_port()}"
    for _ in range(3):
        tell(shop, nobody, letters.url)
    assert len(letters.all) == 1


def test_several_workers_at_once_send_one_mail(shop: Shop, letters: Letters) -> None:
    raised(shop)
    with ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda _: tell(shop, letters.url), range(6)))
    assert len(letters.all) == 1


class Dying:
    """The process ends while it tells."""

    name = "dying"

    def send(self, news: News) -> None:
        raise SystemExit(news.headline)


def test_what_a_worker_that_died_was_about_to_mail_is_mailed_by_another(shop: Shop, letters: Letters) -> None:
    raised(shop)
    with pytest.raises(SystemExit):
        alarm_post.tell(shop.services.sessions, [Dying()], shop.clock())
    tell(shop, letters.url)
    assert letters.all == []  # it may still be at it
    shop.clock.forward(minutes=3)
    for _ in range(2):
        tell(shop, letters.url)
    assert len(letters.all) == 1


def test_a_line_break_in_an_alarm_writes_no_header(shop: Shop, letters: Letters) -> None:
    news = News(1, "phones", "a\r\nBcc: eve@example.com", "b\r\n.\r\nQUIT", shop.clock(), None, None)
    Mail(letters.url, TO, HERE).send(news)
    (letter,) = letters.all
    assert (letter["Bcc"], letters.to(0)) == (None, ["olga@example.com", "night@example.com"])
    assert "QUIT" in letter.get_content()


def test_a_server_that_wants_a_name_gets_it(shop: Shop, tmp_path: Path) -> None:
    with mail.server(tmp_path / "mail", secret=True) as letters:
        url = f"smtp://shop%40example.com:a%20secret@{LOOPBACK}:{letters.port}"
        raised(shop)
        tell(shop, url)
        assert [letter["From"] for letter in letters.all] == ["shop@example.com"]


def test_an_address_that_never_ends_its_answer_was_told(shop: Shop) -> None:
    with socket.create_server((LOOPBACK, 0)) as chat, ThreadPoolExecutor(1) as crew:
        url = f"http://{LOOPBACK}:{chat.getsockname()[1]}/"
        sending = crew.submit(Request(url, "shop").send, News(1, "disk", "/", "", shop.clock(), None, None))
        with chat.accept()[0] as line:
            line.recv(65_536)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
            sending.result()


def test_an_address_of_the_operator_is_told_too(shop: Shop, receiver: Receiver, name: str) -> None:
    addresses = {"WALLET_ALARM_URL": receiver.url(name), "WALLET_PUBLIC_URL": "http://shop"}
    settings = make_settings(shop.services.settings.data_dir, **addresses)
    raised(shop)
    alarm_post.tell(shop.services.sessions, ways(settings), shop.clock())
    (call,) = receiver.calls(name)
    body = json.loads(call["body"])
    assert (body["alarm"], body["state"]) == ("disk", "raised")
    assert body["text"].startswith("[shop] Alarm: disk")


def test_nobody_is_told_where_nothing_is_set_up(shop: Shop) -> None:
    assert ways(shop.services.settings) == ()
    raised(shop)
    alarm_post.tell(shop.services.sessions, (), shop.clock())
