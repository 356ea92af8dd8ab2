"""A server inside a test answers for as long as the test needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from wsgiref.types import WSGIApplication

from werkzeug.serving import make_server

PATIENCE = 0.02  # seconds until it notices that it may go


@contextmanager
def serving(server: HTTPServer) -> Iterator[str]:
    """At this address; it listens already."""
    thread = threading.Thread(target=server.serve_forever, args=(PATIENCE,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving_app(app: WSGIApplication) -> Iterator[str]:
    """On a real socket, many requests at once."""
    with serving(make_server("127.0.0.1", 0, app, threaded=True)) as address:
        yield address
