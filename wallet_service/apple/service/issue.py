"""A card becomes a signed pass; no transaction is open meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask import Response
from werkzeug.http import http_date

from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.bundle.pkpass import MIME_TYPE, Prepared, bundle
from wallet_service.apple.service import signing_alarm
from wallet_service.apple.service.desk import AppleDesk
from wallet_service.apple.service.template_shelf import Look
from wallet_service.apple.service.versions import Served, Version, current
from wallet_service.apple.signing.certificates import Credentials
from wallet_service.art.gallery import Gallery
from wallet_service.domain.errors import Misconfigured
from wallet_service.domain.progress import Progress

STRIPS = {1: "strip.png", 2: "strip@2x.png", 3: "strip@3x.png"}


@dataclass(frozen=True)
class Issued:
    body: bytes
    last_modified: datetime
    filename: str


def download(desk: AppleDesk, serial: str) -> Response:
    """For the member's own page. Raises Unavailable, Misconfigured or UnknownCard."""
    issued = issue(desk, serial)
    answer = answered(issued)
    answer.headers["Content-Disposition"] = f'attachment; filename="{issued.filename}"'  # B13
    return answer


def answered(issued: Issued) -> Response:
    """B13, M1; W26: what is between us and the phone must not pack it a second time."""
    answer = Response(issued.body, mimetype=MIME_TYPE)
    answer.headers["Last-Modified"] = http_date(issued.last_modified)
    answer.headers["Cache-Control"] = "private, no-store, no-transform"
    return answer


def issue(desk: AppleDesk, serial: str) -> Issued:
    return signed(desk, current(desk, serial))


def signed(desk: AppleDesk, version: Version) -> Issued:
    """Unavailable or Misconfigured rather than a file that phones refuse (B17)."""
    with signing_alarm.watching(desk, version.pass_type):
        credentials = desk.signing.credentials(version.pass_type, version.serial)
        body = desk.finished.get(_key(version, credentials), lambda: _made(desk, version, credentials))
    return _issued(body, version)


def kept(desk: AppleDesk, served: Served) -> Issued | None:
    """What was signed before, if it is still at hand."""
    with signing_alarm.watching(desk, served.pass_type):
        credentials = desk.signing.credentials(served.pass_type, served.serial)
    body = desk.finished.kept(_key(served, credentials))
    return None if body is None else _issued(body, served)


def _key(served: Served, credentials: Credentials) -> tuple[str, str, int]:
    """An expired certificate's passes must not outlive it here."""
    return served.serial, served.state, credentials.certificate.serial_number


def _issued(body: bytes, served: Served) -> Issued:
    return Issued(body, served.modified_at, f"{served.program}.pkpass")


def _made(desk: AppleDesk, version: Version, credentials: Credentials) -> bytes:
    face, look = version.face, desk.templates.look(version.face.template)
    identity = Identity(
        pass_type=version.pass_type,
        team=credentials.team,
        web_service_url=desk.services.links.apple_web_service,
        authentication_token=desk.authentication_token(face.serial),
    )
    built = pass_json.build(face, look.template, identity)
    _require_own_serial(built.pass_json, face.serial)
    pictures = _pictures(look, face.progress, desk.services.gallery)
    return bundle(pictures, built.files, desk.signing.signer(version.pass_type, face.serial))


def _require_own_serial(body: bytes, serial: str) -> None:
    """A phone refuses a pass that is not the one it asked for (the bundle checks the type)."""
    if f'"serialNumber":"{serial}"'.encode() not in body:
        raise Misconfigured("The pass names another serial number than the card's. Check its template.")


@lru_cache(maxsize=128)
def _pictures(look: Look, progress: Progress, gallery: Gallery) -> Prepared:
    if not look.template.has_strip:
        return look.prepared
    strips = {name: gallery.picture(progress, look.theme, scale) for scale, name in STRIPS.items()}
    return look.prepared.joined(Prepared(strips))
