"""Pictures under addresses that say all of what they show, so that they may be kept for ever."""

from __future__ import annotations

from flask import Blueprint, Response, request

from wallet_service.domain.errors import NotFound
from wallet_service.web.page import services

FOREVER = "public, max-age=31536000, immutable"

pictures = Blueprint("pictures", __name__)


@pictures.get("/art/<digest>.png")
def picture(digest: str) -> Response:
    found = services().gallery.open(digest)
    if found is None:
        raise NotFound("There is no picture at this address.")
    response = Response(found, mimetype="image/png", headers={"Cache-Control": FOREVER})
    response.set_etag(digest)
    response.make_conditional(request)
    return response
