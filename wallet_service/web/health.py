"""Is anybody there, and can they work: for the operator's probes."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Blueprint, Response, jsonify

from wallet_service.domain.errors import Unavailable
from wallet_service.web.limits import limiter
from wallet_service.web.standing import LEAST_FREE, Standing, standing

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
    """Names what is missing; what exactly goes to the log, because anybody may ask here. What waits for
    Apple, Google or the queue is shown and no reason to send tills away: they book all the same.
    """
    stands = standing()
    faults, warnings = _told(faults_of(stands)), _told(warnings_of(stands))
    waits = {} if "database" in faults else _waits(stands)  # one that hangs is not asked once more
    response = jsonify(
        ready=not faults, faults=faults, warnings=warnings, certificate_days=_days(stands), **waits
    )
    response.headers["Cache-Control"] = "no-store"
    if faults:
        response.status_code = 503
        response.headers["Retry-After"] = "10"
    return response


def faults_of(stands: Standing) -> Mapping[str, str]:
    """With one of these nothing can be done here, so that others should be asked."""
    database = stands.database()
    found = {"database": database, "tables": "" if database else stands.tables()}
    found |= {"disk": _disk(stands), "certificates": _no_signer(stands)}
    return {name: fault for name, fault in found.items() if fault}


def warnings_of(stands: Standing) -> Mapping[str, str]:
    """What somebody has to see to, while the tills go on."""
    expired = next((one.fault for one in stands.papers() if one.expired), "")
    found = {"queue": stands.queue(), "certificates": expired, "clock": stands.clock()}
    return {name: fault for name, fault in found.items() if fault}


def _disk(stands: Standing) -> str:
    free = stands.disk()
    return f"Only {free:.0%} of the disk is free." if free < LEAST_FREE else ""


def _no_signer(stands: Standing) -> str:
    """On the day after the last one tills still work: a certificate that ran out is no fault here."""
    papers = stands.papers()
    if not papers:
        return "There is no pass certificate yet."
    return next((one.fault for one in papers if one.fault and not one.expired), "")


def _told(found: Mapping[str, str]) -> list[str]:
    for name, fault in found.items():
        log.warning("not well, %s: %s", name, fault)
    return list(found)


def _days(stands: Standing) -> int | None:
    return min((one.days for one in stands.papers() if not one.fault), default=None)


def _waits(stands: Standing) -> dict[str, object]:
    """For whoever looks by hand; /metrics has more, and wants its token."""
    try:
        seen = stands.seen()
    except Unavailable:
        return {}
    return {"oldest_due_seconds": round(seen.oldest_live.total_seconds()), "waiting": seen.marks}
