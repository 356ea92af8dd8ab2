"""A look whether Google could fetch a picture costs a moment, whatever answers there."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

from tests.services.ports import LOOPBACK
from wallet_service.google.pictures_ready import PicturesReady


def test_a_place_that_hangs_is_waited_for_once_and_not_for_each_picture() -> None:
    with socket.create_server((LOOPBACK, 0)) as nobody:
        address = f"http://{LOOPBACK}:{nobody.getsockname()[1]}/art"
        pictures = PicturesReady(patience=0.2)
        assert not any(pictures.ready(f"{address}/{number}.png") for number in range(20))
        nobody.setblocking(False)
        assert _callers(nobody) == 1


def test_cards_do_not_wait_for_the_picture_of_another() -> None:
    with socket.create_server((LOOPBACK, 0)) as nobody:
        address = f"http://{LOOPBACK}:{nobody.getsockname()[1]}/art"
        pictures = PicturesReady(patience=5.0)
        with ThreadPoolExecutor(2) as crew:
            looks = [crew.submit(pictures.ready, f"{address}/{number}.png") for number in range(2)]
            lines = [nobody.accept()[0] for _ in looks]  # both ask, though nobody answers yet
            for line in lines:
                line.close()
            assert not any(look.result() for look in looks)


def _callers(place: socket.socket) -> int:
    found = 0
    while True:
        try:
            place.accept()[0].close()
        except BlockingIOError:
            return found
        found += 1
