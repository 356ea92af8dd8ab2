"""The service before and after an update: the next release's files stand under another digest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from wallet_service.web.till.page import release

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

TOLD = ("text/html", "text/javascript")


class Releases:
    """Stands before the application. An old file is gone with the old release."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.updated = False
        self.now = release()

    def update(self) -> None:
        self.now = release()[::-1]
        self.updated = True

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if not self.updated:
            return self.app(environ, start)
        asked = environ["PATH_INFO"].replace(release(), "gone").replace(self.now, release())
        plain = {"PATH_INFO": asked, "HTTP_ACCEPT_ENCODING": "", "HTTP_IF_NONE_MATCH": ""}
        response = Response.from_app(self.app, {**environ, **plain})
        if response.mimetype in TOLD:
            response.set_data(response.get_data().replace(release().encode(), self.now.encode()))
        return response(environ, start)
