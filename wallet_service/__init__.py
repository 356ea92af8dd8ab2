"""Self-hosted loyalty cards with a progress bar, in the wallets of people's phones."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


HAND_OVER = 0.0005
"""Seconds after which a busy thread lets another one on: whoever holds SQLite's lock must not wait the usual
ten times as long for somebody who only reads JSON.
"""


def create_app() -> Flask:
    """The application with its commands (`flask --app wallet_service wallet ...`), from the environment."""
    from wallet_service import wiring  # only the application needs every room
    from wallet_service.settings import from_environment

    with _one_sentence():
        return wiring.create_app(from_environment())


def serve() -> Flask:
    """The same for a web server: it refuses keys that the commands must still be able to mend.

    `flask wallet` comes by here too when nobody names the application: then it is no server.
    """
    from wallet_service import wiring
    from wallet_service.settings import from_environment

    with _one_sentence():
        settings, serves = from_environment(), os.environ.get("FLASK_RUN_FROM_CLI") != "true"
        if serves:
            wiring.watch_over(settings)
            wiring.require_safe_place(settings)
            wiring.require_safe_keys(settings, wiring.utc_now())
            wiring.require_open_keys(settings)
            sys.setswitchinterval(HAND_OVER)
        app = wiring.create_app(settings)
        if serves:
            wiring.settle_in(app.extensions["wallet"])
        return wiring.begun(app)


@contextmanager
def _one_sentence() -> Iterator[None]:
    """What stops a start is a sentence on the terminal, not a traceback."""
    from wallet_service.domain.errors import WalletError
    from wallet_service.settings import BadSetting

    try:
        yield
    except (BadSetting, WalletError) as problem:
        raise SystemExit(f"wallet_service does not start: {problem}") from problem
