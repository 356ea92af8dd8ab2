"""The office: what happened today, and what only a manager can mend."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from wallet_service.apple.signing import certificate_status
from wallet_service.apple.signing.certificate_status import Standing
from wallet_service.domain.errors import WalletError
from wallet_service.web.auth import needs, worker
from wallet_service.web.office.today import today
from wallet_service.web.page import services

office = Blueprint("office", __name__, template_folder="templates")


@office.get("/office")
@needs("admin")
def overview() -> ResponseReturnValue:
    now = services().clock()
    with services().sessions.read() as session:
        shown = today(session, now)
    page = render_template("office.html", staff=worker(), today=shown, now=now, papers=_papers())
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _papers() -> list[Standing]:
    settings = services().settings
    try:
        return certificate_status.status(settings.certs_dir, services().clock(), settings.key_passphrase)
    except WalletError as error:
        return [Standing("", "", None, 0, "fault", settings.sandbox, error.detail)]
