"""The simulated iPhone as a web application: its page, its control API and the door for pushes."""

from flask import Flask, Response

from simulators.iphone.control import control
from simulators.iphone.page import page
from simulators.iphone.phones import Phones

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(phones: Phones) -> Flask:
    app = Flask(__name__)
    app.extensions["phones"] = phones
    app.config["MAX_CONTENT_LENGTH"] = 25_000_000
    # Another site must not reach the phone by pointing its own name at this machine.
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1", "[::1]"]
    app.register_blueprint(control)
    app.register_blueprint(page)
    app.after_request(_guard)
    return app


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
