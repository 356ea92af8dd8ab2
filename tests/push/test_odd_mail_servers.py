"""A mail server that answers oddly holds nobody up and makes no second mail."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.services.ports import LOOPBACK
from wallet_service.push.alarm_post import Letter, NotTaken
from wallet_service.push.alarm_ways import Mail

LETTER = Letter("Alarm", "The disk is full.")


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[tuple[str, Future[None]]]:
    """Its address, and one conversation."""

    def answer() -> None:
        with listening.accept()[0] as line:
            talk(line)

    with socket.create_server((LOOPBACK, 0)) as listening, ThreadPoolExecutor(1) as crew:
        yield f"smtp://{LOOPBACK}:{listening.getsockname()[1]}", crew.submit(answer)


def drips(line: socket.socket) -> None:
    """Says something again and again, as tarpits do, until nobody listens."""
    line.settimeout(0.02)
    try:
        while True:
            line.sendall(b"220-one moment\r\n")
            try:
                if not line.recv(100):
                    return
            except TimeoutError:
                continue
    except OSError:
        return


def takes(line: socket.socket) -> None:
    """The mail, and answers the good-bye with a no."""
    line.sendall(b"220 here\r\n")
    with line.makefile("rb") as said:
        for words in said:
            verb = words[:4].upper()
            if verb == b"DATA":
                line.sendall(b"354 go on\r\n")
                while said.readline() not in (b".\r\n", b""):
                    pass
            line.sendall(b"500 no\r\n" if verb == b"QUIT" else b"250 yes\r\n")


def test_a_server_that_goes_on_for_ever_is_left_after_a_while() -> None:
    with server(drips) as (url, conversation):
        with pytest.raises(NotTaken):
            Mail(url, "olga@example.com", "https://cards.example.com", altogether=0.3).post(LETTER)
        conversation.result()


def test_what_was_taken_is_taken_however_the_server_says_good_bye() -> None:
    with server(takes) as (url, conversation):
        Mail(url, "olga@example.com", "https://cards.example.com").post(LETTER)
        conversation.result()
