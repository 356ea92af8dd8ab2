"""The control port: what an observer reads and turns, in plain HTTP/1.1 on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from simulators.apns.house import House

LONGEST_BODY = 1_000_000


class NotHere(Exception):
    """No such address."""


def reply(house: House, method: str, path: str, body: bytes) -> Any:
    """What an address answers; raises ValueError, KeyError, TypeError for a request that makes no sense."""
    call = _CALLS.get((method, path))
    if call is None:
        raise NotHere
    return call(house, json.loads(body) if body else {})


def _history(house: House, _: Any) -> Any:
    return house.history.as_json()


def _forget(house: House, _: Any) -> Any:
    house.history.clear()
    return {}


def _stats(house: House, _: Any) -> Any:
    return house.history.stats()


def _subscribe(house: House, wish: Any) -> Any:
    house.history.subscribe(wish["url"])
    return {"subscribers": house.history.subscribers}


def _turn(house: House, wish: Any) -> Any:
    house.turn(wish)
    return {}


def _behave(house: House, _: Any) -> Any:
    house.behave()
    return {}


def _trust(house: House, wish: Any) -> Any:
    house.keys.trust(wish)
    return {"keys": sorted(house.keys.known)}


def _distrust(house: House, _: Any) -> Any:
    house.keys.known.clear()
    return {}


_CALLS: dict[tuple[str, str], Callable[[House, Any], Any]] = {
    ("GET", "/history"): _history,
    ("DELETE", "/history"): _forget,
    ("GET", "/stats"): _stats,
    ("POST", "/subscribers"): _subscribe,
    ("POST", "/knobs"): _turn,
    ("DELETE", "/knobs"): _behave,
    ("POST", "/keys"): _trust,
    ("DELETE", "/keys"): _distrust,
}


class Control:
    def __init__(self, house: House) -> None:
        self._house = house

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status, said = await self._answer(reader)
            body = json.dumps(said).encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
        except (OSError, EOFError):
            pass  # whoever asked has gone
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[str, Any]:
        try:
            method, path, body = await asyncio.wait_for(_read(reader), 10)
            return "200 OK", reply(self._house, method, path, body)
        except NotHere:
            return "404 Not Found", {"error": "no such address"}
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            TimeoutError,
            asyncio.LimitOverrunError,
        ) as error:
            return "400 Bad Request", {"error": f"{type(error).__name__}: {error}"}


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _version = head[0].split(" ")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= LONGEST_BODY:
        raise ValueError("too long")
    return method, path, await reader.readexactly(length)
