"""What makes the till an app in a browser: its worker, its manifest, and the camera's reader."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from wallet_service.domain.errors import NotFound
from wallet_service.web.languages import language
from wallet_service.web.page import STATIC, asset
from wallet_service.web.pictures import FOREVER
from wallet_service.web.till.page import release, shell_files

INK = "#262c38"
WORKER = STATIC / "till/worker.js"
READER = STATIC / "vendor/zxing"
READER_FILES = {
    "share.js": "text/javascript",
    "reader/index.js": "text/javascript",
    "reader/zxing_reader.wasm": "application/wasm",  # any other type, and browsers compile it slowly or not
}

installable = Blueprint("installable", __name__, url_prefix="/till")


@installable.get("/worker.js")
def worker() -> Response:
    """The same script under the same address; a browser that finds other bytes takes the new release."""
    response = Response(_release() + WORKER.read_text(encoding="utf-8"), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/till"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@installable.get("/manifest.webmanifest")
def manifest() -> Response:
    response = jsonify(
        id="/till",
        name=_("Till"),
        short_name=_("Till"),
        lang=language(),
        start_url="/till",
        scope="/till",
        display="standalone",
        background_color=INK,
        theme_color=INK,
        icons=[_icon(192), _icon(512), _icon(512, purpose="maskable")],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@installable.get("/reader/<digest>/<path:name>")
def reader(digest: str, name: str) -> Response:
    if digest != reader_digest() or name not in READER_FILES:
        raise NotFound("There is no such reader here.")
    response = Response((READER / name).read_bytes(), mimetype=READER_FILES[name])
    response.headers["Cache-Control"] = FOREVER
    return response


@lru_cache(maxsize=1)
def reader_digest() -> str:
    """Of all its files together: they fit each other only."""
    whole = hashlib.sha256()
    for name in READER_FILES:
        whole.update((READER / name).read_bytes())
    return whole.hexdigest()[:16]


def _release() -> str:
    return f"self.RELEASE = {json.dumps({'name': release(), 'files': shell_files()})};\n"


def _icon(size: int, purpose: str = "any") -> dict[str, str]:
    address = asset(f"icons/till-{size}.png")
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
