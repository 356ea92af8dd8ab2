"""Is anybody there, and can they work: for the operator's probes."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from wallet_service.apple.signing import certificate_status
from wallet_service.domain.errors import WalletError
from wallet_service.web.limits import limiter
from wallet_service.web.page import services

log = logging.getLogger(__name__)

health = Blueprint("health", __name__)


@health.get("/healthz")
@limiter.exempt
def alive() -> Response:
    """Touches nothing: a slow database must not get a living process killed."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@limiter.exempt
def ready() -> Response:
    """Names what is missing; what exactly goes to the log, because anybody may ask here."""
    found = {"database": _database(), "certificates": _papers()}
    faults = [name for name, fault in found.items() if fault]
    for name in faults:
        log.warning("not ready, %s: %s", name, found[name])
    response = jsonify(ready=not faults, faults=faults)
    response.headers["Cache-Control"] = "no-store"
    if faults:
        response.status_code = 503
        response.headers["Retry-After"] = "10"
    return response


def _database() -> str:
    try:
        with services().sessions.read() as session:
            session.execute(text("SELECT 1 FROM program")).first()
    except WalletError as error:
        return error.detail
    return ""


def _papers() -> str:
    settings = services().settings
    try:
        standings = certificate_status.status(settings.certs_dir, services().clock(), settings.key_passphrase)
    except WalletError as error:
        return error.detail
    if not standings:
        return "There is no pass certificate yet."
    return next((one.fault for one in standings if one.fault), "")
