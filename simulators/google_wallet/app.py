"""The simulated Google Wallet as a web application."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response

from simulators.google_wallet.api import Api
from simulators.google_wallet.control import control
from simulators.google_wallet.doors import doors
from simulators.google_wallet.gate import Gate
from simulators.google_wallet.page import page, shared
from simulators.google_wallet.save_page import save_page
from simulators.google_wallet.world import World

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(world: World) -> Flask:
    app = Flask(__name__)
    app.extensions["world"] = world
    app.extensions["api"] = Api(world, Gate(world))
    app.config["MAX_CONTENT_LENGTH"] = 25_000_000
    # Another site must not reach the phone by pointing its own name at this machine.
    own = urlsplit(world.setup.public_url).hostname or "localhost"
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]", own]
    for blueprint in (doors, control, save_page, page, shared):
        app.register_blueprint(blueprint)
    app.after_request(_guard)
    return app


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
