"""The till's page: one shell for everybody who works here, and the files it is made of."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from wallet_service.domain.errors import NotFound
from wallet_service.web.auth import needs
from wallet_service.web.page import STATIC
from wallet_service.web.pictures import FOREVER

FILES = STATIC / "till"
STYLE = "till.css"
IMPORTED = re.compile(r'^import [^;]*?"\./([\w-]+\.js)";', re.MULTILINE)

till_page = Blueprint("till_page", __name__, url_prefix="/till", template_folder="templates")


@till_page.get("")
@needs("cashier")
def shell() -> str:
    """Holds nothing of the person and nothing secret: a till keeps it for the time without network."""
    return render_template("till.html", till_file=till_file, scripts=scripts())


@till_page.get("/files/<digest>/<name>")
def file(digest: str, name: str) -> Response:
    """Scripts import their neighbours by name, so all of them stand under one digest of them all."""
    if digest != release():
        raise NotFound("This file belongs to another release. Load the page again.")
    if name not in (STYLE, *(each.name for each in FILES.iterdir())):
        raise NotFound("There is no such file of the till's page.")
    found = (STATIC if name == STYLE else FILES) / name
    response = Response(found.read_bytes(), mimetype=guess_type(name)[0])
    response.headers["Cache-Control"] = FOREVER
    return response


@till_page.after_request
def _packed(response: Response) -> Response:
    """A third of the bytes; nothing in here is secret, so its length may be known (BREACH)."""
    response.vary.add("Accept-Encoding")
    if response.status_code == HTTPStatus.OK and request.accept_encodings.quality("gzip"):
        response.set_data(_squeezed(response.get_data()))
        response.content_encoding = "gzip"
    return response


def till_file(name: str) -> str:
    return f"/till/files/{release()}/{name}"


def shell_files() -> tuple[str, ...]:
    """Every address of ours that the page needs to work without a network."""
    return tuple(till_file(name) for name in (STYLE, *scripts()))


@lru_cache(maxsize=1)
def release() -> str:
    parts = [file.name.encode() + file.read_bytes() for file in sorted(_all_files())]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


@lru_cache(maxsize=1)
def scripts() -> tuple[str, ...]:
    """What `main.js` imports, and what that imports; the reader, which comes later, is not in it."""
    found, open_ends = {"main.js"}, ["main.js"]
    while open_ends:
        text = (FILES / open_ends.pop()).read_text(encoding="utf-8")
        new = set(IMPORTED.findall(text)) - found
        found |= new
        open_ends += sorted(new)
    return tuple(sorted(found))


@lru_cache(maxsize=128)
def _squeezed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _all_files() -> list[Path]:
    return [STATIC / STYLE, *FILES.glob("*.js")]
