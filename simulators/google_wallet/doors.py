"""The addresses that Google's own clients know: API, batch, token, keys of callbacks."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any, cast

from flask import Blueprint, Response, current_app, request

from simulators.google_wallet.api import Api
from simulators.google_wallet.calls import Answer, Call, saying
from simulators.google_wallet.gate import Gate
from simulators.google_wallet.world import World

doors = Blueprint("doors", __name__)
KEYS_FOR = "public, max-age=3600"


def world() -> World:
    return cast(World, current_app.extensions["world"])


def _api() -> Api:
    return cast(Api, current_app.extensions["api"])


@doors.route("/walletobjects/v1/<path:_rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def api(_rest: str) -> Response:
    return _respond(_api().answer(_call()))


@doors.post("/batch")
@doors.post("/batch/walletobjects/v1")
def batch() -> Response:
    return _respond(_api().batch(_call(), request.headers.get("Content-Type", "")))


@doors.post("/token")
def token() -> Response:
    return _respond(_outside_the_api(world().tokens.answer))


@doors.get("/callback-keys")
def callback_keys() -> Response:
    response = _respond(_outside_the_api(lambda _call: saying(world().forger.keys())))
    response.headers["Cache-Control"] = KEYS_FOR
    return response


def _outside_the_api(act: Any) -> Answer:
    return Gate(world()).let_through(_call(), act, counted=False)


def _call() -> Call:
    authorization = request.headers.get("Authorization", "")
    return Call(request.method, request.path, request.args.to_dict(), authorization, request.get_data())


def _respond(answer: Answer) -> Response:
    if answer.hold is not None:
        _hang_up(answer.hold)
        return Response(status=503)  # goes nowhere
    return Response(answer.body, answer.status, dict(answer.headers))


def _hang_up(after: float) -> None:
    """Says nothing, then cuts the line: all that a client can see of a lost answer."""
    time.sleep(after)
    line: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
