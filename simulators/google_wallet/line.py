"""A connection that stays open from call to call, as Google's do; werkzeug by itself closes each."""

from __future__ import annotations

import contextlib
from io import BytesIO
from wsgiref.types import WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Response

LONGEST = 20_000_000  # bytes of a body that are read before the application is asked
NOTHING_FOLLOWS = (204, 304)


class Line(WSGIRequestHandler):
    """Reads every body to its end, whether it is wanted or not, so that the next call begins where it should.
    A body of unknown or monstrous length is the last of its connection.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    timeout = 60  # seconds without a call

    def run_wsgi(self) -> None:
        self.wfile.flush()  # "100 Continue", where it was asked for
        environ = self.environ = self._read()
        with Response.from_app(self.server.app, environ) as answer:
            self._begin(answer, answer.get_wsgi_headers(environ))
            for piece in answer.get_app_iter(environ):
                self.wfile.write(piece)
                if self.close_connection:  # a stream: whoever listens waits for each piece
                    self.wfile.flush()

    def _read(self) -> WSGIEnvironment:
        environ = self.make_environ()
        length = environ.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in environ or not length.isdecimal() or int(length) > LONGEST:
            self.close_connection = True
        else:
            environ["wsgi.input"] = BytesIO(self.rfile.read(int(length)))
        return environ

    def _begin(self, answer: Response, headers: Headers) -> None:
        self.send_response(answer.status_code, answer.status.partition(" ")[2])
        for name, value in headers:
            self.send_header(name, value)
        if "Content-Length" not in headers and answer.status_code not in NOTHING_FOLLOWS:
            self.close_connection = True  # its end is the end of the answer
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def finish(self) -> None:
        """Whoever was kept waiting has gone."""
        with contextlib.suppress(ConnectionError):
            super().finish()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The history has it."""
